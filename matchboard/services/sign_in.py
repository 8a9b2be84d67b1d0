"""Signing in and out: who someone is, failures counted, accounts locked for a while."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session

from matchboard.crypto import is_password, lookup_digest, token_digest, unusable_password
from matchboard.domain.accounts import SecurityRules
from matchboard.domain.calendar import BEIJING
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import VISITOR
from matchboard.extensions import db
from matchboard.models.account import AccountSession, SignInFailure, User
from matchboard.services import audit

#: The accounts' table, for the library that loads them.
ACCOUNT = User

#: Addresses of the demo district's accounts.
DEMO_DOMAIN = "@demo.matchboard.example"
#: Failures older than this count for nothing, whatever the settings.
KEEP_FAILURES = timedelta(days=2)
#: Nobody stays signed in longer, however busy: the next morning begins with the password.
LONGEST_SESSION = timedelta(hours=12)


class Over(Enum):
    """Why a session is over: nothing was done for long, its time was up, or somebody ended it."""

    IDLE = "idle"
    TOO_OLD = "too_old"
    ENDED = "ended"


class SignInRefused(InvalidInput):
    """Nobody is signed in: `sign_in_failed`, `sign_in_locked`, `sign_in_unconfirmed`.

    The first two (see `locked`) read the same whether or not the address has an account and the
    password was right; only who knows the password is told that the account is not confirmed yet.
    """


def locked(until: datetime) -> SignInRefused:
    """Return the refusal of a locked address, with the office's clock in its words."""
    return SignInRefused("sign_in_locked", until=f"{until.astimezone(BEIJING):%Y-%m-%d %H:%M}")


def normal_email(text: str) -> str:
    """Return an e-mail address in the form in which accounts keep it."""
    return text.strip().lower()


def authenticate(
    email: str,
    password: str,
    *,
    now: datetime,
    device: str | None = None,
    is_demo: bool = False,
) -> User:
    """Return the account of an address and a password.

    `device` names a browser the account has signed in from before: failures of strangers do not
    lock it, so that nobody can keep an officer out from elsewhere. Takes the same time for an
    unknown address. The caller reports a refusal with `record_failure`, after it has rolled back,
    except while the address is locked. An account of the demo district opens nothing but the demo:
    its password is printed in the README.

    Raises
    ------
    SignInRefused
        If the address is locked, or the two do not name an active account.
    """
    address = normal_email(email)
    until = locked_until(address, device=device, now=now)
    if until is not None:
        raise locked(until)
    user = _find(address)
    stored = user.password if user is not None else unusable_password()
    # Checking costs a tenth of a second: nobody shall wait meanwhile for the write lock.
    db.session.rollback()
    is_right = is_password(password, stored)
    # Others may have been wrong meanwhile: guesses sent at once must not outrun the lock.
    require_unlocked(address, device=device, now=now)
    is_usable = is_demo or not address.endswith(DEMO_DOMAIN)
    if user is None or not is_right or not is_usable:
        raise SignInRefused("sign_in_failed")
    if not user.active:
        raise SignInRefused("sign_in_unconfirmed" if user.awaits_confirmation else "sign_in_failed")
    return user


def require_unlocked(email: str, *, device: str | None = None, now: datetime) -> None:
    """Refuse a right password, too, that was sent with too many wrong ones.

    All before it have been counted then, and until the commit nobody else's is.

    Raises
    ------
    SignInRefused
        `sign_in_locked`.
    """
    audit.queue_up(db.session())
    until = locked_until(email, device=device, now=now)
    if until is not None:
        raise locked(until)


def locked_until(email: str, *, device: str | None = None, now: datetime) -> datetime | None:
    """Return until when an address is locked for a device (None: unknown ones), None if not."""
    return db.session.scalar(_locks(email, device, now=now))


def record_sign_in(user: User, *, device: str | None = None, now: datetime) -> None:
    """Forget the device's earlier failures and note the sign-in."""
    db.session.execute(delete(SignInFailure).where(*_counted(user.email, device)))
    audit.record("account.sign_in", user, actor=user.actor, now=now)


def record_sign_out(user: User, *, now: datetime) -> None:
    """Note that the person signed out."""
    audit.record("account.sign_out", user, actor=user.actor, now=now)


# --- Sessions ------------------------------------------------------------------------------------


