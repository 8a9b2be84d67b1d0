"""Every figure of the district's first page leads to a list that shows as many."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import Stage
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from tests import factories
from tests.client import QualityClient, words
from tests.conftest import Clock

#: Where a link stands that has a figure beside it.
FIGURES = ".kpi a, #waiting a, #offices a"


def _fill(office: Any, clock: Clock) -> None:
    """Put people in every stage, placements in every state, twice what may be there twice."""
    session = factories.CourseSessionFactory()
    for stage in Stage:
        for state in PlacementState:
            person = factories.ClientFactory(office=office, stage=stage)
            for n in range(1 if state is PlacementState.STARTED else 2):
                placement = factories.PlacementFactory(
                    client=person,
                    vacancy=factories.VacancyFactory(state="filled"),
                    state=state,
                    sent_at=clock.now - timedelta(days=6 + n if stage is Stage.PRE_RELEASE else 9),
                    started_on=clock.today
                    - timedelta(days=200 if stage is Stage.IN_SUPPORT else 9),
                    ended_on=clock.today if state is PlacementState.ENDED else None,
                )
            for day in (30, 90, 180):
                is_done = day == 180 and state is PlacementState.COMPLETED
                factories.OutcomeCheckFactory(
                    placement_id=placement.id,
                    day=day,
                    due_on=clock.today - timedelta(days=1 if stage is Stage.IN_SUPPORT else 0),
                    done_on=clock.today if is_done else None,
                    still_employed=is_done or None,
                )
        for _ in range(2):
            another = session if stage is Stage.IN_SUPPORT else factories.CourseSessionFactory()
            factories.EnrolmentFactory(client=person, session=another, state="enrolled")
            session = factories.CourseSessionFactory()


@pytest.mark.usefixtures("on_one_database")
def test_every_figure_equals_the_list_it_leads_to(client: QualityClient, clock: Clock) -> None:
    district = client.sign_in(Role.DISTRICT).unit
    offices = [factories.OfficeFactory(parent=district) for _ in range(2)]
    for office in offices:
        _fill(office, clock)
    _fill(factories.OfficeFactory(), clock)  # another district's
    for state in ("open", "open", "in_review", "paused"):
        factories.VacancyFactory(state=state, headcount=3)
        factories.ExternalVacancyFactory(state=state)
    factories.PartnerFactory(state="pending")
    page = client.get_page("/dashboard")
    links = page.all(FIGURES)
    assert len(links) == 4 + 4 + 2 * len(offices)
    wrong = []
    for link in links:
        figure = int(link["data-count"])  # a tile without one fails here
        shown = words(client.request("GET", link["href"], judge_markup=False).one(".result-count"))
        listed = int(re.findall(r"\d+", shown)[0])
        assert figure, link["href"]  # a figure of nothing would prove nothing
        if figure != listed:
            wrong.append(f"{link['href']}: {figure}, the list {listed}")
    assert wrong == []
    told = page.all(".kpi-foot")[0].get_text()
    assert f"已安置 {links[0]['data-count']} 人" in told
