"""Logo files from strangers: PNG with transparency, decoded within bounds."""

import io

from PIL import Image

from brandgen.lib.images import ImageError, Picture, clean_upload

MOST_PIXELS = 16_000_000
SMALLEST_SIDE_PX = 64


class LogoError(Exception):
    """The file can't be a logo. The message is fit to show."""


def clean_logo(data: bytes) -> Picture:
    """Make a new PNG from a logo's pixels, and of nothing else.

    Raises:
        LogoError: no PNG; damaged; too large or too small; nothing transparent.
    """
    try:
        picture = clean_upload(data, max_pixels=MOST_PIXELS)
    except ImageError as error:
        raise LogoError(str(error)) from error
    if picture.mime != "image/png":
        raise LogoError(
            f"The logo is {picture.mime.removeprefix('image/').upper()}. Save it as "
            "PNG with a transparent background."
        )
    if min(picture.width_px, picture.height_px) < SMALLEST_SIDE_PX:
        raise LogoError(
            f"The logo has {picture.width_px} × {picture.height_px} px. Use at least "
            f"{SMALLEST_SIDE_PX} px on each side, better 1000."
        )
    with Image.open(io.BytesIO(picture.data), formats=("PNG",)) as image:
        has_alpha = image.mode == "RGBA"
        is_empty = has_alpha and image.getchannel("A").getextrema()[1] == 0
    if not has_alpha:
        raise LogoError(
            "The logo has no transparent pixels, so it would stand in a box. Save it "
            "as PNG with a transparent background."
        )
    if is_empty:
        raise LogoError("The logo is transparent everywhere. Choose another file.")
    return picture
