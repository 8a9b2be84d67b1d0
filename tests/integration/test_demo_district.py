"""The demo district, smaller than `make demo` writes it but by the same story."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from matchboard import create_app
from matchboard.domain.client import ClientKind, Tier
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import FINAL, PlacementState
from matchboard.domain.roles import Role
from matchboard.domain.training import Subject
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import Client, Course, CourseSession, Partner, Placement, User, Vacancy
from matchboard.services import accounts, audit, audit_folds, restricted
from seeds.demo import seed_demo
from seeds.demo.district import OFFICES, PARTNERS, PENDING
from seeds.demo.openings import N_OPEN_TODAY
from seeds.demo.story import Numbers
from tests.client import QualityClient
from tests.conftest import SETTINGS, Clock

pytestmark = pytest.mark.usefixtures("on_one_database")
SCALE = 0.15
SMALL = 0.02


def seeded(path: Path, template: Path, scale: float) -> list[tuple[str, ...]]:
    """Write a district into a new file; return its public ids."""
    shutil.copyfile(template, path)
    application = create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"})
    with application.app_context():
        seed_demo(now=Clock().now, scale=scale)
        db.session.commit()
        pids = [
            tuple(db.session.scalars(select(model.pid).order_by(model.id)))
            for model in (Client, Vacancy, Placement, CourseSession)
        ]
        db.session.remove()
        with db.engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.engine.dispose()
    return pids


@pytest.fixture(scope="session")
def district(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("district") / "district.sqlite3"
    seeded(path, sqlite_template, SCALE)
    return path


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, district: Path) -> str:
    """Give each test a copy of the district instead of an empty database."""
    path = tmp_path / f"{database_kind}.sqlite3"
    shutil.copyfile(district, path)
    return f"sqlite:///{path}"


def n_rows(*conditions: object) -> int:
    return db.session.scalar(select(func.count()).where(*conditions)) or 0  # type: ignore[arg-type]


@pytest.mark.usefixtures("app")
def test_district_has_its_people_and_enterprises_when_seeded() -> None:
    wanted = Numbers.of(SCALE)
    assert n_rows(Client.kind == ClientKind.RELEASED_PERSON) == wanted.released
    assert n_rows(Client.kind == ClientKind.FORMER_CORRECTION_SUBJECT) == wanted.after_correction
    assert n_rows(Client.tier == Tier.KEY) == wanted.key_tier
    assert n_rows(Partner.state == PartnerState.ACTIVE) == len(PARTNERS)
    assert n_rows(Partner.state == PartnerState.PENDING) == len(PENDING)
    assert n_rows(Vacancy.state == VacancyState.OPEN) >= N_OPEN_TODAY * SCALE - 2
    assert n_rows(Vacancy.state == VacancyState.IN_REVIEW) >= 4


@pytest.mark.usefixtures("app")
def test_district_has_life_when_seeded() -> None:
    states = set(db.session.scalars(select(Placement.state).distinct()))
    assert len(states & FINAL) >= 4
    assert {PlacementState.STARTED, PlacementState.COMPLETED} <= states
    taught = set(db.session.scalars(select(Course.subject).join(CourseSession).distinct()))
    assert taught == set(Subject) - {Subject.OTHER}


@pytest.mark.usefixtures("app")
def test_records_open_for_their_heads_and_not_for_a_colleague_when_seeded() -> None:
    now = Clock().now
    officers = db.session.scalars(select(User).where(User.role == Role.OFFICER)).all()
    heads = [officer for officer in officers if officer.is_office_head]
    assert len({head.unit_id for head in heads}) == len(heads) == len(OFFICES)
    (colleague,) = set(officers) - set(heads)
    led = select(Client).where(
        Client.office_id == colleague.unit_id, Client.case_lead_id.is_not(None)
    )
    person = db.session.scalars(led.limit(1)).one()
    opened = {o.id for o in officers if restricted.access_of(person, actor=o.actor, now=now)}
    assert opened == {head.id for head in heads if head.unit_id == person.office_id}


@pytest.mark.usefixtures("app")
def test_district_breaks_no_rule_when_seeded() -> None:
    report = audit.verify()
    assert report.is_intact
    assert report.n_entries > 1000
    assert [check for check in audit_folds.run() if not check.is_kept] == []
    assert n_rows(Vacancy.n_reserved + Vacancy.n_filled > Vacancy.headcount) == 0


@pytest.mark.parametrize(
    ("who", "paths"),
    [
        pytest.param("officer", ["/today", "/clients", "/placements", "{matches}"], id="officer"),
        pytest.param("district", ["/dashboard", "/vacancies", "/partners"], id="district"),
        pytest.param("enterprise", ["/partner"], id="enterprise"),
        pytest.param("coordinator", ["/training"], id="coordinator"),
        pytest.param("", ["/", "/jobs", "/courses"], id="visitor"),
    ],
)
def test_key_pages_open_when_the_district_is_seeded(
    client: QualityClient, who: str, paths: list[str]
) -> None:
    pid = ""
    if who:
        user = db.session.scalars(
            select(User).where(User.email == f"{who}{accounts.DEMO_DOMAIN}")
        ).one()
        mine = select(Client.pid).where(Client.office_id == user.unit_id, Client.seeking_work)
        pid = db.session.scalar(mine.limit(1)) or ""
        client.sign_in(user)
    for path in paths:
        assert client.get_page(path.format(matches=f"/clients/{pid}/matches")).status == 200


def test_district_is_the_same_when_written_twice(sqlite_template: Path, tmp_path: Path) -> None:
    first = seeded(tmp_path / "one.sqlite3", sqlite_template, SMALL)
    assert first == seeded(tmp_path / "two.sqlite3", sqlite_template, SMALL)
    assert all(first)
