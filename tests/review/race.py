"""Many reviewers answer the same review at once. Run in a process of its own.

It needs threads that really write at the same time, so a database file (or a server)
instead of the memory of the test process. Prints one JSON object.
"""

import json
import sys
import threading
from collections import Counter

import django

django.setup()

from django.db import connection  # noqa: E402

from brandgen.library.models import Asset  # noqa: E402
from brandgen.review.models import Decision, Review  # noqa: E402
from brandgen.review.services import (  # noqa: E402
    StaleReviewError,
    decide,
    submit_for_review,
)
from tests.factories import NOW, make_asset, make_reviewer, make_user  # noqa: E402


def race(review: Review, people: list, outcomes: Counter) -> None:
    """Let every person answer at the same moment; each second one says no."""
    start = threading.Barrier(len(people))

    def answer(number: int, person: object) -> None:
        start.wait()
        try:
            decide(
                review=Review.objects.get(id=review.id),
                reviewer=person,
                verdict=Decision.Verdict.REJECT if number % 2 else "approve",
                reason="colors" if number % 2 else "",
                seen_sha256=review.sha256,
                at=NOW,
            )
        except StaleReviewError:
            outcomes["stale"] += 1
        except Exception as error:
            outcomes[repr(error)] += 1
        else:
            outcomes["decided"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=pair) for pair in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(rounds: int) -> None:
    mara = make_user()
    reviewers = [make_reviewer(f"Reviewer {number}") for number in range(7)]
    people = [*reviewers, reviewers[0]]  # one of them from two tabs
    outcomes: Counter = Counter()
    wrong = 0
    for _ in range(rounds):
        asset = make_asset(created_by=mara)
        (review,) = submit_for_review(assets=[asset], by=mara, at=NOW)
        race(review, people, outcomes)
        decisions = list(review.decisions.all())
        review.refresh_from_db()
        agrees = Asset.objects.get(id=asset.id).state == review.state
        wrong += len(decisions) != 1 or not agrees
    sys.stdout.write(json.dumps({"wrong": wrong, "outcomes": dict(outcomes)}) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
