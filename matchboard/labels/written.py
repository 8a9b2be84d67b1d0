"""Words for days and numbers that could not be read."""

from __future__ import annotations

from enum import Enum
from typing import Any

from flask_babel import LazyString, lazy_gettext as _l

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {
    "date_unreadable": _l("日期看不懂或不存在，请写成 2026-11-23 或 20261123。"),
    "date_serial": _l(
        "“%(number)s”像是表格里的日期序号，对应 %(day)s。如果就是这一天，请改写成 %(day)s。"
    ),
    "number_unreadable": _l("请填数字，例如 18.5。"),
    "number_not_whole": _l("请填整数，例如 4500。"),
    "number_range": _l("这一栏只能填一个数，请不要写成范围。"),
    "number_grouping": _l("逗号的位置看不懂：千位请写成 4,500，小数请写成 4.5。"),
    "number_too_large": _l("数字太大。"),
}
