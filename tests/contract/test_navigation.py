"""Every entry of the navigation leads somewhere its role may go."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.roles import is_granted
from matchboard.web import guard
from matchboard.web.navigation import ENTRIES, PUBLIC_ENTRIES

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
