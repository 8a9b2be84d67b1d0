"""Who may use which address: `access.csv` is the register, compared with the site both ways."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from matchboard.domain.roles import ACCOUNT_ROLES, Role, is_granted
from matchboard.web.guard import permission_of
from tests.client import Page, QualityClient
from tests.factories import UserFactory

REGISTER = Path(__file__).with_name("access.csv")
ROLES = (Role.VISITOR, *ACCOUNT_ROLES)
COLUMNS = ["endpoint", "method", "permission", *(role.value for role in ROLES)]
#: Ids nobody has: whoever is let in is told 404.
MADE_UP = {"int": 999_999, "default": "zzzzzzzz", "path": "nothing.css", "string": "zzzzzzzz"}


@dataclass(frozen=True)
class Row:
    """One line of the register."""

    endpoint: str
    method: str
    permission: str
    cells: dict[str, str]

    @property
    def key(self) -> tuple[str, str]:
        return self.endpoint, self.method


def read_register() -> list[Row]:
    with REGISTER.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return [
            Row(r["endpoint"], r["method"], r["permission"], {x.value: r[x.value] for x in ROLES})
            for r in reader
        ]


def rules_of(app: Flask) -> dict[tuple[str, str], Rule]:
    return {
        (rule.endpoint, method): rule
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def row_for(app: Flask, endpoint: str, method: str) -> str:
    """Return the line the register would have if the grants of its permission are meant."""
    permission = permission_of(app, endpoint)
    if permission is None:
        return f"{endpoint},{method}: give its view @requires(Permission.…) first"
    cells = ["yes" if is_granted(role, permission) else "no" for role in ROLES]
    return ",".join([endpoint, method, permission.value, *cells])


def address_of(app: Flask, rule: Rule) -> str:
    """Return an address of the rule with ids nobody has."""
    values = {name: MADE_UP.get(_kind(rule, name), MADE_UP["default"]) for name in rule.arguments}
    with app.test_request_context():
        return url_for(rule.endpoint, **values, **(rule.defaults or {}))


def _kind(rule: Rule, name: str) -> str:
    converter = type(rule._converters[name]).__name__
    return {"IntegerConverter": "int", "PathConverter": "path"}.get(converter, "default")


def refused(page: Page, role: Role) -> bool:
    """Return whether the guard turned the person away."""
    if role is Role.VISITOR:
        return page.status in {302, 303} and page.location.startswith("/login")
    return page.status == 403


@pytest.mark.usefixtures("on_one_database")
def test_register_names_each_endpoint_and_method_when_compared_with_the_site(app: Flask) -> None:
    rows = Counter(row.key for row in read_register())
    site = set(rules_of(app))
    told = {
        "add to tests/contract/access.csv, once each yes is meant": [
            row_for(app, *key) for key in sorted(site - set(rows))
        ],
        "take out of tests/contract/access.csv, the site has none": sorted(set(rows) - site),
        "twice in tests/contract/access.csv": sorted(key for key, n in rows.items() if n > 1),
    }
    assert not any(told.values()), "".join(
        f"\n{what}:" + "".join(f"\n  {line}" for line in lines)
        for what, lines in told.items()
        if lines
    )


@pytest.mark.usefixtures("on_one_database")
def test_register_names_the_permission_of_each_endpoint_when_compared(app: Flask) -> None:
    site = set(rules_of(app))
    wrong = {}
    for row in read_register():
        if row.key in site:
            permission = permission_of(app, row.endpoint)
            if permission is None or permission.value != row.permission:
                wrong[row.endpoint] = (row.permission, permission)
    assert wrong == {}


def test_register_answers_yes_or_no_when_read() -> None:
    bad = [
        (r.key, role)
        for r in read_register()
        for role in ROLES
        if r.cells[role.value] not in {"yes", "no"}
    ]
    assert bad == []


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", ROLES, ids=[r.value for r in ROLES])
def test_access_follows_the_register_when_each_address_is_tried(
    app: Flask, client: QualityClient, role: Role
) -> None:
    rules = rules_of(app)
    user = None if role is Role.VISITOR else UserFactory(role=role)
    wrong = []
    for row in read_register():
        rule = rules.get(row.key)
        if rule is None:
            continue  # named by the comparison above
        if user is not None:
            client.sign_in(user)  # anew: signing out is among the addresses
        address = address_of(app, rule)
        data = None if row.method == "GET" else {"csrf_token": client.csrf_token()}
        page = client.request(row.method, address, data=data, judge_markup=False)
        is_allowed = row.cells[role.value] == "yes"
        if refused(page, role) is is_allowed or page.status >= 500:
            wrong.append(f"{row.method} {address}: {page.status}, register says {is_allowed}")
    assert wrong == []


@pytest.mark.usefixtures("on_one_database")
def test_access_is_refused_when_a_post_has_no_token(client: QualityClient) -> None:
    assert client.post("/language", {"language": "en"}, csrf=False).status == 400
    assert client.post("/language", {"language": "en"}).status == 303
