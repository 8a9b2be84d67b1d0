"""Form of a district's dated rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, NumberRange

from matchboard.domain.policy import BOUNDS, Policy
from matchboard.labels.policies import RULES
from matchboard.web.forms.base import DecisionForm
from matchboard.web.forms.fields import FlexibleDateField
from matchboard.web.forms.numbers import CountField
from matchboard.web.forms.opened import OpenedField

_REQUIRED = _l("这一项必须填写。")


class PolicyForm(DecisionForm):
    """Every rule with the date from which it holds; a field per rule of `domain.policy`."""

    opened: OpenedField | None = OpenedField()
    effective_from = FlexibleDateField(_l("生效日期"), [InputRequired(_REQUIRED)])

    def policy(self) -> Policy:
        """Return what was typed."""
        return Policy(**{name: self[name].data for name in BOUNDS})


for _name, (_low, _high) in BOUNDS.items():
    _message = _l("请填写 %(low)s 到 %(high)s 之间的整数。", low=_low, high=_high)
    setattr(
        PolicyForm,
        _name,
        CountField(
            RULES[_name],
            [InputRequired(_REQUIRED), NumberRange(_low, _high, _message)],
        ),
    )
