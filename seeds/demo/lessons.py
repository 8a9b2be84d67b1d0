"""Courses: sessions over three years, who is recommended, who finishes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import DomainError
from matchboard.domain.roles import Actor
from matchboard.domain.training import DropReason, EnrolmentState
from matchboard.extensions import db
from matchboard.models import Client, Course, CourseSession, Enrolment
from matchboard.services import course_sessions, enrolments
from matchboard.services.course_sessions import SessionInput
from seeds.demo import district as places
from seeds.demo.district import DemoCourse
from seeds.demo.profiles import Profile

if TYPE_CHECKING:
    from seeds.demo.story import World

#: Every course begins anew after about this many days; the last ones lie ahead.
_RHYTHM = 110
_AHEAD = timedelta(days=75)


@dataclass
class Lessons:
    """Runs the sessions."""

    stage: World
    coming: list[tuple[CourseSession, Course, DemoCourse]] = field(default_factory=list)
    n_skipped: int = 0

    def plan_all(self, *, since: datetime) -> None:
        """Plan when sessions are announced: a month before they begin."""
        for course, demo in self.stage.cast.courses:
            begins = since + timedelta(days=self.stage.rng.uniform(35, _RHYTHM))
            while begins < self.stage.now + _AHEAD:
                announced = min(begins - timedelta(days=32), self.stage.now)
                self.stage.plan(
                    announced,
                    lambda at, c=course, d=demo, b=begins: self._announce(c, d, b, at),  # type: ignore[misc]
                )
                begins += timedelta(days=_RHYTHM + self.stage.rng.uniform(-15, 15))

    def consider(self, client: Client, profile: Profile, officer: Actor, at: datetime) -> None:
        """One person in three would like to learn something."""
        if self.stage.rng.random() < 0.34:
            self.stage.after(at, 3, 90, lambda when: self._recommend(client, officer, when))

    def _announce(self, course: Course, demo: DemoCourse, begins: datetime, at: datetime) -> None:
        starts_on = local_date(begins)
        session = course_sessions.add_session(
            course,
            SessionInput(
                starts_on=starts_on,
                ends_on=starts_on + timedelta(weeks=demo.weeks),
                capacity=self.stage.rng.choice((10, 12, 15, 20)),
                place="示范路 3 号实训楼",
                division_code=places.DIVISION,
            ),
            actor=self.stage.cast.coordinators[course.provider_id],
            now=at,
        )
        self.coming.append((session, course, demo))
        ends = begins + timedelta(weeks=demo.weeks, days=1)
        self.stage.after(ends, 0, 4, lambda when: self._close(session, when))

    def _recommend(self, client: Client, officer: Actor, at: datetime) -> None:
        today = local_date(at)
        self.coming = [row for row in self.coming if row[0].ends_on > today - timedelta(days=9)]
        open_ones = [row for row in self.coming if row[0].starts_on > today]
        if not open_ones:
            return
        session, course, _ = self.stage.rng.choice(open_ones)
        try:
            enrolment = enrolments.recommend(
                client, session, actor=officer, now=at, person_agrees=True
            )
        except DomainError:
            self.n_skipped += 1
            return
        coordinator = self.stage.cast.coordinators[course.provider_id]
        self.stage.after(at, 0.5, 5, lambda when: self._admit(enrolment, coordinator, when))

    def _admit(self, enrolment: Enrolment, coordinator: Actor, at: datetime) -> None:
        if enrolment.state is not EnrolmentState.RECOMMENDED:
            return
        try:
            if self.stage.rng.random() < 0.08:
                enrolments.advance(
                    enrolment,
                    "decline",
                    actor=coordinator,
                    now=at,
                    reason=DropReason.FOUND_WORK,
                )
            else:
                enrolments.admit(enrolment, actor=coordinator, now=at)
        except DomainError:
            self.n_skipped += 1

    def _close(self, session: CourseSession, at: datetime) -> None:
        """Write down who finished."""
        rows = db.session.scalars(
            select(Enrolment).where(Enrolment.session_id == session.id).order_by(Enrolment.id)
        ).all()
        course_provider = session.course.provider_id
        coordinator = self.stage.cast.coordinators[course_provider]
        for row in rows:
            if row.state is not EnrolmentState.ENROLLED:
                continue
            try:
                if self.stage.rng.random() < 0.85:
                    enrolments.advance(
                        row, "complete", actor=coordinator, now=at, result_on=local_date(at)
                    )
                else:
                    enrolments.advance(
                        row, "drop_out", actor=coordinator, now=at, reason=DropReason.FOUND_WORK
                    )
            except DomainError:
                self.n_skipped += 1
