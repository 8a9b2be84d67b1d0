"""Create and change openings; what may be written is decided here, shape is the form's."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from matchboard.domain.calendar import local_date
from matchboard.domain.carried import Carried, carried_of
from matchboard.domain.catalogues import divisions, occupations, skills
from matchboard.domain.client import Education, EmploymentType, Exertion, Shift
from matchboard.domain.errors import Conflict, InvalidFields, InvalidInput, NotFound, StaleEdit
from matchboard.domain.occupational_bars import scope_values
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.vacancy import (
    APPROVED,
    EDITABLE,
    HEADCOUNT_MAX,
    MATERIAL_FIELDS,
    WAGE_MAX,
    OccupationSource,
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.extensions import db
from matchboard.models.organisation import Partner
from matchboard.models.vacancy import Vacancy, VacancyRequirement
from matchboard.services import vacancies, vacancy_posting, vacancy_publication

#: What only officers fill in: an employer neither writes nor erases it.
OFFICERS_FIELDS = ("open_on", "posts", "licences")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A skill or certificate asked for; no level means any."""

    code: str
    kind: RequirementKind
    level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VacancyInput:
    """An opening as typed; None is unknown."""

    title: str
    occupation_code: str | None = None
    duties: str = ""
    conditions: str = ""
    division_code: str | None = None
    address: str = ""
    wage_min_cny_month: int | None = None
    wage_max_cny_month: int | None = None
    wage_hourly_cny: float | None = None
    employment_type: EmploymentType | None = None
    shift: Shift | None = None
    hours_per_day: float | None = None
    hours_per_week: float | None = None
    contract_months: int | None = None
    probation_months: float | None = None
    probation_wage_cny_month: int | None = None
    deposit_free: bool = False
    lodging_provided: bool | None = None
    exertion: int | None = None
    education_min: int | None = None
    posts: tuple[str, ...] | None = None
    licences: tuple[str, ...] | None = None
    headcount: int = 1
    open_on: date | None = None
    close_on: date | None = None
    visibility: Visibility = Visibility.PUBLIC
    requirements: tuple[Requirement, ...] = ()


