"""Database rows as rows of the exchange format; set-based, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from matchboard.domain.calendar import local_date
from matchboard.domain.occupational_bars import OpeningScope
from matchboard.domain.training import EnrolmentState
from matchboard.domain.vacancy import RequirementKind, VacancyState
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.training import Enrolment
from matchboard.models.vacancy import Vacancy, VacancyRequirement
from ml.schema import Clients, Vacancies
from ml.vocabulary import Vocabulary, load_vocabulary

#: Rows fetched at once while an index is filled.
BATCH = 5_000

_KINDS = {
    RequirementKind.REQUIRED: "skills_required",
    RequirementKind.PREFERRED: "skills_preferred",
    RequirementKind.CERTIFICATE: "certificates_required",
}


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the product's own occupations and skills, read once."""
    return load_vocabulary()


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One opening as the index and the legal gate need it."""

    pid: str
    fingerprint: tuple[Any, ...]
    cells_at_opening: dict[str, object]  # whatever its state
    is_open: bool
    places_left: int
    scope: OpeningScope

    @property
    def cells(self) -> dict[str, object]:
        """Return the opening as it is to be ranked today."""
        return {**self.cells_at_opening, "places_left": self.places_left}


def opening_rows(condition: ColumnElement[bool]) -> Iterable[list[OpeningRow]]:
    """Yield batches of the openings that meet `condition`: two statements a batch."""
    last_id = 0
    while True:
        rows = db.session.execute(
            select(Vacancy, Partner.pid, Partner.employer_kinds)
            .outerjoin(Partner, Partner.id == Vacancy.partner_id)
            .where(condition, Vacancy.id > last_id)
            .order_by(Vacancy.id)
            .limit(BATCH)
            # The index wants the rows as they are now, not as an earlier query left them.
            .execution_options(populate_existing=True)
        ).all()
        if not rows:
            return
        last_id = rows[-1][0].id
        asked = _requirements([row[0].id for row in rows])
        yield [
            _opening_row(vacancy, partner_pid, kinds, asked[vacancy.id])
            for vacancy, partner_pid, kinds in rows
        ]


def fingerprint_of(vacancy: Vacancy) -> tuple[Any, ...]:
    """Return what changes whenever the opening does, places included."""
    return (
        vacancy.version,
        vacancy.state.value,
        vacancy.n_reserved,
        vacancy.n_filled,
        vacancy.updated_at,
    )


def clients_table(clients: Sequence[Client], *, today: date) -> Clients:
    """Return the clients as a table; no protected attribute is even looked at."""
    trained = last_trained_on([c.id for c in clients])
    return Clients.from_rows(
        (client_cells(c, today=today, trained_on=trained.get(c.id)) for c in clients),
        vocabulary=vocabulary(),
    )


def client_cells(client: Client, *, today: date, trained_on: date | None) -> dict[str, object]:
    """Return one client as a row of the exchange format; None is unknown."""
    waiting_since = client.registered_on or local_date(client.created_at)
    return {
        "client_id": client.pid,
        "lat": client.lat,
        "lon": client.lon,
        "max_commute_km": client.max_commute_km,
        "wage_expected_cny_month": client.wage_expected_cny_month,
        "education": client.education,
        "skills": [(s.skill_code, s.level) if s.level else s.skill_code for s in client.skills]
        or None,
        # None recorded means none held: the opening is then one certificate away, not hidden.
        "certificates": [c.code for c in client.certificates if _is_valid(c.expires_on, today)],
        "experience": [
            (e.occupation_code, e.months) for e in client.experience if e.occupation_code
        ]
        or None,
        "desired_occupations": client.desired_occupations or None,
        "shifts_ok": client.shifts_ok or None,
        "needs_lodging": None if client.needs_lodging is None else int(client.needs_lodging),
        "exertion_max": client.exertion_max,
        "employment_types_ok": client.employment_types_ok or None,
        "available_on": client.available_on,
        "trained_on": trained_on,
        "waiting_days": max(0, (today - waiting_since).days),
        "text": " ".join(filter(None, [client.wishes, *(e.title for e in client.experience)])),
    }


def last_trained_on(client_ids: Sequence[int]) -> dict[int, date]:
    """Return when each person last finished a course; courses are recorded after release only."""
    rows = db.session.execute(
        select(Enrolment.client_id, Enrolment.result_on)
        .where(
            Enrolment.client_id.in_(client_ids),
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.result_on.is_not(None),
        )
        .order_by(Enrolment.result_on, Enrolment.id)
    )
    return {client_id: on for client_id, on in rows if on is not None}


def profile_options() -> tuple[Any, ...]:
    """Return the loader options a client needs to become a row."""
    return (
        selectinload(Client.skills),
        selectinload(Client.certificates),
        selectinload(Client.experience),
    )


def vacancies_table(rows: Sequence[OpeningRow]) -> Vacancies:
    """Return open openings as a table."""
    return Vacancies.from_rows((r.cells for r in rows), vocabulary=vocabulary())


def past_vacancies_table(condition: ColumnElement[bool]) -> Vacancies:
    """Return openings of any state as a table; of a past one the places left are not known."""
    return Vacancies.from_rows(
        (row.cells_at_opening for batch in opening_rows(condition) for row in batch),
        vocabulary=vocabulary(),
    )


def _is_valid(expires_on: date | None, today: date) -> bool:
    return expires_on is None or expires_on >= today


def _requirements(vacancy_ids: Sequence[int]) -> dict[int, dict[str, list[object]]]:
    found: dict[int, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    rows = db.session.execute(
        select(
            VacancyRequirement.vacancy_id,
            VacancyRequirement.kind,
            VacancyRequirement.code,
            VacancyRequirement.level,
        )
        .where(VacancyRequirement.vacancy_id.in_(vacancy_ids))
        .order_by(VacancyRequirement.id)
    )
    for vacancy_id, kind, code, level in rows:
        found[vacancy_id][_KINDS[kind]].append((code, level) if level else code)
    return found


def _opening_row(
    vacancy: Vacancy,
    partner_pid: str | None,
    employer_kinds: list[str] | None,
    asked: dict[str, list[object]],
) -> OpeningRow:
    cells: dict[str, object] = {
        "vacancy_id": vacancy.pid,
        "partner_id": partner_pid or vacancy.external_employer,
        "occupation": vacancy.occupation_code,
        "title": vacancy.title,
        "text": f"{vacancy.duties} {vacancy.conditions}".strip(),
        "lat": vacancy.lat,
        "lon": vacancy.lon,
        "wage_min_cny_month": vacancy.wage_min_cny_month,
        "wage_max_cny_month": vacancy.wage_max_cny_month,
        "education_min": vacancy.education_min,
        "exertion": vacancy.exertion,
        "shift": vacancy.shift.value if vacancy.shift else None,
        "lodging_provided": (
            None if vacancy.lodging_provided is None else int(vacancy.lodging_provided)
        ),
        "employment_type": vacancy.employment_type.value if vacancy.employment_type else None,
        "headcount": vacancy.headcount,
        "open_on": vacancy.open_on,
        "close_on": vacancy.close_on,
        **{name: values for name, values in asked.items() if values},
    }
    certificates = [str(code) for code in asked.get("certificates_required", [])]
    scope = OpeningScope.of(
        vacancy.confirmed_occupation,
        posts=vacancy.posts,
        employer_kinds=employer_kinds,
        licences=vacancy.licences,
        certificates=certificates,
    )
    return OpeningRow(
        pid=vacancy.pid,
        fingerprint=fingerprint_of(vacancy),
        cells_at_opening=cells,
        is_open=vacancy.state is VacancyState.OPEN,
        places_left=vacancy.n_places_left,
        scope=scope,
    )
