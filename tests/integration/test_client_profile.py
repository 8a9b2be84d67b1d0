"""The profile: each section saves by itself, refuses at the field, and never overwrites blindly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from matchboard.domain.client import ContactStatus, SkillSource, Stage
from matchboard.domain.client_file import FileItem, MatchField, ProfileSection
from matchboard.domain.errors import StaleEdit
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client, ClientCertificate, ClientSkill
from matchboard.services import client_background, client_profile, client_sections, clients
from matchboard.services.client_background import StatedSkill
from matchboard.services.client_completeness import completeness, has_residence_mismatch
from matchboard.services.client_profile import Residence
from tests import factories

SECTIONS = [section.value for section in ProfileSection]
#: One skill the vocabulary knows, one certificate.
SEWING, COOKING, ELECTRICIAN = "sew.flat", "cook.homestyle", "cert.swo.lowvolt"


@pytest.fixture
def officer(client: Any) -> Any:
    return client.sign_in(Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(
        office=officer.unit, **clients.name_columns("张三"), phone="+8613800138000"
    )


def _path(person: Any, section: str = "") -> str:
    return f"/clients/{person.pid}/profile" + (f"/{section}" if section else "")


def _save(client: Any, person: Any, section: str, values: Any, **options: Any) -> Any:
    path = _path(person, section)
    return client.submit(path, values, form=f"form[action^='{path}']", **options)


def _again(person: Any) -> Client:
    db.session.expire_all()
    return db.session.query(Client).filter_by(pid=person.pid).one()


# --- Reading and opening -------------------------------------------------------------------


def test_profile_shows_unknown_as_unknown(client: Any, person: Any) -> None:
    page = client.get_page(_path(person))
    assert page.has_text("未填写")
    assert page.has_text("还不知道会做什么")


@pytest.mark.parametrize("section", SECTIONS)
def test_section_opens_as_page_and_as_fragment(client: Any, person: Any, section: str) -> None:
    page = client.get_page(_path(person, section))
    assert page.form(f"form[action^='{_path(person, section)}']").method == "post"
    fragment = client.get_fragment(_path(person, section))
    root = next(iter(fragment.document.children))
    assert root["id"] == f"section-{section}"  # type: ignore[index]
    client.get_fragment(_path(person, section) + "?read=1")


@pytest.mark.parametrize("section", SECTIONS)
def test_section_saves_unchanged_without_event(client: Any, person: Any, section: str) -> None:
    _save(client, person, section, {})
    assert db.session.query(AuditEntry).filter_by(verb="client.update").count() == 0


def test_unknown_section_is_not_found(client: Any, person: Any) -> None:
    client.get_page(_path(person, "nothing"), status=404)
    client.get_page(_path(person, "basics"))


# --- Basics --------------------------------------------------------------------------------


def test_basics_are_saved(client: Any, officer: Any, person: Any) -> None:
    values = {
        "name": "李 四",
        "phone": "139 0013 9000",
        "contact_status": "unreached",
        "case_lead_pid": officer.pid,
        "seeking_work": None,
        "birth_date": "1990-03-09",
        "sex": "female",
    }
    page = _save(client, person, "basics", values)
    assert page.has_text("李四 的档案")
    saved = _again(person)
    assert (saved.name_initials, saved.phone, saved.phone_tail) == ("ls", "+8613900139000", "9000")
    assert saved.contact_status is ContactStatus.UNREACHED
    assert (saved.case_lead_id, saved.seeking_work) == (officer.id, False)
    assert saved.birth_date == date(1990, 3, 9)


def test_basics_number_fixes_birth_date(client: Any, person: Any) -> None:
    number = factories.identity_number(5, born=date(1979, 12, 31))
    _save(client, person, "basics", {"identity_number": number})
    saved = _again(person)
    assert (saved.id_number, saved.birth_date) == (number, date(1979, 12, 31))
    page = client.get_page(_path(person, "basics"))
    assert not page.all("#birth_date")
    assert number not in page.text


def test_basics_keep_the_number_when_none_is_typed(client: Any, officer: Any) -> None:
    person = factories.ClientFactory(office=officer.unit, with_id_number=True)
    number = person.id_number
    _save(client, person, "basics", {"phone": "13800138000"})
    assert _again(person).id_number == number


def test_basics_accept_own_number_again(client: Any, officer: Any) -> None:
    person = factories.ClientFactory(office=officer.unit, with_id_number=True)
    _save(client, person, "basics", {"identity_number": person.id_number})


@pytest.mark.parametrize("is_own_office", [True, False], ids=["own-office", "other-office"])
def test_basics_refuse_number_of_somebody_else(
    client: Any, officer: Any, person: Any, is_own_office: bool
) -> None:
    options = {"office": officer.unit} if is_own_office else {}
    other = factories.ClientFactory(with_id_number=True, **options)
    values = {"identity_number": other.id_number}
    page = _save(client, person, "basics", values, status=422)
    assert "identity_number" in page.field_errors()
    assert other.name not in page.text
    assert _again(person).id_number is None
    logged = db.session.query(AuditEntry).filter_by(verb="client.check_elsewhere").all()
    assert [entry.subject_pid for entry in logged] == ([] if is_own_office else [other.pid])


BAD = [
    pytest.param("basics", {"name": " "}, "name", id="name"),
    pytest.param("basics", {"name": "张" * 61}, "name", id="name-long"),
    pytest.param("basics", {"phone": "1"}, "phone", id="phone"),
    pytest.param("basics", {"identity_number": "1"}, "identity_number", id="number"),
    pytest.param("basics", {"birth_date": ""}, "birth_date", id="birth-date-blank"),
    pytest.param("basics", {"birth_date": "2030-01-01"}, "birth_date", id="birth-date-ahead"),
    pytest.param("basics", {"birth_date": "x"}, "birth_date", id="birth-date-no-date"),
    pytest.param("basics", {"sex": "x"}, "sex", id="sex"),
    pytest.param("basics", {"contact_status": "x"}, "contact_status", id="contact"),
    pytest.param("basics", {"kind": "x"}, "kind", id="kind"),
    pytest.param("basics", {"stage": "x"}, "stage", id="stage"),
    pytest.param("basics", {"stage": "pre_release"}, "registered_on", id="stage-and-day"),
    pytest.param("basics", {"released_on": "2027-01-01"}, "released_on", id="released-ahead"),
    pytest.param("basics", {"registered_on": "2027-01-01"}, "registered_on", id="registered"),
    pytest.param("basics", {"case_lead_pid": "x"}, "case_lead_pid", id="case-lead"),
    pytest.param("residence", {"residence_division": "无此地"}, "residence_division", id="place"),
    pytest.param("residence", {"residence_address": "路" * 201}, "residence_address", id="long"),
    pytest.param("residence", {"registered_division": "x"}, "registered_division", id="household"),
    pytest.param("skills", {"skills-0-code": "不存在的技能"}, "skills-0-code", id="skill"),
    pytest.param("skills", {"skills-0-code": ELECTRICIAN}, "skills-0-code", id="certificate"),
    pytest.param(
        "skills", {"skills-0-code": SEWING, "skills-0-level": "6"}, "skills-0-level", id="level"
    ),
    pytest.param(
        "skills", {"skills-0-code": SEWING, "skills-0-level": "x"}, "skills-0-level", id="level-x"
    ),
    pytest.param(
        "skills",
        {"skills-0-code": SEWING, "skills-0-source": "course"},
        "skills-0-source",
        id="source-of-a-course",
    ),
    pytest.param(
        "certificates", {"certificates-0-code": SEWING}, "certificates-0-code", id="no-certificate"
    ),
    pytest.param(
        "certificates",
        {"certificates-0-code": "", "certificates-0-issued_on": "2025-01-01"},
        "certificates-0-code",
        id="certificate-of-what",
    ),
    pytest.param(
        "certificates",
        {"certificates-0-code": ELECTRICIAN, "certificates-0-issued_on": "2027-01-01"},
        "certificates-0-issued_on",
        id="issued-ahead",
    ),
    pytest.param(
        "certificates",
        {"certificates-0-code": ELECTRICIAN, "certificates-0-issued_on": "soon"},
        "certificates-0-issued_on",
        id="issued-no-date",
    ),
    pytest.param(
        "certificates",
        {
            "certificates-0-code": ELECTRICIAN,
            "certificates-0-issued_on": "2025-01-02",
            "certificates-0-expires_on": "2025-01-01",
        },
        "certificates-0-expires_on",
        id="expires-before-issue",
    ),
    pytest.param("experience", {"education": "9"}, "education", id="education"),
    pytest.param(
        "experience", {"experience-0-title": "工"}, "experience-0-months", id="months-missing"
    ),
    pytest.param(
        "experience",
        {"experience-0-title": "工", "experience-0-months": "-1"},
        "experience-0-months",
        id="months-negative",
    ),
    pytest.param(
        "experience",
        {"experience-0-title": "工", "experience-0-months": "many"},
        "experience-0-months",
        id="months-no-number",
    ),
    pytest.param(
        "experience", {"experience-0-months": "3"}, "experience-0-title", id="months-of-what"
    ),
    pytest.param(
        "experience",
        {"experience-0-occupation_code": "不存在", "experience-0-months": "3"},
        "experience-0-occupation_code",
        id="occupation",
    ),
    pytest.param(
        "experience",
        {"experience-0-title": "工" * 81, "experience-0-months": "3"},
        "experience-0-title",
        id="title-long",
    ),
    pytest.param(
        "preferences", {"desired_occupations": "不存在"}, "desired_occupations", id="wish"
    ),
    pytest.param("preferences", {"max_commute_km": "-1"}, "max_commute_km", id="km-negative"),
    pytest.param("preferences", {"max_commute_km": "3001"}, "max_commute_km", id="km-huge"),
    pytest.param("preferences", {"max_commute_km": "NaN"}, "max_commute_km", id="km-nan"),
    pytest.param("preferences", {"max_commute_km": "inf"}, "max_commute_km", id="km-inf"),
    pytest.param("preferences", {"max_commute_km": "far"}, "max_commute_km", id="km-text"),
    pytest.param(
        "preferences", {"wage_expected_cny_month": "-1"}, "wage_expected_cny_month", id="wage"
    ),
    pytest.param(
        "preferences",
        {"wage_expected_cny_month": "999999999"},
        "wage_expected_cny_month",
        id="wage-huge",
    ),
    pytest.param(
        "preferences",
        {"wage_expected_cny_month": "4500.5"},
        "wage_expected_cny_month",
        id="wage-fraction",
    ),
    pytest.param("preferences", {"shifts_ok": ["x"]}, "shifts_ok", id="shift"),
    pytest.param("preferences", {"employment_types_ok": ["x"]}, "employment_types_ok", id="type"),
    pytest.param("preferences", {"needs_lodging": "x"}, "needs_lodging", id="lodging"),
    pytest.param("preferences", {"exertion_max": "9"}, "exertion_max", id="exertion"),
    pytest.param("preferences", {"employment_types_ok": ["x"]}, "employment_types_ok", id="type"),
    pytest.param("preferences", {"available_on": "x"}, "available_on", id="available"),
    pytest.param("preferences", {"wishes": "想" * 1001}, "wishes", id="wishes-long"),
]


@pytest.mark.parametrize(("section", "values", "field"), BAD)
def test_section_refuses_at_the_field_and_saves_nothing(
    client: Any, person: Any, section: str, values: dict[str, Any], field: str
) -> None:
    page = _save(client, person, section, values, status=422)
    wrong = page.all(f"[id='{field}-error']")
    assert wrong, page.one(".error-summary").get_text()
    saved = _again(person)
    assert (saved.name, saved.phone, list(saved.skills)) == ("张三", "+8613800138000", [])
    assert (saved.certificates, saved.experience, saved.wishes) == ([], [], "")
    for name, value in values.items():
        control = page.by_id(name)
        is_box = control.name == "input" and not name.endswith("code")  # a code comes back in words
        if is_box and value:
            assert control["value"] == value.strip()  # blanks alone are nothing typed


# --- Residence -----------------------------------------------------------------------------


def test_residence_moves_the_person_and_shows_the_mismatch(client: Any, person: Any) -> None:
    values = {"residence_division": "四川省成都市新都区", "residence_address": "幸福路 1 号"}
    page = _save(client, person, "residence", values)
    saved = _again(person)
    assert (saved.residence_division, saved.residence_address) == ("510114", "幸福路 1 号")
    assert saved.lat == pytest.approx(30.8, abs=0.1)
    assert has_residence_mismatch(saved)
    assert page.has_text("人户分离")


def test_residence_unknown_clears_the_place(client: Any, person: Any) -> None:
    _save(client, person, "residence", {"residence_division": ""})
    saved = _again(person)
    assert (saved.residence_division, saved.lat, saved.lon) == (None, None, None)
    assert not has_residence_mismatch(saved)


# --- Lists ---------------------------------------------------------------------------------


def test_skills_are_saved_with_level_and_source(client: Any, person: Any) -> None:
    page = client.submit(
        _path(person, "skills"), {}, form="form[action*='/skills']", button="add_row=1"
    )
    values = {
        "skills-0-code": SEWING,
        "skills-0-level": "4",
        "skills-0-source": "employer",
        "skills-1-code": "家常菜",
        "skills-1-level": "",
    }
    client.send(page.form("form[action*='/skills']"), values)
    rows = [(s.skill_code, s.level, s.source) for s in _again(person).skills]
    assert rows[0] == (SEWING, 4, SkillSource.EMPLOYER)
    assert rows[1][1:] == (None, SkillSource.SELF_STATED)


def test_skill_row_is_removed_without_saving(client: Any, person: Any) -> None:
    factories.ClientSkillFactory(client=person, skill_code=SEWING)
    form = "form[action*='/skills']"
    page = client.submit(_path(person, "skills"), {}, form=form, button="remove_row=0")
    assert len(_again(person).skills) == 1
    client.send(page.form(form))
    assert _again(person).skills == []


def test_skills_keep_their_day_when_unchanged(client: Any, person: Any) -> None:
    factories.ClientSkillFactory(client=person, skill_code=SEWING, noted_on=date(2026, 1, 1))
    _save(client, person, "skills", {"skills-1-code": COOKING})
    days = {s.skill_code: s.noted_on for s in _again(person).skills}
    assert days == {SEWING: date(2026, 1, 1), COOKING: date(2026, 11, 24)}


def test_skill_listed_twice_is_refused(client: Any, person: Any) -> None:
    factories.ClientSkillFactory(client=person, skill_code=SEWING)
    page = _save(client, person, "skills", {"skills-1-code": SEWING}, status=422)
    assert page.has_text("同一项填写了两次")


def _credit(person: Any) -> None:
    enrolment = factories.EnrolmentFactory(client=person, state="completed")
    factories.ClientSkillFactory(
        client=person, skill_code=SEWING, source=SkillSource.COURSE, enrolment_id=enrolment.id
    )
    factories.ClientCertificateFactory(
        client_id=person.id, code=ELECTRICIAN, enrolment_id=enrolment.id
    )


def test_skill_credited_by_a_course_cannot_be_changed(client: Any, person: Any) -> None:
    _credit(person)
    page = client.get_page(_path(person, "skills"))
    assert page.has_text("课程认定的技能不能在这里改")
    page = _save(client, person, "skills", {"skills-0-code": SEWING}, status=422)
    assert page.has_text("已由课程认定")
    _save(client, person, "skills", {"skills-0-code": COOKING})
    assert {s.skill_code for s in db.session.query(ClientSkill)} == {SEWING, COOKING}


def test_certificate_conferred_by_a_course_stays(client: Any, person: Any) -> None:
    _credit(person)
    _save(client, person, "certificates", {})
    assert db.session.query(ClientCertificate).count() == 1


def test_certificates_are_saved(client: Any, person: Any) -> None:
    values = {
        "certificates-0-code": ELECTRICIAN,
        "certificates-0-issued_on": "2025年1月2日",
        "certificates-0-expires_on": "20280101",
        "certificates-0-seen_by_officer": "y",
    }
    _save(client, person, "certificates", values)
    (row,) = _again(person).certificates
    assert (row.issued_on, row.expires_on) == (date(2025, 1, 2), date(2028, 1, 1))
    assert row.seen_by_officer


def test_experience_is_saved_in_months(client: Any, person: Any) -> None:
    values = {"education": "2", "experience-0-title": "缝纫", "experience-0-months": "18"}
    _save(client, person, "experience", values)
    saved = _again(person)
    assert saved.education == 2
    assert [(e.title, e.months) for e in saved.experience] == [("缝纫", 18)]


@pytest.mark.parametrize(
    ("sent", "stored"), [("", None), ("1", True), ("0", False)], ids=["unknown", "yes", "no"]
)
def test_lodging_has_three_answers(client: Any, person: Any, sent: str, stored: Any) -> None:
    _save(client, person, "preferences", {"needs_lodging": "1" if sent != "1" else "0"})
    _save(client, person, "preferences", {"needs_lodging": sent})
    assert _again(person).needs_lodging is stored


def test_preferences_are_saved(client: Any, person: Any) -> None:
    values = {
        "desired_occupations": "6-05-01-03",
        "max_commute_km": "12.5",
        "wage_expected_cny_month": "4500",
        "shifts_ok": ["day", "night"],
        "exertion_max": "2",
        "employment_types_ok": ["full_time"],
        "available_on": "2026.12.01",
        "wishes": " 想离家近 ",
    }
    page = _save(client, person, "preferences", values)
    saved = _again(person)
    assert (saved.desired_occupations, saved.shifts_ok) == (["6-05-01-03"], ["day", "night"])
    assert (saved.max_commute_km, saved.wage_expected_cny_month) == (12.5, 4500)
    assert (saved.exertion_max, saved.employment_types_ok) == (2, ["full_time"])
    assert (saved.available_on, saved.wishes) == (date(2026, 12, 1), "想离家近")
    assert page.has_text("白班、夜班")


def test_saving_by_htmx_swaps_the_section(client: Any, person: Any) -> None:
    path = _path(person, "preferences")
    form = client.get_page(path).form(f"form[action^='{path}']")
    page = client.send(form, {"wishes": "想离家近"}, htmx=True, follow=False)
    assert page.has_text("已保存")
    assert page.has_text("想离家近")


def test_update_is_audited_by_field_names_only(client: Any, person: Any) -> None:
    _save(client, person, "basics", {"phone": "139 0013 9000"})
    entry = db.session.query(AuditEntry).filter_by(verb="client.update").one()
    assert entry.detail == {"section": "basics", "fields": ["phone"]}


# --- Stale edits ---------------------------------------------------------------------------


def test_stale_edit_shows_both_versions_and_loses_nothing(client: Any, person: Any) -> None:
    path = _path(person, "preferences")
    form = client.get_page(path).form(f"form[action^='{path}']")
    _save(client, person, "preferences", {"wishes": "甲的版本", "needs_lodging": "1"})
    page = client.send(form, {"wishes": "乙的版本"}, status=409)
    for words in ("甲的版本", "乙的版本"):
        assert words in page.one(".table-mine").get_text()
    for words in ("需要，或可以住", "未知"):
        assert words in page.one(".table-taken").get_text()
    assert page.by_id("wishes").get_text().strip() == "乙的版本"
    assert _again(person).wishes == "甲的版本"
    client.send(page.form(f"form[action^='{path}']"))
    # What was typed counts, what was left alone is not written back.
    assert (_again(person).wishes, _again(person).needs_lodging) == ("乙的版本", True)


@pytest.mark.parametrize("version", ["", "1", "x", "²", "9" * 5000], ids=lambda v: v[:3])
def test_edit_without_its_version_is_stale(client: Any, person: Any, version: str) -> None:
    _save(client, person, "residence", {"version": version}, status=409)


def test_text_loses_what_nobody_sees_when_it_is_saved(client: Any, person: Any) -> None:
    _save(client, person, "preferences", {"wishes": "缝\x01纫\u202e\n　早班"})
    assert _again(person).wishes == "缝纫\n　早班"


def test_edits_of_different_sections_do_not_collide(client: Any, person: Any) -> None:
    path = _path(person, "residence")
    form = client.get_page(path).form(f"form[action^='{path}']")
    _save(client, person, "preferences", {"wishes": "别人写的"})
    client.send(form, {"residence_address": "幸福路 1 号"})
    assert _again(person).residence_address == "幸福路 1 号"


@pytest.mark.parametrize("section", list(ProfileSection), ids=str)
def test_service_refuses_stale_version_of_every_section(
    officer: Any, person: Any, section: ProfileSection, clock: Any
) -> None:
    with pytest.raises(StaleEdit):
        client_sections.require_current(person, section, 0)
    assert client_sections.section_version(person, section) != 0
    client_sections.require_current(
        person, section, client_sections.section_version(person, section)
    )


def test_skills_service_refuses_too_many(officer: Any, person: Any, clock: Any) -> None:
    rows = [StatedSkill(SEWING, 1, SkillSource.OFFICER)] * 31
    with pytest.raises(Exception, match="invalid") as raised:
        client_background.update_skills(
            person,
            rows,
            expected_version=client_sections.section_version(person, ProfileSection.SKILLS),
            actor=officer.actor,
            now=clock.now,
        )
    assert "list_too_long" in {p.code for p in raised.value.problems}


def test_residence_service_trims_the_address(officer: Any, person: Any, clock: Any) -> None:
    version = client_sections.section_version(person, ProfileSection.RESIDENCE)
    client_profile.update_residence(
        person,
        Residence(residence_address="  幸福路   1 号 "),
        expected_version=version,
        actor=officer.actor,
        now=clock.now,
    )
    assert person.residence_address == "幸福路 1 号"


# --- Completeness --------------------------------------------------------------------------


def test_completeness_counts_what_is_known(officer: Any, person: Any) -> None:
    found = completeness(person)
    assert found.items == {
        FileItem.CONTACT: True,
        FileItem.ADDRESS: False,
        FileItem.RELEASE_DATE: True,
        FileItem.SKILLS: False,
        FileItem.PREFERENCES: False,
    }
    assert (found.n_known, found.percent) == (2, 40)
    assert MatchField.RESIDENCE_DIVISION not in found.missing_for_matching
    assert MatchField.SKILLS in found.missing_for_matching


def test_matching_lacks_exactly_what_nobody_stated_yet(officer: Any, person: Any) -> None:
    person.desired_occupations, person.max_commute_km = [], None
    lacking = set(MatchField) - {MatchField.RESIDENCE_DIVISION}
    assert set(completeness(person).missing_for_matching) == lacking
    for field, column, value in (
        (MatchField.MAX_COMMUTE, "max_commute_km", 0),
        (MatchField.WAGE_EXPECTED, "wage_expected_cny_month", 3000),
        (MatchField.SHIFTS, "shifts_ok", ["day"]),
        (MatchField.EXERTION, "exertion_max", 0),
        (MatchField.EDUCATION, "education", 0),
        (MatchField.DESIRED_OCCUPATIONS, "desired_occupations", ["6-18-02-04"]),
    ):
        setattr(person, column, value)
        lacking -= {field}
        assert set(completeness(person).missing_for_matching) == lacking, field
    person.lat = None
    assert set(completeness(person).missing_for_matching) == {
        *lacking,
        MatchField.RESIDENCE_DIVISION,
    }


def test_refusing_lodging_counts_as_a_known_wish(officer: Any, person: Any) -> None:
    person.needs_lodging = False
    assert completeness(person).items[FileItem.PREFERENCES]
    assert MatchField.NEEDS_LODGING not in completeness(person).missing_for_matching


def test_stage_can_be_discharged(client: Any, person: Any) -> None:
    _save(client, person, "basics", {"stage": "discharged"})
    assert _again(person).stage is Stage.DISCHARGED
