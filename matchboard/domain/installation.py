"""What an installation begins with: the district, its offices, and one administrator of each kind.

Three administrators (三员分立) who are three people: the second person's confirmation of an
account is worth nothing where one person holds both roles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from matchboard.domain.accounts import identity_problems
from matchboard.domain.catalogues import divisions
from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.roles import Role

ADMINISTRATORS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
#: How long a set-up code opens the set-up page; the newest one alone counts.
CODE_LIFE = timedelta(hours=24)
UNIT_NAME_MAX = 120
UNIT_NAME_EN_MAX = 160


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who one of the first accounts is for."""

    role: Role
    email: str
    display_name: str

    @property
    def fields(self) -> tuple[str, str]:
        """Names of the two fields in the form and, with dashes, of the command's options."""
        return f"{self.role.value}_email", f"{self.role.value}_name"


@dataclass(frozen=True, slots=True)
class Installation:
    """What the first person at the system typed."""

    name: str
    division_code: str
    administrators: tuple[Administrator, ...]
    name_en: str = ""
    offices: tuple[str, ...] = ()


def check_installation(new: Installation, *, wanted: Sequence[Role] = ADMINISTRATORS) -> None:
    """Refuse an installation that could not be worked with, naming all faults at once.

    `wanted` are the kinds of administrators that have no account yet.

    Raises
    ------
    InvalidFields
        One problem per field.
    """
    problems = _unit_problems(new)
    given = {administrator.role: administrator for administrator in new.administrators}
    seen: set[str] = set()
    for role in wanted:
        administrator = given.get(role, Administrator(role, "", ""))
        email = administrator.email.casefold()
        problems += identity_problems(
            email, administrator.display_name, fields=administrator.fields
        )
        if email and email in seen:
            problems.append(InvalidInput("email_repeated", field=administrator.fields[0]))
        seen.add(email)
    if problems:
        raise InvalidFields(problems)


def _unit_problems(new: Installation) -> list[InvalidInput]:
    problems = []
    if not new.name:
        problems.append(InvalidInput("required", field="name"))
    elif len(new.name) > UNIT_NAME_MAX:
        problems.append(InvalidInput("text_too_long", field="name", maximum=UNIT_NAME_MAX))
    if len(new.name_en) > UNIT_NAME_EN_MAX:
        problems.append(InvalidInput("text_too_long", field="name_en", maximum=UNIT_NAME_EN_MAX))
    if not new.division_code:
        problems.append(InvalidInput("required", field="division_code"))
    elif new.division_code not in divisions():
        problems.append(InvalidInput("unknown_division", field="division_code"))
    if any(len(office) > UNIT_NAME_MAX for office in new.offices):
        problems.append(InvalidInput("text_too_long", field="offices", maximum=UNIT_NAME_MAX))
    if len(set(new.offices)) < len(new.offices):
        problems.append(InvalidInput("unit_name_taken", field="offices"))
    return problems
