"""The five people of the demo. Their passwords are public: development only."""

from dataclasses import dataclass

from brandgen.accounts.models import Brand, Membership, User

Role = Membership.Role


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who tries the product out."""

    name: str
    role: Membership.Role | None
    """None for the admin, who belongs to no brand."""
    title: str
    comes_for: str

    @property
    def email(self) -> str:
        """What they sign in with."""
        return f"{self.name.lower()}@northwind.example"

    @property
    def password(self) -> str:
        """What they sign in with, too."""
        return f"{self.name.lower()}-sails-north"


PEOPLE = (
    DemoPerson("Mara", Role.MARKETER, "Marketing", "makes images and creatives"),
    DemoPerson("Ravi", Role.REVIEWER, "Brand review", "decides on what waits"),
    DemoPerson("Bea", Role.BRAND_MANAGER, "Brand", "keeps the brand kit and presets"),
    DemoPerson("Lena", Role.REVIEWER, "Legal", "asks for proof"),
    DemoPerson("Ari", None, "Admin", "runs the installation"),
)


def make_people(brand: Brand) -> dict[str, User]:
    """Return the five by name; make whoever is missing, change nobody."""
    return {person.name: _make(person, brand) for person in PEOPLE}


def _make(person: DemoPerson, brand: Brand) -> User:
    user = User.objects.filter(email=person.email).first()
    if user is None:
        is_admin = person.role is None
        user = User.objects.create_user(
            person.email,
            person.password,
            name=person.name,
            is_staff=is_admin,
            is_superuser=is_admin,
        )
    if person.role is not None:
        Membership.objects.get_or_create(
            user=user,
            brand=brand,
            defaults={"role": person.role, "title": person.title},
        )
    return user
