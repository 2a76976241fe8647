import pytest
import torch

from brandgen.engine.cascade.devices import (
    check_prior_dtype,
    choose_dtype,
    find_capability,
    find_device,
)
from brandgen.engine.errors import DeviceError, PrecisionError

HOPPER, AMPERE, TURING = (9, 0), (8, 0), (7, 5)


class TestFindDevice:
    @pytest.mark.parametrize("name", ["tpu", "mps", "cuda:99", ""])
    def test_refuses_a_device_that_is_not_there(self, name: str) -> None:
        with pytest.raises(DeviceError, match="Use"):
            find_device(name)

    def test_finds_no_capability_on_a_cpu(self) -> None:
        assert find_capability(find_device("cpu")) is None


class TestChooseDtype:
    @pytest.mark.parametrize(
        ("capability", "expected"),
        [
            (None, torch.float32),
            (TURING, torch.float32),
            (AMPERE, torch.bfloat16),
            (HOPPER, torch.bfloat16),
        ],
    )
    def test_takes_what_the_device_is_good_at(
        self, capability: tuple[int, int] | None, expected: torch.dtype
    ) -> None:
        assert choose_dtype("auto", capability=capability) == expected

    def test_allows_bfloat16_on_a_cpu(self) -> None:
        assert choose_dtype("bfloat16", capability=None) == torch.bfloat16

    def test_refuses_bfloat16_on_old_gpus(self) -> None:
        with pytest.raises(PrecisionError, match=r"capability 7\.5 .* Use float32"):
            choose_dtype("bfloat16", capability=TURING)

    def test_refuses_bfloat16_with_old_pytorch(self) -> None:
        with pytest.raises(PrecisionError, match=r"PyTorch 2\.1\.2 .* 2\.2 is the"):
            choose_dtype("bfloat16", capability=HOPPER, version="2.1.2")

        assert choose_dtype("auto", capability=HOPPER, version="2.1.2") == torch.float32

    def test_refuses_an_unknown_precision(self) -> None:
        with pytest.raises(PrecisionError, match="auto, float32, bfloat16, float16"):
            choose_dtype("int8", capability=None)


class TestCheckPriorDtype:
    def test_refuses_float16_with_the_reason(self) -> None:
        with pytest.raises(PrecisionError, match="values overflow to a black picture"):
            check_prior_dtype(torch.float16)

    def test_allows_what_stage_c_was_trained_in(self) -> None:
        check_prior_dtype(torch.bfloat16)
        check_prior_dtype(torch.float32)
