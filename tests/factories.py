"""Make rows for tests; every person, firm and number is made up.

Each factory flushes, none commits: `client` commits before a request, other processes need
`db.session.commit()`. Attributes not given take plain defaults; relations are made as needed:

    officer = UserFactory(role=Role.OFFICER)             # with its justice office and district
    person = ClientFactory(office=officer.unit, skills=["sew.flat", ("cook.homestyle", 3)])
    opening = VacancyFactory(headcount=2, requirements=[("sew.flat", 2, "required")])
    employer = UserFactory(role=Role.ENTERPRISE, unit=opening.partner.unit)
    placement = PlacementFactory(client=person, vacancy=opening, state="sent")

State set here bypasses the services that own it: for rules about moves, let the service move.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import factory
from factory.alchemy import SQLAlchemyModelFactory
from stdnum.cn import ric, uscc

from matchboard import models
from matchboard.crypto import hash_password, lookup_digest
from matchboard.domain.client import (
    ClientKind,
    ConsentMethod,
    ConsentScope,
    EmploymentType,
    Shift,
    SkillSource,
    Stage,
)
from matchboard.domain.identity import organisation_check_character
from matchboard.domain.organisation import UNIT_OF_ROLE, PartnerState, UnitKind
from matchboard.domain.placement import PlacementState, PlacementType
from matchboard.domain.roles import Role
from matchboard.domain.training import AgreementMethod, EnrolmentState, Subject
from matchboard.domain.vacancy import RequirementKind, VacancySource, VacancyState, Visibility
from matchboard.extensions import db

#: The instant of the `clock` fixture; its date in Beijing is `TODAY`.
NOW = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)
#: A county of the reference data and the coordinates of its seat.
DIVISION = "330402"
LAT, LON = 30.747842, 120.783024
#: The password of accounts made with `with_password=True`.
PASSWORD = "correct-horse-battery"


@lru_cache(maxsize=1)
def password_hash() -> str:
    """Return the hash of `PASSWORD`; made once, hashing is slow by design."""
    return hash_password(PASSWORD)


def credit_code(number: int) -> str:
    """Return a well-formed unified social credit code for a made-up firm."""
    code = f"M{number:07d}"
    base = f"91330402{code}{organisation_check_character(code)}"
    return base + uscc.calc_check_digit(base)


def identity_number(
    number: int, *, born: date = date(1985, 5, 20), division: str = DIVISION
) -> str:
    """Return a well-formed identity number for a made-up person."""
    base = f"{division}{born:%Y%m%d}{number % 1000:03d}"
    return base + ric.calc_check_digit(f"{base}0")


class _Factory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: db.session  # noqa: E731 - read when a row is made
        sqlalchemy_session_persistence = "flush"


def _all_factories(base: type[_Factory] = _Factory) -> Iterator[type[_Factory]]:
    for one in base.__subclasses__():
        yield one
        yield from _all_factories(one)


@contextmanager
def counted_afresh() -> Iterator[None]:
    """Count made-up names and numbers from 0, as an empty database may; then go on as before.

    So what a test makes is the same whatever ran before it.
    """
    counting = [f for f in _all_factories() if f._meta.counter_reference is f._meta]
    reached = {one: one._meta.next_sequence() for one in counting}
    for one in counting:
        one.reset_sequence(0)
    try:
        yield
    finally:
        for one, number in reached.items():
            one.reset_sequence(number)


class DistrictFactory(_Factory):
    class Meta:
        model = models.Unit

    kind = UnitKind.DISTRICT
    name = factory.Sequence(lambda n: f"示范区安帮办{n}")
    name_en = factory.Sequence(lambda n: f"Demo District Office {n}")
    division_code = DIVISION
    address = "示范路1号"
    phone = "0573-0000000"
    created_at = NOW


class OfficeFactory(DistrictFactory):
    kind = UnitKind.JUSTICE_OFFICE
    name = factory.Sequence(lambda n: f"第{n}司法所")
    name_en = factory.Sequence(lambda n: f"Justice Office {n}")
    parent = factory.SubFactory(DistrictFactory)


class PartnerUnitFactory(DistrictFactory):
    kind = UnitKind.PARTNER
    name = factory.Sequence(lambda n: f"示范企业{n}")
    name_en = factory.Sequence(lambda n: f"Sample Enterprise {n}")


class ProviderFactory(DistrictFactory):
    kind = UnitKind.PROVIDER
    name = factory.Sequence(lambda n: f"示范培训学校{n}")
    name_en = factory.Sequence(lambda n: f"Sample Training School {n}")


_UNIT_FACTORIES: dict[UnitKind, type[DistrictFactory]] = {
    UnitKind.DISTRICT: DistrictFactory,
    UnitKind.JUSTICE_OFFICE: OfficeFactory,
    UnitKind.PARTNER: PartnerUnitFactory,
    UnitKind.PROVIDER: ProviderFactory,
}


def make_unit(kind: UnitKind, **attributes: Any) -> models.Unit:
    """Return a new unit; a partner's unit comes with its (active) partner record."""
    if kind is UnitKind.PARTNER:
        unit: models.Unit = PartnerFactory(**attributes).unit
    else:
        unit = _UNIT_FACTORIES[kind](**attributes)
    return unit


