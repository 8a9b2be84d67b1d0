"""Who the person is, where they live, what they wish for: one form, one update each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import occupations
from matchboard.domain.client import (
    ClientKind,
    ContactStatus,
    EmploymentType,
    Exertion,
    Sex,
    Shift,
    Stage,
)
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Actor
from matchboard.domain.vacancy import WAGE_MAX
from matchboard.models.client import Client
from matchboard.permissions import record_access
from matchboard.services import (
    client_fields as fields,
    client_sections as sections,
    clients,
    number_tries,
)

S = ProfileSection
WAGE_LIMIT = WAGE_MAX
COMMUTE_LIMIT_KM = 3_000
ADDRESS_LENGTH = 200
WISHES_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class Basics:
    """Who the person is and how to reach them; a blank number leaves the stored one alone."""

    name: str
    kind: ClientKind
    stage: Stage
    contact_status: ContactStatus
    identity_number: str = ""
    birth_date: date | None = None  # asked only where no number states it
    sex: Sex | None = None
    phone: str = ""
    released_on: date | None = None
    registered_on: date | None = None
    case_lead_pid: str | None = None
    seeking_work: bool = True


@dataclass(frozen=True, slots=True)
class Residence:
    """Where the person lives and where they are registered."""

    registered_division: str | None = None
    residence_division: str | None = None
    residence_address: str = ""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The person's wishes; empty is unknown and excludes nothing."""

    desired_occupations: Sequence[str] = ()
    max_commute_km: float | None = None
    wage_expected_cny_month: int | None = None
    shifts_ok: Sequence[str] = ()
    needs_lodging: bool | None = None
    exertion_max: int | None = None
    employment_types_ok: Sequence[str] = ()
    available_on: date | None = None
    wishes: str = ""


def update_basics(
    client: Client, typed: Basics, *, expected_version: int | None, actor: Actor, now: datetime
) -> None:
    """Save who the person is; a number once stored fixes birth date and sex.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.BASICS, expected_version)
    problems: list[InvalidInput] = []
    name = client.name if typed.name == client.name else fields.clean_name(typed.name, problems)
    phone = fields.clean_phone(typed.phone, problems)
    changes: dict[str, Any] = {} if name == client.name else fields.name_columns(name)
    changes |= {} if phone == client.phone else fields.phone_columns(phone)
    changes |= _identity(client, typed, problems, actor=actor, now=now)
    fields.check_dates(
        problems,
        stage=typed.stage,
        birth_date=changes["birth_date"],
        released_on=typed.released_on,
        registered_on=typed.registered_on,
        on=local_date(now),
    )
    changes["case_lead_id"] = _case_lead(client, typed.case_lead_pid, problems)
    is_handed_over = changes["case_lead_id"] != client.case_lead_id
    if is_handed_over and not may_hand_over(client, actor=actor, now=now):
        problems.append(InvalidInput("case_lead_not_yours", field="case_lead_pid"))
    changes |= {
        "kind": typed.kind,
        "stage": typed.stage,
        "contact_status": typed.contact_status,
        "released_on": typed.released_on,
        "registered_on": typed.registered_on,
        "seeking_work": typed.seeking_work,
    }
    sections.refuse(problems)
    is_new_number = changes.get("id_number_digest") not in {None, client.id_number_digest}
    sections.write(client, S.BASICS, changes, actor=actor, now=now)
    if is_new_number:  # nobody bears it: that, too, is an answer
        number_tries.count_saved(actor=actor, now=now)


def _identity(
    client: Client, typed: Basics, problems: list[InvalidInput], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Return number, birth date and sex after the edit."""
    if typed.identity_number.strip():
        try:
            check = clients.require_free_number(
                typed.identity_number, actor=actor, now=now, except_for=client
            )
        except InvalidInput as error:
            problems.append(error)
            return {"birth_date": client.birth_date}
        fields.check_birth_date(problems, check.birth_date, on=local_date(now))
        return {
            "id_number": fields.normalised_number(typed.identity_number),
            "id_number_digest": fields.number_digest(typed.identity_number),
            "birth_date": check.birth_date,
            "sex": check.sex,
        }
    if client.id_number_digest is not None:
        return {"birth_date": client.birth_date}
    if typed.birth_date is None:
        problems.append(InvalidInput("birth_date_required", field="birth_date"))
        return {"birth_date": client.birth_date}
    fields.check_birth_date(problems, typed.birth_date, on=local_date(now))
    return {"birth_date": typed.birth_date, "sex": typed.sex}


