"""Partner enterprises: the district's record and vetting."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matchboard.domain.errors import Conflict, InvalidInput, NotFound
from matchboard.domain.organisation import PARTNER_STEPS, PartnerState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Partner, Unit
from matchboard.services import partner_lists, partners
from matchboard.services.seen import shown_version
from tests.client import QualityClient, assert_swap_equals_page
from tests.conftest import Clock
from tests.factories import PartnerFactory, UserFactory, VacancyFactory, credit_code
from tests.sql import assert_sql_independent_of_rows

P = PartnerState


def record(**changes: Any) -> dict[str, Any]:
    return {
        "name": "朝晖服装厂",
        "uscc": credit_code(4242),
        "industry": "服装制造",
        "division_code": "330402",
        "contact_phone": "13800138000",
        "kinds_known": "some",
        "employer_kinds": ["company"],
        **changes,
    }


def only() -> Partner:
    db.session.expire_all()
    return db.session.scalars(db.select(Partner)).one()


def test_district_enters_and_vets_a_partner(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    page = client.submit("/partners/new", record())
    partner = only()
    assert (partner.state, partner.employer_kinds) == (P.PENDING, ["company"])
    assert (partner.contact_phone, partner.unit.name) == ("+8613800138000", "朝晖服装厂")
    assert "zhaohui" in partner.name_pinyin
    path = f"/partners/{partner.pid}"
    # The step cannot succeed yet: it is not offered, and refused to who sends it all the same.
    page = client.get_page(path)
    assert page.has_text("还没有填写保密协议的签订日期")
    assert not page.all(f"form[action='{path}/vet']")
    client.post(f"{path}/vet", {"version": shown_version(partner)}, status=409)
    client.submit(f"{path}/edit", {"agreement_signed_on": "20261120"})
    page = client.submit(path, form=f"form[action='{path}/vet']")
    partner = only()
    assert (partner.state, partner.verified_on) == (P.ACTIVE, date(2026, 11, 24))
    verbs = db.session.scalars(db.select(AuditEntry.verb).order_by(AuditEntry.id)).all()
    assert [v for v in verbs if v.startswith("partner.")] == [
        "partner.create",
        "partner.edit",
        "partner.vet",
    ]


@pytest.mark.parametrize(("state", "step"), [(P.PENDING, "vet"), (P.SUSPENDED, "reinstate")])
def test_day_of_verification_stays_when_it_was_typed_before_the_step(
    state: PartnerState, step: str, client: QualityClient
) -> None:
    client.sign_in(Role.DISTRICT)
    typed = PartnerFactory(state=state, verified_on=None)
    silent = PartnerFactory(state=state, verified_on=None)
    client.submit(f"/partners/{typed.pid}/edit", {"verified_on": "2026-11-18"})
    for partner, day in ((typed, date(2026, 11, 18)), (silent, date(2026, 11, 24))):
        path = f"/partners/{partner.pid}"
        client.submit(path, form=f"form[action='{path}/{step}']")
        db.session.expire_all()
        assert (partner.state, partner.verified_on) == (P.ACTIVE, day)


@pytest.mark.usefixtures("app", "on_one_database")
@pytest.mark.parametrize("state", list(P))
@pytest.mark.parametrize("step", [*PARTNER_STEPS, "nonsense"])
def test_vetting_moves_as_the_table_says(state: PartnerState, step: str, clock: Clock) -> None:
    partner = PartnerFactory(state=state)
    actor = UserFactory(role=Role.DISTRICT).actor
    found = PARTNER_STEPS.get(step)
    arguments = {"actor": actor, "now": clock.now, "reason": "说明"}
    if found is None:
        with pytest.raises(NotFound):
            partners.advance_partner(partner, step, **arguments)
    elif state not in found.sources:
        with pytest.raises(Conflict):
            partners.advance_partner(partner, step, **arguments)
        assert partner.state is state
    else:
        if found.needs_reason:
            with pytest.raises(InvalidInput):
                partners.advance_partner(partner, step, actor=actor, now=clock.now)
        partners.advance_partner(partner, step, **arguments)
        assert (partner.state, partner.state_reason) == (found.target, "说明")


BAD = {
    "no name": ({"name": "  "}, "name"),
    "no code": ({"uscc": ""}, "uscc"),
    "short code": ({"uscc": "123"}, "uscc"),
    "wrong check digit": ({"uscc": credit_code(4242)[:-1] + "0"}, "uscc"),
    "letters": ({"uscc": "甲" * 18}, "uscc"),
    "phone": ({"contact_phone": "12"}, "contact_phone"),
    "place": ({"division_code": "火星"}, "division_code"),
    "kinds without answer": ({"kinds_known": "none"}, "employer_kinds"),
    "future agreement": ({"agreement_signed_on": "2027-01-01"}, "agreement_signed_on"),
    "future check": ({"verified_on": "2027-01-01"}, "verified_on"),
    "no date": ({"verified_on": "昨天"}, "verified_on"),
    "long name": ({"name": "长" * 121}, "name"),
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("changes", "field"), BAD.values(), ids=list(BAD))
def test_form_names_the_field_and_keeps_the_rest_when_a_value_is_wrong(
    changes: dict[str, Any], field: str, client: QualityClient
) -> None:
    client.sign_in(Role.DISTRICT)
    page = client.submit("/partners/new", record(**{"address": "示范路9号", **changes}), status=422)
    assert page.document.select_one(f"#{field}-error") is not None
    assert page.form(fields=record()).values()["address"] == ["示范路9号"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Unit)) == 1  # the district's


def test_credit_code_is_refused_when_it_is_on_record(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    PartnerFactory(uscc=credit_code(4242))
    page = client.submit("/partners/new", record(), status=422)
    assert "已经登记过" in page.field_errors()["uscc"]
    other = PartnerFactory()
    page = client.submit(f"/partners/{other.pid}/edit", {"uscc": credit_code(4242)}, status=422)
    assert "已经登记过" in page.field_errors()["uscc"]


def test_agreement_date_cannot_be_taken_away_when_the_partner_is_active(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    partner = PartnerFactory()
    page = client.submit(f"/partners/{partner.pid}/edit", {"agreement_signed_on": ""}, status=422)
    assert "agreement_signed_on" in page.field_errors()


@pytest.mark.parametrize(
    ("answer", "stored"),
    [("", None), ("certified_enterprise", "certified_enterprise"), ("government", "government")],
    ids=["no-base", "certified", "government"],
)
def test_base_kind_is_kept_and_shown_when_the_district_enters_it(
    client: QualityClient, answer: str, stored: str | None
) -> None:
    client.sign_in(Role.DISTRICT)
    client.submit("/partners/new", record(base_kind=answer))
    partner = db.session.scalars(db.select(Partner)).one()
    assert partner.base_kind == stored
    form = client.get_page(f"/partners/{partner.pid}/edit").form(fields={"base_kind": ""})
    assert form.values()["base_kind"] == [answer]


@pytest.mark.parametrize(
    ("answer", "ticks", "stored"),
    [
        ("unknown", [], None),
        ("none", [], []),
        ("some", ["school", "catering"], ["catering", "school"]),
    ],
    ids=["unknown", "none", "known"],
)
def test_employer_kinds_keep_unknown_apart_from_none(
    answer: str, ticks: list[str], stored: list[str] | None, client: QualityClient
) -> None:
    client.sign_in(Role.DISTRICT)
    client.submit("/partners/new", record(kinds_known=answer, employer_kinds=ticks))
    partner = only()
    assert partner.employer_kinds == stored
    form = client.get_page(f"/partners/{partner.pid}/edit").form(fields={"kinds_known": ""})
    assert form.values()["kinds_known"] == [answer]


def test_one_partner_is_made_when_the_form_is_sent_twice(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    form = client.get_page("/partners/new").form(fields=record())
    first, second = client.send(form, record()), client.send(form, record())
    assert first.path == second.path == f"/partners/{only().pid}"


@pytest.mark.parametrize("is_late", [False, True], ids=["meanwhile", "in-the-very-moment"])
def test_both_versions_are_shown_when_somebody_else_saved(
    is_late: bool, client: QualityClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is drawn from the record as it is then, not as the request had read it."""
    client.sign_in(Role.DISTRICT)
    made = PartnerFactory(industry="原来的")
    number, path = made.id, f"/partners/{made.pid}/edit"
    form = client.get_page(path).form(fields={"industry": ""})
    edit_partner = partners.edit_partner

    def save_otherwise() -> None:
        db.session.rollback()  # a flush that lost the race leaves it so
        with db.session.session_factory() as other:
            other.get_one(Partner, number).industry = "别人写的"
            other.commit()

    def edit_too_late(*args: Any, **kwargs: Any) -> Partner:
        save_otherwise()
        return edit_partner(*args, **kwargs)

    with monkeypatch.context() as moment:
        if is_late:
            moment.setattr(partners, "edit_partner", edit_too_late)
        else:
            save_otherwise()
        page = client.send(form, {"industry": "我写的"}, status=409)
    assert "别人写的" in page.one(".table-mine").get_text()
    client.submit(path, page=page)
    assert only().industry == "我写的"


