"""Forms of an opening: the officer's with everything, the employer's in a shop floor's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from matchboard.domain.carried import Carried
from matchboard.domain.client import Education, EmploymentType, Exertion, Shift
from matchboard.domain.text import readable
from matchboard.domain.vacancy import (
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.domain.written import YUAN, YUAN_HOUR
from matchboard.labels import label, partners as partner_words, vacancies as words
from matchboard.services.partners import Partner
from matchboard.services.vacancy_editing import Requirement, VacancyInput
from matchboard.web.codebooks import CERTIFICATES
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.fields import (
    CodeListField,
    DivisionField,
    FlexibleDateField,
    SkillLevelsField,
)
from matchboard.web.forms.numbers import AmountField, CountField, WholeNumberField
from matchboard.web.forms.occupation_of_title import LEAVE_OPEN, OccupationOfTitleField

REQUIRED = _l("这一项必须填写。")


def choices(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Return choices of (value, words)."""
    return [SelectChoice(value, label=text) for value, text in pairs]


def clean(text: str | None) -> str:
    """Leave out blanks at both ends."""
    return (text or "").strip()


def title_of(text: str) -> str:
    """Return a title as the form reads it."""
    return clean(readable(text))


class CheckboxesField(SelectMultipleField):
    """Several tick boxes under one question."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


#: A draft may lack these; an opening sent to review, and one already shown, may not
#: (domain/posting_checks.py).
NEEDED_TO_SEND = (
    "duties",
    "conditions",
    "division_code",
    "wage_min_cny_month",
    "deposit_free",
)


class VacancyForm(BaseForm):
    """What both forms of an opening hold."""

    title = StringField(_l("岗位名称"), [DataRequired(REQUIRED), Length(max=120)], filters=[clean])
    headcount = CountField(_l("招聘人数"), [InputRequired(REQUIRED)], unit="people", default=1)
    duties = TextAreaField(_l("做什么活"), [Length(max=4000)], filters=[clean])
    conditions = TextAreaField(_l("什么条件"), [Length(max=4000)], filters=[clean])
    division_code = DivisionField(_l("工作地区"))
    address = StringField(_l("详细地址"), [Length(max=200)], filters=[clean])
    employment_type = SelectField(_l("用工形式"), [Optional()])
    wage_min_cny_month = WholeNumberField(_l("最低月薪"), [Optional()], unit=YUAN)
    wage_max_cny_month = WholeNumberField(_l("最高月薪"), [Optional()], unit=YUAN)
    wage_hourly_cny = AmountField(_l("小时工资"), [Optional()], unit=YUAN_HOUR)
    shift = SelectField(_l("班次"), [Optional()])
    hours_per_day = AmountField(_l("每天几小时"), [Optional()], unit="hours")
    hours_per_week = AmountField(_l("每周几小时"), [Optional()], unit="hours")
    lodging_provided = SelectField(_l("住宿"), [Optional()])
    exertion = SelectField(_l("体力强度"), [Optional()])
    education_min = SelectField(_l("最低学历"), [Optional()])
    contract_months = CountField(_l("合同签几个月"), [Optional()], unit="months")
    probation_months = AmountField(_l("试用期几个月"), [Optional()], unit="months")
    probation_wage_cny_month = WholeNumberField(_l("试用期月薪"), [Optional()], unit=YUAN)
    deposit_free = BooleanField(_l("承诺不收押金、不扣身份证等证件"))
    skills_required = SkillLevelsField(_l("必须会的技能"))
    skills_preferred = SkillLevelsField(_l("会更好的技能"))
    certificates_required = CodeListField(_l("必须有的证书"), codebook=CERTIFICATES)
    close_on = FlexibleDateField(_l("招聘截止日期"), [Optional()])
    visibility = RadioField(_l("谁能看到"), default=Visibility.PUBLIC.value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark_needed(None)
        unknown = ("", _l("未填写"))
        schooling = [(str(level.value), words.EDUCATION_MIN[level]) for level in Education]
        lodging = [("1", _l("提供住宿")), ("0", _l("不提供住宿"))]
        self.employment_type.choices = choices([unknown, *_members(EmploymentType)])
        self.shift.choices = choices([unknown, *_members(Shift)])
        self.exertion.choices = choices([unknown, *_members(Exertion)])
        self.education_min.choices = choices([unknown, *schooling])
        self.lodging_provided.choices = choices([unknown, *lodging])
        self.visibility.choices = choices(_members(Visibility))

    def mark_needed(self, vacancy: Any) -> None:
        """Mark what the step in hand needs: a draft may wait, what is shown may not lack it.

        An advertisement from outside is taken in as it is, and never sent.
        """
        is_draft = vacancy is None or vacancy.state is VacancyState.DRAFT
        is_external = vacancy is not None and vacancy.source is VacancySource.EXTERNAL
        for name in NEEDED_TO_SEND:
            self[name].flags.needed = is_draft and not is_external
            self[name].flags.required = not is_draft and not is_external

    def offer_occupations(self, *, is_asked: bool) -> None:
        """Offer what the title may mean if no occupation is given; asked for, or to begin with."""
        field = self["occupation_code"]
        if not field.data and self.title.data:
            field.offer(self.title.data, chosen=None if is_asked else LEAVE_OPEN)

    def values(self) -> VacancyInput:
        """Return a new opening as typed."""
        return VacancyInput(**self._values())

    def carried(self) -> Carried[VacancyInput]:
        """Return what was typed of a stored opening; what the form does not show stays."""
        return Carried(self._values())

    def _values(self) -> dict[str, Any]:
        texts: dict[str, Any] = {name: self[name].data or "" for name in _ALWAYS_TEXT}
        plain: dict[str, Any] = {name: self[name].data for name in _PLAIN}
        return dict(
            **texts,
            **plain,
            headcount=self.headcount.data or 0,
            employment_type=_member(EmploymentType, self.employment_type),
            shift=_member(Shift, self.shift),
            exertion=_number(self.exertion),
            education_min=_number(self.education_min),
            lodging_provided=_yes_no(self.lodging_provided),
            deposit_free=bool(self.deposit_free.data),
            visibility=_member(Visibility, self.visibility) or Visibility.PUBLIC,
            requirements=tuple(self._requirements()),
            **self._officers_values(),
        )

    def _officers_values(self) -> dict[str, Any]:
        return {}

    def _requirements(self) -> list[Requirement]:
        kinds = RequirementKind
        return [
            *(Requirement(c, kinds.REQUIRED, n) for c, n in self.skills_required.data or []),
            *(Requirement(c, kinds.PREFERRED, n) for c, n in self.skills_preferred.data or []),
            *(Requirement(c, kinds.CERTIFICATE) for c in self.certificates_required.data or []),
        ]


_PLAIN = (
    "division_code",
    "wage_min_cny_month",
    "wage_max_cny_month",
    "wage_hourly_cny",
    "hours_per_day",
    "hours_per_week",
    "contract_months",
    "probation_months",
    "probation_wage_cny_month",
    "close_on",
)
_ALWAYS_TEXT = ("title", "duties", "conditions", "address")

KNOWN = choices(
    [
        ("unknown", _l("还不清楚")),
        ("none", _l("都不涉及")),
        ("some", _l("涉及下面勾选的")),
    ]
)


class StaffVacancyForm(VacancyForm):
    """The officer's form: besides, what the legal gate looks at."""

    occupation_code = OccupationOfTitleField(_l("职业"))
    open_on = FlexibleDateField(_l("开始日期"), [Optional()])
    posts_known = RadioField(_l("特定职务"), choices=KNOWN, default="unknown")
    posts = CheckboxesField(_l("涉及的职务"), choices=[])
    licences_known = RadioField(_l("执业资格"), choices=KNOWN, default="unknown")
    licences = CheckboxesField(_l("涉及的资格"), choices=[])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts.choices = choices(partner_words.POSTS.items())
        self.licences.choices = choices(partner_words.LICENCES.items())

    def validate_posts(self, field: Field) -> None:
        """Keep the answer and the ticks in step."""
        check_known(self.posts_known.data, field)

    def validate_licences(self, field: Field) -> None:
        """Keep the answer and the ticks in step."""
        check_known(self.licences_known.data, field)

    def _officers_values(self) -> dict[str, Any]:
        return {
            "occupation_code": self.occupation_code.data,
            "open_on": self.open_on.data,
            "posts": known_list(self.posts_known.data, self.posts.data),
            "licences": known_list(self.licences_known.data, self.licences.data),
        }


