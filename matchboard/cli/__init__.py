"""The `matchboard` command; each module holds the commands of one subject."""

from __future__ import annotations

import os
from importlib import import_module

import click

from matchboard import config

#: What the site creates holds people's data: its account alone reads it.
PRIVATE_UMASK = 0o077
#: Command → its module and name there, and its first line in `--help`. A module is loaded when its
#: command runs: `--help` and `serve` would otherwise wait for everything that ranks.
COMMANDS = {
    "upgrade": ("database.upgrade", "Create the database, or bring it to this version."),
    "init": (
        "installation.init",
        "Make the district, its offices and the three administrators of an empty database.",
    ),
    "create-account": (
        "accounts.create_account",
        "Make an account and print its one-time password.",
    ),
    "confirm-account": (
        "accounts.confirm_account",
        "Let a waiting account start where no security administrator is left to confirm it.",
    ),
    "reset-password": (
        "accounts.reset_password",
        "Give an account a one-time password; everybody signed in with it is signed out.",
    ),
    "units": (
        "accounts.list_units",
        "List the units with the ids that `create-account --unit` wants.",
    ),
    "tick": ("site.tick", "Do what is due: expiries, reminders, completions."),
    "audit": ("audit_log.audit_group", "The audit log."),
    "keys": ("keys.keys_group", "The keys of the environment."),
    "import": ("imports.import_group", "Take in files."),
    "model": (
        "ranking_models.model",
        "The ranking model: train, list, promote, or go back to the expert formula.",
    ),
    "serve": (
        "site.serve",
        "Run the server, the background worker and the daily tick, and stop them together.",
    ),
    "work": ("site.work", "Run the background worker alone (`serve` runs it beside the server)."),
    "demo": ("demo_district.demo", "Make the demo district if there is none, and serve it."),
    "reset-demo": (
        "demo_district.reset_demo",
        "Delete the demo database and make it anew; the keys stay.",
    ),
}


class Commands(click.Group):
    """A group that loads a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, loaded now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(".")
        command: click.Command = getattr(import_module(f"matchboard.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_place, words) in COMMANDS.items()])


@click.group(cls=Commands)
@click.option("--demo", is_flag=True, help="Work on the demo district, with the demo's own keys.")
def main(demo: bool) -> None:
    """Matchboard: place people in work that lasts."""
    os.umask(PRIVATE_UMASK)
    if not demo:
        return
    from matchboard.cli import demo_district

    if not (config.INSTANCE / demo_district.DEMO_DATABASE).exists():
        raise click.ClickException("There is no demo district yet: `matchboard demo` makes it.")
    demo_district.enter_demo()
