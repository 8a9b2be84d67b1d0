"""Confirm which occupation an opening is of, where its title alone suggested one or none."""

from __future__ import annotations

from datetime import datetime

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import occupations
from matchboard.domain.errors import Conflict, InvalidInput, NotAllowed
from matchboard.domain.roles import Actor
from matchboard.domain.vacancy import EDITABLE, STAFF, OccupationSource
from matchboard.models.vacancy import Vacancy
from matchboard.services import vacancies, vacancy_posting
from matchboard.services.seen import require_seen


def confirm_occupation(
    vacancy: Vacancy, code: str, *, actor: Actor, now: datetime, seen: str | None = None
) -> Vacancy:
    """Say that the opening is of this occupation; saying it again changes nothing.

    `seen` is the version of the opening whose title the person has read.

    Raises
    ------
    NotAllowed
        If the actor is not staff.
    Conflict
        If the opening is over, or somebody has meanwhile confirmed another occupation.
    StaleEdit
        If it has changed otherwise since: an import may have given it another title.
    InvalidInput
        At field `occupation_code`, if there is no such occupation.
    InvalidFields
        With one problem at each field a law refuses, on an opening that is (about to be) shown.
    """
    if actor.role not in STAFF:
        raise NotAllowed
    if vacancy.state not in EDITABLE:
        raise Conflict("vacancy_over", state=vacancy.state)
    if code not in occupations():
        raise InvalidInput("unknown_code", field="occupation_code", value=code[:40])
    if vacancy.confirmed_occupation == code:
        return vacancy
    if vacancy.confirmed_occupation is not None:
        raise Conflict("occupation_confirmed")
    require_seen(seen, vacancy)
    vacancy.occupation_code = code
    vacancy.occupation_from = OccupationSource.PERSON
    vacancy.updated_at = now
    vacancy_posting.require_passable_if_shown(vacancy, actor=actor, on=local_date(now))
    vacancies.note(vacancy, "occupation", actor=actor, now=now, fields=["occupation_code"])
    return vacancy
