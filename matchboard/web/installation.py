"""The first start in a browser: `/setup`, for whoever holds the code the server printed.

Without the code the page asks for it and offers nothing else. Once there is a district it is gone:
404 for everybody, whatever they hold. The first passwords can be read for a while in the browser
that made them (`web.shown_once`).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Permission, Role
from matchboard.extensions import limiter
from matchboard.services import installation, transaction
from matchboard.web import shown_once
from matchboard.web.context import now
from matchboard.web.forms.installation import InstallationForm, SetupCodeForm
from matchboard.web.guard import requires
from matchboard.web.one_round import is_sound
from matchboard.web.responses import see_other

bp = Blueprint("installation", __name__, url_prefix="/setup")

#: Of one network address; a code cannot be guessed, but trying costs the server something.
CODE_LIMIT = "20 per minute"
#: In the session: the digest of the code that was right.
_CODE = "setup_code"
#: What the passwords are kept about.
_MADE = "installation"


@bp.route("", methods=["GET", "POST"])
@requires(Permission.PUBLIC)
@limiter.limit(CODE_LIMIT, methods=["POST"])
def set_up() -> ResponseReturnValue:
    """Ask for the code, then for the district; a district that exists shuts the door."""
    if installation.is_set_up():
        abort(404)
    is_known = installation.is_valid(session.get(_CODE, ""), now=now())
    if not is_known and (request.method == "GET" or "name" not in request.form):
        return _ask_for_code()
    roles = installation.missing_administrators()
    form = InstallationForm()
    form.ask(roles, is_code_known=is_known)
    if request.method == "GET":
        return _form_page(form, roles)

    def make() -> installation.SetUp:
        return installation.set_up(form.installation(roles), via="browser", now=now())

    if not (is_known or _is_right(form)):
        # Whoever does not hold the code is told nothing of what is here already.
        form.validate()
        form.attach_missing([InvalidInput("setup_code_wrong", field="code")])
        return _form_page(form, roles, status=422)
    if not is_sound(form, make):
        return _form_page(form, roles, status=422)
    try:
        made = make()
    except InvalidInput as error:
        transaction.rollback()
        form.attach(error)
        return _form_page(form, roles, status=422)
    session.pop(_CODE, None)
    _keep(made)
    return see_other("/setup/done")


@bp.get("/done")
@requires(Permission.PUBLIC)
def done() -> ResponseReturnValue:
    """Show the first passwords to the browser that made them."""
    made = _kept()
    if made is None:
        return see_other(url_for("public.home"))
    rows = [(Role(role), email, password) for role, email, password in made["passwords"]]
    return render_template("installation/done.html", district=made["district"], rows=rows)


def _ask_for_code() -> ResponseReturnValue:
    form = SetupCodeForm()
    if request.method == "GET":
        return render_template("installation/code.html", form=form)
    if form.validate():
        if _is_right(form):
            session[_CODE] = installation.code_digest(form.code.data or "")
            return see_other("/setup")
        form.attach(InvalidInput("setup_code_wrong", field="code"))
    return render_template("installation/code.html", form=form), 422


def _is_right(form: SetupCodeForm) -> bool:
    return installation.is_valid(installation.code_digest(form.code.data or ""), now=now())


def _form_page(
    form: InstallationForm, roles: tuple[Role, ...], *, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "installation/form.html",
        form=form,
        administrators=form.administrator_fields(roles),
    )
    return page, status


def _keep(made: installation.SetUp) -> None:
    kept = {
        "district": made.district.name,
        "passwords": [(one.role.value, one.email, one.password) for one in made.passwords],
    }
    shown_once.keep(_MADE, kept)


def _kept() -> dict[str, Any] | None:
    kept: dict[str, Any] | None = shown_once.kept(_MADE)
    return kept
