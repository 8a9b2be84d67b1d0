"""Forms of a placement: proposing, one form a step, the checks, a settlement without an opening."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import gettext, lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import (
    REASONS,
    WITHOUT_VACANCY,
    PlacementReason,
    PlacementType,
)
from matchboard.domain.ranking import OverrideReason
from matchboard.domain.vacancy import WAGE_MAX
from matchboard.domain.written import YUAN
from matchboard.labels import label
from matchboard.services import consents
from matchboard.services.outcome_checks import HOURS_IN_WEEK, Answers
from matchboard.services.placement_rules import LINE_LENGTH, NOTE_LENGTH, first_values
from matchboard.services.step_details import StepDetails
from matchboard.web.context import actor
from matchboard.web.forms.base import DecisionForm
from matchboard.web.forms.choices import AnswerRadio, EnumSelect, chosen
from matchboard.web.forms.fields import WAGE_AS_AGREED, AskedField, FlexibleDateField
from matchboard.web.forms.numbers import AmountField, WholeNumberField

_REQUIRED = _l("这一项必须填写。")
_REASON = _l("请选择原因。")
_WAGE = _l("请填 0 到 %(max)s 之间的整数。")
#: Reasons an officer may choose; the system sets the others.
_SET_BY_SYSTEM = frozenset({PlacementReason.PLACED_ELSEWHERE, PlacementReason.CONSENT_WITHDRAWN})


def _note(text: Any, *validators: Any) -> TextAreaField:
    return TextAreaField(text, [*validators, Length(max=NOTE_LENGTH)])


def _source() -> TextAreaField:
    return TextAreaField(
        _l("企业怎么答复的"),
        [InputRequired(_REQUIRED), Length(max=NOTE_LENGTH)],
        description=_l("谁、什么时候、电话还是当面。"),
    )


def _wage(text: Any, *validators: Any) -> WholeNumberField:
    return WholeNumberField(text, [*validators, NumberRange(0, WAGE_MAX, _WAGE)], unit=YUAN)


def _reasons(step: str) -> list[SelectChoice]:
    offered = [r for r in REASONS[step] if r not in _SET_BY_SYSTEM]
    return [
        SelectChoice("", gettext("请选择")),
        *(SelectChoice(r.value, label(r)) for r in offered),
    ]


class ProposeForm(DecisionForm):
    """The written decision where the legal gate says `review`; why a lower place was chosen."""

    decision = RadioField(
        _l("核定结论"),
        choices=[
            SelectChoice("proceed", _l("可以推荐这个岗位")),
            SelectChoice("refuse", _l("不能推荐这个岗位")),
        ],
        # Nothing stands there already: a legal decision is made, never left standing.
        validate_choice=False,
    )
    grounds = TextAreaField(
        _l("核定依据"),
        [Length(max=NOTE_LENGTH)],
        description=_l("写明核对了什么材料、为什么可以或不可以，至少 10 个字。"),
    )

    override_reason = EnumSelect(
        _l("为什么选这个岗位"),
        OverrideReason,
        blank=_l("请选择"),
        description=_l("系统会记录后来的结果，用来改进排序；原因不会给企业看。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision.flags.required = True

    @property
    def may_proceed(self) -> bool:
        """Whether the officer does not decide against the proposal."""
        return self.decision.data != "refuse"

    @property
    def is_undecided(self) -> bool:
        """Whether the page that asks for a decision came back without one."""
        return self.grounds.raw_data not in (None, []) and self.decision.data != "proceed"


class StepForm(DecisionForm):
    """One step of a placement. A page shows several, so each has ids of its own."""

    step = HiddenField()

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step.data = name
        for field in self:
            field.id = f"{name}-{field.id}"
            field.label.field_id = field.id

    def details(self) -> StepDetails:
        """Return what was typed, as the service takes it."""
        return StepDetails()


class SendForm(StepForm):
    """Nothing to fill in: the page shows what the employer will see."""


class NoteForm(StepForm):
    """A step with a note."""

    note = _note(_l("说明（选填）"))

    def details(self) -> StepDetails:
        """Return the note."""
        return StepDetails(note=self.note.data or "")


class ConsentForm(StepForm):
    """What the person agrees to, signed on paper."""

    scope = RadioField(_l("本人同意企业看到"), [InputRequired(_l("请选择同意的范围。"))])
    signed = BooleanField(
        _l("本人已在同意书上签字，签字件已存入卷宗"),
        [InputRequired(_l("没有签字的同意书不能登记。"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope.choices = [SelectChoice(scope.value, label(scope)) for scope in ConsentScope]

    def details(self) -> StepDetails:
        """Return scope and method."""
        return StepDetails(
            scope=chosen(ConsentScope, self.scope), method=consents.method_of(actor())
        )


class WidenForm(StepForm):
    """The person agrees to name and phone as well."""

    signed = BooleanField(
        _l("本人已在同意书上签字，同意提供姓名和电话"),
        [InputRequired(_l("没有签字的同意书不能登记。"))],
    )


class ReasonForm(StepForm):
    """A step that needs a structured reason."""

    reason = SelectField(_l("原因"), [InputRequired(_REASON)])
    note = _note(_l("说明（选“其他”时必填）"))

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, name=name, **kwargs)
        self.reason.choices = _reasons(name)

    def details(self) -> StepDetails:
        """Return reason and note."""
        return StepDetails(reason=chosen(PlacementReason, self.reason), note=self.note.data or "")


class RefuseForm(ReasonForm):
    """The employer's no, noted by the officer."""

    note = _source()


