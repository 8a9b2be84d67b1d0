"""The audit log and the events held against what the tables say now.

A signed log does not show that a row of another table was changed by hand: so the events of every
record are folded to the state they lead to, each step is looked up in the log, consents in force
are those that events gave and did not take back, counters are the rows they count, and who heads an
office or stands in for an officer is who the log says. Each check
is a few statements over whole tables, in one snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import TRANSITIONS, PlacementState
from matchboard.domain.training import ACTIVE_STATES, ENROLMENT_STEPS, EnrolmentState
from matchboard.domain.vacancy import VACANCY_STEPS
from matchboard.models.account import AbsenceCover, User
from matchboard.models.audit import AuditEntry
from matchboard.models.organisation import Partner
from matchboard.models.placement import Consent, Placement, PlacementEvent
from matchboard.models.training import CourseConsent, CourseSession, Enrolment, EnrolmentEvent
from matchboard.models.vacancy import Vacancy, VacancyEvent
from matchboard.services import audit_chain

N_EXAMPLES = 5
#: Steps that leave an event and an entry; an import leaves one entry for many openings.
STEPS: dict[str, frozenset[str]] = {
    "placement": frozenset(TRANSITIONS)
    | {"propose", "settle", "widen_consent"}
    | {"withdraw_consent"},
    "vacancy": frozenset(VACANCY_STEPS) | {"create", "edit", "confirm", "occupation", "republish"},
    "enrolment": frozenset(ENROLMENT_STEPS) | {"recommend", "move", "withdraw_consent"},
}
_GIVING = ("consent", "widen_consent")


@dataclass(frozen=True, slots=True)
class Check:
    """One rule held against the tables: how many records were looked at, which break it.

    `name` is the record's kind and the rule: `state`, `log`, `in_force`, `reserved`, `filled`,
    `enrolled`, `head`; `examples` are public ids, the first few.
    """

    name: str
    n_checked: int
    n_bad: int
    examples: tuple[str, ...]

    @property
    def is_kept(self) -> bool:
        """Whether no record breaks the rule."""
        return self.n_bad == 0


def run() -> list[Check]:
    """Run every check in one snapshot of what is committed."""
    with audit_chain.begin_reading() as session:
        return run_in(session)


def run_in(session: Session) -> list[Check]:
    """Run every check on what the session sees, committed or not."""
    return [_check(session, name, kind, bad(session)) for name, kind, bad in _CHECKS]


def _check(session: Session, name: str, kind: Any, bad: Iterable[str]) -> Check:
    pids = sorted(set(bad))
    n_checked = session.scalar(select(func.count()).select_from(kind)) or 0
    return Check(name, n_checked, len(pids), tuple(pids[:N_EXAMPLES]))


# --- Events, folded ---------------------------------------------------------------------------


def _states(kind: Any, event: Any, key: Any) -> Callable[[Session], Iterable[str]]:
    """Return the check that the last event of each record led to the state it is in."""

    def bad(session: Session) -> Iterable[str]:
        last = select(func.max(event.id).label("id")).group_by(key).subquery()
        found = select(key.label("of"), event.to_state).join(last, last.c.id == event.id).subquery()
        return session.scalars(
            select(kind.pid)
            .outerjoin(found, found.c.of == kind.id)
            .where(or_(found.c.to_state.is_(None), found.c.to_state != kind.state))
        )

    return bad


def _broken_paths(session: Session) -> Iterable[str]:
    """Return placements with a step that does not set out from where the one before arrived."""
    before = func.lag(PlacementEvent.to_state).over(
        partition_by=PlacementEvent.placement_id, order_by=PlacementEvent.id
    )
    path = select(
        PlacementEvent.placement_id, PlacementEvent.from_state, before.label("before")
    ).subquery()
    return session.scalars(
        select(Placement.pid)
        .join(path, path.c.placement_id == Placement.id)
        .where(func.coalesce(path.c.from_state, "") != func.coalesce(path.c.before, ""))
    )


def _partners(session: Session) -> Iterable[str]:
    """Return partners that are not in the state the log's last step left them in."""
    arrived = AuditEntry.detail["to"].as_string()
    steps = (
        select(AuditEntry.subject_pid, func.max(AuditEntry.id).label("id"))
        .where(AuditEntry.subject_kind == "partner", arrived.is_not(None))
        .group_by(AuditEntry.subject_pid)
        .subquery()
    )
    entry = aliased(AuditEntry)
    led_to = func.coalesce(entry.detail["to"].as_string(), PartnerState.PENDING.value)
    return session.scalars(
        select(Partner.pid)
        .outerjoin(steps, steps.c.subject_pid == Partner.pid)
        .outerjoin(entry, entry.id == steps.c.id)
        .where(led_to != Partner.state)
    )


