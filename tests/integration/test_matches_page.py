"""The page of a person's ranked openings: order, what stands in the way, comparing, candidates."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from matchboard.domain.client import Shift
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import RestrictedRecord, ShownList
from matchboard.ranking.shortlist import MissRow
from matchboard.web.match_cards import miss_step
from tests.client import QualityClient, assert_swap_equals_page, words
from tests.factories import ClientFactory, ExternalVacancyFactory, VacancyFactory
from tests.integration.placement_paths import (
    AUDIT_POST,
    PENALTY,
    POLICE_POST,
    Case,
    a_case,
    with_facts,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def case(app: Any) -> Case:
    return a_case(headcount=5)


def matches_of(case: Case) -> str:
    return f"/clients/{case.person.pid}/matches"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_lists_openings_with_a_way_to_propose(
    language: str, client: QualityClient, case: Case
) -> None:
    external = ExternalVacancyFactory()
    client.sign_in(case.officer)
    client.set_language(language)
    page = client.get_page(matches_of(case))
    cards = page.all(".match-card")
    assert len(cards) == 2
    targets = [str(f["action"]) for f in page.all(".match-card form[method=post]")]
    assert targets == [f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"]
    assert f"/vacancies/{external.pid}" in page.links()


def test_card_leads_to_the_decision_when_the_gate_says_review(client: QualityClient) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    assert f"/clients/{case.person.pid}/propose/{case.vacancy.pid}" in page.links()
    assert page.all(".match-card form[method=post]") == []


@pytest.mark.parametrize("facts", [None, "{}"], ids=["no-record", "not-looked-at"])
def test_page_says_once_that_the_record_is_not_verified_instead_of_on_every_card(
    client: QualityClient, facts: str | None
) -> None:
    case = a_case(**AUDIT_POST)
    db.session.execute(delete(RestrictedRecord))
    if facts is not None:
        with_facts(case, facts)
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    record = f"/clients/{case.person.pid}/restricted"
    assert page.by_role("link", "去核实受限记录")[0]["href"] == record
    assert "核定" not in "".join(words(card) for card in page.all(".match-card"))
    proposing = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    assert proposing in page.links()
    assert record in client.get_page(proposing).links()
    with_facts(case, PENALTY)
    page = client.get_page(matches_of(case))
    assert page.by_role("link", "去核实受限记录") == []
    assert page.by_role("link", "核定后推荐")
    assert record not in client.get_page(proposing).links()


@pytest.mark.parametrize(
    ("side", "shown"),
    [("person", "本人现住地区未填写"), ("opening", "岗位地点未填写")],
)
def test_reason_says_whose_place_is_unknown(
    client: QualityClient, case: Case, side: str, shown: str
) -> None:
    whose: Any = case.person if side == "person" else case.vacancy
    whose.lat = whose.lon = None
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    assert page.has_text(shown)
    other = {"本人现住地区未填写", "岗位地点未填写"} - {shown}
    assert not page.has_text(other.pop())


def test_barred_opening_stands_apart_with_its_citation(client: QualityClient) -> None:
    case = with_facts(a_case(**POLICE_POST), PENALTY)
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    assert page.all(".match-card") == []
    blocked = words(page.by_id("blocked"))
    assert case.vacancy.title in blocked
    assert "警察法" in blocked


def test_opening_one_step_away_says_what_would_open_it(client: QualityClient, case: Case) -> None:
    case.person.shifts_ok = [Shift.DAY.value]
    case.vacancy.shift = Shift.NIGHT
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    assert case.vacancy.title in words(page.by_id("one-step-away"))
    assert f"/clients/{case.person.pid}/profile#section-preferences" in page.links()


def test_full_opening_one_step_away_leads_to_the_opening(app: Any, case: Case) -> None:
    full = MissRow(case.vacancy, "headcount", "vacancy", "headcount", None, None, (), 1.0)
    with app.test_request_context():
        assert miss_step(full, case.person.pid).url == f"/vacancies/{case.vacancy.pid}"


def test_missing_field_leads_to_where_it_is_filled_in(client: QualityClient, case: Case) -> None:
    case.person.education = None
    case.person.max_commute_km = None
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    leads = {words(a): str(a["href"]) for a in page.by_id("missing").select("p a")}
    profile = f"/clients/{case.person.pid}/profile"
    assert leads["学历"] == f"{profile}#section-experience"
    assert leads["可接受路程"] == f"{profile}#section-preferences"
    there = client.get_page(profile)
    for target in leads.values():
        there.by_id(target.partition("#")[2])


def test_reason_for_the_order_is_there_to_hover_and_to_tap(
    client: QualityClient, case: Case
) -> None:
    VacancyFactory(wage_min_cny_month=3000, wage_max_cny_month=3000)
    client.sign_in(case.officer)
    why = client.get_page(matches_of(case)).one(".why")
    (tip,) = why.select("summary .why-tip")
    assert words(tip) == words(why.select("p")[0]) != ""


@pytest.mark.parametrize("sort", ["fit", "distance", "wage", "newest", "nonsense"])
def test_page_is_sorted_and_says_in_which_order_it_was_shown(
    sort: str, client: QualityClient, case: Case
) -> None:
    rich = VacancyFactory(wage_min_cny_month=9000, wage_max_cny_month=9500)
    client.sign_in(case.officer)
    page = client.get_page(f"{matches_of(case)}?sort={sort}")
    shown = [str(e["id"]).removeprefix("match-") for e in page.all(".match-card")]
    assert set(shown) == {case.vacancy.pid, rich.pid}
    if sort == "wage":
        assert shown[0] == rich.pid
    last = db.session.scalars(db.select(ShownList).order_by(ShownList.id.desc())).first()
    assert last is not None
    assert last.vacancy_pids == shown


def test_later_page_remembers_places_from_the_top(client: QualityClient, case: Case) -> None:
    for _ in range(11):
        VacancyFactory()
    client.sign_in(case.officer)
    page = client.get_page(f"{matches_of(case)}?page=2")
    (first, _second) = [str(e["id"]).removeprefix("match-") for e in page.all(".match-card")]
    answer = client.post(
        f"/clients/{case.person.pid}/propose/{first}",
        {"override_reason": "person_wishes", "version": "1"},
        status=303,
    )
    from matchboard.models import Placement

    placed = db.session.scalars(db.select(Placement)).one()
    assert placed.shown_position == 11
    assert answer.location == f"/placements/{placed.pid}"


def test_swap_equals_page_when_turning_over(client: QualityClient, case: Case) -> None:
    for _ in range(11):
        VacancyFactory()
    client.sign_in(case.officer)
    first = f"{matches_of(case)}?sort=fit"
    assert_swap_equals_page(client, first, f"{first}&page=2")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_openings_are_compared_side_by_side(
    language: str, client: QualityClient, case: Case
) -> None:
    other = VacancyFactory()
    client.sign_in(case.officer)
    client.set_language(language)
    page = client.get_page(matches_of(case))
    compared = client.send(page.form("form#compare"), {"v": [case.vacancy.pid, other.pid]})
    assert len(compared.all(".compare-table thead th")) == 2
    alone = client.get_page(f"{matches_of(case)}/compare?v={other.pid}")
    assert alone.all(".compare-table") == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_candidates_of_an_opening_lead_to_a_proposal(
    language: str, client: QualityClient, case: Case
) -> None:
    client.sign_in(case.officer)
    client.set_language(language)
    page = client.get_page(f"/vacancies/{case.vacancy.pid}/candidates")
    assert page.has_text(case.person.name)
    target = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    answer = client.send(page.form(f"form[action='{target}']"))
    assert answer.path.startswith("/placements/")


def test_pages_are_not_found_when_the_person_is_of_another_office(
    client: QualityClient, case: Case
) -> None:
    stranger = ClientFactory()
    client.sign_in(case.officer)
    client.get_page(f"/clients/{stranger.pid}/matches", status=404)
    client.get_page(f"/clients/{stranger.pid}/matches/compare", status=404)
    client.get_page(f"/clients/{case.person.pid}/matches")
    assert client.request("GET", f"/clients/{case.person.pid}/matches/compare").status != 404


def test_page_says_what_to_do_when_nothing_fits(client: QualityClient, case: Case) -> None:
    case.vacancy.headcount, case.vacancy.n_filled = 1, 1
    client.sign_in(case.officer)
    assert len(client.get_page(matches_of(case)).all(".empty-state")) == 1


def test_page_is_refused_to_the_employer(client: QualityClient, case: Case) -> None:
    client.sign_in(case.employer)
    client.get_page(matches_of(case), status=403)
    assert client.user is not None
    assert client.user.role is Role.ENTERPRISE


WAGES = [
    ("only-min", 4000, None, None, "¥4,000/月起"),
    ("only-max", None, 6000, None, "最高 ¥6,000/月"),
    ("range", 4000, 6000, None, "¥4,000–6,000/月"),
    ("one-figure", 5000, 5000, None, "¥5,000/月"),
    ("hourly", None, None, 22.5, "¥22.5/小时"),
    ("none", None, None, None, "工资未填写"),
]


@pytest.mark.parametrize(
    ("low", "high", "hourly", "expected"), [w[1:] for w in WAGES], ids=[w[0] for w in WAGES]
)
def test_wage_is_told_as_it_was_stated(
    client: QualityClient,
    low: int | None,
    high: int | None,
    hourly: float | None,
    expected: str,
) -> None:
    case = a_case(
        headcount=5, wage_min_cny_month=low, wage_max_cny_month=high, wage_hourly_cny=hourly
    )
    client.sign_in(case.officer)
    (card,) = client.get_page(matches_of(case)).all(".match-card")
    assert expected in words(card)
