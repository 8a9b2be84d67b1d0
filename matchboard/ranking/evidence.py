"""A model's stored report as rows for people: gates, calibration, curve by evidence, groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval; None where too few rows tell."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate: `kind` and what it is about, the figure, its bounds and the verdict."""

    kind: str
    about: str
    value: float | None
    at_least: float | None
    at_most: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One bin: the mean probability and the share that came true."""

    predicted: float
    observed: float
    n: int


@dataclass(frozen=True, slots=True)
class CurveRow:
    """What so many outcomes bring, on proposals not trained on."""

    n_outcomes: int
    stage: str
    log_loss: Figure
    auc: Figure


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of a protected attribute; figures are unknown below 30 people."""

    attribute: str
    group: str
    n_clients: int
    proposal_rate: Figure
    calibration_gap: Figure


@dataclass(frozen=True, slots=True)
class LeakRow:
    """How well the features give a protected attribute away, and whether that is alarming."""

    attribute: str
    auc: Figure
    impact_ratio: float | None
    is_alarming: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the page shows of one model."""

    gates: tuple[GateRow, ...]
    calibration: dict[str, tuple[CalibrationRow, ...]]
    curve: tuple[CurveRow, ...]
    groups: tuple[GroupRow, ...]
    leaks: tuple[LeakRow, ...]
    log_loss_gain: Figure
    value_gain: Figure
    incumbent: str


def mean_gap(points: Sequence[CalibrationRow]) -> float:
    """Return how far forecast and outcome lie apart on average, over proposals."""
    return sum(abs(p.observed - p.predicted) * p.n for p in points) / sum(p.n for p in points)


def evidence_of(report: Json) -> Evidence:
    """Read a stored report."""
    audits = report["groups"]
    return Evidence(
        gates=tuple(_gate(gate) for gate in report["gates"]),
        calibration={
            label: tuple(CalibrationRow(p["predicted"], p["observed"], p["n"]) for p in points)
            for label, points in report["calibration"].items()
        },
        curve=tuple(
            CurveRow(p["n_outcomes"], p["stage"], _figure(p["log_loss"]), _figure(p["auc"]))
            for p in report["evidence"]
        ),
        groups=tuple(
            GroupRow(
                attribute=audit["attribute"],
                group=group["group"],
                n_clients=group["n_clients"],
                proposal_rate=_figure(group["proposal_rate"]),
                calibration_gap=_figure(group["calibration_gap"]),
            )
            for audit in audits
            for group in audit["groups"]
        ),
        leaks=tuple(
            LeakRow(
                attribute=audit["attribute"],
                auc=_figure(audit["leak_auc"]),
                impact_ratio=_figure(audit["impact_ratio"]).value,
                is_alarming=audit["alarm"],
            )
            for audit in audits
        ),
        log_loss_gain=_figure(report["log_loss_gain"]),
        value_gain=_figure(report["value_gain"]),
        incumbent=report["incumbent"]["name"],
    )


def _gate(gate: Json) -> GateRow:
    kind, _, about = gate["name"].partition(" ")
    return GateRow(kind, about, gate["value"], gate["at_least"], gate["at_most"], gate["verdict"])


def _figure(value: Json | None) -> Figure:
    return Figure(None) if value is None else Figure(value["value"], value["low"], value["high"])
