"""Files taken in, and what is said about their rows."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import current_app
from flask_babel import gettext

from matchboard.cli.application import in_application
from matchboard.cli.progress import progress
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import SYSTEM
from matchboard.labels import error_text
from matchboard.labels.tasks import FIGURES
from matchboard.labels.vacancies import CELL_PROBLEMS
from matchboard.ranking.words import sure_occupations
from matchboard.services import transaction, vacancy_import
from matchboard.services.import_occupations import OccupationFrom
from matchboard.services.vacancy_import import ImportReport, Outcome

#: How many codes without an entry an import's report names, the most frequent first.
MOST_CODES = 20


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
        with progress(gettext("正在读取 %(file)s", file=file.name)) as show:
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
        where = _where(problem.file, problem.row, problem.column)
        value = f" [{problem.value}]" if problem.value else ""
        click.echo(f"{where}{value}: {CELL_PROBLEMS[problem.code]}", err=True)
    for column in report.ignored_columns:
        _warn(gettext("格式里没有 %(column)s 这一列，已略过。", column=column))
    codes = list(report.unlisted_codes.items())
    for code, n_rows in codes[:MOST_CODES]:
        _warn(gettext("目录中没有代码 %(code)s，原样保留，%(n)s 次。", code=code, n=n_rows))
    if len(codes) > MOST_CODES:
        _warn(gettext("目录中没有的代码还有 %(n)s 个。", n=len(codes) - MOST_CODES))
    for outcome in Outcome:
        click.echo(f"{report.count(outcome):>6}  {FIGURES[outcome.value]}")
    for source in OccupationFrom:
        figure = FIGURES[f"occupation_{source.value}"]
        click.echo(f"{report.count_occupations(source):>6}  {figure}")


def _where(file: str, row: int, column: str) -> str:
    if not column:
        return gettext("%(file)s 第 %(row)s 行", file=file, row=row)
    return gettext("%(file)s 第 %(row)s 行 %(column)s 列", file=file, row=row, column=column)


def _warn(words: str) -> None:
    click.echo(gettext("注意：%(words)s", words=words), err=True)
