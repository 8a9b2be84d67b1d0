"""Every kind of page fits its screen and is open to everybody: axe, width, console, policy.

The pages of the journeys are looked at on the way, in their own tests.
"""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.browser.conftest import Site, Visit
from tests.browser.visitor import DESK_ZH, PHONE_EN, Screen

#: Who (an account of the district; nobody signed in) → the addresses they look at.
PAGES: dict[str, tuple[str, ...]] = {
    "nobody": (
        "/",
        "/login",
        "/jobs",
        "/jobs/{opening}",
        "/courses",
        "/courses/{course}",
        "/jobs?q=%E6%B2%A1%E6%9C%89",
        "/styleguide",
    ),
    "officer": (
        "/today",
        "/clients",
        "/clients/new",
        "/clients/{person}",
        "/clients/{newcomer}",
        "/clients/{person}/profile",
        "/clients/{person}/profile/skills",
        "/clients/{person}/profile/preferences",
        "/clients/{person}/matches",
        "/clients/{person}/matches/compare?v={opening}&v={other}",
        "/clients/{person}/propose/{opening}",
        "/clients/{person}/placements",
        "/clients/{person}/settle",
        "/clients/{person}/training",
        "/clients/{person}/restricted",
        "/clients/{person}/link",
        "/covers",
        "/covers/new",
        "/placements",
        "/placements?view=table",
        "/vacancies",
        "/vacancies/new",
        "/vacancies/{opening}",
        "/vacancies/{opening}/edit",
        "/vacancies/{opening}/candidates",
        "/partners",
        "/partners/{partner}",
        "/search?q=an",
        "/account",
        "/account/password",
    ),
    "employer": (
        "/partner",
        "/partner/referrals",
        "/partner/vacancies",
        "/partner/vacancies/{opening}",
        "/partner/vacancies/{opening}/edit",
        "/partner/profile",
    ),
    "coordinator": (
        "/training",
        "/training/courses",
        "/training/courses/new",
        "/training/courses/{course}",
        "/training/courses/{course}/edit",
        "/training/courses/{course}/sessions/new",
        "/training/sessions/{session}",
        "/training/sessions/{session}/edit",
        "/training/enrolments",
    ),
    "district": (
        "/dashboard",
        "/dashboard/ranking",
        "/today",
        "/clients",
        "/placements",
        "/partners/new",
        "/partners/{partner}/edit",
        "/policies",
        "/policies/new",
        "/handovers/{office}/{account}",
    ),
    "system_admin": (
        "/admin/accounts",
        "/admin/accounts/new",
        "/admin/accounts/{account}",
        "/admin/units",
        "/admin/units/new",
    ),
    "security_admin": ("/admin/settings", "/admin/confirmations"),
    "audit_admin": ("/admin/audit",),
}

#: Pages the journeys look at, in the state they have there.
ON_THE_WAY = {
    "client_training.recommend",
    "installation.done",
    "installation.set_up",
    "own_page.show",
    "partner.show_referral",
    "partner_vacancies.new",
    "placements.check",
    "placements.consent_form",
    "placements.letter",
    "placements.show",
}
#: What a GET fetches that is no page of its own: files, parts of pages, answers to machines.
NO_PAGES = {
    "admin.export_log",
    "admin.home",  # leads on to the page of the role
    "clients.export",
    "jobs.feed",
    "jobs.robots",
    "jobs.sitemap",
    "lookup.divisions",
    "lookup.occupations",
    "lookup.occupations_of_opening",
    "lookup.skills",
    "public.healthz",
    "public.readyz",
    "static",
    "styleguide.example_list",
    "styleguide.task",
    "tasks.show",  # its one component stands on the style guide
    "trainees.show_enrolment",  # leads on to the roster
}

#: Addresses that lead nowhere, and what they say.
REFUSALS = {
    "/nowhere": "没有找到",
    "/jobs/22222222": "没有找到",
    "/me/nobody-has-this-link": "这个链接已经停用",
}


@pytest.mark.parametrize("screen", [DESK_ZH, PHONE_EN], ids=str)
@pytest.mark.parametrize("who", PAGES)
def test_pages_are_in_order_whoever_opens_them(
    who: str, site: Site, screen: Screen, visit: Visit
) -> None:
    people = site.people
    visitor = visit(screen)
    if who != "nobody":
        visitor.sign_in(getattr(people, who))
    for path in PAGES[who]:
        visitor.go(
            path.format(
                person=people.person.pid,
                newcomer=people.newcomer.pid,
                opening=people.sewing.pid,
                other=people.cooking.pid,
                partner=people.partner.pid,
                course=people.course.pid,
                session=people.session.pid,
                account=people.officer_pid,
                office=people.office_pid,
            )
        )
        visitor.inspect()


@pytest.mark.usefixtures("on_one_database")
def test_every_kind_of_page_is_looked_at_by_somebody(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    paths = {re.sub(r"\{\w+\}", "2" * 8, path) for tried in PAGES.values() for path in tried}
    looked_at = {addresses.match(path.split("?")[0])[0] for path in paths}
    fetched = {r.endpoint for r in app.url_map.iter_rules() if "GET" in (r.methods or ())}
    assert looked_at | ON_THE_WAY == fetched - NO_PAGES


@pytest.mark.parametrize("screen", [DESK_ZH, PHONE_EN], ids=str)
def test_refusals_say_what_to_do_when_a_page_is_missing_or_not_theirs(
    site: Site, screen: Screen, visit: Visit
) -> None:
    visitor = visit(screen)
    visitor.expected_statuses |= {403, 404}
    for path, words in REFUSALS.items():
        visitor.go(path)
        visitor.reads(words)
        visitor.inspect()
    visitor.sign_in(site.people.officer)
    visitor.go("/dashboard")
    visitor.reads("您不能打开这一页")
    visitor.inspect()
