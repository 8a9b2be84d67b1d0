"""An approved opening is on the board, whatever is saved, confirmed or paused meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import AuditEntry, Partner, Vacancy
from matchboard.services import tick, vacancies
from tests.client import Page, QualityClient
from tests.conftest import Clock
from tests.factories import PartnerFactory, UserFactory, VacancyFactory

S = VacancyState


class Case:
    """An employer's opening, published by the district ten days ago."""

    def __init__(self, client: QualityClient, clock: Clock) -> None:
        self.client = client
        partner: Partner = PartnerFactory()
        self.employer = UserFactory(role=Role.ENTERPRISE, unit=partner.unit)
        self.district = UserFactory(role=Role.DISTRICT)
        self.vacancy: Vacancy = VacancyFactory(
            partner=partner,
            state=S.DRAFT,
            title="机加工学徒",
            conditions="不限",
            headcount=4,
            open_on=None,
        )
        for step, who in (("submit", self.employer), ("approve", self.district)):
            vacancies.advance(self.vacancy, step, actor=who.actor, now=clock.now)
        self.published_on = clock.today
        self.pid = self.vacancy.pid
        self.path = f"/partner/vacancies/{self.pid}"
        clock.move(days=10)
        client.sign_in(self.employer)

    def hurt(self) -> None:
        """Leave the row as the version before left it after an employer's edit."""
        db.session.execute(db.update(Vacancy).values(open_on=None))
        db.session.commit()
        assert not self.is_on_the_board()

    def save(self, **changes: Any) -> Page:
        button = "action=draft"
        return self.client.submit(f"{self.path}/edit", changes, button=button)

    def press(self, step: str, who: Any = None, path: str = "") -> None:
        browser = self.client.another()
        browser.sign_in(who or self.employer)
        page = path or self.path
        browser.submit(page, form=f"form[action='{page}/{step}']")

    def approve(self) -> None:
        self.press("approve", self.district, f"/vacancies/{self.pid}")

    def is_on_the_board(self) -> bool:
        status = self.client.another().request("GET", f"/jobs/{self.pid}").status
        listed = self.client.another().get_page("/jobs").has_text("机加工学徒")
        fed = f"/jobs/{self.pid}" in self.client.another().request("GET", "/feeds/jobs.atom").text
        assert listed == fed == (status == 200)
        return listed

    @property
    def row(self) -> Vacancy:
        db.session.expire_all()
        return self.vacancy


@pytest.fixture
def case(client: QualityClient, clock: Clock) -> Case:
    return Case(client, clock)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [({}, None), ({"headcount": "6"}, ["headcount"]), ({"shift": "night"}, ["shift"])],
    ids=["nothing", "headcount", "shift"],
)
def test_opening_stays_on_the_board_when_its_employer_saves_it(
    changes: dict[str, str], fields: list[str] | None, case: Case
) -> None:
    before = case.row.version
    case.save(**changes)
    assert case.is_on_the_board()
    assert case.row.open_on == case.published_on
    last = vacancies.history(case.row)[0]
    if fields is None:
        assert (last.name, case.row.version) == ("approve", before)
    else:
        assert (last.name, last.detail) == ("edit", {"fields": fields})


def test_opening_keeps_its_day_of_publication_when_reviewed_again(case: Case) -> None:
    newer = VacancyFactory(open_on=date(2026, 12, 1))
    case.save(duties="开车床，看图纸。")
    assert (case.row.state, case.row.open_on) == (S.IN_REVIEW, case.published_on)
    case.save(headcount="5")
    case.approve()
    assert (case.row.state, case.row.open_on) == (S.OPEN, case.published_on)
    listed = case.client.another().get_page("/jobs").text
    assert listed.index(f"/jobs/{newer.pid}") < listed.index(f"/jobs/{case.pid}")


def test_hurt_opening_in_review_gets_its_old_day_when_approved(case: Case) -> None:
    case.save(duties="开车床，看图纸。")
    case.hurt()
    case.approve()
    assert case.is_on_the_board()
    assert case.row.open_on == case.published_on


@pytest.mark.parametrize("steps", [["confirm"], ["pause", "resume"], []], ids=str)
def test_hurt_opening_is_on_the_board_again_when_its_employer_acts(
    steps: list[str], case: Case
) -> None:
    case.hurt()
    for step in steps:
        case.press(step)
    if not steps:
        case.save(headcount="6")
    assert case.is_on_the_board()
    assert case.row.open_on == case.published_on


def test_tick_brings_hurt_openings_back_and_puts_it_on_record(case: Case, clock: Clock) -> None:
    sound = VacancyFactory(title="好好的")
    day = sound.open_on
    case.hurt()
    db.session.execute(db.update(Vacancy).where(Vacancy.id == sound.id).values(open_on=day))
    verbs = db.select(AuditEntry.verb, AuditEntry.subject_pid).where(
        AuditEntry.verb == "vacancy.republish"
    )
    for repaired in (1, 0):
        assert tick.run(now=clock.now).n_vacancies_republished == repaired
        db.session.commit()
        assert db.session.execute(verbs).all() == [("vacancy.republish", case.pid)]
    assert case.is_on_the_board()
    assert (case.row.open_on, sound.open_on) == (case.published_on, day)
    assert case.client.get_page(case.path).has_text("补上发布日期")


def test_day_of_publication_is_the_approvals_when_an_officer_leaves_it_blank(case: Case) -> None:
    officer = case.client.another()
    officer.sign_in(Role.OFFICER)
    path = f"/vacancies/{case.pid}/edit"
    officer.submit(path, {"open_on": "2026-11-10"})
    assert case.row.open_on == date(2026, 11, 10)
    officer.submit(path, {"open_on": ""})
    assert case.row.open_on == case.published_on
    assert case.is_on_the_board()
