"""What employer and person agree on obeys the law the advertisement had to obey.

Asked by every door at which a wage is agreed, corrected or confirmed.
"""

from datetime import date

from matchboard.domain.catalogues import MinimumWage
from matchboard.domain.client import EmploymentType
from matchboard.domain.posting_checks import Posting, PostingProblem, Severity, pay_problems


def unlawful_wage(
    wage_cny_month: int,
    *,
    employment_type: EmploymentType | None,
    hours_per_week: float | None,
    minimum_wage: MinimumWage | None,
    on: date,
) -> PostingProblem | None:
    """Return what the law says against a wage agreed for work in this place, if anything.

    `minimum_wage` is the standard in force where and when the work begins, None where none is
    known; part-time work is measured by its hours, where they are known.
    """
    agreed = Posting(
        employer="",
        title="",
        headcount=None,
        duties="",
        conditions="",
        division_code=None,
        employment_type=employment_type,
        wage_min_cny_month=wage_cny_month,
        hours_per_week=hours_per_week,
    )
    found = pay_problems(agreed, minimum_wage=minimum_wage, on=on)
    return next((one for one in found if one.severity is Severity.REFUSE), None)


def is_to_be_asked(
    wage_cny_month: int, *, advertised_cny_month: int | None, agreed_cny_month: int | None
) -> bool:
    """Return whether a wage undercuts what was advertised and has not been agreed before."""
    if advertised_cny_month is None or wage_cny_month == agreed_cny_month:
        return False
    return wage_cny_month < advertised_cny_month
