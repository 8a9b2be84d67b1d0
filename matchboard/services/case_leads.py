"""Cases whose lead works there no more: who they are, and handing them to somebody who does.

Shutting an account, or moving it, changes nothing of the cases it leads; it makes a duty of the
head of the office and of the district (`services.duties`). An office's only active officer is its
head (`domain.record_access.heads_of`). Who hands a case over says who leads it, as on the person's
own page: besides these two the lead may, while they are there. If it is who covers for a lead that
left, another cover is to be arranged, or this one ended: by the same people. If everybody of a unit
did, the district knows that nobody answers for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, not_, or_, select, text
from sqlalchemy.orm import aliased

from matchboard.domain.accounts import LeadStanding
from matchboard.domain.client import Stage
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import Faults, InvalidInput, NotAllowed, NotFound, required
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.account import AbsenceCover, User
from matchboard.models.client import Client
from matchboard.models.organisation import Partner, Unit
from matchboard.models.training import Course
from matchboard.permissions import office_heads, scope_units
from matchboard.services import client_sections
from matchboard.services.seen import fingerprint, require_seen


@dataclass(frozen=True, slots=True)
class Left:
    """Cases of an office whose lead is not active there, or the office whose head is not.

    Without a lead it is a unit that nobody answers for.
    """

    lead_id: int
    lead_pid: str
    lead_name: str
    office_pid: str
    office_name: str
    n_people: int  # 0: they lead nobody, but the office
    #: Who stands in for the lead; then it is they who left, and the lead who is away.
    covering_name: str = ""


@dataclass(frozen=True, slots=True)
class Handover:
    """The same with the people, and who may lead them from now on."""

    lead: User
    office: Unit
    people: tuple[Client, ...]
    officers: tuple[User, ...]
    pid: str
    version: str
    __tablename__: ClassVar[str] = "account"

    @property
    def standing(self) -> LeadStanding:
        """Whether the lead works there still."""
        return self.lead.standing_at(self.office.id)


def list_left(*, actor: Actor, on: date) -> list[Left]:
    """Return what is to be put in other hands, for the head of an office and the district.

    Other officers are told of their own cover alone. One statement, and one more for an officer of
    an office where there is something.
    """
    who = (User.id, User.pid, User.display_name, Unit.pid, Unit.name)
    query = (
        select(*who, func.count(Client.id), literal(""))
        .join(User, User.id == Client.case_lead_id)
        .join(Unit, Unit.id == Client.office_id)
        .where(
            Client.office_id.in_(scope_units(actor)),
            Client.stage != Stage.DISCHARGED,
            _is_gone(User, Client.office_id),
        )
        .group_by(*who)
    )
    heads = (
        select(*who, literal(0), literal(""))
        .join(Unit, Unit.id == User.unit_id)
        .where(
            Unit.id.in_(scope_units(actor)),
            User.is_office_head,
            _is_shut(User),
        )
    )
    # A union has no columns of its own to name: by person, office, number, who covers.
    also = [_covers(actor, on), *([_silent_units()] if actor.role is Role.DISTRICT else [])]
    every = query.union_all(heads, *also).order_by(text("2, 4, 6, 7"))
    found = [Left(*row) for row in db.session.execute(every)]
    found.sort(key=lambda left: (left.office_name, left.lead_name, left.lead_pid, -left.n_people))
    if found and _oversees(actor):
        return found
    return [one for one in found if one.covering_name and one.lead_id == actor.user_id]


def count_led(user_id: int) -> int:
    """Return how many people whose case runs an account leads."""
    query = select(func.count(Client.id)).where(
        Client.case_lead_id == user_id, Client.stage != Stage.DISCHARGED
    )
    return db.session.scalar(query) or 0


def count_led_by(pid: str) -> int:
    """Return the same of an account's public id; 0 of an unknown one."""
    user_id = db.session.scalar(select(User.id).where(User.pid == pid))
    return 0 if user_id is None else count_led(user_id)


def get_handover(office_pid: str, lead_pid: str, *, actor: Actor) -> Handover:
    """Return the people of an office whom an account leads: one that left, or is about to.

    Raises
    ------
    NotFound
        If the office is not of the actor's scope, or the account is not known there.
    NotAllowed
        If the actor is neither the lead nor the head of the office nor the district.
    """
    office = db.session.scalar(
        select(Unit).where(Unit.pid == office_pid, Unit.id.in_(scope_units(actor)))
    )
    lead: User | None = db.session.scalar(select(User).where(User.pid == lead_pid))
    if office is None or lead is None:
        raise NotFound
    people = _people(office.id, lead.id)
    if not people and lead.unit_id != office.id:
        raise NotFound
    if actor.user_id != lead.id and not _oversees(actor):
        raise NotAllowed("case_lead_not_yours")
    return Handover(
        lead=lead,
        office=office,
        people=tuple(people),
        officers=tuple(one for one in _officers(office.id) if one.id != lead.id),
        pid=lead.pid,
        version=_version(lead, people),
    )


