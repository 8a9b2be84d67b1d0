"""From a recommended course to a skill on record and other openings in reach."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Site, Visit
from tests.browser.visitor import SCREENS, Screen, Visitor

#: The skill the course confers, as the reference data names it.
SKILL = {"zh": "家常菜", "en": "Home-style cooking"}
COURSE = {"zh": "家常菜入门", "en": "Home cooking for beginners"}


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_completed_course_credits_the_skill_and_moves_the_matches(
    site: Site, screen: Screen, visit: Visit
) -> None:
    officer, coordinator = visit(screen), visit(screen)
    officer.sign_in(site.people.officer)
    lacking = officer.say("还缺技能：%(names)s", names=SKILL[screen.language])
    assert lacking in reasons(officer, site)
    assert ranks(officer) == [site.people.sewing.title, site.people.cooking.title]
    recommend(officer, site)
    enrol(coordinator, site)
    site.clock.move(days=8)
    complete(coordinator, site)
    officer.sign_in(site.people.officer)
    see_the_skill(officer, site)
    assert officer.say("必备技能基本具备") in reasons(officer, site)
    assert ranks(officer) == [site.people.cooking.title, site.people.sewing.title]


def reasons(officer: Visitor, site: Site) -> list[str]:
    """Return the reasons for and against the opening that asks for the skill."""
    officer.go(f"/clients/{site.people.person.pid}/matches")
    officer.inspect()
    card = officer.card(site.people.cooking.title)
    found = card.get_by_role("list", name=officer.say("理由"), exact=True).get_by_role("listitem")
    return found.all_inner_texts()


def ranks(officer: Visitor) -> list[str]:
    """Return the titles of the openings in the order shown."""
    cards = officer.page.get_by_role("article").get_by_role("heading", level=3)
    return cards.all_inner_texts()


def recommend(officer: Visitor, site: Site) -> None:
    """The officer recommends the course that the person's page suggests, with their consent."""
    officer.expected_statuses.add(422)
    officer.follow("培训", tabs(officer))
    officer.reads("学一门，多一些选择")
    officer.inspect()
    suggestions = officer.page.get_by_role("region", name=officer.say("学一门，多一些选择"))
    officer.follow("推荐参加", suggestions)
    officer.inspect()
    officer.press("推荐参加")
    officer.reads("请先征得本人同意，再勾选这一项。")
    officer.inspect()
    officer.field("本人同意参加，并同意把姓名、电话和技能告诉培训机构").check()
    officer.press("推荐参加")
    officer.reads("已推荐，等培训机构答复。")
    officer.inspect()


def tabs(officer: Visitor) -> Locator:
    return officer.page.get_by_role("navigation", name=officer.say("这个人的页面"))


def enrol(coordinator: Visitor, site: Site) -> None:
    """The school takes the person on."""
    coordinator.sign_in(site.people.coordinator)
    coordinator.inspect()
    coordinator.press("录取", coordinator.row(site.people.person.name))
    coordinator.reads("没有人在等答复")
    coordinator.inspect()


def complete(coordinator: Visitor, site: Site) -> None:
    """The course is under way; the school says that the person has completed it."""
    name = site.people.person.name
    coordinator.sign_in(site.people.coordinator)
    course = COURSE[coordinator.screen.language]
    coordinator.open(coordinator.page.get_by_role("link", name=course, exact=True))
    coordinator.inspect()
    coordinator.unfold("结业", coordinator.row(name))  # it asks first, with the day
    coordinator.press("登记结业")
    closed = coordinator.page.get_by_role("region", name=coordinator.say("已有结果"))
    coordinator.sees(name, closed)
    coordinator.reads("已结业", closed)
    coordinator.inspect()


def see_the_skill(officer: Visitor, site: Site) -> None:
    """The person's record holds the skill, as learnt on a course."""
    officer.go(f"/clients/{site.people.person.pid}/profile")
    skill = officer.page.get_by_role("listitem").filter(has_text=SKILL[officer.screen.language])
    expect(skill).to_contain_text("★★★")
    officer.inspect()
    officer.go(f"/clients/{site.people.person.pid}/training")
    officer.reads("已结业")
    officer.inspect()
