"""Forms behind the personal link: each asks for the birth date."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.2
from wtforms.validators import InputRequired, Length, Optional

from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import InvalidInput
from matchboard.domain.placement import REASONS, PlacementReason
from matchboard.labels import error_text, label
from matchboard.services.corrections import WORDS_LENGTH
from matchboard.web.forms.base import DecisionForm
from matchboard.web.forms.choices import chosen
from matchboard.web.forms.fields import FlexibleDateField

SCOPES = (
    SelectChoice(ConsentScope.CARD.value, _l("只让企业看我的技能和意向，不给姓名电话")),
    SelectChoice(ConsentScope.CARD_AND_CONTACT.value, _l("连同姓名和电话一起给企业，方便联系面试")),
)


class BirthDateForm(DecisionForm):
    """Nothing but the birth date: withdraw consent, give contact."""

    birth_date = FlexibleDateField(_l("您的出生日期"), [InputRequired()])


class ConsentForm(BirthDateForm):
    """Consent to one proposal."""

    scope = RadioField(_l("让企业看到什么"), [InputRequired()], choices=SCOPES)


class CorrectionForm(BirthDateForm):
    """Say that something in the record is not right."""

    words = TextAreaField(_l("哪里不对，应该是什么"), [InputRequired(), Length(max=WORDS_LENGTH)])


class ReasonForm(BirthDateForm):
    """Decline a proposal or report the end of a job; `step` decides which reasons are offered."""

    reason = SelectField(_l("原因"), [InputRequired()])
    note = TextAreaField(_l("想说的话（选“其他”时必填）"), [Length(max=400)])

    def validate_note(self, field: Field) -> None:
        """Ask for words together with everything else, as the service does after it."""
        if self.reason.data == PlacementReason.OTHER.value and not (field.data or "").strip():
            raise ValidationError(error_text(InvalidInput("note_required")))

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [SelectChoice(r.value, label(r)) for r in REASONS[step]]
        self.reason.choices = [SelectChoice("", _l("请选择")), *options]

    @property
    def chosen_reason(self) -> PlacementReason | None:
        """The reason as the domain's code, None if none was chosen."""
        return chosen(PlacementReason, self.reason)


class EndForm(ReasonForm):
    """Report that a job is over."""

    ended_on = FlexibleDateField(_l("哪天离岗的"), [InputRequired()])


class CheckForm(BirthDateForm):
    """How it goes, 30, 90, 180 and 365 days on."""

    still_employed = RadioField(
        _l("还在这里上班吗"),
        [InputRequired()],
        choices=[SelectChoice("yes", _l("还在")), SelectChoice("no", _l("已经不在了"))],
    )
    own_words = TextAreaField(_l("干得怎么样，有什么难处"), [Optional(), Length(max=600)])
