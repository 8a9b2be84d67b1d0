"""A client's courses: where they stand, what would open openings, recommending a session."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.calendar import BEIJING
from matchboard.domain.errors import Conflict, InvalidInput, NotFound, StaleEdit
from matchboard.domain.roles import Permission, Role
from matchboard.domain.training import (
    ACTIVE_STATES,
    GIVEN_REASONS,
    DropReason,
    EnrolmentState,
    available_steps,
)
from matchboard.labels import error_text, label, label_of, words_of
from matchboard.labels.training import EVENTS
from matchboard.ranking.courses import courses_for
from matchboard.services import (
    clients,
    course_board,
    course_withdrawal,
    enrolment_rules,
    enrolments,
    trainees,
    transaction,
)
from matchboard.web.client_header import client_header
from matchboard.web.context import actor, now, today
from matchboard.web.course_cards import course_card
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.training import RecommendForm, StepForm
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import is_swap, page_or_partial, see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import single_submission

bp = Blueprint("client_training", __name__, url_prefix="/clients/<pid>/training")

S = EnrolmentState
_ICONS = {
    "recommend": "star",
    "enrol": "school",
    "waitlist": "hourglass",
    "complete": "certificate",
    "drop_out": "user-off",
    "decline": "x",
    "release": "ban",
    "move": "switch-horizontal",
    "withdraw_consent": "ban",
}


@bp.get("")
@requires(Permission.COURSE_RECOMMEND)
def show(pid: str) -> ResponseReturnValue:
    """Show a client's courses and the sessions to recommend."""
    return _page(pid)


@bp.route("/recommend/<session_pid>", methods=["GET", "POST"])
@requires(Permission.COURSE_RECOMMEND)
@single_submission
def recommend(pid: str, session_pid: str) -> ResponseReturnValue:
    """Recommend a session once the person agrees that the provider learns of them."""
    client = clients.get_client(pid, actor=actor())
    session = course_board.get_open_session(session_pid, today=today())
    form = RecommendForm()
    if not form.version.data and request.method == "GET":
        show_on(form, session, enrolment_rules.session_version(session))
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                enrolments.recommend(
                    client,
                    session,
                    actor=actor(),
                    now=now(),
                    person_agrees=bool(form.person_agrees.data),
                    seen=seen(),
                )
            except InvalidInput as error:
                form.attach(error)
            except Conflict as error:
                transaction.rollback()
                status = 409
                if isinstance(error, StaleEdit):
                    session = course_board.get_open_session(session_pid, today=today())
                    note_stale(session, session.course)
                    show_on(form, session, enrolment_rules.session_version(session))
                else:
                    form.attach(error)
            else:
                flash(gettext("已推荐，等培训机构答复。"), "success")
                return see_other(url_for("client_training.show", pid=pid))
    page = render_template(
        "client_training/recommend.html", client=client, session=session, form=form, today=today()
    )
    return page, status


@bp.post("/<enrolment_pid>/decline")
@requires(Permission.COURSE_RECOMMEND)
@single_submission
def decline(pid: str, enrolment_pid: str) -> ResponseReturnValue:
    """Note that the person will not take part after all."""
    client = clients.get_client(pid, actor=actor())
    enrolment = enrolments.get_enrolment(enrolment_pid, actor=actor())
    if enrolment.client_id != client.id:
        raise NotFound
    form = StepForm()

    def take() -> None:
        enrolments.advance(
            enrolment,
            "decline",
            actor=actor(),
            now=now(),
            reason=form.chosen_reason,
            note=form.note.data or "",
            seen=seen(),
        )

    def refused(status: int) -> ResponseReturnValue:
        words = {name: request.form.get(name, "") for name in ("reason", "note")}
        typed = {enrolment_pid: {**words, "step": "decline", "faults": form.messages()}}
        return _page(pid, status=status, problem=form.summary(), typed=typed)

    if not is_sound(form, take):
        return refused(422)
    try:
        take()
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        if isinstance(error, StaleEdit):
            enrolment = enrolments.get_enrolment(enrolment_pid, actor=actor())
            note_stale(enrolment, enrolment.session)
            return refused(409)
        form.attach(error)
        return refused(422 if isinstance(error, InvalidInput) else 409)
    flash(gettext("已登记不参加。"), "success")
    return see_other(url_for("client_training.show", pid=pid))


