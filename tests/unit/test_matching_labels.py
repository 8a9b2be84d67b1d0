"""Every reason has words, alone and as a difference between two openings."""

from __future__ import annotations

from matchboard.labels import matching
from ml.families import FAMILIES
from ml.reasons import ReasonCode
from ml.schema import Clients, Vacancies

FIELDS_OF_TERMS = (
    ("shifts_ok", "shift"),
    ("exertion_max", "exertion"),
    ("education", "education_min"),
    ("employment_types_ok", "employment_type"),
)


def test_reason_words_exist_for_every_code_and_no_other() -> None:
    assert set(matching.REASONS) == {code.value for code in ReasonCode}


def test_contrast_words_exist_for_both_codes_of_every_family() -> None:
    named = {code.value for family in FAMILIES for code in (family.positive, family.negative)}
    assert set(matching._CONTRASTS) == named


def test_sentence_with_names_has_one_without_unless_it_always_names() -> None:
    naming = {code for code, words in matching.REASONS.items() if "%(names)s" in str(words._args)}
    assert naming - set(matching._NAMELESS) == {"certificate_held"}
    assert set(matching._NAMELESS) <= naming


def test_fields_of_families_are_columns_of_the_format() -> None:
    fields = {name for family in FAMILIES for name in (family.client_field, family.vacancy_field)}
    known = {column.name for table in (Clients, Vacancies) for column in table.COLUMNS}
    assert fields - {""} <= known


def test_blank_fields_that_a_reason_may_name_have_words() -> None:
    terms = {name for fields in FIELDS_OF_TERMS for name in fields}
    assert terms | {"lat", "needs_lodging", "max_commute_km"} <= set(matching.FIELDS)
