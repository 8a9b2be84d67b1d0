"""Units and partner enterprises: kinds and vetting states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchboard.domain.roles import Role


class UnitKind(StrEnum):
    """An organisation unit is the row scope of its accounts."""

    DISTRICT = "district"
    JUSTICE_OFFICE = "justice_office"
    PARTNER = "partner"
    PROVIDER = "provider"


#: Which kind of unit an account of each role belongs to.
UNIT_OF_ROLE: dict[Role, UnitKind] = {
    Role.DISTRICT: UnitKind.DISTRICT,
    Role.OFFICER: UnitKind.JUSTICE_OFFICE,
    Role.ENTERPRISE: UnitKind.PARTNER,
    Role.COORDINATOR: UnitKind.PROVIDER,
}


class PartnerState(StrEnum):
    """Vetting of a partner enterprise."""

    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"


class BaseKind(StrEnum):
    """Recognised settlement bases (安置基地); who is hired there counts as settled at a base."""

    CERTIFIED_ENTERPRISE = "certified_enterprise"
    GOVERNMENT = "government"


@dataclass(frozen=True, slots=True)
class PartnerStep:
    """One move of the vetting state."""

    name: str
    sources: frozenset[PartnerState]
    target: PartnerState
    needs_reason: bool = False


PARTNER_STEPS: dict[str, PartnerStep] = {
    step.name: step
    for step in (
        PartnerStep("vet", frozenset({PartnerState.PENDING}), PartnerState.ACTIVE),
        PartnerStep("reject", frozenset({PartnerState.PENDING}), PartnerState.REJECTED, True),
        PartnerStep("suspend", frozenset({PartnerState.ACTIVE}), PartnerState.SUSPENDED, True),
        PartnerStep(
            "reinstate",
            frozenset({PartnerState.SUSPENDED, PartnerState.REJECTED}),
            PartnerState.ACTIVE,
        ),
    )
}