class MissForm(ReasonForm):
    """The person did not come."""

    note = TextAreaField(
        _l("约在什么时候、怎么联系过本人"), [InputRequired(_REQUIRED), Length(max=NOTE_LENGTH)]
    )


class EndForm(ReasonForm):
    """The job is over."""

    ended_on = FlexibleDateField(_l("离岗日期"), [InputRequired(_REQUIRED)])

    def details(self) -> StepDetails:
        """Return date, reason and note."""
        return StepDetails(
            ended_on=self.ended_on.data,
            reason=chosen(PlacementReason, self.reason),
            note=self.note.data or "",
        )


class InviteForm(StepForm):
    """An interview, as the employer said."""

    ASKED_AS: ClassVar[Mapping[str, str]] = {"interview_at": "interview_on"}

    interview_on = FlexibleDateField(_l("面试日期"), [InputRequired(_REQUIRED)])
    interview_time = TimeField(_l("几点"), [InputRequired(_REQUIRED)])
    interview_place = StringField(_l("地点"), [Length(max=LINE_LENGTH)])
    note = _source()

    def details(self) -> StepDetails:
        """Return the appointment as an instant."""
        day, time = self.interview_on.data, self.interview_time.data
        return StepDetails(
            interview_at=datetime.combine(day, time, tzinfo=BEIJING) if day and time else None,
            interview_place=self.interview_place.data or "",
            note=self.note.data or "",
        )


class OfferForm(StepForm):
    """An offer, as the employer said."""

    start_on = FlexibleDateField(_l("约定上岗日期"), [InputRequired(_REQUIRED)])
    wage_cny_month = _wage(_l("约定工资"), InputRequired(_REQUIRED))
    wage_confirmed = AskedField(WAGE_AS_AGREED)
    note = _source()

    def details(self) -> StepDetails:
        """Return start, wage and source."""
        return StepDetails(
            start_on=self.start_on.data,
            wage_cny_month=self.wage_cny_month.data,
            wage_confirmed=self.wage_confirmed.data,
            note=self.note.data or "",
        )


class StartForm(StepForm):
    """The person has started."""

    start_on = FlexibleDateField(_l("实际上岗日期"), [InputRequired(_REQUIRED)])
    wage_cny_month = _wage(_l("实际工资"), Optional())
    wage_confirmed = AskedField(WAGE_AS_AGREED)
    note = _note(_l("说明（选填）"))

    def details(self) -> StepDetails:
        """Return the first day and the wage."""
        return StepDetails(
            start_on=self.start_on.data,
            wage_cny_month=self.wage_cny_month.data,
            wage_confirmed=self.wage_confirmed.data,
            note=self.note.data or "",
        )


#: Step → its form; the page draws those of `available(state, role)`.
FORMS: dict[str, type[StepForm]] = {
    "consent": ConsentForm,
    "decline": ReasonForm,
    "send": SendForm,
    "invite": InviteForm,
    "offer": OfferForm,
    "amend": OfferForm,
    "refuse": RefuseForm,
    "start": StartForm,
    "miss": MissForm,
    "undo_miss": NoteForm,
    "withdraw": ReasonForm,
    "end": EndForm,
    "widen_consent": WidenForm,
}


def step_form(
    name: str, *, placement: Any = None, today: date | None = None, **options: Any
) -> Any:
    """Return the form of a step, with what is known already filled in."""
    known: dict[str, Any] = {}
    # What an employer offers is the employer's word: the officer begins with nothing.
    if placement is not None and today is not None and name in {"start", "amend"}:
        first = first_values(name, placement, on=today)
        known = {"start_on": first.start_on, "wage_cny_month": first.wage_cny_month}
    return FORMS[name](name=name, data=known, **options)


class CheckForm(DecisionForm):
    """How it goes at work; a "no" asks for the end of the job as well."""

    still_employed = RadioField(
        _l("还在岗吗"),
        [InputRequired(_l("请选择是否在岗。"))],
        choices=[SelectChoice("1", _l("在岗")), SelectChoice("0", _l("已离岗"))],
    )
    same_employer = AnswerRadio(_l("还是同一家企业吗"))
    wage_cny_month = _wage(_l("现在每月工资"), Optional())
    hours_per_week = AmountField(
        _l("每周工作小时"), [Optional(), NumberRange(0, HOURS_IN_WEEK)], unit="hours"
    )
    own_words = _note(_l("本人的话"))
    ended_on = FlexibleDateField(_l("离岗日期"))
    reason = SelectField(_l("离岗原因"), validate_choice=True)
    note = _note(_l("离岗说明"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reason.choices = _reasons("end")

    def answers(self) -> Answers:
        """Return what was found."""
        hours = self.hours_per_week.data
        return Answers(
            still_employed={"1": True, "0": False}.get(self.still_employed.data or ""),
            same_employer=self.same_employer.answer,
            wage_cny_month=self.wage_cny_month.data,
            hours_per_week=None if hours is None else float(hours),
            own_words=self.own_words.data or "",
            ended_on=self.ended_on.data,
            end_reason=chosen(PlacementReason, self.reason),
            note=self.note.data or "",
        )


class SettleForm(DecisionForm):
    """A settlement without an opening."""

    placement_type = EnumSelect(
        _l("安置方式"),
        PlacementType,
        members=WITHOUT_VACANCY,
        blank=_l("请选择"),
        validators=[InputRequired(_l("请选择安置方式。"))],
    )
    description = StringField(
        _l("做什么、在哪里"), [InputRequired(_REQUIRED), Length(max=LINE_LENGTH)]
    )
    started_on = FlexibleDateField(_l("开始日期"), [InputRequired(_REQUIRED)])
    wage_cny_month = _wage(_l("每月大约收入"), Optional())
