"""The table of `domain.work` as conditions in SQL, on either database."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased

from matchboard.domain.work import KEPT, LOST, RUNNING
from matchboard.models.client import Client
from matchboard.models.placement import Placement


def is_job(placement: Any = Placement) -> ColumnElement[bool]:
    """Return whether the placement is its person's work, as `domain.work.job_of` says it."""
    other = aliased(Placement)
    began, other_began = (func.coalesce(p.started_on, date.min) for p in (placement, other))
    lost_later = exists().where(
        other.client_id == placement.client_id,
        other.state.in_(sorted(LOST)),
        or_(other_began > began, and_(other_began == began, other.id > placement.id)),
    )
    kept = and_(placement.state.in_(sorted(KEPT)), ~lost_later)
    return or_(placement.state == RUNNING, kept)


def has_work() -> ColumnElement[bool]:
    """Return whether the person has work, and so counts as placed."""
    job = aliased(Placement)
    return exists().where(job.client_id == Client.id, is_job(job))


def looks_for_work() -> ColumnElement[bool]:
    """Return whether the person wants work and has none."""
    return and_(Client.seeking_work.is_(True), ~has_work())


def is_settled() -> ColumnElement[bool]:
    """Return whether the person's work is a job kept to its end, none that still runs."""
    job = aliased(Placement)
    running = exists().where(job.client_id == Client.id, job.state == RUNNING)
    return and_(has_work(), ~running)
