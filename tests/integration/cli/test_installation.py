"""The first start from a terminal."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from matchboard import create_app
from matchboard.cli import application, installation as command, main, site
from matchboard.domain.organisation import UnitKind
from matchboard.extensions import db
from matchboard.models import SetupCode, Unit, User
from matchboard.services import installation, sign_in
from tests.conftest import Clock
from tests.factories import OfficeFactory
from tests.integration.cli.commands import Run
from tests.integration.processes import free_port

ADMINISTRATORS = (
    *("--system-admin-name", "甲", "--system-admin-email", "sys@example.org"),
    *("--security-admin-name", "乙", "--security-admin-email", "sec@example.org"),
    *("--audit-admin-name", "丙", "--audit-admin-email", "audit@example.org"),
)
DISTRICT = ("--name", "新都区安帮办", "--division", "四川省成都市新都区")
OFFICES = ("--office", "新都司法所", "--office", "斑竹园司法所")


def test_init_makes_a_district_once_when_given_options(run: Run, clock: Clock) -> None:
    result = run("init", *DISTRICT, *OFFICES, *ADMINISTRATORS)
    assert result.exit_code == 0, result.output
    found = re.findall(r"(\S+@example\.org)\s+((?:\w{5}-){3}\w{5})", result.output)
    assert [email for email, _ in found] == [
        "sys@example.org",
        "sec@example.org",
        "audit@example.org",
    ]
    for email, password in found:
        assert sign_in.authenticate(email, password, now=clock.now).must_change_password
    again = run("init", *DISTRICT, *ADMINISTRATORS)
    assert again.exit_code == 0
    assert "Nothing was changed" in again.output
    assert "斑竹园司法所" in again.output
    other = run("init", "--name", "别的区", *ADMINISTRATORS)
    assert other.exit_code == 1
    assert "新都区安帮办" in other.output
    assert db.session.scalar(select(func.count(Unit.id))) == 3
    assert db.session.scalar(select(func.count(User.id))) == 3


def test_init_names_every_option_that_is_missing_when_nobody_can_be_asked(run: Run) -> None:
    result = run("init", "--division", "朝阳区", "--system-admin-email", "bad")
    assert result.exit_code == 1
    options = ("--name", "--division", "--system-admin-email", "--audit-admin-name")
    assert all(f"{option}: " in result.output for option in options), result.output
    assert db.session.scalar(select(func.count(Unit.id))) == 0


def test_init_asks_until_the_answers_are_right_when_on_a_terminal(
    settings: dict[str, Any], app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.commit()
    monkeypatch.setattr(application, "create_app", lambda **_: create_app(settings))
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    monkeypatch.setattr(command, "is_terminal", lambda _stream: True)
    answers = [
        *("", "新都区安帮办", "朝阳区", "510114", "新都司法所", "", "甲", "bad", "sys@example.org"),
        *("乙", "SYS@example.org", "sec@example.org", "丙", "audit@example.org"),
    ]
    result = CliRunner().invoke(main, ["init"], input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    names = db.session.execute(select(Unit.kind, Unit.name).order_by(Unit.id)).all()
    assert [tuple(row) for row in names] == [
        (UnitKind.DISTRICT, "新都区安帮办"),
        (UnitKind.JUSTICE_OFFICE, "新都司法所"),
    ]
    assert db.session.scalar(select(func.count(User.id))) == 3


def test_init_prints_a_code_that_opens_the_page_when_asked_for_one(run: Run, clock: Clock) -> None:
    result = run("init", "--code")
    code = re.findall(r"(?:\w{5}-){3}\w{5}", result.output)[0]
    assert "/setup" in result.output
    assert installation.is_valid(installation.code_digest(code), now=clock.now)
    OfficeFactory()
    assert run("init", "--code").exit_code == 0
    assert db.session.scalar(select(func.count(SetupCode.id))) == 1  # no second one


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("language", "words", "others"),
    [("zh_CN.UTF-8", "已建立", "Set up"), ("en_GB.UTF-8", "Set up", "已建立")],
    ids=["zh", "en"],
)
def test_init_speaks_one_language_when_the_terminal_has_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, language: str, words: str, others: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    result = run("init", *DISTRICT, *ADMINISTRATORS)
    assert words in result.output
    assert others not in result.output


@pytest.mark.usefixtures("on_one_database")
def test_serve_prints_a_code_until_there_is_a_district(
    run: Run, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "serve_site", lambda *_args, **_options: None)
    port = str(free_port())
    result = run("serve", "--port", port)
    code = re.findall(r"(?:\w{5}-){3}\w{5}", result.output)[0]
    assert f"http://127.0.0.1:{port}/setup" in result.output
    assert installation.is_valid(installation.code_digest(code), now=clock.now)
    OfficeFactory()
    later = run("serve", "--port", port)
    assert (later.exit_code, "/setup" in later.output) == (0, False)
