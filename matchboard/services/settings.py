"""Security settings: lockout and idle time, as the security administrator set them."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.accounts import SecurityRules, check_rules
from matchboard.domain.errors import StaleEdit
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import SecuritySetting
from matchboard.services import audit


def current_rules(*, default: SecurityRules) -> SecurityRules:
    """Return the rules in force; `default` are the installation's own."""
    known = {field.name for field in fields(SecurityRules)}
    query = select(SecuritySetting.name, SecuritySetting.value).order_by(SecuritySetting.name)
    stored = db.session.execute(query)
    return replace(default, **{name: value for name, value in stored if name in known})


def change_rules(
    rules: SecurityRules,
    *,
    expected: SecurityRules | None,
    default: SecurityRules,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the rules; what did not change is not written.

    `expected` are the rules the form was opened on: they are its version.

    Raises
    ------
    InvalidFields
        If a value lies outside its bounds.
    StaleEdit
        If other rules than the expected ones are in force by now.
    """
    check_rules(rules)
    rows = {row.name: row for row in db.session.scalars(select(SecuritySetting).with_for_update())}
    in_force = current_rules(default=default)
    if in_force != expected:
        raise StaleEdit
    before = asdict(in_force)
    changed = {name: value for name, value in asdict(rules).items() if value != before[name]}
    if not changed:
        return
    for name, value in changed.items():
        row = rows.get(name)
        if row is None:
            row = SecuritySetting(name=name)
            db.session.add(row)
        row.value, row.updated_at = value, now
    # Numbers of the settings themselves are no personal data: the log shows what was set.
    audit.record("security_setting.change", None, actor=actor, now=now, values=changed)
