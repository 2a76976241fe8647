"""Layouts of Photoshop for tests, put together from the parts of their format."""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Tag
from psd_tools.psd.descriptor import (
    Bool,
    Descriptor,
    DescriptorBlock,
    Double,
    Enumerated,
    List,
    RawData,
    String,
    UnitFloat,
)
from psd_tools.psd.tagged_blocks import TaggedBlock
from psd_tools.psd.vector import (
    ClosedKnotLinked,
    ClosedPath,
    InitialFillRule,
    Path,
    PathFillRule,
)
from psd_tools.terminology import Unit

Corners = Sequence[tuple[float, float]]
SIZE = (1080, 1080)


def new(size: tuple[int, int] = SIZE) -> Any:
    return PSDImage.new("RGB", size)


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def add_pixels(
    document: Any,
    name: str,
    box: tuple[int, int, int, int],
    color: str | None = None,
    **options: Any,
) -> Any:
    """Add a layer of pixels (left, top, width, height): of one color, or a ramp."""
    size = box[2:]
    image = (
        Image.new("RGB", size, color)
        if color
        else Image.linear_gradient("L").resize(size).convert("RGB")
    )
    return document.create_pixel_layer(
        image, name=name, left=box[0], top=box[1], **options
    )


def add_text(
    document: Any,
    name: str,
    runs: Sequence[tuple[str, dict[str, Any]]],
    *,
    at: tuple[float, float] = (100, 200),
    box: tuple[int, int, int, int] | None = None,
    justification: int = 0,
    matrix: tuple[float, float, float, float] = (1, 0, 0, 1),
) -> Any:
    """Add a text of runs; `box` is what is seen of it, and makes it a text in a box."""
    left, top, width, height = box or (int(at[0]), int(at[1]) - 40, 300, 50)
    layer = add_pixels(document, name, (left, top, width, height), "#000000")
    text = "".join(words for words, _ in runs)
    data = DescriptorBlock(name="", classID=b"TxLr")
    data[b"Txt "] = String(text + "\0")
    engine = _engine_data(text, runs, justification, is_box=box is not None)
    data[b"EngineData"] = RawData(engine)
    warp = DescriptorBlock(name="", classID=b"warp")
    warp[b"warpStyle"] = Enumerated(b"warpStyle", b"warpNone")
    layer.tagged_blocks.set_data(
        Tag.TYPE_TOOL_OBJECT_SETTING,
        version=1,
        transform=(*map(float, matrix), float(at[0]), float(at[1])),
        text_version=50,
        text_data=data,
        warp_version=1,
        warp=warp,
    )
    return layer


def _engine_data(
    text: str,
    runs: Sequence[tuple[str, dict[str, Any]]],
    justification: int,
    *,
    is_box: bool,
) -> bytes:
    fonts = list(dict.fromkeys(look.get("font", "Inter-Regular") for _, look in runs))
    styles, lengths = [], []
    for words, look in runs:
        red, green, blue = look.get("color", (0, 0, 0))
        values = {
            "Font": fonts.index(look.get("font", "Inter-Regular")),
            "FontSize": float(look.get("size", 40)),
            "AutoLeading": "false" if "leading" in look else "true",
            "Leading": float(look.get("leading", 0)),
            "Tracking": int(look.get("tracking", 0)),
            "FauxBold": "true" if look.get("bold") else "false",
            "FontCaps": 2 if look.get("caps") else 0,
        }
        body = " ".join(f"/{key} {value}" for key, value in values.items())
        color = f"/FillColor << /Type 1 /Values [ 1.0 {red} {green} {blue} ] >>"
        styles.append(f"<< /StyleSheet << /StyleSheetData << {body} {color} >> >> >>")
        lengths.append(str(len(words)))
    paragraphs = text.split("\r")
    counts = [str(len(one) + 1) for one in paragraphs]
    sheet = (
        "<< /ParagraphSheet << /Properties << /Justification "
        f"{justification} /AutoLeading 1.2 >> >> >>"
    )
    shape = int(is_box)
    head = (
        "<< /EngineDict << /ParagraphRun << /RunArray [ "
        f"{' '.join([sheet] * len(paragraphs))} ] /RunLengthArray [ "
        f"{' '.join(counts)} ] >> /StyleRun << /RunArray [ {' '.join(styles)} ] "
        f"/RunLengthArray [ {' '.join(lengths)} ] >> /Rendered << /Shapes << "
        f"/Children [ << /ShapeType {shape} /Cookie << /Photoshop << /ShapeType "
        f"{shape} >> >> >> ] >> >> >> /ResourceDict << /FontSet [ "
    )
    out = head.encode()
    for font in fonts:
        name = b"(\xfe\xff" + font.encode("utf-16-be") + b")"
        out += b"<< /Name " + name + b" /Script 0 /FontType 1 /Synthetic 0 >> "
    return out + b"] >> >>"


