"""Who heads a justice office (司法所所长): named by one administrator, confirmed by another.

A head opens the restricted records of the office's people and says who stands in for whom, so no
single administrator makes one. There is one an office; a successor is named when the former head is
one no longer. Whoever is an office's only active officer heads it without being named.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from matchboard.domain.errors import Conflict, InvalidInput
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.organisation import Unit
from matchboard.services import audit, transaction
from matchboard.services.account_lists import find


def name_head(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Name an officer as head of their office; it holds once the second person has confirmed it.

    Raises
    ------
    InvalidInput
        If it is no officer's account, or the office has a head, or one who waits to be.
    Conflict
        If the account is shut, or is the head's already.
    """
    user = find(pid, seen)
    if user.is_office_head or user.head_awaits_confirmation or _is_shut(user):
        raise Conflict
    check(user.role, user.unit)
    user.head_awaits_confirmation = True
    note_named(user, actor=actor, now=now)
    return user


def remove_head(pid: str, *, actor: Actor, now: datetime, seen: str | None = None) -> User:
    """Take the head of an office, or who was named as one, back among its officers, at once.

    Raises
    ------
    Conflict
        If the account is neither.
    """
    user = find(pid, seen)
    if not user.is_office_head and not user.head_awaits_confirmation:
        raise Conflict
    user.is_office_head = False
    user.head_awaits_confirmation = False
    audit.record("account.remove_head", user, actor=actor, now=now)
    return user


def check(role: Role, unit: Unit | None, *, field: str | None = None) -> None:
    """Refuse a head who is no officer, and a second one.

    Raises
    ------
    InvalidInput
        `head_not_officer`, or `office_has_head` with the name of the one there is.
    """
    if role is not Role.OFFICER or unit is None:
        raise InvalidInput("head_not_officer", field=field)
    present = head_of(unit.id)
    if present is not None:
        raise InvalidInput("office_has_head", field=field, name=present.display_name)


def head_of(unit_id: int | None) -> User | None:
    """Return who was named as head of an office, confirmed or not, locked out or not."""
    return db.session.scalar(
        select(User)
        .where(User.unit_id == unit_id, or_(User.is_office_head, User.head_awaits_confirmation))
        .order_by(User.is_office_head.desc(), User.id)
        .limit(1)
    )


def head_beside(pid: str) -> str:
    """Return the name of the head of an account's office; empty if there is none."""
    found = head_of(find(pid).unit_id)
    return "" if found is None else found.display_name


def note_named(user: User, *, actor: Actor, now: datetime) -> None:
    """Put on record that an account was named as head."""
    audit.record("account.name_head", user, actor=actor, now=now)


def confirm(user: User, *, actor: Actor, now: datetime) -> None:
    """Make a head of who was named (the second person's part).

    Raises
    ------
    Conflict
        If the office has one by now.
    """
    user.head_awaits_confirmation = False
    user.is_office_head = True
    transaction.flush()
    audit.record("account.confirm_head", user, actor=actor, now=now)


def _is_shut(user: User) -> bool:
    return not user.active and not user.awaits_confirmation