def test_form_says_so_when_a_conflict_stands_against_the_edit(
    client: QualityClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(Role.DISTRICT)
    path = f"/partners/{PartnerFactory().pid}/edit"
    form = client.get_page(path).form(fields={"industry": ""})

    def lose(*_args: Any, **_kwargs: Any) -> None:
        raise Conflict("constraint")

    with monkeypatch.context() as moment:
        moment.setattr(partners, "edit_partner", lose)
        page = client.send(form, {"industry": "我写的"}, status=409)
    assert page.all(".error-summary li")
    assert page.form(fields={"industry": ""}).values()["industry"] == ["我写的"]
    client.submit(path, page=page)
    assert only().industry == "我写的"


def test_list_narrows_and_counts_openings_when_filtered(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    shown = PartnerFactory(
        name="朝晖服装厂",
        name_pinyin="zhaohuifuzhuangchang zhfzc",
        division_code="510114",
        state=P.SUSPENDED,
    )
    VacancyFactory(partner=shown, headcount=5, n_filled=2)
    PartnerFactory()
    for query in ("q=朝晖", "q=zhfzc", f"q={shown.uscc}", "state=suspended", "division=四川省"):
        page = client.get_page(f"/partners?{query}")
        assert page.has_text("朝晖服装厂"), query
        assert page.has_text("共 1 条"), query
    assert page.has_text("1 个岗位，余 3 人")
    for sort in partner_lists.PARTNER_SORTS:
        assert client.get_page(f"/partners?sort={sort}").has_text("共 2 条")


@pytest.mark.usefixtures("on_one_database")
def test_list_swaps_in_place_when_paged(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    for n in range(22):
        PartnerFactory(name=f"企业{n:02d}")
    assert_swap_equals_page(client, "/partners", "/partners?page=2")


def test_list_needs_no_more_statements_when_it_is_longer(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    assert_sql_independent_of_rows(client, "/partners", PartnerFactory)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", list(P))
def test_record_reads_well_in_every_state(
    state: PartnerState, language: str, client: QualityClient
) -> None:
    partner = PartnerFactory(state=state, state_reason="说明", employer_kinds=["school"])
    VacancyFactory(partner=partner)
    client.set_language(language)
    client.sign_in(Role.OFFICER)
    page = client.get_page(f"/partners/{partner.pid}")
    assert not page.document.select("main form")
    client.sign_in(Role.DISTRICT)
    client.get_page(f"/partners/{partner.pid}")


@pytest.mark.usefixtures("on_one_database")
def test_partner_is_not_found_when_the_id_is_foreign(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    client.get_page("/partners/22222222", 404)
    client.get_page("/partners/22222222/edit", 404)
    client.post("/partners/22222222/vet", status=404)


@pytest.mark.usefixtures("on_one_database")
def test_officer_cannot_write_partners(client: QualityClient) -> None:
    client.sign_in(Role.OFFICER)
    partner = PartnerFactory(state=P.PENDING)
    client.get_page("/partners/new", 403)
    client.post(f"/partners/{partner.pid}/vet", status=403)
