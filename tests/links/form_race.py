"""Many visitors of one public form take new pictures at once. A process of its own.

Prints one JSON object.
"""

import json
import sys
import threading
from collections import Counter

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402

from brandgen.audit.models import Entry  # noqa: E402
from brandgen.links.models import FormPicture, PublicForm  # noqa: E402
from tests.factories import make_public_form  # noqa: E402

VISITORS = 8


def take(form: PublicForm, headlines: list[str], *, is_one: bool) -> dict[str, int]:
    """Let every visitor take a picture with one headline at the same moment."""
    start = threading.Barrier(len(headlines))
    statuses: Counter = Counter()

    def visit(number: int, headline: str) -> None:
        address = "10.0.0.1" if is_one else f"10.0.0.{number + 1}"
        client = Client(SERVER_NAME="localhost", REMOTE_ADDR=address)
        start.wait()
        try:
            answer = client.post(f"{form.path}picture", {"t-headline": headline})
            statuses[str(answer.status_code)] += 1
        except Exception as error:
            statuses[repr(error)] += 1
        finally:
            connection.close()

    threads = [
        threading.Thread(target=visit, args=[number, one])
        for number, one in enumerate(headlines)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(statuses)


def main() -> None:
    few = make_public_form(most_pictures=3)
    slow = make_public_form(most_visits=3, version=few.template_version)
    same = make_public_form(version=few.template_version)
    different = [f"Number {n}" for n in range(VISITORS)]
    told = {
        "few": take(few, different, is_one=False),
        "slow": take(slow, different, is_one=True),
        "same": take(same, ["One for all"] * VISITORS, is_one=False),
    }
    counts = {
        name: PublicForm.objects.get(id=row.id).picture_count
        for name, row in (("few", few), ("slow", slow), ("same", same))
    }
    said = {
        "told": told,
        "counts": counts,
        "kept": FormPicture.objects.count(),
        "filled": Entry.objects.filter(action="form.filled").count(),
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