@bp.post("/<enrolment_pid>/withdraw-consent")
@requires(Permission.COURSE_RECOMMEND)
@single_submission
def withdraw_consent(pid: str, enrolment_pid: str) -> ResponseReturnValue:
    """Note that the person withdraws the consent to a course; what is open ends with it."""
    client = clients.get_client(pid, actor=actor())
    enrolment = enrolments.get_enrolment(enrolment_pid, actor=actor())
    if enrolment.client_id != client.id:
        raise NotFound
    try:
        course_withdrawal.withdraw(enrolment, actor=actor(), now=now(), seen=seen())
    except Conflict as error:
        transaction.rollback()
        if isinstance(error, StaleEdit):
            enrolment = enrolments.get_enrolment(enrolment_pid, actor=actor())
            note_stale(enrolment, enrolment.session)
            return _page(pid, status=409)
        return _page(pid, status=409, problem=error_text(error))
    flash(gettext("已登记撤回同意，培训机构看不到本人资料了。"), "success")
    return see_other(url_for("client_training.show", pid=pid))


def course_suggestions(client: Any, *, leave_out: Collection[int] = ()) -> list[Any]:
    """Return cards of the courses that would open openings for the person, the most first.

    Each comes with the session to recommend, None if there is none; `leave_out` are the ids of
    courses the person is on already.
    """
    found = []
    for row in courses_for(client, actor=actor(), now=now()):
        if row.course.id in leave_out:
            continue
        session = row.next_session
        url = url_for("courses.show", pid=row.course.pid)
        card = course_card(
            row.course, session, url=url, n_places=session.n_places_left if session else None
        )
        words = ngettext("学成后多 %(num)s 个岗位可选", "学成后多 %(num)s 个岗位可选", row.n_opened)
        places = ngettext("（空缺 %(num)s 个名额）", "（空缺 %(num)s 个名额）", row.n_places_opened)
        found.append((replace(card, opens_text=words + places), session))
    return found


def _page(
    pid: str,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, object] = MappingProxyType({}),
) -> ResponseReturnValue:
    client = clients.get_client(pid, actor=actor())
    state = ListState.from_args(("q",), sorts=())
    page = course_board.list_open_sessions(state.get("q"), today=today(), page=state.page)
    passages = trainees.passages(client, actor=actor(), now=now())
    taken = {one.enrolment.session_id: one.enrolment.state for one in passages}
    busy = {
        one.enrolment.session.course_id
        for one in passages
        if one.enrolment.state in ACTIVE_STATES and not one.enrolment.session.cancelled
    }
    values: dict[str, Any] = {
        "client": client,
        "state": state,
        "page": page,
        "is_blank": is_blank("sessions", page.n_total),
        "taken": taken,
        "busy": busy,
        "closed": (S.DECLINED, S.DROPPED_OUT),
        "today": today(),
    }
    if not is_swap():
        values |= {
            "header": client_header(client),
            "passages": [_passage(one) for one in passages],
            "suggestions": course_suggestions(client, leave_out=busy),
            "reasons": [(one.value, label(one)) for one in GIVEN_REASONS],
            "problem": problem,
            "typed": typed,
        }
    return page_or_partial(
        "client_training/page.html", "client_training/_sessions.html", status=status, **values
    )


def _passage(one: Any) -> dict[str, Any]:
    """Return an enrolment with its events as the timeline takes them."""
    steps = {step.name for step in available_steps(one.enrolment.state, actor().role)}
    return {
        "enrolment": one.enrolment,
        "position": one.position,
        "can_decline": "decline" in steps,
        "consent": one.consent,
        "is_active": one.enrolment.state in ACTIVE_STATES,
        "events": [_event(event) for event in reversed(one.events)],
    }


def _event(event: Any) -> dict[str, str]:
    reason = event.detail.get("reason")
    return {
        "when": event.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M"),
        "title": words_of(EVENTS, event.name),
        "text": label_of(DropReason, reason) if reason else "",
        "icon": _ICONS.get(event.name, "clock"),
        "tone": "good" if event.name == "complete" else "neutral",
        "who": label_of(Role, event.actor_role),
    }
