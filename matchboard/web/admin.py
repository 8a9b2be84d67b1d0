"""The three administrators (三员分立): accounts and units, security settings, audit log.

None of them holds a permission over business data, and none holds another one's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.crypto import decrypt, encrypt
from matchboard.documents import tables
from matchboard.domain.accounts import BOUNDS, PASSWORD_MAX, PASSWORD_MIN
from matchboard.domain.errors import InvalidInput, StaleEdit
from matchboard.domain.roles import ACCOUNT_ROLES, GRANTS, Permission, Role
from matchboard.labels import accounts as words, label
from matchboard.labels.audit import subject_code, subject_words, verb_words
from matchboard.services import accounts, audit_log, settings, units
from matchboard.web import sessions
from matchboard.web.addresses import MAIN_SCREENS
from matchboard.web.context import actor, now
from matchboard.web.forms.admin import AccountForm, SecurityRulesForm, UnitForm
from matchboard.web.forms.base import Difference
from matchboard.web.forms.compare import differences
from matchboard.web.forms.fields import parse_date
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.submissions import single_submission
from matchboard.web.template_setup import localtime

bp = Blueprint("admin", __name__, url_prefix="/admin")

PAGE_SIZE = 20
LOG_PAGE_SIZE = 50
#: Where in the session a one-time password waits, encrypted, to be shown once.
_ONCE = "one_time_password"


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
    state = ListState.from_args(["q", "role", "state"], sorts=accounts.SORTS)
    role = state.get("role")
    wanted = accounts.AccountFilter(
        text=state.get("q"),
        role=Role(role) if role in ACCOUNT_ROLES else None,
        state=state.get("state") if state.get("state") in accounts.STATES else "",
        sort=state.sort,
    )
    page = accounts.list_accounts(wanted, number=state.page, size=PAGE_SIZE, now=now())
    return page_or_partial(
        "admin/accounts.html",
        "admin/_accounts.html",
        state=state,
        page=page,
        roles=ACCOUNT_ROLES,
        states=words.STATES,
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
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                user, password = accounts.create_account(
                    form.new_account(), actor=actor(), now=now()
                )
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
    row = accounts.get_account(pid, now=now())
    return render_template(
        "admin/account.html",
        row=row,
        is_own=accounts.get_own(actor=actor()).pid == pid,
        password=_shown_once(pid),
        states=words.STATES,
    )


@bp.post("/accounts/<pid>/disable")
@requires(Permission.ACCOUNTS_ADMIN)
def disable_account(pid: str) -> ResponseReturnValue:
    """Shut an account."""
    accounts.disable_account(pid, actor=actor(), now=now())
    flash(gettext("账户已停用，其登录已全部退出。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/enable")
@requires(Permission.ACCOUNTS_ADMIN)
def enable_account(pid: str) -> ResponseReturnValue:
    """Open a shut account again."""
    accounts.enable_account(pid, actor=actor(), now=now())
    flash(gettext("账户已启用。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/unlock")
@requires(Permission.ACCOUNTS_ADMIN)
def unlock_account(pid: str) -> ResponseReturnValue:
    """Lift the lock failed sign-ins have set."""
    accounts.unlock_account(pid, actor=actor(), now=now())
    flash(gettext("账户已解锁，可以立即登录。"), "success")
    return see_other(url_for("admin.show_account", pid=pid))


@bp.post("/accounts/<pid>/reset-password")
@requires(Permission.ACCOUNTS_ADMIN)
def reset_password(pid: str) -> ResponseReturnValue:
    """Give an account a new one-time password."""
    user, password = accounts.reset_password(pid, actor=actor(), now=now())
    _show_once(user.pid, password)
    return see_other(url_for("admin.show_account", pid=pid))


@bp.get("/units")
@requires(Permission.ACCOUNTS_ADMIN)
def list_units() -> ResponseReturnValue:
    """List the organisation units."""
    return render_template("admin/units.html", rows=units.list_units())


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTS_ADMIN)
@single_submission
def create_unit() -> ResponseReturnValue:
    """Create a justice office or a training provider."""
    form = UnitForm()
    form.offer()
    status = 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                unit = units.create_unit(form.new_unit(), actor=actor(), now=now())
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
    rules = sessions.rules()
    form = SecurityRulesForm(data=asdict(rules))
    if not form.version.data:  # what comes back after signing in keeps the version it was typed on
        form.open_on(rules)
    return _settings_page(form)


@bp.post("/settings")
@requires(Permission.SETTINGS_ADMIN)
def change_settings() -> ResponseReturnValue:
    """Change lockout and idle time."""
    form = SecurityRulesForm()
    if not form.validate():
        return _settings_page(form, status=422)
    try:
        settings.change_rules(
            form.rules(),
            expected=form.opened_on,
            default=sessions.default_rules(),
            actor=actor(),
            now=now(),
        )
    except StaleEdit:
        saved = settings.current_rules(default=sessions.default_rules())
        form.open_on(saved)
        found = differences(form, SecurityRulesForm(formdata=None, data=asdict(saved)))
        return _settings_page(form, status=409, found=found)
    except InvalidInput as error:
        form.attach(error)
        return _settings_page(form, status=422)
    flash(gettext("安全设置已保存，立即生效。"), "success")
    return see_other(url_for("admin.show_settings"))


@bp.get("/confirmations")
@requires(Permission.SETTINGS_ADMIN)
def list_confirmations() -> ResponseReturnValue:
    """List new accounts and reset passwords, which wait for a second person."""
    return render_template("admin/confirmations.html", rows=accounts.list_unconfirmed(now=now()))


@bp.post("/confirmations/<pid>")
@requires(Permission.SETTINGS_ADMIN)
def confirm_account(pid: str) -> ResponseReturnValue:
    """Confirm a new account or a reset password."""
    user = accounts.confirm_account(pid, actor=actor(), now=now())
    flash(gettext("已确认“%(name)s”的账户。", name=user.display_name), "success")
    return see_other(url_for("admin.list_confirmations"))


# --- Audit administrator: the log -----------------------------------------------------------


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def show_log() -> ResponseReturnValue:
    """Show the audit log, newest first."""
    state, wanted, problems = _log_filter()
    page = audit_log.list_entries(wanted, number=state.page, size=LOG_PAGE_SIZE)
    return page_or_partial(
        "admin/audit.html",
        "admin/_audit.html",
        state=state,
        page=page,
        verbs=[(verb, verb_words(verb)) for verb in audit_log.list_verbs()],
        verb_words=verb_words,
        subject_words=subject_words,
        problems=problems,
        export_query=state.url(page=1).partition("?")[2],
    )


@bp.post("/audit/verify")
@requires(Permission.AUDIT_READ)
def verify_log() -> ResponseReturnValue:
    """Check the whole chain of entries."""
    report = audit_log.verify_chain(actor=actor(), now=now())
    if report.is_intact:
        flash(gettext("审计日志完整：已核对 %(n)s 条，未被改动。", n=report.n_entries), "success")
    else:
        flash(
            gettext(
                "审计日志在第 %(number)s 条处不一致，请立即保全数据并上报。",
                number=report.broken_at,
            ),
            "error",
        )
    return see_other(url_for("admin.show_log"))


@bp.get("/audit/export")
@requires(Permission.AUDIT_READ)
def export_log() -> ResponseReturnValue:
    """Send the filtered log as a file; that is itself in the log."""
    file_format = request.args.get("format", "csv")
    if file_format not in tables.MIMETYPES:
        abort(404)
    _, wanted, _ = _log_filter()
    entries = audit_log.export_entries(wanted, file_format=file_format, actor=actor(), now=now())
    header = [
        gettext("编号"),
        gettext("时间"),
        gettext("角色"),
        gettext("操作人"),
        gettext("操作人编号"),
        gettext("操作"),
        gettext("对象类型"),
        gettext("对象编号"),
        gettext("详情"),
    ]
    if file_format == "csv":
        content = tables.to_csv(header, _export_rows(entries))
    else:
        content = tables.to_xlsx(header, _export_rows(entries), title=gettext("审计日志"))
    response = Response(content, content_type=tables.MIMETYPES[file_format])
    response.headers["Content-Disposition"] = f'attachment; filename="audit-log.{file_format}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# --- Parts ----------------------------------------------------------------------------------


def _account_chips(state: ListState, wanted: accounts.AccountFilter) -> list[tuple[str, str, str]]:
    chips = [("q", wanted.text, f"“{wanted.text}”")] if wanted.text else []
    if wanted.role is not None:
        chips.append(("role", wanted.role.value, label(wanted.role)))
    if wanted.state:
        chips.append(("state", wanted.state, str(words.STATES[wanted.state])))
    return [chip for chip in chips if state.get(chip[0])]


def _settings_page(
    form: SecurityRulesForm, *, status: int = 200, found: Sequence[Difference] = ()
) -> ResponseReturnValue:
    page = render_template(
        "admin/settings.html",
        form=form,
        differences=found,
        status=status,
        bounds=BOUNDS,
        password_min=PASSWORD_MIN,
        password_max=PASSWORD_MAX,
        roles=(Role.VISITOR, *ACCOUNT_ROLES),
        permissions=words.PERMISSIONS,
        grants=GRANTS,
        n_unconfirmed=len(accounts.list_unconfirmed(now=now())),
    )
    return page, status


def _log_filter() -> tuple[ListState, audit_log.LogFilter, list[str]]:
    """Return the filter of the address, and the names of the dates that make no sense."""
    state = ListState.from_args(["start", "end", "who", "verb", "subject"], sorts=())
    dates: dict[str, date | None] = {}
    problems = []
    for name in ("start", "end"):
        dates[name] = None
        if state.get(name):
            try:
                dates[name] = parse_date(state.get(name))
            except ValueError:
                problems.append(name)
    wanted = audit_log.LogFilter(
        start=dates["start"],
        end=dates["end"],
        who=state.get("who"),
        verb=state.get("verb"),
        subject=subject_code(state.get("subject")),
    )
    return state, wanted, problems


def _export_rows(entries: Iterator[audit_log.LogRow]) -> Iterator[tables.Row]:
    for entry in entries:
        yield (
            entry.number,
            localtime(entry.at),
            label(entry.actor_role),
            entry.actor_name,
            entry.actor_pid or "",
            entry.verb,
            entry.subject_kind,
            entry.subject_pid or "",
            json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
        )


def _show_once(pid: str, password: str) -> None:
    """Keep a one-time password, encrypted in the administrator's own session, for one page."""
    session[_ONCE] = encrypt(f"{pid}:{password}")


def _shown_once(pid: str) -> str:
    owner, _, password = (
        decrypt(session.pop(_ONCE)).partition(":") if _ONCE in session else ("",) * 3
    )
    return password if owner == pid else ""
