"""The administrators (三员分立): accounts and units, security settings; audit_log adds the log.

None of the three holds a permission over business data, and none holds another one's.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.accounts import BOUNDS, PASSWORD_MAX, PASSWORD_MIN, SecurityRules
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import ACCOUNT_ROLES, GRANTS, Permission, Role
from matchboard.labels import accounts as words, label
from matchboard.services import account_lists, accounts, case_leads, office_heads, settings, units
from matchboard.web import sessions, shown_once
from matchboard.web.addresses import MAIN_SCREENS
from matchboard.web.context import actor, now
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.first_steps import step_rows
from matchboard.web.forms.admin import AccountForm, SecurityRulesForm, UnitForm
from matchboard.web.forms.compare import StaleForm
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import seen, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("admin", __name__, url_prefix="/admin")

PAGE_SIZE = 20


@bp.get("")
@requires(Permission.ACCOUNT_OWN)
def home() -> ResponseReturnValue:
    """Lead each administrator to their own page, and anybody else to theirs."""
    pages = {
        Role.SYSTEM_ADMIN: "admin.list_accounts",
        Role.SECURITY_ADMIN: "admin.show_settings",
        Role.AUDIT_ADMIN: "admin.show_log",
    }
    role = actor().role
    return redirect(url_for(pages[role]) if role in pages else MAIN_SCREENS[role])


# --- System administrator: accounts and units -----------------------------------------------


@bp.get("/accounts")
@requires(Permission.ACCOUNTS_ADMIN)
def list_accounts() -> ResponseReturnValue:
    """List the accounts."""
    state = ListState.from_args(["q", "role", "state"], sorts=account_lists.SORTS)
    role = state.get("role")
    wanted = account_lists.AccountFilter(
        text=state.get("q"),
        role=Role(role) if role in ACCOUNT_ROLES else None,
        state=state.get("state") if state.get("state") in account_lists.STATES else "",
        sort=state.sort,
    )
    page = account_lists.list_accounts(wanted, number=state.page, size=PAGE_SIZE, now=now())
    return page_or_partial(
        "admin/accounts.html",
        "admin/_accounts.html",
        state=state,
        page=page,
        roles=ACCOUNT_ROLES,
        states=words.STATES,
        first_steps=step_rows(),
        chips=_account_chips(state, wanted),
    )


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
def create_account() -> ResponseReturnValue:
    """Create an account; its one-time password is shown on the page this leads to."""
    form = AccountForm()
    form.offer(units.list_units())
    status = 200

    def create() -> Any:
        return accounts.create_account(form.new_account(), actor=actor(), now=now())

    if request.method == "POST":
        status = 422
        if is_sound(form, create):
            try:
                user, password = create()
            except InvalidInput as error:
                form.attach(error)
            else:
                _show_once(user.pid, password)
                return see_other(url_for("admin.show_account", pid=user.pid))
    return render_template("admin/account_new.html", form=form), status


@bp.get("/accounts/<pid>")
@requires(Permission.ACCOUNTS_ADMIN)
def show_account(pid: str) -> ResponseReturnValue:
    """Show an account and what can be done with it."""
    row = account_lists.get_account(pid, now=now())
    return render_template(
        "admin/account.html",
        row=row,
        is_own=accounts.get_own(actor=actor()).pid == pid,
        password=_shown_once(pid),
        states=words.STATES,
        n_led=case_leads.count_led_by(pid) if row.role is Role.OFFICER else 0,
        head_name=office_heads.head_beside(pid) if row.role is Role.OFFICER else "",
    )


def _account(pid: str) -> account_lists.AccountRow:
    return account_lists.get_account(pid, now=now())


@bp.post("/accounts/<pid>/disable")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def disable_account(pid: str) -> ResponseReturnValue:
    """Shut an account."""
    accounts.disable_account(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("账户已停用，其登录已全部退出。"), "success")
    n_led = case_leads.count_led_by(pid)
    if n_led:
        words = ngettext(
            "此人仍是 %(num)s 人的帮教责任人：已请所长和区安帮办移交。",
            "此人仍是 %(num)s 人的帮教责任人：已请所长和区安帮办移交。",
            n_led,
        )
        flash(words, "warning")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/enable")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def enable_account(pid: str) -> ResponseReturnValue:
    """Open a shut account again."""
    accounts.enable_account(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("账户已启用。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/unlock")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def unlock_account(pid: str) -> ResponseReturnValue:
    """Lift the lock failed sign-ins have set."""
    accounts.unlock_account(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("账户已解锁，可以立即登录。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/reset-password")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def reset_password(pid: str) -> ResponseReturnValue:
    """Give an account a new one-time password."""
    user, password = accounts.reset_password(pid, actor=actor(), now=now(), seen=seen())
    _show_once(user.pid, password)
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/name-head")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def name_head(pid: str) -> ResponseReturnValue:
    """Name an officer as head of their office."""
    office_heads.name_head(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("已指定为所长，安全管理员确认后生效。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/remove-head")
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
@stale_shows(show_account, _account)
def remove_head(pid: str) -> ResponseReturnValue:
    """Take the head of an office back among its officers."""
    office_heads.remove_head(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("已取消所长，立即生效。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.get("/units")
@requires(Permission.ACCOUNTS_ADMIN)
def list_units() -> ResponseReturnValue:
    """List the organisation units."""
    return render_template("admin/units.html", rows=units.list_units(), first_steps=step_rows())


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
def create_unit() -> ResponseReturnValue:
    """Create a justice office or a training provider."""
    form = UnitForm()
    form.offer()
    status = 200

    def create() -> Any:
        return units.create_unit(form.new_unit(), actor=actor(), now=now())

    if request.method == "POST":
        status = 422
        if is_sound(form, create):
            try:
                unit = create()
            except InvalidInput as error:
                form.attach(error)
            else:
                flash(gettext("已新建“%(name)s”。", name=unit.name), "success")
                return see_other(url_for("admin.list_units"))
    return render_template("admin/unit_new.html", form=form), status


# --- Security administrator: settings and second confirmation -------------------------------


@bp.get("/settings")
@requires(Permission.SETTINGS_ADMIN)
def show_settings() -> ResponseReturnValue:
    """Show lockout, idle time, password rules, and who may do what."""
    return _edit_settings()


@bp.post("/settings")
@requires(Permission.SETTINGS_ADMIN)
def change_settings() -> ResponseReturnValue:
    """Change lockout and idle time."""
    return _edit_settings()


def _edit_settings() -> ResponseReturnValue:
    def form_of(rules: SecurityRules, **given: Any) -> SecurityRulesForm:
        form = SecurityRulesForm(**given, data=asdict(rules))
        if not form.version.data:  # what comes back after signing in keeps what it was typed on
            form.open_on(rules)
        return form

    def save(_rules: SecurityRules, form: SecurityRulesForm) -> None:
        settings.change_rules(
            form.rules(),
            expected=form.opened_on,
            default=sessions.default_rules(),
            actor=actor(),
            now=now(),
        )

    return edit_page(
        Edit(
            load=lambda: settings.current_rules(default=sessions.default_rules()),
            form=form_of,
            save=save,
            page=_settings_page,
            done=lambda *_: lead_on(
                gettext("安全设置已保存，立即生效。"), url_for("admin.show_settings")
            ),
        )
    )


@bp.get("/confirmations")
@requires(Permission.SETTINGS_ADMIN)
def list_confirmations() -> ResponseReturnValue:
    """List new accounts and reset passwords, which wait for a second person."""
    return render_template(
        "admin/confirmations.html",
        rows=account_lists.list_unconfirmed(now=now()),
        first_steps=step_rows(),
    )


@bp.post("/confirmations/<pid>")
@requires(Permission.SETTINGS_ADMIN)
@single_submission
@stale_shows(lambda **_: list_confirmations(), _account)
def confirm_account(pid: str) -> ResponseReturnValue:
    """Confirm a new account or a reset password."""
    user = accounts.confirm_account(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("已确认“%(name)s”的账户。", name=user.display_name), "success")
    return see_other(url_for("admin.list_confirmations"))


# --- Parts ----------------------------------------------------------------------------------


def _account_chips(
    state: ListState, wanted: account_lists.AccountFilter
) -> list[tuple[str, str, str]]:
    chips = [("q", wanted.text, f"“{wanted.text}”")] if wanted.text else []
    if wanted.role is not None:
        chips.append(("role", wanted.role.value, label(wanted.role)))
    if wanted.state:
        chips.append(("state", wanted.state, str(words.STATES[wanted.state])))
    return [chip for chip in chips if state.get(chip[0])]


def _settings_page(
    _rules: SecurityRules, form: SecurityRulesForm, stale: StaleForm | None
) -> ResponseReturnValue:
    return render_template(
        "admin/settings.html",
        form=form,
        stale=stale,
        bounds=BOUNDS,
        password_min=PASSWORD_MIN,
        password_max=PASSWORD_MAX,
        roles=(Role.VISITOR, *ACCOUNT_ROLES),
        permissions=words.PERMISSIONS,
        grants=GRANTS,
        first_steps=step_rows(),
        n_unconfirmed=len(account_lists.list_unconfirmed(now=now())),
    )


def _show_once(pid: str, password: str) -> None:
    """Let this browser read a one-time password for a while; it is kept nowhere else."""
    shown_once.keep(f"account/{pid}", password)


def _shown_once(pid: str) -> str:
    """Return the account's one-time password, if this browser may read it and it still opens."""
    password = shown_once.kept(f"account/{pid}")
    return password if password and accounts.is_one_time_password(pid, password) else ""


# Adds its views to this blueprint; at the end, since it needs `bp`.
from matchboard.web import audit_log  # noqa: E402, F401
