"""People whose case lead works there no more: the head of the office hands them over."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.errors import InvalidInput, StaleEdit
from matchboard.domain.roles import Permission
from matchboard.services import case_leads, transaction
from matchboard.web import looks
from matchboard.web.context import actor, now
from matchboard.web.forms.handovers import HandoverForm
from matchboard.web.guard import requires
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import single_submission

bp = Blueprint("handovers", __name__, url_prefix="/handovers")


@bp.route("/<office_pid>/<pid>", methods=["GET", "POST"])
@requires(Permission.CLIENT_WRITE)
@single_submission
def hand_over(office_pid: str, pid: str) -> ResponseReturnValue:
    """Show whom a lead who left still leads, and give them to somebody else."""
    found = case_leads.get_handover(office_pid, pid, actor=actor())
    form = HandoverForm()
    form.offer(found)
    if request.method == "GET":
        if not form.version.data:  # what comes back after signing in keeps its ticks
            show_on(form, found, found.version)
            if request.args.get("tick") == "all":
                form.tick_all(found)
        return _page(found, form)

    def give() -> int:
        return case_leads.hand_over(
            found,
            client_pids=form.people.data or [],
            to_pid=form.to.data or "",
            actor=actor(),
            now=now(),
            seen=seen(),
        )

    try:
        if not is_sound(form, give):
            return _page(found, form, status=422)
        n = give()
    except StaleEdit:
        transaction.rollback()
        found = case_leads.get_handover(office_pid, pid, actor=actor())
        form.offer(found)
        note_stale(found)
        show_on(form, found, found.version)
        return _page(found, form, status=409)
    except InvalidInput as error:
        form.attach(error)
        return _page(found, form, status=422)
    flash(ngettext("已移交 %(num)s 人。", "已移交 %(num)s 人。", n), "success")
    if n < len(found.people):
        flash(gettext("其余的人还要移交。"), "info")
        return see_other(url_for("handovers.hand_over", office_pid=office_pid, pid=pid))
    return see_other(url_for("today.index"))


def _page(
    found: case_leads.Handover, form: HandoverForm, *, status: int = 200
) -> ResponseReturnValue:
    looks.shown(len(found.people))
    return render_template("handovers/page.html", found=found, form=form), status
