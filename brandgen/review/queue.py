"""What a reviewer has in front of them: the strip of open and just answered reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from brandgen.accounts.models import Brand, User
from brandgen.review.models import Decision, Review
from brandgen.review.services import UNDO_WINDOW

MOST_WAITING = 40
MOST_ANSWERED = 8
JUST_NOW = timedelta(hours=1)


@dataclass(frozen=True)
class Item:
    """One review of the strip, with the person's own answer if there is one."""

    review: Review
    answer: Decision | None = None


@dataclass(frozen=True)
class Queue:
    """The strip in order: answered ones first, as they were, then what waits."""

    items: Sequence[Item]
    current: Review | None
    waiting: int
    undoable: Decision | None

    @property
    def position(self) -> int:
        """Where the current review stands, from 1."""
        return self._index() + 1

    @property
    def next(self) -> Review | None:
        """The review after the current one; None at the end."""
        return self._beside(1)

    @property
    def previous(self) -> Review | None:
        """The review before the current one; None at the start."""
        return self._beside(-1)

    def _index(self) -> int:
        ids = [item.review.id for item in self.items]
        return ids.index(self.current.id) if self.current else 0

    def _beside(self, step: int) -> Review | None:
        place = self._index() + step
        fits = self.current is not None and 0 <= place < len(self.items)
        return self.items[place].review if fits else None


def find_next(*, user: User, after: Review) -> Review | None:
    """Return the next review to decide after this one; the first again at the end."""
    waiting = list(
        Review.objects.of_brand(after.brand)
        .waiting_for(user)
        .exclude(id=after.id)[:MOST_WAITING]
    )
    here = _order(after)
    later = [review for review in waiting if _order(review) > here]
    return next(iter(later or waiting), None)


def _order(review: Review) -> tuple[datetime, datetime, str]:
    return (review.due_at, review.submitted_at, str(review.id))


def find_answers(*, user: User, brand: Brand, at: datetime) -> list[Decision]:
    """Return what this person has just answered, oldest first."""
    answers = (
        Decision.objects.of_brand(brand)
        .live()
        .filter(reviewer=user, decided_at__gt=at - JUST_NOW)
        .select_related("review__asset", "review__submitted_by")
        .order_by("-decided_at", "-id")[:MOST_ANSWERED]
    )
    return list(answers)[::-1]


def get_queue(
    *, user: User, brand: Brand, current: Review | None, may_decide: bool, at: datetime
) -> Queue:
    """Return the strip around a review."""
    waiting: list[Review] = []
    answers: list[Decision] = []
    if may_decide:
        answers = find_answers(user=user, brand=brand, at=at)
        waiting = list(
            Review.objects.of_brand(brand)
            .waiting_for(user)
            .select_related("asset", "submitted_by")[:MOST_WAITING]
        )
    items = [Item(answer.review, answer) for answer in answers]
    items += [Item(review) for review in waiting]
    if current is not None and current.id not in {item.review.id for item in items}:
        items.insert(len(answers), Item(current))
    last = answers[-1] if answers else None
    is_fresh = last is not None and at - last.decided_at <= UNDO_WINDOW
    return Queue(items, current, len(waiting), last if is_fresh else None)
