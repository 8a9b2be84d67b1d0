"""Every form that edits a record: how it is opened, and which column each of its fields writes.

One entry per form; `test_edit_forms.py` saves each one unchanged and with one field changed and
compares the whole database. test_writing_requests.py says when a form lacks its entry here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchboard.domain.client import EmploymentType, Exertion, Shift, SkillSource
from matchboard.domain.organisation import BaseKind
from matchboard.domain.roles import Role
from matchboard.domain.training import Subject
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import ClientExperience
from matchboard.web.forms.base import BaseForm
from tests import factories
from tests.client import Form, Page, QualityClient

Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What is typed into one field, and which columns that writes (`table.column`, `table.+`)."""

    typed: Mapping[str, Any]
    columns: frozenset[str]

    @property
    def id(self) -> str:
        return next(iter(self.typed))


@dataclass(frozen=True, slots=True)
class EditForm:
    """One edit form.

    `make` writes a record with the attributes of a variant and returns the page with the form;
    `find` picks the form; `variants` are records whose empty values are all of one kind; `stamps`
    move with every change and `log` gets a row with it.
    """

    endpoint: str
    role: Role
    form: type[BaseForm] | str
    make: Callable[[QualityClient, Attributes], Page]
    find: Callable[[Page], Form]
    variants: Mapping[str, Attributes]
    changes: tuple[Change, ...]
    stamps: frozenset[str]
    name: str = ""
    button: Mapping[str, str] = field(default_factory=dict)
    log: frozenset[str] = frozenset({"audit_entry.+"})
    base: str = "full"

    @property
    def id(self) -> str:
        return f"{self.endpoint} {self.name}".strip()


EDIT_FORMS: list[EditForm] = []


def _to(table: str, **typed: Any) -> tuple[Change, ...]:
    """Return a change of one column each: the field has the column's name."""
    return tuple(Change({n: v}, frozenset(_columns(table, n))) for n, v in typed.items())


#: Names and titles whose folded form is written beside them.
SEARCHED = {
    "partner.name_en",
    "vacancy.title",
    "vacancy.external_employer",
    *("course.title", "course.title_en", "course.description"),
}


def _columns(table: str, name: str) -> Iterator[str]:
    yield f"{table}.{name}"
    if f"{table}.{name}" in SEARCHED:
        yield f"{table}.search_text"


def _change(columns: str, **typed: Any) -> Change:
    return Change({n.replace("__", "-"): v for n, v in typed.items()}, frozenset(columns.split()))


def _with(name: str) -> Callable[[Page], Form]:
    return lambda page: page.form(fields={name: ""})


def _at(end: str) -> Callable[[Page], Form]:
    return lambda page: page.form(f"form[action$='{end}']")


def _signed_in(client: QualityClient, role: Role, **attributes: Any) -> Any:
    return client.sign_in(factories.UserFactory(role=role, **attributes))


# --- Openings -------------------------------------------------------------------------------------

