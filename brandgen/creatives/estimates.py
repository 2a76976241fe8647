"""How long rendering takes and how large files get, from what was rendered lately."""

from dataclasses import dataclass

from django.db.models import Avg, F
from django.utils import timezone

from brandgen.compositor.encode import MIMES
from brandgen.creatives.models import Batch, Creative
from brandgen.jobs.models import Worker
from brandgen.library.models import Asset

RENDER_S = 0.06
"""Taken where nothing was rendered yet: a JPEG of 1080 x 1080 on one core."""
BYTES_PER_PIXEL = {
    "jpeg": 0.2,
    "png": 1.0,
    "webp": 0.12,
    "avif": 0.08,
    "pdf": 0.1,
    "mp4": 0.5,
}
LATELY = 200


@dataclass(frozen=True)
class Cost:
    """What a batch takes."""

    seconds: float
    size_bytes: int


def estimate(brand_id: int, *, creatives: int, pixels: int, file_type: str) -> Cost:
    """Return what rendering takes; `pixels` are those of all creatives together."""
    files = (
        Asset.objects.filter(
            brand=brand_id, kind=Asset.Kind.CREATIVE, mime=MIMES[file_type]
        )
        .order_by("-created_at")
        .values("size_bytes", area=F("width_px") * F("height_px"))[:LATELY]
    )
    size, area = (sum(file[name] for file in files) for name in ("size_bytes", "area"))
    per_pixel = size / area if area else BYTES_PER_PIXEL[file_type]
    return Cost(_render_s(brand_id) * creatives / _workers(), int(pixels * per_pixel))


def time_left_s(batch: Batch, waiting: int) -> float:
    """Return how long the rest of a batch takes, about."""
    own = batch.creatives.aggregate(mean=Avg("render_s"))["mean"]
    return float(own or _render_s(batch.brand_id)) * waiting / _workers()


def _render_s(brand_id: int) -> float:
    lately = (
        Creative.objects.filter(batch__brand=brand_id, render_s__isnull=False)
        .order_by("-batch__requested_at")
        .values_list("render_s", flat=True)[:LATELY]
    )
    times = sorted(time for time in lately if time)
    return times[len(times) // 2] if times else RENDER_S


def _workers() -> int:
    """Return how many processes render now; one where none is up yet."""
    alive = Worker.objects.alive(at=timezone.now()).values_list("queues", flat=True)
    return max(1, sum("render" in queues for queues in alive))
