"""Security settings: lockout and idle time, as the security administrator set them."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime

from sqlalchemy import select

from matchboard.domain.accounts import SecurityRules, check_rules
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models.account import SecuritySetting
from matchboard.services import audit


def current_rules(*, default: SecurityRules) -> SecurityRules:
    """Return the rules in force; `default` are the installation's own."""
    known = {field.name for field in fields(SecurityRules)}
    stored = db.session.execute(select(SecuritySetting.name, SecuritySetting.value))
    return replace(default, **{name: value for name, value in stored if name in known})


def change_rules(
    rules: SecurityRules, *, default: SecurityRules, actor: Actor, now: datetime
) -> None:
    """Set the rules; what did not change is not written.

    Raises
    ------
    InvalidFields
        If a value lies outside its bounds.
    """
    check_rules(rules)
    before = asdict(current_rules(default=default))
    changed = {name: value for name, value in asdict(rules).items() if value != before[name]}
    if not changed:
        return
    rows = {row.name: row for row in db.session.scalars(select(SecuritySetting))}
    for name, value in changed.items():
        row = rows.get(name)
        if row is None:
            row = SecuritySetting(name=name)
            db.session.add(row)
        row.value, row.updated_at = value, now
    # Numbers of the settings themselves are no personal data: the log shows what was set.
    audit.record("security_setting.change", None, actor=actor, now=now, values=changed)
