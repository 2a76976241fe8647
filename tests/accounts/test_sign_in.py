import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def no_limits_left_over() -> None:
    cache.clear()


def sign_in(client: Client, password: str = PASSWORD, query: str = "") -> object:
    form = {"login": "mara@northwind.example", "password": password}
    return client.post(LOGIN + query, form)


class TestSignIn:
    def test_opens_the_home_page(self, client: Client) -> None:
        make_user()

        answer = sign_in(client)

        assert answer.status_code == 302  # type: ignore[attr-defined]
        assert client.get("/b/northwind/").status_code == 200

    def test_does_not_say_whether_the_account_exists(self, client: Client) -> None:
        make_user()
        form = {"login": "nobody@northwind.example", "password": "x"}

        wrong = sign_in(client, "x").content.decode()  # type: ignore[attr-defined]
        unknown = client.post(LOGIN, form).content.decode()

        sentence = "The email address and/or password you specified are not correct."
        assert sentence in wrong
        assert sentence in unknown

    def test_stops_guessing_after_five_wrong_passwords(self, client: Client) -> None:
        make_user()
        for _ in range(5):
            sign_in(client, "wrong")

        answer = sign_in(client)

        assert answer.status_code in {200, 429}  # type: ignore[attr-defined]
        assert client.get("/b/northwind/").status_code == 302

    @pytest.mark.parametrize(
        "evil",
        ["//evil.example", "https://evil.example", "/\\evil.example", "https:evil"],
    )
    def test_leads_to_no_other_site(self, client: Client, evil: str) -> None:
        make_user()

        answer = sign_in(client, query=f"?next={evil}")

        assert answer["Location"] == "/"  # type: ignore[index]

    def test_changes_the_session_key(self, client: Client) -> None:
        make_user()
        client.get(LOGIN)
        client.session.save()
        before = client.session.session_key

        sign_in(client)

        assert client.session.session_key != before

    def test_is_closed_to_sign_up(self, client: Client) -> None:
        form = {"email": "eve@evil.example", "password1": PASSWORD}

        page = client.post("/account/signup/", form)

        assert "made by invitation" in page.content.decode()


class TestTwoSteps:
    def test_ask_for_the_code_before_anything_opens(self, client: Client) -> None:
        mara = make_user()
        secret = totp.generate_totp_secret()
        totp.TOTP.activate(mara, secret)

        answer = sign_in(client)
        assert answer["Location"].startswith("/account/2fa/authenticate/")  # type: ignore[index]
        assert client.get("/b/northwind/").status_code == 302
        counter = next(totp.yield_hotp_counters_from_time())
        code = totp.format_hotp_value(totp.hotp_value(secret, counter))
        client.post("/account/2fa/authenticate/", {"code": code})

        assert client.get("/b/northwind/").status_code == 200

    def test_are_switched_on_by_the_persons_own_code(self, client: Client) -> None:
        mara = make_user()
        sign_in(client)
        asked = client.get("/account/2fa/totp/activate/")
        assert asked["Location"].startswith("/account/reauthenticate/")
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        page = client.get("/account/2fa/totp/activate/")
        secret = page.context["form"].secret
        counter = next(totp.yield_hotp_counters_from_time())
        code = totp.format_hotp_value(totp.hotp_value(secret, counter))

        client.post("/account/2fa/totp/activate/", {"code": code})

        assert Authenticator.objects.filter(
            user=mara, type=Authenticator.Type.TOTP
        ).exists()
        shown = client.get("/account/2fa/recovery-codes/").content.decode()
        assert "10 of 10 unused" in shown


class TestSignOut:
    def test_needs_a_click(self, client: Client) -> None:
        client.force_login(make_user())

        client.get("/account/logout/")
        assert client.get("/b/northwind/").status_code == 200
        client.post("/account/logout/")

        assert client.get("/b/northwind/").status_code == 302
