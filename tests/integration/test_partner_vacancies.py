"""The employer's own openings and record in the browser."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import Partner, Vacancy
from matchboard.services.seen import shown_version
from tests.client import QualityClient, words
from tests.factories import PartnerFactory, PlacementFactory, UserFactory, VacancyFactory
from tests.sql import assert_sql_independent_of_rows

S = VacancyState


def an_employer(client: QualityClient, **attributes: Any) -> Partner:
    partner: Partner = PartnerFactory(**attributes)
    client.sign_in(UserFactory(role=Role.ENTERPRISE, unit=partner.unit))
    return partner


def posting(**changes: Any) -> dict[str, Any]:
    return {
        "title": "缝纫工",
        "occupation_code": "6-05-01-03",
        "headcount": "3",
        "duties": "平车缝制工作服",
        "conditions": "不限",
        "wage_min_cny_month": "4500",
        "wage_max_cny_month": "6000",
        "contract_months": "12",
        "deposit_free": "y",
        **changes,
    }


def only() -> Vacancy:
    db.session.expire_all()
    return db.session.scalars(db.select(Vacancy)).one()


def test_employer_posts_in_one_go_when_sending_to_review(client: QualityClient) -> None:
    partner = an_employer(client)
    page = client.submit("/partner/vacancies/new", posting(), button="action=submit")
    vacancy = only()
    assert page.path == f"/partner/vacancies/{vacancy.pid}"
    assert (vacancy.state, vacancy.partner.pid) == (S.IN_REVIEW, partner.pid)
    assert vacancy.division_code == partner.division_code  # prefilled with its own place
    assert page.has_text("已送区安帮办审核")


def test_employer_keeps_a_draft_when_saving_without_sending(client: QualityClient) -> None:
    an_employer(client)
    client.submit(
        "/partner/vacancies/new",
        {"title": "还没想好", "duties": "", "deposit_free": None},
        button="action=draft",
    )
    vacancy = only()
    assert (vacancy.state, vacancy.title) == (S.DRAFT, "还没想好")
    page = client.submit(
        f"/partner/vacancies/{vacancy.pid}/edit", posting(), button="action=submit"
    )
    assert page.has_text("审核中")


def test_nothing_is_saved_and_all_is_kept_when_the_law_refuses_the_posting(
    client: QualityClient,
) -> None:
    an_employer(client)
    page = client.submit(
        "/partner/vacancies/new",
        posting(conditions="限女性", wage_min_cny_month="900", deposit_free=None),
        button="action=submit",
        status=422,
    )
    errors = page.field_errors()
    assert "《就业促进法》§27" in errors["conditions"]
    assert "《最低工资规定》§12" in errors["wage_min_cny_month"]
    assert page.document.select_one("#deposit_free-error") is not None
    assert page.form(fields=posting()).values()["conditions"] == ["限女性"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Vacancy)) == 0


@pytest.mark.parametrize("state", [PartnerState.PENDING, PartnerState.SUSPENDED])
def test_employer_may_draft_but_not_send_when_not_active(
    state: PartnerState, client: QualityClient
) -> None:
    an_employer(client, state=state)
    page = client.get_page("/partner/vacancies/new")
    assert page.has_text("草稿可以先保存")
    assert not page.document.select("button[value=submit]")
    client.submit("/partner/vacancies/new", posting(), page=page, button="action=draft")
    assert only().state is S.DRAFT
    seen = {"version": shown_version(only())}
    page = client.post(f"/partner/vacancies/{only().pid}/submit", seen, status=409)
    assert page.has_text("审核通过后才能发布岗位")
    key = {"action": "submit", "submission_key": "again"}
    client.post("/partner/vacancies/new", {**posting(), **key, "visibility": "public"}, status=422)
    assert only().state is S.DRAFT


def test_copy_of_the_last_one_fills_in_the_form(client: QualityClient) -> None:
    partner = an_employer(client)
    vacancy = VacancyFactory(partner=partner, title="装配工", headcount=7)
    page = client.get_page("/partner/vacancies/new")
    assert words(page.one(".copy-last .btn-primary")) == "照上一个填"
    assert page.has_text("上一个岗位：装配工")
    page = client.get_page(f"/partner/vacancies/new?copy={vacancy.pid}")
    values = page.form(fields=posting()).values()
    assert (values["title"], values["headcount"]) == (["装配工"], ["7"])
    assert page.all(".copy-last") == []


def test_form_holds_every_step_at_once_when_there_are_no_scripts(client: QualityClient) -> None:
    an_employer(client)
    page = client.get_page("/partner/vacancies/new")
    steps = page.all(".stepped fieldset.form-section")
    assert len(steps) == len(page.all("[data-step-to]")) == 4
    assert not any(step.has_attr("hidden") for step in steps)
    assert page.one(".form-steps").has_attr("hidden")
    assert {"上一步", "下一步"} == {words(b) for b in page.all(".form-actions [hidden]")}


STEPS = {
    "pause": (S.OPEN, S.PAUSED),
    "resume": (S.PAUSED, S.OPEN),
    "close": (S.OPEN, S.CLOSED),
    "renew": (S.EXPIRED, S.DRAFT),
    "refill": (S.FILLED, S.OPEN),
}


@pytest.mark.parametrize("step", STEPS)
def test_employer_moves_its_own_opening_by_the_button_shown(
    step: str, client: QualityClient
) -> None:
    before, after = STEPS[step]
    vacancy = VacancyFactory(partner=an_employer(client), state=before, n_filled=1, headcount=1)
    if step in {"resume", "pause"}:
        vacancy.headcount = 2
    PlacementFactory(vacancy=vacancy, state=PlacementState.ENDED)
    path = f"/partner/vacancies/{vacancy.pid}"
    typed = {"reason": "订单少了"} if step == "close" else {}
    client.submit(path, typed, form=f"form[action='{path}/{step}']")
    assert only().state is after


def test_validity_runs_anew_when_the_employer_confirms(client: QualityClient) -> None:
    vacancy = VacancyFactory(partner=an_employer(client))
    path = f"/partner/vacancies/{vacancy.pid}"
    before = vacancy.close_on
    client.submit(path, form=f"form[action='{path}/confirm']")
    assert only().close_on > before


@pytest.mark.usefixtures("on_one_database")
def test_paused_opening_is_said_to_stay_paused_when_its_validity_is_extended(
    client: QualityClient,
) -> None:
    vacancy = VacancyFactory(partner=an_employer(client))
    path = f"/partner/vacancies/{vacancy.pid}"
    still, paused = "还在招，续期", "延长有效期，仍暂停招聘"
    page = client.get_page(path)
    assert (page.has_text(still), page.has_text(paused)) == (True, False)
    vacancy.state, before = VacancyState.PAUSED, vacancy.close_on
    page = client.get_page(path)
    assert (page.has_text(still), page.has_text(paused)) == (False, True)
    page = client.submit(path, form=f"form[action='{path}/confirm']")
    assert page.has_text(f"已完成：{paused}，有效期到")
    assert (only().state, only().close_on > before) == (VacancyState.PAUSED, True)


@pytest.mark.usefixtures("on_one_database")
def test_close_is_refused_when_no_reason_is_given(client: QualityClient) -> None:
    vacancy = VacancyFactory(partner=an_employer(client))
    page = client.submit(
        f"/partner/vacancies/{vacancy.pid}",
        {"reason": " "},
        form="#step-close form",
        status=422,
    )
    assert page.has_text("请写明原因")
    assert only().state is S.OPEN


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("step", ["approve", "return", "fill", "expire", "recheck"])
def test_employer_cannot_make_steps_of_others(step: str, client: QualityClient) -> None:
    vacancy = VacancyFactory(partner=an_employer(client), state=S.IN_REVIEW)
    client.post(f"/partner/vacancies/{vacancy.pid}/{step}", {"reason": "x"}, status=403)
    assert only().state is S.IN_REVIEW


def test_opening_of_another_employer_is_not_found(client: QualityClient) -> None:
    an_employer(client)
    other = VacancyFactory()
    path = f"/partner/vacancies/{other.pid}"
    client.get_page(path, 404)
    client.get_page(f"{path}/edit", 404)
    client.post(f"{path}/edit", posting(), status=404)
    client.post(f"{path}/pause", status=404)
    client.get_page(f"/partner/vacancies/new?copy={other.pid}", 404)
    assert not client.get_page("/partner/vacancies").has_text(other.title)


def test_material_edit_of_an_open_opening_goes_back_to_review(client: QualityClient) -> None:
    vacancy = VacancyFactory(partner=an_employer(client), conditions="不限")
    path = f"/partner/vacancies/{vacancy.pid}/edit"
    assert client.get_page(path).has_text("岗位会重新送审")
    page = client.submit(path, {"wage_min_cny_month": "5000"}, button="action=draft")
    assert page.has_text("审核中")
    assert only().state is S.IN_REVIEW


def test_both_versions_are_shown_when_an_officer_saved_meanwhile(client: QualityClient) -> None:
    vacancy = VacancyFactory(partner=an_employer(client), conditions="不限")
    path = f"/partner/vacancies/{vacancy.pid}/edit"
    mine = client.get_page(path)
    officer = client.another()
    officer.sign_in(Role.OFFICER)
    officer.submit(f"/vacancies/{vacancy.pid}/edit", {"address": "工作人员改的"})
    page = client.submit(path, {"address": "我改的"}, page=mine, button="action=draft", status=409)
    assert page.has_text("工作人员改的")
    assert page.has_text("我改的")


def test_one_opening_is_made_when_the_form_is_sent_twice(client: QualityClient) -> None:
    an_employer(client)
    form = client.get_page("/partner/vacancies/new").form(fields=posting())
    for _ in range(2):
        client.send(form, {**posting(), "action": "submit"})
    assert only().state is S.IN_REVIEW


def test_own_list_needs_no_more_statements_when_it_is_longer(client: QualityClient) -> None:
    partner = an_employer(client)
    assert_sql_independent_of_rows(
        client, "/partner/vacancies", lambda: VacancyFactory(partner=partner)
    )


def test_own_list_shows_state_and_places_of_each(client: QualityClient) -> None:
    partner = an_employer(client)
    VacancyFactory(partner=partner, headcount=5, n_reserved=1, n_filled=2, title="甲")
    VacancyFactory(partner=partner, state=S.CLOSED, title="乙")
    VacancyFactory(partner=partner, state=S.DRAFT, state_reason="请写班次", title="丙")
    page = client.get_page("/partner/vacancies")
    for text in ("甲", "已入职 2", "已预留 1", "空 2", "乙", "已退回：请写班次"):
        assert page.has_text(text)
    english = client
    english.set_language("en")
    english.get_page("/partner/vacancies")


# --- Profile --------------------------------------------------------------------------------------


def test_employer_changes_its_contact(client: QualityClient) -> None:
    partner = an_employer(client)
    client.submit(
        "/partner/profile",
        {"contact_name": "示范人", "contact_phone": "0573-82830000", "division_code": "510114"},
    )
    db.session.expire_all()
    assert (partner.contact_name, partner.contact_phone) == ("示范人", "+8657382830000")
    assert partner.division_code == "510114"
    assert partner.lat == pytest.approx(30.8, abs=0.2)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact_phone", "12"),
        ("contact_phone", "打电话"),
        ("division_code", "火星"),
        ("contact_name", "长" * 61),
        ("address", "长" * 201),
    ],
)
def test_profile_names_the_field_when_a_value_is_wrong(
    field: str, value: str, client: QualityClient
) -> None:
    an_employer(client)
    page = client.submit("/partner/profile", {field: value}, status=422)
    assert field in page.field_errors()
    assert page.form(fields={field: ""}).values()[field] == [value]


def test_profile_shows_both_versions_when_the_district_saved_meanwhile(
    client: QualityClient,
) -> None:
    partner = an_employer(client)
    mine = client.get_page("/partner/profile")
    district = client.another()
    district.sign_in(Role.DISTRICT)
    district.submit(f"/partners/{partner.pid}/edit", {"address": "区里改的"})
    page = client.submit("/partner/profile", {"address": "我改的"}, page=mine, status=409)
    assert page.has_text("区里改的")


@pytest.mark.usefixtures("on_one_database")
def test_employer_cannot_change_what_the_district_keeps(client: QualityClient) -> None:
    partner = an_employer(client)
    page = client.get_page("/partner/profile")
    values = {name: v[0] for name, v in page.form(fields={"address": ""}).values().items()}
    client.post(
        "/partner/profile",
        {**values, "name": "改名", "uscc": "x", "state": "active", "verified_on": "2026-11-24"},
    )
    db.session.expire_all()
    assert partner.name != "改名"
    assert partner.verified_on.isoformat() == "2026-09-01"
