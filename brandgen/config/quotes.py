"""Set quoted code to what the code is now: ``python -m brandgen.config.quotes``.

A page names what it quotes in a comment before a block of Python:
``<!-- code: brandgen/engine/miniature/stages/text.py TextLesson.loss -->``.
"""

import ast
import re
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
QUOTE = re.compile(
    r"(?P<mark><!-- code: (?P<path>\S+) (?P<name>\S+) -->\n+)"
    r"```python\n(?P<code>.*?)```",
    re.DOTALL,
)


class QuoteError(Exception):
    """A page quotes what the code does not have. The message is fit to show."""


def refresh(page: str) -> str:
    """Return a page with every quote as the code is now."""

    def quote_again(match: re.Match[str]) -> str:
        code = read_code(ROOT / match["path"], match["name"])
        return f"{match['mark']}```python\n{code}\n```"

    return QUOTE.sub(quote_again, page)


def read_code(path: Path, name: str) -> str:
    """Read the source of a function, a class or one of its methods: "Lesson.loss".

    Raises:
        QuoteError: the file has nothing of that name.
    """
    source = path.read_text(encoding="utf-8")
    inside: list[ast.stmt] = ast.parse(source).body
    found: ast.FunctionDef | ast.ClassDef | None = None
    for part in name.split("."):
        named = (
            node
            for node in inside
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part
        )
        found = next(named, None)
        if found is None:
            raise QuoteError(f"{path} has no {name}. Quote what is there.")
        inside = found.body
    if found is None:
        raise QuoteError(f"Nothing of {path} is named. Name a function or a class.")
    first = min([found.lineno, *(mark.lineno for mark in found.decorator_list)])
    lines = source.splitlines()[first - 1 : found.end_lineno]
    return dedent("\n".join(lines))


def find_pages() -> list[Path]:
    """List the pages that quote code."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [page for page in pages if QUOTE.search(page.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    for page in find_pages():
        page.write_text(refresh(page.read_text(encoding="utf-8")), encoding="utf-8")
