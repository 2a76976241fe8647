import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "static" / "vendor" / "vendor.lock"


class TestVendorLock:
    def test_names_every_file_with_its_bytes(self) -> None:
        packages = json.loads(LOCK.read_text())["packages"]
        locked = {f["to"]: f["sha256"] for p in packages for f in p["files"]}

        found = {
            name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
            for name in locked
        }

        assert found == locked

    def test_leaves_no_vendored_file_out(self) -> None:
        packages = json.loads(LOCK.read_text())["packages"]
        locked = {f["to"] for p in packages for f in p["files"]}
        folders = [ROOT / "static" / "vendor", ROOT / "tests" / "browser" / "vendor"]

        there = {
            str(file.relative_to(ROOT))
            for folder in folders
            for file in folder.rglob("*")
            if file.is_file() and file != LOCK
        }

        assert there - locked == set()

    def test_names_a_license_for_each(self) -> None:
        packages = json.loads(LOCK.read_text())["packages"]

        for package in packages:
            assert package["license"]
            assert any(
                "LICENSE" in f["to"] or "OFL" in f["to"] for f in package["files"]
            )


class TestStyles:
    def test_take_literal_colors_from_the_tokens_only(self) -> None:
        allowed = re.compile(r"background: white; color: black")
        found = [
            f"{file.name}: {line.strip()}"
            for file in (ROOT / "static" / "css").rglob("*.css")
            if file.name != "tokens.css"
            for line in file.read_text().splitlines()
            if re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsl", line)
            and not allowed.search(line)
        ]

        assert found == []

    def test_stand_in_no_page(self) -> None:
        found = [
            f"{file.relative_to(ROOT)}: {hit}"
            for file in (ROOT / "templates").rglob("*.html")
            for hit in re.findall(
                r"""\sstyle=|<style|\son\w+=["']|<script>""", file.read_text()
            )
        ]

        assert found == []
