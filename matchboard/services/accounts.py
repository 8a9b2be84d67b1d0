"""Accounts: the person's own, and their administration (三员分立).

The system administrator makes, locks out and restores accounts; the security administrator confirms
each new one, each with a reset password, and who heads an office (`office_heads`). Neither sees a
client, an opening or a placement.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, select

from matchboard.crypto import hash_password, is_password
from matchboard.domain.accounts import (
    CONFIRMED_ROLES,
    check_password,
    identity_problems,
    new_one_time_password,
)
from matchboard.domain.errors import Conflict, Faults, InvalidInput, NotFound, required
from matchboard.domain.organisation import UNIT_OF_ROLE
from matchboard.domain.roles import ACCOUNT_ROLES, Actor, Role
from matchboard.extensions import db
from matchboard.models.account import SignInFailure, User
from matchboard.models.organisation import Unit
from matchboard.services import audit, case_leads, office_heads
from matchboard.services.account_lists import find, locks
from matchboard.services.sign_in import DEMO_DOMAIN, normal_email

#: The password the sign-ins of the demo database share.
DEMO_PASSWORD = "matchboard-demo-2026"  # noqa: S105 - meant to be read by everybody, see the README


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What the administrator typed."""

    email: str
    display_name: str
    role: Role | None
    unit_pid: str = ""
    is_office_head: bool = False


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """A sign-in of the demo database."""

    email: str
    role: Role
    display_name: str
    unit_name: str

    @property
    def is_main(self) -> bool:
        """Whether this is its role's first account; the others are of further units."""
        return "." not in self.email.split("@", 1)[0]


# --- The person's own account ---------------------------------------------------------------


def get_own(*, actor: Actor) -> User:
    """Return the actor's account; raises `NotFound` for someone without one."""
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotFound
    return user


def change_own_password(old: str, new: str, *, actor: Actor, now: datetime) -> User:
    """Replace the actor's password; every session of the account ends.

    Raises
    ------
    InvalidInput
        If `old` is wrong, or `new` breaks a password rule or is the old one; `InvalidFields` for
        both.
    """
    user = get_own(actor=actor)
    faults = Faults()
    if not is_password(old, user.password):
        faults.add(InvalidInput("password_wrong", field="old_password"))
    with faults.noted():
        check_password(new, email=user.email, display_name=user.display_name)
    if old == new:
        faults.add(InvalidInput("password_unchanged", field="new_password"))
    faults.refuse()
    _set_password(user, new)
    user.must_change_password = False
    audit.record("account.change_password", user, actor=actor, now=now)
    return user


def choose_language(language: str, *, actor: Actor, now: datetime) -> None:
    """Keep the language for the actor's next sign-in; a visitor has none to keep."""
    if actor.user_id is None:
        return
    user = get_own(actor=actor)
    if user.language != language:
        user.language = language
        audit.record("account.update", user, actor=actor, now=now, fields=["language"])


def list_demo_sign_ins() -> list[DemoSignIn]:
    """Return the accounts of the demo district, one or two per role, in the roles' order."""
    order = case({role: n for n, role in enumerate(ACCOUNT_ROLES)}, value=User.role)
    rows = db.session.execute(
        select(User, Unit.name)
        .outerjoin(Unit, Unit.id == User.unit_id)
        .where(User.email.endswith(DEMO_DOMAIN), User.active)
        .order_by(order, User.id)
    )
    return [
        DemoSignIn(user.email, user.role, user.display_name, unit_name or "")
        for user, unit_name in rows
    ]


# --- Administration -------------------------------------------------------------------------


def create_account(new: NewAccount, *, actor: Actor, now: datetime) -> tuple[User, str]:
    """Create an account and return it with its one-time password, which is kept nowhere.

    Raises
    ------
    InvalidInput
        If address or name are missing or malformed, the address is taken, the role is missing or
        nobody's, the unit is not of the role's kind, or the account cannot head its office;
        `InvalidFields` for several at once.
    """
    email, display_name = normal_email(new.email), new.display_name.strip()
    faults = Faults()
    faults.add(*identity_problems(email, display_name))
    unit = None
    if new.role is not None and new.role not in ACCOUNT_ROLES:
        faults.add(InvalidInput("unknown_code", field="role", value=new.role.value))
    else:
        with faults.noted():
            unit = _unit_of(new, required(new.role, "role"))
    if db.session.scalar(select(User.id).where(User.email == email)) is not None:
        faults.add(InvalidInput("email_taken", field="email"))
    if new.is_office_head and new.role is not None and not faults.concern("role", "unit_pid"):
        with faults.noted():
            office_heads.check(new.role, unit, field="is_office_head")
    faults.refuse()
    role = required(new.role, "role")
    password = new_one_time_password()
    awaits_confirmation = role in CONFIRMED_ROLES
    user = User(
        email=email,
        display_name=display_name,
        password=hash_password(password),
        active=not awaits_confirmation,
        awaits_confirmation=awaits_confirmation,
        must_change_password=True,
        fs_uniquifier=secrets.token_hex(32),
        role=role,
        unit_id=unit.id if unit is not None else None,
        head_awaits_confirmation=new.is_office_head,
        created_at=now,
    )
    db.session.add(user)
    audit.record("account.create", user, actor=actor, now=now, role=role.value)
    if new.is_office_head:
        office_heads.note_named(user, actor=actor, now=now)
    return user, password


