"""Lists models, checks their files, adds and fetches them."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from brandgen.model_registry.catalog import CatalogError
from brandgen.model_registry.checking import check
from brandgen.model_registry.entries import Entry, License
from brandgen.model_registry.fetching import FetchError, fetch, plan_size
from brandgen.model_registry.hub import HubError, open_hub
from brandgen.model_registry.models import ModelState
from brandgen.model_registry.recognizing import NotRecognizedError, recognize
from brandgen.model_registry.registry import (
    UnknownModelError,
    find_entries,
    find_in_use,
    get_entry,
)
from brandgen.model_registry.services import CannotAddError, add_model

YES_NO = {"yes": True, "no": False}


class Command(BaseCommand):
    """One command with a word for each thing that is done to models."""

    help = (
        "Look after the models of this installation. Nothing is downloaded but by "
        "`models fetch`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what is to be done, then what it needs."""
        does = parser.add_subparsers(dest="do", required=True, metavar="WHAT")
        does.add_parser("list", help="list all models, their licenses and files")
        one = does.add_parser("check", help="read every byte and compare the hashes")
        one.add_argument("keys", nargs="*", metavar="KEY", help="all that are here")
        one = does.add_parser("fetch", help="download a model, or go on with it")
        one.add_argument("key", metavar="KEY")
        one.add_argument("--from", dest="hub", help="another hub, or a folder")
        one.add_argument(
            "--dry-run", action="store_true", help="only say how much it would be"
        )
        _add_arguments_of_add(does.add_parser("add", help="add a folder or an adapter"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say in a line why not."""
        do = {
            "list": self._list, "check": self._check, "fetch": self._fetch,
            "add": self._add,
        }[options["do"]]  # fmt: skip
        try:
            do(options)
        except (
            CannotAddError,
            CatalogError,
            FetchError,
            HubError,
            NotRecognizedError,
            UnknownModelError,
        ) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Stopped. What has arrived stays; fetch again."
            ) from None

    def _list(self, options: dict[str, Any]) -> None:
        entries = find_entries()
        states = {state.key: state for state in ModelState.objects.all()}
        used = find_in_use(entries)
        for key, entry in entries.items():
            mark = "*" if entry == used else " "
            self.stdout.write(f"{mark} {key}: {entry.name} ({entry.kind})")
            self.stdout.write(f"    license  {entry.license.name}")
            self.stdout.write(f"    allows   {entry.license.allowed_uses}")
            self.stdout.write(f"    at       {entry.folder}")
            self.stdout.write(f"    files    {_say_files(entry, states.get(key))}")
        if used is None:
            self.stdout.write(
                f"ENGINE_BUNDLE is {settings.ENGINE_BUNDLE}, which is no model above. "
                "Add it: manage.py models add FOLDER"
            )
        else:
            self.stdout.write("* is in use (ENGINE_BUNDLE).")

    def _check(self, options: dict[str, Any]) -> None:
        entries = find_entries()
        keys = options["keys"] or [key for key, e in entries.items() if e.is_here]
        damaged = [key for key in keys if not self._check_one(get_entry(key))]
        if damaged:
            raise CommandError(f"Not as they should be: {', '.join(damaged)}.")

    def _check_one(self, entry: Entry) -> bool:
        state = ModelState.objects.filter(key=entry.key).first()
        known = state.sha256 if state else {}
        checked = check(entry, known=known, on_progress=self._tell)
        state = ModelState.objects.keep(
            entry,
            files=checked.files,
            problem=checked.problem,
            by=None,
            at=timezone.now(),
        )
        self._end_line()
        self.stdout.write(f"{entry.key}: {_say_files(entry, state)}")
        return not checked.problem

    def _fetch(self, options: dict[str, Any]) -> None:
        entry = get_entry(options["key"])
        hub = open_hub(
            options["hub"] or settings.MODELS_HUB_URL,
            token="" if options["hub"] else settings.MODELS_HUB_TOKEN,
        )
        if options["dry_run"]:
            size = _say_size(plan_size(entry, hub))
            self.stdout.write(f"{entry.name} has {size}; nothing was fetched.")
            return
        self.stdout.write(
            f"{entry.name}: {entry.license.allowed_uses} ({entry.license.name})."
        )
        fetched = fetch(entry, hub, on_progress=self._tell)
        self._end_line()
        ModelState.objects.keep(
            entry,
            files=fetched.files,
            revisions=fetched.revisions,
            by=None,
            at=timezone.now(),
        )
        self.stdout.write(
            f"{len(fetched.files)} files are whole. To draw with it: "
            f"ENGINE_BUNDLE={entry.folder}"
        )

    def _add(self, options: dict[str, Any]) -> None:
        found = recognize(Path(options["path"]))
        for part, place in found.parts.items():
            self.stdout.write(f"  {part}: {place}")
        for name, fact in found.facts.items():
            self.stdout.write(f"  {name}: {fact}")
        entry = add_model(
            found=found,
            license=_read_license(options),
            key=options["key"],
            name=options["name"],
            family=options["family"],
            learned_tokens=tuple(options["token"]),
            by=None,
            at=timezone.now(),
        )
        self._check_one(entry)
        self.stdout.write(f"Added: {entry.name} ({entry.license.name}).")

    def _tell(self, done: int, total: int, what: str) -> None:
        """Show how far it is, on a terminal alone: a log needs no line a megabyte."""
        if sys.stderr.isatty():
            text = f"\r{_say_size(done)} of {_say_size(total)}  {what[:60]:60}"
            self.stderr.write(text, ending="")

    def _end_line(self) -> None:
        if sys.stderr.isatty():
            self.stderr.write("")


def _add_arguments_of_add(parser: ArgumentParser) -> None:
    parser.add_argument("path", metavar="FOLDER", help="or an adapter's .safetensors")
    parser.add_argument("--key", default="", help="what commands call it")
    parser.add_argument("--name", default="", help="what people call it")
    parser.add_argument("--family", default="", help="of an adapter: its models")
    parser.add_argument(
        "--token", action="append", default=[], help="a word that an adapter learned"
    )
    says = parser.add_argument_group("license, where the files do not say it")
    says.add_argument("--license", default="", metavar="NAME")
    says.add_argument("--license-url", default="", metavar="URL")
    says.add_argument("--purpose", default="", help='"non-commercial research"')
    says.add_argument("--commercial-use", choices=YES_NO, default="no")
    says.add_argument("--derivatives", choices=YES_NO, default="no")


def _read_license(options: dict[str, Any]) -> License | None:
    if not options["license"]:
        return None
    is_commercial = YES_NO[options["commercial_use"]]
    usual = "any purpose" if is_commercial else "other than commercial purposes"
    return License(
        name=options["license"],
        url=options["license_url"],
        purpose=options["purpose"] or usual,
        is_commercial_use_allowed=is_commercial,
        are_derivatives_allowed=YES_NO[options["derivatives"]],
    )


def _say_files(entry: Entry, state: ModelState | None) -> str:
    """Say how the files of a model are, in a line."""
    if state is not None and state.problem:
        return f"NOT AS THEY SHOULD BE: {state.problem}"
    if state is not None:
        return (
            f"{len(state.files)} whole, {_say_size(state.size_bytes)}, checked "
            f"{state.checked_at:%Y-%m-%d %H:%M} on {state.host}"
        )
    if entry.is_here:
        return f"here, not checked yet: manage.py models check {entry.key}"
    if entry.sources:
        about = f", about {_say_size(entry.expected_size_bytes)}"
        size = about if entry.expected_size_bytes else ""
        return f"not here{size}: manage.py models fetch {entry.key}"
    return f"not here: put them in {entry.folder}"


def _say_size(size_bytes: int) -> str:
    """Write a number of bytes in MB or GB (powers of ten)."""
    if size_bytes < 10**9:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.2f} GB"
