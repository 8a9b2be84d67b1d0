"""The district trains a model, reads how good it is, puts it to use and goes back."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from matchboard import tasks
from matchboard.domain.roles import Actor
from matchboard.ranking import retraining
from matchboard.ranking.retraining import Retrained
from matchboard.services import ranking_models
from tests.browser.conftest import Site, Visit
from tests.browser.visitor import DESK_ZH, PHONE_EN, PLAIN_ZH, Screen, Visitor
from tests.factories import TODAY
from tests.ranking_report import REPORT, trained_model

PAGE = "/dashboard/ranking"
#: Of every chart of the page: how many points its first series and how many lines it drew.
DRAWN = """() => [...document.querySelectorAll("[data-chart]")].map((place) => {
  const { series } = echarts.getInstanceByDom(place).getOption();
  return [series[0].data.length, series.length, place.querySelectorAll("svg path").length];
})"""


@pytest.fixture
def go_on(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Event:
    """Train in a thread of its own, from no data, and stop at a third until told to go on."""
    told, work = Event(), tasks.run

    def retrain(*, actor: Actor, now: Any, on_progress: Any) -> Retrained:
        on_progress(300, 1000)
        told.wait(30)
        on_progress(700, 1000)
        made = trained_model(b"never opened here", as_of=TODAY)
        return Retrained(ranking_models.register(made, actor=actor, now=now), gates=())

    def in_background(pid: str, *, worker: str = "") -> None:
        def run() -> None:
            with app.app_context():
                work(pid, worker=worker)

        Thread(target=run).start()

    monkeypatch.setattr(retraining, "retrain", retrain)
    monkeypatch.setattr(tasks, "run", in_background)
    return told


@pytest.mark.parametrize("screen", [DESK_ZH, PHONE_EN, PLAIN_ZH], ids=str)
def test_district_trains_judges_promotes_and_goes_back(
    site: Site, screen: Screen, visit: Visit, go_on: Event
) -> None:
    district = visit(screen)
    district.sign_in(site.people.district)
    train(district, go_on)
    judge(district)
    promote_and_go_back(district)


def train(district: Visitor, go_on: Event) -> None:
    """Start training, see it a third done, and follow it to the end."""
    district.go(PAGE)
    district.reads("还没有训练过模型")
    district.press("用已知结果训练")
    district.reads("用已知结果训练排序模型")
    bar = district.page.get_by_role("progressbar")
    for _ in range(20):  # without scripts one asks again oneself
        if district.screen.has_scripts or bar.get_attribute("value") == "300":
            break
        district.follow("刷新进度")
    expect(bar).to_have_attribute("value", "300")
    go_on.set()
    link = district.link("查看结果")
    for _ in range(20):
        if district.screen.has_scripts or link.count():
            break
        district.page.reload()
    district.open(link)


def judge(district: Visitor) -> None:
    """Read verdicts, charts or their tables, and groups."""
    page = district.page
    gates = page.locator("#gates")
    district.sees(district.say("没有达到"), gates)
    district.sees("1.70", gates)
    district.sees("0.8–1.2", gates)
    district.sees("570", gates)
    district.sees(district.say("人数不足"), page.locator("#groups"))
    rows = page.locator("#evidence-auc tbody tr")
    expect(rows).to_have_count(len(REPORT["evidence"]))
    if district.screen.has_scripts:
        expect(page.locator(".chart-drawing svg")).to_have_count(4)
        expect(rows.first).to_be_hidden()
        drawn = page.evaluate(DRAWN)
        assert [n_points for n_points, _, _ in drawn] == [3, 2, 5, 5]
        for n_points, n_series, n_paths in drawn:
            assert n_series == 2 + n_points  # the points, a reference, and an interval each
            assert n_paths > n_points
        page.locator("#evidence-auc summary").click()
    else:
        expect(page.locator(".chart-drawing:visible")).to_have_count(0)
    expect(rows.last).to_be_visible()
    expect(rows.last).to_contain_text("812")
    expect(rows.last).to_contain_text("[0.712, 0.812]")
    district.inspect()


def promote_and_go_back(district: Visitor) -> None:
    """Put the model to use, then let the formula rank again."""
    district.press("启用")
    district.reads("已启用。从现在起按这个模型排序，各页会标明。")
    speaking = district.page.locator("#speaking")
    district.sees(f"map-{TODAY:%Y%m%d}-1", speaking)
    district.inspect()
    question = district.unfold("恢复专家规则", speaking)
    district.press("改按专家规则", question)
    district.reads("已恢复专家规则。模型仍保留在列表中。")
    district.sees(district.say("专家规则"), speaking)