def has_account() -> bool:
    """Return whether anybody has an account."""
    return db.session.scalar(select(User.id).limit(1)) is not None


def pid_of_address(email: str) -> str:
    """Return the public id of the account with an e-mail address; raises `NotFound`."""
    pid = db.session.scalar(select(User.pid).where(User.email == normal_email(email)))
    if pid is None:
        raise NotFound("account_unknown")
    return pid


def confirm_account(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Let a new account, or one with a reset password, start (the second person's part).

    Whoever was named as head of their office is that from now on.

    Raises
    ------
    Conflict
        If it does not wait for that.
    """
    user = find(pid, seen)
    if not user.awaits_confirmation and not user.head_awaits_confirmation:
        raise Conflict
    if user.awaits_confirmation:
        user.awaits_confirmation = False
        user.active = True
    audit.record("account.confirm", user, actor=actor, now=now)
    if user.head_awaits_confirmation:
        office_heads.confirm(user, actor=actor, now=now)
    return user


def disable_account(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Shut an account; its sessions end at once.

    Whom it leads, and the office it heads, stay its own until somebody hands them over: that is a
    duty from now on (`services.case_leads`).

    Raises
    ------
    InvalidInput
        If it is the actor's own: an installation must not lose its administrator by a slip.
    Conflict
        If it is shut already.
    """
    user = find(pid, seen)
    if user.id == actor.user_id:
        raise InvalidInput("account_is_own")
    if not user.active:
        raise Conflict
    user.active = False
    user.head_awaits_confirmation = False
    user.fs_uniquifier = secrets.token_hex(32)
    n_led = case_leads.count_led(user.id)
    audit.record("account.disable", user, actor=actor, now=now, n_led=n_led)
    return user


def enable_account(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Open a shut account again; one that was never confirmed stays shut (`Conflict`)."""
    user = find(pid, seen)
    if user.active or user.awaits_confirmation:
        raise Conflict
    user.active = True
    audit.record("account.enable", user, actor=actor, now=now)
    return user


def unlock_account(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Lift the lock that failed sign-ins set; raises `Conflict` if there is none."""
    user = find(pid, seen)
    if user.id not in locks([user.id], now=now):
        raise Conflict
    db.session.execute(delete(SignInFailure).where(SignInFailure.user_id == user.id))
    audit.record("account.unlock", user, actor=actor, now=now)
    return user


def reset_password(
    pid: str, *, actor: Actor, now: datetime, seen: str | None = None
) -> tuple[User, str]:
    """Give an account a new one-time password and return both; its sessions end at once.

    The account then waits for the second person like a new one: whoever resets a password must
    not be able to use it alone.

    Raises
    ------
    InvalidInput
        If it is the actor's own: that one is changed with the old password.
    Conflict
        If it is shut: confirming it would open it.
    """
    user = find(pid, seen)
    if user.id == actor.user_id:
        raise InvalidInput("account_is_own")
    if not user.active and not user.awaits_confirmation:
        raise Conflict
    password = new_one_time_password()
    _set_password(user, password)
    if user.role in CONFIRMED_ROLES:
        user.active = False
        user.awaits_confirmation = True
    user.must_change_password = True
    db.session.execute(delete(SignInFailure).where(SignInFailure.user_id == user.id))
    audit.record("account.reset_password", user, actor=actor, now=now)
    return user, password


def is_one_time_password(pid: str, password: str) -> bool:
    """Return whether a one-time password still opens the account: not changed, not reset since."""
    user = find(pid)
    return user.must_change_password and is_password(password, user.password)


def _set_password(user: User, password: str) -> None:
    user.password = hash_password(password)
    # Sessions name this value: with a new one, every session open anywhere is over.
    user.fs_uniquifier = secrets.token_hex(32)


def _unit_of(new: NewAccount, role: Role) -> Unit | None:
    """Return the unit a new account belongs to; administrators belong to none."""
    kind = UNIT_OF_ROLE.get(role)
    if kind is None:
        return None
    if not new.unit_pid:
        raise InvalidInput("required", field="unit_pid")
    unit: Unit | None = db.session.scalar(select(Unit).where(Unit.pid == new.unit_pid))
    if unit is None or unit.kind is not kind:
        raise InvalidInput("unit_of_other_kind", field="unit_pid", kind=kind, role=role)
    return unit
