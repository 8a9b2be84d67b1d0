"""Every entry of the navigation leads somewhere its role may go."""

from __future__ import annotations

from typing import Any

import pytest
from flask import g

from matchboard.domain.roles import Actor, Role, is_granted
from matchboard.web import guard
from matchboard.web.navigation import ENTRIES, PUBLIC_ENTRIES, side_entries

ALL = [(role, entry) for role, entries in ENTRIES.items() for entry in entries]


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("role", "entry"), ALL, ids=[f"{role.value}-{entry.key}" for role, entry in ALL]
)
def test_entry_leads_to_a_page_of_its_role(app: Any, role: Any, entry: Any) -> None:
    endpoint, _ = app.url_map.bind("").match(entry.path)
    permission = guard.permission_of(app, endpoint)
    assert permission is not None
    assert permission is entry.permission  # or it would be hidden from those who may go there
    assert is_granted(role, permission)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("entry", PUBLIC_ENTRIES, ids=[e.key for e in PUBLIC_ENTRIES])
def test_public_entry_leads_to_a_public_page(client: Any, entry: Any) -> None:
    client.get_page(entry.path)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("role", "path", "key"),
    [
        (Role.COORDINATOR, "/training", "training"),
        (Role.COORDINATOR, "/training/courses/new", "own-courses"),
        (Role.COORDINATOR, "/training/sessions/bcdfghjk", "own-courses"),
        (Role.COORDINATOR, "/training/enrolments", "enrolments"),
        (Role.DISTRICT, "/training/sessions/bcdfghjk", "training"),
        (Role.OFFICER, "/clients/bcdfghjk/profile", "clients"),
        (Role.OFFICER, "/clientsandmore", None),
        (Role.OFFICER, "/account", None),
    ],
)
def test_page_is_marked_at_the_entry_it_belongs_to(
    app: Any, role: Role, path: str, key: str | None
) -> None:
    with app.test_request_context(path):
        g.actor = Actor(role=role)
        marked = [entry.key for entry in side_entries(is_counted=False) if entry.is_current]
    assert marked == ([] if key is None else [key])
