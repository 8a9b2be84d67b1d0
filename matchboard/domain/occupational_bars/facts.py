"""The minimal offence facts: structured, never the story, every one of them may be unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal

from matchboard.domain.errors import InvalidInput

LIFE: Final = "life"
Until = date | Literal["life"]

BASES: Final = (
    "criminal_penalty",
    "exempted_from_penalty",
    "non_prosecution_minor",
    "administrative_penalty",
    "abolished_custody_measure",
    "licence_revocation",
    "dismissal_from_post",
)
INTENTS: Final = ("intentional", "negligent")
OFFENCE_KINDS: Final = (
    "bribery_embezzlement",
    "market_order",
    "property",
    "dereliction_of_duty",
    "accounting",
    "food_safety",
    "medicine_safety",
    "narcotics",
    "narcotics_trade",
    "sexual",
    "sexual_harassment",
    "abuse",
    "harm_to_minors",
    "trafficking_persons",
    "violent_injury",
    "violence",
    "gambling",
    "prostitution_related",
    "obscene_material",
    "money_laundering",
    "organised_crime",
    "explosives",
    "traffic",
    "hit_and_run",
    "drunk_driving",
    "drink_driving",
    "border",
    "network_security",
    "production_safety",
    "seed",
    "agri_product_safety",
    "licence_forgery",
    "abuse_of_profession",
    "other",
)
#: What an administrative penalty kept here may be about. Every other kind is a public-order matter
#: under that basis, and its record is sealed (治安管理处罚法 136, in force since 2026-01-01).
UNSEALED_PENALTY_KINDS: Final = frozenset(
    {
        "abuse_of_profession",
        "accounting",
        "agri_product_safety",
        "bribery_embezzlement",
        "drink_driving",
        "drunk_driving",
        "food_safety",
        "hit_and_run",
        "licence_forgery",
        "market_order",
        "medicine_safety",
        "money_laundering",
        "other",
        "production_safety",
        "seed",
        "traffic",
    }
)
COURT_PROHIBITIONS: Final = ("none", "physician", "other")
REVOCABLE_LICENCES: Final = ("driving", "security_guard", "food", "pig_slaughter", "travel_agency")
ORDERED_BANS: Final = ("life", "10_years", "5_years", "other", "none")
ROLES_AT_OFFENCE: Final = (
    "head",
    "responsible_manager",
    "soe_officer",
    "accounting_staff",
    "food_tester",
    "agri_tester",
    "other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OffenceRecord:
    """One unsealed decision; None is unknown, an empty set is known to have no member."""

    basis: str | None = None
    intent: str | None = None
    kinds: frozenset[str] | None = None
    kinds_doubtful: frozenset[str] | None = None
    fixed_term_or_more: bool | None = None
    suspended: bool | None = None
    probation_ended_on: date | None = None
    sentence_completed_on: date | None = None
    political_rights_deprived: bool | None = None
    political_rights_deprived_until: Until | None = None
    court_prohibition: str | None = None
    court_prohibition_until: date | None = None
    court_prohibition_occupations: frozenset[str] | None = None
    penalty_decided_on: date | None = None
    licence: str | None = None
    licence_revoked_on: date | None = None
    ordered_ban: str | None = None
    role_at_offence: str | None = None
    major_accident: bool | None = None
    commercial_vehicle: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All records of a person; None means nobody has looked yet, empty means there is none.

    What the law seals is never entered, so it can neither be seen nor inferred: juvenile records,
    and every record of a public-order offence, detention and drug use with it.
    """

    records: tuple[OffenceRecord, ...] | None


class FactKind(StrEnum):
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_OR_LIFE = "date_or_life"
    OCCUPATIONS = "occupations"


@dataclass(frozen=True, slots=True)
class FactField:
    """One key of a record: what kind of value it takes and, for choices, which."""

    key: str
    kind: FactKind
    choices: tuple[str, ...] = ()


_SCHEMA: Final = (
    FactField("basis", FactKind.CHOICE, BASES),
    FactField("intent", FactKind.CHOICE, INTENTS),
    FactField("kinds", FactKind.CHOICES, OFFENCE_KINDS),
    FactField("kinds_doubtful", FactKind.CHOICES, OFFENCE_KINDS),
    FactField("fixed_term_or_more", FactKind.BOOLEAN),
    FactField("suspended", FactKind.BOOLEAN),
    FactField("probation_ended_on", FactKind.DATE),
    FactField("sentence_completed_on", FactKind.DATE),
    FactField("political_rights_deprived", FactKind.BOOLEAN),
    FactField("political_rights_deprived_until", FactKind.DATE_OR_LIFE),
    FactField("court_prohibition", FactKind.CHOICE, COURT_PROHIBITIONS),
    FactField("court_prohibition_until", FactKind.DATE),
    FactField("court_prohibition_occupations", FactKind.OCCUPATIONS),
    FactField("penalty_decided_on", FactKind.DATE),
    FactField("licence", FactKind.CHOICE, REVOCABLE_LICENCES),
    FactField("licence_revoked_on", FactKind.DATE),
    FactField("ordered_ban", FactKind.CHOICE, ORDERED_BANS),
    FactField("role_at_offence", FactKind.CHOICE, ROLES_AT_OFFENCE),
    FactField("major_accident", FactKind.BOOLEAN),
    FactField("commercial_vehicle", FactKind.BOOLEAN),
)
_FIELDS: Final = {field.key: field for field in _SCHEMA}
_OCCUPATION = re.compile(r"\d-\d\d-\d\d-\d\d")


