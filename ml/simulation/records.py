"""What is written down of persons and openings: noisy, incomplete, partly as free text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from ml.cells import EMPLOYMENT_TYPES, EPOCH, SHIFTS
from ml.simulation.openings import Openings
from ml.simulation.people import Bools, Levels, People
from ml.simulation.stage import Ints, Stage
from ml.simulation.words import Writer
from ml.simulation.worlds import Records

Row = dict[str, str]

UNTOLD, BARE = 0, 6
"""States of a skill on record: nothing, 1 to 5 a level, or named without one."""
BLANKABLE_PEOPLE = (
    "place",
    "max_commute_km",
    "wage_expected_cny_month",
    "education",
    "skills",
    "experience",
    "desired_occupations",
    "shifts_ok",
    "needs_lodging",
    "exertion_max",
    "employment_types_ok",
    "text",
)
BLANKABLE_OPENINGS = (
    "place",
    "wage",
    "occupation",
    "education_min",
    "exertion",
    "shift",
    "lodging_provided",
    "employment_type",
    "text",
)


@dataclass(frozen=True, slots=True, eq=False)
class PeopleOnRecord:
    """Hold what was lost between the persons and their rows.

    Attributes
    ----------
    blank : dict of str to bool array, shape (n,)
    skills : int8, shape (n, n_skills)
        State of each skill on record, whether coded or in the text.
    silent : bool, shape (n,)
        Nothing is said of skills, neither coded nor in the text.
    rows : list of dict
        Cells of ``clients.csv`` by column.
    """

    blank: dict[str, Bools]
    skills: Levels
    silent: Bools
    rows: list[Row]


@dataclass(frozen=True, slots=True, eq=False)
class OpeningsOnRecord:
    """Hold what was lost between the openings and their rows, as for persons."""

    blank: dict[str, Bools]
    rows: list[Row]


def record_people(
    rng: np.random.Generator,
    stage: Stage,
    records: Records,
    people: People,
    *,
    prefix: str,
    available: Ints,
    as_of: Ints,
    arrived: Ints,
) -> PeopleOnRecord:
    """Write persons down.

    Parameters
    ----------
    prefix : str
        Of the ids.
    available : int64, shape (n,)
        Day each is available, -1 unstated.
    as_of : int64, shape (n,)
        Day of each record, from which waiting and the last course are counted back.
    arrived : int64, shape (n,)
        Day each began to wait.
    """
    n = len(people)
    blank = {name: rng.random(n) < records.blank for name in BLANKABLE_PEOPLE}
    # Somebody wrote something down: work done stands in one place at least.
    blank["text"] &= ~blank["experience"]
    typed = rng.random(n) < records.free_text
    state = _noted_levels(rng, records, people.level)
    coded_lost = blank["skills"] | typed
    told = typed & ~blank["text"]
    named = np.where(state > UNTOLD, BARE, UNTOLD)
    state[coded_lost] = np.where(told[:, None], named, UNTOLD)[coded_lost]
    job = _noted_jobs(rng, stage, records, people.job)
    second = np.where(
        people.second_job >= 0, _noted_jobs(rng, stage, records, people.second_job), -1
    )
    scribe = _PeopleScribe(
        stage, people, Writer(rng, records.typo), blank, state, coded_lost, told, job, second
    )
    rows = [
        scribe.row(i) | _dates(prefix, i, available, as_of, arrived, people.trained_ago)
        for i in range(n)
    ]
    return PeopleOnRecord(blank, state, coded_lost & ~told, rows)


def record_openings(
    rng: np.random.Generator,
    stage: Stage,
    records: Records,
    openings: Openings,
    *,
    prefix: str,
) -> OpeningsOnRecord:
    """Write openings down."""
    n = len(openings)
    blank = {name: rng.random(n) < records.blank for name in BLANKABLE_OPENINGS}
    typed = rng.random(n) < records.free_text
    blank["text"] &= ~typed
    job = _noted_jobs(rng, stage, records, openings.job)
    writer = Writer(rng, records.typo)
    rows = [
        _opening_row(stage, openings, writer, blank, bool(typed[j]), int(job[j]), j)
        | {"vacancy_id": f"{prefix}{j:06d}", "partner_id": f"E{openings.partner[j]:05d}"}
        for j in range(n)
    ]
    return OpeningsOnRecord(blank, rows)


def level_channel(records: Records) -> Any:
    """Return P(recorded level | true level), shape (5, 5), both from 1.

    The recorded level is the true one plus a rounded normal error, kept within 1 to 5.
    """
    draws = np.random.default_rng(0).normal(0.0, records.level_sd, 200_000)
    found = np.zeros((5, 5))
    for level in range(1, 6):
        noted = np.clip(np.rint(level + draws), 1, 5).astype(np.int64)
        found[level - 1] = np.bincount(noted - 1, minlength=5) / len(noted)
    return found


def day_text(day: int) -> str:
    """Return a day as a date, empty for -1.

    Examples
    --------
    >>> day_text(0), day_text(-1)
    ('1970-01-01', '')
    """
    return (EPOCH + timedelta(days=day)).isoformat() if day >= 0 else ""


def as_day(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


def _noted_levels(rng: np.random.Generator, records: Records, level: Levels) -> Levels:
    has = level > 0
    n = int(has.sum())
    noted = np.clip(np.rint(level[has] + rng.normal(0.0, records.level_sd, n)), 1, 5)
    noted[rng.random(n) < records.omitted] = UNTOLD
    found = np.zeros_like(level)
    found[has] = noted
    return found


def _noted_jobs(rng: np.random.Generator, stage: Stage, records: Records, job: Ints) -> Ints:
    """Return the job, or one of the same trade in its stead."""
    wrong = rng.random(len(job)) < records.wrong_code
    n_trades = len(stage.trades)
    by_trade = [np.flatnonzero(stage.job_trade == trade) for trade in range(n_trades)]
    draws = rng.random(len(job))
    found = job.copy()
    for i in np.flatnonzero(wrong & (job >= 0)).tolist():
        near = by_trade[int(stage.job_trade[job[i]])]
        found[i] = near[int(draws[i] * len(near))]
    return found


def _dates(
    prefix: str, i: int, available: Ints, as_of: Ints, arrived: Ints, trained_ago: Ints
) -> Row:
    trained = int(as_of[i] - trained_ago[i]) if trained_ago[i] >= 0 else -1
    return {
        "client_id": f"{prefix}{i:06d}",
        "available_on": day_text(int(available[i])),
        "trained_on": day_text(trained),
        "waiting_days": str(max(int(as_of[i] - arrived[i]), 0)),
    }


@dataclass(frozen=True, slots=True, eq=False)
class _PeopleScribe:
    stage: Stage
    people: People
    writer: Writer
    blank: dict[str, Bools]
    state: Levels
    coded_lost: Bools
    told: Bools
    job: Ints
    second: Ints

    def row(self, i: int) -> Row:
        people, stage = self.people, self.stage
        cells: dict[str, Callable[[], str]] = {
            "max_commute_km": lambda: f"{people.max_commute_km[i]:.0f}",
            "wage_expected_cny_month": lambda: f"{round(float(np.exp(people.wage[i])), -2):.0f}",
            "education": lambda: str(people.education[i]),
            "skills": lambda: "" if self.coded_lost[i] else self._skills(i),
            "experience": lambda: self._experience(i),
            "desired_occupations": lambda: self._wish(i),
            "shifts_ok": lambda: _names(int(people.shifts[i]), SHIFTS),
            "needs_lodging": lambda: str(people.lodging[i]),
            "exertion_max": lambda: str(people.exertion[i]),
            "employment_types_ok": lambda: _names(int(people.contracts[i]), EMPLOYMENT_TYPES),
            "text": lambda: self._text(i),
        }
        row = {name: "" if self.blank[name][i] else cell() for name, cell in cells.items()}
        placed = not self.blank["place"][i]
        row["lat"] = f"{people.lat[i]:.4f}" if placed else ""
        row["lon"] = f"{people.lon[i]:.4f}" if placed else ""
        held = np.flatnonzero(people.certificates[i])
        row["certificates"] = ";".join(stage.certificates[number] for number in held)
        barred = int(people.barred[i])
        row["barred_occupations"] = stage.jobs[barred] if barred >= 0 else ""
        row["audit_group"] = "b" if people.second_group[i] else "a"
        return row

    def _skills(self, i: int) -> str:
        known = np.flatnonzero(self.state[i])
        return ";".join(
            f"{self.stage.skills[skill].code}:{self.state[i, skill]}" for skill in known
        )

    def _experience(self, i: int) -> str:
        parts = [f"{self.stage.jobs[self.job[i]]}:{self.people.months[i]}"]
        if self.second[i] >= 0:
            parts.append(f"{self.stage.jobs[self.second[i]]}:{self.people.second_months[i]}")
        return ";".join(parts)

    def _wish(self, i: int) -> str:
        jobs = np.flatnonzero(self.stage.job_trade == self.people.stated_wish[i])
        return ";".join(sorted({self.stage.jobs[job] for job in jobs.tolist()}))

    def _text(self, i: int) -> str:
        stage, people = self.stage, self.people
        parts = [self.writer.history(stage.job_names[people.job[i]], int(people.months[i]))]
        if people.second_job[i] >= 0:
            names = stage.job_names[people.second_job[i]]
            parts.append(self.writer.history(names, int(people.second_months[i])))
        if self.told[i] and self.state[i].any():
            parts.append(self.writer.abilities(_words(stage, np.flatnonzero(self.state[i]))))
        return "，".join(parts) + "。"


def _opening_row(
    stage: Stage,
    openings: Openings,
    writer: Writer,
    blank: dict[str, Bools],
    typed: bool,
    job: int,
    j: int,
) -> Row:
    required = openings.required[j][openings.required[j] >= 0]
    levels = openings.required_level[j][openings.required[j] >= 0]
    coded = ";".join(
        f"{stage.skills[skill].code}:{level}" for skill, level in zip(required, levels, strict=True)
    )
    preferred, certificate = int(openings.preferred[j]), int(openings.certificate[j])
    middle = float(np.exp(openings.wage[j]))
    names = stage.job_names[openings.job[j]]
    asked = _words(stage, required) if typed else []
    cells = {
        "occupation": stage.jobs[job],
        "education_min": str(openings.education[j]),
        "exertion": str(openings.exertion[j]),
        "shift": SHIFTS[openings.shift[j]],
        "lodging_provided": str(openings.bed[j]),
        "employment_type": EMPLOYMENT_TYPES[openings.contract[j]],
        "text": writer.duties(names, asked),
    }
    row = {name: "" if blank[name][j] else cell for name, cell in cells.items()}
    placed, paid = not blank["place"][j], not blank["wage"][j]
    return row | {
        "title": writer.title(names),
        "lat": f"{openings.lat[j]:.4f}" if placed else "",
        "lon": f"{openings.lon[j]:.4f}" if placed else "",
        "wage_min_cny_month": f"{round(middle * 0.9, -2):.0f}" if paid else "",
        "wage_max_cny_month": f"{round(middle * 1.1, -2):.0f}" if paid else "",
        "skills_required": "" if typed else coded,
        "skills_preferred": stage.skills[preferred].code if preferred >= 0 else "",
        "certificates_required": stage.certificates[certificate] if certificate >= 0 else "",
        "headcount": str(openings.headcount[j]),
        "open_on": day_text(int(openings.opened[j])),
        "close_on": day_text(int(openings.closed[j])),
    }


def _words(stage: Stage, skills: Ints) -> list[tuple[str, ...]]:
    found = [stage.skills[skill] for skill in skills.tolist()]
    return [(skill.name, *skill.aliases[:6]) for skill in found]


def _names(mask: int, names: tuple[str, ...]) -> str:
    return ";".join(name for bit, name in enumerate(names) if mask >> bit & 1)
