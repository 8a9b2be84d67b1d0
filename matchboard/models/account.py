"""Accounts. One role and one unit each; Flask-Security reads the fields it expects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_security.core import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.accounts import LeadStanding, lead_standing
from matchboard.domain.record_access import Cover, CoverState
from matchboard.domain.roles import Actor, Role
from matchboard.domain.text import name_line
from matchboard.extensions import db
from matchboard.models.organisation import Unit
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, HasPid, UtcDateTime, Versioned, code_of


def _account_parts(row: Mapping[str, Any]) -> list[str | None]:
    return [row["display_name"]]


class User(HasPid, Created, UserMixin, db.Model):
    """A person who signs in."""

    __tablename__ = "account"
    __table_args__ = (
        Index(
            "uq_account_office_head",
            "unit_id",
            unique=True,
            sqlite_where=text("is_office_head"),
            postgresql_where=text("is_office_head"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(160), unique=True)
    display_name: Mapped[str] = mapped_column(String(60))
    search_text: Mapped[str] = searched_by(_account_parts)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(code_of(Role, "role"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    language: Mapped[str | None] = mapped_column(String(8))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    awaits_confirmation: Mapped[bool] = mapped_column(default=False)
    #: Head of the justice office (司法所所长), one an office; opens its restricted records.
    is_office_head: Mapped[bool] = mapped_column(default=False)
    #: Named as head, until the security administrator has confirmed it.
    head_awaits_confirmation: Mapped[bool] = mapped_column(default=False)
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

    def standing_at(self, office_id: int) -> LeadStanding:
        """Return how the account stands as a lead of an office's cases."""
        return lead_standing(
            role=self.role,
            is_active=self.active,
            awaits_confirmation=self.awaits_confirmation,
            unit_id=self.unit_id,
            office_id=office_id,
        )


keep_searchable(User, _account_parts, "display_name")
keep_spelt(name_line, User.display_name)


class AbsenceCover(HasPid, Created, Versioned, db.Model):
    """An officer stands in for another one who is away, as stated by somebody who may."""

    __tablename__ = "absence_cover"
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="period"),
        CheckConstraint("covering_id <> covered_id", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    covered_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    covering_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    office: Mapped[Unit] = relationship()
    covered: Mapped[User] = relationship(foreign_keys=[covered_id])
    covering: Mapped[User] = relationship(foreign_keys=[covering_id])
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    ended_by: Mapped[User | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def stated(self) -> Cover:
        """Return the cover as the rule sees it."""
        return Cover(
            pid=self.pid,
            office_id=self.office_id,
            covered_id=self.covered_id,
            covering_id=self.covering_id,
            from_on=self.from_on,
            until_on=self.until_on,
            is_ended=self.ended_at is not None,
        )

    def state(self, on: date) -> CoverState:
        """Return where it stands on a day."""
        return self.stated.state(on)


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
