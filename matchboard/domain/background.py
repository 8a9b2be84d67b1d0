"""Long work done after the request: its kinds and states."""

from __future__ import annotations

from enum import StrEnum


class TaskKind(StrEnum):
    """What can be done in the background."""

    VACANCY_IMPORT = "vacancy_import"
    RANKING_TRAINING = "ranking_training"


class TaskState(StrEnum):
    """queued → running → done / failed."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


UNFINISHED = frozenset({TaskState.QUEUED, TaskState.RUNNING})
