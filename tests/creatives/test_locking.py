import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from brandgen.accounts.models import User
from brandgen.audit.models import Entry
from brandgen.compositor.examples.northwind import SPRING
from brandgen.creatives.drafts import save_template_version
from brandgen.creatives.locking import (
    LockLevel,
    TemplateLockedError,
    explain_lock,
    find_owners,
    lock_template,
)
from brandgen.creatives.models import Template
from brandgen.creatives.services import import_template, publish_template
from tests.factories import (
    NOW,
    make_admin,
    make_brand,
    make_layout_kit,
    make_manager,
    make_template_version,
    make_torture_test,
    make_user,
)

pytestmark = pytest.mark.django_db
SOURCE = SPRING.read_bytes()


def make_locked(level: LockLevel) -> Template:
    """Make a template of Bea's at a level, with a published version."""
    template = make_template_version().template
    template.set_lock(level=level, owner=make_manager("Bea"))
    return template


def is_writable(template: Template, by: User) -> bool:
    try:
        save_template_version(template=template, source=SOURCE, by=by, at=NOW)
    except TemplateLockedError:
        return False
    return True


class TestRequireUnlocked:
    @pytest.mark.parametrize(
        ("level", "expected"),
        [
            (LockLevel.TEAM, [True, True, True]),
            (LockLevel.OWNER_ONLY, [True, False, False]),
            (LockLevel.NOBODY, [False, False, False]),
        ],
    )
    def test_lets_those_write_whom_the_level_names(
        self, level: LockLevel, expected: list[bool]
    ) -> None:
        people = [make_manager("Bea"), make_manager("Max"), make_admin()]
        template = make_locked(level)

        assert [is_writable(template, one) for one in people] == expected

    def test_minds_a_lock_that_was_set_since_the_page_was_read(self) -> None:
        template = make_locked(LockLevel.TEAM)
        lock_template(
            template=Template.objects.get(id=template.id),
            level=LockLevel.OWNER_ONLY,
            owner=make_manager("Bea"),
            by=make_manager("Bea"),
            at=NOW,
        )

        with pytest.raises(TemplateLockedError, match="Ask Bea or an admin"):
            save_template_version(
                template=template, source=SOURCE, by=make_manager("Max"), at=NOW
            )

    def test_stands_before_publishing_too(self) -> None:
        make_layout_kit()
        draft = make_template_version(published_at=None)
        draft.template.set_lock(level=LockLevel.NOBODY, owner=None)
        make_torture_test(draft)

        with pytest.raises(TemplateLockedError, match="Ask an admin to unlock it"):
            publish_template(version=draft, by=make_manager(), at=NOW)

        draft.refresh_from_db()
        assert draft.published_at is None

    def test_names_nobody_who_could_not_help(self) -> None:
        template = make_locked(LockLevel.OWNER_ONLY)
        make_manager("Bea").memberships.all().delete()

        assert "Ask an admin to" in explain_lock(template, make_manager("Max"))


class TestLockTemplate:
    def test_belongs_to_whoever_made_it(self) -> None:
        by = make_manager("Max")

        version = import_template(brand=make_brand(), source=SOURCE, by=by, at=NOW)

        assert (version.template.owner, version.template.lock_level) == (by, "team")

    def test_is_for_its_owner_and_admins_and_stands_in_the_trail(self) -> None:
        template = make_locked(LockLevel.TEAM)
        owner = make_manager("Bea")

        def lock(level: LockLevel, by: User) -> bool:
            return lock_template(
                template=template, level=level, owner=owner, by=by, at=NOW
            )

        with pytest.raises(PermissionDenied, match="Ask Bea or an admin"):
            lock(LockLevel.NOBODY, make_manager("Max"))
        done = [lock(LockLevel.NOBODY, owner), lock(LockLevel.NOBODY, owner)]
        done.append(lock(LockLevel.TEAM, make_admin()))

        assert done == [True, False, True]
        entries = Entry.objects.about(template).filter(action="template.locked")
        assert [entry.data for entry in entries] == [
            {"level": "nobody", "was": "team", "owner": "Bea"},
            {"level": "team", "was": "nobody", "owner": "Bea"},
        ]

    def test_offers_those_as_owners_who_may_change_templates(self) -> None:
        people = {make_manager("Bea"), make_admin()}
        make_user("Mara")
        make_manager("Eve", brand=make_brand(name="Contoso"))

        assert set(find_owners(make_brand())) == people


class TestPages:
    def test_lock_and_then_show_others_everything_read_only(
        self, client: Client
    ) -> None:
        template = make_locked(LockLevel.TEAM)
        make_layout_kit()
        owner, other = make_manager("Bea"), make_manager("Max")

        def url(name: str) -> str:
            return reverse(f"creatives:{name}", args=["northwind", template.id])

        client.force_login(owner)
        wrong = client.post(url("lock"), {"level": "owner_only", "owner": ""})
        client.post(url("lock"), {"level": "owner_only", "owner": owner.id})
        client.force_login(other)
        page, editor = client.get(url("template")), client.get(url("edit"))
        draft = client.post(url("draft"), {"document": SOURCE.decode()})

        assert "Choose an owner" in wrong.text
        assert "Ask Bea or an admin to unlock it" in page.text
        assert "Check and save as draft" not in page.text
        assert editor.context["setup"]["isLocked"] is True
        assert draft.status_code == 403
        assert "Ask Bea" in draft.json()["problem"]
        assert template.versions.count() == 1
