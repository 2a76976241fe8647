import pytest
from django.db import connection

from brandgen.audit.models import FIRST_HASH, Entry, record
from tests.factories import NOW, make_brand, make_user

pytestmark = pytest.mark.django_db


class TestRecord:
    def test_chains_each_row_to_the_one_before(self) -> None:
        mara = make_user()

        first = record(mara, "asset.uploaded", make_brand(), at=NOW)
        second = record(mara, "asset.archived", make_brand(), at=NOW, data={"n": 1})

        assert (first.previous_hash, second.previous_hash) == (FIRST_HASH, first.hash)
        assert [first.id, second.id] == [1, 2]

    def test_seals_what_the_database_gives_back(self) -> None:
        entry = record(None, "job.failed", make_brand(), at=NOW, data={"x": 0.1})

        assert Entry.objects.get(id=entry.id).seal() == entry.hash

    def test_notices_a_changed_row(self) -> None:
        entry = record(make_user(), "asset.uploaded", make_brand(), at=NOW)

        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_entry SET actor_name = 'Eve'")

        assert Entry.objects.get(id=entry.id).seal() != entry.hash
