"""Steps of an opening on its pages: what is offered, what was refused, what a step came to."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext

from matchboard.domain.errors import Conflict
from matchboard.domain.vacancy import EDITABLE, MATERIAL_FIELDS, VacancySource, VacancyState
from matchboard.labels import error_text, vacancies as words
from matchboard.services import vacancies, vacancy_editing
from matchboard.web.context import actor, now
from matchboard.web.notices import flash
from matchboard.web.seen import seen
from matchboard.web.template_setup import isodate


def take(vacancy: Any, step: str) -> None:
    """Make the step that is posted and say what it came to."""
    if step == "confirm":
        vacancies.confirm_validity(vacancy, actor=actor(), now=now(), seen=seen())
    else:
        reason = request.form.get("reason", "")
        vacancies.advance(vacancy, step, actor=actor(), now=now(), reason=reason, seen=seen())
    flash(_done(vacancy, step), "success")


def offers(vacancy: Any) -> dict[str, Any]:
    """Return what an opening's page offers: steps that may succeed, their words, what is missing.

    That nobody has left yet is no reason to show: there is nothing to do about it.
    """
    steps, refusals = vacancies.steps_and_refusals(vacancy, actor=actor(), now=now())
    is_in_review = vacancy.state is VacancyState.IN_REVIEW
    stays_paused = is_in_review and vacancies.is_paused_by_owner(vacancy)
    reasons = (
        error_text(refusal)
        for step, refusal in refusals.items()
        if step != "refill" and vacancy.source is not VacancySource.EXTERNAL
    )
    return {
        "steps": steps,
        "step_words": words.STEPS | words.STEPS_KEEPING_PAUSE if stays_paused else words.STEPS,
        "obstacles": list(dict.fromkeys(reasons)),
        "is_to_stay_paused": stays_paused,
    }


def is_over(vacancy: Any) -> bool:
    """Return whether the opening cannot be changed any more; if so, say why on the next page."""
    if request.method == "POST" or vacancy.state in EDITABLE:
        return False
    try:
        vacancy_editing.require_editable(vacancy)
    except Conflict as error:
        flash(error_text(error), "warning")
    return True


def reviewed_fields() -> str:
    """Return what an employer cannot change without a review, in words, as the rule lists it."""
    return gettext("、").join(
        str(name) for field, name in words.FIELDS.items() if field in MATERIAL_FIELDS
    )


def event_words(name: str, state: str) -> str:
    """Return what happened, by the state it led to."""
    if state == VacancyState.PAUSED and name in words.EVENTS_KEEPING_PAUSE:
        return str(words.EVENTS_KEEPING_PAUSE[name])
    return str(words.EVENTS.get(name, name))


def _done(vacancy: Any, step: str) -> str:
    done = gettext("已完成：%(step)s", step=event_words(step, vacancy.state))
    if step not in {"confirm", "refill", "resume", "approve"} or vacancy.close_on is None:
        return done
    return gettext("%(done)s，有效期到 %(date)s。", done=done, date=isodate(vacancy.close_on))