#: Line breaks as programs write them and as browsers do, blanks at the ends, more decimals than a
#: form shows, lists in no order: what other doors than the form have stored.
_ODD_TEXT = "第一行\n第二行\r\n 第三行"
_OPENING_FULL: Attributes = {
    "title": "缝纫工",
    "duties": "操作平缝机。\n打包。",
    "conditions": "不限",
    "wage_hourly_cny": 28.5,
    "probation_wage_cny_month": 4500,
    "exertion": 2,
    "education_min": 1,
    "headcount": 4,
    "posts": ["sales_staff"],
    "licences": ["driving"],
    "lodging_provided": True,
    "requirements": [
        ("sew.flat", 2, "required"),
        ("sew.overlock", None, "preferred"),
        ("cert.health", None, "certificate"),
    ],
}
_OPENING_BARE: Attributes = {
    "state": VacancyState.DRAFT,
    "occupation_code": None,
    "duties": "",
    "conditions": "",
    "division_code": None,
    "address": "",
    "lat": None,
    "lon": None,
    "wage_min_cny_month": None,
    "wage_max_cny_month": None,
    "employment_type": None,
    "shift": None,
    "hours_per_day": None,
    "hours_per_week": None,
    "contract_months": None,
    "probation_months": None,
    "deposit_free": False,
    "lodging_provided": None,
    "posts": None,
    "licences": None,
    "open_on": None,
    "close_on": None,
}
_OPENING_ZERO: Attributes = {
    **_OPENING_FULL,
    "wage_min_cny_month": 0,
    "wage_hourly_cny": 0.0,
    "contract_months": 0,
    "probation_months": 0.0,
    "probation_wage_cny_month": 0,
    "education_min": 0,
    "lodging_provided": False,
    "posts": [],
    "licences": [],
    "requirements": [],
}
_OPENING_ODD: Attributes = {
    **_OPENING_FULL,
    "title": " 缝纫工 ",
    "occupation_code": "6-11-08-26",  # another one bears its name
    "duties": _ODD_TEXT,
    "conditions": _ODD_TEXT,
    "address": "示范路2号 ",
    "hours_per_day": 7.333333,
    "hours_per_week": 36.666666,
    "probation_months": 0.125,
    "wage_hourly_cny": 28.505,
    "posts": ["sales_staff", "accounting_work"],
    "licences": ["lawyer", "driving"],
    "requirements": [
        ("cook.unheard-of", 3, "required"),  # not in the catalogue
        ("sew.flat", 2, "required"),
        ("sew.flat", 3, "preferred"),
    ],
}
_OPENING_VARIANTS = {
    "full": _OPENING_FULL,
    "bare": _OPENING_BARE,
    "zero": _OPENING_ZERO,
    "odd": _OPENING_ODD,
    "draft": {**_OPENING_FULL, "state": VacancyState.DRAFT},
    "reviewed": {**_OPENING_FULL, "state": VacancyState.IN_REVIEW},
}
_LEFT = ["", "", "", ""]


def _requirement(name: str, code: str, level: str = "") -> dict[str, Any]:
    return {name: [code, "", "", ""], f"{name}_level": [level, "", "", ""]}


_OPENING_CHANGES = (
    *_to(
        "vacancy",
        title="平缝工",
        headcount="6",
        duties="操作平缝机。\r\n打包、装箱。",
        conditions="",
        address="示范路9号",
        wage_min_cny_month="",
        wage_hourly_cny="0",
        employment_type="apprentice",
        shift="night",
        hours_per_day="7.25",
        hours_per_week="",
        contract_months="0",
        probation_months="0",
        probation_wage_cny_month="",
        deposit_free=None,
        lodging_provided="0",
        exertion="",
        education_min="0",
        close_on="2027-03-01",
        visibility="officers",
    ),
    # What filters and sorts look at is the database's own.
    _change("vacancy.wage_max_cny_month vacancy.wage_top_cny_month", wage_max_cny_month="6100"),
    # The coordinates follow the division alone (the address is not looked up).
    _change("vacancy.division_code vacancy.lat vacancy.lon", division_code="510114"),
    # Who says so is kept with an occupation.
    _change("vacancy.occupation_code vacancy.occupation_from", occupation_code="6-05-01-02"),
    Change(
        _requirement("skills_required", "sew.flat", "4"),
        frozenset({"vacancy_requirement.level"}),
    ),
    Change(
        _requirement("skills_preferred", ""),
        frozenset({"vacancy_requirement.-"}),
    ),
    _change("vacancy_requirement.+", certificates_required="cert.health; cert.swo.lowvolt"),
)
_OPENING_STAMPS = frozenset({"vacancy.version", "vacancy.updated_at"})
_OPENING_LOG = frozenset({"audit_entry.+", "vacancy_event.+"})


def _own_opening(client: QualityClient, attributes: Attributes) -> Page:
    partner = factories.PartnerFactory()
    _signed_in(client, Role.ENTERPRISE, unit=partner.unit)
    vacancy = factories.VacancyFactory(partner=partner, **attributes)
    return client.get_page(f"/partner/vacancies/{vacancy.pid}/edit")


def _opening(client: QualityClient, attributes: Attributes) -> Page:
    _signed_in(client, Role.OFFICER)
    vacancy = factories.VacancyFactory(**attributes)
    return client.get_page(f"/vacancies/{vacancy.pid}/edit")


def _advertisement(client: QualityClient, attributes: Attributes) -> Page:
    _signed_in(client, Role.OFFICER)
    vacancy = factories.ExternalVacancyFactory(**attributes)
    return client.get_page(f"/vacancies/{vacancy.pid}/edit")


