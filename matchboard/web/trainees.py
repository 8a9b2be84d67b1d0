"""The people on a session: roster, walk-ins, the steps of each enrolment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, NotFound, StaleEdit
from matchboard.domain.roles import Permission, is_granted
from matchboard.domain.training import GIVEN_REASONS, EnrolmentState, SessionTime, Subject
from matchboard.labels import error_text, label
from matchboard.services import (
    course_consents,
    course_sessions,
    courses,
    enrolment_rules,
    enrolments,
    trainees,
    transaction,
)
from matchboard.services.seen import shown_version
from matchboard.services.trainees import TraineeFilter
from matchboard.web import looks
from matchboard.web.context import actor, now, today
from matchboard.web.faults import faults_of
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.base import Difference
from matchboard.web.forms.training import CompleteForm, StepForm, WalkInForm
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import add_refusals, is_sound
from matchboard.web.responses import is_swap, page_or_partial, see_other
from matchboard.web.seen import (
    Mark,
    Moved,
    marks,
    note_stale,
    note_stale_marked,
    seen,
    show_on,
)
from matchboard.web.submissions import single_submission
from matchboard.web.template_setup import isodate
from matchboard.web.training import start_page

bp = Blueprint("trainees", __name__, url_prefix="/training")

S = EnrolmentState
SORTS = ("newest", "name", "start")
#: Steps as they stand in addresses, and where each one leads.
STEP_TARGETS = {
    "admit": {S.ENROLLED, S.WAITLISTED},
    "complete": {S.COMPLETED},
    "drop-out": {S.DROPPED_OUT, S.DECLINED},
    "decline": {S.DECLINED},
}


@bp.get("/sessions/<pid>")
@requires(Permission.COURSE_WRITE)
def show_session(pid: str) -> ResponseReturnValue:
    """Show a session with everybody on it."""
    return _session_page(pid)


@bp.post("/sessions/<pid>/walk-in")
@requires(Permission.ENROLMENT_WRITE)
@single_submission
def enrol_walk_in(pid: str) -> ResponseReturnValue:
    """Enrol a person who came with their public id and birth date."""
    session = course_sessions.get_session(pid, actor=actor())
    form = WalkInForm()
    birth_date = form.birth_date.data
    if not form.validate() or birth_date is None:
        return _session_page(pid, status=422, form=form)
    try:
        enrolment = enrolments.enrol_walk_in(
            session,
            client_pid=form.client_pid.data or "",
            birth_date=birth_date,
            actor=actor(),
            now=now(),
            seen=seen(),
        )
    except StaleEdit:
        transaction.rollback()
        session = course_sessions.get_session(pid, actor=actor())
        note_stale(session, session.course)
        show_on(form, session, enrolment_rules.session_version(session))
        return _session_page(pid, status=409, form=form)
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        form.attach(error)
        status = 422 if isinstance(error, InvalidInput) else 409
        return _session_page(pid, status=status, form=form)
    flash(_words(enrolment), "success")
    return see_other(url_for("trainees.show_session", pid=pid))


@bp.post("/sessions/<pid>/complete")
@requires(Permission.ENROLMENT_WRITE)
@single_submission
def complete_marked(pid: str) -> ResponseReturnValue:
    """Complete everybody marked on the roster, all of them or none."""
    session = course_sessions.get_session(pid, actor=actor())
    form = CompleteForm()
    marked = marks("marked")

    def complete() -> str:
        n = enrolments.complete_marked(
            session,
            [(one.pid, one.version) for one in marked],
            result_on=form.result_on.data,
            actor=actor(),
            now=now(),
        )
        return ngettext(
            "%(num)s 名学员已结业，技能已记入档案。", "%(num)s 名学员已结业，技能已记入档案。", n
        )

    if not form.validate():
        add_refusals(form, complete)
        return _wrong_day(form, pid)
    return _act(complete, pid, [one.pid for one in marked], marked, form=form)


@bp.get("/enrolments/<pid>")
@requires(Permission.ENROLMENT_WRITE)
def show_enrolment(pid: str) -> ResponseReturnValue:
    """Lead to the roster the enrolment stands on: it has no page of its own."""
    session_pid = enrolments.get_enrolment(pid, actor=actor()).session.pid
    return see_other(url_for("trainees.show_session", pid=session_pid))


@bp.post("/enrolments/<pid>/<step>")
@requires(Permission.ENROLMENT_WRITE)
@single_submission
def take_step(pid: str, step: str) -> ResponseReturnValue:
    """Take a step of the lifecycle; `admit` enrols, or waitlists when the session is full."""
    if step not in STEP_TARGETS:
        raise NotFound
    enrolment = enrolments.get_enrolment(pid, actor=actor())
    session_pid = enrolment.session.pid
    form, day = StepForm(), CompleteForm() if step == "complete" else None
    if day is not None and not day.validate():
        return _wrong_day(day, session_pid, pid)

    def move() -> str:
        n_before = enrolment.session.n_enrolled
        if step == "admit":
            enrolments.admit(enrolment, actor=actor(), now=now(), seen=seen())
        else:
            enrolments.advance(
                enrolment,
                step.replace("-", "_"),
                actor=actor(),
                now=now(),
                reason=form.chosen_reason,
                note=form.note.data or "",
                result_on=day.result_on.data if day is not None else None,
                seen=seen(),
            )
        words = _words(enrolment)
        if step == "drop-out" and enrolment.session.n_enrolled == n_before:
            words += gettext("空出的名额已给候补第一位。")
        return words

    def is_done() -> bool:
        found = enrolments.get_enrolment(pid, actor=actor())
        return found.state in STEP_TARGETS[step] and enrolment_rules.was_taken(found, actor=actor())

    if not is_sound(form, move):
        return _page(session_pid, status=422, problem=form.summary(), typed=_misshapen(form, pid))
    return _act(move, session_pid, [pid], form=day, is_done=is_done)


@bp.post("/enrolments/<pid>/move")
@requires(Permission.ENROLMENT_WRITE)
@single_submission
def move(pid: str) -> ResponseReturnValue:
    """Carry a recommendation over to another session of the course."""
    enrolment = enrolments.get_enrolment(pid, actor=actor())
    left = enrolment.session.pid
    session = course_sessions.get_session(request.form.get("session", ""), actor=actor())

    def carry_over() -> str:
        enrolments.move(enrolment, session, actor=actor(), now=now(), seen=seen())
        return gettext(
            "%(name)s 已改到 %(day)s 开班的班次。",
            name=enrolment.client.name,
            day=session.starts_on.isoformat(),
        )

    return _act(carry_over, left, [pid])


@bp.get("/enrolments")
@requires(Permission.ENROLMENT_WRITE)
def list_trainees() -> ResponseReturnValue:
    """List everybody on the provider's courses."""
    state = ListState.from_args(("q", "state", "subject", "time"), sorts=SORTS)
    where, time = state.get("state"), state.get("time")
    subject = state.get("subject")
    wanted = TraineeFilter(
        text=state.get("q"),
        state=S(where) if where in set(S) else None,
        subject=Subject(subject) if subject in set(Subject) else None,
        time=SessionTime(time) if time in set(SessionTime) else None,
    )
    page = trainees.list_trainees(
        wanted, actor=actor(), now=now(), sort=state.sort, page=state.page
    )
    looks.shown(trainees.n_named(page.items))
    chips = [("q", wanted.text, gettext("搜索：%(text)s", text=wanted.text))] if wanted.text else []
    if wanted.state:
        chips.append(("state", wanted.state.value, label(wanted.state)))
    if wanted.subject:
        chips.append(("subject", wanted.subject.value, label(wanted.subject)))
    if wanted.time:
        chips.append(("time", wanted.time.value, label(wanted.time)))
    return page_or_partial(
        "training/trainees.html",
        "training/_trainees.html",
        state=state,
        page=page,
        is_blank=is_blank("enrolments", page.n_total),
        chips=chips,
        states=[(one.value, label(one)) for one in S],
        subjects=[(one.value, label(one)) for one in Subject],
        times=[(one.value, label(one)) for one in SessionTime],
    )


