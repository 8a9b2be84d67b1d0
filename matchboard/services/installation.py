"""The first start: an empty database becomes a district that can be worked in.

The command `init` and the set-up page are two doors to `set_up`. The page opens only to whoever
holds the set-up code, which the server prints where it is started: who can read that terminal
could run the command as well. Nobody else who finds the address of a new site becomes its
administrator. After the first district both doors are shut for good.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select

from matchboard.crypto import lookup_digest
from matchboard.domain.accounts import new_one_time_password
from matchboard.domain.errors import Conflict, Faults, InvalidInput
from matchboard.domain.installation import (
    ADMINISTRATORS,
    CODE_LIFE,
    Administrator,
    Installation,
    check_installation,
)
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import db
from matchboard.models.account import SetupCode, User
from matchboard.models.organisation import Unit
from matchboard.services import accounts, audit, units
from matchboard.services.accounts import NewAccount
from matchboard.services.sign_in import normal_email
from matchboard.services.units import NewUnit


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A first account with the one-time password that is shown once."""

    role: Role
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """What was made."""

    district: Unit
    offices: tuple[Unit, ...]
    passwords: tuple[FirstPassword, ...]


def find_district() -> Unit | None:
    """Return the installation's district, None before the first start."""
    return db.session.scalar(
        select(Unit).where(Unit.kind == UnitKind.DISTRICT).order_by(Unit.id).limit(1)
    )


def is_set_up() -> bool:
    """Return whether there is a district; without one nothing but this module's work can begin."""
    return find_district() is not None


def missing_administrators() -> tuple[Role, ...]:
    """Return the kinds of administrators nobody is yet; some may have been made by command."""
    there = set(db.session.scalars(select(User.role).where(User.role.in_(ADMINISTRATORS))))
    return tuple(role for role in ADMINISTRATORS if role not in there)


def issue_code(*, now: datetime) -> str:
    """Return a new set-up code, good for `CODE_LIFE`; earlier ones open nothing any more.

    Raises
    ------
    Conflict
        If there is a district: the set-up page is gone.
    """
    if is_set_up():
        raise Conflict("district_exists")
    code = new_one_time_password()
    db.session.execute(delete(SetupCode))
    db.session.add(SetupCode(digest=code_digest(code), expires_at=now + CODE_LIFE))
    return code


def code_digest(code: str) -> str:
    """Return the form in which a set-up code is kept, read generously as to spaces and case."""
    return lookup_digest("setup_code", "".join(code.split()).lower())


def is_valid(digest: str, *, now: datetime) -> bool:
    """Return whether a code's digest opens the set-up page."""
    return (
        db.session.scalar(
            select(SetupCode.id).where(SetupCode.digest == digest, SetupCode.expires_at > now)
        )
        is not None
    )


def set_up(new: Installation, *, via: str, now: datetime) -> SetUp:
    """Make district, offices and the administrators that are missing; `via` goes on record.

    Nobody is there yet to confirm the first accounts. The two people they need are the one who
    starts the server and the one each password is handed to: it works once and must be replaced.
    The log shows each as made and as confirmed by the system.

    Raises
    ------
    InvalidInput
        If a value breaks a rule; `InvalidFields` for several at once.
    Conflict
        If there is a district already.
    """
    new = _tidy(new)
    wanted = missing_administrators()
    faults = Faults()
    with faults.noted():
        check_installation(new, wanted=wanted)
    faults.add(*_taken_addresses(new, wanted))
    faults.refuse()
    # Writers of the log queue up: of two first starts at once the second sees the first's district.
    audit.record("district.set_up", None, actor=SYSTEM, now=now, via=via)
    if is_set_up():
        raise Conflict("district_exists")
    district = Unit(
        kind=UnitKind.DISTRICT,
        name=new.name,
        name_en=new.name_en,
        division_code=new.division_code,
        created_at=now,
    )
    db.session.add(district)
    audit.record("unit.create", district, actor=SYSTEM, now=now)
    offices = tuple(
        units.create_unit(NewUnit(UnitKind.JUSTICE_OFFICE, name), actor=SYSTEM, now=now)
        for name in new.offices
    )
    passwords = tuple(_first_account(one, now) for one in new.administrators if one.role in wanted)
    db.session.execute(delete(SetupCode))
    return SetUp(district, offices, passwords)


def _tidy(new: Installation) -> Installation:
    """Return what was typed without blanks around it and without empty lines."""
    return replace(
        new,
        name=new.name.strip(),
        name_en=new.name_en.strip(),
        offices=tuple(filter(None, (name.strip() for name in new.offices))),
        administrators=tuple(
            replace(one, email=one.email.strip(), display_name=one.display_name.strip())
            for one in new.administrators
        ),
    )


def _taken_addresses(new: Installation, wanted: tuple[Role, ...]) -> list[InvalidInput]:
    """Return a fault for each address that an account made by command has already."""
    given = {normal_email(one.email): one for one in new.administrators}
    taken = db.session.scalars(select(User.email).where(User.email.in_(given)))
    faulty = [given[email] for email in taken]
    return [
        InvalidInput("email_taken", field=one.fields[0]) for one in faulty if one.role in wanted
    ]


def _first_account(one: Administrator, now: datetime) -> FirstPassword:
    made = NewAccount(email=one.email, display_name=one.display_name, role=one.role)
    user, password = accounts.create_account(made, actor=SYSTEM, now=now)
    accounts.confirm_account(user.pid, actor=SYSTEM, now=now)
    return FirstPassword(one.role, user.email, password)
