"""Codes: read back by decoders that are not ours, or held to their standards."""

import cv2
import numpy as np
import pytest

from brandgen.compositor.codes import _CODE128, CodeError, make_barcode, make_qr


def picture_of(modules: str, *, scale: int = 2) -> np.ndarray:
    row = [0 if module == "1" else 255 for module in f"{'0' * 12}{modules}{'0' * 12}"]
    image = np.repeat(np.repeat(np.array([row], np.uint8), 120, 0), scale, 1)
    image = np.pad(image, 60, constant_values=255)
    return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)


class TestMakeQr:
    @pytest.mark.parametrize(
        "text", ["https://northwind.example/spring", "Grüße, 世界", "42"]
    )
    def test_is_read_back(self, text: str) -> None:
        rows = np.array(make_qr(text, "Q"))

        image = np.kron(np.where(np.pad(rows, 4), 0, 255), np.ones((6, 6))).astype("u1")

        assert cv2.QRCodeDetector().detectAndDecode(image)[0] == text

    @pytest.mark.parametrize("text", ["", "  ", "x" * 301])
    def test_refuses_what_no_phone_reads(self, text: str) -> None:
        with pytest.raises(CodeError):
            make_qr(text)


class TestMakeBarcode:
    @pytest.mark.parametrize(
        ("symbology", "text", "read"),
        [
            ("ean13", "400638133393", "4006381333931"),
            ("ean13", "978-0-201-37962-4", "9780201379624"),
            ("ean8", "96385074", "96385074"),
            ("upca", "036000291452", "036000291452"),
        ],
    )
    def test_is_read_back(self, symbology: str, text: str, read: str) -> None:
        code = make_barcode(text, symbology)

        found = cv2.barcode.BarcodeDetector().detectAndDecode(picture_of(code.modules))

        assert found[0].lstrip("0") == read.lstrip("0")

    def test_writes_code_128_as_its_standard_shows(self) -> None:
        # The worked example of its check character: 54 after start A, 55 after B.
        code = make_barcode("PJJ123C", "code128")

        widths = _CODE128.split()
        values = [104, 48, 42, 42, 17, 18, 19, 35, 55, 106]
        bars = "".join(widths[value] for value in values)
        assert code.modules == "".join(
            ("0" if n % 2 else "1") * int(width) for n, width in enumerate(bars)
        )

    def test_has_a_table_of_eleven_modules_a_character(self) -> None:
        table = _CODE128.split()

        assert len(set(table)) == 107
        assert {sum(map(int, widths)) for widths in table[:-1]} == {11}

    def test_packs_digits_in_pairs(self) -> None:
        digits, letters = (
            len(make_barcode(text, "code128").modules)
            for text in ("12345678", "ABCDEFGH")
        )

        assert letters - digits == 4 * 11

    @pytest.mark.parametrize(
        ("symbology", "text", "words"),
        [
            ("ean13", "4006381333930", "must be 1"),
            ("ean13", "40063", "13 digits"),
            ("ean13", "\uff14" * 12, "13 digits"),
            ("code128", "", "1 to 80"),
            ("code128", "Käse", "'ä'"),
        ],
    )
    def test_says_what_is_wrong(self, symbology: str, text: str, words: str) -> None:
        with pytest.raises(CodeError, match=words):
            make_barcode(text, symbology)
