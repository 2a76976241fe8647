"""Plans what is drawn for each stage of a training, and how much is learned at once."""

from dataclasses import dataclass, replace

from brandgen.engine.miniature.networks import CELL_PX
from brandgen.engine.miniature.pictures import SMALL_PX, Plan

SIZES_LEARNED: tuple[tuple[int, int, float], ...] = (
    (6, 6, 0.16), (12, 12, 0.54), (18, 12, 0.15), (12, 18, 0.15),
)  # fmt: skip
"""Columns and rows of the image embeddings that the prior learns, and how often."""


@dataclass(frozen=True)
class Amounts:
    """How much is drawn and learned at once."""

    pairs: int = 3200
    pictures: int = 12_000
    large_pictures: int = 8_000
    wide_pictures: int = 3_000
    cuts: int = 4_000
    references: int = 4_000
    large_references: int = 1_200
    prior_batch: int = 32
    decoder_batch: int = 16
    autoencoder_batch: int = 8
    text_batch: int = 96


AMOUNTS: dict[str, Amounts] = {
    "s": Amounts(),
    "m": Amounts(
        pictures=64_000,
        large_pictures=64_000,
        wide_pictures=24_000,
        cuts=24_000,
        references=12_000,
        large_references=6_000,
        prior_batch=1024,
        decoder_batch=128,
        autoencoder_batch=96,
        text_batch=768,
    ),
}


@dataclass(frozen=True)
class Plans:
    """What each stage of a training learns from."""

    amounts: Amounts
    seed: int

    @property
    def cuts(self) -> Plan:
        """Plan what Stages A and B learn from."""
        return Plan(self.seed, self.amounts.cuts, None)

    @property
    def sizes(self) -> list[tuple[Plan, float]]:
        """Plan what Stage C learns from, and how often.

        The semantic encoder learns from the first.
        """
        amounts = self.amounts
        wide = amounts.wide_pictures
        counts = (amounts.pictures, amounts.large_pictures, wide, wide)
        plans = []
        for index, (columns, rows, share) in enumerate(SIZES_LEARNED):
            size = (columns * CELL_PX, rows * CELL_PX)
            plans.append((Plan(self.seed + index, counts[index], size), share))
        return plans

    @property
    def references(self) -> list[tuple[tuple[Plan, Plan], float]]:
        """Plan scenes that are drawn twice for the image encoder, and how often."""
        few, more = self.amounts.large_references, self.amounts.references
        small, large = SMALL_PX, 2 * SMALL_PX
        return [
            (draw_twice(Plan(self.seed + 100, more, (small, small))), 0.6),
            (draw_twice(Plan(self.seed + 101, few, (large, large))), 0.4),
        ]

    def list_all(self) -> list[Plan]:
        """List every plan, in the order in which stages ask for them."""
        small, *larger = (plan for plan, _ in self.sizes)
        pairs = (plan for pair, _ in self.references for plan in pair)
        return [small, self.cuts, *larger, *pairs]


def draw_twice(plan: Plan) -> tuple[Plan, Plan]:
    """Plan the same scenes by two brushes."""
    return plan, replace(plan, brush=plan.brush + 1)
