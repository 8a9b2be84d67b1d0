"""The district's figures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from matchboard.domain.roles import Role
from matchboard.services import dashboard
from tests import factories
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