EDIT_FORMS += [
    EditForm(
        "partner_vacancies.edit",
        Role.ENTERPRISE,
        "PartnerVacancyForm",
        _own_opening,
        _with("title"),
        _OPENING_VARIANTS,
        _OPENING_CHANGES,
        _OPENING_STAMPS,
        button={"action": "draft"},
        log=_OPENING_LOG,
        base="draft",
    ),
    EditForm(
        "vacancies.edit",
        Role.OFFICER,
        "StaffVacancyForm",
        _opening,
        _with("title"),
        _OPENING_VARIANTS,
        (
            *_OPENING_CHANGES,
            *_to("vacancy", open_on="2026-11-09"),
            _change("vacancy.posts", posts_known="none", posts=None),
            _change("vacancy.licences", licences_known="unknown", licences=None),
        ),
        _OPENING_STAMPS,
        log=_OPENING_LOG,
        base="draft",
    ),
    EditForm(
        "vacancies.edit",
        Role.OFFICER,
        "StaffVacancyForm",
        _advertisement,
        _with("title"),
        {
            "odd": {**_OPENING_ODD, "occupation_code": "9-99-99-99", "lat": 30.5, "lon": 104.5},
            "bare": {**_OPENING_BARE, "state": VacancyState.OPEN, "lat": 30.5, "lon": 104.5},
        },
        # An advertisement with codes of its own can be corrected all the same.
        _to("vacancy", headcount="6", shift="night"),
        _OPENING_STAMPS,
        name="advertisement",
        log=_OPENING_LOG,
        base="odd",
    ),
]

# --- Partners -------------------------------------------------------------------------------------

_PARTNER_FULL: Attributes = {
    "name": "朝晖服装厂",
    "name_pinyin": "zhaohuifuzhuangchang zhfzc",
    "name_en": "Zhaohui Garments",
    "unit__name": "朝晖服装厂",
    "unit__name_en": "Zhaohui Garments",
    "employer_kinds": ["catering", "charity"],
    "base_kind": BaseKind.GOVERNMENT,
    "contact_phone": "+8613800138000",
}
_PARTNER_VARIANTS: Mapping[str, Attributes] = {
    "full": _PARTNER_FULL,
    "bare": {
        "name_en": "",
        "unit__name_en": "",
        "industry": "",
        "employer_kinds": None,
        "base_kind": None,
        "division_code": None,
        "address": "",
        "lat": None,
        "lon": None,
        "contact_name": "",
        "contact_phone": None,
        "verified_on": None,
    },
    "zero": {**_PARTNER_FULL, "employer_kinds": []},
    "odd": {
        **_PARTNER_FULL,
        "name_pinyin": "as an older version read it",
        "employer_kinds": ["charity", "catering"],
        "contact_phone": "+85223456789",
        "lat": 30.5,  # where it is, not its division's seat
        "lon": 104.5,
    },
    "landline": {**_PARTNER_FULL, "contact_phone": "+8657382830000"},
}
_PARTNER_STAMPS = frozenset({"partner.version", "partner.updated_at"})
_PROFILE_CHANGES = (
    *_to("partner", address="示范路9号", contact_name="", contact_phone="0573-82830000"),
    _change("partner.division_code partner.lat partner.lon", division_code="510114"),
)


def _own_profile(client: QualityClient, attributes: Attributes) -> Page:
    partner = factories.PartnerFactory(**attributes)
    _signed_in(client, Role.ENTERPRISE, unit=partner.unit)
    return client.get_page("/partner/profile")


def _partner(client: QualityClient, attributes: Attributes) -> Page:
    _signed_in(client, Role.DISTRICT)
    partner = factories.PartnerFactory(**attributes)
    return client.get_page(f"/partners/{partner.pid}/edit")


