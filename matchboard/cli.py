"""The `matchboard` command."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
from alembic import command as alembic
from cryptography.fernet import Fernet
from flask import Flask, current_app

from matchboard import config, create_app, supervisor, tasks
from matchboard.config import MissingSetting
from matchboard.domain.calendar import BEIJING
from matchboard.domain.errors import DomainError, InvalidInput
from matchboard.domain.ranking import EXPERT
from matchboard.domain.roles import ACCOUNT_ROLES, SYSTEM, Role
from matchboard.extensions import db, migrate
from matchboard.labels import error_text
from matchboard.labels.vacancies import CELL_PROBLEMS
from matchboard.models.ranking import RankingModel
from matchboard.ranking import retraining
from matchboard.ranking.words import sure_occupations
from matchboard.services import (
    accounts,
    audit,
    background,
    personal_links,
    ranking_models,
    transaction,
    vacancy_import,
)
from matchboard.services.import_occupations import OccupationFrom
from matchboard.services.vacancy_import import ImportReport, Outcome

Command = TypeVar("Command", bound=Callable[..., Any])
DEMO_ENVIRONMENT = "demo.env"
DEMO_DATABASE = "demo.sqlite3"
DEMO_QUEUE = "demo-queue.sqlite3"
#: How many codes without an entry an import's report names, the most frequent first.
MOST_CODES = 20
#: What an import's report says of each source of occupations.
OCCUPATIONS = {
    OccupationFrom.FILE: "coded in the file",
    OccupationFrom.RECORD: "kept as recorded",
    OccupationFrom.TITLE: "suggested from the title (to be confirmed)",
    OccupationFrom.NOWHERE: "left open",
}
PORT = click.IntRange(1, 65535)


class UnusableFile(click.ClickException):
    """A file of which nothing can be taken in."""

    exit_code = 2


@click.group()
@click.option("--demo", is_flag=True, help="Work on the demo district, with the demo's own keys.")
def main(demo: bool) -> None:
    """Matchboard: place people in work that lasts."""
    if not demo:
        return
    if not (config.INSTANCE / DEMO_DATABASE).exists():
        raise click.ClickException("There is no demo district yet: `matchboard demo` makes it.")
    _enter_demo()


@contextmanager
def application() -> Iterator[Flask]:
    """Yield the application of the environment with its context pushed."""
    try:
        app = create_app()
    except MissingSetting as error:
        raise click.ClickException(
            f"{error}. Set them in the environment, or work on the demo: `matchboard --demo ...`."
        ) from error
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def in_application(function: Command) -> Command:
    """Run a command inside the application; say a refusal in one line and exit with 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with application() as app, app.test_request_context(headers=_language()):
            try:
                return function(*args, **kwargs)
            except DomainError as error:
                transaction.rollback()
                raise click.ClickException(_words(error)) from error

    return run  # type: ignore[return-value]


