import pytest

from brandgen.generation.estimates import Estimate, estimate
from brandgen.generation.models import Decoding
from tests.factories import make_candidate, make_decoding, make_generation

pytestmark = pytest.mark.django_db

ASKED = {"width_px": 256, "height_px": 256, "prior_steps": 4, "decoder_steps": 2}


class TestEstimate:
    def test_knows_nothing_before_the_first_image(self) -> None:
        assert estimate(**ASKED) == Estimate(None, None)
        assert Estimate(None, None).sheet_s(12) is None

    def test_takes_the_middle_of_what_the_last_ones_took(self) -> None:
        generation = make_generation(seeds=[1, 2, 3])
        for seconds in (0.5, 0.6, 30.0):
            make_candidate(generation=generation, prior_s=seconds)

        assert estimate(**ASKED).sheet_s(2) == pytest.approx(1.2)

    def test_scales_with_pixels_and_steps(self) -> None:
        make_decoding(candidate=make_candidate(prior_s=1.0), decoder_s=3.0)

        result = estimate(width_px=512, height_px=256, prior_steps=8, decoder_steps=2)

        assert result.prior_s == pytest.approx(4.0)
        assert result.finish_s(2) == pytest.approx(12.0)
        assert Decoding.objects.count() == 1
