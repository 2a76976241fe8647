from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from brandgen.audit.models import Entry, record
from brandgen.audit.verify import Break, verify_chain
from tests.factories import NOW, make_brand, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def trail() -> list[Entry]:
    """Six entries."""
    mara, brand = make_user(), make_brand()
    return [record(mara, "asset.kept", brand, at=NOW, data={"n": n}) for n in range(6)]


def sql(text: str, *values: object) -> None:
    """Change the database behind the application's back."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def change(_: list[Entry]) -> None:
    sql("UPDATE audit_entry SET actor_name = %s WHERE id = 4", "Eve")


def change_data(_: list[Entry]) -> None:
    sql("UPDATE audit_entry SET data = %s WHERE id = 4", '{"n": 99}')


def delete(_: list[Entry]) -> None:
    sql("DELETE FROM audit_entry WHERE id = 4")


def reorder(_: list[Entry]) -> None:
    for old, new in ((4, 400), (5, 4), (400, 5)):
        sql("UPDATE audit_entry SET id = %s WHERE id = %s", new, old)


def insert(trail: list[Entry]) -> None:
    """Make room behind the third and forge an entry that seals itself correctly."""
    for row in (6, 5, 4):
        sql("UPDATE audit_entry SET id = %s WHERE id = %s", row + 1, row)
    forged = Entry.objects.get(id=3)
    forged.id, forged.action, forged.previous_hash = 4, "review.approved", "f" * 64
    forged.hash = forged.seal()
    forged.save(force_insert=True)


class TestVerifyChain:
    def test_finds_a_sound_trail_whole(self, trail: list[Entry]) -> None:
        verdict = verify_chain()

        assert verdict.is_whole
        assert (verdict.checked, verdict.head_hash) == (6, trail[-1].hash)

    def test_finds_an_empty_trail_whole(self) -> None:
        assert verify_chain().is_whole

    @pytest.mark.parametrize(
        ("harm", "what"),
        [
            (change, Break.CHANGED),
            (change_data, Break.CHANGED),
            (delete, Break.MISSING),
            (reorder, Break.CHANGED),
            (insert, Break.OUT_OF_PLACE),
        ],
    )
    def test_names_the_first_broken_entry(
        self, trail: list[Entry], harm: Callable[[list[Entry]], None], what: Break
    ) -> None:
        harm(trail)

        verdict = verify_chain()

        assert (verdict.broken_at, verdict.what, verdict.checked) == (4, what, 3)

    def test_notices_a_cut_tail_by_an_earlier_head(self, trail: list[Entry]) -> None:
        sql("DELETE FROM audit_entry WHERE id > 4")

        assert verify_chain().is_whole
        verdict = verify_chain(head=(6, trail[-1].hash))

        assert (verdict.broken_at, verdict.what) == (6, Break.MISSING)

    def test_notices_a_trail_written_anew_by_an_earlier_head(
        self, trail: list[Entry]
    ) -> None:
        previous = Entry.objects.get(id=4).previous_hash
        for row in Entry.objects.filter(id__gte=4).order_by("id"):
            row.actor_name, row.previous_hash = "Eve", previous
            previous = row.seal()
            sql(
                "UPDATE audit_entry SET actor_name='Eve', previous_hash=%s, hash=%s "
                "WHERE id=%s",
                row.previous_hash,
                previous,
                row.id,
            )

        assert verify_chain().is_whole
        assert verify_chain(head=(6, trail[-1].hash)).what == Break.CHANGED


class TestAuditCommand:
    def test_prints_the_head_of_a_sound_trail(self, trail: list[Entry]) -> None:
        out = StringIO()

        call_command("audit", "verify", stdout=out)

        assert f"Keep this: 6:{trail[-1].hash}" in out.getvalue()

    def test_exits_with_one_and_the_position(self, trail: list[Entry]) -> None:
        delete(trail)

        with pytest.raises(CommandError, match="Entry 4 is missing") as caught:
            call_command("audit", "verify")

        assert caught.value.returncode == 1

    def test_refuses_a_head_that_is_none(self) -> None:
        with pytest.raises(CommandError, match="Use ID:HASH"):
            call_command("audit", "verify", "--head", "yesterday")
