"""Forms of signing in and of the person's own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from matchboard.domain.accounts import PASSWORD_MAX
from matchboard.web.forms.base import BaseForm


class SignInForm(BaseForm):
    """E-mail address and password."""

    email = StringField(
        _l("电子邮箱"),
        [DataRequired(_l("请填写电子邮箱。")), Length(max=160)],
        render_kw={"type": "email", "autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(
        _l("密码"),
        [InputRequired(_l("请填写密码。")), Length(max=PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()

    @property
    def address(self) -> str:
        """The e-mail address typed."""
        return self.email.data or ""


class ChangePasswordForm(BaseForm):
    """The old password once, the new one twice."""

    old_password = PasswordField(
        _l("现在的密码"),
        [InputRequired(_l("请填写现在的密码。")), Length(max=PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _l("新密码"),
        [InputRequired(_l("请填写新密码。"))],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        _l("再输入一次新密码"),
        [EqualTo("new_password", _l("两次输入的新密码不一致。"))],
        render_kw={"autocomplete": "new-password"},
    )
