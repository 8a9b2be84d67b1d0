"""What registration and the profile have in common: fields checked, and as they are stored."""

from __future__ import annotations

from datetime import date

from matchboard.domain.calendar import years_between
from matchboard.domain.catalogues import divisions
from matchboard.domain.client import Stage
from matchboard.domain.client_file import EARLIEST_BIRTH, YOUNGEST_AGE
from matchboard.domain.errors import InvalidInput
from matchboard.domain.identity import (
    InvalidPhone,
    name_pinyin,
    normalise_identity_number,
    parse_phone,
    phone_tail,
)
from matchboard.domain.text import name_line, one_line
from matchboard.services.client_search import identity_digest

NAME_LENGTH = 60


def clean_name(text: str, problems: list[InvalidInput]) -> str:
    """Return the name as it is stored; a name needs letters that can be read."""
    name = name_line(text)
    if not name:
        problems.append(InvalidInput("required", field="name"))
    elif len(name) > NAME_LENGTH:
        problems.append(InvalidInput("name_too_long", field="name", maximum=NAME_LENGTH))
    elif not name_pinyin(name).syllables:
        problems.append(InvalidInput("name_unreadable", field="name"))
    return name


def clean_phone(text: str, problems: list[InvalidInput]) -> str | None:
    """Return the number in international form, None if nothing was typed."""
    if not text.strip():
        return None
    try:
        return parse_phone(text)
    except InvalidPhone as error:
        problems.append(error)
        return None


def check_divisions(
    problems: list[InvalidInput], registered: str | None, residence: str | None
) -> None:
    """Refuse codes that are not in the catalogue."""
    for field, code in (("registered_division", registered), ("residence_division", residence)):
        if code and code not in divisions():
            problems.append(InvalidInput("unknown_division", field=field))


def check_birth_date(problems: list[InvalidInput], birth_date: date, *, on: date) -> None:
    """Refuse a birth date that can only be a slip of the pen."""
    if birth_date > on:
        problems.append(InvalidInput("birth_date_ahead", field="birth_date"))
    elif birth_date < EARLIEST_BIRTH:
        problems.append(InvalidInput("birth_date_too_early", field="birth_date"))
    elif years_between(birth_date, on) < YOUNGEST_AGE:
        problems.append(
            InvalidInput("birth_date_too_young", field="birth_date", minimum=YOUNGEST_AGE)
        )


def check_dates(
    problems: list[InvalidInput],
    *,
    stage: Stage,
    birth_date: date | None,
    released_on: date | None,
    registered_on: date | None,
    on: date,
) -> None:
    """Refuse days of release and registration that cannot be.

    Before registration the day of release may be a plan and lie ahead.
    """
    if released_on and birth_date and released_on <= birth_date:
        problems.append(InvalidInput("released_before_birth", field="released_on"))
    if stage is Stage.PRE_RELEASE:
        if registered_on:
            problems.append(InvalidInput("registered_needs_stage", field="registered_on"))
        return
    if released_on and released_on > on:
        problems.append(InvalidInput("release_is_ahead", field="released_on"))
    if registered_on and registered_on > on:
        problems.append(InvalidInput("date_ahead", field="registered_on"))
    elif registered_on and released_on and registered_on < released_on:
        problems.append(InvalidInput("registered_before_release", field="registered_on"))


def name_columns(name: str) -> dict[str, str]:
    """Return the name and the two forms under which it is searched."""
    read = name_pinyin(name)
    return {
        "name": name,
        "name_pinyin": " ".join(read.syllables)[:160],
        "name_initials": read.initials[:24],
    }


def phone_columns(phone: str | None) -> dict[str, str | None]:
    """Return the encrypted number and the tail it is found by."""
    return {"phone": phone, "phone_tail": phone_tail(phone) if phone else None}


def residence_columns(code: str | None, address: str) -> dict[str, str | float | None]:
    """Return the residence with the coordinates of its division's seat."""
    division = divisions().get(code) if code else None
    return {
        "residence_division": code,
        "residence_address": one_line(address) or None,
        "lat": division.lat if division else None,
        "lon": division.lon if division else None,
    }


def normalised_number(text: str) -> str | None:
    """Return the number as it is stored, None if there is none."""
    if not text.strip():
        return None
    return normalise_identity_number(text)


def number_digest(text: str) -> str | None:
    """Return the digest the number is found by, None if there is none."""
    return identity_digest(text) if text.strip() else None
