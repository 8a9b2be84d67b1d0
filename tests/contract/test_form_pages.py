"""No form's address is a dead end: asked for as a page, it leads to the page its form stands on."""

from __future__ import annotations

import pytest
from flask import Flask

from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.web.addresses import page_endpoint
from tests.client import QualityClient
from tests.contract.test_access import address_of, read_register, rules_of
from tests.factories import UserFactory

#: Forms sent to an address that is no page → the page they stand on (or that leads to it).
PAGES = {
    "account.choose_language": "public.home",
    "admin.confirm_account": "admin.list_confirmations",
    "admin.disable_account": "admin.show_account",
    "admin.enable_account": "admin.show_account",
    "admin.name_head": "admin.show_account",
    "admin.remove_head": "admin.show_account",
    "admin.reset_password": "admin.show_account",
    "admin.unlock_account": "admin.show_account",
    "admin.verify_log": "admin.show_log",
    "client_training.decline": "client_training.show",
    "client_training.withdraw_consent": "client_training.show",
    "clients.check_identity": "clients.new",
    "clients.revoke_link": "clients.link",
    "covers.end": "covers.index",
    "own_page.act": "own_page.show",
    "own_page.request_correction": "own_page.show",
    "own_page.withdraw_course": "own_page.show",
    "partner.answer": "partner.show_referral",
    "partner.request_contact": "partner.show_referral",
    "partner_vacancies.step": "partner_vacancies.show",
    "partners.step": "partners.show",
    "placements.remind": "placements.index",
    "placements.step": "placements.show",
    "placements.widen_consent": "placements.show",
    "placements.withdraw_consent": "placements.show",
    "ranking.promote": "ranking.overview",
    "ranking.rollback": "ranking.overview",
    "ranking.train": "ranking.overview",
    "restricted.save": "restricted.closed",
    "security.logout": "account.own",
    "tasks.again": "tasks.show",
    "today.settle_correction": "today.index",
    "trainees.complete_marked": "trainees.show_session",
    "trainees.enrol_walk_in": "trainees.show_session",
    "trainees.move": "trainees.show_enrolment",
    "trainees.take_step": "trainees.show_enrolment",
    "training.cancel_session": "trainees.show_session",
    "training.publish_course": "training.show_course",
    "training.unpublish_course": "training.show_course",
    "vacancies.occupation": "vacancies.show",
    "vacancies.step": "vacancies.show",
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", [Role.VISITOR, *ACCOUNT_ROLES])
def test_form_address_leads_to_its_page_when_asked_for_as_a_page(
    app: Flask, client: QualityClient, role: Role
) -> None:
    if role is not Role.VISITOR:
        client.sign_in(UserFactory(role=role))
    rules = rules_of(app)
    pages = {rule.rule: endpoint for (endpoint, method), rule in rules.items() if method == "GET"}
    found, wrong = {}, []
    for row in read_register():
        rule = rules[row.key]
        if row.method != "POST" or rule.rule in pages:
            continue
        address = address_of(app, rule)
        answer = client.request("GET", address, judge_markup=False)
        with app.test_request_context():
            found[row.endpoint] = page_endpoint(answer.location) if answer.status == 303 else None
        shown = client.request("GET", answer.location, judge_markup=False)
        if shown.status == 405 or shown.status >= 500:
            wrong.append(f"{address} → {answer.location}: {shown.status}")
    assert found == PAGES
    assert wrong == []


@pytest.mark.usefixtures("on_one_database")
def test_other_methods_are_refused_when_an_address_does_not_take_them(
    client: QualityClient,
) -> None:
    for method, address in (("DELETE", "/language"), ("POST", "/jobs"), ("PUT", "/login")):
        answer = client.request(method, address, data={"csrf_token": client.csrf_token()})
        assert (answer.status, "Allow" in answer.headers) == (405, True), address
