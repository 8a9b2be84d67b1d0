"""The person reads what is recorded, says what is wrong, and the office deals with it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from matchboard.domain.errors import NotAllowed
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, CorrectionRequest
from matchboard.services import corrections, personal_links
from tests import factories
from tests.client import words

BORN = "1985-05-20"  # the factory's birth date
SAID = "手机号换了，尾号应该是 0001"


@pytest.fixture
def officer(app: Any) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(office=officer.unit, with_id_number=True, phone="+8613800138000")


@pytest.fixture
def path(person: Any, officer: Any, clock: Any) -> str:
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    return f"/me/{token}"


def _say(client: Any, path: str, status: int = 200, **values: str) -> Any:
    named = {f"correction-{name}": value for name, value in values.items()}
    return client.submit(path, named, form="form[action$='/correction']", status=status)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_person_reads_what_is_recorded_and_nothing_restricted(
    language: str, client: Any, path: str, person: Any
) -> None:
    person.wage_expected_cny_month, person.tier = 4321, "key"
    factories.RestrictedRecordFactory(client_id=person.id, facts='{"records": []}')
    client.set_language(language)
    shown = words(client.get_page(path).by_id("my-details"))
    assert "138****8000" in shown
    assert "4,321" in shown
    for secret in ("13800138000", person.id_number, "重点", "刑满", "Key"):
        assert secret not in shown


def test_what_is_wrong_is_a_duty_until_the_office_has_dealt_with_it(
    client: Any, path: str, person: Any, officer: Any, clock: Any
) -> None:
    page = _say(client, path, words=SAID, birth_date=BORN)
    assert SAID in words(page.by_id("my-details"))
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "correction.request")
    ).one()
    assert entry.actor_role == "client"
    assert SAID not in str(entry.detail)
    client.sign_in(officer)
    (row,) = client.get_page("/today").all(".duty")
    assert SAID in words(row)
    assert f"/clients/{person.pid}/profile" in [a["href"] for a in row.select("a")]
    clock.move(days=1)
    page = client.submit("/today", form="form[action*='/today/corrections/']")
    assert page.all(".duty") == []
    request = db.session.scalars(select(CorrectionRequest)).one()
    assert (request.done_at, request.done_by_id) == (clock.now, officer.id)
    assert not client.get_page(path).has_text(SAID)


BAD = [
    ({"birth_date": BORN}, "words"),
    ({"birth_date": BORN, "words": "　 "}, "words"),
    ({"birth_date": BORN, "words": "长" * 401}, "words"),
    ({"words": SAID}, "birth_date"),
    ({"words": SAID, "birth_date": "1985-05-21"}, "birth_date"),
]


@pytest.mark.parametrize(
    ("values", "field"), BAD, ids=["empty", "blank", "long", "no-date", "wrong-date"]
)
def test_request_is_refused_at_the_field_when_wrong(
    client: Any, path: str, values: dict[str, str], field: str
) -> None:
    page = _say(client, path, status=422, **values)
    assert f"correction-{field}" in page.field_errors()
    assert page.by_id("correction-words").text.strip() == values.get("words", "").strip()
    assert db.session.scalars(select(CorrectionRequest)).all() == []


def test_request_is_refused_when_five_wait(client: Any, path: str, person: Any, clock: Any) -> None:
    for n in range(corrections.MAX_OPEN):
        db.session.add(CorrectionRequest(client_id=person.id, words=f"第{n}件", sent_at=clock.now))
    page = _say(client, path, status=422, words=SAID, birth_date=BORN)
    assert page.has_text("还在处理")
    assert page.by_id("correction-words").text.strip() == SAID


def test_request_is_not_found_when_the_person_is_of_another_office(
    client: Any, person: Any, clock: Any
) -> None:
    request = CorrectionRequest(client_id=person.id, words=SAID, sent_at=clock.now)
    db.session.add(request)
    db.session.commit()
    own = person.office_id
    client.sign_in(Role.OFFICER)
    client.post(f"/today/corrections/{request.pid}", status=404)
    assert request.done_at is None
    client.sign_in(factories.UserFactory(role=Role.OFFICER, unit_id=own, unit=person.office))
    form = client.get_page("/today").form(f"form[action$='/{request.pid}']")
    client.send(form)
    assert request.done_at is not None


def test_request_is_settled_once(person: Any, officer: Any, clock: Any) -> None:
    request = CorrectionRequest(client_id=person.id, words=SAID, sent_at=clock.now)
    db.session.add(request)
    db.session.flush()
    for _ in range(2):
        corrections.settle_correction(request.pid, actor=officer.actor, now=clock.now)
        clock.move(days=1)
    verbs = db.session.scalars(select(AuditEntry.verb)).all()
    assert verbs.count("correction.settle") == 1


def test_service_is_refused_to_other_roles(person: Any, officer: Any, clock: Any) -> None:
    with pytest.raises(NotAllowed):
        corrections.request_correction(person, SAID, actor=officer.actor, now=clock.now)
    employer = factories.UserFactory(role=Role.ENTERPRISE)
    with pytest.raises(NotAllowed):
        corrections.settle_correction("x", actor=employer.actor, now=clock.now)
    own = Actor(Role.CLIENT, client_id=person.id)
    made = corrections.request_correction(person, SAID, actor=own, now=clock.now)
    corrections.settle_correction(made.pid, actor=officer.actor, now=clock.now)
    assert made.done_by_id == officer.id
