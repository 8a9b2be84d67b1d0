"""Every figure, word, table and default of the rules as a list: one row a value.

    python -m tests.constants            # what the sources say that the list does not, and back
    python -m tests.constants --write    # after a change made on purpose; then read the diff

What is listed of `matchboard.domain`, `matchboard.ranking` and `ml`: values named at the top of a
module or in a class, members of enums, tables cell by cell, defaults of fields and arguments,
which records are frozen, and the statutes and minimum wages as they are read.
`tests/contract/test_constants.py` keeps list and sources equal, so that nobody moves a limit, a
state or a right in passing: it is written down twice, and the second time where a diff shows it
alone. Where DOMAIN.md or ml/CARD.md states the value, it has to change there as well.
"""

from __future__ import annotations

import ast
import csv
import dataclasses
import functools
import hashlib
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import FunctionType, ModuleType, NoneType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from matchboard.domain.catalogues import minimum_wages
from matchboard.domain.occupational_bars.rules import rule_book

LIST = Path(__file__).parent / "contract" / "constants.csv"
PACKAGES = ("matchboard.domain", "matchboard.ranking", "ml")
#: Longer texts are cut; their digest sees the rest.
_TEXT_MAX = 300
#: Names of no value: aliases of types, logs, locks.
_NO_VALUE = re.compile("TypeVar|Logger|ContextVar|lock|.*Alias|UnionType|WeakKeyDictionary")

Row = tuple[str, str, str]


def rows() -> list[Row]:
    """Return module, name and value of everything listed, in the order of the sources."""
    found = [(module.__name__, *cell) for module in _modules() for cell in _of(module)]
    book = rule_book()
    read = {
        **{f"rule {rule.id}": rule for rule in book.rules},
        "rules' posts": book.implied_posts,
        "rules' scopes": book.scope_values,
        "rules as of": book.as_of,
    }
    wages = {
        f"wage {row.division_prefix} {row.wage_class} {row.effective_from}": row
        for row in minimum_wages._rows()
    }
    for module, tables in ((rule_book.__module__, read), (minimum_wages.__name__, wages)):
        for name, value in tables.items():
            found += [(module, *cell) for cell in _cells(value, name)]
    return found


def listed() -> list[Row]:
    """Return the rows of the list."""
    with LIST.open(encoding="utf-8", newline="") as handle:
        return [(row["module"], row["name"], row["value"]) for row in csv.DictReader(handle)]


def write() -> None:
    """Write the list anew."""
    with LIST.open("w", encoding="utf-8", newline="") as handle:
        lines = csv.writer(handle, lineterminator="\n")
        lines.writerow(("module", "name", "value"))
        lines.writerows(rows())


def _modules() -> Iterator[ModuleType]:
    for package in map(importlib.import_module, PACKAGES):
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _of(module: ModuleType) -> Iterator[tuple[str, str]]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    yield from _named(tree.body, module, "")


def _named(body: Sequence[ast.stmt], owner: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield what the statements of a module or class give a name to."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name):
                yield from _of_class(statement, vars(owner)[name], prefix + name)
            case ast.FunctionDef(name=name):
                yield from _of_function(vars(owner)[name], prefix + name)
            case ast.Assign(targets=targets):
                for target in targets:
                    for node in ast.walk(target):
                        if isinstance(node, ast.Name) and node.id in vars(owner):
                            yield from _cells(vars(owner)[node.id], prefix + node.id)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()) if name in vars(owner):
                if not _is_slot(vars(owner)[name]):
                    yield from _cells(vars(owner)[name], prefix + name)


