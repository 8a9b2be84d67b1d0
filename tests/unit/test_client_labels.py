"""Every code of the person's record has words."""

from __future__ import annotations

import pytest

from matchboard import labels
from matchboard.domain.occupational_bars import FactField, fact_schema
from matchboard.labels import clients, restricted


@pytest.mark.parametrize("enum", list(clients.TABLES), ids=lambda enum: enum.__name__)
def test_client_label_exists_for_every_member(enum: type) -> None:
    assert set(clients.TABLES[enum]) == set(enum)  # type: ignore[call-overload]


@pytest.mark.parametrize("field", fact_schema(), ids=lambda field: field.key)
def test_fact_label_exists_for_every_key_and_answer(field: FactField) -> None:
    assert field.key in restricted.FACTS
    assert set(restricted.CHOICES.get(field.key, ())) == set(field.choices)


def test_code_has_words_in_one_place_when_subjects_share_it() -> None:
    # "out_of_range", "date_ahead" and "partner_not_active" had several: the last module's won.
    assert {"out_of_range", "date_ahead"} <= labels.ERRORS.keys()
    words: dict[str, object] = {"known": "words"}
    labels.merge(words, {"other": "more"}, subject="placements")
    with pytest.raises(ValueError, match=r"placements has other words for \['other'\]"):
        labels.merge(words, {"other": "others"}, subject="placements")
    assert words == {"known": "words", "other": "more"}
