"""Rules of accounts: passwords, lockout, idle time, and which accounts need a second person."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.roles import ACCOUNT_ROLES, Role

EMAIL_MAX = 160
NAME_MAX = 60
#: Shape only: one @, something before it, a domain with a dot behind it.
EMAIL_SHAPE = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$"

PASSWORD_MIN = 12
#: Hashing takes memory and time for every character; nobody types more than this.
PASSWORD_MAX = 128

#: Guesses below 10^8, as the library counts them: tried before an account is locked often enough.
PASSWORD_SCORE_MIN = 3
#: A word with a year behind it is one word: without digits and signs at its ends, 10^6 guesses.
CORE_SCORE_MIN = 2
#: Words the library's lists lack and people here type first.
LOCAL_WORDS = (
    "1314",
    "5201314",
    "5211314",
    "anbangban",
    "anzhibangjiao",
    "bangjiao",
    "gongan",
    "jiuye",
    "justiceoffice",
    "matchboard",
    "sifaju",
    "sifasuo",
    "woaini",
    "woaizhongguo",
    "zhongguo",
)
#: What the library looks at: the rest of a longer password only makes it better.
_LOOKED_AT = 64

#: No vowels and no look-alikes: the password is read out once, over a desk or a telephone.
_ONE_TIME_ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"

#: A new account, and one with a password somebody else has set, starts only after the security
#: administrator has confirmed it: one person alone can neither make nor take over one of these.
CONFIRMED_ROLES = frozenset(ACCOUNT_ROLES)


@dataclass(frozen=True, slots=True)
class SecurityRules:
    """What the security administrator sets."""

    lockout_failures: int = 5
    lockout_minutes: int = 15
    idle_minutes: int = 30


#: Lowest and highest value of each; none can be switched off.
BOUNDS: dict[str, tuple[int, int]] = {
    "lockout_failures": (3, 10),
    "lockout_minutes": (5, 1440),
    "idle_minutes": (5, 480),
}


def identity_problems(
    email: str, display_name: str, *, fields: tuple[str, str] = ("email", "display_name")
) -> list[InvalidInput]:
    """Return what is wrong with who an account is for; `fields` name the two in a form.

    Every door asks here: the pages, the commands and the first start.
    """
    email_field, name_field = fields
    problems = []
    if not email:
        problems.append(InvalidInput("required", field=email_field))
    elif len(email) > EMAIL_MAX or not re.fullmatch(EMAIL_SHAPE, email):
        problems.append(InvalidInput("email_malformed", field=email_field))
    if not display_name:
        problems.append(InvalidInput("required", field=name_field))
    elif len(display_name) > NAME_MAX:
        problems.append(InvalidInput("text_too_long", field=name_field, maximum=NAME_MAX))
    return problems


def check_rules(rules: SecurityRules) -> None:
    """Refuse settings outside their bounds.

    Raises
    ------
    InvalidFields
        With one `out_of_range` per setting that is too low or too high.
    """
    problems = []
    for name, value in asdict(rules).items():
        low, high = BOUNDS[name]
        if not low <= value <= high:
            problems.append(InvalidInput("out_of_range", field=name, low=low, high=high))
    if problems:
        raise InvalidFields(problems)


def check_password(
    password: str, *, email: str, display_name: str, field: str = "new_password"
) -> None:
    """Refuse a password that is short, common, or made of the person's own name.

    Length is what protects (no rule about kinds of characters); the rest keeps out what is
    guessed first.

    Raises
    ------
    InvalidInput
        Naming the first rule broken.
    """
    if len(password) < PASSWORD_MIN:
        raise InvalidInput("password_too_short", field=field, n=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        raise InvalidInput("password_too_long", field=field, n=PASSWORD_MAX)
    lowered = password.casefold()
    local_part = email.casefold().partition("@")[0]
    name = display_name.casefold().strip()
    own_words = [word for word, least in ((local_part, 3), (name, 2)) if len(word) >= least]
    if any(word in lowered for word in own_words):
        raise InvalidInput("password_contains_name", field=field)
    if _is_common(lowered, (local_part, name)):
        raise InvalidInput("password_common", field=field)


def _is_common(password: str, own_words: Iterable[str]) -> bool:
    """Return whether a password is among the first guesses, as such or without its last digits."""
    words = tuple(own_words)
    core = password.strip("0123456789!@#$%.-_ ")
    return (
        len(set(password)) < 5
        or _score(password, words) < PASSWORD_SCORE_MIN
        or (core != "" and core != password and _score(core, words) < CORE_SCORE_MIN)
    )


def _score(password: str, own_words: Iterable[str]) -> int:
    """Return how hard a password is to guess, 0 to 4 (zxcvbn: lists, keyboard runs, repeats)."""
    # Its lists take a quarter of a second to load; only who sets a password needs them.
    from zxcvbn import zxcvbn

    inputs = [*LOCAL_WORDS, *(word for word in own_words if word)]
    return int(zxcvbn(password[:_LOOKED_AT], user_inputs=inputs)["score"])


def new_one_time_password() -> str:
    """Return a random password in four groups of five, good for one sign-in (96 bits)."""
    groups = ("".join(secrets.choice(_ONE_TIME_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


class LeadStanding(StrEnum):
    """Whether a case lead still works where the case is."""

    ACTIVE = "active"
    SHUT = "shut"
    MOVED = "moved"  # to another office, or to other work


def lead_standing(
    *,
    role: Role,
    is_active: bool,
    awaits_confirmation: bool,
    unit_id: int | None,
    office_id: int,
) -> LeadStanding:
    """Return how a lead stands; who waits for the second person is only about to sign in again."""
    if not is_active and not awaits_confirmation:
        return LeadStanding.SHUT
    is_there = role is Role.OFFICER and unit_id == office_id
    return LeadStanding.ACTIVE if is_there else LeadStanding.MOVED
