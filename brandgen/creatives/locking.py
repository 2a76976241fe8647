"""Who may change a template: every way of writing one asks here."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from brandgen.accounts.access import ROLES, Action, may, require
from brandgen.accounts.models import Brand, User, UserQuerySet
from brandgen.audit.models import record
from brandgen.creatives.models import Template
from brandgen.creatives.torture import TemplateError

LockLevel = Template.LockLevel


class TemplateLockedError(TemplateError):
    """The template is locked for this person; the message says whom to ask."""


def explain_lock(template: Template, user: User) -> str:
    """Say why a person may not change a template, and whom to ask; "" if they may."""
    level = LockLevel(template.lock_level)
    if level == LockLevel.TEAM:
        return ""
    if level == LockLevel.OWNER_ONLY and template.owner == user:
        return ""
    if may_lock(template, user):
        what = "for everybody" if level == LockLevel.NOBODY else "for all but its owner"
        return f"{template.name} is locked {what}. Unlock it on its page first."
    what = "by nobody" if level == LockLevel.NOBODY else "by its owner only"
    owner = template.owner
    is_here = owner and may(owner, Action.MANAGE_TEMPLATES, template.brand)
    whom = f"{owner} or an admin" if is_here else "an admin"
    return f"{template.name} can be changed {what}. Ask {whom} to unlock it."


@transaction.atomic
def require_unlocked(template: Template, by: User) -> None:
    """Refuse to write a template that is locked for a person, until the caller is done.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateLockedError: this one is locked for them.
    """
    require(by, Action.MANAGE_TEMPLATES, template.brand)
    # Whoever locks it at the same time waits until this is written, or was first.
    rows = Template.objects.select_for_update(of=("self",))
    held = rows.select_related("brand", "owner").get(id=template.id)
    if why := explain_lock(held, by):
        raise TemplateLockedError(why)


def may_lock(template: Template, user: User) -> bool:
    """Say whether a person may lock and unlock a template: its owner, and admins."""
    is_manager = may(user, Action.MANAGE_TEMPLATES, template.brand)
    return user.is_admin or (is_manager and template.owner == user)


def find_owners(brand: Brand) -> UserQuerySet:
    """Return the people who can own a template of a brand."""
    return (
        User.objects.get_queryset()
        .filter(
            Q(is_superuser=True)
            | Q(
                memberships__brand=brand,
                memberships__role__in=ROLES[Action.MANAGE_TEMPLATES],
            ),
            is_active=True,
        )
        .distinct()
    )


@transaction.atomic
def lock_template(
    *, template: Template, level: LockLevel, owner: User | None, by: User, at: datetime
) -> bool:
    """Say who owns a template and who may change it; False if nothing changed.

    Raises:
        PermissionDenied: the person neither owns the template nor is an admin.
    """
    require(by, Action.MANAGE_TEMPLATES, template.brand)
    rows = Template.objects.select_for_update(of=("self",))
    held = rows.select_related("brand", "owner").get(id=template.id)
    if not may_lock(held, by):
        whom = f"{held.owner} or an admin" if held.owner else "an admin"
        raise PermissionDenied(f"You may not lock {held.name}. Ask {whom}.")
    was = held.lock_level
    if not held.set_lock(level=level, owner=owner):
        return False
    data = {"level": level, "was": was, "owner": str(owner) if owner else ""}
    record(by, "template.locked", held, at=at, data=data)
    return True
