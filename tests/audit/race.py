"""Many people act at once, some of them failing halfway. Run in a process of its own.

Prints one JSON object: how many entries there are and whether they are one chain.
"""

import json
import sys
import threading
from collections import Counter

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from brandgen.accounts.models import Brand, User  # noqa: E402
from brandgen.audit.models import Entry, record  # noqa: E402
from brandgen.audit.verify import verify_chain  # noqa: E402
from tests.factories import NOW, make_brand, make_user  # noqa: E402

THREADS = 8


class HalfwayError(Exception):
    """What a service raises after it has recorded."""


def act(person: User, brand: Brand, turns: int, outcomes: Counter[str]) -> None:
    """Record in transactions; every fifth one is rolled back."""
    for turn in range(turns):
        try:
            with transaction.atomic():
                record(person, "asset.kept", brand, at=NOW, data={"turn": turn})
                if turn % 5 == 4:
                    raise HalfwayError
        except HalfwayError:
            outcomes["rolled back"] += 1
        except Exception as error:
            outcomes[repr(error)] += 1
        else:
            outcomes["recorded"] += 1
    connection.close()


def main(turns: int) -> None:
    person, brand = make_user(), make_brand()
    outcomes: Counter[str] = Counter()
    threads = [
        threading.Thread(target=act, args=(person, brand, turns, outcomes))
        for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verify_chain()
    report = {
        "outcomes": dict(outcomes),
        "entries": Entry.objects.count(),
        "checked": verdict.checked,
        "is_whole": verdict.is_whole,
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
