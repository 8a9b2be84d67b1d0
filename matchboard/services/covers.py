"""Absence covers: who stands in for whom, stated by somebody who may, each write on record.

What a cover opens is `permissions.record_access`'s to say: the restricted records of the people the
absent officer leads, from its first day to its last. Nobody has to end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchboard.domain.accounts import LeadStanding
from matchboard.domain.calendar import local_date
from matchboard.domain.errors import (
    Conflict,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    required,
)
from matchboard.domain.record_access import (
    COVER_REASON_MAX,
    CoverState,
    check_period,
    may_state_cover,
)
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.account import AbsenceCover, User
from matchboard.permissions import office_heads, scope_covers, scope_units
from matchboard.services import audit
from matchboard.services.seen import require_seen

_STANDING = (CoverState.COMING, CoverState.IN_FORCE)


@dataclass(frozen=True, slots=True)
class NewCover:
    """What was typed; officers by their public ids."""

    covered_pid: str
    covering_pid: str
    from_on: date | None
    until_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class CoverRow:
    """A cover as its page shows it."""

    cover: AbsenceCover
    state: CoverState
    may_end: bool

    @property
    def is_standing(self) -> bool:
        """Whether it is in force, or will be."""
        return self.state in _STANDING

    @property
    def left(self) -> LeadStanding | None:
        """Why a standing cover opens nothing: who covers works there no more; None if they do."""
        standing = self.cover.covering.standing_at(self.cover.office_id)
        return standing if self.is_standing and standing is not LeadStanding.ACTIVE else None


def list_covers(*, actor: Actor, now: datetime) -> list[CoverRow]:
    """Return the covers the actor may see: those that stand first, then the newest."""
    on = local_date(now)
    query = (
        scope_covers(actor)
        .options(
            joinedload(AbsenceCover.office),
            joinedload(AbsenceCover.covered),
            joinedload(AbsenceCover.covering),
            joinedload(AbsenceCover.made_by),
            joinedload(AbsenceCover.ended_by),
        )
        .order_by(AbsenceCover.until_on.desc(), AbsenceCover.id.desc())
    )
    heads = _heads(actor)
    rows = [
        CoverRow(
            cover,
            cover.state(on),
            cover.state(on) in _STANDING and _may_end(cover, actor=actor, head_ids=heads),
        )
        for cover in db.session.scalars(query)
    ]
    return sorted(rows, key=lambda row: not row.is_standing)


def list_covered(*, actor: Actor) -> Sequence[User]:
    """Return the officers whose cover the actor may state: themselves, or all of their scope."""
    heads = _heads(actor)
    return [
        officer
        for officer in list_officers(actor=actor)
        if may_state_cover(actor, covered_id=officer.id, head_ids=heads)
    ]


def list_officers(*, actor: Actor) -> Sequence[User]:
    """Return the active officers of the actor's offices, by office and name."""
    query = (
        select(User)
        .where(User.unit_id.in_(scope_units(actor)), User.role == Role.OFFICER, User.active)
        .options(joinedload(User.unit))
        .order_by(User.unit_id, User.display_name, User.id)
    )
    return db.session.scalars(query).all()


def state_cover(new: NewCover, *, actor: Actor, now: datetime) -> AbsenceCover:
    """State that an officer stands in for another one of the same office.

    Raises
    ------
    InvalidFields
        If somebody is not of the actor's offices, both are the same or of two offices, the days
        break a rule, the reason is missing, or the same cover stands on one of the days already.
    NotAllowed
        If the actor may not say who covers the absent officer.
    """
    officers = {officer.pid: officer for officer in list_officers(actor=actor)}
    covered, covering = officers.get(new.covered_pid), officers.get(new.covering_pid)
    problems = _problems(new, covered, covering, on=local_date(now))
    if problems or covered is None or covering is None:
        raise InvalidFields(problems)
    from_on, until_on = required(new.from_on, "from_on"), required(new.until_on, "until_on")
    if not may_state_cover(actor, covered_id=covered.id, head_ids=_heads(actor)):
        raise NotAllowed("cover_not_yours")
    cover = AbsenceCover(
        office_id=covered.unit_id,
        covered_id=covered.id,
        covering_id=covering.id,
        from_on=from_on,
        until_on=until_on,
        reason=new.reason.strip(),
        made_by_id=actor.user_id,
        created_at=now,
    )
    db.session.add(cover)
    audit.record(
        "absence_cover.make",
        cover,
        actor=actor,
        now=now,
        covered=covered.pid,
        covering=covering.pid,
        start=from_on.isoformat(),
        until=until_on.isoformat(),
    )
    return cover


def end_cover(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> AbsenceCover:
    """End a cover before its last day; who covers may lay it down, too.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    NotAllowed
        If the actor may not end it.
    Conflict
        If it has ended.
    """
    cover = get_cover(pid, actor=actor)
    require_seen(seen, cover)
    if not _may_end(cover, actor=actor, head_ids=_heads(actor)):
        raise NotAllowed("cover_not_yours")
    if cover.state(local_date(now)) not in _STANDING:
        raise Conflict
    cover.ended_at = now
    cover.ended_by_id = actor.user_id
    audit.record("absence_cover.end", cover, actor=actor, now=now)
    return cover


def get_cover(pid: str, *, actor: Actor) -> AbsenceCover:
    """Return a cover of the actor's scope; raises `NotFound`."""
    cover: AbsenceCover | None = db.session.scalar(
        scope_covers(actor).where(AbsenceCover.pid == pid)
    )
    if cover is None:
        raise NotFound
    return cover


def _heads(actor: Actor) -> frozenset[int]:
    if actor.role is not Role.OFFICER or actor.unit_id is None:
        return frozenset()
    return office_heads(actor.unit_id)


def _may_end(cover: AbsenceCover, *, actor: Actor, head_ids: frozenset[int]) -> bool:
    return cover.covering_id == actor.user_id or may_state_cover(
        actor, covered_id=cover.covered_id, head_ids=head_ids
    )


def _problems(
    new: NewCover, covered: User | None, covering: User | None, *, on: date
) -> list[InvalidInput]:
    problems = []
    if covered is None:
        problems.append(InvalidInput("unknown_case_lead", field="covered_pid"))
    if covering is None:
        problems.append(InvalidInput("unknown_case_lead", field="covering_pid"))
    try:
        check_period(new.from_on, new.until_on, on=on)
    except InvalidFields as error:
        problems += error.problems
    if not new.reason.strip():
        problems.append(InvalidInput("required", field="reason"))
    elif len(new.reason.strip()) > COVER_REASON_MAX:
        problems.append(InvalidInput("text_too_long", field="reason", maximum=COVER_REASON_MAX))
    if covered is not None and covering is not None:
        code = _pair_problem(new, covered, covering)
        if code:
            problems.append(InvalidInput(code, field="covering_pid"))
    return problems


def _pair_problem(new: NewCover, covered: User, covering: User) -> str:
    """Return why one officer cannot stand in for the other; empty if they can."""
    if covered.id == covering.id:
        return "cover_by_oneself"
    if covered.unit_id != covering.unit_id:
        return "cover_of_other_office"
    if new.from_on is None or new.until_on is None:
        return ""
    same = select(AbsenceCover.id).where(
        AbsenceCover.covered_id == covered.id,
        AbsenceCover.covering_id == covering.id,
        AbsenceCover.ended_at.is_(None),
        AbsenceCover.from_on <= new.until_on,
        AbsenceCover.until_on >= new.from_on,
    )
    return "cover_exists" if db.session.scalar(same.limit(1)) is not None else ""
