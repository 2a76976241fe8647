"""The one clock that leases are measured by."""

from datetime import datetime
from typing import cast

from django.db import connection
from django.utils import timezone


def db_now() -> datetime:
    """Return the database server's time; on SQLite this machine's, which is the same.

    Workers on several machines never agree to the second, and a lease must not end
    early because one of them is ahead.
    """
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cast(datetime, cursor.fetchone()[0])
