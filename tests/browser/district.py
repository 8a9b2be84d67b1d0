"""A small district for the browser tests; every person, firm and number is made up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from matchboard.crypto import hash_password
from matchboard.domain.client import Stage
from matchboard.domain.roles import Role
from matchboard.models import Client, Course, CourseSession, Partner, Unit, User, Vacancy
from matchboard.services.accounts import DEMO_DOMAIN, DEMO_PASSWORD
from tests import factories
from tests.integration.placement_paths import NO_RECORDS, POLICE_POST

BORN = "1985-05-20"
#: A penalty, and no ban pronounced by the court: bars a few posts, leaves no question open.
PENALTY = '{"records": [{"basis": "criminal_penalty", "court_prohibition": "none"}]}'


@dataclass(frozen=True)
class District:
    """Accounts (their addresses), the person the journeys are about, and what awaits them."""

    officer: str
    officer_pid: str
    office_pid: str
    employer: str
    coordinator: str
    district: str
    system_admin: str
    security_admin: str
    audit_admin: str
    person: Client
    newcomer: Client
    partner: Partner
    sewing: Vacancy
    cooking: Vacancy
    barred: Vacancy
    course: Course
    session: CourseSession


def found_district() -> District:
    """Make two offices, a partner with openings, a school with a course, and people."""
    district = factories.DistrictFactory(name="示范区安帮办", name_en="Demo District Office")
    office, other = (
        factories.OfficeFactory(parent=district, name=f"{place}司法所", name_en=f"{english} Office")
        for place, english in (("城东", "East"), ("城西", "West"))
    )
    partner = factories.PartnerFactory(
        unit=factories.PartnerUnitFactory(name="晨光服装厂", name_en="Chenguang Garments")
    )
    school = factories.ProviderFactory(
        parent=district, name="启程培训学校", name_en="Qicheng Training School"
    )
    roles = {
        Role.OFFICER: ("officer", office),
        Role.ENTERPRISE: ("employer", partner.unit),
        Role.COORDINATOR: ("coordinator", school),
        Role.DISTRICT: ("district", district),
        Role.SYSTEM_ADMIN: ("system", None),
        Role.SECURITY_ADMIN: ("security", None),
        Role.AUDIT_ADMIN: ("audit", None),
    }
    accounts = {role: _account(role, name, unit) for role, (name, unit) in roles.items()}
    addresses = {role: str(account.email) for role, account in accounts.items()}
    person, newcomer = _people(office, other)
    sewing, cooking, barred = _openings(partner)
    session = _session(school)
    return District(
        officer=addresses[Role.OFFICER],
        officer_pid=accounts[Role.OFFICER].pid,
        office_pid=office.pid,
        employer=addresses[Role.ENTERPRISE],
        coordinator=addresses[Role.COORDINATOR],
        district=addresses[Role.DISTRICT],
        system_admin=addresses[Role.SYSTEM_ADMIN],
        security_admin=addresses[Role.SECURITY_ADMIN],
        audit_admin=addresses[Role.AUDIT_ADMIN],
        person=person,
        newcomer=newcomer,
        partner=partner,
        sewing=sewing,
        cooking=cooking,
        barred=barred,
        course=session.course,
        session=session,
    )


def _account(role: Role, name: str, unit: Unit | None) -> User:
    user: User = factories.UserFactory(
        role=role,
        unit=unit,
        email=f"{name}{DEMO_DOMAIN}",
        display_name=f"示范{name}",
        password=hash_password(DEMO_PASSWORD),
    )
    return user


def _people(office: Unit, other: Unit) -> tuple[Client, Client]:
    """Make those of both offices; return whom the journeys follow, and who has not reported yet."""
    person: Client = factories.ClientFactory(
        office=office,
        name="安明远",
        name_pinyin="an ming yuan",
        name_initials="amy",
        phone="13900002041",
        birth_date=date.fromisoformat(BORN),
        skills=["sew.flat"],
        with_id_number=True,
    )
    factories.RestrictedRecordFactory(client_id=person.id, facts=PENALTY)
    others = []
    for name, pinyin, unit, stage in (
        ("白小雨", "bai xiao yu", office, Stage.PRE_RELEASE),
        ("程大江", "cheng da jiang", office, Stage.IN_SUPPORT),
        ("丁一凡", "ding yi fan", other, Stage.IN_SUPPORT),
    ):
        initials = "".join(part[0] for part in pinyin.split())
        one = factories.ClientFactory(
            office=unit, name=name, name_pinyin=pinyin, name_initials=initials, stage=stage
        )
        factories.RestrictedRecordFactory(client_id=one.id, facts=NO_RECORDS)
        others.append(one)
    return person, others[0]


def _openings(partner: Partner) -> tuple[Vacancy, Vacancy, Vacancy]:
    """Make one the person can do, one for which a skill is missing, and one the law bars."""
    sewing = factories.VacancyFactory(
        partner=partner,
        title="平缝工",
        headcount=2,
        requirements=[("sew.flat", 2, "required")],
    )
    cooking = factories.VacancyFactory(
        partner=partner,
        title="食堂帮厨",
        occupation_code="4-03-02-01",
        duties="洗菜、切配、炒大锅菜。",
        wage_min_cny_month=5000,
        requirements=[("cook.homestyle", 2, "required")],
    )
    barred = factories.VacancyFactory(partner=partner, **POLICE_POST)
    return sewing, cooking, barred


def _session(school: Unit) -> CourseSession:
    """Make a session that begins a week from now."""
    session: CourseSession = factories.CourseSessionFactory(
        course=factories.CourseFactory(
            provider=school,
            title="家常菜入门",
            title_en="Home cooking for beginners",
            skills=[("cook.homestyle", 3)],
        ),
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 20),
        place="启程学校灶间",
    )
    return session
