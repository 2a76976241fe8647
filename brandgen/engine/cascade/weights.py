"""Loads the parts of a bundle, one by one, from local safetensors files only.

Parts are loaded alone and never through the stock pipelines: those can't load the
published `PaellaVQModel` since diffusers 0.38 (their type lookup fails).
"""

from pathlib import Path
from typing import Any, TypeVar

import torch
from diffusers import DDPMWuerstchenScheduler, StableCascadeUNet
from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import (
    PaellaVQModel,
)
from safetensors import SafetensorError
from transformers import (
    CLIPImageProcessorPil,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)
from transformers.utils.logging import disable_progress_bar

from brandgen.engine.bundle import Bundle
from brandgen.engine.cascade.control import ControlNet, load_control
from brandgen.engine.cascade.devices import is_out_of_memory
from brandgen.engine.cascade.previewer import PreviewNetwork, load_preview_network
from brandgen.engine.cascade.semantic import load_semantic_encoder
from brandgen.engine.errors import WeightsError
from brandgen.engine.layout import CONTROL_PARTS, Component
from brandgen.engine.previews import (
    Previewer,
    find_previewer_file,
    is_network,
    load_previewer,
    published_previewer,
)
from brandgen.engine.requests import ControlKind
from brandgen.engine.weight_files import (
    check_config,
    check_weight_file,
    check_weight_files,
)

disable_progress_bar()  # a worker's log is no terminal

MODEL_CLASSES: dict[Component, Any] = {
    "prior": StableCascadeUNet,
    "decoder": StableCascadeUNet,
    "vqgan": PaellaVQModel,
    "text_encoder": CLIPTextModelWithProjection,
    "image_encoder": CLIPVisionModelWithProjection,
}
OF_TRANSFORMERS = frozenset({"text_encoder", "image_encoder"})
NetworkT = TypeVar("NetworkT", bound=torch.nn.Module)
AnyPreviewer = Previewer | PreviewNetwork

# Source: c10::gAlignment of PyTorch's CPU allocator.
ALIGNMENT_BYTES = 64

UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError,
    SafetensorError,
)  # fmt: skip


def load_model(
    bundle: Bundle, part: Component, *, device: torch.device, dtype: torch.dtype
) -> Any:
    """Load a network, ready to run.

    Raises:
        PickledWeightsError: the weights are a pickle.
        WeightsError: a file is missing, damaged or does not fit its configuration.
    """
    if part == "semantic_encoder":
        return load_bundle_encoder(bundle, device)
    for kind, control in CONTROL_PARTS.items():
        if part == control:
            return load_bundle_control(bundle, kind, device)
    folder = bundle.get_part(part)
    check_config(folder, check_weight_files(folder))
    dtype_argument = "dtype" if part in OF_TRANSFORMERS else "torch_dtype"
    try:
        model, info = MODEL_CLASSES[part].from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            variant=find_variant(folder),
            output_loading_info=True,
            **{dtype_argument: dtype},
        )
    except Exception as error:  # a wrong configuration ends in any of them
        if is_out_of_memory(error):
            raise
        raise _unreadable(folder, error) from error
    if missing := sorted(info["missing_keys"]):
        raise WeightsError(
            f"The weights in {folder} lack {len(missing)} values that their "
            f"configuration asks for, {missing[0]} first. Fetch the bundle again."
        )
    return align(model.eval().requires_grad_(requires_grad=False).to(device))


def align(model: NetworkT) -> NetworkT:
    """Move weights that are mapped from a file to memory aligned as torch's own.

    On a CPU the kernels' last bits depend on the alignment of what they read, so that
    equal weights gave unequal pictures when a file's header was longer.
    """
    for tensor in (*model.parameters(), *model.buffers()):
        if tensor.data_ptr() % ALIGNMENT_BYTES:
            tensor.data = tensor.data.clone()
    return model


def load_bundle_encoder(bundle: Bundle, device: torch.device) -> Any:
    """Load the semantic encoder: the miniature's, or the official repository's file.

    It runs in float32 always: it is small, and runs once for a picture.

    Raises:
        WeightsError: there is none, or it is damaged.
    """
    place = bundle.get_part("semantic_encoder")
    try:
        return align(load_semantic_encoder(place).to(device))
    except UNREADABLE as error:
        raise _unreadable(place, error) from error


def load_bundle_control(
    bundle: Bundle, kind: ControlKind, device: torch.device
) -> ControlNet:
    """Load a ControlNet from the official repository's file, in float32 always.

    Raises:
        WeightsError: there is none, it is damaged, or the file holds another network.
    """
    place = bundle.get_part(CONTROL_PARTS[kind])
    try:
        network = load_control(place, kind).to(device)
    except UNREADABLE as error:
        raise _unreadable(place, error) from error
    align(network)
    return network


def load_image_processor(bundle: Bundle) -> Any:
    """Load how a picture is prepared for the image encoder: its size and its colors.

    It lies in a part of its own, or beside the image encoder.

    Raises:
        WeightsError: it is missing or damaged.
    """
    named = bundle.find_part("feature_extractor") is not None
    folder = bundle.get_part("feature_extractor" if named else "image_encoder")
    try:
        return CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
    except UNREADABLE as error:
        raise _unreadable(folder, error) from error


def load_tokenizer(bundle: Bundle) -> Any:
    """Load the tokenizer.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    folder = bundle.get_part("tokenizer")
    try:
        return CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except UNREADABLE as error:
        raise _unreadable(folder, error) from error


def load_scheduler(bundle: Bundle) -> Any:
    """Load the noise schedule.

    Raises:
        WeightsError: a file is missing or damaged.
    """
    folder = bundle.get_part("scheduler")
    try:
        return DDPMWuerstchenScheduler.from_pretrained(folder, local_files_only=True)
    except UNREADABLE as error:
        raise _unreadable(folder, error) from error


def load_bundle_previewer(bundle: Bundle, device: torch.device) -> AnyPreviewer:
    """Load what draws a bundle's previews: its linear map, or the official network.

    Where it has neither, that is the published linear map.

    Raises:
        PickledWeightsError: the file is a pickle.
        WeightsError: the file is damaged, or no previewer.
    """
    if bundle.find_part("previewer") is None:
        return published_previewer()
    path = find_previewer_file(bundle.get_part("previewer"))
    header = check_weight_file(path)
    if is_network(header):
        return align(load_preview_network(path, header.shapes).to(device))
    return load_previewer(path)


def find_variant(folder: Path) -> str | None:
    """Say which precision is stored, where a download holds only one with a suffix."""
    names = [path.name for path in folder.glob("*.safetensors")]
    if names and all(name.endswith(".bf16.safetensors") for name in names):
        return "bf16"
    return None


def _unreadable(folder: Path, error: Exception) -> WeightsError:
    reason = str(error).strip().splitlines()[0] if str(error) else type(error).__name__
    return WeightsError(
        f"The weights in {folder} can't be loaded: {reason}. Fetch the bundle again."
    )
