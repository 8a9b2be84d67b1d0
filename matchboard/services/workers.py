"""Signs of life of the background workers: who is at work, and since when nobody is."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchboard.extensions import db
from matchboard.models.web import WorkerPulse

#: How often a worker says that it lives, and the silence after which it is taken for dead: longer
#: than anybody may hold SQLite's write lock.
BEAT_S = 10
SILENCE = timedelta(seconds=90)
#: How long the last sign of a dead worker is kept.
KEEP = timedelta(days=1)
#: Process number of a worker that stopped in order.
STOPPED = 0


def _host() -> str:
    return socket.gethostname()[:64]


@dataclass(frozen=True, slots=True)
class Worker:
    """This process as a worker; two lives of one process number are two workers."""

    host: str = field(default_factory=_host)
    process: int = field(default_factory=os.getpid)
    life: str = field(default_factory=lambda: secrets.token_hex(4))

    @property
    def name(self) -> str:
        """Name in the database."""
        return f"{self.host[:60]}:{self.process}:{self.life}"


def beat(worker: Worker, *, now: datetime) -> None:
    """Note that the worker lives, in a transaction of its own."""
    with Session(db.engine) as session, session.begin():
        known = session.execute(
            update(WorkerPulse).where(WorkerPulse.name == worker.name).values(at=now)
        )
        if known.rowcount:  # type: ignore[attr-defined]
            return
        # Whoever had this process number here before is dead.
        session.execute(
            delete(WorkerPulse).where(
                (WorkerPulse.at < now - KEEP)
                | ((WorkerPulse.host == worker.host) & (WorkerPulse.process == worker.process))
            )
        )
        session.add(WorkerPulse(name=worker.name, host=worker.host, process=worker.process, at=now))


def say_goodbye(worker: Worker) -> None:
    """Note that the worker stops: its process number may soon be another's."""
    with Session(db.engine) as session, session.begin():
        session.execute(
            update(WorkerPulse).where(WorkerPulse.name == worker.name).values(process=STOPPED)
        )


def names_at_work(session: Session, *, now: datetime) -> list[str]:
    """Return the names of the workers that live."""
    return [pulse.name for pulse in _pulses(session) if _lives(pulse, now)]


def silence(session: Session, *, now: datetime) -> timedelta | None:
    """Return how long no worker has given a sign, zero if one lives, None if none ever did."""
    pulses = _pulses(session)
    if not pulses:
        return None
    if any(_lives(pulse, now) for pulse in pulses):
        return timedelta()
    return max(now - max(pulse.at for pulse in pulses), timedelta(seconds=1))


def _pulses(session: Session) -> list[WorkerPulse]:
    return list(session.scalars(select(WorkerPulse).order_by(WorkerPulse.id)))


def _lives(pulse: WorkerPulse, now: datetime) -> bool:
    """Return whether the worker gave a sign lately; one of this machine is looked for besides."""
    if pulse.at < now - SILENCE or pulse.process == STOPPED:
        return False
    processes = Path("/proc")
    if pulse.host != _host() or not processes.exists():
        return True
    return (processes / str(pulse.process)).exists()
