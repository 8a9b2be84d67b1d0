"""Accounts as administrators see them: lists, one row, what they are narrowed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import contains_eager

from matchboard.domain.errors import NotFound
from matchboard.domain.roles import Role
from matchboard.domain.text import bare
from matchboard.extensions import db
from matchboard.models.account import SignInFailure, User
from matchboard.models.organisation import Unit
from matchboard.services.listing import Page, paginate
from matchboard.services.seen import require_seen, shown_version
from matchboard.services.text_search import says

SORTS = ("name", "-name", "role", "-seen")
STATES = ("active", "locked", "disabled", "unconfirmed")


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What a list of accounts is narrowed to; empty means all."""

    text: str = ""
    role: Role | None = None
    state: str = ""
    sort: str = "name"


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account as administrators see it."""

    pid: str
    email: str
    display_name: str
    role: Role
    unit_name: str
    state: str
    locked_until: datetime | None
    must_change_password: bool
    last_seen_at: datetime | None
    version: str
    is_office_head: bool = False
    head_awaits_confirmation: bool = False
    __tablename__: ClassVar[str] = "account"


def list_accounts(
    wanted: AccountFilter, *, number: int, size: int, now: datetime
) -> Page[AccountRow]:
    """Return one page of the accounts, newest lock and state included."""
    query = (
        select(User)
        .outerjoin(User.unit)
        .options(contains_eager(User.unit))
        .where(*_where(wanted, now))
    )
    orders = {
        "name": (User.display_name, User.id),
        "-name": (User.display_name.desc(), User.id),
        "role": (User.role, User.display_name, User.id),
        "-seen": (User.current_login_at.is_(None), User.current_login_at.desc(), User.id),
    }
    page = paginate(query.order_by(*orders[wanted.sort]), number=number, size=size)
    locked = locks([user.id for user in page.items], now=now)
    rows = [row_of(user, locked.get(user.id)) for user in page.items]
    return Page(items=rows, n_total=page.n_total, number=page.number, size=page.size)


def get_account(pid: str, *, now: datetime) -> AccountRow:
    """Return one account as administrators see it; raises `NotFound`."""
    user = find(pid)
    return row_of(user, locks([user.id], now=now).get(user.id))


def list_unconfirmed(*, now: datetime) -> Sequence[AccountRow]:
    """Return the accounts that wait for the security administrator, oldest first."""
    query = (
        select(User)
        .outerjoin(User.unit)
        .options(contains_eager(User.unit))
        .where(or_(User.awaits_confirmation, User.head_awaits_confirmation))
        .order_by(User.created_at, User.id)
    )
    return [row_of(user, None) for user in db.session.scalars(query)]


def find(pid: str, seen: str | None = None) -> User:
    """Return an account, locked for a step if the page it was taken from says what it showed."""
    query = select(User).where(User.pid == pid)
    if seen is not None:
        query = query.with_for_update(of=User).execution_options(populate_existing=True)
    user: User | None = db.session.scalar(query)
    if user is None:
        raise NotFound
    require_seen(seen, user)
    return user


def locks(user_ids: Sequence[int], *, now: datetime) -> dict[int | None, datetime | None]:
    """Return until when each of some accounts is locked."""
    query = _lock_query(now).where(SignInFailure.user_id.in_(user_ids))
    failures = db.session.scalars(query).all()
    return {failure.user_id: failure.locks_until for failure in failures}


def row_of(user: User, locked_until: datetime | None) -> AccountRow:
    if user.awaits_confirmation:
        state = "unconfirmed"
    elif not user.active:
        state = "disabled"
    else:
        state = "locked" if locked_until is not None else "active"
    return AccountRow(
        pid=user.pid,
        email=user.email,
        display_name=user.display_name,
        role=user.role,
        unit_name=user.unit.name if user.unit is not None else "",
        state=state,
        locked_until=locked_until,
        must_change_password=user.must_change_password,
        last_seen_at=user.current_login_at,
        version=shown_version(user),
        is_office_head=user.is_office_head,
        head_awaits_confirmation=user.head_awaits_confirmation,
    )


def _where(wanted: AccountFilter, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(
            or_(
                User.email.icontains(bare(wanted.text), autoescape=True),
                says(User.search_text, wanted.text),
                says(Unit.search_text, wanted.text),
            )
        )
    if wanted.role is not None:
        conditions.append(User.role == wanted.role)
    is_locked = exists(_lock_query(now).where(SignInFailure.user_id == User.id))
    if wanted.state == "locked":
        conditions += [User.active.is_(True), is_locked]
    elif wanted.state == "active":
        conditions += [User.active.is_(True), ~is_locked]
    elif wanted.state == "disabled":
        conditions += [User.active.is_(False), User.awaits_confirmation.is_(False)]
    elif wanted.state == "unconfirmed":
        conditions.append(User.awaits_confirmation.is_(True))
    return conditions


def _lock_query(now: datetime) -> Select[SignInFailure]:
    return select(SignInFailure).where(SignInFailure.locks_until > now)
