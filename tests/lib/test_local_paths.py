import pytest

from brandgen.lib.local_paths import LONGEST, read_local_path


class TestReadLocalPath:
    @pytest.mark.parametrize("path", ["/", "/b/northwind/?image=1&t-headline=a%20b"])
    def test_takes_a_path_of_this_site(self, path: str) -> None:
        assert read_local_path(path) == path

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "b/northwind",
            "//elsewhere.example/",
            "///elsewhere.example/",
            "/\\elsewhere.example",
            "https://elsewhere.example/",
            "https:elsewhere",
            "javascript:alert(1)",
            "\x01/b/",
            "/" + LONGEST * "a",
        ],
    )
    def test_takes_nothing_else(self, path: str) -> None:
        assert read_local_path(path) == ""
