"""The `matchboard` command: set up, work, serve, demo."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, text

from matchboard import cli, config, create_app, supervisor
from matchboard.crypto import is_password, token_digest
from matchboard.domain.roles import SYSTEM, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Submission, User, Vacancy
from matchboard.services import accounts, audit, ranking_models
from tests.conftest import SETTINGS, Clock
from tests.factories import NOW, TODAY, ClientFactory, OfficeFactory, PlacementFactory, UserFactory
from tests.ranking_report import REPORT, trained_model

Run = Callable[..., Result]
KEYS = {
    f"MATCHBOARD_{name}": str(SETTINGS[name])
    for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "ENCRYPTION_KEY", "LOOKUP_KEY")
}


@pytest.fixture
def run(app: Flask, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the test's database, in an application of its own."""
    monkeypatch.setattr(cli, "create_app", lambda: create_app(settings))

    def invoke(*arguments: str) -> Result:
        db.session.commit()
        result = CliRunner().invoke(cli.main, list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.expire_all()
        return result

    return invoke


# --- Work ---------------------------------------------------------------------------------------


def test_tick_prints_what_it_did_when_run_twice(run: Run, clock: Clock) -> None:
    db.session.add(Submission(key="old", created_at=clock.now - timedelta(days=9)))
    first, second = run("tick"), run("tick")
    assert "submissions forgotten         1" in first.output
    assert "submissions forgotten         0" in second.output
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 0


def test_tick_does_what_is_due_on_a_date_when_given_one(run: Run, clock: Clock) -> None:
    db.session.add(Submission(key="today", created_at=clock.now))
    assert "submissions forgotten         0" in run("tick", "--on", "2026-11-25").output
    assert "submissions forgotten         1" in run("tick", "--on", "2026-11-27").output


def test_audit_verify_succeeds_when_the_chain_is_intact(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    result = run("audit", "verify")
    assert (result.exit_code, result.output) == (0, "The chain is intact: 3 entries.\n")


def test_audit_verify_names_the_row_when_the_chain_is_broken(run: Run) -> None:
    for _ in range(3):
        audit.record("test.write", None, actor=SYSTEM, now=NOW)
    second = sorted(db.session.scalars(select(AuditEntry.id)))[1]
    statement = "INSERT INTO audit_entry SELECT :new, at, actor_role, actor_pid, verb, "
    statement += "subject_kind, subject_pid, detail, previous_hash, :hash FROM audit_entry "
    db.session.execute(
        text(statement + "WHERE id = :id"), {"new": 99, "hash": "f" * 64, "id": second}
    )
    result = run("audit", "verify")
    assert result.exit_code == 1
    assert "broken at entry 99" in result.output


def test_account_can_sign_in_when_made_by_command(run: Run) -> None:
    office = OfficeFactory()
    result = run(
        *("create-account", "--email", "New@Example.org", "--name", "新员工"),
        *("--role", "officer", "--unit", office.pid, "--confirm"),
    )
    assert result.exit_code == 0, result.output
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.role, user.unit_id) == ("new@example.org", Role.OFFICER, office.id)
    assert user.active
    password = result.output.split(": ")[1].split("\n")[0]
    assert is_password(password, user.password)


@pytest.mark.parametrize(
    ("arguments", "is_active"), [((), False), (("--confirm",), True)], ids=["waits", "confirmed"]
)
@pytest.mark.parametrize("role", ["security_admin", "officer"])
def test_account_made_by_command_waits_when_nobody_confirms(
    run: Run, role: str, arguments: tuple[str, ...], is_active: bool
) -> None:
    unit = OfficeFactory().pid if role == "officer" else ""
    result = run(
        *("create-account", "--email", "a@example.org", "--name", "新员工"),
        *("--role", role, "--unit", unit, *arguments),
    )
    assert result.exit_code == 0, result.output
    assert db.session.scalars(select(User.active)).one() is is_active
    assert ("must confirm" in result.output) is not is_active


def test_waiting_account_starts_when_confirmed_by_command(run: Run) -> None:
    user = UserFactory(role=Role.SECURITY_ADMIN, active=False, awaits_confirmation=True)
    result = run("confirm-account", "--email", f" {user.email.upper()}")
    assert result.exit_code == 0, result.output
    assert (user.active, user.awaits_confirmation) == (True, False)
    assert db.session.scalars(select(AuditEntry.verb)).all() == ["account.confirm"]
    again = run("confirm-account", "--email", user.email)
    unknown = run("confirm-account", "--email", "nobody@example.org")
    assert [result.exit_code for result in (again, unknown)] == [1, 1]


def test_account_is_refused_in_one_line_when_the_address_is_taken(run: Run) -> None:
    user = UserFactory(role=Role.SYSTEM_ADMIN)
    result = run(
        *("create-account", "--email", user.email, "--name", "x", "--role", "system_admin")
    )
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "(email)" in result.output
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


# --- Import -------------------------------------------------------------------------------------

HEADER = "vacancy_id,title,headcount,skills_required,raw_salary"


def a_file(folder: Path, *rows: str, header: str = HEADER) -> str:
    path = folder / "ads.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return str(path)


def count_vacancies() -> int:
    return db.session.scalar(select(func.count()).select_from(Vacancy)) or 0


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def test_import_succeeds_when_every_row_is_good(run: Run, tmp_path: Path) -> None:
    result = run("import", "vacancies", a_file(tmp_path, "A1,前台,2,,", "A2,厨师,,,"))
    assert result.exit_code == 0, result.output
    assert (
        "Occupations: 0 coded in the file, 0 kept as recorded, "
        "1 suggested from the title (to be confirmed), 1 left open" in result.stdout
    )
    assert "created           2" in result.stdout
    assert "refused           0" in result.stdout
    assert count_vacancies() == 2


@pytest.mark.usefixtures("english")
def test_import_names_each_refused_cell_when_rows_are_wrong(run: Run, tmp_path: Path) -> None:
    path = a_file(tmp_path, "A1,司机,many,,", "A2,厨师,1,,", "A3,保洁员", "A2,厨师,0,sew.flat:9,")
    result = run("import", "vacancies", path)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "ads.csv, row 2, column headcount [many]: Not a number",
        "ads.csv, row 4 [2]: This row does not have as many columns as the first",
        "ads.csv, row 5, column skills_required [sew.flat:9]: The skill level must be 1 to 5",
        "ads.csv, row 5, column headcount [0]: Outside the allowed range",
        "ads.csv, row 5, column vacancy_id [A2]: The reference occurs twice in the file",
        "Warning: column raw_salary is not part of the format; ignored.",
    ]
    assert "created           1" in result.stdout
    assert "refused           3" in result.stdout
    assert count_vacancies() == 1


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "C.UTF-8", ""], ids=["chinese", "c", "none"])
def test_import_speaks_chinese_when_the_terminal_does_not_ask_for_english(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, language)
    result = run("import", "vacancies", a_file(tmp_path, "A1,司机,many,,"))
    assert "不是数字" in result.stderr