EDIT_FORMS += [
    EditForm(
        "partner_vacancies.profile",
        Role.ENTERPRISE,
        "ProfileForm",
        _own_profile,
        _with("address"),
        _PARTNER_VARIANTS,
        _PROFILE_CHANGES,
        _PARTNER_STAMPS,
    ),
    EditForm(
        "partners.edit",
        Role.DISTRICT,
        "PartnerForm",
        _partner,
        _with("address"),
        _PARTNER_VARIANTS,
        (
            *_PROFILE_CHANGES,
            _change(
                "partner.name partner.name_pinyin partner.search_text unit.name unit.search_text",
                name="晨光服装厂",
            ),
            _change(
                "partner.name_en partner.search_text unit.name_en unit.search_text", name_en=""
            ),
            *_to(
                "partner",
                uscc=factories.credit_code(7654321),
                industry="",
                base_kind="",
                agreement_signed_on="2026-10-02",
                verified_on="",
            ),
            _change("partner.employer_kinds", kinds_known="unknown", employer_kinds=None),
        ),
        _PARTNER_STAMPS,
    ),
]

# --- People ---------------------------------------------------------------------------------------

_PERSON_STAMPS = frozenset({"client.version", "client.updated_at"})


def _section(name: str) -> Callable[[QualityClient, Attributes], Page]:
    def make(client: QualityClient, attributes: Attributes) -> Page:
        officer = _signed_in(client, Role.OFFICER)
        given = dict(attributes)
        rows = {key: given.pop(key, ()) for key in ("skill_rows", "certificates", "jobs")}
        lead = officer if given.pop("is_led", False) else None
        person = factories.ClientFactory(
            office=officer.unit, case_lead_id=lead and lead.id, **given
        )
        for row in rows["skill_rows"]:
            factories.ClientSkillFactory(client=person, **row)
        for row in rows["certificates"]:
            factories.ClientCertificateFactory(client_id=person.id, **row)
        for code, title, months in rows["jobs"]:
            job = ClientExperience(occupation_code=code, title=title, months=months)
            job.client_id = person.id
            db.session.add(job)
        db.session.flush()
        return client.get_page(f"/clients/{person.pid}/profile/{name}")

    return make


def _person_form(
    name: str, form: str, variants: Mapping[str, Attributes], *changes: Change
) -> EditForm:
    return EditForm(
        "client_profile.save",
        Role.OFFICER,
        form,
        _section(name),
        lambda page: page.form(f"form[action*='/profile/{name}']"),
        variants,
        changes,
        _PERSON_STAMPS,
        name=name,
    )


