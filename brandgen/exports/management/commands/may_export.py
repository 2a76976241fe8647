"""Says whether an asset may leave for a destination, as the page and a worker would."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from brandgen.exports.gates import find_hold
from brandgen.exports.models import Destination
from brandgen.library.models import Asset


class Command(BaseCommand):
    """Asks the export gate; exits 1 where it says no."""

    help = (
        "Say whether an asset may leave for a destination, and if not, why and who can "
        "clear it. Exits 1 where it may not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the asset's SHA-256 and the destination's name."""
        parser.add_argument("sha256", metavar="SHA256")
        parser.add_argument("--destination", metavar="NAME", required=True)
        parser.add_argument(
            "--brand", metavar="SLUG", help="Where several brands have these bytes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer in one sentence."""
        asset = self._find_asset(options["sha256"].strip().lower(), options["brand"])
        destination = self._find_destination(options["destination"], asset)
        if hold := find_hold(asset, destination):
            raise CommandError(f"“{asset.title}” stays here. {hold}")
        self.stdout.write(f"“{asset.title}” may go to {destination.name}.")

    def _find_asset(self, sha256: str, brand: str | None) -> Asset:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise CommandError(f"{sha256[:80]!r} is no SHA-256: 64 digits in hex.")
        assets = Asset.objects.filter(sha256=sha256).select_related("brand")
        if brand is not None:
            assets = assets.filter(brand__slug=brand)
        found = list(assets[:2])
        if not found:
            where = f" in {brand}" if brand else ""
            raise CommandError(f"No asset{where} has the SHA-256 {sha256}.")
        if len(found) > 1:
            raise CommandError(
                "Several brands have an asset of these bytes. Name one with --brand."
            )
        return found[0]

    def _find_destination(self, name: str, asset: Asset) -> Destination:
        of_brand = Destination.objects.of_brand(asset.brand).select_related("brand")
        destination = of_brand.filter(name=name).first()
        if destination is None:
            there = ", ".join(of_brand.values_list("name", flat=True)) or "none yet"
            raise CommandError(
                f"{asset.brand.name} has no destination {name!r}. There are: {there}."
            )
        return destination
