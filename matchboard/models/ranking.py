"""Trained ranking models: the artefact itself, what it was measured to be worth, and its state."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from matchboard.domain.ranking import ModelState
from matchboard.extensions import db
from matchboard.models.types import Created, HasPid, UtcDateTime, code_of


class RankingModel(HasPid, Created, db.Model):
    """One trained model. The artefact lies in the database, so every machine speaks with it."""

    __tablename__ = "ranking_model"
    __table_args__ = (
        Index(
            "uq_ranking_model_active",
            "state",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[ModelState] = mapped_column(code_of(ModelState, "state"))
    stage: Mapped[str] = mapped_column(String(16))
    as_of: Mapped[date]
    n_outcomes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    artefact: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    report: Mapped[dict[str, Any]] = deferred(mapped_column(JSON))
    may_speak: Mapped[bool]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
