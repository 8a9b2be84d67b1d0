"""Answers with three values that remember which missing facts left them open."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """True, False or None for unknown; `missing` names what would have to be known."""

    value: bool | None
    missing: frozenset[str] = frozenset()


YES = Answer(True)
NO = Answer(False)


def unknown(*missing: str) -> Answer:
    return Answer(None, frozenset(missing))


def decided(value: bool) -> Answer:
    return YES if value else NO


def all_of(answers: Iterable[Answer]) -> Answer:
    """False if one is false, else unknown if one is unknown, else true (also of nothing)."""
    return _combine(answers, absorbing=False)


def any_of(answers: Iterable[Answer]) -> Answer:
    """True if one is true, else unknown if one is unknown, else false (also of nothing)."""
    return _combine(answers, absorbing=True)


def negate(answer: Answer) -> Answer:
    return answer if answer.value is None else decided(not answer.value)


def _combine(answers: Iterable[Answer], *, absorbing: bool) -> Answer:
    missing: set[str] = set()
    is_open = False
    for answer in answers:
        if answer.value is absorbing:
            return decided(absorbing)
        if answer.value is None:
            is_open = True
            missing |= answer.missing
    return Answer(None, frozenset(missing)) if is_open else decided(not absorbing)