def rgb(red: float, green: float, blue: float) -> Descriptor:
    found = Descriptor(classID=b"RGBC")
    for key, value in ((b"Rd  ", red), (b"Grn ", green), (b"Bl  ", blue)):
        found[key] = Double(float(value))
    return found


def rectangle(x: float, y: float, width: float, height: float) -> Corners:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def set_outline(layer: Any, corners: Corners, size: tuple[int, int] = SIZE) -> None:
    """Give a layer a vector mask through corners."""
    knots = []
    for x, y in corners:
        place = (y / size[1], x / size[0])
        knots.append(ClosedKnotLinked(place, place, place))
    path = Path([PathFillRule(), InitialFillRule(0), ClosedPath(items=knots)])
    layer.tagged_blocks.set_data(
        Tag.VECTOR_MASK_SETTING1, version=3, flags=0, path=path
    )


def add_shape(
    document: Any,
    name: str,
    corners: Corners,
    color: tuple[float, float, float] = (244, 128, 60),
    gradient: tuple[tuple[float, float, float], tuple[float, float, float]]
    | None = None,
) -> Any:
    """Add a shape, of one color or a linear gradient to the right."""
    left, top = (round(min(values)) for values in zip(*corners, strict=True))
    right, bottom = (round(max(values)) for values in zip(*corners, strict=True))
    layer = add_pixels(
        document, name, (left, top, right - left, bottom - top), "#000000"
    )
    set_outline(layer, corners)
    content = DescriptorBlock(name="", classID=b"null")
    if gradient is None:
        content[b"Clr "] = rgb(*color)
        layer.tagged_blocks[Tag.SOLID_COLOR_SHEET_SETTING] = _block(
            Tag.SOLID_COLOR_SHEET_SETTING, content
        )
        return layer
    grad = Descriptor(classID=b"Grdn")
    grad[b"Clrs"] = List(
        [_stop(color, place) for color, place in zip(gradient, (0, 4096), strict=True)]
    )
    content[b"Grad"] = grad
    content[b"Angl"] = UnitFloat(value=0.0, unit=Unit.Angle)
    content[b"Type"] = Enumerated(b"GrdT", b"Lnr ")
    content[b"Rvrs"] = Bool(False)
    layer.tagged_blocks[Tag.GRADIENT_FILL_SETTING] = _block(
        Tag.GRADIENT_FILL_SETTING, content
    )
    return layer


def _stop(color: tuple[float, float, float], place: int) -> Descriptor:
    found = Descriptor(classID=b"Clrt")
    found[b"Clr "] = rgb(*color)
    found[b"Lctn"] = Double(float(place))
    return found


def _block(tag: Any, data: Any) -> Any:
    return TaggedBlock(key=tag, data=data)


def add_stroke(layer: Any, color: tuple[float, float, float], width: float) -> None:
    content = Descriptor(classID=b"solidColorLayer")
    content[b"Clr "] = rgb(*color)
    block = DescriptorBlock(name="", classID=b"strokeStyle")
    block[b"strokeEnabled"] = Bool(True)
    block[b"fillEnabled"] = Bool(True)
    block[b"strokeStyleLineWidth"] = UnitFloat(value=width, unit=Unit.Pixels)
    block[b"strokeStyleContent"] = content
    layer.tagged_blocks[Tag.VECTOR_STROKE_DATA] = _block(Tag.VECTOR_STROKE_DATA, block)
