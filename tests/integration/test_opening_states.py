"""What an opening's pages say and offer is true in every state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from matchboard.domain.errors import InvalidInput
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.domain.vacancy import MATERIAL_FIELDS, VacancyState
from matchboard.extensions import db
from matchboard.labels import vacancies as words
from matchboard.models import Partner, Vacancy
from matchboard.services import vacancies
from tests.client import Page, QualityClient
from tests.conftest import Clock
from tests.factories import (
    CourseSessionFactory,
    PartnerFactory,
    PlacementFactory,
    UserFactory,
    VacancyFactory,
)

pytestmark = pytest.mark.usefixtures("on_one_database")
S, P = VacancyState, PartnerState
LONG_AGO = date(2026, 11, 1)


def an_employer(client: QualityClient) -> Partner:
    partner: Partner = PartnerFactory()
    client.sign_in(UserFactory(role=Role.ENTERPRISE, unit=partner.unit))
    return partner


def an_opening(partner: Partner, state: VacancyState = S.OPEN, **given: Any) -> Vacancy:
    vacancy: Vacancy = VacancyFactory(partner=partner, state=state, conditions="不限", **given)
    return vacancy


# --- Editing --------------------------------------------------------------------------------------


def test_edit_page_leads_to_the_record_when_nothing_can_be_saved(client: QualityClient) -> None:
    partner = an_employer(client)
    found = [an_opening(partner, state) for state in (S.CLOSED, S.EXPIRED)]
    current = an_opening(partner, S.FILLED, n_filled=1)
    session = CourseSessionFactory(cancelled=True)
    for base in ("/partner/vacancies", "/vacancies"):
        if base == "/vacancies":
            client.sign_in(Role.DISTRICT)
        for one in found:
            page = client.get_page(f"{base}/{one.pid}/edit", follow=True)
            assert page.path == f"{base}/{one.pid}"
            assert page.has_text("不能再修改")
            assert any("copy=" in link for link in page.links())
        client.get_page(f"{base}/{current.pid}/edit").by_label("岗位名称")
    client.sign_in(UserFactory(role=Role.COORDINATOR, unit=session.course.provider))
    page = client.get_page(f"/training/sessions/{session.pid}/edit", follow=True)
    assert page.path == f"/training/sessions/{session.pid}"
    assert page.has_text("这个班次已经取消。")


def test_warning_names_all_that_is_reviewed_again_when_editing(
    client: QualityClient, app: Flask
) -> None:
    vacancy = an_opening(an_employer(client))
    path = f"/partner/vacancies/{vacancy.pid}/edit"
    page = client.get_page(path)
    warning = next(p.get_text() for p in page.all("main p") if "重新送审" in p.get_text())
    named = warning.partition("：")[2].rstrip("。\n ").split("、")
    with app.test_request_context():
        assert set(named) == {str(words.FIELDS[name]) for name in MATERIAL_FIELDS}
    page = client.submit(path, {"title": "样衣工"}, button="action=draft")
    assert page.has_text("已送审，审核通过前暂不公开。")
    assert vacancy.state is S.IN_REVIEW
    page = client.submit(path, {"title": "裁剪工"}, button="action=draft")
    assert page.has_text("仍在审核")


# --- A pause outlasts the review ------------------------------------------------------------------


@pytest.mark.parametrize("is_paused", [True, False], ids=["paused", "open"])
def test_approval_leaves_an_opening_as_its_owner_had_it(
    is_paused: bool, client: QualityClient
) -> None:
    vacancy = an_opening(an_employer(client))
    path = f"/partner/vacancies/{vacancy.pid}"
    if is_paused:
        client.submit(path, form=f"form[action='{path}/pause']")
    said = "由您恢复招聘"
    assert client.get_page(f"{path}/edit").has_text(said) is is_paused
    page = client.submit(f"{path}/edit", {"duties": "裁剪"}, button="action=draft")
    assert (vacancy.state, page.has_text(said)) == (S.IN_REVIEW, is_paused)
    staff = client.another()
    staff.sign_in(Role.DISTRICT)
    record = f"/vacancies/{vacancy.pid}"
    page = staff.submit(record, form=f"form[action='{record}/approve']")
    assert vacancy.state is (S.PAUSED if is_paused else S.OPEN)
    assert page.has_text("审核通过，仍暂停招聘") is is_paused
    assert page.has_text("审核通过，发布") is not is_paused
    if is_paused:
        page = client.submit(path, form=f"form[action='{path}/resume']")
        assert vacancy.state is S.OPEN


def test_free_place_leaves_an_opening_paused_when_its_owner_paused_it(
    client: QualityClient, clock: Clock
) -> None:
    for is_paused in (True, False):
        vacancy = an_opening(PartnerFactory(), n_reserved=1)
        actor = UserFactory(role=Role.DISTRICT).actor
        if is_paused:
            vacancies.advance(vacancy, "pause", actor=actor, now=clock.now)
        vacancies.fill_reserved(vacancy.id, actor=actor, now=clock.now)
        assert vacancy.state is S.FILLED
        vacancies.release_filled(vacancy.id, actor=actor, now=clock.now)
        assert vacancy.state is (S.PAUSED if is_paused else S.OPEN)


# --- The public page ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "heading"),
    [
        ({"state": S.PAUSED}, 404, "这个岗位暂停招聘"),
        ({"state": S.IN_REVIEW}, 404, "这个岗位正在核对"),
        ({"state": S.FILLED}, 410, "这个岗位已经招满"),
        ({"state": S.CLOSED}, 410, "这个岗位已经结束招聘"),
        ({"state": S.EXPIRED}, 410, "这个岗位已经结束招聘"),
        ({}, 200, ""),
    ],
    ids=["paused", "in-review", "filled", "closed", "expired", "open"],
)
def test_public_page_says_why_when_an_opening_is_not_shown(
    change: dict[str, Any], status: int, heading: str, client: QualityClient, clock: Clock
) -> None:
    vacancy = an_opening(PartnerFactory(), S.IN_REVIEW)
    before = client.get_page(f"/jobs/{vacancy.pid}", 404)
    assert before.h1 == "没有找到"  # of what was never public nothing is said
    actor = UserFactory(role=Role.DISTRICT).actor
    vacancies.advance(vacancy, "approve", actor=actor, now=clock.now, reason="属实")
    for name, value in change.items():
        setattr(vacancy, name, value)
    db.session.commit()
    assert client.get_page(f"/jobs/{vacancy.pid}", status).h1 == (heading or vacancy.title)


def test_refusal_speaks_of_nobody_elses_rules_when_shown(client: QualityClient) -> None:
    said = {
        None: "这一页已经撤下",
        Role.ENTERPRISE: "不是您企业的",
        Role.COORDINATOR: "不是您机构的",
        Role.OFFICER: "不在您的工作范围内",
        Role.SYSTEM_ADMIN: "不在您的工作范围内",
    }
    for role, sentence in said.items():
        visitor = client.another()
        if role is not None:
            visitor.sign_in(role)
        page = visitor.get_page("/jobs/22222222", 404)
        assert [one for one in set(said.values()) if page.has_text(one)] == [sentence]
        if role is not None:
            page = visitor.get_page("/partners/new", 403)
            is_staff = role in {Role.OFFICER, Role.SYSTEM_ADMIN}
            assert page.has_text("您的角色没有这一页的权限") is is_staff


# --- Steps ----------------------------------------------------------------------------------------


def situations(partner: Partner) -> Iterator[Vacancy]:
    """An opening per state and per thing that may stand against a step."""
    for state in S:
        taken = {"n_filled": 1} if state is S.FILLED else {}
        yield an_opening(partner, state, **taken)
    for state in (S.OPEN, S.PAUSED, S.FILLED):
        vacancy = an_opening(partner, state, headcount=2, n_filled=2 if state is S.FILLED else 1)
        PlacementFactory(vacancy=vacancy, state=PlacementState.ENDED)
        yield vacancy
    yield an_opening(partner, S.PAUSED, close_on=LONG_AGO, open_on=None)


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.DISTRICT])
@pytest.mark.parametrize("partner_state", [P.ACTIVE, P.SUSPENDED])
def test_step_is_not_refused_for_the_state_when_it_is_offered(
    partner_state: PartnerState, role: Role, client: QualityClient, clock: Clock
) -> None:
    partner: Partner = PartnerFactory()
    user = UserFactory(role=role, **({"unit": partner.unit} if role is Role.ENTERPRISE else {}))
    client.sign_in(user)
    actor = user.actor
    base = "/partner/vacancies" if role is Role.ENTERPRISE else "/vacancies"
    offered = []
    for vacancy in list(situations(partner)):
        partner.state = partner_state
        path = f"{base}/{vacancy.pid}"
        before, found = vacancy.state, steps_on(client.get_page(path), path)
        for step in found:
            offered.append((before.value, step))
            press(vacancy, step, actor, clock)
    assert ("open", "pause") in offered
    assert offered.count(("open", "refill")) == (partner_state is P.ACTIVE)
    assert ("paused", "resume") in offered or partner_state is P.SUSPENDED


def press(vacancy: Vacancy, step: str, actor: Actor, clock: Clock) -> None:
    """Make the step and take it back; what is typed may be wrong, the state may not."""
    kept = db.session.begin_nested()
    try:
        if step == "confirm":
            vacancies.confirm_validity(vacancy, actor=actor, now=clock.now)
        else:
            vacancies.advance(vacancy, step, actor=actor, now=clock.now, reason="说明")
    except InvalidInput:
        pass
    finally:
        kept.rollback()
        db.session.expire_all()


def steps_on(page: Page, path: str) -> list[str]:
    """Return the steps the page has a button for."""
    forms = [str(form.get("action", "")) for form in page.all("main form[method=post]")]
    return [one.rpartition("/")[2] for one in forms if one.startswith(f"{path}/")]


@pytest.mark.parametrize("has_signed", [True, False], ids=["signed", "unsigned"])
def test_vetting_is_offered_only_when_the_agreement_is_signed(
    has_signed: bool, client: QualityClient
) -> None:
    client.sign_in(Role.DISTRICT)
    signed = {} if has_signed else {"agreement_signed_on": None}
    for state, step in ((P.PENDING, "vet"), (P.SUSPENDED, "reinstate")):
        partner = PartnerFactory(state=state, **signed)
        page = client.get_page(f"/partners/{partner.pid}")
        assert bool(page.all(f"form[action$='/{step}']")) is has_signed
        assert page.has_text("还没有填写保密协议的签订日期") is not has_signed


def test_question_stands_open_with_its_fault_when_the_reason_is_missing(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    partner = PartnerFactory(state=P.PENDING)
    vacancy = an_opening(PartnerFactory())
    questions = {f"/vacancies/{vacancy.pid}": "close", f"/partners/{partner.pid}": "reject"}
    for path, step in questions.items():
        before = client.get_page(path)
        assert not before.one(f"#step-{step}").has_attr("open")
        page = client.submit(path, {"reason": " "}, form=f"#step-{step} form", status=422)
        assert page.one(f"#step-{step}").has_attr("open")
        assert "请写明原因" in page.field_errors()["reason"]
        assert page.by_id(f"reason-{step}")["aria-invalid"] == "true"


def test_confirming_says_the_last_day_and_never_shortens(
    client: QualityClient, clock: Clock
) -> None:
    partner = an_employer(client)
    for days, wanted in ((200, 200), (5, 90)):
        vacancy = an_opening(partner, close_on=clock.today + timedelta(days=days))
        path = f"/partner/vacancies/{vacancy.pid}"
        page = client.submit(path, form=f"form[action='{path}/confirm']")
        assert vacancy.close_on == clock.today + timedelta(days=wanted)
        assert page.has_text(f"有效期到 {vacancy.close_on.isoformat()}")
