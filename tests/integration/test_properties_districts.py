"""What another district has or does changes no page of this one.

Every GET page of `access.csv` is opened by each kind of user, so that a new page is among them.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.services import personal_links
from tests import factories, registers
from tests.client import QualityClient
from tests.conftest import Clock
from tests.contract.test_access import read_register
from tests.integration import outlines
from tests.integration.whole_district import (
    BOUND,
    ROLES,
    Market,
    addresses_of,
    fill,
    make_market,
    make_task,
    read_pages,
)
from tests.sql import watch_order

#: States in which the employer answers, or has answered.
AT_THE_EMPLOYER = (PlacementState.SENT, PlacementState.INTERVIEW, PlacementState.OFFERED)


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
    everybody = {**browsers, **_administrators(client)}
    _hold_outlines(before, addresses, everybody, made, market, sorted(orders))
    assert sorted(unordered) == [], "lists whose order is left to the database"
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


#: The administrators' pages; the log itself tells of every row, and has its own tests.
OF_ADMINISTRATORS = {
    Role.SYSTEM_ADMIN: (
        "/admin/accounts",
        "/admin/accounts/new",
        "/admin/units",
        "/admin/units/new",
    ),
    Role.SECURITY_ADMIN: ("/admin/confirmations", "/admin/settings"),
}


def _administrators(client: QualityClient) -> dict[Role, QualityClient]:
    found = {role: client.another() for role in OF_ADMINISTRATORS}
    for role, browser in found.items():
        browser.sign_in(role)
    return found


def _hold_outlines(
    before: dict[Role, dict[str, str]],
    addresses: dict[Role, dict[str, str]],
    browsers: dict[Role, QualityClient],
    made: dict[str, Any],
    market: Market,
    orders: list[str],
) -> None:
    """Compare what everybody was shown, and in which order, with the register, line by line."""
    pages = [
        (role.value[0], path, "", text)
        for role, shown in before.items()
        for path, text in shown.items()
        if path in addresses[role] and "<html" in text[:200]
    ]
    #: Records by state: which page of them whom it is shown.
    by_state = [
        *((Role.OFFICER, f"/placements/{made[s].pid}", s) for s in PlacementState),
        *((Role.ENTERPRISE, f"/partner/referrals/{made[s].pid}", s) for s in AT_THE_EMPLOYER),
        *((Role.DISTRICT, f"/vacancies/{one.pid}", one.state) for one in market.openings),
        *((Role.OFFICER, f"/vacancies/{one.pid}", one.state) for one in market.openings),
        *((Role.ENTERPRISE, f"/partner/vacancies/{one.pid}", one.state) for one in market.openings),
        *((r, path, "administrator") for r, paths in OF_ADMINISTRATORS.items() for path in paths),
    ]
    for role, path, state in by_state:
        page = browsers[role].request("GET", path, judge_markup=False)
        pages.append((role.value[0], path, str(state), f"{page.status} {page.text}"))
    found = {**outlines.merged(pages), "lists, and in which order they are asked for": orders}
    registers.hold_parts("pages", list(found))
    registers.hold("pages", found)
