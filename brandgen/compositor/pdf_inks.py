"""Turn the colors of a PDF that skia wrote into the inks of a print.

Everything that holds a color is walked: content streams, forms, tiles, letters drawn
by streams, shadings, pictures, transparency groups and soft masks (ISO 32000-1). Masks
hold no color but a strength, and become gray.
"""

import io
import re
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    StreamObject,
)

from brandgen.compositor.pdf_paints import InkPaints, MaskPaints, Paints, Samples
from brandgen.compositor.separation import Rgb, Separation

_SAMPLES = 256
_RGB = "/DeviceRGB"
# Skia writes strings in hex, so that no text looks like an operator.
_COLOR = re.compile(rb"(?<![^\s])([\d.]+) ([\d.]+) ([\d.]+) (?P<operator>rg|RG)(?=\s)")


class PdfColorError(Exception):
    """A PDF holds a color in a form that can't be turned into inks."""


def separate_pdf(writer: PdfWriter, separation: Separation, *, quality: int) -> None:
    """Replace every color of a PDF by inks; opaque pictures become JPEG.

    Raises:
        PdfColorError: it holds what skia is not known to write.
    """
    walk = _Walk(writer, InkPaints(separation), quality)
    for page in writer.pages:
        page[NameObject("/Group")] = DictionaryObject(
            {
                NameObject("/S"): NameObject("/Transparency"),
                NameObject("/CS"): NameObject("/DeviceCMYK"),
                NameObject("/I"): BooleanObject(True),
            }
        )
        walk.stream(page["/Contents"].get_object())
        walk.resources(page["/Resources"].get_object())


def turn_gray(stream: Any) -> None:
    """Replace black, white and gray in a content stream by themselves, not as RGB."""
    _Walk(PdfWriter(), MaskPaints(), quality=0).stream(stream)