def _act(
    action: Callable[[], str],
    session_pid: str,
    people: Sequence[str],
    marked: Sequence[Mark] = (),
    *,
    form: CompleteForm | None = None,
    is_done: Callable[[], bool] | None = None,
) -> ResponseReturnValue:
    """Do something to people of a session and show where that leaves everybody.

    A refusal shows the list as it stands now, with the reason above it. A second click on a step
    already taken is no error.
    """
    try:
        message = action()
    except NotFound:
        raise
    except (Conflict, InvalidInput) as error:
        transaction.rollback()
        if isinstance(error, Conflict) and is_done is not None and is_done():
            return _done("", session_pid)
        if isinstance(error, StaleEdit):
            return _stale(session_pid, people, marked)
        if form is not None and isinstance(error, InvalidInput):
            form.attach(error)
            return _wrong_day(form, session_pid, "" if marked else "".join(people))
        return _refused(error, session_pid, people)
    return _done(message, session_pid)


def _done(message: str, session_pid: str) -> ResponseReturnValue:
    if is_swap():
        return _page(session_pid, message=message)
    if message:
        flash(message, "success")
    if _from_start():
        return see_other(url_for("training.start"))
    return see_other(url_for("trainees.show_session", pid=session_pid))


def _refused(error: DomainError, session_pid: str, people: Sequence[str]) -> ResponseReturnValue:
    status = 422 if isinstance(error, InvalidInput) else 409
    return _page(session_pid, status=status, problem=error_text(error), typed=_typed(people, error))


