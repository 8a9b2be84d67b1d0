"""Forms of the first start: the set-up code, then district, offices and administrators."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from matchboard.domain.accounts import EMAIL_MAX, EMAIL_SHAPE, NAME_MAX
from matchboard.domain.installation import (
    UNIT_NAME_EN_MAX,
    UNIT_NAME_MAX,
    Administrator,
    Installation,
)
from matchboard.domain.roles import Role
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.fields import DivisionField

_REQUIRED = _l("这一项必须填写。")


def _name(words: LazyString) -> StringField:
    return StringField(words, [DataRequired(_REQUIRED), Length(max=NAME_MAX)])


def _email(words: LazyString) -> StringField:
    return StringField(
        words,
        [
            DataRequired(_REQUIRED),
            Length(max=EMAIL_MAX),
            Regexp(EMAIL_SHAPE, message=_l("电子邮箱的格式不对，例如 name@example.org。")),
        ],
        filters=[lambda text: text.strip() if text else text],
        render_kw={"type": "email", "autocomplete": "off", "autocapitalize": "none"},
    )


class SetupCodeForm(BaseForm):
    """The code printed where the server was started."""

    code = StringField(
        _l("安装码"),
        [DataRequired(_REQUIRED), Length(max=80)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class InstallationForm(SetupCodeForm):
    """District, offices, administrators; the code is asked for again only once it has run out."""

    name = StringField(_l("区安帮办的名称"), [DataRequired(_REQUIRED), Length(max=UNIT_NAME_MAX)])
    name_en = StringField(_l("英文名称"), [Optional(), Length(max=UNIT_NAME_EN_MAX)])
    division_code = DivisionField(_l("所在地区"), [DataRequired(_REQUIRED)])
    offices = TextAreaField(_l("司法所"), [Optional(), Length(max=8000)])
    system_admin_name = _name(_l("系统管理员的姓名"))
    system_admin_email = _email(_l("系统管理员的电子邮箱"))
    security_admin_name = _name(_l("安全管理员的姓名"))
    security_admin_email = _email(_l("安全管理员的电子邮箱"))
    audit_admin_name = _name(_l("审计管理员的姓名"))
    audit_admin_email = _email(_l("审计管理员的电子邮箱"))

    def ask(self, roles: tuple[Role, ...], *, is_code_known: bool) -> None:
        """Leave out what is known already: administrators made by command, the code."""
        for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
            if role not in roles:
                del self[f"{role.value}_name"], self[f"{role.value}_email"]
        if is_code_known:
            del self["code"]

    def administrator_fields(self, roles: tuple[Role, ...]) -> list[Any]:
        """Return the fields of the administrators asked for."""
        return [self[f"{role.value}_{part}"] for role in roles for part in ("name", "email")]

    def installation(self, roles: tuple[Role, ...]) -> Installation:
        """Return what was typed."""
        return Installation(
            name=self.name.data or "",
            name_en=self.name_en.data or "",
            division_code=self.division_code.data or "",
            offices=tuple((self.offices.data or "").splitlines()),
            administrators=tuple(
                Administrator(
                    role,
                    self[f"{role.value}_email"].data or "",
                    self[f"{role.value}_name"].data or "",
                )
                for role in roles
            ),
        )
