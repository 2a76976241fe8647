"""What changed between two versions of a brand kit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from brandgen.brands.models import BrandKit


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    part: str
    """Palette, Fonts, Logos, Imagery, Banned terms, Disclaimers, Words."""
    kind: Literal["added", "removed", "changed"]
    name: str
    before: str = ""
    after: str = ""


def compare_kits(before: BrandKit | None, after: BrandKit) -> list[Change]:
    """List what a version adds to, takes from and changes in the one before."""
    changes: list[Change] = []
    for part, relation, key, words in PARTS:
        old = _index(getattr(before, relation).all() if before else (), key, words)
        new = _index(getattr(after, relation).all(), key, words)
        changes += _compare(part, old, new)
    old_words = _index_words(before) if before else {}
    return changes + _compare("Words", old_words, _index_words(after))


def _index(
    rows: Iterable[Any], key: Callable[[Any], str], words: Callable[[Any], str]
) -> dict[str, str]:
    return {key(row): words(row) for row in rows}


def _index_words(kit: BrandKit) -> dict[str, str]:
    words = {
        "Tone of voice": kit.voice,
        "Credit line": kit.credit_line,
        "Rights line": kit.rights_line,
    }
    return {name: text for name, text in words.items() if text}


def _compare(part: str, old: dict[str, str], new: dict[str, str]) -> list[Change]:
    added = [Change(part, "added", k, after=v) for k, v in new.items() if k not in old]
    gone = [
        Change(part, "removed", k, before=v) for k, v in old.items() if k not in new
    ]
    changed = [
        Change(part, "changed", k, before=old[k], after=v)
        for k, v in new.items()
        if k in old and old[k] != v
    ]
    return added + gone + changed


PARTS: tuple[tuple[str, str, Callable[[Any], str], Callable[[Any], str]], ...] = (
    (
        "Palette",
        "colors",
        lambda c: c.name,
        lambda c: ", ".join(
            [
                c.hex,
                *([f"CMYK {c.inks}"] if c.inks else []),
                c.get_role_display(),
                f"{c.share_percent} %",
                f"“{c.word}”",
            ]
        ),
    ),
    (
        "Fonts",
        "fonts",
        str,
        lambda f: (
            f"{f.glyph_count:,} glyphs, {f.license_name or 'no license'}, "
            f"file {f.sha256[:8]}"
        ),
    ),
    (
        "Logos",
        "logos",
        lambda logo: logo.get_variant_display(),
        lambda logo: (
            f"{logo.width_px} × {logo.height_px} px, clear space "
            f"{logo.clear_space_percent} %, smallest {logo.smallest_width_px} px, "
            f"file {logo.sha256[:8]}"
        ),
    ),
    ("Imagery", "imagery_rules", str, lambda rule: rule.text),
    ("Banned terms", "banned_terms", lambda t: t.term, lambda t: t.reason),
    (
        "Disclaimers",
        "disclaimers",
        str,
        lambda d: "; ".join(
            [
                *(
                    f"{tag}: {text}" if tag else text
                    for tag, text in d.wordings.items()
                ),
                *([f"where {', '.join(d.triggers)} is said"] if d.triggers else []),
                f"at least {d.smallest_px:g} px, {d.smallest_pt:g} pt",
            ]
        ),
    ),
)
