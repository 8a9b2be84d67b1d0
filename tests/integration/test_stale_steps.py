"""A decision is about what was seen: a step taken on what has changed since is refused.

Every request of `writing_requests` that takes a step is sent without a version, after a real change
(`MEANWHILE`, told field by field), and again from the page that answers. That each form carries the
version of what it shows, or says why not, is seen to by test_writing_requests.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import MapAdapter

from matchboard.domain.errors import StaleEdit
from matchboard.domain.organisation import PARTNER_STEPS
from matchboard.domain.placement import TRANSITIONS, PlacementState
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import ENROLMENT_STEPS
from matchboard.domain.vacancy import VACANCY_STEPS, VacancyState
from matchboard.extensions import db
from matchboard.models import (
    AbsenceCover,
    Client,
    Course,
    CourseSession,
    Enrolment,
    Partner,
    Placement,
    User,
    Vacancy,
)
from matchboard.services import (
    enrolments,
    partners,
    personal_links,
    placements,
    policies,
    ranking_models,
    vacancies,
)
from tests import factories
from tests.client import Form, Page
from tests.conftest import Clock
from tests.integration import writing_requests
from tests.integration.edit_forms import EDIT_FORMS
from tests.integration.writing_requests import WRITINGS, Ready, Writing, reasons

#: Edit forms have a version and their own tests (`test_edit_forms`, `test_saved_means_saved`).
EDITS = {one.endpoint for one in EDIT_FORMS}
STEPS = [w for w in WRITINGS if w.endpoint not in {*reasons("unseen"), *EDITS}]


def endpoint_of(app: Flask, path: str) -> tuple[str, dict[str, Any]]:
    adapter: MapAdapter = app.url_map.bind("localhost")
    endpoint, arguments = adapter.match(path.split("?")[0], method="POST")
    return str(endpoint), dict(arguments)


def is_version(name: str) -> bool:
    return name == "version" or name.endswith("-version")


def version_of(form: Form) -> str:
    """Return the version a form carries; each mark of a roster has its own person's."""
    values = form.values()
    found = [value for name, several in values.items() if is_version(name) for value in several]
    marks = [str(c["value"]) for c in form.controls() if c["name"] == "marked"]
    return (found or [mark.partition(":")[2] for mark in marks] or [""])[0]


def rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row but the log's, of reads and of the transaction's own."""
    tables = [t for t in db.metadata.sorted_tables if t.name not in {"audit_entry", "shown_list"}]
    with db.engine.connect() as connection:
        return {
            t.name: sorted(map(tuple, connection.execute(t.select())), key=repr) for t in tables
        }


# --- Every step is refused when it was taken on something else ------------------------------------


def test_version_is_required_of_every_step_of_every_subject(app: Flask, clock: Clock) -> None:
    now = clock.now
    subjects: list[tuple[Any, Any, Any]] = [
        (VACANCY_STEPS, factories.VacancyFactory(), vacancies.advance),
        (PARTNER_STEPS, factories.PartnerFactory(), partners.advance_partner),
        (TRANSITIONS, factories.PlacementFactory(), placements.advance),
        (ENROLMENT_STEPS, factories.EnrolmentFactory(), enrolments.advance),
    ]
    passed = []
    for steps, subject, advance in subjects:
        before = (subject.state, subject.version)
        for name, step in steps.items():
            role = sorted(getattr(step, "roles", {Role.DISTRICT}))[0]
            for seen in ("", "0", str(subject.version + 1)):
                try:
                    advance(subject, name, actor=Actor(role), now=now, seen=seen)
                except StaleEdit:
                    continue
                except Exception as error:
                    passed.append(f"{name}: {error!r}")
        assert (subject.state, subject.version) == before
    assert passed == []


# --- What changed is told -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else does while the page is open, and what the refusal has to name."""

    act: Callable[[dict[str, Any], Flask], None]
    says: tuple[str, ...]


def found(model: Any, pid: str) -> Any:
    return db.session.scalars(db.select(model).where(model.pid == pid)).one()


def changed(model: Any, of: str = "pid", **values: Any) -> Callable[[dict[str, Any], Flask], None]:
    def act(arguments: dict[str, Any], _app: Flask) -> None:
        row = found(model, arguments[of])
        for key, value in values.items():
            setattr(row, key, value)

    return act


def opening_of_placement(arguments: dict[str, Any], _app: Flask) -> None:
    vacancy = found(Placement, arguments["pid"]).vacancy
    vacancy.title, vacancy.wage_min_cny_month = "另一个名称", 3999


def session_of_enrolment(arguments: dict[str, Any], _app: Flask) -> None:
    one = found(Enrolment, arguments.get("enrolment_pid") or arguments["pid"])
    one.note = "另有说明"


