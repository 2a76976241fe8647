import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.drafts import (
    StaleTemplateError,
    save_template_version,
    start_template,
)
from brandgen.creatives.editing import Draft, draw_draft, find_case
from brandgen.creatives.models import Template, TemplateVersion
from brandgen.creatives.services import TemplateError
from tests.factories import (
    NOW,
    make_brand,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_user,
)

pytestmark = pytest.mark.django_db


def spring(**changes: object) -> str:
    return json.dumps(json.loads(SPRING.read_bytes()) | changes)


def save(template: Template, name: str = "New", **changes: object) -> TemplateVersion:
    kwargs: dict = {"source": spring(name=name), "by": make_manager(), "at": NOW}
    return save_template_version(template=template, **(kwargs | changes))


def told() -> int:
    return Entry.objects.filter(action="template.saved").count()


class TestSaveTemplateVersion:
    def test_starts_a_draft_after_the_published_version(self) -> None:
        published = make_template_version()

        draft = save(published.template, base=published.mark)

        assert (draft.version, draft.published_at) == (2, None)
        assert (draft.saved_by, draft.saved_at) == (make_manager(), NOW)
        published.refresh_from_db()
        assert published.document["name"] == "Northwind Spring"

    def test_changes_the_draft_that_there_is(self) -> None:
        template = make_template_version().template
        for name in ("One", "Two"):
            save(template, name)

        assert template.versions.count() == 2
        assert template.find_draft().document["name"] == "Two"

    def test_saves_on_from_the_mark_of_the_last_save(self) -> None:
        template = make_template_version().template
        first = save(template, base="1.0")

        second = save(template, "Newer", base=first.mark)

        assert (first.mark, second.mark) == ("2.1", "2.2")

    def test_never_saves_over_what_somebody_else_saved(self) -> None:
        published = make_template_version()
        bea, dan = make_manager(), make_manager("Dan")
        save(published.template, "Of Bea", base=published.mark, by=bea)

        with pytest.raises(StaleTemplateError, match="Bea changed") as caught:
            save(published.template, "Of Dan", base=published.mark, by=dan)

        assert caught.value.newest.document["name"] == "Of Bea"
        assert published.template.find_draft().document["name"] == "Of Bea"

    def test_never_changes_what_was_published_meanwhile(self) -> None:
        draft = make_template_version(published_at=None)
        seen = draft.mark
        draft.publish(by=make_manager(), at=NOW)

        newer = save(draft.template, "Next")
        with pytest.raises(StaleTemplateError):
            save(draft.template, "Late", base=seen)

        assert newer.version == 2
        draft.refresh_from_db()
        assert draft.document["name"] == "Northwind Spring"

    def test_refuses_a_row_that_changed_after_it_was_read(self) -> None:
        draft = make_template_version(published_at=None)
        other = TemplateVersion.objects.get(id=draft.id)
        document = {**draft.document, "name": "Mine"}
        other.change(document, by=make_manager(), at=NOW)

        assert not draft.change(document, by=make_manager(), at=NOW)
        assert not draft.publish(by=make_manager(), at=NOW)

    def test_tells_the_audit_of_a_session_once(self) -> None:
        template = make_template_version().template
        for minutes in (0, 1, 2):
            save(template, at=NOW + timedelta(minutes=minutes))
        assert told() == 1

        save(template, at=NOW + timedelta(hours=1))
        assert told() == 2
        save(template, at=NOW + timedelta(hours=1), by=make_manager("Dan"))
        assert told() == 3

    def test_points_at_what_is_wrong(self) -> None:
        document = json.loads(spring())
        document["layers"][4]["children"][1]["color"] = "inkk"

        with pytest.raises(TemplateError) as caught:
            save(make_template_version().template, source=json.dumps(document))

        assert caught.value.pointer == "/layers/4/children/1/color"

    def test_is_for_brand_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            save(make_template_version().template, by=make_user())


def start(**changes: Any) -> TemplateVersion:
    kwargs: dict[str, Any] = {
        "brand": make_brand(),
        "name": "Autumn",
        "formats": ["instagram-square", "iab-leaderboard"],
        "by": make_manager(),
        "at": NOW,
    }
    return start_template(**(kwargs | changes))


class TestStartTemplate:
    def test_begins_blank_and_can_be_drawn_at_once(self) -> None:
        kit = make_layout_kit()

        version = start()

        document = version.load()
        assert list(document.formats) == ["instagram-square", "iab-leaderboard"]
        for name in document.formats:
            draft = Draft(
                document=document,
                kit=kit,
                format_name=name,
                case=find_case(document, ""),
                locale="",
                texts={},
                images={},
            )
            drawn = draw_draft(draft, scale=1)
            assert [f for f in drawn.rendered.findings if f.verdict == "fail"] == []

    def test_begins_as_a_copy_of_what_is_newest(self) -> None:
        published = make_template_version()
        save(published.template, "Of the draft")

        version = start(copy_of=published.template, formats=[])

        assert version.template != published.template
        assert version.document["name"] == "Autumn"
        assert version.document["layers"] == published.document["layers"]

    def test_refuses_a_name_that_is_taken(self) -> None:
        start()

        with pytest.raises(TemplateError, match="already"):
            start()

    def test_is_for_brand_managers(self) -> None:
        with pytest.raises(PermissionDenied):
            start(by=make_user())
