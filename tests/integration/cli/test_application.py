"""What every command does before its own work."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from matchboard.cli import COMMANDS, main
from tests.integration.cli.commands import invoke


@pytest.mark.usefixtures("instance")
@pytest.mark.parametrize("command", ["upgrade", "serve", "tick"])
def test_command_says_which_settings_are_missing_when_they_are(command: str) -> None:
    result = invoke(command)
    assert result.exit_code == 1
    assert "MATCHBOARD_SECRET_KEY" in result.output
    assert "Traceback" not in result.output


def test_command_is_the_one_the_list_names_when_loaded() -> None:
    """`--help` reads a table; the commands themselves are loaded when they run."""
    context = click.Context(main)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    assert {name: command.name for name, command in found.items() if command} == {
        name: name for name in COMMANDS
    }
    words = {name: command.get_short_help_str(200) for name, command in found.items() if command}
    assert words == {name: shown for name, (_place, shown) in COMMANDS.items()}
    assert main.get_command(context, "no-such-command") is None


@pytest.mark.parametrize(
    ("start", "heavy"),
    [
        ("matchboard.cli.main(['--help'])", ["numpy", "sqlalchemy", "sklearn", "ortools"]),
        ("import matchboard.cli.site, matchboard.cli.database", ["sklearn", "ortools", "pandas"]),
        ("import matchboard.supervisor", ["numpy", "sqlalchemy", "sklearn", "ortools"]),
    ],
    ids=["help", "serve-and-tick", "supervisor"],
)
def test_command_loads_no_more_than_it_needs(start: str, heavy: list[str]) -> None:
    program = (
        f"import sys, atexit, matchboard.cli\n"
        f"atexit.register(lambda: print(*({heavy} & sys.modules.keys()), file=sys.stderr))\n{start}"
    ).replace(str(heavy), "set(" + str(heavy) + ")")
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (result.returncode, result.stderr.strip()) == (0, "")
