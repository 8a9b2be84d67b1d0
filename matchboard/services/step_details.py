"""What a placement step may bring with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from matchboard.domain.client import ConsentMethod, ConsentScope
from matchboard.domain.placement import PlacementReason


@dataclass(frozen=True, slots=True)
class StepDetails:
    """Details of a step; each step reads what it needs and ignores the rest."""

    reason: PlacementReason | None = None
    note: str = ""
    scope: ConsentScope | None = None
    method: ConsentMethod | None = None
    interview_at: datetime | None = None
    interview_place: str = ""
    start_on: date | None = None
    wage_cny_month: int | None = None
    #: The question about a wage unlike what was advertised was answered with yes.
    wage_confirmed: bool = False
    ended_on: date | None = None
