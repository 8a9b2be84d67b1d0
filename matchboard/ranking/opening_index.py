"""The process's index of open openings, kept fresh by change stamps; never rebuilt per request."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import func, select
from sqlalchemy.engine import Engine

from matchboard.domain.occupational_bars import OpeningScope
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models.vacancy import Vacancy
from matchboard.ranking import registry
from matchboard.ranking.registry import FORMULA, Speaker
from matchboard.ranking.tables import OpeningRow, opening_rows, vacancies_table, vocabulary
from ml.index import OpeningIndex

#: A transaction may commit this much later than the instant it stamps its rows with.
OVERLAP = timedelta(minutes=2)


class LiveIndex:
    """An `OpeningIndex` with what the legal gate needs, following the database.

    Rows stamped less than `OVERLAP` ago are read again at each refresh and compared by fingerprint,
    so a transaction that commits late, or is rolled back, is not missed.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.listen_to(FORMULA)

    def listen_to(self, who: Speaker) -> None:
        """Begin anew for a model: what openings carry of their employers' record is the model's."""
        self.speaker = who
        self.index = OpeningIndex(vocabulary())
        self._settled: datetime | None = None
        self._recent: dict[str, tuple[Any, ...]] = {}
        self._scope_of: dict[str, OpeningScope] = {}
        self._pids_of: dict[OpeningScope, set[str]] = defaultdict(set)

    def refresh(self, *, now: datetime) -> int:
        """Take in what changed since the last call; return how many openings did."""
        if self._settled is None:
            condition = Vacancy.state == VacancyState.OPEN
        else:
            condition = Vacancy.updated_at > self._settled
        newest = db.session.scalar(select(func.max(Vacancy.updated_at)))
        n_changed = sum(self._take_in(batch) for batch in opening_rows(condition))
        if newest is not None:
            settled = min(newest, now - OVERLAP)
            self._settled = settled
            self._recent = {p: f for p, f in self._recent.items() if f[-1] > settled}
        return n_changed

    def scopes(self) -> Iterator[tuple[OpeningScope, set[str]]]:
        """Yield each distinct legal scope with the openings that have it."""
        yield from self._pids_of.items()

    def scope_of(self, pid: str) -> OpeningScope:
        """Return the legal scope of an open opening."""
        return self._scope_of[pid]

    def _take_in(self, batch: list[OpeningRow]) -> int:
        changed = [r for r in batch if self._recent.get(r.pid) != r.fingerprint]
        if not changed:
            return 0
        self._recent.update((r.pid, r.fingerprint) for r in changed)
        gone = [r.pid for r in changed if not r.is_open]
        here = [r for r in changed if r.is_open]
        for row in changed:
            self._forget_scope(row.pid)
        if gone:
            self.index.remove(gone)
        if here:
            self.index.upsert(self.speaker.prepare(vacancies_table(here)))
        for row in here:
            self._scope_of[row.pid] = row.scope
            self._pids_of[row.scope].add(row.pid)
        return len(changed)

    def _forget_scope(self, pid: str) -> None:
        scope = self._scope_of.pop(pid, None)
        if scope is None:
            return
        self._pids_of[scope].discard(pid)
        if not self._pids_of[scope]:
            del self._pids_of[scope]


_indexes: WeakKeyDictionary[Engine, LiveIndex] = WeakKeyDictionary()
_creation = threading.Lock()


@contextmanager
def fresh_index(*, now: datetime) -> Iterator[LiveIndex]:
    """Yield this process's index, refreshed, locked against a change by another thread.

    `live.speaker` is the model that speaks: what ranks must be what the openings were prepared for.
    """
    who = registry.speaker()
    with _creation:
        live = _indexes.get(db.engine)
        if live is None:
            live = _indexes[db.engine] = LiveIndex()
    with live.lock:
        if live.speaker is not who:
            live.listen_to(who)
        live.refresh(now=now)
        yield live
