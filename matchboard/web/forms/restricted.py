"""The form of the restricted record, built from the schema of the facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired, ValidationError

from matchboard.domain.client_file import RestrictedPurpose
from matchboard.domain.errors import DomainError, InvalidInput
from matchboard.domain.occupational_bars import (
    LIFE,
    FactField,
    FactKind,
    Facts,
    MalformedFacts,
    dump_facts,
    fact_schema,
)
from matchboard.labels.restricted import CHOICES, DEFECTS, FACTS
from matchboard.web.codebooks import OCCUPATIONS
from matchboard.web.forms.choices import UNKNOWN, AnswerRadio, TickList
from matchboard.web.forms.fields import CodeListField, FlexibleDateField
from matchboard.web.forms.rows import RowForm, RowsForm, row_field

#: What is known of the whole: nobody looked, nothing that matters, or the records listed.
UNKNOWN_STATE, NONE_STATE, LISTED_STATE = "unknown", "none", "listed"
#: Suffixes of the tick boxes that say what an empty field cannot.
NONE, FOR_LIFE = "_none", "_life"


def _choices(key: str, *, blank: bool) -> Any:
    def choices() -> list[tuple[str, str]]:
        first = [("", str(UNKNOWN))] if blank else []
        return first + [(value, str(words)) for value, words in CHOICES[key].items()]

    return choices


def _fields_of(fact: FactField) -> dict[str, Any]:
    """Return the form fields that ask for one fact."""
    text = FACTS[fact.key]
    match fact.kind:
        case FactKind.CHOICE:
            return {fact.key: SelectField(text, choices=_choices(fact.key, blank=True))}
        case FactKind.CHOICES:
            return {
                fact.key: TickList(text, choices=_choices(fact.key, blank=False)),
                fact.key + NONE: BooleanField(_l("已核实：以上都没有")),
            }
        case FactKind.BOOLEAN:
            return {fact.key: AnswerRadio(text)}
        case FactKind.DATE:
            return {fact.key: FlexibleDateField(text)}
        case FactKind.DATE_OR_LIFE:
            return {
                fact.key: FlexibleDateField(text),
                fact.key + FOR_LIFE: BooleanField(_l("终身")),
            }
        case FactKind.OCCUPATIONS:
            return {
                fact.key: CodeListField(text, codebook=OCCUPATIONS),
                fact.key + NONE: BooleanField(_l("已核实：没有对应的职业")),
            }


class _RecordRow(RowForm):
    """One decision. A record about which nothing is known is still a record, so none is blank."""

    @property
    def is_blank(self) -> bool:
        return False

    def json(self) -> dict[str, object]:
        """Return the record in the form `parse_facts` reads; unknown keys are left out."""
        found: dict[str, object] = {}
        for fact in fact_schema():
            value = self._value_of(fact)
            if value is not None:
                found[fact.key] = value
        return found

    def _value_of(self, fact: FactField) -> object:
        field: Any = self[fact.key]
        match fact.kind:
            case FactKind.CHOICE:
                return field.data or None
            case FactKind.CHOICES | FactKind.OCCUPATIONS:
                if field.data:
                    return list(field.data)
                return [] if self[fact.key + NONE].data else None
            case FactKind.BOOLEAN:
                return field.answer
            case FactKind.DATE:
                return field.data.isoformat() if field.data else None
            case FactKind.DATE_OR_LIFE:
                if self[fact.key + FOR_LIFE].data:
                    return LIFE
                return field.data.isoformat() if field.data else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a tick that says "none" beside something ticked, and a day beside "for life"."""
        is_fine = super().validate(extra_validators)
        for fact in fact_schema():
            for suffix in (NONE, FOR_LIFE):
                name = fact.key + suffix
                if name in self and self[name].data and self[fact.key].data:
                    message = str(_l("这里自相矛盾：请只保留一种回答。"))
                    self[fact.key].errors = [*self[fact.key].errors, message]
                    is_fine = False
        return is_fine


_FIELDS = {name: one for fact in fact_schema() for name, one in _fields_of(fact).items()}
RecordRow = type("RecordRow", (_RecordRow,), _FIELDS)


