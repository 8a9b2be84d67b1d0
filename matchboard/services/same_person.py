"""Who may be on the register already, where no identity number can tell.

Two people may share a name and a birthday: it is a question to whoever registers, asked once, and
never a refusal. Of people outside the actor's scope nothing is told but that there may be one; such
a hit is on record like one of the identity number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from matchboard.domain.errors import InvalidInput
from matchboard.domain.identity import InvalidPhone, parse_identity_number, parse_phone, phone_tail
from matchboard.domain.roles import Actor
from matchboard.domain.text import folded
from matchboard.extensions import db
from matchboard.models.client import Client
from matchboard.permissions import scope_clients
from matchboard.services.clients import NewClient, RecordRef
from matchboard.services.seen import fingerprint


@dataclass(frozen=True, slots=True)
class Possible:
    """People who may be the one about to be registered; `answer` says that it is none of them."""

    here: tuple[Client, ...]
    elsewhere: RecordRef | None
    answer: str


def find_possible(new: NewClient, *, actor: Actor, on: date) -> Possible | None:
    """Return who bears the same name and birth date, or name and phone; None if nobody does.

    Two different identity numbers are two people: one of both records has none.
    """
    name = folded(new.name)
    born, phone = _birth_date(new, on), _phone(new)
    tail = phone_tail(phone) if phone else None
    near = [Client.birth_date == born] if born else []
    near += [Client.phone_tail == tail] if tail else []
    if not name or not near:
        return None
    shown = (joinedload(Client.office), joinedload(Client.case_lead))
    query = select(Client).where(or_(*near)).options(*shown).order_by(Client.id)
    if new.identity_number.strip():
        query = query.where(Client.id_number_digest.is_(None))
    found = [
        one
        for one in db.session.scalars(query)
        if folded(one.name) == name
        and (one.birth_date == born or (phone is not None and one.phone == phone))
    ]
    if not found:
        return None
    here = _in_scope(found, actor)
    outside = [one for one in found if one not in here]
    return Possible(
        here=tuple(here),
        elsewhere=RecordRef(pid=outside[0].pid) if outside else None,
        answer=fingerprint(name, born, tail, [one.pid for one in found]),
    )


def _in_scope(found: Sequence[Client], actor: Actor) -> list[Client]:
    ids = [one.id for one in found]
    seen = set(db.session.scalars(scope_clients(actor).where(Client.id.in_(ids))))
    return [one for one in found if one in seen]


def _birth_date(new: NewClient, on: date) -> date | None:
    if not new.identity_number.strip():
        return new.birth_date
    try:
        return parse_identity_number(new.identity_number, on=on).birth_date
    except InvalidInput:
        return new.birth_date


def _phone(new: NewClient) -> str | None:
    try:
        return parse_phone(new.phone) if new.phone.strip() else None
    except InvalidPhone:
        return None
