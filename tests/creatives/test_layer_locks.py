import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from brandgen.accounts.models import User
from brandgen.audit.models import Entry
from brandgen.compositor import load_document
from brandgen.creatives.drafts import save_template_version
from brandgen.creatives.layer_locks import LayerLockedError, find_broken
from brandgen.creatives.models import Template
from tests.factories import NOW, make_admin, make_manager, make_template_version

LOCKS = ["position", "size", "style", "content", "visibility", "removal"]
Change = Callable[[dict[str, Any]], Any]


def pinned(**fields: Any) -> dict[str, Any]:
    return {"anchor": "start", "size": 100, "offset": 10, **fields}


def make_document(*locks: str) -> dict[str, Any]:
    """Give a page with a locked mark, and two texts in a stack, one locked."""
    text = {"type": "text", "font": "copy", "color": "ink", "largest": 40}
    return {
        "schema": 2,
        "name": "Locked",
        "formats": {"post": {"width_px": 400, "height_px": 400}},
        "tokens": {"colors": {"ink": "ink"}, "fonts": {"copy": {}}},
        "slots": {"line": {"type": "text", "label": "Line", "example": "Mugs"}},
        "layers": [
            {
                "type": "shape",
                "id": "mark",
                "label": "Mark",
                "fill": {"type": "solid", "color": "ink"},
                "box": {"x": pinned(), "y": {"anchor": "both", "start": 5, "end": 9}},
                "locked": list(locks),
            },
            {
                "type": "stack",
                "id": "copy",
                "box": {"x": pinned(size=300), "y": pinned(size=300)},
                "children": [
                    {**text, "id": "first", "slot": "line", "locked": list(locks)},
                    {**text, "id": "second", "text": "Of clay"},
                ],
            },
        ],
    }


def broken(*locks: str, change: Change, may_unlock: bool = False) -> list[Any]:
    """Change a document with locks; return which of them break, and where."""
    before, after = make_document(*locks), make_document(*locks)
    change(after)
    found = find_broken(
        load_document(before), load_document(after), may_unlock=may_unlock
    )
    return [(one.layer, one.lock, one.pointer) for one in found]


def mark(document: dict[str, Any]) -> dict[str, Any]:
    return document["layers"][0]


def first(document: dict[str, Any]) -> dict[str, Any]:
    return document["layers"][1]["children"][0]


def in_format(**changes: Any) -> Change:
    return lambda d: mark(d).update(overrides={"formats": {"post": changes}})


def set_axis(axis: str, **fields: Any) -> Change:
    return lambda d: mark(d)["box"][axis].update(fields)


def set_mark(**fields: Any) -> Change:
    return lambda d: mark(d).update(fields)


def set_first(**fields: Any) -> Change:
    return lambda d: first(d).update(fields)


def swap(document: dict[str, Any]) -> None:
    document["layers"][1]["children"].reverse()


def put_into_a_group(document: dict[str, Any]) -> None:
    box = {"x": pinned(), "y": pinned()}
    inner = document["layers"].pop(0)
    group = {"type": "group", "id": "new", "box": box, "children": [inner]}
    document["layers"].insert(0, group)


def fix_the_text(document: dict[str, Any]) -> None:
    del first(document)["slot"]
    first(document)["text"] = "Mugs"


FIRST, IN_POST = "/layers/1/children/0", "/layers/0/overrides/formats/post"
CHANGES: list[tuple[str, str, str, Change]] = [
    ("position", "mark", "/layers/0/box/x", set_axis("x", offset=11)),
    ("position", "mark", "/layers/0/box/y", set_axis("y", start=4, end=10)),
    ("position", "mark", f"{IN_POST}/box/x", in_format(box={"x": pinned(offset=0)})),
    ("position", "first", "/layers/1/children/1", swap),
    ("position", "mark", "/layers/0/children/0", put_into_a_group),
    ("size", "mark", "/layers/0/box/x", set_axis("x", size=101)),
    ("size", "mark", "/layers/0/box/y", set_axis("y", end=20)),
    ("size", "first", f"{FIRST}/size", set_first(size={"width": "fill"})),
    ("style", "mark", "/layers/0/opacity", set_mark(opacity=0.5)),
    ("style", "mark", f"{IN_POST}/radius", in_format(radius=8)),
    ("style", "first", f"{FIRST}/largest", set_first(largest=41)),
    ("content", "first", f"{FIRST}/slot", fix_the_text),
    ("content", "mark", "/layers/0/link", set_mark(link="https://brandgen.example")),
    ("visibility", "mark", "/layers/0/hidden", set_mark(hidden=True)),
    ("visibility", "first", f"{FIRST}/visible_if", set_first(visible_if="line")),
    ("removal", "mark", "/layers/0", lambda d: d["layers"].pop(0)),
    ("removal", "mark", "/layers/0", set_mark(id="other")),
    ("removal", "first", FIRST, lambda d: d["layers"].pop(1)),
]


