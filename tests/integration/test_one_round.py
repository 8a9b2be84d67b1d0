"""All faults of a form in one round, at their fields; no question comes as a complaint."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import wtforms
from flask import Flask, session
from sqlalchemy import select
from wtforms import validators
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2

from matchboard.domain.client import ConsentScope
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client, Partner, Vacancy
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.choices import EnumSelect, TickList
from matchboard.web.forms.numbers import AmountField
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.integration.placement_paths import AUDIT_POST, PENALTY, a_case, with_facts

pytestmark = pytest.mark.usefixtures("on_one_database")


@pytest.fixture
def partner(client: QualityClient) -> Any:
    employer = client.sign_in(Role.ENTERPRISE)
    return db.session.scalars(select(Partner).where(Partner.unit_id == employer.unit_id)).one()


def test_posting_shows_shape_range_and_law_together_when_sent(
    client: QualityClient, partner: Partner
) -> None:
    """Four rounds before: the occupation, what cannot be read, ranges, then the law."""
    values = {
        "title": "包装工，限男性",
        "headcount": "若干",  # cannot be read
        "hours_per_day": "30",  # out of range
        "wage_min_cny_month": "900",  # below the minimum wage
        "contract_months": "6",
        "probation_months": "3",  # longer than such a contract allows
        "close_on": "2026-01-01",  # over
        "division_code": "330402",
    }
    form = "form.stepped"
    page = client.submit(
        "/partner/vacancies/new", values, form=form, button="action=submit", status=422
    )
    errors = page.field_errors()
    assert set(errors) >= {
        "title",
        "headcount",
        "duties",
        "conditions",
        "hours_per_day",
        "wage_min_cny_month",
        "probation_months",
        "close_on",
    }
    assert re.search("每月不得低于 [0-9],[0-9]{3} 元", errors["wage_min_cny_month"])
    assert "1 个月" in errors["probation_months"]
    assert "2026-01-01" in errors["close_on"]
    assert "限男性" in errors["title"]
    assert "招聘人数至少" not in errors["headcount"]  # what cannot be read is said once
    assert page.by_id("deposit_free").find_parent(class_="has-error") is not None
    right = {
        "title": "包装工",
        "headcount": "3",
        "hours_per_day": "8",
        "duties": "装箱",
        "conditions": "不限",
        "wage_min_cny_month": "4500",
        "probation_months": "1",
        "close_on": None,
        "occupation_code": page.by_id("occupation_code").get("value", "") or "包装工",
        "deposit_free": "y",
    }
    sent = client.submit(
        "", {**right, "close_on": ""}, page=page, form=form, button="action=submit"
    )
    assert db.session.scalars(select(Vacancy.state)).one() is VacancyState.IN_REVIEW, sent.text


def test_draft_is_saved_with_a_title_alone_and_marks_what_review_needs(
    client: QualityClient, partner: Partner
) -> None:
    page = client.get_page("/partner/vacancies/new")
    for name in ("duties", "conditions", "deposit_free"):
        label = page.one(f"label[for='{name}']")
        assert "送审前必填" in label.get_text()
    assert "送审前必填" not in page.one("label[for='address']").get_text()
    client.submit(
        "/partner/vacancies/new",
        {"title": "包装工"},
        form="form.stepped",
        button="action=draft",
    )
    draft = db.session.scalars(select(Vacancy)).one()
    refused = client.post(
        f"/partner/vacancies/{draft.pid}/submit", {"version": draft.version}, status=422
    )
    edit = f"/partner/vacancies/{draft.pid}/edit"
    links = {str(a["href"]): a.get_text() for a in refused.all(".error-summary a")}
    assert "做什么活" in links[f"{edit}#duties"]
    assert set(links) >= {f"{edit}#conditions", f"{edit}#wage_min_cny_month"}
    form = client.get_page(edit)
    assert [link for link in links if not form.all(f"[id='{link.split('#')[1]}']")] == []


def test_registration_shows_unreadable_and_refused_fields_together(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    values = {
        "name": "赵样",
        "has_no_number": "y",
        "birth_date": "不知道哪天",
        "phone": "没有电话",
        "kind": "released",
        "stage": "registered",
    }
    page = client.post("/clients/new", values, status=422)
    assert {"birth_date", "phone"} <= set(page.field_errors())
    assert page.field_errors()["birth_date"].count("。") == 1
    assert db.session.scalars(select(Client)).all() == []


def test_number_of_another_office_is_on_record_when_another_field_is_unreadable(
    client: QualityClient, clock: Clock
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    other = factories.ClientFactory(
        office=factories.OfficeFactory(parent=officer.unit.parent), with_id_number=True
    )
    number = other.id_number
    path = f"/clients/{person.pid}/profile/basics"
    page = client.submit(
        path,
        {"identity_number": number, "released_on": "去年吧"},
        form=f"form[action^='{path}']",
        status=422,
    )
    assert {"identity_number", "released_on"} <= set(page.field_errors())
    verbs = db.session.scalars(select(AuditEntry.verb)).all()
    assert verbs.count("client.check_elsewhere") == 1


def test_interview_date_is_refused_at_its_field_and_words_are_asked_for_at_once(
    client: QualityClient, partner: Partner, clock: Clock
) -> None:
    opening = factories.VacancyFactory(partner=partner)
    sent = factories.PlacementFactory(vacancy=opening, state="sent", sent_at=clock.now)
    factories.ConsentFactory(placement=sent, scope=ConsentScope.CARD_AND_CONTACT)
    path = f"/partner/referrals/{sent.pid}"
    too_far = (clock.today + timedelta(days=3000)).isoformat()
    values = {
        "invite-interview_on": too_far,
        "invite-interview_time": "09:00",
        "invite-interview_place": "门卫",
    }
    page = client.submit(path, values, form=f"form[action='{path}/invite']", status=422)
    assert page.field_errors()["invite-interview_on"]
    refusal = client.get_page(path).form(f"form[action='{path}/refuse']")
    assert "选“其他”时必填" in refusal.tag.get_text()
    page = client.send(refusal, {"refuse-reason": "other"}, status=422)
    assert "refuse-note" in page.field_errors()
    invitation = client.get_page(path).one(f"form[action='{path}/invite']")
    assert "（选填）" in invitation.get_text()


def test_question_of_a_lower_place_is_no_complaint_when_one_click_leads_to_it(
    client: QualityClient,
) -> None:
    case = a_case()
    person = case.person
    client.sign_in(case.officer)
    for _ in range(7):
        factories.VacancyFactory()
    shown = client.get_page(f"/clients/{person.pid}/matches")
    last = [str(e["id"]).removeprefix("match-") for e in shown.all(".match-card")][-1]
    path = f"/clients/{person.pid}/propose/{last}"
    page = client.send(shown.form(f"form[action='{path}']"))
    assert (page.status, page.path) == (200, path)
    assert page.by_id("override_reason")
    assert page.all(".error-summary, .field-error") == []
    # The twin: whoever leaves the question unanswered is told.
    page = client.submit(path, {"override_reason": ""}, status=422)
    assert page.field_errors()["override_reason"]


def test_grounds_and_reason_of_a_proposal_are_asked_for_together(client: QualityClient) -> None:
    case = with_facts(a_case(**AUDIT_POST), PENALTY)
    client.sign_in(case.officer)
    for _ in range(7):
        factories.VacancyFactory(**AUDIT_POST)
    shown = client.get_page(f"/clients/{case.person.pid}/matches")
    last = [str(e["id"]).removeprefix("match-") for e in shown.all(".match-card")][-1]
    path = f"/clients/{case.person.pid}/propose/{last}"
    page = client.submit(path, {"grounds": "太短"}, form="#propose", status=422)
    assert {"grounds", "override_reason"} <= set(page.field_errors())


def test_facts_unreadable_and_sealed_are_told_together(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    path = f"/clients/{person.pid}/restricted"
    opened = client.submit(path, {"purpose": "legal_gate"}, form=f"form[action='{path}']")
    values = {
        "state": "listed",
        "records-0-basis": "administrative_penalty",
        "records-0-kinds": ["gambling"],  # a public-order matter: sealed by law
        "records-0-probation_ended_on": "去年吧",
    }
    sent = {**opened.form("#facts-form").values(), **values}
    page = client.post(f"{path}/record", sent, status=422)
    assert page.field_errors()["records-0-probation_ended_on"]
    sealed = page.one("[name='records-0-kinds'][value='gambling']")
    assert sealed.find_parent(class_="has-error") is not None


def test_wrong_old_password_is_a_guess_whatever_else_is_wrong(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER, with_password=True)
    values = {"old_password": "not-the-one", "new_password": "short", "repeated": "other"}
    for _ in range(4):
        page = client.post("/account/password", values, status=422)
        assert {"old_password", "new_password", "repeated"} <= set(page.field_errors())
    # The twin: without an old password it is no guess.
    client.post("/account/password", {**values, "old_password": ""}, status=422)
    assert client.post("/account/password", values).location == "/login"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_field_answers_in_the_librarys_words_or_with_raw_ids(
    language: str, app: Flask, client: QualityClient
) -> None:
    some = [SelectChoice("a", "A")]

    class AskForm(BaseForm):
        one = wtforms.SelectField(choices=some)
        radio = wtforms.RadioField(choices=some)
        several = TickList(choices=some)
        coerced = EnumSelect("", Role)
        number = wtforms.SelectMultipleField(choices=[SelectChoice(1, "1")], coerce=int)
        at = wtforms.TimeField()
        words = wtforms.StringField(validators=[validators.Length(max=3)])
        must = wtforms.StringField(validators=[validators.InputRequired()])
        must_choose = wtforms.RadioField(validators=[validators.InputRequired()], choices=some)
        amount = AmountField(validators=[validators.NumberRange(0, 9)])

    wrong = dict.fromkeys(("one", "radio", "several", "coerced", "number", "at", "words"), "cp4h5")
    with app.test_request_context(method="POST", data=wrong | {"amount": "10"}):
        session["language"] = language
        form = AskForm(meta={"csrf": False})
        assert not form.validate()
        library = form.meta.get_translations(form)._library
        for name, errors in form.errors.items():
            assert len(errors) == 1, name
            assert "cp4h5" not in errors[0]
        gone = {str(form[name].errors[0]) for name in ("one", "radio", "several", "number")}
        assert gone == {str(form.coerced.errors[0])}
        assert ("重新选择" if language == "zh" else "choose again") in gone.pop()
        said = {str(error) for errors in form.errors.values() for error in errors}
        shared = {"This field is required."} if language == "en" else set()  # ours reads the same
        for sentence in {"Not a valid choice.", "This field is required."} - shared:
            assert library.gettext(sentence) not in said
        assert {"zh": "最多写 3 字", "en": "at most 3 characters"}[language] in form.words.errors[0]
