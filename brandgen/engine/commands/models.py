"""`identity` and `manifest`: which model this is, and whether it is whole."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from brandgen.engine.bundle import Bundle, write_manifest
from brandgen.engine.commands.engines import make_engine


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the commands."""
    identity = commands.add_parser(
        "identity", parents=[engine], help="print which model this is, as JSON"
    )
    identity.set_defaults(run=run_identity)

    manifest = commands.add_parser(
        "manifest", help="hash a folder of weights and write its bundle.json"
    )
    manifest.add_argument("--bundle", type=Path, required=True)
    manifest.set_defaults(run=run_manifest)


def run_identity(options: argparse.Namespace) -> None:
    """Print which model this is and what it can do."""
    engine = make_engine(options)
    described = asdict(engine.identity())
    described["capabilities"] = sorted(engine.capabilities())
    print(json.dumps(described, indent=2, ensure_ascii=False))


def run_manifest(options: argparse.Namespace) -> None:
    """Write `bundle.json`, with the names and settings of the one that is there."""
    bundle = Bundle(options.bundle)
    written = write_manifest(options.bundle, bundle.described)
    print(f"{options.bundle}: {written.name}, {len(written.files)} files")
