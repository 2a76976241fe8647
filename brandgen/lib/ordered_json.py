"""JSON in a database, with the keys of its objects in their order."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class OrderedJSONField(models.JSONField):
    """JSON whose objects keep the order of their keys in every database.

    PostgreSQL's `jsonb`, in which Django keeps JSON, sorts them. This is kept as text:
    lookups inside it are not offered.
    """

    def get_internal_type(self) -> str:
        """Name the kind of column."""
        return "TextField"

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> str | None:
        """Write what the database is to hold."""
        return None if value is None else json.dumps(value)
