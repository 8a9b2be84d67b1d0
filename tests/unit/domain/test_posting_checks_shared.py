"""The wording and pay checks over real advertisements, where those are at hand."""

import csv
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from matchboard.domain.catalogues import minimum_wage
from matchboard.domain.occupational_bars import OpeningScope
from matchboard.domain.posting_checks import Posting, check_posting

SHARED = Path(__file__).parents[4] / "shared" / "data"
FILLED_ON = date(2026, 11, 16)
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not SHARED.is_dir(), reason="the shared test data is not beside the project"
    ),
]
# The spreadsheet has no column for duties, hours or the deposit statement.
OUT_OF_QUESTION = {
    "employer_missing",
    "duties_missing",
    "conditions_missing",
    "deposit_statement_missing",
    "place_missing",
    "minimum_wage_unknown",
    "pay_missing",
    "pay_lower_end_missing",
    "validity_unconfirmed",
}
EXPECTED_BY_REASON = {
    "收取押金、扣押证件": {"deposit_condition", "document_withheld"},
    "歧视性条件：民族、户籍": {"ethnicity_condition", "household_condition"},
    "歧视性条件：性别、年龄、无犯罪记录（无法定依据）": {
        "sex_condition",
        "age_condition",
        "record_condition_unsupported",
    },
    "月薪低于当地最低工资": {"pay_below_minimum"},
}
# Wordings of the source itself that an officer looks at, in rows imported without a fault.
LOOKED_AT = {"age_condition", "tattoo_condition", "blacklist_condition"}


def _rows(name):
    with (SHARED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(cell):
    return int(cell) if cell else None


def _codes_by_row():
    """Return, per expected row, what was found and what should be."""
    book = openpyxl.load_workbook(SHARED / "real_vacancies_messy.xlsx", data_only=True)
    occupations = {row["vacancy_id"]: row["occupation"] for row in _rows("real_vacancies.csv")}
    for row in _rows("real_vacancies_messy.expected.csv"):
        if row["outcome"] not in ("ok", "warn", "review"):
            continue
        cells = next(
            book[row["sheet"]].iter_rows(
                min_row=int(row["row"]), max_row=int(row["row"]), values_only=True
            )
        )
        posting = Posting(
            employer="",
            title=row["title"],
            headcount=_number(row["headcount"]),
            duties="",
            conditions="；".join(cell for cell in cells if isinstance(cell, str)),
            division_code=row["division"] or None,
            wage_min_cny_month=_number(row["wage_min_cny_month"]),
            wage_max_cny_month=_number(row["wage_max_cny_month"]),
            open_on=date.fromisoformat(row["open_on"]),
            close_on=date.fromisoformat(row["close_on"]),
            scope=OpeningScope.of(
                occupations[row["vacancy_id"]] or None,
                posts=[],
                employer_kinds=[],
                licences=[],
                certificates=[],
            ),
        )
        wage = minimum_wage(row["division"], on=FILLED_ON)
        found = check_posting(posting, minimum_wage=wage, on=FILLED_ON)
        yield row, {problem.code for problem in found} - OUT_OF_QUESTION


def test_planted_faults_are_found_when_a_careless_sheet_is_checked():
    reviewed = {
        row["reason"]: codes for row, codes in _codes_by_row() if row["outcome"] == "review"
    }
    assert reviewed == EXPECTED_BY_REASON


def test_sound_rows_pass_when_a_careless_sheet_is_checked():
    faults = {
        row["vacancy_id"]: codes - LOOKED_AT
        for row, codes in _codes_by_row()
        if row["outcome"] != "review" and codes - LOOKED_AT
    }
    assert faults == {}
    assert {codes != set() for _, codes in _codes_by_row()} == {True, False}
