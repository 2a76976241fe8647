import pytest
from django.db import IntegrityError, transaction

from brandgen.creatives.models import TemplateVersion
from tests.factories import make_template_version

pytestmark = pytest.mark.django_db


class TestTemplateVersion:
    def test_never_changes_once_published(self) -> None:
        version = make_template_version()

        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            TemplateVersion.objects.update(document={})

        version.refresh_from_db()
        assert version.document

    def test_changes_while_it_is_a_draft(self) -> None:
        version = make_template_version(published_at=None)

        TemplateVersion.objects.filter(id=version.id).update(document={})

        version.refresh_from_db()
        assert version.document == {}
