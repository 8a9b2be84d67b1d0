"""The person served: profile, skills, restricted record, personal link."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.accounts import LeadStanding
from matchboard.domain.client import ClientKind, ContactStatus, Sex, SkillSource, Stage, Tier
from matchboard.domain.identity import other_readings
from matchboard.domain.text import name_line, one_line
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.organisation import Unit
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, EncryptedText, HasPid, UtcDateTime, Versioned, code_of


def _client_parts(row: Mapping[str, Any]) -> list[str | None]:
    return [row["name"], *other_readings(row["name"])]


class Client(HasPid, Created, Versioned, db.Model):
    """A person entitled to resettlement support (帮教对象)."""

    __tablename__ = "client"
    __table_args__ = (
        CheckConstraint("max_commute_km >= 0", name="max_commute_km"),
        CheckConstraint("wage_expected_cny_month >= 0", name="wage_expected"),
        CheckConstraint("education BETWEEN 0 AND 5", name="education"),
        CheckConstraint("exertion_max BETWEEN 1 AND 4", name="exertion_max"),
        Index("ix_client_office_stage", "office_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    name_pinyin: Mapped[str] = mapped_column(String(160), index=True)  # "zhang san"
    name_initials: Mapped[str] = mapped_column(String(24), index=True)  # "zs"
    search_text: Mapped[str] = searched_by(_client_parts, index=True)
    sex: Mapped[Sex | None] = mapped_column(code_of(Sex, "sex"))
    birth_date: Mapped[date]
    id_number: Mapped[str | None] = mapped_column(EncryptedText)
    id_number_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    phone_tail: Mapped[str | None] = mapped_column(String(4), index=True)

    kind: Mapped[ClientKind] = mapped_column(code_of(ClientKind, "kind"))
    stage: Mapped[Stage] = mapped_column(code_of(Stage, "stage"), index=True)
    tier: Mapped[Tier] = mapped_column(code_of(Tier, "tier"), default=Tier.GENERAL)
    contact_status: Mapped[ContactStatus] = mapped_column(
        code_of(ContactStatus, "contact_status"), default=ContactStatus.IN_CONTACT
    )
    office_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    case_lead_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    released_on: Mapped[date | None] = mapped_column(index=True)
    registered_on: Mapped[date | None]

    registered_division: Mapped[str | None] = mapped_column(String(6))
    residence_division: Mapped[str | None] = mapped_column(String(6), index=True)
    residence_address: Mapped[str | None] = mapped_column(EncryptedText)
    lat: Mapped[float | None]
    lon: Mapped[float | None]

    # Preferences; empty means unknown and never "no".
    education: Mapped[int | None]
    max_commute_km: Mapped[float | None]
    wage_expected_cny_month: Mapped[int | None]
    desired_occupations: Mapped[list[str]] = mapped_column(JSON, default=list)
    shifts_ok: Mapped[list[str]] = mapped_column(JSON, default=list)
    needs_lodging: Mapped[bool | None]
    exertion_max: Mapped[int | None]
    employment_types_ok: Mapped[list[str]] = mapped_column(JSON, default=list)
    available_on: Mapped[date | None]
    seeking_work: Mapped[bool] = mapped_column(default=True)
    wishes: Mapped[str] = mapped_column(Text, default="")

    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    office: Mapped[Unit] = relationship()
    case_lead: Mapped[User | None] = relationship()
    skills: Mapped[list[ClientSkill]] = relationship(
        back_populates="client", cascade="all, delete-orphan", order_by="ClientSkill.id"
    )
    certificates: Mapped[list[ClientCertificate]] = relationship(
        cascade="all, delete-orphan", order_by="ClientCertificate.id"
    )
    experience: Mapped[list[ClientExperience]] = relationship(
        cascade="all, delete-orphan", order_by="ClientExperience.id"
    )

    @property
    def lead_standing(self) -> LeadStanding | None:
        """How the case lead stands; None without one."""
        return None if self.case_lead is None else self.case_lead.standing_at(self.office_id)


keep_searchable(Client, _client_parts, "name")
keep_spelt(name_line, Client.name)


class ClientSkill(db.Model):
    """A skill with its level (1–5, empty: unknown) and how we know of it."""

    __tablename__ = "client_skill"
    __table_args__ = (
        UniqueConstraint("client_id", "skill_code"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    skill_code: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[int | None]
    source: Mapped[SkillSource] = mapped_column(code_of(SkillSource, "source"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    noted_on: Mapped[date]

    client: Mapped[Client] = relationship(back_populates="skills")


class ClientCertificate(db.Model):
    """A certificate; its code is of the skill vocabulary."""

    __tablename__ = "client_certificate"
    __table_args__ = (UniqueConstraint("client_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(60), index=True)
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    seen_by_officer: Mapped[bool] = mapped_column(default=False)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)


class ClientExperience(db.Model):
    """Work done, in months; no dates, since gaps would encode the sentence."""

    __tablename__ = "client_experience"
    __table_args__ = (CheckConstraint("months >= 0", name="months"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    occupation_code: Mapped[str | None] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(80), default="")
    months: Mapped[int] = mapped_column(default=0)


keep_spelt(one_line, ClientExperience.title)


class RestrictedRecord(Versioned, db.Model):
    """The minimal offence facts a legal bar needs, encrypted; every read is audited."""

    __tablename__ = "restricted_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), unique=True)
    facts: Mapped[str] = mapped_column(EncryptedText)  # JSON of occupational_bars facts
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonalLink(Created, db.Model):
    """The person's own door /me/<token>; only the digest of the token is kept."""

    __tablename__ = "personal_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_attempts: Mapped[int] = mapped_column(default=0)

    client: Mapped[Client] = relationship()


class CorrectionRequest(HasPid, db.Model):
    """What the person says is wrong in the record, until an officer has dealt with it."""

    __tablename__ = "correction_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("client.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(EncryptedText)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    client: Mapped[Client] = relationship()
