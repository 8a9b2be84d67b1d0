"""Justice offices and training providers, kept by the system administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from matchboard.domain.errors import InvalidInput
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.organisation import Unit
from matchboard.services import audit

#: Partners' units come with their application, the district's with the installation.
CREATED_HERE = (UnitKind.JUSTICE_OFFICE, UnitKind.PROVIDER)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with the number of its accounts."""

    pid: str
    kind: UnitKind
    name: str
    name_en: str
    phone: str
    n_accounts: int


@dataclass(frozen=True, slots=True)
class NewUnit:
    """What the administrator typed."""

    kind: UnitKind
    name: str
    name_en: str = ""
    address: str = ""
    phone: str = ""


def list_units(*, kinds: Sequence[UnitKind] = tuple(UnitKind)) -> list[UnitRow]:
    """Return the units of some kinds with their accounts counted, by kind and name."""
    rows = db.session.execute(
        select(Unit, func.count(User.id))
        .outerjoin(User, User.unit_id == Unit.id)
        .where(Unit.kind.in_(kinds))
        .group_by(Unit.id)
        .order_by(Unit.kind, Unit.name, Unit.id)
    )
    return [
        UnitRow(unit.pid, unit.kind, unit.name, unit.name_en, unit.phone, n) for unit, n in rows
    ]


def create_unit(new: NewUnit, *, actor: Actor, now: datetime) -> Unit:
    """Create a justice office or a training provider of the installation's district.

    Raises
    ------
    InvalidInput
        If the kind is made elsewhere, or a unit of the kind has the name already.
    """
    if new.kind not in CREATED_HERE:
        raise InvalidInput("unit_kind_not_created_here", field="kind")
    district = db.session.scalar(
        select(Unit).where(Unit.kind == UnitKind.DISTRICT).order_by(Unit.id).limit(1)
    )
    if district is None:
        raise InvalidInput("district_missing")
    taken = select(func.count()).where(Unit.kind == new.kind, Unit.name == new.name)
    if db.session.scalar(taken):
        raise InvalidInput("unit_name_taken", field="name")
    unit = Unit(
        kind=new.kind,
        name=new.name,
        name_en=new.name_en,
        parent_id=district.id,
        division_code=district.division_code,
        address=new.address,
        phone=new.phone,
        created_at=now,
    )
    db.session.add(unit)
    audit.record("unit.create", unit, actor=actor, now=now)
    return unit
