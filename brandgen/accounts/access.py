"""Who may do what: one table, asked by every service and page."""

from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from brandgen.accounts.models import Brand, Membership, User

Role = Membership.Role


class Action(StrEnum):
    """What a person can do in a brand. The value completes "You may not ..."."""

    VIEW = "see this brand"
    UPLOAD = "upload pictures"
    COLLECT = "change collections"
    GENERATE = "generate images"
    SUBMIT = "send pictures to review"
    DECIDE = "decide on reviews"
    MAKE_CREATIVES = "make creatives"
    EXPORT = "export assets"
    MANAGE_BRAND = "change the brand kit"
    MANAGE_PRESETS = "change presets"
    MANAGE_TEMPLATES = "change templates"
    MANAGE_DESTINATIONS = "change export destinations"
    MANAGE_LINKS = "hand out signed addresses and public forms"
    MANAGE_PEOPLE = "change who is a member"
    SEE_AUDIT = "read the audit trail"


_MAKERS = {Role.MARKETER, Role.BRAND_MANAGER}
_MANAGERS = {Role.BRAND_MANAGER}
ROLES: dict[Action, set[Membership.Role]] = {
    Action.VIEW: set(Role),
    Action.UPLOAD: _MAKERS,
    Action.COLLECT: _MAKERS,
    Action.GENERATE: _MAKERS,
    Action.SUBMIT: _MAKERS,
    Action.DECIDE: {Role.REVIEWER, Role.BRAND_MANAGER},
    Action.MAKE_CREATIVES: _MAKERS,
    Action.EXPORT: _MAKERS,
    Action.MANAGE_BRAND: _MANAGERS,
    Action.MANAGE_PRESETS: _MANAGERS,
    Action.MANAGE_TEMPLATES: _MANAGERS,
    Action.MANAGE_DESTINATIONS: _MANAGERS,
    Action.MANAGE_LINKS: _MANAGERS,
    Action.MANAGE_PEOPLE: _MANAGERS,
    Action.SEE_AUDIT: {Role.REVIEWER, Role.BRAND_MANAGER},
}


def find_role(user: User | AnonymousUser, brand: Brand) -> Membership.Role | None:
    """Return a person's role in a brand; None for strangers."""
    if not isinstance(user, User):
        return None
    membership = Membership.objects.filter(user=user, brand=brand).first()
    return Role(membership.role) if membership else None


def may(user: User | AnonymousUser, action: Action, brand: Brand) -> bool:
    """Say whether a person may do something in a brand. Admins may do everything."""
    if isinstance(user, User) and user.is_admin:
        return user.is_active
    return find_role(user, brand) in ROLES[action]


def find_actions(user: User | AnonymousUser, brand: Brand) -> set[Action]:
    """Return everything that a person may do in a brand, asking the database once."""
    if isinstance(user, User) and user.is_admin:
        return set(Action) if user.is_active else set()
    role = find_role(user, brand)
    return {action for action, roles in ROLES.items() if role in roles}


def require(user: User | AnonymousUser, action: Action, brand: Brand) -> None:
    """Refuse what a person may not do.

    Raises:
        PermissionDenied: the message says what, where, and who may.
    """
    if not may(user, action, brand):
        who = " or ".join(sorted(role.label.lower() for role in ROLES[action]))
        raise PermissionDenied(
            f"You may not {action.value} in {brand.name}. Ask a {who} of {brand.name}."
        )


def require_admin(user: User | AnonymousUser) -> None:
    """Refuse everyone but admins.

    Raises:
        PermissionDenied: the person does not run this installation.
    """
    if not (isinstance(user, User) and user.is_admin):
        raise PermissionDenied("Only an admin may see this page.")
