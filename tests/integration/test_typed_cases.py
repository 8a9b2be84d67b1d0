"""What people type and paste, and what is right for it: one table for searches and readers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from matchboard.domain.errors import InvalidInput
from matchboard.domain.identity import parse_credit_code, parse_identity_number, parse_phone
from matchboard.domain.roles import Role
from matchboard.domain.text import name_line, one_line
from matchboard.domain.written import read_date, read_number, read_whole_number
from matchboard.extensions import db
from matchboard.services import client_search, global_search, partner_lists, vacancy_lists
from matchboard.services.client_fields import name_columns, phone_columns
from matchboard.services.client_search import ClientFilter
from matchboard.services.global_search import SearchKind
from tests import factories
from tests.client import QualityClient
from tests.factories import TODAY

CASES = Path(__file__).resolve().parents[1] / "data" / "typed.cases.csv"
NUMBER = "110105199001010010"
INVISIBLE = {"{200B}": "\u200b", "{FE0F}": "\ufe0f", "{FEFF}": "\ufeff"}


def cases(*doors: str) -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["door"] in doors]
    for row in found:
        for shown, meant in {**INVISIBLE, "<number>": NUMBER}.items():
            row["typed"] = row["typed"].replace(shown, meant)
            row["right"] = row["right"].replace(shown, meant)
    return found


def people(typed: str, actor: Any) -> list[str]:
    page = client_search.list_clients(ClientFilter(text=typed), actor=actor, size=99)
    return [row.client.name for row in page.items]


def hits(kind: SearchKind) -> Callable[[str, Any], list[str]]:
    def found(typed: str, actor: Any) -> list[str]:
        groups = global_search.search(typed, actor=actor, limit=99)
        return [hit.name for group in groups if group.kind is kind for hit in group.hits]

    return found


def partners(typed: str, actor: Any) -> list[str]:
    wanted = partner_lists.PartnerFilter(text=typed)
    page = partner_lists.list_partners(wanted, actor=actor, number=1, size=99)
    return [row.partner.name for row in page.items]


def openings(typed: str, actor: Any) -> list[str]:
    wanted = vacancy_lists.VacancyFilter(text=typed)
    page = vacancy_lists.list_vacancies(wanted, actor=actor, number=1, size=99)
    return [row.title for row in page.items]


#: Where words are typed → all searches that look there; each has to say the same.
SEARCHES: dict[str, tuple[Callable[[str, Any], list[str]], ...]] = {
    "people": (people, hits(SearchKind.CLIENT)),
    "search": (hits(SearchKind.PARTNER), partners),
    "partners": (hits(SearchKind.PARTNER), partners),
    "openings": (hits(SearchKind.VACANCY), openings),
}


def make(officer: Any, door: str, stored: str) -> str:
    """Store a row as typed; return the name it has then."""
    if stored.startswith("+"):
        factories.ClientFactory(office=officer.unit, name="赵样一", **phone_columns(stored))
        return "赵样一"
    if door == "people":
        spelt = name_line(stored)
        factories.ClientFactory(office=officer.unit, **{**name_columns(spelt), "name": stored})
        return spelt
    if door == "openings":
        factories.VacancyFactory(title=stored)
        return one_line(stored)
    unit = factories.PartnerUnitFactory(name=stored)
    factories.PartnerFactory(unit=unit, name=stored)
    return name_line(stored)


def test_stored_words_are_found_when_typed_as_people_type_them(app: Flask) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    rows = cases(*SEARCHES)
    stored = {(row["door"], row["stored"]) for row in rows}
    names = {key: make(officer, *key) for key in sorted(stored)}
    db.session.commit()
    wrong = []
    for row in rows:
        name = names[row["door"], row["stored"]]
        for search in SEARCHES[row["door"]]:
            was_found = name in search(row["typed"], officer.actor)
            if was_found is not (row["right"] == "found"):
                wrong.append((row, search.__qualname__))
    assert len(rows) > 30
    assert wrong == []


READERS: dict[str, Callable[[str], Any]] = {
    "date": read_date,
    "yuan": lambda typed: read_whole_number(typed, "yuan"),
    "people": lambda typed: read_whole_number(typed, "people"),
    "months": lambda typed: read_whole_number(typed, "months"),
    "hours": lambda typed: read_number(typed, "hours"),
    "km": lambda typed: read_number(typed, "km"),
    "phone": parse_phone,
    "identity": lambda typed: parse_identity_number(typed, on=TODAY).number,
    "credit": parse_credit_code,
}


@pytest.mark.parametrize(
    "row",
    [row for row in cases(*READERS) if not row["stored"] and row["right"] not in {"found"}],
    ids=lambda row: f"{row['door']} {row['typed']!a}",
)
def test_typed_value_is_read_or_refused_in_its_own_words(row: dict[str, str]) -> None:
    try:
        found = str(READERS[row["door"]](row["typed"]))
    except InvalidInput as error:
        found = f"{error.code} {error.details.get('day', '')}".strip()
    assert found == row["right"]


def test_search_text_follows_its_words_when_a_row_is_changed(app: Flask) -> None:
    opening = factories.VacancyFactory(title="焊工（急）")
    person = factories.ClientFactory(name="仇　海")
    db.session.commit()
    opening.title = "電工\u200b  夜班"
    person.name = "阿依•古丽"
    db.session.commit()
    stored = [
        db.session.execute(text("SELECT title, search_text FROM vacancy")).one(),
        db.session.execute(text("SELECT name, search_text FROM client")).one(),
    ]
    assert [tuple(row) for row in stored] == [
        ("電工 夜班", "电工夜班"),
        ("阿依·古丽", "阿依古丽"),
    ]


def test_preferences_take_numbers_and_days_as_they_are_pasted(
    app: Flask, client: QualityClient
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    db.session.commit()
    client.sign_in(officer)
    address = f"/clients/{person.pid}/profile/preferences"
    typed = {
        "wage_expected_cny_month": "4.5k",
        "max_commute_km": "20公里\u200b",
        "available_on": "2026/12/1 0:00",
    }
    refused = {**typed, "wage_expected_cny_month": "4500元/天"}
    page = client.submit(address, refused, status=422)
    assert set(page.field_errors()) == {"wage_expected_cny_month"}
    client.submit(address, typed)
    db.session.expire_all()
    assert (person.wage_expected_cny_month, person.max_commute_km) == (4500, 20.0)
    assert person.available_on.isoformat() == "2026-12-01"
