"""The style of SVG elements: attributes, a small part of CSS, and what is inherited."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from brandgen.compositor.svg.notes import Notes

Style = Mapping[str, str]
MOST_RULES = 4000
INHERITED = frozenset(
    [
        "clip-rule",
        "color",
        "direction",
        "fill",
        "fill-opacity",
        "fill-rule",
        "font-family",
        "font-size",
        "font-style",
        "font-variant",
        "font-weight",
        "letter-spacing",
        "line-height",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-miterlimit",
        "stroke-opacity",
        "stroke-width",
        "text-anchor",
        "text-transform",
        "visibility",
        "white-space",
        "word-spacing",
        "writing-mode",
        "dominant-baseline",
        "marker-start",
        "marker-mid",
        "marker-end",
    ]
)
OWN = frozenset(
    [
        "opacity",
        "display",
        "clip-path",
        "mask",
        "filter",
        "mix-blend-mode",
        "stop-color",
        "stop-opacity",
        "baseline-shift",
        "text-decoration",
        "text-decoration-line",
    ]
)
# Known, and without effect on what is drawn here.
_QUIET = re.compile(
    r"-|font(-stretch|-feature.*|-kerning|-size-adjust|-variation.*|-variant-.*|-synth.*)"
    r"|(shape|text|color|image)-rendering|color-interpolation.*|paint-order|isolation"
    r"|enable-background|overflow|solid-.*|text-(indent|align|orient.*)"
    r"|shape-.*|text-decoration-.*|mask-type|inline-size|cursor|d\Z"
    r"|pointer-events|transform-(box|origin)|block-progression|font-optical-sizing"
)
_DEFAULTS = frozenset({"none", "normal", "auto", "0", "initial", "unset"})
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(\*|[A-Za-z][\w-]*)?([.#][\w-]+)?\Z")


def local(name: str) -> str:
    """Give a name without its namespace."""
    return name.rpartition("}")[2]


class Sheet:
    """The rules of a drawing's style elements, by simple selectors."""

    def __init__(self, root: Element, notes: Notes) -> None:
        self._notes = notes
        self._rules: dict[str, list[tuple[int, int, dict[str, str]]]] = {}
        self._count = 0
        for element in root.iter():
            if local(element.tag) == "style":
                self._read("".join(element.itertext()))

    def _read(self, text: str) -> None:
        text = re.sub(r"/\*.*?\*/|<!--|-->", " ", text, flags=re.DOTALL)
        for match in _RULE.finditer(text):
            selectors, body = match[1].strip(), match[2]
            if "@" in selectors or self._count >= MOST_RULES:
                if not selectors.startswith("@font-face"):
                    self._tell(selectors)
                continue
            properties = declarations(body)
            for selector in selectors.split(","):
                self._add(selector.strip(), properties)

    def _add(self, selector: str, properties: dict[str, str]) -> None:
        match = _SELECTOR.match(selector)
        if not selector or match is None:
            self._tell(selector)
            return
        mark = match[2] or ""
        weight = (100 if mark.startswith("#") else 10 if mark else 0) + bool(match[1])
        self._count += 1
        rule = (weight, self._count, properties)
        self._rules.setdefault(selector, []).append(rule)

    def _tell(self, selector: str) -> None:
        self._notes.add(
            f"CSS {selector[:60] or 'rule'}",
            "The rule is of a kind that is not read.",
            "Write what it says into the elements themselves.",
        )

    def own(self, element: Element) -> dict[str, str]:
        """Give what an element says itself, the strongest last."""
        found = {
            name: value
            for name, value in element.attrib.items()
            if name in INHERITED or name in OWN
        }
        tag = local(element.tag)
        marks = [f".{name}" for name in element.get("class", "").split()[:20]]
        if id_ := element.get("id"):
            marks.append(f"#{id_}")
        keys = ["*", tag, *marks, *(f"{tag}{mark}" for mark in marks)]
        rules = [rule for key in keys for rule in self._rules.get(key, ())]
        for _, _, properties in sorted(rules, key=lambda rule: rule[:2]):
            found |= properties
        return found | declarations(element.get("style", ""))

    def computed(self, element: Element, parent: Style) -> dict[str, str]:
        """Give an element's style: its own over what it inherits."""
        own = self.own(element)
        found = {name: value for name, value in parent.items() if name in INHERITED}
        for name, value in own.items():
            if value == "inherit":
                if name in parent:
                    found[name] = parent[name]
            elif name in INHERITED or name in OWN:
                found[name] = value
            elif name == "font":
                self._notes.add(
                    f"CSS font: {value[:40]}",
                    "The short form is not read.",
                    "Write font-family, font-size and font-weight.",
                )
            elif not _QUIET.match(name) and value not in _DEFAULTS:
                self._notes.add(f"CSS {name[:40]}", "The property is not known.")
        return found


def declarations(text: str) -> dict[str, str]:
    """Read the declarations of a rule or a style attribute."""
    found = {}
    for part in text.split(";"):
        name, sign, value = part.partition(":")
        if sign and value.strip():
            name = name.strip()
            name = name if name.startswith("--") else name.lower()
            found[name] = value.replace("!important", "").strip()
    return found
