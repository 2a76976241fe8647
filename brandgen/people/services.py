"""Let people in, change what they may do, and let them go; every change is recorded."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from brandgen.accounts.access import ROLES, Action, may, require, require_admin
from brandgen.accounts.models import Brand, BrandQuerySet, Membership, User
from brandgen.audit.models import record


class LastAdminError(Exception):
    """Without this person nobody could run the installation. Fit to show."""


class AlreadyMemberError(Exception):
    """The person is in the brand already. Fit to show."""


@dataclass(frozen=True)
class Invitation:
    """A person who was let in; ``is_new`` if the account was made for it."""

    user: User
    is_new: bool


def managed_brands(user: User) -> BrandQuerySet:
    """Return the brands whose members this person may change."""
    brands = Brand.objects.visible_to(user)
    if user.is_admin:
        return brands
    return brands.filter(
        memberships__user=user, memberships__role__in=ROLES[Action.MANAGE_PEOPLE]
    )


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    brand: Brand,
    role: str,
    title: str,
    by: User,
    at: datetime,
) -> Invitation:
    """Make a person a member of a brand; make the account if there is none.

    Raises:
        PermissionDenied: ``by`` may not change who is a member.
        AlreadyMemberError: the person is a member already.
    """
    require(by, Action.MANAGE_PEOPLE, brand)
    email = User.objects.normalize_email(email).lower()
    user = User.objects.filter(email=email).first()
    is_new = user is None
    if user is None:
        user = User.objects.create_user(email, None, name=name)
        record(by, "person.invited", user, brand=brand, at=at, data={"email": email})
    membership, is_member_now = Membership.objects.get_or_create(
        user=user, brand=brand, defaults={"role": role, "title": title}
    )
    if not is_member_now:
        raise AlreadyMemberError(
            f"{user} is in {brand} already, as {membership.get_role_display().lower()}."
            " Change the role on their page."
        )
    record(by, "member.added", membership, at=at, data=_facts(membership))
    return Invitation(user=user, is_new=is_new)


@transaction.atomic
def change_role(
    *, membership: Membership, role: str, title: str, by: User, at: datetime
) -> bool:
    """Give a member another role or title; False if nothing changes.

    Raises:
        PermissionDenied: ``by`` may not change who is a member.
    """
    require(by, Action.MANAGE_PEOPLE, membership.brand)
    before = _facts(membership)
    membership.role, membership.title = role, title
    if _facts(membership) == before:
        return False
    membership.save(update_fields=["role", "title"])
    record(
        by,
        "member.changed",
        membership,
        at=at,
        data=_facts(membership) | {"before": before},
    )
    return True


@transaction.atomic
def remove_member(*, membership: Membership, by: User, at: datetime) -> None:
    """Take a person out of a brand. The account stays, and so does what they did.

    Raises:
        PermissionDenied: ``by`` may not change who is a member.
    """
    require(by, Action.MANAGE_PEOPLE, membership.brand)
    record(by, "member.removed", membership, at=at, data=_facts(membership))
    membership.delete()


@transaction.atomic
def set_active(*, user: User, is_active: bool, by: User, at: datetime) -> None:
    """Close an account, which ends its sessions, or open it again.

    Raises:
        PermissionDenied: ``by`` is not an admin.
        LastAdminError: nobody else could run the installation.
    """
    require_admin(by)
    if not is_active:
        _require_another_admin(user)
    User.objects.filter(id=user.id).update(is_active=is_active)
    user.is_active = is_active
    record(by, "person.opened" if is_active else "person.closed", user, at=at)


@transaction.atomic
def set_admin(*, user: User, is_admin: bool, by: User, at: datetime) -> None:
    """Make a person an admin, or no longer.

    Raises:
        PermissionDenied: ``by`` is not an admin.
        LastAdminError: nobody else could run the installation.
    """
    require_admin(by)
    if not is_admin:
        _require_another_admin(user)
    User.objects.filter(id=user.id).update(is_superuser=is_admin, is_staff=is_admin)
    user.is_superuser = user.is_staff = is_admin
    action = "person.made_admin" if is_admin else "person.unmade_admin"
    record(by, action, user, at=at)


def may_make_link(by: User, user: User) -> bool:
    """Say whether ``by`` may hand out a link that opens an account.

    Such a link is as good as the account. Admins may; a brand manager only while the
    person has never signed in and is in no brand but theirs.
    """
    if not user.is_active or (user.is_admin and not by.is_admin):
        return False
    if by.is_admin:
        return True
    if user.has_usable_password() or not user.memberships.exists():
        return False
    return all(
        may(by, Action.MANAGE_PEOPLE, membership.brand)
        for membership in user.memberships.select_related("brand")
    )


@transaction.atomic
def make_link(*, user: User, by: User, at: datetime) -> str:
    """Return the path at which a person sets a password, once, within three days.

    Raises:
        PermissionDenied: ``by`` may not hand out a link for this account.
    """
    if not may_make_link(by, user):
        raise PermissionDenied(
            f"Only an admin may make a sign-in link for {user}: the account is in use, "
            "or in other brands too."
        )
    record(by, "person.link_made", user, at=at)
    return reverse(
        "account_reset_password_from_key",
        kwargs={
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        },
    )


def _require_another_admin(user: User) -> None:
    """Hold the admins' rows, so that two admins can't close each other at once."""
    admins = User.objects.filter(is_superuser=True, is_active=True).order_by("id")
    ids = set(admins.select_for_update().values_list("id", flat=True))
    if user.id in ids and len(ids) == 1:
        raise LastAdminError(
            f"{user} is the only admin. Make another person an admin first."
        )


def _facts(membership: Membership) -> dict[str, str]:
    return {
        "email": membership.user.email,
        "role": str(membership.role),
        "title": membership.title,
    }
