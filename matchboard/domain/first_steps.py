"""What has to be there before a role's daily work can begin, in order; data for every first page.

A step is done once its figure is above zero. The list disappears when all its steps are done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matchboard.domain.roles import Role


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step: the figure that shows it done, where it is done, and what waits there already."""

    name: str
    figure: str
    path: str
    waiting: str = ""
    waiting_path: str = ""


_PARTNERS = FirstStep(
    "partners", "n_partners", "/partners/new", "n_partners_pending", "/partners?state=pending"
)
_OPENINGS = FirstStep(
    "openings", "n_openings", "/vacancies/new", "n_openings_in_review", "/vacancies?state=in_review"
)
STEPS: dict[Role, tuple[FirstStep, ...]] = {
    Role.SYSTEM_ADMIN: (
        FirstStep("units", "n_offices", "/admin/units/new"),
        FirstStep("district_account", "n_district_accounts", "/admin/accounts/new"),
        FirstStep("officer_accounts", "n_officer_accounts", "/admin/accounts/new"),
    ),
    Role.SECURITY_ADMIN: (
        FirstStep(
            "confirm_accounts",
            "n_ready_accounts",
            "",
            "n_unconfirmed",
            "/admin/confirmations",
        ),
    ),
    Role.DISTRICT: (
        _PARTNERS,
        _OPENINGS,
        FirstStep("people", "n_people", "/clients/new"),
    ),
    Role.OFFICER: (
        FirstStep("register", "n_people", "/clients/new"),
        FirstStep("restricted", "n_verified", "", "n_people", "/clients"),
        FirstStep("openings_there", "n_openings", ""),
        FirstStep("proposal", "n_proposals", "", "n_verified", "/clients"),
    ),
    Role.ENTERPRISE: (
        FirstStep("profile", "n_profiles", "/partner/profile"),
        FirstStep("own_opening", "n_own_openings", "/partner/vacancies/new"),
    ),
    Role.COORDINATOR: (
        FirstStep("course", "n_courses", "/training/courses/new"),
        FirstStep("session", "n_sessions", "", "n_courses", "/training/courses"),
    ),
}


@dataclass(frozen=True, slots=True)
class StepState:
    """A step as it stands; `path` is where it goes on, empty while another one comes first."""

    step: FirstStep
    is_done: bool
    n_waiting: int
    path: str


def states(role: Role, figures: Mapping[str, int]) -> tuple[StepState, ...]:
    """Return the role's steps as they stand; none once all are done."""
    steps = STEPS.get(role, ())
    found = tuple(_state(step, figures) for step in steps)
    return () if all(one.is_done for one in found) else found


def figures_of(role: Role) -> tuple[str, ...]:
    """Return the names of the figures the role's steps ask for."""
    names = (name for step in STEPS.get(role, ()) for name in (step.figure, step.waiting))
    return tuple(sorted({name for name in names if name}))


def _state(step: FirstStep, figures: Mapping[str, int]) -> StepState:
    is_done = figures[step.figure] > 0
    n_waiting = figures[step.waiting] if step.waiting else 0
    path = step.waiting_path if n_waiting else step.path
    return StepState(step, is_done, n_waiting, "" if is_done else path)