def fact_schema() -> tuple[FactField, ...]:
    """Return the keys a record may hold, in the order a form asks for them."""
    return _SCHEMA


FactDefect = Literal[
    "unknown_key", "wrong_type", "unknown_value", "bad_date", "duplicate_value", "sealed_by_law"
]


@dataclass(frozen=True, slots=True)
class FactProblem:
    """One defect: where (`records.0.basis`) and which (a code)."""

    path: str
    code: FactDefect


class MalformedFacts(InvalidInput):
    """The stored or submitted facts are not of the agreed form; all defects are listed."""

    code = "malformed_facts"

    def __init__(self, problems: tuple[FactProblem, ...]) -> None:
        # Paths and codes only: a value may be an offence and errors are logged.
        super().__init__(self.code, problems=[f"{one.path}: {one.code}" for one in problems])
        self.problems = problems


class _DefectError(Exception):
    def __init__(self, code: FactDefect) -> None:
        super().__init__(code)
        self.code = code


def parse_facts(obj: object) -> Facts:
    """Read the JSON form of the facts; raises MalformedFacts with every defect found.

    `None` and an object without `records` mean unknown. A key that is absent or null in a record is
    unknown too. An unknown key is an error, so a typing slip cannot turn a fact into a missing one.
    """
    problems: list[FactProblem] = []
    records = _records(obj, problems)
    parsed = (
        None
        if records is None
        else tuple(_record(entry, f"records.{i}", problems) for i, entry in enumerate(records))
    )
    if problems:
        raise MalformedFacts(tuple(problems))
    return Facts(parsed)


def _records(obj: object, problems: list[FactProblem]) -> list[object] | None:
    if obj is None:
        return None
    if not isinstance(obj, Mapping):
        problems.append(FactProblem("", "wrong_type"))
        return None
    problems += [FactProblem(str(key), "unknown_key") for key in obj if key != "records"]
    records = obj.get("records")
    if records is not None and not isinstance(records, list):
        problems.append(FactProblem("records", "wrong_type"))
        return None
    return records


def _record(entry: object, path: str, problems: list[FactProblem]) -> OffenceRecord:
    if not isinstance(entry, Mapping):
        problems.append(FactProblem(path, "wrong_type"))
        return OffenceRecord()
    # Each reader returns the type of its field, which the checker cannot see through the table.
    values: dict[str, Any] = {}
    for key, value in entry.items():
        if key not in _FIELDS:
            problems.append(FactProblem(f"{path}.{key}", "unknown_key"))
        elif value is not None:
            try:
                values[key] = _READERS[_FIELDS[key].kind](value, _FIELDS[key].choices)
            except _DefectError as defect:
                problems.append(FactProblem(f"{path}.{key}", defect.code))
    record = OffenceRecord(**values)
    problems += [FactProblem(f"{path}.{key}", "sealed_by_law") for key in _sealed(record)]
    return record


def _sealed(record: OffenceRecord) -> list[str]:
    """Return the keys that make a record one of a public-order offence."""
    if record.basis != "administrative_penalty":
        return []
    return [
        key
        for key in ("kinds", "kinds_doubtful")
        if (getattr(record, key) or frozenset()) - UNSEALED_PENALTY_KINDS
    ]


def _choice(value: object, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise _DefectError("wrong_type")
    if value not in choices:
        raise _DefectError("unknown_value")
    return value


def _choices(value: object, choices: tuple[str, ...]) -> frozenset[str]:
    if not isinstance(value, list):
        raise _DefectError("wrong_type")
    members = [_choice(member, choices) for member in value]
    if len(set(members)) != len(members):
        raise _DefectError("duplicate_value")
    return frozenset(members)


def _boolean(value: object, _choices: tuple[str, ...]) -> bool:
    if not isinstance(value, bool):
        raise _DefectError("wrong_type")
    return value


def _date(value: object, _choices: tuple[str, ...]) -> date:
    if not isinstance(value, str):
        raise _DefectError("wrong_type")
    try:
        if len(value) != len("2026-11-24"):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise _DefectError("bad_date") from None


def _date_or_life(value: object, choices: tuple[str, ...]) -> Until:
    return LIFE if value == LIFE else _date(value, choices)


def _occupations(value: object, _choices: tuple[str, ...]) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise _DefectError("wrong_type")
    if not all(_OCCUPATION.fullmatch(code) for code in value):
        raise _DefectError("unknown_value")
    return frozenset(value)


_READERS: Final[dict[FactKind, Callable[[object, tuple[str, ...]], object]]] = {
    FactKind.CHOICE: _choice,
    FactKind.CHOICES: _choices,
    FactKind.BOOLEAN: _boolean,
    FactKind.DATE: _date,
    FactKind.DATE_OR_LIFE: _date_or_life,
    FactKind.OCCUPATIONS: _occupations,
}


def dump_facts(facts: Facts) -> dict[str, object]:
    """Write facts in the JSON form `parse_facts` reads; unknown keys are left out."""
    if facts.records is None:
        return {}
    return {"records": [_dump_record(record) for record in facts.records]}


def _dump_record(record: OffenceRecord) -> dict[str, object]:
    dumped: dict[str, object] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, date):
            dumped[field.name] = value.isoformat()
        elif isinstance(value, frozenset):
            dumped[field.name] = sorted(value)
        elif value is not None:
            dumped[field.name] = value
    return dumped
