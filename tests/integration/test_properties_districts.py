"""What another district has or does changes no page of this one.

Every GET page of `access.csv` is opened by each kind of user, so that a new page is among them.
"""

from __future__ import annotations

import pytest
from flask import Flask

from matchboard.domain.roles import Role
from matchboard.services import personal_links
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.contract.test_access import read_register
from tests.integration.whole_district import (
    BOUND,
    ROLES,
    addresses_of,
    fill,
    make_market,
    make_task,
    read_pages,
)
from tests.integration.whole_rows import assert_lines
from tests.sql import watch_order


@pytest.mark.usefixtures("on_one_database")
def test_every_page_stays_the_same_when_another_district_has_everything_too(
    app: Flask, client: QualityClient, clock: Clock
) -> None:
    district, other = factories.DistrictFactory(), factories.DistrictFactory()
    office = factories.OfficeFactory(parent=district)
    market, other_market = make_market(district, clock), make_market(other, clock)
    made = fill(office, market, clock)
    units = {
        Role.DISTRICT: district,
        Role.ENTERPRISE: market.partner.unit,
        Role.COORDINATOR: market.provider,
    }
    browsers, addresses, before = {}, {}, {}
    orders: set[str] = set()
    unordered: set[str] = set()
    _, token = personal_links.create_link(
        made["started"].client, actor=made["lead"].actor, now=clock.now
    )
    for role in ROLES:
        browsers[role] = client.another()
        if role is not Role.VISITOR:
            user = made["lead"] if role is Role.OFFICER else None
            user = user or factories.UserFactory(role=role, unit=units[role])
            made["task"] = make_task(user, clock)
            browsers[role].sign_in(user)
        addresses[role] = addresses_of(app, role, made, market, token)
        if role is not Role.VISITOR:  # the same pages of everybody are the visitor's
            shared = {r.endpoint for r in read_register() if r.cells["visitor"] == "yes"}
            addresses[role] = {p: e for p, e in addresses[role].items() if e not in shared}
        with watch_order() as (of_role, without):
            before[role] = read_pages(browsers[role], addresses[role])
        orders |= of_role
        unordered |= without
    assert sorted(unordered) == [], "lists whose order is left to the database"
    assert_lines("lists of every page, in which order they are asked for", sorted(orders))
    refused = {
        f"{role} {addresses[role].get(path)} {path}: {text[:3]}"
        for role, pages in before.items()
        for path, text in pages.items()
        if path in addresses[role] and text[0] not in "23"
    }
    assert refused == set(), "\n".join(sorted(refused))
    fill(factories.OfficeFactory(parent=other), other_market, clock)
    changed: dict[str, list[str]] = {}
    for role in BOUND:
        after = read_pages(browsers[role], addresses[role])
        changed[role.value] = [p for p, text in after.items() if text != before[role][p]]
    fill(factories.OfficeFactory(parent=other), market, clock)
    for role in (r for r in ROLES if r not in BOUND):
        after = read_pages(browsers[role], addresses[role])
        changed[role.value] = [p for p, text in after.items() if text != before[role][p]]
    assert changed == {role.value: [] for role in ROLES}
    # And what this district gets is seen by those who may.
    fill(office, market, clock)
    for role, paths in {
        Role.OFFICER: ("/today", "/clients", "/placements", "/placements?view=table", "export"),
        Role.DISTRICT: ("/dashboard", "/clients?training=enrolled", "/search?q=示例"),
        Role.ENTERPRISE: ("/partner", "/partner/referrals"),
        Role.COORDINATOR: ("/training", "/training/enrolments"),
    }.items():
        chosen = {p: e for p, e in addresses[role].items() if p in paths}
        if "export" in paths:
            chosen["/clients/export.xlsx"] = "clients.export"
        after = read_pages(browsers[role], chosen)
        assert [p for p in paths if after[p] == before[role][p]] == []
