"""What the training pages say is what is so: standings, days, conflicts, numbers and badges."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from matchboard import models
from matchboard.domain.roles import Role
from matchboard.domain.training import DropReason, EnrolmentState
from matchboard.extensions import db
from matchboard.services import personal_links
from tests import factories
from tests.client import Page, QualityClient, words
from tests.conftest import Clock

S = EnrolmentState
pytestmark = pytest.mark.usefixtures("on_one_database")


@pytest.fixture
def coordinator(client: QualityClient) -> models.User:
    """Return the coordinator who is signed in."""
    return client.sign_in(Role.COORDINATOR)


def own_session(coordinator: models.User, **given: Any) -> models.CourseSession:
    """Return a session of the coordinator's provider."""
    course = factories.CourseFactory(provider=coordinator.unit, skills=[("sew.flat", 2)])
    return factories.CourseSessionFactory(course=course, **given)


def begun(coordinator: models.User, clock: Clock, n_enrolled: int) -> list[models.Enrolment]:
    """Return people on a session that began ten days ago."""
    session = own_session(
        coordinator, n_enrolled=n_enrolled, starts_on=clock.today - timedelta(days=10)
    )
    return [
        factories.EnrolmentFactory(session=session, state=S.ENROLLED) for _ in range(n_enrolled)
    ]


def own_page(one: models.Enrolment, clock: Clock) -> str:
    """Return the address of the person's own page."""
    officer = factories.UserFactory(role=Role.OFFICER, unit=one.client.office)
    _, token = personal_links.create_link(one.client, actor=officer.actor, now=clock.now)
    db.session.commit()
    return f"/me/{token}"


def withdraw(client: QualityClient, one: models.Enrolment, address: str) -> Page:
    """Take back the consent on the person's own page."""
    return client.another().submit(
        address,
        {f"withdraw-{one.pid}-birth_date": one.client.birth_date.isoformat()},
        form=f"form[action$='/courses/{one.pid}/withdraw-consent']",
    )


def told(page: Page) -> str:
    """Return what the conflict panel says."""
    return words(page.one("#stale-step"))


# --- Where a person stands ------------------------------------------------------------------------


def test_everybody_is_told_that_the_class_is_cancelled_and_what_comes_next(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    address = own_page(one, clock)
    assert client.another().get_page(address).has_text("已录取")
    client.submit(f"/training/sessions/{session.pid}", {}, form="form[action$='/cancel']")
    own = client.another().get_page(address)
    assert own.has_text("班次已取消")
    assert own.has_text("培训机构会问您要不要改到别的班次")
    assert not own.has_text("待答复")
    for path in ("/training", "/training/enrolments"):
        assert client.get_page(path).has_text("班次已取消")
    staff = client.another()
    staff.sign_in(Role.OFFICER, unit=one.client.office)
    tab = staff.get_page(f"/clients/{one.client.pid}/training")
    assert words(tab.one(f"#enrolment-{one.pid} .object-badges")) == "班次已取消"
    assert staff.get_page(f"/clients/{one.client.pid}").has_text("培训：班次取消，回到待答复")


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [(0, S.DECLINED, "未参加"), (7, S.DROPPED_OUT, "中途退出")],
    ids=["before-the-first-day", "on-the-first-day"],
)
def test_leaving_is_midway_only_once_the_class_has_begun(
    client: QualityClient, coordinator: models.User, clock: Clock, days: int, state: S, said: str
) -> None:
    session = own_session(coordinator, n_enrolled=2)
    one, other = (factories.EnrolmentFactory(session=session, state=S.ENROLLED) for _ in "12")
    address, path = own_page(one, clock), f"/training/sessions/{session.pid}"
    clock.move(days=days)
    client.sign_in(Role.COORDINATOR, unit=coordinator.unit)
    withdraw(client, one, address)
    client.submit(path, {"reason": "family"}, form=f"form[action$='{other.pid}/drop-out']")
    db.session.expire_all()
    assert [(x.state, x.drop_reason) for x in (one, other)] == [
        (state, DropReason.CONSENT_WITHDRAWN),
        (state, DropReason.FAMILY),
    ]
    assert session.n_enrolled == 0
    for page in (client.another().get_page(address), client.get_page(path)):
        assert [word for word in ("未参加", "中途退出") if page.has_text(word)] == [said]


# --- What a conflict says -------------------------------------------------------------------------


