"""Which courses would open openings for a person: the gates run again with what they teach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from matchboard.domain.calendar import local_date
from matchboard.domain.occupational_bars import ClientBars
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.models.training import Course, CourseSession
from matchboard.ranking.opening_index import fresh_index
from matchboard.ranking.shortlist import (
    blocked_pids,
    day_number,
    gate_policy,
    suspended_pids,
)
from matchboard.ranking.tables import clients_table, vocabulary
from matchboard.services import course_board, policies, restricted
from ml.schema import Courses
from ml.uplift import course_effects


@dataclass(frozen=True, slots=True)
class CourseOpens:
    """What a course would open; we say "opens", never "causes"."""

    course: Course
    next_session: CourseSession | None
    n_openings_before: int
    n_openings_after: int
    n_places_opened: int

    @property
    def n_opened(self) -> int:
        """Openings within reach only after the course."""
        return self.n_openings_after - self.n_openings_before


def courses_for(
    client: Client, *, actor: Actor, now: datetime, limit: int = 5
) -> list[CourseOpens]:
    """Return the published courses that would open most openings, those opening none left out."""
    today = local_date(now)
    courses = _published()
    if not courses:
        return []
    with fresh_index(now=now) as live:
        live.index.policy = gate_policy(policies.current(actor, on=today))
        maker = live.index.query_maker(day_number(today))
        query = maker.make(clients_table([client], today=today), 0)
        bars = ClientBars(restricted.facts_for_gate([client.id]).get(client.id), today)
        effects = course_effects(
            live.index,
            maker,
            query,
            _table(courses),
            excluded=blocked_pids(live, bars) | suspended_pids(),
        )
    by_pid = {course.pid: course for course in courses}
    rows = [
        CourseOpens(
            course=by_pid[e.course_id],
            next_session=course_board.next_session(by_pid[e.course_id], today=today),
            n_openings_before=e.n_openings_before,
            n_openings_after=e.n_openings_after,
            n_places_opened=e.n_places_opened,
        )
        for e in effects
    ]
    opening = [row for row in rows if row.n_opened > 0]
    return sorted(opening, key=lambda r: (-r.n_opened, -r.n_places_opened, r.course.pid))[:limit]


def _published() -> Sequence[Course]:
    query = (
        select(Course)
        .where(Course.published.is_(True))
        .options(
            selectinload(Course.skills),
            selectinload(Course.sessions),
            joinedload(Course.provider),
        )
        .order_by(Course.id)
    )
    return db.session.scalars(query).all()


def _table(courses: Sequence[Course]) -> Courses:
    return Courses.from_rows(
        (
            {
                "course_id": course.pid,
                "skills": [
                    (s.code, s.level) if s.level else s.code
                    for s in course.skills
                    if not s.is_certificate
                ]
                or None,
                "certificates": [s.code for s in course.skills if s.is_certificate] or None,
            }
            for course in courses
        ),
        vocabulary=vocabulary(),
    )
