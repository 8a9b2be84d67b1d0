"""Send a hostile request, and judge the answer."""

from __future__ import annotations

import random
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import run_wsgi_app

import matchboard
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.services import audit, audit_folds
from tests.hostility.attacks import SCRIPT, Attack, Mutator
from tests.hostility.world import SECRETS, World, build, renew, rows_of_strangers

#: Of the processor's time; a busy machine is no fault.
PATIENCE_S = 3.0
#: A true request's rows are used so often before they are made anew.
RENEW_AFTER = 25
_HERE = str(Path(matchboard.__file__).parent)


@dataclass
class Report:
    """What became of the requests of one role."""

    role: Role
    n_sent: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: str = ""
    #: Fault → the first request that showed it.
    faults: dict[str, str] = field(default_factory=dict)

    def note(self, fault: str, attack: object) -> None:
        """Keep the first of a kind."""
        self.faults.setdefault(fault, str(attack))


def run(app: Flask, role: Role, n_requests: int, *, seed: int, share: float = 1.0) -> Report:
    """Send `n_requests` hostile requests as a role, and look at what they left behind."""
    die = random.Random(f"{seed}/{role.value}")
    world = build(app, role, share=share)
    report = Report(role)
    mutator = Mutator(world, die)
    strangers, broken = rows_of_strangers(world.foreign), _broken()
    uses: Counter[str] = Counter()
    for _ in range(n_requests):
        attack = mutator.draw()
        judge(app, role, attack, report)
        uses[attack.endpoint] += 1
        if attack.base in world.posts and uses[attack.endpoint] % RENEW_AFTER == 0:
            _look_behind(world, strangers, broken, report)
            world.posts[world.posts.index(attack.base)] = renew(world, attack.base)
            broken = _broken()
    _look_behind(world, strangers, broken, report)
    return report


def judge(app: Flask, role: Role, attack: Attack, report: Report) -> None:
    """Send one request and note what is wrong with the answer."""
    began = time.thread_time()
    try:
        status, headers, text = Context().run(_send, app, attack)
    except Exception as error:
        where = [f for f in traceback.extract_tb(error.__traceback__) if _HERE in f.filename]
        place = f"{where[-1].filename.removeprefix(_HERE)}:{where[-1].lineno}" if where else "?"
        report.note(f"{type(error).__name__} at {place}: {str(error)[:160]}", attack)
        report.n_sent += 1
        report.statuses[500] += 1
        return
    took = time.thread_time() - began
    report.n_sent += 1
    report.statuses[status] += 1
    if took > report.slowest_s:
        report.slowest_s, report.slowest = took, str(attack)
    if took > PATIENCE_S:
        report.note(f"slow: {attack.endpoint}", f"{took:.1f} s {attack}")
    for fault in _faults(status, headers, text, attack):
        report.note(f"{fault} on {attack.endpoint}", attack)


def _faults(status: int, headers: Any, text: str, attack: Attack) -> Iterator[str]:
    if status >= 500:
        yield f"{status}"
    if "Traceback (most recent" in text:
        yield "a traceback"
    if SCRIPT in text and "html" in headers.get("Content-Type", ""):
        yield "a script unescaped"
    for secret in SECRETS:
        if secret in text:
            yield f"a stranger's {secret}"
    if attack.reaches and 200 <= status < 300 and attack.method in {"GET", "POST"}:
        yield f"{status} to a stranger's {attack.reaches}"
    host = urlsplit(headers.get("Location", "")).netloc
    if host not in {"", "localhost"} and host != attack.headers.get("Host"):
        yield f"led away to {host}"
    if "hostile" in headers.get("Set-Cookie", ""):
        yield "a header smuggled"


def _send(app: Flask, attack: Attack) -> tuple[int, Any, str]:
    parts, status, headers = run_wsgi_app(app.wsgi_app, attack.environ(), buffered=True)
    text = b"".join(parts).decode("utf-8", "replace")
    return int(status.split()[0]), headers, text


def _broken() -> dict[str, int]:
    """Return how many records break each rule.

    Rows made for a test begin in the middle: no path leads to where they are.
    """
    checks = [check for check in audit_folds.run() if not check.name.endswith("_path")]
    found = {check.name: check.n_bad for check in checks}
    db.session.rollback()
    return found


def _look_behind(
    world: World, strangers: list[Any], broken: dict[str, int], report: Report
) -> None:
    """Look at what the requests left: the log whole, the rules kept, strangers' rows untouched."""
    db.session.rollback()
    if not audit.verify().is_intact:
        report.note("the audit log is broken", "afterwards")
    db.session.rollback()
    worse = {name: n for name, n in _broken().items() if n > broken[name]}
    if worse:
        report.note(f"records no longer agree: {sorted(worse)}", worse)
    if rows_of_strangers(world.foreign) != strangers:
        report.note("a stranger's row was changed", "afterwards")
