"""What every command does before its own work."""

from __future__ import annotations

import pytest

from tests.integration.cli.commands import invoke


@pytest.mark.usefixtures("instance")
@pytest.mark.parametrize("command", ["upgrade", "serve", "tick"])
def test_command_says_which_settings_are_missing_when_they_are(command: str) -> None:
    result = invoke(command)
    assert result.exit_code == 1
    assert "MATCHBOARD_SECRET_KEY" in result.output
    assert "Traceback" not in result.output
