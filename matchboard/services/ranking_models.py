"""Which ranking model speaks: register what was trained, promote, fall back to the formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from matchboard.domain.errors import Conflict, NotAllowed, NotFound
from matchboard.domain.ranking import EXPERT, ModelState
from matchboard.domain.roles import Actor, Permission
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.ranking import RankingModel
from matchboard.permissions import can
from matchboard.services import audit, transaction
from matchboard.services.seen import require_seen


@dataclass(frozen=True, slots=True)
class Trained:
    """What training produced: the artefact, and the evidence for or against letting it speak."""

    stage: str
    as_of: date
    n_outcomes: int
    sha256: str
    artefact: bytes
    report: Mapping[str, Any]
    may_speak: bool


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One trained model of the list and who had it trained."""

    model: RankingModel
    trained_by: str


@dataclass(frozen=True, slots=True)
class Speaking:
    """What ranks now: the formula, or a model."""

    version: str
    name: str
    pid: str | None
    __tablename__: ClassVar[str] = RankingModel.__tablename__


def active() -> RankingModel | None:
    """Return the model that speaks, without its artefact; None while the formula does."""
    query = select(RankingModel).where(RankingModel.state == ModelState.ACTIVE)
    return db.session.scalar(query.order_by(RankingModel.id))


def speaking() -> Speaking:
    """Return what ranks now, as a page shows it."""
    return speaking_as(active())


def speaking_as(model: RankingModel | None) -> Speaking:
    """Return the model that speaks, or the formula for none, as a page shows it."""
    if model is None:
        return Speaking(EXPERT, EXPERT, None)
    return Speaking(f"{model.name}-{model.changed_at.isoformat()}", model.name, model.pid)


def artefact_of(name: str) -> bytes:
    """Return the stored bytes of a model."""
    found = db.session.scalar(select(RankingModel.artefact).where(RankingModel.name == name))
    if found is None:
        raise NotFound
    return found


def list_models() -> Sequence[ModelRow]:
    """Return every trained model, newest first."""
    rows = db.session.execute(
        select(RankingModel, User.display_name)
        .outerjoin(User, User.id == RankingModel.created_by_id)
        .order_by(RankingModel.id.desc())
    )
    return [ModelRow(model, name or "") for model, name in rows]


def reports() -> dict[str, Mapping[str, Any]]:
    """Return the report of every trained model by its name."""
    rows = db.session.execute(
        select(RankingModel.name, RankingModel.report).order_by(RankingModel.id)
    )
    return {row.name: row.report for row in rows}


def newest() -> RankingModel | None:
    """Return the model trained last, with its report."""
    return db.session.scalar(
        select(RankingModel)
        .options(undefer(RankingModel.report))
        .order_by(RankingModel.id.desc())
        .limit(1)
    )


def get_model(name: str, *, actor: Actor) -> RankingModel:
    """Return a model by its name, with its report.

    Raises
    ------
    NotFound
        If there is none, or the actor may not steer the ranking.
    """
    found: RankingModel | None = db.session.scalar(
        select(RankingModel).options(undefer(RankingModel.report)).where(RankingModel.name == name)
    )
    if found is None or not _may_steer(actor):
        raise NotFound
    return found


def register(trained: Trained, *, actor: Actor, now: datetime) -> RankingModel:
    """Keep a trained model as a candidate; what ranks does not change."""
    _require_steering(actor)
    taken = db.session.scalar(select(func.count()).where(RankingModel.as_of == trained.as_of)) or 0
    model = RankingModel(
        name=f"{trained.stage}-{trained.as_of:%Y%m%d}-{taken + 1}",
        state=ModelState.CANDIDATE,
        stage=trained.stage,
        as_of=trained.as_of,
        n_outcomes=trained.n_outcomes,
        sha256=trained.sha256,
        artefact=trained.artefact,
        report=dict(trained.report),
        may_speak=trained.may_speak,
        created_by_id=actor.user_id,
        created_at=now,
        changed_at=now,
    )
    db.session.add(model)
    transaction.flush()
    audit.record(
        "ranking_model.train", model, actor=actor, now=now, name=model.name, sha256=model.sha256
    )
    return model


def promote(name: str, *, actor: Actor, now: datetime, seen: str | None = None) -> RankingModel:
    """Let a model speak from now on.

    Raises
    ------
    NotAllowed
        If the actor may not steer the ranking.
    NotFound
        If there is no such model.
    StaleEdit
        If something else ranks by now than the page showed.
    Conflict
        If it has not passed every gate, or speaks already.
    """
    _require_steering(actor)
    require_seen(seen, speaking())
    model = get_model(name, actor=actor)
    if model.state is ModelState.ACTIVE:
        raise Conflict("model_active")
    if not model.may_speak:
        raise Conflict("model_gates_failed")
    _retire_active(actor=actor, now=now)
    _set_state(model, ModelState.ACTIVE, now=now)
    audit.record("ranking_model.promote", model, actor=actor, now=now, name=model.name)
    return model


def rollback(*, actor: Actor, now: datetime, seen: str | None = None) -> None:
    """Let the formula speak again, at once; the model stays on the list.

    Raises
    ------
    NotAllowed
        If the actor may not steer the ranking.
    StaleEdit
        If something else ranks by now than the page showed.
    Conflict
        If the formula speaks already.
    """
    _require_steering(actor)
    require_seen(seen, speaking())
    if _retire_active(actor=actor, now=now) is None:
        raise Conflict("formula_active", name=EXPERT)


def _retire_active(*, actor: Actor, now: datetime) -> RankingModel | None:
    model = active()
    if model is not None:
        _set_state(model, ModelState.RETIRED, now=now)
        # The unique index allows one active model: this one leaves before another enters.
        transaction.flush()
        audit.record("ranking_model.retire", model, actor=actor, now=now, name=model.name)
    return model


def _set_state(model: RankingModel, state: ModelState, *, now: datetime) -> None:
    model.state = state
    model.changed_at = now


def _may_steer(actor: Actor) -> bool:
    return can(actor, Permission.RANKING_STEER)


def _require_steering(actor: Actor) -> None:
    if not _may_steer(actor):
        raise NotAllowed
