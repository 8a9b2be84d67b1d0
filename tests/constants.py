"""What the rules hold that a person can judge: states, rights, limits, steps, statutes, defaults.

Of each module of `matchboard.domain`, `matchboard.ranking` and `ml`: its public tables a row each,
its enums, its limits and statutes (private ones too), the defaults of its records and functions.
Left out is what only repeats the source in other words: patterns, private tables,
functions, and the data files, whose own difference is read. `tests/written/constants.txt` holds
the rest (tests/registers.py), so that no limit, state or right moves in passing. Where DOMAIN.md
or ml/CARD.md states the value, it has to change there as well.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

from matchboard.domain.posting_phrases import Citation

PACKAGES = ("matchboard.domain", "matchboard.ranking", "ml")
_LIMITS = (int, float, Decimal, timedelta, date, time)
#: Longer texts are prose or patterns in parts.
_TEXT_MAX = 60
#: A table of no more than this stands in one line.
_ROW_MAX = 140


def parts() -> dict[str, list[str]]:
    """Return the lines of every module that has any, in the order of the sources."""
    known: dict[int, str] = {}
    found = {module.__name__: list(_of(module, known)) for module in modules(PACKAGES)}
    return {name: lines for name, lines in found.items() if lines}


def modules(packages: Iterable[str]) -> Iterator[ModuleType]:
    """Yield the modules of packages, in the order of the sources; what only runs is left out."""
    for package in map(importlib.import_module, packages):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _of(module: ModuleType, known: dict[int, str]) -> Iterator[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    yield from _named(tree.body, vars(module), "", known)
    unlike: dict[str, list[str]] = {}
    for name in (one.name for one in tree.body if isinstance(one, ast.ClassDef)):
        for mark in _marks(vars(module)[name]) if is_dataclass(vars(module)[name]) else ():
            unlike.setdefault(mark, []).append(name)
    yield from (f"{mark}: {' '.join(names)}" for mark, names in unlike.items())


def _named(
    body: Iterable[ast.stmt], values: Mapping[str, Any], prefix: str, known: dict[int, str]
) -> Iterator[str]:
    """Yield what the statements of a module or class give a name to."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield from _of_class(statement, values[name], prefix + name, known)
            case ast.FunctionDef(name=name) if name == "__init__" or not name.startswith("_"):
                yield from _of_function(values[name], prefix + name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield from _of_value(values[name], prefix, name, known)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()) if name in values:
                yield from _of_value(values[name], prefix, name, known)


def _of_class(
    statement: ast.ClassDef, cls: type, name: str, known: dict[int, str]
) -> Iterator[str]:
    if issubclass(cls, Enum):
        told = (m.value if m.value == n.lower() else f"{n}={m.value}" for n, m in _members(cls))
        yield f"{name}: {' '.join(map(str, told))}"
        return
    own = {one.name: one.default for one in fields(cls)} if is_dataclass(cls) else {}
    yield from _line(name, own)
    values = {key: value for key, value in vars(cls).items() if key not in own}
    body = [one for one in statement.body if not _gives(one, own)]
    yield from _named(body, values, f"{name}.", known)


def _marks(cls: type) -> list[str]:
    """Return in what a record is unlike most: frozen, slotted, compared by its values."""
    made = inspect.getattr_static(cls, "__dataclass_params__")
    usual = {"mutable": made.frozen, "open": "__slots__" in vars(cls), "not compared": made.eq}
    return [name for name, is_usual in usual.items() if not is_usual]


def _gives(statement: ast.stmt, names: Mapping[str, Any]) -> bool:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name in names
    return False


def _members(cls: type[Enum]) -> Iterable[tuple[str, Any]]:
    return cls.__members__.items()


def _of_function(found: Any, name: str) -> Iterator[str]:
    found = getattr(found, "__func__", found)
    if callable(found):
        given = inspect.signature(found).parameters.values()
        absent = inspect.Parameter.empty
        told = {one.name: MISSING if one.default is absent else one.default for one in given}
        yield from _line(f"{name}()", told)


def _line(name: str, defaults: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line of the defaults that say something."""
    told = {key: _said(value) for key, value in defaults.items() if value is not MISSING}
    shown = [f"{key}={words}" for key, words in told.items() if words]
    if shown:
        yield f"{name}: {', '.join(shown)}"


def _of_value(value: Any, prefix: str, name: str, known: dict[int, str]) -> Iterator[str]:
    """Yield a value, or a table row by row; of a private name only a limit or a statute."""
    if name.startswith("_") and not _is_limit(value) and not _is_statute(value):
        return
    name = prefix + name
    if _is_record(value):
        known.setdefault(id(value), name)
    if isinstance(value, Mapping | list | tuple) and (rows := dict(_rows(value))):
        told = {key: _said(row) for key, row in rows.items()}
        small = ", ".join(f"{key[1:-1]}={words}" for key, words in told.items() if words)
        if 0 < len(small) <= _ROW_MAX and not any(map(_is_record, rows.values())):
            yield f"{name}: {small}"
            return
        for key, row in rows.items():
            # What another name holds already stands there.
            words = told[key]
            if words and (not _is_record(row) or known.setdefault(id(row), name) == name):
                yield f"{name}{key}: {words}"
    elif not isinstance(value, Mapping) and (words := _said(value)):
        yield f"{name}: {words}"


def _rows(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each row of a table with where it stands; none of what only numbers its keys."""
    if isinstance(value, Mapping):
        rows = list(value.items()) if list(value.values()) != list(range(len(value))) else []
    else:
        rows = list(enumerate(value)) if any(map(_is_record, value)) else []
    for key, row in rows:
        inner = list(_rows(row)) if isinstance(row, list | tuple) else []
        for place, one in inner or [("", row)]:
            yield f"[{_said(key)}]{place}", one


def _is_limit(value: object) -> bool:
    return isinstance(value, _LIMITS) and not isinstance(value, bool | Enum)


def _is_statute(value: object) -> bool:
    several = value if isinstance(value, tuple) else (value,)
    return any(isinstance(one, Citation) or hasattr(one, "citations") for one in several)


def _is_record(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _said(value: Any) -> str:
    """Return a value in words that are the same in every process; none of what says nothing."""
    for kinds, words in _SAID:
        if isinstance(value, kinds):
            return words(value)
    return _record(value) if _is_record(value) else ""


def _record(value: Any) -> str:
    """Return the fields of a record that differ from their defaults."""
    told = ((f, getattr(value, f.name)) for f in fields(value))
    shown = [(f.name, _said(one)) for f, one in told if f.default is MISSING or one != f.default]
    return ", ".join(f"{name}={words}" for name, words in shown if words)


def _several(values: Iterable[Any]) -> str:
    told = ((one, _said(one)) for one in values)
    return " ".join(f"({words})" if _is_record(one) else words for one, words in told if words)


#: How each kind of value is said; the first that fits.
_SAID: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (Enum, lambda v: str(v.name)),
    (str, lambda v: "" if len(v) > _TEXT_MAX or "(?" in v or "[^" in v else v),
    (Citation, lambda v: f"{v.source} {v.article}"),
    ((bool, int, float, Decimal, timedelta), str),
    ((date, time), lambda v: v.isoformat()),
    ((list, tuple), _several),
    ((set, frozenset), lambda v: " ".join(sorted(map(_said, v)))),
    (Mapping, lambda v: " ".join(f"{_said(k)}={_said(one)}" for k, one in v.items())),
)
