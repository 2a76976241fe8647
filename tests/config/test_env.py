from pathlib import Path

import pytest

from brandgen.config import env


class TestReadText:
    def test_reads_a_secret_from_a_file(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("sesame\n")

        value = env.read_text("KEY", environ={"KEY_FILE": str(secret)})

        assert value == "sesame"

    def test_refuses_a_value_given_twice(self) -> None:
        environ = {"KEY": "a", "KEY_FILE": "b"}

        with pytest.raises(env.SettingError, match="not both"):
            env.read_text("KEY", environ=environ)

    def test_names_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        environ = {"KEY_FILE": str(tmp_path / "none")}

        with pytest.raises(env.SettingError, match="No such file"):
            env.read_text("KEY", environ=environ)

    def test_names_the_variable_that_is_missing(self) -> None:
        with pytest.raises(env.SettingError, match="KEY is not set"):
            env.read_text("KEY", environ={})

    def test_lists_the_choices(self) -> None:
        with pytest.raises(env.SettingError, match="Use one of: a, b"):
            env.read_text("KEY", choices=["a", "b"], environ={"KEY": "c"})


class TestReadFlag:
    @pytest.mark.parametrize("value", ["1", "true", "Yes", "ON"])
    def test_knows_yes(self, value: str) -> None:
        assert env.read_flag("KEY", False, environ={"KEY": value}) is True

    def test_refuses_what_is_neither(self) -> None:
        with pytest.raises(env.SettingError, match="'maybe'"):
            env.read_flag("KEY", False, environ={"KEY": "maybe"})


class TestReadFolder:
    def test_gives_the_whole_path(self, tmp_path: Path) -> None:
        found = env.read_folder(
            "KEY", environ={"KEY": f"{tmp_path}/../{tmp_path.name}"}
        )

        assert found == tmp_path

    def test_gives_none_where_nothing_is_set(self) -> None:
        assert env.read_folder("KEY", environ={"KEY": ""}) is None

    def test_refuses_what_is_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(env.SettingError, match="which is no folder"):
            env.read_folder("KEY", environ={"KEY": f"{tmp_path}/missing"})


class TestReadNumber:
    @pytest.mark.parametrize("value", ["0", "11", "many", "1.5"])
    def test_refuses_what_is_outside(self, value: str) -> None:
        with pytest.raises(env.SettingError, match="KEY is"):
            env.read_number("KEY", 5, low=1, high=10, environ={"KEY": value})


class TestReadDatabase:
    def test_reads_an_absolute_sqlite_path(self) -> None:
        environ = {"URL": "sqlite:////srv/data/db.sqlite3"}

        database = env.read_database("URL", default_path=Path("x"), environ=environ)

        assert database["NAME"] == Path("/srv/data/db.sqlite3")
        assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"  # type: ignore[index]

    def test_reads_escaped_passwords(self) -> None:
        environ = {"URL": "postgresql://me:p%40ss@db:5433/brandgen?sslmode=require"}

        database = env.read_database("URL", default_path=Path("x"), environ=environ)

        assert database["PASSWORD"] == "p@ss"
        assert database["PORT"] == "5433"
        assert database["OPTIONS"]["sslmode"] == "require"  # type: ignore[index]

    def test_refuses_another_database(self) -> None:
        with pytest.raises(env.SettingError, match="'mysql'"):
            env.read_database(
                "URL", default_path=Path("x"), environ={"URL": "mysql://db/x"}
            )
