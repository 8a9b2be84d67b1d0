"""Change a table that holds a generated column, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations


@contextmanager
def altered(name: str) -> Iterator[BatchOperations]:
    """Yield what `op.batch_alter_table` does, for a table with generated columns.

    SQLite's tables are built anew and their rows copied, generated cells too, which it refuses. So
    a generated column goes and comes back within the change.
    """
    with op.batch_alter_table(name) as table:
        if op.get_bind().dialect.name == "sqlite":
            before = None
            for column in sa.inspect(op.get_bind()).get_columns(name):
                if "computed" in column:
                    made = sa.Computed(
                        column["computed"]["sqltext"], persisted=column["computed"]["persisted"]
                    )
                    again = sa.Column(
                        column["name"], column["type"], made, nullable=column["nullable"]
                    )
                    table.drop_column(column["name"])
                    table.add_column(again, insert_after=before)
                before = column["name"]
        yield table
