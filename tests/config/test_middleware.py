import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from brandgen.config.middleware import PlainErrorMiddleware
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def fail(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a secret in the message")


class TestPlainErrorMiddleware:
    @pytest.mark.parametrize("is_debug", [True, False])
    def test_shows_our_page_for_an_unknown_address(
        self, client: Client, settings: Settings, is_debug: bool
    ) -> None:
        settings.DEBUG = is_debug

        answer = client.get("/nowhere/at/all")

        assert answer.status_code == 404
        assert "Nothing here" in answer.content.decode()
        assert "urlpatterns" not in answer.content.decode()

    def test_says_that_an_address_only_takes_forms(self, client: Client) -> None:
        client.force_login(make_user())

        answer = client.get("/preferences/")

        assert answer.status_code == 405
        assert answer["Allow"] == "POST"
        assert "only takes what a button sends" in answer.content.decode()

    def test_says_who_may(self, client: Client) -> None:
        client.force_login(make_user())

        answer = client.get("/b/northwind/audit/")

        assert answer.status_code == 403
        assert "Ask a brand manager or reviewer of Northwind" in answer.content.decode()

    def test_keeps_a_bug_in_the_log_and_off_the_page(
        self, caplog: pytest.LogCaptureFixture, settings: Settings
    ) -> None:
        settings.DEBUG = True
        middleware = PlainErrorMiddleware(fail)
        request = RequestFactory().get("/x/")

        with caplog.at_level(logging.ERROR, logger="django.request"):
            answer = middleware.process_exception(request, ZeroDivisionError("secret"))

        assert answer.status_code == 500
        assert "Something broke on our side" in answer.content.decode()
        assert "secret" not in answer.content.decode()
        assert caplog.records[-1].exc_info is not None

    def test_refuses_what_is_too_large_before_reading_it(
        self, client: Client, settings: Settings
    ) -> None:
        answer = client.post(
            "/account/login/", CONTENT_LENGTH=str(settings.MAX_REQUEST_BYTES + 1)
        )

        assert answer.status_code == 413
        assert "Nothing was kept" in answer.content.decode()

    @pytest.mark.parametrize("is_debug", [True, False])
    def test_refuses_too_many_fields_and_too_much_text(
        self, client: Client, settings: Settings, is_debug: bool
    ) -> None:
        settings.DEBUG = is_debug
        fields = {f"f{n}": "1" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)}

        many = client.post("/account/login/", fields | {"more": "1"})
        long = client.post("/account/login/", {"login": "x" * 2**21})

        assert (many.status_code, long.status_code) == (400, 400)
        assert "Nothing was changed" in many.content.decode()

    def test_refuses_a_damaged_form(self, client: Client) -> None:
        answer = client.post(
            "/account/login/", b"--x\r\n", content_type="multipart/form-data"
        )

        assert answer.status_code == 400

    def test_refuses_a_length_that_is_none(self) -> None:
        request = RequestFactory().post("/x/")
        request.META["CONTENT_LENGTH"] = "-5"

        answer = PlainErrorMiddleware(fail)(request)

        assert answer.status_code == 400


class TestCsrfFailure:
    def test_says_that_the_form_was_too_old(self) -> None:
        client = Client(enforce_csrf_checks=True)

        answer = client.post("/account/login/", {})

        assert answer.status_code == 403
        assert "too old" in answer.content.decode()


class TestSignInMiddleware:
    def test_asks_for_no_session_where_a_page_is_public(self, client: Client) -> None:
        answer = client.get("/signed/00000000-0000-4000-8000-000000000000")

        assert answer.status_code == 403
        assert "Cookie" not in answer.headers.get("Vary", "")

    def test_sends_people_to_sign_in_elsewhere(self, client: Client) -> None:
        assert client.get("/")["Location"].startswith("/account/login/")