def test_conflict_of_the_marked_says_what_was_shown_and_what_was_sent(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    first, second, third = begun(coordinator, clock, 3)
    address, path = own_page(third, clock), f"/training/sessions/{first.session.pid}"
    opened = client.get_page(path)
    marks = [str(box["value"]) for box in opened.all("input[name=marked]")]
    complete = opened.form(f"form[action$='{first.pid}/complete']")
    client.send(complete, {"result_on": "2026-11-20"})
    withdraw(client, third, address)
    form, sent = opened.form("#complete-marked"), {"marked": marks, "result_on": "2026-11-23"}
    page = client.send(form, sent, status=409)
    seen, compared = (
        [[words(cell) for cell in row.select("th, td")] for row in table.select("tbody tr")]
        for table in page.all("#stale-step table")
    )
    # The third's view is closed by now: the panel does not name them again.
    assert seen == [
        [f"{first.client.name}：状态", "已录取", "已结业"],
        ["资料已关闭：状态", "已录取", "中途退出"],
    ]
    assert compared == [
        [first.client.name, "已结业 2026-11-23", "已结业 2026-11-20"],
        ["资料已关闭", "已结业 2026-11-23", "中途退出"],
    ]
    assert "最近一次变化：本人" in told(page)
    db.session.expire_all()
    assert (first.result_on, second.state) == (date(2026, 11, 20), S.ENROLLED)


def test_conflict_names_who_acted_and_not_the_system_that_followed(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    opened = client.get_page(f"/training/sessions/{session.pid}")
    clock.move(minutes=5)
    client.send(opened.form("form[action$='/cancel']"))
    form = opened.form(f"form[action$='{one.pid}/drop-out']")
    page = client.send(form, {"reason": "family"}, status=409)
    assert "最近一次变化：培训协调员" in told(page)


# --- The day of a result --------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_completion_writes_the_day_it_carries_and_refuses_a_blank_one(
    htmx: bool, client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    one, other = begun(coordinator, clock, 2)
    path = f"/training/sessions/{one.session.pid}"
    page = client.get_page(path)
    mark = str(page.all("input[name=marked]")[1]["value"])
    forms = {
        "#complete-marked": ("marked-result-on", {"marked": [mark]}),
        f"form[action$='{one.pid}/complete']": (f"complete-{one.pid}-on", {}),
    }
    for selector, (field, ticked) in forms.items():
        for day, why in (
            ("", "这一项必须填写"),
            ("2026-11-25", "日期"),
            ("2026-11-01", "早于开班日期"),
        ):
            refused = client.send(
                page.form(selector), {**ticked, "result_on": day}, status=422, htmx=htmx
            )
            assert why in refused.field_errors()["result_on"]
            shown = refused.by_id(field)
            assert (shown["value"], shown["aria-invalid"]) == (day, "true")
    both = client.send(page.form("#complete-marked"), {"result_on": ""}, status=422, htmx=htmx)
    assert both.has_text("请先勾选结业的学员")
    assert both.has_text("结业日期：这一项必须填写")
    db.session.expire_all()
    assert (one.state, other.state) == (S.ENROLLED, S.ENROLLED)
    for number, (selector, (_, ticked)) in enumerate(forms.items()):
        client.send(page.form(selector), {**ticked, "result_on": f"2026112{number}"}, htmx=htmx)
    db.session.expire_all()
    assert (one.result_on, other.result_on) == (date(2026, 11, 21), date(2026, 11, 20))


# --- Coming back ----------------------------------------------------------------------------------


def test_walk_in_is_enrolled_again_after_withdrawing_with_a_number_typed_full_width(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    session = own_session(coordinator, n_enrolled=1)
    one = factories.EnrolmentFactory(session=session, state=S.ENROLLED)
    withdraw(client, one, own_page(one, clock))
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in one.client.pid.upper())
    typed = {"client_pid": wide, "birth_date": "1985-05-20"}
    path = f"/training/sessions/{session.pid}"
    page = client.submit(path, typed, form="#walk-in-form")
    assert page.has_text(f"已录取 {one.client.name}")
    db.session.expire_all()
    assert (one.state, session.n_enrolled) == (S.ENROLLED, 1)
    # Who stands on the list is told how, and those who left may be moved nowhere they left.
    again = client.submit(path, typed, form="#walk-in-form", status=409)
    assert again.has_text("这个人在这个班次已经是“已录取”，不用再报名。")


# --- Numbers and the lists behind them ------------------------------------------------------------


def test_each_number_of_the_start_page_is_that_of_its_list(
    client: QualityClient, coordinator: models.User, clock: Clock
) -> None:
    over = own_session(
        coordinator,
        n_enrolled=3,
        starts_on=clock.today - timedelta(days=30),
        ends_on=clock.today - timedelta(days=1),
    )
    coming = own_session(coordinator, n_enrolled=2)
    for session, state, n in (
        (over, S.ENROLLED, 3),
        (over, S.WAITLISTED, 1),
        (over, S.RECOMMENDED, 1),
        (coming, S.ENROLLED, 2),
        (coming, S.WAITLISTED, 4),
        (coming, S.RECOMMENDED, 21),
    ):
        for _ in range(n):
            factories.EnrolmentFactory(session=session, state=state, waitlisted_at=clock.now)
    page = client.get_page("/training")
    found = {}
    for tile in page.all(".kpi:has(a)"):
        link, number = tile.select("a")[0], int(words(tile.select(".kpi-value")[0]))
        listed = client.get_page(str(link["href"]))
        found[words(link)] = (number, int(re.sub(r"\D", "", words(listed.one(".result-count")))))
    assert found == {
        "待答复": (21, 21),
        "候补": (4, 4),
        "在读": (2, 2),
        "待登记结果": (3, 3),
    }


def test_badge_follows_a_step_taken_in_place(
    client: QualityClient, coordinator: models.User
) -> None:
    one = factories.EnrolmentFactory(session=own_session(coordinator))
    page = client.get_page("/training")
    badges = [f"#waiting-{place}-training" for place in ("side", "bottom")]
    assert [words(page.one(badge))[-1:] for badge in badges] == ["1", "1"]
    after = client.send(page.form(f"form[action$='{one.pid}/admit']"), htmx=True)
    assert [words(after.one(f"{badge}[hx-swap-oob]")) for badge in badges] == ["", ""]
