"""What every page of a person shows on top: who, where on the way, what is due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from matchboard.domain.client import Stage
from matchboard.domain.client_file import RegistrationStatus
from matchboard.domain.duties import Duty
from matchboard.labels import label
from matchboard.services import clients
from matchboard.web.context import actor, now, today


@dataclass(frozen=True, slots=True)
class ClientHeader:
    """Values of `clients/_header.html`."""

    steps: list[dict[str, str]]
    duty: Duty | None
    registration: RegistrationStatus
    today: date

    @property
    def is_overdue(self) -> bool:
        """Whether the next duty should have been done by now."""
        return self.duty is not None and self.duty.due_on < self.today


def client_header(client: Any) -> ClientHeader:
    """Return the header of a client for the present actor."""
    return ClientHeader(
        steps=_steps(client),
        duty=clients.next_duty(client, actor=actor(), now=now()),
        registration=clients.registration_of(client, on=today()),
        today=today(),
    )


def _steps(client: Any) -> list[dict[str, str]]:
    stages = list(Stage)
    reached = stages.index(client.stage) if client.stage in stages else -1
    days = {
        Stage.PRE_RELEASE: client.released_on,
        Stage.IN_SUPPORT: client.registered_on,
    }
    return [
        {
            "label": label(stage),
            "state": "done" if i < reached else "current" if i == reached else "todo",
            "when": days[stage].isoformat() if days.get(stage) else "",
        }
        for i, stage in enumerate(stages)
    ]
