"""Imported once by the fork server, so that a process of a race starts with everything loaded."""

from __future__ import annotations

from matchboard import create_app
from tests.conftest import SETTINGS

create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": "sqlite://"})