def test_import_names_unlisted_codes_when_it_keeps_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "MOST_CODES", 1)
    path = a_file(tmp_path, "A1,司机,1,own.code;own.other,", "A2,厨师,1,own.code,")
    result = run("import", "vacancies", path)
    assert result.exit_code == 0
    assert "Warning: code own.code is in no catalogue; kept, 2 times." in result.stderr
    assert "own.other" not in result.stderr
    assert "Warning: 1 more codes are in none." in result.stderr


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"title\nx\n", "vacancy_id"), (b"vacancy_id\n\xff\xfe\n", "UTF-8")],
    ids=["no-reference-column", "not-text"],
)
def test_import_takes_nothing_in_when_the_file_cannot_be_used(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "ads.csv").write_bytes(content)
    result = run("import", "vacancies", str(tmp_path / "ads.csv"))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ads.csv: ")
    assert words in result.stderr
    assert count_vacancies() == 0


@pytest.mark.parametrize("is_terminal", [True, False], ids=["terminal", "pipe"])
def test_import_shows_its_progress_when_on_a_terminal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool
) -> None:
    monkeypatch.setattr(cli, "_is_terminal", lambda _stream: is_terminal)
    monkeypatch.setattr("click._termui_impl.isatty", lambda _stream: is_terminal)
    result = run("import", "vacancies", a_file(tmp_path, "A1,司机,1,,"))
    assert ("100%" in result.stderr) is is_terminal
    assert ("Reading ads.csv" in result.stderr) is is_terminal


def test_import_documents_its_exit_status_when_asked_for_help() -> None:
    shown = invoke("import", "vacancies", "--help").output
    assert "Exit status:\n    0  every row" in shown
    assert "1  some rows were refused" in shown
    assert "2  the file cannot be used" in shown


