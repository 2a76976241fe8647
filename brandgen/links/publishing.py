"""Publish forms for people outside, change how long they live, and take them back."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.brands.models import BrandKit
from brandgen.compositor import Document, find_slot_problems
from brandgen.compositor.parts import find_empty, merge_data
from brandgen.creatives.content import (
    BatchError,
    check_formats,
    check_locales,
    label_of,
    refuse_banned_terms,
    require_kit,
    tell_needed,
)
from brandgen.creatives.models import Batch, TemplateVersion
from brandgen.creatives.picture_rules import find_rules
from brandgen.library.models import Asset, Collection
from brandgen.links.models import FormCollection, FormImage, PublicForm
from brandgen.links.terms import HandoutError, Terms, check_placed, check_terms

SHORTEST_PHRASE = 8
FILE_TYPES = [
    (kind.value, kind.label)
    for kind in Batch.FileType
    if kind not in (Batch.FileType.AVIF, Batch.FileType.MP4)
]
"""What is written fast enough to be waited for."""


@dataclass(frozen=True)
class Files:
    """What files visitors may choose."""

    formats: Sequence[str]
    locales: Sequence[str] = ()
    file_types: Sequence[str] = (Batch.FileType.JPEG, Batch.FileType.PNG)


@dataclass(frozen=True)
class Filling:
    """What visitors fill in, and what is filled in before.

    Attributes:
        open_texts: text slots, and parts of the data by key, that visitors fill.
        texts: copy by locale ("" for all) and key: at first where open, else for good.
        images: the pictures that a slot offers; a single one stands there for good.
        collections: where the pictures that a slot offers are in.
    """

    open_texts: Sequence[str]
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    images: Mapping[str, Sequence[Asset]] = field(default_factory=dict)
    collections: Mapping[str, Collection] = field(default_factory=dict)

    @property
    def open_images(self) -> list[str]:
        """The image slots where visitors have a choice."""
        several = [slot for slot, assets in self.images.items() if len(assets) > 1]
        return [*self.collections, *several]


def create_form(
    *,
    version: TemplateVersion,
    name: str,
    note: str,
    files: Files,
    filling: Filling,
    terms: Terms,
    pass_phrase: str,
    by: User,
    at: datetime,
    form_id: uuid.UUID | None = None,
) -> PublicForm:
    """Publish a form of a published version, under an address that nobody can guess.

    Raises:
        PermissionDenied: the person may not hand out forms of this brand.
        HandoutError: a draft, unknown formats or locales, terms beyond what is allowed,
            copy that does not fit, or pictures that the public may not see.
    """
    brand = version.template.brand
    require(by, Action.MANAGE_LINKS, brand)
    check_terms(terms, at=at, noun="A form")
    _check_phrase(pass_phrase)
    document, formats, locales = _check_files(version, files)
    _check_filling(version, document, filling, locales=locales, place=name)
    open_slots = {*filling.open_texts, *filling.open_images}
    with transaction.atomic():
        form = PublicForm.objects.create(
            id=form_id or uuid.uuid4(),
            brand=brand,
            template_version=version,
            name=name,
            note=note,
            formats=formats,
            locales=locales,
            file_types=[one for one, _ in FILE_TYPES if one in files.file_types],
            open_slots=[key for key in keys_of(document) if key in open_slots],
            texts={tag: dict(texts) for tag, texts in filling.texts.items() if texts},
            pass_phrase=make_password(pass_phrase) if pass_phrase else "",
            expires_at=terms.expires_at,
            most_pictures=terms.most_pictures,
            most_visits=terms.most_visits,
            created_by=by,
            created_at=at,
        )
        FormImage.objects.bulk_create(
            FormImage(form=form, slot=slot, asset=asset)
            for slot, assets in filling.images.items()
            for asset in assets
        )
        FormCollection.objects.bulk_create(
            FormCollection(form=form, slot=slot, collection=collection)
            for slot, collection in filling.collections.items()
        )
        record(by, "form.created", form, at=at, data=_facts(form, filling))
    return form


def keys_of(document: Document) -> list[str]:
    """Return all that a form can leave open: the slots, then the data that is used."""
    return list({**document.slots, **document.worded})


def _facts(form: PublicForm, filling: Filling) -> dict[str, object]:
    return {
        "template": str(form.template_version),
        "open": form.open_slots,
        "images": {
            slot: [asset.sha256 for asset in assets]
            for slot, assets in filling.images.items()
        },
        "collections": {slot: row.name for slot, row in filling.collections.items()},
        **_facts_of_terms(form),
    }


def _facts_of_terms(form: PublicForm) -> dict[str, object]:
    return {
        "expires_at": form.expires_at.isoformat(),
        "most_pictures": form.most_pictures,
        "most_visits": form.most_visits,
        "has_pass_phrase": bool(form.pass_phrase),
    }


def _check_phrase(phrase: str) -> None:
    if phrase and len(phrase) < SHORTEST_PHRASE:
        raise HandoutError(
            f"The pass phrase has {len(phrase)} characters; {SHORTEST_PHRASE} are the "
            "least. Take a few words.",
            field="pass_phrase",
        )


def _check_files(
    version: TemplateVersion, files: Files
) -> tuple[Document, list[str], list[str]]:
    """Return the template's document, and what is offered in its order."""
    try:
        require_kit(version)
        document = version.load()
        formats = check_formats(document, files.formats)
        locales = check_locales(document, files.locales)
    except BatchError as error:
        raise HandoutError(str(error), field=error.slot) from error
    known = dict(FILE_TYPES)
    if not files.file_types or not known.keys() >= set(files.file_types):
        raise HandoutError(
            f"Files can be {', '.join(known.values())}. Choose at least one of them.",
            field="file_types",
        )
    return document, formats, [tag for tag in locales if tag]


