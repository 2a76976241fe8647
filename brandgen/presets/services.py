"""What people do to presets, and what a form's values become."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from brandgen.accounts.models import Brand, User
from brandgen.audit import models as audit
from brandgen.brands.banned import find_banned_terms
from brandgen.brands.models import BrandKit
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.tokens import TokenCount
from brandgen.presets.engine_settings import read_engine_settings
from brandgen.presets.models import Preset, PresetVersion
from brandgen.presets.prompting import (
    LONGEST_PROMPT,
    Prompt,
    PromptLengthError,
    PromptPart,
    PromptValue,
    check_template,
    clean_value,
    render_prompt,
)
from brandgen.presets.tokens import count_prompt_tokens
from brandgen.presets.variables import (
    ChoiceVariable,
    Variable,
    read_variables,
    resolve_values,
)


class FrozenPresetError(Exception):
    """A published version of a preset can't be changed. The message is fit to show."""


class PresetNameTakenError(Exception):
    """The brand has a preset of that name. The message is fit to show."""


class BannedTermError(Exception):
    """A text uses words that the brand kit bans. The message is fit to show."""


class NoBrandKitError(Exception):
    """The brand has published no brand kit yet. The message is fit to show."""


@dataclass(frozen=True)
class FinishedPrompt:
    """What the model will read, and how much of it."""

    prompt: Prompt
    negative_prompt: Prompt
    tokens: TokenCount | None


def get_kit(brand: Brand) -> BrandKit:
    """Return the brand kit in force.

    Raises:
        NoBrandKitError: none was published.
    """
    kit = BrandKit.objects.find_current(brand)
    if kit is None:
        raise NoBrandKitError(
            f"{brand} has no published brand kit. A brand manager publishes one on the "
            "brand kit page."
        )
    return kit


def check_definition(
    *,
    prompt_template: str,
    negative_prompt_template: str,
    variables: Sequence[Mapping[str, Any]],
    engine_settings: Mapping[str, Any],
    kit: BrandKit,
) -> None:
    """Refuse a preset that could not make a prompt.

    Raises:
        VariableError, PresetTemplateError, EngineSettingsError: that part is no good.
        BannedTermError: the preset's own words are banned.
    """
    read = read_variables(variables)
    names = {variable.name for variable in read}
    check_template(prompt_template, names)
    check_template(negative_prompt_template, names)
    read_engine_settings(engine_settings)
    own_words = " \n ".join([prompt_template, *_fixed_words(read)])
    refuse_banned(own_words, kit=kit)


