"""The audit administrator's pages: the log, its chain checked, and its export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.documents import tables
from matchboard.domain.roles import Permission
from matchboard.labels import label
from matchboard.labels.audit import subject_code, subject_words, verb_words
from matchboard.services import audit_log
from matchboard.web.admin import bp
from matchboard.web.context import actor, now
from matchboard.web.forms.fields import parse_date
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.template_setup import localtime

LOG_PAGE_SIZE = 50


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
