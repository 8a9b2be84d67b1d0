"""The employer's answers to a referral, in a shop floor's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from matchboard.domain.calendar import BEIJING
from matchboard.domain.errors import InvalidInput
from matchboard.domain.placement import REASONS, PlacementReason
from matchboard.domain.vacancy import WAGE_MAX
from matchboard.domain.written import YUAN
from matchboard.labels import error_text, label
from matchboard.services.step_details import StepDetails
from matchboard.web.forms.base import DecisionForm
from matchboard.web.forms.choices import chosen
from matchboard.web.forms.fields import WAGE_AS_AGREED, AskedField, FlexibleDateField
from matchboard.web.forms.numbers import WholeNumberField


class AnswerForm(DecisionForm):
    """One answer; subclasses add what the step needs."""

    note = TextAreaField(_l("说明"), [Optional(), Length(max=400)])
    #: Whether the answer can do without words; if not, the label says when they are needed.
    is_note_optional = True

    def details(self) -> StepDetails:
        """Return what was filled in, as the service takes it."""
        return StepDetails(note=self.note.data or "")


class InviteForm(AnswerForm):
    """Invite the person to an interview."""

    ASKED_AS: ClassVar[Mapping[str, str]] = {"interview_at": "interview_on"}

    interview_on = FlexibleDateField(_l("面试日期"), [InputRequired()])
    interview_time = TimeField(_l("几点"), [InputRequired()])
    interview_place = StringField(_l("地点"), [InputRequired(), Length(max=200)])

    def details(self) -> StepDetails:
        """Return the appointment as an instant."""
        day, time = self.interview_on.data, self.interview_time.data
        return StepDetails(
            note=self.note.data or "",
            interview_at=datetime.combine(day, time, tzinfo=BEIJING) if day and time else None,
            interview_place=self.interview_place.data or "",
        )


class OfferForm(AnswerForm):
    """Offer the job."""

    start_on = FlexibleDateField(_l("哪天上岗"), [InputRequired()])
    wage_cny_month = WholeNumberField(
        _l("每月工资"), [InputRequired(), NumberRange(min=0, max=WAGE_MAX)], unit=YUAN
    )
    wage_confirmed = AskedField(WAGE_AS_AGREED)

    def details(self) -> StepDetails:
        """Return start and wage."""
        return StepDetails(
            note=self.note.data or "",
            start_on=self.start_on.data,
            wage_cny_month=self.wage_cny_month.data,
            wage_confirmed=self.wage_confirmed.data,
        )


class StartForm(AnswerForm):
    """Confirm that the person has started."""

    start_on = FlexibleDateField(_l("哪天上岗的"), [InputRequired()])

    def details(self) -> StepDetails:
        """Return the first day."""
        return StepDetails(note=self.note.data or "", start_on=self.start_on.data)


class ReasonedForm(AnswerForm):
    """An answer that needs a structured reason."""

    reason = SelectField(_l("原因"), [InputRequired()])
    note = TextAreaField(_l("说明（选“其他”时必填）"), [Length(max=400)])
    is_note_optional = False

    def validate_note(self, field: Field) -> None:
        """Ask for words together with everything else, as the service does after it."""
        if self.reason.data == PlacementReason.OTHER.value and not (field.data or "").strip():
            raise ValidationError(error_text(InvalidInput("note_required")))

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [SelectChoice(r.value, label(r)) for r in REASONS[step]]
        self.reason.choices = [SelectChoice("", _l("请选择")), *options]

    def details(self) -> StepDetails:
        """Return the reason."""
        return StepDetails(note=self.note.data or "", reason=chosen(PlacementReason, self.reason))


class MissForm(ReasonedForm):
    """Report that the person did not come."""

    note = TextAreaField(_l("约在什么时候、怎么联系过本人"), [InputRequired(), Length(max=400)])


class EndForm(ReasonedForm):
    """Report that the job is over."""

    ended_on = FlexibleDateField(_l("哪天离岗的"), [InputRequired()])

    def details(self) -> StepDetails:
        """Return the last day and the reason."""
        return StepDetails(
            note=self.note.data or "",
            reason=chosen(PlacementReason, self.reason),
            ended_on=self.ended_on.data,
        )


def answer_form(step: str, **options: Any) -> AnswerForm:
    """Return the form of an employer's step."""
    match step:
        case "invite":
            return InviteForm(**options)
        case "offer" | "amend":
            return OfferForm(**options)
        case "start":
            return StartForm(**options)
        case "refuse":
            return ReasonedForm(step=step, **options)
        case "miss":
            return MissForm(step=step, **options)
        case "end":
            return EndForm(step=step, **options)
    return AnswerForm(**options)
