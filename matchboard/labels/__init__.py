"""Codes → words: the only place where a code becomes something a person reads.

Each subject has a module exporting `TABLES` (enum → member → words) and `ERRORS` (error code →
sentence with `%(name)s` details); they are merged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext as _l

from matchboard.domain.codes import UnknownCode, read_code
from matchboard.domain.errors import DomainError, InvalidFields

TABLES: dict[type[Enum], dict[Any, LazyString]] = {}
ERRORS: dict[str, LazyString] = {
    "error": _l("操作未完成，未保存任何内容。"),
    "not_found": _l("没有找到这条记录：地址可能写错了，或它已经撤下。"),
    "not_allowed": _l("您的角色不能进行这项操作。"),
    "conflict": _l("记录的状态已经变化，这一步现在不能做。请刷新后再看。"),
    "constraint": _l("另一项操作刚刚改变了这条记录，您的改动没有保存。请刷新后再试。"),
    "stale_edit": _l(
        "您打开这张表之后，别人已经保存过这条记录。您填写的内容还在，请核对两个版本。"
    ),
    "duplicate": _l("已经有一条相同的记录。"),
    "headcount_exhausted": _l("这个岗位的名额已经全部占用。"),
    "required": _l("这一项必须填写。"),
    "out_of_range": _l("请填 %(low)s 到 %(high)s 之间的数。"),
    "date_in_past": _l("日期不能早于今天。"),
    "date_ahead": _l("日期不能晚于今天。"),
    "invalid": _l("这一项填写有误，请检查。"),
    "unknown_code": _l("不认识的代码“%(value)s”，请从列表中选择。"),
    "reason_required": _l("请选择原因。"),
}


def merge(words: dict[Any, Any], more: Mapping[Any, Any], *, subject: str) -> None:
    """Add a subject's words; ValueError if something has words already: the last would win."""
    twice = words.keys() & more.keys()
    if twice:
        raise ValueError(f"{subject} has other words for {sorted(map(str, twice))}")
    words.update(more)


for _module in iter_modules(__path__):
    _subject = import_module(f"{__name__}.{_module.name}")
    merge(TABLES, _subject.TABLES, subject=_module.name)
    merge(ERRORS, _subject.ERRORS, subject=_module.name)


def label(code: Any) -> str:
    """Return the words for an enum member; an unlabelled one is a defect and raises KeyError.

    What is not stored, or stored as a code nobody knows, is said to be so.
    """
    if code is None:
        return gettext("未记录")
    if isinstance(code, UnknownCode):
        return gettext("未知")
    return str(TABLES[type(code)][code])


def label_of(codes: type[StrEnum], stored: str | None) -> str:
    """Return the words for a code stored as plain text."""
    return label(None if stored is None else read_code(codes, stored))


def words_of(table: Mapping[str, Any], name: str) -> str:
    """Return the words a table has for a name on record; "unknown" for one it lacks."""
    return str(table[name]) if name in table else gettext("未知")


def error_text(error: DomainError) -> str:
    """Return what happened and what to do, in the person's language; of several faults each."""
    if isinstance(error, InvalidFields):
        return " ".join(dict.fromkeys(error_text(problem) for problem in error.problems))
    text = ERRORS.get(error.code, ERRORS["error"])
    details = {name: _words(value) for name, value in error.details.items()}
    return str(text) % details if details else str(text)


def _words(value: Any) -> Any:
    return label(value) if type(value) in TABLES else value
