import pytest

from brandgen.lib.feeds.sheets import asks_to_sign_in, find_table

SHEET = "https://docs.google.com/spreadsheets/d"
ID = "1AbC-dEf_0123456789"


class TestFindTable:
    @pytest.mark.parametrize(
        ("address", "table"),
        [
            (f"{SHEET}/{ID}/edit?usp=sharing", f"{SHEET}/{ID}/export?format=csv"),
            (
                f"{SHEET}/{ID}/edit?gid=12#gid=12",
                f"{SHEET}/{ID}/export?format=csv&gid=12",
            ),
            (f"{SHEET}/{ID}/edit#gid=7", f"{SHEET}/{ID}/export?format=csv&gid=7"),
            (f"{SHEET}/{ID}", f"{SHEET}/{ID}/export?format=csv"),
            (f"{SHEET}/{ID}/edit#gid=x", f"{SHEET}/{ID}/export?format=csv"),
            (f"{SHEET}/e/2PACX-1v/pubhtml", f"{SHEET}/e/2PACX-1v/pub?output=csv"),
            (
                f"{SHEET}/e/2PACX-1v/pubhtml?gid=3&single=true",
                f"{SHEET}/e/2PACX-1v/pub?output=csv&single=true&gid=3",
            ),
        ],
    )
    def test_turns_a_sheet_into_its_csv(self, address: str, table: str) -> None:
        assert find_table(address) == table

    @pytest.mark.parametrize(
        "address",
        [
            "https://example.com/spreadsheets/d/1/edit",
            "https://docs.google.com.example/spreadsheets/d/1/edit",
            "https://docs.google.com/document/d/1/edit",
            f"ftp://docs.google.com/spreadsheets/d/{ID}",
        ],
    )
    def test_leaves_others_as_they_are(self, address: str) -> None:
        assert find_table(address) == address


class TestAsksToSignIn:
    def test_knows_the_page_that_asks(self) -> None:
        assert asks_to_sign_in("https://accounts.google.com/v3/signin?x=1")
        assert not asks_to_sign_in(f"{SHEET}/{ID}/export")
