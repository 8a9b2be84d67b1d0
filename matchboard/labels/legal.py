"""Words for the legal gate: its answers, what it lacks to decide, how high a rule stands."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext as _l

from matchboard.domain.occupational_bars import InstrumentLevel, Outcome
from matchboard.labels.restricted import FACTS

TABLES: dict[type[Enum], dict[Any, LazyString]] = {
    Outcome: {
        Outcome.CLEAR: _l("没有从业禁止"),
        Outcome.REVIEW: _l("需要书面核定"),
        Outcome.BLOCKED: _l("法律规定不能从事"),
    },
    InstrumentLevel: {
        InstrumentLevel.LAW: _l("法律"),
        InstrumentLevel.ADMIN_REG: _l("行政法规"),
        InstrumentLevel.DEPT_RULE: _l("部门规章"),
        InstrumentLevel.LOCAL: _l("地方规定"),
    },
}
ERRORS: dict[str, LazyString] = {}

#: What the gate would have to know of the person besides the facts of the restricted record.
_RECORDS = _l("受限记录（还没有登记）")
#: What it would have to know of the opening.
OPENING: dict[str, LazyString] = {
    "occupation": _l("工种"),
    "posts": _l("岗位性质"),
    "employer_kinds": _l("用人单位类别"),
    "licences": _l("岗位要求的证照"),
    "certificates": _l("岗位要求的证书"),
}


def missing_words(facts: Iterable[str], opening: Iterable[str]) -> str:
    """Return what is unknown, as one phrase; names of facts may carry a record's number."""
    words = [str(_RECORDS if name == "records" else FACTS.get(name, name)) for name in facts]
    words += [str(OPENING.get(name, name)) for name in opening]
    return gettext("、").join(dict.fromkeys(words))
