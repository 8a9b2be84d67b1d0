"""The person's record: register, find by public id, whose office, what is due next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from matchboard.domain.calendar import local_date
from matchboard.domain.client import ClientKind, ContactStatus, Sex, Stage
from matchboard.domain.client_file import RegistrationStatus, registration_status
from matchboard.domain.duties import Duty
from matchboard.domain.errors import InvalidFields, InvalidInput, NotFound, problems_of
from matchboard.domain.identity import IdentityWarning, parse_identity_number
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.client import Client
from matchboard.models.organisation import Unit
from matchboard.permissions import scope_clients, scope_units
from matchboard.services import audit, duties, number_tries, policies
from matchboard.services.client_fields import (
    check_birth_date,
    check_dates,
    check_divisions,
    clean_name,
    clean_phone,
    name_columns,
    normalised_number,
    number_digest,
    phone_columns,
    residence_columns,
)
from matchboard.services.client_search import identity_digest

#: How far ahead the header of a client names the next duty.
DUTY_HORIZON = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is known at registration; everything with a default may stay unknown."""

    name: str
    kind: ClientKind
    stage: Stage
    identity_number: str = ""
    has_no_number: bool = False
    birth_date: date | None = None
    sex: Sex | None = None
    office_pid: str | None = None  # the district chooses; an officer's is their own
    phone: str = ""
    contact_status: ContactStatus = ContactStatus.IN_CONTACT
    released_on: date | None = None
    registered_on: date | None = None
    registered_division: str | None = None
    residence_division: str | None = None
    residence_address: str = ""
    seeking_work: bool = True


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    """What a typed identity number tells before anything is saved.

    `duplicate` is set only where the actor may see that record; `elsewhere` says that one exists
    outside the actor's scope: it is for the audit log, never for the screen.
    """

    birth_date: date
    sex: Sex
    warnings: tuple[IdentityWarning, ...]
    duplicate: Client | None
    elsewhere: RecordRef | None

    @property
    def is_free(self) -> bool:
        """Whether nobody is recorded under the number."""
        return self.duplicate is None and self.elsewhere is None


@dataclass(slots=True)
class RecordRef:
    """A client as the audit log names it, when no more may be known."""

    pid: str
    __tablename__: str = Client.__tablename__


class RegisteredElsewhere(InvalidInput):
    """Somebody outside the actor's scope is recorded under the number; `holder` is for the log."""

    code = "client_registered_elsewhere"

    def __init__(self, holder: RecordRef) -> None:
        super().__init__(self.code, field="identity_number")
        self.holder = holder


def get_client(pid: str, *, actor: Actor) -> Client:
    """Return a client of the actor's scope.

    Raises
    ------
    NotFound
        If there is none, or it belongs to another office.
    """
    query = (
        scope_clients(actor)
        .where(Client.pid == pid)
        .options(joinedload(Client.office), joinedload(Client.case_lead))
    )
    client = db.session.scalars(query).unique().one_or_none()
    if client is None:
        raise NotFound
    return client


def list_offices(*, actor: Actor) -> Sequence[Unit]:
    """Return the justice offices whose clients the actor works with, by name."""
    query = (
        select(Unit)
        .where(Unit.id.in_(scope_units(actor)), Unit.kind == UnitKind.JUSTICE_OFFICE)
        .order_by(Unit.name, Unit.id)
    )
    return db.session.scalars(query).all()


def list_case_leads(client: Client) -> Sequence[User]:
    """Return the officers of the client's office, who may lead the case."""
    query = (
        select(User)
        .where(User.unit_id == client.office_id, User.role == Role.OFFICER, User.active)
        .order_by(User.display_name, User.id)
    )
    return db.session.scalars(query).all()


def check_identity_number(text: str, *, actor: Actor, now: datetime) -> IdentityCheck:
    """Say whether the number holds and whether somebody is recorded under it.

    Raises
    ------
    InvalidIdentityNumber
        If length, date or check digit do not hold.
    """
    parsed = parse_identity_number(text, on=local_date(now))
    digest = identity_digest(parsed.number)
    duplicate = db.session.scalar(scope_clients(actor).where(Client.id_number_digest == digest))
    elsewhere = None
    if duplicate is None:
        elsewhere = db.session.scalar(select(Client.pid).where(Client.id_number_digest == digest))
    return IdentityCheck(
        birth_date=parsed.birth_date,
        sex=_sex_of(parsed.number),
        warnings=parsed.warnings,
        duplicate=duplicate,
        elsewhere=None if elsewhere is None else RecordRef(elsewhere),
    )


def holder_elsewhere(error: InvalidInput) -> RecordRef | None:
    """Return the record of another office that a refusal is about, if it is about one."""
    found = (one.holder for one in problems_of(error) if isinstance(one, RegisteredElsewhere))
    return next(found, None)