def _language() -> dict[str, str]:
    """Return the terminal's language as a browser says it; labels need one."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return {"Accept-Language": next(filter(None, named), "zh")[:2]}


def _words(error: DomainError) -> str:
    where = f" ({error.field})" if isinstance(error, InvalidInput) and error.field else ""
    return f"{error_text(error)}{where}"


# --- Set up -------------------------------------------------------------------------------------


@main.command()
def upgrade() -> None:
    """Create the database, or bring it to this version."""
    with application():
        _upgrade()
    click.echo("The database is up to date.")


def _upgrade() -> None:
    url = current_app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    alembic.upgrade(migrate.get_config(), "head")


@main.command("create-account")
@click.option("--email", required=True)
@click.option("--name", required=True, help="Name shown in the site.")
@click.option("--role", required=True, type=click.Choice([r.value for r in ACCOUNT_ROLES]))
@click.option("--unit", default="", help="Public id of the unit; administrators have none.")
@click.option("--confirm", is_flag=True, help="Confirm it at once (for the first administrators).")
@in_application
def create_account(email: str, name: str, role: str, unit: str, confirm: bool) -> None:
    """Make an account and print its one-time password."""
    now = current_app.config["CLOCK"]()
    new = accounts.NewAccount(email=email, display_name=name, role=Role(role), unit_pid=unit)
    user, password = accounts.create_account(new, actor=SYSTEM, now=now)
    if confirm and user.awaits_confirmation:
        accounts.confirm_account(user.pid, actor=SYSTEM, now=now)
    is_waiting = user.awaits_confirmation
    transaction.commit()
    click.echo(f"One-time password of {email}: {password}")
    if is_waiting:
        click.echo("A security administrator must confirm the account before it can be used.")


@main.command("confirm-account")
@click.option("--email", required=True)
@in_application
def confirm_account(email: str) -> None:
    """Let a waiting account start where no security administrator is left to confirm it."""
    pid = accounts.pid_of_address(email)
    accounts.confirm_account(pid, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(f"{email.strip()} may sign in.")


# --- Work ---------------------------------------------------------------------------------------


@main.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Do what is due on this date.")
@in_application
def tick(on: datetime | None) -> None:
    """Do what is due: expiries, reminders, completions. A second run does nothing."""
    now = current_app.config["CLOCK"]()
    if on is not None:
        now = datetime.combine(date(on.year, on.month, on.day), time(23, 59), tzinfo=BEIJING)
    report = tasks.run_tick(now)
    for name in report.__dataclass_fields__:
        words = name.removeprefix("n_").replace("_", " ")
        click.echo(f"{words:<24} {getattr(report, name):>6}")


@main.group("audit")
def audit_group() -> None:
    """The audit log."""


@audit_group.command("verify")
@in_application
def verify_audit() -> None:
    """Walk the chain of the audit log; exit with 1 where it is broken."""
    report = audit.verify()
    if not report.is_intact:
        click.echo(f"The chain is broken at entry {report.broken_at}.", err=True)
        sys.exit(1)
    click.echo(f"The chain is intact: {report.n_entries} entries.")


@main.group("import")
def import_group() -> None:
    """Take in files."""


@import_group.command("vacancies")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_application
def import_vacancies(file: Path) -> None:
    """Import advertisements as external and unchecked, for officers only.

    Good rows are stored; each refused cell is named with file, row, column and value. Where the
    file names no occupation, a title that surely means one gives it, to be confirmed in the site.

    \b
    Exit status:
      0  every row was taken in
      1  some rows were refused, the others were taken in
      2  the file cannot be used, nothing was taken in
    """
    now = current_app.config["CLOCK"]()
    try:
        with _progress(f"Reading {file.name}") as show:
            report = vacancy_import.import_vacancies(
                file, actor=SYSTEM, now=now, on_progress=show, suggest=sure_occupations
            )
    except InvalidInput as error:
        transaction.rollback()
        raise UnusableFile(f"{file.name}: {error_text(error)}") from error
    transaction.commit()
    _print_report(report)
    if report.count(Outcome.REFUSED):
        sys.exit(1)


def _print_report(report: ImportReport) -> None:
    for problem in report.problems:
        where = f", column {problem.column}" if problem.column else ""
        value = f" [{problem.value}]" if problem.value else ""
        words = CELL_PROBLEMS[problem.code]
        click.echo(f"{problem.file}, row {problem.row}{where}{value}: {words}", err=True)
    for column in report.ignored_columns:
        click.echo(f"Warning: column {column} is not part of the format; ignored.", err=True)
    codes = list(report.unlisted_codes.items())
    for code, n_rows in codes[:MOST_CODES]:
        click.echo(f"Warning: code {code} is in no catalogue; kept, {n_rows} times.", err=True)
    if len(codes) > MOST_CODES:
        click.echo(f"Warning: {len(codes) - MOST_CODES} more codes are in none.", err=True)
    for outcome in Outcome:
        click.echo(f"{outcome.value:<12} {report.count(outcome):>6}")
    counted = (f"{report.count_occupations(one)} {words}" for one, words in OCCUPATIONS.items())
    click.echo(f"Occupations: {', '.join(counted)}")


@contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what moves a bar on; only a terminal shows it."""
    stream = sys.stderr
    with click.progressbar(
        length=1000, label=label, file=stream, hidden=not _is_terminal(stream)
    ) as bar:

        def show(done: int, total: int) -> None:
            bar.update(max(0, done * 1000 // max(total, 1) - bar.pos))

        yield show


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


# --- The ranking model --------------------------------------------------------------------------


@main.group()
def model() -> None:
    """The ranking model: train, list, promote, or go back to the expert formula."""


@model.command("train")
@in_application
def train_model() -> None:
    """Train a model from what became of past proposals; it ranks nothing until it is promoted."""
    now = current_app.config["CLOCK"]()
    with _progress("Training") as show:
        trained = retraining.retrain(actor=SYSTEM, now=now, on_progress=show)
    transaction.commit()
    _print_model(trained.model)
    for gate in trained.gates:
        click.echo(f"  {gate.verdict:<16} {gate.name}")


@model.command("list")
@in_application
def list_models() -> None:
    """List the trained models, newest first."""
    reports = ranking_models.reports()
    for row in ranking_models.list_models():
        _print_model(row.model)
        _print_evidence(reports[row.model.name])
    active = ranking_models.active()
    click.echo(f"Ranking now: {active.name if active is not None else EXPERT}")


@model.command("promote")
@click.argument("name")
@in_application
def promote_model(name: str) -> None:
    """Let a model that passed every gate rank from now on."""
    found = ranking_models.promote(name, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    _print_model(found)


@model.command("rollback")
@in_application
def rollback_model() -> None:
    """Let the expert formula rank again, at once."""
    ranking_models.rollback(actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(f"Ranking now: {EXPERT}")


def _print_evidence(report: Mapping[str, Any]) -> None:
    """Print what the model was measured to be, and which data it learned from."""
    measured = ((gate["name"], gate["value"]) for gate in report["gates"])
    figures = (f"{name} {value:.3f}" for name, value in measured if value is not None)
    click.echo(f"    {'; '.join(figures)}")
    click.echo(f"    data sha256 {report.get('data_sha256', 'unknown')}")


def _print_model(found: RankingModel) -> None:
    gates = "gates passed" if found.may_speak else "gates not passed"
    click.echo(f"{found.name:<24} {found.state.value:<10} {found.n_outcomes:>6} outcomes  {gates}")


# --- Serve --------------------------------------------------------------------------------------


@main.command()
@click.option("--port", default=8000, type=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, type=click.IntRange(1, 64), show_default=True)
@click.option("--threads", default=4, type=click.IntRange(1, 64), show_default=True)
def serve(port: int, host: str, workers: int, threads: int) -> None:
    """Run the server, the background worker and the daily tick, and stop them together."""
    with application():
        pass  # a missing setting is said here and not by three processes
    _serve(host, port, workers=workers, threads=threads)


def _serve(host: str, port: int, *, workers: int = 2, threads: int = 4) -> None:
    _require_free(host, port)
    server = [
        *(sys.executable, "-m", "gunicorn", "matchboard:create_app()"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", str(workers)),
        *("--threads", str(threads), "--graceful-timeout", "10", "--no-control-socket"),
        *("--log-level", "warning"),
    ]
    worker = [sys.executable, "-m", "matchboard.cli", "work"]
    sys.exit(supervisor.run({"server": server, "worker": worker}))


def _require_free(host: str, port: int) -> None:
    if not supervisor.is_free(host, port):
        raise click.ClickException(
            f"Port {port} is in use. Stop what uses it, or choose another: --port {port + 1}"
        )


@main.command()
def work() -> None:
    """Run the background worker alone (`serve` runs it beside the server)."""
    logging.basicConfig(format="worker: %(message)s")
    with application() as app:
        now = app.config["CLOCK"]()
        if not app.config["HUEY_URL"]:  # with Redis another machine's worker may be at it
            background.fail_interrupted(now=now)
        tasks.run_tick(now)
    queue = tasks.huey_of(app)
    queue.create_consumer(workers=1, max_delay=1.0, graceful_signal="TERM").run()


# --- Demo ---------------------------------------------------------------------------------------


@main.command()
@click.option("--port", default=8000, type=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def demo(port: int, host: str) -> None:
    """Make the demo district if there is none, and serve it."""
    _enter_demo()
    _require_free(host, port)
    address = f"http://{host}:{port}"
    _fill_demo(address)
    click.echo(f"\nMatchboard runs at {address}/ . Stop it with Ctrl-C.")
    _serve(host, port)


@main.command("reset-demo")
def reset_demo() -> None:
    """Delete the demo database and make it anew; the keys stay."""
    _enter_demo()
    for name in (DEMO_DATABASE, DEMO_QUEUE):
        for suffix in ("", "-wal", "-shm"):
            (config.INSTANCE / f"{name}{suffix}").unlink(missing_ok=True)
    _fill_demo()


def _enter_demo() -> None:
    """Set the environment of the demo, for this process and those it starts."""
    os.environ.update(_demo_keys())
    os.environ["MATCHBOARD_DEMO"] = "1"
    os.environ["MATCHBOARD_INSECURE_HTTP"] = "1"
    os.environ["DATABASE_URL"] = f"sqlite:///{config.INSTANCE / DEMO_DATABASE}"
    os.environ["MATCHBOARD_QUEUE_FILE"] = str(config.INSTANCE / DEMO_QUEUE)


def _demo_keys() -> dict[str, str]:
    """Return the demo's random keys, made at its first start and kept."""
    path = config.INSTANCE / DEMO_ENVIRONMENT
    if not path.exists():
        config.INSTANCE.mkdir(parents=True, exist_ok=True)
        made = {
            "MATCHBOARD_SECRET_KEY": secrets.token_urlsafe(48),
            "MATCHBOARD_SECURITY_PASSWORD_SALT": secrets.token_urlsafe(24),
            "MATCHBOARD_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            "MATCHBOARD_LOOKUP_KEY": secrets.token_urlsafe(48),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _fill_demo(address: str = "") -> None:
    """Bring the demo database to this version, seed it if it is empty, and say who may sign in."""
    with application() as app, app.test_request_context():
        _upgrade()
        if not accounts.list_demo_sign_ins():
            transaction.rollback()
            _seed(app)
        sign_ins = accounts.list_demo_sign_ins()
        if sign_ins:
            click.echo("Demo sign-ins (made-up people; the sign-in page lists them too):")
        for sign_in in sign_ins:
            click.echo(f"  {sign_in.role.value:<16} {sign_in.email:<40} {accounts.DEMO_PASSWORD}")
        link = personal_links.hand_out_demo_link(now=app.config["CLOCK"]())
        if link is not None:
            page = f"{address}/me/{link.token}"
            click.echo(f"  {'the person':<16} {page}  born {link.birth_date.isoformat()}")
        transaction.commit()


def _seed(app: Flask) -> None:
    if find_spec("seeds.demo") is None:
        click.echo("There is no demo district to seed (seeds/demo is absent): the site is empty.")
        return
    label = "Writing three years of the demo district"
    if not _is_terminal(sys.stderr):
        click.echo(label)
    with _progress(label) as show:
        import_module("seeds.demo").seed_demo(now=app.config["CLOCK"](), on_progress=show)
    transaction.commit()


if __name__ == "__main__":
    main()
