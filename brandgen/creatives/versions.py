"""Which version of a template is filled: always the newest, or a chosen one."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict

from brandgen.compositor.migrating import migrate
from brandgen.creatives.content import BatchError
from brandgen.creatives.differences import Difference, compare
from brandgen.creatives.models import Template, TemplateVersion

NEWEST = 0
"""The number that stands for whatever was published last."""
MOST_DIFFERENCES = 40


class UnpublishedError(BatchError):
    """The template was never published. The message is fit to show."""


@dataclass(frozen=True)
class Choice:
    """A version that is filled, and the one that is in use.

    `is_pinned`: it stays, also once a newer one is published. `seen` is the number of
    the version that the person had before them, 0 if none. `problem` says why it is not
    the version that was asked for.
    """

    version: TemplateVersion
    newest: TemplateVersion
    is_pinned: bool = False
    seen: int = 0
    problem: str = ""

    @property
    def number(self) -> int:
        """What is kept of it: a version's number, or NEWEST."""
        return self.version.version if self.is_pinned else NEWEST

    @property
    def is_behind(self) -> bool:
        """Whether a newer version is in use than the chosen one."""
        return self.version != self.newest

    @property
    def is_moved(self) -> bool:
        """Whether another version was published since the person looked."""
        return not self.is_pinned and self.seen not in (0, self.newest.version)

    @cached_property
    def published(self) -> list[int]:
        """The numbers that can be chosen, newest first."""
        rows = self.newest.template.versions.filter(published_at__isnull=False)
        return list(rows.order_by("-version").values_list("version", flat=True))

    @cached_property
    def differences(self) -> list[Difference]:
        """What the version in use changed against the one that was chosen or seen."""
        before = self.version
        if self.is_moved:
            rows = self.newest.template.versions.filter(version=self.seen)
            before = rows.first() or before
        if before == self.newest:
            return []
        return compare(migrate(before.document), migrate(self.newest.document))

    @property
    def shown_differences(self) -> list[Difference]:
        """As many of the differences as one wants to read."""
        return self.differences[:MOST_DIFFERENCES]

    @property
    def further_differences(self) -> int:
        """How many more there are than are shown."""
        return max(0, len(self.differences) - MOST_DIFFERENCES)


def choose_version(
    template: Template, number: int = NEWEST, *, seen: int = 0
) -> Choice:
    """Return the published version of a number, or the newest one.

    Raises:
        UnpublishedError: there is none.
        BatchError: that of the number is a draft, or does not exist.
    """
    newest = template.find_published()
    if newest is None:
        raise UnpublishedError(f"{template} is not published yet. Publish it first.")
    if number == NEWEST:
        return Choice(newest, newest, seen=seen)
    chosen = template.versions.filter(version=number).first()
    if chosen is None or chosen.published_at is None:
        what = "does not exist" if chosen is None else "is a draft"
        raise BatchError(
            f"v{number} of {template} {what}. Choose the newest, v{newest.version}, or "
            "another one that was published."
        )
    return Choice(chosen, newest, is_pinned=True, seen=seen)


def read_wanted(data: QueryDict, *, before: int = NEWEST) -> int:
    """Read the number that a page sent; its button to move goes before its list."""
    wanted = data.get("move") or data.get("version")
    return before if wanted is None else read_number(wanted)


def read_number(text: str) -> int:
    """Read a version's number as a browser sends it; NEWEST if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else NEWEST
