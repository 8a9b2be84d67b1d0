"""A decision is about what was seen, on the pages: one mechanism for every step's form.

`{{ post_button(url, words, fields=record|shown) }}` puts three fields into a form: the version of
what it was shown (`services.seen`), a submission key (pressing twice leads to the first result),
and the facts as they read on the page, so that a refusal can say what has changed since. A view
hands `seen()` to the service; on `StaleEdit` it calls `note_stale` and shows its page with 409: the
frame draws what changed above it. `stale_shows` does so for views without words of their own.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from secrets import token_urlsafe
from typing import Any, TypeVar

from flask import Flask, g, make_response, request
from flask_babel import gettext

from matchboard.domain.errors import StaleEdit
from matchboard.services import transaction
from matchboard.services.seen import shown_version
from matchboard.web.forms.base import Difference
from matchboard.web.forms.compare import last_change_words
from matchboard.web.language import current_language
from matchboard.web.seen_facts import facts_of

View = TypeVar("View", bound=Callable[..., Any])
#: Longer texts are told apart by their whole, and shown by their beginning.
_MOST = 160
_LONGEST_TOKEN = 40_000


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that reads otherwise than on the page the step was taken from."""

    label: str
    seen: str
    now: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One row marked on a list: whose, and what of it the list showed."""

    pid: str
    version: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A marked row that stands elsewhere by now, and how it is called."""

    name: str
    subject: Any
    mark: Mark


@dataclass(frozen=True, slots=True)
class StaleStep:
    """What the frame says above the page of a step that came too late."""

    changes: tuple[Change, ...]
    who: str
    when: str
    typed: str
    beside: tuple[Difference, ...]


def shown(subject: Any, version: str = "", **more: str) -> dict[str, str]:
    """Return the fields of a step's form: what it was shown, and one key per page."""
    return {
        "version": version or shown_version(subject),
        "submission_key": token_urlsafe(16),
        "seen": _packed(subject),
        **more,
    }


def shown_rows(subjects: Iterable[Any]) -> dict[str, str]:
    """Return the hidden fields of a form of many rows: what the list showed of each.

    They stand beside the tick boxes (`<pid>:<version>`): a tick means the same in each language.
    """
    return {f"seen-{one.pid}": _packed(one) for one in subjects}


def marks(name: str) -> list[Mark]:
    """Return the rows ticked in the sent form."""
    ticked = (value.partition(":") for value in request.form.getlist(name))
    return [Mark(pid, version, request.form.get(f"seen-{pid}", "")) for pid, _, version in ticked]


def show_on(form: Any, subject: Any, version: str = "") -> None:
    """Let a form say what it was shown (forms of WTForms; `shown` is for a button's)."""
    form.version.data = version or shown_version(subject)
    form.seen.data = _packed(subject)


def seen() -> str:
    """Return the version the sent form was shown; empty, which is never current, without one."""
    return _field("version")


def note_stale(*subjects: Any, beside: Iterable[Difference] = ()) -> None:
    """Say above the page what of the first subject reads otherwise now, and who wrote last.

    `beside` is what was typed into the step's form where the record says something else by now.
    """
    g.stale_step = stale_step(*subjects, beside=beside)


def stale_step(*subjects: Any, beside: Iterable[Difference] = ()) -> StaleStep:
    """Return what changed since the form's page; call it after the rollback."""
    return _stale_step(_changes(_field("seen"), subjects[0]), subjects, beside)


def note_stale_marked(moved: Sequence[Moved], *, beside: Iterable[Difference] = ()) -> None:
    """Say the same of several people marked in one form, each with what their mark was shown."""
    changes = [
        replace(one, label=gettext("%(name)s：%(what)s", name=row.name, what=one.label))
        for row in moved
        for one in _changes(row.mark.seen, row.subject)
    ]
    g.stale_step = _stale_step(changes, [row.subject for row in moved], beside)


