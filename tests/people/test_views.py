import pytest
from django.test import Client

from brandgen.accounts.models import Membership, User
from tests.factories import make_admin, make_brand, make_manager, make_user

pytestmark = pytest.mark.django_db


class TestPeople:
    def test_shows_a_manager_only_their_brand(self, client: Client) -> None:
        contoso = make_brand(name="Contoso")
        mara, eve = make_user(), make_user("Eve", brand=contoso)
        Membership.objects.create(user=mara, brand=contoso, role="viewer")
        client.force_login(make_manager())

        page = client.get("/people/").content.decode()

        assert mara.email in page
        assert eve.email not in page
        assert "Contoso" not in page
        assert client.get(f"/people/{eve.id}/").status_code == 404

    def test_pages_by_name(self, client: Client) -> None:
        for number in range(60):
            make_user(f"Person{number:02}")
        client.force_login(make_admin())

        first = client.get("/people/")
        second = client.get(f"/people/?after={first.context['next']}")

        names = [p.name for p in [*first.context["people"], *second.context["people"]]]
        assert names == sorted(names)
        assert len(names) == len(set(names)) == 61

    def test_asks_the_database_as_often_for_fifty_as_for_two(
        self, client: Client, django_assert_max_num_queries: object
    ) -> None:
        for number in range(50):
            make_user(f"Person{number:02}")
        client.force_login(make_admin())
        client.get("/people/")

        with django_assert_max_num_queries(16):  # type: ignore[operator]
            client.get("/people/")


class TestInvite:
    def test_shows_the_link_once_and_lets_nobody_keep_it(self, client: Client) -> None:
        bea = make_manager()
        client.force_login(bea)

        answer = client.post(
            "/people/invite/",
            {
                "name": "Lena",
                "email": "lena@northwind.example",
                "brand": make_brand().id,
                "role": "reviewer",
                "title": "Legal",
            },
        )

        assert "/account/password/reset/key/" in answer.content.decode()
        assert answer["Cache-Control"] == "no-store"

    def test_refuses_a_brand_of_others(self, client: Client) -> None:
        client.force_login(make_manager())
        contoso = make_brand(name="Contoso")

        answer = client.post(
            "/people/invite/",
            {
                "name": "X",
                "email": "x@x.test",
                "brand": contoso.id,
                "role": "viewer",
            },
        )

        assert "brand" in answer.context["form"].errors
        assert not User.objects.filter(email="x@x.test").exists()

    def test_says_what_is_wrong_beside_the_field(self, client: Client) -> None:
        client.force_login(make_manager())

        page = client.post("/people/invite/", {"email": "nonsense"}).content.decode()

        assert 'id="id_email_error"' in page
        assert 'aria-describedby="id_email_error"' in page


class TestChangeMember:
    def test_does_not_find_a_membership_of_another_brand(self, client: Client) -> None:
        eve = make_user("Eve", brand=make_brand(name="Contoso"))
        client.force_login(make_manager())

        answer = client.post(
            f"/people/members/{eve.memberships.get().id}/", {"role": "viewer"}
        )

        assert answer.status_code == 404
        assert eve.memberships.get().role == "marketer"


class TestChangeAccount:
    def test_refuses_a_manager(self, client: Client) -> None:
        mara = make_user()
        client.force_login(make_manager())

        answer = client.post(f"/people/{mara.id}/account/", {"do": "close"})

        assert answer.status_code == 403
        mara.refresh_from_db()
        assert mara.is_active

    def test_says_why_the_last_admin_stays(self, client: Client) -> None:
        ari = make_admin()
        client.force_login(ari)

        page = client.post(f"/people/{ari.id}/account/", {"do": "close"}, follow=True)

        assert "Ari is the only admin" in page.content.decode()