def _check_filling(
    version: TemplateVersion,
    document: Document,
    filling: Filling,
    *,
    locales: Sequence[str],
    place: str,
) -> None:
    if not filling.open_texts and not filling.open_images:
        raise HandoutError(
            "Nothing is open, so visitors could change nothing. Open a text, or offer "
            "several pictures."
        )
    for slot in filling.open_texts:
        if slot not in document.worded:
            raise HandoutError(f"The template has no text {slot!r}.", field=slot)
    placed = [(slot, one) for slot, some in filling.images.items() for one in some]
    check_placed(version, placed, place=place)
    _check_collections(version, document, filling)
    kit = require_kit(version)
    for tag in locales or [""]:
        _check_texts(kit, document, filling, tag)


def _check_collections(
    version: TemplateVersion, document: Document, filling: Filling
) -> None:
    brand = version.template.brand
    rules = find_rules(brand, document)
    for slot, collection in filling.collections.items():
        label = label_of(document, slot)
        rule = rules.get(slot)
        if rule is None or collection.brand_id != brand.id:
            raise HandoutError(f"{label} takes no such collection.", field=slot)
        if filling.images.get(slot):
            raise HandoutError(
                f"Choose pictures for {label}, or a collection; not both.", field=slot
            )
        if rule.key and rule.key != collection.key:
            raise HandoutError(
                f"{label} takes pictures of the collection “{rule.name}” only.",
                field=slot,
            )


def _check_texts(
    kit: BrandKit, document: Document, filling: Filling, locale: str
) -> None:
    """Refuse copy that does not fit its slot, and needed slots that stay empty."""
    said = {**filling.texts.get("", {}), **filling.texts.get(locale, {})}
    try:
        refuse_banned_terms(kit, document, said)
    except BatchError as error:
        raise HandoutError(str(error), field=error.slot) from error
    for part in find_empty(document.parts, merge_data({}, said)):
        if part.key not in filling.open_texts:
            raise HandoutError(tell_needed(part), field=part.key)
    texts = {key: text for key, text in said.items() if key in document.slots}
    pictures = {slot for slot, assets in filling.images.items() if assets}
    for problem in find_slot_problems(
        document, texts, pictures | set(filling.collections)
    ):
        is_open = problem.slot in filling.open_texts
        if not (is_open and not texts.get(problem.slot)):
            raise HandoutError(str(problem), field=problem.slot)


def change_form(
    *,
    form: PublicForm,
    name: str,
    note: str,
    terms: Terms,
    pass_phrase: str,
    by: User,
    at: datetime,
) -> None:
    """Change what a form is called, how long it lives and how much it gives.

    An empty pass phrase keeps that which is set. Its address stays.

    Raises:
        PermissionDenied: the person may not hand out forms of this brand.
        HandoutError: it was revoked, or the terms are beyond what is allowed.
    """
    require(by, Action.MANAGE_LINKS, form.brand)
    check_terms(terms, at=at, noun="A form")
    _check_phrase(pass_phrase)
    changes: dict[str, object] = {
        "name": name,
        "note": note,
        "expires_at": terms.expires_at,
        "most_pictures": terms.most_pictures,
        "most_visits": terms.most_visits,
    }
    if pass_phrase:
        changes["pass_phrase"] = make_password(pass_phrase)
    with transaction.atomic():
        # A visitor may take one more picture at the same moment.
        changed = PublicForm.objects.filter(
            id=form.id, revoked_at=None, picture_count__lte=terms.most_pictures
        ).update(**changes)
        form.refresh_from_db()
        if changed:
            data = {
                **_facts_of_terms(form),
                "name": name,
                "note": note,
                "has_new_phrase": bool(pass_phrase),
            }
            record(by, "form.changed", form, at=at, data=data)
            return
    if form.revoked_at is not None:
        raise HandoutError("It was revoked, which can't be undone. Make a new form.")
    raise HandoutError(
        f"It has given {form.picture_count:,} pictures already. Allow at least as "
        "many, or revoke it.",
        field="most_pictures",
    )


@transaction.atomic
def revoke_form(*, form: PublicForm, by: User, at: datetime) -> bool:
    """Close a form for good; False if somebody did so before.

    Raises:
        PermissionDenied: the person may not hand out forms of this brand.
    """
    require(by, Action.MANAGE_LINKS, form.brand)
    if not form.revoke(by=by, at=at):
        return False
    data = {"pictures": form.picture_count}
    record(by, "form.revoked", form, at=at, data=data)
    return True
