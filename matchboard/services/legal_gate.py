"""The occupational bars applied to a client and openings; only outcome and citation leave here.

The offence facts are read set-based for the computation and never returned, so a list of matches
needs no audit row per opening; opening the restricted record itself does (`services.restricted`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from matchboard.domain import occupational_bars as bars
from matchboard.domain.errors import Conflict, InvalidInput, required
from matchboard.domain.roles import Actor
from matchboard.domain.vacancy import RequirementKind
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.placement import BarDecision
from matchboard.models.vacancy import Vacancy
from matchboard.services import audit, restricted
from matchboard.services.seen import fingerprint, hold, require_seen

GROUNDS_MIN = 10


def opening_scope(vacancy: Vacancy) -> bars.OpeningScope:
    """Return what the gate needs to know of an opening; None stands for unknown."""
    partner = vacancy.partner
    return bars.OpeningScope.of(
        vacancy.confirmed_occupation,
        posts=vacancy.posts,
        employer_kinds=None if partner is None else partner.employer_kinds,
        licences=vacancy.licences,
        certificates=[
            r.code for r in vacancy.requirements if r.kind is RequirementKind.CERTIFICATE
        ],
    )


def employer_queries(vacancy: Vacancy) -> tuple[bars.Finding, ...]:
    """Return the articles by which the employer itself has to ask before it takes anybody on."""
    return bars.employer_queries(opening_scope(vacancy))


def verdict(client: Client, vacancy: Vacancy, *, on: date) -> bars.Verdict:
    """Return the gate's answer for one pair."""
    return verdicts(client, [vacancy], on=on)[0]


def verdicts(client: Client, vacancies: Sequence[Vacancy], *, on: date) -> list[bars.Verdict]:
    """Return the gate's answers for one client, in the order of `vacancies`."""
    facts = restricted.facts_for_gate([client.id]).get(client.id)
    return list(bars.evaluate_many(facts, [opening_scope(v) for v in vacancies], on))


def pair_version(vacancy: Vacancy, found: bars.Verdict) -> str:
    """Return what the page of a proposal carries: the opening's version and what the law says."""
    findings = sorted((f.rule_id, f.outcome.value) for f in found.findings)
    return f"{vacancy.version}-{fingerprint(found.outcome.value, findings)}"


def require_pair_seen(
    client: Client, vacancy: Vacancy, seen: str | None, *, grounds: str, on: date
) -> None:
    """Let a proposal or a decision pass on the opening, and on the law's answer, that were shown.

    A list shows the opening alone; what the law says is asked again there.

    Raises
    ------
    StaleEdit
        If either is another by now.
    """
    if seen is None:
        return
    hold(vacancy)
    is_page = "-" in seen or bool(grounds.strip())
    present = pair_version(vacancy, verdict(client, vacancy, on=on)) if is_page else vacancy
    require_seen(seen, present)


def decision_for(client: Client, vacancy: Vacancy) -> BarDecision | None:
    """Return the latest written decision on this pair."""
    query = (
        select(BarDecision)
        .where(BarDecision.client_id == client.id, BarDecision.vacancy_id == vacancy.id)
        .order_by(BarDecision.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def decide(
    client: Client,
    vacancy: Vacancy,
    *,
    may_proceed: bool,
    grounds: str,
    actor: Actor,
    now: datetime,
    on: date,
    seen: str | None = None,
) -> BarDecision:
    """Record the officer's written decision where the gate says `review`.

    Raises
    ------
    StaleEdit
        If the opening or what the law says of the pair has changed since it was shown.
    InvalidInput
        If the grounds are shorter than `GROUNDS_MIN` characters.
    Conflict
        If the gate does not say `review`.
    """
    require_pair_seen(client, vacancy, seen, grounds=grounds, on=on)
    found = verdict(client, vacancy, on=on)
    if found.outcome is not bars.Outcome.REVIEW:
        raise Conflict("no_review_needed")
    if len(grounds.strip()) < GROUNDS_MIN:
        raise InvalidInput("grounds_too_short", field="grounds", minimum=GROUNDS_MIN)
    decision = BarDecision(
        client_id=client.id,
        vacancy_id=vacancy.id,
        rule_ids=_rules_to_decide(found),
        may_proceed=may_proceed,
        grounds=grounds.strip(),
        decided_by_id=required(actor.user_id, "actor"),
        created_at=now,
    )
    db.session.add(decision)
    audit.record(
        "legal_gate.decide",
        client,
        actor=actor,
        now=now,
        vacancy=vacancy.pid,
        may_proceed=may_proceed,
        n_rules=len(decision.rule_ids),
    )
    return decision


def require_passage(
    client: Client, vacancy: Vacancy, *, grounds: str, actor: Actor, now: datetime, on: date
) -> None:
    """Let a proposal through the gate or refuse it.

    `blocked` always refuses; `review` needs an earlier decision to proceed or `grounds` now.

    Raises
    ------
    Conflict
        `legally_blocked` with the citation.
    InvalidInput
        `decision_required` if the gate says `review` and nobody has decided on all its rules.
    """
    found = verdict(client, vacancy, on=on)
    if found.outcome is bars.Outcome.CLEAR:
        return
    if found.outcome is bars.Outcome.BLOCKED:
        first = next(f for f in found.findings if f.outcome is bars.Outcome.BLOCKED)
        raise Conflict(
            "legally_blocked", source=first.citation.source, article=first.citation.article
        )
    if grounds.strip():
        decide(client, vacancy, may_proceed=True, grounds=grounds, actor=actor, now=now, on=on)
        return
    decision = decision_for(client, vacancy)
    if decision is not None and not decision.may_proceed:
        raise Conflict("decided_against")
    # Facts entered since may have brought up a rule nobody has looked at.
    if decision is None or not set(_rules_to_decide(found)) <= set(decision.rule_ids):
        raise InvalidInput("decision_required", field="grounds")


def _rules_to_decide(found: bars.Verdict) -> list[str]:
    return [f.rule_id for f in found.findings if f.outcome is bars.Outcome.REVIEW]
