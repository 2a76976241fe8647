import pytest

from brandgen.links.signing import (
    canonical_query,
    is_signed,
    new_key,
    sign,
    signed_address,
)

PATH = "/signed/6f1c"
PAIRS = [("headline", "Made for mornings"), ("cta", "See & go")]


class TestCanonicalQuery:
    def test_sorts_and_encodes(self) -> None:
        assert (
            canonical_query(PAIRS)
            == "cta=See%20%26%20go&headline=Made%20for%20mornings"
        )

    def test_leaves_only_unreserved_letters(self) -> None:
        text = "aZ0-._~!'()*+é/%"

        assert canonical_query([("a", text)]) == (
            "a=aZ0-._~%21%27%28%29%2A%2B%C3%A9%2F%25"
        )

    def test_tells_a_name_from_a_value(self) -> None:
        assert canonical_query([("a", "b=c&d")]) != canonical_query(
            [("a", "b=c"), ("d", "")]
        )


class TestSign:
    def test_gives_the_signature_of_the_how_to(self) -> None:
        signature = sign("key", PATH, PAIRS)

        # printf '%s' '/signed/6f1c?cta=...' | openssl dgst -sha256 -hmac key
        assert signature == (
            "227eb9db01c0c430c899265fec4163942cd0825ba9e133399c235d7ec4d20e06"
        )


class TestIsSigned:
    @pytest.mark.parametrize(
        "pairs",
        [
            PAIRS,
            [*PAIRS, ("_signature", "")],
            [*PAIRS, ("_signature", "0" * 64)],
            [*PAIRS, ("_signature", "é\ud800")],
            [*PAIRS, ("_signature", sign("other", PATH, PAIRS))],
            [*PAIRS, ("_signature", sign("key", "/signed/other", PAIRS))],
            [*PAIRS, ("_signature", sign("key", PATH, PAIRS).upper())],
            [*PAIRS[:1], ("_signature", sign("key", PATH, PAIRS))],
            [*PAIRS, *[("_signature", sign("key", PATH, PAIRS))] * 2],
        ],
    )
    def test_refuses_all_but_the_one(self, pairs: list[tuple[str, str]]) -> None:
        assert not is_signed("key", PATH, pairs)

    def test_takes_the_pairs_in_any_order(self) -> None:
        signed = [("_signature", sign("key", PATH, PAIRS)), *reversed(PAIRS)]

        assert is_signed("key", PATH, signed)

    def test_takes_what_was_signed_here(self) -> None:
        key = new_key()

        url = signed_address(key, "https://x.example" + PATH, PATH, PAIRS)

        query, _, signature = url.partition("?")[2].rpartition("&_signature=")
        assert query == canonical_query(PAIRS)
        assert is_signed(key, PATH, [*PAIRS, ("_signature", signature)])
        assert len(key) >= 43
