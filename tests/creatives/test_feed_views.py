import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from brandgen.creatives.models import Batch, Feed
from brandgen.creatives.planning import Plan, Rule, Source
from brandgen.lib.storage import LocalStore, MissingBlobError
from tests.creatives.pages import address
from tests.factories import (
    NOW,
    change_plan,
    make_extended_asset,
    make_feed,
    make_layout_kit,
    make_marked_asset,
    make_picture,
    make_reviewer,
    make_template_version,
)
from tests.file_server import Answer, running_files
from tests.pages import enter

pytestmark = pytest.mark.django_db


def publish_next(feed: Feed) -> None:
    """Publish a v2 of the feed's template, with another background."""
    before = feed.template.find_published()
    assert before is not None
    document = before.document | {"background": "signal"}
    feed.template.versions.create(version=2, document=document, published_at=NOW)


def send(feed: Feed, client: Client | None = None, **data: object):
    """Post the page of a feed as a browser would, with changes."""
    plan = Plan.from_json(feed.plan)
    form: dict[str, object] = {
        "mark": plan.mark,
        "batch": str(feed.next_batch),
        "name": plan.name,
        "file_type": plan.file_type,
        "formats": list(plan.formats),
        "locales": list(plan.locales),
    }
    for key, source in plan.sources.items():
        form[f"c-{key}"] = f"column:{source.column}" if source.column else "same"
        form[f"f-{key}"] = source.fixed
    return (client or enter()).post(address("feed", feed.id), form | data)


class TestNewFeed:
    def upload(self, data: bytes, name: str = "mugs.csv", **query: object):
        make_layout_kit()
        template = make_template_version().template
        file = SimpleUploadedFile(name, data)
        return enter().post(address("new_feed", template.id), {"file": file})

    def test_fetches_a_table_from_its_address(self) -> None:
        make_layout_kit()
        template = make_template_version().template
        client = enter()
        with running_files() as files:
            files.answers["/mugs.csv"] = Answer(b"Headline\nSea mug\n")
            data = {"address": f"{files.url}/mugs.csv"}
            answer = client.post(address("new_feed", template.id), data)

        feed = Feed.objects.get()
        assert answer["Location"] == address("feed", feed.id)
        page = client.get(answer["Location"]).content.decode()
        assert "Fetch again" in page
        assert f'name="address" value="{feed.address}"' in page

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ({}, "or write the address of a table"),
            ({"address": "what?"}, "Copy the whole address"),
            ({"address": "http://127.0.0.1:1/x.csv"}, "can&#x27;t be reached"),
        ],
    )
    def test_says_at_its_field_what_is_wrong_with_an_address(
        self, data: dict[str, str], message: str
    ) -> None:
        template = make_template_version().template

        answer = enter().post(address("new_feed", template.id), data)

        assert answer.status_code == 422
        assert message in answer.content.decode()

    def test_wants_a_file_or_an_address(self) -> None:
        template = make_template_version().template
        file = SimpleUploadedFile("mugs.csv", b"Headline\nSea mug\n")
        data = {"file": file, "address": "https://example.com/mugs.csv"}

        answer = enter().post(address("new_feed", template.id), data)

        assert answer.status_code == 422
        assert "Leave one of both out" in answer.content.decode()

    def test_leads_to_the_page_of_the_feed(self) -> None:
        answer = self.upload(b"Headline\nSea mug\n")

        feed = Feed.objects.get()
        assert answer["Location"] == address("feed", feed.id)
        assert enter().get(answer["Location"]).status_code == 200

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty"),
            (b"%PDF-1.7", "The file is a PDF"),
            (b"Headline\n", "a header but no rows"),
            (b"a,a\n1,2\n", "both called “a”"),
        ],
    )
    def test_says_what_is_wrong_with_a_file(self, data: bytes, message: str) -> None:
        answer = self.upload(data)

        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert not Feed.objects.exists()

    def test_refuses_a_file_that_is_too_large_unread(self, settings) -> None:
        settings.FEED_MAX_BYTES = 2**20

        answer = self.upload(b"Headline\n" + b"x" * 2**20)

        assert "The file has 1.0 MB; 1 are allowed" in answer.content.decode()

    def test_says_what_is_taken_over(self) -> None:
        feed = make_feed()

        page = enter().get(address("new_feed", feed.template_id), {"like": feed.id})
        other = enter().get(address("new_feed", feed.template_id), {"like": "x"})

        assert "taken over from mugs.csv" in page.content.decode()
        assert "taken over" not in other.content.decode()

    def test_leads_away_from_a_template_that_is_not_published(self) -> None:
        template = make_template_version(published_at=None).template

        answer = enter().get(address("new_feed", template.id))

        assert answer["Location"] == address("template", template.id)


