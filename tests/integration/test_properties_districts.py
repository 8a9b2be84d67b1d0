"""What another district has or does changes no page of this one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import Stage
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from tests import factories
from tests.client import Page, QualityClient, words

PAGES = (
    "/",
    "/today",
    "/clients",
    "/clients?work=placed",
    "/placements",
    "/placements?view=table",
    "/dashboard",
)
_CHANGING = re.compile(r"[0-9a-f]{16,}")


def _text(page: Page) -> str:
    return _CHANGING.sub("", words(page.document))


def _fill(district: Any, office: Any, opening: Any, session: Any, clock: Any) -> None:
    """Give a district people in every stage and placements in every state."""
    for stage in Stage:
        factories.ClientFactory(office=office, stage=stage)
    for state in PlacementState:
        person = factories.ClientFactory(office=office)
        placement = factories.PlacementFactory(
            client=person,
            vacancy=opening,
            state=state,
            sent_at=clock.now - timedelta(days=9),
            started_on=clock.today - timedelta(days=200),
        )
        factories.OutcomeCheckFactory(
            placement_id=placement.id, due_on=clock.today - timedelta(days=3)
        )
        factories.EnrolmentFactory(client=person, session=session, state="enrolled")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISTRICT], ids=str)
def test_pages_stay_the_same_when_another_district_has_everything_too(
    role: Role, client: QualityClient, clock: Any
) -> None:
    district = factories.DistrictFactory()
    office = factories.OfficeFactory(parent=district)
    user = client.sign_in(role, unit=office if role is Role.OFFICER else district)
    opening = factories.VacancyFactory(state="filled", headcount=99)
    session = factories.CourseSessionFactory()
    _fill(district, office, opening, session, clock)
    paths = [path for path in PAGES if client.request("GET", path).status == 200]
    assert len(paths) >= 4, user
    before = {path: _text(client.get_page(path)) for path in paths}
    other = factories.DistrictFactory()
    for _ in range(2):
        _fill(other, factories.OfficeFactory(parent=other), opening, session, clock)
    after = {path: _text(client.get_page(path)) for path in paths}
    assert after == before
    _fill(district, office, opening, session, clock)  # the pages do show what is there
    assert _text(client.get_page("/clients")) != before["/clients"]
