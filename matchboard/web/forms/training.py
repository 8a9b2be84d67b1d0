"""Forms of courses, their sessions and the people on them."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _l
from wtforms import (
    BooleanField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from matchboard.domain.training import GIVEN_REASONS, DropReason, Subject
from matchboard.labels import label
from matchboard.services.course_sessions import SessionInput
from matchboard.services.courses import Conferred, CourseInput
from matchboard.web.codebooks import CERTIFICATES
from matchboard.web.forms.base import BaseForm, DecisionForm
from matchboard.web.forms.choices import chosen
from matchboard.web.forms.fields import (
    CodeListField,
    DivisionField,
    FlexibleDateField,
    SkillLevelsField,
)
from matchboard.web.forms.numbers import CountField

_REQUIRED = _l("这一项必须填写。")


class CourseForm(BaseForm):
    """A course and what it confers; the district chooses the provider of a new one."""

    provider = SelectField(_l("培训机构"), [Optional()], choices=[], validate_choice=False)
    title = StringField(_l("课程名称"), [InputRequired(_REQUIRED), Length(max=120)])
    title_en = StringField(_l("英文名称"), [Length(max=160)])
    subject = SelectField(_l("科目"), choices=lambda: [(one.value, label(one)) for one in Subject])
    description = TextAreaField(_l("学些什么"), [Length(max=4000)])
    hours = CountField(_l("课时"), [Optional()], unit="hours")
    is_free = BooleanField(_l("免费"), default=True)
    skills = SkillLevelsField(_l("学会的技能"))
    certificates = CodeListField(_l("能拿到的证书"), codebook=CERTIFICATES)

    def course(self) -> CourseInput:
        """Return what was typed."""
        return CourseInput(
            title=self.title.data or "",
            title_en=self.title_en.data or "",
            subject=chosen(Subject, self.subject),
            description=self.description.data or "",
            hours=self.hours.data,
            is_free=bool(self.is_free.data),
            skills=tuple(Conferred(code, level) for code, level in self.skills.data),
            certificates=tuple(self.certificates.data),
            provider_pid=(self["provider"].data or None) if "provider" in self else None,
        )


class SessionForm(BaseForm):
    """One run of a course."""

    starts_on = FlexibleDateField(_l("开班日期"), [InputRequired(_REQUIRED)])
    ends_on = FlexibleDateField(_l("结束日期"), [InputRequired(_REQUIRED)])
    capacity = CountField(_l("名额"), [InputRequired(_REQUIRED)], unit="people")
    place = StringField(_l("上课地点"), [Length(max=160)])
    division_code = DivisionField(_l("所在地区"), [Optional()])

    def session(self) -> SessionInput:
        """Return what was typed."""
        return SessionInput(
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            capacity=self.capacity.data,
            place=self.place.data or "",
            division_code=self.division_code.data,
        )


class WalkInForm(DecisionForm):
    """A person who comes by themselves: public id and birth date."""

    client_pid = StringField(_l("本人编号"), [InputRequired(_REQUIRED), Length(max=20)])
    birth_date = FlexibleDateField(_l("出生日期"), [InputRequired(_REQUIRED)])


class CompleteForm(BaseForm):
    """The day a course was completed; "today" is not assumed for a day left blank."""

    result_on = FlexibleDateField(_l("结业日期"), [InputRequired(_REQUIRED)])

    def messages(self) -> str:
        """Return everything that is wrong, for the top of the page."""
        label = self.result_on.label.text
        named = [f"{label}{gettext('：')}{error}" for error in self.result_on.errors]
        return " ".join([*self.form_errors, *named])


class StepForm(BaseForm):
    """What a step of an enrolment may bring with it."""

    reason = SelectField(
        _l("原因"),
        [Optional()],
        choices=lambda: [("", _l("请选择")), *((one.value, label(one)) for one in GIVEN_REASONS)],
    )
    note = StringField(_l("说明"), [Length(max=400)])

    @property
    def chosen_reason(self) -> DropReason | None:
        """The reason as a code, None if none was chosen."""
        return chosen(DropReason, self.reason)

    def messages(self) -> dict[str, str]:
        """Return field → what is wrong with it; under "" what concerns no field."""
        return {name or "": " ".join(map(str, several)) for name, several in self.errors.items()}

    def summary(self) -> str:
        """Return all that is wrong, for the line above the list."""
        return " ".join(self.messages().values())


class RecommendForm(DecisionForm):
    """An officer's recommendation; nothing is passed on unless the person agrees."""

    person_agrees = BooleanField(_l("本人同意参加，并同意把姓名、电话和技能告诉培训机构"))
