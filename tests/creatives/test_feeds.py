import io
import uuid

import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.creatives.content import BatchError
from brandgen.creatives.feeds import (
    FeedInUseError,
    StalePlanError,
    UnreadyFeedError,
    delete_feed,
    fetch_feed,
    load_table,
    save_plan,
    start_batch,
    upload_feed,
)
from brandgen.creatives.models import Batch, Feed
from brandgen.creatives.planning import Plan, Source
from brandgen.jobs.services import TooManyJobsError
from brandgen.lib.feeds import FeedError
from brandgen.lib.fetching import Fetched
from tests.factories import (
    NOW,
    change_plan,
    find_states,
    make_extended_asset,
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_reviewer,
    make_template_version,
    make_user,
    run_jobs,
)
from tests.file_server import Answer, running_files

pytestmark = pytest.mark.django_db


def start(feed: Feed, **changes: object) -> Batch:
    kwargs: dict = {
        "feed": feed, "batch_id": feed.next_batch, "by": make_user(), "at": NOW
    }  # fmt: skip
    return start_batch(**(kwargs | changes))


class TestUploadFeed:
    def test_keeps_the_table_and_a_plan_to_start_from(self) -> None:
        feed = make_feed(file_name="C:\\spring\\mugs.csv")

        plan = Plan.from_json(feed.plan)
        assert (feed.name, plan.name) == ("mugs.csv", "mugs")
        assert feed.row_count == 2
        assert plan.formats == ("square", "story", "landscape")
        assert plan.sources["headline"] == Source(column="Headline")
        assert load_table(feed).rows[1].cells[0] == "Lagoon mug"
        entry = Entry.objects.about(feed).get()
        assert entry.action == "feed.uploaded"
        assert entry.data == {"rows": 2, "columns": 2, "sha256": feed.sha256}

    def test_fetches_a_table_and_fetches_it_again(self) -> None:
        template = make_template_version().template
        who: dict = {"template": template, "by": make_user(), "at": NOW}
        with running_files() as files:
            address = f"{files.url}/mugs.csv"
            files.answers["/mugs.csv"] = Answer(b"Headline\nSea mug\n")
            first = fetch_feed(address=address, **who)
            change_plan(first, formats=("story",))
            files.answers["/mugs.csv"] = Answer(b"Headline\nSea mug\nLagoon mug\n")
            second = fetch_feed(address=first.address, like=first, **who)

        assert (first.name, first.address, first.row_count) == ("mugs.csv", address, 1)
        assert (second.name, second.address) == (first.name, address)
        assert second.row_count == 2
        assert Plan.from_json(second.plan).formats == ("story",)

    def test_says_when_a_sheet_is_not_shared(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = Fetched(b"<html>", "https://accounts.google.com/signin", "signin")
        monkeypatch.setattr("brandgen.creatives.feeds.fetch", lambda *_, **__: page)
        template = make_template_version().template
        address = "https://docs.google.com/spreadsheets/d/1/edit"

        with pytest.raises(FeedError, match="Anyone with the link"):
            fetch_feed(template=template, address=address, by=make_user(), at=NOW)

        assert not Feed.objects.exists()

    def test_takes_over_what_an_older_one_chose(self) -> None:
        old = make_feed()
        change_plan(old, formats=("story",), rows_out="3", name="Spring")

        new = make_feed("headline,photo\nBowl,x\n", template=old.template, like=old)

        plan = Plan.from_json(new.plan)
        assert (plan.formats, plan.rows_out, plan.name) == (("story",), "3", "Spring")
        assert plan.sources["headline"] == Source(column="headline")

    def test_remembers_for_the_template_what_filled_what(self) -> None:
        old = make_feed("Claim\nSea mug\n")
        plan = Plan(sources={"headline": Source(column="Claim")})
        seen = Plan.from_json(old.plan).mark
        save_plan(feed=old, plan=plan, seen=seen, by=make_user())
        old.template.refresh_from_db()

        new = make_feed("Claim,Headline\nBowl,Wrong\n", template=old.template)

        sources = Plan.from_json(new.plan).sources
        assert sources["headline"] == Source(column="Claim")

    def test_keeps_nothing_of_what_is_no_table(self) -> None:
        with pytest.raises(FeedError, match="a header but no rows"):
            make_feed("Headline\n")

        assert not Feed.objects.exists()

    @pytest.mark.parametrize(
        ("setting", "value", "message"),
        [
            ("FEED_MAX_ROWS", 1, "2 rows; a batch takes 1"),
            ("FEED_MAX_COLUMNS", 1, "2 columns; 1 are allowed"),
            ("FEED_MAX_CELLS", 3, "more than 3 cells"),
            ("FEED_MAX_BYTES", 9, "0 are allowed"),
        ],
    )
    def test_keeps_to_the_limits_of_the_installation(
        self, settings, setting: str, value: int, message: str
    ) -> None:
        setattr(settings, setting, value)

        with pytest.raises(FeedError, match=message):
            make_feed()

    def test_needs_a_published_template(self) -> None:
        version = make_template_version(published_at=None)

        with pytest.raises(BatchError, match="not published"):
            make_feed("a\nb\n", template=version.template)

    def test_is_for_those_who_make_creatives(self) -> None:
        with pytest.raises(PermissionDenied, match="make creatives"):
            upload_feed(
                template=make_template_version().template,
                file=io.BytesIO(b"a\nb\n"),
                file_name="a.csv",
                by=make_reviewer(),
                at=NOW,
            )


class TestSavePlan:
    def test_refuses_to_write_over_what_somebody_else_chose(self) -> None:
        feed = make_feed()
        before = Plan.from_json(feed.plan)
        mine = change_plan(Feed.objects.get(), name="Mine")

        with pytest.raises(StalePlanError, match="another window"):
            save_plan(
                feed=feed, plan=Plan(name="Theirs"), seen=before.mark, by=make_user()
            )

        assert Plan.from_json(Feed.objects.get().plan) == mine

    def test_takes_the_same_twice(self) -> None:
        feed = make_feed()
        seen, plan = Plan.from_json(feed.plan).mark, Plan(name="Spring")

        for _ in range(2):
            save_plan(feed=feed, plan=plan, seen=seen, by=make_user())

        assert Plan.from_json(Feed.objects.get().plan) == plan

    def test_is_for_those_who_make_creatives(self) -> None:
        feed = make_feed()

        with pytest.raises(PermissionDenied):
            save_plan(feed=feed, plan=Plan(), seen="", by=make_reviewer())


class TestDeleteFeed:
    def test_deletes_what_nothing_was_made_of(self) -> None:
        feed, stale = make_feed(), Feed.objects.get()

        delete_feed(feed=feed, by=make_user(), at=NOW)

        assert not Feed.objects.exists()
        entry = Entry.objects.get(action="feed.deleted")
        assert (entry.data["name"], entry.data["rows"]) == ("mugs.csv", 2)
        with pytest.raises(StalePlanError, match="deleted in another window"):
            start(stale)

    def test_keeps_what_something_was_made_of(self) -> None:
        feed = make_feed()
        start(feed)

        with pytest.raises(FeedInUseError, match="“mugs” was made of this table"):
            delete_feed(feed=feed, by=make_user(), at=NOW)

        assert Feed.objects.exists()
        assert not Entry.objects.filter(action="feed.deleted").exists()

    def test_is_for_those_who_make_creatives(self) -> None:
        with pytest.raises(PermissionDenied):
            delete_feed(feed=make_feed(), by=make_reviewer(), at=NOW)


class TestStartBatch:
    def test_renders_every_row_in_every_format(self) -> None:
        feed = make_feed()

        batch = start(feed)
        run_jobs()

        assert batch.feed == feed
        assert batch.plan == feed.plan
        assert [row.label for row in batch.rows.all()] == ["Sea mug", "Lagoon mug"]
        assert find_states(batch) == ["rendered"] * 6

    def test_makes_one_batch_of_two_starts(self) -> None:
        feed = make_feed()
        seen = feed.next_batch

        first = start(feed, batch_id=seen)
        second = start(Feed.objects.get(), batch_id=seen)

        assert first == second
        assert Batch.objects.count() == 1

    def test_makes_another_when_it_is_started_anew(self) -> None:
        feed = make_feed()
        first = start(feed)
        run_jobs()

        second = start(Feed.objects.get())

        assert first != second
        assert find_states(second) == ["rendered"] * 6

    def test_uses_extended_pictures_only_where_the_plan_says_so(self) -> None:
        make_layout_kit()
        photo = make_marked_asset(data=make_picture(512, 512))
        make_extended_asset(photo, left=256, right=256)
        feed = make_feed(f"Headline,Picture\nMug,{photo.id}\n")

        plain = start(feed)
        feed.refresh_from_db()
        change_plan(feed, uses_extensions=True)
        extended = start(feed)

        assert not plain.creatives.filter(extended_images__isnull=False).exists()
        used = extended.creatives.filter(extended_images__isnull=False)
        assert [one.format for one in used] == ["square"]

    def test_does_not_start_what_nobody_saw(self) -> None:
        with pytest.raises(StalePlanError):
            start(make_feed(), batch_id=uuid.uuid4())

        assert not Batch.objects.exists()

    def test_refuses_rows_with_problems_unless_they_are_left_out(self) -> None:
        photo = make_marked_asset()
        feed = make_feed(f"Headline,Picture\nMug,{photo.id}\n,{photo.id}\n")

        with pytest.raises(UnreadyFeedError, match="1 of 2 rows can't be used"):
            start(feed)
        change_plan(feed, without_bad=True)
        batch = start(feed)

        assert [row.number for row in batch.rows.all()] == [2]

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"formats": ()}, "No format is chosen"),
            ({"rows_out": "1-99"}, "Nothing is left to make"),
        ],
    )
    def test_says_what_stands_in_the_way(self, changes: dict, message: str) -> None:
        feed = make_feed()
        change_plan(feed, **changes)

        with pytest.raises(UnreadyFeedError, match=message):
            start(feed)

    def test_keeps_the_feed_where_the_queue_is_full(self, settings) -> None:
        feed = make_feed()
        settings.JOB_MAX_WAITING_PER_BRAND = 1
        make_layout_kit()
        start(feed)

        with pytest.raises(TooManyJobsError):
            start(Feed.objects.get())

        assert Batch.objects.count() == 1
        assert Feed.objects.get().next_batch != feed.next_batch

    def test_is_for_those_who_make_creatives(self) -> None:
        with pytest.raises(PermissionDenied):
            start(make_feed(), by=make_reviewer())