class NewStaffVacancyForm(StaffVacancyForm):
    """A new opening: the officer says whose."""

    partner = SelectField(_l("爱心企业"), [DataRequired(REQUIRED)])

    def offer(self, partners: Sequence[Partner]) -> None:
        """Set the vetted partners to choose from."""
        self.partner.choices = choices([("", _l("请选择")), *((p.pid, p.name) for p in partners)])


class PartnerVacancyForm(VacancyForm):
    """The employer's form; what officers entered besides is kept."""

    occupation_code = OccupationOfTitleField(_l("属于哪个职业"))

    def _officers_values(self) -> dict[str, Any]:
        return {"occupation_code": self.occupation_code.data}


def field_label(name: str) -> str:
    """Return what the forms call a field of an opening; empty if they have none of that name."""
    found = getattr(StaffVacancyForm, name, None) if name else None
    return str(found.args[0]) if isinstance(found, UnboundField) and found.args else ""


def check_known(answer: str | None, field: Field) -> None:
    """Refuse ticks that contradict the answer above them."""
    if answer == "some" and not field.data:
        raise ValidationError(_l("请至少勾选一项。"))
    if answer != "some" and field.data:
        raise ValidationError(_l("勾选了内容，请在上面选“涉及下面勾选的”。"))


def known_list(answer: str | None, ticked: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return None for unknown, empty for none."""
    if answer == "some":
        return tuple(sorted(ticked or ()))
    return () if answer == "none" else None


def known_answer(codes: Sequence[str] | None) -> str:
    """Return the answer a stored list stands for."""
    return "unknown" if codes is None else "some" if codes else "none"


def form_data(values: VacancyInput, *, version: int | None = None) -> dict[str, Any]:
    """Return an opening as the forms' data."""
    by_kind: dict[RequirementKind, list[Requirement]] = {kind: [] for kind in RequirementKind}
    for requirement in values.requirements:
        by_kind[requirement.kind].append(requirement)
    lodging = {None: "", True: "1", False: "0"}[values.lodging_provided]
    return {
        **{name: getattr(values, name) for name in (*_PLAIN, *_ALWAYS_TEXT)},
        "version": version,
        "headcount": values.headcount,
        "occupation_code": values.occupation_code,
        "open_on": values.open_on,
        "employment_type": values.employment_type.value if values.employment_type else "",
        "shift": values.shift.value if values.shift else "",
        "exertion": "" if values.exertion is None else str(values.exertion),
        "education_min": "" if values.education_min is None else str(values.education_min),
        "lodging_provided": lodging,
        "deposit_free": values.deposit_free,
        "visibility": values.visibility.value,
        "skills_required": _pairs(by_kind[RequirementKind.REQUIRED]),
        "skills_preferred": _pairs(by_kind[RequirementKind.PREFERRED]),
        "certificates_required": [r.code for r in by_kind[RequirementKind.CERTIFICATE]],
        "posts_known": known_answer(values.posts),
        "posts": list(values.posts or ()),
        "licences_known": known_answer(values.licences),
        "licences": list(values.licences or ()),
    }


def _pairs(requirements: Sequence[Requirement]) -> list[tuple[str, int | None]]:
    return [(r.code, r.level) for r in requirements]


def _members(enum: Any) -> list[tuple[str, Any]]:
    return [(str(member.value), label(member)) for member in enum]


def _member(enum: Any, field: Field) -> Any:
    return enum(field.data) if field.data and not field.errors else None


def _number(field: Field) -> int | None:
    return int(field.data) if field.data and not field.errors else None


def _yes_no(field: Field) -> bool | None:
    return {"1": True, "0": False}.get(field.data or "")
