"""Ranking models: trained, listed, put to use and taken out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from flask import current_app

from matchboard.cli.application import in_application
from matchboard.cli.progress import progress
from matchboard.domain.ranking import EXPERT
from matchboard.domain.roles import SYSTEM
from matchboard.models.ranking import RankingModel
from matchboard.ranking import retraining
from matchboard.services import ranking_models, transaction


@click.group()
def model() -> None:
    """The ranking model: train, list, promote, or go back to the expert formula."""


@model.command("train")
@in_application
def train_model() -> None:
    """Train a model from what became of past proposals; it ranks nothing until it is promoted."""
    now = current_app.config["CLOCK"]()
    with progress("Training") as show:
        trained = retraining.retrain(actor=SYSTEM, now=now, on_progress=show)
    transaction.commit()
    _print_model(trained.model)
    for gate in trained.gates:
        click.echo(f"  {gate.verdict:<16} {gate.name}")


@model.command("list")
@in_application
def list_models() -> None:
    """List the trained models, newest first."""
    reports = ranking_models.reports()
    for row in ranking_models.list_models():
        _print_model(row.model)
        _print_evidence(reports[row.model.name])
    active = ranking_models.active()
    click.echo(f"Ranking now: {active.name if active is not None else EXPERT}")


@model.command("promote")
@click.argument("name")
@in_application
def promote_model(name: str) -> None:
    """Let a model that passed every gate rank from now on."""
    found = ranking_models.promote(name, actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    _print_model(found)


@model.command("rollback")
@in_application
def rollback_model() -> None:
    """Let the expert formula rank again, at once."""
    ranking_models.rollback(actor=SYSTEM, now=current_app.config["CLOCK"]())
    transaction.commit()
    click.echo(f"Ranking now: {EXPERT}")


def _print_evidence(report: Mapping[str, Any]) -> None:
    """Print what the model was measured to be, and which data it learned from."""
    measured = ((gate["name"], gate["value"]) for gate in report["gates"])
    figures = (f"{name} {value:.3f}" for name, value in measured if value is not None)
    click.echo(f"    {'; '.join(figures)}")
    click.echo(f"    data sha256 {report.get('data_sha256', 'unknown')}")


def _print_model(found: RankingModel) -> None:
    gates = "gates passed" if found.may_speak else "gates not passed"
    click.echo(f"{found.name:<24} {found.state.value:<10} {found.n_outcomes:>6} outcomes  {gates}")