def _of_class(statement: ast.ClassDef, cls: type, name: str) -> Iterator[tuple[str, str]]:
    if dataclasses.is_dataclass(cls):
        is_frozen = cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
        marks = ["frozen"] * is_frozen + ["slots"] * ("__slots__" in vars(cls))
        marks += ["compared"] * cls.__dataclass_params__.eq  # type: ignore[attr-defined]
        yield name, " ".join(["record", *marks])
        for field in dataclasses.fields(cls):
            if field.default is not dataclasses.MISSING:
                yield from _cells(field.default, f"{name}.{field.name}")
    if issubclass(cls, Enum):
        for member in cls.__members__:
            yield f"{name}.{member}", str(cls[member].value)
        body = [one for one in statement.body if isinstance(one, ast.FunctionDef)]
    else:
        body = list(statement.body)
    fields = {f.name for f in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    yield from ((n, v) for n, v in _named(body, cls, f"{name}.") if n.split(".")[-1] not in fields)


def _of_function(found: Any, name: str) -> Iterator[tuple[str, str]]:
    if hasattr(found, "cache_parameters"):
        yield f"{name} kept", str(found.cache_parameters()["maxsize"])
    found = getattr(found, "__func__", found)
    if not callable(found):
        return
    for parameter in inspect.signature(found).parameters.values():
        if parameter.default is not parameter.empty:
            yield from _cells(parameter.default, f"{name}({parameter.name})")


def _is_slot(value: object) -> bool:
    return inspect.ismemberdescriptor(value)


def _cells(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Yield a value, or each cell of a table with where it stands."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _cells(one, f"{name}[{_plain(key)}]")
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield name, type(value).__name__
        for field in dataclasses.fields(value):
            one = getattr(value, field.name)
            if field.default is dataclasses.MISSING or _plain(one) != _plain(field.default):
                yield from _cells(one, f"{name}.{field.name}")
    elif isinstance(value, (list, tuple)) and any(map(_is_table, value)):
        for place, one in enumerate(value):
            yield from _cells(one, f"{name}[{place}]")
    elif not _NO_VALUE.fullmatch(type(value).__name__):
        yield name, _cut(_plain(value))


def _is_table(value: object) -> bool:
    return isinstance(value, (list, tuple, Mapping)) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    )


def _cut(text: str) -> str:
    if len(text) <= _TEXT_MAX:
        return text
    return f"{text[:_TEXT_MAX]}… {len(text)} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _plain(value: Any) -> str:
    """Return a value as text that is the same in every process."""
    return next(
        (say(value) for kind, say in _SAID if isinstance(value, kind)), type(value).__name__
    )


def _plain_function(value: FunctionType) -> str:
    """Return a function's name with what it was made with; of one without a name, what it uses."""
    code = value.__code__
    if value.__name__ == "<lambda>":
        consts = [one for one in code.co_consts if isinstance(one, (str, int, float, tuple))]
        return _plain(["lambda", *code.co_names, *code.co_freevars, *consts])
    held = {
        name: cell.cell_contents
        for name, cell in zip(code.co_freevars, value.__closure__ or (), strict=True)
        if not isinstance(cell.cell_contents, type)
    }
    return value.__qualname__ + (f" {_plain(held)}" if held else "")


#: How each kind of value is said; the first that fits.
_SAID: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (Enum, lambda v: f"{type(v).__name__}.{v.name}"),
    ((str, timedelta, Decimal, ZoneInfo), str),
    ((NoneType, bool, int, float, bytes), repr),
    ((date, time), lambda v: v.isoformat()),
    (Path, lambda v: v.name),
    ((list, tuple), lambda v: f"({', '.join(map(_plain, v))})"),
    ((set, frozenset), lambda v: f"{{{', '.join(sorted(map(_plain, v)))}}}"),
    (Mapping, lambda v: _plain(list(v.items()))),
    (re.Pattern, lambda v: f"/{v.pattern}/ {v.flags}"),
    (np.ndarray, lambda v: f"{v.dtype} {v.tolist()}"),
    (np.generic, lambda v: f"{v.dtype} {v.item()!r}"),
    (functools.partial, lambda v: _plain([v.func, v.args, v.keywords])),
    (type, lambda v: v.__qualname__),
    (FunctionType, _plain_function),
)


def _main(arguments: Sequence[str]) -> int:
    if "--write" in arguments:
        write()
        return 0
    told, found = set(listed()), set(rows())
    for sign, row in [("-", r) for r in sorted(told - found)] + [
        ("+", r) for r in sorted(found - told)
    ]:
        sys.stdout.write(f"{sign} {' | '.join(row)}\n")
    return int(told != found)


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
