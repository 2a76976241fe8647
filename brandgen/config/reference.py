"""Write ``docs/reference/errors.md``: ``python -m brandgen.config.reference``."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "errors.md"
HEAD = """# Errors

Every error that brandgen names, by the part that raises it. Its message says what
happened, the value seen and what to do next; this page says what kind it is. Made from
the code by `python -m brandgen.config.reference`, and held to it by a test.
"""


@dataclass(frozen=True, order=True)
class NamedError:
    """An exception class of ours."""

    module: str
    name: str
    meaning: str


def find_errors(package: Path = ROOT / "brandgen") -> Iterator[NamedError]:
    """Read all classes whose name ends in Error, without importing anything."""
    for path in sorted(package.rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts[1:])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                meaning = (ast.get_docstring(node) or "").split("\n\n")[0]
                yield NamedError(module, node.name, " ".join(meaning.split()))


def write_page() -> str:
    """Return the page: one table for each part."""
    lines = [HEAD]
    part = ""
    for error in sorted(find_errors()):
        if error.module.split(".")[0] != part:
            part = error.module.split(".")[0]
            lines += [
                f"\n## {part}\n",
                "| error | raised by | meaning |",
                "| --- " * 3 + "|",
            ]
        lines.append(f"| `{error.name}` | `{error.module}` | {error.meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(write_page(), encoding="utf-8")
