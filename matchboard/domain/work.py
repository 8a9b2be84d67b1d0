"""Who has work, who looks for it, who counts as placed: one table over the states of a placement.

Lists, the overview, candidates, duties, figures, exports and the person's own page all ask here, so
that no two pages disagree about one person. Of several placements the last that became a job says
how the person stands; proposals, and what came to nothing, say nothing about a job.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from matchboard.domain.placement import PlacementState

S = PlacementState


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person's last word about work is, as far as one placement says it."""

    has_work: bool
    looks_for_work: bool  # unless the person wants none at present (`Client.seeking_work`)
    is_placed: bool


_LOOKING = Standing(has_work=False, looks_for_work=True, is_placed=False)
_PLACED = Standing(has_work=True, looks_for_work=False, is_placed=True)

#: How somebody stands of whom nothing else is known than a placement in this state.
STANDING: dict[PlacementState, Standing] = {
    S.PROPOSED: _LOOKING,
    S.CONSENTED: _LOOKING,
    S.SENT: _LOOKING,
    S.INTERVIEW: _LOOKING,
    S.OFFERED: _LOOKING,
    S.STARTED: _PLACED,
    S.COMPLETED: _PLACED,  # kept for a year or to the end of its term: settled, not unplaced
    S.ENDED: _LOOKING,
    S.DECLINED_BY_CLIENT: _LOOKING,
    S.DECLINED_BY_EMPLOYER: _LOOKING,
    S.NO_SHOW: _LOOKING,
    S.WITHDRAWN: _LOOKING,
    S.EXPIRED: _LOOKING,
}
#: States of a job that began: the last of these decides, whatever was proposed before or after.
JOBS = frozenset({S.STARTED, S.COMPLETED, S.ENDED})
HAS_WORK = frozenset(s for s, standing in STANDING.items() if standing.has_work)
#: The job runs; there is one at most.
RUNNING = S.STARTED
#: A job kept to the end of its year; it stays the person's until a later one has ended.
KEPT = frozenset(HAS_WORK - {RUNNING})
LOST = frozenset(JOBS - HAS_WORK)


class Job(Protocol):
    """What is asked of a placement."""

    id: int
    state: PlacementState
    started_on: date | None


J = TypeVar("J", bound=Job)


def job_of(placements: Iterable[J]) -> J | None:
    """Return the placement that is the person's work, None without work."""
    jobs = [p for p in placements if p.state in JOBS]
    last = max(jobs, key=_begun, default=None)
    return last if last is not None and STANDING[last.state].has_work else None


def _begun(job: Job) -> tuple[bool, date, int]:
    return (job.state is RUNNING, job.started_on or date.min, job.id)
