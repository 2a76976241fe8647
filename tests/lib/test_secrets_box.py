import pytest
from cryptography.fernet import Fernet
from pytest_django import Settings

from brandgen.lib.secrets_box import SecretsError, reseal, seal, unseal

SECRETS = {"secret_access_key": "hunter2"}


class TestSeal:
    def test_hides_names_and_values(self) -> None:
        sealed = seal(SECRETS)

        assert "hunter2" not in sealed
        assert "secret_access_key" not in sealed

    def test_makes_nothing_of_nothing(self) -> None:
        assert seal({}) == ""

    def test_refuses_a_key_that_is_none(self, settings: Settings) -> None:
        settings.ENCRYPTION_KEYS = ["password"]

        with pytest.raises(SecretsError, match="no key"):
            seal(SECRETS)


class TestUnseal:
    def test_gives_back_what_was_sealed(self) -> None:
        assert unseal(seal(SECRETS)) == SECRETS
        assert unseal("") == {}

    def test_says_that_the_key_is_another(self, settings: Settings) -> None:
        sealed = seal(SECRETS)
        settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

        with pytest.raises(SecretsError, match="under another ENCRYPTION_KEYS"):
            unseal(sealed)

    def test_refuses_what_was_changed(self) -> None:
        sealed = seal(SECRETS)

        with pytest.raises(SecretsError):
            unseal(sealed[:-5] + "AAAA=")


class TestReseal:
    def test_lets_the_old_key_go(self, settings: Settings) -> None:
        old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
        sealed = seal(SECRETS)
        settings.ENCRYPTION_KEYS = [new, old]

        again = reseal(sealed)

        settings.ENCRYPTION_KEYS = [new]
        assert unseal(again) == SECRETS
