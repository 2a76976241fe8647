from typing import Any

import pytest

from brandgen.audit.models import Entry
from brandgen.engine.errors import InvalidRequestError
from brandgen.presets.models import Preset
from brandgen.presets.prompting import PresetTemplateError
from brandgen.presets.services import (
    BannedTermError,
    FrozenPresetError,
    NoBrandKitError,
    PresetNameTakenError,
    archive_preset,
    change_draft,
    create_preset,
    finish_prompt,
    publish_draft,
    restore_preset,
    start_draft,
)
from brandgen.presets.variables import ValueErrors
from tests.factories import (
    NOW,
    current_kit,
    make_brand,
    make_kit,
    make_manager,
    make_preset_version,
)

pytestmark = pytest.mark.django_db

FIELDS: dict[str, Any] = {
    "prompt_template": "{{ subject }} on sand",
    "negative_prompt_template": "text",
    "variables": [{"name": "subject", "label": "Subject", "type": "text"}],
    "engine_settings": {"width_px": 256, "height_px": 256},
}


def create(name: str = "Hero", **changes: Any) -> Any:
    make_kit()
    return create_preset(
        brand=make_brand(), name=name, by=make_manager(), at=NOW, **(FIELDS | changes)
    )


class TestCreatePreset:
    def test_makes_a_draft_and_tells_the_audit_trail(self) -> None:
        draft = create()

        assert (draft.version, draft.published_at) == (1, None)
        assert Entry.objects.get().action == "preset.created"

    def test_needs_a_brand_kit(self) -> None:
        with pytest.raises(NoBrandKitError, match="no published brand kit"):
            create_preset(brand=make_brand(), name="x", by=make_manager(), at=NOW)

    def test_refuses_a_name_that_is_taken(self) -> None:
        create()

        with pytest.raises(PresetNameTakenError, match="called 'Hero'"):
            create()

    def test_refuses_a_template_with_code_and_writes_nothing(self) -> None:
        with pytest.raises(PresetTemplateError):
            create(prompt_template="{{ subject.__class__ }}")

        assert not Preset.objects.exists()

    def test_refuses_banned_words_of_its_own(self) -> None:
        make_kit().banned_terms.create(term="cheap", reason="We say good value.")
        kit_two_terms = {"prompt_template": "a ch3ap {{ subject }}"}

        with pytest.raises(BannedTermError, match=r"“cheap”\. We say good value"):
            create_preset(
                brand=make_brand(),
                name="x",
                by=make_manager(),
                at=NOW,
                **(FIELDS | kit_two_terms),
            )


class TestDrafts:
    def test_copy_the_version_before_and_never_change_it(self) -> None:
        first = create()
        publish_draft(draft=first, by=make_manager(), at=NOW)

        second = start_draft(preset=first.preset, by=make_manager(), at=NOW)
        change_draft(
            draft=second,
            name="Hero",
            description="",
            by=make_manager(),
            at=NOW,
            **(FIELDS | {"prompt_template": "new {{ subject }}"}),
        )

        first.refresh_from_db()
        assert (second.version, first.prompt_template) == (2, "{{ subject }} on sand")
        assert first.preset.find_published() == first

    def test_are_started_once(self) -> None:
        draft = create()

        assert start_draft(preset=draft.preset, by=make_manager(), at=NOW) == draft

    def test_can_not_be_changed_once_published(self) -> None:
        draft = create()
        publish_draft(draft=draft, by=make_manager(), at=NOW)

        with pytest.raises(FrozenPresetError, match="published meanwhile"):
            change_draft(
                draft=draft,
                name="Hero",
                description="",
                by=make_manager(),
                at=NOW,
                **FIELDS,
            )

    def test_are_published_once(self) -> None:
        draft = create()

        assert publish_draft(draft=draft, by=make_manager(), at=NOW)
        assert not publish_draft(draft=draft, by=make_manager(), at=NOW)


class TestArchivePreset:
    def test_takes_it_out_of_the_picker_and_puts_it_back(self) -> None:
        preset = create().preset

        archive_preset(preset=preset, by=make_manager(), at=NOW)
        assert not Preset.objects.active().exists()
        restore_preset(preset=preset, by=make_manager(), at=NOW)

        assert Preset.objects.active().get() == preset


class TestFinishPrompt:
    def finish(self, **values: str) -> Any:
        version = make_preset_version()
        return finish_prompt(
            version=version, values=values, kit=current_kit(version.brand)
        )

    def test_counts_tokens_without_loading_a_model(self) -> None:
        finished = self.finish(subject="teal waves", ground="Sand")

        assert finished.prompt.text == "teal waves on a cream background"
        assert finished.tokens.limit >= 32
        assert 5 < finished.tokens.count < finished.tokens.limit

    def test_marks_the_words_that_the_model_never_sees(self) -> None:
        version = make_preset_version(prompt_template="{{ subject }} " + "blue " * 90)

        finished = finish_prompt(
            version=version,
            values={"subject": "waves"},
            kit=current_kit(version.brand),
        )

        assert finished.tokens is not None
        assert finished.tokens.is_too_long
        cut = "".join(part.text for part in finished.prompt.parts if part.is_cut)
        assert cut == finished.tokens.cut_text

    @pytest.mark.parametrize("word", ["ch3ap", "c h e a p", "сheap"])  # noqa: RUF001
    def test_refuses_a_banned_term_in_a_value(self, word: str) -> None:
        current_kit(make_brand()).banned_terms.create(term="cheap")

        with pytest.raises(BannedTermError, match="does not allow “cheap”"):
            self.finish(subject=f"a {word} mug", ground="Sand")

    def test_refuses_a_control_word_of_the_model(self) -> None:
        with pytest.raises(InvalidRequestError, match="control word"):
            self.finish(subject="a <|endoftext|> b", ground="Sand")

    def test_says_what_is_wrong_with_every_field(self) -> None:
        with pytest.raises(ValueErrors) as caught:
            self.finish(subject="", ground="Mauve")

        assert caught.value.errors.keys() == {"subject", "ground"}
