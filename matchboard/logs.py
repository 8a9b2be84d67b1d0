"""One form of log line for server, worker and commands, and nothing personal in it.

A line says when (with the zone's offset), how serious, which request (the number on the 500 page),
whose account, and the pattern of the address. Addresses themselves do not get in: a personal link
is a key to its page, and what somebody searched for stands behind the question mark.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

from flask import g, has_request_context, request

_LINK = re.compile(r"(/me/)[^/\s?\"']+")
_QUERY = re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+")
#: The office's clock, whatever the machine's zone is; the line carries the offset.
_BEIJING = timezone(timedelta(hours=8))
_HANDLER = "matchboard"
#: Libraries that write addresses or every statement on a level we read.
_QUIET = ("werkzeug", "sqlalchemy", "alembic", "fontTools", "weasyprint", "huey")


def scrub(text: str) -> str:
    """Return a log's text without personal links and query strings."""
    return _QUERY.sub(r"\1?…", _LINK.sub(r"\1…", text))


class Formatter(logging.Formatter):
    """Write `2026-11-30T10:15:02.123+08:00 ERROR matchboard.web req=… by=… POST /jobs: words`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a traceback follows on lines of its own."""
        found = self.parts(record)
        head = f"{found['time']} {found['level']} {found['logger']}"
        about = [f"{name}={found[name]}" for name in ("req", "by") if found.get(name)]
        if found.get("route"):
            about.append(f"{found['method']} {found['route']}")
        line = f"{' '.join((head, *about))}: {found['message']}"
        return f"{line}\n{found['traceback']}" if found.get("traceback") else line

    def parts(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return what a line says, by name."""
        at = datetime.fromtimestamp(record.created, tz=_BEIJING)
        found: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **of_request(),
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            found["traceback"] = scrub(self.formatException(record.exc_info))
        return found


class JsonFormatter(Formatter):
    """The same, one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(self.parts(record), ensure_ascii=False)


def of_request() -> dict[str, str]:
    """Return what a line says of the request under way; nothing outside one.

    A command's work stands in a request of its own making, for the language: nobody numbered it.
    """
    if not has_request_context() or "request_id" not in g:
        return {}
    found = {
        "req": str(g.request_id),
        "by": str(getattr(g.get("viewer"), "pid", "")),  # no names
        "method": request.method,
        "route": str(request.url_rule) if request.url_rule else "(no such page)",
    }
    return {name: value for name, value in found.items() if value}


def configure(*, log_format: str) -> None:
    """Send this process's log to its error output; calling it again changes nothing else."""
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.get_name() == _HANDLER]:
        root.removeHandler(old)
    handler = logging.StreamHandler(sys.stderr)
    handler.set_name(_HANDLER)
    handler.setFormatter(JsonFormatter() if log_format == "json" else Formatter())
    root.addHandler(handler)
    if root.level in (logging.NOTSET, logging.WARNING):
        root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The server's own logger would write in its own form, and addresses in full.
    for name in ("gunicorn.error", "gunicorn.access", "waitress"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
