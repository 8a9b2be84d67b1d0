"""Training staff's pages, with htmx and without."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from matchboard import models
from matchboard.domain.roles import Role
from matchboard.domain.training import EnrolmentState
from matchboard.extensions import db
from tests import factories
from tests.client import QualityClient, assert_fragment_is_part_of_page
from tests.conftest import Clock
from tests.sql import assert_sql_independent_of_rows

S = EnrolmentState


@pytest.fixture
def coordinator(client: QualityClient) -> models.User:
    """Return the coordinator who is signed in."""
    return client.sign_in(Role.COORDINATOR)


def own_session(coordinator: models.User, **given: Any) -> models.CourseSession:
    """Return a session of the coordinator's provider."""
    course = factories.CourseFactory(provider=coordinator.unit, skills=[("sew.flat", 2)])
    return factories.CourseSessionFactory(course=course, **given)


def begun(clock: Clock) -> dict[str, Any]:
    """Return the dates of a session that began yesterday."""
    return {"starts_on": clock.today - timedelta(days=1)}


def state_of(enrolment: models.Enrolment) -> tuple[EnrolmentState, int]:
    """Return where the person stands and how many places are taken."""
    db.session.expire_all()
    return enrolment.state, enrolment.session.n_enrolled


COURSE = {
    "title": "平缝机操作基础",
    "subject": "sewing",
    "hours": "40",
    "description": "从穿线学起。",
    "skills": ["sew.flat"],
    "skills_level": ["2"],
    "certificates": "",
}
RUN = {
    "starts_on": "20261201",
    "ends_on": "2026.12.20",
    "capacity": "12",
    "place": "东门路8号",
    "division_code": "330402",
}


# --- Start page ----------------------------------------------------------------------------


def test_start_page_tells_what_to_do_when_nothing_waits(
    client: QualityClient, coordinator: models.User
) -> None:
    page = client.get_page("/training")
    assert page.has_text("没有人在等答复")
    assert page.has_text("还没有安排班次")


def test_person_is_enrolled_with_one_tap_from_the_start_page(
    client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator))
    page = client.get_page("/training")
    assert page.has_text(one.client.name)
    after = client.send(page.form(f"form[action$='{one.pid}/admit']"))
    assert (after.path, state_of(one)) == ("/training", (S.ENROLLED, 1))
    assert after.has_text(f"已录取 {one.client.name}。")
    assert after.has_text("没有人在等答复")


def test_person_is_enrolled_in_place_when_htmx_asks(
    client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator, capacity=1, n_enrolled=1))
    page = client.get_page("/training")
    form = page.form(f"form[action$='{one.pid}/admit']")
    assert "排入候补" in form.tag.get_text()
    after = client.send(form, htmx=True)
    assert after.is_fragment
    assert after.by_id("training-start")
    assert after.has_text("排在候补第 1 位")
    assert state_of(one) == (S.WAITLISTED, 1)


def test_navigation_counts_who_waits(client: QualityClient, coordinator: models.User) -> None:
    factories.EnrolmentFactory(session=own_session(coordinator))
    factories.EnrolmentFactory()
    page = client.get_page("/training")
    assert page.all(".side-nav .nav-count")[0].get_text().endswith("1")


# --- Courses -------------------------------------------------------------------------------


def test_course_is_made_published_and_given_a_session(
    client: QualityClient, coordinator: models.User
) -> None:
    page = client.submit("/training/courses/new", COURSE)
    assert page.h1 == "平缝机操作基础"
    assert page.has_text("有人带着能做")
    page = client.send(page.form("form[action$='/publish']"))
    assert page.has_text("课程已公开。")
    pid = page.path.rsplit("/", 1)[1]
    page = client.submit(f"/training/courses/{pid}/sessions/new", RUN)
    assert page.path.startswith("/training/sessions/")
    assert page.has_text("东门路8号")
    assert client.another().get_page(f"/courses/{pid}").has_text("2026-12-01 – 2026-12-20")


