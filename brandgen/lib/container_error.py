"""What the readers of files share: the error that one is broken, and a limit."""

MAX_XMP_BYTES = 65_000  # one JPEG segment holds 65,533 bytes with its header


class ContainerError(ValueError):
    """The bytes are not a whole PNG, JPEG, WebP, AVIF, PDF or MP4 file."""
