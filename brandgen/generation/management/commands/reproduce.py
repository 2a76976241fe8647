"""Proves that a generated image can be made again, byte for byte."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from brandgen.engine.errors import EngineError
from brandgen.generation.reproduce import (
    UnknownImageError,
    find_decoding,
    open_recorded,
    reproduce,
)


class Command(BaseCommand):
    """Runs the prior and the decoder again and compares the bytes."""

    help = (
        "Make a generated image again from its prompt, seeds, settings and model, and "
        "compare every byte. Exits 1 where one differs, and says what."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the image's SHA-256."""
        parser.add_argument("sha256", metavar="SHA256")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and report."""
        try:
            decoding = find_decoding(options["sha256"].strip().lower())
            result = reproduce(
                decoding,
                engine=open_recorded(decoding.candidate.model_identity),
                decoder_engine=open_recorded(decoding.model_identity),
            )
        except (UnknownImageError, EngineError) as error:
            raise CommandError(str(error)) from error
        for difference in result.differences:
            self.stderr.write(difference)
        if not result.is_same:
            raise CommandError(
                f"Not the same image: {options['sha256']} came out as {result.sha256}."
            )
        self.stdout.write(f"The same, byte for byte: {result.sha256}")
