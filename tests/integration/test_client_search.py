"""Finding people: one box, filters, order, scope, and nothing protected in a list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import InvalidRequestError

from matchboard.domain.client import ClientKind, ContactStatus, Stage
from matchboard.domain.client_file import ClientSort, WorkStatus
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.services import client_fields, client_search, global_search
from matchboard.services.client_search import ClientFilter
from matchboard.services.global_search import SearchKind
from tests import factories
from tests.sql import assert_sql_count

NUMBER = factories.identity_number(11, born=date(1985, 5, 20))


@pytest.fixture
def officer(app: Flask) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


def _person(officer: Any, name: str, **values: Any) -> Any:
    return factories.ClientFactory(
        office=officer.unit, **client_fields.name_columns(name), **values
    )


def _names(actor: Any, sort: ClientSort = ClientSort.NAME, **wanted: Any) -> list[str]:
    db.session.flush()
    db.session.expire_all()
    page = client_search.list_clients(ClientFilter(**wanted), actor=actor, sort=sort)
    return [row.client.name for row in page.items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("样一", ["张样一"], id="part-of-the-name"),
        pytest.param("zs", ["张三"], id="initials"),
        pytest.param("ZS", ["张三"], id="initials-capital"),
        pytest.param("zhangsan", ["张三"], id="pinyin"),
        pytest.param("zhang san", ["张三"], id="pinyin-with-blank"),
        pytest.param("zhang", ["张三", "张样一"], id="surname"),
        pytest.param("yangyi", ["张样一"], id="given-name"),
        pytest.param("an", [], id="two-letters-inside-a-name"),
        pytest.param("阿依古丽买买提", ["阿依古丽·买买提"], id="name-without-its-dot"),
        pytest.param("bcdfghjk", ["张三"], id="public-id"),
        pytest.param("BCDFGHJK", ["张三"], id="public-id-capital"),
        pytest.param("8000", ["张样一"], id="phone-tail"),
        pytest.param("13800138000", ["张样一"], id="phone"),
        pytest.param("138 0013 8000", ["张样一"], id="phone-with-blanks"),
        pytest.param("+86 138-0013-8000", ["张样一"], id="phone-international"),
        pytest.param("13900138000", [], id="other-phone-with-the-same-tail"),
        pytest.param("99999", [], id="no-phone-at-all"),
        pytest.param(NUMBER, ["李四"], id="identity-number"),
        pytest.param(f"{NUMBER[:6]} {NUMBER[6:]}", ["李四"], id="identity-number-with-blank"),
        pytest.param("".join(chr(ord(c) + 0xFEE0) for c in NUMBER), ["李四"], id="full-width"),
        pytest.param(NUMBER[:15], [], id="identity-number-cut"),
        pytest.param("求职者 KMPT", ["李四"], id="code-name"),
        pytest.param("jobseeker kmpt", ["李四"], id="code-name-in-english"),
        pytest.param("KMPT", ["李四"], id="letters-of-the-code-name"),
        pytest.param("100%", [], id="percent-is-no-wildcard"),
        pytest.param("_", [], id="underscore-is-no-wildcard"),
        pytest.param("'", [], id="apostrophe-is-no-name"),
        pytest.param("·", [], id="dot-is-no-name"),
        pytest.param("张 三", ["张三"], id="name-with-a-blank"),
        pytest.param("张\u200b三", ["张三"], id="name-with-what-nobody-sees"),
        pytest.param("古丽・买", ["阿依古丽·买买提"], id="other-dot"),
        pytest.param("'; drop table client; --", [], id="statement"),
    ],
)
def test_search_finds_by_what_was_typed(officer: Any, text: str, expected: list[str]) -> None:
    _person(officer, "张三", pid="bcdfghjk")
    _person(officer, "张样一", phone="+8613800138000")
    named = _person(
        officer,
        "李四",
        id_number=NUMBER,
        id_number_digest=client_search.identity_digest(NUMBER),
    )
    factories.PlacementFactory(client=named, code_name="KMPT")
    factories.PlacementFactory(code_name="KMPT")  # another office's
    _person(officer, "阿依古丽·买买提")
    assert _names(officer.actor, text=text) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, ["甲", "乙", "丙"], id="none"),
        pytest.param({"stage": Stage.PRE_RELEASE}, ["乙"], id="stage"),
        pytest.param({"kind": ClientKind.FORMER_CORRECTION_SUBJECT}, ["丙"], id="kind"),
        pytest.param({"contact_status": ContactStatus.UNREACHED}, ["丙"], id="contact"),
        pytest.param({"residence_division": "330402"}, ["甲", "乙"], id="county"),
        pytest.param({"residence_division": "330000"}, ["甲", "乙"], id="province-covers-county"),
        pytest.param({"work": WorkStatus.PLACED}, ["甲"], id="placed"),
        pytest.param({"work": WorkStatus.NOT_PLACED}, ["乙", "丙"], id="not-placed"),
        pytest.param({"work": WorkStatus.SEEKING}, ["乙"], id="seeking"),
        pytest.param({"work": WorkStatus.NOT_SEEKING}, ["丙"], id="not-seeking"),
        pytest.param({"office_pid": "nowhere"}, [], id="foreign-office"),
    ],
)
def test_filter_narrows_the_list(officer: Any, wanted: dict[str, Any], expected: list[str]) -> None:
    first = _person(officer, "甲")
    _person(officer, "乙", stage=Stage.PRE_RELEASE)
    _person(
        officer,
        "丙",
        kind=ClientKind.FORMER_CORRECTION_SUBJECT,
        contact_status=ContactStatus.UNREACHED,
        residence_division="510114",
        seeking_work=False,
    )
    factories.PlacementFactory(client=first, state="started")
    factories.PlacementFactory(client=first, state="ended")
    assert sorted(_names(officer.actor, **wanted)) == sorted(expected)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        pytest.param(ClientSort.NAME, ["李乙", "王丙", "张甲"], id="pinyin"),
        pytest.param(ClientSort.REGISTERED, ["张甲", "李乙", "王丙"], id="registered-unknown-last"),
        pytest.param(ClientSort.RELEASED, ["李乙", "张甲", "王丙"], id="released"),
        pytest.param(ClientSort.UPDATED, ["王丙", "张甲", "李乙"], id="updated"),
    ],
)
def test_list_is_ordered_as_asked(officer: Any, sort: ClientSort, expected: list[str]) -> None:
    days = {
        "张甲": (date(2026, 9, 9), date(2026, 6, 2), 2),
        "李乙": (date(2026, 8, 8), date(2026, 6, 3), 1),
        "王丙": (None, date(2026, 6, 1), 3),
    }
    for name, (registered_on, released_on, minutes) in days.items():
        _person(
            officer,
            name,
            registered_on=registered_on,
            released_on=released_on,
            updated_at=factories.NOW.replace(minute=minutes),
        )
    assert _names(officer.actor, sort=sort) == expected


def test_list_holds_only_own_office_and_for_the_district_all(officer: Any) -> None:
    _person(officer, "甲")
    factories.ClientFactory(office=factories.OfficeFactory(parent=officer.unit.parent))
    factories.ClientFactory()
    district = factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent)
    assert len(_names(officer.actor)) == 1
    assert len(_names(district.actor)) == 2


@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.COORDINATOR, Role.SYSTEM_ADMIN])
def test_list_is_empty_for_other_roles(officer: Any, role: Role) -> None:
    _person(officer, "甲")
    assert _names(factories.UserFactory(role=role).actor) == []
    assert _names(officer.actor) == ["甲"]


def test_phone_search_stays_within_scope(officer: Any) -> None:
    factories.ClientFactory(phone="+8613800138000")
    assert _names(officer.actor, text="13800138000") == []
    _person(officer, "甲", phone="+8613800138000")
    assert _names(officer.actor, text="13800138000") == ["甲"]


def test_list_never_reads_protected_columns(officer: Any) -> None:
    _person(officer, "甲", with_id_number=True)
    db.session.flush()
    db.session.expunge_all()
    (row,) = client_search.list_clients(ClientFilter(), actor=officer.actor).items
    assert row.client.name == "甲"
    for column in client_search.PROTECTED:
        with pytest.raises(InvalidRequestError):
            getattr(row.client, column.key)


def test_list_takes_three_statements_however_many_rows(officer: Any) -> None:
    for _ in range(30):
        factories.PlacementFactory(client=_person(officer, "甲"), state="started")
    db.session.commit()
    actor = officer.actor
    with assert_sql_count(3):  # the count, the page, its running placements
        page = client_search.list_clients(ClientFilter(), actor=actor)
        assert [(row.client.office.name, row.job) for row in page.items]


def test_row_names_the_running_placement(officer: Any) -> None:
    person = _person(officer, "甲")
    placement = factories.PlacementFactory(client=person, state="started")
    (row,) = client_search.list_clients(ClientFilter(), actor=officer.actor).items
    assert (row.placement, row.work) == (placement, WorkStatus.PLACED)


# --- Everything at once --------------------------------------------------------------------


def _found(officer: Any, text: str) -> dict[SearchKind, list[str]]:
    db.session.flush()
    db.session.expire_all()
    groups = global_search.search(text, actor=officer.actor)
    return {group.kind: [hit.name for hit in group.hits] for group in groups}


def test_global_search_groups_every_kind(officer: Any) -> None:
    _person(officer, "焊小明")
    factories.VacancyFactory(title="焊工")
    factories.PartnerFactory(name="焊接示范厂")
    factories.CourseFactory(title="焊接基础")
    assert _found(officer, "焊") == {
        SearchKind.CLIENT: ["焊小明"],
        SearchKind.VACANCY: ["焊工"],
        SearchKind.PARTNER: ["焊接示范厂"],
        SearchKind.COURSE: ["焊接基础"],
    }


def test_global_search_reads_names_as_pinyin(officer: Any) -> None:
    _person(officer, "张三")
    factories.VacancyFactory(title="缝纫工", partner=factories.PartnerFactory(name="示范"))
    factories.CourseFactory(title="缝纫基础")
    assert _found(officer, "frg") == {SearchKind.VACANCY: ["缝纫工"]}
    assert _found(officer, "fengren") == {
        SearchKind.VACANCY: ["缝纫工"],
        SearchKind.COURSE: ["缝纫基础"],
    }
    assert _found(officer, "zs") == {SearchKind.CLIENT: ["张三"]}


def test_global_search_finds_openings_by_partner(officer: Any) -> None:
    partner = factories.PartnerFactory(name="晨光示范厂")
    factories.VacancyFactory(title="搬运工", partner=partner)
    assert _found(officer, "晨光")[SearchKind.VACANCY] == ["搬运工"]


def test_global_search_says_when_there_is_more(officer: Any) -> None:
    for _ in range(3):
        factories.CourseFactory(title="缝纫")
    (group,) = global_search.search("缝纫", actor=officer.actor, limit=2)
    assert (len(group.hits), group.has_more) == (2, True)


@pytest.mark.parametrize("text", ["", "  ", "\u3000"])
def test_global_search_finds_nothing_when_nothing_is_typed(officer: Any, text: str) -> None:
    _person(officer, "张三")
    assert _found(officer, text) == {}
    assert _found(officer, f"{text}张三") != {}


def test_exact_hit_is_a_public_id_of_any_kind(officer: Any) -> None:
    records = {
        SearchKind.CLIENT: _person(officer, "张三"),
        SearchKind.VACANCY: factories.VacancyFactory(),
        SearchKind.PARTNER: factories.PartnerFactory(),
        SearchKind.COURSE: factories.CourseFactory(),
    }
    for kind, record in records.items():
        hit = global_search.exact_hit(record.pid.upper(), actor=officer.actor)
        assert hit is not None
        assert (hit.kind, hit.pid) == (kind, record.pid)


def test_exact_hit_is_none_for_a_record_out_of_scope(officer: Any) -> None:
    stranger = factories.ClientFactory(with_id_number=True)
    assert global_search.exact_hit(stranger.pid, actor=officer.actor) is None
    assert global_search.exact_hit(stranger.id_number, actor=officer.actor) is None
    own = _person(officer, "甲", with_id_number=True)
    for exact in (own.pid, own.id_number):
        assert global_search.exact_hit(exact, actor=officer.actor) is not None


def test_exact_hit_is_the_person_of_an_identity_number(officer: Any) -> None:
    person = _person(officer, "张三", with_id_number=True)
    hit = global_search.exact_hit(person.id_number, actor=officer.actor)
    assert hit is not None
    assert hit.pid == person.pid


@pytest.mark.parametrize("n_people", [1, 2, 3, 4, 5])
def test_everybody_has_their_job_when_a_list_takes_several_statements(
    n_people: int, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_search, "CHUNK", 2)
    titles = set()
    for _ in range(n_people):
        running = factories.PlacementFactory(client=_person(officer, "张三"), state="started")
        titles.add(running.vacancy.title)
    page = client_search.list_clients(ClientFilter(), actor=officer.actor)
    assert {row.job for row in page.items} == titles
    assert [row.work for row in page.items] == [WorkStatus.PLACED] * n_people
