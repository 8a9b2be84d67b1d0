"""Courses: list, create, edit, publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.domain.catalogues import skills
from matchboard.domain.catalogues.skills import SkillKind
from matchboard.domain.client import SKILL_LEVELS
from matchboard.domain.errors import (
    Conflict,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaleEdit,
)
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Actor, Role
from matchboard.domain.text import one_line
from matchboard.domain.training import Subject
from matchboard.extensions import db
from matchboard.models.organisation import Unit
from matchboard.models.training import Course, CourseSkill
from matchboard.services import audit, text_search
from matchboard.services.listing import Page, paginate
from matchboard.services.seen import require_seen

MAX_HOURS = 2000


@dataclass(frozen=True, slots=True)
class Conferred:
    """A skill with the level reached, or a certificate without one."""

    code: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class CourseInput:
    """What a course form brings; `provider_pid` is read only from the district.

    A course has a subject: None is refused.
    """

    title: str
    subject: Subject | None
    title_en: str = ""
    description: str = ""
    hours: int | None = None
    is_free: bool = True
    skills: tuple[Conferred, ...] = ()
    certificates: tuple[str, ...] = ()
    provider_pid: str | None = None


@dataclass(frozen=True, slots=True)
class CourseFilter:
    """What the list of courses is narrowed to; empty fields narrow nothing."""

    text: str = ""
    subject: Subject | None = None
    published: bool | None = None


def list_providers(*, actor: Actor) -> Sequence[Unit]:
    """Return the training providers whose courses the actor may write, by name."""
    query = select(Unit).where(Unit.kind == UnitKind.PROVIDER).order_by(Unit.name, Unit.id)
    if actor.role is Role.DISTRICT:
        query = query.where(Unit.parent_id == actor.unit_id)
    elif actor.role is Role.COORDINATOR:
        query = query.where(Unit.id == actor.unit_id)
    else:
        return ()
    return db.session.scalars(query).all()


def provider_ids(actor: Actor) -> list[int]:
    """Return the ids of the providers whose courses the actor may write."""
    return [unit.id for unit in list_providers(actor=actor)]


def get_course(pid: str, *, actor: Actor) -> Course:
    """Return a course the actor may write to; NotFound for another provider's."""
    query = (
        select(Course)
        .where(Course.pid == pid, Course.provider_id.in_(provider_ids(actor)))
        .options(
            joinedload(Course.provider),
            selectinload(Course.skills),
            selectinload(Course.sessions),
        )
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def list_courses(
    wanted: CourseFilter, *, actor: Actor, sort: str = "title", page: int = 1, size: int = 20
) -> Page[Course]:
    """Return one page of the courses the actor may write to; `sort` is title or updated."""
    query = (
        select(Course)
        .where(Course.provider_id.in_(provider_ids(actor)))
        .options(
            joinedload(Course.provider),
            selectinload(Course.skills),
            selectinload(Course.sessions),
        )
    )
    if wanted.text.strip():
        query = query.where(says(wanted.text))
    if wanted.subject:
        query = query.where(Course.subject == wanted.subject)
    if wanted.published is not None:
        query = query.where(Course.published.is_(wanted.published))
    first = Course.updated_at.desc() if sort == "updated" else Course.title
    return paginate(query.order_by(first, Course.id), number=page, size=size)


def says(text: str) -> ColumnElement[bool]:
    """Return the condition that a course is meant by what was typed into a search box."""
    typed = one_line(text)
    named = [skill.code for skill in skills().search(typed, limit=40)]
    return or_(
        text_search.says(Course.search_text, typed),
        Course.pid == typed.lower(),
        Course.provider_id.in_(
            select(Unit.id).where(
                Unit.kind == UnitKind.PROVIDER,
                text_search.says(Unit.search_text, typed),
            )
        ),
        Course.id.in_(select(CourseSkill.course_id).where(CourseSkill.code.in_(named))),
    )


def create_course(new: CourseInput, *, actor: Actor, now: datetime) -> Course:
    """Create a course, unpublished: a coordinator's own, or one of the district's providers'.

    Raises
    ------
    NotAllowed
        If the actor writes no courses.
    InvalidFields
        With every rule broken.
    """
    require_writer(actor)
    problems: list[InvalidInput] = []
    provider = _provider(new, problems, actor=actor)
    conferred = _conferred(new, problems)
    _check_course(new, problems)
    if problems or provider is None:
        raise InvalidFields(problems)
    course = Course(provider=provider, created_at=now, updated_at=now, published=False)
    _write_course(course, new, conferred)
    db.session.add(course)
    audit.record("course.create", course, actor=actor, now=now, provider=provider.pid)
    return course


def edit_course(
    course: Course,
    new: CourseInput,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
) -> Course:
    """Change a course; people who completed it keep what they were credited.

    Raises
    ------
    StaleEdit
        If the course has changed since `expected_version`.
    InvalidFields
        With every rule broken; a published course cannot lose the last thing it confers.
    """
    require_writer(actor)
    _lock(course)
    if expected_version != course.version:
        raise StaleEdit
    problems: list[InvalidInput] = []
    conferred = _conferred(new, problems)
    _check_course(new, problems)
    if course.published and not conferred:
        problems.append(InvalidInput("course_confers_nothing", field="skills"))
    if problems:
        raise InvalidFields(problems)
    fields = _write_course(course, new, conferred)
    if not fields:
        return course
    course.updated_at = now
    audit.record("course.edit", course, actor=actor, now=now, fields=fields)
    return course


def publish_course(
    course: Course, *, actor: Actor, now: datetime, seen: str | None = None
) -> Course:
    """Show the course to everybody.

    Raises
    ------
    StaleEdit
        If the course has changed since the version seen.
    Conflict
        If it confers nothing a match could count on.
    """
    require_writer(actor)
    _lock(course)
    require_seen(seen, course)
    if not course.skills:
        raise Conflict("course_confers_nothing")
    return _set_published(course, True, actor=actor, now=now)


def unpublish_course(
    course: Course, *, actor: Actor, now: datetime, seen: str | None = None
) -> Course:
    """Take the course off the public pages; those enrolled stay enrolled.

    Raises
    ------
    StaleEdit
        If the course has changed since the version seen.
    """
    require_writer(actor)
    _lock(course)
    require_seen(seen, course)
    return _set_published(course, False, actor=actor, now=now)


def require_writer(actor: Actor) -> None:
    """Refuse everybody who writes no courses."""
    if actor.role not in {Role.COORDINATOR, Role.DISTRICT}:
        raise NotAllowed


def _lock(course: Course) -> None:
    """Read the course afresh; nobody else writes to it until the transaction ends."""
    db.session.scalars(
        select(Course)
        .where(Course.id == course.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _provider(new: CourseInput, problems: list[InvalidInput], *, actor: Actor) -> Unit | None:
    choices = {unit.pid: unit for unit in list_providers(actor=actor)}
    if actor.role is Role.COORDINATOR:
        return next(iter(choices.values()), None)
    if not new.provider_pid:
        problems.append(InvalidInput("required", field="provider"))
    elif new.provider_pid not in choices:
        problems.append(InvalidInput("unknown_provider", field="provider"))
    return choices.get(new.provider_pid or "")


def _conferred(new: CourseInput, problems: list[InvalidInput]) -> dict[str, int | None]:
    """Return code → level (None for certificates) of what the course confers."""
    found: dict[str, int | None] = {}
    for one in new.skills:
        known = skills().get(one.code)
        if known is None or known.kind is SkillKind.CERTIFICATE:
            problems.append(InvalidInput("unknown_skill", field="skills", value=one.code))
        elif one.level is None:
            problems.append(InvalidInput("skill_needs_level", field="skills"))
        elif one.level not in SKILL_LEVELS:
            problems.append(InvalidInput("skill_level_range", field="skills"))
        elif one.code in found:
            problems.append(InvalidInput("skill_twice", field="skills"))
        found[one.code] = one.level
    for code in new.certificates:
        known = skills().get(code)
        if known is None or known.kind is not SkillKind.CERTIFICATE:
            problems.append(InvalidInput("unknown_certificate", field="certificates", value=code))
        found[code] = None
    return found


def _check_course(new: CourseInput, problems: list[InvalidInput]) -> None:
    if not new.title.strip():
        problems.append(InvalidInput("required", field="title"))
    if new.subject is None:
        problems.append(InvalidInput("required", field="subject"))
    for field, text, longest in (("title", new.title, 120), ("title_en", new.title_en, 160)):
        if len(text.strip()) > longest:
            problems.append(InvalidInput("text_too_long", field=field, maximum=longest))
    if new.hours is not None and not 1 <= new.hours <= MAX_HOURS:
        problems.append(InvalidInput("hours_range", field="hours", maximum=MAX_HOURS))


def _write_course(course: Course, new: CourseInput, conferred: dict[str, int | None]) -> list[str]:
    """Write the input to the row; return the names of the fields that changed."""
    values = {
        "title": one_line(new.title),
        "title_en": one_line(new.title_en),
        "subject": new.subject,
        "description": new.description.strip(),
        "hours": new.hours,
        "is_free": new.is_free,
    }
    changed = [name for name, value in values.items() if getattr(course, name) != value]
    for name in changed:
        setattr(course, name, values[name])
    present = {one.code: one.level for one in course.skills}
    if present != conferred:
        changed.append("skills")
        course.skills = [one for one in course.skills if one.code in conferred]
        kept = {one.code: one for one in course.skills}
        for code, level in conferred.items():
            if code in kept:
                kept[code].level = level
            else:
                course.skills.append(
                    CourseSkill(code=code, level=level, is_certificate=level is None)
                )
    return changed


def _set_published(course: Course, published: bool, *, actor: Actor, now: datetime) -> Course:
    if course.published is not published:
        course.published = published
        course.updated_at = now
        verb = "course.publish" if published else "course.unpublish"
        audit.record(verb, course, actor=actor, now=now)
    return course
