from pathlib import Path

import pytest
import torch

from brandgen.engine.miniature.course import Course, lay_out
from brandgen.engine.miniature.pictures import Plan, keep_album, write_whole


class TestKeepAlbum:
    @pytest.fixture
    def tokenizer(self, tmp_path: Path) -> object:
        course = Course(tmp_path / "training", minutes=1)
        lay_out(course)
        return course.tokenizer

    def test_draws_once(
        self, tokenizer: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan = Plan(seed=3, count=5, size=(48, 32))
        first = keep_album(tmp_path, plan, tokenizer)
        monkeypatch.setattr(Plan, "draw", None)

        again = keep_album(tmp_path, plan, tokenizer)

        assert first.pictures.shape == (5, 3, 32, 48)
        assert torch.equal(first.pictures, again.pictures)
        assert torch.equal(first.captions, again.captions)

    def test_writes_of_a_picture_what_it_shows(
        self, tokenizer: object, tmp_path: Path
    ) -> None:
        plan = Plan(seed=3, count=20, size=(16, 16))

        album = keep_album(tmp_path, plan, tokenizer)

        for scene, captions in zip(plan.sample_scenes(), album.captions, strict=True):
            texts = [
                tokenizer.decode(ids, skip_special_tokens=True)  # type: ignore[attr-defined]
                for ids in captions.long()
            ]
            assert all(scene.ground in text.replace(" ", "") for text in texts)

    def test_draws_the_same_scenes_with_another_brush(self) -> None:
        one, two = (Plan(3, 4, (32, 32), brush) for brush in (1, 2))

        assert one.sample_scenes() == two.sample_scenes()
        assert one.name != two.name
        assert not torch.equal(next(one.draw()), next(two.draw()))


class TestWriteWhole:
    def test_leaves_nothing_half_written(self, tmp_path: Path) -> None:
        def fail(path: Path) -> None:
            path.write_bytes(b"half")
            raise OSError("full")

        with pytest.raises(OSError, match="full"):
            write_whole(tmp_path / "whole.npy", fail)

        assert not (tmp_path / "whole.npy").exists()
