import io
import json
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from brandgen.lib.feeds import FeedError, Limits, Table, pack, read_feed, unpack
from brandgen.lib.spreadsheets import write_csv

SMALL = Limits(rows=3, columns=4, cells=20, cell_chars=12, bytes=4096)


def read(data: bytes, limits: Limits = SMALL) -> Table:
    return read_feed(io.BytesIO(data), limits=limits)


def texts(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def workbook(*lines: list[Any], titles: tuple[str, ...] = ("Products",)) -> bytes:
    book = Workbook()
    book.active.title = titles[0]
    for title in titles[1:]:
        book.create_sheet(title)
    for line in lines:
        book.active.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


class TestReadCsv:
    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]
    )
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_finds_encoding_and_separator(self, encoding: str, separator: str) -> None:
        lines = ["name{}price", '"Krüge{} groß"{}12,50 €' if separator != "," else ""]
        lines[1] = lines[1] or '"Krüge, groß","12,50 €"'
        text = "\r\n".join(lines).replace("{}", separator)

        table = read(text.encode(encoding), Limits())

        assert table.columns == ("name", "price")
        assert texts(table) == [(f"Krüge{separator} groß", "12,50 €")]

    def test_says_what_it_guessed(self) -> None:
        assert read("a;b\nä;1".encode("cp1252")).notes == (
            "Read as Windows-1252, separated by semicolons.",
        )

    def test_numbers_rows_as_the_spreadsheet_does(self) -> None:
        table = read(b'a,b\n\n"two\nlines",1\n,\n3,\n')

        assert [(r.number, *r.cells) for r in table.rows] == [
            (3, "two\nlines", "1"),
            (5, "3", ""),
        ]

    def test_takes_excels_own_word_for_the_separator(self) -> None:
        assert read(b"sep=;\na,x;b\n1;2").columns == ("a,x", "b")

    def test_takes_a_single_column(self) -> None:
        assert texts(read(b"headline\nOne\nTwo")) == [("One",), ("Two",)]

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "file is empty"),
            (b" \n ", "file is empty"),
            (b",,\n,,", "no row with anything"),
            (b"a,b\n", "no rows below"),
            (
                b"a\n1\n2\n3\n4\n5",
                "The CSV has 5 rows; a batch takes 3. Split the file",
            ),
            (b"a,b,c,d,e\n", "5 columns; 4 are allowed"),
            (b"a,,c\n1,2,3", "Row 1, column 2 has no name"),
            (b"a,b,a\n1,2,3", "Columns 1 and 3 are both called"),
            (b"a" * 61 + b",b\n1,2", "a name of 61 letters"),
            (b"a,b\n1,2,3", "Row 2 has 3 cells, the first row names 2"),
            (b"a,b\n1," + b"x" * 13, "Row 2, column “b” has 13 letters; 12"),
            (b"a,b\n1,\x01", r"Row 2, column “b” holds .*U\+0001"),
            (b"a\0,b\n1,2", "The file is no text"),
            (b'a,b\n1,"2\n3,4', "a quote that is never closed"),
            (b'a,b\n1,"2"3', "can't be read"),
            (b"\xff\xfea", "UTF-16, which its first bytes promise"),
            (b"\xef\xbb\xbfa,b\n1,\xff", "not UTF-8, which its first bytes promise"),
            (b"\xd0\xcf\x11\xe0old", r"old Excel file \(.xls\)"),
            (b"%PDF-1.7", "is a PDF, whatever its name says"),
            (b"<!DOCTYPE html>", "a web page"),
            (b"a,b\n" + b"1,2\n" * 2000, "MB; 0 are allowed"),
        ],
    )
    def test_says_what_is_wrong(self, data: bytes, said: str) -> None:
        with pytest.raises(FeedError, match=said):
            read(data)

    def test_refuses_more_cells_than_memory_should_hold(self) -> None:
        limits = Limits(rows=100, columns=100, cells=50)

        with pytest.raises(FeedError, match="more than 50 cells"):
            read(b"a,b,c\n" + b"1,2,3\n" * 30, limits)

    def test_refuses_a_cell_that_never_ends(self) -> None:
        with pytest.raises(FeedError, match="a quote may be missing"):
            read(b'a,b\n1,"' + b"x" * 200_000, Limits())


