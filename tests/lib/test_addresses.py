import ipaddress

import pytest
from pytest_django import Settings

from brandgen.lib.addresses import (
    AddressError,
    is_public,
    require_allowed_host,
    unwrap,
)

INSIDE = [
    "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "10.0.0.8",
    "100.64.0.1", "192.168.1.1", "192.0.0.8", "[::1]", "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fd12::1]",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0.0.0.0", "224.0.0.1",  # noqa: S104
    "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]",
]  # fmt: skip


class TestRequireAllowedHost:
    @pytest.mark.parametrize("host", INSIDE)
    def test_refuses_what_is_inside(self, host: str, settings: Settings) -> None:
        settings.EXPORT_PRIVATE_HOSTS = []

        with pytest.raises(AddressError, match=r"EXPORT_PRIVATE_HOSTS|no place"):
            require_allowed_host(f"http://{host}:9000")

    @pytest.mark.parametrize("host", NEVER)
    def test_never_allows_credentials_to_be_reached(
        self, host: str, settings: Settings
    ) -> None:
        settings.EXPORT_PRIVATE_HOSTS = ["*"]

        with pytest.raises(AddressError, match="no place for files"):
            require_allowed_host(f"http://{host}")

    @pytest.mark.parametrize("allowed", [["*"], ["127.0.0.1"]])
    def test_allows_what_the_admin_named(
        self, allowed: list[str], settings: Settings
    ) -> None:
        settings.EXPORT_PRIVATE_HOSTS = allowed

        require_allowed_host("http://127.0.0.1:7480")

    def test_allows_the_internet(self, settings: Settings) -> None:
        settings.EXPORT_PRIVATE_HOSTS = []

        require_allowed_host("https://93.184.216.34")

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "gopher://x", "https://", "x"]
    )
    def test_refuses_what_is_no_web_address(self, url: str) -> None:
        with pytest.raises(AddressError, match="no address"):
            require_allowed_host(url)

    def test_calls_an_unknown_name_worth_another_try(self) -> None:
        with pytest.raises(AddressError) as caught:
            require_allowed_host("https://nowhere.invalid")

        assert not caught.value.is_permanent


class TestUnwrap:
    def test_sees_through_nat64(self) -> None:
        inner = unwrap(ipaddress.ip_address("64:ff9b::7f00:1"))

        assert inner == ipaddress.ip_address("127.0.0.1")
        assert not is_public(inner)
