from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from brandgen.library.models import Asset
from brandgen.review.models import Decision, Review
from brandgen.review.services import decide
from tests.factories import (
    make_asset,
    make_manager,
    make_picture,
    make_review,
    make_reviewer,
    make_user,
)

Visit = Callable[..., Any]
REVIEW = "/b/northwind/review/"


def make_queue(number: int) -> list[Review]:
    """Make open reviews, the first due first."""
    now = timezone.now()
    return [
        make_review(
            asset=make_asset(
                title=f"Picture {place}",
                state="in_review",
                data=make_picture(300, 300, seed=place),
            ),
            due_at=now + timedelta(hours=place - 1),
        )
        for place in range(number)
    ]


def wait_for(page: Any, words: str) -> None:
    page.locator("#result", has_text=words).wait_for()


def title_of(page: Any) -> str:
    return str(page.locator(".about h1").inner_text())


class TestKeys:
    def test_decide_three_pictures_without_a_mouse(self, visit: Visit) -> None:
        reviews = make_queue(4)
        page = visit(make_reviewer()).open(REVIEW)
        assert title_of(page) == "Picture 0"
        assert "overdue" in page.locator(".where").inner_text()

        page.keyboard.press("a")
        wait_for(page, "“Picture 0” approved.")
        page.keyboard.press("c")
        page.locator("#no-request_changes[open]").wait_for()
        page.keyboard.press("2")
        page.keyboard.press("Enter")
        wait_for(page, "“Picture 1” sent back for changes.")
        page.keyboard.press("x")
        page.keyboard.press("7")
        page.fill("#comment-reject", "The handle is on the wrong side")
        page.click("#no-reject button.danger")
        wait_for(page, "“Picture 2” rejected.")

        assert title_of(page) == "Picture 3"
        states = list(Asset.objects.order_by("title").values_list("state", flat=True))
        assert states == ["approved", "changes_requested", "rejected", "in_review"]
        said = reviews[2].decisions.get()
        assert (said.reason, said.comment) == (
            "other",
            "The handle is on the wrong side",
        )

    def test_undo_the_last_answer(self, visit: Visit) -> None:
        make_queue(2)
        page = visit(make_reviewer()).open(REVIEW)
        page.keyboard.press("a")
        wait_for(page, "approved")

        page.keyboard.press("z")
        wait_for(page, "Your answer to “Picture 0” is undone.")

        assert title_of(page) == "Picture 0"
        assert Asset.objects.filter(state="approved").count() == 0

    def test_walk_zoom_and_list_the_keys(self, visit: Visit) -> None:
        make_queue(3)
        page = visit(make_reviewer()).open(REVIEW)

        page.keyboard.press("j")
        page.get_by_role("heading", name="Picture 1").wait_for()
        page.keyboard.press("1")
        page.keyboard.press("j")
        page.get_by_role("heading", name="Picture 2").wait_for()
        is_full = page.locator("[data-view].full").count()
        page.keyboard.press("k")
        page.get_by_role("heading", name="Picture 1").wait_for()
        page.keyboard.press("?")

        assert is_full == 1
        assert "Ask for changes" in page.locator("#shortcuts").inner_text()
        page.keyboard.press("Escape")
        page.go_back()
        page.get_by_role("heading", name="Picture 2").wait_for()

    def test_do_nothing_when_switched_off_or_while_typing(self, visit: Visit) -> None:
        make_queue(1)
        ravi = make_reviewer()
        page = visit(ravi).open(REVIEW)
        page.fill("#comment", "")
        page.locator("#comment").press_sequentially("axc")
        ravi.has_shortcuts = False
        ravi.save()
        page.reload()
        page.keyboard.press("a")
        page.wait_for_timeout(300)

        assert page.locator(".decide kbd:visible").count() == 0
        assert not Decision.objects.exists()


class TestTwoTabs:
    def test_the_second_reads_who_was_first(self, visit: Visit) -> None:
        (review,) = make_queue(1)
        page = visit(make_reviewer()).open(REVIEW)
        decide(
            review=review,
            reviewer=make_manager(),
            verdict=Decision.Verdict.REQUEST_CHANGES,
            reason="copy",
            comment="A typo",
            seen_sha256=review.sha256,
            at=timezone.now(),
        )

        page.keyboard.press("a")
        wait_for(page, "Bea decided on “Picture 0” first")

        assert "A typo" in page.locator(".about").inner_text()
        assert page.locator("#approve").count() == 0
        assert Decision.objects.count() == 1

    def test_a_lost_connection_records_and_pretends_nothing(self, visit: Visit) -> None:
        make_queue(1)
        visitor = visit(make_reviewer())
        page = visitor.open(REVIEW)
        page.route("**/decide", lambda route: route.abort())

        page.click("#approve")
        wait_for(page, "The server can’t be reached. Nothing was recorded")

        assert not Decision.objects.exists()
        assert all("ERR_FAILED" in trouble for trouble in visitor.troubles)
        visitor.troubles.clear()


class TestWithoutScripts:
    def test_every_answer_works(self, visit: Visit) -> None:
        make_queue(2)
        page = visit(make_reviewer(), java_script_enabled=False).open(REVIEW)

        page.click("#approve")
        assert "“Picture 0” approved." in page.locator("#result").inner_text()
        page.click("#ask-reject")
        page.check("#no-reject input[value=artifacts]", force=True)
        page.click("#no-reject button.danger")

        assert "Nothing waits for you" in page.locator("main").inner_text()
        states = set(Asset.objects.values_list("state", flat=True))
        assert states == {"approved", "rejected"}


class TestLooks:
    @pytest.mark.parametrize(
        "options",
        [
            {"color_scheme": "light"},
            {"color_scheme": "dark"},
            {"viewport": {"width": 390, "height": 844}, "has_touch": True},
        ],
    )
    def test_every_page_passes_axe_and_fits(
        self, visit: Visit, options: dict[str, Any]
    ) -> None:
        first, _ = make_queue(2)
        draft = make_asset(title="Draft", prompt="teal waves")
        make_asset(title="Ready", state="approved")
        ravi, mara = visit(make_reviewer(), **options), visit(make_user(), **options)
        library = "/b/northwind/library/"
        pages = [
            (ravi, REVIEW),
            (ravi, f"{REVIEW}{first.id}/?ask=reject"),
            (ravi, f"{REVIEW}grid"),
            (mara, REVIEW),
            (mara, f"{REVIEW}submit?asset={draft.id}"),
            (mara, library),
            (mara, f"{library}?view=all&q=teal"),
            (mara, f"{library}upload"),
            (mara, f"{library}{draft.id}/"),
            (mara, f"{library}{draft.id}/?tab=history"),
        ]

        for visitor, path in pages:
            visitor.open(path)

            assert visitor.find_violations() == [], path
            assert not visitor.is_wider_than_window(), path
