"""A pytest plugin that turns skips into a failure where `MATCHBOARD_NO_SKIPS=1` says so.

A machine without Chromium, PostgreSQL or the shared data skips what needs them and says so; the
machine that guards the main line has all of them, and a skip there would hide a broken test.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

KEY = "matchboard_skipped"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(NoSkips(config), "matchboard-no-skips")


class NoSkips:
    """Collect what was skipped, from this process and from the workers of pytest-xdist."""

    def __init__(self, config: pytest.Config) -> None:
        self.is_worker = hasattr(config, "workerinput")
        self.is_forbidden = os.environ.get("MATCHBOARD_NO_SKIPS") == "1"
        self.skipped: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped.add(_line(report))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.skipped.add(_line(report))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        # A worker reports tests one by one, but not the modules skipped while collecting.
        self.skipped.update(getattr(node, "workeroutput", {}).get(KEY, ()))

    @pytest.hookimpl(tryfirst=True)  # before a worker sends its output
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.is_worker:
            session.config.workeroutput[KEY] = sorted(self.skipped)  # type: ignore[attr-defined]
        elif self.is_forbidden and self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.is_forbidden and self.skipped:
            terminalreporter.section("skipped, which MATCHBOARD_NO_SKIPS=1 forbids", red=True)
            for line in sorted(self.skipped):
                terminalreporter.line(line)


def _line(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return what was skipped and why, in one line."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"{report.nodeid}: {reason.removeprefix('Skipped: ')}"
