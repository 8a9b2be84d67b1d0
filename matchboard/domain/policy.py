"""What districts decide differently; rows of `PolicyRuleSet` hold it, effective-dated."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from matchboard.domain.errors import Faults, InvalidInput


@dataclass(frozen=True, slots=True)
class Policy:
    """One district's rules in force; the defaults are the demo district's (DOMAIN.md)."""

    registration_days: int = 15
    support_years: int = 5
    vacancy_validity_days: int = 90
    partner_reverification_months: int = 6
    referral_expiry_days: int = 14
    reminder_first_days: int = 3
    reminder_second_days: int = 7
    assumed_commute_km: int = 30
    lodging_reach_km: int = 150
    placement_target_percent: int = 90
    shuffled_lists_percent: int = 5  # 0 switches `domain.tie_breaks` off
    personal_link_days: int = 730


#: Lowest and highest value each rule may take.
BOUNDS: dict[str, tuple[int, int]] = {
    "registration_days": (1, 60),
    "support_years": (1, 10),
    "vacancy_validity_days": (7, 365),
    "partner_reverification_months": (1, 24),
    "referral_expiry_days": (3, 60),
    "reminder_first_days": (1, 30),
    "reminder_second_days": (2, 59),
    "assumed_commute_km": (1, 100),
    "lodging_reach_km": (1, 3000),
    "placement_target_percent": (1, 100),
    "shuffled_lists_percent": (0, 10),
    "personal_link_days": (30, 3650),
}


def from_rules(rules: dict[str, Any]) -> Policy:
    """Return the policy of stored rules; absent ones keep the default.

    Raises
    ------
    InvalidInput
        If a rule is unknown or outside its bounds, or the reminders are out of order;
        `InvalidFields` for several at once.
    """
    known = {f.name for f in fields(Policy)}
    faults = Faults()
    for name, value in rules.items():
        if name not in known:
            raise InvalidInput("unknown_rule", field=name)
        low, high = BOUNDS[name]
        if not isinstance(value, int) or not low <= value <= high:
            faults.add(InvalidInput("out_of_range", field=name, low=low, high=high))
    policy = Policy(**rules)
    first, second, last = "reminder_first_days", "reminder_second_days", "referral_expiry_days"
    is_ordered = faults.concern(first, second) or policy.reminder_first_days < (
        policy.reminder_second_days
    )
    if not is_ordered:
        faults.add(InvalidInput("reminders_out_of_order", field=second))
    is_in_time = faults.concern(second, last) or policy.reminder_second_days < (
        policy.referral_expiry_days
    )
    if not is_in_time:
        faults.add(InvalidInput("reminder_after_expiry", field=second))
    faults.refuse()
    return policy


def to_rules(policy: Policy) -> dict[str, Any]:
    """Return the rules as stored."""
    return asdict(policy)
