"""Flask-Security bound to our accounts; lockout is counted by `services.accounts`."""

from __future__ import annotations

from flask import Flask
from flask_security.datastore import SQLAlchemyUserDatastore

from matchboard.extensions import db, security
from matchboard.models.account import User


def init_app(app: Flask) -> None:
    """Bind Flask-Security."""
    security.init_app(app, SQLAlchemyUserDatastore(db, User, None))
