"""A small past for tests of learning: people, openings, proposals and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ml.cells import day, day_text
from ml.learning.model import LearnedModel
from ml.learning.rows import TrainingRows, training_rows
from ml.learning.training import train_rows
from ml.schema import Clients, Placements, Vacancies
from tests.unit.ml.worlds import COOK, DRIVER, VOCABULARY, WELDER

AS_OF = day("2026-11-24")
TRADES = {WELDER: "weld.arc", COOK: "cook.wok", DRIVER: "gen.5s"}


@dataclass(frozen=True)
class Past:
    """Rows of the three files, so that a test can change or shuffle them."""

    clients: list[dict[str, Any]]
    vacancies: list[dict[str, Any]]
    placements: list[dict[str, Any]]

    def tables(self) -> tuple[Clients, Vacancies, Placements]:
        return (
            Clients.from_rows(self.clients, vocabulary=VOCABULARY),
            Vacancies.from_rows(self.vacancies, vocabulary=VOCABULARY),
            Placements.from_rows(self.placements),
        )

    def rows(self, as_of: int = AS_OF) -> TrainingRows:
        return training_rows(*self.tables(), vocabulary=VOCABULARY, as_of_day=as_of)


def draw_past(n: int, seed: int = 0) -> Past:
    """Draw a past: skill and the way decide who is hired, the way and the wage who stays."""
    rng = np.random.default_rng(seed)
    trades = list(TRADES)
    n_clients, n_openings = max(4, n // 4), max(6, n // 8)
    people = [
        {
            "client_id": f"C{i}",
            "lat": 30.6 + 0.3 * rng.random(),
            "lon": 104.0,
            "skills": f"{TRADES[trades[i % 3]]}:{rng.integers(1, 6)}" if rng.random() > 0.1 else "",
            "experience": f"{trades[i % 3]}:{rng.integers(1, 60)}",
            "wage_expected_cny_month": int(rng.integers(3, 7)) * 1000,
            "audit_sex": "男" if rng.random() < 0.5 else "女",
        }
        for i in range(n_clients)
    ]
    openings = [
        {
            "vacancy_id": f"V{j}",
            "partner_id": f"E{j % 7}" if j % 5 else "",
            "occupation": trades[j % 3] if j % 11 else "",
            "lat": 30.6 + 0.3 * rng.random(),
            "lon": 104.0,
            "skills_required": TRADES[trades[j % 3]],
            "wage_min_cny_month": int(rng.integers(3, 8)) * 1000,
            "headcount": 1 + j % 3,
        }
        for j in range(n_openings)
    ]
    placements = [_proposal(rng, number, people, openings) for number in range(n)]
    return Past(people, openings, placements)


def _proposal(
    rng: np.random.Generator,
    number: int,
    people: list[dict[str, Any]],
    openings: list[dict[str, Any]],
) -> dict[str, Any]:
    i, j = int(rng.integers(len(people))), int(rng.integers(len(openings)))
    person, opening = people[i], openings[j]
    fits = float(opening["skills_required"] in person["skills"])
    km = 111.0 * abs(person["lat"] - opening["lat"])
    good = float(j % 7 < 3)
    hired = rng.random() < _logistic(-1.8 + 2.0 * fits - 0.03 * km + good)
    gap = opening["wage_min_cny_month"] / person["wage_expected_cny_month"] - 1.0
    stays = float(_logistic(0.4 + gap - 0.04 * km))
    proposed = AS_OF - int(rng.integers(30, 900))
    row: dict[str, Any] = {
        "placement_id": f"P{number:05d}",
        "client_id": person["client_id"],
        "vacancy_id": opening["vacancy_id"],
        "proposed_on": day_text(proposed),
        "hired": int(hired) if rng.random() > 0.03 else "",
        "observed_until": day_text(AS_OF),
    }
    if row["hired"] == 1:
        started = proposed + int(rng.integers(1, 25))
        tenure = int(rng.exponential(250 * stays + 20))
        row["started_on"] = day_text(started)
        row["ended_on"] = day_text(started + tenure) if started + tenure <= AS_OF else ""
    return row


def _logistic(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-value)))


@cache
def past_of(n: int) -> Past:
    return draw_past(n)


@cache
def rows_of(n: int) -> TrainingRows:
    """Return the rows of so many proposals, made once a run."""
    return past_of(n).rows()


@cache
def model_of(n: int) -> LearnedModel:
    """Return a model trained on so many proposals, made once a run."""
    return train_rows(rows_of(n))