def test_course_is_made_once_when_the_form_is_sent_twice(
    client: QualityClient, coordinator: models.User
) -> None:
    form = client.get_page("/training/courses/new").form(fields=COURSE)
    first = client.send(form, COURSE)
    second = client.send(form, COURSE)
    assert second.path == first.path
    assert db.session.scalar(select(func.count(models.Course.id))) == 1


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        pytest.param({"title": " "}, "title", "这一项必须填写", id="no-title"),
        pytest.param({"hours": "很多"}, "hours", "请填整数", id="hours-in-words"),
        pytest.param({"hours": "0"}, "hours", "课时应在", id="hours-zero"),
        pytest.param({"skills": ["绕口令"]}, "skills", "不认识", id="unknown-skill"),
        pytest.param({"skills_level": [""]}, "skills", "请为每项技能选择", id="no-level"),
        pytest.param({"skills": ["cert.fire"]}, "skills", "证书请填到", id="certificate"),
        pytest.param({"certificates": "平缝"}, "certificates", "", id="skill-as-certificate"),
    ],
)
def test_course_form_says_what_is_wrong_and_keeps_the_rest(
    typed: dict[str, Any], field: str, words: str, client: QualityClient, coordinator: models.User
) -> None:
    opened = client.get_page("/training/courses/new").form(fields=COURSE)
    page = client.send(opened, {**COURSE, **typed}, status=422)
    assert words in page.field_errors()[field]
    assert page.by_label("学些什么").get_text().strip() == COURSE["description"]
    assert db.session.scalar(select(func.count(models.Course.id))) == 0


def test_course_edit_shows_both_versions_when_somebody_was_faster(
    client: QualityClient, coordinator: models.User
) -> None:
    course = factories.CourseFactory(provider=coordinator.unit, skills=[("sew.flat", 2)])
    db.session.commit()
    form = client.get_page(f"/training/courses/{course.pid}/edit").form(fields={"title": ""})
    course.title = "别人改的名字"
    db.session.commit()
    page = client.send(form, {"title": "我改的名字", "subject": "cooking"}, status=409)
    table = page.one(".table-compare").get_text()
    assert "我改的名字" in table
    assert "别人改的名字" in table
    assert "烹饪" in table
    saved = client.send(page.form(fields={"title": ""}))
    assert saved.h1 == "我改的名字"


def test_district_chooses_the_provider_and_enrols_nobody(client: QualityClient) -> None:
    district = client.sign_in(Role.DISTRICT)
    provider = factories.ProviderFactory(parent=district.unit)
    page = client.submit("/training/courses/new", {**COURSE, "provider": provider.pid})
    course = db.session.scalars(select(models.Course)).one()
    assert course.provider == provider
    person = factories.ClientFactory(office=factories.OfficeFactory(parent=district.unit))
    session = factories.CourseSessionFactory(course=course)
    one = factories.EnrolmentFactory(session=session, client=person)
    page = client.get_page(f"/training/sessions/{one.session.pid}")
    assert page.has_text(one.client.name)
    assert page.all("form[action*='/enrolments/'], form[action$='/walk-in']") == []
    assert client.post(f"/training/enrolments/{one.pid}/admit").status == 403
    edited = client.submit(f"/training/courses/{course.pid}/edit", {"title": "新名字"})
    assert edited.h1 == "新名字"


def test_course_list_narrows_by_text_and_subject(
    client: QualityClient, coordinator: models.User
) -> None:
    own = factories.CourseFactory(provider=coordinator.unit, title="包缝机操作")
    other = factories.CourseFactory()
    page = client.get_page("/training/courses?q=包缝")
    assert page.has_text(own.title)
    assert page.has_text("共 1 条")
    assert not page.has_text(other.title)
    assert client.get_page("/training/courses?subject=cooking").has_text("没有符合条件的课程")
    assert_fragment_is_part_of_page(client, "/training/courses?q=包缝&published=yes")


# --- Sessions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        pytest.param({"starts_on": "明天"}, "starts_on", "日期看不懂", id="words-as-date"),
        pytest.param({"ends_on": "2026-11-30"}, "ends_on", "早于开班", id="backwards"),
        pytest.param({"ends_on": ""}, "ends_on", "必须填写", id="no-end"),
        pytest.param({"capacity": "十几"}, "capacity", "请填整数", id="capacity-in-words"),
        pytest.param({"capacity": "0"}, "capacity", "名额应在", id="no-places"),
        pytest.param({"division_code": "月球"}, "division_code", "没有找到地区", id="moon"),
    ],
)
def test_session_form_says_what_is_wrong_and_keeps_the_rest(
    typed: dict[str, Any], field: str, words: str, client: QualityClient, coordinator: models.User
) -> None:
    course = factories.CourseFactory(provider=coordinator.unit)
    db.session.commit()
    opened = client.get_page(f"/training/courses/{course.pid}/sessions/new").form(fields=RUN)
    page = client.send(opened, {**RUN, **typed}, status=422)
    assert words in page.field_errors()[field]
    assert page.by_label("上课地点")["value"] == RUN["place"]
    assert db.session.scalar(select(func.count(models.CourseSession.id))) == 0


