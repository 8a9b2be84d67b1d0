"""Files taken in, and what is said about their rows."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app

from matchboard.cli.application import in_application
from matchboard.cli.progress import progress
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import SYSTEM
from matchboard.labels import error_text
from matchboard.labels.vacancies import CELL_PROBLEMS
from matchboard.ranking.words import sure_occupations
from matchboard.services import transaction, vacancy_import
from matchboard.services.import_occupations import OccupationFrom
from matchboard.services.vacancy_import import ImportReport, Outcome

#: How many codes without an entry an import's report names, the most frequent first.
MOST_CODES = 20
#: What an import's report says of each source of occupations.
OCCUPATIONS = {
    OccupationFrom.FILE: "coded in the file",
    OccupationFrom.RECORD: "kept as recorded",
    OccupationFrom.TITLE: "suggested from the title (to be confirmed)",
    OccupationFrom.NOWHERE: "left open",
}


class UnusableFile(click.ClickException):
    """A file of which nothing can be taken in."""

    exit_code = 2


@click.group("import")
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
        with progress(f"Reading {file.name}") as show:
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
