"""Takes a reference image that comes with the form of a generation."""

from pathlib import PurePath
from typing import BinaryIO, cast

from django.http import QueryDict
from django.utils import timezone

from brandgen.accounts.access import Action, require
from brandgen.accounts.decorators import BrandRequest
from brandgen.brands.models import BrandKit
from brandgen.lib.images import ImageError
from brandgen.lib.storage import StorageError
from brandgen.library.services import ingest_upload

FIELD = "reference_file"


def take_upload(request: BrandRequest, kit: BrandKit) -> tuple[QueryDict, str]:
    """Put an uploaded reference into the library, and choose it on the form.

    Returns what the form reads, and why the file was not taken; empty where it was, or
    there is none. It stays chosen even where another field must be mended first.
    """
    data = request.POST.copy()
    file = request.FILES.get(FIELD)
    if file is None:
        return data, ""
    require(request.user, Action.UPLOAD, request.brand)
    try:
        asset = ingest_upload(
            brand=request.brand,
            brand_kit=kit,
            file=cast(BinaryIO, file),
            title=PurePath(file.name or "").stem[:120] or "Reference",
            source_type="digitalCapture",
            uploaded_by=request.user,
            at=timezone.now(),
        )
    except (ImageError, StorageError) as error:
        return data, str(error)
    data.appendlist("references", str(asset.id))
    return data, ""
