"""The district's rules in force on a date, and how the district changes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from matchboard.domain import policy as rules_of
from matchboard.domain.calendar import local_date
from matchboard.domain.errors import Faults, InvalidInput, NotFound, required
from matchboard.domain.organisation import UnitKind
from matchboard.domain.policy import Policy
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import User
from matchboard.models.organisation import Unit
from matchboard.models.policy import PolicyRuleSet
from matchboard.services import audit
from matchboard.services.seen import require_seen

#: The version of the rules of a district that has stated none.
_NO_RULES = "0"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One dated set of rules: who entered it, and which rules differ from the set before it."""

    effective_from: date
    policy: Policy
    created_at: datetime
    created_by: str | None
    changed: tuple[str, ...]


def current(owner: Actor | int | None, *, on: date) -> Policy:
    """Return the rules in force on `on` for an actor, for a unit's id, or for the district (None).

    A justice office follows its district; a partner, a provider and the system follow the
    installation's district. Without any stored rules the defaults of DOMAIN.md hold.
    """
    unit_id = owner.unit_id if isinstance(owner, Actor) else owner
    found = db.session.scalar(
        select(PolicyRuleSet)
        .where(
            PolicyRuleSet.unit_id == _district_id(unit_id),
            PolicyRuleSet.effective_from <= on,
        )
        .order_by(PolicyRuleSet.effective_from.desc())
        .limit(1)
    )
    return Policy() if found is None else rules_of.from_rules(found.rules)


def first_free_day(*, actor: Actor, on: date) -> date:
    """Return the next day, from `on`, from which new rules may hold: each day has one set."""
    taken = {row.effective_from for row in list_rule_sets(actor=actor)}
    while on in taken:
        on += timedelta(days=1)
    return on


def list_rule_sets(*, actor: Actor) -> Sequence[RuleSet]:
    """Return every rule set of the actor's district, newest first, with what each one changed."""
    rows = db.session.execute(
        select(PolicyRuleSet, User.display_name)
        .outerjoin(User, User.id == PolicyRuleSet.created_by_id)
        .where(PolicyRuleSet.unit_id == _district_id(actor.unit_id))
        .order_by(PolicyRuleSet.effective_from)
    ).all()
    found: list[RuleSet] = []
    before = rules_of.to_rules(Policy())
    for row, name in rows:
        policy = rules_of.from_rules(row.rules)
        after = rules_of.to_rules(policy)
        changed = tuple(rule for rule in after if after[rule] != before[rule])
        found.append(RuleSet(row.effective_from, policy, row.created_at, name, changed))
        before = after
    return found[::-1]


def rules_version(*, actor: Actor) -> str:
    """Return what a form carries of the district's rules: how far they have been written."""
    last = db.session.scalar(
        select(func.max(PolicyRuleSet.id)).where(
            PolicyRuleSet.unit_id == _district_id(actor.unit_id)
        )
    )
    return _NO_RULES if last is None else str(last)


def add_rule_set(
    policy: Policy,
    *,
    effective_from: date | None,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> PolicyRuleSet:
    """Add rules that hold from a date on; what held before stays on record.

    Raises
    ------
    StaleEdit
        If somebody has added rules since the version seen.
    NotFound
        If the actor belongs to no district.
    InvalidInput
        If a rule is out of bounds, the date is missing or past, or the date already has its rules;
        `InvalidFields` for several at once; or if they are the rules of that day already.
    """
    district = db.session.get(Unit, actor.unit_id) if actor.unit_id is not None else None
    if district is None or district.kind is not UnitKind.DISTRICT:
        raise NotFound
    require_seen(seen, rules_version(actor=actor))
    rules = rules_of.to_rules(policy)
    faults = Faults()
    with faults.noted():
        rules_of.from_rules(rules)
    with faults.noted():
        _require_free_date(required(effective_from, "effective_from"), district, now=now)
    faults.refuse()
    effective_from = required(effective_from, "effective_from")
    before = rules_of.to_rules(current(actor, on=effective_from))
    changed = [rule for rule in rules if rules[rule] != before[rule]]
    # The first ones may be the defaults: put on record, they stay when those change.
    if not changed and rules_version(actor=actor) != _NO_RULES:
        raise InvalidInput("rules_unchanged")
    row = PolicyRuleSet(
        unit_id=district.id,
        effective_from=effective_from,
        rules=rules,
        created_by_id=actor.user_id,
        created_at=now,
    )
    db.session.add(row)
    audit.record(
        "policy.add",
        district,
        actor=actor,
        now=now,
        effective_from=effective_from.isoformat(),
        fields=changed,
    )
    return row


def _require_free_date(effective_from: date, district: Unit, *, now: datetime) -> None:
    # Deadlines already counted under the old rules must not change after the fact.
    if effective_from < local_date(now):
        raise InvalidInput("date_in_past", field="effective_from")
    taken = select(func.count()).where(
        PolicyRuleSet.unit_id == district.id, PolicyRuleSet.effective_from == effective_from
    )
    if db.session.scalar(taken):
        raise InvalidInput("rules_of_date_exist", field="effective_from")


def _district_id(unit_id: int | None) -> int | None:
    """Return the district a unit belongs to; the installation's only one if it names none."""
    parent = aliased(Unit)
    if unit_id is not None:
        found = db.session.execute(
            select(Unit.id, Unit.kind, parent.id, parent.kind)
            .outerjoin(parent, parent.id == Unit.parent_id)
            .where(Unit.id == unit_id)
        ).one_or_none()
        if found is not None:
            for identity, kind in ((found[0], found[1]), (found[2], found[3])):
                if kind is UnitKind.DISTRICT:
                    return int(identity)
    return db.session.scalar(select(func.min(Unit.id)).where(Unit.kind == UnitKind.DISTRICT))