class TestFindBroken:
    def test_lets_a_format_go_with_what_differs_in_it(self) -> None:
        before, after = make_document(*LOCKS), make_document(*LOCKS)
        before["formats"]["story"] = {"width_px": 400, "height_px": 700}
        changes = {"box": {"x": pinned(offset=40)}, "hidden": True}
        for layer in (mark(before), first(before)):
            layer["overrides"] = {"formats": {"story": changes}}
        first(before)["overrides"]["formats"]["story"] = {"hidden": True}

        assert find_broken(load_document(before), load_document(after)) == []

    @pytest.mark.parametrize(("lock", "layer", "pointer", "change"), CHANGES)
    def test_names_the_lock_the_layer_and_the_place(
        self, lock: str, layer: str, pointer: str, change: Change
    ) -> None:
        assert (layer, lock, pointer) in broken(lock, change=change)

    @pytest.mark.parametrize(("lock", "layer", "pointer", "change"), CHANGES)
    def test_minds_each_lock_by_itself(
        self, lock: str, layer: str, pointer: str, change: Change
    ) -> None:
        # Taking a layer into a group gives it another box, and with it another size.
        others = [one for one in LOCKS if one != lock]
        if "children/0" in pointer and layer == "mark":
            others.remove("size")

        assert broken(*others, change=change) == []

    @pytest.mark.parametrize(
        "change",
        [
            lambda d: mark(d).update(label="Another name"),
            lambda d: mark(d).update(opacity=1, hidden=False),
            lambda d: mark(d).update(box={**mark(d)["box"], "x": pinned(offset=10.0)}),
            in_format(box={"x": pinned()}),
            lambda d: d["layers"].reverse(),
            lambda d: d["layers"][1]["children"].pop(1),
            lambda d: d["layers"].insert(0, {**mark(d), "id": "new", "locked": []}),
            lambda d: d["slots"]["line"].update(example="Cups"),
        ],
    )
    def test_lets_pass_what_no_lock_keeps(self, change: Change) -> None:
        assert broken(*LOCKS, change=change) == []

    def test_counts_a_lock_as_gone_for_those_who_may_unlock(self) -> None:
        def change(document: dict[str, Any]) -> None:
            mark(document).update(opacity=0.5, locked=["position"])

        assert broken("style", "position", change=change, may_unlock=True) == []
        assert [one[1] for one in broken("style", change=change)] == ["style"]

    def test_holds_for_everybody_where_the_lock_stays(self) -> None:
        found = broken(
            "style", change=lambda d: mark(d).update(opacity=0.5), may_unlock=True
        )

        assert [one[1] for one in found] == ["style"]


def make_stored(*locks: str) -> Template:
    """Make a template of Bea's with a published version that has locks."""
    version = make_template_version(document=make_document(*locks))
    version.template.set_lock(level=Template.LockLevel.TEAM, owner=make_manager("Bea"))
    return version.template


def save(template: Template, document: dict[str, Any], by: User) -> None:
    save_template_version(template=template, source=json.dumps(document), by=by, at=NOW)


@pytest.mark.django_db
class TestSaveTemplateVersion:
    @pytest.mark.parametrize("who", ["Max", "Bea", "admin"])
    def test_refuses_what_breaks_a_lock_and_keeps_nothing_of_it(self, who: str) -> None:
        template = make_stored("style")
        changed = make_document("style")
        mark(changed)["opacity"] = 0.5
        by = make_admin() if who == "admin" else make_manager(who)

        with pytest.raises(
            LayerLockedError, match="The style of the layer 'Mark'"
        ) as e:
            save(template, changed, by)

        assert (e.value.layer, e.value.lock) == ("mark", "style")
        assert e.value.pointer == "/layers/0/opacity"
        assert template.versions.count() == 1

    def test_lets_managers_unlock_in_a_save_of_its_own_first(self) -> None:
        template, by = make_stored("style"), make_manager("Max")
        changed = make_document()
        mark(changed)["opacity"] = 0.5

        with pytest.raises(LayerLockedError):
            save(template, changed, by)
        save(template, make_document(), by)
        save(template, changed, by)

        assert mark(template.find_draft().document)["opacity"] == 0.5

    def test_lets_the_owner_do_both_at_once_and_tells_the_trail(self) -> None:
        template = make_stored("style", "position")
        changed = make_document("position")
        mark(changed)["opacity"] = 0.5

        save(template, changed, make_manager("Bea"))

        entry = Entry.objects.about(template).get(action="template.layers_unlocked")
        assert entry.data["locks"] == {"mark": ["style"], "first": ["style"]}

    def test_minds_no_locks_of_a_document_that_is_not_understood(self) -> None:
        wrong = {"schema": 2, "layers": "none"}
        draft = make_template_version(document=wrong, published_at=None)

        save(draft.template, make_document("style"), make_manager("Max"))

        assert draft.template.find_draft().document == make_document("style")


@pytest.mark.django_db
class TestPages:
    def test_say_which_layer_lock_and_place(self, client: Client) -> None:
        template = make_stored("removal")
        client.force_login(make_manager("Max"))
        changed = make_document("removal")
        changed["layers"].pop(0)

        def post(page: str, field: str) -> Any:
            url = reverse(f"creatives:{page}", args=["northwind", template.id])
            data = {field: json.dumps(changed), "base": template.find_newest().mark}
            return client.post(url, data)

        answer, page = post("draft", "document"), post("save", "source")

        told = answer.json()
        assert answer.status_code == page.status_code == 422
        assert (told["layer"], told["lock"]) == ("mark", "removal")
        assert told["pointer"] == "/layers/0"
        assert "The removal of the layer" in page.text
        assert "&quot;second&quot;" in page.text  # what was pasted stands there still
