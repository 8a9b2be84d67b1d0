"""What the rules answer, case by case, as it is written down.

Every step of every state and role; dates on both sides of each edge; the catalogues' names and what
a search finds; numbers and names as they are read; drawn openings and what stands against them;
drawn records, openings and what the statutes say. Another test says why an answer is right; the
register `rules` says that none has moved unseen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from matchboard.domain import (
    accounts,
    client_file,
    duties,
    first_steps,
    installation,
    organisation,
    placement,
    policy,
    training,
    vacancy,
    work,
)
from matchboard.domain.client import EmploymentType
from matchboard.domain.consent import is_open_to_employer, is_open_to_provider
from matchboard.domain.record_access import Cover, check_period, may_state_cover, record_access
from matchboard.domain.roles import Actor, Permission, Role, is_granted
from tests.golden import Line, figure, flat, parts_of
from tests.unit.domain.golden_openings import of_bars, of_openings
from tests.unit.domain.golden_reading import of_jobs, of_numbers, of_places, of_skills, said

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def parts() -> dict[str, list[str]]:
    """Return every answer with what it is of."""
    return parts_of(
        of_steps,
        of_work,
        of_days,
        of_access,
        of_places,
        of_jobs,
        of_skills,
        of_numbers,
        of_openings,
        of_bars,
    )


def of_steps() -> Iterator[Line]:
    """Yield which steps a role may take from a state, and where they lead."""
    for role in Role:
        for state in training.EnrolmentState:
            if steps := training.available_steps(state, role):
                yield f"enrolment {state} {role}", figure([s.name for s in steps])
        for vacant in vacancy.VacancyState:
            if found := vacancy.available_steps(vacant, role):
                told = [f"{s.name}>{s.leads_to(is_held_back=True)}" for s in found]
                yield f"opening {vacant} {role}", figure(told)
        for placed in placement.PlacementState:
            if taken := placement.available(placed, role):
                yield f"placement {placed} {role}", figure([t.name for t in taken])
        yield f"granted {role}", figure([p.value for p in Permission if is_granted(role, p)])
        yield f"first steps {role}", figure(first_steps.figures_of(role))
        figures = {name: place % 2 for place, name in enumerate(first_steps.figures_of(role))}
        yield f"first steps {role} half", flat(first_steps.states(role, figures))
        done = dict.fromkeys(figures, 1)
        yield f"first steps {role} done", figure(first_steps.states(role, done))


def of_work() -> Iterator[Line]:
    """Yield what follows from steps taken: a day of publication, a kind, what counts as the job."""
    for base, employed in itertools.product(
        (None, *organisation.BaseKind), (None, *EmploymentType)
    ):
        yield f"settled {base} {employed}", figure(placement.type_at_partner(base, employed))
    names = (*vacancy.VACANCY_STEPS, "edit")
    for first in names:
        dates = {NOW: 1, NOW + timedelta(days=1): 2, None: 0}
        told = [
            f"{second}={dates[vacancy.published_at(zip((first, second), dates, strict=False))]}"
            for second in names
        ]
        yield f"published {first}, then", figure(told)
    for one in vacancy.VacancyState:
        held = [two.value for two in vacancy.VacancyState if vacancy.is_held_back((one, two))]
        yield f"held back {one} with", figure(held)
    for row, first_state in enumerate(placement.PlacementState):
        found_jobs = []
        for column, second_state in enumerate(placement.PlacementState):
            number = row * len(placement.PlacementState) + column
            started = (TODAY - timedelta(days=number % 3), None if number % 5 else TODAY)
            jobs = [
                SimpleNamespace(id=place, state=state, started_on=on)
                for place, state, on in zip(
                    (1, 2), (first_state, second_state), started, strict=True
                )
            ]
            found_job = work.job_of(jobs)
            if found_job is not None:
                found_jobs.append(f"{second_state}={found_job.id}")
        yield f"job of 1 {first_state} and 2", figure(found_jobs)


def of_days() -> Iterator[Line]:
    """Yield what holds on the days around an edge."""
    for days in range(-3, 40):
        on = TODAY + timedelta(days=days)
        at = NOW - timedelta(days=days)
        registered = [
            client_file.registration_status(
                released_on=TODAY - timedelta(days=20), registered_on=one, days=15, on=on
            )
            for one in (None, TODAY - timedelta(days=5), TODAY - timedelta(days=4))
        ]
        seen = [
            is_open_to_employer(state, changed_at=at, now=NOW, has_consent=has)
            for state in placement.PlacementState
            for has in (True, False)
        ]
        taught = [
            is_open_to_provider(
                state,
                changed_at=at,
                session_ends_on=TODAY - timedelta(days=days),
                now=NOW,
                has_consent=has,
            )
            for state in training.EnrolmentState
            for has in (True, False)
        ]
        yield f"day {days}", figure([duties.urgency(on, TODAY), *registered])
        yield f"day {days} seen", "".join(str(int(one)) for one in (*seen, *taught))


def of_access() -> Iterator[Line]:
    """Yield who opens a record, who states a cover, and which settings are taken."""
    covers = [
        Cover("C1", 1, 7, 9, TODAY, TODAY),
        Cover("C2", 1, 7, 8, TODAY - timedelta(days=3), TODAY - timedelta(days=1)),
    ]
    readers = [r for r in Role if is_granted(r, Permission.CLIENT_READ)]
    others = [(r, 7, 1) for r in Role if r not in readers]
    asked = [*itertools.product(readers, (None, 7, 8, 9), (1, 2)), *others]
    for role, user, unit in asked:
        actor = Actor(role, user, unit)
        opened = [
            record_access(actor, office_id=1, lead_id=lead, head_ids=heads, covers=covers, on=TODAY)
            for lead, heads in itertools.product((None, 7), ((), (8,)))
        ]
        told = [f"{one.ground}{one.may_hand_over:d}" if one else "-" for one in opened]
        states = may_state_cover(actor, covered_id=7, head_ids=(8,))
        yield f"record {role} {user} {unit}", f"{' '.join(told)} {states:d}"
    for begin, length in itertools.product((-1, 0, 90, 91), (-1, 0, 29, 30)):
        first = TODAY + timedelta(days=begin)
        last = first + timedelta(days=length)
        yield f"cover {begin} {length}", said(check_period, first, last, on=TODAY)
    for name, (low, high) in policy.BOUNDS.items():
        values = (low - 1, low, high, high + 1, "5")
        refused = [said(policy.from_rules, {name: value}).startswith("!") for value in values]
        yield f"policy {name} from {low} to {high} refuses", figure(refused)
    rules_of = accounts.SecurityRules()
    for name, (low, high) in accounts.BOUNDS.items():
        for value in (low - 1, low, high, high + 1):
            changed = replace(rules_of, **{name: value})
            yield f"security {name} {value}", said(accounts.check_rules, changed)
    for email, name in itertools.product(
        ("", "a@b.cn", "a.b", f"{'a' * 155}@b.cn", "a @b.cn"), ("", "李", "李" * 60, "李" * 61)
    ):
        found = accounts.identity_problems(email, name)
        told = figure([f"{p.code}:{p.field}" for p in found])
        yield f"account {email[:9]}{len(email)} {len(name)}", told
    for number, (name, name_en, division, offices) in enumerate(
        itertools.product(
            ("", "新都区", "区" * 121),
            ("", "x" * 161),
            ("", "510114", "999999"),
            ((), ("一所", "一所"), ("所" * 121,)),
        )
    ):
        new = installation.Installation(name, division, (), name_en, offices)
        yield f"installation {number}", said(installation.check_installation, new)
