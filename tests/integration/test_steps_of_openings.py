"""A step the opening's state leaves impossible is offered nowhere, and nowhere accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from matchboard.domain.client import ConsentScope
from matchboard.domain.duties import DutyKind
from matchboard.domain.errors import Conflict, HeadcountExhausted
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState, available
from matchboard.domain.roles import Role
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.services import consents, duties, personal_links, vacancy_places
from tests.client import QualityClient, words
from tests.conftest import Clock
from tests.factories import TODAY, UserFactory, VacancyFactory
from tests.integration.placement_paths import Case, a_case, brought_to, propose, take

pytestmark = pytest.mark.usefixtures("on_one_database", "app")
S, V = PlacementState, VacancyState

#: How an opening may stand → what of it has changed since the placement got to its state.
OPENINGS: dict[str, dict[str, Any]] = {
    "open": {},
    "last-day": {"close_on": TODAY},
    "past-its-day": {"close_on": TODAY - timedelta(days=1)},
    "full": {"n_filled": None},
    **{
        state.value: {"state": state}
        for state in (V.DRAFT, V.IN_REVIEW, V.PAUSED, V.FILLED, V.CLOSED, V.EXPIRED)
    },
}
RECRUITS = {"open", "last-day", "full"}
#: Where the card has not gone out, these steps wait for an opening that recruits.
WAITS = {"consent", "send"}


def changed(case: Case, opening: str) -> None:
    """Let the opening stand like that, whatever it was before."""
    vacancy, taken = case.vacancy, case.vacancy.n_reserved
    vacancy.state, vacancy.close_on, vacancy.n_filled = V.OPEN, None, 0
    for name, value in OPENINGS[opening].items():
        setattr(vacancy, name, vacancy.headcount - taken if name == "n_filled" else value)
    db.session.flush()


def is_possible(step: str, opening: str) -> bool:
    if step in WAITS:
        return opening in RECRUITS
    return step != "offer" or opening != "full"


@pytest.mark.parametrize(
    "state", [S.PROPOSED, S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED], ids=lambda s: s.value
)
def test_officer_is_offered_the_steps_that_succeed_and_no_other(
    state: S, client: QualityClient, clock: Clock
) -> None:
    case = a_case()
    placement = brought_to(state, case, clock)
    steps = {t.name for t in available(state, Role.OFFICER)}
    client.sign_in(case.officer)
    for opening in OPENINGS:
        changed(case, opening)
        page = client.get_page(f"/placements/{placement.pid}")
        offered = {e["id"].removeprefix("step-") for e in page.all(".step-panel")}
        assert offered == {step for step in steps if is_possible(step, opening)}, opening
        assert page.has_text("现在") is bool(steps - offered), opening  # and why, in words
        board = client.get_page("/placements?view=table").links()
        for step in steps:
            url = f"/placements/{placement.pid}?step={step}#step-{step}"
            assert (url in board) is (step in offered), (opening, step)
        for step in sorted(steps - offered):
            with pytest.raises(Conflict) as refusal:
                take(placement, step, case, clock)
            assert refusal.value.code in {"vacancy_not_open", "headcount_exhausted"}
            assert placement.state is state
    # What leads on is taken as soon as the opening stands as it should.
    changed(case, "open")
    onward = {S.PROPOSED: "consent", S.CONSENTED: "send", S.OFFERED: "start"}.get(state, "offer")
    assert take(placement, onward, case, clock).state is not state


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", [S.PROPOSED, S.CONSENTED], ids=lambda s: s.value)
def test_person_and_officer_are_told_when_the_opening_is_paused_or_over(
    state: S, language: str, client: QualityClient, clock: Clock
) -> None:
    case = a_case()
    placement = propose(case, clock)
    if state is S.CONSENTED:
        take(placement, "consent", case, clock, scope=ConsentScope.CARD)
    _, token = personal_links.create_link(case.person, actor=case.officer.actor, now=clock.now)
    told = {"zh": "不招人", "en": "not recruiting"}[language]
    step, wider = f"consent-{placement.pid}", f"widen-{placement.pid}"
    asked = step if state is S.PROPOSED else wider
    client.set_language(language)
    own = client.get_page(f"/me/{token}")
    assert not own.has_text(told)
    assert own.by_id(asked)
    case.vacancy.state = V.PAUSED
    own = client.get_page(f"/me/{token}")
    assert own.has_text(told)
    assert not own.all(f"#{step}, #{wider}")
    assert own.by_id(f"decline-{placement.pid}")  # "no" can be said all the same
    with pytest.raises(Conflict, match="vacancy_not_open"):
        consents.give(
            placement,
            ConsentScope.CARD_AND_CONTACT,
            actor=case.actors[Role.CLIENT],
            now=clock.now,
        )
    later, over = {
        "zh": ("恢复招聘以后", "已经不招人了"),
        "en": ("recruits again", "no longer on offer"),
    }[language]
    assert own.has_text(later)
    assert not own.has_text(over)
    case.vacancy.state = V.CLOSED
    own = client.get_page(f"/me/{token}")
    assert own.has_text(over)
    assert not own.has_text(later)
    case.vacancy.state = V.PAUSED
    client.sign_in(case.officer)
    client.set_language(language)
    assert client.get_page(f"/placements/{placement.pid}").has_text(
        {"zh": "没有开放：已暂停", "en": "not open: Paused"}[language]
    )
    row = client.get_page("/today").one(".duty")
    assert {"zh": "没有开放：已暂停", "en": "not open: Paused"}[language] in words(row)
    assert row.select_one(".duty-verb a")["href"].endswith("?step=withdraw#step-withdraw")


@pytest.mark.parametrize(
    ("state", "change", "kind"),
    [
        (S.PROPOSED, {}, DutyKind.ASK_CONSENT),
        (S.CONSENTED, {}, DutyKind.SEND_REFERRAL),
        (S.PROPOSED, {"state": V.PAUSED}, DutyKind.OPENING_HELD),
        (S.CONSENTED, {"state": V.CLOSED}, DutyKind.OPENING_HELD),
        (S.CONSENTED, {"partner": {"state": PartnerState.SUSPENDED}}, DutyKind.OPENING_HELD),
        (S.CONSENTED, {"partner": {"agreement_signed_on": None}}, DutyKind.OPENING_HELD),
        # Sent while it recruited: the employer's word is still awaited.
        (S.SENT, {"state": V.PAUSED}, DutyKind.CHASE_EMPLOYER),
        (S.OFFERED, {"state": V.CLOSED}, DutyKind.CONFIRM_START),
    ],
)
def test_duty_is_one_that_can_be_done_however_the_opening_stands(
    state: S, change: dict[str, Any], kind: DutyKind, clock: Clock
) -> None:
    case = a_case()
    brought_to(state, case, clock)
    for name, value in {**change.get("partner", {})}.items():
        setattr(case.vacancy.partner, name, value)
    if "state" in change:
        case.vacancy.state = change["state"]
    until = clock.today + timedelta(days=30)
    (duty,) = duties.list_duties(actor=case.officer.actor, now=clock.now, until=until)
    assert (duty.kind, duty.held is None) == (kind, kind is not DutyKind.OPENING_HELD)


def test_employer_is_told_instead_of_offered_an_offer_when_full(
    client: QualityClient, clock: Clock
) -> None:
    case = a_case(headcount=1)
    placement = brought_to(S.SENT, case, clock)
    client.sign_in(case.employer)
    path = f"/partner/referrals/{placement.pid}"
    assert client.get_page(path).by_id("step-offer")
    case.vacancy.n_reserved = 1
    page = client.get_page(path)
    assert not page.all("#step-offer")
    assert page.by_id("step-refuse")
    assert page.has_text("名额已经全部占用")


def test_proposal_is_not_offered_when_the_opening_is_paused(
    client: QualityClient, clock: Clock
) -> None:
    case = a_case()
    path = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    client.sign_in(UserFactory(role=Role.OFFICER, unit=case.officer.unit))
    assert client.get_page(path).all("form#propose")
    case.vacancy.state = V.PAUSED
    page = client.get_page(path)
    assert not page.all("form#propose")
    assert page.has_text("没有开放：已暂停")


def test_place_is_held_once_when_only_one_is_free() -> None:
    """Whoever passed the table's look at the same time: the row itself decides."""
    vacancy = VacancyFactory(headcount=1)
    vacancy_places.reserve(vacancy.id)
    with pytest.raises(HeadcountExhausted) as refused:
        vacancy_places.reserve(vacancy.id)
    assert refused.value.code == "headcount_exhausted"
    db.session.refresh(vacancy)
    assert (vacancy.n_reserved, vacancy.n_places_left) == (1, 0)
