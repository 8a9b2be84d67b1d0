"""No pattern takes long over what somebody types, pastes or sends, however often it repeats.

Every compiled pattern of the house is found by walking what its modules hold, every other by
reading its calls of `re`, and is searched for in short pieces repeated to 2,000 characters.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from time import process_time
from types import FunctionType, ModuleType
from typing import Any, ClassVar

from wtforms.fields.core import UnboundField

from matchboard.domain.posting_phrases import compact
from tests.constants import modules

PACKAGES = (
    *("matchboard.domain", "matchboard.ranking", "matchboard.labels", "matchboard.services"),
    *("matchboard.models", "matchboard.web", "ml"),
)
PIECES = ("0", "1", ".", " ", "-", "元", "小时", "a", "、", "一", "\n")
#: What cuts a text before patterns see it; that it does is held by the tests of the module.
CUTS: dict[str, Callable[[str], str]] = {
    "matchboard.domain.posting_": compact,
    "matchboard.domain.written": lambda text: text[:60],
}
Found = dict[tuple[str, int], str]


def patterns_of(module: ModuleType) -> Found:
    """Return the patterns a module holds or names in a call, and where each stands."""
    found: Found = {}
    for name, value in vars(module).items():
        for one in _inside(value, set()):
            found.setdefault((one.pattern, one.flags), f"{module.__name__}.{name}")
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=verb),
                args=[ast.Constant(value=str() as words), *_],
            ) if verb != "escape":
                where = f"{module.__name__}:{node.lineno}"
                found.setdefault((words, re.compile(words).flags), where)
    return found


def _inside(value: Any, seen: set[int]) -> Iterator[re.Pattern[str]]:
    """Yield the patterns within tables, records, forms, closures and classes of ours."""
    kind = type(value)  # asking a proxy for anything else needs an application
    if kind is re.Pattern:
        if isinstance(value.pattern, str):
            yield value
    elif id(value) not in seen:
        seen.add(id(value))
        for one in _parts(value, kind):
            yield from _inside(one, seen)


def _parts(value: Any, kind: type) -> list[Any]:
    if issubclass(kind, Mapping):
        return list(value.values())
    if issubclass(kind, list | tuple | set | frozenset):
        return list(value)
    if issubclass(kind, type):
        return list(vars(value).values()) if _is_ours(value.__module__) else []
    if issubclass(kind, FunctionType):
        return list(inspect.getclosurevars(value).nonlocals.values())
    if issubclass(kind, UnboundField):
        return [*value.args, *value.kwargs.values()]
    if is_dataclass(kind):
        return [getattr(value, one.name) for one in fields(kind)]
    return list(getattr(value, "__dict__", {}).values()) if _is_ours(kind.__module__) else []


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in {"matchboard", "ml", "wtforms", __name__.split(".")[0]}


def slow_ones(found: Found, *, length: int = 2_000, limit_s: float = 0.25) -> list[str]:
    """Return which patterns take long, and over what."""
    pieces = [*PIECES, *map("".join, itertools.combinations(PIECES, 2))]
    texts = [piece * (length // len(piece)) for piece in pieces]
    cut = {start: sorted({of(text) for text in texts}) for start, of in CUTS.items()}
    slow = []
    for (words, flags), where in found.items():
        pattern = re.compile(words, flags)
        for text in next((cut[start] for start in CUTS if where.startswith(start)), texts):
            before = process_time()
            pattern.search(text)
            if process_time() - before > limit_s:
                slow.append(f"{where} {words[:80]!r} over {text[:8]!r}")
                break
    return slow


def test_no_pattern_is_slow_over_what_repeats() -> None:
    found: Found = {}
    for module in modules(PACKAGES):
        found = {**patterns_of(module), **found}
    assert len(found) > 140
    assert slow_ones(found) == []


@dataclass(frozen=True)
class _Topic:
    words: tuple[re.Pattern[str], ...]


class _Kept:
    table: ClassVar = {"x": [_Topic((re.compile("in-a-table"),))]}


def _made(pattern: re.Pattern[str]) -> Callable[[str], object]:
    return lambda text: pattern.search(text)


def test_pattern_is_found_wherever_a_module_keeps_it_and_named_when_it_is_slow(
    tmp_path: Path,
) -> None:
    module = ModuleType("ours")
    path = tmp_path / "ours.py"
    path.write_text('import re\nre.sub("in-a-call", "", re.escape("none"))\n', encoding="utf-8")
    kept = {"__file__": str(path), "KEPT": _Kept, "made": _made(re.compile("in-a-closure"))}
    vars(module).update(kept, SLOW=re.compile(r"\d+\d+天"))
    found = patterns_of(module)
    assert {words for words, _ in found} == {
        *("in-a-table", "in-a-closure", "in-a-call", r"\d+\d+天")
    }
    slow = slow_ones(found, length=600, limit_s=0.05)
    assert [line.partition(" ")[0] for line in slow] == ["ours.SLOW"]
