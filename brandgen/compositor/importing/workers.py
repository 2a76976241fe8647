"""Read a stranger's file in a process of its own: bounded in time and memory.

What such a file does to the program that reads it ends with that process.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from brandgen.compositor.importing.errors import ImportedFileError
from brandgen.compositor.svg.notes import Note

TIMEOUT_S = 40
CPU_S = 30
MEMORY_BYTES = 2 * 2**30
MOST_ANSWER_BYTES = 24 * 2**20
_MODULE = "brandgen.compositor.importing.worker"


@dataclass(frozen=True)
class ReadPage:
    """A page, an artboard or a frame of a file, as SVG."""

    name: str
    svg: str


def read_apart(
    kind: str, data: bytes, *options: str
) -> tuple[list[ReadPage], list[Note]]:
    """Have a file read as SVG, in a process of its own; with notes for the designer.

    Raises:
        ImportedFileError: it can't be imported, or not in the time and memory given.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", _MODULE, kind, *options],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ImportedFileError(
            f"Reading the file took more than {TIMEOUT_S} seconds. Simplify it, and "
            "export it again."
        ) from error
    if done.returncode or len(done.stdout) > MOST_ANSWER_BYTES:
        raise ImportedFileError(
            "The file can't be read: it is damaged, or takes more time or memory than "
            "an import may. Export it again, or a smaller part of it."
        )
    answer = json.loads(done.stdout)
    if "problem" in answer:
        raise ImportedFileError(answer["problem"])
    pages = [ReadPage(**page) for page in answer["pages"]]
    return pages, [Note(**note) for note in answer["notes"]]


def bound_process() -> None:
    """Bound the time and memory of this process, and let it write no file."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MOST_ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))


def write_answer(pages: Sequence[ReadPage], notes: Sequence[Note]) -> str:
    """Write what was read, for the process that asked."""
    return json.dumps(
        {
            "pages": [asdict(page) for page in pages],
            "notes": [asdict(note) for note in notes],
        }
    )
