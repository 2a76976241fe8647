"""The process in which a stranger's picture is decoded: little memory, little time.

Started by `images.clean_upload` as a script of its own, so that a picture made to
crash or to swell takes this process down and nothing else. It reads the file on
standard input and answers with one line of JSON, then the bytes of a new file made from
the pixels alone: no metadata, no color profile, nothing that stood behind the picture.
"""

import contextlib
import io
import json
import sys
from typing import Any

from PIL import Image, ImageCms, ImageOps

MIB = 2**20
# The interpreter with Pillow maps about 200 MiB; a step holds at most two copies of
# four bytes a pixel, and one more while colors are converted.
BASE_MEMORY = 512 * MIB
BYTES_PER_PIXEL = 16


class RefusedError(Exception):
    """The picture can't be taken. The message is fit to show."""


def main(*, max_pixels: int, max_cpu_s: int) -> None:
    """Answer one picture."""
    _limit_process(max_pixels=max_pixels, max_cpu_s=max_cpu_s)
    try:
        answer, data = _clean(sys.stdin.buffer.read(), max_pixels=max_pixels)
    except RefusedError as error:
        answer, data = {"error": str(error)}, b""
    except MemoryError:
        answer, data = {"error": "It needs more memory than a picture may."}, b""
    except Exception as error:  # Pillow's readers raise almost anything on bad data
        answer, data = {"error": f"It is damaged or cut off ({error})."}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + data)


def _limit_process(*, max_pixels: int, max_cpu_s: int) -> None:
    """Have the system stop this process before it hurts anyone."""
    Image.MAX_IMAGE_PIXELS = None  # _clean counts them itself and says so better
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        memory = BASE_MEMORY + BYTES_PER_PIXEL * max_pixels
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (max_cpu_s, max_cpu_s))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _clean(data: bytes, *, max_pixels: int) -> tuple[dict[str, Any], bytes]:
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        file_format = image.format or "PNG"
        pixels = image.width * image.height
        if pixels > max_pixels:
            raise RefusedError(
                f"It has {image.width:,} × {image.height:,} pixels "
                f"({pixels / 1e6:,.0f} megapixels); the limit is "
                f"{max_pixels / 1e6:,.0f}. Make it smaller."
            )
        frames = getattr(image, "n_frames", 1)
        if frames > 1:
            raise RefusedError(
                f"It is an animation of {frames} frames. Save one frame as a picture."
            )
        icc = image.info.get("icc_profile")
        image.load()
        upright = ImageOps.exif_transpose(image)
    picture = _without_spare_alpha(_to_srgb(_to_plain_mode(upright), icc))
    picture.info.clear()
    file = io.BytesIO()
    if file_format == "JPEG":
        picture.convert("RGB").save(file, "JPEG", quality=95, subsampling=0)
    elif file_format == "WEBP":
        picture.save(file, "WEBP", lossless=True, quality=20, method=1)
    else:
        picture.save(file, "PNG", compress_level=6)
    answer = {
        "format": file_format,
        "width_px": picture.width,
        "height_px": picture.height,
    }
    return answer, file.getvalue()


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Bring every pixel format to 8 bits of L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I"):  # 16 bits of gray: keep the upper eight
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"L", "RGB", "RGBA", "CMYK"}:
        return image
    has_alpha = image.mode in {"LA", "PA", "La", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Convert to sRGB by the embedded profile; without one it is sRGB already."""
    mode = "RGBA" if image.mode == "RGBA" or "transparency" in image.info else "RGB"
    if not icc:
        return image.convert(mode)
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile.profile.xcolor_space.strip() == "GRAY":
            image = image.convert("L")
        elif image.mode == "L":
            image = image.convert("RGB")
        converted = ImageCms.profileToProfile(
            image,
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGBA" if image.mode == "RGBA" else "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise RefusedError(
            "Its color profile is damaged, so its colors can't be known. "
            "Save it as sRGB."
        ) from error
    return converted or image


def _without_spare_alpha(image: Image.Image) -> Image.Image:
    """Drop a channel of transparency in which nothing is transparent."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


if __name__ == "__main__":
    main(max_pixels=int(sys.argv[1]), max_cpu_s=int(sys.argv[2]))
