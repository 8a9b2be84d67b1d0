"""Courses, their sessions, and enrolments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.text import one_line
from matchboard.domain.training import AgreementMethod, DropReason, EnrolmentState, Subject
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Unit
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, HasPid, UtcDateTime, Versioned, code_of


def _course_parts(row: Mapping[str, Any]) -> list[str | None]:
    return [row["title"], row.get("title_en"), row.get("description")]


class Course(HasPid, Created, Versioned, db.Model):
    """A vocational course and what it confers."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(160), default="")
    search_text: Mapped[str] = searched_by(_course_parts, length=None)
    subject: Mapped[Subject] = mapped_column(code_of(Subject, "subject"), index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[int | None]
    is_free: Mapped[bool] = mapped_column(default=True)
    published: Mapped[bool] = mapped_column(default=False, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    provider: Mapped[Unit] = relationship()
    skills: Mapped[list[CourseSkill]] = relationship(
        cascade="all, delete-orphan", order_by="CourseSkill.id"
    )
    sessions: Mapped[list[CourseSession]] = relationship(
        back_populates="course", order_by="CourseSession.starts_on, CourseSession.id"
    )


keep_searchable(Course, _course_parts, "title", "title_en", "description")
keep_spelt(one_line, Course.title, Course.title_en)


class CourseSkill(db.Model):
    """A skill (with level) or certificate (no level) the course confers."""

    __tablename__ = "course_skill"
    __table_args__ = (
        UniqueConstraint("course_id", "code"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[int | None]
    is_certificate: Mapped[bool] = mapped_column(default=False)


class CourseSession(HasPid, Created, Versioned, db.Model):
    """One run of a course with its places."""

    __tablename__ = "course_session"
    __table_args__ = (
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("n_enrolled >= 0 AND n_enrolled <= capacity", name="not_overbooked"),
        CheckConstraint("starts_on <= ends_on", name="date_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    starts_on: Mapped[date] = mapped_column(index=True)
    ends_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(160), default="")
    division_code: Mapped[str | None] = mapped_column(String(6))
    capacity: Mapped[int]
    n_enrolled: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[bool] = mapped_column(default=False)

    course: Mapped[Course] = relationship(back_populates="sessions")

    @property
    def n_places_left(self) -> int:
        """Places not taken."""
        return self.capacity - self.n_enrolled


keep_spelt(one_line, CourseSession.place)


class Enrolment(HasPid, Created, Versioned, db.Model):
    """A person's way through one session, from recommendation to result."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("session_id", "client_id"),
        Index("ix_enrolment_session_state", "session_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("course_session.id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    state: Mapped[EnrolmentState] = mapped_column(code_of(EnrolmentState, "state"))
    waitlisted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result_on: Mapped[date | None]
    drop_reason: Mapped[DropReason | None] = mapped_column(code_of(DropReason, "drop_reason"))
    note: Mapped[str] = mapped_column(String(400), default="")
    recommended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    session: Mapped[CourseSession] = relationship()
    client: Mapped[Client] = relationship()


class EnrolmentEvent(db.Model):
    """One step of an enrolment; append-only."""

    __tablename__ = "enrolment_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class CourseConsent(Created, db.Model):
    """The person's consent that the provider of one enrolment learns the named fields."""

    __tablename__ = "course_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(
        ForeignKey("enrolment.id", ondelete="CASCADE"), index=True
    )
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    fields: Mapped[list[str]] = mapped_column(JSON)
    text_version: Mapped[str] = mapped_column(String(16))
    method: Mapped[AgreementMethod] = mapped_column(code_of(AgreementMethod, "method"))
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
