"""Checks of an opening before it is shown: what a law forbids is refused, what is open is reviewed.

Each problem names its field, a code (turned into words by the labels) and the articles it rests on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from matchboard.domain.catalogues import MinimumWage
from matchboard.domain.client import EmploymentType
from matchboard.domain.occupational_bars import Citation, OpeningScope
from matchboard.domain.posting_phrases import EQUAL_TREATMENT, NOTICE_CONTENT, Severity
from matchboard.domain.posting_record_words import record_condition
from matchboard.domain.posting_records import judge_record_condition
from matchboard.domain.posting_wording import wording_hits

__all__ = [
    "OPEN_ENDED",
    "Posting",
    "PostingProblem",
    "Severity",
    "check_posting",
    "default_close_on",
    "max_probation_months",
    "pay_problems",
]

OPEN_ENDED: Final = 0
VALIDITY_DAYS: Final = 90
REVERIFICATION_MONTHS: Final = 6
PART_TIME_HOURS_A_DAY: Final = 4
PART_TIME_HOURS_A_WEEK: Final = 24
PROBATION_WAGE_SHARE: Final = Decimal("0.8")
#: 劳动法 36, 41: eight hours a day and forty a week (国务院关于职工工作时间的规定 3), at most three
#: hours of overtime a day and thirty-six a month.
LONGEST_DAY: Final = 8 + 3
LONGEST_WEEK: Final = 40 + 36 * 12 / 52
_WEEKS_A_MONTH: Final = Decimal(52) / 12
# 人力资源社会保障部: 21.75 paid days of 8 hours a month.
_PAID_HOURS_A_MONTH: Final = Decimal(174)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The facts of an opening that are checked; None is not stated.

    `contract_months` 0 is open-ended. `deposit_free` is the employer's statement that nothing is
    taken from the worker: False is not given, None is not asked. `scope` is what the occupational
    bars look at; None is unknown.
    """

    employer: str
    title: str
    headcount: int | None
    duties: str
    conditions: str
    division_code: str | None
    address: str = ""
    employment_type: EmploymentType | None = None
    wage_min_cny_month: Decimal | float | None = None
    wage_max_cny_month: Decimal | float | None = None
    wage_hourly_cny: Decimal | float | None = None
    hours_per_day: float | None = None
    hours_per_week: float | None = None
    contract_months: int | None = None
    is_single_task: bool = False
    probation_months: float | None = None
    probation_wage_cny_month: Decimal | float | None = None
    deposit_free: bool | None = None
    open_on: date | None = None
    close_on: date | None = None
    confirmed_on: date | None = None
    employer_verified_on: date | None = None
    scope: OpeningScope | None = None

    @property
    def is_part_time(self) -> bool:
        return self.employment_type is EmploymentType.PART_TIME


@dataclass(frozen=True, slots=True)
class PostingProblem:
    """One thing that keeps an opening from being shown as it is.

    `excerpt` is the wording it is about, or the figure that would be right (2,330; 2027-02-22).
    """

    code: str
    severity: Severity
    field: str
    citations: tuple[Citation, ...]
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    minimum_wage: MinimumWage | None
    on: date
    validity_days: int = field(default=VALIDITY_DAYS)
    reverification_months: int = field(default=REVERIFICATION_MONTHS)


_NOTICE: Final = Citation("就业服务与就业管理规定", "11")
_MARKET_NOTICE: Final = Citation("人力资源市场暂行条例", "24")
_TRUE_NOTICE: Final = Citation("就业服务与就业管理规定", "14")
_MINIMUM: Final = Citation("最低工资规定", "12")
_WAGE_LAW: Final = Citation("劳动法", "48")
_PROBATION: Final = Citation("劳动合同法", "19")
_PROBATION_WAGE: Final = Citation("劳动合同法", "20")
_PART_TIME: Final = Citation("劳动合同法", "68")
_PART_TIME_PROBATION: Final = Citation("劳动合同法", "70")
_PART_TIME_WAGE: Final = Citation("劳动合同法", "72")
_HOURS: Final = (Citation("劳动法", "36"), Citation("劳动法", "38"), Citation("劳动法", "41"))
_DEPOSIT: Final = Citation("劳动合同法", "9")
#: The Prison Law was revised on 2026-04-30, in force since 2026-11-01; equal treatment moved.
_PRISON_LAW_REVISED: Final = date(2026, 11, 1)


