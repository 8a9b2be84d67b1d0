"""A decision is about what was seen: each step says which version of its subject it was shown.

`shown_version` makes the text a page puts into a step's form, `require_seen` compares it with the
subject as it stands when the step is taken. A step without a version comes from nobody's page (the
daily tick, the seed); what a form sends is always a text, and an empty one is as stale as an old
one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import singledispatch
from typing import Any

from sqlalchemy import select

from matchboard.domain.errors import StaleEdit
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.audit import AuditEntry
from matchboard.models.placement import Placement
from matchboard.models.vacancy import Vacancy

#: Endings of the verbs that say that somebody looked, not that something changed.
_LOOKS = (".read", ".letter", ".export", ".look")
#: Verbs of what came to nothing, or of what is no change of the record they are about.
NO_CHANGE = frozenset(
    {
        "client.check_elsewhere",
        "enrolment.walk_in_refused",
        "enrolment.walk_in_wrong",
        "personal_link.fail",
        "personal_link.lock",
        "placement.remind",
        "restricted.refuse",
    }
)
#: Entries one act writes about a record: its own, and what the system does in consequence.
_MOST_AT_ONCE = 4
#: While the person and the office decide on the opening itself, its text is part of what they see.
ABOUT_THE_OPENING = frozenset({PlacementState.PROPOSED, PlacementState.CONSENTED})


@dataclass(frozen=True, slots=True)
class LastChange:
    """When a record was last written to, and in which role."""

    at: datetime
    role: str


@singledispatch
def shown_version(subject: Any) -> str:
    """Return what a form carries of the subject it was shown: its version."""
    return str(subject.version)


@shown_version.register
def _(placement: Placement) -> str:
    if placement.state in ABOUT_THE_OPENING and placement.vacancy is not None:
        return placement_version(placement.version, placement.vacancy.version)
    return placement_version(placement.version)


@shown_version.register
def _(user: User) -> str:
    # An account has no version: signing in writes to it, too, which is nobody's decision.
    return fingerprint(
        user.email,
        user.display_name,
        user.role.value,
        user.unit_id,
        user.active,
        user.awaits_confirmation,
        user.must_change_password,
        user.password,
        user.is_office_head,
        user.head_awaits_confirmation,
    )


@shown_version.register
def _(version: str) -> str:
    return version


def placement_version(own: int, opening: int | None = None) -> str:
    """Return a placement's version, with its opening's while that is what is decided on."""
    return str(own) if opening is None else f"{own}-{opening}"


def fingerprint(*parts: object) -> str:
    """Return a short digest of what was seen, where it has no version of its own."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def require_seen(seen: str | None, subject: Any) -> None:
    """Let a step pass that was taken on the subject as it stands.

    Raises
    ------
    StaleEdit
        If the page showed another version, or did not say which.
    """
    if seen is None:
        return
    if isinstance(subject, Placement) and subject.state in ABOUT_THE_OPENING and subject.vacancy:
        hold(subject.vacancy)
    if seen != shown_version(subject):
        raise StaleEdit


def hold(vacancy: Vacancy) -> None:
    """Read an opening afresh and let nobody change it until what was decided on it is stored."""
    db.session.refresh(vacancy, with_for_update={"read": True, "of": Vacancy})


def last_change(*subjects: Any) -> LastChange | None:
    """Return the newest change of one of the records, from the log; None if none is there.

    What the system did at the same instant followed from somebody's act: that one is named.
    """
    named = [s for s in subjects if getattr(s, "pid", None) and hasattr(s, "__tablename__")]
    found = []
    for one in named:
        query = (
            select(AuditEntry.id, AuditEntry.at, AuditEntry.actor_role)
            .where(
                AuditEntry.subject_pid == one.pid,
                AuditEntry.subject_kind == one.__tablename__,
                AuditEntry.verb.not_in(NO_CHANGE),
                *(AuditEntry.verb.not_like(f"%{ending}") for ending in _LOOKS),
            )
            .order_by(AuditEntry.id.desc())
            .limit(_MOST_AT_ONCE)
        )
        rows = db.session.execute(query).all()
        acts = (r for r in rows if r.at == rows[0].at and r.actor_role != Role.SYSTEM)
        found += [next(acts, rows[0])] if rows else []
    newest = max(found, key=lambda row: row.id, default=None)
    return None if newest is None else LastChange(newest.at, newest.actor_role)