def hand_over(
    found: Handover,
    *,
    client_pids: Sequence[str],
    to_pid: str,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> int:
    """Give the cases chosen to an officer of the office; return how many. Each is on record.

    The people are held first: of two who hand the same ones over, the second sees that it was done.

    Raises
    ------
    StaleEdit
        If the people or the lead's account have changed since the version seen.
    InvalidInput
        If nobody is chosen, or the new lead is no active officer of the office.
    """
    people = _people(found.office.id, found.lead.id, held=True)
    require_seen(seen, _version(found.lead, people))
    faults = Faults()
    chosen = [person for person in people if person.pid in set(client_pids)]
    if not chosen:
        faults.add(InvalidInput("nobody_chosen", field="people"))
    officer = next((one for one in found.officers if one.pid == to_pid), None)
    if officer is None:
        faults.add(InvalidInput("unknown_case_lead", field="to"))
    faults.refuse()
    changes = {"case_lead_id": required(officer, "to").id}
    for person in chosen:
        client_sections.write(person, ProfileSection.BASICS, changes, actor=actor, now=now)
    return len(chosen)


def _covers(actor: Actor, on: date) -> Select[Any]:
    """Return whose cover stands but opens nothing, unless another one reaches as far.

    Of a lead who left, too, the cases are to be handed over instead.
    """
    covering, instead, other = aliased(User), aliased(User), aliased(AbsenceCover)
    has_another = exists().where(
        other.office_id == AbsenceCover.office_id,
        other.covered_id == AbsenceCover.covered_id,
        other.ended_at.is_(None),
        other.until_on >= AbsenceCover.until_on,
        instead.id == other.covering_id,
        not_(_is_gone(instead, other.office_id)),
    )
    return (
        select(User.id, User.pid, User.display_name, Unit.pid, Unit.name, literal(0))
        .add_columns(covering.display_name)
        .distinct()
        .join(AbsenceCover, AbsenceCover.covered_id == User.id)
        .join(covering, covering.id == AbsenceCover.covering_id)
        .join(Unit, Unit.id == AbsenceCover.office_id)
        .where(
            Unit.id.in_(scope_units(actor)),
            AbsenceCover.ended_at.is_(None),
            AbsenceCover.until_on >= on,
            _is_gone(covering, AbsenceCover.office_id),
            not_(_is_gone(User, AbsenceCover.office_id)),
            ~has_another,
        )
    )


def _silent_units() -> Select[Any]:
    """Return units that still have to do with people, though every account of theirs is shut.

    One that never had any was never meant to answer here: what is done for it the officers do.
    """
    theirs = select(User.id).where(User.unit_id == Unit.id)
    has_to_do = or_(
        exists().where(Client.office_id == Unit.id, Client.stage != Stage.DISCHARGED),
        exists().where(Partner.unit_id == Unit.id, Partner.state == PartnerState.ACTIVE),
        exists().where(Course.provider_id == Unit.id, Course.published),
    )
    still_there = theirs.where(not_(_is_shut(User))).exists()
    return (
        select(literal(0), literal(""), Unit.name.label("who"))
        .add_columns(Unit.pid, Unit.name, literal(0), literal(""))
        .where(has_to_do, theirs.exists(), ~still_there)
    )


def _is_shut(account: type[User]) -> ColumnElement[bool]:
    return and_(account.active.is_(False), account.awaits_confirmation.is_(False))


def _is_gone(account: type[User], office_id: Any) -> ColumnElement[bool]:
    """Return `domain.accounts.lead_standing` as a condition: not active in the office."""
    return or_(
        _is_shut(account),
        account.role != Role.OFFICER,
        account.unit_id.is_distinct_from(office_id),
    )


def _oversees(actor: Actor) -> bool:
    if actor.role is Role.DISTRICT:
        return True
    is_officer = actor.role is Role.OFFICER and actor.unit_id is not None
    return is_officer and actor.user_id in office_heads(actor.unit_id or 0)


def _version(lead: User, people: Sequence[Client]) -> str:
    return fingerprint(lead.active, lead.unit_id, [person.pid for person in people])


def _people(office_id: int, lead_id: int, *, held: bool = False) -> Sequence[Client]:
    """Return whom an account leads in an office; held, they are nobody else's to write to."""
    led = (
        Client.office_id == office_id,
        Client.case_lead_id == lead_id,
        Client.stage != Stage.DISCHARGED,
    )
    query = select(Client).where(*led).order_by(Client.name_pinyin, Client.name, Client.id)
    if held:
        # By number, so that nobody waits for one who waits for them; then as they are by now.
        db.session.execute(select(Client.id).where(*led).order_by(Client.id).with_for_update())
        query = query.execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def _officers(office_id: int) -> Sequence[User]:
    query = (
        select(User)
        .where(User.unit_id == office_id, User.role == Role.OFFICER, User.active)
        .order_by(User.display_name, User.id)
    )
    return db.session.scalars(query).all()
