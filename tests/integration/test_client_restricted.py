"""The restricted record: closed, opened for a purpose on record, and seen nowhere else."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from matchboard.domain.errors import StaleEdit
from matchboard.domain.occupational_bars import Facts, MalformedFacts
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, RestrictedRecord
from matchboard.services import client_fields, restricted
from tests import factories
from tests.client import words
from tests.sql import assert_sql_count

SECRET = {"basis": "criminal_penalty", "kinds": ["food_safety"], "intent": "negligent"}
PURPOSE = "form[action$='/restricted']"
FACTS = "#facts-form"


@pytest.fixture
def officer(client: Any) -> Any:
    return client.sign_in(Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(office=officer.unit, **client_fields.name_columns("张三"))


def _path(person: Any) -> str:
    return f"/clients/{person.pid}/restricted"


def _store(person: Any, records: Any) -> None:
    facts = json.dumps({} if records is None else {"records": records})
    factories.RestrictedRecordFactory(client_id=person.id, facts=facts)


def _open(client: Any, person: Any, **values: Any) -> Any:
    values.setdefault("purpose", "legal_gate")
    return client.submit(_path(person), values, form=PURPOSE)


def _facts(person: Any) -> Facts | None:
    db.session.expire_all()
    return restricted.facts_for_gate([person.id])[person.id]


# --- What the law has sealed ---------------------------------------------------------------


def test_form_offers_nothing_sealed_and_refuses_a_sealed_kind(client: Any, person: Any) -> None:
    _store(person, [{"basis": "administrative_penalty", "kinds": ["traffic"]}])
    page = _open(client, person)
    offered = {str(o["value"]) for o in page.by_id("records-0-basis").select("option")}
    assert "administrative_penalty" in offered
    assert offered & {"administrative_detention", "compulsory_drug_rehabilitation"} == set()
    kinds = {str(o["value"]) for o in page.all("input[name='records-0-kinds']")}
    assert "gambling" in kinds
    assert "drug_use" not in kinds
    assert page.has_text("违反治安管理的记录")
    before = _facts(person)
    both = {"records-0-kinds": ["traffic", "gambling"]}
    refused = client.send(page.form(FACTS), both, status=422)
    assert "治安管理处罚" in words(refused.by_id("records-0-kinds-error"))
    assert _facts(person) == before
    client.send(refused.form(FACTS), {"records-0-kinds": ["traffic", "other"]})
    assert _facts(person) != before


def _reads() -> Any:
    """Return the entries of opened records (that somebody looked at the person is another)."""
    return db.session.query(AuditEntry).filter_by(verb="restricted.read")


# --- Opening -------------------------------------------------------------------------------


def test_record_is_closed_until_a_purpose_is_stated(client: Any, person: Any) -> None:
    _store(person, [SECRET])
    page = client.get_page(_path(person))
    assert not page.all(FACTS)
    assert "food_safety" not in page.text
    assert _reads().count() == 0


def test_opening_shows_the_record_once_and_is_on_record(client: Any, person: Any) -> None:
    _store(person, [SECRET])
    page = _open(client, person)
    assert page.by_id("records-0-basis").select_one("option[selected]")["value"] == (
        "criminal_penalty"
    )
    entry = _reads().one()
    assert (entry.verb, entry.subject_pid) == ("restricted.read", person.pid)
    assert entry.detail == {"purpose": "legal_gate", "has_note": False}
    assert not client.get_page(_path(person)).all(FACTS)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        pytest.param({}, "purpose", id="none"),
        pytest.param({"purpose": "curiosity"}, "purpose", id="unknown"),
        pytest.param({"purpose": "other"}, "note", id="other-without-words"),
        pytest.param({"purpose": "other", "note": "字" * 201}, "note", id="too-long"),
    ],
)
def test_opening_is_refused_without_a_purpose(
    client: Any, person: Any, values: dict[str, str], field: str
) -> None:
    _store(person, [SECRET])
    page = client.submit(_path(person), values, form=PURPOSE, status=422)
    assert page.all(f"[id='{field}-error']")
    assert not page.all(FACTS)
    assert _reads().count() == 0


def test_opening_for_another_purpose_takes_words_the_log_does_not_keep(
    client: Any, person: Any
) -> None:
    _open(client, person, purpose="other", note="上级来函核查")
    entry = _reads().one()
    assert entry.detail == {"purpose": "other", "has_note": True}


@pytest.mark.parametrize(
    "role",
    [Role.ENTERPRISE, Role.COORDINATOR, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN],
)
def test_record_is_forbidden_to_other_roles(client: Any, person: Any, role: Role) -> None:
    path = _path(person)
    client.get_page(path)
    client.post(path, {"purpose": "legal_gate"}, status=200)
    client.sign_in(role)
    client.get_page(path, status=403)
    client.post(path, {"purpose": "legal_gate"}, status=403)


def test_record_of_another_office_is_not_found_and_the_district_may_open_it(
    client: Any, officer: Any, person: Any
) -> None:
    path, district = _path(person), officer.unit.parent
    client.sign_in(Role.OFFICER)
    client.post(path, {"purpose": "legal_gate"}, status=404)
    client.sign_in(factories.UserFactory(role=Role.DISTRICT, unit=district))
    client.submit(path, {"purpose": "legal_gate"}, form=PURPOSE)


# --- Saving --------------------------------------------------------------------------------


def test_unknown_none_and_listed_are_told_apart(client: Any, person: Any) -> None:
    assert _facts(person) is None
    for state, records in (("none", ()), ("unknown", None)):
        page = _open(client, person)
        client.send(page.form(FACTS), {"state": state})
        assert _facts(person) == Facts(records)
    page = _open(client, person)
    page = client.submit("", page=page, form=FACTS, button="add_row=1")
    assert _facts(person) == Facts(None)
    client.send(page.form(FACTS), {"state": "listed", "records-0-basis": "criminal_penalty"})
    saved = _facts(person)
    assert saved is not None
    assert saved.records is not None
    assert [record.basis for record in saved.records] == ["criminal_penalty"]


def test_every_kind_of_fact_is_saved_and_shown_again(client: Any, person: Any) -> None:
    page = client.submit("", page=_open(client, person), form=FACTS, button="add_row=1")
    values = {
        "state": "listed",
        "records-0-basis": "criminal_penalty",
        "records-0-intent": "intentional",
        "records-0-kinds": ["food_safety", "market_order"],
        "records-0-kinds_doubtful_none": "y",
        "records-0-fixed_term_or_more": "1",
        "records-0-suspended": "0",
        "records-0-sentence_completed_on": "2026.5.1",
        "records-0-political_rights_deprived_until_life": "y",
        "records-0-court_prohibition": "other",
        "records-0-court_prohibition_occupations": "6-05-01-03",
    }
    client.send(page.form(FACTS), values)
    stored = json.loads(db.session.query(RestrictedRecord).one().facts)
    assert stored == {
        "records": [
            {
                "basis": "criminal_penalty",
                "intent": "intentional",
                "kinds": ["food_safety", "market_order"],
                "kinds_doubtful": [],
                "fixed_term_or_more": True,
                "suspended": False,
                "sentence_completed_on": "2026-05-01",
                "political_rights_deprived_until": "life",
                "court_prohibition": "other",
                "court_prohibition_occupations": ["6-05-01-03"],
            }
        ]
    }
    again = _open(client, person)
    client.send(again.form(FACTS))
    db.session.expire_all()
    assert json.loads(db.session.query(RestrictedRecord).one().facts) == stored


def test_record_is_removed_without_scripts(client: Any, person: Any) -> None:
    _store(person, [SECRET, {"basis": "administrative_penalty"}])
    page = client.submit("", page=_open(client, person), form=FACTS, button="remove_row=0")
    client.send(page.form(FACTS))
    saved = _facts(person)
    assert saved is not None
    assert [record.basis for record in saved.records or ()] == ["administrative_penalty"]


BAD = [
    pytest.param({"state": "x"}, "state", id="state"),
    pytest.param({"state": "none"}, "state", id="none-beside-records"),
    pytest.param({"records-0-basis": "x"}, "records-0-basis", id="choice"),
    pytest.param({"records-0-kinds": ["x"]}, "records-0-kinds", id="choices"),
    pytest.param(
        {"records-0-kinds": ["seed"], "records-0-kinds_none": "y"},
        "records-0-kinds",
        id="none-and-some",
    ),
    pytest.param({"records-0-suspended": "x"}, "records-0-suspended", id="answer"),
    pytest.param(
        {"records-0-sentence_completed_on": "2026-02-30"},
        "records-0-sentence_completed_on",
        id="date",
    ),
    pytest.param(
        {
            "records-0-political_rights_deprived_until": "2030-01-01",
            "records-0-political_rights_deprived_until_life": "y",
        },
        "records-0-political_rights_deprived_until",
        id="day-and-life",
    ),
    pytest.param(
        {"records-0-court_prohibition_occupations": "不存在"},
        "records-0-court_prohibition_occupations",
        id="occupation",
    ),
]


@pytest.mark.parametrize(("values", "field"), BAD)
def test_record_refuses_at_the_field_and_keeps_the_stored_one(
    client: Any, person: Any, values: dict[str, Any], field: str
) -> None:
    _store(person, [SECRET])
    page = client.send(_open(client, person).form(FACTS), values, status=422)
    assert page.all(f"[id='{field}-error']")
    db.session.expire_all()
    assert json.loads(db.session.query(RestrictedRecord).one().facts) == {"records": [SECRET]}


def test_listed_without_a_record_is_refused(client: Any, person: Any) -> None:
    page = client.send(_open(client, person).form(FACTS), {"state": "listed"}, status=422)
    assert page.all("#state-error")


def test_stale_record_shows_both_versions_and_is_read_on_record(client: Any, person: Any) -> None:
    _store(person, [{"basis": "administrative_penalty"}])
    form = _open(client, person).form(FACTS)
    client.send(_open(client, person).form(FACTS), {"records-0-basis": "licence_revocation"})
    page = client.send(form, {"records-0-intent": "negligent"}, status=409)
    table = page.one(".table-compare").get_text()
    assert "行政处罚" in table
    assert "吊销证照" in table
    assert page.has_text("最近一次变化：司法所工作人员")
    assert db.session.query(AuditEntry).filter_by(verb="restricted.read").count() == 3
    client.send(page.form(FACTS))
    saved = _facts(person)
    assert saved is not None
    # The intent is what was typed; the basis was left alone, so that nobody's change is taken back.
    assert [(r.basis, r.intent) for r in saved.records or ()] == [
        ("licence_revocation", "negligent")
    ]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"purpose": ""}, id="none"),
        pytest.param({"purpose": "curiosity"}, id="unknown"),
        pytest.param({"purpose": "other", "note": " "}, id="other-without-words"),
    ],
)
def test_stale_record_stays_closed_without_a_purpose(
    client: Any, person: Any, values: dict[str, str]
) -> None:
    form = _open(client, person).form(FACTS)
    _store(person, [SECRET])
    page = client.send(form, {"version": "0", "state": "none", **values}, status=422)
    assert not page.all(".table-compare")
    assert db.session.query(AuditEntry).filter_by(verb="restricted.read").count() == 1
    saved = _facts(person)
    assert saved is not None
    assert len(saved.records or ()) == 1


def test_no_record_is_made_when_the_form_does_not_say_that_there_was_none(
    client: Any, person: Any
) -> None:
    form = _open(client, person).form(FACTS)
    client.send(form, {"state": "none", "version": ""}, status=409)
    assert db.session.query(RestrictedRecord).all() == []
    client.send(form, {"state": "none"})
    assert db.session.query(RestrictedRecord).one()


def test_stale_record_opened_for_another_purpose_is_compared_under_it(
    client: Any, person: Any
) -> None:
    form = _open(client, person, purpose="other", note="上级来函核查").form(FACTS)
    _store(person, [SECRET])
    client.send(form, {"state": "none"}, status=409)
    found = db.session.query(AuditEntry).filter_by(verb="restricted.read").all()
    assert [entry.detail for entry in found] == [{"purpose": "other", "has_note": True}] * 2


def test_writing_is_audited_without_telling_what(client: Any, person: Any) -> None:
    client.send(_open(client, person).form(FACTS), {"state": "none"})
    entry = db.session.query(AuditEntry).filter_by(verb="restricted.write").one()
    assert entry.detail == {"is_known": True}


def test_service_refuses_malformed_facts_and_stale_versions(
    officer: Any, person: Any, clock: Any
) -> None:
    with pytest.raises(MalformedFacts):
        restricted.save_record(
            person, {"record": []}, expected_version=0, actor=officer.actor, now=clock.now
        )
    with pytest.raises(StaleEdit):
        restricted.save_record(person, {}, expected_version=7, actor=officer.actor, now=clock.now)
    assert _facts(person) is None
    sound = {"records": [SECRET]}
    restricted.save_record(person, sound, expected_version=0, actor=officer.actor, now=clock.now)
    assert _facts(person) is not None


# --- Nowhere else --------------------------------------------------------------------------


def test_record_is_encrypted_at_rest(client: Any, person: Any) -> None:
    client.send(_open(client, person).form(FACTS), {"state": "none"})
    (stored,) = db.session.execute(text("SELECT facts FROM restricted_record")).scalars()
    assert "records" not in stored


def test_record_is_seen_on_no_other_page_export_or_log(
    client: Any, person: Any, caplog: pytest.LogCaptureFixture
) -> None:
    _store(person, [SECRET])
    words = ("食品安全", "food_safety", "过失", "negligent", "criminal_penalty")
    with caplog.at_level(logging.DEBUG):
        form = _open(client, person).form(FACTS)
        client.send(form, {"records-0-basis": "x"}, status=422)
        for path in ("/clients", f"/clients/{person.pid}", "/search?q=zs"):
            assert not any(word in client.get_page(path).text for word in words)
        assert not any(w in client.get_page(f"/clients/{person.pid}/profile").text for w in words)
        book = load_workbook(io.BytesIO(client.post("/clients/export.xlsx").data))
        cells = str([list(row) for row in book.active.iter_rows(values_only=True)])
    assert not any(word in cells for word in words)
    assert not any(word in caplog.text for word in words)
    details = str([entry.detail for entry in db.session.query(AuditEntry)])
    assert not any(word in details for word in words)


def test_gate_reads_many_records_in_one_statement_without_audit(officer: Any) -> None:
    people = [factories.ClientFactory(office=officer.unit) for _ in range(4)]
    _store(people[0], [])
    _store(people[1], None)
    _store(people[2], [SECRET])
    ids = [one.id for one in people]
    db.session.commit()
    with assert_sql_count(1):
        found = restricted.facts_for_gate(ids)
    assert found[ids[0]] == Facts(())
    assert found[ids[1]] == Facts(None)
    assert found[ids[2]] is not None
    assert found[ids[3]] is None
    assert db.session.query(AuditEntry).count() == 0
