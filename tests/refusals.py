"""Which tests only refuse: every assertion says "not", "none", "404", and nothing says "but here".

Such a test passes as well when its set-up never reaches the rule: nothing is kept because nothing
was sent, a page is not found because its address is misspelt. So a test that refuses must show, in
itself or in its table of cases, the same thing done when it may be done. `only_refusing` reads a
module of tests and names those that do not; tests/contract/test_refusals.py holds them to it.

What counts as a refusal: `not …`, `is None`, `== []`, `== 0`, `not in`, `all(…)`, a status from 400
on, being sent to sign in, `pytest.raises` without the code or the words of the refusal. Everything
else that is asserted counts as shown: a refusal that is named by its code or its message did reach
its rule. Helpers that assert (`get_page`, `submit`, functions of the tests) count as they do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: Methods of the test browser that judge the status, and the one they expect if none is named.
_JUDGING = {"get_page": 200, "get_fragment": 200, "submit": 200, "send": 200, "post": None}
_REFUSED = 400


@dataclass(frozen=True, slots=True)
class Found:
    """What a function asserts: how often it refuses, how often it shows."""

    n_refused: int = 0
    n_shown: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(self.n_refused + other.n_refused, self.n_shown + other.n_shown)


REFUSED, SHOWN = Found(n_refused=1), Found(n_shown=1)


def only_refusing(path: Path) -> list[str]:
    """Return the tests of a module that refuse and never show."""
    module = _Module.read(path)
    tests = {n: f for n, f in module.functions.items() if n.startswith("test_")}
    found = {name: module.judge(name) for name in tests}
    return [n for n, f in found.items() if f.n_refused and not f.n_shown]


class _Module:
    """One file of the tests: its functions, and where the names it imports come from."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        self.imported: dict[str, Path] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
                source = HERE.joinpath(*str(node.module).split(".")[1:]).with_suffix(".py")
                self.imported |= {a.asname or a.name: source for a in node.names}
        self._judged: dict[str, Found] = {}

    @staticmethod
    @cache
    def read(path: Path) -> _Module:
        return _Module(path)

    def judge(self, name: str) -> Found:
        """Return what a function asserts, itself or through the helpers it calls."""
        if name not in self._judged:
            self._judged[name] = Found()  # a function calling itself adds nothing
            if name in self.functions:
                self._judged[name] = sum(self._parts(self.functions[name]), Found())
            elif name in self.imported and self.imported[name].is_file():
                self._judged[name] = _Module.read(self.imported[name]).judge(name)
        return self._judged[name]

    def _parts(self, function: ast.FunctionDef) -> Iterator[Found]:
        refusals = _named_refusals(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Assert):
                yield from (_judge_expression(e) for e in _conjuncts(node.test))
            elif isinstance(node, ast.With):
                yield from (_judge_raises(item, refusals) for item in node.items)
            elif isinstance(node, ast.Call):
                yield self._judge_call(node)

    def _judge_call(self, node: ast.Call) -> Found:
        if isinstance(node.func, ast.Attribute) and node.func.attr in _JUDGING:
            given = {k.arg: k.value for k in node.keywords}
            status = _value(given["status"]) if "status" in given else _JUDGING[node.func.attr]
            if status is None:
                return Found()
            return REFUSED if isinstance(status, int) and status >= _REFUSED else SHOWN
        if isinstance(node.func, ast.Attribute) and "expect(" in ast.unparse(node.func.value):
            return REFUSED if node.func.attr.startswith("not_to_") else SHOWN  # Playwright's
        if isinstance(node.func, ast.Name):
            return self.judge(node.func.id)
        return Found()


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else node


def _conjuncts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    return [node]


def _judge_expression(node: ast.expr) -> Found:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return SHOWN if isinstance(node.operand, ast.UnaryOp) else REFUSED
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "all":
        return REFUSED
    if "/login" in ast.unparse(node):
        return REFUSED
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _judge_comparison(node)
    return SHOWN


def _judge_comparison(node: ast.Compare) -> Found:
    (op,), (right,) = node.ops, node.comparators
    if _is_exit(node.left):
        return SHOWN
    if isinstance(op, ast.NotIn):
        return REFUSED
    if isinstance(op, ast.Is | ast.Eq) and _is_nothing(right):
        return REFUSED
    if isinstance(op, ast.Eq | ast.In) and "status" in ast.unparse(node.left):
        numbers = [n.value for n in ast.walk(right) if isinstance(n, ast.Constant)]
        are_refusals = [isinstance(n, int) and n >= _REFUSED for n in numbers]
        return REFUSED if are_refusals and all(are_refusals) else SHOWN
    return SHOWN


def _is_exit(node: ast.expr) -> bool:
    """Return whether a program's exit is asked for: 0 says that it did its work."""
    text = ast.unparse(node)
    return "returncode" in text or text.startswith(("main(", "run_"))


def _is_nothing(node: ast.expr) -> bool:
    """Return whether an expression is an empty value: None, False, 0, "", [], {}, (), set()."""
    if isinstance(node, ast.Constant):
        return not node.value
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_nothing(e) for e in node.elts)
    if isinstance(node, ast.Dict):
        return all(_is_nothing(v) for v in node.values)
    if isinstance(node, ast.BinOp):  # [0] * 4
        return _is_nothing(node.left)
    return isinstance(node, ast.Call) and ast.unparse(node) in {"set()", "Counter()", "dict()"}


def _named_refusals(function: ast.FunctionDef) -> set[str]:
    """Return the names under which a refusal is kept and then asked for its code or its words."""
    return {
        ast.unparse(node.value.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "value"
    }


def _judge_raises(item: ast.withitem, named: set[str]) -> Found:
    call = item.context_expr
    if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.raises"):
        return Found()
    has_words = any(k.arg in {"match", "check"} for k in call.keywords)
    name = ast.unparse(item.optional_vars) if item.optional_vars is not None else ""
    return SHOWN if has_words or name in named else REFUSED
