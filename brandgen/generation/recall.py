"""Offers what a picture was asked with to a form that somebody is filling in."""

from collections.abc import Collection
from dataclasses import dataclass

from brandgen.generation.forms import GenerationForm
from brandgen.generation.models import Candidate
from brandgen.presets.fields import PREFIX


@dataclass(frozen=True)
class Offer:
    """One field of the form, and what the picture was asked with there."""

    field: str
    label: str
    value: str
    words: str
    """The value as people read it."""


def find_offers(candidate: Candidate, form: GenerationForm) -> list[Offer]:
    """Return what the form has a place for: words, format and seed."""
    generation = candidate.generation
    size = f"{generation.width_px}x{generation.height_px}"
    asked = {PREFIX + name: str(value) for name, value in generation.values.items()}
    asked |= {"size": size, "seed": str(candidate.seed)}
    offers = []
    for name, value in asked.items():
        if name not in form.fields:
            continue
        words = value.replace("x", " × ") if name == "size" else value
        offers.append(Offer(name, str(form[name].label), value, words or "nothing"))
    return offers


def find_lost(candidate: Candidate, form: GenerationForm) -> list[str]:
    """Return what the picture was asked with that the form has no place for now."""
    return [
        f"{name}: {value}"
        for name, value in candidate.generation.values.items()
        if value and PREFIX + name not in form.fields
    ]


def take(form: GenerationForm, offers: list[Offer], names: Collection[str]) -> None:
    """Start the form with some of what is offered; what else it starts with stays."""
    form.initial.update(
        {each.field: each.value for each in offers if each.field in names}
    )
