"""What became of past proposals, as tables of the exchange format: the ranker learns from these.

A person's row is the profile of today, not of the day of the proposal: profiles are not kept by
date. `ml/CARD.md` names this among the limits.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import func, select

from matchboard.domain.calendar import local_date
from matchboard.domain.client import ClientKind, Sex, Tier
from matchboard.domain.placement import WORKED, PlacementState
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.placement import OutcomeCheck, Placement
from matchboard.models.vacancy import Vacancy
from matchboard.ranking import tables
from matchboard.ranking.tables import (
    clients_table,
    past_vacancies_table,
    profile_options,
    vocabulary,
)
from ml.schema import Clients, Placements, Vacancies

S = PlacementState
#: The employer, or the deadline, said no; what the person or the officer ended says nothing of it.
_NOT_HIRED = frozenset({S.DECLINED_BY_EMPLOYER, S.NO_SHOW, S.EXPIRED})


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Past proposals with their people and openings; `groups` are for the fairness audit alone.

    `groups` maps a protected attribute to the code of each client, in the order of `clients`.
    `is_blind` says that everybody's row stayed the same when these attributes were exchanged.
    """

    clients: Clients
    vacancies: Vacancies
    placements: Placements
    groups: dict[str, tuple[str, ...]]
    is_blind: bool

    def digest(self) -> str:
        """Return the SHA-256 of everything a model may learn from; the groups are not."""
        found = hashlib.sha256()
        for table in (self.clients, self.vacancies, self.placements):
            for field in dataclasses.fields(table):
                if field.name != "notices":
                    found.update(f"{table.FILE}.{field.name}:".encode())
                    found.update(_bytes_of(getattr(table, field.name)))
        return found.hexdigest()


class _Exchanged:
    """A person as they are, but for every protected attribute."""

    def __init__(self, person: Client) -> None:
        self._person = person
        self.sex = Sex.FEMALE if person.sex is Sex.MALE else Sex.MALE
        self.tier = Tier.GENERAL if person.tier is Tier.KEY else Tier.KEY
        self.kind = next(kind for kind in ClientKind if kind is not person.kind)
        self.birth_date = person.birth_date.replace(year=person.birth_date.year - 20, day=1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._person, name)


def _bytes_of(column: Any) -> bytes:
    if dataclasses.is_dataclass(column):
        return b"".join(_bytes_of(getattr(column, f.name)) for f in dataclasses.fields(column))
    if hasattr(column, "tobytes"):
        return bytes(column.tobytes())
    return repr(column).encode()


def read_outcomes(*, today: date) -> Outcomes:
    """Return every proposal for an opening, with what is known of its outcome today."""
    placements = db.session.scalars(
        select(Placement).where(Placement.vacancy_id.is_not(None)).order_by(Placement.id)
    ).all()
    people = _people()
    openings = past_vacancies_table(
        Vacancy.id.in_(select(Placement.vacancy_id).where(Placement.vacancy_id.is_not(None)))
    )
    pid_of_client = {person.id: person.pid for person in people}
    pid_of_vacancy = _vacancy_pids()
    seen_working = _last_seen_working()
    return Outcomes(
        clients=clients_table(people, today=today),
        vacancies=openings,
        placements=Placements.from_rows(
            (
                {
                    "client_id": pid_of_client[placement.client_id],
                    "vacancy_id": pid_of_vacancy[placement.vacancy_id],
                    **placement_cells(placement, seen_working.get(placement.id), today=today),
                }
                for placement in placements
                if placement.vacancy_id is not None
            ),
            vocabulary=vocabulary(),
        ),
        groups=_groups(people, today),
        is_blind=all(_is_blind(person, today) for person in people),
    )


def _is_blind(person: Client, today: date) -> bool:
    """Try whether a person's row changes with their protected attributes."""
    rows = [
        tables.client_cells(one, today=today, trained_on=None)
        for one in (person, cast("Client", _Exchanged(person)))
    ]
    return rows[0] == rows[1]


def placement_cells(
    placement: Placement, seen_working_on: date | None, *, today: date
) -> dict[str, object]:
    """Return a proposal's own cells; None is unknown.

    Somebody at work is observed up to the last check that found them there: nobody knows more.
    """
    is_hired: int | None = None
    if placement.state in WORKED:
        is_hired = 1
    elif placement.state in _NOT_HIRED:
        is_hired = 0
    changed_on = local_date(placement.state_changed_at)
    observed_until: date | None = min(changed_on, today) if is_hired is not None else None
    if placement.state is S.STARTED:
        known = [on for on in (placement.started_on, seen_working_on) if on is not None]
        observed_until = max(known, default=None)
    elif placement.state is S.ENDED:
        observed_until = placement.ended_on
    return {
        "placement_id": placement.pid,
        "proposed_on": placement.proposed_on,
        "propensity": placement.propensity,
        "interviewed": _interviewed(placement, is_hired),
        "hired": is_hired,
        "started_on": placement.started_on,
        "ended_on": placement.ended_on,
        "observed_until": observed_until,
        "wage_cny_month": placement.wage_cny_month,
    }


def _interviewed(placement: Placement, is_hired: int | None) -> int | None:
    if placement.interview_at is not None:
        return 1
    return None if is_hired is None else is_hired


def _vacancy_pids() -> dict[int, str]:
    rows = db.session.execute(select(Vacancy.id, Vacancy.pid).order_by(Vacancy.id))
    return {row.id: row.pid for row in rows}


def _people() -> Sequence[Client]:
    proposed = select(Placement.client_id).where(Placement.vacancy_id.is_not(None))
    return db.session.scalars(
        select(Client)
        .where(Client.id.in_(proposed))
        .options(*profile_options())
        .order_by(Client.id)
    ).all()


def _last_seen_working() -> dict[int, date]:
    rows = db.session.execute(
        select(OutcomeCheck.placement_id, func.max(OutcomeCheck.done_on))
        .where(OutcomeCheck.still_employed.is_(True), OutcomeCheck.same_employer.is_not(False))
        .group_by(OutcomeCheck.placement_id)
    )
    return {placement_id: on for placement_id, on in rows if on is not None}


def _groups(people: Sequence[Client], today: date) -> dict[str, tuple[str, ...]]:
    return {
        "sex": tuple(p.sex.value if p.sex is not None else "" for p in people),
        "age": tuple(_age_group(p.birth_date, today) for p in people),
        "kind": tuple(p.kind.value for p in people),
        "tier": tuple(p.tier.value for p in people),
    }


def _age_group(born: date, today: date) -> str:
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return "under_35" if age < 35 else "35_to_49" if age < 50 else "50_up"
