"""Lists keep their state in the address, and a second click does nothing twice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from matchboard.extensions import db
from matchboard.models import Placement, Unit
from tests.browser.conftest import Site, Visit
from tests.browser.visitor import DESK_ZH, PHONE_EN, Screen
from tests.factories import ClientFactory

SCREENS = pytest.mark.parametrize("screen", [DESK_ZH, PHONE_EN], ids=str)


@SCREENS
def test_proposal_is_made_once_when_clicked_twice_and_again_in_another_tab(
    site: Site, screen: Screen, visit: Visit
) -> None:
    officer = visit(screen)
    officer.sign_in(site.people.officer)
    matches = f"/clients/{site.people.person.pid}/matches"
    other_tab = officer.context.new_page()
    for page in (officer.page, other_tab):
        page.goto(matches)
    buttons = [
        page.get_by_role("article", name=site.people.sewing.title, exact=True).get_by_role(
            "button", name=officer.say("推荐"), exact=True
        )
        for page in (officer.page, other_tab)
    ]
    buttons[0].dblclick()
    expect(officer.page).to_have_url(re.compile(r"/placements/\w+$"))
    officer.reads("待本人同意")
    buttons[1].click()
    expect(other_tab).to_have_url(officer.page.url)
    assert db.session.scalar(db.select(db.func.count(Placement.id))) == 1


@SCREENS
def test_list_comes_back_as_it_was_when_returning_and_refreshing(
    site: Site, screen: Screen, visit: Visit
) -> None:
    office = db.session.get(Unit, site.people.person.office_id)
    for n in range(30):
        ClientFactory(office=office, name=f"示例{n}", name_initials="sl")
    db.session.commit()
    officer = visit(screen)
    officer.sign_in(site.people.officer)
    officer.go("/clients")
    officer.fill("搜索", "sl")
    all_found = officer.count("共 %(num)s 条", 30)
    officer.sees(all_found)
    officer.follow("下一页")
    pages = officer.page.get_by_role("navigation", name=officer.say("翻页"))
    second = officer.say("第 %(first)s–%(last)s 条，共 %(total)s 条", first=21, last=30, total=30)
    officer.sees(second, pages)
    found = officer.page.get_by_role("row").all_inner_texts()
    state = officer.page.url
    assert "q=sl" in state
    assert "page=2" in state

    officer.open(officer.page.get_by_role("link", name=re.compile("^示例")).first)
    officer.page.go_back()
    officer.sees(second, pages)
    expect(officer.field("搜索")).to_have_value("sl")
    assert (officer.page.url, officer.page.get_by_role("row").all_inner_texts()) == (state, found)

    officer.page.reload()
    officer.sees(second, pages)
    expect(officer.field("搜索")).to_have_value("sl")
    assert officer.page.get_by_role("row").all_inner_texts() == found

    officer.page.go_back()
    first = officer.say("第 %(first)s–%(last)s 条，共 %(total)s 条", first=1, last=20, total=30)
    officer.sees(first, pages)
    expect(officer.field("搜索")).to_have_value("sl")


@SCREENS
def test_filters_are_cleared_when_going_back_to_before_them(
    site: Site, screen: Screen, visit: Visit
) -> None:
    anyone = visit(screen)
    anyone.go("/jobs")
    anyone.sees(anyone.count("共 %(num)s 条", 3))
    anyone.field("提供住宿").check()
    anyone.sees(anyone.count("共 %(num)s 条", 0))
    anyone.page.go_back()
    anyone.sees(anyone.count("共 %(num)s 条", 3))
    expect(anyone.field("提供住宿")).not_to_be_checked()
    anyone.page.go_forward()
    anyone.sees(anyone.count("共 %(num)s 条", 0))
    expect(anyone.field("提供住宿")).to_be_checked()


@SCREENS
def test_page_follows_the_address_when_going_forward_before_htmx_is_there(
    site: Site, screen: Screen, visit: Visit
) -> None:
    anyone = visit(screen)
    anyone.go("/jobs")
    anyone.field("提供住宿").check()
    anyone.sees(anyone.count("共 %(num)s 条", 0))
    held: list[Route] = []
    anyone.page.route("**/htmx.min.js", lambda route: held.append(route), times=1)
    anyone.page.go_back(wait_until="commit")
    anyone.sees(anyone.count("共 %(num)s 条", 3))
    anyone.page.go_forward(wait_until="commit")
    anyone.sees(anyone.count("共 %(num)s 条", 0))
    expect(anyone.field("提供住宿")).to_be_checked()


def test_list_asks_for_the_word_alone_when_its_reading_is_typed(site: Site, visit: Visit) -> None:
    anyone = visit(DESK_ZH)
    anyone.go("/jobs")
    n_steps = anyone.page.evaluate("history.length")
    asked: list[str] = []
    anyone.page.on("request", lambda sent: asked.append(sent.url) if "q=" in sent.url else None)
    anyone.field("搜索").click()
    keys = anyone.context.new_cdp_session(anyone.page)
    for reading in ("f", "feng", "feng'ren"):
        place = {"selectionStart": len(reading), "selectionEnd": len(reading)}
        keys.send("Input.imeSetComposition", {"text": reading, **place})
        anyone.page.wait_for_timeout(400)  # longer than a list waits for the next letter
    assert asked == []
    keys.send("Input.insertText", {"text": "缝纫"})
    expect(anyone.page).to_have_url(re.compile("q=%E7%BC%9D%E7%BA%AB"))
    assert len(asked) == 1
    assert anyone.page.evaluate("history.length") == n_steps