def create_vacancy(
    values: VacancyInput, *, partner: Partner, actor: Actor, now: datetime
) -> Vacancy:
    """Create a draft of a partner's opening.

    An employer not yet vetted (or suspended) may prepare drafts; an officer writes only for a
    vetted one.

    Raises
    ------
    NotFound
        If the employer writes for another one.
    InvalidFields
        With one problem at each wrong field.
    """
    if actor.role is Role.ENTERPRISE and partner.unit_id != actor.unit_id:
        raise NotFound
    problems = list(_problems(values))
    if actor.role is not Role.ENTERPRISE and partner.state is not PartnerState.ACTIVE:
        problems.append(InvalidInput("partner_not_active", field="partner", state=partner.state))
    if problems:
        raise InvalidFields(problems)
    if actor.role is Role.ENTERPRISE:
        values = replace(values, open_on=None, posts=None, licences=None)
    vacancy = Vacancy(
        source=VacancySource.PARTNER,
        partner=partner,
        state=VacancyState.DRAFT,
        created_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(vacancy)
    _assign(vacancy, values, [f.name for f in fields(VacancyInput)])
    _locate(vacancy)
    vacancies.note(vacancy, "create", actor=actor, now=now)
    return vacancy


def edit_vacancy(
    vacancy: Vacancy,
    values: VacancyInput | Carried[VacancyInput],
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> Vacancy:
    """Change what the values carry; an employer's change of what was checked is reviewed again.

    An approved opening always has its day of publication: left blank, it is that of the approval.

    Raises
    ------
    StaleEdit
        If somebody saved it after the form was opened.
    Conflict
        If the opening is over.
    InvalidFields
        With one problem at each wrong field, or at each field a law refuses on an opening that
        is (or is about to be) shown.
    """
    if expected_version != vacancy.version:
        raise StaleEdit
    require_editable(vacancy)
    values = _merged(vacancy, carried_of(values), actor=actor, on=local_date(now))
    stored = input_of(vacancy)
    problems = [*_problems(values, stored), *_problems_of_record(vacancy, values)]
    if problems:
        raise InvalidFields(problems)
    changed = changed_fields(vacancy, values)
    if not changed:
        return vacancy
    _assign(vacancy, values, changed)
    if vacancy.state in APPROVED:
        vacancy_publication.keep_published(vacancy, on=local_date(now))
    if {"division_code", "address"} & set(changed):
        _locate(vacancy)
    vacancy.updated_at = now
    vacancy_posting.require_passable_if_shown(vacancy, actor=actor, on=local_date(now))
    vacancies.note(vacancy, "edit", actor=actor, now=now, fields=changed)
    is_material = bool(MATERIAL_FIELDS & set(changed)) or (
        "close_on" in changed and _is_beyond_validity(vacancy, actor=actor, on=local_date(now))
    )
    if actor.role is Role.ENTERPRISE and is_material and vacancy.state in APPROVED:
        vacancies.advance(vacancy, "recheck", actor=SYSTEM, now=now)
    else:
        vacancies.settle_places(vacancy, now=now)
    return vacancy


def _is_beyond_validity(vacancy: Vacancy, *, actor: Actor, on: date) -> bool:
    """Return whether an opening is to stand longer than it may without being confirmed anew."""
    found = vacancy_posting.posting_problems(vacancy, actor=actor, on=on)
    return any(problem.code == "validity_unconfirmed" for problem in found)


def require_editable(vacancy: Vacancy) -> None:
    """Refuse what is over: raises Conflict, `external_over` for an advertisement from outside."""
    if vacancy.state not in EDITABLE:
        is_external = vacancy.source is VacancySource.EXTERNAL
        raise Conflict("external_over" if is_external else "vacancy_over", state=vacancy.state)


def faults(
    values: VacancyInput | Carried[VacancyInput],
    *,
    partner: Partner | None,
    vacancy: Vacancy | None = None,
    is_sent: bool = False,
    actor: Actor,
    now: datetime,
) -> list[InvalidInput]:
    """Return all that stands against an opening as typed, also what the law refuses if it is sent.

    Nothing is written: a form shows these beside what is wrong with its shape, all in one round.
    As in `edit_vacancy`, what is stored already may stay, and saving unchanged asks nothing.
    """
    on = local_date(now)
    stored = None
    if vacancy is not None:
        values, stored = _merged(vacancy, carried_of(values), actor=actor, on=on), input_of(vacancy)
        if not is_sent and not changed_fields(vacancy, values):
            return []
    elif isinstance(values, Carried):
        raise TypeError("a new opening is written whole")
    found = list(_problems(values, stored))
    is_shown = vacancy is not None and vacancy.state is not VacancyState.DRAFT
    if vacancy is not None:
        found += _problems_of_record(vacancy, values)
        is_shown = is_shown and vacancy.source is not VacancySource.EXTERNAL
    if is_sent or is_shown:
        wrong = {problem.field for problem in found}
        confirmed_on = vacancy.confirmed_on if vacancy is not None and not is_sent else None
        found += [
            problem
            for problem in vacancy_posting.problems_if_sent(
                values, partner=partner, actor=actor, on=on, confirmed_on=confirmed_on
            )
            if problem.field not in wrong
        ]
    return found


def input_of(vacancy: Vacancy) -> VacancyInput:
    """Return a stored opening as input: the start of an edit or of a copy."""
    found: dict[str, Any] = {name: getattr(vacancy, name) for name in _PLAIN}
    found |= {name: _listed(found[name]) for name in ("posts", "licences")}
    return VacancyInput(
        **found,
        requirements=tuple(
            Requirement(r.code, r.kind, r.level)
            for r in sorted(vacancy.requirements, key=lambda r: (r.kind.value, r.id or 0))
        ),
    )


def copy_of(vacancy: Vacancy) -> VacancyInput:
    """Return an opening as the start of a new one: the same work, dates to be set anew.

    An occupation nobody has confirmed is not handed on.
    """
    return replace(
        input_of(vacancy),
        occupation_code=vacancy.confirmed_occupation,
        open_on=None,
        close_on=None,
    )


def changed_fields(vacancy: Vacancy, values: VacancyInput) -> list[str]:
    """Return the names of the fields in which the input differs from the record."""
    stored = input_of(vacancy)
    changed = [n for n in _PLAIN if getattr(stored, n) != getattr(values, n)]
    if set(stored.requirements) != set(values.requirements):
        changed.append("requirements")
    return changed


# --- Rules ----------------------------------------------------------------------------------------


def _problems(values: VacancyInput, stored: VacancyInput | None = None) -> Iterator[InvalidInput]:
    if not values.title.strip():
        yield InvalidInput("required", field="title")
    yield from _unknown_codes(values, stored)
    yield from _out_of_range(values)
    low, high = values.wage_min_cny_month, values.wage_max_cny_month
    if low is not None and high is not None and low > high:
        yield InvalidInput("wage_order", field="wage_max_cny_month")
    if values.open_on and values.close_on and values.open_on > values.close_on:
        yield InvalidInput("date_order", field="close_on")
    codes = [(r.code, r.kind) for r in values.requirements]
    if len(codes) != len(set(codes)):
        yield InvalidInput("requirement_twice", field="requirements")


def _problems_of_record(vacancy: Vacancy, values: VacancyInput) -> Iterator[InvalidInput]:
    taken = vacancy.n_reserved + vacancy.n_filled
    if values.headcount < taken:
        yield InvalidInput("headcount_below_taken", field="headcount", taken=taken)
    is_external = vacancy.source is VacancySource.EXTERNAL
    if is_external and values.visibility is Visibility.PUBLIC:
        yield InvalidInput("external_not_public", field="visibility")


def _unknown_codes(
    values: VacancyInput, stored: VacancyInput | None = None
) -> Iterator[InvalidInput]:
    """Refuse codes of no catalogue, but those stored already: a file may have brought them."""
    kept = {} if stored is None else _codes(stored)
    allowed = scope_values()
    catalogues: dict[str, Container[str]] = {
        "occupation_code": occupations(),
        "division_code": divisions(),
        "posts": allowed.posts,
        "licences": allowed.licences,
        **dict.fromkeys(REQUIREMENT_FIELDS.values(), skills()),
    }
    for field, codes in _codes(values).items():
        for code in codes:
            if code not in catalogues[field] and code not in kept.get(field, ()):
                yield InvalidInput("unknown_code", field=field, value=code[:40])


def _codes(values: VacancyInput) -> dict[str, list[str]]:
    """Return the codes by the form's field they are typed into."""
    found = {
        "occupation_code": [values.occupation_code] if values.occupation_code else [],
        "division_code": [values.division_code] if values.division_code else [],
        "posts": list(values.posts or ()),
        "licences": list(values.licences or ()),
    }
    for requirement in values.requirements:
        found.setdefault(REQUIREMENT_FIELDS[requirement.kind], []).append(requirement.code)
    return found


#: The form field each kind of requirement is typed into.
REQUIREMENT_FIELDS = {
    RequirementKind.REQUIRED: "skills_required",
    RequirementKind.PREFERRED: "skills_preferred",
    RequirementKind.CERTIFICATE: "certificates_required",
}


_RANGES: tuple[tuple[str, float, float], ...] = (
    ("headcount", 1, HEADCOUNT_MAX),
    ("wage_min_cny_month", 0, WAGE_MAX),
    ("wage_max_cny_month", 0, WAGE_MAX),
    ("wage_hourly_cny", 0, 2000),
    ("probation_wage_cny_month", 0, WAGE_MAX),
    ("hours_per_day", 0.5, 24),
    ("hours_per_week", 0.5, 168),
    ("contract_months", 0, 600),
    ("probation_months", 0, 12),
    ("education_min", min(Education), max(Education)),
    ("exertion", min(Exertion), max(Exertion)),
)


def _out_of_range(values: VacancyInput) -> Iterator[InvalidInput]:
    for name, low, high in _RANGES:
        value = getattr(values, name)
        if value is not None and not low <= value <= high:
            yield InvalidInput("out_of_range", field=name, low=f"{low:g}", high=f"{high:g}")


# --- Writing --------------------------------------------------------------------------------------

_PLAIN = tuple(f.name for f in fields(VacancyInput) if f.name != "requirements")


def _merged(
    vacancy: Vacancy, carried: Carried[VacancyInput], *, actor: Actor, on: date
) -> VacancyInput:
    """Return the opening as it is to be: what is carried over what is stored."""
    if actor.role is Role.ENTERPRISE:
        carried = carried.without(*OFFICERS_FIELDS)
    values = carried.over(input_of(vacancy))
    if vacancy.state in APPROVED and values.open_on is None and vacancy.open_on is not None:
        day = vacancy_publication.day_of_publication(vacancy, on=on)
        values = replace(values, open_on=min(day, values.close_on or day))
    return values


def _assign(vacancy: Vacancy, values: VacancyInput, names: Sequence[str]) -> None:
    """Write the named fields and touch no other."""
    if "occupation_code" in names and values.occupation_code != vacancy.occupation_code:
        vacancy.occupation_from = OccupationSource.PERSON
    for name in names:
        value = getattr(values, name)
        if name == "requirements":
            _assign_requirements(vacancy, value)
        else:
            setattr(vacancy, name, list(value) if isinstance(value, tuple) else value)


def _assign_requirements(vacancy: Vacancy, requirements: Sequence[Requirement]) -> None:
    wanted = {(r.code, r.kind): r.level for r in requirements}
    stored = {(r.code, r.kind): r for r in vacancy.requirements}
    for key, row in stored.items():
        if key not in wanted:
            vacancy.requirements.remove(row)
        elif row.level != wanted[key]:
            row.level = wanted[key]
    for (code, kind), level in wanted.items():
        if (code, kind) not in stored:
            vacancy.requirements.append(VacancyRequirement(code=code, kind=kind, level=level))


def _locate(vacancy: Vacancy) -> None:
    """Take the employer's own place if it is in the same division, else the division's seat."""
    partner = vacancy.partner
    if partner is not None and partner.lat is not None and not _is_elsewhere(vacancy, partner):
        vacancy.lat, vacancy.lon = partner.lat, partner.lon
        return
    seat = divisions().get(vacancy.division_code or "")
    vacancy.lat, vacancy.lon = (seat.lat, seat.lon) if seat else (None, None)


def _is_elsewhere(vacancy: Vacancy, partner: Partner) -> bool:
    return vacancy.division_code != partner.division_code


def _listed(value: list[str] | None) -> tuple[str, ...] | None:
    """Return codes in the one order they are compared in."""
    return None if value is None else tuple(sorted(value))
