"""Registering somebody who may be on the register already: asked once, never refused."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client
from matchboard.web import drafts
from tests.client import QualityClient

pytestmark = pytest.mark.usefixtures("on_one_database", "app")
NAME, BORN, PHONE = "古丽米热·艾比布力", "1990-01-02", "13800001234"


def register(client: QualityClient, *, status: int, **changes: Any) -> Any:
    typed = {
        "name": NAME,
        "has_no_number": "y",
        "birth_date": BORN,
        "phone": PHONE,
        "kind": "released_person",
        "stage": "in_support",
        **changes,
    }
    return client.submit("/clients/new", typed, form="main form", status=status)


def n_people() -> int:
    return len(db.session.scalars(db.select(Client.id).order_by(Client.id)).all())


@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({}, True),
        ({"name": "古丽米热 • 艾比布力"}, True),  # another dot, and blanks
        ({"phone": ""}, True),  # name and birth date
        ({"birth_date": "1991-01-02"}, True),  # name and phone
        ({"birth_date": "1991-01-02", "phone": "13900001234"}, False),
        ({"name": "古丽米娜·艾比布力"}, False),
    ],
    ids=["same", "dot", "birth-date", "phone", "name-alone", "other-name"],
)
def test_registration_asks_once_when_somebody_may_be_there_already(
    changes: dict[str, str], asks: bool, client: QualityClient
) -> None:
    client.sign_in(Role.OFFICER)
    register(client, status=200)
    first = db.session.scalars(db.select(Client)).one()
    page = register(client, status=422 if asks else 200, **changes)
    assert (n_people(), page.has_text("可能已经登记过")) == ((1, True) if asks else (2, False))
    if asks:
        assert f"/clients/{first.pid}" in page.links()
        assert page.has_text(f"编号 {first.pid}")  # two of one name and birth date are told apart
        assert page.has_text("电话尾号 1234")
        assert not page.all(".error-summary")  # nothing is wrong with what was typed
        client.submit("", {"someone_else": "y"}, form="main form", page=page)
        assert n_people() == 2


def test_question_comes_with_the_other_faults_and_outlives_them_and_the_language(
    client: QualityClient,
) -> None:
    client.sign_in(Role.OFFICER)
    register(client, status=200)
    # What the service refuses, and what has no shape.
    page = register(client, status=422, released_on="2026-12-30", registered_on="2026-11-01")
    assert page.by_id("someone_else")
    assert page.all(".error-summary")
    page = register(client, status=422, registered_on="不是日期")
    assert page.all(".error-summary")
    answered = {"someone_else": "y"}
    page = client.submit("", answered, form="main form", page=page, status=422)
    assert "checked" in page.by_id("someone_else").attrs
    switched = client.submit(
        "", answered | {drafts.SWITCH: "en"}, form="main form", page=page, follow=True
    )
    assert switched.by_id("maybe-registered")
    assert "checked" in switched.by_id("someone_else").attrs
    assert n_people() == 1
    client.submit("", {"registered_on": ""}, form="main form", page=switched)
    assert n_people() == 2
    # An answer counts for those it was given of: another name is another question.
    client.set_language("zh")
    other = {"name": "阿依古丽", "phone": "13900004321"}
    register(client, status=200, **other)
    page = register(client, status=422)
    page = client.submit("", answered | other, form="main form", page=page, status=422)
    assert "checked" not in page.by_id("someone_else").attrs


def test_person_of_another_office_is_not_named_and_the_hit_is_on_record(
    client: QualityClient,
) -> None:
    client.sign_in(Role.OFFICER)
    register(client, status=200)
    first = db.session.scalars(db.select(Client)).one()
    office = first.office.name
    other = client.another()
    other.sign_in(Role.OFFICER)
    page = register(other, status=422)
    assert page.has_text("可能已在另一个司法所登记")
    assert page.by_id("someone_else")
    assert not page.has_text(office)
    assert f"/clients/{first.pid}" not in page.links()
    verbs = db.session.scalars(db.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert list(verbs).count("client.check_elsewhere") == 1
