import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from brandgen.engine.bundle import Bundle, hash_file
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.miniature.__main__ import main
from brandgen.engine.miniature.artist import Artist, make_sheet
from brandgen.engine.miniature.bars import BARS, Costs, judge
from brandgen.engine.miniature.course import (
    SHIPPED,
    STAGES,
    Course,
    CourseError,
)
from brandgen.engine.miniature.evaluation import (
    Report,
    draw_all,
    hold_out,
    measure,
    measure_frechet,
    read_questions,
)
from brandgen.engine.miniature.export import Edition, export_bundle, next_revision
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.networks import Size
from brandgen.engine.miniature.plans import Amounts
from brandgen.engine.miniature.scenes import draw_scene
from brandgen.engine.miniature.stages.reader import load_reader
from brandgen.engine.miniature.teachers import run_course
from brandgen.engine.requests import DecoderRequest, PriorRequest
from brandgen.engine.vocabulary import read_vocabulary

TINY = Size(
    prior_width=64,
    decoder_widths=(32, 32, 64),
    vqgan_width=16,
    vqgan_blocks=1,
    text_layers=1,
)
STEPS = 20
FEW = Amounts(
    pairs=8, pictures=24, large_pictures=4, wide_pictures=4, cuts=8, references=6,
    large_references=3, prior_batch=2, decoder_batch=2, autoencoder_batch=2,
    text_batch=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Train every stage from nothing, 20 steps each."""
    folder = tmp_path_factory.mktemp("training")
    course = Course(folder, minutes=60, steps=STEPS, amounts=FEW, size=TINY)
    run_course(course)
    return course


class TestRunCourse:
    def test_leaves_a_whole_bundle(self, trained: Course) -> None:
        parts = {path.name for path in trained.bundle.iterdir()}

        assert parts == {
            "prior", "decoder", "vqgan", "text_encoder", "tokenizer", "scheduler",
            "semantic_encoder", "image_encoder", "reader", "vocabulary.json",
        }  # fmt: skip

    def test_knows_the_words_of_its_captions(self, trained: Course) -> None:
        known = read_vocabulary(trained.bundle)

        assert known is not None
        assert known.colors == VOCABULARY.colors
        assert known.words == VOCABULARY.words

    @pytest.mark.parametrize("stage", STAGES)
    def test_writes_a_learning_curve_of_every_stage(
        self, trained: Course, stage: str
    ) -> None:
        lines = (trained.folder / f"{stage}.csv").read_text().splitlines()

        assert len(lines) == 2
        assert lines[1].startswith(f"{STEPS},")
        with Image.open(trained.folder / f"{stage}.png") as picture:
            assert picture.width >= 320

    def test_measures_the_scale_of_the_latents(self, trained: Course) -> None:
        config = json.loads((trained.bundle / "vqgan" / "config.json").read_text())

        assert config["scale_factor"] > 0
        assert config["scale_factor"] != 1

    def test_begins_from_a_bundle_and_finds_its_lost_encoder(
        self, trained: Course, tmp_path: Path
    ) -> None:
        source = tmp_path / "source"
        shutil.copytree(trained.bundle, source)
        shutil.rmtree(source / "semantic_encoder")
        course = Course(
            tmp_path / "out", minutes=1, init_from=source, steps=STEPS, amounts=FEW
        )

        run_course(course, ("semantic",))

        assert (course.bundle / "semantic_encoder" / "model.safetensors").is_file()
        name = "prior/diffusion_pytorch_model.safetensors"
        assert hash_file(course.bundle / name) == hash_file(source / name)
        assert (course.folder / "inversion.csv").is_file()

    def test_goes_on_from_the_shipped_bundle_with_new_words(
        self, tmp_path: Path
    ) -> None:
        arguments = {"minutes": 60, "steps": 1, "amounts": FEW}
        course = Course(tmp_path, init_from=SHIPPED, **arguments)

        run_course(course, ("a", "semantic", "text", "joint", "c"))

        before, after = (
            load_file(folder / "vqgan" / "diffusion_pytorch_model.safetensors")
            for folder in (SHIPPED, course.bundle)
        )
        changed = {k for k in before if not torch.equal(before[k], after[k])}
        assert {name.split(".")[0] for name in changed} <= {"up_blocks", "out_block"}
        assert not (course.folder / "semantic.csv").exists()
        known = read_vocabulary(course.bundle)
        assert known is not None
        assert "burgundy" in known.colors
        assert len(load_file(course.part("text_encoder") / "model.safetensors")) > 9

    def test_goes_on_after_the_last_finished_stage(self, trained: Course) -> None:
        again = dataclasses.replace(trained, is_resumed=True)
        kept_at = (trained.bundle / "prior").stat().st_mtime_ns

        run_course(again)

        assert (trained.bundle / "prior").stat().st_mtime_ns == kept_at

    def test_teaches_the_image_encoder_and_leaves_the_prior_as_it_is(
        self, trained: Course, tmp_path: Path
    ) -> None:
        course = Course(
            tmp_path, minutes=1, init_from=trained.bundle, steps=STEPS, amounts=FEW
        )

        run_course(course, ("image",))

        name = "prior/diffusion_pytorch_model.safetensors"
        before, after = (load_file(c.bundle / name) for c in (trained, course))
        changed = {k for k in before if not torch.equal(before[k], after[k])}
        assert changed == {"clip_img_mapper.weight"}
        assert {path.name for path in course.part("image_encoder").iterdir()} == {
            "config.json", "model.safetensors", "preprocessor_config.json",
        }  # fmt: skip

    def test_encodes_pictures_anew_when_stage_a_was_trained_again(
        self, tmp_path: Path
    ) -> None:
        course = Course(tmp_path, minutes=60, steps=1, amounts=FEW, size=TINY)
        run_course(course, ("a", "semantic", "text", "joint"))
        _, before = torch.load(course.latents)

        run_course(course, ("a", "joint"))

        _, after = torch.load(course.latents)
        assert before.shape == after.shape
        assert not torch.equal(before, after)

    def test_refuses_a_stage_whose_parts_are_missing(self, tmp_path: Path) -> None:
        course = Course(tmp_path, minutes=1, steps=2, amounts=FEW)

        with pytest.raises(CourseError, match="There is no semantic_encoder"):
            run_course(course, ("c",))


@pytest.fixture(scope="module")
def exported(trained: Course, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Export what was trained into a folder that has a model card."""
    target = tmp_path_factory.mktemp("exported") / "weights"
    target.mkdir()
    (target / "MODEL_CARD.md").write_text("what it is")
    return export_bundle(trained.bundle, target, edition=Edition("9.9"))


class TestExportBundle:
    def test_makes_a_bundle_that_the_engine_runs(self, exported: Bundle) -> None:
        engine = CascadeEngine(exported.folder, threads=1)
        request = PriorRequest("teal waves on cream", 7, 256, 256, steps=2)

        result = engine.run_prior(request)
        picture = engine.run_decoder(DecoderRequest(result.embeddings, 7, steps=2))

        assert picture.shape == (256, 256, 3)
        assert exported.manifest.revision == "9.9"
        assert exported.vocabulary is not None
        assert "burgundy" in exported.vocabulary.colors
        assert "previewer/previewer.safetensors" in exported.manifest.files

    def test_keeps_the_model_card(self, exported: Bundle) -> None:
        assert (exported.folder / "MODEL_CARD.md").read_text() == "what it is"


class TestNextRevision:
    def test_counts_on(self) -> None:
        shipped = Bundle(SHIPPED).manifest.revision

        major, minor = next_revision(SHIPPED).split(".")
        assert [major, int(minor) - 1] == [
            shipped.split(".")[0],
            int(shipped.split(".")[1]),
        ]

    def test_begins_where_nothing_is(self, tmp_path: Path) -> None:
        assert next_revision(tmp_path) == "0.1"


class TestMeasure:
    def test_finds_drawings_in_the_color_that_was_asked(self, trained: Course) -> None:
        questions = hold_out(60)
        rng = np.random.default_rng(1)
        drawn = np.stack([draw_scene(q.scene, rng, 128, 128) for q in questions])
        reader = load_reader(trained.bundle / "reader" / "model.safetensors")

        figures = measure(
            [drawn, drawn[:4]], questions, reader, beside=drawn, known=VOCABULARY.rgb
        )

        assert figures.plain_ground_named == 1
        assert figures.plain_ground_distance is not None
        assert figures.plain_ground_distance < 5
        assert figures.colors_shown > 0.9
        assert figures.diversity == 0
        assert figures.frechet == pytest.approx(0, abs=1e-3)
        assert all(0 <= share <= 1 for share in figures.read.values())
        report = Report(128, 60, model=figures, drawings=figures)
        results = judge(report, Costs(13.0, 7.0, 1.0, None))
        verdicts = {r.bar.name: r.is_reached for r in results}
        assert len(verdicts) == len(BARS)
        assert verdicts["plain ground named"]
        assert verdicts["bundle"]
        assert not verdicts["one picture"]
        assert not verdicts["decoder"]


class TestMeasureFrechet:
    def test_is_the_distance_of_the_means_where_the_spread_is_the_same(self) -> None:
        features = np.random.default_rng(1).normal(size=(500, 3))

        assert measure_frechet(features, features + 2) == pytest.approx(12, rel=1e-6)


class TestReadQuestions:
    def test_reads_one_caption_a_line(self, tmp_path: Path) -> None:
        path = tmp_path / "captions.txt"
        path.write_text("teal waves on cream\n\nplain peach wall\n")

        questions = read_questions(path)

        assert [q.text for q in questions] == [
            "teal waves on cream",
            "plain peach wall",
        ]
        assert questions[0].scene.pattern == "teal"


class TestDrawAll:
    def test_draws_a_caption_the_same_in_any_batch(self) -> None:
        artist = Artist(Bundle(SHIPPED))
        captions = ["teal waves on cream", "plain coral background"]

        both = draw_all(artist, captions, 256, seed=3)
        alone = draw_all(artist, captions[:1], 256, seed=3)

        assert np.abs(both[0].astype(int) - alone[0]).max() <= 2


class TestMakeSheet:
    def test_lays_pictures_in_rows(self) -> None:
        pictures = np.zeros((5, 32, 32, 3), np.uint8)

        assert make_sheet(pictures, columns=2, side_px=16).size == (32, 48)


class TestMain:
    def test_says_that_there_is_nothing_to_resume(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["train", "--resume", "--out", str(tmp_path)]) == 1
        assert "No training began in" in capsys.readouterr().err

    def test_says_in_one_line_what_is_missing(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["train", "--stage", "b", "--minutes", "1", "--out", str(tmp_path)]

        assert main(arguments) == 1
        assert "Train the stages in their order" in capsys.readouterr().err
