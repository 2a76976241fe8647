"""Brands and the people who work for them."""

from typing import Any

from brandgen.accounts.models import Brand, Membership, User
from brandgen.review.models import Flow
from tests.factories.base import PASSWORD


def make_brand(**fields: Any) -> Brand:
    """Make a brand with its review flow; Northwind unless named."""
    name = fields.setdefault("name", "Northwind")
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    brand, _ = Brand.objects.get_or_create(slug=fields["slug"], defaults=fields)
    Flow.objects.get_or_create(brand=brand)
    return brand


def make_user(
    name: str = "Mara",
    *,
    brand: Brand | None = None,
    role: str | None = Membership.Role.MARKETER,
    **fields: Any,
) -> User:
    """Make a person with a role in a brand; ``role=None`` makes a stranger."""
    email = fields.pop("email", f"{name.lower()}@northwind.example")
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, name=name, **fields
    )
    if role is not None and not user.is_superuser:
        Membership.objects.get_or_create(
            user=user, brand=brand or make_brand(), defaults={"role": role}
        )
    return user


def make_reviewer(name: str = "Ravi", *, brand: Brand | None = None) -> User:
    """Make a reviewer."""
    return make_user(name, brand=brand, role=Membership.Role.REVIEWER)


def make_manager(name: str = "Bea", *, brand: Brand | None = None) -> User:
    """Make a brand manager."""
    return make_user(name, brand=brand, role=Membership.Role.BRAND_MANAGER)


def make_admin(name: str = "Ari") -> User:
    """Make an admin."""
    return make_user(name, role=None, is_superuser=True, is_staff=True)
