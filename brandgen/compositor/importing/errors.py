"""What is said of files that can't be imported."""


class ImportedFileError(ValueError):
    """A file of another program can't be imported. The message is fit to show."""