_PERSON = {
    "name": "王小明",
    "name_pinyin": "wang xiao ming",
    "name_initials": "wxm",
    "phone": "+8613900139000",
    "phone_tail": "9000",
    "sex": "male",
}
_SECTIONS = (
    _person_form(
        "basics",
        "BasicsForm",
        {
            "full": {**_PERSON, "is_led": True},
            "bare": {
                **_PERSON,
                "phone": None,
                "sex": None,
                "released_on": None,
                "registered_on": None,
                "seeking_work": False,
            },
            "numbered": {**_PERSON, "with_id_number": True},
            "odd": {
                **_PERSON,
                "name_pinyin": "as an older version read it",
                "phone": "+85223456789",
                "phone_tail": "tail",
            },
        },
        _change(
            "client.name client.name_pinyin client.name_initials client.search_text", name="李四"
        ),
        _change(
            "client.id_number client.id_number_digest client.birth_date client.sex",
            identity_number=factories.identity_number(12, born=date(1980, 1, 2)),
        ),
        *_to(
            "client",
            birth_date="1990-03-09",
            sex="",
            contact_status="unreached",
            kind="former_correction_subject",
            stage="discharged",
            released_on="2026-05-01",
            registered_on="",
            seeking_work=None,
        ),
        _change("client.phone client.phone_tail", phone="13800138000"),
        _change("client.case_lead_id", case_lead_pid=""),
    ),
    _person_form(
        "residence",
        "ResidenceForm",
        {
            "full": {"residence_address": "东门路1号"},
            "bare": {
                "residence_division": None,
                "registered_division": None,
                "lat": None,
                "lon": None,
            },
            "odd": {"residence_address": "东门路1号", "lat": 30.5, "lon": 120.5},
        },
        _change("client.residence_division client.lat client.lon", residence_division="510114"),
        *_to("client", residence_address="", registered_division=""),
    ),
    _person_form(
        "skills",
        "SkillsForm",
        {
            "full": {
                "skill_rows": [
                    {"skill_code": "sew.flat", "level": 3, "source": SkillSource.EMPLOYER},
                    {"skill_code": "cook.homestyle", "level": None},
                ]
            },
            "bare": {},
        },
        _change("client_skill.level client_skill.noted_on", skills__0__level=""),
        _change("client_skill.source client_skill.noted_on", skills__1__source="self_stated"),
        _change("client_skill.+ client_skill.-", skills__0__code="sew.overlock"),
        _change("client_skill.level client_skill.noted_on", skills__1__level="1"),
        _change("client_skill.source client_skill.noted_on", skills__0__source="officer"),
        _change("client_skill.-", skills__1__code=""),
        _change("client_skill.+", skills__2__code="sew.overlock"),
    ),
    _person_form(
        "certificates",
        "CertificatesForm",
        {
            "full": {
                "certificates": [
                    {"expires_on": date(2028, 1, 1)},
                    {"code": "cert.health", "issued_on": None, "seen_by_officer": False},
                ]
            },
            "bare": {},
        },
        _change("client_certificate.issued_on", certificates__0__issued_on=""),
        _change("client_certificate.expires_on", certificates__0__expires_on=""),
        _change("client_certificate.seen_by_officer", certificates__0__seen_by_officer=None),
        _change("client_certificate.issued_on", certificates__1__issued_on="2026-01-02"),
        _change("client_certificate.expires_on", certificates__1__expires_on="2027-01-02"),
        _change("client_certificate.seen_by_officer", certificates__1__seen_by_officer="y"),
        _change("client_certificate.-", certificates__1__code=""),
        _change(
            "client_certificate.-",
            certificates__0__code="",
            certificates__0__issued_on="",
            certificates__0__expires_on="",
        ),
    ),
    _person_form(
        "experience",
        "ExperienceForm",
        {
            "full": {
                "education": 2,
                "jobs": [("6-05-01-03", "做童装", 30), (None, "打零工", 0)],
            },
            "bare": {"education": None},
            "zero": {"education": 0, "jobs": [("6-11-08-26", "", 0)]},
        },
        _change("client.education", education=""),
        _change("client_experience.months", experience__0__months="31"),
        _change("client_experience.title", experience__0__title=""),
        _change("client_experience.occupation_code", experience__0__occupation_code=""),
        _change("client_experience.occupation_code", experience__1__occupation_code="6-05-01-03"),
        _change("client_experience.title", experience__1__title="搬家"),
        _change("client_experience.months", experience__1__months="2"),
    ),
    _person_form(
        "preferences",
        "PreferencesForm",
        {
            "full": {
                "desired_occupations": ["6-05-01-03", "6-18-02-04"],
                "max_commute_km": 12.5,
                "wage_expected_cny_month": 5000,
                "shifts_ok": [Shift.DAY.value],
                "needs_lodging": True,
                "exertion_max": int(Exertion.MEDIUM),
                "employment_types_ok": [EmploymentType.FULL_TIME.value],
                "available_on": date(2026, 12, 1),
                "wishes": "离家近。\n不上夜班。",
            },
            "bare": {},
            "zero": {"max_commute_km": 0.0, "wage_expected_cny_month": 0, "needs_lodging": False},
            "odd": {
                "desired_occupations": ["6-11-08-26", "4-04-04-00", "9-99-99-99"],
                "max_commute_km": 7.333333333,
                "shifts_ok": ["rotating", "day"],
                "employment_types_ok": ["gig", "full_time"],
                "wishes": _ODD_TEXT,
            },
        },
        *_to(
            "client",
            desired_occupations="6-05-01-03",
            max_commute_km="",
            wage_expected_cny_month="0",
            shifts_ok=None,
            needs_lodging="0",
            exertion_max="",
            employment_types_ok=["full_time", "gig"],
            available_on="",
            wishes="",
        ),
    ),
)
EDIT_FORMS += _SECTIONS

# --- The restricted record ------------------------------------------------------------------------

_RECORD = {
    "basis": "criminal_penalty",
    "intent": "intentional",
    "kinds": ["property"],
    "kinds_doubtful": [],
    "fixed_term_or_more": False,
    "sentence_completed_on": "2024-05-06",
    "political_rights_deprived_until": "life",
    "court_prohibition": "other",
    "court_prohibition_until": "2029-11-22",
    "court_prohibition_occupations": ["6-11-08-26"],
}
_RECORD_COLUMNS = "restricted_record.facts"


