"""What somebody typed, on the page that says it was not saved: nothing is to be typed again.

The page carries the whole form and sends it once more at a press, without scripts and without the
database; what was typed is shown beside it in words, so that it can be copied too. Passwords and
offence facts are not repeated: there the person goes back to the form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import current_app, g, request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField
from wtforms.fields.core import UnboundField

from matchboard.extensions import READING
from matchboard.web import drafts
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.compare import words_of

#: Forms whose content no page may repeat.
_SEALED = "restricted."


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not saved. `words` are what was typed as (field in words, value)."""

    action: str
    fields: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, str], ...]
    #: Whether sending `fields` again is sending the form again: no password, no file is missing.
    is_whole: bool
    is_sealed: bool


def kept() -> Kept | None:
    """Return the form of the present request, None if it sent none."""
    if request.method in READING or request.endpoint is None:
        return None
    action = request.full_path.rstrip("?")
    if request.endpoint.startswith(_SEALED):
        return Kept(action, (), (), is_whole=False, is_sealed=True)
    sent = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not name.endswith("csrf_token")  # the page makes its own
    ]
    fields = tuple(pair for pair in sent if not drafts.is_secret(pair[0]))
    has_file = any(file.filename for file in request.files.values())
    return Kept(
        action,
        fields,
        tuple(_words(dict(fields))),
        is_whole=len(fields) == len(sent) and not has_file,
        is_sealed=False,
    )


def _words(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    forms: list[BaseForm] = g.get("bound_forms", [])
    form = next((one for one in forms if any(_is_typed(f, fields) for f in one)), None)
    if form is not None:
        yield from _named(form, fields)
        return
    # The form was not reached, as when the database was locked from the start.
    try:
        found = _guessed(request.form, fields)
    except Exception:
        # Fields of every form of the site read themselves here, choices, codebooks and library code
        # included, and some ask the very database that has just failed: no list of what they may
        # raise stays true. The error page must come all the same; what was typed then stands on it
        # without names, and the log has the fault.
        current_app.logger.exception("what was typed could not be named")
        found = {}
    is_known = bool(found)
    for name, value in fields.items():
        top = name.partition("-")[0]
        if top in found:
            yield found.pop(top)
        elif not is_known and name not in drafts.OWN and _reads_like_words(value):
            yield "", value.strip()


def _named(typed: Iterable[Field], fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field in typed:
        words = words_of(field) if _is_typed(field, fields) else ""
        if words.strip():
            yield str(field.label.text), words


def _guessed(sent: MultiDict[str, str], fields: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return label and words of each field, from the form class that the sent names fit best.

    Where several fit alike and call a field differently, it has no label.
    """
    names = {name.partition("-")[0] for name in sent}
    kinds = list(_form_classes(BaseForm))
    best = max(_fit(kind, names) for kind in kinds)
    found: dict[str, tuple[str, str]] = {}
    for kind in kinds:
        if _fit(kind, names) != best:
            continue
        for field in _filled(kind, sent):
            for label, words in _named([field], fields):
                known, _ = found.get(field.name, (label, words))
                found[field.name] = (label if known == label else "", words)
    return found


def _filled(kind: type[BaseForm], sent: MultiDict[str, str]) -> Iterator[Field]:
    names = {name.partition("-")[0] for name in sent}
    apart = Form()
    for name, unbound in _unbound(kind).items():
        if name in names:
            field = unbound.bind(form=apart, name=name, _meta=BaseForm.Meta())
            field.process(sent)
            yield field


def _reads_like_words(value: str) -> bool:
    return not value.isascii() or " " in value.strip()


def _form_classes(base: type[BaseForm]) -> Iterator[type[BaseForm]]:
    yield base
    for one in base.__subclasses__():
        yield from _form_classes(one)


def _fit(kind: type[BaseForm], names: set[str]) -> tuple[int, int]:
    """Return how many of the names a form has, and then how few others."""
    own = _unbound(kind).keys()
    return len(own & names), -len(own - names)


def _unbound(kind: type[BaseForm]) -> dict[str, UnboundField]:
    """Return a form class's fields in the order in which they stand on the page."""
    found = {
        name: field
        for name in dir(kind)
        if not name.startswith("_") and isinstance(field := getattr(kind, name), UnboundField)
    }
    return dict(sorted(found.items(), key=lambda item: item[1].creation_counter))


def _is_typed(field: Field, fields: dict[str, str]) -> bool:
    if isinstance(field, HiddenField) or drafts.is_secret(field.name):
        return False
    if isinstance(field, BooleanField) and not field.data:
        return False
    return any(name == field.name or name.startswith(f"{field.name}-") for name in fields)
