"""Databases with every table in them: migrated once, copied for each test."""

import contextlib
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.services import POSTGRES_URL

ROOT = Path(__file__).resolve().parents[1]


def migrate(data_dir: Path, **environment: str) -> None:
    """Make the tables, as a person would in a shell."""
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env=os.environ | {"BRANDGEN_DATA_DIR": str(data_dir)} | environment,
        check=True,
    )


def migrate_sqlite(data_dir: Path) -> Path:
    """Make a SQLite file with all tables; nothing of it is left in its WAL."""
    file = data_dir / "db.sqlite3"
    migrate(data_dir, DATABASE_URL=f"sqlite:///{file}")
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file


@contextlib.contextmanager
def own_postgres_database(*, template: str = "template1") -> Iterator[str]:
    """Copy a database, and drop the copy afterwards; yields its name."""
    name = f"brandgen_test_{secrets.token_hex(6)}"
    with psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield name
    finally:
        with psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
