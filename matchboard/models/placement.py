"""Placements, their events, consents, checks and reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.client import ConsentMethod, ConsentScope
from matchboard.domain.pids import new_code_name
from matchboard.domain.placement import PlacementReason, PlacementState, PlacementType
from matchboard.domain.ranking import OverrideReason
from matchboard.domain.text import one_line
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, EncryptedText, HasPid, UtcDateTime, Versioned, code_of
from matchboard.models.vacancy import Vacancy

_LIVE = "state IN ('proposed', 'consented', 'sent', 'interview', 'offered', 'started')"


def _placement_parts(row: Mapping[str, Any]) -> list[str | None]:
    return [row.get("description")]


class Placement(HasPid, Created, Versioned, db.Model):
    """One try to settle one person in one job, or a settlement without an opening."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint(
            "vacancy_id IS NOT NULL OR state IN ('started', 'ended', 'completed')",
            name="without_vacancy_enters_started",
        ),
        # A new try with the same opening is a new placement, but one at a time.
        Index(
            "uq_placement_live_client_vacancy",
            "client_id",
            "vacancy_id",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        # One job at a time.
        Index(
            "uq_placement_started_client",
            "client_id",
            unique=True,
            sqlite_where=text("state = 'started'"),
            postgresql_where=text("state = 'started'"),
        ),
        Index("ix_placement_state_changed", "state", "state_changed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    vacancy_id: Mapped[int | None] = mapped_column(ForeignKey("vacancy.id"), index=True)
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"), index=True)
    placement_type: Mapped[PlacementType] = mapped_column(
        code_of(PlacementType, "placement_type"), default=PlacementType.HIRED_BY_ENTERPRISE
    )
    description: Mapped[str] = mapped_column(String(200), default="")  # without an opening
    search_text: Mapped[str] = searched_by(_placement_parts)
    #: What the employer calls the person until it may know the name; drawn for this referral alone,
    #: so that two of them cannot be laid side by side.
    code_name: Mapped[str] = mapped_column(String(8), index=True, default=new_code_name)
    state: Mapped[PlacementState] = mapped_column(code_of(PlacementState, "state"))
    state_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    holds_reservation: Mapped[bool] = mapped_column(default=False)

    proposed_on: Mapped[date | None]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    shown_position: Mapped[int | None]
    model_version: Mapped[str | None] = mapped_column(String(64))
    propensity: Mapped[float | None]
    override_reason: Mapped[OverrideReason | None] = mapped_column(
        code_of(OverrideReason, "override_reason")
    )
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    interview_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    interview_place: Mapped[str] = mapped_column(String(200), default="")
    offered_start_on: Mapped[date | None]
    wage_cny_month: Mapped[int | None]
    started_on: Mapped[date | None] = mapped_column(index=True)
    ended_on: Mapped[date | None]
    end_reason: Mapped[PlacementReason | None] = mapped_column(
        code_of(PlacementReason, "end_reason")
    )
    ended_by: Mapped[str | None] = mapped_column(String(32))

    client: Mapped[Client] = relationship()
    vacancy: Mapped[Vacancy | None] = relationship()
    partner: Mapped[Partner | None] = relationship()
    events: Mapped[list[PlacementEvent]] = relationship(order_by="PlacementEvent.id")
    checks: Mapped[list[OutcomeCheck]] = relationship(order_by="OutcomeCheck.day")
    consents: Mapped[list[Consent]] = relationship(order_by="Consent.id")


keep_searchable(Placement, _placement_parts, "description")
keep_spelt(one_line, Placement.description, Placement.interview_place)


class PlacementEvent(db.Model):
    """One step; folding the events of a placement gives its state. Append-only."""

    __tablename__ = "placement_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placement.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    reason: Mapped[PlacementReason | None] = mapped_column(code_of(PlacementReason, "reason"))
    note: Mapped[str] = mapped_column(Text, default="")
    on_behalf_of: Mapped[str | None] = mapped_column(String(32))  # the officer noting for another
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Consent(Created, db.Model):
    """The person's separate consent to one employer, one purpose, named fields."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placement.id", ondelete="CASCADE"), index=True
    )
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    scope: Mapped[ConsentScope] = mapped_column(code_of(ConsentScope, "scope"))
    fields: Mapped[list[str]] = mapped_column(JSON)
    text_version: Mapped[str] = mapped_column(String(16))
    method: Mapped[ConsentMethod] = mapped_column(code_of(ConsentMethod, "method"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutcomeCheck(db.Model):
    """The question 30, 90, 180 and 365 days after the start."""

    __tablename__ = "outcome_check"
    __table_args__ = (UniqueConstraint("placement_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id", ondelete="CASCADE"))
    day: Mapped[int]
    due_on: Mapped[date] = mapped_column(index=True)
    done_on: Mapped[date | None] = mapped_column(index=True)
    cancelled: Mapped[bool] = mapped_column(default=False)
    still_employed: Mapped[bool | None]
    same_employer: Mapped[bool | None]
    wage_cny_month: Mapped[int | None]
    hours_per_week: Mapped[float | None]
    own_words: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[str | None] = mapped_column(String(32))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    placement: Mapped[Placement] = relationship(back_populates="checks")


class Reminder(db.Model):
    """A note that somebody's answer is awaited; the key makes the daily tick idempotent."""

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placement.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    placement: Mapped[Placement] = relationship()


class BarDecision(Created, db.Model):
    """An officer's written decision where the legal gate says `review`."""

    __tablename__ = "bar_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancy.id"), index=True)
    rule_ids: Mapped[list[str]] = mapped_column(JSON)
    may_proceed: Mapped[bool]
    grounds: Mapped[str] = mapped_column(EncryptedText)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))


class ShownList(db.Model):
    """Which openings were shown to whom, in which order, by which model; append-only."""

    __tablename__ = "shown_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    model_version: Mapped[str] = mapped_column(String(64))
    vacancy_pids: Mapped[list[str]] = mapped_column(JSON)
    # The number on each card: not its position where the officer sorted by distance or wage.
    ranks: Mapped[list[int]] = mapped_column(JSON)
    # The chance of each rank; `domain.tie_breaks` says of what.
    propensities: Mapped[list[float]] = mapped_column(JSON)