class _Walk:
    """Goes through what a page draws, each thing once."""

    def __init__(self, writer: PdfWriter, paints: Paints, quality: int) -> None:
        self._writer, self._paints, self._quality = writer, paints, quality
        self._seen: dict[int, str] = {}

    def stream(self, stream: Any) -> None:
        """Replace the colors that a content stream sets."""
        data, count = _COLOR.subn(self._operator, stream.get_data())
        if count:
            stream.set_data(data)

    def _operator(self, match: re.Match[bytes]) -> bytes:
        parts = self._paints.solid(_color([float(match[n]) for n in (1, 2, 3)]))
        is_fill = match["operator"] == b"rg"
        name = self._paints.fill if is_fill else self._paints.stroke
        return b" ".join([*(_number(part) for part in parts), name])

    def resources(self, resources: Any) -> None:
        """Walk all that a content stream names."""
        kinds: dict[str, Callable[[Any], None]] = {
            "/XObject": self._x_object,
            "/Pattern": self._pattern,
            "/Shading": self._shading,
            "/Font": self._font,
            "/ExtGState": self._state,
        }
        if "/ColorSpace" in resources:
            raise PdfColorError("A PDF names color spaces of its own. Report this.")
        for kind, visit in kinds.items():
            for found in resources.get(kind, DictionaryObject()).values():
                # States and fonts serve colors and masks alike.
                if kind in ("/ExtGState", "/Font") or self._is_new(found):
                    visit(found.get_object())

    def _is_new(self, found: Any) -> bool:
        """Say whether something was not walked yet: once only, and in one space."""
        if not isinstance(found, IndirectObject):
            return True
        is_new = found.idnum not in self._seen
        space = self._seen.setdefault(found.idnum, self._paints.space)
        if space != self._paints.space:
            raise PdfColorError("A PDF draws one thing as color and mask. Report this.")
        return is_new

    def _x_object(self, found: Any) -> None:
        if found["/Subtype"] == "/Image":
            self._picture(found)
        else:
            self._form(found)

    def _form(self, form: Any) -> None:
        if "/Group" in form:
            group = form["/Group"].get_object()
            group[NameObject("/CS")] = NameObject(self._paints.space)
        self.stream(form)
        self.resources(form["/Resources"].get_object())

    def _pattern(self, pattern: Any) -> None:
        if pattern["/PatternType"] == 2:
            self._shading(pattern["/Shading"].get_object())
        else:
            self.stream(pattern)
            self.resources(pattern["/Resources"].get_object())

    def _font(self, font: Any) -> None:
        if font["/Subtype"] != "/Type3":
            return
        for letter in font["/CharProcs"].get_object().values():
            self.stream(letter.get_object())
        if "/Resources" in font:
            self.resources(font["/Resources"].get_object())

    def _state(self, state: Any) -> None:
        mask = state.get("/SMask", "/None")
        if mask == "/None":
            return
        mask = mask.get_object()
        is_strength = mask["/S"] == "/Luminosity"
        inner = _Walk(
            self._writer,
            MaskPaints() if is_strength else self._paints,
            self._quality,
        )
        inner._seen = self._seen
        form = mask.raw_get("/G")
        if inner._is_new(form):
            inner._form(form.get_object())

    def _shading(self, shading: Any) -> None:
        if shading["/ColorSpace"] != _RGB:
            raise PdfColorError(f"A shading is in {shading['/ColorSpace']}.")
        function = shading["/Function"].get_object()
        shading[NameObject("/ColorSpace")] = NameObject(self._paints.space)
        shading[NameObject("/Function")] = self._function(function)

    def _function(self, function: Any) -> Any:
        """Sample the pieces of a gradient: between two colors inks run in a curve."""
        if function["/FunctionType"] == 3:
            function[NameObject("/Functions")] = ArrayObject(
                self._function(part.get_object()) for part in function["/Functions"]
            )
            return function
        first, last = _stops(function)
        count = 2 if first == last else _SAMPLES
        ramp = np.linspace(0, 1, count)[:, None]
        colors = np.rint(np.array(first) * (1 - ramp) + np.array(last) * ramp)
        samples = self._paints.row(colors.astype(np.uint8))
        return self._sampled(samples)

    def _sampled(self, samples: Samples) -> IndirectObject:
        stream = StreamObject()
        stream.set_data(samples.tobytes())
        stream.update(
            {
                NameObject("/FunctionType"): NumberObject(0),
                NameObject("/Domain"): _numbers(0, 1),
                NameObject("/Range"): _numbers(*[0, 1] * samples.shape[1]),
                NameObject("/Size"): _numbers(len(samples)),
                NameObject("/BitsPerSample"): NumberObject(8),
            }
        )
        return self._writer._add_object(stream.flate_encode())

    def _picture(self, picture: Any) -> None:
        if picture.get("/ImageMask"):
            return
        shape = picture["/Height"], picture["/Width"]
        space = picture["/ColorSpace"]
        if picture["/BitsPerComponent"] != 8 or space not in (_RGB, "/DeviceGray"):
            raise PdfColorError(f"A picture is in {space}. Report this.")
        levels = np.frombuffer(picture.get_data(), np.uint8)
        if space == _RGB:
            parts = self._paints.picture(levels.reshape(*shape, 3))
        else:
            parts = self._paints.gray_picture(levels.reshape(shape))
        picture[NameObject("/ColorSpace")] = NameObject(self._paints.space)
        picture.pop("/ColorTransform", None)
        if "/SMask" in picture or parts.shape[2] == 1 or self._quality > 100:
            _keep(picture, parts.tobytes(), "/FlateDecode")
        else:
            _keep(picture, _jpeg(parts, self._quality), "/DCTDecode")
            # Adobe's CMYK in JPEG, which all programs write, is upside down.
            picture[NameObject("/Decode")] = _numbers(*[1, 0] * 4)


def _keep(picture: Any, data: bytes, name: str) -> None:
    picture.pop("/DecodeParms", None)
    picture[NameObject("/Filter")] = NameObject(name)
    picture._data = zlib.compress(data, 6) if name == "/FlateDecode" else data
    picture.decoded_self = None


def _jpeg(parts: Samples, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(parts, mode="CMYK").save(
        file, "JPEG", quality=quality, subsampling=0
    )
    return file.getvalue()


def _stops(function: Any) -> list[Rgb]:
    """Give the colors that a gradient runs between."""
    if function["/FunctionType"] == 3:
        return [
            stop
            for part in function["/Functions"]
            for stop in _stops(part.get_object())
        ]
    if function["/FunctionType"] != 2 or function["/N"] != 1:
        raise PdfColorError("A gradient is not straight. Report this.")
    return [_color(function["/C0"]), _color(function["/C1"])]


def _color(parts: Any) -> Rgb:
    """Give the levels, 0 to 255, that skia rounded to four digits."""
    red, green, blue = (round(float(part) * 255) for part in parts)
    return (red, green, blue)


def _number(value: float) -> bytes:
    return f"{value:.4f}".rstrip("0").rstrip(".").encode()


def _numbers(*values: float) -> ArrayObject:
    return ArrayObject(
        NumberObject(v) if isinstance(v, int) else FloatObject(v) for v in values
    )