@transaction.atomic
def create_preset(
    *,
    brand: Brand,
    name: str,
    description: str = "",
    prompt_template: str = "",
    negative_prompt_template: str = "",
    variables: Sequence[Mapping[str, Any]] = (),
    engine_settings: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> PresetVersion:
    """Make a preset with a first draft.

    Raises:
        PresetNameTakenError: the brand has one of that name.
        Those of `check_definition`.
    """
    check_definition(
        prompt_template=prompt_template,
        negative_prompt_template=negative_prompt_template,
        variables=variables,
        engine_settings=engine_settings or {},
        kit=get_kit(brand),
    )
    preset = Preset(brand=brand, name=name, description=description)
    _save_named(preset)
    draft = preset.versions.create(
        version=1,
        prompt_template=prompt_template,
        negative_prompt_template=negative_prompt_template,
        variables=list(variables),
        engine_settings=dict(engine_settings or {}),
    )
    audit.record(by, "preset.created", preset, at=at)
    return draft


@transaction.atomic
def start_draft(*, preset: Preset, by: User, at: datetime) -> PresetVersion:
    """Return the preset's draft; copy the newest version if there is none."""
    last = preset.versions.select_for_update().order_by("-version").first()
    if last is not None and last.published_at is None:
        return last
    draft = preset.versions.create(
        version=last.version + 1 if last else 1,
        prompt_template=last.prompt_template if last else "",
        negative_prompt_template=last.negative_prompt_template if last else "",
        variables=last.variables if last else [],
        engine_settings=last.engine_settings if last else {},
    )
    audit.record(by, "preset.draft_started", draft, at=at)
    return draft


@transaction.atomic
def change_draft(
    *,
    draft: PresetVersion,
    name: str,
    description: str,
    prompt_template: str,
    negative_prompt_template: str,
    variables: Sequence[Mapping[str, Any]],
    engine_settings: Mapping[str, Any],
    by: User,
    at: datetime,
) -> PresetVersion:
    """Write a draft anew.

    Raises:
        FrozenPresetError: it was published meanwhile.
        PresetNameTakenError: the brand has another preset of that name.
        Those of `check_definition`.
    """
    check_definition(
        prompt_template=prompt_template,
        negative_prompt_template=negative_prompt_template,
        variables=variables,
        engine_settings=engine_settings,
        kit=get_kit(draft.brand),
    )
    changed = PresetVersion.objects.filter(id=draft.id, published_at=None).update(
        prompt_template=prompt_template,
        negative_prompt_template=negative_prompt_template,
        variables=list(variables),
        engine_settings=dict(engine_settings),
    )
    if not changed:
        raise FrozenPresetError(
            f"{draft} was published meanwhile and can't be changed. Start a new draft."
        )
    draft.preset.name, draft.preset.description = name, description
    _save_named(draft.preset)
    draft.refresh_from_db()
    audit.record(by, "preset.changed", draft, at=at)
    return draft


@transaction.atomic
def publish_draft(*, draft: PresetVersion, by: User, at: datetime) -> bool:
    """Freeze a draft so that marketers use it; False if that was done already.

    Raises:
        Those of `check_definition`.
    """
    check_definition(
        prompt_template=draft.prompt_template,
        negative_prompt_template=draft.negative_prompt_template,
        variables=draft.variables,
        engine_settings=draft.engine_settings,
        kit=get_kit(draft.brand),
    )
    is_first = draft.publish(by=by, at=at)
    if is_first:
        draft.refresh_from_db()
        audit.record(by, "preset.published", draft, at=at)
    return is_first


@transaction.atomic
def archive_preset(*, preset: Preset, by: User, at: datetime) -> None:
    """Take a preset out of the picker; what was made with it stays."""
    if Preset.objects.filter(id=preset.id, archived_at=None).update(archived_at=at):
        preset.archived_at = at
        audit.record(by, "preset.archived", preset, at=at)


@transaction.atomic
def restore_preset(*, preset: Preset, by: User, at: datetime) -> None:
    """Put an archived preset back into the picker."""
    changed = Preset.objects.filter(id=preset.id, archived_at__isnull=False).update(
        archived_at=None
    )
    if changed:
        preset.archived_at = None
        audit.record(by, "preset.restored", preset, at=at)


def finish_prompt(
    *, version: PresetVersion, values: Mapping[str, str], kit: BrandKit
) -> FinishedPrompt:
    """Turn a form's values into the prompt that the model will read.

    Raises:
        ValueErrors: values that do not fit their fields.
        BannedTermError: the prompt uses words that the brand kit bans.
        PresetTemplateError, PromptLengthError: the prompt can't be made.
        InvalidRequestError: the prompt holds a control word of the model.
    """
    variables = read_variables(version.variables)
    resolved = resolve_values(variables, values, list(kit.colors.all()))
    prompt = render_prompt(version.prompt_template, resolved)
    negative = render_prompt(version.negative_prompt_template, resolved)
    refuse_banned(f"{prompt.text} \n {_typed(values, resolved)}", kit=kit)
    if not prompt.text:
        raise InvalidRequestError("The prompt is empty. Fill in a field.")
    tokens = count_prompt_tokens(prompt.text)
    if tokens is not None and tokens.is_too_long:
        prompt = prompt.cut_at(len(tokens.kept_text))
    return FinishedPrompt(prompt, negative, tokens)


def finish_line(*, prompt: str, negative_prompt: str, kit: BrandKit) -> FinishedPrompt:
    """Turn a line that a person typed into the prompt that the model will read.

    It may be empty, where a picture says what to draw.

    Raises:
        BannedTermError: it uses words that the brand kit bans.
        PromptLengthError: it is longer than any model reads.
        InvalidRequestError: it holds a control word of the model.
    """
    text = str(clean_value(prompt))
    if len(text) > LONGEST_PROMPT:
        raise PromptLengthError(
            f"The description has {len(text):,} characters. Use at most "
            f"{LONGEST_PROMPT:,}."
        )
    refuse_banned(text, kit=kit)
    tokens = count_prompt_tokens(text)
    line = Prompt((PromptPart(text, is_value=True),) if text else ())
    if tokens is not None and tokens.is_too_long:
        line = line.cut_at(len(tokens.kept_text))
    return FinishedPrompt(line, Prompt((PromptPart(negative_prompt),)), tokens)


def refuse_banned(text: str, *, kit: BrandKit) -> None:
    """Refuse a text that uses words that the brand kit bans.

    Raises:
        BannedTermError: the message names them, and the reason where one was given.
    """
    reasons = dict(kit.banned_terms.values_list("term", "reason"))
    if found := find_banned_terms(text, reasons):
        terms = ", ".join(f"“{term}”" for term in found)
        why = " ".join(reasons[term] for term in found if reasons[term])
        raise BannedTermError(
            f"{kit.brand} does not allow {terms}. {why + ' ' if why else ''}"
            "Use other words."
        )


def _typed(values: Mapping[str, str], resolved: Mapping[str, PromptValue]) -> str:
    """Gather what was typed, which a template may leave out of the prompt or cut up."""
    return " \n ".join(str(values.get(name, "")) for name in resolved)


def _fixed_words(variables: Sequence[Variable]) -> list[str]:
    words = [str(variable.default) for variable in variables]
    for variable in variables:
        if isinstance(variable, ChoiceVariable):
            words += [choice.words for choice in variable.choices]
    return words


def _save_named(preset: Preset) -> None:
    is_taken = (
        Preset.objects.filter(brand=preset.brand, name=preset.name)
        .exclude(id=preset.id)
        .exists()
    )
    if not is_taken:
        try:
            with transaction.atomic():
                preset.save()
        except IntegrityError:
            is_taken = True
    if is_taken:
        raise PresetNameTakenError(
            f"{preset.brand} has a preset called {preset.name!r}. Use another name."
        )
