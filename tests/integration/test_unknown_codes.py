"""A stored code this version does not know, or none where one was expected, takes no page down."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy

from matchboard.domain.background import TaskKind
from matchboard.domain.placement import PlacementState
from matchboard.extensions import db
from matchboard.models import User
from matchboard.services import background
from tests.client import QualityClient
from tests.conftest import Clock
from tests.factories import EnrolmentFactory, PartnerFactory
from tests.integration.placement_paths import Case, a_case, brought_to

pytestmark = pytest.mark.usefixtures("on_one_database", "app")
OLD = "of_another_version"


def stored(table: str, *columns: str) -> None:
    """Write past the CHECKs, which SQLite allows, as an older database would have it."""
    values = dict(one.split("=") if "=" in one else (one, OLD) for one in columns)
    cells = {name: None if value == "NULL" else value for name, value in values.items()}
    bare = sqlalchemy.table(table, *map(sqlalchemy.column, cells))  # knows no types to refuse by
    db.session.commit()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        connection.execute(sqlalchemy.update(bare).values(cells))
        connection.commit()
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
    db.session.expire_all()


PAGES: dict[str, tuple[str, ...]] = {
    "placement end_reason=NULL": ("/placements/{p}",),
    "placement end_reason": ("/placements/{p}",),
    "placement placement_type": ("/placements/{p}", "/placements?view=table"),
    "placement state": (
        "/placements?view=table",
        "/placements/{p}",
        "/clients/{c}/placements",
        "/clients/{c}",
        "/today",
    ),
    "placement_event name actor_role to_state": (
        "/placements/{p}",
        "/clients/{c}/placements",
        "/clients/{c}",
    ),
    "placement_event reason on_behalf_of": ("/placements/{p}",),
    "consent scope method": ("/placements/{p}",),
    "client kind stage contact_status sex": (
        "/clients",
        "/clients/{c}",
        "/clients/{c}/profile",
        "/clients/{c}/matches",
        "/search?q=a",
    ),
    "vacancy state source visibility": (
        "/vacancies",
        "/vacancies/{v}",
        "/placements/{p}",
        "/clients/{c}/matches",
    ),
    "vacancy_event name actor_role to_state": ("/vacancies/{v}",),
    "partner state base_kind": ("/partners", "/placements/{p}"),
    "background_task kind": ("/tasks/{t}",),
    "background_task state": ("/tasks/{t}",),
    "enrolment state": ("/clients/{c}/training", "/clients/{c}"),
}


@pytest.fixture
def world(clock: Clock) -> dict[str, str]:
    case: Case = a_case()
    placement = brought_to(PlacementState.ENDED, case, clock)
    EnrolmentFactory(client=case.person)
    PartnerFactory()
    task = background.start(TaskKind.VACANCY_IMPORT, actor=case.officer.actor, now=clock.now)
    return {
        "p": placement.pid,
        "c": case.person.pid,
        "v": case.vacancy.pid,
        "t": task.pid,
        "officer": str(case.officer.id),
    }


@pytest.mark.parametrize("what", PAGES)
def test_page_says_unknown_when_a_stored_code_is_none_it_knows(
    what: str, client: QualityClient, world: dict[str, Any]
) -> None:
    stored(*what.split())
    client.sign_in(db.session.get_one(User, int(world["officer"])))
    for path in PAGES[what]:
        page = client.get_page(path.format(**world))
        assert page.status == 200
    if "end_reason" in what:
        wanted = "未记录" if "NULL" in what else "未知"
        assert client.get_page(f"/placements/{world['p']}").has_text(wanted)
