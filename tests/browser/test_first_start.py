"""From `matchboard upgrade` on an empty PostgreSQL to the first placement, led by the screens.

Nothing is made behind the pages: every account, unit, opening and person comes from a form, reached
by what the page before says is to be done next.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner
from playwright.sync_api import Locator, expect
from werkzeug.serving import make_server

from matchboard import config, create_app
from matchboard.cli import main
from matchboard.extensions import db
from tests import postgres
from tests.browser.conftest import QuietHandler, Site, Visit, whole
from tests.browser.district import District
from tests.browser.visitor import DESK_ZH, PHONE_EN, Visitor
from tests.conftest import SETTINGS, Clock
from tests.factories import credit_code
from tests.integration.cli.commands import KEYS

OWN_PASSWORD = "six-grey-herons-at-dawn"
PERSON, FIRM, JOB = "周平", "晨光包装厂", "包装工"
BORN = "1985-05-20"


@pytest.fixture
def site(
    postgres_server: postgres.Server | postgres.Absent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> Iterator[Site]:
    """Serve a database on which nothing but `upgrade` has run, with settings of the environment."""
    if isinstance(postgres_server, postgres.Absent):
        pytest.skip(postgres_server.reason)
    name = "matchboard_first_start"
    environment = {
        **KEYS,
        "DATABASE_URL": postgres_server.create_database(name),
        "MATCHBOARD_INSECURE_HTTP": "1",
        "MATCHBOARD_QUEUE_FILE": str(tmp_path / "queue.sqlite3"),
        "MATCHBOARD_AUDIT_ANCHORS": str(tmp_path / "audit-anchors.jsonl"),  # nobody else's
        "LC_ALL": "en_GB.UTF-8",
    }
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    monkeypatch.setattr(config, "INSTANCE", tmp_path)
    command("upgrade")
    # Hashing costs as little as in all tests; everything else is as an installation has it.
    hashing = "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"
    made: dict[str, Any] = {**config.from_environment(), hashing: SETTINGS[hashing], "CLOCK": clock}
    app = create_app(made)
    server = make_server("127.0.0.1", 0, whole(app), threaded=True, request_handler=QuietHandler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", cast(District, None), clock)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()
    postgres_server.drop_database(name)


def command(*arguments: str) -> str:
    """Run a command of the operator's and return what it prints."""
    result = CliRunner().invoke(main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@dataclass
class Passwords:
    """The one-time passwords handed out so far, by address."""

    known: dict[str, str]


@pytest.mark.usefixtures("clock")
def test_empty_database_reaches_its_first_placement_when_the_screens_are_followed(
    site: Site, visit: Visit
) -> None:
    passwords = set_up(visit(PHONE_EN))
    system, security = visit(DESK_ZH), visit(DESK_ZH)
    district, officer, employer = visit(DESK_ZH), visit(DESK_ZH), visit(DESK_ZH)

    arrive(system, "sys@example.org", passwords)
    make_account(
        system, "区安帮办", "区安帮办", "d@example.org", passwords, step="建立区安帮办的账户"
    )
    make_account(
        system,
        "司法所工作人员",
        "新都司法所",
        "o@example.org",
        passwords,
        step="建立司法所工作人员的账户",
    )
    system.go("/admin")
    expect(system.page.locator("#first-steps")).to_have_count(0)
    arrive(security, "sec@example.org", passwords)
    confirm(security, 2)

    arrive(district, "d@example.org", passwords)
    register_partner(district, site)
    open_an_opening(district)
    district.go("/dashboard")
    expect(steps(district).locator(".is-done")).to_have_count(2)

    arrive(officer, "o@example.org", passwords)
    register_person(officer)
    verify_record(officer)
    propose(officer)

    make_account(system, "爱心企业", FIRM, "e@example.org", passwords)
    confirm(security, 1)
    consent_and_send(officer)
    arrive(employer, "e@example.org", passwords)
    hire(employer, site)
    officer.go("/today")
    expect(officer.page.locator("#first-steps")).to_have_count(0)
    command("audit", "verify")  # which fails unless log, states and consents agree


# --- The first start ------------------------------------------------------------------------------


def set_up(operator: Visitor) -> Passwords:
    """The operator follows the door of the empty site, on a phone and in English."""
    operator.expected_statuses.add(422)
    operator.go("/")
    operator.inspect()
    operator.follow("开始初始安装")
    operator.inspect()
    operator.fill("安装码", "bbbbb-bbbbb-bbbbb-bbbbb")
    operator.press("继续")
    operator.reads("安装码不对或已过期。请在服务器上运行 matchboard init --code 取得新的安装码。")
    code = re.findall(r"(?:\w{5}-){3}\w{5}", command("init", "--code"))[0]
    operator.fill("安装码", code)
    operator.press("继续")
    operator.reads("三位管理员")
    operator.inspect()
    operator.fill("区安帮办的名称", "新都区安帮办")
    choose_place(operator.page.locator("main"), "xindu", "Xindu District")
    operator.page.locator("[name=offices]").fill("新都司法所")
    for role, local in (("系统", "sys"), ("安全", "sec"), ("审计", "audit")):
        operator.fill(f"{role}管理员的姓名", f"{role}员")
        operator.fill(f"{role}管理员的电子邮箱", f"{local}@example.org")
    operator.press("建立")
    operator.reads("一次性密码，只在这里显示")
    operator.inspect()
    words = operator.page.locator(".one-time-password").all_inner_texts()
    assert len(words) == 3
    found = Passwords(
        {f"{n}@example.org": w for n, w in zip(("sys", "sec", "audit"), words, strict=True)}
    )
    operator.follow("去登录")
    operator.expected_statuses.add(404)
    operator.go("/setup")
    return found


def choose_place(within: Locator, typed: str, name: str) -> None:
    """Type into the box of places and take the first that has the name."""
    within.locator(".ts-control input").first.click()
    within.page.keyboard.type(typed)
    within.page.get_by_role("option", name=re.compile(name)).first.click()


def arrive(who: Visitor, email: str, passwords: Passwords) -> None:
    """Sign in with the one-time password and replace it, as the page asks."""
    one_time = passwords.known[email]
    who.go("/login")
    who.fill("电子邮箱", email)
    who.fill("密码", one_time)
    who.press("登录")
    who.reads("请先设置自己的密码")
    who.fill("现在的密码", one_time)
    who.fill("新密码", OWN_PASSWORD)
    who.fill("再输入一次新密码", OWN_PASSWORD)
    who.press("更改密码")
    who.reads("密码已更改。其他设备上的登录已全部退出。")


def steps(who: Visitor) -> Locator:
    """Return the card that says what comes first."""
    return who.page.locator("#first-steps")


def take_step(who: Visitor, words: str) -> None:
    """Go where the step leads; it has to be the one that is next."""
    row = who.page.locator("#first-steps li[aria-current=step]").filter(has_text=who.say(words))
    who.follow("去办", row)


def make_account(
    system: Visitor, role: str, unit: str, email: str, passwords: Passwords, *, step: str = ""
) -> None:
    """The system administrator makes an account and reads its one-time password."""
    system.go("/admin")
    if step:
        take_step(system, step)
    else:
        system.follow("新建账户")
    system.fill("姓名", f"{unit}的人")
    system.fill("电子邮箱", email)
    system.field("角色").select_option(label=system.say(role))
    system.field("单位").select_option(label=unit if unit != "区安帮办" else "新都区安帮办")
    system.press("新建账户")
    passwords.known[email] = system.page.locator("#one-time-password").inner_text()


def confirm(security: Visitor, n: int) -> None:
    """The security administrator confirms what waits."""
    security.go("/admin")
    if steps(security).count():
        take_step(security, "确认系统管理员新建的账户")
    else:
        security.open(security.page.get_by_role("link", name=re.compile("待确认账户")).first)
    for _ in range(n):
        security.page.locator("details.confirm summary").first.click()
        security.press("确认账户")
        security.page.wait_for_load_state()
        security.sees("的账户。", security.page.locator("#messages"))
    security.reads("没有等待确认的账户")


# --- Work -----------------------------------------------------------------------------------------


def register_partner(district: Visitor, site: Site) -> None:
    """The district registers a partner and approves it."""
    expect(district.page).to_have_url(re.compile("/dashboard$"))
    take_step(district, "登记并批准爱心企业")
    district.fill("企业名称", FIRM)
    district.fill("统一社会信用代码", credit_code(7))
    choose_place(district.page.locator("main"), "新都", "新都区")
    district.choose("都不涉及")
    district.fill("保密协议签订日期", f"{site.clock.today}")
    district.page.locator("main form .form-actions button").click()
    district.press("通过审核")
    district.reads("合作中")


def open_an_opening(district: Visitor) -> None:
    """The district writes an opening, sends it for review and approves it."""
    district.go("/today")
    take_step(district, "新建并审核岗位")
    district.field("爱心企业").select_option(label=FIRM)
    district.fill("岗位名称", JOB)
    offers = district.page.locator("#occupation-offers")
    offers.get_by_role("radio", name=JOB).first.check()
    district.fill("做什么活", "把衬衫叠好、装袋、封箱。")
    district.fill("什么条件", "不限")
    place = district.page.locator(".field").filter(has_text="工作地区")
    choose_place(place, "新都", "新都区")
    district.field("用工形式").select_option(label="全日制")
    district.fill("最低月薪", "4300")
    district.fill("最高月薪", "5100")
    district.fill("合同签几个月", "12")
    district.field("承诺不收押金、不扣身份证等证件").check()
    for question in ("特定职务", "执业资格"):
        group = district.page.get_by_role("group", name=re.compile(question))
        district.choose("都不涉及", group)
    district.press("保存草稿")
    district.reads("草稿")
    district.press("送审")
    district.reads("审核中")
    district.press("通过并发布")
    district.reads("招聘中")


def register_person(officer: Visitor) -> None:
    """The officer registers somebody who was released a month ago."""
    expect(officer.page).to_have_url(re.compile("/today$"))
    officer.misses("都办完了")
    take_step(officer, "登记第一位帮教对象")
    officer.field("暂无身份证号（以后再补）").check()
    officer.fill("姓名", PERSON)
    officer.fill("出生日期", BORN)
    officer.choose("刑满释放人员")
    officer.page.get_by_role("radio", name=re.compile("^帮教中")).check()
    officer.fill("释放或解矫日期", "2026-11-01")
    place = officer.page.locator(".field").filter(has_text="现住地区")
    choose_place(place, "新都", "新都区")
    officer.press("登记")
    officer.sees(PERSON)


def verify_record(officer: Visitor) -> None:
    """One banner says what stands in the way of every proposal; the officer sees to it."""
    officer.go("/today")
    take_step(officer, "核实受限记录（每人一次，约 1 分钟）")
    officer.open(officer.page.get_by_role("link", name=PERSON, exact=True))
    officer.follow("匹配岗位")
    officer.reads("还没有核实受限记录（一次，约 1 分钟）")
    officer.misses("核定后推荐")
    officer.inspect()
    officer.follow("去核实受限记录")
    officer.choose("核对从业限制")
    officer.press("打开这一次")
    officer.page.get_by_role("radio", name=re.compile("^已核实：没有")).check()
    officer.press("保存并关闭")
    officer.page.wait_for_load_state()


def propose(officer: Visitor) -> None:
    """The officer proposes the opening from the matches."""
    officer.go("/today")
    take_step(officer, "提出第一次推荐")
    officer.open(officer.page.get_by_role("link", name=PERSON, exact=True))
    officer.follow("匹配岗位")
    officer.misses("还没有核实受限记录")
    officer.press("推荐", officer.card(JOB))
    expect(officer.page).to_have_url(re.compile(r"/placements/\w+$"))
    officer.reads("待本人同意")


def consent_and_send(officer: Visitor) -> None:
    """The person signs at the desk, and the officer sends the card with the contact."""
    step = officer.unfold("登记本人同意")
    officer.choose("推荐卡和联系方式", step)
    officer.field("本人已在同意书上签字，签字件已存入卷宗", step).check()
    officer.press("登记本人同意", step)
    officer.reads("推荐卡和联系方式")
    step = officer.unfold("送达企业")
    officer.press("送达企业", step)
    officer.reads("已送企业")


def hire(employer: Visitor, site: Site) -> None:
    """The employer invites, offers, and says that the person has started."""
    employer.open(employer.page.locator(".inbox a").first)
    employer.sees(PERSON)
    step = employer.unfold("约面试")
    employer.fill("面试日期", f"{site.clock.today + timedelta(days=1)}", step)
    employer.fill("几点", "09:30", step)
    employer.fill("地点", "厂门口", step)
    employer.press("约面试", step)
    employer.reads("已约面试")
    step = employer.unfold("拟录用")
    employer.fill("哪天上岗", f"{site.clock.today}", step)
    employer.press("拟录用", step)
    step = employer.unfold("确认上岗")
    employer.press("确认上岗", step)
    employer.reads("在岗")
