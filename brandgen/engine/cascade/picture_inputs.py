"""Turns the pictures of a request into the tensors that the stages begin from."""

from typing import Any

import torch
from torch.nn import functional

from brandgen.engine.canvas import cover_cells
from brandgen.engine.cascade.control import check_prior
from brandgen.engine.cascade.decoder import count_latents
from brandgen.engine.cascade.hints import blank_out, draw_edges, to_colors
from brandgen.engine.cascade.lean.unet import Added
from brandgen.engine.cascade.network import NOTHING
from brandgen.engine.cascade.parts import Parts
from brandgen.engine.cascade.references import encode_references
from brandgen.engine.cascade.sampling import Begin
from brandgen.engine.embeddings import count_cells, read_embeddings
from brandgen.engine.errors import InvalidRequestError
from brandgen.engine.layout import CONTROL_PARTS
from brandgen.engine.requests import (
    Mask,
    Pixels,
    PriorRequest,
    Start,
    check_fit,
)


class PictureInputs:
    """Encodes pictures with the parts of one bundle."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    def begin_prior(self, request: PriorRequest) -> Begin | None:
        """Encode what the prior begins from; None where that is noise alone.

        Raises:
            InvalidRequestError: kept embeddings are damaged or of another size.
        """
        start = request.start
        if start is None:
            return None
        rows, columns = count_cells(request.height_px), count_cells(request.width_px)
        if isinstance(start.source, bytes):
            clean = self._read(start.source, request)
        else:
            clean = self.embed(start.source, rows, columns)
        clean = clean.to(self.parts.device, self.parts.dtype)
        return Begin(clean, start.strength, self._anew(start.mask, rows, columns))

    def begin_decoder(
        self, start: Start | None, width_px: int, height_px: int
    ) -> Begin | None:
        """Encode with Stage A what Stage B begins from; None for noise alone.

        Raises:
            InvalidRequestError: the picture or the mask is of another size.
        """
        if start is None or isinstance(start.source, bytes):
            return None
        check_fit(start, width_px, height_px)
        vqgan = self.parts.vqgan
        colors = to_colors(start.source).to(self.parts.device, vqgan.dtype)
        latents = vqgan.encode(colors).latents / vqgan.config.scale_factor
        rows, columns = latents.shape[2:]
        expected = (
            count_latents(count_cells(height_px)),
            count_latents(count_cells(width_px)),
        )
        if (rows, columns) != expected:
            raise InvalidRequestError(
                f"Stage A makes {rows} x {columns} latents of the picture; Stage B "
                f"draws {expected[0]} x {expected[1]}. Use parts of one model."
            )
        return Begin(
            latents.to(self.parts.decoder_dtype),
            start.strength,
            self._anew(start.mask, rows, columns),
        )

    def see_references(self, request: PriorRequest) -> torch.Tensor | None:
        """Encode the references, shape (1, pictures, width); None where none are."""
        if not request.references:
            return None
        return encode_references(
            self.parts.image_encoder, self.parts.image_processor, request.references
        )

    def follow(self, request: PriorRequest) -> Added:
        """Say what a ControlNet adds to the prior's blocks; nothing without a control.

        Raises:
            WeightsError: the file holds another network, or one for another prior.
        """
        control = request.control
        if control is None:
            return NOTHING
        rows, columns = count_cells(request.height_px), count_cells(request.width_px)
        if control.kind == "super_resolution":
            # What the encoder says of the picture at half the size, cell by cell.
            near = self.embed(control.pixels, -(-rows // 2), -(-columns // 2))
            hint = functional.interpolate(near, (rows, columns), mode="nearest")
        elif control.mask is not None and control.kind == "inpaint":
            hint = blank_out(control.pixels, control.mask, rows, columns)
        else:
            hint = draw_edges(control.pixels, rows, columns)
        network = self.parts.network(CONTROL_PARTS[control.kind])
        added: Added = network.find(hint.to(self.parts.device), control.scale)
        check_prior(network, self.parts.prior, control.kind)
        return added

    def embed(self, pixels: Pixels, rows: int, columns: int) -> torch.Tensor:
        """Encode a picture to image embeddings, shape (1, channels, rows, columns)."""
        encoder = self.parts.semantic_encoder
        # Source: bilinear with antialiasing, as the encoders were trained with.
        small = functional.interpolate(
            to_colors(pixels).to(self.parts.device),
            size=(rows * encoder.cell_px, columns * encoder.cell_px),
            mode="bilinear",
            antialias=True,
        )
        return encoder.embed(small)

    def _read(self, source: bytes, request: PriorRequest) -> torch.Tensor:
        kept = read_embeddings(source, family=self.parts.bundle.family)
        found, asked = ((each.width_px, each.height_px) for each in (kept, request))
        if found != asked:
            raise InvalidRequestError(
                f"The image embeddings to start from are of {found[0]} x {found[1]} px;"
                f" the picture asked for is {asked[0]} x {asked[1]} px. Ask for their "
                "size."
            )
        channels = self.parts.prior.config.in_channels
        if kept.image.shape[1] != channels:
            raise InvalidRequestError(
                f"The image embeddings to start from have {kept.image.shape[1]} "
                f"channels; this prior reads {channels}. Run the prior of the same "
                "model."
            )
        return torch.tensor(kept.image)

    def _anew(self, mask: Mask | None, rows: int, columns: int) -> Any:
        if mask is None:
            return None
        cells = torch.tensor(cover_cells(mask, rows, columns))[None, None]
        return cells.to(self.parts.device)
