"""Rules that a database itself must hold, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Sequence

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

Change = Callable[[StateApps, BaseDatabaseSchemaEditor], None]


def refuse_update(
    *, name: str, table: str, when: str, message: str
) -> migrations.RunPython:
    """Return an operation that makes the database refuse some updates of a table.

    SQLite drops the triggers of a table that a later migration rebuilds: such a
    migration must add them again, and the tests of each rule fail until it does.
    ``when`` is a condition on OLD and NEW that both databases read.
    """

    def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in _statements(
            schema_editor.connection.vendor,
            name=name,
            table=table,
            when=when,
            message=message,
        ):
            schema_editor.execute(statement, params=None)

    def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)
            schema_editor.execute(f"DROP FUNCTION {name}()", params=None)
        else:
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)

    return migrations.RunPython(add, remove)


def any_changed(columns: Sequence[str]) -> str:
    """Return the condition that at least one of these columns changes."""
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)


def _statements(
    vendor: str, *, name: str, table: str, when: str, message: str
) -> list[str]:
    text = message.replace("'", "''")
    if vendor == "postgresql":
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{text}' USING ERRCODE = 'check_violation'; END $$",
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({when}) EXECUTE FUNCTION {name}()",
        ]
    return [
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} "
        f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{text}'); END"
    ]
