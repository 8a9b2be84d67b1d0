"""Signing in and out.

Flask-Security hashes passwords, loads accounts and keeps track of sign-ins; its own pages are left
out: they answer a failed sign-in with 200, commit by themselves and accept tokens in addresses.
Failures are counted in `services.sign_in`, after the failed request has been rolled back.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_wtf.csrf import CSRFError

from matchboard.domain.roles import Permission
from matchboard.extensions import db, limiter, security
from matchboard.services import accounts, installation, sign_in, transaction
from matchboard.web import drafts, errors, sessions
from matchboard.web.addresses import local_address, main_screen, page_endpoint
from matchboard.web.context import actor, now
from matchboard.web.forms.account import SignInForm
from matchboard.web.guard import may_open, requires
from matchboard.web.notices import flash
from matchboard.web.responses import see_other

bp = Blueprint("security", __name__)

#: Of one network address; an office behind one router signs in less often than this.
SIGN_IN_LIMIT = "30 per minute"


def init_app(app: Flask) -> None:
    """Bind Flask-Security without its pages, and sessions."""
    app.config["SECURITY_DATETIME_FACTORY"] = now
    datastore = SQLAlchemyUserDatastore(db, sign_in.ACCOUNT, None)  # type: ignore[arg-type]
    security.init_app(app, datastore, register_blueprint=False)
    # The guard looks people up, for the requests that need it and in the transaction it opens; this
    # library would do so before it, for every request, /healthz included.
    security.principal.identity_loaders.clear()
    # Only a session signs in; Flask-Security would also take tokens from headers and addresses.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    sessions.init_app(app)
    app.register_error_handler(CSRFError, _form_expired)


@bp.route("/login", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
def login() -> ResponseReturnValue:
    """Sign in by e-mail address and password."""
    if current_user.is_authenticated:
        return see_other(main_screen(current_user.role))
    form = SignInForm()
    if request.method == "GET":
        form.next.data = local_address(request.args.get("next", "")) or form.next.data or ""
        return _sign_in_page(form)
    if not form.validate():
        return _sign_in_page(form, status=422)
    try:
        user = sign_in.authenticate(
            form.address,
            form.password.data or "",
            now=now(),
            device=sessions.known_device(form.address),
            is_demo=bool(current_app.config["DEMO"]),
        )
    except sign_in.SignInRefused as refusal:
        form.attach(_count(form.address, refusal))
        return _sign_in_page(form, status=422)
    sign_in.record_sign_in(user, device=sessions.known_device(user.email), now=now())
    sessions.begin(user)
    return see_other(_destination(user, form.next.data or ""))


@bp.post("/logout")
@requires(Permission.ACCOUNT_OWN)
def logout() -> ResponseReturnValue:
    """Sign out."""
    sign_in.record_sign_out(current_user, now=now())
    sessions.end()
    flash(gettext("您已退出登录。"), "success")
    return see_other("/login")


def _count(email: str, refusal: sign_in.SignInRefused) -> sign_in.SignInRefused:
    """Count the failure; return what to say."""
    if refusal.code != "sign_in_failed":
        transaction.rollback()
        return refusal
    until = sessions.count_wrong_password(email)
    return refusal if until is None else sign_in.locked(until)


def _sign_in_page(form: SignInForm, *, status: int = 200) -> ResponseReturnValue:
    is_demo = bool(current_app.config["DEMO"])
    page = render_template(
        "security/login.html",
        form=form,
        is_set_up=installation.is_set_up(),
        demo_sign_ins=accounts.list_demo_sign_ins() if is_demo else [],
        demo_password=accounts.DEMO_PASSWORD if is_demo else "",
    )
    return page, status


def _destination(user: Any, wanted: str) -> str:
    """Return where to go after signing in: the page asked for if it is this person's."""
    address = local_address(wanted)
    endpoint = page_endpoint(address) if address else None
    if address is None or endpoint is None or not may_open(user.role, endpoint):
        return main_screen(user.role)
    if drafts.belongs_to(address, owner=user.actor) is False:
        return main_screen(user.role)  # somebody else sat here before, or it has been sent since
    return address


def _form_expired(error: CSRFError) -> ResponseReturnValue:
    """Keep what is sent from a page that was opened too long ago, or before signing in again."""
    try:
        return _kept_for_later(error)
    except transaction.FAULTS as fault:  # no error's handler is asked again
        return errors.database_fault(fault)


def _kept_for_later(error: CSRFError) -> ResponseReturnValue:
    transaction.rollback()
    if request.endpoint == "security.login":
        form = SignInForm()
        form.form_errors = [gettext("这一页打开太久了，请再填一次密码，然后登录。")]
        return _sign_in_page(form, status=400)
    address = drafts.keep(session.get("_user_id") if actor().user_id is not None else None)
    if address is None or not drafts.is_kept_at(address):
        return errors.http_error(error)
    return render_template("security/form_expired.html", address=address), 400