def _steps(kind: Any, event: Any, key: Any) -> Callable[[Session], Iterable[str]]:
    """Return the check that each step is an event as often as it is an entry of the log."""
    name = str(kind.__tablename__)
    verbs = {f"{name}.{step}" for step in STEPS[name]}

    def bad(session: Session) -> Iterable[str]:
        events = select(kind.pid, event.name, func.count()).join(kind, kind.id == key)
        of_events = _counts(session, events.group_by(kind.pid, event.name), prefix=f"{name}.")
        entries = select(AuditEntry.subject_pid, AuditEntry.verb, func.count()).where(
            AuditEntry.subject_kind == name, AuditEntry.verb.in_(verbs)
        )
        of_log = _counts(session, entries.group_by(AuditEntry.subject_pid, AuditEntry.verb))
        both = {pair for pair in of_events if pair[1] in verbs} | set(of_log)
        return [pair[0] for pair in both if of_events[pair] != of_log[pair]]

    return bad


def _counts(session: Session, query: Any, *, prefix: str = "") -> Counter[tuple[str, str]]:
    return Counter({(pid, prefix + name): n for pid, name, n in session.execute(query)})


# --- Consents and counters ------------------------------------------------------------------


def _consents(session: Session) -> Iterable[str]:
    """Return placements whose consents, in all and in force, are not those of its events."""
    withdrawn = (
        select(PlacementEvent.placement_id, func.max(PlacementEvent.id).label("id"))
        .where(PlacementEvent.name == "withdraw_consent")
        .group_by(PlacementEvent.placement_id)
        .subquery()
    )
    is_later = or_(withdrawn.c.id.is_(None), PlacementEvent.id > withdrawn.c.id)
    given = (
        select(
            PlacementEvent.placement_id.label("of"),
            func.count().label("n"),
            _n_where(is_later).label("n_in_force"),
        )
        .outerjoin(withdrawn, withdrawn.c.placement_id == PlacementEvent.placement_id)
        .where(PlacementEvent.name.in_(_GIVING))
        .group_by(PlacementEvent.placement_id)
        .subquery()
    )
    held = (
        select(
            Consent.placement_id.label("of"),
            func.count().label("n"),
            _n_where(Consent.withdrawn_at.is_(None)).label("n_in_force"),
        )
        .group_by(Consent.placement_id)
        .subquery()
    )
    differ = [
        func.coalesce(held.c[name], 0) != func.coalesce(given.c[name], 0)
        for name in ("n", "n_in_force")
    ]
    return session.scalars(
        select(Placement.pid)
        .outerjoin(given, given.c.of == Placement.id)
        .outerjoin(held, held.c.of == Placement.id)
        .where(or_(*differ))
    )


def _reserved(session: Session) -> Iterable[str]:
    """Return openings that hold another number of places than their placements."""
    n_held = _placed(Placement.holds_reservation)
    return session.scalars(select(Vacancy.pid).where(Vacancy.n_reserved != n_held))


def _filled(session: Session) -> Iterable[str]:
    """Return openings with fewer places filled than people at work, or more than ever were.

    A place stays filled when a job has ended, until somebody opens it again.
    """
    at_work = _placed(Placement.state.in_([PlacementState.STARTED, PlacementState.COMPLETED]))
    ended = _placed(Placement.state == PlacementState.ENDED)
    is_off = or_(Vacancy.n_filled < at_work, Vacancy.n_filled > at_work + ended)
    return session.scalars(select(Vacancy.pid).where(is_off))


def _placed(condition: ColumnElement[bool] | Any) -> Any:
    return (
        select(func.count(Placement.id))
        .where(and_(Placement.vacancy_id == Vacancy.id, condition))
        .correlate(Vacancy)
        .scalar_subquery()
    )


def _enrolled(session: Session) -> Iterable[str]:
    """Return sessions that count another number of places than people who take or took them."""
    taken = (
        select(func.count(Enrolment.id))
        .where(
            Enrolment.session_id == CourseSession.id,
            Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.COMPLETED]),
        )
        .correlate(CourseSession)
        .scalar_subquery()
    )
    return session.scalars(select(CourseSession.pid).where(CourseSession.n_enrolled != taken))


