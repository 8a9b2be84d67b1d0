"""Fields WTForms does not have: dates as people type them, codes from catalogues, skills."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field
from wtforms.utils import unset_value
from wtforms.widgets import TextInput

from matchboard.domain.text import one_line
from matchboard.domain.written import UnreadableDate, read_date
from matchboard.labels import error_text
from matchboard.web.codebooks import (
    DIVISIONS,
    OCCUPATIONS,
    SKILLS,
    Codebook,
    Meanings,
    Unresolved,
)
from matchboard.web.typed import whole_number

_SEPARATORS = re.compile(r"[;；、\n]")
#: Empty rows offered for typing skills without JavaScript.
SPARE_ROWS = 3
LEVELS = range(1, 6)


#: What is ticked when a wage the service asked about was really agreed.
WAGE_AS_AGREED = _l("约定的工资就是这么多，已经核对")


class AskedField(BooleanField):
    """The answer to a question the service asks about what was typed; not shown unasked."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing has been asked yet."""
        return not (self.data or self.errors)


class FlexibleDateField(Field):
    """A date in any of the ways people write one; what could not be read stays as typed."""

    component = "date"
    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the typed date; an empty one is None."""
        self.data: date | None = None
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            return
        try:
            self.data = read_date(text)
        except UnreadableDate as error:
            raise ValueError(error_text(error)) from error


@dataclass(frozen=True, slots=True)
class Question:
    """What unclear words may mean, for the person to choose; `chosen` is marked already.

    The answer's `name` holds the words: an answer counts for the words it was given to only.
    """

    name: str
    words: str
    meanings: Meanings
    chosen: str = ""
    leave: str = ""  # the answer "none of these", where the field may stay empty

    @classmethod
    def about(cls, field: str, words: str, meanings: Meanings, *, leave: str = "") -> Question:
        """Return a question about words in the field of that name, a sure meaning marked."""
        return cls(answer_name(field, words), words, meanings, meanings.likely, leave)


def answer_name(field: str, words: str) -> str:
    """Return the name under which the answer about words in a field is sent."""
    return f"{field}-means-{words}"


class WordsField(Field):
    """Base of fields in which words of a catalogue are typed: it asks what unclear ones mean."""

    codebook: Codebook

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the answers to earlier questions before the words themselves."""
        self.questions: list[Question] = []
        prefix = answer_name(self.name, "")
        names = [name for name in formdata or () if name.startswith(prefix)]
        self.answers = {name.removeprefix(prefix): formdata.get(name) for name in names}
        super().process(formdata, data, extra_filters=extra_filters)

    def code_of(self, text: str) -> str:
        """Return the code of typed words, or what the person said they mean.

        What the record holds already is taken, also where the catalogue does not know it: a file
        may have brought it.

        Raises
        ------
        Unresolved
            If both leave it open; where something is near, it has become a question.
        """
        for code in self.stored_codes():
            if text in {code, self.codebook.typed(code)}:
                return code
        try:
            return self.codebook.resolve(text)
        except Unresolved as error:
            answer = self.answers.get(text, "")
            if answer in {choice.value for choice in error.meanings.choices}:
                return answer
            if error.meanings.choices:
                self.questions.append(Question.about(self.name, text, error.meanings))
            raise

    def stored_codes(self) -> Sequence[str]:
        """Return the codes the form was opened with."""
        stored = self.object_data
        if not stored or isinstance(stored, str):
            return [stored] if stored else []
        return [one if isinstance(one, str) else one[0] for one in stored]


class CodeField(WordsField):
    """One code of a catalogue, typed as code or words; `data` is the code or None."""

    component = "picker"
    widget = TextInput()

    def __init__(
        self, label: Any = None, validators: Any = None, *, codebook: Codebook, **options: Any
    ) -> None:
        super().__init__(label, validators, **options)
        self.codebook = codebook

    def _value(self) -> str:
        if self.data:
            return self.codebook.typed(self.data)
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Turn the typed words into a code."""
        self.data: str | None = None
        text = one_line(valuelist[0]) if valuelist else ""
        if text:
            self.data = self.code_of(text)

    def shows(self, typed: Sequence[str]) -> bool:
        """Return whether this is what it shows: the words, or the code pickers.js sends."""
        return typed[0].strip() in {self._value(), self.data}

    def picker_attributes(self) -> dict[str, str]:
        """Return what pickers.js needs to add search while typing."""
        typed = self._value()
        items = [{"value": self.data or typed, "text": typed}] if typed else []
        return _picker_attributes(self.codebook, items, max_items=1)


class DivisionField(CodeField):
    """A place; `data` is its six-digit code."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, codebook=DIVISIONS, **options)


class OccupationField(CodeField):
    """An occupation of the national classification; `data` is its full code."""

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, codebook=OCCUPATIONS, **options)


