"""`adapter`, and the option by which the prior samples with adapters."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from brandgen.engine.adapters.facts import AdapterFacts, find_misfit, read_facts
from brandgen.engine.adapters.files import AdapterCard, read_adapter, save_adapter
from brandgen.engine.adapters.formats import FORMAT_WORDS
from brandgen.engine.adapters.names import read_layers
from brandgen.engine.bundle import hash_file
from brandgen.engine.commands.engines import open_bundle
from brandgen.engine.commands.files import OutputError, check_folder, split_number
from brandgen.engine.errors import AdapterError
from brandgen.engine.protocol import ModelLicense
from brandgen.engine.requests import Adapter


def add_to(commands: Any, engine: argparse.ArgumentParser) -> None:
    """Describe the command."""
    adapter = commands.add_parser(
        "adapter",
        parents=[engine],
        help="say what an adapter is and whether it fits the model; write it anew",
    )
    adapter.add_argument("file", type=Path, metavar="FILE")
    adapter.add_argument("--json", action="store_true", help="print one JSON object")
    adapter.add_argument(
        "--word",
        action="append",
        default=[],
        help="what a file of the official repository teaches, in the order of its "
        "training; may be repeated",
    )
    adapter.add_argument(
        "--to", type=Path, metavar="OUT", help="write it in the format of brandgen"
    )
    says = adapter.add_argument_group("what the written file says about itself")
    says.add_argument("--name", help="default: as it does now")
    says.add_argument("--license", metavar="NAME", help="default: as it does now")
    says.add_argument("--license-url", default="", metavar="URL")
    says.add_argument("--commercial-use", choices=("yes", "no"), default="no")
    adapter.set_defaults(run=run_adapter)


def run_adapter(options: argparse.Namespace) -> None:
    """Print what an adapter is, and write it in our format if asked to.

    Raises:
        AdapterError: it can't be used with this model.
        OutputError: the new file can't be written.
    """
    if options.to is not None:
        check_folder(options.to)
    bundle = open_bundle(options)
    facts = read_facts(options.file)
    layers = read_layers(bundle)
    misfit = find_misfit(options.file, layers, words=options.word)
    model = bundle.described.name
    sha256 = hash_file(options.file)
    if options.json:
        print(json.dumps(as_json(facts, sha256=sha256, model=model, misfit=misfit)))
    else:
        print(describe(facts, sha256=sha256, model=model, fits=not misfit))
    if misfit:
        raise AdapterError(misfit)
    if options.to is None:
        return
    loaded = read_adapter(options.file, layers, sha256=sha256, words=options.word)
    try:
        written = save_adapter(
            options.to,
            _read_card(options, facts.card, layers.family),
            loaded.changes,
            loaded.tokens,
        )
    except OSError as error:
        raise OutputError(
            f"The adapter {options.to} can't be written: {error}."
        ) from error
    print(f"{options.to}: SHA-256 {written}")


def describe(facts: AdapterFacts, *, sha256: str, model: str, fits: bool) -> str:
    """Say what an adapter is, in a line for each fact."""
    card = facts.card
    words = ", ".join(f"[{word}]" for word in facts.words)
    if facts.nameless:
        words = f"{facts.nameless} by number alone (name them with --word)"
    return "\n".join(
        f"{name:9}{value}"
        for name, value in {
            "name": card.name,
            "format": FORMAT_WORDS[facts.format],
            "family": card.family or "it does not say",
            "license": card.license.name if card.license else "it does not say",
            "trained": card.training or "it does not say",
            "layers": f"{facts.layers}",
            "rank": ", ".join(map(str, facts.ranks)) or "none",
            "words": words or "none",
            "size": f"{facts.size_bytes / 1e6:.2f} MB",
            "SHA-256": sha256,
            "fits": f"{'yes' if fits else 'no'} ({model})",
        }.items()
    )


def as_json(
    facts: AdapterFacts, *, sha256: str, model: str, misfit: str
) -> dict[str, Any]:
    """Return the same as JSON."""
    return asdict(facts) | {
        "sha256": sha256,
        "model": model,
        "fits": not misfit,
        "reason": misfit,
    }


def add_adapter_option(parser: argparse.ArgumentParser) -> None:
    """Describe the option that names adapters."""
    parser.add_argument(
        "--adapter",
        action="append",
        default=[],
        metavar="FILE[:SCALE]",
        help="a LoRA of Stage C and how much of it, from -2 to 2 (default 1); may be "
        "repeated",
    )


def read_adapter_option(options: argparse.Namespace) -> tuple[Adapter, ...]:
    """Read the adapters that the options name.

    Raises:
        InvalidRequestError: a scale is beyond what can be.
    """
    return tuple(
        Adapter(*split_number(text, Adapter.scale)) for text in options.adapter
    )


def _read_card(
    options: argparse.Namespace, card: AdapterCard, family: str
) -> AdapterCard:
    """Take what the file says about itself, with what the options say anew."""
    license_ = card.license
    if options.license:
        is_allowed = options.commercial_use == "yes"
        license_ = ModelLicense(options.license, options.license_url, is_allowed)
    return AdapterCard(options.name or card.name, family, license_, card.training)
