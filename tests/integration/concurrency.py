"""Run one function in many processes at the same moment, against the same database.

    def accept(placement_id: int) -> str:            # at module level: it is sent by name
        placement = db.session.get(Placement, placement_id)
        placements.advance(placement, "offer", actor=..., now=NOW)
        transaction.commit()
        return "offered"

    def test_...(settings, app):
        ...make the rows...
        outcomes = run_at_once(accept, [(p.id,) for p in all_sixteen], settings=settings)
        assert [o.value for o in outcomes if o.is_done] == ["offered"]
        assert {o.error for o in outcomes if not o.is_done} == {"HeadcountExhausted"}

Each process has an application and a connection of its own; they wait for one another, then all
call the function inside an application context. What the test has pending is committed first.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import text

from matchboard import create_app
from matchboard.extensions import db

_START = multiprocessing.get_context("forkserver")
_START.set_forkserver_preload(["tests.integration.preload"])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one process came to: the value returned, or the class and words of the error."""

    value: Any = None
    error: str | None = None
    words: str = ""

    @property
    def is_done(self) -> bool:
        """Whether the function returned."""
        return self.error is None


def run_at_once(
    function: Callable[..., Any],
    arguments: Sequence[tuple[Any, ...]],
    *,
    settings: Mapping[str, Any],
    timeout_s: float = 60.0,
) -> list[Outcome]:
    """Call `function(*arguments[i])` in process i, all at once; return outcomes in that order.

    Fails if a process does not answer in time: a writer waits for ever or died.
    """
    db.session.commit()
    db.session.remove()
    barrier = _START.Barrier(len(arguments))
    pipes = [_START.Pipe(duplex=False) for _ in arguments]
    processes = [
        _START.Process(target=_take_part, args=(function, args, dict(settings), barrier, sender))
        for args, (_receiver, sender) in zip(arguments, pipes, strict=True)
    ]
    for process in processes:
        process.start()
    for _receiver, sender in pipes:
        sender.close()  # so that a dead process reads as the end of its pipe
    try:
        outcomes = [_receive(receiver, timeout_s) for receiver, _sender in pipes]
    finally:
        for process in processes:
            process.join(5)
            if process.is_alive():
                process.kill()
                process.join()
            process.close()
        for receiver, _sender in pipes:
            receiver.close()
    return outcomes


def _receive(receiver: Connection, timeout_s: float) -> Outcome:
    if not wait([receiver], timeout_s):
        return Outcome(error="TimeoutError", words="the process did not answer in time")
    try:
        outcome: Outcome = receiver.recv()
    except EOFError:
        return Outcome(error="EOFError", words="the process died without an answer")
    return outcome


def _take_part(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    settings: dict[str, Any],
    barrier: Barrier,
    sender: Connection,
) -> None:
    """Run in the child: prepare, wait for the others, act, answer."""
    is_started = False
    try:
        app = create_app(settings)
        with app.app_context():
            db.session.execute(text("SELECT 1"))  # the connection is open before the start
            db.session.rollback()
            barrier.wait(timeout=60)
            is_started = True
            outcome = Outcome(value=function(*args))
    except Exception as error:
        outcome = Outcome(error=type(error).__name__, words=str(error)[:500])
        if not is_started:
            barrier.abort()  # the others must not wait for this one
    sender.send(outcome)
    sender.close()
