"""Openings in the browser: staff's list, record and forms, and the district's review."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancySource, VacancyState, Visibility
from matchboard.extensions import db
from matchboard.models import Vacancy
from tests.client import Page, QualityClient, assert_swap_equals_page
from tests.factories import PartnerFactory, UserFactory, VacancyFactory
from tests.sql import assert_sql_independent_of_rows

S = VacancyState


def filled_in(**changes: Any) -> dict[str, Any]:
    return {
        "title": "缝纫工",
        "occupation_code": "6-05-01-03",
        "headcount": "3",
        "duties": "平车缝制工作服",
        "conditions": "不限经验",
        "division_code": "330402",
        "address": "示范路2号",
        "wage_min_cny_month": "4,500",
        "wage_max_cny_month": "６０００",
        "employment_type": "full_time",
        "contract_months": "12",
        "deposit_free": "y",
        "lodging_provided": "1",
        "certificates_required": "cert.health",
        "close_on": "2027.1.31",
        **changes,
    }


def only() -> Vacancy:
    db.session.expire_all()
    return db.session.scalars(db.select(Vacancy)).one()


def test_officer_writes_an_opening_and_the_district_publishes_it(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory(name="朝晖服装厂")
    page = client.submit("/vacancies/new", filled_in(partner=partner.pid))
    vacancy = only()
    assert page.path == f"/vacancies/{vacancy.pid}"
    assert (vacancy.state, vacancy.headcount, vacancy.wage_max_cny_month) == (S.DRAFT, 3, 6000)
    assert (vacancy.close_on, vacancy.lodging_provided) == (date(2027, 1, 31), True)
    page = client.submit(page.path, form=f"form[action='{page.path}/submit']")
    assert page.has_text("审核中")
    assert not page.document.select(f"form[action='{page.path}/approve']")
    district = client.another()
    district.sign_in(Role.DISTRICT)
    queue = district.get_page("/vacancies?state=in_review")
    assert queue.has_text("朝晖服装厂")
    page = district.submit(page.path, form=f"form[action='{page.path}/approve']")
    assert page.has_text("招聘中")
    assert client.get_page("/jobs").has_text("缝纫工")


def test_officer_cannot_approve_when_posting_the_step_directly(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = VacancyFactory(state=S.IN_REVIEW)
    client.post(f"/vacancies/{vacancy.pid}/approve", status=403)
    assert only().state is S.IN_REVIEW


def test_district_is_shown_the_article_and_must_give_a_note_when_something_is_to_be_weighed(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    vacancy = VacancyFactory(
        state=S.IN_REVIEW, conditions="无纹身", title="前台", duties="接待", headcount=2
    )
    path = f"/vacancies/{vacancy.pid}"
    page = client.get_page(path)
    assert page.has_text("《就业促进法》§26")
    page = client.post(f"{path}/approve", {"version": vacancy.version}, status=422)
    assert page.has_text("请写明为什么可以通过")
    page = client.submit(path, {"reason": "已与企业核实"}, form=f"form[action='{path}/approve']")
    assert only().state is S.OPEN
    assert page.has_text("已与企业核实")


def test_step_says_what_is_missing_when_a_law_refuses_it(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = VacancyFactory(state=S.DRAFT, duties="", conditions="限男性")
    page = client.submit(
        f"/vacancies/{vacancy.pid}", form=f"form[action$='{vacancy.pid}/submit']", status=422
    )
    assert page.has_text("请写明工作内容")
    assert page.has_text("《就业促进法》§27")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("step", ["approve", "pause", "nonsense", "recheck"])
def test_step_is_refused_when_it_does_not_fit(step: str, client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    vacancy = VacancyFactory(state=S.CLOSED)
    expected = {"approve": 409, "pause": 409, "nonsense": 404, "recheck": 403}[step]
    page = client.post(
        f"/vacancies/{vacancy.pid}/{step}", {"version": vacancy.version}, status=expected
    )
    assert not page.all("#stale-step")


BAD = {
    "no title": ({"title": " "}, "title"),
    "no partner": ({"partner": ""}, "partner"),
    "people in words": ({"headcount": "若干"}, "headcount"),
    "no people": ({"headcount": ""}, "headcount"),
    "negative people": ({"headcount": "-1"}, "headcount"),
    "huge people": ({"headcount": "9" * 30}, "headcount"),
    "wage in words": ({"wage_min_cny_month": "面议"}, "wage_min_cny_month"),
    "wages crossed": ({"wage_min_cny_month": "7000"}, "wage_max_cny_month"),
    "hourly not finite": ({"wage_hourly_cny": "nan"}, "wage_hourly_cny"),
    "hours": ({"hours_per_day": "25"}, "hours_per_day"),
    "date": ({"close_on": "2026-02-30"}, "close_on"),
    "place": ({"division_code": "火星"}, "division_code"),
    "ambiguous place": ({"division_code": "朝阳区"}, "division_code"),
    "occupation": ({"occupation_code": "宇航员大队长"}, "occupation_code"),
    "certificate": ({"certificates_required": "飞天证"}, "certificates_required"),
    "ticks without answer": ({"posts": ["sales_staff"]}, "posts"),
    "answer without ticks": ({"posts_known": "some"}, "posts"),
    "long title": ({"title": "长" * 121}, "title"),
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=list(BAD))
def test_form_names_the_field_and_keeps_what_was_typed_when_a_value_is_wrong(
    changes: dict[str, Any], field: str, client: QualityClient
) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory()
    values = filled_in(**{"partner": partner.pid, "duties": "写了很久的内容", **changes})
    page = client.submit("/vacancies/new", values, status=422)
    assert page.document.select_one(f"#{field}-error") is not None
    assert page.has_text("写了很久的内容")
    typed = changes.get(field)
    if isinstance(typed, str) and field not in {"partner", "posts"}:
        kept = page.form(fields=values).values()[field]
        assert kept == [typed.strip() if field == "title" else typed]
    assert db.session.scalar(db.select(db.func.count()).select_from(Vacancy)) == 0


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    "values",
    [
        {"employment_type": "slave"},
        {"shift": "always"},
        {"education_min": "99"},
        {"exertion": "x"},
        {"lodging_provided": "maybe"},
        {"visibility": "everyone"},
        {"posts": ["king"], "posts_known": "some"},
        {"partner": "22222222"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_form_is_refused_when_a_choice_is_none_of_those_offered(
    values: dict[str, Any], client: QualityClient
) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory()
    client.post("/vacancies/new", {**filled_in(partner=partner.pid), **values}, status=422)
    assert db.session.scalar(db.select(db.func.count()).select_from(Vacancy)) == 0
    client.post("/vacancies/new", filled_in(partner=partner.pid), status=303)
    assert only().title == "缝纫工"


def test_control_characters_are_left_out_when_typed(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    values = filled_in(partner=PartnerFactory().pid, title="\x01缝纫\x7f工", duties="一\n二\x02")
    client.post("/vacancies/new", values, status=303)
    assert (only().title, only().duties) == ("缝纫工", "一\n二")
    form = {**values, "title": "\0", "submission_key": "another"}
    client.post("/vacancies/new", form, status=400)


def test_one_opening_is_made_when_the_form_is_sent_twice(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory()
    page = client.get_page("/vacancies/new")
    form = page.form(fields=filled_in(partner=""))
    first = client.send(form, filled_in(partner=partner.pid))
    second = client.send(form, filled_in(partner=partner.pid))
    assert first.path == second.path
    assert only().pid in first.path


def test_both_versions_are_shown_when_somebody_saved_meanwhile(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = VacancyFactory(headcount=2, conditions="不限")
    path = f"/vacancies/{vacancy.pid}/edit"
    mine, theirs = client.get_page(path), client.get_page(path)
    client.submit(path, {"address": "他人的地址"}, page=theirs)
    page = client.submit(path, {"address": "我的地址"}, page=mine, status=409)
    assert page.has_text("他人的地址")
    assert page.has_text("您打开这张表之后，这条记录又变过")
    assert page.form(fields={"address": ""}).values()["address"] == ["我的地址"]
    # What was left alone is marked as needed where the opening stands, not as a draft is.
    marks = [[tag.get_text(" ", strip=True) for tag in one.all("label")] for one in (mine, page)]
    assert marks[0] == marks[1]
    client.submit(path, {}, page=page)
    assert only().address == "我的地址"


def test_edit_names_the_field_when_a_law_refuses_it_on_an_open_opening(
    client: QualityClient,
) -> None:
    client.sign_in(Role.OFFICER)
    vacancy = VacancyFactory(conditions="不限")
    page = client.submit(
        f"/vacancies/{vacancy.pid}/edit", {"conditions": "限女性，已婚已育"}, status=422
    )
    assert "§27" in page.field_errors()["conditions"]
    assert only().conditions == "不限"


def test_copy_starts_from_the_other_opening(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    vacancy = VacancyFactory(title="装配工", requirements=[("sew.flat", 2, "required")])
    page = client.get_page(f"/vacancies/new?copy={vacancy.pid}")
    values = page.form(fields={"partner": ""}).values()
    assert values["title"] == ["装配工"]
    assert values["partner"] == [vacancy.partner.pid]
    assert values["close_on"] == [""]


def test_list_narrows_when_filtered(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    shown = VacancyFactory(
        title="叉车司机", state=S.PAUSED, occupation_code="4-02-05-01", division_code="510114"
    )
    VacancyFactory(title="别的")
    VacancyFactory(
        title="外面的",
        source=VacancySource.EXTERNAL,
        partner=None,
        external_employer="E1",
        visibility=Visibility.OFFICERS,
    )
    for query in (
        "q=叉车",
        "state=paused",
        "trade=warehouse",
        "division=四川省",
        f"partner={shown.partner.pid}",
        f"q={shown.pid}",
    ):
        page = client.get_page(f"/vacancies?{query}")
        assert page.has_text("叉车司机"), query
        assert page.has_text("共 1 条"), query
    external = client.get_page("/vacancies?source=external")
    assert external.has_text("未经核实")
    assert external.has_text("共 1 条")
    for sort in ("-updated", "title", "close_on", "-wage", "-places"):
        assert client.get_page(f"/vacancies?sort={sort}").has_text("共 3 条")


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("path", ["/vacancies", "/partners"])
@pytest.mark.parametrize("query", ["state=x&trade=y&source=z&page=0", "division=火星", "q=%01"])
def test_list_answers_when_the_address_is_nonsense(
    path: str, query: str, client: QualityClient
) -> None:
    client.sign_in(Role.OFFICER)
    client.get_page(f"{path}?{query}")


@pytest.mark.usefixtures("on_one_database")
def test_list_swaps_in_place_when_paged(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    for n in range(22):
        VacancyFactory(title=f"岗位{n:02d}")
    assert_swap_equals_page(client, "/vacancies?sort=title", "/vacancies?sort=title&page=2")


def test_list_needs_no_more_statements_when_it_is_longer(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    assert_sql_independent_of_rows(client, "/vacancies", VacancyFactory)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("state", list(VacancyState))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_record_reads_well_in_every_state(
    state: VacancyState, language: str, client: QualityClient
) -> None:
    vacancy = VacancyFactory(
        state=state,
        headcount=4,
        n_reserved=1,
        n_filled=1,
        state_reason="说明",
        posts=["sales_staff"],
        employment_type=None,
        wage_min_cny_month=None,
        wage_max_cny_month=None,
        requirements=[("sew.flat", 3, "required"), ("cert.health", None, "certificate")],
    )
    client.set_language(language)
    for role in (Role.OFFICER, Role.DISTRICT):
        client.sign_in(role)
        client.get_page(f"/vacancies/{vacancy.pid}")
    client.sign_in(UserFactory(role=Role.ENTERPRISE, unit=vacancy.partner.unit))
    client.get_page(f"/partner/vacancies/{vacancy.pid}")


@pytest.mark.usefixtures("on_one_database")
def test_record_of_an_external_opening_reads_well_and_offers_no_publishing(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    vacancy = VacancyFactory(
        source=VacancySource.EXTERNAL,
        partner=None,
        visibility=Visibility.OFFICERS,
        duties="",
        conditions="",
        division_code=None,
        address="",
        occupation_code=None,
        posts=None,
        licences=None,
        open_on=None,
        close_on=None,
    )
    page = client.get_page(f"/vacancies/{vacancy.pid}")
    assert page.has_text("未经核实")
    # Nobody published it and nothing here will: it is not "hiring" under checks it fails.
    for shown in (page.one(".page-lead"), client.get_page("/vacancies").one("tbody")):
        assert "仅供参考，未公开" in shown.get_text()
        assert "招聘中" not in shown.get_text()
    assert "必须改正" not in page.text
    assert page.has_text("待问清")
    place = next(row for row in page.all(".facts div") if row.dt and row.dt.text == "地点")
    assert place.dd is not None
    assert place.dd.text.strip() == "只有坐标，没有地名"
    vacancy.lat = vacancy.lon = None
    place = next(
        row
        for row in client.get_page(f"/vacancies/{vacancy.pid}").all(".facts div")
        if row.dt and row.dt.text == "地点"
    )
    assert place.dd is not None
    assert place.dd.text.strip() == "未填写"
    own = VacancyFactory()
    assert (
        client.get_page(f"/vacancies/{own.pid}").one(".page-lead").get_text().split()[0] == "招聘中"
    )
    path = f"/vacancies/{vacancy.pid}"
    offered = {str(form["action"]) for form in page.document.select("main form")}
    assert f"{path}/pause" in offered
    assert f"{path}/refill" not in offered


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISTRICT])
def test_opening_is_not_found_when_the_id_is_foreign(role: Role, client: QualityClient) -> None:
    client.sign_in(role)
    for path in ("/vacancies/22222222", "/vacancies/22222222/edit"):
        client.get_page(path, 404)
    client.post("/vacancies/22222222/pause", status=404)
    client.get_page("/vacancies/new?copy=22222222", 404)


@pytest.mark.usefixtures("on_one_database")
def test_officer_is_told_when_the_partner_is_not_vetted(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory(state=PartnerState.PENDING)
    page: Page = client.post("/vacancies/new", filled_in(partner=partner.pid), status=422)
    assert "partner" in page.field_errors()