def _wrong_day(form: CompleteForm, session_pid: str, pid: str = "") -> ResponseReturnValue:
    """Show the roster with what is wrong at the day of one person, or of those marked."""
    raw = form.result_on.raw_data or [""]
    day = {"of": pid, "value": raw[0], "errors": form.result_on.errors}
    return _session_page(session_pid, status=422, problem=form.messages(), day=day)


def _stale(session_pid: str, people: Sequence[str], marked: Sequence[Mark]) -> ResponseReturnValue:
    """Show the list as it stands; of several people, those who stand elsewhere by now."""
    found = [enrolments.get_enrolment(pid, actor=actor()) for pid in people]
    if not marked:
        note_stale(*found, *(one.session for one in found))
        return _page(session_pid, status=409, typed=_typed(people))
    named = course_consents.open_to_provider(found, now=now())
    moved = [
        Moved(one.client.name if one.id in named else gettext("资料已关闭"), one, mark)
        for one, mark in zip(found, marked, strict=True)
        if mark.version != shown_version(one)
    ]
    sent = f"{label(S.COMPLETED)} {request.form.get('result_on', '')}"
    beside = [
        Difference(row.name, sent, f"{label(row.subject.state)} {isodate(row.subject.result_on)}")
        for row in moved
    ]
    note_stale_marked(moved, beside=beside)
    return _page(session_pid, status=409, typed=_typed(people))


def _typed(people: Sequence[str], error: DomainError | None = None) -> dict[str, dict[str, Any]]:
    """Return what was typed with a step, by the person it was about, and which field was wrong."""
    words: dict[str, Any] = {name: request.form.get(name, "") for name in ("reason", "note")}
    words["step"] = (request.view_args or {}).get("step", "")
    words["faults"] = faults_of(error)
    return dict.fromkeys(people, words)


def _misshapen(form: StepForm, *people: str) -> dict[str, dict[str, Any]]:
    found = _typed(people)
    for words in found.values():
        words["faults"] = form.messages()
    return found


def _from_start() -> bool:
    return request.form.get("back") == "start"


def _page(session_pid: str, **values: Any) -> ResponseReturnValue:
    """Render the page the action was taken on."""
    if _from_start():
        return start_page(**values)
    return _session_page(session_pid, **values)


def _session_page(
    pid: str,
    *,
    status: int = 200,
    message: str = "",
    problem: str = "",
    form: WalkInForm | None = None,
    typed: Mapping[str, object] = MappingProxyType({}),
    day: Mapping[str, object] = MappingProxyType({"of": None}),
) -> Response:
    session = course_sessions.get_session(pid, actor=actor())
    course = courses.get_course(session.course.pid, actor=actor())
    others = [
        one
        for one in course.sessions
        if one.pid != pid and not one.cancelled and one.ends_on >= today()
    ]
    roster = trainees.roster(session, actor=actor(), now=now())
    looks.shown(roster.n_named)
    return page_or_partial(
        "training/session.html",
        "training/_roster.html",
        status=status,
        session=session,
        roster=roster,
        other_sessions=others,
        reasons=[(one.value, label(one)) for one in GIVEN_REASONS],
        may_enrol=is_granted(actor().role, Permission.ENROLMENT_WRITE),
        form=form or _walk_in_form(session),
        typed=typed,
        day=day,
        message=message,
        problem=problem,
        today=today(),
    )


def _walk_in_form(session: Any) -> WalkInForm:
    form = WalkInForm(formdata=None)
    show_on(form, session, enrolment_rules.session_version(session))
    return form


def _words(enrolment: Any) -> str:
    """Return where the person stands now, as an answer to what was just done."""
    name = enrolment.client.name
    match enrolment.state:
        case S.ENROLLED:
            return gettext("已录取 %(name)s。", name=name)
        case S.WAITLISTED:
            position = enrolment_rules.waitlist_position(enrolment)
            return gettext(
                "班次已满，%(name)s 排在候补第 %(position)s 位。", name=name, position=position
            )
        case S.COMPLETED:
            return gettext("%(name)s 已结业，技能已记入档案。", name=name)
        case S.DROPPED_OUT:
            return gettext("已登记 %(name)s 退出。", name=name)
    return gettext("已登记 %(name)s 不参加。", name=name)