def _restricted(client: QualityClient, attributes: Attributes) -> Page:
    officer = _signed_in(client, Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit, case_lead_id=officer.id)
    records = attributes["records"]
    facts = {} if records is None else {"records": records}
    if attributes.get("is_stored", True):
        factories.RestrictedRecordFactory(client_id=person.id, facts=json.dumps(facts))
    path = f"/clients/{person.pid}/restricted"
    purpose = {"purpose": "other", "note": "上级来函核查"}
    return client.submit(path, purpose, form=f"form[action='{path}']")


EDIT_FORMS.append(
    EditForm(
        "restricted.save",
        Role.OFFICER,
        "FactsForm",
        _restricted,
        _at("/record"),
        {
            "full": {"records": [_RECORD]},
            "bare": {"records": None},
            "new": {"records": None, "is_stored": False},
            "none": {"records": []},
            "zero": {"records": [{}]},
        },
        (
            _change(_RECORD_COLUMNS, records__0__intent=""),
            _change(_RECORD_COLUMNS, records__0__fixed_term_or_more="1"),
            _change(_RECORD_COLUMNS, records__0__sentence_completed_on="2024-05-07"),
        ),
        frozenset({"restricted_record.version", "restricted_record.updated_at"}),
    )
)

# --- Training -------------------------------------------------------------------------------------


def _course(client: QualityClient, attributes: Attributes) -> Page:
    provider = factories.ProviderFactory()
    _signed_in(client, Role.COORDINATOR, unit=provider)
    course = factories.CourseFactory(provider=provider, **attributes)
    return client.get_page(f"/training/courses/{course.pid}/edit")


def _session(client: QualityClient, attributes: Attributes) -> Page:
    provider = factories.ProviderFactory()
    _signed_in(client, Role.COORDINATOR, unit=provider)
    course = factories.CourseFactory(provider=provider)
    session = factories.CourseSessionFactory(course=course, **attributes)
    return client.get_page(f"/training/sessions/{session.pid}/edit")


EDIT_FORMS += [
    EditForm(
        "training.edit_course",
        Role.COORDINATOR,
        "CourseForm",
        _course,
        _with("title"),
        {
            "full": {"skills": [("sew.flat", 2), ("cert.health", None)], "title": "缝纫基础"},
            "bare": {
                "published": False,
                "title_en": "",
                "description": "",
                "hours": None,
                "is_free": False,
            },
            "odd": {
                "description": _ODD_TEXT,
                "skills": [("sew.overlock", 1), ("cert.health", None), ("sew.flat", 2)],
            },
        },
        (
            *_to(
                "course",
                title="缝纫入门",
                title_en="",
                subject=Subject.COOKING.value,
                description="",
                hours="",
                is_free=None,
            ),
            Change(_requirement("skills", "sew.flat", "3"), frozenset({"course_skill.level"})),
            _change("course_skill.-", certificates=""),
        ),
        frozenset({"course.version", "course.updated_at"}),
    ),
    EditForm(
        "training.edit_session",
        Role.COORDINATOR,
        "SessionForm",
        _session,
        _with("capacity"),
        {"full": {}, "bare": {"place": "", "division_code": None}},
        _to(
            "course_session",
            starts_on="2026-12-02",
            ends_on="2026-12-21",
            capacity="12",
            place="",
            division_code="510114",
        ),
        frozenset({"course_session.version"}),
    ),
]

# --- Settings -------------------------------------------------------------------------------------


def _settings(client: QualityClient, attributes: Attributes) -> Page:
    _signed_in(client, Role.SECURITY_ADMIN)
    page = client.get_page("/admin/settings")
    if attributes:
        client.send(_at("/admin/settings")(page), attributes)
        page = client.get_page("/admin/settings")
    return page


_SETTINGS = {"lockout_failures": "4", "lockout_minutes": "20", "idle_minutes": "25"}
EDIT_FORMS.append(
    EditForm(
        "admin.change_settings",
        Role.SECURITY_ADMIN,
        "SecurityRulesForm",
        _settings,
        _at("/admin/settings"),
        {"full": _SETTINGS, "bare": {}},
        tuple(
            _change("security_setting.value security_setting.updated_at", **{name: value})
            for name, value in {
                "lockout_failures": "3",
                "lockout_minutes": "30",
                "idle_minutes": "20",
            }.items()
        ),
        frozenset(),
    )
)