def equal_after_release(on: date) -> Citation:
    """Return the article on equal treatment in work after release that is in force on a day."""
    return Citation("监狱法", "62" if on >= _PRISON_LAW_REVISED else "38")


def check_posting(
    posting: Posting,
    *,
    minimum_wage: MinimumWage | None,
    on: date,
    validity_days: int = VALIDITY_DAYS,
    reverification_months: int = REVERIFICATION_MONTHS,
) -> list[PostingProblem]:
    """Return every problem of an opening, refusals first; an empty list lets it be shown.

    `minimum_wage` is the standard in force at its place, None where no row is known.
    """
    context = _Context(minimum_wage, on, validity_days, reverification_months)
    problems = [problem for check in _CHECKS for problem in check(posting, context)]
    return sorted(problems, key=lambda problem: problem.severity is Severity.REVIEW)


def default_close_on(confirmed_on: date, *, validity_days: int = VALIDITY_DAYS) -> date:
    """Return the last day of an opening whose employer named none."""
    return confirmed_on + timedelta(days=validity_days)


def max_probation_months(contract_months: int | None, *, is_single_task: bool = False) -> int:
    """Return the longest lawful probation (劳动合同法 19); an unknown term gets the longest."""
    if is_single_task:
        return 0
    if contract_months is None or contract_months == OPEN_ENDED or contract_months >= 36:
        return 6
    if contract_months < 3:
        return 0
    return 1 if contract_months < 12 else 2


# --- Content ------------------------------------------------------------------------------------


def _content(posting: Posting, _context: _Context) -> Iterator[PostingProblem]:
    required: tuple[tuple[str, object, Citation], ...] = (
        ("employer", posting.employer.strip(), _NOTICE),
        ("title", posting.title.strip(), _NOTICE),
        ("headcount", posting.headcount, _NOTICE),
        ("duties", posting.duties.strip(), _NOTICE),
        ("conditions", posting.conditions.strip(), _NOTICE),
        ("division_code", posting.division_code, _MARKET_NOTICE),
    )
    for name, value, citation in required:
        if value is None or value == "":
            yield _refuse(f"{_NAMES.get(name, name)}_missing", name, citation)
    if posting.headcount is not None and posting.headcount < 1:
        yield _refuse("headcount_below_one", "headcount", _TRUE_NOTICE)


_NAMES: Final = {"division_code": "place"}


