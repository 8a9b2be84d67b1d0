"""Ranking models listed by command."""

from __future__ import annotations

from matchboard.domain.roles import SYSTEM
from matchboard.services import ranking_models
from tests.factories import NOW, TODAY
from tests.integration.cli.commands import Run
from tests.ranking_report import REPORT, trained_model


def test_list_shows_figures_and_the_hash_of_the_data_when_models_were_trained(run: Run) -> None:
    ranking_models.register(trained_model(b"-", as_of=TODAY), actor=SYSTEM, now=NOW)
    shown = run("model", "list").output
    assert "812 outcomes  gates passed" in shown
    assert "ece hire 0.021; slope hire 1.700; ece retained_6m 0.060" in shown
    assert f"data sha256 {REPORT['data_sha256']}" in shown
    assert shown.endswith("Ranking now: expert\n")
