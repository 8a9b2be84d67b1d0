"""From the employer's form over the district's review to the public board, and off it again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.visitor import SCREENS, Screen, Visitor

TITLE = "包装工"
#: The occupation that title means, and a title that may mean several.
OCCUPATION, OPEN_TITLE = "包装工", "前台"
#: A skill's name in the reference data.
SKILL = {"zh": "平缝机操作", "en": "Lockstitch sewing machine operation"}


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_opening_reaches_the_board_and_leaves_it_when_approved_and_paused(
    site: Site, screen: Screen, visit: Visit
) -> None:
    employer, district, anyone = visit(screen), visit(screen), visit(screen)
    opening = post(employer, site)
    search_board(anyone, n=0)
    approve(district, site)
    search_board(anyone, n=1)
    narrow_the_board(anyone)
    read_the_opening(anyone)
    pause(employer, opening)
    search_board(anyone, n=0)


def post(employer: Visitor, site: Site) -> str:
    """Write an opening, first without what the law asks for; return its address."""
    employer.expected_statuses.add(422)
    employer.sign_in(site.people.employer)
    employer.follow("发布岗位")
    employer.inspect()
    choose_an_occupation(employer)
    employer.fill("招聘人数", "2")
    employer.fill("做什么活", "把衬衫叠好、装袋、封箱。")
    employer.fill("什么条件", "不限")
    go_on(employer)
    employer.field("用工形式").select_option(label=employer.say("全日制"))
    go_on(employer)
    employer.fill("最低月薪", "4300")
    employer.fill("最高月薪", "5100")
    employer.fill("合同签几个月", "12")
    go_on(employer)
    name_a_skill(employer)
    employer.inspect()
    employer.press("送审")
    employer.reads("还不能保存，请改正下面的内容。您填写的内容都在。")
    employer.inspect()
    # What is wrong is in sight; the other steps have kept what was typed.
    employer.field("承诺不收押金、不扣身份证等证件").check()
    expect(employer.field("最低月薪")).to_have_value("4300")
    go_on(employer)
    employer.press("送审")
    employer.reads("审核中")
    employer.sees(SKILL[employer.screen.language])
    facts = employer.page.locator(".facts")
    employer.sees(OCCUPATION, facts)
    employer.inspect()
    return employer.page.url


def choose_an_occupation(employer: Visitor) -> None:
    """Let the title suggest the occupation: while typing, or with a button where no script runs."""
    offers = employer.page.locator("#occupation-offers")
    employer.fill("岗位名称", OPEN_TITLE)
    if not employer.screen.has_scripts:
        employer.press("按名称查找职业")
    employer.reads("按岗位名称，可能是：", offers)
    expect(offers.get_by_role("radio", checked=True)).to_have_count(0)
    employer.fill("岗位名称", TITLE)
    if not employer.screen.has_scripts:
        employer.press("按名称查找职业")
    employer.reads("按名称推测，请核对", offers)
    employer.inspect()
    offers.get_by_role("radio", name=OCCUPATION).first.check()
    if employer.screen.has_scripts:
        chosen = employer.page.locator(".ts-control").first
        expect(chosen).to_contain_text(OCCUPATION)


def go_on(employer: Visitor) -> None:
    """Go to the next step of the form; without scripts they are all on one page."""
    if employer.screen.has_scripts:
        employer.press("下一步")


def name_a_skill(employer: Visitor) -> None:
    """Name a skill that helps: from the suggestions, or typed where no script offers them."""
    group = employer.page.get_by_role("group", name=employer.say("会更好的技能"), exact=True)
    box = group.get_by_role("textbox").or_(group.get_by_role("combobox")).first
    skill = SKILL[employer.screen.language]
    box.fill(skill)
    if employer.screen.has_scripts:
        employer.page.get_by_role("option", name=skill).first.click()
        expect(group.get_by_text(skill)).to_be_visible()


def approve(district: Visitor, site: Site) -> None:
    """The district finds what waits for review, and publishes it."""
    district.sign_in(site.people.district)
    district.navigate("岗位")
    district.inspect()
    waiting = district.count("待审核 %(num)s 个", 1)
    district.open(district.page.get_by_role("link", name=waiting, exact=True))
    district.open(district.page.get_by_role("link", name=TITLE, exact=True))
    district.inspect()
    district.press("通过并发布")
    district.reads("已完成：%(step)s", step=district.say("审核通过，发布"))
    district.reads("招聘中")


def search_board(anyone: Visitor, *, n: int) -> None:
    """A visitor looks for the opening on the board."""
    anyone.go("/jobs")
    anyone.sees(anyone.count("共 %(num)s 条", 3 + n))
    anyone.fill("搜索", "包装")
    if not anyone.screen.has_scripts:
        anyone.press("筛选")
    anyone.sees(anyone.count("共 %(num)s 条", n))
    expect(anyone.page.get_by_role("article")).to_have_count(n)
    anyone.inspect()


def narrow_the_board(anyone: Visitor) -> None:
    """The filters narrow further, and a condition is dropped by its chip."""
    anyone.field("月薪").select_option("6000")
    if not anyone.screen.has_scripts:
        anyone.press("筛选")
    anyone.sees(anyone.count("共 %(num)s 条", 0))
    expect(anyone.page).to_have_url(re.compile("wage=6000"))
    chips = anyone.page.get_by_role("list", name=anyone.say("已选条件"))
    anyone.open(chips.get_by_role("link", name=re.compile("6,000")))
    anyone.sees(anyone.count("共 %(num)s 条", 1))


def read_the_opening(anyone: Visitor) -> None:
    """The opening's page says how to apply."""
    anyone.open(anyone.page.get_by_role("link", name=TITLE, exact=True))
    anyone.reads("怎么应聘")
    anyone.inspect()


def pause(employer: Visitor, opening: str) -> None:
    """The employer, who is told that it is open, pauses it."""
    employer.go(opening)
    employer.reads("招聘中")
    employer.press("暂停招聘")
    employer.reads("已暂停")
    employer.inspect()
