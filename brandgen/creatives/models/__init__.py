"""Templates, and the creatives made from them."""

from brandgen.creatives.models.batches import (
    Batch,
    BatchImage,
    BatchRow,
    BatchSubmission,
    Creative,
    ExtendedImage,
)
from brandgen.creatives.models.drawings import ImportedDrawing
from brandgen.creatives.models.feeds import Feed
from brandgen.creatives.models.templates import (
    SlotCollection,
    Template,
    TemplateVersion,
    TortureTest,
)

__all__ = [
    "Batch",
    "BatchImage",
    "BatchRow",
    "BatchSubmission",
    "Creative",
    "ExtendedImage",
    "Feed",
    "ImportedDrawing",
    "SlotCollection",
    "Template",
    "TemplateVersion",
    "TortureTest",
]