def test_session_edit_says_how_many_were_enrolled_from_the_waiting_list(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, capacity=1, n_enrolled=1)
    waiting = factories.EnrolmentFactory(
        session=session, state=S.WAITLISTED, waitlisted_at=clock.now
    )
    page = client.submit(f"/training/sessions/{session.pid}/edit", {"capacity": "2"})
    assert page.has_text("候补的前 1 人已自动录取")
    assert state_of(waiting) == (S.ENROLLED, 2)


def test_session_edit_shows_both_versions_when_somebody_was_faster(
    client: QualityClient, coordinator: models.User
) -> None:
    session = own_session(coordinator)
    db.session.commit()
    form = client.get_page(f"/training/sessions/{session.pid}/edit").form(fields={"capacity": ""})
    session.place = "西门路3号"
    db.session.commit()
    page = client.send(form, {"capacity": "20"}, status=409)
    assert "西门路3号" in page.one(".table-taken").get_text()
    assert page.by_label("名额")["value"] == "20"
    assert page.by_label("上课地点")["value"] == "西门路3号"


def test_session_is_cancelled_and_its_people_moved(
    client: QualityClient, coordinator: models.User
) -> None:
    session = own_session(coordinator, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    other = factories.CourseSessionFactory(course=session.course)
    page = client.submit(
        f"/training/sessions/{session.pid}", form=f"form[action$='{session.pid}/cancel']"
    )
    assert page.has_text("1 名学员回到待答复")
    # What cannot be saved any more is no form: the page leads to the session and says why.
    led = client.get_page(f"/training/sessions/{session.pid}/edit", follow=True)
    assert (led.path, led.has_text("已经取消")) == (f"/training/sessions/{session.pid}", True)
    moved = client.send(page.form(f"form[action$='{one.pid}/move']"), {"session": other.pid})
    assert moved.has_text("已改到 2026-12-01 开班的班次")
    db.session.expire_all()
    assert (one.session, one.state) == (other, S.RECOMMENDED)


# --- The roster ----------------------------------------------------------------------------


def test_roster_walks_a_person_from_recommendation_to_certificate(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, **begun(clock))
    one = factories.EnrolmentFactory(session=session)
    path = f"/training/sessions/{session.pid}"
    page = client.submit(path, form=f"form[action$='{one.pid}/admit']")
    assert page.has_text(f"已录取 {one.client.name}。")
    page = client.send(page.form(f"form[action$='{one.pid}/complete']"))
    assert page.has_text("已结业，技能已记入档案")
    assert state_of(one) == (S.COMPLETED, 1)
    assert [(s.skill_code, s.level) for s in one.client.skills] == [("sew.flat", 2)]


def test_roster_hides_the_telephone_of_those_one_need_not_call(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator)
    phones = {
        state: factories.EnrolmentFactory(
            session=session, state=state, waitlisted_at=clock.now
        ).client.phone
        for state in S
    }
    page = client.get_page(f"/training/sessions/{session.pid}")
    shown = {state for state, phone in phones.items() if phone in page.text}
    assert shown == {S.RECOMMENDED, S.ENROLLED}
    assert "1985" not in page.text


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_roster_asks_for_a_reason_when_somebody_drops_out(
    htmx: bool, client: QualityClient, coordinator: models.User
) -> None:
    session = own_session(coordinator, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    page = client.get_page(f"/training/sessions/{session.pid}")
    form = page.form(f"form[action$='{one.pid}/drop-out']")
    refused = client.send(form, status=422, htmx=htmx)
    assert refused.has_text("请选择原因。")
    refused = client.send(form, {"reason": "other"}, status=422, htmx=htmx)
    assert refused.has_text("请写明情况")
    assert client.send(form, {"reason": "moon"}, status=422, htmx=htmx)
    assert state_of(one) == (S.ENROLLED, 1)
    done = client.send(form, {"reason": "found_work"}, htmx=htmx)
    assert done.has_text("找到工作了")
    assert state_of(one) == (S.DECLINED, 0)  # the session has not begun


def test_roster_says_who_got_the_place_when_somebody_drops_out(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, capacity=1, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    factories.EnrolmentFactory(session=session, state=S.WAITLISTED, waitlisted_at=clock.now)
    path = f"/training/sessions/{session.pid}"
    form = client.get_page(path).form(f"form[action$='{one.pid}/drop-out']")
    page = client.send(form, {"reason": "health"})
    assert page.has_text("空出的名额已给候补第一位")


def test_roster_says_nothing_of_a_place_when_nobody_got_one(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, **begun(clock), capacity=1, n_enrolled=1)
    one, leaver = (factories.EnrolmentFactory(session=session, state=S.ENROLLED) for _ in "ab")
    session.n_enrolled, session.capacity = 2, 2
    path = f"/training/sessions/{session.pid}"
    done = client.send(
        client.get_page(path).form(f"form[action$='{one.pid}/complete']"),
        {"result_on": clock.today.isoformat()},
    )
    assert state_of(one) == (S.COMPLETED, 2)
    assert done.has_text("已结业") or done.has_text("结业")
    assert not done.has_text("空出的名额已给候补第一位")
    form = client.get_page(path).form(f"form[action$='{leaver.pid}/drop-out']")
    left = client.send(form, {"reason": "health"})
    assert state_of(leaver) == (S.DROPPED_OUT, 1)
    assert not left.has_text("空出的名额已给候补第一位")


def test_course_form_holds_skills_and_certificates_apart_when_edited(
    client: QualityClient, coordinator: models.User
) -> None:
    course = factories.CourseFactory(
        provider=coordinator.unit,
        skills=[("sew.flat", 2), ("cert.swo.lowvolt", None)],
        hours=None,
        is_free=False,
    )
    form = client.get_page(f"/training/courses/{course.pid}/edit").form(fields={"title": ""})
    sent = form.values()
    assert [code for code in sent["skills"] if code] == ["平缝机操作"]
    assert sent["skills_level"][0] == "2"
    assert len([code for code in sent["certificates"] if code]) == 1
    assert "平缝机操作" not in sent["certificates"]
    assert (sent["title"], sent["hours"], sent.get("is_free")) == ([course.title], [""], None)


def test_roster_names_the_next_in_line_when_a_place_is_free_after_the_start(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, **begun(clock))
    one = factories.EnrolmentFactory(session=session, state=S.WAITLISTED, waitlisted_at=clock.now)
    page = client.get_page(f"/training/sessions/{session.pid}")
    assert page.has_text(f"候补第一位是 {one.client.name}")


def test_roster_completes_everybody_marked(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, n_enrolled=2, **begun(clock))
    first = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    second = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    page = client.get_page(f"/training/sessions/{session.pid}")
    form = page.form("#complete-marked")
    assert client.send(form, status=422).has_text("请先勾选结业的学员")
    marks = [str(box["value"]) for box in page.all("input[name=marked]")]
    assert client.send(form, {"marked": marks, "result_on": "昨天"}, status=422).has_text(
        "日期看不懂"
    )
    done = client.send(form, {"marked": marks, "result_on": "2026-11-23"})
    assert done.has_text("2 名学员已结业")
    assert (state_of(first)[0], state_of(second)[0]) == (S.COMPLETED, S.COMPLETED)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_second_click_changes_nothing_and_is_no_error(
    htmx: bool, client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator))
    page = client.get_page(f"/training/sessions/{one.session.pid}")
    form = page.form(f"form[action$='{one.pid}/admit']")
    client.send(form, htmx=htmx)
    client.send(form, htmx=htmx)
    assert state_of(one) == (S.ENROLLED, 1)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_stale_click_conflicts_and_shows_the_roster_as_it_is(
    htmx: bool, client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator))
    page = client.get_page(f"/training/sessions/{one.session.pid}")
    form = page.form(f"form[action$='{one.pid}/admit']")
    decline = page.form(f"form[action$='{one.pid}/decline']")
    client.send(decline, {"reason": "too_far"})
    refused = client.send(form, status=409, htmx=htmx)
    assert refused.has_text("没有完成")
    assert refused.has_text("路太远")
    assert state_of(one) == (S.DECLINED, 0)


def test_foreign_ids_are_not_found(client: QualityClient, coordinator: models.User) -> None:
    one = factories.EnrolmentFactory()
    session, course = one.session, one.session.course
    own = factories.EnrolmentFactory(session=own_session(coordinator))
    for path in (
        f"/training/courses/{course.pid}",
        f"/training/courses/{course.pid}/edit",
        f"/training/courses/{course.pid}/sessions/new",
        f"/training/sessions/{session.pid}",
        f"/training/sessions/{session.pid}/edit",
    ):
        client.get_page(path, 404)
    for path in (
        f"/training/courses/{course.pid}/publish",
        f"/training/sessions/{session.pid}/cancel",
        f"/training/sessions/{session.pid}/walk-in",
        f"/training/sessions/{session.pid}/complete",
        f"/training/enrolments/{one.pid}/admit",
        f"/training/enrolments/{one.pid}/move",
        f"/training/enrolments/{own.pid}/graduate",
    ):
        client.post(path, status=404)
    client.post(f"/training/enrolments/{own.pid}/move", {"session": session.pid}, status=404)


# --- Walk-ins ------------------------------------------------------------------------------


def test_walk_in_is_enrolled_once_when_sent_twice(
    client: QualityClient, coordinator: models.User
) -> None:
    session, person = own_session(coordinator), factories.ClientFactory()
    page = client.get_page(f"/training/sessions/{session.pid}")
    form = page.form("#walk-in-form")
    typed = {"client_pid": person.pid, "birth_date": "19850520"}
    for _ in range(2):
        assert client.send(form, typed).has_text(person.name)
    assert db.session.scalar(select(func.count(models.Enrolment.id))) == 1


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_walk_in_gets_the_same_answer_whichever_is_wrong(
    htmx: bool, client: QualityClient, coordinator: models.User
) -> None:
    session, person = own_session(coordinator), factories.ClientFactory()
    form = client.get_page(f"/training/sessions/{session.pid}").form("#walk-in-form")
    answers = set()
    for pid, born in ((person.pid, "1985-05-21"), ("22222222", "1985-05-20")):
        page = client.send(form, {"client_pid": pid, "birth_date": born}, status=422, htmx=htmx)
        answers.add(page.field_errors()["client_pid"])
        assert page.by_label("本人编号")["value"] == pid
    assert len(answers) == 1
    page = client.send(form, {"client_pid": "", "birth_date": "x"}, status=422, htmx=htmx)
    assert set(page.field_errors()) == {"client_pid", "birth_date"}


def test_walk_in_is_told_when_already_on_the_list(
    client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator), state=S.ENROLLED)
    form = client.get_page(f"/training/sessions/{one.session.pid}").form("#walk-in-form")
    typed = {"client_pid": one.client.pid, "birth_date": "1985-05-20"}
    assert client.send(form, typed, status=409).has_text("在这个班次已经是“已录取”，不用再报名")


