"""Courses and sessions: who writes them, what is refused, what the lists hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from matchboard import models
from matchboard.domain.errors import Conflict, InvalidFields, NotAllowed, NotFound, StaleEdit
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import EnrolmentState, Subject
from matchboard.extensions import db
from matchboard.services import course_board, course_sessions, courses
from matchboard.services.course_board import BoardFilter
from matchboard.services.course_sessions import SessionInput
from matchboard.services.courses import Conferred, CourseFilter, CourseInput
from tests import factories
from tests.conftest import Clock

SEWING = CourseInput(
    title="缝纫基础",
    subject=Subject.SEWING,
    hours=40,
    skills=(Conferred("sew.flat", 2),),
    certificates=("cert.level.5",),
)
RUN = SessionInput(date(2026, 12, 1), date(2026, 12, 20), 10, "示范培训学校", factories.DIVISION)


@pytest.fixture
def coordinator(app: Any) -> Actor:
    return factories.UserFactory(role=Role.COORDINATOR).actor


def problems_of(refused: Any) -> list[tuple[str | None, str]]:
    """Return field and code of every problem."""
    return [(one.field, one.code) for one in refused.value.problems]


def test_course_is_created_unpublished_with_what_it_confers(
    coordinator: Actor, clock: Clock
) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    db.session.commit()
    assert (course.provider_id, course.published) == (coordinator.unit_id, False)
    conferred = [(one.code, one.level, one.is_certificate) for one in course.skills]
    assert conferred == [("sew.flat", 2, False), ("cert.level.5", None, True)]
    assert courses.get_course(course.pid, actor=coordinator) is course


def test_course_is_created_for_a_provider_of_the_district(app: Any, clock: Clock) -> None:
    district = factories.UserFactory(role=Role.DISTRICT)
    provider = factories.ProviderFactory(parent=district.unit)
    stranger = factories.ProviderFactory(parent=factories.DistrictFactory())
    new = replace(SEWING, provider_pid=provider.pid)
    course = courses.create_course(new, actor=district.actor, now=clock.now)
    assert course.provider is provider
    for pid, code in ((stranger.pid, "unknown_provider"), (None, "required")):
        with pytest.raises(InvalidFields) as refused:
            courses.create_course(
                replace(SEWING, provider_pid=pid), actor=district.actor, now=clock.now
            )
        assert problems_of(refused) == [("provider", code)]


def test_course_stays_with_the_coordinators_provider_whatever_is_sent(
    coordinator: Actor, clock: Clock
) -> None:
    other = factories.ProviderFactory()
    new = replace(SEWING, provider_pid=other.pid)
    course = courses.create_course(new, actor=coordinator, now=clock.now)
    assert course.provider_id == coordinator.unit_id


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.DISTRICT}))
@pytest.mark.usefixtures("on_one_database")
def test_course_is_not_written_by_other_roles(role: Role, app: Any, clock: Clock) -> None:
    actor = Actor(role)
    session = factories.CourseSessionFactory()
    now = clock.now
    with pytest.raises(NotAllowed):
        courses.create_course(SEWING, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        courses.edit_course(
            session.course, SEWING, actor=actor, now=now, expected_version=session.course.version
        )
    for write in (courses.publish_course, courses.unpublish_course):
        with pytest.raises(NotAllowed):
            write(session.course, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        course_sessions.add_session(session.course, RUN, actor=actor, now=now)
    with pytest.raises(NotAllowed):
        course_sessions.edit_session(
            session, RUN, actor=actor, now=now, expected_version=session.version
        )
    with pytest.raises(NotAllowed):
        course_sessions.cancel_session(session, actor=actor, now=now)
    with pytest.raises(NotFound):
        courses.get_course(session.course.pid, actor=actor)
    own = factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider).actor
    courses.unpublish_course(session.course, actor=own, now=now)
    assert not courses.get_course(session.course.pid, actor=own).published
    course_sessions.cancel_session(session, actor=own, now=now)
    assert session.cancelled


def test_course_and_session_do_not_exist_when_they_are_another_providers(
    coordinator: Actor,
) -> None:
    session = factories.CourseSessionFactory()
    district = factories.UserFactory(role=Role.DISTRICT).actor
    for actor in (coordinator, district):
        with pytest.raises(NotFound):
            courses.get_course(session.course.pid, actor=actor)
        with pytest.raises(NotFound):
            course_sessions.get_session(session.pid, actor=actor)
    own = factories.UserFactory(role=Role.COORDINATOR, unit=session.course.provider).actor
    assert courses.get_course(session.course.pid, actor=own) is session.course
    assert course_sessions.get_session(session.pid, actor=own) is session


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param({"title": "  "}, "title", "required", id="no-title"),
        pytest.param({"title": "缝" * 121}, "title", "text_too_long", id="long-title"),
        pytest.param({"title_en": "s" * 161}, "title_en", "text_too_long", id="long-english"),
        pytest.param({"hours": 0}, "hours", "hours_range", id="no-hours"),
        pytest.param({"hours": 2001}, "hours", "hours_range", id="too-many-hours"),
        pytest.param(
            {"skills": (Conferred("sew.moon", 1),)}, "skills", "unknown_skill", id="unknown-skill"
        ),
        pytest.param(
            {"skills": (Conferred("cert.fire", 1),)},
            "skills",
            "unknown_skill",
            id="certificate-as-skill",
        ),
        pytest.param(
            {"skills": (Conferred("sew.flat"),)}, "skills", "skill_needs_level", id="no-level"
        ),
        pytest.param(
            {"skills": (Conferred("sew.flat", 6),)}, "skills", "skill_level_range", id="level-six"
        ),
        pytest.param(
            {"skills": (Conferred("sew.flat", 1), Conferred("sew.flat", 2))},
            "skills",
            "skill_twice",
            id="skill-twice",
        ),
        pytest.param(
            {"certificates": ("sew.flat",)},
            "certificates",
            "unknown_certificate",
            id="skill-as-certificate",
        ),
    ],
)
def test_course_is_refused_at_its_field_when_the_input_is_bad(
    changes: dict[str, Any], field: str, code: str, coordinator: Actor, clock: Clock
) -> None:
    bad = replace(SEWING, **changes)
    with pytest.raises(InvalidFields) as refused:
        courses.create_course(bad, actor=coordinator, now=clock.now)
    assert problems_of(refused) == [(field, code)]
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    with pytest.raises(InvalidFields) as refused:
        courses.edit_course(
            course, bad, actor=coordinator, now=clock.now, expected_version=course.version
        )
    assert problems_of(refused) == [(field, code)]
    assert course.title == SEWING.title


def test_course_edit_changes_what_it_confers_and_names_the_fields(
    coordinator: Actor, clock: Clock
) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    db.session.commit()
    kept = course.skills[0].id
    changed = replace(
        SEWING, hours=60, skills=(Conferred("sew.flat", 3), Conferred("sew.overlock", 1))
    )
    changed = replace(changed, certificates=())
    seen = course.version
    courses.edit_course(course, changed, actor=coordinator, now=clock.now, expected_version=seen)
    db.session.commit()
    assert [(s.code, s.level) for s in course.skills] == [("sew.flat", 3), ("sew.overlock", 1)]
    assert course.skills[0].id == kept
    entry = db.session.scalars(
        select(models.AuditEntry).where(models.AuditEntry.verb == "course.edit")
    ).one()
    assert entry.detail == {"fields": ["hours", "skills"]}
    with pytest.raises(StaleEdit):
        courses.edit_course(course, SEWING, actor=coordinator, now=clock.now, expected_version=seen)


def test_course_is_published_only_when_it_confers_something(
    coordinator: Actor, clock: Clock
) -> None:
    bare = replace(SEWING, skills=(), certificates=())
    course = courses.create_course(bare, actor=coordinator, now=clock.now)
    with pytest.raises(Conflict, match="course_confers_nothing"):
        courses.publish_course(course, actor=coordinator, now=clock.now)
    courses.edit_course(
        course, SEWING, actor=coordinator, now=clock.now, expected_version=course.version
    )
    courses.publish_course(course, actor=coordinator, now=clock.now)
    courses.publish_course(course, actor=coordinator, now=clock.now)
    assert course.published
    with pytest.raises(InvalidFields) as refused:
        courses.edit_course(
            course, bare, actor=coordinator, now=clock.now, expected_version=course.version
        )
    assert problems_of(refused) == [("skills", "course_confers_nothing")]
    courses.unpublish_course(course, actor=coordinator, now=clock.now)
    assert not course.published
    verbs = db.session.scalars(select(models.AuditEntry.verb)).all()
    assert (verbs.count("course.publish"), verbs.count("course.unpublish")) == (1, 1)


def test_course_list_narrows_and_orders(coordinator: Actor, clock: Clock) -> None:
    own = db.session.get(models.Unit, coordinator.unit_id)
    sewing = factories.CourseFactory(provider=own, title="乙缝纫", skills=[("sew.flat", 2)])
    cooking = factories.CourseFactory(
        provider=own, title="甲烹饪", subject=Subject.COOKING, published=False
    )
    factories.CourseFactory()  # another provider's

    def found(**wanted: Any) -> list[models.Course]:
        return list(courses.list_courses(CourseFilter(**wanted), actor=coordinator).items)

    assert set(found()) == {sewing, cooking}
    assert found(text="烹饪") == [cooking]
    assert found(text="平缝") == [sewing]  # by the name of the skill it teaches
    assert found(text="100%") == []
    assert found(subject=Subject.COOKING) == [cooking]
    assert found(published=True) == [sewing]
    assert found(published=False) == [cooking]


# --- Sessions ------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param(
            {"ends_on": date(2026, 11, 30)}, "ends_on", "session_ends_before_start", id="backwards"
        ),
        pytest.param({"ends_on": date(2027, 12, 3)}, "ends_on", "session_too_long", id="too-long"),
        pytest.param(
            {"starts_on": date(2029, 1, 1), "ends_on": date(2029, 1, 2)},
            "starts_on",
            "session_too_far",
            id="too-far",
        ),
        pytest.param({"capacity": 0}, "capacity", "capacity_range", id="no-places"),
        pytest.param({"capacity": 501}, "capacity", "capacity_range", id="too-many-places"),
        pytest.param(
            {"division_code": "999999"}, "division_code", "unknown_division", id="unknown-place"
        ),
        pytest.param({"place": "x" * 161}, "place", "text_too_long", id="long-place"),
    ],
)
def test_session_is_refused_at_its_field_when_the_input_is_bad(
    changes: dict[str, Any], field: str, code: str, coordinator: Actor, clock: Clock
) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    with pytest.raises(InvalidFields) as refused:
        course_sessions.add_session(
            course, replace(RUN, **changes), actor=coordinator, now=clock.now
        )
    assert problems_of(refused) == [(field, code)]
    session = course_sessions.add_session(course, RUN, actor=coordinator, now=clock.now)
    with pytest.raises(InvalidFields) as refused:
        course_sessions.edit_session(
            session,
            replace(RUN, **changes),
            actor=coordinator,
            now=clock.now,
            expected_version=session.version,
        )
    assert problems_of(refused) == [(field, code)]


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("before", "after", "is_refused"),
    [
        pytest.param(None, (-23, -1), True, id="new-over"),
        pytest.param(None, (-23, 0), False, id="new-ends-today"),
        pytest.param((7, 26), (-692, -691), True, id="to-come-moved-into-the-past"),
        pytest.param((-23, 26), (-23, -1), True, id="running-ends-yesterday"),
        pytest.param((-23, 26), (-23, 0), False, id="running-ends-today"),
        pytest.param((-23, 0), (-30, -1), True, id="last-day-over-before-it-is"),
        pytest.param((-23, -1), (-53, -31), False, id="over-other-days"),
        pytest.param((-23, -1), (7, 26), False, id="over-was-meant-to-come"),
    ],
)
def test_session_is_over_by_time_alone_whatever_is_typed(
    before: tuple[int, int] | None,
    after: tuple[int, int],
    is_refused: bool,
    coordinator: Actor,
    clock: Clock,
) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    starts_on, ends_on = (clock.today + timedelta(days=n) for n in after)
    typed = replace(RUN, starts_on=starts_on, ends_on=ends_on)
    session = None
    if before is not None:
        session = course_sessions.add_session(course, RUN, actor=coordinator, now=clock.now)
        session.starts_on, session.ends_on = (clock.today + timedelta(days=n) for n in before)
        db.session.flush()

    def save() -> models.CourseSession:
        if session is None:
            return course_sessions.add_session(course, typed, actor=coordinator, now=clock.now)
        course_sessions.edit_session(
            session, typed, actor=coordinator, now=clock.now, expected_version=session.version
        )
        return session

    if is_refused:
        with pytest.raises(InvalidFields) as refused:
            save()
        assert problems_of(refused) == [("ends_on", "session_ends_in_past")]
    else:
        assert save().ends_on == ends_on


def test_session_edit_is_refused_when_it_would_contradict_its_people(
    coordinator: Actor, clock: Clock
) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    run = replace(RUN, starts_on=date(2026, 11, 1))
    session = course_sessions.add_session(course, run, actor=coordinator, now=clock.now)
    session.n_enrolled = 4
    factories.EnrolmentFactory(
        session=session, state=EnrolmentState.COMPLETED, result_on=date(2026, 11, 20)
    )
    small = replace(run, capacity=3, starts_on=date(2026, 11, 21))
    with pytest.raises(InvalidFields) as refused:
        course_sessions.edit_session(
            session, small, actor=coordinator, now=clock.now, expected_version=session.version
        )
    assert problems_of(refused) == [
        ("capacity", "capacity_below_enrolled"),
        ("starts_on", "start_after_result"),
    ]
    enough = replace(run, capacity=4)
    course_sessions.edit_session(
        session, enough, actor=coordinator, now=clock.now, expected_version=session.version
    )
    assert session.capacity == 4


def test_session_edit_is_refused_when_stale_or_cancelled(coordinator: Actor, clock: Clock) -> None:
    course = courses.create_course(SEWING, actor=coordinator, now=clock.now)
    session = course_sessions.add_session(course, RUN, actor=coordinator, now=clock.now)
    with pytest.raises(StaleEdit):
        course_sessions.edit_session(
            session, RUN, actor=coordinator, now=clock.now, expected_version=session.version + 1
        )
    course_sessions.cancel_session(session, actor=coordinator, now=clock.now)
    with pytest.raises(Conflict, match="session_cancelled"):
        course_sessions.edit_session(
            session, RUN, actor=coordinator, now=clock.now, expected_version=session.version
        )


# --- The public board ------------------------------------------


def board(clock: Clock, sort: str = "start", **wanted: Any) -> list[models.Course]:
    """Return the courses the board shows."""
    page = course_board.list_public_courses(BoardFilter(**wanted), today=clock.today, sort=sort)
    return [card.course for card in page.items]


def test_board_narrows_to_one_session_that_fulfils_all(app: Any, clock: Clock) -> None:
    soon = factories.CourseSessionFactory(
        course=factories.CourseFactory(title="丙", skills=[("sew.flat", 2)]),
        capacity=1,
        n_enrolled=1,
    )
    later = factories.CourseSessionFactory(
        course=factories.CourseFactory(title="乙", subject=Subject.COOKING),
        starts_on=date(2027, 1, 5),
        ends_on=date(2027, 1, 9),
        division_code="110101",
    )
    bare = factories.CourseFactory(title="甲")
    factories.CourseSessionFactory(course=factories.CourseFactory(published=False))
    factories.CourseSessionFactory(course=bare, cancelled=True, starts_on=date(2026, 11, 25))
    assert board(clock) == [soon.course, later.course, bare]
    assert board(clock, sort="newest") == [bare, later.course, soon.course]
    assert board(clock, subject=Subject.COOKING) == [later.course]
    assert board(clock, skill="sew.flat") == [soon.course]
    assert board(clock, text="丙") == [soon.course]
    assert board(clock, has_places=True) == [later.course]
    assert board(clock, starting_from=date(2026, 12, 2)) == [later.course]
    assert board(clock, division="110000") == [later.course]
    assert board(clock, division="330402") == [soon.course]
    assert board(clock, division="330402", has_places=True) == []
    assert board(clock, division="330411", radius_km=20) == [soon.course]
    assert board(clock, division="999999", radius_km=20) == []


def test_board_card_names_the_soonest_session_with_a_place(app: Any, clock: Clock) -> None:
    course = factories.CourseFactory()
    factories.CourseSessionFactory(course=course, capacity=2, n_enrolled=2)
    free = factories.CourseSessionFactory(
        course=course, starts_on=date(2027, 1, 5), ends_on=date(2027, 1, 9), capacity=4
    )
    card = course_board.get_public_course(course.pid, today=clock.today)
    assert (card.next_session, card.n_places_left, len(card.sessions)) == (free, 4, 2)


def test_board_hides_what_is_not_published(app: Any, clock: Clock) -> None:
    session = factories.CourseSessionFactory(course=factories.CourseFactory(published=False))
    with pytest.raises(NotFound):
        course_board.get_public_course(session.course.pid, today=clock.today)
    with pytest.raises(NotFound):
        course_board.get_open_session(session.pid, today=clock.today)
    session.course.published = True
    db.session.flush()
    assert course_board.get_public_course(session.course.pid, today=clock.today)
    assert course_board.get_open_session(session.pid, today=clock.today) is session


def test_open_sessions_put_those_with_places_first(app: Any, clock: Clock) -> None:
    full = factories.CourseSessionFactory(capacity=1, n_enrolled=1)
    free = factories.CourseSessionFactory(starts_on=date(2026, 12, 5))
    factories.CourseSessionFactory(starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 2))
    page = course_board.list_open_sessions("", today=clock.today)
    assert list(page.items) == [free, full]
    named = course_board.list_open_sessions(full.course.title, today=clock.today)
    assert list(named.items) == [full]
    assert course_board.get_open_session(free.pid, today=clock.today) is free
