"""The reverse list: which people of the actor's scope fit one opening best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from matchboard.domain.calendar import local_date
from matchboard.domain.client import Stage
from matchboard.domain.occupational_bars import ClientBars, Finding, OpeningScope, Outcome, Verdict
from matchboard.domain.placement_openings import opening_refusal
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.vacancy import Vacancy
from matchboard.permissions import scope_clients
from matchboard.ranking import registry
from matchboard.ranking.opening_index import fresh_index
from matchboard.ranking.shortlist import day_number, gate_policy
from matchboard.ranking.tables import clients_table, profile_options
from matchboard.services import policies, restricted, work
from ml.reasons import Reason
from ml.reverse import ClientPool

TOP = 60


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One person of an opening's list."""

    client: Client
    rank: int
    band: str
    distance_km: float | None
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]

    @property
    def needs_decision(self) -> bool:
        """Whether the legal gate says `review`."""
        return any(f.outcome is Outcome.REVIEW for f in self.findings)


@dataclass(frozen=True, slots=True)
class CandidateList:
    """The people who fit an opening, and how many the gates and the law leave."""

    rows: tuple[CandidateRow, ...]
    n_considered: int
    n_feasible: int
    n_blocked: int
    model: str


def candidates_for(vacancy: Vacancy, *, actor: Actor, now: datetime) -> CandidateList:
    """Rank the people in the actor's scope who look for work and have none.

    An opening nobody can be proposed for now has no list.
    """
    today = local_date(now)
    if opening_refusal("propose", vacancy, on=today) is not None:
        return CandidateList((), 0, 0, 0, registry.speaker().name)
    people = _seeking(actor)
    with fresh_index(now=now) as live:
        live.index.policy = gate_policy(policies.current(actor, on=today))
        verdicts = _verdicts(people, live.scope_of(vacancy.pid), today)
        blocked = {pid for pid, v in verdicts.items() if v.outcome is Outcome.BLOCKED}
        pool = ClientPool.build(live.index, clients_table(people, today=today), day_number(today))
        found = pool.rank(vacancy.pid, TOP, excluded=blocked, model=live.speaker.model)
    by_pid = {c.pid: c for c in people}
    return CandidateList(
        rows=tuple(
            CandidateRow(
                client=by_pid[c.client_id],
                rank=c.entry.rank,
                band=c.entry.band.value,
                distance_km=c.entry.distance_km,
                reasons=c.entry.reasons,
                findings=verdicts[c.client_id].findings,
            )
            for c in found.entries
        ),
        n_considered=len(people),
        n_feasible=found.n_feasible,
        n_blocked=len(blocked),
        model=live.speaker.name,
    )


def _seeking(actor: Actor) -> Sequence[Client]:
    query = (
        scope_clients(actor)
        .where(Client.stage != Stage.DISCHARGED, work.looks_for_work())
        .options(*profile_options())
        .order_by(Client.id)
    )
    return db.session.scalars(query).all()


def _verdicts(people: Sequence[Client], scope: OpeningScope, on: date) -> dict[str, Verdict]:
    facts = restricted.facts_for_gate([c.id for c in people])
    return {c.pid: ClientBars(facts.get(c.id), on).verdict(scope) for c in people}
