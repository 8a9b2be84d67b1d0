"""Form of an absence cover."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from matchboard.domain.record_access import COVER_REASON_MAX
from matchboard.services.covers import NewCover
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.fields import FlexibleDateField

_REQUIRED = _l("这一项必须填写。")
_CHOOSE = _l("请选择一位工作人员。")


class CoverForm(BaseForm):
    """Who is away, who stands in, from when to when, why."""

    covered_pid = SelectField(_l("谁不在"), [InputRequired(_CHOOSE)])
    covering_pid = SelectField(_l("由谁代管"), [InputRequired(_CHOOSE)])
    from_on = FlexibleDateField(_l("第一天"), [InputRequired(_REQUIRED)])
    until_on = FlexibleDateField(_l("最后一天"), [InputRequired(_REQUIRED)])
    reason = StringField(_l("事由"), [DataRequired(_REQUIRED), Length(max=COVER_REASON_MAX)])

    def offer(self, covered: Sequence[Any], officers: Sequence[Any], *, names_office: bool) -> None:
        """Set who may be covered and who may cover; across offices each with the office's name."""

        def words(officer: Any) -> str:
            name = str(officer.display_name)
            return f"{officer.unit.name} · {name}" if names_office else name

        blank = ("", str(_l("请选择")))
        self.covered_pid.choices = [blank, *((one.pid, words(one)) for one in covered)]
        self.covering_pid.choices = [blank, *((one.pid, words(one)) for one in officers)]
        if len(covered) == 1 and not self.covered_pid.data:
            self.covered_pid.data = covered[0].pid

    def cover(self) -> NewCover:
        """Return what was typed; a day that cannot be read is None, and the service says so."""
        return NewCover(
            covered_pid=self.covered_pid.data or "",
            covering_pid=self.covering_pid.data or "",
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            reason=self.reason.data or "",
        )
