"""What a model was trained on is what it is shown: one pair on one day has one row of features."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ml.cells import day, day_text
from ml.features import FEATURES
from ml.index import OpeningIndex
from ml.learning.outcomes import DECISION_DAYS
from tests.unit.ml.learned import Past, past_of
from tests.unit.ml.worlds import VOCABULARY

N_PROPOSALS = 40


@pytest.mark.parametrize("half_life", [None, 180.0], ids=["all-time", "half-a-year"])
def test_row_trained_on_equals_the_row_served_on_the_day_of_the_proposal(
    half_life: float | None,
) -> None:
    past = past_of(900)
    clients, vacancies, placements = past.tables()
    whole = past.rows()
    trained = whole.with_records(half_life).X
    has_record = False
    for number in np.random.default_rng(5).choice(len(whole), N_PROPOSALS, replace=False).tolist():
        on = int(whole.day[number])
        source = int(whole.placement[number])
        table = _known_on(past, on - 1).rows(on - 1).records(half_life)
        index = OpeningIndex.build(table.fill(vacancies), VOCABULARY)
        who = clients.client_id.index(placements.client_id[source])
        query = index.query(clients, who, on)
        rows = np.array(index.rows_of([placements.vacancy_id[source]]), dtype=np.intp)
        served = index.feature_matrix(query, rows)[0]
        has_record |= bool(served[_AT["partner_n"]])
        for feature, was, now in zip(FEATURES, trained[number], served, strict=True):
            assert now == pytest.approx(was, rel=1e-4, abs=1e-5), (feature.name, on)
    assert has_record


def _known_on(past: Past, on: int) -> Past:
    """Return the past as its records were written on a day: what had not happened is not there."""
    kept = []
    for row in past.placements:
        if day(row["proposed_on"]) > on:
            continue
        started, ended = str(row.get("started_on", "")), str(row.get("ended_on", ""))
        is_later = bool(started) and day(started) > on
        is_open = not started and day(row["proposed_on"]) + DECISION_DAYS > on
        known = {
            "observed_until": day_text(on),
            "hired": "" if is_later or is_open else row["hired"],
            "started_on": "" if is_later else started,
            "ended_on": "" if not ended or is_later or day(ended) > on else ended,
        }
        kept.append(row | known)
    return replace(past, placements=kept)


_AT = {feature.name: i for i, feature in enumerate(FEATURES)}
