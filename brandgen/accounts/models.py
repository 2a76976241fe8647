"""Who people are, which brands there are, and who may do what in which brand."""

from typing import Any, ClassVar, Self, TypeVar

from django.contrib.auth.models import AbstractUser, AnonymousUser, UserManager
from django.core.validators import RegexValidator
from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)


class UserQuerySet(models.QuerySet["User"]):
    """Questions asked of many people."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Keep the people that this one may know of: those of a shared brand."""
        if not isinstance(user, User):
            return self.none()
        if user.is_admin:
            return self
        return self.filter(
            models.Q(memberships__brand__in=Brand.objects.visible_to(user))
            | models.Q(id=user.id)
        ).distinct()


class PeopleManager(UserManager["User"]):
    """Makes people by e-mail address; there are no user names."""

    def get_queryset(self) -> UserQuerySet:
        """Return everybody."""
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: "User | AnonymousUser") -> UserQuerySet:
        """Keep the people that this one may know of."""
        return self.get_queryset().visible_to(user)

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Make a person who signs in with an e-mail address."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Make an admin."""
        fields |= {"is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **fields)


class User(AbstractUser):
    """A person. Admins may do everything; others what their memberships say."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=80)
    has_shortcuts = models.BooleanField("keyboard shortcuts", default=True)

    objects: ClassVar[PeopleManager] = PeopleManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        """Whether this person runs the installation, across all brands."""
        return self.is_superuser

    @property
    def initials(self) -> str:
        """Two letters for the round badge."""
        words = str(self).split()
        letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
        return letters.upper()


class BrandQuerySet(models.QuerySet["Brand"]):
    """Questions asked of many brands."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Keep the brands that this person is a member of; all for an admin."""
        if not isinstance(user, User):
            return self.none()
        if user.is_admin:
            return self
        return self.filter(memberships__user=user)


class Brand(models.Model):
    """A brand: the wall between what one team and another may see.

    It stands down here, not beside the brand kit, because jobs, the audit trail and
    memberships belong to a brand too (docs/adr/0006).
    """

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BrandQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BrandScopedQuerySet(models.QuerySet[ModelT]):
    """Rows that belong to a brand: seen by its members only.

    Subclasses whose brand is a few tables away set ``brand_path``.
    """

    brand_path: ClassVar[str] = "brand"

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Keep the rows of the brands that this person is a member of."""
        if not isinstance(user, User):
            return self.none()
        if user.is_admin:
            return self
        return self.filter(**{f"{self.brand_path}__memberships__user": user})

    def of_brand(self, brand: Brand) -> Self:
        """Keep one brand's rows."""
        return self.filter(**{self.brand_path: brand})


class Membership(models.Model):
    """One person's role in one brand."""

    class Role(models.TextChoices):
        """What a member is here for."""

        VIEWER = "viewer", "Viewer"
        MARKETER = "marketer", "Marketer"
        REVIEWER = "reviewer", "Reviewer"
        BRAND_MANAGER = "brand_manager", "Brand manager"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    brand = models.ForeignKey(Brand, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    title = models.CharField(
        max_length=40, blank=True, help_text="What they are called: Legal, Agency"
    )

    class Meta:
        ordering = ["brand__name", "user__name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "brand"], name="one_role_per_brand")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} of {self.brand}"


hex_color_validator = RegexValidator(
    r"^#[0-9a-f]{6}\Z", "Write a color as # and six digits: #0f4c5c."
)
sha256_validator = RegexValidator(r"^[0-9a-f]{64}\Z", "Not a SHA-256 in hex.")