def _case_lead(client: Client, chosen_pid: str | None, problems: list[InvalidInput]) -> int | None:
    if not chosen_pid:
        return None
    for user in clients.list_case_leads(client):
        if user.pid == chosen_pid:
            return user.id
    if client.case_lead is not None and client.case_lead.pid == chosen_pid:
        return client.case_lead_id  # an officer who has moved on keeps the case until it is handed
    problems.append(InvalidInput("unknown_case_lead", field="case_lead_pid"))
    return None


def may_hand_over(client: Client, *, actor: Actor, now: datetime) -> bool:
    """Return whether the actor may say who leads the case from now on.

    The lead opens the restricted record, so this is no weaker a right than opening it; who merely
    covers for the lead does not have it.
    """
    access = record_access(client, actor, on=local_date(now))
    return access is not None and access.may_hand_over


def update_residence(
    client: Client, typed: Residence, *, expected_version: int | None, actor: Actor, now: datetime
) -> None:
    """Save where the person lives; the coordinates follow the division.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.RESIDENCE, expected_version)
    problems: list[InvalidInput] = []
    fields.check_divisions(problems, typed.registered_division, typed.residence_division)
    sections.check_length(problems, typed.residence_address, "residence_address", ADDRESS_LENGTH)
    sections.refuse(problems)
    changes = {
        "registered_division": typed.registered_division,
        **fields.residence_columns(typed.residence_division, typed.residence_address),
    }
    if changes["residence_division"] == client.residence_division:
        del changes["lat"], changes["lon"]  # the place is where it was
    sections.write(client, S.RESIDENCE, changes, actor=actor, now=now)


def update_preferences(
    client: Client,
    typed: Preferences,
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Save the person's wishes.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.PREFERENCES, expected_version)
    problems: list[InvalidInput] = []
    sections.check_count(problems, typed.desired_occupations, "desired_occupations")
    for code in typed.desired_occupations:
        if occupations().get(code) is None and code not in client.desired_occupations:
            problems.append(InvalidInput("unknown_code", field="desired_occupations", value=code))
    sections.check_range(problems, typed.max_commute_km, "max_commute_km", COMMUTE_LIMIT_KM)
    sections.check_range(
        problems, typed.wage_expected_cny_month, "wage_expected_cny_month", WAGE_LIMIT
    )
    sections.check_members(problems, typed.shifts_ok, "shifts_ok", [s.value for s in Shift])
    types = [t.value for t in EmploymentType]
    sections.check_members(problems, typed.employment_types_ok, "employment_types_ok", types)
    if typed.exertion_max is not None and typed.exertion_max not in set(Exertion):
        problems.append(
            InvalidInput("unknown_code", field="exertion_max", value=typed.exertion_max)
        )
    sections.check_length(problems, typed.wishes, "wishes", WISHES_LENGTH)
    sections.refuse(problems)
    changes = {
        "desired_occupations": list(dict.fromkeys(typed.desired_occupations)),
        "max_commute_km": typed.max_commute_km,
        "wage_expected_cny_month": typed.wage_expected_cny_month,
        "shifts_ok": _set(client.shifts_ok, typed.shifts_ok),
        "needs_lodging": typed.needs_lodging,
        "exertion_max": typed.exertion_max,
        "employment_types_ok": _set(client.employment_types_ok, typed.employment_types_ok),
        "available_on": typed.available_on,
        "wishes": typed.wishes.strip(),
    }
    sections.write(client, S.PREFERENCES, changes, actor=actor, now=now)


def _set(stored: Sequence[str], ticked: Sequence[str]) -> list[str]:
    """Return what is ticked; the same ticks in another order are no change."""
    return list(stored if set(stored) == set(ticked) else ticked)
