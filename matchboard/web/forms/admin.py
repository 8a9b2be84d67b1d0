"""Forms of the three administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields

from flask_babel import gettext, lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.validators import DataRequired, InputRequired, Length, Regexp

from matchboard.domain.accounts import EMAIL_MAX, EMAIL_SHAPE, NAME_MAX, SecurityRules
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.labels import label
from matchboard.services.accounts import NewAccount
from matchboard.services.units import CREATED_HERE, NewUnit, UnitRow
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.choices import chosen
from matchboard.web.forms.numbers import CountField

_REQUIRED = _l("这一项必须填写。")


class AccountForm(BaseForm):
    """A new account."""

    email = StringField(
        _l("电子邮箱"),
        [
            DataRequired(_REQUIRED),
            Length(max=EMAIL_MAX),
            Regexp(EMAIL_SHAPE, message=_l("电子邮箱的格式不对，例如 name@example.org。")),
        ],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"type": "email", "autocomplete": "off", "autocapitalize": "none"},
    )
    display_name = StringField(_l("姓名"), [DataRequired(_REQUIRED), Length(max=NAME_MAX)])
    role = SelectField(_l("角色"), [InputRequired(_l("请选择角色。"))])
    unit_pid = SelectField(_l("单位"))
    is_office_head = BooleanField(_l("是该司法所的所长"))

    def offer(self, units: Sequence[UnitRow]) -> None:
        """Set the roles and the units, units grouped by kind."""
        self.role.choices = [
            SelectChoice("", gettext("请选择")),
            *(SelectChoice(role.value, label(role)) for role in ACCOUNT_ROLES),
        ]
        self.unit_pid.choices = [
            SelectChoice("", gettext("管理员不属于任何单位")),
            *(SelectChoice(unit.pid, unit.name, optgroup=label(unit.kind)) for unit in units),
        ]

    def new_account(self) -> NewAccount:
        """Return what was typed."""
        return NewAccount(
            email=self.email.data or "",
            display_name=self.display_name.data or "",
            role=chosen(Role, self.role),
            unit_pid=self.unit_pid.data or "",
            is_office_head=bool(self.is_office_head.data),
        )


class UnitForm(BaseForm):
    """A new justice office or training provider."""

    kind = RadioField(_l("类别"), [InputRequired(_l("请选择类别。"))])
    name = StringField(_l("名称"), [DataRequired(_REQUIRED), Length(max=120)])
    name_en = StringField(_l("英文名称"), [Length(max=160)])
    address = StringField(_l("地址"), [Length(max=200)])
    phone = StringField(_l("电话"), [Length(max=40)])

    def offer(self) -> None:
        """Set the kinds made here."""
        self.kind.choices = [SelectChoice(kind.value, label(kind)) for kind in CREATED_HERE]

    def new_unit(self) -> NewUnit:
        """Return what was typed."""
        return NewUnit(
            kind=UnitKind(self.kind.data),
            name=(self.name.data or "").strip(),
            name_en=(self.name_en.data or "").strip(),
            address=(self.address.data or "").strip(),
            phone=(self.phone.data or "").strip(),
        )


class SecurityRulesForm(BaseForm):
    """Lockout and idle time."""

    lockout_failures = CountField(
        _l("连续失败多少次后锁定"), [InputRequired(_REQUIRED)], unit="times"
    )
    lockout_minutes = CountField(_l("锁定多久"), [InputRequired(_REQUIRED)], unit="minutes")
    idle_minutes = CountField(
        _l("多久没有操作就自动退出"), [InputRequired(_REQUIRED)], unit="minutes"
    )

    def open_on(self, rules: SecurityRules) -> None:
        """Note the rules in force: the settings have no other version."""
        self.version.data = "-".join(str(value) for value in astuple(rules))

    @property
    def opened_on(self) -> SecurityRules | None:
        """The rules the form that was sent was opened on; None if it does not say."""
        sent = self.version.raw_data
        parts = (sent[0] if sent else "").split("-")
        if len(parts) != len(fields(SecurityRules)) or not all(p.isdecimal() for p in parts):
            return None
        return SecurityRules(*(int(part) for part in parts))

    def rules(self) -> SecurityRules:
        """Return what was typed."""
        return SecurityRules(
            lockout_failures=self.lockout_failures.data or 0,
            lockout_minutes=self.lockout_minutes.data or 0,
            idle_minutes=self.idle_minutes.data or 0,
        )
