"""A trained model as the site keeps it, without training one: a made-up report and its bytes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from matchboard.ranking import registry
from matchboard.ranking.shortlist import day_number
from matchboard.ranking.tables import vocabulary
from matchboard.services.ranking_models import Trained
from ml.learning import train
from ml.schema import Clients, Placements, Vacancies
from ml.store import save_model
from tests.factories import TODAY


def interval(value: float | None, spread: float = 0.0) -> dict[str, float | None]:
    """Return a figure with its interval."""
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": value - spread, "high": value + spread}


def _gate(name: str, value: float | None, verdict: str, **bounds: Any) -> dict[str, Any]:
    plain = {"at_least": None, "at_most": None, "n": None, "n_needed": None, "noise": None}
    return {"name": name, "value": value, "verdict": verdict, "strictly": False} | plain | bounds


def _point(predicted: float, observed: float, n: int) -> dict[str, Any]:
    return {
        "predicted": predicted,
        "observed": observed,
        "n": n,
        "weight": float(n),
        "low": max(observed - 0.1, 0.0),
        "high": min(observed + 0.1, 1.0),
    }


def _group(name: str, n: int) -> dict[str, Any]:
    rate = interval(0.4, 0.05) if n >= 30 else None
    return {"group": name, "n_clients": n, "proposal_rate": rate, "calibration_gap": rate}


REPORT: dict[str, Any] = {
    "data_sha256": "3f" * 32,
    "gates": [
        _gate("log_loss gain, lower bound", 0.02, "passed", at_least=0, strictly=True),
        _gate("ece hire", 0.021, "passed", at_most=0.05, n=620, noise=0.048),
        _gate("slope hire", 1.7, "failed", at_least=0.8, at_most=1.2, n=620),
        _gate(
            "ece retained_6m", 0.06, "insufficient n", at_most=0.05, n=64, noise=0.13, n_needed=570
        ),
        _gate("impact_ratio sex", 0.9, "passed", at_least=0.8),
    ],
    "calibration": {
        "hire": [_point(0.2, 0.25, 210), _point(0.4, 0.35, 205), _point(0.7, 0.72, 205)],
        "retained_6m": [_point(0.6, 0.5, 32), _point(0.75, 0.8, 32)],
    },
    "evidence": [
        {
            "n_outcomes": n,
            "stage": "expert" if n < 400 else "map",
            "log_loss": interval(0.6 - n / 5000, 0.04),
            "auc": interval(0.6 + n / 5000, 0.05),
        }
        for n in (0, 100, 200, 500, 812)
    ],
    "groups": [
        {
            "attribute": "sex",
            "groups": [_group("female", 12), _group("male", 300)],
            "impact_ratio": interval(0.9),
            "leak_auc": interval(0.71),
            "alarm": True,
        }
    ],
    "log_loss_gain": interval(0.04, 0.02),
    "value_gain": interval(0.01, 0.005),
    "incumbent": {"name": "expert"},
}


def unlearned_artefact() -> bytes:
    """Return the bytes of a real model that has learned from nothing."""
    model = train(
        Clients.from_rows([]), Vacancies.from_rows([]), Placements.from_rows([]),
        vocabulary=vocabulary(), as_of_day=day_number(TODAY),
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        directory = Path(folder) / "model"
        save_model(model, directory, metadata={})
        return registry.pack(directory)


def trained_model(artefact: bytes, *, as_of: date, may_speak: bool = True) -> Trained:
    """Return a model with that report and these bytes."""
    return Trained(
        stage="map",
        as_of=as_of,
        n_outcomes=812,
        sha256=registry.digest_of(artefact),
        artefact=artefact,
        report=REPORT,
        may_speak=may_speak,
    )