class CodeListField(WordsField):
    """Several codes of a catalogue in one box, separated by `;`; `data` is a list of codes."""

    component = "picker"
    widget = TextInput()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        codebook: Codebook,
        max_items: int = 20,
        **options: Any,
    ) -> None:
        super().__init__(label, validators, **options)
        self.codebook = codebook
        self.max_items = max_items
        self.unresolved: list[str] = []

    def process_data(self, value: Any) -> None:
        """Take the record's codes; None is an empty list."""
        self.data = list(value or [])

    def _value(self) -> str:
        return "; ".join(item["text"] for item in self._items())

    def _items(self) -> list[dict[str, str]]:
        known = [{"value": code, "text": self.codebook.typed(code)} for code in self.data or []]
        return known + [{"value": text, "text": text} for text in self.unresolved]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Turn each typed word into a code; those not understood are named and kept."""
        self.data: list[str] = []
        self.unresolved = []
        message = ""
        for text in filter(None, (one_line(t) for v in valuelist for t in _SEPARATORS.split(v))):
            try:
                code = self.code_of(text)
            except Unresolved as error:
                self.unresolved.append(text)
                message = message or str(error)
                continue
            if code not in self.data:
                self.data.append(code)
        if message:
            raise ValueError(message)
        if len(self.data) > self.max_items:
            raise ValueError(_l("选得太多了，请保留最重要的几项。"))

    def shows(self, typed: Sequence[str]) -> bool:
        """Return whether these are the words it shows, or the codes pickers.js sends."""
        parts = [t.strip() for v in typed for t in _SEPARATORS.split(v) if t.strip()]
        return parts in ([item[key] for item in self._items()] for key in ("text", "value"))

    def picker_attributes(self) -> dict[str, str]:
        """Return what pickers.js needs to add search while typing."""
        return _picker_attributes(self.codebook, self._items(), max_items=self.max_items)


@dataclass(frozen=True, slots=True)
class SkillRow:
    """One row of the skill picker: `value` is the code, empty for what was not understood."""

    value: str
    text: str
    level: int | None


class SkillLevelsField(WordsField):
    """Skills with levels; `data` is a list of (code, level 1–5 or None).

    The browser sends two lists of equal length: `<name>` (codes or words) and `<name>_level`.
    """

    component = "skills"
    widget = TextInput()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        codebook: Codebook = SKILLS,
        max_items: int = 30,
        **options: Any,
    ) -> None:
        super().__init__(label, validators, **options)
        self.codebook = codebook
        self.max_items = max_items
        self.unresolved: list[tuple[str, int | None]] = []

    @property
    def lookup_url(self) -> str:
        """Address of the search while typing."""
        return self.codebook.lookup_url

    def rows(self) -> list[SkillRow]:
        """Return the rows to draw: chosen ones, those not understood, and empty ones."""
        chosen = [SkillRow(c, self.codebook.typed(c), level) for c, level in self.data or []]
        typed = [SkillRow("", text, level) for text, level in self.unresolved]
        return chosen + typed + [SkillRow("", "", None)] * SPARE_ROWS

    def process_data(self, value: Any) -> None:
        """Take the record's skills; None is an empty list."""
        self.data = [(code, level) for code, level in value or []]

    def shows(self, typed: Sequence[str], levels: Sequence[str]) -> bool:
        """Return whether these are the rows it shows, by their words or codes."""
        rows = [row for row in self.rows() if row.text]
        named = [(t.strip(), i) for i, t in enumerate(typed) if t.strip()]
        given = [_level(levels[i] if i < len(levels) else "") for _, i in named]
        return (
            len(named) == len(rows)
            and given == [row.level for row in rows]
            and all(t in {row.text, row.value} for (t, _), row in zip(named, rows, strict=True))
        )

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Remember the levels beside the names before WTForms reads the names."""
        self._levels = formdata.getlist(f"{self.name}_level") if formdata else []
        super().process(formdata, data, extra_filters=extra_filters)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Pair names and levels; a skill named twice keeps its last level."""
        found: dict[str, int | None] = {}
        self.unresolved = []
        message = ""
        for index, raw in enumerate(valuelist):
            text = one_line(raw)
            level = _level(self._levels[index] if index < len(self._levels) else "")
            if not text:
                continue
            try:
                found[self.code_of(text)] = level
            except Unresolved as error:
                self.unresolved.append((text, level))
                message = message or str(error)
        self.data: list[tuple[str, int | None]] = list(found.items())
        if message:
            raise ValueError(message)
        if len(found) > self.max_items:
            raise ValueError(_l("选得太多了，请保留最重要的几项。"))


def _level(text: str) -> int | None:
    level = whole_number(text)
    return level if level in LEVELS else None


def _picker_attributes(
    codebook: Codebook, items: list[dict[str, str]], *, max_items: int
) -> dict[str, str]:
    return {
        "data-autocomplete": "off",
        "data-picker": codebook.lookup_url,
        "data-max-items": str(max_items),
        "data-items": json.dumps(items, ensure_ascii=False),
        "data-no-results": str(_l("没有找到，请换个说法")),
    }
