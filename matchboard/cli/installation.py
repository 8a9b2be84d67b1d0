"""The first start from a terminal: the district, its offices, the three administrators."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from flask import current_app
from flask_babel import gettext

from matchboard.cli.application import in_application, refusal_words
from matchboard.cli.progress import is_terminal
from matchboard.domain.catalogues import divisions
from matchboard.domain.errors import InvalidFields, InvalidInput
from matchboard.domain.installation import (
    ADMINISTRATORS,
    Administrator,
    Installation,
    check_installation,
)
from matchboard.domain.organisation import UnitKind
from matchboard.domain.roles import Role
from matchboard.labels import label
from matchboard.services import installation, transaction, units


@dataclass
class Typed:
    """What options and answers say so far, by the fields' names."""

    wanted: Sequence[Role]
    values: dict[str, str]
    offices: list[str] = field(default_factory=list)

    def installation(self) -> Installation:
        """Return it as the service takes it; a place given by name becomes its code."""
        read = {name: text.strip() for name, text in self.values.items()}
        return Installation(
            name=read["name"],
            name_en=read["name_en"],
            division_code=_division_code(read["division"]),
            offices=tuple(self.offices),
            administrators=tuple(
                Administrator(role, read[f"{role.value}_email"], read[f"{role.value}_name"])
                for role in self.wanted
            ),
        )


def _administrator_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for role in reversed(ADMINISTRATORS):
        option = f"--{role.value.replace('_', '-')}"
        words = role.value.replace("_", " ")
        function = click.option(f"{option}-email", default="", help=f"Address of the {words}.")(
            click.option(f"{option}-name", default="", help="Their name.")(function)
        )
    return function


@click.command("init")
@click.option("--name", default="", help="Name of the district's office.")
@click.option("--name-en", default="", help="The same in English, if there is a name.")
@click.option("--division", default="", help="Its division: the full name or the six-digit code.")
@click.option("--office", "offices", multiple=True, help="Name of a justice office; repeat it.")
@_administrator_options
@click.option("--code", is_flag=True, help="Print a code to do it in the browser, at /setup.")
@in_application
def init(code: bool, offices: tuple[str, ...], **values: str) -> None:
    """Make the district, its offices and the three administrators of an empty database.

    On a terminal it asks for what the options leave out. A second run changes nothing and says
    what there is.
    """
    district = installation.find_district()
    if district is not None:
        _say_what_there_is(asked_for=values["name"])
        return
    if code:
        announce(current_app.config["BASE_URL"])
        return
    typed = Typed(installation.missing_administrators(), dict(values), list(offices))
    transaction.rollback()  # nobody shall wait for the answers
    made = _ask_and_set_up(typed) if is_terminal(sys.stdin) else _set_up(typed)
    _print(made)


def announce(address: str) -> None:
    """Print a new set-up code and where it is used; nothing once there is a district."""
    if installation.is_set_up():
        return
    code = installation.issue_code(now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(
        gettext("数据库中还没有区安帮办。请在浏览器中打开 %(page)s", page=f"{address}/setup")
    )
    click.echo(gettext("安装码（24 小时内有效，只用一次）：%(code)s", code=code))
    click.echo(gettext("或者在这台机器上运行：matchboard init"))


def _set_up(typed: Typed) -> installation.SetUp:
    made = installation.set_up(
        typed.installation(), via="command", now=current_app.config["CLOCK"]()
    )
    transaction.commit()
    return made


def _ask_and_set_up(typed: Typed) -> installation.SetUp:
    """Ask until every answer is right; a refusal asks again for what it names."""
    while True:
        _ask(typed)
        try:
            return _set_up(typed)
        except InvalidInput as error:
            transaction.rollback()
            fields = {p.field for p in getattr(error, "problems", (error,))}
            if not fields & set(typed.values):
                raise
            click.echo(refusal_words(error), err=True)
            typed.values.update({name: "" for name in typed.values if name in fields})


def _ask(typed: Typed) -> None:
    _ask_field(typed, "name", gettext("区安帮办的名称"))
    _ask_field(typed, "division", gettext("所在地区（全称或六位代码）"), known_as="division_code")
    while not typed.offices or typed.offices[-1]:
        answer = click.prompt(
            gettext("司法所名称，一次一个，直接回车结束"), default="", show_default=False
        )
        typed.offices.append(answer.strip())
    for role in typed.wanted:
        click.echo(f"{label(role)}:")
        _ask_field(typed, f"{role.value}_name", "  " + gettext("姓名"))
        _ask_field(typed, f"{role.value}_email", "  " + gettext("电子邮箱"))


def _ask_field(typed: Typed, name: str, words: str, *, known_as: str = "") -> None:
    """Ask for a field that is empty or wrong; the rule is the service's own."""
    problem = _problem(typed, known_as or name)
    while problem is not None:
        if typed.values[name]:
            click.echo(refusal_words(problem), err=True)
        typed.values[name] = click.prompt(words, default="", show_default=False)
        problem = _problem(typed, known_as or name)


def _problem(typed: Typed, name: str) -> InvalidInput | None:
    try:
        check_installation(typed.installation(), wanted=typed.wanted)
    except InvalidFields as error:
        return next((p for p in error.problems if p.field == name), None)
    return None


def _division_code(text: str) -> str:
    """Return the code of the one place a text names; other texts stay, for the rule to refuse."""
    found = divisions().resolve(text)
    place = found.division if not found.remainder else None
    return place.code if place is not None else text


def _print(made: installation.SetUp) -> None:
    click.echo(gettext("已建立：%(name)s", name=made.district.name))
    for office in made.offices:
        click.echo(f"  {office.pid}  {office.name}")
    if made.passwords:
        click.echo(gettext("一次性密码，只显示这一次；第一次登录时必须更换。请分别交给本人："))
    for one in made.passwords:
        click.echo(f"  {label(one.role)}  {one.email}  {one.password}")
    click.echo(
        gettext("下一步：运行 matchboard serve，系统管理员登录后建立单位和账户，安全管理员确认。")
    )


def _say_what_there_is(*, asked_for: str) -> None:
    """Say what an earlier run made; asking for another district than the one there is fails."""
    rows = units.list_units(kinds=(UnitKind.DISTRICT, UnitKind.JUSTICE_OFFICE))
    districts = [row for row in rows if row.kind is UnitKind.DISTRICT]
    if asked_for and asked_for.strip() not in {row.name for row in districts}:
        raise click.ClickException(
            gettext("系统中已有区安帮办“%(name)s”，没有改动任何内容。", name=districts[0].name)
        )
    click.echo(gettext("初始安装已经做过，没有改动任何内容。系统中有："))
    for row in rows:
        click.echo(f"  {row.pid}  {label(row.kind)}  {row.name}")
    missing = [label(role) for role in installation.missing_administrators()]
    if missing:
        click.echo(
            gettext(
                "还没有：%(roles)s。用“matchboard create-account”建立。", roles="、".join(missing)
            )
        )
