"""Whether what the site rests on answers."""

from __future__ import annotations

import logging

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from matchboard.extensions import db

_LOG = logging.getLogger(__name__)


def is_database_there() -> bool:
    """Return whether the database answers, asked on a connection of its own."""
    try:
        with db.engine.connect() as connection:
            connection.execution_options(sqlite_begin="DEFERRED")  # a writer must not delay it
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        _LOG.error("the database does not answer: %s", type(error).__name__)
        return False
    return True
