"""The command line: renders, checks, and says what is wrong without a stack trace."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

from brandgen.compositor import load_document
from brandgen.compositor.__main__ import main
from brandgen.compositor.examples.northwind import CAROUSEL, SPRING
from brandgen.compositor.profiles import GENERIC
from brandgen.lib.finding_rules import explain
from scripts.draw_layers import LAYERS
from tests.compositor.moving_documents import line, moving_document
from tests.compositor.pictures import COPY, make_photo
from tests.compositor.press import find_foreign_colors
from tests.compositor.typesetting.samples import FURTHER


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(make_photo())
    return file


def arguments(photo: Path, out: Path, **more: str) -> list[str]:
    texts = [part for n, text in COPY.items() for part in ("--text", f"{n}={text}")]
    chosen = {"format": "landscape", **more}
    options = [part for n, v in chosen.items() for part in (f"--{n}", v)]
    image = ["--image", f"hero={photo}"]
    return ["render", str(SPRING), *image, *texts, *options, "--out", str(out)]


def carousel(photo: Path) -> list[str]:
    slots = load_document(CAROUSEL.read_bytes()).worded
    texts = [part for n, s in slots.items() for part in ("--text", f"{n}={s.example}")]
    shape = ["--format", "square", "--scale", "0.4"]
    return ["render", str(CAROUSEL), "--image", f"hero={photo}", *texts, *shape]


class TestMain:
    @pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif"])
    def test_renders_by_the_files_ending(self, photo: Path, suffix: str) -> None:
        out = photo.with_name(f"out.{suffix}")

        code = main(arguments(photo, out))

        assert code == 0
        assert Image.open(out).size == (1200, 628)

    def test_reads_modifications_from_a_file(self, photo: Path) -> None:
        values = photo.with_name("values.json")
        values.write_text(json.dumps({**COPY, "hero": photo.name}))
        out = photo.with_name("out.png")
        given = photo.with_name("given.png")

        from_file = ["render", str(SPRING), "--modifications", str(values)]
        code = main([*from_file, "--format", "landscape", "--out", str(out)])

        assert code == 0
        assert main(arguments(photo, given)) == 0
        assert out.read_bytes() == given.read_bytes()

    def test_tags_and_shrinks_on_request(self, photo: Path) -> None:
        out = photo.with_name("out.png")

        code = main([*arguments(photo, out, dpi="144", scale="2"), "--small"])

        assert code == 0
        with Image.open(out) as picture:
            picture.load()
            assert picture.size == (2400, 1256)
            assert round(picture.info["dpi"][0]) == 144

    @pytest.mark.parametrize(
        ("suffix", "made"),
        [
            ("gif", ["out.gif"]),
            ("webp", ["out.webp"]),
            ("pdf", ["out.pdf"]),
            ("jpg", ["out-1.jpg", "out-2.jpg"]),
        ],
    )
    def test_makes_pages_of_a_list(
        self, photo: Path, suffix: str, made: list[str]
    ) -> None:
        values = photo.with_name("pages.json")
        page = {**COPY, "hero": photo.name}
        values.write_text(json.dumps([page, {**page, "headline": "Until Sunday"}]))
        source = ["render", str(SPRING), "--modifications", str(values)]
        shape = ["--format", "landscape", "--scale", "0.3", "--seconds", "1.5"]

        code = main([*source, *shape, "--out", str(photo.with_name(f"out.{suffix}"))])

        assert code == 0
        assert sorted(file.name for file in photo.parent.glob("out*")) == made
        first = photo.with_name(made[0])
        if suffix == "pdf":
            assert len(PdfReader(first).pages) == 2
        elif suffix != "jpg":
            assert Image.open(first).n_frames == 2

    @pytest.mark.parametrize(
        ("options", "made"),
        [
            (["out.jpg"], ["out-1.jpg", "out-2.jpg", "out-3.jpg"]),
            (["out.jpg", "--page", "2"], ["out.jpg"]),
            (["out.webp", "--still"], ["out-1.webp", "out-2.webp", "out-3.webp"]),
            (["out.pdf"], ["out.pdf"]),
            (["out.gif"], ["out.gif"]),
        ],
    )
    def test_writes_the_pages_of_a_carousel(
        self,
        photo: Path,
        options: list[str],
        made: list[str],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        out = photo.with_name(options[0])

        code = main([*carousel(photo), *options[1:], "--out", str(out)])

        assert code == 0
        assert sorted(file.name for file in photo.parent.glob("out*")) == made
        told = capsys.readouterr().out
        assert "page 2, Reasons:" in told
        assert ("page 1, Cover:" in told) is ("--page" not in options)
        if out.suffix == ".pdf":
            texts = [page.extract_text() for page in PdfReader(out).pages]
            told = ["".join(text.split()) for text in texts]
            assert [f"{n}/3" in one for n, one in enumerate(told, 1)] == [True] * 3
        elif out.suffix == ".gif":
            with Image.open(out) as film:
                times = [film.seek(n) or film.info["duration"] for n in range(3)]
            assert times == [2000, 4000, 2000]

    @pytest.mark.parametrize(
        ("page", "words"),
        [("4", "from 1 to 3"), ("0", "from 1 to 3"), ("two", "nor all"), ("²", "nor")],
    )
    def test_refuses_a_page_that_is_not_there(
        self, photo: Path, page: str, words: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = photo.with_name("out.jpg")

        code = main([*carousel(photo), "--page", page, "--out", str(out)])

        assert code == 2
        assert words in capsys.readouterr().err
        assert not out.exists()

    def test_numbers_files_so_that_names_are_in_order(self, photo: Path) -> None:
        values = photo.with_name("pages.json")
        values.write_text(json.dumps([{**COPY, "hero": photo.name}] * 10))
        source = ["render", str(SPRING), "--modifications", str(values)]
        shape = ["--format", "landscape", "--scale", "0.1"]

        main([*source, *shape, "--out", str(photo.with_name("out.jpg"))])

        names = sorted(file.name for file in photo.parent.glob("out*"))
        assert [names[0], names[9]] == ["out-01.jpg", "out-10.jpg"]

    def test_meets_a_largest_size(
        self, photo: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = photo.with_name("out.jpg")

        code = main(arguments(photo, out, **{"most-bytes": "30000"}))

        assert code == 0
        assert 25_000 < out.stat().st_size <= 30_000
        assert "file-size" in capsys.readouterr().out

    def test_writes_a_pdf_for_print(self, photo: Path) -> None:
        out = photo.with_name("out.pdf")

        code = main(
            [*arguments(photo, out, bleed="3", link="cta=https://a.b"), "--marks"]
        )

        assert code == 0
        (page,) = PdfReader(out).pages
        assert float(page.trimbox.width) == pytest.approx(900, abs=0.001)
        assert len(page["/Annots"]) == 1

    def test_writes_pages_in_the_inks_of_a_profile(
        self, photo: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        values, out = photo.with_name("pages.json"), photo.with_name("out.pdf")
        values.write_text(json.dumps([{**COPY, "hero": photo.name}] * 2))
        source = ["render", str(SPRING), "--modifications", str(values)]
        shape = ["--format", "landscape", "--scale", "0.3", "--out", str(out)]

        code = main([*source, *shape, "--profile", GENERIC, "--most-ink", "200"])

        assert code == 0
        assert find_foreign_colors(out.read_bytes()) == []
        reader = PdfReader(out)
        assert (len(reader.pages), reader.pdf_header) == (2, "%PDF-1.6")
        said = capsys.readouterr().out
        assert "warn Ink on the paper (ink-coverage)" in said
        assert explain("ink-coverage") in said

    def test_says_which_profile_is_missing(
        self, photo: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = photo.with_name("out.pdf")

        code = main(arguments(photo, out, profile="PSOcoated_v3"))

        assert code == 2
        assert "no color profile 'PSOcoated_v3'" in capsys.readouterr().err
        assert not out.exists()

    def test_marks_every_page_of_an_animation(self, photo: Path) -> None:
        values = photo.with_name("pages.json")
        page = {**COPY, "hero": photo.name}
        values.write_text(json.dumps([page, {**page, "cta": "See more"}]))
        out, clean = photo.with_name("out.gif"), photo.with_name("clean.gif")
        given = ["render", str(SPRING), "--modifications", str(values)]
        given += ["--format", "landscape", "--scale", "0.2"]

        code = main([*given, "--watermark", "NOT APPROVED", "--out", str(out)])

        assert code == main([*given, "--out", str(clean)]) == 0
        with Image.open(out) as marked, Image.open(clean) as bare:
            for frame in range(2):
                marked.seek(frame)
                bare.seek(frame)
                change = ImageChops.difference(marked.convert("L"), bare.convert("L"))
                assert ImageStat.Stat(change).mean[0] > 5

    def test_tells_by_its_code_that_a_check_failed(self, photo: Path) -> None:
        out = photo.with_name("out.jpg")

        code = main([*arguments(photo, out), "--text", "headline=Hello 👋"])

        assert code == 1
        assert out.exists()

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"format": "poster"}, "no format 'poster'"),
            ({"focal": "hero=left"}, "is not a point"),
            ({"image": "hero=/no/such/file"}, "No such file"),
            ({"text": "headline"}, "SLOT=VALUE"),
            ({"quality": "0"}, "Quality 0"),
            ({"scale": "9"}, "Scale 9.0"),
            ({"dpi": "7"}, "7 dpi"),
            ({"bleed": "3"}, "no bleed"),
            ({"watermark": " "}, "is not a watermark"),
            ({"most-bytes": "900"}, "can't be made as small as 900 bytes"),
            ({"link": "cta=https://a.b"}, "no links"),
            ({"modifications": __file__}, "is not JSON"),
        ],
    )
    def test_says_what_is_wrong_in_one_line(
        self,
        photo: Path,
        capsys: pytest.CaptureFixture[str],
        more: dict[str, str],
        words: str,
    ) -> None:
        code = main(arguments(photo, photo.with_name("out.jpg"), **more))

        said = capsys.readouterr().err
        assert code == 2
        assert words in said
        assert said.count("\n") == 1

    @pytest.mark.parametrize(
        ("suffix", "more"),
        [
            ("gif", ["--transparent"]),
            ("gif", ["--dpi", "144"]),
            ("webp", ["--small"]),
            ("webp", ["--marks"]),
        ],
    )
    def test_leaves_nothing_out_of_an_animation_without_a_word(
        self,
        photo: Path,
        capsys: pytest.CaptureFixture[str],
        suffix: str,
        more: list[str],
    ) -> None:
        pages, out = photo.with_name("pages.json"), photo.with_name(f"out.{suffix}")
        pages.write_text(json.dumps([{**COPY, "hero": photo.name}] * 2))
        given = ["render", str(SPRING), "--modifications", str(pages)]

        code = main([*given, "--format", "landscape", "--out", str(out), *more])

        assert code == 2
        assert f"An animation has no {more[0]}. Leave it out" in capsys.readouterr().err
        assert not out.exists()

    def test_checks_a_document(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken = tmp_path / "broken.json"
        broken.write_text(
            SPRING.read_text().replace('"slot": "headline"', '"slot": "headlin"')
        )

        assert main(["check", str(SPRING)]) == 0
        assert main(["check", str(broken)]) == 2
        said = capsys.readouterr()
        assert "format story: 1080 x 1920" in said.out
        assert "Did you mean 'headline'?" in said.err

    def test_tells_all_that_is_wrong_with_a_half_written_document(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        whole = json.loads(SPRING.read_bytes())
        layers = [{"id": "a", "type": "shape", "fil": {}}, {"id": "b"}]
        slots = {"headline": {"type": "txt"}, "cta": {"type": "text", "max_chars": "9"}}
        half = tmp_path / "half.json"

        half.write_text(json.dumps({"layers": layers, "slots": slots}))
        assert main(["check", "--partial", str(half)]) == 2
        said = capsys.readouterr().out
        assert "wrong    /layers/0/fil: 'fil' is not known here. Did you mean" in said
        assert "wrong    /slots/headline/type" in said
        assert "wrong    /slots/cta/max_chars: a number is needed" in said
        assert "missing  /layers/1: 'type' is missing" in said
        assert "missing  /: 'formats' is missing." in said

        half.write_text(json.dumps(whole | {"layers": []}))
        assert main(["check", "--partial", str(half)]) == 0
        assert "0 wrong, 1 missing" in capsys.readouterr().out

        whole["layers"][0]["slot"] = "her"
        half.write_text(json.dumps(whole))
        assert main(["check", "--partial", str(half)]) == 2
        assert "no slot is called 'her'" in capsys.readouterr().out

    def test_writes_the_normal_form(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["normalize", str(SPRING)]) == 0

        written = json.loads(capsys.readouterr().out)
        assert load_document(written) == load_document(SPRING.read_bytes())

    def test_binds_data_in_a_locale(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        document = LAYERS / "qr.json"
        out = tmp_path / "out.png"
        options = ["render", str(document), "--format", "card", "--out", str(out)]

        assert main([*options, "--data", "campaign.code=autumn"]) == 0
        assert main([*options, "--data", "campaign.cod=autumn"]) == 2
        assert main([*options, "--locale", "fr"]) == 2
        said = capsys.readouterr().err
        assert "Did you mean 'code'?" in said
        assert "no locale 'fr'" in said

    def test_takes_letters_from_a_folder_of_fonts(
        self, photo: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call = arguments(photo, photo.with_name("out.png"))
        call[call.index(f"headline={COPY['headline']}")] = "headline=明るい朝 🎉"

        codes = [main(call), main([*call, "--fonts", str(FURTHER)])]

        assert codes == [1, 0]
        assert capsys.readouterr().out.count("missing-glyph") == 1

    def test_writes_the_schema(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["schema"]) == 0
        assert json.loads(capsys.readouterr().out)["title"].startswith("brandgen")

    def test_imports_a_drawing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        drawing, out = tmp_path / "card.svg", tmp_path / "card.json"
        drawing.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 250">'
            '<text x="9" y="40" font-family="Papyrus">Hello</text></svg>'
        )

        code = main(["import", str(drawing), "--out", str(out), "--name", "Card"])

        assert code == 0
        document = load_document(out.read_bytes())
        assert (document.name, list(document.formats)) == (
            "Card",
            ["iab-medium-rectangle"],
        )
        assert "Papyrus" in capsys.readouterr().out


class TestMoving:
    @pytest.fixture
    def document(self, tmp_path: Path) -> Path:
        file = tmp_path / "moving.json"
        fade = {"enter": {"type": "fade"}}
        file.write_text(json.dumps(moving_document(line(fade))))
        return file

    def options(self, document: Path, out: Path) -> list[str]:
        texts = ["--text", "line=Two words", "--format", "banner"]
        return ["render", str(document), *texts, "--out", str(out)]

    @pytest.mark.parametrize("suffix", ["mp4", "webm"])
    def test_writes_a_video(
        self, document: Path, suffix: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = document.with_name(f"out.{suffix}")

        code = main(self.options(document, out))

        assert code == 0
        assert b"ftyp" in out.read_bytes()[:12] or suffix == "webm"
        assert "flashes" in capsys.readouterr().out

    def test_animates_unless_a_still_is_asked_for(self, document: Path) -> None:
        moving, still = document.with_name("a.webp"), document.with_name("b.webp")

        main(self.options(document, moving))
        main([*self.options(document, still), "--still"])

        assert Image.open(moving).n_frames > 3
        assert Image.open(still).n_frames == 1

    def test_names_what_a_video_can_not_have(
        self, document: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = document.with_name("out.mp4")

        assert main([*self.options(document, out), "--dpi", "300"]) == 2
        assert main([*self.options(SPRING, out), "--format", "square"]) == 2

        told = capsys.readouterr().err
        assert "A mp4 has no density" in told
        assert not out.exists()