def begin_session(user: User, *, now: datetime) -> str:
    """Note that a session begins, and return the key its cookie carries."""
    key = secrets.token_urlsafe(32)
    db.session.add(AccountSession(key_digest=token_digest(key), user_id=user.id, begun_at=now))
    return key


def why_over(name: str, key: str, *, now: datetime) -> Over:
    """Return why a session opens nothing any more; without its key it was idle too long."""
    is_current = select(User.id).where(User.fs_uniquifier == name, User.active)
    if db.session.scalar(is_current) is None:
        return Over.ENDED
    found = db.session.scalar(
        select(AccountSession).where(AccountSession.key_digest == token_digest(key))
    )
    if found is None:
        return Over.IDLE
    return Over.ENDED if found.ended_at is not None else Over.TOO_OLD


def find_session(name: str, key: str, *, now: datetime) -> User | None:
    """Return whose session it is; None if it is over, too old, or was never begun here.

    `name` is the account's `fs_uniquifier` at the time: a new one ends all its sessions at once.
    """
    return db.session.scalar(
        select(User)
        .join(AccountSession, AccountSession.user_id == User.id)
        .where(
            User.fs_uniquifier == name,
            User.active,
            AccountSession.key_digest == token_digest(key),
            AccountSession.ended_at.is_(None),
            AccountSession.begun_at > now - LONGEST_SESSION,
        )
    )


def end_session(key: str, *, now: datetime) -> None:
    """End a session: copies of its cookie are worth nothing from now on."""
    db.session.execute(
        update(AccountSession)
        .where(AccountSession.key_digest == token_digest(key), AccountSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def forget_old_sessions(*, now: datetime) -> int:
    """Delete sessions that are over whatever their cookies say; return how many (daily tick)."""
    result = db.session.execute(
        delete(AccountSession).where(AccountSession.begun_at < now - LONGEST_SESSION)
    )
    return int(getattr(result, "rowcount", 0))


# --- Failures ------------------------------------------------------------------------------------


def record_failure(
    email: str, *, rules: SecurityRules, device: str | None = None, now: datetime
) -> datetime | None:
    """Count a wrong password and return until when it locks the address, None if it does not.

    Any wrong password counts, at the sign-in as where the old one is asked for.

    Runs in a transaction of its own: the request that failed is rolled back, the count must stay.
    The audit entry comes first because writers of the log queue up; two failures at once are then
    counted one after the other. One that comes after the lock, sent before it, adds nothing.
    """
    address = normal_email(email)
    with Session(db.engine) as session:
        user = session.scalar(select(User).where(User.email == address))
        audit.record("account.sign_in_failed", user, actor=VISITOR, now=now, session=session)
        until = session.scalar(_locks(address, device, now=now))
        if until is not None:
            session.commit()
            return until
        window = timedelta(minutes=rules.lockout_minutes)
        n_before = session.scalar(
            select(func.count(SignInFailure.id)).where(
                *_counted(address, device), SignInFailure.at > now - window
            )
        )
        until = now + window if (n_before or 0) + 1 >= rules.lockout_failures else None
        session.add(
            SignInFailure(
                email_digest=_digest(address),
                device_digest=device,
                user_id=user.id if user is not None else None,
                at=now,
                locks_until=until,
            )
        )
        if until is not None:
            audit.record("account.lockout", user, actor=VISITOR, now=now, session=session)
        session.commit()
        return until


def forget_old_failures(*, now: datetime) -> int:
    """Delete failures that count for nothing any more; return how many (daily tick)."""
    result = db.session.execute(
        delete(SignInFailure).where(
            SignInFailure.at < now - KEEP_FAILURES,
            func.coalesce(SignInFailure.locks_until, SignInFailure.at) < now,
        )
    )
    return int(getattr(result, "rowcount", 0))


def _find(address: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == address))


def device_of(email: str, nonce: str) -> str:
    """Return the name under which the failures of an account's own browser count."""
    return lookup_digest("device", f"{normal_email(email)}|{nonce}")


def _locks(email: str, device: str | None, *, now: datetime) -> Select[datetime | None]:
    return select(func.max(SignInFailure.locks_until)).where(
        *_counted(email, device), SignInFailure.locks_until > now
    )


def _counted(email: str, device: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return which failures count together: a known browser's own, or all strangers'."""
    return (
        SignInFailure.email_digest == _digest(email),
        SignInFailure.device_digest.is_(None)
        if device is None
        else SignInFailure.device_digest == device,
    )


def _digest(email: str) -> str:
    return lookup_digest("sign_in", normal_email(email))
