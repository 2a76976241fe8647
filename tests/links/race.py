"""Many visitors ask one address for new pictures at once. Run in a process of its own.

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
from django.test import Client  # noqa: E402

from brandgen.audit.models import Entry  # noqa: E402
from brandgen.links.models import AddressPicture, SignedAddress  # noqa: E402
from brandgen.links.signing import signed_address  # noqa: E402
from tests.factories import make_signed_address  # noqa: E402

VISITORS = 8


def ask(address: SignedAddress, key: str, headlines: list[str]) -> dict[str, int]:
    """Let every visitor ask for one headline at the same moment."""
    start = threading.Barrier(len(headlines))
    statuses: Counter = Counter()

    def visit(headline: str) -> None:
        pairs = [("headline", headline)]
        url = signed_address(key, address.path, address.path, pairs)
        start.wait()
        try:
            statuses[str(Client(SERVER_NAME="localhost").get(url).status_code)] += 1
        except Exception as error:
            statuses[repr(error)] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=visit, args=[one]) for one in headlines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return dict(statuses)


def main() -> None:
    few, few_key = make_signed_address(most_pictures=3)
    slow, slow_key = make_signed_address(most_visits=3, version=few.template_version)
    same, same_key = make_signed_address(version=few.template_version)
    told = {
        "few": ask(few, few_key, [f"Number {n}" for n in range(VISITORS)]),
        "same": ask(same, same_key, ["One for all"] * VISITORS),
        "slow": ask(slow, slow_key, ["One for all"] * VISITORS),
    }
    counts = {
        name: SignedAddress.objects.get(id=row.id).picture_count
        for name, row in (("few", few), ("same", same), ("slow", slow))
    }
    kept = AddressPicture.objects.count()
    used_up = Entry.objects.filter(action="address.used_up").count()
    said = {"told": told, "counts": counts, "kept": kept, "used_up": used_up}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
