"""Absence covers: who stands in for whom at the restricted records, now and before."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import InvalidInput
from matchboard.domain.record_access import COVER_DAYS_MAX
from matchboard.domain.roles import Permission, Role
from matchboard.services import covers
from matchboard.web.context import actor, now, today
from matchboard.web.forms.covers import CoverForm
from matchboard.web.guard import requires
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import see_other
from matchboard.web.seen import seen, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("covers", __name__, url_prefix="/covers")


@bp.get("")
@requires(Permission.RESTRICTED_READ)
def index() -> ResponseReturnValue:
    """Show the covers that concern the actor, or all of the office's or district's."""
    rows = covers.list_covers(actor=actor(), now=now())
    return render_template(
        "covers/index.html",
        standing=[row for row in rows if row.is_standing],
        past=[row for row in rows if not row.is_standing],
        names_office=actor().role is Role.DISTRICT,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.RESTRICTED_WRITE)
@single_submission
def state() -> ResponseReturnValue:
    """State a cover."""
    form = CoverForm(data={"from_on": today()})
    form.offer(
        covers.list_covered(actor=actor()),
        covers.list_officers(actor=actor()),
        names_office=actor().role is Role.DISTRICT,
    )
    status = 200

    def state_it() -> None:
        covers.state_cover(form.cover(), actor=actor(), now=now())

    if request.method == "POST":
        status = 422
        if is_sound(form, state_it):
            try:
                state_it()
            except InvalidInput as error:
                form.attach(error)
            else:
                flash(gettext("代管已安排，到最后一天自动结束。"), "success")
                return see_other(url_for("covers.index"))
    page = render_template("covers/new.html", form=form, n_days=COVER_DAYS_MAX)
    return page, status


@bp.post("/<pid>/end")
@requires(Permission.RESTRICTED_WRITE)
@single_submission
@stale_shows(lambda **_: index(), lambda pid: covers.get_cover(pid, actor=actor()))
def end(pid: str) -> ResponseReturnValue:
    """End a cover before its last day."""
    covers.end_cover(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("代管已结束，立即生效。"), "success")
    return see_other(url_for("covers.index"))
