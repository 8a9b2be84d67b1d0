"""What somebody typed, on the page that says it was not saved: nothing is to be typed again.

The page carries the whole form and sends it once more at a press, without scripts and without the
database; what was typed is shown beside it in words, so that it can be copied too. Passwords and
offence facts are not repeated: there the person goes back to the form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import g, request
from wtforms import BooleanField, Field, HiddenField

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
        for field in form:
            words = words_of(field) if _is_typed(field, fields) else ""
            if words.strip():
                yield str(field.label.text), words
        return
    # The form was not reached: whatever reads like words, without its label.
    for name, value in fields.items():
        if name not in drafts.OWN and (not value.isascii() or " " in value.strip()):
            yield "", value.strip()


def _is_typed(field: Field, fields: dict[str, str]) -> bool:
    if isinstance(field, HiddenField) or drafts.is_secret(field.name):
        return False
    if isinstance(field, BooleanField) and not field.data:
        return False
    return any(name == field.name or name.startswith(f"{field.name}-") for name in fields)
