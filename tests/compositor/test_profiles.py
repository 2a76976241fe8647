"""Profiles of a print are found by name, and refused with a reason."""

import shutil
from pathlib import Path

import pytest
from PIL import ImageCms

from brandgen.compositor.encode import srgb_profile
from brandgen.compositor.profiles import (
    GENERIC,
    MOST_BYTES,
    OWN,
    Profile,
    ProfileError,
    load_profile,
    profile_labels,
)

LABEL = "ISO Coated v2 300% (basICColor)"


class TestProfileLabels:
    def test_tells_what_is_unfit(self, tmp_path: Path) -> None:
        (tmp_path / "screen.icc").write_bytes(srgb_profile())

        assert profile_labels(tmp_path) == [(GENERIC, LABEL), ("screen", None)]

    def test_sees_that_a_file_was_mended(self, tmp_path: Path) -> None:
        path = tmp_path / "press.icc"
        path.write_bytes(b"")
        before = profile_labels(tmp_path)
        shutil.copy(OWN / f"{GENERIC}.icc", path)

        after = profile_labels(tmp_path)

        assert (before[1], after[1]) == (("press", None), ("press", LABEL))

    def test_has_ours_where_the_folder_is_away(self, tmp_path: Path) -> None:
        assert profile_labels(tmp_path / "away") == [(GENERIC, LABEL)]


class TestLoadProfile:
    def test_has_one_that_comes_along(self) -> None:
        profile = load_profile(GENERIC)

        assert profile.label == LABEL
        assert profile.condition == "FOGRA39"
        assert profile.data == (OWN / f"{GENERIC}.icc").read_bytes()
        assert (OWN / f"{GENERIC}.txt").read_text().count("zlib/libpng License") == 2

    def test_finds_those_of_a_folder_whatever_their_ending(
        self, tmp_path: Path
    ) -> None:
        shutil.copy(OWN / f"{GENERIC}.icc", tmp_path / "Our press.ICM")
        (tmp_path / "readme.txt").write_text("not a profile")

        assert profile_labels(tmp_path) == [(GENERIC, LABEL), ("Our press", LABEL)]
        assert load_profile("Our press", tmp_path).name == "Our press"

    def test_takes_the_folders_before_ours(self, tmp_path: Path) -> None:
        data = bytearray((OWN / f"{GENERIC}.icc").read_bytes())
        data[4:8] = b"own!"
        (tmp_path / f"{GENERIC}.icc").write_bytes(data)

        assert profile_labels(tmp_path) == [(GENERIC, LABEL)]
        assert load_profile(GENERIC, tmp_path).data == bytes(data)

    def test_names_the_nearest_where_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ProfileError, match=f"ICC_DIR.*mean '{GENERIC}'"):
            load_profile("ISOcoated_v2_300", tmp_path)

    @pytest.mark.parametrize("name", ["../icc/ISOcoated_v2_300_bas", "", "/etc/passwd"])
    def test_leaves_its_folder_never(self, name: str, tmp_path: Path) -> None:
        with pytest.raises(ProfileError, match="There is no color profile"):
            load_profile(name, tmp_path)

    def test_refuses_one_of_a_screen(self, tmp_path: Path) -> None:
        (tmp_path / "screen.icc").write_bytes(srgb_profile())

        with pytest.raises(ProfileError, match="a profile for RGB, of the kind 'mntr'"):
            load_profile("screen", tmp_path)

    def test_refuses_one_that_is_broken(self, tmp_path: Path) -> None:
        whole = (OWN / f"{GENERIC}.icc").read_bytes()
        for name, data in {"cut": whole[:100], "text": b"hello", "no": b""}.items():
            (tmp_path / f"{name}.icc").write_bytes(data)

            with pytest.raises(ProfileError, match=rf"{name}\.icc is not an ICC"):
                load_profile(name, tmp_path)

    def test_refuses_one_whose_tables_are_cut_off(self, tmp_path: Path) -> None:
        whole = (OWN / f"{GENERIC}.icc").read_bytes()
        (tmp_path / "half.icc").write_bytes(whole[: len(whole) // 4])

        with pytest.raises(ProfileError, match=r"half\.icc"):
            load_profile("half", tmp_path)

    def test_refuses_one_without_a_table_to_inks(self, tmp_path: Path) -> None:
        data = (OWN / f"{GENERIC}.icc").read_bytes()
        for tag in (b"B2A0", b"B2A1", b"B2A2"):
            data = data.replace(tag, tag.lower(), 1)
        (tmp_path / "oneway.icc").write_bytes(data)

        with pytest.raises(ProfileError, match="no table from colors to inks"):
            load_profile("oneway", tmp_path)

    def test_refuses_what_is_too_large_to_be_one(self, tmp_path: Path) -> None:
        with (tmp_path / "big.icc").open("wb") as file:
            file.truncate(MOST_BYTES + 1)

        with pytest.raises(ProfileError, match="16,777,217 bytes"):
            load_profile("big", tmp_path)


class TestProfile:
    @pytest.mark.parametrize(
        ("label", "condition"),
        [
            ("PSO Coated v3", "FOGRA51"),
            ("PSO Uncoated v3 (FOGRA52)", "FOGRA52"),
            ("Coated FOGRA39 (ISO 12647-2:2004)", "FOGRA39"),
            ("Coated FOGRA27 (ISO 12647-2:2004)", "FOGRA27"),
            ("U.S. Web Coated (SWOP) v2", "CGATS TR 001"),
            ("Our press", "Custom"),
        ],
    )
    def test_names_its_print_as_the_registry_does(
        self, label: str, condition: str
    ) -> None:
        assert Profile("x", label, b"").condition == condition

    def test_can_be_read_by_littlecms_again(self) -> None:
        path = OWN / f"{GENERIC}.icc"

        assert ImageCms.getOpenProfile(str(path)).profile.xcolor_space == "CMYK"
