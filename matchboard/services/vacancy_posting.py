"""The legal checks of an opening's posting, over the stored record."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchboard.domain.catalogues import minimum_wage
from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.occupational_bars import Citation, OpeningScope
from matchboard.domain.posting_checks import (
    Posting,
    PostingProblem,
    Severity,
    check_posting,
    default_close_on,
)
from matchboard.domain.roles import Actor
from matchboard.domain.vacancy import RequirementKind, VacancySource, VacancyState
from matchboard.models.organisation import Partner
from matchboard.models.vacancy import Vacancy
from matchboard.services import policies

__all__ = ["PostingProblem", "Severity", "posting_problems", "require_passable"]


def posting_problems(vacancy: Vacancy, *, actor: Actor, on: date) -> list[PostingProblem]:
    """Return what the law says against the posting as it stands, refusals first."""
    policy = policies.current(actor, on=on)
    wage = minimum_wage(vacancy.division_code, on=on) if vacancy.division_code else None
    return check_posting(
        _posting_of(vacancy),
        minimum_wage=wage,
        on=on,
        validity_days=policy.vacancy_validity_days,
        reverification_months=policy.partner_reverification_months,
    )


def problems_if_sent(
    values: Any, *, partner: Partner | None, actor: Actor, on: date, confirmed_on: date | None
) -> list[InvalidInput]:
    """Return what the law refuses in an opening as typed, before anything is written.

    `values` has an opening's fields (VacancyInput); without a last day it gets the default one.
    """
    policy = policies.current(actor, on=on)
    days = policy.vacancy_validity_days
    wage = minimum_wage(values.division_code, on=on) if values.division_code else None
    posting = _posting(
        values,
        employer=partner.name if partner is not None else "",
        scope=_scope(values, values.occupation_code, partner),
        deposit_free=values.deposit_free,
        close_on=values.close_on or default_close_on(on, validity_days=days),
        confirmed_on=confirmed_on or on,
        employer_verified_on=partner.verified_on if partner is not None else None,
    )
    found = check_posting(
        posting,
        minimum_wage=wage,
        on=on,
        validity_days=days,
        reverification_months=policy.partner_reverification_months,
    )
    return [as_input_error(p) for p in found if p.severity is Severity.REFUSE]


def require_passable(vacancy: Vacancy, *, actor: Actor, on: date) -> list[PostingProblem]:
    """Return what is left to review.

    Raises
    ------
    InvalidFields
        With one problem at each field a law refuses.
    """
    problems = posting_problems(vacancy, actor=actor, on=on)
    refused = [p for p in problems if p.severity is Severity.REFUSE]
    if refused:
        raise InvalidFields([as_input_error(p) for p in refused])
    return problems


def require_passable_if_shown(vacancy: Vacancy, *, actor: Actor, on: date) -> None:
    """Raise what `require_passable` does, unless it is a draft or an advertisement from outside."""
    is_external = vacancy.source is VacancySource.EXTERNAL
    if vacancy.state is not VacancyState.DRAFT and not is_external:
        require_passable(vacancy, actor=actor, on=on)


def as_input_error(problem: PostingProblem, *, field: str | None = None) -> InvalidInput:
    """Return the refusal of a problem, at its own field or at `field`."""
    return InvalidInput(
        f"posting_{problem.code}",
        field=field or problem.field,
        articles=articles(problem.citations),
        words=problem.excerpt,
    )


def articles(citations: tuple[Citation, ...]) -> str:
    """Return the articles in a form of every language: 《劳动合同法》§9, …."""
    return ", ".join(f"《{c.source}》§{c.article}" for c in citations)


def _posting_of(vacancy: Vacancy) -> Posting:
    partner = vacancy.partner
    is_external = vacancy.source is VacancySource.EXTERNAL
    return _posting(
        vacancy,
        employer=partner.name if partner is not None else vacancy.external_employer or "",
        scope=_scope(vacancy, vacancy.confirmed_occupation, partner),
        deposit_free=None if is_external and not vacancy.deposit_free else vacancy.deposit_free,
        close_on=vacancy.close_on,
        confirmed_on=vacancy.confirmed_on,
        employer_verified_on=partner.verified_on if partner is not None else None,
    )


def _posting(opening: Any, **own: Any) -> Posting:
    """Return the facts of an opening, stored or typed: both name them alike."""
    return Posting(**{name: getattr(opening, name) for name in _SAME}, **own)


_SAME = (
    "title",
    "headcount",
    "duties",
    "conditions",
    "division_code",
    "address",
    "employment_type",
    "wage_min_cny_month",
    "wage_max_cny_month",
    "wage_hourly_cny",
    "hours_per_day",
    "hours_per_week",
    "contract_months",
    "probation_months",
    "probation_wage_cny_month",
    "open_on",
)


def _scope(opening: Any, occupation: str | None, partner: Partner | None) -> OpeningScope:
    return OpeningScope.of(
        occupation,
        posts=opening.posts,
        employer_kinds=partner.employer_kinds if partner is not None else None,
        licences=opening.licences,
        certificates=[
            r.code for r in opening.requirements if r.kind is RequirementKind.CERTIFICATE
        ],
    )