class UserFactory(_Factory):
    """An account; its role decides the kind of unit made for it."""

    class Meta:
        model = models.User

    class Params:
        with_password = False

    role = Role.OFFICER
    email = factory.Sequence(lambda n: f"person{n}@example.org")
    display_name = factory.Sequence(lambda n: f"示范员{n}")
    password = factory.LazyAttribute(lambda o: password_hash() if o.with_password else "!")
    fs_uniquifier = factory.Sequence(lambda n: f"{n:064d}")
    active = True
    created_at = NOW
    unit = factory.LazyAttribute(
        lambda o: make_unit(UNIT_OF_ROLE[o.role]) if o.role in UNIT_OF_ROLE else None
    )


class AbsenceCoverFactory(_Factory):
    """A cover of an officer by a colleague, in force on the day of the `clock` fixture."""

    class Meta:
        model = models.AbsenceCover

    covered = factory.SubFactory(UserFactory)
    office = factory.LazyAttribute(lambda o: o.covered.unit)
    covering = factory.LazyAttribute(lambda o: UserFactory(unit=o.office))
    made_by = factory.LazyAttribute(lambda o: o.covered)
    from_on = TODAY
    until_on = TODAY + timedelta(days=4)
    reason = "外出培训"
    created_at = NOW


class PartnerFactory(_Factory):
    class Meta:
        model = models.Partner

    unit = factory.SubFactory(PartnerUnitFactory)
    name = factory.LazyAttribute(lambda o: o.unit.name)
    name_en = factory.LazyAttribute(lambda o: o.unit.name_en)
    name_pinyin = "shi fan qi ye"
    uscc = factory.Sequence(credit_code)
    industry = "服装制造"
    employer_kinds = factory.LazyFunction(list)
    division_code = DIVISION
    address = "示范路2号"
    lat = LAT
    lon = LON
    contact_name = "示范联系人"
    contact_phone = "13900000000"
    state = PartnerState.ACTIVE
    agreement_signed_on = date(2026, 9, 1)
    verified_on = date(2026, 9, 1)
    created_at = NOW
    updated_at = NOW


