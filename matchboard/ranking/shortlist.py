"""A client's ranked openings with reasons, what the law or one constraint stands in the way of."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.crypto import lookup_digest
from matchboard.domain.calendar import local_date
from matchboard.domain.occupational_bars import ClientBars, Finding, Outcome
from matchboard.domain.organisation import PartnerState
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Actor
from matchboard.domain.tie_breaks import Drawn, Standing, break_ties
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db, own_session
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.placement import ShownList
from matchboard.models.vacancy import Vacancy
from matchboard.ranking.opening_index import LiveIndex, fresh_index
from matchboard.ranking.tables import clients_table
from matchboard.services import policies, restricted, transaction
from ml import explain, misses
from ml.baseline import Model
from ml.explain import Entry
from ml.misses import Difference, Miss
from ml.policy import GatePolicy
from ml.query import ClientQuery
from ml.reasons import Reason

#: How many openings are ranked for one person; the list is paged within them.
TOP = 200
#: How many near misses and blocked openings are shown.
ASIDE = 12
#: How long a page waits to keep the list it shows.
SHOWN_WAIT_S = 0.25
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """One opening of a person's list; `rank` is where it is shown (`domain.tie_breaks`)."""

    vacancy: Vacancy
    rank: int
    rank_by_score: int
    propensity: float
    band: str
    distance_km: float | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    score: float
    findings: tuple[Finding, ...]  # not empty: the gate asks for a written decision

    @property
    def needs_decision(self) -> bool:
        """Whether the legal gate says `review`."""
        return any(f.outcome is Outcome.REVIEW for f in self.findings)


@dataclass(frozen=True, slots=True)
class BlockedRow:
    """An opening the law bars for the person, with the citation."""

    vacancy: Vacancy
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class MissRow:
    """An opening one constraint away, and what would change it."""

    vacancy: Vacancy
    gate: str
    side: str
    field: str
    have: float | None
    need: float | None
    codes: tuple[str, ...]
    distance_km: float | None


@dataclass(frozen=True, slots=True)
class Matches:
    """Everything the matches page shows."""

    rows: tuple[MatchRow, ...]
    blocked: tuple[BlockedRow, ...]
    misses: tuple[MissRow, ...]
    n_feasible: int
    n_blocked: int
    n_place_unknown: int
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    model: str
    #: Whether somebody has looked into the restricted record; if not, every bar leaves a doubt.
    is_record_verified: bool = True

    @property
    def is_shuffled(self) -> bool:
        """Whether a draw moved any opening from where its score puts it."""
        return any(row.rank != row.rank_by_score for row in self.rows)


def gate_policy(policy: Policy) -> GatePolicy:
    """Return the district's policy as the gates need it."""
    return GatePolicy(
        default_commute_km=float(policy.assumed_commute_km),
        lodging_km=float(policy.lodging_reach_km),
    )


def matches_for(client: Client, *, actor: Actor, now: datetime) -> Matches:
    """Rank the open openings for one person.

    The number of statements does not depend on the number of openings: one refresh of the index,
    one read of the facts for the legal gate, one of the openings shown.
    """
    today = local_date(now)
    with fresh_index(now=now) as live:
        model = live.speaker.model
        policy = policies.current(actor, on=today)
        live.index.policy = gate_policy(policy)
        query = live.index.query(clients_table([client], today=today), 0, day_number(today))
        facts = restricted.facts_for_gate([client.id]).get(client.id)
        bars = ClientBars(facts, today)
        blocked = blocked_pids(live, bars)
        hidden = suspended_pids()
        listed = explain.shortlist(live.index, query, TOP, excluded=blocked | hidden, model=model)
        near = misses.nearest_misses(
            live.index, query, ASIDE, excluded=blocked | hidden, model=model
        )[:ASIDE]
        drawn = break_ties(
            [_standing(e) for e in listed.entries],
            seed=_seed(client, today, live.speaker.name),
            percent=policy.shuffled_lists_percent,
        )
        barred = _best_blocked(live, query, blocked - hidden, model)
        findings = {e.vacancy_id: bars.verdict(live.scope_of(e.vacancy_id)) for e in listed.entries}
        reasons_barred = {pid: bars.verdict(live.scope_of(pid)) for pid in barred}
    shown = load_vacancies(
        [e.vacancy_id for e in listed.entries] + [m.vacancy_id for m in near] + barred
    )
    entries = {e.vacancy_id: e for e in listed.entries}
    return Matches(
        rows=tuple(
            _match_row(entries[d.pid], d, shown[d.pid], findings[d.pid].findings)
            for d in drawn
            if d.pid in shown
        ),
        blocked=tuple(
            BlockedRow(shown[pid], reasons_barred[pid].findings) for pid in barred if pid in shown
        ),
        misses=tuple(_miss_row(m, shown[m.vacancy_id]) for m in near if m.vacancy_id in shown),
        n_feasible=listed.n_feasible,
        n_blocked=len(blocked),
        n_place_unknown=listed.n_place_unknown,
        missing=listed.missing,
        assumed=listed.assumed,
        model=live.speaker.name,
        is_record_verified=facts is not None and facts.records is not None,
    )


