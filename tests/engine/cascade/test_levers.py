import gc
import shutil
import weakref

import pytest
import torch
from diffusers import StableCascadeUNet

from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.lean.unet import LeanUNet
from brandgen.engine.cascade.levers import CompileError, Levers, Runners
from tests.engine.conftest import Tiny

CPU = torch.device("cpu")


class TestLevers:
    @pytest.mark.parametrize(
        ("levers", "name"),
        [
            (Levers(lean=False), "stock"),
            (Levers(), "lean"),
            (Levers(compile="max-autotune"), "lean, compiled (max-autotune)"),
        ],
    )
    def test_are_named_in_the_record_of_a_picture(
        self, levers: Levers, name: str
    ) -> None:
        assert levers.describe() == name

    def test_refuse_a_mode_that_is_none(self) -> None:
        with pytest.raises(CompileError, match="'fast' is unknown"):
            CascadeEngine(compile="fast")  # type: ignore[arg-type]

    def test_refuse_to_compile_what_is_not_lean(self) -> None:
        with pytest.raises(CompileError, match="ENGINE_LEAN"):
            CascadeEngine(lean=False, compile="default")

    def test_refuse_to_compile_without_a_compiler(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda name: None)

        with pytest.raises(CompileError, match="ENGINE_COMPILE=off"):
            Levers(compile="default").check(CPU)


class TestRunners:
    def test_run_networks_lean(self, tiny: Tiny) -> None:
        found = Runners(Levers()).run(tiny.prior)

        assert isinstance(found, LeanUNet)
        assert found.unet is tiny.prior

    def test_keep_no_network_in_memory(self, tiny: Tiny) -> None:
        runners = Runners(Levers(compile="default"))
        network = StableCascadeUNet.from_config(tiny.prior.config)
        kept = weakref.ref(network)

        runners.run(network)
        del network
        gc.collect()

        assert kept() is None

    def test_leave_the_network_alone_where_lean_is_off(self, tiny: Tiny) -> None:
        assert Runners(Levers(lean=False)).run(tiny.prior) is tiny.prior
