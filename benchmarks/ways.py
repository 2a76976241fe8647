"""The ways to make the same pictures that `engine.py` measures against each other.

Every way has the same components, prompts, seeds and steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from diffusers import (
    DDPMWuerstchenScheduler,
    StableCascadeDecoderPipeline,
    StableCascadePriorPipeline,
)

from brandgen.engine.bundle import Profile
from brandgen.engine.cascade.engine import CascadeEngine
from brandgen.engine.cascade.levers import Levers, Runners
from brandgen.engine.cascade.sampling import make_generators
from brandgen.engine.requests import DecoderRequest, Pixels, PriorRequest

AS_SHIPPED = Levers()
SHIPPED, STOCK = "lean", "stock"


@dataclass(frozen=True)
class Work:
    """What is drawn."""

    prompt: str
    side_px: int
    profile: Profile
    """Steps and guidance."""

    @property
    def share_of_prior(self) -> float:
        """The prior's part of the arithmetic of a full-size image of 1024 px."""
        prior = 8.157 * self.profile.prior_steps
        rest = 6.174 * self.profile.decoder_steps + 2.172 + 0.196
        return prior / (prior + rest)


class Way(Protocol):
    """One way to make pictures."""

    def sketch(self, seeds: Sequence[int]) -> Any:
        """Run the prior alone, as one batch."""
        ...

    def finish(self, sketches: Any, seeds: Sequence[int]) -> list[Pixels]:
        """Run the decoder on what `sketch` gave, as one batch."""
        ...


class Ours:
    """This engine, through its public functions: files and previews are included."""

    def __init__(
        self,
        work: Work,
        engine: CascadeEngine,
        levers: Levers = AS_SHIPPED,
        *,
        threads: int = 1,
        forgets_prompts: bool = False,
    ) -> None:
        self.work, self.engine = work, engine
        self.runners, self.threads = Runners(levers), threads
        self.forgets_prompts = forgets_prompts

    def sketch(self, seeds: Sequence[int]) -> list[bytes]:
        """Give the embeddings of each seed."""
        self._take_over()
        profile = self.work.profile
        requests = [
            PriorRequest(
                self.work.prompt,
                seed,
                self.work.side_px,
                self.work.side_px,
                steps=profile.prior_steps,
                guidance_scale=profile.prior_guidance_scale,
            )
            for seed in seeds
        ]
        return [each.embeddings for each in self.engine.run_prior_batch(requests)]

    def finish(self, sketches: list[bytes], seeds: Sequence[int]) -> list[Pixels]:
        """Decode them."""
        self._take_over()
        profile = self.work.profile
        return self.engine.run_decoder_batch(
            [
                DecoderRequest(
                    embeddings,
                    seed,
                    steps=profile.decoder_steps,
                    guidance_scale=profile.decoder_guidance_scale,
                )
                for embeddings, seed in zip(sketches, seeds, strict=True)
            ]
        )

    def _take_over(self) -> None:
        """Have the engine that all share run this way."""
        self.engine.runners, self.engine.threads = self.runners, self.threads
        if self.forgets_prompts:
            self.engine.prompts.read.cache_clear()


class Stock:
    """The two pipelines of diffusers, made of the same networks by their constructors.

    Both share one text encoder, as their documentation advises. Where the model's
    profile limits clean latents, so does their scheduler, to draw the same pictures.
    """

    def __init__(self, work: Work, engine: CascadeEngine) -> None:
        self.work = work
        parts = engine.parts
        shared = {"tokenizer": parts.tokenizer, "text_encoder": parts.text_encoder}
        profile = work.profile
        self._prior = StableCascadePriorPipeline(
            **shared,
            prior=parts.prior,
            scheduler=limit_clean(parts.new_scheduler(), profile.prior_x0_limit),
        )
        self._decoder = StableCascadeDecoderPipeline(
            **shared,
            decoder=parts.decoder,
            vqgan=parts.vqgan,
            scheduler=limit_clean(parts.new_scheduler(), profile.decoder_x0_limit),
        )
        for pipeline in (self._prior, self._decoder):
            pipeline.set_progress_bar_config(disable=True)

    def sketch(self, seeds: Sequence[int]) -> torch.Tensor:
        """Give the image embeddings of all seeds."""
        torch.set_num_threads(1)
        profile = self.work.profile
        output = self._prior(
            self.work.prompt,
            num_images_per_prompt=len(seeds),
            width=self.work.side_px,
            height=self.work.side_px,
            num_inference_steps=profile.prior_steps,
            guidance_scale=profile.prior_guidance_scale,
            generator=make_generators(seeds),
        )
        image: torch.Tensor = output.image_embeddings
        return image

    def finish(self, sketches: torch.Tensor, seeds: Sequence[int]) -> list[Pixels]:
        """Decode them."""
        torch.set_num_threads(1)
        profile = self.work.profile
        pictures = self._decoder(
            image_embeddings=sketches,
            prompt=self.work.prompt,
            num_inference_steps=profile.decoder_steps,
            guidance_scale=profile.decoder_guidance_scale,
            generator=make_generators(seeds),
            output_type="np",
        ).images
        return list((pictures * 255).round().astype(np.uint8))


def limit_clean(scheduler: Any, limit: float | None) -> Any:
    """Have the stock scheduler hold the clean latents it sees to a range."""
    if limit is None:
        return scheduler
    limited = LimitedScheduler.from_config(scheduler.config)
    limited.limit = limit
    return limited


class LimitedScheduler(DDPMWuerstchenScheduler):
    """The stock scheduler, with the clamp of the miniature's training."""

    limit: float

    def step(
        self,
        model_output: torch.Tensor,
        timestep: torch.Tensor,
        sample: torch.Tensor,
        **options: Any,
    ) -> Any:
        """Clamp, then step."""
        kept = self._alpha_cumprod(timestep, sample.device).view(-1, 1, 1, 1)
        noise, kept = (1 - kept).sqrt(), kept.sqrt()
        clean = ((sample - noise * model_output) / kept).clamp(-self.limit, self.limit)
        model_output = ((sample - kept * clean) / noise).to(sample.dtype)
        return super().step(model_output, timestep, sample, **options)


def make_ways(
    engine: CascadeEngine, work: Work, *, many_threads: int = 1, compile_mode: str
) -> dict[str, Way]:
    """Name the ways on the networks of one engine: the stock pipelines come first.

    All but the row of its own have one thread. The engine as it ships is `lean`.
    """
    ways: dict[str, Way] = {
        STOCK: Stock(work, engine),
        "not lean": Ours(work, engine, Levers(lean=False)),
        SHIPPED: Ours(work, engine),
        "lean, text read anew": Ours(work, engine, forgets_prompts=True),
    }
    if many_threads > 1:
        ways[f"lean, {many_threads} threads"] = Ours(work, engine, threads=many_threads)
    if compile_mode != "off":
        levers = Levers(compile=compile_mode)  # type: ignore[arg-type]
        levers.check(engine.device)
        ways[f"lean, compiled ({compile_mode})"] = Ours(work, engine, levers)
    return ways
