"""Public courses and an officer's training tab of a client."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from matchboard import models
from matchboard.domain.roles import Role
from matchboard.domain.training import EnrolmentState, Subject
from matchboard.extensions import db
from matchboard.services import course_sessions, enrolments
from tests import factories
from tests.client import QualityClient, assert_fragment_is_part_of_page
from tests.conftest import Clock
from tests.sql import assert_sql_independent_of_rows

S = EnrolmentState


# --- /courses ------------------------------------------------------------------------------


def test_board_shows_published_courses_to_everybody(client: QualityClient) -> None:
    session = factories.CourseSessionFactory(
        course=factories.CourseFactory(skills=[("sew.flat", 3), ("cert.level.5", None)])
    )
    hidden = factories.CourseFactory(published=False)
    page = client.get_page("/courses")
    assert page.has_text(session.course.title)
    assert page.has_text("共 1 条")
    assert page.has_text("2026-12-01 开班")
    assert page.has_text("余 10 个名额")
    client.get_page(f"/courses/{hidden.pid}", 404)
    client.get_page("/courses/22222222", 404)


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("q=平缝", 1),
        ("q=%25", 0),
        ("subject=cooking", 1),
        ("subject=moon", 2),
        ("skill=sew.flat", 1),
        ("skill=平缝机操作", 1),
        ("division=330402", 1),
        ("division=浙江省嘉兴市南湖区", 1),
        ("division=330411&radius=20", 1),
        ("division=330402&radius=-5", 1),
        ("from=2027.1.1", 1),
        ("places=1", 1),
        ("places=1&subject=sewing", 0),
        ("page=99", 2),
        ("page=x&sort=moon", 2),
    ],
)
def test_board_narrows_by_its_filters(query: str, n: int, client: QualityClient) -> None:
    factories.CourseSessionFactory(
        course=factories.CourseFactory(skills=[("sew.flat", 3)]), capacity=1, n_enrolled=1
    )
    factories.CourseSessionFactory(
        course=factories.CourseFactory(title="家常菜", subject=Subject.COOKING),
        starts_on=date(2027, 1, 5),
        ends_on=date(2027, 1, 9),
        division_code="110101",
    )
    page = client.get_page(f"/courses?{query}")
    assert page.has_text(f"共 {n} 条")
    if n == 0:
        assert page.has_text("没有符合条件的课程")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("skill=绕口令", "不认识"),
        ("division=月球", "没有找到地区"),
        ("from=明天", "日期看不懂"),
    ],
)
@pytest.mark.usefixtures("on_one_database")
def test_board_says_what_it_did_not_understand_and_keeps_it(
    query: str, words: str, client: QualityClient
) -> None:
    factories.CourseSessionFactory()
    page = client.get_page(f"/courses?{query}")
    assert page.has_text(words)
    assert page.has_text("共 1 条")
    assert query.split("=")[1] in page.text


def test_board_updates_in_place(client: QualityClient) -> None:
    factories.CourseSessionFactory()
    assert_fragment_is_part_of_page(client, "/courses?q=缝纫&places=1&sort=title")


def test_course_page_tells_what_one_learns_and_how_to_join(client: QualityClient) -> None:
    session = factories.CourseSessionFactory(
        course=factories.CourseFactory(skills=[("sew.flat", 3), ("cert.level.5", None)]),
        capacity=1,
        n_enrolled=1,
    )
    page = client.get_page(f"/courses/{session.course.pid}")
    assert page.has_text("能独立做")
    assert page.has_text("可候补")
    assert page.has_text("请联系您所在的司法所")
    client.set_language("en")
    assert client.get_page(f"/courses/{session.course.pid}").h1 == session.course.title_en


def test_board_needs_no_more_statements_for_more_courses(client: QualityClient) -> None:
    def make_row() -> None:
        course = factories.CourseFactory(skills=[("sew.flat", 3)])
        factories.CourseSessionFactory(course=course)

    assert_sql_independent_of_rows(client, "/courses", make_row, few=3, many=12)


# --- /clients/<pid>/training ---------------------------------------------------------------


def test_officer_recommends_a_session_once_the_person_agrees(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    session = factories.CourseSessionFactory()
    page = client.get_page(f"/clients/{person.pid}/training")
    assert page.has_text("还没有参加培训")
    path = f"/clients/{person.pid}/training/recommend/{session.pid}"
    assert path in page.links()
    form = client.get_page(path).form(fields={"person_agrees": ""})
    refused = client.send(form, status=422)
    assert refused.has_text("请先征得本人同意")
    for _ in range(2):  # sent twice, recommended once
        page = client.send(form, {"person_agrees": "y"})
        assert page.path == f"/clients/{person.pid}/training"
    assert page.has_text("推荐参加培训")
    made = db.session.scalars(select(models.Enrolment)).one()
    assert (made.client, made.session, made.state) == (person, session, S.RECOMMENDED)
    assert path not in page.links()


def test_recommendation_conflicts_with_words_when_it_was_made_meanwhile(
    client: QualityClient,
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    session = factories.CourseSessionFactory()
    path = f"/clients/{person.pid}/training/recommend/{session.pid}"
    form = client.get_page(path).form(fields={"person_agrees": ""})
    factories.EnrolmentFactory(client=person, session=session)
    page = client.send(form, {"person_agrees": "y"}, status=409)
    assert page.has_text("在这个班次已经是“待答复”，不用再报名")
    assert db.session.scalar(select(func.count(models.Enrolment.id))) == 1


def test_officer_declines_for_the_person_with_a_reason(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    one = factories.EnrolmentFactory(client=factories.ClientFactory(office=officer.unit))
    path = f"/clients/{one.client.pid}/training"
    form = client.get_page(path).form(f"form[action$='{one.pid}/decline']")
    assert client.send(form, status=422).has_text("请选择原因。")
    page = client.send(form, {"reason": "family"})
    assert page.has_text("家庭原因")
    # Pressed twice it leads to the result; from another page that shows what was, it is refused.
    assert client.send(form, {"reason": "family"}).has_text("家庭原因")
    stale = {"reason": "family", "submission_key": "of-another-page"}
    assert client.send(form, stale, status=409).has_text("没有完成")
    again = f"/clients/{one.client.pid}/training/recommend/{one.session.pid}"
    assert again in page.links()
    client.send(client.get_page(again).form(fields={"person_agrees": ""}), {"person_agrees": "y"})
    db.session.expire_all()
    assert one.state is S.RECOMMENDED


def test_officer_sees_that_the_session_was_cancelled(client: QualityClient, clock: Clock) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    session = factories.CourseSessionFactory()
    actor = factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider).actor
    one = enrolments.recommend(
        person, session, actor=officer.actor, now=clock.now, person_agrees=True
    )
    enrolments.admit(one, actor=actor, now=clock.now)
    course_sessions.cancel_session(session, actor=actor, now=clock.now)
    page = client.get_page(f"/clients/{person.pid}/training")
    assert page.has_text("班次取消了，请告诉本人")
    assert page.has_text("系统")


def test_tab_names_the_course_that_would_open_openings(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit, skills=[("cook.homestyle", 3)])
    factories.VacancyFactory(headcount=3, requirements=[("sew.flat", 2, "required")])
    session = factories.CourseSessionFactory(
        course=factories.CourseFactory(skills=[("sew.flat", 3)])
    )
    page = client.get_page(f"/clients/{person.pid}/training")
    suggestions = page.by_id("suggestions")
    assert session.course.title in suggestions.get_text()
    assert "学成后多 1 个岗位可选（空缺 3 个名额）" in suggestions.get_text()


def test_tab_offers_no_course_the_person_is_on_already(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit, skills=[("cook.homestyle", 3)])
    factories.VacancyFactory(requirements=[("sew.flat", 2, "required")])
    session = factories.CourseSessionFactory(
        course=factories.CourseFactory(skills=[("sew.flat", 3)])
    )
    other = factories.CourseSessionFactory(course=session.course)
    factories.EnrolmentFactory(client=person, session=session)
    page = client.get_page(f"/clients/{person.pid}/training")
    assert page.all("#suggestions") == []
    assert not any(other.pid in address for address in page.links())


def test_open_sessions_are_searched_in_place(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    factories.CourseSessionFactory(course=factories.CourseFactory(title="家常菜"))
    factories.CourseSessionFactory()
    path = f"/clients/{person.pid}/training"
    fragment = client.get_fragment(f"{path}?q=家常")
    assert fragment.has_text("共 1 条")
    assert_fragment_is_part_of_page(client, f"{path}?q=家常")


def test_foreign_client_session_or_enrolment_is_not_found(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person, stranger = factories.ClientFactory(office=officer.unit), factories.ClientFactory()
    own = factories.EnrolmentFactory(client=person)
    other = factories.EnrolmentFactory(client=factories.ClientFactory(office=officer.unit))
    foreign = factories.EnrolmentFactory(client=stranger)
    hidden = factories.CourseSessionFactory(course=factories.CourseFactory(published=False))
    client.get_page(f"/clients/{stranger.pid}/training", 404)
    client.get_page(f"/clients/{stranger.pid}/training/recommend/{own.session.pid}", 404)
    client.get_page(f"/clients/{person.pid}/training/recommend/{hidden.pid}", 404)
    for enrolment in (other, foreign):
        client.post(f"/clients/{person.pid}/training/{enrolment.pid}/decline", status=404)


def test_tab_needs_no_more_statements_for_more_courses(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)

    def make_row() -> None:
        factories.EnrolmentFactory(client=person)
        factories.CourseSessionFactory()

    path = f"/clients/{person.pid}/training"
    assert_sql_independent_of_rows(client, path, make_row, few=3, many=9)
