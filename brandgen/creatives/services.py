"""Keep templates, and fill them with approved pictures and copy."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import Brand, User
from brandgen.audit.models import record
from brandgen.compositor import (
    Document,
    TemplateDocumentError,
    load_document,
)
from brandgen.compositor.svg.notes import Note
from brandgen.creatives import fixed_pictures, torture
from brandgen.creatives.drawings import keep_notes
from brandgen.creatives.kit_rules import find_foreign, find_painted
from brandgen.creatives.locking import require_unlocked
from brandgen.creatives.models import (
    SlotCollection,
    Template,
    TemplateVersion,
    TortureTest,
)
from brandgen.creatives.picture_rules import find_lost, find_rules
from brandgen.creatives.torture import TemplateError as TemplateError
from brandgen.creatives.torture import get_kit
from brandgen.library.models import Collection


def import_template(
    *,
    brand: Brand,
    source: str | bytes,
    by: User,
    at: datetime,
    name: str = "",
    notes: Sequence[Note] | None = None,
) -> TemplateVersion:
    """Make a template of a document; its first version is a draft.

    `notes` are those of the drawing that the document was made of; None if of none.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the document is wrong, or its name is taken.
    """
    require(by, Action.MANAGE_TEMPLATES, brand)
    document, data = read_document(source)
    title = (name.strip() or document.name)[:80]
    try:
        with transaction.atomic():
            template = Template.objects.create(brand=brand, name=title, owner=by)
            version = template.versions.create(version=1, document=data)
            facts: dict[str, object] = {"version": 1}
            if notes is not None:
                keep_notes(version, notes, by=by, at=at)
                facts["drawing_notes"] = len(notes)
            record(by, "template.imported", template, at=at, data=facts)
    except IntegrityError as error:
        raise TemplateError(
            f"{brand.name} has a template called {title} already. Open it to add a new "
            "version, or give this one another name."
        ) from error
    return version


@transaction.atomic
def publish_template(
    *,
    version: TemplateVersion,
    by: User,
    at: datetime,
    despite_warnings: bool = False,
    mark: str = "",
) -> bool:
    """Freeze a version and let people use it; False if somebody else did it first.

    `mark` names the state that the person looked at; without one any will do.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateLockedError: this one is locked for them.
        UntestedTemplateError: it was not tried as it is now; see `torture`.
        TortureFailedError, TortureWarningError: something was found when it was.
        TemplateError: it changed since `mark`, the brand has no published kit or not a
            font that is named, or the library lacks a collection or an approved
            picture that is named.
    """
    template = version.template
    require_unlocked(template, by)
    # What is tested is what is published, though somebody saves a draft meanwhile.
    TemplateVersion.objects.select_for_update().get(id=version.id)
    version.refresh_from_db()
    if version.published_at is not None:
        return False
    if mark and version.mark != mark:
        raise TemplateError(
            f"{version} was changed while you looked at it, so it was not published. "
            "Look at its changes again."
        )
    _require_own_looks(version)
    _hold_collections(version)
    _require_pictures(version)
    torture.require_passed(version, despite_warnings=despite_warnings)
    version.publish(by=by, at=at)
    record(by, "template.published", template, at=at, data={"version": version.version})
    return True


def _require_own_looks(version: TemplateVersion) -> None:
    """Let no template be published in fonts or colors of others.

    Raises:
        TemplateError: names one that the brand kit does not have, and those it has.
    """
    kit, document = get_kit(version), _load(version)
    for token, message in find_foreign(kit, document).items():
        pointer = f"/tokens/fonts/{token}/family"
        raise TemplateError(f"The text style {token!r}: {message}", pointer=pointer)
    for one in find_painted(kit, document):
        raise TemplateError(
            f"The drawing {one.layer!r}: {one.message}", pointer=f"{one.pointer}/svg"
        )


def _require_pictures(version: TemplateVersion) -> None:
    """Let no template be published whose own pictures can't be used.

    Raises:
        TemplateError: names the layer, and what is wrong with its picture.
    """
    for one in fixed_pictures.find_lost(version.template.brand, _load(version)):
        raise TemplateError(
            f"The layer {one.layer!r}: {one.message}", pointer=one.pointer
        )


def _load(version: TemplateVersion) -> Document:
    try:
        return version.load()
    except TemplateDocumentError as error:
        raise TemplateError(str(error), pointer=error.pointer) from error


def _hold_collections(version: TemplateVersion) -> None:
    """Keep the collections that slots name from being deleted, in place of older ones.

    Raises:
        TemplateError: the library does not have one of them.
    """
    brand = version.template.brand
    document = _load(version)
    named = Collection.objects.of_brand(brand).filter(
        key__in=set(document.collections.values())
    )
    # Whoever deletes one of them at the same time waits here, or is first.
    list(named.select_for_update())
    for slot, message in find_lost(brand, document).items():
        raise TemplateError(message, pointer=f"/slots/{slot}/collection")
    SlotCollection.objects.filter(version__template=version.template).delete()
    SlotCollection.objects.bulk_create(
        SlotCollection(version=version, slot=slot, collection=rule.collection)
        for slot, rule in find_rules(brand, document).items()
        if rule.collection
    )


@transaction.atomic
def run_torture_test(
    *, version: TemplateVersion, by: User, at: datetime
) -> TortureTest:
    """Run the torture test here and now, for those who have no worker: the demo.

    Raises:
        PermissionDenied: the person may not change this brand's templates.
        TemplateError: the brand has no published brand kit.
    """
    require(by, Action.MANAGE_TEMPLATES, version.template.brand)
    kit = get_kit(version)
    key = torture.content_key(version, kit)
    return torture.keep_test(version, key, torture.run_test(version, kit), at=at)


def read_document(source: str | bytes) -> tuple[Document, dict[str, object]]:
    """Read a document strictly; return it with its plain data.

    Raises:
        TemplateError: something in it is wrong, or can't be kept here.
    """
    try:
        document = load_document(source)
    except TemplateDocumentError as error:
        raise TemplateError(str(error), pointer=error.pointer) from error
    if document.pages:
        raise TemplateError(
            f"The template is a carousel of {len(document.pages)} pages, which only "
            "the command line draws yet. Take 'pages' out.",
            pointer="/pages",
        )
    data: dict[str, object] = json.loads(source)
    return document, data
