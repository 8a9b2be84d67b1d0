"""Training staff's start page, courses and their sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.errors import Conflict, InvalidInput, StaleEdit
from matchboard.domain.roles import Actor, Permission, Role
from matchboard.domain.training import GIVEN_REASONS, Subject
from matchboard.labels import error_text, label
from matchboard.labels.training import LEVELS
from matchboard.services import course_sessions, courses, trainees, transaction
from matchboard.services.courses import CourseFilter
from matchboard.web import looks
from matchboard.web.context import actor, now, today
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.first_steps import is_blank, step_rows
from matchboard.web.forms.training import CourseForm, SessionForm
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.navigation import counts
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import seen, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("training", __name__, url_prefix="/training")

#: Nothing was typed with a step just refused.
_NOTHING: Mapping[str, object] = {}
PUBLISHED = {"yes": True, "no": False}


@counts("training")
def waiting(who: Actor, _now: object) -> int:
    """Count the people waiting for the coordinator's answer."""
    if who.role is not Role.COORDINATOR:
        return 0
    return trainees.count_waiting(actor=who, today=today())


@bp.get("")
@requires(Permission.COURSE_WRITE)
def start() -> ResponseReturnValue:
    """Show the numbers, who waits for an answer, and the sessions that come next."""
    return start_page()


def start_page(
    *,
    status: int = 200,
    message: str = "",
    problem: str = "",
    typed: Mapping[str, object] = _NOTHING,
) -> ResponseReturnValue:
    """Render the start page, or its changing part for htmx."""
    waiting = trainees.waiting_for_answer(actor=actor(), today=today(), now=now())
    looks.shown(trainees.n_named(waiting))
    return page_or_partial(
        "training/start.html",
        "training/_start.html",
        status=status,
        overview=trainees.overview(actor=actor(), today=today()),
        waiting=waiting,
        reasons=[(one.value, label(one)) for one in GIVEN_REASONS],
        message=message,
        problem=problem,
        first_steps=step_rows() if actor().role is Role.COORDINATOR else [],
        typed=typed,
        today=today(),
    )


# --- Courses --------------------------------------------------------------------------------------


@bp.get("/courses")
@requires(Permission.COURSE_WRITE)
def list_courses() -> ResponseReturnValue:
    """List the courses the actor may write."""
    state = ListState.from_args(
        ("q", "subject", "published"), sorts=("title", "updated"), default_sort="title"
    )
    subject = _subject(state)
    page = courses.list_courses(
        CourseFilter(
            text=state.get("q"),
            subject=subject,
            published=PUBLISHED.get(state.get("published")),
        ),
        actor=actor(),
        sort=state.sort,
        page=state.page,
    )
    return page_or_partial(
        "training/courses.html",
        "training/_courses.html",
        state=state,
        page=page,
        is_blank=is_blank("courses", page.n_total),
        chips=_chips(state, subject),
        subjects=[(one.value, label(one)) for one in Subject],
        today=today(),
    )


@bp.route("/courses/new", methods=["GET", "POST"])
@requires(Permission.COURSE_WRITE)
@single_submission
def create_course() -> ResponseReturnValue:
    """Create a course."""
    form = _course_form(CourseForm())
    status = 200

    def create() -> Any:
        return courses.create_course(form.course(), actor=actor(), now=now())

    if request.method == "POST":
        status = 422
        if is_sound(form, create):
            try:
                course = create()
            except InvalidInput as error:
                form.attach(error)
            else:
                flash(gettext("课程已保存。添加班次并公开后，大家就能看到。"), "success")
                return see_other(url_for("training.show_course", pid=course.pid))
    return render_template("training/course_new.html", form=form), status


def _course(pid: str) -> Any:
    return courses.get_course(pid, actor=actor())


@bp.get("/courses/<pid>")
@requires(Permission.COURSE_WRITE)
def show_course(pid: str) -> ResponseReturnValue:
    """Show a course with what it confers and its sessions."""
    course = courses.get_course(pid, actor=actor())
    return render_template("training/course.html", course=course, levels=LEVELS, today=today())


@bp.route("/courses/<pid>/edit", methods=["GET", "POST"])
@requires(Permission.COURSE_WRITE)
def edit_course(pid: str) -> ResponseReturnValue:
    """Change a course."""

    def form_of(course: Any, **given: Any) -> CourseForm:
        stored = {
            "title": course.title,
            "title_en": course.title_en,
            "subject": course.subject.value,
            "description": course.description,
            "hours": course.hours,
            "is_free": course.is_free,
            "skills": [(one.code, one.level) for one in course.skills if not one.is_certificate],
            "certificates": [one.code for one in course.skills if one.is_certificate],
            "version": course.version,
        }
        form = CourseForm(**given, data=stored)
        del form.provider
        return form

    def save(course: Any, form: CourseForm) -> None:
        courses.edit_course(
            course, form.course(), expected_version=form.expected_version, actor=actor(), now=now()
        )

    return edit_page(
        Edit(
            load=lambda: _course(pid),
            form=form_of,
            save=save,
            page=lambda course, form, stale: render_template(
                "training/course_edit.html", form=form, course=course, stale=stale
            ),
            done=lambda *_: lead_on(
                gettext("课程已保存。"), url_for("training.show_course", pid=pid)
            ),
        )
    )


