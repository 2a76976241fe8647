"""The forms of a page, found and filled in as a browser without scripts would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

TEXTS = {"text", "search", "textarea", "email", "url", "password", "tel", ""}
NUMBERS = {"number", "range", "date", "color"}


@dataclass
class Field:
    """One control: its name, its kind and what it holds."""

    name: str
    kind: str
    value: str = ""


@dataclass
class HtmlForm:
    """One form of a page."""

    url: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two forms ask the same."""
        names = tuple(sorted({one.name for one in self.fields}))
        return (self.method, self.url.partition("?")[0], names)

    def filled(
        self, text: str | None = None, number: str | None = None
    ) -> dict[str, list[str]]:
        """Return what it sends, with this text in every text, this in every number."""
        sent: dict[str, list[str]] = {}
        for one in self.fields:
            value = one.value
            if text is not None and one.kind in TEXTS:
                value = text
            if number is not None and one.kind in NUMBERS:
                value = number
            if one.kind != "file":
                sent.setdefault(one.name, []).append(value)
        return sent

    def emptied(self) -> dict[str, list[str]]:
        """Return what it sends if nothing is filled in: what is hidden alone."""
        return {one.name: [one.value] for one in self.fields if one.kind == "hidden"}


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[HtmlForm] = []
        self.by_id: dict[str, HtmlForm] = {}
        self._open: HtmlForm | None = None
        self._text: Field | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            url = urljoin(self.url, has.get("action", "")) or self.url
            self._open = HtmlForm(url, has.get("method", "get").lower())
            self.forms.append(self._open)
            self.by_id[has.get("id", "")] = self._open
            return
        form = self.by_id.get(has["form"]) if "form" in has else self._open
        chosen = self._select
        if tag == "option" and chosen and ("selected" in has or not chosen.value):
            chosen.value = has.get("value", "")
        if form is None or not has.get("name"):
            return
        if tag == "input":
            self._add_input(form, has)
        elif tag == "textarea":
            self._text = Field(has["name"], "textarea")
            form.fields.append(self._text)
        elif tag == "select":
            self._select = Field(has["name"], "select")
            form.fields.append(self._select)
        elif tag == "button" and has.get("type", "submit") == "submit":
            form.fields.append(Field(has["name"], "button", has.get("value", "")))

    def _add_input(self, form: HtmlForm, has: dict[str, str]) -> None:
        kind = has.get("type", "")
        is_off = kind in {"checkbox", "radio"} and "checked" not in has
        if not is_off:
            form.fields.append(Field(has["name"], kind, has.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._text = None
        elif tag == "select":
            self._select = None


def find_forms(html: str, *, url: str) -> list[HtmlForm]:
    """Return the forms of a page that was answered at an address."""
    reader = _Reader(url)
    reader.feed(html)
    return reader.forms
