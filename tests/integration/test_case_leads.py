"""Whoever leads people and leaves: somebody is told, and hands them over."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.client import Stage
from matchboard.domain.duties import DutyKind
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import Client, User
from matchboard.services import accounts, duties
from tests.client import QualityClient, words
from tests.conftest import Clock
from tests.factories import ClientFactory, CourseFactory, OfficeFactory, PartnerFactory, UserFactory

pytestmark = pytest.mark.usefixtures("on_one_database", "app")


@pytest.fixture
def office() -> Any:
    return OfficeFactory(parent=UserFactory(role=Role.DISTRICT).unit, name="南桥司法所")


@pytest.fixture
def head(office: Any) -> User:
    made: User = UserFactory(role=Role.OFFICER, unit=office, is_office_head=True)
    return made


@pytest.fixture
def lead(office: Any) -> User:
    made: User = UserFactory(role=Role.OFFICER, unit=office, display_name="周责任")
    return made


def shut(user: User, clock: Clock) -> None:
    admin = UserFactory(role=Role.SYSTEM_ADMIN)
    accounts.disable_account(user.pid, actor=admin.actor, now=clock.now)


def move(user: User, _clock: Clock) -> None:
    user.unit = OfficeFactory(parent=user.unit.parent)
    db.session.flush()


def ticked(page: Any) -> list[str]:
    return [str(box["value"]) for box in page.all("input[name=people][checked]")]


def told(who: User, clock: Clock) -> list[tuple[DutyKind, str, int]]:
    found = duties.list_duties(actor=who.actor, now=clock.now)
    return [(d.kind, d.lead_name, d.n_people) for d in found if d.lead_pid]


@pytest.mark.parametrize("leave", [shut, move], ids=["shut", "moved"])
@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISTRICT], ids=["head", "district"])
def test_people_are_handed_over_when_their_lead_left(
    role: Role, leave: Any, client: QualityClient, office: Any, head: User, lead: User, clock: Clock
) -> None:
    people = [ClientFactory(office=office, case_lead_id=lead.id) for _ in range(3)]
    kept = ClientFactory(office=office, case_lead_id=head.id)
    colleague = UserFactory(role=Role.OFFICER, unit=office, display_name="钱接手")
    district = db.session.scalars(db.select(User).where(User.role == Role.DISTRICT)).one()
    who = head if role is Role.OFFICER else district
    assert told(who, clock) == []
    leave(lead, clock)
    assert told(who, clock) == [(DutyKind.HAND_OVER, "周责任", 3)]
    assert told(colleague, clock) == []  # no head, no duty: may not say who leads a case
    client.sign_in(who)
    row = client.get_page("/today").one(".duty")
    address = row.select_one(".duty-verb a")["href"]
    assert "周责任" in words(row)
    gone = "账户已停用" if leave is shut else "已不在本所"
    assert client.get_page(f"/clients/{people[0].pid}").has_text(f"周责任（{gone}）")
    assert not client.get_page(f"/clients/{kept.pid}").has_text(gone)
    page = client.get_page(address)
    assert all(page.has_text(person.name) for person in people)
    assert ticked(page) == []
    everybody = client.get_page(page.one("[data-tick]:not([data-tick-none])")["href"])
    assert sorted(ticked(everybody)) == sorted(person.pid for person in people)
    assert ticked(client.get_page(everybody.one("[data-tick-none]")["href"])) == []
    values = {"people": [people[0].pid, people[1].pid], "to": colleague.pid}
    client.submit("", values, form="main form", page=page)
    # A second tab still shows those who are gone: what changed is said, and no raw id.
    gone_too = {"people": [person.pid for person in people], "to": colleague.pid}
    stale = client.submit("", gone_too, form="main form", page=page, status=409)
    assert stale.one(".stale-edit")
    assert people[0].pid not in words(stale.one("main"))
    assert stale.has_text("有的现在已经不能选了")
    assert [db.session.get_one(Client, p.id).case_lead_id for p in (*people, kept)] == [
        colleague.id,
        colleague.id,
        lead.id,
        head.id,
    ]
    assert told(who, clock) == [(DutyKind.HAND_OVER, "周责任", 1)]
    client.submit(address, {"people": [people[2].pid], "to": colleague.pid}, form="main form")
    assert told(who, clock) == []


def test_handing_over_is_refused_to_whoever_neither_heads_nor_oversees(
    client: QualityClient, office: Any, head: User, lead: User, clock: Clock
) -> None:
    ClientFactory(office=office, case_lead_id=lead.id)
    shut(lead, clock)
    path = f"/handovers/{office.pid}/{lead.pid}"
    client.sign_in(UserFactory(role=Role.OFFICER, unit=office))
    client.get_page(path, status=403)
    client.sign_in(UserFactory(role=Role.OFFICER))
    client.get_page(path, status=404)
    client.sign_in(head)
    assert client.get_page(path).has_text("周责任")


def test_only_officer_of_an_office_without_a_head_is_told_and_hands_over(
    client: QualityClient, office: Any, lead: User, clock: Clock
) -> None:
    person = ClientFactory(office=office, case_lead_id=lead.id)
    only = UserFactory(role=Role.OFFICER, unit=office)
    path = f"/handovers/{office.pid}/{lead.pid}"
    client.sign_in(only)
    client.get_page(path, status=403)  # there are two
    client.sign_in(lead)
    assert client.get_page(path).has_text(person.name)  # who leads a case says who leads it next
    shut(lead, clock)
    client.sign_in(only)
    assert told(only, clock) == [(DutyKind.HAND_OVER, "周责任", 1)]
    assert "只有一位工作人员的所，就是这一位" in client.get_page(f"/clients/{person.pid}").text
    client.submit(path, {"people": [person.pid], "to": only.pid}, form="main form")
    page = client.get_page(f"/clients/{person.pid}")
    assert page.has_text("更换了帮教责任人")
    assert not page.has_text("更新档案")


@pytest.mark.parametrize(
    ("n_officers", "is_headed", "expected"),
    [
        pytest.param(2, True, {"first", "district"}, id="head"),
        pytest.param(2, False, {"district"}, id="nobody-heads-two"),
        pytest.param(1, False, {"first", "district"}, id="only-officer"),
    ],
)
def test_whoever_has_the_duty_to_hand_over_opens_the_page_and_nobody_else(
    n_officers: int,
    is_headed: bool,
    expected: set[str],
    client: QualityClient,
    office: Any,
    lead: User,
    clock: Clock,
) -> None:
    person = ClientFactory(office=office, case_lead_id=lead.id)
    first = UserFactory(unit=office, is_office_head=is_headed)
    others = [UserFactory(unit=office) for _ in range(n_officers - 1)]
    district = db.session.scalars(db.select(User).where(User.role == Role.DISTRICT)).one()
    shut(lead, clock)
    names = {
        "first": first,
        "district": district,
        **{f"other {n}": u for n, u in enumerate(others)},
    }
    path = f"/handovers/{office.pid}/{lead.pid}"
    assert {name for name, who in names.items() if told(who, clock)} == expected
    for name, who in names.items():
        client.sign_in(who)
        header = client.get_page(f"/clients/{person.pid}").by_id("main").get_text()
        assert "请所长（只有一位工作人员的所，就是这一位）或区安帮办移交" in header
        client.get_page(path, status=200 if name in expected else 403)


@pytest.mark.parametrize(
    ("kind", "has_to_do"),
    [
        ("office", True),
        ("office", False),
        ("partner", True),
        ("partner", False),
        ("provider", True),
        ("provider", False),
    ],
)
def test_district_knows_of_a_unit_that_has_to_do_when_nobody_of_it_can_sign_in(
    kind: str, has_to_do: bool, client: QualityClient, office: Any, head: User, clock: Clock
) -> None:
    unit, role = office, Role.OFFICER
    if kind == "office":
        ClientFactory(office=office, stage=Stage.IN_SUPPORT if has_to_do else Stage.DISCHARGED)
    elif kind == "partner":
        state = PartnerState.ACTIVE if has_to_do else PartnerState.SUSPENDED
        unit, role = PartnerFactory(state=state).unit, Role.ENTERPRISE
        PartnerFactory()  # never had an account: officers do what is to be done
    else:
        unit, role = CourseFactory(published=has_to_do).provider, Role.COORDINATOR
    theirs = [head] if kind == "office" else [UserFactory(role=role, unit=unit) for _ in range(2)]
    district = db.session.scalars(db.select(User).where(User.role == Role.DISTRICT)).one()

    def silent(who: User) -> list[str]:
        found = duties.list_duties(actor=who.actor, now=clock.now)
        return [one.lead_name for one in found if one.kind is DutyKind.OPEN_ACCOUNT]

    for one in theirs:
        assert silent(district) == []
        one.active = False
    assert silent(district) == ([unit.name] if has_to_do else [])
    client.sign_in(district)
    page = client.get_page("/today?whose=others")
    assert page.has_text(f"{unit.name} · 账户都已停用") is has_to_do
    assert duties.count_due(actor=district.actor, now=clock.now) == 0
    assert silent(UserFactory(role=Role.OFFICER, unit=office)) == []
    theirs[0].awaits_confirmation = True  # about to sign in again
    assert silent(district) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_disabling_says_before_and_after_whom_the_account_leads_and_heads(
    language: str, client: QualityClient, office: Any, head: User, clock: Clock
) -> None:
    UserFactory(role=Role.OFFICER, unit=office)
    for _ in range(2):
        ClientFactory(office=office, case_lead_id=head.id)
    client.sign_in(Role.SYSTEM_ADMIN)
    client.set_language(language)
    path = f"/admin/accounts/{head.pid}"
    dialog = words(client.get_page(path).by_id("disable-account"))
    assert {"zh": "2 人的帮教责任人", "en": "leads 2 people"}[language] in dialog
    assert {"zh": "本所所长", "en": "heads this office"}[language] in dialog
    after = client.submit(path, form=f"form[action='{path}/disable']")
    assert after.has_text({"zh": "仍是 2 人的帮教责任人", "en": "still leads 2 people"}[language])
    assert head.is_office_head  # nothing changes silently
    district = db.session.scalars(db.select(User).where(User.role == Role.DISTRICT)).one()
    kinds = [kind for kind, _, _ in told(district, clock)]
    assert kinds == [DutyKind.HAND_OVER, DutyKind.NAME_HEAD]
