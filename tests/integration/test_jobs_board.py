"""The public board: what is on it, and that filters, sorts and pages are right."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

import pytest

from matchboard.domain.catalogues import distance_km, divisions
from matchboard.domain.client import EmploymentType
from matchboard.domain.errors import NotFound
from matchboard.domain.job_trades import JobTrade
from matchboard.domain.organisation import PartnerState
from matchboard.domain.vacancy import VacancySource, VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models import Vacancy
from matchboard.services import vacancy_board
from matchboard.services.job_absence import JobGone
from matchboard.services.vacancy_board import BoardQuery
from tests.factories import DIVISION, LAT, LON, TODAY, PartnerFactory, VacancyFactory
from tests.sql import watch_sql

pytestmark = pytest.mark.usefixtures("app")


def titles(today: date = TODAY, **wanted: Any) -> list[str]:
    page = vacancy_board.list_jobs(BoardQuery(**wanted), today=today, number=1)
    assert page.n_total == len(page.items)
    return [card.title for card in page.items]


HIDDEN: dict[str, dict[str, Any]] = {
    "draft": {"state": VacancyState.DRAFT},
    "in review": {"state": VacancyState.IN_REVIEW},
    "paused": {"state": VacancyState.PAUSED},
    "filled": {"state": VacancyState.FILLED},
    "closed": {"state": VacancyState.CLOSED},
    "expired": {"state": VacancyState.EXPIRED},
    "officers only": {"visibility": Visibility.OFFICERS},
    "over yesterday": {"close_on": TODAY - timedelta(days=1)},
    "not yet": {"open_on": TODAY + timedelta(days=1)},
    "external": {
        "source": VacancySource.EXTERNAL,
        "partner": None,
        "visibility": Visibility.OFFICERS,
    },
}
WITHOUT_TRACE = {"draft", "in review", "officers only", "external"}


@pytest.mark.parametrize("kind", HIDDEN)
def test_opening_is_not_on_the_board_when_it_is_not_open_to_all(kind: str) -> None:
    VacancyFactory(title="可见")
    hidden = VacancyFactory(title="不可见", **HIDDEN[kind])
    assert titles() == ["可见"]
    expected = NotFound if kind in WITHOUT_TRACE else JobGone
    with pytest.raises(NotFound) as error:
        vacancy_board.get_job(hidden.pid, today=TODAY)
    assert type(error.value) is expected


@pytest.mark.parametrize("state", [s for s in PartnerState if s is not PartnerState.ACTIVE])
def test_opening_is_not_on_the_board_when_its_employer_is_not_active(state: PartnerState) -> None:
    hidden = VacancyFactory(partner=PartnerFactory(state=state))
    assert titles() == []
    with pytest.raises(JobGone):
        vacancy_board.get_job(hidden.pid, today=TODAY)


@pytest.mark.parametrize("close_on", [TODAY, None], ids=["last day", "no last day"])
def test_opening_is_on_the_board_when_its_last_day_is_not_over(close_on: date | None) -> None:
    shown = VacancyFactory(title="在", close_on=close_on)
    assert titles() == ["在"]
    assert vacancy_board.get_job(shown.pid, today=TODAY) is shown


FILTERS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "title": ({"text": "叉车"}, {"title": "叉车司机"}, {"title": "普工"}),
    "all words": ({"text": "叉车 夜"}, {"title": "夜班叉车"}, {"title": "叉车"}),
    "percent sign": ({"text": "100%"}, {"title": "100%落实"}, {"title": "100人"}),
    "underscore": ({"text": "a_b"}, {"title": "a_b"}, {"title": "axb"}),
    "latin case": ({"text": "CNC"}, {"title": "cnc操作"}, {"title": "铣工"}),
    "name of the occupation": (
        {"text": "保洁员"},
        {"title": "清洁", "occupation_code": "4-09-08-01"},
        {"title": "清洁"},
    ),
    "trade": (
        {"trades": (JobTrade.FOOD, JobTrade.CLEANING)},
        {"occupation_code": "4-09-08-01"},
        {"occupation_code": "6-05-01-03"},
    ),
    "trade of unknown": (
        {"trades": (JobTrade.SEWING,)},
        {"occupation_code": "6-05-01-03"},
        {"occupation_code": None},
    ),
    "county": ({"division_code": "330402"}, {}, {"division_code": "330411"}),
    "city": (
        {"division_code": "330400"},
        {"division_code": "330411"},
        {"division_code": "330500"},
    ),
    "province": (
        {"division_code": "330000"},
        {"division_code": "330500"},
        {"division_code": "510100"},
    ),
    "near": (
        {"division_code": DIVISION, "radius_km": 10},
        {"lat": LAT + 0.08, "lon": LON},
        {"lat": LAT + 0.1, "lon": LON},
    ),
    "near, place unknown": (
        {"division_code": DIVISION, "radius_km": 200},
        {},
        {"lat": None, "lon": None},
    ),
    "wage by its top": (
        {"wage_at_least": 5000},
        {"wage_min_cny_month": 3000, "wage_max_cny_month": 5000},
        {"wage_min_cny_month": 3000, "wage_max_cny_month": 4999},
    ),
    "wage by its bottom": (
        {"wage_at_least": 5000},
        {"wage_min_cny_month": 5000, "wage_max_cny_month": None},
        {"wage_min_cny_month": None, "wage_max_cny_month": None},
    ),
    "employment": (
        {"employment_types": (EmploymentType.SEASONAL, EmploymentType.GIG)},
        {"employment_type": EmploymentType.GIG},
        {"employment_type": EmploymentType.FULL_TIME},
    ),
    "lodging": ({"with_lodging": True}, {"lodging_provided": True}, {"lodging_provided": None}),
}


@pytest.mark.parametrize(("wanted", "fits", "differs"), FILTERS.values(), ids=list(FILTERS))
def test_board_shows_only_what_fits_when_filtered(
    wanted: dict[str, Any], fits: dict[str, Any], differs: dict[str, Any]
) -> None:
    shown = VacancyFactory(**fits)
    VacancyFactory(**differs)
    page = vacancy_board.list_jobs(BoardQuery(**wanted), today=TODAY, number=1)
    assert [card.pid for card in page.items] == [shown.pid]
    assert page.n_total == 1


def test_board_finds_the_employers_name_when_searched() -> None:
    VacancyFactory(title="甲", partner=PartnerFactory(name="朝晖服装厂"))
    VacancyFactory(title="乙")
    assert titles(text="朝晖") == ["甲"]


SORTS = {
    "newest": [("open_on", date(2026, 11, 20)), ("open_on", date(2026, 11, 3))],
    "wage": [("wage_max_cny_month", 9000), ("wage_max_cny_month", 4600)],
    "distance": [("lat", LAT + 0.01), ("lat", LAT - 0.5), ("lat", None)],
}


@pytest.mark.parametrize("sort", SORTS)
def test_board_is_in_order_when_sorted(sort: str) -> None:
    expected = [
        VacancyFactory(**{name: value}, title=str(n)).title
        for n, (name, value) in enumerate(SORTS[sort])
    ]
    assert titles(sort=sort, division_code="330000" if sort != "distance" else DIVISION) == expected


def test_pages_hold_every_opening_once_when_walked() -> None:
    made = {VacancyFactory(open_on=date(2026, 11, 1 + n % 3)).pid for n in range(47)}
    seen: list[str] = []
    for number in (1, 2, 3):
        page = vacancy_board.list_jobs(BoardQuery(), today=TODAY, number=number)
        assert (page.n_total, page.n_pages) == (47, 3)
        seen += [card.pid for card in page.items]
    assert len(seen) == 47
    assert set(seen) == made
    past = vacancy_board.list_jobs(BoardQuery(), today=TODAY, number=99)
    assert (past.number, len(past.items)) == (3, 7)


@pytest.mark.usefixtures("on_one_database")
def test_distance_is_within_a_thousandth_when_compared_with_the_great_circle() -> None:
    draws = random.Random(7)
    places = [d for d in divisions() if d.lat is not None and d.level.value == "county"]
    partner = PartnerFactory()
    worst = 0.0
    for place in draws.sample(places, 40):
        assert place.lat is not None
        assert place.lon is not None
        db.session.query(Vacancy).delete()
        for _ in range(10):
            bearing, far = draws.uniform(0, 2 * math.pi), draws.uniform(1, 200)
            lat = place.lat + far * math.cos(bearing) / 111.2
            lon = place.lon + far * math.sin(bearing) / 111.2 / math.cos(math.radians(place.lat))
            VacancyFactory(partner=partner, lat=lat, lon=lon)
        wanted = BoardQuery(division_code=place.code, radius_km=250, sort="distance")
        page = vacancy_board.list_jobs(wanted, today=TODAY, number=1)
        assert page.n_total == 10
        for card in page.items:
            row = db.session.scalars(db.select(Vacancy).where(Vacancy.pid == card.pid)).one()
            assert row.lat is not None
            assert row.lon is not None
            assert card.distance_km is not None
            exact = distance_km(place.lat, place.lon, row.lat, row.lon)
            worst = max(worst, abs(card.distance_km - exact) / exact)
    assert worst < 0.001


def test_answers_are_kept_and_forgotten_when_the_board_is_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vacancy_board, "KEEP_FROM", 1)
    monkeypatch.setattr(vacancy_board, "_HEAD", 20)
    made = [VacancyFactory() for _ in range(50)]

    def count() -> tuple[int, int]:
        with watch_sql() as seen:
            page = vacancy_board.list_jobs(BoardQuery(), today=TODAY, number=1)
        return page.n_total, len(seen)

    assert count() == (50, 4)
    assert count() == (50, 2)  # the stamp and the page's rows
    made[0].state, made[0].updated_at = VacancyState.CLOSED, made[0].updated_at + timedelta(1)
    db.session.flush()
    assert count() == (49, 4)
    made[1].partner.state = PartnerState.SUSPENDED
    db.session.flush()
    assert count() == (48, 4)
    for statements in (3, 2):  # a page beyond the head reads all ids once
        with watch_sql() as seen:
            deep = vacancy_board.list_jobs(BoardQuery(), today=TODAY, number=3)
        assert (deep.number, len(deep.items), len(seen)) == (3, 8, statements)
    again = vacancy_board.list_jobs(BoardQuery(), today=TODAY + timedelta(days=400), number=1)
    assert again.n_total == 0
