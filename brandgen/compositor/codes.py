"""Codes for scanners: QR, EAN, UPC and Code 128. Text in, modules out."""

import functools
from dataclasses import dataclass

import qrcode
from qrcode.exceptions import DataOverflowError

# Larger codes have modules too fine for a phone, and take long to compute.
LONGEST_QR = 300
LONGEST_CODE128 = 80

# GS1 General Specifications, 5.2: seven modules a digit; set A, B is its mirrored
# complement and C its complement. The first of 13 digits chooses A or B for six.
_SET_A = (
    "0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011"
)
_PARITY = "AAAAAA AABABB AABBAB AABBBA ABAABB ABBAAB ABBBAA ABABAB ABABBA ABBABA"

# ISO/IEC 15417: widths of three bars and three spaces for each of 106 values, the
# starts of sets A, B and C among them, and the stop.
_CODE128 = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 "
    "231212 112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 "
    "223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 "
    "111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 "
    "132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 "
    "311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 "
    "121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 "
    "413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 "
    "421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 "
    "113141 114131 311141 411131 211412 211214 211232 2331112"
)
_TO_C, _TO_B, _START_B, _START_C, _STOP = 99, 100, 104, 105, 106


class CodeError(ValueError):
    """The text can't be written in this code. The message is fit to show."""


@dataclass(frozen=True)
class Barcode:
    """A barcode: `modules` is a text of 1 (bar) and 0 (space), with `quiet` around.

    `tall` names the modules that reach down between the digits; `texts` are the digits
    below, each with the middle of its place in modules.
    """

    modules: str
    quiet: tuple[int, int]
    texts: tuple[tuple[str, float], ...]
    tall: frozenset[int] = frozenset()


@functools.lru_cache(maxsize=256)
def make_qr(text: str, correction: str = "M") -> tuple[tuple[bool, ...], ...]:
    """Give the rows of a QR code without its quiet zone; True is dark.

    Raises:
        CodeError: the text is empty or too long.
    """
    if not text.strip():
        raise CodeError("A QR code needs a text.")
    if len(text.encode()) > LONGEST_QR:
        raise CodeError(
            f"{len(text.encode())} bytes; a QR code here holds {LONGEST_QR}. "
            "Use a shorter address."
        )
    level = getattr(qrcode, f"ERROR_CORRECT_{correction}")
    code = qrcode.QRCode(error_correction=level, border=0)
    code.add_data(text)
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise CodeError("The text is too long for a QR code. Shorten it.") from error
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


def make_barcode(text: str, symbology: str) -> Barcode:
    """Write a text as a barcode; a missing check digit is added.

    Raises:
        CodeError: wrong characters, a wrong length or a wrong check digit.
    """
    if symbology == "code128":
        return _make_code128(text.strip())
    digits = text.strip().replace(" ", "").replace("-", "")
    size = {"ean13": 13, "ean8": 8, "upca": 12}[symbology]
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in (
        size - 1,
        size,
    ):
        raise CodeError(
            f"{text[:40]!r} is not a number of {size} digits, the last of which may be "
            "left out."
        )
    check = _check_digit(digits[: size - 1])
    if len(digits) == size and digits[-1] != check:
        raise CodeError(
            f"{digits} has the check digit {digits[-1]}; it must be {check}."
        )
    digits = digits[: size - 1] + check
    if symbology == "ean8":
        return _make_ean8(digits)
    return _make_ean13(digits) if symbology == "ean13" else _make_upca(digits)


def _check_digit(digits: str) -> str:
    """Weigh by 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    total = sum(int(d) * (1 if n % 2 else 3) for n, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _modules(digit: str, kind: str) -> str:
    row = _SET_A.split()[int(digit)]
    if kind == "A":
        return row
    other = row.translate(str.maketrans("01", "10"))
    return other if kind == "C" else other[::-1]


def _halves(left: str, parity: str, right: str) -> str:
    ahead = "".join(_modules(d, kind) for d, kind in zip(left, parity, strict=True))
    behind = "".join(_modules(d, "C") for d in right)
    return f"101{ahead}01010{behind}101"


def _make_ean13(digits: str) -> Barcode:
    modules = _halves(digits[1:7], _PARITY.split()[int(digits[0])], digits[7:])
    guards = frozenset((0, 2, 46, 48, 92, 94))
    texts = (
        (digits[0], -5.0),
        *((digit, 3 + 7 * n + 3.5) for n, digit in enumerate(digits[1:7])),
        *((digit, 50 + 7 * n + 3.5) for n, digit in enumerate(digits[7:])),
    )
    return Barcode(modules, (11, 7), texts, guards)


def _make_upca(digits: str) -> Barcode:
    modules = _halves(digits[:6], "AAAAAA", digits[6:])
    tall = frozenset((*range(10), 46, 48, *range(85, 95)))
    texts = (
        (digits[0], -5.0),
        *((digit, 10 + 7 * n + 3.5) for n, digit in enumerate(digits[1:6])),
        *((digit, 50 + 7 * n + 3.5) for n, digit in enumerate(digits[6:11])),
        (digits[11], 95 + 5.0),
    )
    return Barcode(modules, (9, 9), texts, tall)


def _make_ean8(digits: str) -> Barcode:
    modules = _halves(digits[:4], "AAAA", digits[4:])
    texts = (
        *((digit, 3 + 7 * n + 3.5) for n, digit in enumerate(digits[:4])),
        *((digit, 36 + 7 * n + 3.5) for n, digit in enumerate(digits[4:])),
    )
    return Barcode(modules, (7, 7), texts, frozenset((0, 2, 32, 34, 64, 66)))


def _make_code128(text: str) -> Barcode:
    """Write letters in set B and runs of four digits or more in set C."""
    if not 1 <= len(text) <= LONGEST_CODE128:
        raise CodeError(f"{len(text)} characters; 1 to {LONGEST_CODE128} are allowed.")
    if wrong := next((c for c in text if not " " <= c <= "~"), ""):
        raise CodeError(f"{wrong!r} can't be written in Code 128. Use ASCII.")
    values = _values_128(text)
    check = (values[0] + sum(n * v for n, v in enumerate(values))) % 103
    table = _CODE128.split()
    widths = "".join(table[value] for value in (*values, check, _STOP))
    modules = "".join(
        ("0" if n % 2 else "1") * int(width) for n, width in enumerate(widths)
    )
    return Barcode(modules, (10, 10), ((text, len(modules) / 2),))


def _values_128(text: str) -> list[int]:
    values: list[int] = []
    place, in_c = 0, False
    while place < len(text):
        run = 0
        while text[place + run : place + run + 1].isdigit():
            run += 1
        even = run - run % 2
        if even >= 4 or (in_c and even) or (even == 2 and even == len(text)):
            if not in_c:
                values.append(_TO_C if values else _START_C)
                in_c = True
            pairs = text[place : place + even]
            values += [int(pairs[n : n + 2]) for n in range(0, even, 2)]
            place += even
        else:
            if in_c or not values:
                values.append(_TO_B if values else _START_B)
                in_c = False
            values.append(ord(text[place]) - 32)
            place += 1
    return values
