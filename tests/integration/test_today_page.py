"""The page of what is to be done today."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import ConsentScope, Stage
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import Placement, Reminder
from matchboard.services import referrals
from matchboard.services.seen import shown_version
from tests.client import QualityClient, words
from tests.conftest import Clock
from tests.factories import ClientFactory, OfficeFactory, PlacementFactory, UserFactory
from tests.integration.placement_paths import (
    Case,
    a_case,
    a_person,
    brought_to,
    propose,
    take,
)
from tests.sql import assert_sql_independent_of_rows

pytestmark = pytest.mark.usefixtures("app")
S = PlacementState


@pytest.fixture
def case(app: Any) -> Case:
    return a_case(headcount=9)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_says_that_all_is_done_when_it_is(
    language: str, client: QualityClient, case: Case
) -> None:
    client.sign_in(case.officer)
    client.set_language(language)
    page = client.get_page("/today")
    assert page.all(".duty") == []
    assert len(page.all(".empty-state")) == 1


@pytest.mark.parametrize(
    ("days", "group", "late"),
    [(0, "this_week", ""), (3, "today", ""), (4, "overdue", "逾期 1 天")],
)
def test_duty_moves_up_as_days_pass(
    days: int, group: str, late: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    propose(case, clock)
    clock.move(days=days)
    client.sign_in(case.officer)
    page = client.get_page("/today")
    (row,) = page.all(f".duty-{group} .duty")
    assert case.person.name in words(row)
    assert case.vacancy.title in words(row)
    assert late in words(row)


def row_of(page: Any, name: str) -> Any:
    (row,) = [r for r in page.all(".duty") if name in words(r)]
    return row


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (S.PROPOSED, "/placements/{p}?step=consent#step-consent"),
        (S.INTERVIEW, "/placements/{p}?step=offer#step-offer"),
        (S.OFFERED, "/placements/{p}?step=start#step-start"),
        (S.STARTED, "/placements/{p}/checks/30"),
        (S.EXPIRED, "/clients/{c}/matches"),
    ],
    ids=lambda v: str(v),
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_verb_leads_to_where_the_duty_is_done(
    language: str, state: S, target: str, client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(state, case, clock)
    if state is S.STARTED:
        clock.move(days=30)
    client.sign_in(case.officer)
    client.set_language(language)
    verb = row_of(client.get_page("/today"), case.person.name).select_one(".duty-verb a")
    address = target.format(p=placement.pid, c=case.person.pid)
    assert verb["href"] == address
    step = client.get_page(address.split("#")[0])
    if "#" in address:
        assert step.by_id(address.split("#")[1]).has_attr("open")


def test_registration_leads_to_the_persons_file(client: QualityClient, case: Case) -> None:
    person = ClientFactory(office=case.officer.unit, stage=Stage.PRE_RELEASE, registered_on=None)
    client.sign_in(case.officer)
    verb = row_of(client.get_page("/today"), person.name).select_one(".duty-verb a")
    assert verb["href"] == f"/clients/{person.pid}/profile#section-basics"


def test_contact_request_leads_to_the_wider_consent(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = propose(case, clock)
    take(placement, "consent", case, clock, scope=ConsentScope.CARD)
    take(placement, "send", case, clock)
    referrals.request_contact(placement, actor=case.employer.actor, now=clock.now)
    client.sign_in(case.officer)
    links = client.get_page("/today").links()
    assert f"/placements/{placement.pid}?step=widen_consent#step-widen_consent" in links


def test_referral_is_sent_in_place_when_the_button_is_pressed(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.CONSENTED, case, clock)
    client.sign_in(case.officer)
    page = client.submit("/today", {}, form=f"form[action='/placements/{placement.pid}/send']")
    assert page.path == "/today"
    assert db.session.scalars(db.select(Placement.state)).one() is S.SENT
    assert page.has_text("材料送达企业")


def test_chasing_is_done_for_three_days_when_the_button_is_pressed(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    brought_to(S.SENT, case, clock)
    clock.move(days=8)
    client.sign_in(case.officer)
    page = client.submit("/today", {}, form="form[action='/placements/remind']")
    assert page.path == "/today"
    assert page.all(".duty-overdue .duty") == []
    assert db.session.scalars(db.select(Reminder)).one().kind == "answer_awaited"
    clock.move(days=3)
    assert len(client.get_page("/today").all(".duty-today .duty")) == 1


def test_address_to_come_back_to_is_of_this_site(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    placement = brought_to(S.CONSENTED, case, clock)
    client.sign_in(case.officer)
    answer = client.post(
        f"/placements/{placement.pid}/send",
        {"next": "//elsewhere.example/today", "version": shown_version(placement)},
    )
    assert answer.headers["Location"] == f"/placements/{placement.pid}"


def test_page_is_narrowed_by_kind_with_counts(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    propose(case, clock)
    brought_to(S.CONSENTED, case, clock, person=a_person(case.officer))
    brought_to(S.CONSENTED, case, clock, person=a_person(case.officer))
    client.sign_in(case.officer)
    page = client.get_page("/today")
    assert [words(e) for e in page.all(".duty-kinds .count")] == ["3", "1", "2"]
    narrowed = client.get_page("/today?kind=send_referral")
    assert len(narrowed.all(".duty")) == 2
    assert [words(e) for e in narrowed.all(".duty-kinds .count")] == ["3", "1", "2"]
    fragment = client.get_fragment("/today?kind=send_referral")
    assert len(fragment.all(".duty")) == 2
    assert len(client.get_page("/today?kind=nonsense").all(".duty")) == 3


def test_district_sees_all_offices_and_narrows_by_one(client: QualityClient, clock: Clock) -> None:
    district = UserFactory(role=Role.DISTRICT)
    case = a_case(headcount=9)
    offices = [OfficeFactory(parent=district.unit) for _ in range(2)]
    for office in offices:
        propose(case, clock, person=a_person(UserFactory(unit=office)))
    client.sign_in(district)
    # They are the offices' to do: listed apart, with nothing to press, and not counted.
    assert client.get_page("/today").all(".duty") == []
    assert len(client.get_page("/today?whose=others").all(".duty")) == 2
    page = client.get_page(f"/today?whose=others&office={offices[0].pid}")
    row = page.one(".duty")
    assert offices[0].name in words(row.select_one(".duty-verb"))
    assert row.select(".duty-verb a, .duty-verb button") == []
    assert row.select_one(".object-subtitle a")["href"].startswith("/placements/")
    others = "/today?whose=others&office=zzzzzzzz"
    assert len(client.get_page(others).all(".duty")) == 2
    clock.move(days=9)
    assert client.get_page("/today").all(".side-nav .nav-count") == []
    person = ClientFactory(office=offices[0], stage=Stage.PRE_RELEASE, registered_on=None)
    row = client.get_page("/today").one(".duty")  # and this one the district may do itself
    assert person.name in words(row)
    assert row.select_one(".duty-verb a")


def test_count_stands_in_the_navigation(client: QualityClient, case: Case, clock: Clock) -> None:
    propose(case, clock)
    client.sign_in(case.officer)
    assert client.get_page("/today").all(".side-nav .nav-count") == []
    clock.move(days=3)
    assert words(client.get_page("/placements").all(".side-nav .nav-count")[0]).endswith("1")


def test_long_group_is_cut_and_says_so(client: QualityClient, case: Case, clock: Clock) -> None:
    for _ in range(61):
        PlacementFactory(
            client=ClientFactory(office=case.officer.unit),
            vacancy=case.vacancy,
            state_changed_at=clock.now - timedelta(days=9),
        )
    client.sign_in(case.officer)
    page = client.get_page("/today")
    assert len(page.all(".duty")) == 60
    assert page.has_text("只列前 60 件")


def test_statements_do_not_grow_when_duties_do(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    client.sign_in(case.officer)

    def make_row() -> None:
        PlacementFactory(client=ClientFactory(office=case.officer.unit), vacancy=case.vacancy)

    assert_sql_independent_of_rows(client, "/today", make_row, few=2, many=12)


def test_officer_lands_here_after_signing_in(client: QualityClient) -> None:
    user = UserFactory(role=Role.OFFICER, with_password=True)
    from tests.factories import PASSWORD

    page = client.submit("/login", {"email": user.email, "password": PASSWORD})
    assert page.path == "/today"
