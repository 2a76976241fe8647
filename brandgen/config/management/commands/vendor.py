"""Fetches the scripts and fonts that the pages use, as vendor.lock names them."""

import hashlib
import io
import json
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

LOCK = Path("static/vendor/vendor.lock")


class Command(BaseCommand):
    """Copies the files of each locked npm package into the repository."""

    help = "Fetch static/vendor (and the tests' axe-core) as vendor.lock says."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch every package; stop at the first with other bytes."""
        lock = json.loads((settings.ROOT / LOCK).read_text(encoding="utf-8"))
        for package in lock["packages"]:
            archive = self._fetch(package)
            with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
                for file in package["files"]:
                    self._copy(tar, file)
            self.stdout.write(f"{package['name']} {package['version']}")

    def _fetch(self, package: dict[str, Any]) -> bytes:
        url = package["url"]
        if not url.startswith("https://"):
            raise CommandError(f"{url} is not an https address.")
        with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
            data: bytes = answer.read()
        found = hashlib.sha256(data).hexdigest()
        if found != package["sha256"]:
            raise CommandError(
                f"{url} has the SHA-256 {found}; the lock says {package['sha256']}. "
                "Nothing of it was written."
            )
        return data

    def _copy(self, tar: tarfile.TarFile, file: dict[str, str]) -> None:
        member = tar.extractfile(file["from"])
        if member is None:
            raise CommandError(f"{file['from']} is not in the package.")
        data = member.read()
        if hashlib.sha256(data).hexdigest() != file["sha256"]:
            raise CommandError(f"{file['from']} is not the locked file.")
        target = settings.ROOT / file["to"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
