"""A snapshot of what each list page asks the database: how many statements, and of which tables.

A change shows up in review as a changed row of `statements.csv`. Write it anew, and read the
difference, with MATCHBOARD_WRITE_STATEMENTS=1.
"""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import pytest

from matchboard.domain.roles import Role
from tests import factories
from tests.sql import watch_sql

SNAPSHOT = Path(__file__).with_name("statements.csv")
FIELDS = ("role", "path", "n_statements", "tables")
PAGES: tuple[tuple[Role, str], ...] = (
    (Role.VISITOR, "/jobs"),
    (Role.VISITOR, "/courses"),
    (Role.OFFICER, "/today"),
    (Role.OFFICER, "/clients"),
    (Role.OFFICER, "/placements"),
    (Role.OFFICER, "/placements?view=table"),
    (Role.OFFICER, "/vacancies"),
    (Role.OFFICER, "/partners"),
    (Role.OFFICER, "/search?q=a"),
    (Role.ENTERPRISE, "/partner"),
    (Role.ENTERPRISE, "/partner/referrals"),
    (Role.ENTERPRISE, "/partner/vacancies"),
    (Role.COORDINATOR, "/training"),
    (Role.COORDINATOR, "/training/courses"),
    (Role.COORDINATOR, "/training/enrolments"),
    (Role.DISTRICT, "/dashboard"),
    (Role.DISTRICT, "/dashboard/ranking"),
    (Role.SYSTEM_ADMIN, "/admin/accounts"),
    (Role.AUDIT_ADMIN, "/admin/audit"),
)


def _people(client: Any, role: Role) -> None:
    """Sign in and put one of everything on the page."""
    user = client.sign_in(role) if role is not Role.VISITOR else None
    person = (
        factories.ClientFactory(office=user.unit)
        if role is Role.OFFICER and user is not None
        else factories.ClientFactory()
    )
    factories.PlacementFactory(client=person, state="sent")
    factories.VacancyFactory()
    course = factories.CourseFactory(published=True)
    factories.CourseSessionFactory(course=course)


def _tables(statements: list[str]) -> str:
    found = {
        name
        for statement in statements
        for name in re.findall(r"\b(?:FROM|JOIN) \"?([a-z_]+)\"?", statement)
    }
    return " ".join(sorted(found))


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{r.value}-{p}" for r, p in PAGES])
def test_list_page_asks_what_the_snapshot_says(client: Any, role: Role, path: str) -> None:
    _people(client, role)
    client.get_page(path)  # caches of the process fill here
    with watch_sql() as seen:
        client.get_page(path)
    reads = [s for s in seen if s.lstrip().upper().startswith("SELECT")]
    row = (role.value, path, str(len(reads)), _tables(reads))
    if os.environ.get("MATCHBOARD_WRITE_STATEMENTS") == "1":
        _write(row)
    assert _snapshot().get((role.value, path)) == row[2:], (
        f"if that is meant, tests/contract/statements.csv says: {','.join(row)} "
        "(MATCHBOARD_WRITE_STATEMENTS=1 writes it)"
    )


def test_snapshot_names_each_list_page_once() -> None:
    listed = {(role.value, path) for role, path in PAGES}
    assert set(_snapshot()) == listed, (
        "a list page has its (Role.…, path) in PAGES of tests/contract/test_statements.py; its row "
        "in statements.csv is written by MATCHBOARD_WRITE_STATEMENTS=1"
    )


def _snapshot() -> dict[tuple[str, str], tuple[str, str]]:
    if not SNAPSHOT.exists():
        return {}
    with SNAPSHOT.open(encoding="utf-8", newline="") as handle:
        rows = [tuple(row[field] for field in FIELDS) for row in csv.DictReader(handle)]
    return {(role, path): (n, tables) for role, path, n, tables in rows}


def _write(row: tuple[str, str, str, str]) -> None:
    kept = {**_snapshot(), (row[0], row[1]): (row[2], row[3])}
    with SNAPSHOT.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(FIELDS)
        writer.writerows([*key, *value] for key, value in sorted(kept.items()))
