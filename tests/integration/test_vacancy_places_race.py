"""Many want the last place at the same moment; the database lets one have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.roles import SYSTEM
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import Vacancy, VacancyEvent
from matchboard.services import transaction, vacancies
from tests.factories import NOW, VacancyFactory
from tests.integration.concurrency import run_at_once


def reserve(vacancy_id: int) -> str:
    vacancies.reserve(vacancy_id)
    transaction.commit()
    return "reserved"


def fill(vacancy_id: int) -> str:
    vacancies.fill_reserved(vacancy_id, actor=SYSTEM, now=NOW)
    transaction.commit()
    return "filled"


def test_one_wins_when_sixteen_reserve_the_last_place(
    app: Flask, settings: Mapping[str, Any]
) -> None:
    opening_id = VacancyFactory(headcount=3, n_filled=2).id
    outcomes = run_at_once(reserve, [(opening_id,)] * 16, settings=settings)
    assert [o.value for o in outcomes if o.is_done] == ["reserved"]
    assert {o.error for o in outcomes if not o.is_done} == {"HeadcountExhausted"}
    vacancy = db.session.get_one(Vacancy, opening_id)
    assert (vacancy.n_reserved, vacancy.n_filled) == (1, 2)


@pytest.mark.parametrize("n_places", [4])
def test_opening_is_filled_once_when_its_last_places_are_filled_together(
    n_places: int, app: Flask, settings: Mapping[str, Any]
) -> None:
    opening_id = VacancyFactory(headcount=n_places, n_reserved=n_places).id
    outcomes = run_at_once(fill, [(opening_id,)] * n_places, settings=settings)
    assert [o.error for o in outcomes] == [None] * n_places
    vacancy = db.session.get_one(Vacancy, opening_id)
    assert (vacancy.state, vacancy.n_filled) == (VacancyState.FILLED, n_places)
    assert db.session.scalars(db.select(VacancyEvent.name)).all() == ["fill"]
