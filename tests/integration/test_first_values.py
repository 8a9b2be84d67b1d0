"""What stands in a form when it is first shown is nothing the same form refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.services import policies
from tests.client import QualityClient
from tests.conftest import Clock
from tests.factories import TODAY
from tests.integration.placement_paths import a_case, brought_to

pytestmark = pytest.mark.usefixtures("on_one_database", "app")
S = PlacementState


@pytest.mark.parametrize("days", [-1, 0, 1])
@pytest.mark.parametrize("door", ["employer", "officer"])
@pytest.mark.parametrize(("step", "after"), [("start", S.STARTED), ("amend", S.OFFERED)])
def test_agreed_day_stands_in_a_form_only_if_the_step_takes_it_when_opened(
    step: str, after: S, door: str, days: int, client: QualityClient, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.OFFERED, case, clock)
    placement.offered_start_on = TODAY + timedelta(days=days)
    placement.sent_at = clock.now - timedelta(days=3)
    client.sign_in(getattr(case, door))
    path = {"employer": "/partner/referrals/", "officer": "/placements/"}[door] + placement.pid
    form = client.get_page(path).form(f"form[action='{path}/{step}']")
    first = {name.rpartition("-")[2]: (name, value[0]) for name, value in form.values().items()}
    assert first["start_on"][1] == str(
        {"start": min(placement.offered_start_on, TODAY), "amend": placement.offered_start_on}[step]
        if (step, days) != ("amend", -1)
        else ""
    )
    typed: dict[str, Any] = {} if first["start_on"][1] else {first["start_on"][0]: str(TODAY)}
    if step == "amend":
        typed[first["wage_cny_month"][0]] = "4900"
        typed[first["note"][0]] = "王经理来电"
    client.send(form, typed)
    assert placement.state is after
    if step == "amend":
        assert placement.wage_cny_month == 4900


@pytest.mark.parametrize(("advertised", "first"), [(4500, "4500"), (1500, "")])
def test_advertised_wage_stands_in_an_offer_only_if_it_is_lawful_when_opened(
    advertised: int, first: str, client: QualityClient, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(S.SENT, case, clock)
    case.vacancy.wage_min_cny_month = advertised
    client.sign_in(case.employer)
    page = client.get_page(f"/partner/referrals/{placement.pid}")
    assert page.by_id("offer-wage_cny_month").get("value", "") == first


def test_new_rules_begin_on_a_day_without_rules_when_todays_are_there(
    client: QualityClient, clock: Clock
) -> None:
    user = client.sign_in(Role.DISTRICT)
    today = policies.current(user.actor, on=TODAY)
    policies.add_rule_set(today, effective_from=TODAY, actor=user.actor, now=clock.now)
    changed = {"registration_days": "16"}
    client.submit("/policies/new", changed, form="form:has([name='effective_from'])")
    days = [row.effective_from for row in policies.list_rule_sets(actor=user.actor)]
    assert days == [TODAY + timedelta(days=1), TODAY]
