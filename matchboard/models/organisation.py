"""Organisation units (the row scope of accounts) and partner enterprises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchboard.domain.organisation import BaseKind, PartnerState, UnitKind
from matchboard.domain.text import name_line, one_line
from matchboard.extensions import db
from matchboard.models.text import keep_searchable, keep_spelt, searched_by
from matchboard.models.types import Created, EncryptedText, HasPid, UtcDateTime, Versioned, code_of


def _names(row: Mapping[str, Any]) -> list[str | None]:
    return [row["name"], row.get("name_en")]


class Unit(HasPid, Created, db.Model):
    """A district office, justice office, partner enterprise or training provider."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[UnitKind] = mapped_column(code_of(UnitKind, "kind"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    search_text: Mapped[str] = searched_by(_names)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    division_code: Mapped[str | None] = mapped_column(String(6))
    address: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")

    parent: Mapped[Unit | None] = relationship(remote_side="Unit.id")


class Partner(HasPid, Created, Versioned, db.Model):
    """A partner enterprise (爱心企业) and its vetting."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), unique=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    name_en: Mapped[str] = mapped_column(String(160), default="")
    name_pinyin: Mapped[str] = mapped_column(String(240), default="")
    search_text: Mapped[str] = searched_by(_names, index=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    industry: Mapped[str] = mapped_column(String(60), default="")
    employer_kinds: Mapped[list[str] | None] = mapped_column(JSON)  # null: unknown, []: none
    base_kind: Mapped[BaseKind | None] = mapped_column(code_of(BaseKind, "base_kind"))
    division_code: Mapped[str | None] = mapped_column(String(6), index=True)
    address: Mapped[str] = mapped_column(String(200), default="")
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText)
    state: Mapped[PartnerState] = mapped_column(
        code_of(PartnerState, "state"), default=PartnerState.PENDING, index=True
    )
    state_reason: Mapped[str] = mapped_column(String(400), default="")
    agreement_signed_on: Mapped[date | None]
    verified_on: Mapped[date | None]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship()


for _model in (Unit, Partner):
    keep_searchable(_model, _names, "name", "name_en")
    keep_spelt(name_line, _model.name)
    keep_spelt(one_line, _model.name_en, _model.address)
keep_spelt(name_line, Partner.contact_name)
keep_spelt(one_line, Partner.industry)
