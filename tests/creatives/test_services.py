import json

import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.drafts import save_template_version
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.services import (
    TemplateError,
    import_template,
    publish_template,
)
from brandgen.creatives.torture import (
    TortureFailedError,
    TortureWarningError,
    UntestedTemplateError,
)
from brandgen.library.collections import CollectionInUseError, delete_collection
from brandgen.library.models import Collection
from tests.factories import (
    NOW,
    make_brand,
    make_collection,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_torture_test,
    make_user,
)

pytestmark = pytest.mark.django_db


def spring(**changes: object) -> str:
    return json.dumps(json.loads(SPRING.read_bytes()) | changes)


def publish(version: TemplateVersion) -> None:
    make_torture_test(version)
    publish_template(version=version, by=make_manager(), at=NOW)


class TestImportTemplate:
    def test_keeps_a_draft(self) -> None:
        version = import_template(
            brand=make_brand(), source=SPRING.read_bytes(), by=make_manager(), at=NOW
        )

        assert version.template.name == "Northwind Spring"
        assert version.published_at is None
        assert set(version.load().formats) == {"square", "story", "landscape"}

    def test_says_where_the_document_is_wrong(self) -> None:
        with pytest.raises(TemplateError, match=r"at /formats/square"):
            import_template(
                brand=make_brand(),
                source=spring(formats={"square": {"width_px": "wide"}}),
                by=make_manager(),
                at=NOW,
            )

        assert not Template.objects.exists()

    @pytest.mark.parametrize("source", ["", "{", "[]", "\0", "{}", "x" * 600_000])
    def test_refuses_what_is_no_document(self, source: str) -> None:
        with pytest.raises(TemplateError):
            import_template(
                brand=make_brand(), source=source, by=make_manager(), at=NOW
            )

    def test_refuses_pages_which_only_the_command_line_draws(self) -> None:
        source = spring(pages=[{"name": "cover"}, {"name": "closing"}])

        with pytest.raises(TemplateError, match="carousel of 2 pages") as caught:
            import_template(
                brand=make_brand(), source=source, by=make_manager(), at=NOW
            )

        assert caught.value.pointer == "/pages"
        assert not Template.objects.exists()

    def test_refuses_a_name_that_is_taken(self) -> None:
        kwargs = {"brand": make_brand(), "by": make_manager(), "at": NOW}
        import_template(source=spring(), **kwargs)

        with pytest.raises(TemplateError, match="add a new version"):
            import_template(source=spring(), **kwargs)

    def test_is_for_brand_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            import_template(brand=make_brand(), source=spring(), by=make_user(), at=NOW)


class TestPublishTemplate:
    def test_freezes_the_version_once(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)

        assert publish_template(version=version, by=make_manager(), at=NOW)
        assert not publish_template(version=version, by=make_manager(), at=NOW)

        assert version.template.find_published() == version
        assert Entry.objects.filter(action="template.published").count() == 1

    def test_holds_the_collections_of_the_version_in_use(self) -> None:
        make_layout_kit()
        collection = make_collection(name="Summer 26", key="summer")
        version = make_template_version(collection="summer", published_at=None)
        free = spring(name="Free")

        publish(version)
        with pytest.raises(CollectionInUseError, match=version.template.name):
            delete_collection(collection=collection, by=make_user(), at=NOW)
        publish(
            save_template_version(
                template=version.template, source=free, by=make_manager(), at=NOW
            )
        )
        delete_collection(collection=collection, by=make_user(), at=NOW)

        assert not Collection.objects.exists()

    def test_refuses_a_collection_that_the_library_does_not_have(self) -> None:
        make_layout_kit()
        make_collection(key="summer")
        make_collection(key="sommer", brand=make_brand(name="Southwind"))
        version = make_template_version(collection="sommer", published_at=None)

        with pytest.raises(TemplateError, match="Did you mean 'summer'") as refused:
            publish(version)

        assert refused.value.pointer == "/slots/hero/collection"
        assert not version.template.find_published()

    def test_needs_a_brand_kit(self) -> None:
        version = make_template_version(published_at=None)

        with pytest.raises(TemplateError, match="no published brand kit"):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_what_was_not_tried(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)

        with pytest.raises(UntestedTemplateError, match="not tried"):
            publish_template(version=version, by=make_manager(), at=NOW)

        version.refresh_from_db()
        assert version.published_at is None

    def test_refuses_a_draft_that_was_changed_since(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)
        changed = TemplateVersion.objects.filter(id=version.id)
        changed.update(document=version.document | {"name": "Changed"})

        with pytest.raises(UntestedTemplateError):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_a_result_of_another_brand_kit(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version)
        make_layout_kit(brand=version.template.brand, version=2)

        with pytest.raises(UntestedTemplateError):
            publish_template(version=version, by=make_manager(), at=NOW)

    def test_refuses_what_failed_whatever_one_says(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version, fail_count=2)

        with pytest.raises(TortureFailedError, match="2 of 21"):
            publish_template(
                version=version, by=make_manager(), at=NOW, despite_warnings=True
            )

    def test_wants_warnings_to_be_seen(self) -> None:
        make_layout_kit()
        version = make_template_version(published_at=None)
        make_torture_test(version, warn_count=1)

        with pytest.raises(TortureWarningError, match="1 of 21"):
            publish_template(version=version, by=make_manager(), at=NOW)
        assert publish_template(
            version=version, by=make_manager(), at=NOW, despite_warnings=True
        )
