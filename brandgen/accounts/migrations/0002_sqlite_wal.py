"""Let readers and the writer of an SQLite file work side by side.

WAL is stored in the file, so it is switched on once, here: connections that each ask
for it while others write fail now and then with "database is locked".
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def switch_wal_on(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(switch_wal_on, migrations.RunPython.noop)]
