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

from matchboard.domain.calendar import local_date
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
from matchboard.models.vacancy import Vacancy, VacancyEvent, VacancyRequirement
from matchboard.services import audit, policies, transaction, vacancies
from matchboard.services.import_occupations import (
    OccupationFrom,
    Suggest,
    with_occupations,
)
from matchboard.services.vacancy_file import AdRow, CellProblem, read_ads

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

    They enter open, for officers only, unchecked; headcount 1 and the policy's days of validity
    from today where the advertisement is silent. An occupation the file does not name is taken from
    `suggest`, marked until somebody confirms it; one somebody confirmed is kept. Whatever else is
    silent stays unknown. `on_progress(done, total)` is called after each chunk.

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
    last_day = default_close_on(today, validity_days=days)
    storing = _Storing(actor=actor, now=now, last_day=last_day, suggest=suggest)
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
    last_day: date
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
        self._append_events(ids)
        self._record(
            created=[pid for _, pid in inserted.values()],
            updated=[there.pid for _, there in changed],
        )
        self._reopen([there for _, there in changed])
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
            values["close_on"] = max(self.last_day, values["open_on"] or self.last_day)
        if values["open_on"] is not None and values["open_on"] > values["close_on"]:
            values["open_on"] = values["close_on"]
        return values

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
            "state": VacancyState.OPEN,
            "visibility": Visibility.OFFICERS,
            "created_by_id": self.actor.user_id,
            "created_at": self.now,
            "updated_at": self.now,
        }
        statement = insert(Vacancy).returning(Vacancy.external_ref, Vacancy.id, Vacancy.pid)
        parameters = [{**common, "external_ref": r.ref, **self._values(r)} for r in rows]
        found = db.session.execute(statement, parameters)
        return {str(ref): (number, pid) for ref, number, pid in found}

    def _update(self, changed: Sequence[tuple[AdRow, _Stored]]) -> dict[str, int]:
        if not changed:
            return {}
        table = Vacancy.__table__
        names = [*_COMPARED, "updated_at"]
        statement = (
            update(table)
            .where(table.c.id == bindparam("of_id"))
            .values(version=table.c.version + 1, **{n: bindparam(f"new_{n}") for n in names})
        )
        rows = []
        for row, there in changed:
            values = {**self._values(row, there.n_taken), "updated_at": self.now}
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

    def _append_events(self, ids: dict[str, int]) -> None:
        if not ids:
            return
        common: dict[str, Any] = {
            "at": self.now,
            "actor_role": self.actor.role.value,
            "actor_id": self.actor.user_id,
            "name": "import",
            "to_state": VacancyState.OPEN.value,
            "detail": {},
        }
        db.session.execute(
            insert(VacancyEvent), [{**common, "vacancy_id": number} for number in ids.values()]
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

    def _reopen(self, there: Sequence[_Stored]) -> None:
        """Open again what had expired: the advertisement still stands."""
        expired = [one.id for one in there if one.state is VacancyState.EXPIRED]
        query = select(Vacancy).where(Vacancy.id.in_(expired)).order_by(Vacancy.id)
        for vacancy in db.session.scalars(query.execution_options(populate_existing=True)):
            if vacancy.close_on is not None and vacancy.close_on >= local_date(self.now):
                vacancies.advance(vacancy, "reappear", actor=SYSTEM, now=self.now)


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


def _completed(row: AdRow, there: _Stored | None) -> AdRow:
    """Return a row with what is on record where the file has no column: it carries none of it."""
    if there is None:
        return row
    kept = {name: there.values[name] for name in row.absent - _OWN_RULES if name in there.values}
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