def _changes(token: str, subject: Any) -> list[Change]:
    before, now = _unpacked(token), _facts(subject)
    names = [*now, *(name for name in before if name not in now)] if before else []
    changes = [
        Change(name, *_told_apart(before.get(name, ""), now.get(name, "")))
        for name in names
        if before.get(name, "") != now.get(name, "")
    ]
    if not changes:  # nothing the page shows: say at least where it stands
        unknown = gettext("不清楚")
        changes = [Change(n, before.get(n, unknown), text) for n, text in [*now.items()][:1]]
    return changes


def _stale_step(
    changes: Iterable[Change], subjects: Iterable[Any], beside: Iterable[Difference]
) -> StaleStep:
    who, when = last_change_words(*subjects)
    return StaleStep(
        changes=tuple(changes),
        who=who,
        when=when,
        typed=request.form.get("reason", "") if "note" not in request.form else _field("note"),
        beside=tuple(beside),
    )


def stale_shows(page: Callable[..., Any], subject: Callable[..., Any]) -> Callable[[View], View]:
    """Answer a stale step with its page, afresh; `subject` takes the view's arguments."""

    def decorate(view: View) -> View:
        @wraps(view)
        def step(**arguments: Any) -> Any:
            try:
                return view(**arguments)
            except StaleEdit:
                transaction.rollback()
                found = subject(**arguments)
                note_stale(*(found if isinstance(found, tuple) else (found,)))
                response = make_response(page(**arguments))
                response.status_code = 409
                return response

        return step  # type: ignore[return-value]

    return decorate


def init_app(app: Flask) -> None:
    """Register the filter, and what the frame draws."""
    app.jinja_env.filters["shown"] = shown
    app.jinja_env.filters["shown_rows"] = shown_rows
    app.context_processor(lambda: {"stale_step": g.get("stale_step")})


# --- What was shown, carried by the form ----------------------------------------------------------


def _field(name: str) -> str:
    """Return a field of the sent form; with a prefix it has a longer name."""
    names = (one for one in request.form if one == name or one.endswith(f"-{name}"))
    return request.form.get(next(names, name), "")


def _facts(subject: Any) -> dict[str, str]:
    return {name: _brief(text) for name, text in facts_of(subject) if text}


def _brief(text: str) -> str:
    if len(text) <= _MOST:
        return text
    return f"{text[:_MOST]}…{zlib.crc32(text.encode()):08x}"


def _told_apart(before: str, now: str) -> tuple[str, str]:
    """Return both without the mark that told long texts apart."""
    return tuple(t[:-8] if len(t) == _MOST + 9 else t for t in (before, now))  # type: ignore[return-value]


def _packed(subject: Any) -> str:
    """Return the facts as a form can carry them; made once a request for each subject."""
    known: dict[int, tuple[Any, str]] = g.setdefault("packed_facts", {})
    if id(subject) not in known:
        facts = _facts(subject)
        body = json.dumps([current_language(), facts], ensure_ascii=False, separators=(",", ":"))
        token = urlsafe_b64encode(zlib.compress(body.encode(), 9)).decode() if facts else ""
        known[id(subject)] = (subject, token)  # holds it: an id lives as long as its object
    return known[id(subject)][1]


def _unpacked(token: str) -> dict[str, str]:
    """Return what the form was shown; nothing if it is unreadable or in another language.

    Nothing rests on it but the words of a refusal: it is the person's own page, sent back.
    """
    if not token or len(token) > _LONGEST_TOKEN:
        return {}
    try:
        reader = zlib.decompressobj()
        body = reader.decompress(urlsafe_b64decode(token.encode()), 20 * _LONGEST_TOKEN)
        language, facts = json.loads(body)
    except (ValueError, zlib.error):
        return {}
    if language != current_language() or not isinstance(facts, dict):
        return {}
    return {str(name): str(text) for name, text in facts.items()}
