"""The audit administrator's pages: the log, its chain checked, and its export."""

from __future__ import annotations

from datetime import date

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, lazy_gettext as _l

from matchboard.documents.audit_log import write_log
from matchboard.documents.tables import MIMETYPES
from matchboard.domain.roles import Permission
from matchboard.domain.written import UnreadableDate, read_date
from matchboard.labels.audit import finding_words, subject_code, subject_words, verb_words
from matchboard.services import audit_log
from matchboard.web.admin import bp
from matchboard.web.context import actor, now
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.responses import attachment, page_or_partial, see_other

LOG_PAGE_SIZE = 50
_UNREADABLE = {
    "start": _l("起始日期看不懂，未按它筛选。请写成 2026-11-23 或 20261123。"),
    "end": _l("截止日期看不懂，未按它筛选。请写成 2026-11-23 或 20261123。"),
}
_REVERSED = _l("截止日期早于起始日期，未按日期筛选。请改正其中一个。")


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
    )


@bp.post("/audit/verify")
@requires(Permission.AUDIT_READ)
def verify_log() -> ResponseReturnValue:
    """Check the whole log, and the tables against it."""
    report, checks = audit_log.verify_log(actor=actor(), now=now())
    findings = finding_words(report, checks)
    if not findings:
        flash(gettext("审计日志完整：已核对 %(n)s 条，未被改动。", n=report.n_entries), "success")
    for words in findings:
        flash(gettext("%(finding)s请立即保全数据并上报。", finding=words), "error")
    return see_other(url_for("admin.show_log"))


@bp.route("/audit/export", methods=["GET", "POST"])
@requires(Permission.AUDIT_READ)
def export_log() -> ResponseReturnValue:
    """Send the filtered log as a file; that is itself in the log, so no link may ask for it."""
    state, wanted, problems = _log_filter()
    if request.method != "POST":
        return redirect(state.at(url_for("admin.show_log")))
    if problems:  # a file of other days than were asked for would be taken for the right one
        return see_other(state.at(url_for("admin.show_log")))
    file_format = request.values.get("format", "csv")
    if file_format not in MIMETYPES:
        abort(404)
    rows, head = audit_log.export_entries(wanted, file_format=file_format, actor=actor(), now=now())
    return attachment(
        lambda file: write_log(file, rows, file_format=file_format, head=head),
        name=f"audit-log.{file_format}",
        mimetype=MIMETYPES[file_format],
    )


def _log_filter() -> tuple[ListState, audit_log.LogFilter, list[LazyString]]:
    """Return the filter of the address, and what is wrong with its days: those do not count."""
    state = ListState.from_args(["start", "end", "who", "verb", "subject"], sorts=())
    dates: dict[str, date | None] = {}
    problems = []
    for name in ("start", "end"):
        dates[name] = None
        if state.get(name):
            try:
                dates[name] = read_date(state.get(name))
            except UnreadableDate:
                problems.append(_UNREADABLE[name])
    start, end = dates["start"], dates["end"]
    if start is not None and end is not None and end < start:
        problems.append(_REVERSED)
        dates = dict.fromkeys(dates)
    wanted = audit_log.LogFilter(
        start=dates["start"],
        end=dates["end"],
        who=state.get("who"),
        verb=state.get("verb"),
        subject=subject_code(state.get("subject")),
    )
    return state, wanted, problems
