"""Units, enterprises, providers, accounts and courses: everything that stands before day one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_security.utils import hash_password

from matchboard.domain.calendar import local_date
from matchboard.domain.identity import organisation_check_character
from matchboard.domain.organisation import UnitKind
from matchboard.domain.pids import new_pid
from matchboard.domain.roles import SYSTEM, Actor, Role
from matchboard.domain.training import Subject
from matchboard.extensions import db
from matchboard.models import Course, Partner, Unit, User
from matchboard.services import audit, courses, partners
from matchboard.services.courses import Conferred, CourseInput
from matchboard.services.partners import PartnerInput
from seeds.demo import district as places
from seeds.demo.district import COURSES, OFFICES, PARTNERS, PENDING, PROVIDERS, Enterprise

DEMO_DOMAIN = "demo.matchboard.example"
DEMO_PASSWORD = "matchboard-demo-2026"  # noqa: S105  # printed on the demo's sign-in page

_FAMILY = "钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕张"


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise on the stage: its record, its account, its character."""

    partner: Partner
    actor: Actor
    character: Enterprise
    values: PartnerInput


@dataclass(slots=True)
class Cast:
    """Everybody who acts in the story."""

    district: Actor
    officers: dict[int, Actor] = field(default_factory=dict)  # office unit id → its officer
    office_places: dict[int, tuple[float, float]] = field(default_factory=dict)
    firms: list[Firm] = field(default_factory=list)
    coordinators: dict[int, Actor] = field(default_factory=dict)  # provider unit id
    courses: list[tuple[Course, places.DemoCourse]] = field(default_factory=list)


def assemble(*, began: datetime) -> Cast:
    """Create the units, accounts, enterprises and courses as of the day the story begins."""
    password = hash_password(DEMO_PASSWORD)
    head = _unit(
        UnitKind.DISTRICT, "示范区安置帮教办公室", "Demo District Resettlement Office", began
    )
    cast = Cast(district=_account("district", Role.DISTRICT, head, password, began))
    for role, local in (
        (Role.SYSTEM_ADMIN, "sysadmin"),
        (Role.SECURITY_ADMIN, "secadmin"),
        (Role.AUDIT_ADMIN, "auditadmin"),
    ):
        _account(local, role, None, password, began)
    for number, office in enumerate(OFFICES):
        unit = _unit(UnitKind.JUSTICE_OFFICE, office.name, office.name_en, began, head)
        unit.phone = f"028-5550{number:04d}"
        local = "officer" if number == 0 else f"officer.{office.key}"
        cast.officers[unit.id] = _account(
            local, Role.OFFICER, unit, password, began, is_office_head=True
        )
        cast.office_places[unit.id] = (places.LAT + office.north, places.LON + office.east)
    for number, character in enumerate((*PARTNERS, *PENDING)):
        _enterprise(cast, number, character, password, began)
    for number, provider in enumerate(PROVIDERS):
        unit = _unit(UnitKind.PROVIDER, provider.name, provider.name_en, began, head)
        local = "coordinator" if number == 0 else f"coordinator.{provider.key}"
        cast.coordinators[unit.id] = _account(local, Role.COORDINATOR, unit, password, began)
        for demo in COURSES:
            if demo.provider == provider.key:
                cast.courses.append((_course(demo, unit, cast, began), demo))
    # A colleague in the first office, whom its restricted records stay closed to without a cover.
    first = db.session.get(Unit, next(iter(cast.officers)))
    _account("officer.colleague", Role.OFFICER, first, password, began)
    return cast


def _enterprise(
    cast: Cast, number: int, character: Enterprise, password: str, began: datetime
) -> None:
    today = local_date(began)
    is_partner = character in PARTNERS
    values = PartnerInput(
        name=character.name,
        name_en=character.name_en,
        uscc=credit_code(number),
        industry=character.industry,
        employer_kinds=character.kinds,
        division_code=places.DIVISION,
        address=f"示范路 {10 + number} 号",
        contact_name=f"{_FAMILY[number]}经理",
        contact_phone=f"1740590{number:04d}",
        agreement_signed_on=today - timedelta(days=5) if is_partner else None,
        verified_on=today if is_partner else None,
    )
    partner = partners.create_partner(values, actor=cast.district, now=began)
    partner.lat = places.LAT + character.north
    partner.lon = places.LON + character.east
    local = "enterprise" if character.key == "fuzhuang" else f"enterprise.{character.key}"
    actor = _account(local, Role.ENTERPRISE, partner.unit, password, began)
    if is_partner:
        partners.advance_partner(partner, "vet", actor=cast.district, now=began)
        cast.firms.append(Firm(partner, actor, character, values))


def _course(demo: places.DemoCourse, unit: Unit, cast: Cast, began: datetime) -> Course:
    actor = cast.coordinators[unit.id]
    course = courses.create_course(
        CourseInput(
            title=demo.title,
            title_en=demo.title_en,
            subject=Subject(demo.subject),
            description=demo.description,
            hours=demo.hours,
            skills=tuple(Conferred(code, level) for code, level in demo.skills),
            certificates=demo.certificates,
        ),
        actor=actor,
        now=began,
    )
    return courses.publish_course(course, actor=actor, now=began)


def _unit(
    kind: UnitKind, name: str, name_en: str, began: datetime, parent: Unit | None = None
) -> Unit:
    unit = Unit(
        kind=kind,
        name=name,
        name_en=name_en,
        parent_id=parent.id if parent else None,
        division_code=places.DIVISION,
        address="示范路 1 号",
        created_at=began,
    )
    db.session.add(unit)
    db.session.flush()
    return unit


def _account(
    local: str,
    role: Role,
    unit: Unit | None,
    password: str,
    began: datetime,
    *,
    is_office_head: bool = False,
) -> Actor:
    number = sum(map(ord, local)) % len(_FAMILY)
    user = User(
        email=f"{local}@{DEMO_DOMAIN}",
        display_name=f"{_FAMILY[number]}示范",
        password=password,
        active=True,
        fs_uniquifier=f"{new_pid()}{new_pid()}{new_pid()}",
        role=role,
        unit_id=unit.id if unit else None,
        is_office_head=is_office_head,
        created_at=began,
    )
    db.session.add(user)
    db.session.flush()
    if is_office_head:
        audit.record("account.name_head", user, actor=SYSTEM, now=began)
        audit.record("account.confirm_head", user, actor=SYSTEM, now=began)
    return user.actor


def credit_code(number: int) -> str:
    """Return a unified social credit code whose check characters hold."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    code = f"MADEM{number:03d}"
    body = f"91519900{code}{organisation_check_character(code)}"
    total = sum(alphabet.index(c) * w for c, w in zip(body, weights, strict=True))
    return body + alphabet[(31 - total % 31) % 31]
