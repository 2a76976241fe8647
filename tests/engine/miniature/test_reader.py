from dataclasses import replace
from pathlib import Path

import torch

from brandgen.engine.miniature.captions import list_attributes
from brandgen.engine.miniature.grammar import VOCABULARY
from brandgen.engine.miniature.stages.reader import (
    Reader,
    load_reader,
    save_reader,
    take_up_reader,
)


class TestTakeUpReader:
    def test_sees_as_another_reader_that_tells_less_apart(self, tmp_path: Path) -> None:
        known = replace(VOCABULARY, moods=("none",))
        path = tmp_path / "model.safetensors"
        save_reader(Reader(list_attributes(known)), path)
        old = load_reader(path, list_attributes(known))
        reader = Reader().eval()

        take_up_reader(reader, path)

        pictures = torch.rand(2, 3, 96, 96)
        assert torch.equal(reader.features(pictures), old.features(pictures))
        assert len(reader(pictures)) > len(old(pictures))