@bp.post("/courses/<pid>/publish")
@requires(Permission.COURSE_WRITE)
@single_submission
@stale_shows(show_course, _course)
def publish_course(pid: str) -> ResponseReturnValue:
    """Show a course to everybody."""
    course = courses.get_course(pid, actor=actor())
    try:
        courses.publish_course(course, actor=actor(), now=now(), seen=seen())
    except StaleEdit:
        raise
    except Conflict as error:
        flash(error_text(error), "error")
    else:
        flash(gettext("课程已公开。"), "success")
    return see_other(url_for("training.show_course", pid=course.pid))


@bp.post("/courses/<pid>/unpublish")
@requires(Permission.COURSE_WRITE)
@single_submission
@stale_shows(show_course, _course)
def unpublish_course(pid: str) -> ResponseReturnValue:
    """Take a course off the public pages."""
    course = courses.get_course(pid, actor=actor())
    courses.unpublish_course(course, actor=actor(), now=now(), seen=seen())
    flash(gettext("课程已从公开页面撤下，名单上的学员不受影响。"), "success")
    return see_other(url_for("training.show_course", pid=course.pid))


# --- Sessions -------------------------------------------------------------------------------------


@bp.route("/courses/<pid>/sessions/new", methods=["GET", "POST"])
@requires(Permission.COURSE_WRITE)
@single_submission
def create_session(pid: str) -> ResponseReturnValue:
    """Add a run of a course."""
    course = courses.get_course(pid, actor=actor())
    form = SessionForm(data={"division_code": course.provider.division_code})
    status = 200

    def add() -> Any:
        return course_sessions.add_session(course, form.session(), actor=actor(), now=now())

    if request.method == "POST":
        status = 422
        if is_sound(form, add):
            try:
                session = add()
            except InvalidInput as error:
                form.attach(error)
            else:
                flash(gettext("班次已添加。"), "success")
                return see_other(url_for("trainees.show_session", pid=session.pid))
    return render_template("training/session_new.html", form=form, course=course), status


@bp.route("/sessions/<pid>/edit", methods=["GET", "POST"])
@requires(Permission.COURSE_WRITE)
def edit_session(pid: str) -> ResponseReturnValue:
    """Change dates, place or capacity of a session."""
    show_it = url_for("trainees.show_session", pid=pid)
    session = course_sessions.get_session(pid, actor=actor())
    if session.cancelled and request.method != "POST":
        flash(error_text(Conflict("session_cancelled")), "warning")
        return see_other(show_it)
    if session.cancelled:
        raise Conflict("session_cancelled")

    def form_of(session: Any, **given: Any) -> SessionForm:
        names = ("starts_on", "ends_on", "capacity", "place", "division_code", "version")
        return SessionForm(**given, data={name: getattr(session, name) for name in names})

    def save(session: Any, form: SessionForm) -> int:
        return course_sessions.edit_session(
            session,
            form.session(),
            expected_version=form.expected_version,
            actor=actor(),
            now=now(),
        )

    return edit_page(
        Edit(
            load=lambda: course_sessions.get_session(pid, actor=actor()),
            form=form_of,
            save=save,
            page=lambda session, form, stale: render_template(
                "training/session_edit.html", form=form, session=session, stale=stale
            ),
            done=lambda _, n_promoted: lead_on(_saved_words(n_promoted), show_it),
        )
    )


def _roster_page(pid: str) -> Any:
    from matchboard.web.trainees import show_session

    return show_session(pid)


@bp.post("/sessions/<pid>/cancel")
@requires(Permission.COURSE_WRITE)
@single_submission
@stale_shows(_roster_page, lambda pid: course_sessions.get_session(pid, actor=actor()))
def cancel_session(pid: str) -> ResponseReturnValue:
    """Cancel a session; everybody on it goes back to waiting for an answer."""
    session = course_sessions.get_session(pid, actor=actor())
    try:
        n = course_sessions.cancel_session(session, actor=actor(), now=now(), seen=seen())
    except StaleEdit:
        raise
    except Conflict as error:
        transaction.rollback()
        flash(error_text(error), "error")
    else:
        flash(
            gettext("班次已取消。")
            + (
                ngettext(
                    "%(num)s 名学员回到待答复，请通知本人并改到别的班次。",
                    "%(num)s 名学员回到待答复，请通知本人并改到别的班次。",
                    n,
                )
                if n
                else ""
            ),
            "success",
        )
    return see_other(url_for("trainees.show_session", pid=pid))


def _saved_words(n_promoted: int) -> str:
    if not n_promoted:
        return gettext("班次已保存。")
    return ngettext(
        "班次已保存，候补的前 %(num)s 人已自动录取。",
        "班次已保存，候补的前 %(num)s 人已自动录取。",
        n_promoted,
    )


def _course_form(form: CourseForm) -> CourseForm:
    """Offer the providers to choose from; a coordinator's provider is given."""
    if actor().role is Role.DISTRICT:
        choices = [(unit.pid, unit.name) for unit in courses.list_providers(actor=actor())]
        form.provider.choices = [("", gettext("请选择")), *choices]
        form.provider.flags.required = True
    else:
        del form.provider
    return form


def _subject(state: ListState) -> Subject | None:
    code = state.get("subject")
    return Subject(code) if code in set(Subject) else None


def _chips(state: ListState, subject: Subject | None) -> list[tuple[str, str, str]]:
    found = []
    if state.get("q"):
        found.append(("q", state.get("q"), gettext("搜索：%(text)s", text=state.get("q"))))
    if subject:
        found.append(("subject", subject.value, label(subject)))
    if state.get("published") in PUBLISHED:
        is_public = PUBLISHED[state.get("published")]
        words = gettext("已公开") if is_public else gettext("未公开")
        found.append(("published", state.get("published"), words))
    return found
