import re
from pathlib import Path

import pytest

from brandgen.config import quotes, reference

ROOT = Path(__file__).resolve().parents[2]
CODE = (ROOT / "brandgen" / "config" / "settings.py").read_text()


class TestSettingsReference:
    def test_names_every_variable_and_no_other(self) -> None:
        read = set(re.findall(r"env\.read_\w+\(\s*\"(\w+)\"", CODE)) | {"SECRET_KEY"}
        page = (ROOT / "docs" / "reference" / "settings.md").read_text()
        rows = [line.split("|")[1] for line in page.splitlines() if line[:3] == "| `"]

        documented = set(re.findall(r"`([A-Z0-9_]+)`", " ".join(rows)))

        assert documented == read


class TestEnvExample:
    def test_lists_every_variable(self) -> None:
        read = set(re.findall(r"env\.read_\w+\(\s*\"(\w+)\"", CODE)) | {"SECRET_KEY"}
        example = (ROOT / "docker" / ".env.example").read_text()

        listed = set(re.findall(r"^#? ?([A-Z0-9_]+)=", example, re.MULTILINE))

        assert read - listed == set()


class TestGlossary:
    def test_is_in_alphabetical_order(self) -> None:
        page = (ROOT / "docs" / "reference" / "glossary.md").read_text()
        words = re.findall(r"^\| ([a-z ]+) \|", page, re.MULTILINE)[1:]

        assert words == sorted(words)

    @pytest.mark.parametrize(
        ("word", "path"),
        [
            ("asset", "library.models.Asset"),
            ("batch", "creatives.models.Batch"),
            ("brand kit", "brands.models.BrandKit"),
            ("candidate", "generation.models.Candidate"),
            ("commercial license", "model_registry.models.CommercialLicense"),
            ("creative", "creatives.models.Creative"),
            ("decision", "review.models.Decision"),
            ("decoding", "generation.models.Decoding"),
            ("destination", "exports.models.Destination"),
            ("export", "exports.models.Export"),
            ("finding", "lib.findings.Finding"),
            ("flow", "review.models.Flow"),
            ("generation", "generation.models.Generation"),
            ("job", "jobs.models.Job"),
            ("lease", "jobs.lease.Lease"),
            ("preset", "presets.models.Preset"),
            ("public form", "links.models.PublicForm"),
            ("receipt", "exports.models.Receipt"),
            ("refusal", "safety.models.Refusal"),
            ("rendition", "library.models.Rendition"),
            ("review", "review.models.Review"),
            ("signed address", "links.models.SignedAddress"),
            ("template", "creatives.models.Template"),
        ],
    )
    def test_names_what_the_code_names(self, word: str, path: str) -> None:
        from django.utils.module_loading import import_string

        page = (ROOT / "docs" / "reference" / "glossary.md").read_text()

        assert f"\n| {word} |" in page
        assert import_string(f"brandgen.{path}")


class TestErrorsReference:
    def test_is_what_the_code_says(self) -> None:
        assert reference.PAGE.read_text() == reference.write_page()

    def test_gives_every_error_a_meaning(self) -> None:
        assert [e.name for e in reference.find_errors() if not e.meaning] == []


class TestQuotedCode:
    @pytest.mark.parametrize("page", quotes.find_pages(), ids=lambda page: page.name)
    def test_is_the_code_that_is_there(self, page: Path) -> None:
        text = page.read_text()

        assert text == quotes.refresh(text)

    def test_quotes_a_method_with_all_of_its_lines(self) -> None:
        code = quotes.read_code(Path(quotes.__file__), "refresh")

        assert code.startswith("def refresh(page: str) -> str:")
        assert code.endswith("return QUOTE.sub(quote_again, page)")

    def test_says_what_is_not_there(self) -> None:
        with pytest.raises(quotes.QuoteError, match=r"has no refresh\.nothing"):
            quotes.read_code(Path(quotes.__file__), "refresh.nothing")
