"""The screens of the person's record: list, export, registration, overview, personal link."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook

from matchboard.domain.client import Stage
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client, PersonalLink
from matchboard.services import client_fields, personal_links
from tests import factories
from tests.sql import assert_sql_independent_of_rows

NUMBER = factories.identity_number(21, born=date(1990, 3, 9))


@pytest.fixture
def officer(client: Any) -> Any:
    return client.sign_in(Role.OFFICER)


def _person(officer: Any, name: str = "张三", **values: Any) -> Any:
    return factories.ClientFactory(
        office=officer.unit, **client_fields.name_columns(name), **values
    )


# --- The list ------------------------------------------------------------------------------


def test_list_shows_own_people_with_their_work(client: Any, officer: Any) -> None:
    person = _person(officer)
    factories.PlacementFactory(
        client=person, state="started", vacancy=factories.VacancyFactory(title="缝纫工")
    )
    stranger = factories.ClientFactory(name="外所人")
    page = client.get_page("/clients")
    assert page.has_text("张三")
    assert page.has_text("缝纫工")
    assert not page.has_text(stranger.name)
    assert page.has_text("共 1 条")


def test_list_needs_as_many_statements_for_many_rows(client: Any, officer: Any) -> None:
    def make() -> None:
        factories.PlacementFactory(client=_person(officer), state="started")

    assert_sql_independent_of_rows(client, "/clients", make, few=3, many=30)


@pytest.mark.parametrize("query", ["work=placed", "stage=bad", "work=%27", "page=99", "sort=x"])
def test_list_takes_any_address(client: Any, officer: Any, query: str) -> None:
    _person(officer)
    client.get_page(f"/clients?{query}")


def test_list_says_what_to_do_when_it_is_empty(client: Any, officer: Any) -> None:
    assert client.get_page("/clients").has_text("从登记第一个人开始")
    # While nobody is registered no condition is to blame.
    assert client.get_page("/clients?q=没有").has_text("从登记第一个人开始")
    _person(officer)
    assert client.get_page("/clients?q=没有").has_text("没有符合条件的人")


def test_list_names_the_place_it_did_not_understand(client: Any, officer: Any) -> None:
    _person(officer)
    page = client.get_page("/clients?division=朝阳区")
    assert page.has_text("不止一处")
    assert page.has_text("张三")


def test_list_swaps_in_place(client: Any, officer: Any) -> None:
    _person(officer)
    page = client.get_fragment("/clients?q=zs")
    assert page.has_text("张三")
    assert "HX-Push-Url" not in page.headers


def test_list_keeps_identity_number_out_of_the_address_bar(client: Any, officer: Any) -> None:
    person = _person(officer, with_id_number=True)
    page = client.get_fragment(f"/clients?q={person.id_number}")
    assert page.has_text(person.name)
    assert page.headers["HX-Push-Url"] == "false"


def test_list_offers_offices_to_the_district_only(client: Any) -> None:
    officer = client.sign_in(Role.OFFICER)
    _person(officer)
    assert not client.get_page("/clients").all("#filter-office")
    client.sign_in(factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent))
    page = client.get_page(f"/clients?office={officer.unit.pid}")
    assert page.one("#filter-office option[selected]").get_text() == officer.unit.name
    assert page.has_text("张三")


# --- The export ----------------------------------------------------------------------------


def test_export_holds_what_the_list_shows_and_nothing_protected(client: Any, officer: Any) -> None:
    person = _person(
        officer,
        with_id_number=True,
        phone="+8613800138000",
        phone_tail="8000",
        residence_address="秘密路 1 号",
    )
    _person(officer, "李四", stage=Stage.PRE_RELEASE)
    number = person.id_number
    page = client.post("/clients/export.xlsx?stage=in_support")
    assert page.status == 200
    sheet = load_workbook(io.BytesIO(page.data)).active
    rows = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [row[1] for row in rows] == ["姓名", "张三"]
    days = [sheet.cell(2, rows[0].index(name) + 1) for name in ("登记日期", "释放或解矫日期")]
    assert [cell.value and cell.value.date() for cell in days] == [
        person.registered_on,
        person.released_on,
    ]
    assert any(cell.is_date for cell in days)
    text = str(rows)
    for secret in (number, "13800138000", "8000", "秘密路"):
        assert secret not in text
    entry = db.session.query(AuditEntry).filter_by(verb="client.export").one()
    assert entry.detail == {"n_rows": 1, "filters": ["stage"]}


def test_export_is_taken_by_the_button_alone_when_a_link_asks_for_it(
    client: Any, officer: Any
) -> None:
    _person(officer)
    page = client.get_page("/clients/export.xlsx?stage=in_support", follow=True)
    assert page.path == "/clients?stage=in_support&sort=updated"
    asked = db.session.query(AuditEntry).filter_by(verb="client.export")
    assert asked.count() == 0
    file = client.send(page.form("form[action='/clients/export.xlsx']"))
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert asked.one().detail == {"n_rows": 1, "filters": ["stage"]}
    head = load_workbook(io.BytesIO(file.data)).worksheets[1]
    assert [cell.value for cell in head[2]] == [asked.one().id, asked.one().hash, asked.one().id]


def test_export_writes_text_that_is_no_formula(client: Any, officer: Any) -> None:
    _person(officer, name="张三")
    db.session.query(Client).update({"name": "=1+1"})
    page = client.post("/clients/export.xlsx")
    cell = load_workbook(io.BytesIO(page.data)).active["B2"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")


def test_export_opens_when_a_name_holds_an_invisible_character(client: Any, officer: Any) -> None:
    _person(officer, name="张三")
    db.session.query(Client).update({"name": "张\x01三"})
    page = client.post("/clients/export.xlsx")
    assert load_workbook(io.BytesIO(page.data)).active["B2"].value == "张三"


# --- Registration --------------------------------------------------------------------------

TYPED = {
    "name": "赵样一",
    "identity_number": NUMBER,
    "kind": "released_person",
    "stage": "in_support",
    "released_on": "2026.11.10",
    "registered_on": "20261120",
    "residence_division": "浙江省嘉兴市南湖区",
}


def test_registration_leads_to_the_new_record(client: Any, officer: Any) -> None:
    page = client.submit("/clients/new", TYPED)
    person = db.session.query(Client).one()
    assert page.path == f"/clients/{person.pid}"
    assert page.h1 == "赵样一"
    assert (person.released_on, person.residence_division) == (date(2026, 11, 10), "330402")


def test_registration_makes_one_record_when_sent_twice(client: Any, officer: Any) -> None:
    form = client.get_page("/clients/new").form(fields=TYPED)
    first = client.send(form, TYPED)
    second = client.send(form, TYPED)
    assert first.path == second.path
    assert db.session.query(Client).count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"name": ""}, "name", id="name"),
        pytest.param({"name": "张" * 200}, "name", id="name-long"),
        pytest.param({"identity_number": "12"}, "identity_number", id="number"),
        pytest.param({"identity_number": "9" * 99}, "identity_number", id="number-long"),
        pytest.param({"identity_number": ""}, "identity_number", id="number-missing"),
        pytest.param({"birth_date": "昨天"}, "birth_date", id="birth-date"),
        pytest.param({"sex": "x"}, "sex", id="sex"),
        pytest.param({"phone": "abc"}, "phone", id="phone"),
        pytest.param({"phone": "1" * 99}, "phone", id="phone-long"),
        pytest.param({"contact_status": "x"}, "contact_status", id="contact"),
        pytest.param({"kind": "x"}, "kind", id="kind"),
        pytest.param({"kind": None}, "kind", id="kind-missing"),
        pytest.param({"stage": "x"}, "stage", id="stage"),
        pytest.param({"stage": None}, "stage", id="stage-missing"),
        pytest.param({"released_on": "2026-02-30"}, "released_on", id="released"),
        pytest.param({"registered_on": "2026-13-01"}, "registered_on", id="registered"),
        pytest.param({"residence_division": "无此地"}, "residence_division", id="residence"),
        pytest.param({"residence_address": "路" * 201}, "residence_address", id="address"),
        pytest.param({"registered_division": "朝阳区"}, "registered_division", id="ambiguous"),
    ],
)
def test_registration_shows_the_error_at_the_field_and_keeps_what_was_typed(
    client: Any, officer: Any, change: dict[str, Any], field: str
) -> None:
    values = {**TYPED, **change}
    page = client.submit("/clients/new", values, status=422)
    shown = page.all(f"#{field}-error") or page.all(f"[id='{field}'].has-error")
    assert shown
    assert db.session.query(Client).count() == 0
    for name in ("name", "residence_address"):
        if values.get(name):
            assert page.by_id(name)["value"] == values[name]


def test_registration_asks_the_district_for_the_office(client: Any) -> None:
    officer = client.sign_in(Role.OFFICER)
    client.sign_in(factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent))
    page = client.submit("/clients/new", TYPED, status=422)
    assert "office_pid" in page.field_errors()
    client.submit("/clients/new", {**TYPED, "office_pid": officer.unit.pid})
    assert db.session.query(Client).one().office_id == officer.unit_id


def test_identity_check_links_to_the_record_of_the_own_office(client: Any, officer: Any) -> None:
    person = _person(officer, with_id_number=True)
    page = client.post(
        "/clients/new/identity", {"identity_number": person.id_number}, status=200, htmx=True
    )
    assert f"/clients/{person.pid}" in page.links()
    page = client.submit("/clients/new", {**TYPED, "identity_number": person.id_number}, status=422)
    assert f"/clients/{person.pid}" in page.links()
    assert "identity_number" in page.field_errors()


def test_identity_check_reveals_nothing_of_another_office(client: Any, officer: Any) -> None:
    stranger = factories.ClientFactory(name="保密人", with_id_number=True)
    number, pid = stranger.id_number, stranger.pid
    page = client.post("/clients/new/identity", {"identity_number": number}, status=200, htmx=True)
    assert page.has_text("另一个司法所")
    refused = client.submit("/clients/new", {**TYPED, "identity_number": number}, status=422)
    for answer in (page, refused):
        assert "保密人" not in answer.text
        assert pid not in answer.text
    logged = db.session.query(AuditEntry).filter_by(verb="client.check_elsewhere").all()
    assert [entry.subject_pid for entry in logged] == [pid, pid]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        pytest.param("", "", id="blank"),
        pytest.param("123", "18 位", id="short"),
        pytest.param(NUMBER, "1990-03-09", id="free"),
    ],
)
def test_identity_check_says_what_the_number_tells(
    client: Any, officer: Any, typed: str, words: str
) -> None:
    page = client.post("/clients/new/identity", {"identity_number": typed}, status=200, htmx=True)
    assert page.has_text(words)


def test_identity_number_is_never_shown_whole(client: Any, officer: Any) -> None:
    person = _person(officer, with_id_number=True)
    number = person.id_number
    for path in ("", "/profile", "/profile/basics"):
        assert number not in client.get_page(f"/clients/{person.pid}{path}").text


# --- A person ------------------------------------------------------------------------------


def test_overview_shows_stage_duty_and_what_is_missing(client: Any, officer: Any) -> None:
    person = _person(
        officer,
        stage=Stage.PRE_RELEASE,
        released_on=date(2026, 11, 1),
        registered_on=None,
        residence_division=None,
    )
    page = client.get_page(f"/clients/{person.pid}")
    assert page.has_text("尚未报到，请上门联系")
    assert page.has_text("已逾期：2026-11-16")
    assert f"/clients/{person.pid}/profile/residence" in page.links()
    assert page.has_text("身份证号待补")


@pytest.mark.parametrize("tab", ["", "/profile", "/matches", "/placements", "/training"])
def test_every_tab_shows_stage_contact_and_next_duty(client: Any, officer: Any, tab: str) -> None:
    person = _person(officer)
    page = client.get_page(f"/clients/{person.pid}{tab}")
    head = page.one(".client-head")
    assert len(head.select(".step-current")) == 1
    assert "有联系" in head.get_text()
    assert len(page.all(".client-head ~ .tab-nav")) == 1


def test_overview_tells_which_section_was_edited(client: Any, officer: Any) -> None:
    person = _person(officer)
    path = f"/clients/{person.pid}/profile/residence"
    client.submit(path, {"residence_address": "幸福路 1 号"}, form=f"form[action^='{path}']")
    page = client.get_page(f"/clients/{person.pid}")
    assert page.has_text("更新档案：居住和户籍")
    assert not page.has_text("幸福路")


def test_overview_shows_the_running_placement(client: Any, officer: Any) -> None:
    person = _person(officer)
    placement = factories.PlacementFactory(
        client=person, state="started", vacancy=factories.VacancyFactory(title="缝纫工")
    )
    page = client.get_page(f"/clients/{person.pid}")
    assert page.has_text("缝纫工")
    assert f"/placements/{placement.pid}" in page.links()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/link",
        "/profile",
        "/profile/basics",
        "/profile/skills",
        "/restricted",
    ],
)
def test_person_of_another_office_is_not_found(client: Any, officer: Any, path: str) -> None:
    stranger, own = factories.ClientFactory(), factories.ClientFactory(office=officer.unit)
    client.get_page(f"/clients/{stranger.pid}{path}", status=404)
    client.get_page(f"/clients/{own.pid}{path}")


@pytest.mark.parametrize(
    "path", ["/link", "/link/revoke", "/profile/basics", "/restricted", "/restricted/record"]
)
def test_post_on_a_person_of_another_office_is_not_found(
    client: Any, officer: Any, path: str
) -> None:
    stranger, own = factories.ClientFactory(), factories.ClientFactory(office=officer.unit)
    client.post(f"/clients/{stranger.pid}{path}", {}, status=404)
    assert client.post(f"/clients/{own.pid}{path}", {}).status != 404


# --- The personal link ---------------------------------------------------------------------


def test_link_is_shown_once_and_stored_as_digest_only(
    client: Any, officer: Any, clock: Any
) -> None:
    person = _person(officer)
    page = client.submit(f"/clients/{person.pid}/link", form="form[action$='/link']")
    (token,) = re.findall(r"/me/([\w-]+)", page.one("figcaption code").get_text())
    assert page.one("figure.qr img")["src"].startswith("data:image/svg+xml")
    stored = db.session.query(PersonalLink).one()
    assert token not in (stored.token_digest, str(stored.__dict__))
    assert personal_links.find_link(token, now=clock.now).client_id == person.id
    # Its own browser may reload the page (test_shown_once).
    other = client.another()
    other.sign_in(officer)
    assert token not in other.get_page(f"/clients/{person.pid}/link").text


def test_link_can_be_revoked(client: Any, officer: Any, clock: Any) -> None:
    person = _person(officer)
    client.submit(f"/clients/{person.pid}/link", form="form[action$='/link']")
    page = client.submit(f"/clients/{person.pid}/link", form="form[action$='/revoke']")
    assert page.has_text("没有可用的链接")
    seen = {"version": personal_links.link_version(person, now=clock.now)}
    client.post(f"/clients/{person.pid}/link/revoke", seen, status=409)


def test_link_is_made_once_when_sent_twice(client: Any, officer: Any) -> None:
    person = _person(officer)
    form = client.get_page(f"/clients/{person.pid}/link").form("form[action$='/link']")
    client.send(form)
    client.send(form)
    assert db.session.query(PersonalLink).count() == 1


# --- Search --------------------------------------------------------------------------------


def test_search_page_groups_what_it_finds(client: Any, officer: Any) -> None:
    person = _person(officer, "焊小明")
    course = factories.CourseFactory(title="焊接基础")
    page = client.get_page("/search?q=焊")
    assert {f"/clients/{person.pid}", f"/courses/{course.pid}"} <= set(page.links())


def test_search_jumps_to_an_exact_public_id(client: Any, officer: Any) -> None:
    person = _person(officer)
    assert client.get_page(f"/search?q={person.pid.upper()}", follow=True).h1 == "张三"


def test_search_drops_down_while_typing(client: Any, officer: Any) -> None:
    person = _person(officer)
    page = client.get_fragment("/search?q=zs")
    assert f"/clients/{person.pid}" in page.links()


def test_search_never_repeats_an_identity_number(client: Any, officer: Any) -> None:
    number = factories.identity_number(999)
    page = client.get_page(f"/search?q={number}")
    assert page.one("#search-q")["value"] == ""
    assert page.has_text("没有找到")


@pytest.mark.parametrize("typed", ["", "%", "'", "<script>", "x" * 500])
def test_search_takes_anything(client: Any, officer: Any, typed: str) -> None:
    from urllib.parse import quote

    client.get_page(f"/search?q={quote(typed)}")
