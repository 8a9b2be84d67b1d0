"""Effective-dated rules of a district."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchboard.extensions import db
from matchboard.models.types import Created


class PolicyRuleSet(Created, db.Model):
    """The rules in force from a date on; earlier rows stay for the record."""

    __tablename__ = "policy_rule_set"
    __table_args__ = (UniqueConstraint("unit_id", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    effective_from: Mapped[date]
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
