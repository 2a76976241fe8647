"""The forms of creatives: what a marketer is told beside the fields."""

from typing import Any

import pytest

from brandgen.accounts.models import Brand
from brandgen.compositor import load_document
from brandgen.creatives.forms import TEXT, FillForm
from brandgen.creatives.picture_rules import ANY
from brandgen.creatives.pictures import Offer
from tests.compositor.pictures import plain_document, text_layer


class TestFillForm:
    @pytest.mark.parametrize(
        ("fields", "is_told"), [({"emphasis": {"color": "paper"}}, True), ({}, False)]
    )
    def test_says_where_stars_emphasize(
        self, fields: dict[str, Any], is_told: bool
    ) -> None:
        document = load_document(plain_document(text_layer(**fields)))

        form = FillForm(
            brand=Brand(), document=document, offers={"photo": Offer(ANY, [])}
        )

        assert ("between stars" in form.fields[TEXT + "line"].help_text) is is_told
