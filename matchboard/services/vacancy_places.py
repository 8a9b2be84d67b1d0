"""Places of an opening, counted by the database: one UPDATE … WHERE each, so two cannot win one.

The counters are never written through a loaded record; whoever holds one sees them after the
refresh done here. `services.vacancies` wraps these with what follows for the opening's state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, update

from matchboard.domain.errors import Conflict, HeadcountExhausted
from matchboard.domain.placement import PlacementState
from matchboard.extensions import db
from matchboard.models.placement import Placement
from matchboard.models.vacancy import Vacancy


def reserve(vacancy_id: int) -> None:
    """Hold a free place; raises HeadcountExhausted if there is none."""
    is_free = Vacancy.n_reserved + Vacancy.n_filled < Vacancy.headcount
    if not _count(vacancy_id, is_free, n_reserved=Vacancy.n_reserved + 1):
        raise HeadcountExhausted


def release(vacancy_id: int) -> None:
    """Give a held place back; raises Conflict if none is held."""
    if not _count(vacancy_id, Vacancy.n_reserved > 0, n_reserved=Vacancy.n_reserved - 1):
        raise Conflict("no_reservation")


def fill_reserved(vacancy_id: int) -> None:
    """Turn a held place into a filled one; raises Conflict if none is held."""
    values = {"n_reserved": Vacancy.n_reserved - 1, "n_filled": Vacancy.n_filled + 1}
    if not _count(vacancy_id, Vacancy.n_reserved > 0, **values):
        raise Conflict("no_reservation")


def release_filled(vacancy_id: int) -> None:
    """Free a filled place (a start taken back); raises Conflict if none is filled."""
    if not _count(vacancy_id, Vacancy.n_filled > 0, n_filled=Vacancy.n_filled - 1):
        raise Conflict("no_filled_place")


def require_ended(vacancy: Vacancy) -> None:
    """Refuse while nobody has left the job: raises Conflict("no_ended_placement")."""
    if vacancy.n_filled < 1 or vacancy.n_filled <= (db.session.scalar(_at_work(vacancy.id)) or 0):
        raise _no_ended(vacancy)


def free_ended(vacancy_id: int) -> None:
    """Free a place whose job has ended; raises Conflict while everybody is still in it."""
    at_work = _at_work(vacancy_id).scalar_subquery()
    if not _count(vacancy_id, Vacancy.n_filled > at_work, n_filled=Vacancy.n_filled - 1):
        raise _no_ended(db.session.get_one(Vacancy, vacancy_id))


def _at_work(vacancy_id: int) -> Select[Any]:
    return (
        select(func.count())
        .select_from(Placement)
        .where(
            Placement.vacancy_id == vacancy_id,
            Placement.state.in_([PlacementState.STARTED, PlacementState.COMPLETED]),
        )
    )


def _no_ended(vacancy: Vacancy) -> Conflict:
    return Conflict("no_ended_placement" if vacancy.n_filled else "nobody_hired")


def _count(vacancy_id: int, condition: ColumnElement[bool], **values: Any) -> bool:
    """Change the counters if the condition holds in the row itself; return whether it did."""
    db.session.flush()
    statement = (
        update(Vacancy)
        .where(Vacancy.id == vacancy_id, condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    result = db.session.execute(statement)
    loaded = db.session.identity_map.get(db.session.identity_key(Vacancy, vacancy_id))
    if loaded is not None:
        db.session.refresh(loaded)
    return bool(getattr(result, "rowcount", 0) == 1)
