import io

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from PIL import Image
from pytest_django import Settings

from brandgen.audit.models import Entry
from brandgen.safety.models import Policy, Refusal
from brandgen.safety.services import (
    PREVIEW_SIDE_PX,
    CannotReleaseError,
    PromptRefusedError,
    blur,
    judge_refusal,
    mark_released,
    require_allowed_prompt,
    set_policy,
)
from tests.factories import (
    NOW,
    make_brand,
    make_manager,
    make_refusal,
    make_reviewer,
    make_user,
)
from tests.safety.filters import HERE

pytestmark = pytest.mark.django_db
WRONG, RIGHT = Refusal.Judgement.WRONG, Refusal.Judgement.RIGHT


def ask(prompt: str) -> None:
    require_allowed_prompt(
        brand=make_brand(), prompt=prompt, request={}, by=make_user(), at=NOW
    )


def call_a_mistake(refusal: Refusal) -> None:
    judge_refusal(refusal=refusal, judgement=WRONG, note="", by=make_reviewer(), at=NOW)


def allow_releases() -> None:
    set_policy(brand=make_brand(), is_release_allowed=True, by=make_manager(), at=NOW)


class TestRequireAllowedPrompt:
    @pytest.fixture(autouse=True)
    def filter(self, settings: Settings) -> None:
        settings.SAFETY_PROMPT_FILTER = f"{HERE}.refuse_weapons"

    def test_lets_pass_what_the_filter_lets_pass(self) -> None:
        ask("a cup")

        assert not Refusal.objects.exists()

    def test_writes_down_who_asked_for_what_and_why_it_was_refused(self) -> None:
        with pytest.raises(PromptRefusedError) as refused:
            ask("a dagger on cream")

        row = Refusal.objects.get()
        assert row.kind == Refusal.Kind.PROMPT
        assert row.prompt == "a dagger on cream"
        assert row.reason == "It asks for a weapon."
        assert row.filter == f"{HERE}.refuse_weapons"
        assert (row.requested_by, row.refused_at) == (make_user(), NOW)
        assert str(refused.value) == (
            "Refused by the safety filter: It asks for a weapon. Nothing was queued. "
            "Reword the form, or ask a reviewer of Northwind to look at the refusal."
        )
        assert Entry.objects.get().action == "prompt.refused"

    def test_lets_pass_what_was_released_for_this_brand_alone(self) -> None:
        with pytest.raises(PromptRefusedError):
            ask("a dagger")
        refusal = Refusal.objects.get()
        allow_releases()
        call_a_mistake(refusal)
        mark_released(refusal=refusal, by=make_reviewer(), at=NOW)

        ask("a dagger")

        with pytest.raises(PromptRefusedError):
            ask("another dagger")
        with pytest.raises(PromptRefusedError):
            require_allowed_prompt(
                brand=make_brand(name="Contoso"),
                prompt="a dagger",
                request={},
                by=make_user(),
                at=NOW,
            )


class TestJudgeRefusal:
    def test_keeps_the_last_word_and_all_of_them_in_the_trail(self) -> None:
        refusal = make_refusal()

        call_a_mistake(refusal)
        judge_refusal(
            refusal=refusal, judgement=RIGHT, note=" No. ", by=make_reviewer(), at=NOW
        )

        assert (refusal.judgement, refusal.note) == ("right", "No.")
        assert refusal.judged_by == make_reviewer()
        assert [entry.data["judgement"] for entry in Entry.objects.order_by("id")] == [
            "wrong",
            "right",
        ]

    def test_is_for_those_who_decide(self) -> None:
        with pytest.raises(PermissionDenied):
            judge_refusal(
                refusal=make_refusal(), judgement=WRONG, note="", by=make_user(), at=NOW
            )


class TestMarkReleased:
    def test_needs_the_brands_leave(self) -> None:
        refusal = make_refusal()
        call_a_mistake(refusal)

        with pytest.raises(CannotReleaseError, match="does not let reviewers release"):
            mark_released(refusal=refusal, by=make_reviewer(), at=NOW)

    def test_needs_somebody_to_call_it_a_mistake(self) -> None:
        allow_releases()
        refusal = make_refusal()

        with pytest.raises(CannotReleaseError, match="called a mistake"):
            mark_released(refusal=refusal, by=make_reviewer(), at=NOW)

    def test_is_not_for_the_person_who_asked(self) -> None:
        allow_releases()
        refusal = make_refusal(requested_by=make_manager())
        call_a_mistake(refusal)

        with pytest.raises(CannotReleaseError, match="somebody else"):
            mark_released(refusal=refusal, by=make_manager(), at=NOW)

    def test_happens_once_and_is_on_record(self) -> None:
        allow_releases()
        refusal = make_refusal()
        call_a_mistake(refusal)

        mark_released(refusal=refusal, by=make_reviewer(), at=NOW)

        assert refusal.is_released
        assert Entry.objects.latest("id").action == "refusal.released"
        with pytest.raises(CannotReleaseError):
            mark_released(refusal=refusal, by=make_reviewer(), at=NOW)
        with pytest.raises(CannotReleaseError):
            call_a_mistake(refusal)


class TestRefusal:
    @pytest.mark.parametrize(
        "change",
        [{"prompt": "a spoon"}, {"reason": "None."}, {"preview": b"clean"}],
    )
    def test_never_changes_what_was_refused(self, change: dict) -> None:
        refusal = make_refusal()

        with pytest.raises(DatabaseError), transaction.atomic():
            Refusal.objects.filter(id=refusal.id).update(**change)

    def test_is_seen_by_its_brand_alone(self) -> None:
        refusal = make_refusal()
        eve = make_manager("Eve", brand=make_brand(name="Contoso"))

        assert list(Refusal.objects.visible_to(make_reviewer())) == [refusal]
        assert not Refusal.objects.visible_to(eve).exists()


class TestSetPolicy:
    def test_is_for_those_who_manage_the_brand(self) -> None:
        with pytest.raises(PermissionDenied):
            set_policy(
                brand=make_brand(), is_release_allowed=True, by=make_reviewer(), at=NOW
            )
        assert not Policy.objects.get_of(make_brand()).is_release_allowed


class TestBlur:
    def test_keeps_the_colors_and_loses_every_detail(self) -> None:
        stripes = np.zeros((512, 768, 3), np.uint8)
        stripes[:, ::16] = 255

        with Image.open(io.BytesIO(blur(stripes))) as small:
            pixels = np.asarray(small.convert("L"), float)

        assert small.size == (PREVIEW_SIDE_PX, PREVIEW_SIDE_PX * 2 // 3)
        assert pixels.std() < 4
        assert 5 < pixels.mean() < 30
