"""What happened to a placement, with the names of those who did it; and how it was shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from matchboard.domain.calendar import start_of_day
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.client import Client
from matchboard.models.placement import Placement, PlacementEvent, ShownList
from matchboard.models.vacancy import Vacancy
from matchboard.services.placements import Shown


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `who` is empty for the system and for the person's own link."""

    event: PlacementEvent
    who: str


def history(placement: Placement) -> list[EventRow]:
    """Return the placement's events, newest first."""
    return histories([placement])[placement.id]


def histories(placements: Sequence[Placement]) -> dict[int, list[EventRow]]:
    """Return the events of several placements, newest first; one statement."""
    found: dict[int, list[EventRow]] = {p.id: [] for p in placements}
    query = (
        select(PlacementEvent, User.display_name)
        .outerjoin(User, User.id == PlacementEvent.actor_id)
        .where(PlacementEvent.placement_id.in_(list(found)))
        .order_by(PlacementEvent.id.desc())
    )
    for event, name in db.session.execute(query):
        found[event.placement_id].append(EventRow(event, name or ""))
    return found


def shown_to(client: Client, vacancy: Vacancy, *, actor: Actor, on: date) -> Shown | None:
    """Return how the opening stood in the last list of this person the actor was shown that day.

    A list of another day was another order: who proposes later has not chosen from it.
    """
    last = db.session.scalar(
        select(ShownList)
        .where(
            ShownList.client_id == client.id,
            ShownList.user_id == actor.user_id,
            ShownList.at >= start_of_day(on),
        )
        .order_by(ShownList.id.desc())
        .limit(1)
    )
    if last is None or vacancy.pid not in last.vacancy_pids:
        return None
    place = last.vacancy_pids.index(vacancy.pid)
    return Shown(
        position=place + 1,
        rank=last.ranks[place],
        model_version=last.model_version,
        propensity=last.propensities[place],
    )
