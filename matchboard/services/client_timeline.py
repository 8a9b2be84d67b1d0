"""The person's path in the order of time, gathered from what other subjects keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.calendar import start_of_day
from matchboard.domain.client_file import ProfileSection, TimelineKind
from matchboard.domain.codes import UnknownCode, read_code
from matchboard.domain.placement import PlacementState
from matchboard.domain.training import EnrolmentState
from matchboard.extensions import db
from matchboard.models.audit import AuditEntry
from matchboard.models.client import Client
from matchboard.models.organisation import Partner
from matchboard.models.placement import OutcomeCheck, Placement, PlacementEvent
from matchboard.models.training import Course, CourseSession, Enrolment, EnrolmentEvent
from matchboard.models.vacancy import Vacancy

K = TimelineKind
_LINK_VERBS = ("personal_link.create", "personal_link.revoke")
#: The field by whose change somebody else leads the case: nobody looks for it among the basics.
_LEAD = "case_lead_id"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened; `state` and `section` are codes, `subject` what it concerns."""

    at: datetime
    kind: TimelineKind
    has_time: bool = True  # False where only the day is known
    event: str = ""  # the placement's or the enrolment's step
    state: PlacementState | EnrolmentState | UnknownCode | None = None
    subject: str = ""
    partner: str = ""
    pid: str | None = None  # of the placement or enrolment
    check_day: int | None = None
    still_employed: bool | None = None
    section: ProfileSection | UnknownCode | None = None
    is_revoked: bool = False


def timeline(client: Client, *, limit: int = 50) -> list[TimelineEntry]:
    """Return the latest entries, newest first; four statements however long the path is."""
    found = [
        *_days(client),
        *_placements(client, limit),
        *_checks(client, limit),
        *_enrolments(client, limit),
        *_changes(client, limit),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]


def _days(client: Client) -> Iterator[TimelineEntry]:
    for kind, day in ((K.RELEASED, client.released_on), (K.REGISTERED, client.registered_on)):
        if day is not None:
            yield TimelineEntry(start_of_day(day), kind, has_time=False)


def _placements(client: Client, limit: int) -> Iterator[TimelineEntry]:
    query = (
        select(PlacementEvent, Placement.pid, Placement.description, Vacancy.title, Partner.name)
        .join(Placement, Placement.id == PlacementEvent.placement_id)
        .outerjoin(Vacancy, Vacancy.id == Placement.vacancy_id)
        .outerjoin(Partner, Partner.id == Placement.partner_id)
        .where(Placement.client_id == client.id)
        .order_by(PlacementEvent.at.desc(), PlacementEvent.id.desc())
        .limit(limit)
    )
    for event, pid, description, title, partner in db.session.execute(query):
        yield TimelineEntry(
            event.at,
            K.PLACEMENT,
            event=event.name,
            state=read_code(PlacementState, event.to_state),
            subject=title or description,
            partner=partner or "",
            pid=pid,
        )


def _checks(client: Client, limit: int) -> Iterator[TimelineEntry]:
    query = (
        select(OutcomeCheck, Placement.pid, Placement.description, Vacancy.title)
        .join(Placement, Placement.id == OutcomeCheck.placement_id)
        .outerjoin(Vacancy, Vacancy.id == Placement.vacancy_id)
        .where(Placement.client_id == client.id, OutcomeCheck.done_on.is_not(None))
        .order_by(OutcomeCheck.done_on.desc(), OutcomeCheck.id.desc())
        .limit(limit)
    )
    for check, pid, description, title in db.session.execute(query):
        yield TimelineEntry(
            start_of_day(check.done_on or check.due_on),
            K.CHECK,
            has_time=False,
            subject=title or description,
            pid=pid,
            check_day=check.day,
            still_employed=check.still_employed,
        )


def _enrolments(client: Client, limit: int) -> Iterator[TimelineEntry]:
    query = (
        select(EnrolmentEvent, Enrolment.pid, Course.title)
        .join(Enrolment, Enrolment.id == EnrolmentEvent.enrolment_id)
        .join(CourseSession, CourseSession.id == Enrolment.session_id)
        .join(Course, Course.id == CourseSession.course_id)
        # A withdrawal leaves the state as it is; what ends with it is an event of its own.
        .where(Enrolment.client_id == client.id, EnrolmentEvent.name != "withdraw_consent")
        .order_by(EnrolmentEvent.at.desc(), EnrolmentEvent.id.desc())
        .limit(limit)
    )
    for event, pid, title in db.session.execute(query):
        yield TimelineEntry(
            event.at,
            K.TRAINING,
            event=event.name,
            state=read_code(EnrolmentState, event.to_state),
            subject=title,
            pid=pid,
        )


def _changes(client: Client, limit: int) -> Iterator[TimelineEntry]:
    """Read the changes of the file off the audit log, which names fields and never values."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.subject_pid == client.pid,
            AuditEntry.subject_kind == Client.__tablename__,
            AuditEntry.verb.in_(["client.update", *_LINK_VERBS]),
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    for entry in db.session.scalars(query):
        if entry.verb in _LINK_VERBS:
            yield TimelineEntry(entry.at, K.LINK, is_revoked=entry.verb.endswith(".revoke"))
            continue
        fields = entry.detail["fields"]
        if _LEAD in fields:
            yield TimelineEntry(entry.at, K.LEAD)
        if fields != [_LEAD]:
            section = read_code(ProfileSection, entry.detail["section"])
            yield TimelineEntry(entry.at, K.PROFILE, section=section)
