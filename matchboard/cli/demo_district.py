"""The demo district: made, filled, served, made anew, and worked on."""

from __future__ import annotations

import os
import secrets
import sys
from importlib import import_module
from importlib.util import find_spec

import click
from cryptography.fernet import Fernet
from flask import Flask

from matchboard import config
from matchboard.cli.application import application
from matchboard.cli.database import upgrade_database
from matchboard.cli.progress import is_terminal, progress
from matchboard.cli.site import PORT, require_free, serve_site
from matchboard.services import (
    accounts,
    audit_anchors,
    audit_beginnings,
    personal_links,
    transaction,
)

DEMO_ENVIRONMENT = "demo.env"
DEMO_DATABASE = "demo.sqlite3"
DEMO_QUEUE = "demo-queue.sqlite3"
DEMO_ANCHORS = "demo-audit-anchors.jsonl"


@click.command()
@click.option("--port", default=8000, type=PORT, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True)
def demo(port: int, host: str) -> None:
    """Make the demo district if there is none, and serve it."""
    enter_demo()
    require_free(host, port)
    address = f"http://{host}:{port}"
    _fill_demo(address)
    click.echo(f"\nStarting the site at {address}/ ...")
    serve_site(host, port)


@click.command("reset-demo")
def reset_demo() -> None:
    """Delete the demo database and make it anew; the keys stay."""
    enter_demo()
    for name in (DEMO_DATABASE, DEMO_QUEUE):
        for suffix in ("", "-wal", "-shm"):
            (config.INSTANCE / f"{name}{suffix}").unlink(missing_ok=True)
    (config.INSTANCE / DEMO_ANCHORS).unlink(missing_ok=True)
    _fill_demo()


def enter_demo() -> None:
    """Set the environment of the demo, for this process and those it starts."""
    os.environ.update(_demo_keys())
    os.environ["MATCHBOARD_DEMO"] = "1"
    os.environ["MATCHBOARD_INSECURE_HTTP"] = "1"
    os.environ["DATABASE_URL"] = f"sqlite:///{config.INSTANCE / DEMO_DATABASE}"
    os.environ["MATCHBOARD_AUDIT_ANCHORS"] = str(config.INSTANCE / DEMO_ANCHORS)
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
            "MATCHBOARD_AUDIT_KEY": secrets.token_urlsafe(48),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in made.items())
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _fill_demo(address: str = "") -> None:
    """Bring the demo database to this version, seed it if it is empty, and say who may sign in."""
    with application() as app, app.test_request_context():
        if not (config.INSTANCE / DEMO_DATABASE).exists():
            # Deleted by hand, it begins a new log, which the old one's anchors do not fit.
            (config.INSTANCE / DEMO_ANCHORS).unlink(missing_ok=True)
        upgrade_database()
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
    if not is_terminal(sys.stderr):
        click.echo(label)
    with progress(label) as show:
        import_module("seeds.demo").seed_demo(now=app.config["CLOCK"](), on_progress=show)
    transaction.commit()
    audit_beginnings.begin(now=app.config["CLOCK"]())
    audit_anchors.write_down("seed", now=app.config["CLOCK"]())