def _validity(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    if posting.close_on is None:
        yield _refuse("validity_missing", "close_on", _TRUE_NOTICE)
    elif posting.open_on and posting.close_on < posting.open_on:
        yield _refuse("validity_ends_before_start", "close_on", _TRUE_NOTICE)
    elif posting.close_on < context.on:
        excerpt = posting.close_on.isoformat()
        yield _refuse("validity_over", "close_on", _TRUE_NOTICE, excerpt=excerpt)
    else:
        confirmed_on = posting.confirmed_on or context.on
        latest = default_close_on(confirmed_on, validity_days=context.validity_days)
        if posting.close_on > latest:
            yield _review(
                "validity_unconfirmed", "close_on", _TRUE_NOTICE, excerpt=latest.isoformat()
            )
    verified_on = posting.employer_verified_on
    if verified_on and context.on > _months_later(verified_on, context.reverification_months):
        yield _review("employer_verification_due", "employer", _TRUE_NOTICE)


# --- Pay ----------------------------------------------------------------------------------------


def pay_problems(
    posting: Posting, *, minimum_wage: MinimumWage | None, on: date
) -> list[PostingProblem]:
    """Return what stands against the pay alone."""
    return list(_pay(posting, _Context(minimum_wage, on)))


def _pay(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    low, high, hourly = _wages(posting)
    if low is None and high is None and hourly is None:
        yield _refuse("pay_missing", "wage_min_cny_month", _NOTICE)
        return
    if low is not None and high is not None and low > high:
        yield _refuse("pay_order", "wage_max_cny_month", _TRUE_NOTICE)
    if posting.is_part_time:
        yield from _part_time_pay(posting, context)
    else:
        yield from _monthly_pay(posting, context)


def _monthly_pay(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    low, high, hourly = _wages(posting)
    name = "wage_min_cny_month"
    if low is None and hourly is not None:
        low, name = hourly * _PAID_HOURS_A_MONTH, "wage_hourly_cny"
    lowest = low if low is not None else high
    if context.minimum_wage is None:
        yield _review("minimum_wage_unknown", name, _MINIMUM)
    elif lowest is not None and lowest < context.minimum_wage.monthly_cny:
        excerpt = _figure(context.minimum_wage.monthly_cny)
        yield _refuse("pay_below_minimum", name, _MINIMUM, _WAGE_LAW, excerpt=excerpt)
    elif low is None:
        yield _review("pay_lower_end_missing", name, _NOTICE)


def _part_time_pay(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    low, high, hourly = _wages(posting)
    name = "wage_hourly_cny"
    if hourly is None:
        name = "wage_min_cny_month"
        monthly = low if low is not None else high
        if monthly is None or not posting.hours_per_week:
            yield _review("hourly_pay_unknown", "wage_hourly_cny", _PART_TIME_WAGE)
            return
        hourly = monthly / (Decimal(str(posting.hours_per_week)) * _WEEKS_A_MONTH)
    if context.minimum_wage is None:
        yield _review("minimum_wage_unknown", name, _MINIMUM)
    elif hourly < context.minimum_wage.hourly_cny:
        excerpt = _figure(context.minimum_wage.hourly_cny)
        yield _refuse("hourly_pay_below_minimum", name, _PART_TIME_WAGE, _MINIMUM, excerpt=excerpt)


def _wages(posting: Posting) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    return (
        _money(posting.wage_min_cny_month),
        _money(posting.wage_max_cny_month),
        _money(posting.wage_hourly_cny),
    )


def _figure(amount: Decimal | float) -> str:
    return f"{Decimal(str(amount)):,.2f}".rstrip("0").rstrip(".")


def _money(amount: Decimal | float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))


# --- Probation and hours ------------------------------------------------------------------------


def _probation(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    months = posting.probation_months or 0
    if months > 0 and posting.is_part_time:
        yield _refuse("probation_in_part_time", "probation_months", _PART_TIME_PROBATION)
    elif months > 0:
        longest = max_probation_months(
            posting.contract_months, is_single_task=posting.is_single_task
        )
        if months > longest:
            code = "probation_too_long" if longest else "probation_not_allowed"
            yield _refuse(code, "probation_months", _PROBATION, excerpt=str(longest))
        elif posting.contract_months is None and not posting.is_single_task:
            yield _review("contract_term_missing", "contract_months", _PROBATION)
    yield from _probation_pay(posting, context)


def _probation_pay(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    name, wage = "probation_wage_cny_month", _money(posting.probation_wage_cny_month)
    if wage is None:
        return
    agreed = _money(posting.wage_min_cny_month)
    if agreed is not None and wage < agreed * PROBATION_WAGE_SHARE:
        excerpt = _figure(agreed * PROBATION_WAGE_SHARE)
        yield _refuse("probation_pay_below_share", name, _PROBATION_WAGE, excerpt=excerpt)
    if context.minimum_wage and wage < context.minimum_wage.monthly_cny:
        excerpt = _figure(context.minimum_wage.monthly_cny)
        yield _refuse(
            "probation_pay_below_minimum", name, _PROBATION_WAGE, _MINIMUM, excerpt=excerpt
        )


def _part_time_hours(posting: Posting, _context: _Context) -> Iterator[PostingProblem]:
    if not posting.is_part_time:
        return
    for name, hours, most in (
        ("hours_per_day", posting.hours_per_day, PART_TIME_HOURS_A_DAY),
        ("hours_per_week", posting.hours_per_week, PART_TIME_HOURS_A_WEEK),
    ):
        if hours is None:
            yield _review("part_time_hours_missing", name, _PART_TIME)
        elif hours > most:
            yield _refuse("part_time_hours_exceeded", name, _PART_TIME)


def _long_hours(posting: Posting, _context: _Context) -> Iterator[PostingProblem]:
    """Notice hours beyond overtime; the longest day on all seven days is no arrangement at all."""
    if posting.is_part_time or posting.employment_type is EmploymentType.GIG:
        return
    day, week = posting.hours_per_day or 0, posting.hours_per_week or 0
    if week > 7 * LONGEST_DAY:
        yield _refuse("hours_exceeded", "hours_per_week", *_HOURS, excerpt=f"{week:g}")
    elif week > LONGEST_WEEK:
        yield _review("hours_to_review", "hours_per_week", *_HOURS, excerpt=f"{week:g}")
    if day > LONGEST_DAY:
        yield _review("day_to_review", "hours_per_day", *_HOURS, excerpt=f"{day:g}")


# --- Conditions ---------------------------------------------------------------------------------


def _deposit_statement(posting: Posting, _context: _Context) -> Iterator[PostingProblem]:
    if posting.deposit_free is False:
        yield _refuse("deposit_statement_missing", "deposit_free", _DEPOSIT)
    elif posting.deposit_free is None:
        yield _review("deposit_statement_missing", "deposit_free", _DEPOSIT)


def _wording(posting: Posting, _context: _Context) -> Iterator[PostingProblem]:
    for name, text in _texts(posting):
        for hit in wording_hits(text):
            # 劳动合同法 69: work of less than four hours a day may be agreed by word of mouth.
            is_oral = posting.is_part_time and hit.code == "contract_refused"
            severity = Severity.REVIEW if is_oral else hit.severity
            yield PostingProblem(hit.code, severity, name, hit.citations, hit.excerpt)


def _records(posting: Posting, context: _Context) -> Iterator[PostingProblem]:
    for name, text in _texts(posting):
        asked = record_condition(text)
        if asked is None:
            continue
        condition, excerpt = asked
        judged = judge_record_condition(condition, posting.scope)
        if judged:
            code, severity, rules = judged
            after_release = equal_after_release(context.on)
            citations = (*rules, EQUAL_TREATMENT, after_release, NOTICE_CONTENT)
            yield PostingProblem(code, severity, name, citations, excerpt)


def _texts(posting: Posting) -> tuple[tuple[str, str], ...]:
    return (
        ("title", posting.title),
        ("duties", posting.duties),
        ("conditions", posting.conditions),
    )


def _refuse(code: str, name: str, *citations: Citation, excerpt: str = "") -> PostingProblem:
    return PostingProblem(code, Severity.REFUSE, name, citations, excerpt)


def _review(code: str, name: str, *citations: Citation, excerpt: str = "") -> PostingProblem:
    return PostingProblem(code, Severity.REVIEW, name, citations, excerpt)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    first_after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (first_after - timedelta(days=1)).day))


_CHECKS: Final[tuple[Callable[[Posting, _Context], Iterator[PostingProblem]], ...]] = (
    _content,
    _validity,
    _pay,
    _probation,
    _part_time_hours,
    _long_hours,
    _deposit_statement,
    _wording,
    _records,
)