class TestFeed:
    def test_says_what_will_be_made(self) -> None:
        page = enter().get(address("feed", make_feed().id)).content.decode()

        assert "Render 6 creatives" in page
        assert "2 of 2" in page

    def test_shows_what_is_wrong_and_what_to_do(self) -> None:
        feed = make_feed("Headline\nSea mug\n" + "x" * 71 + "\n")

        page = enter().get(address("feed", feed.id)).content.decode()

        assert "Picture is needed. Choose its column" in page
        assert "71 characters; 70 are allowed. Shorten it." in page

    def test_keeps_what_was_chosen(self) -> None:
        feed = make_feed()

        answer = send(
            feed,
            **{
                "c-cta": "same",
                "f-cta": "See more",
                "c-kicker": "column:Headline",
                "c-subline": "column:No such column",
                "formats": ["story", "nonsense"],
                "rows_out": "2",
                "r0-column": "Headline",
                "r0-test": "contains",
                "r0-value": "Lagoon",
                "r0-format": "story",
                "r1-column": "",
                "r2-column": "Headline",
                "r2-test": "explodes",
                "without_bad": "1",
                "uses_extensions": "1",
                "file_type": "exe",
            },
        )

        plan = Plan.from_json(Feed.objects.get().plan)
        assert answer["Location"] == address("feed", feed.id)
        assert plan.sources["cta"] == Source(fixed="See more")
        assert plan.sources["kicker"] == Source(column="Headline")
        assert "subline" not in plan.sources
        assert (plan.formats, plan.rows_out) == (("story",), "2")
        rule = Rule(column="Headline", test="contains", value="Lagoon", format="story")
        assert plan.rules == (rule,)
        assert plan.without_bad
        assert plan.uses_extensions
        assert plan.file_type == "jpeg"

    def test_stays_with_the_version_that_was_chosen(self) -> None:
        feed = make_feed()
        publish_next(feed)

        send(feed, version="1")
        page = enter().get(address("feed", feed.id)).content.decode()
        send(feed, start="1", seen_version="1")

        assert "This is v1; v2 is in use" in page
        assert Batch.objects.get().template_version.version == 1

    def test_starts_nothing_of_a_version_that_one_has_not_seen(self) -> None:
        feed = make_feed()
        publish_next(feed)

        first = send(feed, start="1", seen_version="1")
        page, made_at_once = first.content.decode(), Batch.objects.exists()
        send(feed, start="1", seen_version="2", batch=Feed.objects.get().next_batch)

        assert (first.status_code, made_at_once) == (409, False)
        assert "v2 was published since you looked" in page
        assert "Stay with v1" in page
        assert Batch.objects.get().template_version.version == 2

    def test_moves_and_stays_by_the_buttons_of_the_notice(self) -> None:
        feed = make_feed()
        publish_next(feed)

        send(feed, version="0", move="1")
        stays = Plan.from_json(Feed.objects.get().plan).version
        send(Feed.objects.get(), version="1", move="0")

        assert (stays, Plan.from_json(Feed.objects.get().plan).version) == (1, 0)

    def test_refuses_a_version_that_nobody_can_use(self) -> None:
        answer = send(make_feed(), version="7")

        assert answer.status_code == 422
        assert "does not exist" in answer.content.decode()
        assert Plan.from_json(Feed.objects.get().plan).version == 0

    def test_answers_htmx_with_the_page_at_once(self) -> None:
        feed = make_feed()
        client = enter()
        client.defaults["HTTP_HX_REQUEST"] = "true"

        answer = send(feed, client, formats=["story"])

        assert answer.status_code == 200
        assert "Render 2 creatives" in answer.content.decode()

    def test_does_not_write_over_another_window(self) -> None:
        feed = make_feed()
        change_plan(Feed.objects.get(), name="Theirs")

        answer = send(feed, name="Mine")

        assert answer.status_code == 409
        assert "changed in another window" in answer.content.decode()
        assert "Mine" in answer.content.decode()
        assert Plan.from_json(Feed.objects.get().plan).name == "Theirs"

    def test_starts_the_batch_with_what_was_just_chosen(self) -> None:
        feed = make_feed()

        answer = send(feed, formats=["story"], start="1")

        batch = Batch.objects.get()
        assert answer["Location"] == address("batch", batch.id)
        assert [c.format for c in batch.creatives.all()] == ["story", "story"]

    def test_keeps_what_was_chosen_though_it_can_not_start(self) -> None:
        feed = make_feed("Headline\nSea mug\n")

        answer = send(feed, name="Spring", start="1")

        assert answer.status_code == 422
        assert Plan.from_json(Feed.objects.get().plan).name == "Spring"
        assert not Batch.objects.exists()

    def test_says_that_the_table_can_not_be_read(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        feed = make_feed()

        def lose(self: LocalStore, sha256: str) -> bytes:
            raise MissingBlobError("There is no such file.")

        monkeypatch.setattr(LocalStore, "read", lose)
        answer = enter().get(address("feed", feed.id))

        assert answer.status_code == 422
        assert "There is no such file." in answer.content.decode()

    def test_stands_in_the_list_until_something_is_made_of_it(self) -> None:
        feed = make_feed()
        before = enter().get(address("batches")).content.decode()

        send(feed, start="1")

        assert address("feed", feed.id) in before
        assert (
            "Tables that nothing"
            not in enter().get(address("batches")).content.decode()
        )

    def test_can_be_deleted_until_something_is_made_of_it(self) -> None:
        used, free = make_feed(), make_feed()
        send(used, start="1")
        client = enter()
        pages = [client.get(address("feed", one.id)) for one in (used, free)]

        told = [
            client.post(address("feed_delete", one.id), follow=True).content.decode()
            for one in (used, free)
        ]

        offers = [b"Delete the table" in page.content for page in pages]
        assert offers == [False, True]
        assert "was made of this table, so it stays" in told[0]
        assert f"The table {free.name} is deleted." in told[1]
        assert Feed.objects.get() == used

    def test_asks_as_few_questions_for_many_rows_as_for_few(
        self, django_assert_max_num_queries
    ) -> None:
        photo = make_marked_asset()
        lines = "\n".join(f"Mug {n},{photo.id}" for n in range(500))
        feed = make_feed(f"Headline,Picture\n{lines}\n")
        client = enter()

        with django_assert_max_num_queries(25):
            client.get(address("feed", feed.id))

    def test_is_for_those_who_make_creatives(self) -> None:
        feed = make_feed()

        assert enter(make_reviewer()).get(address("feed", feed.id)).status_code == 403


class TestProblems:
    def test_come_as_a_table_without_formulas(self) -> None:
        photo = make_marked_asset()
        feed = make_feed(f"Headline,Picture\n=1+1,{photo.id}\nMug,=cmd|calc\n,x\n")

        answer = enter().get(address("feed_problems", feed.id))

        lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
        assert [(x["row"], x["where"], x["value"]) for x in lines] == [
            ("3", "Picture", "'=cmd|calc"),
            ("4", "Picture", "x"),
            ("4", "Headline", ""),
        ]
        assert "mugs-problems.csv" in answer["Content-Disposition"]


class TestFeedPreview:
    def test_draws_one_row_in_one_format(self) -> None:
        feed = make_feed()

        answer = enter().get(address("feed_preview", feed.id, 3, "square"))

        assert answer["Content-Type"] == "image/jpeg"

    def test_draws_it_with_extended_pictures_where_these_are_asked_for(self) -> None:
        make_layout_kit()
        photo = make_marked_asset(data=make_picture(512, 512))
        make_extended_asset(photo, left=256, right=256)
        feed = make_feed(f"Headline,Picture\nMug,{photo.id}\n")
        client = enter()

        def draw(name: str) -> bytes:
            return client.get(address("feed_preview", feed.id, 2, name)).content

        before = [draw("square"), draw("landscape")]
        change_plan(feed, uses_extensions=True)

        assert draw("square") != before[0]
        assert draw("landscape") == before[1]

    @pytest.mark.parametrize(
        ("number", "shape", "locale", "message"),
        [
            (9, "square", "", "no such row"),
            (2, "poster", "", "no format"),
            (2, "square", "xx", "no locale"),
        ],
    )
    def test_says_why_there_is_nothing_to_draw(
        self, number: int, shape: str, locale: str, message: str
    ) -> None:
        url = address("feed_preview", make_feed().id, number, shape)

        answer = enter().get(url, {"locale": locale})

        assert answer.status_code == 422
        assert message in answer.content.decode()
