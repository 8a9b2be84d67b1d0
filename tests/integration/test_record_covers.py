"""A restricted record opens for lead, head and district; for others under a stated cover alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from matchboard.domain.client_file import RestrictedPurpose
from matchboard.domain.duties import DutyKind
from matchboard.domain.errors import Conflict, InvalidFields, NotAllowed, NotFound
from matchboard.domain.record_access import COVER_REASON_MAX, CoverState, Ground
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AbsenceCover, AuditEntry, Client, RestrictedRecord, User
from matchboard.services import (
    audit_folds,
    client_profile,
    clients,
    covers,
    duties,
    restricted,
)
from matchboard.services.client_sections import section_version
from matchboard.services.covers import NewCover
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.integration.placement_paths import (
    AUDIT_POST,
    GROUNDS,
    PENALTY,
    POLICE_POST,
    a_case,
    with_facts,
)

LEGAL = RestrictedPurpose.LEGAL_GATE


@dataclass
class Office:
    """An office of three officers: the head, the lead of a case, and a colleague."""

    head: User
    lead: User
    colleague: User
    district: User
    person: Client


@pytest.fixture
def office(app: Any, clock: Clock) -> Office:
    del app, clock
    unit = factories.OfficeFactory()
    head, lead, colleague = (
        factories.UserFactory(unit=unit, display_name=name, is_office_head=name == "所长甲")
        for name in ("所长甲", "责任人乙", "同事丙")
    )
    district = factories.UserFactory(role=Role.DISTRICT, unit=unit.parent)
    person = factories.ClientFactory(office=unit, case_lead_id=lead.id)
    facts = '{"records": [{"basis": "criminal_penalty", "kinds": ["food_safety"]}]}'
    factories.RestrictedRecordFactory(client_id=person.id, facts=facts)
    db.session.commit()
    return Office(head, lead, colleague, district, person)


def stated(office: Office, clock: Clock, **changes: Any) -> NewCover:
    given: dict[str, Any] = {
        "covered_pid": office.lead.pid,
        "covering_pid": office.colleague.pid,
        "from_on": clock.today,
        "until_on": clock.today + timedelta(days=4),
        "reason": "外出培训",
    }
    return NewCover(**{**given, **changes})


def entries(verb: str) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.verb == verb).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def try_doors(office: Office, who: User, clock: Clock) -> set[str]:
    """Return which of the three doors to the record open for an officer."""
    opened = set()
    db.session.commit()
    common = {"actor": who.actor, "now": clock.now}
    version = db.session.scalars(select(RestrictedRecord.version)).one()
    doors = {
        "open": lambda: restricted.open_record(office.person, purpose=LEGAL, **common),
        "compare": lambda: restricted.open_for_comparison(
            office.person.pid, purpose=LEGAL, **common
        ),
        "save": lambda: restricted.save_record(
            office.person, {"records": [{}] * (version % 2)}, expected_version=version, **common
        ),
    }
    for name, act in doors.items():
        try:
            act()
        except restricted.RecordClosed:
            db.session.rollback()
        else:
            opened.add(name)
            db.session.commit()
    return opened


# --- The three doors -----------------------------------------------------------------------


def test_every_door_opens_for_lead_head_district_and_under_cover_alone(
    office: Office, clock: Clock
) -> None:
    every = {"open", "compare", "save"}
    for who in (office.lead, office.head, office.district):
        assert try_doors(office, who, clock) == every
    n_read = len(entries("restricted.read"))
    n_written = len(entries("restricted.write"))
    assert try_doors(office, office.colleague, clock) == set()
    assert len(entries("restricted.read")) == n_read
    cover = covers.state_cover(stated(office, clock), actor=office.lead.actor, now=clock.now)
    assert try_doors(office, office.colleague, clock) == every
    # Each act under a cover says so, and no other does.
    noted = {"cover": cover.pid, "until": cover.until_on.isoformat()}
    for verb, n_before in (("restricted.read", n_read), ("restricted.write", n_written)):
        for n, entry in enumerate(entries(verb)):
            assert (noted.items() <= entry.detail.items()) is (n >= n_before)
            assert ("cover" in entry.detail) is (n >= n_before)
    # It ends by itself, without anybody having done anything.
    clock.move(days=4)
    assert try_doors(office, office.colleague, clock) == every
    clock.move(days=1)
    assert try_doors(office, office.colleague, clock) == set()


def test_cover_opens_the_records_of_whom_it_covers_alone(office: Office, clock: Clock) -> None:
    covers.state_cover(stated(office, clock), actor=office.head.actor, now=clock.now)
    unit = office.person.office
    others = [factories.ClientFactory(office=unit, case_lead_id=x) for x in (office.head.id, None)]

    def ground(person: Client) -> Ground | None:
        found = restricted.access_of(person, actor=office.colleague.actor, now=clock.now)
        return found and found.ground

    assert [ground(one) for one in (office.person, *others)] == [Ground.COVER, None, None]
    # Handed over to somebody else, the case is no longer the absent officer's.
    office.person.case_lead_id = office.head.id
    assert ground(office.person) is None
    # Where nobody is named as head, whoever of the office takes the case up first looks.
    office.head.is_office_head = False
    assert [ground(one) for one in others] == [None, Ground.OFFICE]
    # Of one who is left alone nobody needs to be named.
    office.head.active = office.lead.active = False
    assert [ground(one) for one in others] == [Ground.HEAD, Ground.HEAD]


# --- Who leads the case --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "is_allowed"),
    [("lead", True), ("head", True), ("district", True), ("colleague", False), ("cover", False)],
)
def test_case_is_handed_over_by_whom_the_record_opens_for_without_cover(
    office: Office, clock: Clock, who: str, is_allowed: bool
) -> None:
    """Whoever could name themselves as lead would have the record."""
    if who == "cover":
        covers.state_cover(stated(office, clock), actor=office.lead.actor, now=clock.now)
    actor = getattr(office, "colleague" if who == "cover" else who).actor
    client = office.person

    def update(lead: User) -> None:
        typed = client_profile.Basics(
            name=client.name,
            kind=client.kind,
            stage=client.stage,
            contact_status=client.contact_status,
            birth_date=client.birth_date,
            case_lead_pid=lead.pid,
        )
        version = section_version(client, client_profile.S.BASICS)
        client_profile.update_basics(
            client, typed, expected_version=version, actor=actor, now=clock.now
        )

    update(office.lead)  # everybody saves the rest
    if is_allowed:
        update(office.colleague)
        assert client.case_lead_id == office.colleague.id
    else:
        with pytest.raises(InvalidFields) as refused:
            update(office.colleague)
        found = [(p.code, p.field) for p in refused.value.problems]
        assert found == [("case_lead_not_yours", "case_lead_pid")]
        assert client.case_lead_id == office.lead.id


# --- Covers --------------------------------------------------------------------------------


def test_cover_is_on_record_when_stated_and_when_ended(office: Office, clock: Clock) -> None:
    cover = covers.state_cover(stated(office, clock), actor=office.lead.actor, now=clock.now)
    (made,) = entries("absence_cover.make")
    assert (made.subject_kind, made.subject_pid) == ("absence_cover", cover.pid)
    assert made.detail == {
        "covered": office.lead.pid,
        "covering": office.colleague.pid,
        "start": "2026-11-24",
        "until": "2026-11-28",
    }
    covers.end_cover(cover.pid, actor=office.head.actor, now=clock.now)
    (ended,) = entries("absence_cover.end")
    assert (ended.subject_pid, ended.actor_pid) == (cover.pid, office.head.pid)
    assert cover.state(clock.today) is CoverState.ENDED
    assert try_doors(office, office.colleague, clock) == set()
    with pytest.raises(Conflict):
        covers.end_cover(cover.pid, actor=office.head.actor, now=clock.now)
    # The log's check follows it, and sees what was changed by hand.
    assert unlike_the_log() == ()
    for name, value in (("until_on", cover.until_on + timedelta(days=1)), ("ended_at", None)):
        before = getattr(cover, name)
        setattr(cover, name, value)
        assert unlike_the_log() == (cover.pid,), name
        setattr(cover, name, before)
    assert unlike_the_log() == ()
    db.session.delete(cover)
    assert unlike_the_log() == (cover.pid,)


def unlike_the_log() -> tuple[str, ...]:
    db.session.commit()
    return {check.name: check for check in audit_folds.run()}["absence_cover_log"].examples


@pytest.mark.parametrize(
    ("who", "may_state", "may_end"),
    [
        ("lead", True, True),
        ("head", True, True),
        ("district", True, True),
        ("colleague", False, True),  # who covers may lay it down
        ("bystander", False, False),
        ("stranger", False, False),
    ],
)
def test_cover_is_stated_and_ended_by_who_may(
    office: Office, clock: Clock, who: str, may_state: bool, may_end: bool
) -> None:
    people = {
        "bystander": factories.UserFactory(unit=office.person.office),
        "stranger": factories.UserFactory(is_office_head=True),
    }
    actor = (people.get(who) or getattr(office, who)).actor
    try:
        covers.state_cover(stated(office, clock), actor=actor, now=clock.now)
    except (NotAllowed, InvalidFields):  # those of another office are nobody for them
        assert not may_state
    else:
        assert may_state
    db.session.rollback()
    cover = covers.state_cover(stated(office, clock), actor=office.head.actor, now=clock.now)
    shown = [row.may_end for row in covers.list_covers(actor=actor, now=clock.now)]
    assert shown == ([True] if may_end else [])
    try:
        covers.end_cover(cover.pid, actor=actor, now=clock.now)
    except NotFound:
        assert not may_end
    else:
        assert may_end


def test_cover_is_refused_with_all_that_is_wrong(office: Office, clock: Clock) -> None:
    stranger = factories.UserFactory()
    gone = factories.UserFactory(unit=office.person.office, active=False)
    elsewhere = factories.UserFactory(unit=factories.OfficeFactory(parent=office.district.unit))
    lead, colleague = office.lead.pid, office.colleague.pid
    days = {"from_on": clock.today, "until_on": clock.today + timedelta(days=31)}
    refusals: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
        (
            {"covering_pid": stranger.pid, "covered_pid": "", **days, "reason": " "},
            {
                ("unknown_case_lead", "covered_pid"),
                ("unknown_case_lead", "covering_pid"),
                ("cover_too_long", "until_on"),
                ("required", "reason"),
            },
        ),
        ({"covering_pid": gone.pid}, {("unknown_case_lead", "covering_pid")}),
        ({"covering_pid": lead}, {("cover_by_oneself", "covering_pid")}),
        ({"covering_pid": elsewhere.pid}, {("cover_of_other_office", "covering_pid")}),
        ({"reason": "因" * (COVER_REASON_MAX + 1)}, {("text_too_long", "reason")}),
        ({"covering_pid": colleague}, set()),
        ({"covering_pid": colleague}, {("cover_exists", "covering_pid")}),
    ]
    actor = office.district.actor
    for changes, wanted in refusals:
        found = set()
        try:
            covers.state_cover(stated(office, clock, **changes), actor=actor, now=clock.now)
        except InvalidFields as error:
            found = {(p.code, p.field) for p in error.problems}
        assert found == wanted
    assert db.session.query(AbsenceCover).count() == 1


def test_covers_are_listed_standing_first_to_whom_they_concern(
    office: Office, clock: Clock
) -> None:
    unit = office.person.office
    other = factories.UserFactory(unit=unit)
    covers.state_cover(
        stated(office, clock, until_on=clock.today), actor=office.lead.actor, now=clock.now
    )
    clock.move(days=3)
    covers.state_cover(
        stated(office, clock, covered_pid=office.head.pid, covering_pid=other.pid),
        actor=office.head.actor,
        now=clock.now,
    )

    def listed(who: User) -> list[tuple[str, CoverState]]:
        rows = covers.list_covers(actor=who.actor, now=clock.now)
        return [(row.cover.covered.display_name, row.state) for row in rows]

    of_head, of_lead = ("所长甲", CoverState.IN_FORCE), ("责任人乙", CoverState.EXPIRED)
    assert listed(office.head) == [of_head, of_lead]
    assert listed(office.district) == [of_head, of_lead]
    assert listed(office.lead) == [of_lead]
    assert listed(office.colleague) == [of_lead]
    assert listed(other) == [of_head]
    assert listed(factories.UserFactory()) == []
    mine = [one.pid for one in covers.list_covered(actor=office.colleague.actor)]
    assert mine == [office.colleague.pid]
    assert len(covers.list_covered(actor=office.head.actor)) == 4
    assert clients.list_case_leads(office.person)  # the same officers, by the case's office


# --- On the pages --------------------------------------------------------------------------

PURPOSE, FACTS = "form[action$='/restricted']", "#facts-form"


def test_page_says_for_whom_the_record_opens_and_how_a_cover_is_made(
    client: QualityClient, office: Office, clock: Clock
) -> None:
    root = f"/clients/{office.person.pid}"
    client.sign_in(office.lead)
    assert client.get_page(root).by_id("restricted").get_text().count("去说明目的") == 1
    before = client.get_page(f"{root}/restricted")
    opened = client.submit(f"{root}/restricted", {"purpose": "legal_gate"}, form=PURPOSE)
    form = opened.form(FACTS)

    client.sign_in(office.colleague)
    card = client.get_page(root).by_id("restricted").get_text()
    page = client.get_page(f"{root}/restricted")
    for told in (card, page.text):
        assert "责任人乙" in told
        assert f"{office.person.office.name} 所长：所长甲" in told
        assert "区安帮办" in told
    assert page.has_text("安排代管")
    assert page.has_text(office.person.office.name)
    assert not page.all(PURPOSE)
    assert before.all(PURPOSE)
    # What is sent nevertheless, as from a page kept open, is refused, said so and on record.
    values = form.values()
    for path, sent in (("/restricted", {"purpose": "legal_gate"}), ("/restricted/record", values)):
        answer = client.post(root + path, sent, status=403)
        assert answer.by_id("not-yours")
        assert answer.has_text("没有打开，也没有保存任何内容")
        assert not answer.all(FACTS)
    assert [e.actor_pid for e in entries("restricted.refuse")] == [office.colleague.pid] * 2
    assert "food_safety" not in page.text + answer.text
    client.sign_in(factories.UserFactory(is_office_head=True))
    client.post(f"{root}/restricted", {"purpose": "legal_gate"}, status=404)


def test_cover_is_stated_shown_used_and_ended_on_the_pages(
    client: QualityClient, office: Office, clock: Clock
) -> None:
    colleague = client.another()
    colleague.sign_in(office.colleague)
    path = f"/clients/{office.person.pid}/restricted"
    values = {
        "covering_pid": office.colleague.pid,
        "until_on": "2026-11-27",
        "reason": "外出培训",
    }
    client.sign_in(office.lead)
    assert "责任人乙" in str(client.get_page("/covers/new").by_id("covered_pid"))
    refused = client.submit("/covers/new", {"until_on": "以后", "reason": "外出培训"}, status=422)
    assert set(refused.field_errors()) == {"covering_pid", "until_on"}
    done = client.submit("", values, page=refused)
    assert done.path == "/covers"
    assert done.by_id("standing").get_text().count("代管中") == 1
    assert colleague.get_page(path).has_text("到 2026-11-27 为止可以打开")
    opened = colleague.submit(path, {"purpose": "legal_gate"}, form=PURPOSE)
    assert opened.all(FACTS)
    assert opened.has_text("代管期间打开")
    assert [e.detail.get("until") for e in entries("restricted.read")] == ["2026-11-27"]
    standing = client.get_page("/covers").by_id("standing")
    office.colleague.active = False  # a cover by whom nothing opens does not look like one
    assert "账户已停用" in client.get_page("/covers").by_id("standing").get_text()
    assert "账户已停用" not in standing.get_text()
    office.colleague.active = True
    colleague.submit("/covers", form="form[action$='/end']")
    assert "已提前结束" in client.get_page("/covers").by_id("past").get_text()
    # The facts lay open on the screen when it ended; saving them is refused now.
    late = colleague.send(opened.form(FACTS), {"state": "unknown"}, status=403)
    assert late.by_id("not-yours")
    client.sign_in(office.district)
    assert client.get_page("/covers").has_text(office.person.office.name)
    assert office.person.office.name in client.get_page("/covers/new").text


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("mended", ["another", "ended", "expired", "lead_left", "back"])
def test_another_cover_is_a_duty_of_who_may_arrange_it_when_who_covers_left(
    mended: str, client: QualityClient, office: Office, clock: Clock
) -> None:
    cover = covers.state_cover(stated(office, clock), actor=office.lead.actor, now=clock.now)
    unit, bystander = office.lead.unit, factories.UserFactory(unit=office.lead.unit)
    told = {office.head.pid, office.lead.pid, office.district.pid}

    def duty_of(who: User) -> list[tuple[str, str]]:
        found = duties.list_duties(actor=who.actor, now=clock.now)
        assert duties.count_due(actor=who.actor, now=clock.now) == len(found)
        again = (one for one in found if one.kind is DutyKind.COVER_AGAIN)
        return [(one.lead_name, one.covering_name) for one in again]

    def who_is_told() -> set[str]:
        everybody = (office.head, office.lead, office.district, bystander)
        return {who.pid for who in everybody if duty_of(who)}

    assert who_is_told() == set()
    office.colleague.active = False
    assert who_is_told() == told
    assert duty_of(office.lead) == [("责任人乙", "同事丙")]
    client.sign_in(office.head)
    row = client.get_page("/today").one(".duty")
    assert "代管：同事丙" in row.get_text()
    page = client.get_page(row.select_one(".duty-verb a")["href"])
    assert page.path == "/covers"
    if mended == "another":
        shorter = stated(office, clock, covering_pid=bystander.pid, until_on=clock.today)
        covers.state_cover(shorter, actor=office.head.actor, now=clock.now)
        assert who_is_told() == told  # the last days of the absence are nobody's still
        as_long = stated(office, clock, covering_pid=office.head.pid)
        covers.state_cover(as_long, actor=office.head.actor, now=clock.now)
    elif mended == "ended":
        covers.end_cover(cover.pid, actor=office.district.actor, now=clock.now)
    elif mended == "expired":
        clock.move(days=4)
        assert who_is_told() == told
        clock.move(days=1)
    elif mended == "lead_left":
        office.lead.unit = factories.OfficeFactory(parent=unit.parent)
        assert {one.kind for one in duties.list_duties(actor=office.head.actor, now=clock.now)} == {
            DutyKind.HAND_OVER
        }
    else:
        office.colleague.active = True
    assert who_is_told() == set()


@pytest.mark.usefixtures("on_one_database")
def test_lead_is_offered_for_change_to_whom_it_may_be_changed_by(
    client: QualityClient, office: Office
) -> None:
    path = f"/clients/{office.person.pid}/profile/basics"
    offered = {}
    for who in (office.head, office.colleague):
        client.sign_in(who)
        options = client.get_page(path).all("#case_lead_pid option")
        offered[who.pid] = {str(option["value"]) for option in options}
    assert offered[office.colleague.pid] == {office.lead.pid}
    every = {"", office.lead.pid, office.head.pid, office.colleague.pid}
    assert offered[office.head.pid] == every


@pytest.mark.usefixtures("on_one_database")
def test_gate_decides_for_everybody_and_tells_of_the_record_to_whom_it_opens(
    client: QualityClient,
) -> None:
    """What is missing of the facts, until when they bar and written grounds tell of the record."""
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    barred = with_facts(a_case(**POLICE_POST), PENALTY)
    for one in (case, barred):
        one.officer.is_office_head = True
        one.person.case_lead_id = one.officer.id
    colleague = factories.UserFactory(unit=case.officer.unit)
    other = factories.UserFactory(unit=barred.officer.unit)
    propose = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    matches = f"/clients/{barred.person.pid}/matches"
    told = ("还不清楚", GROUNDS)
    client.sign_in(case.officer)
    client.submit(propose, {"decision": "refuse", "grounds": GROUNDS})
    page = client.get_page(propose)
    assert all(page.has_text(words) for words in told)
    client.sign_in(barred.officer)
    assert client.get_page(matches).by_id("blocked").get_text().count("期限见受限记录") == 0
    client.sign_in(colleague)
    page = client.get_page(propose)
    assert not any(page.has_text(words) for words in told)
    assert page.has_text("以前的核定：不能推荐")
    assert page.has_text("注册会计师法")
    assert page.has_text("受限记录不对您开放")
    client.sign_in(other)
    blocked = client.get_page(matches).by_id("blocked").get_text()
    assert "警察法" in blocked
    assert "期限见受限记录" in blocked
    # Whoever proposes need not have read it: the written decision is theirs.
    client.sign_in(colleague)
    client.submit(propose, {"decision": "proceed", "grounds": "责任人已核对，可以推荐。"})
    assert client.get_page(propose).has_text("责任人已核对，可以推荐。")
