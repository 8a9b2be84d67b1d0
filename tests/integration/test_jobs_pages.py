"""The public board in the browser."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matchboard.domain.client import EmploymentType
from matchboard.domain.vacancy import VacancyState, Visibility
from matchboard.services.vacancy_board import SORTS
from tests.client import QualityClient, assert_swap_equals_page
from tests.factories import PartnerFactory, VacancyFactory
from tests.sql import assert_sql_independent_of_rows


def test_board_shows_openings_and_their_count_to_everybody(client: QualityClient) -> None:
    VacancyFactory(title="平车缝纫工", lodging_provided=True)
    VacancyFactory(title="看不见", visibility=Visibility.OFFICERS)
    page = client.get_page("/jobs")
    assert page.has_text("平车缝纫工")
    assert page.has_text("¥4,500–6,000/月")
    assert page.has_text("共 1 条")
    assert not page.has_text("看不见")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=叉车", "甲叉车"),
        ("trade=cleaning", "乙保洁"),
        ("division=510114", "丙外地"),
        ("division=四川省", "丙外地"),
        ("division=330402&radius=10&wage=7000", "丁高薪"),
        ("type=seasonal", "戊季节"),
        ("lodging=1", "己住宿"),
    ],
)
@pytest.mark.usefixtures("on_one_database")
def test_board_shows_what_fits_when_the_address_filters(
    query: str, shown: str, client: QualityClient
) -> None:
    VacancyFactory(title="甲叉车")
    VacancyFactory(title="乙保洁", occupation_code="4-09-08-01")
    VacancyFactory(title="丙外地", division_code="510114", lat=30.8, lon=104.1)
    VacancyFactory(title="丁高薪", wage_max_cny_month=9000)
    VacancyFactory(title="戊季节", employment_type=EmploymentType.SEASONAL)
    VacancyFactory(title="己住宿", lodging_provided=True)
    page = client.get_page(f"/jobs?{query}")
    assert page.has_text("共 1 条")
    assert page.has_text(shown)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("sort=distance&division=330402", "distance"),
        ("sort=distance", SORTS[0]),
        ("sort=distance&division=nowhere", SORTS[0]),
        ("division=330402", SORTS[0]),
        ("", SORTS[0]),
    ],
)
def test_board_is_sorted_by_distance_only_when_a_place_is_known(
    query: str, chosen: str, client: QualityClient
) -> None:
    VacancyFactory()
    page = client.get_page(f"/jobs?{query}")
    links = page.all(".sort-links a")
    chosen_ones = [n for n, link in enumerate(links) if link.get("aria-current") == "true"]
    names = [name for name in SORTS if name != "distance" or "330402" in query]
    assert [names[n] for n in chosen_ones] == [chosen]
    assert len(links) == len(names)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    "query",
    [
        "trade=nothing&type=none&wage=much&radius=7&lodging=2",
        "page=-3",
        "page=99999999999999999999",
        "wage=99999999999999999999999999",
        "wage=%C2%B2",
        "sort=';drop",
        "q=" + "长" * 500,
        "q=%25%5F%5C",
        "division=%01",
        "division=990000",
    ],
)
def test_board_answers_when_the_address_is_nonsense(query: str, client: QualityClient) -> None:
    VacancyFactory()
    client.get_page(f"/jobs?{query}")


@pytest.mark.parametrize("path", ["/jobs/%00", "/jobs?q=%00", "/jobs?division=3%00"])
def test_request_is_refused_when_it_holds_nul(path: str, client: QualityClient) -> None:
    assert client.request("GET", path).status == 400
    assert client.request("GET", path.replace("%00", "30402")).status in {200, 404}


@pytest.mark.usefixtures("on_one_database")
def test_board_says_what_to_do_when_nothing_fits(client: QualityClient) -> None:
    VacancyFactory()
    page = client.get_page("/jobs?q=宇航员")
    assert page.has_text("没有符合条件的岗位")
    assert page.has_text("共 0 条")


@pytest.mark.usefixtures("on_one_database")
def test_board_says_so_when_the_place_is_unknown_or_ambiguous(client: QualityClient) -> None:
    VacancyFactory(title="在")
    page = client.get_page("/jobs?division=朝阳区")
    assert page.has_text("不止一处")
    assert page.has_text("共 1 条")


@pytest.mark.usefixtures("on_one_database")
def test_board_swaps_the_list_in_place_when_filtered(client: QualityClient) -> None:
    for n in range(25):
        VacancyFactory(title=f"岗位{n}", open_on=date(2026, 11, 1 + n % 20))
    assert_swap_equals_page(client, "/jobs", "/jobs?page=2")


def test_board_needs_no_more_statements_when_it_is_longer(client: QualityClient) -> None:
    partner = PartnerFactory()
    count = assert_sql_independent_of_rows(client, "/jobs", lambda: VacancyFactory(partner=partner))
    assert count <= 4


def test_opening_shows_what_is_known_and_what_is_not_when_opened(client: QualityClient) -> None:
    vacancy = VacancyFactory(
        title="钳工",
        exertion=None,
        lodging_provided=None,
        requirements=[("sew.flat", 3, "required")],
    )
    page = client.get_page(f"/jobs/{vacancy.pid}")
    assert page.has_text("未填写")
    assert page.has_text("请联系您所在的司法所")
    english = client.another()
    english.set_language("en")
    english.get_page(f"/jobs/{vacancy.pid}")


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"state": VacancyState.CLOSED}, 410),
        ({"state": VacancyState.FILLED}, 410),
        ({"close_on": date(2026, 11, 23)}, 410),
        ({"state": VacancyState.DRAFT}, 404),
        ({"visibility": Visibility.OFFICERS}, 404),
    ],
    ids=["closed", "filled", "over", "draft", "officers"],
)
@pytest.mark.usefixtures("on_one_database")
def test_opening_is_gone_or_not_found_when_it_is_not_on_the_board(
    attributes: dict[str, Any], status: int, client: QualityClient
) -> None:
    vacancy = VacancyFactory(**attributes)
    client.get_page(f"/jobs/{vacancy.pid}", status)


@pytest.mark.usefixtures("on_one_database")
def test_opening_is_not_found_when_there_is_none(client: QualityClient) -> None:
    client.get_page("/jobs/22222222", 404)


@pytest.mark.usefixtures("on_one_database")
def test_feed_and_site_map_name_the_openings_when_read(client: QualityClient) -> None:
    vacancy = VacancyFactory(title="A & B <缝纫>")
    feed = client.request("GET", "/feeds/jobs.atom")
    assert feed.headers["Content-Type"].startswith("application/atom+xml")
    assert "A &amp; B &lt;缝纫&gt;" in feed.text
    assert f"/jobs/{vacancy.pid}" in feed.text
    assert f"/jobs/{vacancy.pid}" in client.request("GET", "/sitemap.xml").text
    robots = client.request("GET", "/robots.txt").text.splitlines()
    assert "Disallow: /" in robots
    assert robots[-1].endswith("/sitemap.xml")