def course_of_session(name: str) -> Callable[[dict[str, Any], Flask], None]:
    def act(arguments: dict[str, Any], _app: Flask) -> None:
        found(CourseSession, arguments[name]).course.title = "另一门课程"

    return act


def another_link(arguments: dict[str, Any], app: Flask) -> None:
    client = found(Client, arguments["pid"])
    officer = factories.UserFactory(role=Role.OFFICER, unit=client.office)
    personal_links.create_link(client, actor=officer.actor, now=app.config["CLOCK"]())


def another_model(_arguments: dict[str, Any], app: Flask) -> None:
    actor = factories.UserFactory(role=Role.DISTRICT).actor
    made = writing_requests.trained_model(
        writing_requests.unlearned_artefact(), as_of=app.config["CLOCK"].today
    )
    model = ranking_models.register(made, actor=actor, now=app.config["CLOCK"]())
    ranking_models.promote(model.name, actor=actor, now=app.config["CLOCK"]())


def another_rule(_arguments: dict[str, Any], app: Flask) -> None:
    district = db.session.scalars(
        db.select(User).where(User.role == Role.DISTRICT).order_by(User.id.desc())
    ).first()
    assert district is not None
    clock = app.config["CLOCK"]
    policies.add_rule_set(
        Policy(registration_days=23), effective_from=clock.today, actor=district.actor, now=clock()
    )


def another_job(arguments: dict[str, Any], _app: Flask) -> None:
    factories.PlacementFactory(
        client=found(Client, arguments["pid"]), state=PlacementState.PROPOSED
    )


OPENING = Meanwhile(
    changed(Vacancy, title="另一个名称", wage_min_cny_month=3999), ("另一个名称", "3999")
)
PLACEMENT = Meanwhile(changed(Placement, interview_place="另一个地方"), ("另一个地方",))
OPENING_OF_IT = Meanwhile(opening_of_placement, ("另一个名称", "3999"))
ACCOUNT = Meanwhile(changed(User, display_name="另一个姓名"), ("另一个姓名",))
COURSE = Meanwhile(changed(Course, title="另一门课程"), ("另一门课程",))
ENROLMENT = Meanwhile(session_of_enrolment, ("状态",))
MEANWHILE = {
    "vacancies.step": OPENING,
    "vacancies.occupation": OPENING,
    "partner_vacancies.step": OPENING,
    "partners.step": Meanwhile(changed(Partner, name="另一家企业"), ("另一家企业",)),
    "placements.propose": Meanwhile(
        changed(Vacancy, "vacancy_pid", title="另一个名称", wage_min_cny_month=3999),
        ("另一个名称", "3999"),
    ),
    "placements.step": PLACEMENT,
    "placements.step:consent": OPENING_OF_IT,
    "placements.step:send": OPENING_OF_IT,
    "placements.widen_consent": PLACEMENT,
    "placements.withdraw_consent": PLACEMENT,
    "placements.check": PLACEMENT,
    "placements.settle": Meanwhile(another_job, ("状态",)),
    "partner.request_contact": PLACEMENT,
    "partner.answer": PLACEMENT,
    "own_page.act": OPENING_OF_IT,
    "trainees.take_step": ENROLMENT,
    "trainees.move": ENROLMENT,
    "client_training.decline": ENROLMENT,
    "client_training.withdraw_consent": ENROLMENT,
    "own_page.withdraw_course": ENROLMENT,
    "client_training.recommend": Meanwhile(course_of_session("session_pid"), ("另一门课程",)),
    "trainees.enrol_walk_in": Meanwhile(course_of_session("pid"), ("另一门课程",)),
    "training.publish_course": COURSE,
    "training.unpublish_course": COURSE,
    "training.cancel_session": Meanwhile(
        changed(CourseSession, place="另一个地方"), ("另一个地方",)
    ),
    "admin.disable_account": ACCOUNT,
    "admin.enable_account": ACCOUNT,
    "admin.unlock_account": ACCOUNT,
    "admin.reset_password": ACCOUNT,
    "admin.confirm_account": ACCOUNT,
    "admin.name_head": ACCOUNT,
    "admin.remove_head": ACCOUNT,
    "covers.end": Meanwhile(
        changed(AbsenceCover, until_on=date(2026, 12, 1), version=2), ("2026-12-01",)
    ),
    "handovers.hand_over": Meanwhile(changed(User, active=True), ("账户已停用",)),
    "ranking.promote": Meanwhile(another_model, ("现在怎样排序",)),
    "ranking.rollback": Meanwhile(another_model, ("现在怎样排序",)),
    "policies.add": Meanwhile(another_rule, ("23",)),
    "clients.create_link": Meanwhile(another_link, ("状态",)),
    "clients.revoke_link": Meanwhile(another_link, ("状态",)),
}
#: Their subject's words never change (a correction is done once), or each mark has its own.
NEVER_OTHERWISE = {"today.settle_correction", "trainees.complete_marked"}