class TestReadJson:
    def test_makes_columns_of_names_and_parts(self) -> None:
        items = [
            {"name": "Mug", "price": 12.50, "new": True},
            {"product": {"size": None, "name": "M"}, "price": 3},
        ]

        table = read(json.dumps(items).encode(), Limits())

        assert table.columns == ("name", "price", "new", "product.size", "product.name")
        assert texts(table) == [
            ("Mug", "12.5", "true", "", ""),
            ("", "3", "", "", "M"),
        ]

    def test_keeps_numbers_as_they_are_written(self) -> None:
        digits = "9" * 12
        assert texts(read(f'[{{"a": {digits}, "b": 1.50}}]'.encode())) == [
            (digits, "1.50")
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('{"a": 1}', "The JSON is no list"),
            ("[]", "no row with anything"),
            ("[1]", "Item 1 is no object"),
            ('[{"a": [1]}]', "“a” holds a list"),
            ('[{"a": {"b": {"c": 1}}}]', "holds a list or an object"),
            ('[{"a": 1}, {"a": }]', "Item 2 is not JSON"),
            ('[{"a": 1}', "neither a comma nor the list's end"),
            ('[{"a": 1}] x', "after the end of the list"),
            ('[{"a": 1, "a": 2}]', "names “a” twice"),
            ('[{"a": NaN}]', "NaN is not known"),
            ('[{"a": "\\ud800"}]', r"U\+D800"),
            ('[{"a": "\\u0000"}]', r"U\+0000"),
            (
                '[{"a": 1}, {"a": 1}, {"a": 1}, {"a": 1}]',
                "has 4 items; a batch takes 3",
            ),
            ('[{"a":1,"b":1,"c":1},{"d":1,"e":1}]', "more than 4 columns"),
            ('[{"a": ' * 60_000, "nested too deeply"),
        ],
    )
    def test_says_what_is_wrong(self, text: str, said: str) -> None:
        limits = SMALL if len(text) < 4096 else Limits()

        with pytest.raises(FeedError, match=said):
            read(text.encode(), limits)


class TestReadXlsx:
    def test_writes_values_as_the_sheet_shows_them(self) -> None:
        data = workbook(
            ["a", "b", "c", "d"], [12.0, 12.5, date(2026, 11, 26), True], [None, "x"]
        )

        table = read(data, Limits())

        assert texts(table) == [("12", "12.5", "2026-11-26", "TRUE"), ("", "x", "", "")]

    def test_says_which_sheet_it_read(self) -> None:
        data = workbook(["a"], [1], titles=("Spring", "Notes"))

        assert read(data, Limits()).notes == (
            "The first of 2 sheets was read: “Spring”.",
        )

    def test_reads_two_cells_far_apart_in_bounded_time(self) -> None:
        book = Workbook()
        book.active["A1"] = "a"
        book.active["A2"] = "1"
        book.active["XFD1048576"] = "far"
        file = io.BytesIO()
        book.save(file)

        with pytest.raises(FeedError, match="16,384 cells, the first row names 1"):
            read(file.getvalue(), Limits())

    def test_reads_no_more_empty_cells_than_it_must(self) -> None:
        lines = [["a"], ["1"], *[[None] * 500 + [""] for _ in range(50)]]

        with pytest.raises(FeedError, match="most of them empty"):
            read(workbook(*lines), Limits(cells=1000))

    @pytest.mark.parametrize(
        ("lines", "said"),
        [
            (
                [["a"], [1], [2], [3], [4], [5], [6]],
                "workbook has 6 rows; a batch takes 3",
            ),
            ([["a", "b", "c", "d", "e"], [1]], "5 columns; 4 are allowed"),
            ([["a"], ["#REF!"]], "Row 2 has a cell that says #REF!"),
        ],
    )
    def test_says_what_is_wrong(self, lines: list[list[Any]], said: str) -> None:
        limits = Limits(rows=3, columns=4)

        with pytest.raises(FeedError, match=said):
            read(workbook(*lines), limits)

    def test_refuses_a_bomb_before_it_unfolds(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("xl/worksheets/sheet1.xml", b" " * (101 * 2**20))

        with pytest.raises(FeedError, match="unfolds to 101 MB"):
            read(file.getvalue(), Limits())

    def test_refuses_entities_that_grow(self) -> None:
        laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
        good = io.BytesIO(workbook(["a"], [1]))
        file = io.BytesIO()
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(file, "w") as new:
            for name in old.namelist():
                data = old.read(name)
                if name.endswith("sheet1.xml"):
                    data = data.replace(b"<worksheet", laughs.encode() + b"<worksheet")
                new.writestr(name, data)

        with pytest.raises(FeedError, match="no Excel workbook"):
            read(file.getvalue(), Limits())

    @pytest.mark.parametrize("cut", [40, 400, 2000, -30])
    def test_refuses_what_is_cut_off(self, cut: int) -> None:
        with pytest.raises(FeedError, match="no Excel workbook"):
            read(workbook(["a"], [1])[:cut], Limits())

    def test_refuses_another_archive(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("table.csv", "a\n1")

        with pytest.raises(FeedError, match="archive, no Excel workbook"):
            read(file.getvalue(), Limits())


class TestAnyBytes:
    @given(st.binary(max_size=400))
    def test_meet_a_table_or_a_named_error(self, data: bytes) -> None:
        try:
            table = read(data)
        except FeedError as error:
            said = str(error)
            table = None
        assert (
            said.endswith((".", "}", "]"))
            if table is None
            else (unpack(pack(table)) == table)
        )

    @given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=3))
    def test_come_back_from_our_own_csv_as_they_went(
        self, lines: list[tuple[str, str]]
    ) -> None:
        lines = [line for line in lines if "".join(line).strip().isprintable()]
        data = write_csv([("a", "b"), *lines])
        try:
            table = read(data)
        except FeedError:
            return
        assert len(table.columns) == 2


class TestWriteCsv:
    @pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
    def test_leaves_no_formula(self, cell: str) -> None:
        assert write_csv([[cell]]) == f'"\'{cell}"\r\n'.encode()
