"""Where the real servers for tests are, and whether they answer."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import redis

POSTGRES_URL = os.environ.get(
    "TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432"
)
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379")


def find_missing_postgres() -> str:
    """Return why PostgreSQL can't be used; empty if it can."""
    try:
        psycopg.connect(f"{POSTGRES_URL}/postgres", connect_timeout=2).close()
    except psycopg.OperationalError as error:
        return f"PostgreSQL does not answer: {error}"
    return ""


@contextmanager
def own_redis_database() -> Iterator[str | None]:
    """Take an empty Redis database and empty it again; yields its URL.

    Yields None where Redis does not answer or every database holds something.
    """
    for number in range(15, 0, -1):
        url = f"{REDIS_URL}/{number}"
        with redis.Redis.from_url(url, socket_connect_timeout=3) as server:
            try:
                is_empty = server.dbsize() == 0
            except redis.ConnectionError:
                break
            if is_empty:
                yield url
                server.flushdb()
                return
    yield None
