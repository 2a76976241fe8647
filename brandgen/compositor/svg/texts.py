"""Texts of SVG: runs of letters become lines, lines become texts that may grow."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from brandgen.compositor.display import Rect
from brandgen.compositor.svg.colors import Ink
from brandgen.compositor.svg.css import Sheet, Style
from brandgen.compositor.svg.fonts import Fonts
from brandgen.compositor.svg.geometry import Matrix, to_px
from brandgen.compositor.svg.nodes import Leaf, Words
from brandgen.compositor.svg.notes import Notes, UnreadableError
from brandgen.compositor.svg.paints import Paints
from brandgen.compositor.svg.runs import (
    ADVICE,
    Line,
    Pen,
    Run,
    font_size,
    gather_lines,
    part_blocks,
)
from brandgen.compositor.text import TextEngine
from brandgen.compositor.typesetting.fitting import TextStyle
from brandgen.compositor.writing import clean_text, is_right_to_left

MOST_CHARS = 1500
LINE_HEIGHT = 1.2
# What a style may say of letters, and which of it changes nothing.
_PLAIN = {
    "text-decoration": "none",
    "text-decoration-line": "none",
    "font-variant": "normal",
    "word-spacing": "normal 0 0px",
    "writing-mode": "horizontal-tb lr-tb lr",
    "baseline-shift": "baseline 0 0%",
    "font-stretch": "normal 100%",
}


class Texts:
    """Reads text elements."""

    def __init__(
        self,
        *,
        engine: TextEngine,
        fonts: Fonts,
        paints: Paints,
        sheet: Sheet,
        notes: Notes,
    ) -> None:
        self._engine, self._fonts, self._paints = engine, fonts, paints
        self._sheet, self._notes = sheet, notes

    def read(
        self, element: Element, style: Style, matrix: Matrix, name: str
    ) -> list[Leaf]:
        """Give a text element's texts, one for each size of its lines."""
        pen = Pen(self._sheet, self._notes, name)
        lines = gather_lines(self._spaced(pen.runs(element, style), name))
        if not lines:
            return []
        if not matrix.is_upright:
            self._notes.add(
                name,
                "It is turned, slanted or stretched, which texts of a template are "
                "not; it is set upright.",
                ADVICE,
            )
        for key, plain in _PLAIN.items():
            values = {run.style.get(key, "") for line in lines for run in line.runs}
            for value in sorted(values - {""} - set(plain.split())):
                self._notes.add(name, f"{key}: {value[:30]} is left out.", ADVICE)
        return [self._leaf(block, matrix, name) for block in part_blocks(lines)]

    def _spaced(self, runs: Sequence[Run], name: str) -> Iterator[Run]:
        """Put a space between words that stand apart without one."""
        before: Run | None = None
        end = 0.0
        for run in runs:
            text, size = run.text, font_size(run.style)
            if run.x is not None and before and abs(run.y - before.y) < 0.1 * size:
                is_apart = run.x - end > 0.15 * size
                if is_apart and not before.text.endswith(" ") and text[:1] != " ":
                    text = f" {text}"
            start = run.x if run.x is not None else end
            end = start + self._width(run.text, run.style, name)
            before = run
            yield replace(run, text=text)

    def _width(self, text: str, style: Style, name: str) -> float:
        size = font_size(style)
        if not text.strip() or not 0 < size <= 10_000:
            return 0.0
        look = self._fonts.look(style, name, size)
        found = self._engine.fit(text, TextStyle(look, size, size), 1e6, 1e6)
        return found.width_px

    def _leaf(self, lines: Sequence[Line], matrix: Matrix, name: str) -> Leaf:
        """Make one text of lines that have one size."""
        main = max((line.main for line in lines), key=lambda run: len(run.text))
        size = lines[0].size * matrix.scale
        if not 1 <= size <= 4000:
            raise UnreadableError(f"its letters are {size:.4g} px high.")
        look = self._fonts.look(main.style, name, size)
        ink = self._ink(main.style, name)
        emphasis = self._emphasis(lines, main, name, size)
        texts = [_marked(line.runs, main.mark) for line in lines]
        if not emphasis:
            texts = [line.text for line in lines]
        texts = [clean_text(text) for text in texts]
        if sum(map(len, texts)) > MOST_CHARS:
            raise UnreadableError(f"it has more than {MOST_CHARS:,} letters.")
        style = TextStyle(
            look,
            size,
            size,
            max_lines=len(lines),
            line_height=self._line_height(lines, name),
            letter_spacing_em=self._spacing(main.style, name),
            emphasis=emphasis["look"] if emphasis else None,
        )
        found = self._engine.fit("\n".join(texts), style, 1e6, 1e6)
        x, baseline = matrix.point(lines[0].x, lines[0].y)
        side = {"middle": "center", "end": "end"}.get(
            main.style.get("text-anchor", "start"), "start"
        )
        if main.style.get("direction") == "rtl" and side != "center":
            side = "end" if side == "start" else "start"
        widths = [box.width / matrix.scale for box in found.boxes]
        if side == "start" and len(widths) == len(lines):
            side, place = self._seen_side(lines, widths, name)
            x = matrix.point(place, lines[0].y)[0]
        first = found.pieces[0].y if found.pieces else size
        shift = _hang(main.style, first - style.line_height * size / 2, size)
        top = baseline + shift - first
        share = {"start": 0.0, "center": 0.5, "end": 1.0}[side]
        rect = Rect(x - share * found.width_px, top, found.width_px, found.height_px)
        data: dict[str, Any] = {
            "type": "text",
            "font": self._fonts.token(look, name),
            "color": self._paints.token(ink, name),
            "align": _align(side, found.text),
            "line_height": round(style.line_height, 4),
        }
        if ink.opacity < 1:
            data["opacity"] = round(ink.opacity, 4)
        if style.letter_spacing_em:
            data["letter_spacing_em"] = style.letter_spacing_em
        if main.style.get("text-transform") == "uppercase":
            data["transform"] = "upper"
        if emphasis:
            data["emphasis"] = emphasis["data"]
        breaks = [line.runs[-1].breaks for line in lines]
        words = Words(texts, breaks, style, side, x, found.width_px)
        plain = " ".join(line.text for line in lines)
        most = max(20, -(-round(len(plain) * 1.4) // 10) * 10)
        slot = {"type": "text", "label": plain[:60], "max_chars": min(2000, most)}
        return Leaf(name, data, rect, slot=slot, words=words)

    def _seen_side(
        self, lines: Sequence[Line], widths: Sequence[float], name: str
    ) -> tuple[str, float]:
        """Say where lines are aligned that all begin at places of their own.

        Programs place the lines of a centered text one by one.
        """
        near = 0.2 * lines[0].size
        for side, share in (("start", 0.0), ("center", 0.5), ("end", 1.0)):
            places = [
                line.x + share * width
                for line, width in zip(lines, widths, strict=True)
            ]
            if max(places) - min(places) <= near:
                mean = sum(places) / len(places)
                return side, mean if share else lines[0].x
        self._notes.add(
            name,
            "Its lines begin at different places; they are aligned.",
            "Set them as texts of their own.",
        )
        return "start", lines[0].x

    def _ink(self, style: Style, name: str) -> Ink:
        found = self._paints.ink(style, "fill", name)
        stroke = self._paints.ink(style, "stroke", name)
        if stroke and stroke.opacity:
            self._notes.add(name, "The line around its letters is left out.", ADVICE)
        return found or stroke or Ink("#000000")

    def _emphasis(
        self, lines: Sequence[Line], main: Run, name: str, size: float
    ) -> dict[str, Any] | None:
        """Give the one look that differs within a text; None if there is none."""
        base = main.mark
        runs = [run for line in lines for run in line.runs if run.text.strip()]
        others = Counter(run.mark for run in runs)
        del others[base]
        if not others:
            return None
        if len(others) > 1:
            self._notes.add(
                name,
                f"It has {len(others) + 1} looks; all but the main one are emphasized "
                "alike.",
                "Set what differs as texts of their own.",
            )
        mark = others.most_common(1)[0][0]
        other = next(run for run in runs if run.mark == mark)
        look = self._fonts.look(other.style, name, size)
        data: dict[str, str] = {}
        if look != self._fonts.look(main.style, name, size):
            data["font"] = self._fonts.token(look, name)
        ink = self._paints.ink(other.style, "fill", name)
        color = self._paints.token(ink, name) if ink else ""
        if color and color != self._paints.token(self._ink(main.style, name), name):
            data["color"] = color
        return {"look": look, "data": data} if data else None

    def _spacing(self, style: Style, name: str) -> float:
        size = font_size(style)
        text = style.get("letter-spacing", "normal")
        if text == "normal":
            return 0.0
        try:
            em = to_px(text, of=size, em=size) / size
        except UnreadableError as error:
            self._notes.add(name, f"Its letter spacing: {error}")
            return 0.0
        if not -0.2 <= em <= 1:
            self._notes.add(name, f"Letters {em:.2f} em apart are set from -0.2 to 1.")
        return round(min(1.0, max(-0.2, em)), 4)

    def _line_height(self, lines: Sequence[Line], name: str) -> float:
        size = lines[0].size
        gaps = [b.y - a.y for a, b in itertools.pairwise(lines)]
        if not gaps:
            return LINE_HEIGHT
        mean = sum(gaps) / len(gaps)
        if max(gaps) - min(gaps) > 0.1 * size:
            self._notes.add(
                name,
                "Its lines are not evenly apart; they are set so.",
                "Set them as texts of their own.",
            )
        return min(3.0, max(0.7, mean / size))


def _marked(runs: Sequence[Run], base: tuple[str, ...]) -> str:
    """Write a line with what is not in the main look between stars."""
    parts: list[tuple[bool, str]] = []
    for run in runs:
        is_strong = run.mark != base
        text = re.sub(r"([*\\])", r"\\\1", run.text)
        if parts and parts[-1][0] == is_strong:
            parts[-1] = (is_strong, parts[-1][1] + text)
        else:
            parts.append((is_strong, text))
    written = []
    for is_strong, text in parts:
        core = text.strip()
        before = text[: len(text) - len(text.lstrip())]
        after = text[len(text.rstrip()) :] if core else ""
        written.append(f"{before}*{core}*{after}" if is_strong and core else text)
    return "".join(written).strip()


def _align(side: str, text: str) -> str:
    """Give an alignment along the text's own direction."""
    if side == "center" or not is_right_to_left(text, "auto"):
        return side
    return "end" if side == "start" else "start"


def _hang(style: Style, middle: float, size: float) -> float:
    """Give how far a baseline lies below what a text hangs from."""
    name = style.get("dominant-baseline", "auto")
    if name in ("middle", "central"):
        return middle
    if name in ("hanging", "text-before-edge", "text-top"):
        return 0.75 * size
    return 0.0
