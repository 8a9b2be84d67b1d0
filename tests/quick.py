"""What makes the tests quick without letting one see another: work done once instead of per test.

Each test has an application, an engine and a database of its own. Shared between them is only what
follows from the source alone: compiled templates, compiled SQL, and nothing a test could change.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Templates compiled once for all applications of a run: each would compile its own."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is known of this template, if its source is still the same."""
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template just compiled."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


# --- SQL --------------------------------------------------------------------------------------

_DIALECTS: dict[str, tuple[Dialect, Any]] = {}


def share_compiled_sql(engine: Engine) -> None:
    """Give `engine` the SQL that engines of its kind compiled before.

    SQLAlchemy looks compiled statements up by dialect, so the dialect is shared as well: once it
    has seen its server it no longer changes.
    """
    kind = engine.url.drivername
    if kind not in _DIALECTS:
        engine.connect().close()  # so that the dialect has seen its server
        _DIALECTS[kind] = engine.dialect, LRUCache(5000)
    engine.dialect, engine._compiled_cache = _DIALECTS[kind]
    engine.pool._dialect = engine.dialect


# --- Addresses --------------------------------------------------------------------------------


def compile_addresses_on_demand() -> None:
    """Let a rule compile its builders when an address is first built.

    Werkzeug compiles two functions for each of the site's hundreds of rules, three quarters of the
    time an application takes to start; a test builds the addresses of a few.
    """
    compile_now = Rule._compile_builder

    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(*args: Any, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(rule, append_unknown))
            return compiled[0](*args, **values)

        return build

    Rule._compile_builder = compile_later  # type: ignore[method-assign]


# --- Coverage ---------------------------------------------------------------------------------


@contextmanager
def unmeasured() -> Iterator[None]:
    """Let what runs inside not count as covered: measured code takes nearly twice its time."""
    tracer: Any = sys.gettrace()
    if not hasattr(tracer, "stop"):  # nothing measures, or a debugger looks
        yield
        return
    tracer.stop()
    try:
        yield
    finally:
        tracer.start()


# --- Memory -----------------------------------------------------------------------------------


def collect_garbage_seldom() -> None:
    """Look for garbage seldom, and never among what importing the tests has made.

    Objects without cycles still go at once, so a connection left open is noticed as before. What is
    loaded stays to the end of the run; looking through it again and again took a sixth of all time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
