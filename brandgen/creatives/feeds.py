"""Keep feeds with their plans, and make batches of them."""

import io
import uuid
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction

from brandgen.accounts.access import Action, require
from brandgen.accounts.models import User
from brandgen.audit.models import record
from brandgen.compositor import Document
from brandgen.creatives.batches import create_batch
from brandgen.creatives.content import require_kit
from brandgen.creatives.file_choices import read_raw
from brandgen.creatives.file_options import default_file_type
from brandgen.creatives.mapping import suggest_locales, suggest_sources
from brandgen.creatives.models import Batch, Feed, Template
from brandgen.creatives.planning import Plan, Source
from brandgen.creatives.rows import Reading, read_rows
from brandgen.creatives.versions import NEWEST, Choice, choose_version
from brandgen.lib.feeds import FeedError, Limits, Table, pack, read_feed, unpack
from brandgen.lib.feeds.sheets import asks_to_sign_in, find_table
from brandgen.lib.fetching import FetchError, fetch
from brandgen.lib.storage import get_store

TIMES_UNPACKED = 4
BY_HAND = "hand"
"""The kind of a feed whose rows were written on a page."""


class StalePlanError(Exception):
    """Somebody changed the plan since it was shown. The message is fit to show."""


class FeedInUseError(Exception):
    """Batches were made of it, so it stays. The message is fit to show."""


class UnreadyFeedError(Exception):
    """Problems stand in the way of a batch. The message is fit to show."""


def feed_limits() -> Limits:
    """Return what a feed may hold in this installation."""
    return Limits(
        rows=settings.FEED_MAX_ROWS,
        columns=settings.FEED_MAX_COLUMNS,
        cells=settings.FEED_MAX_CELLS,
        bytes=settings.FEED_MAX_BYTES,
        unpacked_bytes=TIMES_UNPACKED * settings.FEED_MAX_BYTES,
    )


def choose_for(feed: Feed, *, seen: int = 0) -> Choice:
    """Return the version that a feed fills by its plan; `seen` was shown last.

    Raises:
        BatchError: the template is not published, or that version is not.
    """
    return choose_version(feed.template, Plan.from_json(feed.plan).version, seen=seen)


def upload_feed(
    *,
    template: Template,
    file: BinaryIO,
    file_name: str,
    by: User,
    at: datetime,
    like: Feed | None = None,
    address: str = "",
) -> Feed:
    """Read a table that somebody brings, and keep it with a plan to start from.

    Args:
        template: what the rows fill.
        file: CSV, XLSX or JSON.
        file_name: what people call it.
        by: who uploads it.
        at: when.
        like: an older feed of the template whose choices are taken over.
        address: where it was fetched from, if it was.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BatchError: the template is not published.
        FeedError: the file is no table that can be taken.
        StorageError: it can't be kept.
    """
    require(by, Action.MAKE_CREATIVES, template.brand)
    number = Plan.from_json(like.plan).version if like else NEWEST
    document = choose_version(template, number).version.load()
    table = read_feed(file, limits=feed_limits())
    name = PurePath(file_name.replace("\\", "/")).name
    plan = suggest_plan(
        document,
        table,
        name=PurePath(name).stem,
        remembered=read_sources(template),
        files=suggest_files(template, document),
        like=Plan.from_json(like.plan) if like else None,
    )
    return keep_feed(
        template=template,
        table=table,
        name=name,
        plan=plan,
        by=by,
        at=at,
        address=address,
    )


