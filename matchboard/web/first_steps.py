"""What comes first, for the role that looks: rows of `first_steps/_card.html`."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString

from matchboard.labels.first_steps import STEPS
from matchboard.services import first_steps
from matchboard.web.context import actor


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step in words. `is_next` marks the first one that is not done."""

    words: LazyString
    help: LazyString
    url: str
    is_done: bool
    is_next: bool
    n_waiting: int


def step_rows() -> list[StepRow]:
    """Return the present actor's first steps; none once all are done."""
    found = first_steps.first_steps(actor=actor())
    following = next((one for one in found if not one.is_done), None)
    return [
        StepRow(
            words=STEPS[one.step.name][0],
            help=STEPS[one.step.name][1],
            url=one.path,
            is_done=one.is_done,
            is_next=one is following,
            n_waiting=0 if one.is_done else one.n_waiting,
        )
        for one in found
    ]


def is_blank(subject: str, n_shown: int) -> bool:
    """Return whether a list is empty because there is nothing yet, not because of its filters."""
    return first_steps.is_blank(subject, n_shown, actor=actor())
