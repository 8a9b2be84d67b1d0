"""What employer and person agree on obeys the law the advertisement had to obey.

Asked by every door at which a wage is agreed, corrected or confirmed.
"""

from datetime import date

from matchboard.domain.catalogues import MinimumWage
from matchboard.domain.client import EmploymentType
from matchboard.domain.errors import InvalidInput
from matchboard.domain.posting_checks import Posting, PostingProblem, Severity, pay_problems

#: So many times the highest wage advertised is still agreed unasked; a digit too many is more.
PLAUSIBLE_TIMES = 2


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


def question_about(
    wage_cny_month: int,
    *,
    lowest_cny_month: int | None,
    highest_cny_month: int | None,
    agreed_cny_month: int | None,
) -> InvalidInput | None:
    """Return what is to be asked, once, about a wage that was not agreed before.

    It undercuts what was advertised, or is so far above it that a slip of the pen is likelier. Of
    an advertisement without a highest wage the lowest one counts.
    """
    highest = highest_cny_month or lowest_cny_month
    if wage_cny_month == agreed_cny_month:
        return None
    if lowest_cny_month is not None and wage_cny_month < lowest_cny_month:
        code, advertised = "wage_below_advertised", lowest_cny_month
    elif highest and wage_cny_month > PLAUSIBLE_TIMES * highest:
        code, advertised = "wage_far_above_advertised", highest
    else:
        return None
    return InvalidInput(code, field="wage_confirmed", advertised=f"{advertised:,}")