# --- Set up -------------------------------------------------------------------------------------


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty instance folder; what a command sets in the environment is undone."""
    folder = tmp_path / "instance"
    monkeypatch.setattr(config, "INSTANCE", folder)
    names = ("DEMO", "INSECURE_HTTP", "QUEUE_FILE", *(n.removeprefix("MATCHBOARD_") for n in KEYS))
    for name in ("DATABASE_URL", *(f"MATCHBOARD_{n}" for n in names)):
        monkeypatch.setenv(name, "")
    return folder


@pytest.fixture
def demo(instance: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Replace the long seeding and the servers; count how often each is called."""
    calls: dict[str, Any] = {"seeded": 0, "served": []}

    def seed_demo(*, now: Any, on_progress: Callable[[int, int], None]) -> None:
        calls["seeded"] += 1
        on_progress(1, 1)
        UserFactory(role=Role.OFFICER, email=f"officer{accounts.DEMO_DOMAIN}", created_at=now)
        if calls.get("with_people"):
            ClientFactory()
            PlacementFactory(created_at=now)

    module = types.ModuleType("seeds.demo")
    module.seed_demo = seed_demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "seeds.demo", module)
    monkeypatch.setattr(cli, "find_spec", lambda _name: True)

    def serve(programs: dict[str, list[str]]) -> int:
        calls["served"].append(programs)
        return 0

    monkeypatch.setattr(supervisor, "run", serve)
    monkeypatch.setattr(supervisor, "is_free", lambda _host, _port: calls.get("is_free", True))
    return calls


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments), catch_exceptions=False)


def test_demo_seeds_once_and_serves_when_run_twice(instance: Path, demo: dict[str, Any]) -> None:
    first = invoke("demo", "--port", "8123")
    keys = (instance / "demo.env").read_text()
    second = invoke("demo", "--port", "8123")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert demo["seeded"] == 1
    assert (instance / "demo.env").read_text() == keys
    assert (instance / "demo.env").stat().st_mode & 0o777 == 0o600
    for result in (first, second):
        assert "http://127.0.0.1:8123/" in result.output
        assert f"officer{accounts.DEMO_DOMAIN}" in result.output
        assert accounts.DEMO_PASSWORD in result.output
    assert [set(programs) for programs in demo["served"]] == [{"server", "worker"}] * 2


def test_demo_starts_anew_when_reset(instance: Path, demo: dict[str, Any]) -> None:
    invoke("demo")
    keys = (instance / "demo.env").read_text()
    assert invoke("reset-demo").exit_code == 0
    assert demo["seeded"] == 2
    assert len(demo["served"]) == 1
    assert (instance / "demo.env").read_text() == keys


def test_demo_touches_nothing_when_the_port_is_in_use(instance: Path, demo: dict[str, Any]) -> None:
    demo["is_free"] = False
    result = invoke("demo", "--port", "8123")
    assert result.exit_code == 1
    assert "Port 8123 is in use" in result.output
    assert "--port 8124" in result.output
    assert demo["seeded"] == 0
    assert not (instance / "demo.sqlite3").exists()


def test_demo_prints_the_same_personal_link_when_run_again(
    instance: Path, demo: dict[str, Any]
) -> None:
    demo["with_people"] = True
    first, second = invoke("demo", "--port", "8123"), invoke("demo", "--port", "8123")
    door = re.compile(r"http://127\.0\.0\.1:8123/me/(\S+) +born (\S+)")
    found, again = door.findall(first.output), door.findall(second.output)
    assert found == again
    ((token, born),) = found
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        rows = connection.execute(
            "SELECT token_digest, birth_date, placement.state FROM personal_link"
            " JOIN client ON client.id = personal_link.client_id"
            " LEFT JOIN placement ON placement.client_id = client.id"
        ).fetchall()
    assert rows == [(token_digest(token), born, "proposed")]


def test_command_works_on_the_demo_when_asked_to(instance: Path, demo: dict[str, Any]) -> None:
    invoke("demo")
    for name in KEYS:
        os.environ[name] = ""
    assert invoke("tick").exit_code == 1
    path = a_file(instance, "A1,司机,1,,")
    for arguments in (("import", "vacancies", path), ("tick",), ("audit", "verify")):
        result = invoke("--demo", *arguments)
        assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(instance / "demo.sqlite3")) as connection:
        assert connection.execute("SELECT external_ref FROM vacancy").fetchall() == [("A1",)]


