from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from brandgen.engine.fake import FakeEngine
from brandgen.generation.models import Candidate, Decoding, Generation
from brandgen.generation.reproduce import (
    UnknownImageError,
    find_decoding,
    reproduce,
)
from brandgen.generation.runner import run_decoder, run_prior
from tests.factories import make_asset, make_decoding, make_generation, make_lease

pytestmark = pytest.mark.django_db


def finish_one() -> Decoding:
    generation = make_generation(seeds=[7])
    run_prior(make_lease(generation), engine=FakeEngine())
    decoding = make_decoding(candidate=generation.candidates.get())
    run_decoder(make_lease(decoding), engine=FakeEngine())
    decoding.refresh_from_db()
    return decoding


def sha256_of(decoding: Decoding) -> str:
    assert decoding.asset is not None
    return decoding.asset.sha256


class TestReproduce:
    def test_makes_the_same_bytes_again(self) -> None:
        decoding = finish_one()

        result = reproduce(find_decoding(sha256_of(decoding)), engine=FakeEngine())

        assert result.is_same
        assert result.differences == ()

    def test_says_that_the_prior_made_something_else(self) -> None:
        decoding = finish_one()
        Generation.objects.update(prompt="red dots")

        result = reproduce(find_decoding(sha256_of(decoding)), engine=FakeEngine())

        assert not result.is_same
        assert result.differences[0] == "The prior made other image embeddings."

    def test_names_the_library_that_has_changed(self) -> None:
        decoding = finish_one()
        candidate = Candidate.objects.get()
        candidate.model_identity["libraries"]["numpy"] = "1.0"
        candidate.save()

        result = reproduce(find_decoding(sha256_of(decoding)), engine=FakeEngine())

        assert result.is_same
        assert "prior's libraries was {'numpy': '1.0'" in result.differences[0]

    def test_does_not_know_uploads(self) -> None:
        with pytest.raises(UnknownImageError, match="No generation made"):
            find_decoding(make_asset().sha256)


class TestReproduceCommand:
    def test_reports_the_proof(self) -> None:
        sha256 = sha256_of(finish_one())
        out = StringIO()

        call_command("reproduce", sha256.upper(), stdout=out)

        assert f"The same, byte for byte: {sha256}" in out.getvalue()

    def test_fails_and_says_what_differs(self) -> None:
        sha256 = sha256_of(finish_one())
        Decoding.objects.update(seed=99)
        errors = StringIO()

        with pytest.raises(CommandError, match="Not the same image"):
            call_command("reproduce", sha256, stderr=errors)

        assert "The file is" in errors.getvalue()

    def test_fails_on_what_is_no_image_of_ours(self) -> None:
        with pytest.raises(CommandError, match="No generation made"):
            call_command("reproduce", "0" * 64)
