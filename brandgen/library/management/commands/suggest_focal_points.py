"""Looks for the focal points of pictures that were kept before they were looked for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from brandgen.accounts.models import Brand
from brandgen.lib.storage import StorageError
from brandgen.library.focal import suggest_missing


class Command(BaseCommand):
    """Run it once after an update; it may be stopped and run again."""

    help = "Suggest a focal point for each picture for which nobody has set one."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one brand by its short name."""
        parser.add_argument("--brand", metavar="SLUG", help="only this brand")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look at every picture, and say how many got a point."""
        brand = _find_brand(options["brand"]) if options["brand"] else None
        count = 0
        try:
            for _, is_changed in suggest_missing(brand):
                count += is_changed
        except StorageError as error:
            raise CommandError(f"{error} {count} pictures were done.") from error
        self.stdout.write(f"{count} pictures have a focal point now.")


def _find_brand(slug: str) -> Brand:
    brand = Brand.objects.filter(slug=slug).first()
    if brand is None:
        known = ", ".join(Brand.objects.values_list("slug", flat=True)[:20])
        raise CommandError(f"There is no brand {slug!r}. There are: {known or 'none'}.")
    return brand
