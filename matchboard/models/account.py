"""Accounts. One role and one unit each; Flask-Security reads the fields it expects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security.core import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.organisation import Unit
from matchboard.models.types import Created, HasPid, UtcDateTime, code_of


class User(HasPid, Created, UserMixin, db.Model):
    """A person who signs in."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(160), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(code_of(Role, "role"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(8))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    awaits_confirmation: Mapped[bool] = mapped_column(default=False)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # type: ignore[assignment]
    current_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # type: ignore[assignment]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None] = mapped_column(default=0)  # type: ignore[assignment]

    unit: Mapped[Unit | None] = relationship()

    @property
    def roles(self) -> list[Any]:  # type: ignore[override]
        """Flask-Security's own role table is not used: `role` is the single source."""
        return []

    @property
    def actor(self) -> Actor:
        """Return the account as services see it."""
        return Actor(role=self.role, user_id=self.id, unit_id=self.unit_id)


class SignInFailure(db.Model):
    """One failed sign-in; kept apart from the account so that it outlives the rollback.

    Failures count by address, also where no account has it: what is locked then says nothing about
    which accounts exist. The failure that reaches the limit carries the lock.
    """

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "email_digest", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email_digest: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    #: The browser that failed, where the account has signed in from it before; its failures lock
    #: nobody but itself, and those of strangers do not lock it.
    device_digest: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    locks_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountSession(db.Model):
    """One sign-in, known to the server: when it is over, no copy of its cookie opens anything."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SecuritySetting(db.Model):
    """One number the security administrator has set; absent ones keep their default."""

    __tablename__ = "security_setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    value: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SetupCode(db.Model):
    """The code that opens the set-up page of an empty installation; only its digest is kept."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
