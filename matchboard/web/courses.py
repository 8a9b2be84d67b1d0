"""Courses as everybody may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.roles import Permission
from matchboard.domain.training import Subject
from matchboard.domain.written import UnreadableDate, read_date
from matchboard.labels import error_text, label
from matchboard.labels.training import LEVELS
from matchboard.services import course_board
from matchboard.services.course_board import RADII_KM, BoardFilter
from matchboard.web.codebooks import (
    Unresolved,
    division_words,
    resolve_place,
    resolve_skill,
    skill_words,
)
from matchboard.web.context import today
from matchboard.web.course_cards import course_card, hours_words
from matchboard.web.first_steps import is_blank
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.responses import page_or_partial
from matchboard.web.typed import whole_number

bp = Blueprint("courses", __name__, url_prefix="/courses")

FILTERS = ("q", "subject", "skill", "division", "radius", "from", "places")
SORTS = ("start", "newest", "title")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The board as asked for: its filter, what is set in words, what was not understood."""

    filter: BoardFilter
    chips: list[tuple[str, str, str]]
    problems: list[str]


@bp.get("")
@requires(Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Show published courses, filtered, sorted, by page."""
    state = ListState.from_args(FILTERS, sorts=SORTS)
    wanted = _wanted(state)
    page = course_board.list_public_courses(
        wanted.filter, today=today(), sort=state.sort, page=state.page
    )
    cards = [
        course_card(
            card.course,
            card.next_session,
            url=url_for("courses.show", pid=card.course.pid),
            n_places=card.n_places_left,
        )
        for card in page.items
    ]
    return page_or_partial(
        "courses/list.html",
        "courses/_list.html",
        state=state,
        page=page,
        is_blank=is_blank("public_courses", page.n_total),
        cards=cards,
        chips=wanted.chips,
        problems=wanted.problems,
        subjects=[(one.value, label(one)) for one in Subject],
        radii=[(km, _radius_words(km)) for km in RADII_KM],
        skill_text=skill_words(wanted.filter.skill) if wanted.filter.skill else "",
        division_text=division_words(wanted.filter.division) if wanted.filter.division else "",
    )


@bp.get("/<pid>")
@requires(Permission.PUBLIC)
def show(pid: str) -> ResponseReturnValue:
    """Show what a course teaches, its sessions, and how to join."""
    card = course_board.get_public_course(pid, today=today())
    return render_template(
        "courses/course.html",
        course=card.course,
        sessions=card.sessions,
        levels=LEVELS,
        hours=hours_words(card.course.hours),
        division_words=division_words,
        today=today(),
    )


def _wanted(state: ListState) -> _Wanted:
    """Read the filters; what was not understood narrows nothing and is said."""
    chips: list[tuple[str, str, str]] = []
    problems: list[str] = []
    text = state.get("q")
    if text:
        chips.append(("q", text, gettext("搜索：%(text)s", text=text)))
    subject = Subject(state.get("subject")) if state.get("subject") in set(Subject) else None
    if subject:
        chips.append(("subject", subject.value, label(subject)))
    skill = division = None
    try:
        skill = resolve_skill(state.get("skill")) if state.get("skill") else None
    except Unresolved as error:
        problems.append(str(error))
    if skill:
        chips.append(("skill", state.get("skill"), skill_words(skill)))
    try:
        division = resolve_place(state.get("division")) if state.get("division") else None
    except Unresolved as error:
        problems.append(str(error))
    radius = _radius(state.get("radius"))
    if division:
        words = division_words(division)
        near = gettext("%(place)s周边 %(km)s 公里", place=words, km=radius) if radius else words
        chips.append(("division", state.get("division"), near))
    starting_from = _date(state.get("from"), problems)
    if starting_from:
        day = starting_from.isoformat()
        chips.append(("from", state.get("from"), gettext("%(date)s 以后开班", date=day)))
    has_places = state.get("places") == "1"
    if has_places:
        chips.append(("places", "1", gettext("还有名额")))
    wanted = BoardFilter(
        text=text,
        subject=subject,
        skill=skill,
        division=division,
        radius_km=radius,
        starting_from=starting_from,
        has_places=has_places,
    )
    return _Wanted(wanted, chips, problems)


def _radius(text: str) -> int:
    radius = whole_number(text)
    return radius if radius in RADII_KM else 0


def _radius_words(km: int) -> str:
    return gettext("%(km)s 公里以内", km=km) if km else gettext("只看本地区")


def _date(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return read_date(text)
    except UnreadableDate as error:
        problems.append(error_text(error))
        return None