def why_above(
    client: Client, pids: Sequence[str], *, now: datetime
) -> dict[str, tuple[Difference, ...]]:
    """Return, for each opening of an ordered list, what sets it apart from the next one."""
    today = local_date(now)
    with fresh_index(now=now) as live:
        query = live.index.query(clients_table([client], today=today), 0, day_number(today))
        return {
            upper: misses.contrast(live.index, query, upper, lower, model=live.speaker.model)
            for upper, lower in pairwise(pids)
        }


def log_shown(
    client: Client, rows: Sequence[MatchRow], *, model: str, actor: Actor, now: datetime
) -> None:
    """Keep which openings were shown, in which order, by which model (its own transaction).

    As well as may be: who reads does not wait for who writes, and reads on while nothing can be
    written. A list that is lost is one fewer to learn from.
    """
    shown = ShownList(
        at=now,
        client_id=client.id,
        user_id=actor.user_id,
        model_version=model,
        vacancy_pids=[row.vacancy.pid for row in rows],
        ranks=[row.rank for row in rows],
        propensities=[row.propensity for row in rows],
    )
    try:
        with own_session(lock_wait_s=SHOWN_WAIT_S) as session:
            session.add(shown)
            session.commit()
    except transaction.FAULTS as error:
        if not transaction.is_unavailable(error):
            raise
        _LOG.warning("a shown list was not kept: %s", type(error).__name__)


def blocked_pids(live: LiveIndex, bars: ClientBars) -> set[str]:
    """Return the open openings the law bars: each distinct legal scope is looked at once."""
    found: set[str] = set()
    for scope, pids in live.scopes():
        if bars.verdict(scope).outcome is Outcome.BLOCKED:
            found |= pids
    return found


def suspended_pids() -> set[str]:
    """Return open openings of partners that are not active: nobody may be proposed there."""
    query = (
        select(Vacancy.pid)
        .join(Partner, Partner.id == Vacancy.partner_id)
        .where(Vacancy.state == VacancyState.OPEN, Partner.state != PartnerState.ACTIVE)
        .order_by(Vacancy.id)
    )
    return set(db.session.scalars(query))


def load_vacancies(pids: Collection[str]) -> dict[str, Vacancy]:
    """Return openings by public id with partner and requirements: two statements."""
    query = (
        select(Vacancy)
        .where(Vacancy.pid.in_(pids))
        .options(joinedload(Vacancy.partner), selectinload(Vacancy.requirements))
        .order_by(Vacancy.id)
    )
    return {v.pid: v for v in db.session.scalars(query)}


def day_number(on: date) -> int:
    """Return days since 1970, the unit of the index."""
    return (on - date(1970, 1, 1)).days


def _best_blocked(
    live: LiveIndex, query: ClientQuery, blocked: set[str], model: Model
) -> list[str]:
    """Return the barred openings the person would otherwise have been shown first."""
    if not blocked:
        return []
    everything = {pid for _, pids in live.scopes() for pid in pids}
    ranking = live.index.rank(query, ASIDE, excluded=everything - blocked, model=model)
    return list(ranking.vacancy_ids)


def _seed(client: Client, today: date, model: str) -> str:
    """Return what draws a list: the same all day, so that a page opened again does not jump."""
    return lookup_digest("tie_break", f"{client.pid}:{today.isoformat()}:{model}")


def _standing(entry: Entry) -> Standing:
    """Return an entry as a draw sees it: a band's word and an unknown place are never crossed."""
    return Standing(entry.vacancy_id, entry.score, (entry.distance_km is None, entry.band))


def _match_row(
    entry: Entry,
    drawn: Drawn,
    vacancy: Vacancy,
    findings: tuple[Finding, ...],
) -> MatchRow:
    return MatchRow(
        vacancy=vacancy,
        rank=drawn.rank,
        rank_by_score=drawn.rank_by_score,
        propensity=drawn.propensity,
        band=entry.band.value,
        distance_km=entry.distance_km,
        reasons=entry.reasons,
        missing=entry.missing,
        assumed=entry.assumed,
        score=entry.score,
        findings=findings,
    )


def _miss_row(miss: Miss, vacancy: Vacancy) -> MissRow:
    return MissRow(
        vacancy=vacancy,
        gate=(miss.gate.name or "").lower(),
        side=miss.side,
        field=miss.field,
        have=miss.have,
        need=miss.need,
        codes=miss.codes,
        distance_km=miss.distance_km,
    )
