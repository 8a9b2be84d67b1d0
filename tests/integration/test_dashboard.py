"""The district's figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import Stage
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.services import dashboard
from tests import factories
from tests.integration.placement_paths import Case, a_case, brought_to, take
from tests.sql import watch_sql


def _office(district: Any) -> Any:
    return factories.OfficeFactory(parent=district.unit)


def test_overview_counts_people_placed_and_waiting(app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    office = _office(district)
    factories.ClientFactory(office=office)
    at_work = factories.ClientFactory(office=office)
    factories.PlacementFactory(client=at_work, state="started")
    factories.ClientFactory()  # another district
    factories.VacancyFactory(state="in_review")
    factories.PartnerFactory(state="pending")
    found = dashboard.overview(actor=district.actor, now=clock.now)
    assert (found.n_clients, found.n_placed, found.placed_share) == (2, 1, 0.5)
    assert (found.n_vacancies_in_review, found.n_partners_pending) == (1, 1)


def test_overview_counts_retention_of_known_outcomes_only(app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    office = _office(district)
    started = clock.today - timedelta(days=200)

    def placed(**attributes: Any) -> Any:
        person = factories.ClientFactory(office=office)
        return factories.PlacementFactory(client=person, started_on=started, **attributes)

    kept = placed(state="started")
    factories.OutcomeCheckFactory(
        placement_id=kept.id, day=180, still_employed=True, done_on=clock.today
    )
    placed(state="ended", ended_on=started + timedelta(days=60))
    placed(state="started")  # nobody has asked yet: unknown, not a failure
    found = dashboard.overview(actor=district.actor, now=clock.now)
    assert (found.n_retained, found.n_retention_known) == (1, 2)


def test_overview_counts_unanswered_after_a_week(app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    person = factories.ClientFactory(office=_office(district))
    factories.PlacementFactory(client=person, state="sent", sent_at=clock.now - timedelta(days=8))
    factories.PlacementFactory(client=person, state="sent", sent_at=clock.now - timedelta(days=6))
    assert dashboard.overview(actor=district.actor, now=clock.now).n_unanswered == 1


def test_dashboard_page_shows_rates_and_offices(client: Any) -> None:
    district = client.sign_in(Role.DISTRICT)
    office = _office(district)
    factories.ClientFactory(office=office)
    page = client.get_page("/dashboard")
    assert page.has_text("安置率")
    assert page.has_text(office.name)


def test_overview_costs_the_same_statements_whatever_the_rows(app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    counts = []
    for n in (2, 20):
        for _ in range(n):
            person = factories.ClientFactory(office=_office(district))
            factories.PlacementFactory(client=person)
        with watch_sql() as seen:
            dashboard.overview(actor=district.actor, now=clock.now)
        counts.append(len([s for s in seen if s.lstrip().upper().startswith("SELECT")]))
    assert counts[0] == counts[1]


def _whole_district(clock: Any) -> Any:
    """Return the account of a district that has one of everything the first page counts."""
    district = factories.UserFactory(role=Role.DISTRICT)
    office = _office(district)
    old = clock.now - timedelta(days=8)
    started = clock.today - timedelta(days=200)

    def placed(state: str, **attributes: Any) -> Any:
        person = factories.ClientFactory(office=office)
        opening = factories.VacancyFactory(state="filled")
        return factories.PlacementFactory(client=person, vacancy=opening, state=state, **attributes)

    placed("sent", sent_at=old)
    placed("completed", started_on=started, ended_on=None)
    kept = placed("started", started_on=started)
    factories.OutcomeCheckFactory(
        placement_id=kept.id, day=180, still_employed=True, done_on=clock.today
    )
    yesterday = clock.today - timedelta(days=1)
    factories.OutcomeCheckFactory(placement_id=kept.id, day=90, due_on=yesterday)
    for _ in range(2):  # one person in two courses is one person in training
        factories.EnrolmentFactory(client=kept.client, state="enrolled")
    factories.EnrolmentFactory(client=kept.client, state="completed")
    return district


def _of_persons(actor: Any, clock: Any) -> tuple[Any, ...]:
    """Return the figures that are of people, who belong to one district."""
    found = dashboard.overview(actor=actor, now=clock.now)
    return (
        found.n_clients,
        found.n_placed,
        found.n_unanswered,
        found.n_checks_overdue,
        found.n_retained,
        found.n_retention_known,
        found.n_in_training,
        [(row.n_clients, row.n_placed) for row in found.offices],
    )


def test_figures_of_people_are_the_districts_own_when_another_has_as_many(
    app: Any, clock: Any
) -> None:
    own = _whole_district(clock)
    alone = _of_persons(own.actor, clock)
    assert alone == (3, 2, 1, 1, 1, 1, 1, [(3, 2)])
    other = _whole_district(clock)
    assert _of_persons(own.actor, clock) == alone
    assert _of_persons(other.actor, clock) == alone


def test_figures_of_openings_and_employers_are_those_of_their_lists(app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    factories.VacancyFactory(headcount=5, n_reserved=1, n_filled=2)
    factories.VacancyFactory(headcount=4, n_filled=4, state="filled")
    factories.ExternalVacancyFactory(headcount=9)  # nobody has promised these places
    factories.VacancyFactory(state="in_review", headcount=3)
    factories.PartnerFactory(state="pending")
    factories.PartnerFactory(state="suspended")
    found = dashboard.overview(actor=district.actor, now=clock.now)
    assert (found.n_places_open, found.n_vacancies_in_review, found.n_partners_pending) == (2, 1, 1)
    assert found.target_percent == 90


@pytest.mark.parametrize("stage", list(Stage), ids=str)
def test_rate_is_of_people_in_support_when_others_are_on_record(
    stage: Stage, app: Any, clock: Any
) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    office = _office(district)
    factories.ClientFactory(office=office)
    person = factories.ClientFactory(office=office, stage=stage)
    factories.PlacementFactory(client=person, state="started")
    found = dashboard.overview(actor=district.actor, now=clock.now)
    counted = int(stage is Stage.IN_SUPPORT)
    assert (found.n_clients, found.n_placed) == (1 + counted, counted)


@pytest.mark.parametrize("state", list(PlacementState), ids=str)
def test_person_is_placed_when_at_work_or_through_the_year(
    state: PlacementState, app: Any, clock: Any
) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    person = factories.ClientFactory(office=_office(district))
    n_jobs = 1 if state is PlacementState.STARTED else 2  # two jobs at once are refused
    for _ in range(n_jobs):  # whoever is placed twice is one person
        factories.PlacementFactory(client=person, state=state)
    found = dashboard.overview(actor=district.actor, now=clock.now)
    is_placed = state in {PlacementState.STARTED, PlacementState.COMPLETED}
    assert (found.n_clients, found.n_placed) == (1, int(is_placed))


@pytest.mark.parametrize(("days", "n"), [(7, 0), (8, 1)], ids=["a-week", "longer"])
def test_referral_is_unanswered_when_more_than_a_week_has_passed(
    days: int, n: int, app: Any, clock: Any
) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    person = factories.ClientFactory(office=_office(district))
    factories.PlacementFactory(
        client=person, state="sent", sent_at=clock.now - timedelta(days=days)
    )
    assert dashboard.overview(actor=district.actor, now=clock.now).n_unanswered == n


@pytest.mark.parametrize(("days", "n"), [(0, 0), (1, 1)], ids=["due-today", "due-yesterday"])
def test_check_is_overdue_when_its_day_is_over(days: int, n: int, app: Any, clock: Any) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    person = factories.ClientFactory(office=_office(district))
    running = factories.PlacementFactory(client=person, state="started")
    due_on = clock.today - timedelta(days=days)
    factories.OutcomeCheckFactory(placement_id=running.id, due_on=due_on)
    factories.OutcomeCheckFactory(placement_id=running.id, day=90, due_on=due_on, cancelled=True)
    assert dashboard.overview(actor=district.actor, now=clock.now).n_checks_overdue == n


def _funnel(case: Case, clock: Any) -> list[int]:
    found = dashboard.overview(actor=case.officer.actor, now=clock.now)
    return [step.n_placements for step in found.funnel]


def test_funnel_counts_a_proposal_once_when_it_was_invited_twice(app: Any, clock: Any) -> None:
    case = a_case(headcount=3)
    twice = brought_to(PlacementState.NO_SHOW, case, clock)
    assert _funnel(case, clock) == [1, 1, 1, 1, 0, 0]
    take(twice, "undo_miss", case, clock)
    take(twice, "offer", case, clock)
    assert _funnel(case, clock) == [1, 1, 1, 1, 1, 0]
    take(twice, "start", case, clock)
    assert _funnel(case, clock) == [1, 1, 1, 1, 1, 1]
    brought_to(PlacementState.SENT, a_case(), clock)  # of another district
    assert _funnel(case, clock) == [1, 1, 1, 1, 1, 1]
    clock.move(days=365)
    assert _funnel(case, clock) == [1, 1, 1, 1, 1, 1]
    clock.move(days=1)
    assert _funnel(case, clock) == [0, 0, 0, 0, 0, 0]