#: Steps of one line of a list have no form of their own.
ON_A_ROSTER = {"trainees.take_step", "client_training.decline"}


@pytest.mark.parametrize("writing", STEPS, ids=str)
def test_step_is_refused_without_its_version_and_tells_what_changed_since_it_was_shown(
    writing: Writing, shared_app: Flask
) -> None:
    ready = writing.prepare(shared_app)
    before = rows(shared_app)
    page = refused(ready, **without_version(ready))
    assert rows(shared_app) == before
    if writing.endpoint not in NEVER_OTHERWISE:
        meanwhile = MEANWHILE.get(str(writing)) or MEANWHILE.get(writing.endpoint)
        assert meanwhile, f"{writing} wants its entry in MEANWHILE (test_writing_requests says how)"
        _, arguments = endpoint_of(shared_app, ready.path)
        meanwhile.act(arguments, shared_app)
        db.session.commit()
        before = rows(shared_app)
        page = refused(ready)
        assert rows(shared_app) == before
        told = page.all("#stale-step")[0].get_text(" ")
        for words in meanwhile.says:
            assert words in told
        notes = [name for name in ready.values if name.rpartition("-")[2] == "note"]
        if notes and writing.endpoint not in ON_A_ROSTER:  # too long as well: what changed first
            assert ready.send(**dict.fromkeys(notes, "长" * 5000)).status == 409
    again = anew(page, ready)
    assert again.status in {200, 204, 303}, again.text[:3000]
    assert rows(shared_app) != before


def without_version(ready: Ready) -> dict[str, Any]:
    """Return the changes that leave out what the form was shown."""
    if "marked" in ready.values:
        return {"marked": [mark.partition(":")[0] for mark in ready.values["marked"]]}
    names = [name for name in ready.values if is_version(name)]
    assert names, f"no version is sent to {ready.path}"
    return dict.fromkeys(names)


def refused(ready: Ready, **changes: Any) -> Page:
    """Send a stale step; what was typed is on the page that says so."""
    page = ready.send(**changes)
    assert page.status == 409, page.text[:3000]
    assert page.all("#stale-step"), page.text[:3000]
    for words in ready.typed:
        assert words in page.text
    return page


def anew(page: Page, ready: Ready) -> Page:
    """Send the step's form from the page that answers, with what was typed the first time."""
    forms = [Form(page, tag) for tag in page.all("form[method=post]")]
    same = [form for form in forms if form.action.split("?")[0] == ready.path]
    assert same, f"no form for {ready.path} on the answer"
    values = same[0].values()
    carried = {name for name in values if is_version(name) or name.endswith(("seen", "_key"))}
    typed = {name: value for name, value in ready.values.items() if name not in carried}
    return Ready(ready.client, ready.path, {**values, **typed}, ready.page).send()


# --- The fault this began with --------------------------------------------------------------------


@pytest.mark.usefixtures("on_one_database")
def test_district_does_not_publish_text_it_has_not_read(app: Flask, clock: Clock) -> None:
    del clock
    vacancy = factories.VacancyFactory(state=VacancyState.IN_REVIEW, title="缝纫工")
    ready = Ready(client=writing_requests.QualityClient(app), path="")
    ready.client.sign_in(Role.DISTRICT)
    path = f"/vacancies/{vacancy.pid}"
    opened = ready.client.get_page(path)
    vacancy.wage_min_cny_month, vacancy.duties = 3999, "每天十二小时"
    db.session.commit()
    form = opened.form(f"form[action='{path}/approve']")
    page = ready.client.send(form, status=409)
    table = page.all("#stale-step table")[0].get_text(" ")
    assert "4500" in table
    assert "3999" in table
    assert "每天十二小时" in table
    assert found(Vacancy, vacancy.pid).state is VacancyState.IN_REVIEW
    ready.client.send(page.form(f"form[action='{path}/approve']"))
    assert found(Vacancy, vacancy.pid).state is VacancyState.OPEN


@pytest.mark.usefixtures("on_one_database")
def test_pressing_twice_leads_to_the_result_and_not_to_a_refusal(app: Flask, clock: Clock) -> None:
    del clock
    vacancy = factories.VacancyFactory(state=VacancyState.OPEN)
    client = writing_requests.QualityClient(app)
    client.sign_in(Role.DISTRICT)
    path = f"/vacancies/{vacancy.pid}"
    opened = client.get_page(path)
    form = opened.form(f"form[action='{path}/pause']")
    client.send(form)
    again = client.send(form)
    assert again.has_text("已暂停")
    assert found(Vacancy, vacancy.pid).state is VacancyState.PAUSED
    assert len(vacancies.history(found(Vacancy, vacancy.pid))) == 1
