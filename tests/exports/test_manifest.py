import csv
import io
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from brandgen.exports.manifest import (
    HeldRow,
    ManifestFile,
    ManifestRow,
    build_manifest,
    write_table,
)
from brandgen.lib.spreadsheets import defuse

ROW = ManifestRow(
    filename="a_1x1_abc.png",
    path="images/a_1x1_abc.png",
    sha256="0" * 64,
    size_bytes=3,
    mime="image/png",
    width_px=1,
    height_px=1,
    title="A",
    alt_text="",
    kind="generated",
    digital_source_type="trainedAlgorithmicMedia",
    license="Apache-2.0",
    is_commercial_use_allowed=True,
    approved_at="2026-11-24T09:00:00+00:00",
    brand_kit="v1",
    asset_id="1",
    location="/x",
    was_there_already=False,
)


def build(*rows: ManifestRow) -> dict[str, ManifestFile]:
    files = build_manifest(
        export_id="e1",
        brand="Northwind",
        destination="Press",
        requested_by="Mara",
        completed_at=datetime(2026, 11, 24, tzinfo=UTC),
        rows=rows,
        held=[HeldRow("2", "B", "It is draft.")],
    )
    return {file.name: file for file in files}


class TestBuildManifest:
    def test_writes_the_marker_last(self) -> None:
        assert list(build(ROW)) == [
            "manifest.csv",
            "manifest.json",
            "sha256sums.txt",
            "_COMPLETE.json",
        ]

    def test_gives_equal_bytes_for_equal_rows(self) -> None:
        assert build(ROW) == build(ROW)

    def test_tells_what_was_held_back(self) -> None:
        listing = json.loads(build(ROW)["manifest.json"].data)

        assert listing["files"][0]["sha256"] == "0" * 64
        assert listing["held_back"] == [
            {"asset_id": "2", "title": "B", "reason": "It is draft."}
        ]

    def test_seals_the_checksums_in_the_marker(self) -> None:
        files = build(ROW)

        marker = json.loads(files["_COMPLETE.json"].data)
        assert marker["sha256sums_sha256"] == files["sha256sums.txt"].sha256
        assert marker["files"] == 1

    def test_writes_checksums_that_sha256sum_accepts(self, tmp_path: Path) -> None:
        picture = ManifestFile("x", b"abc", "image/png")
        row = replace(ROW, sha256=picture.sha256)
        folder = tmp_path / "20261124"
        folder.mkdir()
        (tmp_path / row.filename).write_bytes(picture.data)
        for file in build(row).values():
            (folder / file.name).write_bytes(file.data)

        done = subprocess.run(
            ["sha256sum", "--strict", "-c", "sha256sums.txt"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count(": OK") == 3


class TestWriteCsv:
    def test_follows_rfc_4180(self) -> None:
        title = 'Say "hi", twice\nand again'

        data = write_table([replace(ROW, title=title)])

        (row,) = csv.DictReader(io.StringIO(data.decode(), newline=""))
        assert row["title"] == title
        assert data.endswith(b"\r\n")
        assert data.startswith(b'"filename","path"')


class TestDefuse:
    @pytest.mark.parametrize(
        "text",
        [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1",
            "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", '=HYPERLINK("http://x")',
        ],
    )  # fmt: skip
    def test_takes_the_power_of_a_formula(self, text: str) -> None:
        assert defuse(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["Hero", "", "a=b", "3-2", "'quoted"])
    def test_leaves_plain_text(self, text: str) -> None:
        assert defuse(text) == text