class ClientFactory(_Factory):
    """A client; `skills` are codes or (code, level); `id_number` also sets the digest."""

    class Meta:
        model = models.Client
        exclude = ("n",)

    class Params:
        with_id_number = False

    n = factory.Sequence(lambda n: n)
    name = factory.LazyAttribute(lambda o: f"示例{_hanzi(o.n)}")
    name_pinyin = "shi li"
    name_initials = "sl"
    sex = None
    birth_date = date(1985, 5, 20)
    id_number = factory.LazyAttribute(
        lambda o: identity_number(o.n, born=o.birth_date) if o.with_id_number else None
    )
    id_number_digest = factory.LazyAttribute(
        lambda o: lookup_digest("id_number", o.id_number) if o.id_number else None
    )
    phone = factory.LazyAttribute(lambda o: f"1390000{o.n % 10000:04d}")
    phone_tail = factory.LazyAttribute(lambda o: o.phone[-4:] if o.phone else None)
    kind = ClientKind.RELEASED_PERSON
    stage = Stage.IN_SUPPORT
    office = factory.SubFactory(OfficeFactory)
    released_on = date(2026, 6, 1)
    registered_on = date(2026, 6, 5)
    registered_division = DIVISION
    residence_division = DIVISION
    lat = LAT
    lon = LON
    created_at = NOW
    updated_at = NOW

    @factory.post_generation
    def skills(self, create: bool, given: Any, **_: Any) -> None:
        for skill in given or ():
            code, level = (skill, None) if isinstance(skill, str) else skill
            ClientSkillFactory(client=self, skill_code=code, level=level)


class ClientSkillFactory(_Factory):
    class Meta:
        model = models.ClientSkill

    client = factory.SubFactory(ClientFactory)
    skill_code = "sew.flat"
    level = 3
    source = SkillSource.OFFICER
    noted_on = TODAY


class ClientCertificateFactory(_Factory):
    class Meta:
        model = models.ClientCertificate

    client_id = factory.LazyAttribute(lambda _o: ClientFactory().id)
    code = "cert.swo.lowvolt"
    issued_on = date(2025, 1, 1)
    seen_by_officer = True


class RestrictedRecordFactory(_Factory):
    class Meta:
        model = models.RestrictedRecord

    client_id = factory.LazyAttribute(lambda _o: ClientFactory().id)
    facts = "{}"
    updated_at = NOW


class VacancyFactory(_Factory):
    """An open, public opening of an active partner; `requirements` are (code, level, kind)."""

    class Meta:
        model = models.Vacancy

    source = VacancySource.PARTNER
    partner = factory.SubFactory(PartnerFactory)
    state = VacancyState.OPEN
    visibility = Visibility.PUBLIC
    title = factory.Sequence(lambda n: f"缝纫工{n}")
    occupation_code = "6-05-01-03"
    duties = "操作平缝机。"
    conditions = "包午餐。"
    division_code = DIVISION
    address = "示范路2号"
    lat = LAT
    lon = LON
    wage_min_cny_month = 4500
    wage_max_cny_month = 6000
    employment_type = EmploymentType.FULL_TIME
    shift = Shift.DAY
    hours_per_day = 8.0
    hours_per_week = 40.0
    contract_months = 12
    probation_months = 1.0
    deposit_free = True
    lodging_provided = False
    posts = factory.LazyFunction(list)
    licences = factory.LazyFunction(list)
    headcount = 1
    open_on = date(2026, 11, 1)
    close_on = factory.LazyAttribute(lambda o: o.open_on and o.open_on + timedelta(days=90))
    confirmed_on = date(2026, 11, 1)
    created_at = NOW
    updated_at = NOW

    @factory.post_generation
    def requirements(self, create: bool, given: Any, **_: Any) -> None:
        for code, level, kind in given or ():
            VacancyRequirementFactory(
                vacancy_id=self.id, code=code, level=level, kind=RequirementKind(kind)
            )


class ExternalVacancyFactory(VacancyFactory):
    """An imported ad: no partner, officers only, nothing checked."""

    source = VacancySource.EXTERNAL
    partner = None
    external_ref = factory.Sequence(lambda n: f"ad-{n}")
    external_employer = "外部示例单位"
    visibility = Visibility.OFFICERS


class VacancyRequirementFactory(_Factory):
    class Meta:
        model = models.VacancyRequirement

    code = "sew.flat"
    level = 2
    kind = RequirementKind.REQUIRED


