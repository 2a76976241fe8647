"""What the frame around every page shows: navigation, brands, running work."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from brandgen.accounts.access import ROLES, Action, find_role
from brandgen.accounts.models import Brand, Membership, User
from brandgen.brands.models import PaletteColor
from brandgen.exports.models import ExportItem
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.model_registry.registry import is_demonstration_in_use
from brandgen.review.models import Review
from brandgen.safety.filters import is_any_configured
from brandgen.safety.models import Refusal

MOST_COUNTED = 100
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    icon: str
    url: str
    is_current: bool
    is_main: bool
    count: int = 0
    count_means: str = ""

    @property
    def count_text(self) -> str:
        """The number as shown; nothing for zero."""
        if self.count >= MOST_COUNTED:
            return f"{MOST_COUNTED - 1}+"
        return str(self.count or "")


@dataclass(frozen=True)
class Running:
    """How much work of a brand is unfinished, and how far it is."""

    running: int
    waiting: int
    percent: int

    @property
    def words(self) -> str:
        """Say it: "3 running, 12 waiting"."""
        parts = [
            f"{number} {word}"
            for number, word in ((self.running, "running"), (self.waiting, "waiting"))
            if number
        ]
        return ", ".join(parts)


def count_some(rows: QuerySet[Any]) -> int:
    """Count rows up to a limit, so that a full queue costs no more than a short one."""
    return rows.order_by()[:MOST_COUNTED].count()


class Shell:
    """The frame of one page; every question is asked only where it is shown."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        user = getattr(request, "user", None)
        self.user = user if isinstance(user, User) else None

    @cached_property
    def theme(self) -> str:
        """The colors that this browser asked for; auto follows the system."""
        theme = self.request.COOKIES.get("theme", "auto")
        return theme if theme in THEMES else "auto"

    @cached_property
    def brands(self) -> list[Brand]:
        """The brands that this person may enter."""
        return list(Brand.objects.visible_to(self.user)) if self.user else []

    @cached_property
    def brand(self) -> Brand | None:
        """The brand of this page; on pages without one, the brand used last."""
        brand: Brand | None = getattr(self.request, "brand", None)
        if brand is not None:
            return brand
        last = self.request.COOKIES.get("brand", "")
        named = [one for one in self.brands if one.slug == last]
        return next(iter(named or self.brands), None)

    @cached_property
    def colors(self) -> list[str]:
        """The first colors of the brand's newest published palette."""
        newest = PaletteColor.objects.filter(
            kit__brand=self.brand, kit__published_at__isnull=False
        ).order_by("-kit__version", "position", "id")
        return list(newest.values_list("hex", flat=True)[:3])

    @cached_property
    def role(self) -> Membership.Role | None:
        """The person's role in the brand of this page."""
        if self.user is None or self.brand is None:
            return None
        return find_role(self.user, self.brand)

    def may(self, action: Action) -> bool:
        """Whether the person may do this here, without asking the database again."""
        if self.user is None:
            return False
        return self.user.is_admin or self.role in ROLES[action]

    @property
    def can_create(self) -> bool:
        """Whether the person may generate images here."""
        return self.may(Action.GENERATE)

    @cached_property
    def is_demonstration(self) -> bool:
        """Whether the small model that only shows the way is at work here."""
        return is_demonstration_in_use()

    @cached_property
    def is_people_manager(self) -> bool:
        """Whether the People page is theirs to use, in any brand."""
        if self.user is None or self.user.is_admin:
            return self.user is not None
        return self.user.memberships.filter(
            role__in=ROLES[Action.MANAGE_PEOPLE]
        ).exists()

    @cached_property
    def running(self) -> Running:
        """The brand's unfinished work."""
        if self.brand is None:
            return Running(0, 0, 0)
        rows = Job.objects.of_brand(self.brand).unfinished().order_by()
        numbers = dict(rows.values_list("state").annotate(Count("id")))
        steps = rows.filter(state=Job.State.RUNNING).values_list("step", "steps")[:20]
        parts = [100 * step // of for step, of in steps if of]
        return Running(
            running=numbers.get(Job.State.RUNNING, 0),
            waiting=numbers.get(Job.State.WAITING, 0),
            percent=min(100, sum(parts) // len(parts)) if parts else 0,
        )

    @cached_property
    def review_count(self) -> tuple[int, str]:
        """How much waits on the review page for this person, and what."""
        if self.user is None or self.brand is None:
            return 0, ""
        if self.may(Action.DECIDE):
            waiting = Review.objects.of_brand(self.brand).waiting_for(self.user)
            return count_some(waiting), "waiting for your decision"
        returned = Asset.objects.of_brand(self.brand).filter(
            created_by=self.user, state=Asset.State.CHANGES_REQUESTED
        )
        return count_some(returned), "of yours need changes"

    @cached_property
    def failed_export_count(self) -> int:
        """How many files that this person sent did not arrive."""
        if self.brand is None or not self.may(Action.EXPORT):
            return 0
        return count_some(
            ExportItem.objects.of_brand(self.brand).filter(
                export__requested_by=self.user, state=ExportItem.State.FAILED
            )
        )

    @cached_property
    def nav(self) -> list[NavItem]:
        """The navigation in story order, then what stands below the line."""
        if self.user is None:
            return []
        items = []
        if self.brand is not None:
            items += self._brand_items(reverse("brand_home", args=[self.brand.slug]))
        if self.is_people_manager:
            items.append(self._item("People", "people", "/people/", is_main=False))
        if self.user.is_admin:
            items.append(self._item("Admin", "admin", "/admin/", is_main=False))
        return items

    @property
    def main_nav(self) -> list[NavItem]:
        """The story."""
        return [item for item in self.nav if item.is_main]

    @property
    def more_nav(self) -> list[NavItem]:
        """What stands below the line."""
        return [item for item in self.nav if not item.is_main]

    def _brand_items(self, root: str) -> list[NavItem]:
        reviews, means = self.review_count
        items = [self._item("Home", "home", root, is_exact=True)]
        if self.may(Action.GENERATE):
            items.append(self._item("Create", "create", f"{root}create/"))
        items += [
            self._item(
                "Review",
                "review",
                f"{root}review/",
                count=reviews,
                count_means=means,
            ),
            self._item("Templates", "templates", f"{root}templates/"),
            self._item("Library", "library", f"{root}library/"),
            self._item(
                "Exports",
                "exports",
                f"{root}exports/",
                count=self.failed_export_count,
                count_means="not delivered",
            ),
            self._item("Brand kit", "brand", f"{root}kit/", is_main=False),
        ]
        if self.may(Action.MANAGE_PRESETS):
            items.append(
                self._item("Presets", "presets", f"{root}presets/", is_main=False)
            )
        if is_any_configured() and self.may(Action.DECIDE):
            items.append(self._safety_item(f"{root}safety/"))
        if self.may(Action.SEE_AUDIT):
            items.append(self._item("Audit", "audit", f"{root}audit/", is_main=False))
        return items

    def _safety_item(self, url: str) -> NavItem:
        unjudged = Refusal.objects.filter(brand=self.brand).unjudged()
        return self._item(
            "Safety",
            "shield",
            url,
            is_main=False,
            count=count_some(unjudged),
            count_means="refused and not looked at",
        )

    def _item(
        self,
        label: str,
        icon: str,
        url: str,
        *,
        is_main: bool = True,
        is_exact: bool = False,
        count: int = 0,
        count_means: str = "",
    ) -> NavItem:
        here = self.request.path
        is_current = here == url if is_exact else here.startswith(url)
        return NavItem(label, icon, url, is_current, is_main, count, count_means)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of every page needs, for templates."""
    frame = Shell(request)
    return {"shell": frame, "brand": getattr(request, "brand", None)}
