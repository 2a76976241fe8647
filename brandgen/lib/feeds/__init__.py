"""Tables that people bring: CSV, XLSX or JSON in, clean rows of text out."""

from brandgen.lib.feeds.reading import read_feed
from brandgen.lib.feeds.table import FeedError, Limits, Row, Table, pack, unpack

__all__ = ["FeedError", "Limits", "Row", "Table", "pack", "read_feed", "unpack"]
