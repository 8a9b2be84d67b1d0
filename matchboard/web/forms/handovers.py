"""Form that hands the people of a lead who left to another officer."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import InputRequired

from matchboard.labels import label
from matchboard.services.case_leads import Handover
from matchboard.web.forms.base import DecisionForm
from matchboard.web.forms.choices import TickList


class HandoverForm(DecisionForm):
    """Who is handed over, and to whom."""

    people = TickList(_l("移交哪些人"), [InputRequired(_l("请至少选择一个人。"))])
    to = SelectField(_l("新的帮教责任人"), [InputRequired(_l("请选择一位工作人员。"))])

    def offer(self, found: Handover) -> None:
        """Set the people, nobody of them ticked, and the officers of the office."""
        self.people.choices = [
            (one.pid, gettext("%(name)s（%(why)s）", name=one.name, why=label(one.stage)))
            for one in found.people
        ]
        officers = [(one.pid, one.display_name) for one in found.officers]
        self.to.choices = [("", gettext("请选择")), *officers]

    def tick_all(self, found: Handover) -> None:
        """Tick everybody: whoever hands over all of them says so."""
        self.people.data = [one.pid for one in found.people]