class FactsForm(RowsForm):
    """All records of a person, or that there are none, or that nobody has looked."""

    ROWS = "records"
    purpose = HiddenField()
    note = HiddenField()
    state = RadioField(
        _l("目前掌握的情况"),
        [InputRequired(_l("请选择一项。"))],
        choices=lambda: [
            (UNKNOWN_STATE, str(_l("还没有核实"))),
            (NONE_STATE, str(_l("已核实：没有与从业限制有关的记录"))),
            (LISTED_STATE, str(_l("有下列记录"))),
        ],
    )
    records = FieldList(row_field(RecordRow), _l("记录"), max_entries=20)

    def fill(self, facts: Facts, version: int) -> None:
        """Show the stored facts."""
        stored = dump_facts(facts).get("records")
        self.version.data = str(version)
        if stored is None:
            self.state.data = UNKNOWN_STATE
        elif not stored:
            self.state.data = NONE_STATE
        else:
            self.state.data = LISTED_STATE
        for record in stored or []:  # type: ignore[attr-defined]
            self.records.append_entry(_form_values(record))

    @property
    def stated(self) -> RestrictedPurpose:
        """The purpose under which the record was opened; `ValueError` if none was stated."""
        return RestrictedPurpose(self.purpose.data or "")

    def validate_purpose(self, _field: HiddenField) -> None:
        """Refuse what was not opened for one of the purposes."""
        try:
            _ = self.stated
        except ValueError:
            raise ValidationError(_l("请先说明打开的目的。")) from None

    def json(self) -> dict[str, object]:
        """Return the facts in the form `parse_facts` reads."""
        if self.state.data == UNKNOWN_STATE:
            return {}
        if self.state.data == NONE_STATE:
            return {"records": []}
        return {"records": [row.json() for row in self.rows]}

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse records beside "none", and "records" without one."""
        is_fine = super().validate(extra_validators)
        if self.state.data == LISTED_STATE and not self.rows:
            self._refuse_state(str(_l("请添加一条记录，或改选别的回答。")))
            is_fine = False
        if self.state.data in {UNKNOWN_STATE, NONE_STATE} and self.rows:
            self._refuse_state(str(_l("下面还有记录：请先移除它们，或改选“有下列记录”。")))
            is_fine = False
        return is_fine

    def attach(self, error: DomainError) -> None:
        """Put a refusal beside its field; of the facts each defect at its own."""
        if isinstance(error, MalformedFacts):
            self._attach_defects(error)
        else:
            super().attach(error)

    def attach_missing(self, problems: Sequence[InvalidInput]) -> None:
        """Put problems beside their fields, but for those wrong by their shape."""
        for problem in problems:
            if isinstance(problem, MalformedFacts):
                self._attach_defects(problem)
            else:
                super().attach_missing([problem])

    def _attach_defects(self, error: MalformedFacts) -> None:
        """Put each defect beside the field it concerns (`records.0.basis`), said once."""
        for problem in error.problems:
            parts = problem.path.split(".")
            text = str(DEFECTS[problem.code])
            is_row = len(parts) >= 3 and parts[1].isdigit() and int(parts[1]) < len(self.rows)
            if is_row and parts[2] in self.rows[int(parts[1])]:
                field = self.rows[int(parts[1])][parts[2]]
                field.errors = field.errors or [text]
                self.note_row_errors()
            else:
                self.form_errors = [*self.form_errors, text]

    def _refuse_state(self, text: str) -> None:
        self.state.errors = [*self.state.errors, text]


def _form_values(record: dict[str, Any]) -> dict[str, Any]:
    """Return one stored record as the values of its row."""
    values: dict[str, Any] = {}
    for fact in fact_schema():
        if fact.key not in record:
            continue
        value = record[fact.key]
        if fact.kind is FactKind.DATE_OR_LIFE and value == LIFE:
            values[fact.key + FOR_LIFE] = True
        elif fact.kind in {FactKind.DATE, FactKind.DATE_OR_LIFE}:
            values[fact.key] = date.fromisoformat(value)
        elif fact.kind in {FactKind.CHOICES, FactKind.OCCUPATIONS} and not value:
            values[fact.key + NONE] = True
        else:
            values[fact.key] = value
    return values
