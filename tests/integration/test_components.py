"""The components of the style guide: valid, wired for screen readers, whole without JavaScript."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from matchboard.domain.roles import ACCOUNT_ROLES, Role
from matchboard.labels import matching
from matchboard.web import navigation
from ml.reasons import Reason, ReasonCode
from tests.client import QualityClient, words

pytestmark = pytest.mark.usefixtures("on_one_database")

LIST = "/styleguide/list"


@pytest.fixture
def draw(app: Flask) -> Iterator[Any]:
    """Return a function that draws one macro: draw("cards", "match_card", match)."""
    with app.test_request_context("/"):

        def macro(file: str, name: str, *args: Any, **kwargs: Any) -> BeautifulSoup:
            module = app.jinja_env.get_template(f"components/{file}.html").module
            return BeautifulSoup(str(getattr(module, name)(*args, **kwargs)), "html.parser")

        yield macro


# --- The style guide ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_style_guide_is_sound_when_read_in_each_language(
    client: QualityClient, language: str
) -> None:
    client.set_language(language)
    page = client.get_page("/styleguide")
    assert page.one("html")["lang"] == {"zh": "zh-CN", "en": "en"}[language]


@pytest.mark.parametrize("is_demo", [False, True], ids=["real", "demo"])
def test_style_guide_is_hidden_when_people_work(
    app: Flask, client: QualityClient, is_demo: bool
) -> None:
    app.config.update(TESTING=False, DEMO=is_demo)
    client.get_page("/styleguide", 404)


# --- The frame of a page ------------------------------------------------------------------------


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_side_navigation_offers_own_pages_when_signed_in(client: QualityClient, role: Role) -> None:
    client.sign_in(role)
    page = client.get_page("/styleguide")
    offered = [link["href"] for link in page.all(".side-nav a")]
    assert offered == [entry.path for entry in navigation.ENTRIES[role]]
    assert not page.all(".top-nav")


def test_top_navigation_replaces_side_navigation_when_visiting(client: QualityClient) -> None:
    page = client.get_page("/styleguide")
    assert [link["href"] for link in page.all(".top-nav a")] == ["/jobs", "/courses"]
    assert not page.all(".side-nav, .bottom-bar, .global-search")


def test_bottom_bar_holds_four_entries_when_there_are_more(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    page = client.get_page("/styleguide")
    assert len(page.all(".bottom-bar > ul > li > a")) == navigation.BOTTOM_ENTRIES
    assert len(page.all(".bottom-more a")) == len(navigation.ENTRIES[Role.OFFICER]) - 4


def test_navigation_counts_waiting_work_when_a_counter_is_registered(
    client: QualityClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(navigation._COUNTERS, "today", lambda _actor, _now: 7)
    client.sign_in(Role.OFFICER)
    entry = client.get_page("/styleguide").one(".side-nav a[href='/today']")
    assert words(entry).endswith("7")


def test_language_switch_returns_to_the_page_when_pressed(client: QualityClient) -> None:
    page = client.get_page(f"{LIST}?q=x")
    answer = client.send(page.form("form[action='/language']"), {"language": "en"})
    assert answer.path == f"{LIST}?q=x"
    assert answer.one("html")["lang"] == "en"


def test_flash_offers_undo_when_its_category_names_a_path(draw: Any) -> None:
    drawn = draw("shell", "flash_messages", [("undo:/today/x/undo", "已完成")], "token")
    form = drawn.select_one("form[method=post]")
    assert form["action"] == "/today/x/undo"
    assert form.select_one("input[name=csrf_token]")["value"] == "token"


def test_error_page_speaks_plainly_when_nothing_is_there(client: QualityClient) -> None:
    page = client.get_page("/no-such-page", 404)
    assert page.h1 == "没有找到"
    assert "/" in page.links()


def test_welcome_page_opens_doors_when_visited(client: QualityClient) -> None:
    page = client.get_page("/")
    assert {"/jobs", "/courses", "/login"} <= set(page.links())
    assert page.form("form[action='/jobs']").values() == {"q": [""]}


# --- Forms --------------------------------------------------------------------------------------


def test_field_errors_stand_beside_and_on_top_when_a_form_is_refused(
    client: QualityClient,
) -> None:
    page = client.submit(
        "/styleguide",
        {"title": "", "starts_on": "明天", "headcount": "0", "place": "朝阳区"},
        status=422,
    )
    shown = page.field_errors()
    assert set(shown) == {"title", "starts_on", "headcount", "place"}
    assert "2026-11-23" in shown["starts_on"]
    assert "北京市" in shown["place"]
    for link in page.all(".error-summary a"):
        target = page.by_id(str(link["href"]).removeprefix("#"))
        assert target.name in {"input", "textarea", "select"}
    assert len(page.all(".error-summary a")) == len(shown)


def test_form_keeps_what_was_typed_when_refused(client: QualityClient) -> None:
    page = client.submit(
        "/styleguide",
        {
            "title": "",
            "starts_on": "明天",
            "skills": ["电焊", "不存在的手艺", "", "", ""],
            "skills_level": ["3", "2", "", "", ""],
            "certificates": "焊工证；乱写",
            "lodging": "no",
        },
        status=422,
    )
    values = page.form("form.form-page").values()
    assert values["starts_on"] == ["明天"]
    assert "不存在的手艺" in values["skills"]
    assert values["skills_level"][:2] == ["3", "2"]
    assert "乱写" in values["certificates"][0]
    assert values["lodging"] == ["no"]


def test_form_is_accepted_when_filled_in_words(client: QualityClient) -> None:
    page = client.submit(
        "/styleguide",
        {
            "title": "电焊工",
            "place": "成都新都",
            "starts_on": "2026年11月23日",
            "occupation": "焊工",
        },
    )
    assert not page.all(".error-summary")
    values = page.form("form.form-page").values()
    assert values["place"] == ["四川省成都市新都区"]


def test_form_with_codes_is_accepted_when_pickers_sent_them(client: QualityClient) -> None:
    page = client.submit(
        "/styleguide",
        {"title": "电焊工", "place": "510114", "occupation": "6-18-02-04", "certificates": ""},
    )
    assert page.form("form.form-page").values()["occupation"] == ["焊工"]


def test_choice_group_names_its_question_when_drawn(client: QualityClient) -> None:
    page = client.get_page("/styleguide")
    group = page.by_id("lodging")
    assert group.name == "fieldset"
    assert words(group.find("legend")).startswith("住宿")


def test_stale_comparison_shows_both_versions_when_drawn(draw: Any) -> None:
    one = SimpleNamespace(label="住址", typed="新都镇", saved="")
    other = SimpleNamespace(label="电话", typed="1", saved="2")
    stale = SimpleNamespace(
        mine=[one], taken=[other], state="已关闭", reason="招满", who="李敏", when="14:05"
    )
    drawn = draw("forms", "stale_comparison", stale)
    for table, row in (
        (".table-mine", ["住址", "新都镇", "（空）"]),
        (".table-taken", ["电话", "1", "2"]),
    ):
        assert [words(cell) for cell in drawn.select(f"{table} tbody :is(th, td)")] == row
    for said in ("李敏", "14:05", "已关闭", "招满"):
        assert said in words(drawn)


# --- Lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "after",
    [f"{LIST}?q={quote('焊')}", f"{LIST}?sort=-wage&page=2", f"{LIST}?q=zzz"],
    ids=["filtered", "sorted", "empty"],
)
def test_list_swap_equals_the_page_when_filtered(client: QualityClient, after: str) -> None:
    fragment = client.get_fragment(after)
    page = client.get_page(after)
    assert str(fragment.one("#example-list")) == str(page.one("#example-list"))


@pytest.mark.parametrize(
    ("sort", "shown", "next_sort"),
    [("title", None, "wage"), ("wage", "ascending", "-wage"), ("-wage", "descending", "wage")],
)
def test_table_head_says_how_it_is_sorted_when_sorted(
    client: QualityClient, sort: str, shown: str | None, next_sort: str
) -> None:
    page = client.get_page(f"{LIST}?sort={sort}")
    head = page.all("th.num")[0]
    assert head.get("aria-sort") == shown
    assert f"sort={next_sort}" in str(head.a["href"])


def test_every_cell_carries_its_column_when_cards_are_drawn(client: QualityClient) -> None:
    page = client.get_page(LIST)
    assert {cell["data-label"] for cell in page.all("td")} == {"岗位", "地点", "工资", "状态"}


def test_chip_takes_one_filter_away_when_followed(client: QualityClient) -> None:
    page = client.get_page(f"{LIST}?q={quote('焊')}&town={quote('新都镇')}")
    chips = page.all(".chip:not(.chip-clear)")
    assert [words(chip) for chip in chips] == ["焊", "新都镇"]
    assert "town" not in str(chips[1]["href"])
    assert "q=" in str(chips[1]["href"])


def test_empty_list_says_what_to_do_when_nothing_fits(client: QualityClient) -> None:
    page = client.get_page(f"{LIST}?q=zzz")
    assert page.has_text("没有符合条件的岗位")
    assert LIST in page.links()


def test_pager_marks_the_present_page_when_on_the_second(client: QualityClient) -> None:
    pager = client.get_page(f"{LIST}?page=2").one("nav.pager")
    assert words(pager.select_one("[aria-current=page]")) == "2"
    assert "第 9–16 条，共 47 条" in words(pager)


# --- Cards and figures --------------------------------------------------------------------------


def a_match(**changes: Any) -> SimpleNamespace:
    values: dict[str, Any] = {
        "pid": "m1",
        "rank": 1,
        "band": "strong",
        "title": "电焊工",
        "url": "/vacancies/m1",
        "partner_name": "蓉北机械厂",
        "town": "石板滩",
        "distance_km": 4.2,
        "commute_limit_km": 15.0,
        "wage_text": "¥4,500/月",
        "wage_gap_text": "",
        "facts": [("bed", "提供住宿")],
        "reasons": [("+", "会电焊", "/clients/c1/profile"), ("-", "缺证", None)],
        "n_places": 2,
        "gate": "clear",
        "propose_url": "/clients/c1/propose/m1",
        "version": "1",
    }
    return SimpleNamespace(**{**values, **changes})


def test_match_card_shows_a_word_and_never_a_decimal_when_drawn(draw: Any) -> None:
    drawn = draw("cards", "match_card", a_match(distance_km=None, wage_text="面议"))
    assert words(drawn.select_one(".match-band")) == "很合适"
    assert "." not in words(drawn)


def test_match_card_signs_reasons_in_words_when_colour_is_not_seen(draw: Any) -> None:
    drawn = draw("cards", "match_card", a_match())
    labels = [icon["aria-label"] for icon in drawn.select(".reason svg")]
    assert labels == ["有利：", "不利："]
    assert drawn.select_one("a.reason")["href"] == "/clients/c1/profile"


def test_match_card_shows_four_reasons_when_there_are_more(draw: Any) -> None:
    drawn = draw(
        "cards", "match_card", a_match(reasons=[("+", f"理由{n}", None) for n in range(6)])
    )
    assert len(drawn.select(".reason")) == 4


@pytest.mark.parametrize(
    ("gate", "url", "tag"),
    [("clear", "/p", "form"), ("review", "/p", "a"), ("clear", "", None)],
    ids=["proposes", "asks for a decision first", "may not propose"],
)
def test_match_card_offers_the_step_the_gate_allows_when_drawn(
    draw: Any, gate: str, url: str, tag: str | None
) -> None:
    foot = draw("cards", "match_card", a_match(gate=gate, propose_url=url)).select_one(
        ".match-foot"
    )
    found = foot.select_one("form, a.btn")
    assert (found.name if isinstance(found, Tag) else None) == tag


@pytest.mark.parametrize(
    ("distance", "limit", "words_shown"),
    [
        (4.2, 15.0, "可接受 15 公里"),
        (26.0, 15.0, "超出可接受的 15 公里"),
        (None, 15.0, ""),
        (4.0, None, ""),
    ],
    ids=["near", "too far", "unknown distance", "unknown limit"],
)
def test_distance_bar_says_what_it_draws_when_known(
    draw: Any, distance: float | None, limit: float | None, words_shown: str
) -> None:
    drawn = draw("cards", "distance_bar", distance, limit)
    assert words(drawn) == words_shown
    assert bool(drawn.select("svg.share-bar")) is bool(words_shown)


def test_stepper_marks_the_present_step_when_drawn(draw: Any) -> None:
    steps = [{"label": "已推荐", "state": "done"}, {"label": "面试", "state": "current"}]
    drawn = draw("display", "stepper", steps)
    assert words(drawn.select_one("[aria-current=step]")) == "2 面试 （当前）"


@pytest.mark.parametrize(
    ("state", "polls"), [("queued", True), ("running", True), ("done", False), ("failed", False)]
)
def test_task_progress_asks_again_when_unfinished(draw: Any, state: str, polls: bool) -> None:
    drawn = draw("display", "task_progress", "t1", "导入名册", state, 3, 10, "/tasks/t1")
    root = drawn.select_one("#task-t1")
    assert (root.get("hx-trigger") == "every 1s") is polls
    assert bool(drawn.select("noscript a[href='/tasks/t1']")) is polls


def test_confirmation_carries_a_whole_form_when_scripts_are_off(draw: Any) -> None:
    drawn = draw(
        "actions", "confirm_button", "c1", "/close", "关闭岗位", "确定吗？", fields={"a": "1"}
    )
    form = drawn.select_one("details form[method=post]")
    assert form["action"] == "/close"
    assert {i["name"] for i in form.select("input")} == {"csrf_token", "a"}


# --- Look-ups while typing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("skills?q=电焊", "weld.arc"),
        ("skills?q=焊工&kind=certificate", "cert.voc.welder"),
        ("divisions?q=xindu", "510114"),
        ("divisions?q=新都区", "510114"),
        ("occupations?q=焊工", "6-18-02-04"),
        ("occupations?q=6-18-02-04", "6-18-02-04"),
        ("skills?q=会电汗", "weld.arc"),
        ("occupations?q=急招熟练焊接工", "6-18-02-04"),
    ],
)
def test_lookup_finds_the_code_when_typed(client: QualityClient, address: str, value: str) -> None:
    answer = client.request("GET", f"/lookup/{quote(address, safe='?=&')}")
    found = json.loads(answer.data)
    assert value in [one["value"] for one in found]
    assert all(one["text"] for one in found)


@pytest.mark.parametrize("address", ["skills?q=", "divisions", "occupations?q=%20"])
def test_lookup_answers_nothing_when_nothing_is_typed(client: QualityClient, address: str) -> None:
    assert client.request("GET", f"/lookup/{address}").data.strip() == b"[]"


def test_lookup_speaks_english_when_the_page_does(client: QualityClient) -> None:
    client.set_language("en")
    found = json.loads(client.request("GET", "/lookup/divisions?q=xindu").data)
    assert "Xindu District" in found[0]["text"] or "Chengdu" in str(found)


# --- Words of the ranking -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "codes", "expected"),
    [
        (
            ReasonCode.TERMS_UNSTATED,
            ("shifts_ok", "lat"),
            "没写明，可能对不上：可上的班次、居住地或工作地点",
        ),
        (ReasonCode.TERMS_UNSTATED, (), "有些条件没写明，可能对不上"),
        (
            ReasonCode.ABILITY_DOUBTFUL,
            ("weld.arc",),
            "按技能和经历推测，可能还差：手工电弧焊与气割",
        ),
        (ReasonCode.SKILLS_MISSING, (), "必备技能还差一些"),
        (ReasonCode.TRADE_MATCHES, (), "登记和自述的技能属于这一行"),
    ],
)
def test_reason_words_name_skills_and_blank_fields(
    app: Flask, code: ReasonCode, codes: tuple[str, ...], expected: str
) -> None:
    with app.test_request_context("/"):
        reason = Reason(code, -1, -0.3, "skills", "skills_required", codes=codes)
        assert matching.reason_text(reason) == expected
