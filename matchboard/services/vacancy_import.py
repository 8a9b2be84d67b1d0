"""Take in advertisements from outside: as “external, unchecked”, for officers only.

The same advertisement read again is updated, never doubled. Statements go out in bulk: their number
grows with the chunks of a file, not with its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from matchboard.domain.agreed_terms import unlawful_wage
from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import divisions, lowest_minimum_wage, minimum_wage
from matchboard.domain.client import EmploymentType
from matchboard.domain.errors import NotAllowed
from matchboard.domain.posting_checks import default_close_on
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.vacancy import (
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.extensions import db
from matchboard.models.text import search_text_of
from matchboard.models.vacancy import Vacancy, VacancyEvent, VacancyRequirement
from matchboard.services import audit, policies, transaction, vacancies
from matchboard.services.import_occupations import (
    OccupationFrom,
    Suggest,
    with_occupations,
)
from matchboard.services.vacancy_file import AdFile, AdRow, CellProblem, read_ads

__all__ = ["CellProblem", "ImportReport", "Outcome", "RowReport", "import_vacancies"]

Progress = Callable[[int, int], None]
Requirements = frozenset[tuple[str, RequirementKind, int | None]]
_CHUNK = 500


class Outcome(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row of the file, as a spreadsheet numbers it (the header is row 1)."""

    row: int
    ref: str
    outcome: Outcome
    problems: tuple[CellProblem, ...] = ()
    occupation: OccupationFrom | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What the import did, row by row, and what it noticed."""

    file: str
    rows: tuple[RowReport, ...]
    ignored_columns: tuple[str, ...]
    unlisted_codes: dict[str, int]

    def count(self, outcome: Outcome) -> int:
        """Return how many rows ended so."""
        return sum(row.outcome is outcome for row in self.rows)

    def count_occupations(self, source: OccupationFrom) -> int:
        """Return how many rows that were taken in have their occupation from there."""
        return sum(row.occupation is source for row in self.rows)

    @property
    def problems(self) -> tuple[CellProblem, ...]:
        """Every wrong cell, in the file's order."""
        return tuple(problem for row in self.rows for problem in row.problems)


