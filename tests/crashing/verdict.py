"""Whether what was acknowledged is there, whole, and agrees with itself."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from matchboard.domain.background import UNFINISHED
from matchboard.domain.placement import PlacementState
from matchboard.extensions import begin_read_only, db
from matchboard.models import (
    AuditEntry,
    BackgroundTask,
    Client,
    Consent,
    Placement,
    PlacementEvent,
    Vacancy,
)
from matchboard.services import audit

if TYPE_CHECKING:
    from tests.crashing.site import Site
    from tests.crashing.writers import Writer

#: How far a proposal must be when a step was acknowledged.
REACHED = {"propose": 0, "consent": 1, "send": 2, "offer": 3}
FAR = {
    PlacementState.PROPOSED: 0,
    PlacementState.CONSENTED: 1,
    PlacementState.SENT: 2,
    PlacementState.OFFERED: 3,
}
#: A lost ring is made up for within a minute, a dead worker noticed within one and a half.
TASK_PATIENCE_S = 200.0


@dataclass(frozen=True)
class Line:
    """A line of the table."""

    what: str
    found: str
    is_good: bool


def check_everything(site: Site, writers: list[Writer]) -> list[Line]:
    """Compare what was acknowledged with the database, and the database with itself."""
    n_refused = sum(writer.n_refused for writer in writers)
    n_unanswered = sum(writer.unanswered.total() for writer in writers)
    n_acknowledged = sum(len(writer.acknowledged) for writer in writers)
    with site.application():
        lines = [
            Line("writes acknowledged", str(n_acknowledged), is_good=n_acknowledged > 0),
            Line("told not saved / without answer", f"{n_refused} / {n_unanswered}", is_good=True),
            _tasks(site),
        ]
        begin_read_only()
        lines += [_lost(writers), _half(), _places(), _chain()]
    return [*lines, _logged(site)]


def _logged(site: Site) -> Line:
    """Count what only the log tells: defects of ours, and writers that waited for each other."""
    words = (site.folder / "words").read_text(errors="replace")
    n_defects, n_deadlocks = words.count("unexpected error"), words.count("DeadlockDetected: ")
    found = f"{n_defects} unexpected errors, {n_deadlocks} deadlocks"
    return Line("in the log", found, is_good=not n_defects + n_deadlocks)


def _lost(writers: list[Writer]) -> Line:
    names = set(db.session.scalars(select(Client.name)))
    rows = db.session.execute(
        select(Client.pid, Placement.state).join(Placement, Placement.client_id == Client.id)
    )
    tasks = set(db.session.scalars(select(BackgroundTask.pid)))
    states = {pid: FAR.get(state, 0) for pid, state in rows}
    lost = [
        saved
        for writer in writers
        for saved in writer.acknowledged
        if (saved.kind == "person" and saved.key not in names)
        or (saved.kind == "task" and saved.key not in tasks)
        or (saved.kind == "placement" and states.get(saved.key, -1) < REACHED[saved.step])
    ]
    return Line("acknowledged and lost", f"{len(lost)} {lost[:3] or ''}", is_good=not lost)


def _half() -> Line:
    """Count people without their audit entry, steps without their event, sendings unconsented."""
    written = _count(select(Client.id).where(Client.name.like("赵%")))
    audited = _count(select(AuditEntry.id).where(AuditEntry.verb == "client.register"))
    events = {}
    for placement_id, state in db.session.execute(
        select(PlacementEvent.placement_id, PlacementEvent.to_state).order_by(PlacementEvent.id)
    ):
        events[placement_id] = state
    placements = db.session.execute(select(Placement.id, Placement.state)).all()
    wrong = [one for one, state in placements if events.get(one) != state]
    consented = set(db.session.scalars(select(Consent.placement_id)))
    without = [i for i, state in placements if FAR.get(state, 0) >= 1 and i not in consented]
    n_half = abs(written - audited) + len(wrong) + len(without)
    return Line("half saved", str(n_half), is_good=not n_half)


def _places() -> Line:
    counted = select(Placement.vacancy_id, func.count()).where(
        Placement.state == PlacementState.OFFERED
    )
    offered = dict(db.session.execute(counted.group_by(Placement.vacancy_id)).all())
    vacancies = db.session.execute(select(Vacancy.id, Vacancy.n_reserved)).all()
    wrong = [one for one, n_reserved in vacancies if n_reserved != offered.get(one, 0)]
    n_reserved = sum(offered.values())
    return Line("places = reservations", f"{n_reserved} reserved, {len(wrong)} wrong", not wrong)


def _chain() -> Line:
    report = audit.verify()
    return Line(
        "audit log", f"{report.n_entries} entries, intact: {report.is_intact}", report.is_intact
    )


def _tasks(site: Site) -> Line:
    """Wait until no task waits or runs; it is the served worker that has to see to it."""
    deadline = time.monotonic() + TASK_PATIENCE_S
    unfinished = select(BackgroundTask.id).where(BackgroundTask.state.in_(sorted(UNFINISHED)))
    while True:
        begin_read_only()
        n_open = _count(unfinished)
        db.session.rollback()
        if not n_open or time.monotonic() > deadline or site.process is None:
            break
        time.sleep(1)
    begin_read_only()
    n_all = _count(select(BackgroundTask.id))
    db.session.rollback()
    return Line("tasks asked for / still open", f"{n_all} / {n_open}", is_good=not n_open)


def _count(query: object) -> int:
    found: int = db.session.scalar(select(func.count()).select_from(query.subquery()))  # type: ignore[attr-defined]
    return found


def print_table(lines: list[Line]) -> None:
    """Print the table."""
    for line in lines:
        print(f"{'ok  ' if line.is_good else 'BAD '} {line.what:<58} {line.found}")