# --- Lists ---------------------------------------------------------------------------------


def test_trainee_list_narrows_by_name_state_and_subject(
    client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator), state=S.ENROLLED)
    factories.EnrolmentFactory()
    path = "/training/enrolments"
    assert client.get_page(path).has_text("共 1 条")
    for query in (f"q={one.client.name}", "q=sl", "state=enrolled", "subject=sewing"):
        assert client.get_page(f"{path}?{query}").has_text(one.client.name), query
    for query in ("q=没有", "state=declined", "subject=cooking"):
        assert client.get_page(f"{path}?{query}").has_text("没有符合条件的学员"), query
    assert_fragment_is_part_of_page(client, f"{path}?state=enrolled&sort=name")


@pytest.mark.parametrize(
    "path", ["/training", "/training/courses", "/training/enrolments", "/training/sessions/{pid}"]
)
def test_number_of_statements_does_not_grow_with_the_rows(
    path: str, client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, capacity=100)
    states = [S.RECOMMENDED, S.ENROLLED, S.WAITLISTED]
    made: list[models.Enrolment] = []

    def make_row() -> None:
        own_session(coordinator)
        state = states[len(made) % 3]
        person = factories.ClientFactory(skills=["sew.flat"])
        made.append(
            factories.EnrolmentFactory(
                session=session, client=person, state=state, waitlisted_at=clock.now
            )
        )

    assert_sql_independent_of_rows(client, path.format(pid=session.pid), make_row, few=3, many=12)


@pytest.mark.usefixtures("on_one_database")
def test_pages_read_in_english(client: QualityClient, coordinator: models.User) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator))
    client.set_language("en")
    for path in ("/training", "/training/enrolments", f"/training/sessions/{one.session.pid}"):
        assert client.get_page(path).has_text(one.session.course.title_en)