def import_vacancies(
    path: Path | str,
    *,
    actor: Actor,
    now: datetime,
    suggest: Suggest,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Read a file of advertisements and store its good rows.

    They enter open, for officers only, unchecked, and expired where they are over; headcount 1, the
    division's seat and the policy's days of validity stand where the advertisement is silent.
    An occupation the file does not name is taken from `suggest`, marked until it is confirmed; one
    somebody confirmed is kept. Whatever else is silent stays unknown. `on_progress(done, total)` is
    called after each chunk.

    Raises
    ------
    NotAllowed
        If the actor is neither staff nor the system.
    InvalidInput
        At field `file`, if the file cannot be used at all; nothing is stored then.
    """
    if actor.role not in {Role.OFFICER, Role.DISTRICT, Role.SYSTEM}:
        raise NotAllowed
    path = Path(path)
    ads = read_ads(path)
    today = local_date(now)
    days = policies.current(actor, on=today).vacancy_validity_days
    storing = _Storing(actor=actor, now=now, validity_days=days, suggest=suggest)
    _refuse_unlawful_pay(ads, path.name, on=today)
    # First the audit entry: its lock keeps two imports of the same file apart.
    audit.record(
        "vacancy.import",
        actor=actor,
        now=now,
        n_rows=len(ads.rows),
        n_problems=len(ads.problems),
    )
    reports: list[RowReport] = []
    for chunk in _chunks(ads.rows):
        reports += storing.store(chunk)
        if on_progress is not None:
            on_progress(len(reports), len(ads.rows))
    reports += _refused(ads.problems)
    return ImportReport(
        file=path.name,
        rows=tuple(sorted(reports, key=lambda report: report.row)),
        ignored_columns=ads.ignored_columns,
        unlisted_codes=dict(ads.unlisted_codes.most_common()),
    )


def _refuse_unlawful_pay(ads: AdFile, file: str, *, on: date) -> None:
    """Leave out what no opening may pay, as a typed one is refused: below the local minimum.

    Where the place is not known, below every minimum there is.
    """
    lawful = []
    for ad in ads.rows:
        name = next((n for n in _PAY if ad.values[n] is not None), None)
        if name is None or _is_lawful(ad.values[name], ad.values, on=on):
            lawful.append(ad)
        else:
            value = str(ad.values[name])
            ads.problems.append(CellProblem(file, ad.row, name, value, "below_minimum_wage"))
    ads.rows = lawful


_PAY = ("wage_min_cny_month", "wage_max_cny_month")


def _is_lawful(wage: int, values: dict[str, Any], *, on: date) -> bool:
    place, kind = values["division_code"], values["employment_type"]
    if place is None:
        return kind is EmploymentType.PART_TIME or wage >= lowest_minimum_wage(on=on)
    found = unlawful_wage(
        wage,
        employment_type=kind,
        hours_per_week=None,
        minimum_wage=minimum_wage(place, on=on),
        on=on,
    )
    return found is None


def _refused(problems: Sequence[CellProblem]) -> Iterator[RowReport]:
    by_row: dict[int, list[CellProblem]] = {}
    for problem in problems:
        by_row.setdefault(problem.row, []).append(problem)
    for row, found in by_row.items():
        ref = next((p.value for p in found if p.column == "vacancy_id"), "")
        yield RowReport(row, ref, Outcome.REFUSED, tuple(found))


def _chunks(rows: Sequence[AdRow]) -> Iterator[Sequence[AdRow]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]


@dataclass(frozen=True, slots=True)
class _Stored:
    """An advertisement already on record."""

    id: int
    pid: str
    state: VacancyState
    n_taken: int
    values: dict[str, Any]
    requirements: Requirements


@dataclass(frozen=True, slots=True)
class _Storing:
    actor: Actor
    now: datetime
    validity_days: int
    suggest: Suggest

    def store(self, rows: Sequence[AdRow]) -> list[RowReport]:
        """Store one chunk; return what became of each row."""
        stored = _stored([row.ref for row in rows])
        rows = [_completed(row, stored.get(row.ref)) for row in rows]
        rows, sources = with_occupations(
            rows, {ref: there.values for ref, there in stored.items()}, suggest=self.suggest
        )
        new = [row for row in rows if row.ref not in stored]
        changed = [
            (row, stored[row.ref])
            for row in rows
            if row.ref in stored and self._differs(row, stored[row.ref])
        ]
        inserted = self._insert(new)
        ids = {ref: number for ref, (number, _) in inserted.items()} | self._update(changed)
        outcomes = dict.fromkeys((row.ref for row in new), Outcome.CREATED)
        outcomes |= dict.fromkeys((row.ref for row, _ in changed), Outcome.UPDATED)
        self._replace_requirements(ids, [*new, *(row for row, _ in changed)])
        states = {row.ref: self._state(row) for row in new}
        states |= {row.ref: there.state for row, there in changed}
        self._append_events(ids, states)
        self._record(
            created=[pid for _, pid in inserted.values()],
            updated=[there.pid for _, there in changed],
        )
        self._follow([there for _, there in changed])
        transaction.flush()
        return [
            RowReport(
                row.row,
                row.ref,
                outcomes.get(row.ref, Outcome.UNCHANGED),
                occupation=sources[row.ref],
            )
            for row in rows
        ]

    def _values(self, row: AdRow, n_taken: int = 0) -> dict[str, Any]:
        values = dict(row.values)
        values["headcount"] = max(values["headcount"] or 1, n_taken)
        if values["close_on"] is None:
            # Where no end is named an old advertisement is over, as a typed one would be.
            begins_on = values["open_on"] or local_date(self.now)
            values["close_on"] = default_close_on(begins_on, validity_days=self.validity_days)
        if values["open_on"] is not None and values["open_on"] > values["close_on"]:
            values["open_on"] = values["close_on"]
        if values["lat"] is None and values["division_code"] is not None:
            seat = divisions().get(values["division_code"])
            values["lat"], values["lon"] = (seat.lat, seat.lon) if seat else (None, None)
        return values

    def _state(self, row: AdRow) -> VacancyState:
        is_over = self._values(row)["close_on"] < local_date(self.now)
        return VacancyState.EXPIRED if is_over else VacancyState.OPEN

    def _differs(self, row: AdRow, there: _Stored) -> bool:
        wanted = self._values(row, there.n_taken)
        is_same = all(there.values[name] == value for name, value in wanted.items())
        return not is_same or row.requirements != there.requirements

    def _insert(self, rows: Sequence[AdRow]) -> dict[str, tuple[int, str]]:
        """Insert the rows; return id and public id by the advertisement's own."""
        if not rows:
            return {}
        common = {
            "source": VacancySource.EXTERNAL,
            "visibility": Visibility.OFFICERS,
            "created_by_id": self.actor.user_id,
            "created_at": self.now,
            "updated_at": self.now,
        }
        statement = insert(Vacancy).returning(Vacancy.external_ref, Vacancy.id, Vacancy.pid)
        parameters = [
            {**common, "state": self._state(r), "external_ref": r.ref, **self._values(r)}
            for r in rows
        ]
        found = db.session.execute(statement, parameters)
        return {str(ref): (number, pid) for ref, number, pid in found}

    def _update(self, changed: Sequence[tuple[AdRow, _Stored]]) -> dict[str, int]:
        if not changed:
            return {}
        table = Vacancy.__table__
        names = [*_COMPARED, "search_text", "updated_at"]
        statement = (
            update(table)
            .where(table.c.id == bindparam("of_id"))
            .values(version=table.c.version + 1, **{n: bindparam(f"new_{n}") for n in names})
        )
        rows = []
        for row, there in changed:
            values = {**self._values(row, there.n_taken), "updated_at": self.now}
            values["search_text"] = search_text_of(values["title"], values["external_employer"])
            rows.append({"of_id": there.id, **{f"new_{n}": values[n] for n in names}})
        db.session.execute(statement, rows)
        return {row.ref: there.id for row, there in changed}

    def _replace_requirements(self, ids: dict[str, int], rows: Sequence[AdRow]) -> None:
        if not rows:
            return
        db.session.execute(
            delete(VacancyRequirement)
            .where(VacancyRequirement.vacancy_id.in_(list(ids.values())))
            .execution_options(synchronize_session=False)
        )
        wanted = [
            {"vacancy_id": ids[row.ref], "code": code, "kind": kind, "level": level}
            for row in rows
            for code, kind, level in sorted(row.requirements, key=lambda r: (r[1].value, r[0]))
        ]
        if wanted:
            db.session.execute(insert(VacancyRequirement), wanted)

    def _append_events(self, ids: dict[str, int], states: dict[str, VacancyState]) -> None:
        if not ids:
            return
        common: dict[str, Any] = {
            "at": self.now,
            "actor_role": self.actor.role.value,
            "actor_id": self.actor.user_id,
            "name": "import",
            "detail": {},
        }
        db.session.execute(
            insert(VacancyEvent),
            [
                {**common, "vacancy_id": number, "to_state": states[ref].value}
                for ref, number in ids.items()
            ],
        )

    def _record(self, *, created: list[str], updated: list[str]) -> None:
        """Say which openings a chunk made or changed: one entry, however long the file."""
        if not created and not updated:
            return
        audit.record(
            "vacancy.import_rows",
            actor=self.actor,
            now=self.now,
            created=created,
            updated=updated,
        )

    def _follow(self, there: Sequence[_Stored]) -> None:
        """Open again what had expired and still stands; end what the file says is over."""
        states = (VacancyState.EXPIRED, VacancyState.OPEN)
        moving = [one.id for one in there if one.state in states]
        query = select(Vacancy).where(Vacancy.id.in_(moving)).order_by(Vacancy.id)
        for vacancy in db.session.scalars(query.execution_options(populate_existing=True)):
            is_over = vacancy.close_on is not None and vacancy.close_on < local_date(self.now)
            if is_over == (vacancy.state is VacancyState.OPEN):
                step = "expire" if is_over else "reappear"
                vacancies.advance(vacancy, step, actor=SYSTEM, now=self.now)


_COMPARED = (
    "occupation_code",
    "occupation_from",
    "lat",
    "lon",
    "wage_min_cny_month",
    "wage_max_cny_month",
    "education_min",
    "exertion",
    "shift",
    "lodging_provided",
    "employment_type",
    "headcount",
    "open_on",
    "close_on",
    "division_code",
    "title",
    "duties",
    "external_employer",
)


#: Where the file is silent these have rules of their own: see `with_occupations` and `_values`.
_OWN_RULES = frozenset({"occupation_code", "close_on"})
_PLACE = "division_code"


def _completed(row: AdRow, there: _Stored | None) -> AdRow:
    """Return a row with what is on record where the file has no column: it carries none of it."""
    if there is None:
        return row
    silent = row.absent - _OWN_RULES
    if "division_code" not in silent and row.values["division_code"] != there.values[_PLACE]:
        silent -= {"lat", "lon"}  # they were the other place's
    kept = {name: there.values[name] for name in silent if name in there.values}
    requirements = row.requirements | {r for r in there.requirements if r[1] in row.absent}
    return replace(row, values=row.values | kept, requirements=requirements)


def _stored(refs: Sequence[str]) -> dict[str, _Stored]:
    columns = [getattr(Vacancy, name) for name in _COMPARED]
    taken = Vacancy.n_reserved + Vacancy.n_filled
    query = (
        select(Vacancy.external_ref, Vacancy.id, Vacancy.pid, Vacancy.state, taken, *columns)
        .where(Vacancy.source == VacancySource.EXTERNAL, Vacancy.external_ref.in_(refs))
        .order_by(Vacancy.id)
    )
    found = [tuple(row) for row in db.session.execute(query)]
    requirements = _requirements_of([row[1] for row in found])
    return {
        row[0]: _Stored(
            id=row[1],
            pid=row[2],
            state=row[3],
            n_taken=row[4],
            values=dict(zip(_COMPARED, row[5:], strict=True)),
            requirements=frozenset(requirements.get(row[1], ())),
        )
        for row in found
    }


def _requirements_of(
    ids: Sequence[int],
) -> dict[int, set[tuple[str, RequirementKind, int | None]]]:
    query = (
        select(VacancyRequirement)
        .where(VacancyRequirement.vacancy_id.in_(ids))
        .order_by(VacancyRequirement.id)
    )
    found: dict[int, set[tuple[str, RequirementKind, int | None]]] = {}
    for one in db.session.scalars(query):
        found.setdefault(one.vacancy_id, set()).add((one.code, one.kind, one.level))
    return found
