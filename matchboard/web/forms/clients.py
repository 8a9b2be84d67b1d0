"""Forms of the person's record: registration and the sections of the profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from matchboard.domain.client import (
    SKILL_LEVELS,
    ClientKind,
    ContactStatus,
    Education,
    EmploymentType,
    Exertion,
    Sex,
    Shift,
    SkillSource,
    Stage,
)
from matchboard.domain.client_file import RestrictedPurpose
from matchboard.domain.written import YUAN
from matchboard.services.client_background import (
    STATED_SOURCES,
    TITLE_LENGTH,
    Background,
    StatedCertificate,
    StatedExperience,
    StatedSkill,
)
from matchboard.services.client_fields import NAME_LENGTH
from matchboard.services.client_profile import (
    ADDRESS_LENGTH,
    WISHES_LENGTH,
    Basics,
    Preferences,
    Residence,
)
from matchboard.services.clients import NewClient
from matchboard.services.restricted import PURPOSE_LENGTH
from matchboard.web.codebooks import CERTIFICATES, OCCUPATIONS, SKILLS
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.choices import (
    AnswerRadio,
    Choices,
    EnumRadio,
    EnumSelect,
    TickList,
    choices_of,
)
from matchboard.web.forms.fields import (
    AskedField,
    CodeField,
    CodeListField,
    DivisionField,
    FlexibleDateField,
    OccupationField,
)
from matchboard.web.forms.numbers import AmountField, CountField, WholeNumberField
from matchboard.web.forms.rows import RowForm, RowsForm, row_field

_REQUIRED = _l("这一项必须填写。")
_CHOOSE = _l("请选择一项。")
_NUMBER_SHAPE = 40  # a pasted number with blanks and dashes


class NewClientForm(BaseForm):
    """Registration. What is not known stays unknown."""

    identity_number = StringField(_l("身份证号"), [Length(max=_NUMBER_SHAPE)])
    has_no_number = BooleanField(_l("暂无身份证号（以后再补）"))
    name = StringField(_l("姓名"), [DataRequired(_REQUIRED), Length(max=NAME_LENGTH)])
    birth_date = FlexibleDateField(_l("出生日期"))
    sex = EnumSelect(_l("性别"), Sex)
    phone = StringField(_l("联系电话"), [Length(max=30)])
    contact_status = EnumSelect(
        _l("联系情况"), ContactStatus, blank=None, default=ContactStatus.IN_CONTACT
    )
    kind = EnumRadio(_l("人员类别"), ClientKind, validators=[InputRequired(_CHOOSE)])
    stage = EnumRadio(_l("阶段"), Stage, validators=[InputRequired(_CHOOSE)])
    office_pid = SelectField(_l("负责的司法所"))
    released_on = FlexibleDateField(_l("释放或解矫日期"))
    registered_on = FlexibleDateField(_l("登记日期"))
    residence_division = DivisionField(_l("现住地区"))
    residence_address = StringField(_l("详细地址"), [Length(max=ADDRESS_LENGTH)])
    registered_division = DivisionField(_l("户籍地区"))
    seeking_work = BooleanField(_l("本人想找工作"), default=True)
    #: Of whom the question "is it the same person?" was asked (`services.same_person`), and "no".
    asked_about = HiddenField()
    someone_else = AskedField(_l("不是同一个人，照样登记"))

    def offer(self, offices: Sequence[tuple[str, str]], *, must_choose: bool) -> None:
        """Offer the offices; an officer has one and is not asked."""
        if must_choose:
            self.office_pid.choices = [("", gettext("请选择")), *offices]
            self.office_pid.flags.required = True
        else:
            del self.office_pid

    def new_client(self) -> NewClient:
        """Return what was typed; the shape has been checked."""
        return NewClient(
            name=self.name.data or "",
            kind=self.kind.data,
            stage=self.stage.data,
            identity_number=self.identity_number.data or "",
            has_no_number=bool(self.has_no_number.data),
            birth_date=self.birth_date.data,
            sex=self.sex.data,
            office_pid=self.office_pid.data if "office_pid" in self else None,
            phone=self.phone.data or "",
            contact_status=self.contact_status.data or ContactStatus.IN_CONTACT,
            released_on=self.released_on.data,
            registered_on=self.registered_on.data,
            registered_division=self.registered_division.data,
            residence_division=self.residence_division.data,
            residence_address=self.residence_address.data or "",
            seeking_work=bool(self.seeking_work.data),
        )


class BasicsForm(BaseForm):
    """Who the person is and how to reach them."""

    name = StringField(_l("姓名"), [DataRequired(_REQUIRED), Length(max=NAME_LENGTH)])
    identity_number = StringField(_l("身份证号"), [Length(max=_NUMBER_SHAPE)])
    birth_date = FlexibleDateField(_l("出生日期"))
    sex = EnumSelect(_l("性别"), Sex)
    phone = StringField(_l("联系电话"), [Length(max=30)])
    contact_status = EnumSelect(
        _l("联系情况"), ContactStatus, blank=None, default=ContactStatus.IN_CONTACT
    )
    kind = EnumRadio(_l("人员类别"), ClientKind, validators=[InputRequired(_CHOOSE)])
    stage = EnumRadio(_l("阶段"), Stage, validators=[InputRequired(_CHOOSE)])
    released_on = FlexibleDateField(_l("释放或解矫日期"))
    registered_on = FlexibleDateField(_l("登记日期"))
    case_lead_pid = SelectField(_l("帮教责任人"))
    seeking_work = BooleanField(_l("本人想找工作"))
    may_hand_over = True

    def offer(
        self, leads: Sequence[tuple[str, str]], *, has_number: bool, may_hand_over: bool
    ) -> None:
        """Offer the officers who may lead; a stored number fixes birth date and sex."""
        self.may_hand_over = may_hand_over
        blank = [("", str(_l("未指定")))] if may_hand_over or not leads else []
        self.case_lead_pid.choices = [*blank, *leads]
        if has_number:
            del self.birth_date
            del self.sex
        else:
            self.birth_date.flags.required = True

    def typed(self) -> Basics:
        """Return what was typed."""
        return Basics(
            name=self.name.data or "",
            kind=self.kind.data,
            stage=self.stage.data,
            contact_status=self.contact_status.data or ContactStatus.IN_CONTACT,
            identity_number=self.identity_number.data or "",
            birth_date=self.birth_date.data if "birth_date" in self else None,
            sex=self.sex.data if "sex" in self else None,
            phone=self.phone.data or "",
            released_on=self.released_on.data,
            registered_on=self.registered_on.data,
            case_lead_pid=self.case_lead_pid.data or None,
            seeking_work=bool(self.seeking_work.data),
        )


class ResidenceForm(BaseForm):
    """Where the person lives and is registered."""

    residence_division = DivisionField(_l("现住地区"))
    residence_address = StringField(_l("详细地址"), [Length(max=ADDRESS_LENGTH)])
    registered_division = DivisionField(_l("户籍地区"))

    def typed(self) -> Residence:
        """Return what was typed."""
        return Residence(
            registered_division=self.registered_division.data,
            residence_division=self.residence_division.data,
            residence_address=self.residence_address.data or "",
        )


def level_choices() -> Choices:
    """Return the levels of a skill, unknown first."""
    words = (
        gettext("会一点"),
        gettext("有人带着能做"),
        gettext("能独立做"),
        gettext("熟练"),
        gettext("能带徒弟"),
    )
    levels = [(str(n), f"{n} {text}") for n, text in zip(SKILL_LEVELS, words, strict=True)]
    return [("", gettext("程度未知")), *levels]


class SkillRow(RowForm):
    """One stated skill."""

    KEYS = ("code",)
    code = CodeField(_l("技能"), codebook=SKILLS)
    level = SelectField(
        _l("熟练程度"), choices=level_choices, coerce=lambda v: int(v) if v else None
    )
    source = EnumSelect(
        _l("怎么知道的"),
        SkillSource,
        members=STATED_SOURCES,
        blank=None,
        default=SkillSource.SELF_STATED,
    )


class SkillsForm(RowsForm):
    """The stated skills."""

    ROWS = "skills"
    skills = FieldList(row_field(SkillRow), _l("技能"))

    def typed(self) -> list[StatedSkill]:
        """Return what was typed, blank rows left out."""
        return [
            StatedSkill(row.code.data, row.level.data, row.source.data or SkillSource.SELF_STATED)
            for row in self.rows
        ]


class CertificateRow(RowForm):
    """One stated certificate."""

    KEYS = ("code", "issued_on", "expires_on")
    code = CodeField(_l("证书"), codebook=CERTIFICATES)
    issued_on = FlexibleDateField(_l("发证日期"))
    expires_on = FlexibleDateField(_l("有效期至"))
    seen_by_officer = BooleanField(_l("已看过原件"))

    def validate_code(self, field: Any) -> None:
        """Ask which certificate the dates are of."""
        if not field.data and not field.errors:
            raise ValidationError(_l("请选择证书。"))


class CertificatesForm(RowsForm):
    """The stated certificates."""

    ROWS = "certificates"
    certificates = FieldList(row_field(CertificateRow), _l("证书"))

    def typed(self) -> list[StatedCertificate]:
        """Return what was typed, blank rows left out."""
        return [
            StatedCertificate(
                row.code.data,
                row.issued_on.data,
                row.expires_on.data,
                bool(row.seen_by_officer.data),
            )
            for row in self.rows
        ]


class ExperienceRow(RowForm):
    """Work done, in months."""

    KEYS = ("occupation_code", "title", "months")
    STANDS_FOR: ClassVar[Mapping[str, str]] = {"title": "occupation_code"}
    occupation_code = OccupationField(_l("职业"))
    title = StringField(_l("具体做什么"), [Length(max=TITLE_LENGTH)])
    months = CountField(_l("做了几个月"), [Optional()], unit="months")


class ExperienceForm(RowsForm):
    """Schooling and work done."""

    ROWS = "experience"
    education = EnumSelect(_l("文化程度"), Education)
    experience = FieldList(row_field(ExperienceRow), _l("工作经历"))

    def typed(self) -> Background:
        """Return what was typed, blank rows left out."""
        return Background(
            education=None if self.education.data is None else int(self.education.data),
            experience=[
                StatedExperience(row.occupation_code.data, row.title.data or "", row.months.data)
                for row in self.rows
            ],
        )


class PreferencesForm(BaseForm):
    """The person's wishes; empty is unknown and excludes nothing."""

    desired_occupations = CodeListField(_l("想做的工作"), codebook=OCCUPATIONS)
    max_commute_km = AmountField(_l("最远能接受的路程"), [Optional()], unit="km")
    wage_expected_cny_month = WholeNumberField(_l("期望月工资"), [Optional()], unit=YUAN)
    shifts_ok = TickList(_l("能上的班次"), choices=choices_of(Shift))
    needs_lodging = AnswerRadio(
        _l("要不要单位提供住宿"), yes=_l("需要，或可以住"), no=_l("不住单位")
    )
    exertion_max = EnumSelect(_l("最多能承受的体力强度"), Exertion)
    employment_types_ok = TickList(_l("能接受的用工形式"), choices=choices_of(EmploymentType))
    available_on = FlexibleDateField(_l("最早哪天可以上班"))
    wishes = TextAreaField(_l("本人的其他想法"), [Length(max=WISHES_LENGTH)])

    def typed(self) -> Preferences:
        """Return what was typed."""
        km = self.max_commute_km.data
        exertion = self.exertion_max.data
        return Preferences(
            desired_occupations=self.desired_occupations.data,
            max_commute_km=None if km is None else float(km),
            wage_expected_cny_month=self.wage_expected_cny_month.data,
            shifts_ok=self.shifts_ok.data or [],
            needs_lodging=self.needs_lodging.answer,
            exertion_max=None if exertion is None else int(exertion),
            employment_types_ok=self.employment_types_ok.data or [],
            available_on=self.available_on.data,
            wishes=self.wishes.data or "",
        )


class PurposeForm(BaseForm):
    """Why the restricted record is opened."""

    purpose = EnumRadio(
        _l("打开的目的"), RestrictedPurpose, validators=[InputRequired(_l("请先说明打开的目的。"))]
    )
    note = StringField(_l("是什么工作需要"), [Length(max=PURPOSE_LENGTH)])
