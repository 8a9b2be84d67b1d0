"""A model's stored report as rows for people: gates, calibration, curve by evidence, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

#: Gates that look at the lower end of an interval, and where the report keeps the whole of it.
GAINS = {"log_loss": "log_loss_gain", "assigned_value": "value_gain"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval; None where too few rows tell."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class GateRow:
    """One gate: `kind` and what it is about, the figure, its bounds and the verdict.

    `n` outcomes were looked at and `n_needed` are about enough, where it is a matter of number;
    `noise` is how large an error chance alone may show.
    """

    kind: str
    about: str
    figure: Figure
    at_least: float | None
    at_most: float | None
    is_strict: bool
    verdict: str
    n: int | None
    n_needed: int | None
    noise: float | None


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One bin: the mean probability and the share that came true, with its interval."""

    predicted: float
    observed: Figure
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
    incumbent: str

    def gate(self, kind: str, about: str) -> GateRow | None:
        """Return the gate of that kind and subject."""
        return next((g for g in self.gates if (g.kind, g.about) == (kind, about)), None)

    def n_gates(self, verdict: str) -> int:
        """Return how many gates came to a verdict."""
        return sum(gate.verdict == verdict for gate in self.gates)


def evidence_of(report: Json) -> Evidence:
    """Read a stored report."""
    audits = report["groups"]
    gains = {kind: _figure(report[name]) for kind, name in GAINS.items()}
    return Evidence(
        gates=tuple(_gate(gate, gains) for gate in report["gates"]),
        calibration={
            label: tuple(
                CalibrationRow(p["predicted"], Figure(p["observed"], p["low"], p["high"]), p["n"])
                for p in points
            )
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
        incumbent=report["incumbent"]["name"],
    )


def _gate(gate: Json, gains: Mapping[str, Figure]) -> GateRow:
    kind, _, about = gate["name"].partition(" ")
    return GateRow(
        kind=kind,
        about="" if kind in gains else about,
        figure=gains.get(kind, Figure(gate["value"])),
        at_least=gate["at_least"],
        at_most=gate["at_most"],
        is_strict=gate["strictly"],
        verdict=gate["verdict"],
        n=gate["n"],
        n_needed=gate["n_needed"],
        noise=gate["noise"],
    )


def _figure(value: Json | None) -> Figure:
    return Figure(None) if value is None else Figure(value["value"], value["low"], value["high"])
