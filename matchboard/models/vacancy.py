"""Openings, what they ask for, and their history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.text import name_line, one_line
from matchboard.domain.vacancy import (
    OccupationSource,
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, HasPid, UtcDateTime, Versioned, code_of


def _vacancy_parts(row: Mapping[str, Any]) -> list[str | None]:
    return [row["title"], row.get("external_employer")]


class Vacancy(HasPid, Created, Versioned, db.Model):
    """An opening. Every optional cell may be unknown."""

    __tablename__ = "vacancy"
    __table_args__ = (
        CheckConstraint("headcount >= 1", name="headcount"),
        CheckConstraint("n_reserved >= 0 AND n_filled >= 0", name="places_not_negative"),
        CheckConstraint("n_reserved + n_filled <= headcount", name="not_oversold"),
        CheckConstraint("wage_min_cny_month <= wage_max_cny_month", name="wage_order"),
        CheckConstraint("wage_min_cny_month >= 0", name="wage_min"),
        CheckConstraint("open_on <= close_on", name="date_order"),
        CheckConstraint("education_min BETWEEN 0 AND 5", name="education_min"),
        CheckConstraint("exertion BETWEEN 1 AND 4", name="exertion"),
        CheckConstraint(
            "occupation_code IS NOT NULL OR occupation_from IS NULL OR occupation_from <> 'title'",
            name="suggestion_known",
        ),
        CheckConstraint(
            "(source = 'partner' AND partner_id IS NOT NULL) OR source = 'external'",
            name="partner_known",
        ),
        UniqueConstraint("source", "external_ref"),
        # The public board filters on all of these and counts without reading the wide rows.
        Index(
            "ix_vacancy_board",
            "state",
            "visibility",
            "open_on",
            "id",
            "close_on",
            "partner_id",
            "wage_top_cny_month",
            "employment_type",
            "lodging_provided",
            "occupation_code",
            "division_code",
            "lat",
            "lon",
            "search_text",
        ),
        Index("ix_vacancy_state_division", "state", "division_code"),
        Index("ix_vacancy_state_wage", "state", "wage_top_cny_month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[VacancySource] = mapped_column(
        code_of(VacancySource, "source"), default=VacancySource.PARTNER
    )
    external_ref: Mapped[str | None] = mapped_column(String(80))
    external_employer: Mapped[str | None] = mapped_column(String(120))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"), index=True)
    state: Mapped[VacancyState] = mapped_column(
        code_of(VacancyState, "state"), default=VacancyState.DRAFT
    )
    state_reason: Mapped[str] = mapped_column(String(400), default="")
    visibility: Mapped[Visibility] = mapped_column(
        code_of(Visibility, "visibility"), default=Visibility.PUBLIC
    )

    title: Mapped[str] = mapped_column(String(120))
    search_text: Mapped[str] = searched_by(_vacancy_parts)
    occupation_code: Mapped[str | None] = mapped_column(String(12), index=True)
    occupation_from: Mapped[OccupationSource | None] = mapped_column(
        code_of(OccupationSource, "occupation_from")
    )
    duties: Mapped[str] = mapped_column(Text, default="")
    conditions: Mapped[str] = mapped_column(Text, default="")
    division_code: Mapped[str | None] = mapped_column(String(6), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]

    wage_min_cny_month: Mapped[int | None]
    wage_max_cny_month: Mapped[int | None]
    #: What wage filters and sorts look at; 0 where nothing is stated.
    wage_top_cny_month: Mapped[int] = mapped_column(
        Computed("COALESCE(wage_max_cny_month, wage_min_cny_month, 0)", persisted=True)
    )
    wage_hourly_cny: Mapped[float | None]
    employment_type: Mapped[EmploymentType | None] = mapped_column(
        code_of(EmploymentType, "employment_type")
    )
    shift: Mapped[Shift | None] = mapped_column(code_of(Shift, "shift"))
    hours_per_day: Mapped[float | None]
    hours_per_week: Mapped[float | None]
    contract_months: Mapped[int | None]  # 0: open-ended
    probation_months: Mapped[float | None]
    probation_wage_cny_month: Mapped[int | None]
    deposit_free: Mapped[bool] = mapped_column(default=False)
    lodging_provided: Mapped[bool | None]
    exertion: Mapped[int | None]
    education_min: Mapped[int | None]
    posts: Mapped[list[str] | None] = mapped_column(JSON)  # for the legal gate; null: unknown
    licences: Mapped[list[str] | None] = mapped_column(JSON)

    headcount: Mapped[int] = mapped_column(default=1)
    n_reserved: Mapped[int] = mapped_column(default=0)
    n_filled: Mapped[int] = mapped_column(default=0)
    open_on: Mapped[date | None] = mapped_column(index=True)
    close_on: Mapped[date | None] = mapped_column(index=True)
    confirmed_on: Mapped[date | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    partner: Mapped[Partner | None] = relationship()
    requirements: Mapped[list[VacancyRequirement]] = relationship(
        cascade="all, delete-orphan", order_by="VacancyRequirement.id"
    )

    @property
    def occupation_suggested(self) -> bool:
        """Whether the code was taken from the title and nobody has confirmed it yet."""
        return self.occupation_from is OccupationSource.TITLE

    @property
    def confirmed_occupation(self) -> str | None:
        """The occupation as far as a person stands for it; laws are applied to nothing less."""
        return None if self.occupation_suggested else self.occupation_code

    @property
    def n_places_left(self) -> int:
        """Places neither reserved nor filled."""
        return self.headcount - self.n_reserved - self.n_filled


keep_searchable(Vacancy, _vacancy_parts, "title", "external_employer")
keep_spelt(one_line, Vacancy.title, Vacancy.address)
keep_spelt(name_line, Vacancy.external_employer)


class VacancyRequirement(db.Model):
    """A skill or certificate the opening requires or prefers; level empty: any."""

    __tablename__ = "vacancy_requirement"
    __table_args__ = (
        UniqueConstraint("vacancy_id", "code", "kind"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(60), index=True)
    level: Mapped[int | None]
    kind: Mapped[RequirementKind] = mapped_column(code_of(RequirementKind, "kind"))


class VacancyEvent(db.Model):
    """One step of the opening's lifecycle; append-only."""

    __tablename__ = "vacancy_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(
        ForeignKey("vacancy.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_role: Mapped[str] = mapped_column(String(32))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    name: Mapped[str] = mapped_column(String(32))
    to_state: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
