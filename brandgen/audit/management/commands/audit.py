"""Checks the audit trail from the command line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from brandgen.audit.verify import verify_chain


class Command(BaseCommand):
    """``manage.py audit verify [--head ID:HASH]``: exit 1 at the first broken row."""

    help = "Verify the hash chain of the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the action, and a head that was noted down earlier."""
        parser.add_argument("action", choices=["verify"])
        parser.add_argument(
            "--head",
            metavar="ID:HASH",
            help="An entry as an earlier run printed it: it must still be there.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain and say how far it is whole."""
        verdict = verify_chain(head=_read_head(options["head"]))
        if not verdict.is_whole:
            raise CommandError(
                f"The audit trail is broken. {verdict} The {verdict.checked} entries "
                "before it are sound. Compare with a backup to see what was there.",
                returncode=1,
            )
        self.stdout.write(str(verdict))
        if verdict.checked:
            self.stdout.write(f"Keep this: {verdict.checked}:{verdict.head_hash}")


def _read_head(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    row_id, _, row_hash = text.partition(":")
    if not row_id.isdecimal() or len(row_hash) != 64:
        raise CommandError(
            f"--head is {text!r}. Use ID:HASH as an earlier run printed."
        )
    return int(row_id), row_hash
