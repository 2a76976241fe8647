import json
from typing import Any

import pytest
from django.core import serializers
from django.db import connection, models

from brandgen.creatives.models import TemplateVersion
from brandgen.lib.ordered_json import OrderedJSONField
from tests.factories import make_template_version

OTHERWISE = {"ddd": True, "b": {"yy": None, "x": []}, "cc": "ä\n", "a": 1}
"""Not in the order in which PostgreSQL's `jsonb` gives keys back."""


def written(document: Any) -> str:
    """Write it so that the order tells."""
    return json.dumps(document)


@pytest.mark.django_db
class TestOrderedJSONField:
    def keep(self, document: Any) -> TemplateVersion:
        version = make_template_version(document=document, published_at=None)
        version.refresh_from_db()
        return version

    def test_keeps_every_key_in_its_place(self) -> None:
        assert written(self.keep(OTHERWISE).document) == written(OTHERWISE)

    def test_keeps_it_when_many_rows_are_written_at_once(self) -> None:
        version = self.keep({})
        version.document = OTHERWISE

        TemplateVersion.objects.bulk_update([version], ["document"])

        version.refresh_from_db()
        assert written(version.document) == written(OTHERWISE)

    def test_goes_through_a_fixture(self) -> None:
        version = self.keep(OTHERWISE)

        text = serializers.serialize("json", [version])
        (read,) = serializers.deserialize("json", text)

        assert isinstance(read.object, TemplateVersion)
        assert written(read.object.document) == written(OTHERWISE)

    def test_is_kept_as_text_that_can_be_compared(self) -> None:
        field = TemplateVersion._meta.get_field("document")

        assert isinstance(field, OrderedJSONField)
        assert field.db_type(connection) == models.TextField().db_type(connection)
        assert TemplateVersion.objects.distinct().count() == 0