def fetch_feed(
    *,
    template: Template,
    address: str,
    by: User,
    at: datetime,
    like: Feed | None = None,
) -> Feed:
    """Fetch a table from the web, or from a Google Sheet, and keep it as uploaded.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BatchError: the template is not published.
        FeedError: it can't be fetched, or is no table that can be taken.
        StorageError: it can't be kept.
    """
    require(by, Action.MAKE_CREATIVES, template.brand)
    try:
        fetched = fetch(find_table(address), most_bytes=settings.FEED_MAX_BYTES)
    except FetchError as error:
        raise FeedError(str(error)) from error
    if asks_to_sign_in(fetched.address):
        raise FeedError(
            "The sheet is not shared. Choose Share, Anyone with the link, and fetch it "
            "again."
        )
    return upload_feed(
        template=template,
        file=io.BytesIO(fetched.data),
        file_name=like.name if like else fetched.name,
        by=by,
        at=at,
        like=like,
        address=address,
    )


@transaction.atomic
def keep_feed(
    *,
    template: Template,
    table: Table,
    name: str,
    plan: Plan,
    by: User,
    at: datetime,
    address: str = "",
) -> Feed:
    """Keep a table and the plan of what to make of it.

    Raises:
        StorageError: it can't be kept.
    """
    feed = Feed.objects.create(
        brand=template.brand,
        template=template,
        name=name.strip()[:120] or "Table",
        kind=table.kind,
        address=address,
        sha256=get_store().keep(pack(table)),
        columns=list(table.columns),
        row_count=len(table.rows),
        plan=plan.as_json(),
        uploaded_by=by,
        uploaded_at=at,
    )
    data = {"rows": len(table.rows), "columns": len(table.columns)}
    record(by, "feed.uploaded", feed, at=at, data=data | {"sha256": feed.sha256})
    return feed


def suggest_plan(
    document: Document,
    table: Table,
    *,
    name: str,
    remembered: Mapping[str, Source],
    files: Mapping[str, Any],
    like: Plan | None = None,
) -> Plan:
    """Return a plan to start from: columns by name, all formats, what was remembered.

    `files` are its fields that say how files are written. `like` is an older plan
    whose other choices stay.
    """
    sources = suggest_sources(document, table.columns, remembered)
    if like is not None:
        return replace(like, sources=sources)
    return Plan(
        name=name[:120],
        sources=sources,
        formats=tuple(document.formats),
        locales=suggest_locales(document, sources),
        **files,
    )


def suggest_files(template: Template, document: Document) -> dict[str, Any]:
    """Return the fields of a plan that say how files were written the last time."""
    kept = template.file_options
    return {
        "file_type": kept.get("file_type") or default_file_type(document),
        "file_options": read_raw(kept),
    }


def read_sources(template: Template) -> dict[str, Source]:
    """Return what filled a template the last time."""
    return {key: Source(**one) for key, one in template.feed_sources.items()}


def load_table(feed: Feed) -> Table:
    """Return the table of a feed.

    Raises:
        StorageError: it can't be read.
    """
    return unpack(get_store().read(feed.sha256))


@transaction.atomic
def save_plan(*, feed: Feed, plan: Plan, seen: str, by: User) -> None:
    """Keep what was chosen, also where it is not complete yet.

    `seen` is the mark of the plan that was changed. What fills what is remembered for
    the next feed of the template.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        StalePlanError: somebody else changed the plan, or deleted the feed, meanwhile.
    """
    require(by, Action.MAKE_CREATIVES, feed.brand)
    kept = _lock(feed)
    if Plan.from_json(kept.plan).mark not in {seen, plan.mark}:
        raise StalePlanError(
            "This was changed in another window. Reload the page to see it, then "
            "change what you want."
        )
    kept.plan = feed.plan = plan.as_json()
    kept.save(update_fields=["plan"])
    if feed.kind != BY_HAND:
        sources = {key: asdict(source) for key, source in plan.sources.items()}
        Template.objects.filter(id=feed.template_id).update(feed_sources=sources)


def read_feed_rows(feed: Feed) -> Reading:
    """Read the rows of a feed by its plan.

    Raises:
        BatchError: the template is not published, or there is no brand kit.
        StorageError: the table can't be read.
    """
    version = choose_for(feed).version
    return read_rows(
        load_table(feed),
        Plan.from_json(feed.plan),
        document=version.load(),
        kit=require_kit(version),
    )