class PlacementFactory(_Factory):
    class Meta:
        model = models.Placement

    client = factory.SubFactory(ClientFactory)
    vacancy = factory.SubFactory(VacancyFactory)
    partner = factory.LazyAttribute(lambda o: o.vacancy.partner if o.vacancy else None)
    placement_type = PlacementType.HIRED_BY_ENTERPRISE
    state = PlacementState.PROPOSED
    state_changed_at = NOW
    proposed_on = TODAY
    sent_at = factory.LazyAttribute(lambda o: None if o.state in {"proposed", "consented"} else NOW)
    started_on = factory.LazyAttribute(
        lambda o: TODAY if o.state in {"started", "completed", "ended"} else None
    )
    created_at = NOW


class ConsentFactory(_Factory):
    class Meta:
        model = models.Consent

    class Params:
        placement = factory.SubFactory(PlacementFactory)

    placement_id = factory.LazyAttribute(lambda o: o.placement.id)
    client_id = factory.LazyAttribute(lambda o: o.placement.client_id)
    partner_id = factory.LazyAttribute(lambda o: o.placement.partner_id)
    scope = ConsentScope.CARD
    fields = factory.LazyFunction(lambda: ["skills"])
    text_version = "2026-11"
    method = ConsentMethod.SIGNED_AT_DESK
    created_at = NOW


class OutcomeCheckFactory(_Factory):
    class Meta:
        model = models.OutcomeCheck

    placement_id = factory.LazyAttribute(lambda _o: PlacementFactory(state="started").id)
    day = 30
    due_on = TODAY


class CourseFactory(_Factory):
    """A published course; `skills` are (code, level), level None for a certificate."""

    class Meta:
        model = models.Course

    provider = factory.SubFactory(ProviderFactory)
    title = factory.Sequence(lambda n: f"缝纫基础{n}")
    title_en = factory.Sequence(lambda n: f"Sewing basics {n}")
    subject = Subject.SEWING
    description = "从零学起。"
    hours = 40
    published = True
    created_at = NOW
    updated_at = NOW

    @factory.post_generation
    def skills(self, create: bool, given: Any, **_: Any) -> None:
        for code, level in given or ():
            CourseSkillFactory(
                course_id=self.id, code=code, level=level, is_certificate=level is None
            )


class CourseSkillFactory(_Factory):
    class Meta:
        model = models.CourseSkill

    code = "sew.flat"
    level = 2


class CourseSessionFactory(_Factory):
    class Meta:
        model = models.CourseSession

    course = factory.SubFactory(CourseFactory)
    starts_on = date(2026, 12, 1)
    ends_on = date(2026, 12, 20)
    place = "示范培训学校"
    division_code = DIVISION
    capacity = 10
    created_at = NOW


class EnrolmentFactory(_Factory):
    """An enrolment and the consent it began with; `has_consent=False` leaves that out."""

    class Meta:
        model = models.Enrolment

    session = factory.SubFactory(CourseSessionFactory)
    client = factory.SubFactory(ClientFactory)
    state = EnrolmentState.RECOMMENDED
    created_at = NOW
    updated_at = NOW

    @factory.post_generation
    def has_consent(self, _create: bool, extracted: bool | None, **_given: Any) -> None:
        if extracted is not False:
            CourseConsentFactory(enrolment=self)


class CourseConsentFactory(_Factory):
    class Meta:
        model = models.CourseConsent

    class Params:
        enrolment = factory.SubFactory(EnrolmentFactory, has_consent=False)

    enrolment_id = factory.LazyAttribute(lambda o: o.enrolment.id)
    client_id = factory.LazyAttribute(lambda o: o.enrolment.client_id)
    fields = factory.LazyFunction(lambda: ["name", "phone", "skills"])
    text_version = "2026-11"
    method = AgreementMethod.SAID_AT_OFFICE
    created_at = NOW


def _hanzi(number: int) -> str:
    """Return a number as Chinese digits, so that made-up names are told apart."""
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(number))