def test_command_makes_no_demo_when_there_is_none_to_work_on(instance: Path) -> None:
    result = invoke("--demo", "tick")
    assert result.exit_code == 1
    assert "matchboard demo" in result.output
    assert not instance.exists()


@pytest.mark.usefixtures("instance")
@pytest.mark.parametrize("command", ["upgrade", "serve", "tick"])
def test_command_says_which_settings_are_missing_when_they_are(command: str) -> None:
    result = invoke(command)
    assert result.exit_code == 1
    assert "MATCHBOARD_SECRET_KEY" in result.output
    assert "Traceback" not in result.output


# --- The ranking model --------------------------------------------------------------------------


def test_list_shows_figures_and_the_hash_of_the_data_when_models_were_trained(run: Run) -> None:
    ranking_models.register(trained_model(b"-", as_of=TODAY), actor=SYSTEM, now=NOW)
    shown = run("model", "list").output
    assert "812 outcomes  gates passed" in shown
    assert "ece hire 0.021; slope hire 1.700; ece retained_6m 0.060" in shown
    assert f"data sha256 {REPORT['data_sha256']}" in shown
    assert shown.endswith("Ranking now: expert\n")


# --- Serve, in processes of their own -----------------------------------------------------------


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def descendants(pid: int) -> set[int]:
    """Return the processes begun by `pid`, and theirs."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(entry.parent.name)] = int(fields[1])
    found: set[int] = set()
    while True:
        more = {p for p, parent in parents.items() if parent in found | {pid}} - found
        if not more:
            return found
        found |= more


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


class Served:
    """A `matchboard serve` of a fresh SQLite database."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.port = free_port()
        shutil.copyfile(template, folder / "served.sqlite3")
        self.environment = {
            **os.environ,
            **KEYS,
            "MATCHBOARD_INSTANCE": str(folder),
            "MATCHBOARD_INSECURE_HTTP": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'served.sqlite3'}",
        }
        self.process = self.command("serve", "--port", str(self.port), "--workers", "1")

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "matchboard.cli", *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def get(self, path: str) -> int:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=5) as answer:
            status: int = answer.status
            return status

    def await_ready(self) -> set[int]:
        """Wait until the site answers and the worker runs; return all processes."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()[1]
            found = descendants(self.process.pid)
            try:
                if self.get("/healthz") == 200 and len(found) >= 3:
                    return found
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.1)
        raise AssertionError("the site did not come up")


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[Served]:
    running = Served(tmp_path, sqlite_template)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(30)
    assert running.process.stderr is not None
    running.process.stderr.close()


def test_serve_leaves_nothing_running_when_stopped(served: Served) -> None:
    processes = served.await_ready()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert [pid for pid in processes if is_running(pid)] == []


def test_serve_refuses_in_one_line_when_the_port_is_in_use(
    run: Run,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as holder:
        port = holder.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.exit_code == 1
    assert f"Port {port} is in use" in result.output


SUPERVISED = """
import sys
from matchboard import supervisor
supervisor.GRACE_S = 1.0
sys.exit(supervisor.run({"one": ["sh", "-c", sys.argv[1]], "two": ["sh", "-c", sys.argv[2]]}))
"""
#: Runs on and starts a program of its own.
STEADY = "sleep 300 & sleep 300"
STUBBORN = "trap '' TERM; sleep 300 & sleep 300; sleep 300"


@pytest.mark.parametrize(
    ("programs", "number", "expected"),
    [
        ((STEADY, STEADY), signal.SIGINT, 0),
        ((STEADY, STEADY), signal.SIGTERM, 0),
        ((STEADY, STEADY), signal.SIGHUP, 0),
        ((STEADY, STUBBORN), signal.SIGTERM, 0),
        ((STEADY, "sleep 1; exit 3"), None, 1),
        (("sleep 1; exit 0", STEADY), None, 1),
    ],
    ids=["ctrl-c", "terminate", "terminal-closed", "stubborn", "second-dies", "first-ends"],
)
def test_programs_stop_together_when_one_must(
    programs: tuple[str, str], number: int | None, expected: int
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, *programs], stderr=subprocess.DEVNULL
    )
    started: set[int] = set()
    deadline = time.monotonic() + 60
    while len(started) < 4 and process.poll() is None and time.monotonic() < deadline:
        started |= descendants(process.pid)
        time.sleep(0.05)
    if number is not None:
        process.send_signal(number)
    assert process.wait(60) == expected
    assert started
    assert [pid for pid in started if is_running(pid)] == []