def require_free_number(
    text: str, *, actor: Actor, now: datetime, except_for: Client | None = None
) -> IdentityCheck:
    """Return the check of a number nobody else is recorded under.

    Raises
    ------
    InvalidInput
        `client_registered_here` with the record's pid, or why the number cannot be one;
        `numbers_tried` if the account asked for too many.
    RegisteredElsewhere
        If the record belongs to another office.
    """
    number_tries.require_few(actor=actor, now=now)
    check = check_identity_number(text, actor=actor, now=now)
    if check.elsewhere is not None:
        raise RegisteredElsewhere(check.elsewhere)
    if check.duplicate is not None and check.duplicate is not except_for:
        raise InvalidInput(
            "client_registered_here", field="identity_number", pid=check.duplicate.pid
        )
    return check


def register_client(new: NewClient, *, actor: Actor, now: datetime) -> Client:
    """Register a person.

    Raises
    ------
    InvalidFields
        With every rule broken, the duplicate check first of all.
    """
    problems: list[InvalidInput] = []
    today = local_date(now)
    name = clean_name(new.name, problems)
    birth_date, sex = _birth(new, problems, actor=actor, now=now)
    office = _office(new, problems, actor=actor)
    phone = clean_phone(new.phone, problems)
    check_divisions(problems, new.registered_division, new.residence_division)
    check_dates(
        problems,
        stage=new.stage,
        birth_date=birth_date,
        released_on=new.released_on,
        registered_on=new.registered_on,
        on=today,
    )
    if problems or birth_date is None or office is None:
        raise InvalidFields(problems)
    client = Client(
        **name_columns(name),
        birth_date=birth_date,
        sex=sex,
        id_number=normalised_number(new.identity_number),
        id_number_digest=number_digest(new.identity_number),
        **phone_columns(phone),
        kind=new.kind,
        stage=new.stage,
        contact_status=new.contact_status,
        office=office,
        case_lead_id=actor.user_id if actor.role is Role.OFFICER else None,
        released_on=new.released_on,
        registered_on=new.registered_on,
        registered_division=new.registered_division,
        **residence_columns(new.residence_division, new.residence_address),
        seeking_work=new.seeking_work,
        created_at=now,
        updated_at=now,
    )
    db.session.add(client)
    audit.record("client.register", client, actor=actor, now=now, office=office.pid)
    return client


def registration_of(client: Client, *, on: date) -> RegistrationStatus:
    """Return where the client's registration duty stands under the policy of the office."""
    if client.registered_on is None and client.stage is not Stage.PRE_RELEASE:
        return RegistrationStatus.UNKNOWN
    return registration_status(
        released_on=client.released_on,
        registered_on=client.registered_on,
        days=policies.current(client.office_id, on=on).registration_days,
        on=on,
    )


def next_duty(client: Client, *, actor: Actor, now: datetime) -> Duty | None:
    """Return what is owed to the person next, the most overdue first; None if nothing is."""
    until = local_date(now) + DUTY_HORIZON
    found = duties.list_duties(actor=actor, now=now, client_id=client.id, until=until)
    return found[0] if found else None


# --- Parts of a registration --------------------------------------------------------------------


def _sex_of(number: str) -> Sex:
    """Return the sex as the number states it (GB 11643: odd is male); for fairness audits only."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def _birth(
    new: NewClient, problems: list[InvalidInput], *, actor: Actor, now: datetime
) -> tuple[date | None, Sex | None]:
    """Return birth date and sex: the number's if there is one, else as stated."""
    if new.identity_number.strip():
        try:
            check = require_free_number(new.identity_number, actor=actor, now=now)
        except InvalidInput as error:
            problems.append(error)
            return new.birth_date, new.sex
        check_birth_date(problems, check.birth_date, on=local_date(now))
        if new.birth_date not in {None, check.birth_date}:
            problems.append(InvalidInput("birth_date_mismatch", field="birth_date"))
        return check.birth_date, check.sex
    if not new.has_no_number:
        problems.append(InvalidInput("identity_or_mark", field="identity_number"))
    if new.birth_date is None:
        problems.append(InvalidInput("birth_date_required", field="birth_date"))
    else:
        check_birth_date(problems, new.birth_date, on=local_date(now))
    return new.birth_date, new.sex


def _office(new: NewClient, problems: list[InvalidInput], *, actor: Actor) -> Unit | None:
    """Return the office that takes the case: an officer's own, or the district's choice."""
    offices = list_offices(actor=actor)
    if actor.role is Role.OFFICER:
        return offices[0]
    chosen = next((office for office in offices if office.pid == new.office_pid), None)
    if chosen is None:
        code = "unknown_office" if new.office_pid else "required"
        problems.append(InvalidInput(code, field="office_pid"))
    return chosen
