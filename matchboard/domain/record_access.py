"""Who opens a restricted record: the case lead, the head of the office, the district, and covers.

Other officers of the office open it by an absence cover alone: a stated row that says who stands in
for whom, why, from which day to which. It ends by itself; what is opened under it is on record as
opened under it. The rule is a pure function; `permissions.record_access` asks it with what the
database holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.roles import Actor, Role

#: The longest cover; whoever is away for longer hands the cases over, or states another one.
COVER_DAYS_MAX = 30
#: How far ahead a cover may be stated.
COVER_AHEAD_DAYS = 90
COVER_REASON_MAX = 120


class Ground(StrEnum):
    """What a record is opened by."""

    DISTRICT = "district"
    LEAD = "lead"
    HEAD = "head"
    OFFICE = "office"  # nobody leads the case and the office has no head
    COVER = "cover"


class CoverState(StrEnum):
    """Where a cover stands on a day."""

    COMING = "coming"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    ENDED = "ended"  # early, by somebody


@dataclass(frozen=True, slots=True)
class Cover:
    """An absence cover as the rule sees it."""

    pid: str
    office_id: int
    covered_id: int
    covering_id: int
    from_on: date
    until_on: date
    is_ended: bool = False

    def state(self, on: date) -> CoverState:
        """Return where it stands on a day; first and last day belong to it."""
        if self.is_ended:
            return CoverState.ENDED
        if on > self.until_on:
            return CoverState.EXPIRED
        return CoverState.IN_FORCE if on >= self.from_on else CoverState.COMING


@dataclass(frozen=True, slots=True)
class RecordAccess:
    """That somebody may open a record, and by what."""

    ground: Ground
    cover: Cover | None = None

    @property
    def may_hand_over(self) -> bool:
        """Whether it is enough to say who leads the case from now on; a cover is not.

        Whoever could make themselves the lead would have the record.
        """
        return self.ground is not Ground.COVER


def heads_of(officers: Iterable[tuple[int, bool]]) -> frozenset[int]:
    """Return who heads an office of the active officers given, each with whether they are named.

    The only officer of an office is its head without being named.
    """
    found = list(officers)
    if len(found) == 1:
        return frozenset({found[0][0]})
    return frozenset(officer_id for officer_id, is_named in found if is_named)


def record_access(
    actor: Actor,
    *,
    office_id: int,
    lead_id: int | None,
    head_ids: Collection[int],
    covers: Iterable[Cover],
    on: date,
) -> RecordAccess | None:
    """Return by what the actor opens the record of a client of the office; None if by nothing.

    That the client is of the actor's district or office at all is the scope's question before.
    """
    if actor.role is Role.DISTRICT:
        return RecordAccess(Ground.DISTRICT)
    if actor.role is not Role.OFFICER or actor.user_id is None or actor.unit_id != office_id:
        return None
    if actor.user_id == lead_id:
        return RecordAccess(Ground.LEAD)
    if actor.user_id in head_ids:
        return RecordAccess(Ground.HEAD)
    if lead_id is None:
        return None if head_ids else RecordAccess(Ground.OFFICE)
    return next(
        (
            RecordAccess(Ground.COVER, cover)
            for cover in covers
            if cover.office_id == office_id
            and (cover.covered_id, cover.covering_id) == (lead_id, actor.user_id)
            and cover.state(on) is CoverState.IN_FORCE
        ),
        None,
    )


def may_state_cover(actor: Actor, *, covered_id: int, head_ids: Collection[int]) -> bool:
    """Return whether the actor may say who stands in for an officer of their scope, or no longer.

    The district, the head of the office, and the officer who will be away.
    """
    if actor.role is Role.DISTRICT:
        return True
    return actor.role is Role.OFFICER and (actor.user_id == covered_id or actor.user_id in head_ids)


def check_period(from_on: date | None, until_on: date | None, *, on: date) -> None:
    """Refuse a cover that began before it was stated, lasts too long, or lies too far ahead.

    Of a day that is missing nothing follows for the other one.

    Raises
    ------
    InvalidFields
        With what is wrong of each of the two days.
    """
    problems = []
    if from_on is None:
        problems.append(InvalidInput("required", field="from_on"))
    elif from_on < on:
        problems.append(InvalidInput("date_in_past", field="from_on"))
    elif from_on > on + timedelta(days=COVER_AHEAD_DAYS):
        problems.append(InvalidInput("cover_too_far", field="from_on", n=COVER_AHEAD_DAYS))
    if until_on is None:
        problems.append(InvalidInput("required", field="until_on"))
        n_days = 1
    else:
        n_days = 1 if from_on is None else (until_on - from_on).days + 1
    if n_days < 1:
        problems.append(InvalidInput("cover_ends_before", field="until_on"))
    elif n_days > COVER_DAYS_MAX:
        problems.append(InvalidInput("cover_too_long", field="until_on", n=COVER_DAYS_MAX))
    if problems:
        raise InvalidFields(problems)
