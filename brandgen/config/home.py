"""What stands on a person's home page in a brand."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count

from brandgen.accounts.access import ROLES, Action, find_role
from brandgen.accounts.models import Brand, User
from brandgen.brands.models import BrandKit
from brandgen.creatives.models import Batch
from brandgen.exports.models import Export, ExportItem
from brandgen.generation.models import Generation
from brandgen.jobs.models import Job
from brandgen.library.models import Asset
from brandgen.presets.models import PresetVersion
from brandgen.review.models import Review

SHOWN = 6


@dataclass(frozen=True)
class Step:
    """One of the first steps of a brand; ``where`` is a path below the brand's."""

    title: str
    text: str
    where: str
    is_done: bool
    is_mine: bool


@dataclass
class Home:
    """The page's contents, each list short and newest or most urgent first."""

    reviews: list[Review] = field(default_factory=list)
    returned: list[Asset] = field(default_factory=list)
    exports: list[Export] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    failed_jobs: list[Job] = field(default_factory=list)
    approved: list[Asset] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether anything waits for the person."""
        return bool(self.reviews or self.returned or self.exports)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; None once all are."""
        return next((step for step in self.steps if not step.is_done), None)

    @property
    def done_count(self) -> int:
        """How many of the first steps are done."""
        return sum(step.is_done for step in self.steps)


def collect(*, user: User, brand: Brand, at: datetime) -> Home:
    """Gather what waits for a person, what runs and what was just approved."""
    may = _may(user, brand)
    home = Home()
    if Action.DECIDE in may:
        home.reviews = list(
            Review.objects.of_brand(brand)
            .waiting_for(user)
            .select_related("asset", "submitted_by")
            .order_by("due_at", "submitted_at")[:SHOWN]
        )
    if Action.SUBMIT in may:
        home.returned = list(
            Asset.objects.of_brand(brand).filter(
                created_by=user, state=Asset.State.CHANGES_REQUESTED
            )[:SHOWN]
        )
    if Action.EXPORT in may:
        home.exports = list(_failed_exports(user, brand))
    jobs = Job.objects.of_brand(brand)
    home.jobs = list(jobs.unfinished().order_by("state", "-id")[:SHOWN])
    home.failed_jobs = list(
        jobs.filter(
            state=Job.State.FAILED,
            requested_by=user,
            finished_at__gt=at - timedelta(days=1),
        )[:SHOWN]
    )
    home.approved = list(
        Asset.objects.of_brand(brand).approved().order_by("-approved_at", "-id")[:12]
    )
    if may & {Action.GENERATE, Action.MANAGE_BRAND}:
        home.steps = find_steps(brand=brand, may=may)
    return home


def _may(user: User, brand: Brand) -> set[Action]:
    if user.is_admin:
        return set(Action)
    role = find_role(user, brand)
    return {action for action, roles in ROLES.items() if role in roles}


def _failed_exports(user: User, brand: Brand) -> list[Export]:
    rows = Export.objects.of_brand(brand).filter(
        requested_by=user, items__state=ExportItem.State.FAILED
    )
    named = rows.select_related("destination").annotate(failed_count=Count("items"))
    return list(named.order_by("-requested_at")[:SHOWN])


def find_steps(*, brand: Brand, may: set[Action]) -> list[Step]:
    """Return a new brand's first steps; empty once all are done."""
    has_approved = Asset.objects.of_brand(brand).approved().exists()
    is_published = {"preset__brand": brand, "published_at__isnull": False}
    steps = [
        Step(
            "Publish the brand kit",
            "Colors, fonts, logos and words to avoid",
            "kit/",
            BrandKit.objects.of_brand(brand).published().exists(),
            Action.MANAGE_BRAND in may,
        ),
        Step(
            "Publish a preset",
            "The wording that everybody starts from",
            "presets/",
            PresetVersion.objects.filter(**is_published).exists(),
            Action.MANAGE_PRESETS in may,
        ),
        Step(
            "Sketch the first images",
            "Fill in the form; previews come within seconds",
            "create/",
            Generation.objects.of_brand(brand).exists(),
            Action.GENERATE in may,
        ),
        Step(
            "Get one approved",
            "Somebody else looks before it may be used",
            "review/",
            has_approved,
            True,
        ),
        Step(
            "Place it in a template",
            "All formats at once, with your copy",
            "templates/",
            Batch.objects.of_brand(brand).exists(),
            Action.MAKE_CREATIVES in may,
        ),
        Step(
            "Deliver it",
            "To a folder or a bucket, with a receipt",
            "exports/",
            Export.objects.of_brand(brand).filter(completed_at__isnull=False).exists(),
            Action.EXPORT in may,
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps
