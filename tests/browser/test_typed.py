"""Half a form, not sent: it outlives the language switch, a reload, "back" and a detour."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.visitor import Screen

ZH = Screen("zh", 1280)
WORDS = "两班倒，夜班另有补贴"
NOTED = "sessionStorage.getItem('matchboard.typed')"


def test_half_a_form_is_still_there_whatever_happens_until_signing_out(
    site: Site, visit: Visit
) -> None:
    employer = visit(ZH)
    page = employer.page
    employer.sign_in(site.people.employer)
    employer.go("/partner/vacancies/new")
    title, duties = page.locator("#title"), page.locator("#duties")
    title.fill("包装工")
    page.locator("[name=headcount]").fill("３")
    duties.fill(WORDS)

    page.locator(".language-switch button").click()  # one step: nothing else was saved before
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(duties).to_have_value(WORDS)
    expect(title).to_have_value("包装工")
    expect(page.locator("[name=headcount]")).to_have_value("３")

    duties.fill(WORDS + "。")
    employer.go("/partner/vacancies")
    employer.go("/partner/vacancies/new")  # opened anew: it may be another opening by now
    page.locator("#messages [data-take]").click()
    expect(duties).to_have_value(WORDS + "。")
    expect(title).to_have_value("包装工")
    page.reload()
    expect(duties).to_have_value(WORDS + "。")
    page.wait_for_url(re.compile("draft="))
    duties.fill(WORDS + "！")  # on a page that was filled in: the younger words count
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(duties).to_have_value(WORDS + "！")
    duties.fill(WORDS + "。")
    employer.go("/partner/profile")
    page.go_back()
    page.wait_for_load_state("networkidle")
    expect(duties).to_have_value(WORDS + "。")
    expect(page.locator("[name=headcount]")).to_have_value("３")
    page.locator("[data-forget]").click()
    page.wait_for_url(re.compile("/new$"))
    page.wait_for_load_state("networkidle")
    expect(duties).to_have_value("")
    duties.fill(WORDS)

    page.locator(".account-menu summary").click()
    page.locator("form[action='/logout'] button").first.click()
    page.wait_for_url(re.compile("/login"))
    assert page.evaluate(NOTED) is None
    page.locator(".language-switch button").click()
    employer.sign_in(site.people.employer)
    employer.go("/partner/vacancies/new")
    page.wait_for_load_state("networkidle")
    expect(duties).to_have_value("")


def test_form_of_a_new_record_offers_what_was_begun_when_opened_anew(
    site: Site, visit: Visit
) -> None:
    """The phone of one person does not slip into the record of the next."""
    officer = visit(ZH)
    page = officer.page
    officer.sign_in(site.people.officer)
    phone, offer = page.locator("#phone"), page.locator("#messages [data-take]")
    begun, new = "13800001234", "/clients/new"
    officer.go(new)
    phone.fill(begun)
    officer.go("/clients")
    for _ in range(2):  # what was offered and not taken is offered again after a reload, too
        officer.go(new)
        expect(offer).to_be_visible()
        expect(phone).to_have_value("")
        page.reload()
        page.wait_for_load_state("networkidle")
        expect(offer).to_be_visible()
        expect(phone).to_have_value("")
    officer.inspect()
    page.locator(".language-switch button").click()  # takes along nothing that was not taken
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(offer).to_be_visible()
    expect(phone).to_have_value("")
    offer.click()
    expect(phone).to_have_value(begun)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(phone).to_have_value(begun)
    officer.go("/clients")
    officer.go(new)
    page.locator("#messages [data-drop]").click()
    expect(offer).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(phone).to_have_value("")
    assert page.evaluate(NOTED) is None


def test_nothing_is_noted_in_the_tab_of_offence_facts_and_passwords(
    site: Site, visit: Visit
) -> None:
    officer = visit(ZH)
    page = officer.page
    officer.sign_in(site.people.officer)
    officer.go(f"/clients/{site.people.person.pid}/restricted")
    page.locator("#note").fill("不该留下的话")
    officer.go("/account/password")
    page.locator("#old_password").fill("不该留下的密码")
    officer.go("/account")
    assert page.evaluate(NOTED) is None
    # The twin: an ordinary form is noted.
    officer.go(f"/clients/{site.people.person.pid}/profile/residence")
    page.locator("[name=residence_address]").fill("东门路捌号")
    officer.go("/account")
    assert "东门路捌号" in page.evaluate(NOTED)
