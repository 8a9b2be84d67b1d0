"""Own account and language."""

from __future__ import annotations

from flask import Blueprint, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.accounts import PASSWORD_MIN
from matchboard.domain.errors import InvalidInput, problems_of
from matchboard.domain.roles import Permission
from matchboard.services import accounts
from matchboard.web import drafts, sessions
from matchboard.web.addresses import local_address, main_screen
from matchboard.web.context import actor, now
from matchboard.web.form_pages import page_at
from matchboard.web.forms.account import ChangePasswordForm
from matchboard.web.guard import requires
from matchboard.web.language import LOCALES
from matchboard.web.notices import flash
from matchboard.web.one_round import add_refusals
from matchboard.web.responses import see_other

bp = Blueprint("account", __name__)


@bp.get("/account")
@requires(Permission.ACCOUNT_OWN)
def own() -> ResponseReturnValue:
    """Show the person's own account."""
    return render_template(
        "account/own.html",
        user=accounts.get_own(actor=actor()),
        idle_minutes=sessions.rules().idle_minutes,
    )


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_OWN)
def change_password() -> ResponseReturnValue:
    """Change the person's own password; other devices are signed out."""
    form = ChangePasswordForm()
    user = accounts.get_own(actor=actor())
    status = 200

    def change() -> None:
        accounts.change_own_password(
            form.old_password.data or "",
            form.new_password.data or "",
            actor=actor(),
            now=now(),
        )

    if request.method == "POST":
        status = 422
        refused: tuple[InvalidInput, ...] = ()
        if not form.validate():
            refused = add_refusals(form, change)
        else:
            try:
                change()
            except InvalidInput as error:
                refused = problems_of(error)
                form.attach(error)
            else:
                if sessions.is_locked_meanwhile(user.email):
                    return _locked_out()
                sessions.begin(user, is_sign_in=False)
                flash(gettext("密码已更改。其他设备上的登录已全部退出。"), "success")
                return see_other(main_screen(user.role))
        if form.old_password.data and _is_locked(user.email, refused):
            return _locked_out()
    page = render_template("account/password.html", form=form, user=user, password_min=PASSWORD_MIN)
    return page, status


def _is_locked(email: str, refused: tuple[InvalidInput, ...]) -> bool:
    """Count an old password that is wrong; return whether nothing may be said of it any more.

    That it is right is an answer, too, however wrong the new one is.
    """
    if any(problem.code == "password_wrong" for problem in refused):
        return sessions.count_wrong_password(email) is not None
    return sessions.is_locked_meanwhile(email)


def _locked_out() -> ResponseReturnValue:
    """End the session of somebody who guesses at the password of whoever left it open."""
    sessions.end()
    flash(
        gettext("原密码输错次数过多，已退出登录。请稍后重新登录，或请系统管理员解锁。"), "warning"
    )
    return see_other("/login")


@bp.post("/language")
@requires(Permission.PUBLIC)
def choose_language() -> ResponseReturnValue:
    """Keep the chosen language and return to the page it was chosen on."""
    wanted = request.form.get("next", "")
    page = page_at(wanted)
    address = drafts.keep_carried(page) if page else local_address(wanted)
    chosen = request.form.get("language", "")
    if chosen in LOCALES:
        session["language"] = chosen
        accounts.choose_language(chosen, actor=actor(), now=now())
    return see_other(address or "/")
