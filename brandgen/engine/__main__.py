"""Makes pictures from the command line, without Django.

python -m brandgen.engine generate --prompt "teal waves" --seed 7 --out x.png
python -m brandgen.engine decode --embeddings e.safetensors --seed 3 --out y.png
python -m brandgen.engine vary --picture x.png --how strong --seed 8 --out z.png
python -m brandgen.engine adapter look.safetensors
python -m brandgen.engine identity
python -m brandgen.engine fit --bundle DIR --device cuda
python -m brandgen.engine manifest --bundle DIR
"""

import argparse
import sys
from collections.abc import Sequence

from brandgen.engine.commands import adapters, copies, edits, fit, generate, models
from brandgen.engine.commands.engines import engine_options
from brandgen.engine.errors import EngineError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it did its work, 2 if it could not as it was asked."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except EngineError as error:
        return fail(error, 2)
    except KeyboardInterrupt:
        return fail("Stopped.", 130)
    except BrokenPipeError:
        sys.stdout = None  # the reader has gone; nothing is left to say to it
        return 1
    return 0


def fail(error: object, code: int) -> int:
    """Say in one line what went wrong."""
    print(f"brandgen.engine: {error}", file=sys.stderr)
    return code


def build_parser() -> argparse.ArgumentParser:
    """Describe the commands and their options."""
    parser = argparse.ArgumentParser(
        prog="python -m brandgen.engine",
        description="Makes pictures with Stable Cascade, without Django.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    engine = engine_options()
    for module in (generate, edits, copies, adapters, models, fit):
        module.add_to(commands, engine)
    return parser


if __name__ == "__main__":
    sys.exit(main())
