"""From the proposal to the check thirty days into the job."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.district import BORN
from tests.browser.visitor import SCREENS, Screen, Visitor


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_person_is_placed_and_checked_on_when_all_agree(
    site: Site, screen: Screen, visit: Visit
) -> None:
    officer, person, employer = visit(screen), visit(screen), visit(screen)
    placement = propose_from_the_matches(officer, site)
    open_personal_link(officer, person, site)
    consent_to_the_card(person, site)
    send(officer, placement, site)
    referral = ask_for_contact(employer, site)
    agree_to_contact(person)
    invite(employer, referral, site)
    site.clock.move(days=1)
    offer_and_start(employer, referral, site)
    site.clock.move(days=30)
    record_the_check(officer, site)


def propose_from_the_matches(officer: Visitor, site: Site) -> str:
    """Find the person, read the reasons, propose; return the placement's address."""
    people = site.people
    officer.sign_in(people.officer)
    officer.inspect()
    officer.navigate("帮教对象")
    officer.sees(officer.count("共 %(num)s 条", 3))
    officer.inspect()
    officer.fill("搜索", "amy")
    if not officer.screen.has_scripts:
        officer.press("筛选")
    officer.sees(officer.count("共 %(num)s 条", 1))
    officer.open(officer.page.get_by_role("link", name=people.person.name, exact=True))
    officer.inspect()
    officer.follow("匹配岗位")

    card = officer.card(people.sewing.title)
    reasons = card.get_by_role("list", name=officer.say("理由"), exact=True)
    expect(reasons.get_by_role("img", name=officer.say("有利：").strip()).first).to_be_visible()
    barred = officer.unfold("法律规定不能从事的岗位")
    officer.sees(people.barred.title, barred)
    officer.sees("警察法", barred)
    expect(officer.card(people.barred.title)).to_have_count(0)
    officer.inspect()

    officer.press("推荐", card)
    expect(officer.page).to_have_url(re.compile(r"/placements/\w+$"))
    officer.reads("待本人同意")
    officer.inspect()
    return officer.page.url


def open_personal_link(officer: Visitor, person: Visitor, site: Site) -> None:
    """The officer makes a link, the person opens it without an account."""
    officer.go(f"/clients/{site.people.person.pid}")
    officer.follow("办理专属链接")
    officer.inspect()
    officer.press("办理专属链接")
    address = officer.page.get_by_role("figure").get_by_role("code").inner_text()
    assert address.startswith(f"{site.address}/me/")
    officer.inspect()
    person.go(address)


def consent_to_the_card(person: Visitor, site: Site) -> None:
    """The person agrees, first with a wrong birth date, to the card without a name."""
    person.expected_statuses.add(422)
    job = person.card(site.people.sewing.title)
    person.inspect()
    person.choose("只让企业看我的技能和意向，不给姓名电话", job)
    person.fill("您的出生日期", "1985-05-21", job)
    person.press("同意推荐", job)
    person.reads("还没有记下")
    person.inspect()
    expect(job.get_by_role("radio").first).to_be_checked()
    person.fill("您的出生日期", BORN, job)
    person.press("同意推荐", job)
    person.reads("已经记下，谢谢您。")


def send(officer: Visitor, placement: str, site: Site) -> None:
    """The officer sees what the person decided and sends the card."""
    officer.go(placement)
    officer.reads("匿名推荐卡")
    look_at(officer, f"{placement}/consent-form", back_to=placement)
    step = officer.unfold("送达企业")
    officer.press("送达企业", step)
    officer.reads("已送企业")
    officer.inspect()
    look_at(officer, f"{placement}/letter", back_to=placement)


def look_at(officer: Visitor, paper: str, *, back_to: str) -> None:
    """Open a paper to print, and return."""
    officer.go(paper)
    officer.inspect()
    officer.go(back_to)


def ask_for_contact(employer: Visitor, site: Site) -> str:
    """The employer sees the code name alone and asks for more; return the referral's address."""
    person = site.people.person
    employer.sign_in(site.people.employer)
    called = employer.page.locator(".inbox-who").first.inner_text().strip()
    assert re.fullmatch(r"(求职者|Jobseeker) [A-Z]{4}", called)
    employer.inspect()
    employer.misses(person.name)
    employer.open(employer.page.get_by_role("link").filter(has_text=called))
    employer.sees(called)
    employer.inspect()
    employer.misses(person.name)
    employer.misses(person.phone)
    employer.press("想约面试，请求联系方式")
    employer.reads("已经请求，司法所正在征求本人意见。")
    return employer.page.url


def agree_to_contact(person: Visitor) -> None:
    """The person lets the employer see name and phone."""
    person.page.reload()
    step = person.unfold("同意把姓名和电话给企业")
    person.inspect()
    person.fill("您的出生日期", BORN, step)
    person.press("同意把姓名和电话给企业", step)
    person.reads("已经记下，谢谢您。")


def invite(employer: Visitor, referral: str, site: Site) -> None:
    """The employer now sees who it is, and invites."""
    employer.go(referral)
    employer.sees(site.people.person.name)
    employer.sees(site.people.person.phone)
    step = employer.unfold("约面试")
    employer.fill("面试日期", f"{site.clock.today + timedelta(days=1)}", step)
    employer.fill("几点", "09:30", step)
    employer.fill("地点", "示范路2号", step)
    employer.inspect()
    employer.press("约面试", step)
    employer.reads("已约面试")
    employer.inspect()


def offer_and_start(employer: Visitor, referral: str, site: Site) -> None:
    """The employer offers the job and says that the person has started."""
    employer.sign_in(site.people.employer)
    employer.go(referral)
    step = employer.unfold("拟录用")
    employer.fill("哪天上岗", f"{site.clock.today}", step)
    employer.press("拟录用", step)
    step = employer.unfold("确认上岗")
    expect(employer.field("哪天上岗的", step)).to_have_value(f"{site.clock.today}")
    employer.inspect()
    employer.press("确认上岗", step)
    employer.reads("在岗")
    employer.inspect()


def record_the_check(officer: Visitor, site: Site) -> None:
    """Thirty days on the officer finds the check among today's duties and records it."""
    name = site.people.person.name
    officer.sign_in(site.people.officer)
    expect(officer.page).to_have_url(re.compile("/today$"))
    duty = officer.page.get_by_role("listitem").filter(has_text=name)
    duty = duty.filter(has_text=officer.say("第 %(day)s 天回访", day=30))
    officer.inspect()
    officer.follow("登记回访", duty)
    officer.inspect()
    still = officer.page.get_by_role("group", name=re.compile(re.escape(officer.say("还在岗吗"))))
    officer.choose("在岗", still)
    officer.fill("本人的话", "师傅肯教，干得顺手。")
    officer.press("登记回访")
    officer.reads("已回访 %(day)s", day=site.clock.today)
    officer.inspect()
    officer.go(f"/clients/{site.people.person.pid}")
    officer.reads("第 %(day)s 天回访：仍在岗", day=30)
    officer.inspect()
