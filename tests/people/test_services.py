import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from brandgen.accounts.models import Membership, User
from brandgen.audit.models import Entry
from brandgen.audit.verify import verify_chain
from brandgen.people import services
from tests.factories import (
    NOW,
    make_admin,
    make_brand,
    make_manager,
    make_reviewer,
    make_user,
)

pytestmark = pytest.mark.django_db
Role = Membership.Role


def invite_lena(by: User, **fields: object) -> services.Invitation:
    defaults = {
        "email": "Lena@Northwind.example",
        "name": "Lena",
        "brand": make_brand(),
        "role": Role.REVIEWER,
        "title": "Legal",
        "by": by,
        "at": NOW,
    }
    return services.invite(**(defaults | fields))  # type: ignore[arg-type]


class TestInvite:
    def test_makes_an_account_without_a_password(self) -> None:
        made = invite_lena(make_manager())

        assert made.is_new
        assert made.user.email == "lena@northwind.example"
        assert not made.user.has_usable_password()
        assert made.user.memberships.get().title == "Legal"

    def test_records_the_account_and_the_role(self) -> None:
        bea = make_manager()

        invite_lena(bea)

        entries = Entry.objects.order_by("id")
        assert [e.action for e in entries] == ["person.invited", "member.added"]
        assert {e.actor for e in entries} == {bea}
        assert entries[1].data["role"] == "reviewer"
        assert verify_chain().is_whole

    def test_adds_a_brand_to_an_account_that_is_there(self) -> None:
        lena = make_user("Lena", brand=make_brand(name="Contoso"))

        made = invite_lena(make_manager())

        assert (made.user, made.is_new) == (lena, False)
        assert lena.memberships.count() == 2

    def test_refuses_a_member_and_keeps_the_role(self) -> None:
        bea = make_manager()
        invite_lena(bea)

        with pytest.raises(services.AlreadyMemberError, match="as reviewer"):
            invite_lena(bea, role=Role.VIEWER)

        assert Membership.objects.get(user__name="Lena").role == Role.REVIEWER

    def test_refuses_who_does_not_manage_the_brand(self) -> None:
        stranger = make_manager("Eve", brand=make_brand(name="Contoso"))

        for person in (make_user(), make_reviewer(), stranger):
            with pytest.raises(PermissionDenied, match="who is a member"):
                invite_lena(person)

        assert not User.objects.filter(name="Lena").exists()


class TestChangeRole:
    def test_records_what_it_was_before(self) -> None:
        membership = make_user().memberships.get()

        services.change_role(
            membership=membership, role=Role.VIEWER, title="", by=make_manager(), at=NOW
        )

        entry = Entry.objects.get()
        assert entry.data["role"] == "viewer"
        assert entry.data["before"]["role"] == "marketer"

    def test_records_nothing_where_nothing_changes(self) -> None:
        membership = make_user().memberships.get()

        changed = services.change_role(
            membership=membership,
            role=Role.MARKETER,
            title="",
            by=make_manager(),
            at=NOW,
        )

        assert not changed
        assert not Entry.objects.exists()

    def test_lets_nobody_raise_themselves(self) -> None:
        mara = make_user()

        with pytest.raises(PermissionDenied):
            services.change_role(
                membership=mara.memberships.get(),
                role=Role.BRAND_MANAGER,
                title="",
                by=mara,
                at=NOW,
            )


class TestSetActive:
    def test_ends_the_sessions(self, client: Client) -> None:
        mara, ari = make_user(), make_admin()
        client.force_login(mara)
        assert client.get("/b/northwind/").status_code == 200

        services.set_active(user=mara, is_active=False, by=ari, at=NOW)

        assert client.get("/b/northwind/").status_code == 302
        assert Entry.objects.get().action == "person.closed"

    def test_keeps_the_last_admin(self) -> None:
        ari = make_admin()
        make_admin("Closed")
        services.set_active(
            user=User.objects.get(name="Closed"), is_active=False, by=ari, at=NOW
        )

        with pytest.raises(services.LastAdminError, match="Ari is the only admin"):
            services.set_active(user=ari, is_active=False, by=ari, at=NOW)
        with pytest.raises(services.LastAdminError):
            services.set_admin(user=ari, is_admin=False, by=ari, at=NOW)

        ari.refresh_from_db()
        assert ari.is_active
        assert ari.is_admin

    def test_is_for_admins_only(self) -> None:
        with pytest.raises(PermissionDenied):
            services.set_active(
                user=make_user(), is_active=False, by=make_manager(), at=NOW
            )


class TestMakeLink:
    def test_lets_the_person_set_a_password_once(self, client: Client) -> None:
        bea = make_manager()
        lena = invite_lena(bea).user
        path = services.make_link(user=lena, by=bea, at=NOW)

        form = client.get(path, follow=True)
        answer = client.post(
            form.request["PATH_INFO"],
            {"password1": "harbor-lantern-42", "password2": "harbor-lantern-42"},
        )

        assert answer.status_code == 302
        lena.refresh_from_db()
        assert lena.check_password("harbor-lantern-42")
        again = Client().get(path, follow=True)
        assert "does not work any more" in again.content.decode()

    def test_is_not_for_accounts_that_others_use(self) -> None:
        bea = make_manager()
        mara = make_user()
        invited_twice = invite_lena(bea).user
        Membership.objects.create(
            user=invited_twice, brand=make_brand(name="Contoso"), role=Role.VIEWER
        )

        for person in (mara, invited_twice, make_admin(), bea):
            with pytest.raises(PermissionDenied, match="Only an admin"):
                services.make_link(user=person, by=bea, at=NOW)

    def test_is_recorded(self) -> None:
        ari = make_admin()

        services.make_link(user=make_user(), by=ari, at=NOW)

        assert Entry.objects.get().action == "person.link_made"


class TestRemoveMember:
    def test_closes_the_brand_to_the_person(self, client: Client) -> None:
        mara = make_user()
        client.force_login(mara)

        services.remove_member(
            membership=mara.memberships.get(), by=make_manager(), at=NOW
        )

        assert client.get("/b/northwind/").status_code == 404
        assert Entry.objects.get().subject_name == "Mara: Marketer of Northwind"