def _course_consents(session: Session) -> Iterable[str]:
    """Return enrolments under way without a consent in force, or with one that was withdrawn.

    A withdrawal takes back every consent given before it.
    """
    in_force = CourseConsent.withdrawn_at.is_(None)
    held = select(CourseConsent.id).where(CourseConsent.enrolment_id == Enrolment.id, in_force)
    withdrawn = select(EnrolmentEvent.id).where(
        EnrolmentEvent.enrolment_id == Enrolment.id,
        EnrolmentEvent.name == "withdraw_consent",
        EnrolmentEvent.at > CourseConsent.created_at,
    )
    lacking = Enrolment.state.in_(sorted(ACTIVE_STATES)) & ~held.exists()
    revived = held.where(withdrawn.correlate(Enrolment, CourseConsent).exists()).exists()
    return session.scalars(select(Enrolment.pid).where(or_(lacking, revived)))


# --- Who opens restricted records ---------------------------------------------------------------


def _heads(session: Session) -> Iterable[str]:
    """Return accounts that head an office, or wait to, otherwise than the log's last step says."""
    is_head = _last_step("confirm_head", "remove_head") == "account.confirm_head"
    steps = _last_step("name_head", "confirm_head", "remove_head", "disable")
    is_named = steps == "account.name_head"
    return session.scalars(
        select(User.pid).where(
            or_(
                User.is_office_head != func.coalesce(is_head, False),
                User.head_awaits_confirmation != func.coalesce(is_named, False),
            )
        )
    )


def _last_step(*steps: str) -> Any:
    """Return the verb of an account's last entry among some."""
    return (
        select(AuditEntry.verb)
        .where(
            AuditEntry.subject_kind == "account",
            AuditEntry.subject_pid == User.pid,
            AuditEntry.verb.in_([f"account.{step}" for step in steps]),
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
        .correlate(User)
        .scalar_subquery()
    )


def _covers(session: Session) -> Iterable[str]:
    """Return absence covers that are not what was stated, by whom, and ended when it says.

    Also those stated that are no longer there. They are few, and compared one by one.
    """
    covered, covering, maker = aliased(User), aliased(User), aliased(User)
    rows = session.execute(
        select(AbsenceCover, covered.pid, covering.pid, maker.pid, covered.unit_id)
        .join(covered, covered.id == AbsenceCover.covered_id)
        .join(covering, covering.id == AbsenceCover.covering_id)
        .join(maker, maker.id == AbsenceCover.made_by_id)
    )
    held = {
        cover.pid: (
            (absent, beside, cover.from_on.isoformat(), cover.until_on.isoformat(), by),
            cover.ended_at,
        )
        if cover.office_id == office_id
        else None
        for cover, absent, beside, by, office_id in rows
    }
    stated: dict[str, Any] = {}
    entries = select(AuditEntry).where(AuditEntry.subject_kind == "absence_cover")
    for entry in session.scalars(entries.order_by(AuditEntry.id)):
        pid = str(entry.subject_pid)
        if entry.verb == "absence_cover.make":
            said = [entry.detail.get(name) for name in ("covered", "covering", "start", "until")]
            stated[pid] = ((*said, entry.actor_pid), None)
        elif entry.verb == "absence_cover.end" and pid in stated:
            stated[pid] = (stated[pid][0], entry.at)
    return [pid for pid in held.keys() | stated.keys() if held.get(pid) != stated.get(pid)]


def _n_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


_EVENTS: tuple[tuple[Any, Any, Any], ...] = (
    (Placement, PlacementEvent, PlacementEvent.placement_id),
    (Vacancy, VacancyEvent, VacancyEvent.vacancy_id),
    (Enrolment, EnrolmentEvent, EnrolmentEvent.enrolment_id),
)
_CHECKS: tuple[tuple[str, Any, Callable[[Session], Iterable[str]]], ...] = (
    *((f"{k.__tablename__}_state", k, _states(k, e, key)) for k, e, key in _EVENTS),
    ("placement_path", Placement, _broken_paths),
    ("partner_state", Partner, _partners),
    *((f"{k.__tablename__}_log", k, _steps(k, e, key)) for k, e, key in _EVENTS),
    ("consent_in_force", Consent, _consents),
    ("course_consent_in_force", CourseConsent, _course_consents),
    ("vacancy_reserved", Vacancy, _reserved),
    ("vacancy_filled", Vacancy, _filled),
    ("course_session_enrolled", CourseSession, _enrolled),
    ("account_head", User, _heads),
    ("absence_cover_log", AbsenceCover, _covers),
)
