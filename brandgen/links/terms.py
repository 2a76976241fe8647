"""How long things handed out to people outside live, and what stands in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from brandgen.compositor.document import ImageSlot
from brandgen.creatives.content import BatchError, check_images, label_of
from brandgen.creatives.models import TemplateVersion
from brandgen.exports.gates import find_public_holds
from brandgen.library.models import Asset

LONGEST_LIFE = timedelta(days=731)
MOST_PICTURES = 1_000_000


class HandoutError(Exception):
    """It can't be handed out so; ``field`` names what is wrong. Fit to show."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Terms:
    """How long something answers, and how often.

    ``most_visits`` is for one IP address: requests a minute of a signed address,
    pictures an hour of a public form; None for no limit.
    """

    expires_at: datetime
    most_pictures: int
    most_visits: int | None


def check_terms(terms: Terms, *, at: datetime, noun: str) -> None:
    """Refuse an end that has passed or is too far, and counts that can't be.

    Raises:
        HandoutError: names the field.
    """
    if terms.expires_at <= at:
        raise HandoutError(
            "That day has passed. Choose a later one.", field="expires_on"
        )
    if terms.expires_at > at + LONGEST_LIFE:
        raise HandoutError(
            f"{noun} lives for two years at most. Choose an earlier day.",
            field="expires_on",
        )
    if not 1 <= terms.most_pictures <= MOST_PICTURES:
        raise HandoutError(
            f"{terms.most_pictures:,} pictures are not between 1 and "
            f"{MOST_PICTURES:,}.",
            field="most_pictures",
        )


def check_placed(
    version: TemplateVersion, placed: Iterable[tuple[str, Asset]], *, place: str
) -> None:
    """Refuse pictures that their slots do not take or that the public may not see.

    Raises:
        HandoutError: names the slot.
    """
    brand, document = version.template.brand, version.load()
    placed = list(placed)
    for slot, _ in placed:
        if not isinstance(document.slots.get(slot), ImageSlot):
            raise HandoutError(
                f"{label_of(document, slot)} takes no picture.", field=slot
            )
    try:
        check_images(brand, document, placed)
    except BatchError as error:
        raise HandoutError(str(error), field=error.slot) from error
    holds = find_public_holds([asset for _, asset in placed], brand=brand, place=place)
    for slot, asset in placed:
        if hold := holds.get(asset.id):
            raise HandoutError(f"“{asset.title}”: {hold}", field=slot)