def start_batch(
    *,
    feed: Feed,
    batch_id: uuid.UUID,
    by: User,
    at: datetime,
    seen_version: int = 0,
) -> Batch:
    """Make the batch that a feed plans; a second start of the same finds the first.

    `batch_id` is the `next_batch` that the person saw, `seen_version` the number of the
    template's version; 0 for any.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        BatchError: the template is not published, or there is no brand kit.
        UnreadyFeedError: problems stand in the way, or there is nothing to make.
        StalePlanError: the plan, or what came of it, is not what the person saw.
        TooManyJobsError: the brand's queue is full; nothing is written.
        StorageError: the table can't be read.
    """
    require(by, Action.MAKE_CREATIVES, feed.brand)
    if (made := _find_made(feed, batch_id)) is not None:
        return made
    choice, plan = choose_for(feed, seen=seen_version), Plan.from_json(feed.plan)
    if choice.is_moved:
        raise StalePlanError(
            f"v{choice.newest.version} of {feed.template} was published since you "
            "looked, and this table takes the newest. Look at what it makes now, then "
            "start."
        )
    version = choice.version
    reading = read_feed_rows(feed)
    _require_ready(reading, plan)
    with transaction.atomic():
        kept = _lock(feed)
        if (made := _find_made(feed, batch_id)) is not None:
            return made
        if kept.next_batch != batch_id or kept.plan != feed.plan:
            raise StalePlanError(
                "This was changed in another window. Reload the page to see what "
                "would be made now."
            )
        batch = create_batch(
            template_version=version,
            kit=require_kit(version),
            name=plan.name or feed.name,
            file_type=plan.file_type,
            file_options=plan.read_file_options(version.load()).options,
            fillings=reading.fillings,
            cells=reading.cells,
            by=by,
            at=at,
            feed=feed,
            batch_id=batch_id,
            uses_extensions=plan.uses_extensions,
        )
        kept.next_batch = uuid.uuid4()
        kept.save(update_fields=["next_batch"])
    return batch


@transaction.atomic
def delete_feed(*, feed: Feed, by: User, at: datetime) -> None:
    """Delete a table that nothing was made of.

    Raises:
        PermissionDenied: the person may not make creatives for this brand.
        FeedInUseError: something was made of it.
        StalePlanError: somebody else deleted it.
    """
    require(by, Action.MAKE_CREATIVES, feed.brand)
    kept = _lock(feed)
    if batch := kept.batches.order_by("-requested_at").first():
        raise FeedInUseError(
            f"“{batch}” was made of this table, so it stays: it says what its "
            "creatives are made of."
        )
    data = {"name": kept.name, "rows": kept.row_count, "sha256": kept.sha256}
    record(by, "feed.deleted", kept, at=at, data=data)
    kept.delete()


def _lock(feed: Feed) -> Feed:
    """Return the feed as it is now; whoever changes it too waits here."""
    kept = Feed.objects.select_for_update().filter(id=feed.id).first()
    if kept is None:
        raise StalePlanError(
            "This table was deleted in another window. Upload it again to go on."
        )
    return kept


def _find_made(feed: Feed, batch_id: uuid.UUID) -> Batch | None:
    return Batch.objects.filter(id=batch_id, feed=feed).first()


def _require_ready(reading: Reading, plan: Plan) -> None:
    if reading.plan_problems:
        raise UnreadyFeedError(reading.plan_problems[0].message)
    if reading.bad_rows and not plan.without_bad:
        raise UnreadyFeedError(
            f"{len(reading.bad_rows):,} of {reading.row_count:,} rows can't be used. "
            "Mend the table and upload it anew, or leave these rows out."
        )
    if not reading.cells:
        raise UnreadyFeedError(
            "Nothing is left to make. Leave out fewer rows, formats or languages."
        )
