"""Pages of presets: the list, the editor, what a wording comes to."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from brandgen.accounts.access import Action, may
from brandgen.accounts.decorators import BrandRequest, brand_page
from brandgen.brands.models import BrandKit
from brandgen.engine.errors import EngineError
from brandgen.presets import services
from brandgen.presets.engine_settings import EngineSettingsError
from brandgen.presets.forms import PresetForm
from brandgen.presets.models import Preset, PresetVersion
from brandgen.presets.prompting import PresetTemplateError, PromptLengthError
from brandgen.presets.variables import (
    TextVariable,
    ValueErrors,
    VariableError,
    read_variables,
)

REFUSALS = (
    services.BannedTermError,
    services.FrozenPresetError,
    services.NoBrandKitError,
    services.PresetNameTakenError,
    EngineSettingsError,
    PresetTemplateError,
    VariableError,
)
SAMPLE_REFUSALS = (
    services.BannedTermError,
    EngineError,
    PresetTemplateError,
    PromptLengthError,
    ValueErrors,
)


@require_safe
@brand_page(Action.VIEW)
def preset_list(request: BrandRequest) -> HttpResponse:
    """List the brand's presets with what is published and what is being changed."""
    versions = PresetVersion.objects.select_related("published_by").order_by("-version")
    presets = Preset.objects.of_brand(request.brand).prefetch_related(
        Prefetch("versions", versions)
    )
    rows = [describe(preset) for preset in presets]
    context = {
        "rows": [row for row in rows if row["preset"].archived_at is None],
        "archived": [row for row in rows if row["preset"].archived_at],
        "may_manage": may(request.user, Action.MANAGE_PRESETS, request.brand),
    }
    return render(request, "presets/list.html", context)


def describe(preset: Preset) -> dict[str, Any]:
    """Return a preset with its published version and its draft."""
    versions = list(preset.versions.all())
    return {
        "preset": preset,
        "published": next((v for v in versions if v.published_at), None),
        "draft": next((v for v in versions if not v.published_at), None),
    }


@brand_page(Action.MANAGE_PRESETS)
def new(request: BrandRequest) -> HttpResponse:
    """Make a preset."""
    form = PresetForm(
        request.POST if request.method == "POST" else None, brand=request.brand
    )
    if request.method == "POST":
        if "add" in request.POST:
            form.add_row()
        elif form.is_valid():
            try:
                draft = services.create_preset(
                    brand=request.brand,
                    by=request.user,
                    at=timezone.now(),
                    **form.to_fields(),
                )
            except REFUSALS as error:
                form.add_error(None, str(error))
            else:
                return after_save(request, draft)
    context = {"form": form, "kit": BrandKit.objects.find_current(request.brand)}
    return render(request, "presets/editor.html", context)


@brand_page(Action.VIEW, to_change=Action.MANAGE_PRESETS)
def preset(request: BrandRequest, preset_id: UUID) -> HttpResponse:
    """Show a preset: its draft in the editor, else what is published."""
    found = get_preset(request, preset_id)
    described = describe(found)
    may_manage = may(request.user, Action.MANAGE_PRESETS, request.brand)
    draft = described["draft"]
    if draft is None or not may_manage:
        version = described["published"] or draft
        context = described | {
            "version": version,
            "variables": read_variables(version.variables) if version else (),
            "sample": sample_prompt(version, request) if version else {},
            "may_manage": may_manage,
        }
        return render(request, "presets/preset.html", context)
    form = PresetForm(
        request.POST if request.method == "POST" else None,
        brand=request.brand,
        version=draft,
    )
    if request.method == "POST":
        if "add" in request.POST:
            form.add_row()
        elif form.is_valid():
            try:
                draft = services.change_draft(
                    draft=draft,
                    by=request.user,
                    at=timezone.now(),
                    **form.to_fields(),
                )
            except REFUSALS as error:
                form.add_error(None, str(error))
            else:
                return after_save(request, draft)
    context = described | {"form": form} | sample_prompt(draft, request)
    return render(request, "presets/editor.html", context)


def after_save(request: BrandRequest, draft: PresetVersion) -> HttpResponse:
    """Publish what was saved if the button said so, and go on."""
    if "publish" in request.POST:
        services.publish_draft(draft=draft, by=request.user, at=timezone.now())
        messages.success(
            request, f"{draft.preset} version {draft.version} is published."
        )
    else:
        messages.success(request, "Saved as a draft. Nobody uses it yet.")
    return redirect(
        "presets:preset", brand=request.brand.slug, preset_id=draft.preset_id
    )


@require_POST
@brand_page(Action.MANAGE_PRESETS)
def sample(request: BrandRequest) -> HttpResponse:
    """Return what the wording in the editor comes to, with sample values."""
    form = PresetForm(request.POST, brand=request.brand)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        fields = form.to_fields()
        name = fields.pop("name")
        fields.pop("description")
        unsaved = PresetVersion(
            preset=Preset(brand=request.brand, name=name), version=1, **fields
        )
        context |= sample_prompt(unsaved, request)
    return render(request, "presets/_sample.html", context)


def sample_prompt(version: PresetVersion, request: BrandRequest) -> dict[str, Any]:
    """Return what a preset makes of its defaults; a required text gets its label."""
    kit = BrandKit.objects.find_current(request.brand)
    if kit is None:
        return {"problem": f"{request.brand} has no published brand kit yet."}
    values = {}
    first_color = kit.colors.first()
    for variable in read_variables(version.variables):
        value = variable.default
        if not value and isinstance(variable, TextVariable):
            value = variable.label.lower()[: variable.max_length]
        elif not value and variable.type == "choice":
            value = variable.choices[0].label
        elif not value and variable.type == "number":
            value = f"{variable.low:g}"
        elif not value and first_color is not None:
            value = first_color.name
        values[variable.name] = value
    try:
        finished = services.finish_prompt(version=version, values=values, kit=kit)
    except SAMPLE_REFUSALS as error:
        return {"problem": str(error)}
    return {"finished": finished}


@require_POST
@brand_page(Action.MANAGE_PRESETS)
def change(request: BrandRequest, preset_id: UUID) -> HttpResponse:
    """Start a draft from the newest version."""
    found = get_preset(request, preset_id)
    services.start_draft(preset=found, by=request.user, at=timezone.now())
    return redirect("presets:preset", brand=request.brand.slug, preset_id=found.id)


@require_POST
@brand_page(Action.MANAGE_PRESETS)
def archive(request: BrandRequest, preset_id: UUID) -> HttpResponse:
    """Take a preset out of the picker, or put it back."""
    found = get_preset(request, preset_id)
    if found.archived_at is None:
        services.archive_preset(preset=found, by=request.user, at=timezone.now())
        messages.success(request, f"{found} is archived. What it made stays.")
    else:
        services.restore_preset(preset=found, by=request.user, at=timezone.now())
        messages.success(request, f"{found} can be used again.")
    return redirect("presets:list", brand=request.brand.slug)


def get_preset(request: BrandRequest, preset_id: UUID) -> Preset:
    """Return a preset of this brand; 404 if there is none."""
    presets = Preset.objects.of_brand(request.brand).select_related("brand")
    return get_object_or_404(presets, id=preset_id)
