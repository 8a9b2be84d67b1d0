"""The truth of the simulated worlds: its limit cases, its past, and what can be known of it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from ml.schema import Placements
from ml.simulation import WORLDS, Simulated, simulate
from ml.simulation.files import PLACEMENTS
from ml.simulation.history import Officers, Proposal
from ml.simulation.oracle import (
    GRID,
    FeasibleOracle,
    employer_beliefs,
    level_posterior,
    redraw_people,
)
from ml.simulation.records import BARE, UNTOLD, level_channel
from ml.simulation.truth import (
    Facts,
    Law,
    days_worked,
    exposure,
    facts_of,
    logistic,
    retained,
)
from ml.simulation.words import Writer
from ml.simulation.worlds import CLEAN

REALISTIC = [name for name in WORLDS if name != "logit_linear"]
ROWS = np.arange(120)


def world(name: str, **changes: int) -> Simulated:
    sizes = {"n_clients": 120, "n_vacancies": 90, "n_history": 300, "seed": 4} | changes
    return simulate(name, **sizes)


@pytest.fixture(scope="module")
def drawn() -> Simulated:
    return world("interaction_heavy")


@pytest.fixture(scope="module")
def drifting() -> Simulated:
    return world("partner_drift", n_vacancies=240, n_history=900)


def plain_facts(**changes: float) -> Facts:
    values = {field.name: np.array([0.5]) for field in fields(Facts)}
    return Facts(**(values | {name: np.array([value]) for name, value in changes.items()}))


@pytest.mark.parametrize("name", sorted(WORLDS))
@pytest.mark.parametrize(
    ("fact", "sign"),
    [("cover", 1), ("experience", 1), ("weakest", 1), ("motivation", 1), ("n_mismatches", -1)],
)
@given(low=st.floats(0, 1), more=st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_hire_moves_with_a_fact_as_sense_demands(
    name: str, fact: str, sign: int, low: float, more: float
) -> None:
    law = Law(WORLDS[name], -1.0, -2.0)
    before = law.log_odds(plain_facts(**{fact: low}), 0.0, 0.0)[0]
    after = law.log_odds(plain_facts(**{fact: low + more}), 0.0, 0.0)[0]
    assert sign * (after - before) >= -1e-9


@pytest.mark.parametrize("name", sorted(WORLDS))
@given(km=st.floats(0, 2), more=st.floats(0, 2), pay=st.floats(-0.6, 0.6))
@settings(max_examples=20, deadline=None)
def test_a_longer_way_never_keeps_anybody_longer(
    name: str, km: float, more: float, pay: float
) -> None:
    law = Law(WORLDS[name], -1.0, -2.0)
    near = law.log_hazard(plain_facts(km=km, pay=pay), 0.0)
    far = law.log_hazard(plain_facts(km=km + more, pay=pay), 0.0)
    assert retained(far)[0] <= retained(near)[0] + 1e-12


@given(log_hazard=st.floats(-6, 2), uniform=st.floats(0.001, 0.999))
def test_days_worked_are_where_the_survival_curve_meets_the_draw(
    log_hazard: float, uniform: float
) -> None:
    days = days_worked(np.array([log_hazard]), np.array([uniform]))
    assert np.isclose(np.exp(-np.exp(log_hazard) * exposure(days)[0]), uniform, rtol=1e-6)


def test_days_worked_agree_with_the_chance_of_being_retained() -> None:
    rng = np.random.default_rng(1)
    hazard = np.full(40_000, -2.3)
    share = float((days_worked(hazard, rng.random(40_000)) >= 180).mean())
    assert abs(share - retained(hazard[:1])[0]) < 0.01


def test_logistic_has_no_overflow() -> None:
    assert logistic(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]


def test_a_biased_employer_hires_the_second_group_less() -> None:
    law = Law(WORLDS["biased_employer"], -1.0, -2.0)
    facts = plain_facts()
    assert law.log_odds(facts, 0.0, 1.0)[0] < law.log_odds(facts, 0.0, 0.0)[0] - 1


def test_facts_of_single_pairs_equal_those_of_the_block(drawn: Simulated) -> None:
    i, j = np.array([3, 50, 119]), np.array([0, 44, 89])
    parts = (drawn.stage, drawn.people, drawn.openings)
    single = facts_of(*parts, i, j)
    block = facts_of(*parts, ROWS[:, None], np.arange(90)[None, :])
    for field in fields(Facts):
        whole = np.broadcast_to(getattr(block, field.name), (120, 90))
        assert np.allclose(getattr(single, field.name), whole[i, j])


def test_a_person_without_skills_covers_nothing(drawn: Simulated) -> None:
    nobody = replace(drawn.people, level=np.zeros_like(drawn.people.level))
    facts = facts_of(drawn.stage, nobody, drawn.openings, ROWS[:, None], np.arange(90)[None, :])
    assert facts.cover.max() == facts.weakest.max() == facts.surplus.max() == 0.0


def test_a_master_of_everything_covers_everything(drawn: Simulated) -> None:
    master = replace(drawn.people, level=np.full_like(drawn.people.level, 5))
    facts = facts_of(drawn.stage, master, drawn.openings, ROWS[:, None], np.arange(90)[None, :])
    assert facts.cover.min() == facts.weakest.min() == 1.0


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_the_past_has_the_hire_rate_of_the_world(name: str) -> None:
    proposals = world(name, n_history=800).proposals
    rate = np.mean([proposal.hired for proposal in proposals if proposal.hired >= 0])
    assert 0.19 <= rate <= 0.31


def test_the_past_has_about_as_many_matured_outcomes_as_asked(drifting: Simulated) -> None:
    assert 850 <= sum(proposal.is_matured for proposal in drifting.proposals) <= 900


def test_the_past_proposes_several_openings_to_a_client_but_none_twice(
    drifting: Simulated,
) -> None:
    pairs = [(proposal.client, proposal.opening) for proposal in drifting.proposals]
    assert len(set(pairs)) == len(pairs)
    assert len(pairs) > 2 * len({client for client, _ in pairs})


def test_the_past_gives_no_place_away_twice(drifting: Simulated) -> None:
    hired = [proposal.opening for proposal in drifting.proposals if proposal.hired == 1]
    n_hired = np.bincount(hired, minlength=len(drifting.past.openings))
    assert (n_hired <= drifting.past.openings.headcount).all()


def test_the_past_proposes_only_what_the_format_allows(drifting: Simulated) -> None:
    for proposal in drifting.proposals[::7]:
        rows, columns = np.array([proposal.client]), np.array([proposal.opening])
        assert drifting.past.constraints.block(rows, columns, proposal.day).all()


def test_the_past_knows_nothing_after_the_present_day(drifting: Simulated) -> None:
    for proposal in drifting.proposals:
        assert proposal.observed_until <= drifting.as_of
        assert max(proposal.started, proposal.ended) <= proposal.observed_until
        assert proposal.ended < 0 or proposal.started < proposal.ended


def test_a_recent_proposal_has_no_outcome_yet(drifting: Simulated) -> None:
    assert any(proposal.hired < 0 for proposal in drifting.proposals)
    assert any(not p.is_matured and p.hired == 1 for p in drifting.proposals)


def test_propensities_of_all_openings_add_up_to_one(drifting: Simulated) -> None:
    officers = Officers(np.random.default_rng(0), drifting.past)
    columns = np.arange(200)
    km = drifting.past.constraints.km(np.array([2]), columns)[0]
    assert np.isclose(officers._chances(2, columns, km).sum(), 1.0)


def test_officers_find_nothing_when_every_place_is_taken(drifting: Simulated) -> None:
    officers = Officers(np.random.default_rng(0), drifting.past)
    assert officers.choose(0, drifting.as_of - 100, set()) is not None
    officers.places[:] = 0
    assert officers.choose(0, drifting.as_of - 100, set()) is None


def test_officers_propose_nothing_a_second_time(drifting: Simulated) -> None:
    officers = Officers(np.random.default_rng(0), drifting.past)
    seen: set[int] = set()
    while (found := officers.choose(0, drifting.as_of - 100, seen)) is not None:
        assert found[0] not in seen
        seen.add(found[0])
    assert seen


def test_placements_have_the_columns_of_the_format(drawn: Simulated) -> None:
    rows = drawn.placement_rows()
    assert tuple(rows[0]) == PLACEMENTS
    assert len(Placements.from_rows(rows)) == len(drawn.proposals)


@pytest.mark.parametrize(
    ("proposal", "expected"),
    [
        (Proposal(0, 0, 10, 0.5), False),
        (Proposal(0, 0, 10, 0.5, hired=0, observed_until=20), True),
        (Proposal(0, 0, 10, 0.5, hired=1, started=20, observed_until=100), False),
        (Proposal(0, 0, 10, 0.5, hired=1, started=20, observed_until=200), True),
        (Proposal(0, 0, 10, 0.5, hired=1, started=20, ended=50, observed_until=60), True),
    ],
    ids=["open", "refused", "watched-too-short", "watched", "left"],
)
def test_a_proposal_is_matured_when_six_months_are_known(
    proposal: Proposal, expected: bool
) -> None:
    assert proposal.is_matured is expected


def test_a_clean_world_blanks_nothing_and_types_no_skills() -> None:
    drawn = world("logit_linear")
    assert drawn.clients.skills.known.all()
    assert all(row["skills_required"] for row in drawn.openings_record.rows)
    assert all(row["lat"] and row["education"] for row in drawn.people_record.rows)


@pytest.mark.parametrize("name", REALISTIC)
def test_a_realistic_world_leaves_five_to_fifteen_per_cent_of_cells_empty(name: str) -> None:
    rows = world(name, n_clients=600).people_record.rows
    cells = ("lat", "education", "max_commute_km", "needs_lodging", "exertion_max")
    share = np.mean([not row[cell] for row in rows for cell in cells])
    assert 0.05 <= share <= 0.15


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_some_employers_of_the_present_have_no_past(name: str) -> None:
    drawn = world(name)
    before = set(drawn.history_vacancies.partner_id)
    share = np.mean([partner not in before for partner in drawn.vacancies.partner_id])
    assert 0.02 < share < 0.5


def test_weekly_arrivals_spread_over_the_weeks() -> None:
    drawn = simulate(
        "logit_linear", n_clients=80, n_vacancies=60, n_history=20, seed=2, arrivals="weekly"
    )
    weeks = (drawn.clients.available_on - drawn.as_of) // 7
    assert weeks.min() == 0
    assert weeks.max() == 11
    assert (drawn.vacancies.open_on > drawn.as_of).any()


@given(seed=st.integers(0, 10_000), word=st.sampled_from(["电焊", "叉车司机", "缝纫机操作工"]))
def test_a_misspelt_word_keeps_most_of_its_characters(seed: int, word: str) -> None:
    spelt = Writer(np.random.default_rng(seed), 1.0)._spelt(word)
    assert abs(len(spelt) - len(word)) <= 1
    assert len(set(spelt) & set(word)) >= len(set(word)) - 1
    assert spelt == word or len(word) > 2


def test_words_are_spelt_right_when_there_are_no_typos() -> None:
    writer = Writer(np.random.default_rng(0), 0.0)
    assert "缝纫工" in writer.title(["缝纫工"])
    assert "缝纫工" in writer.duties(["缝纫工"], [])


def test_level_channel_is_exact_without_noise() -> None:
    assert np.allclose(level_channel(replace(CLEAN, level_sd=0.0)), np.eye(5))


def test_level_posterior_is_a_distribution() -> None:
    noted, untold = level_posterior(WORLDS["interaction_heavy"])
    assert np.allclose(noted[1:].sum(axis=1), 1.0)
    assert np.allclose(untold.sum(axis=2), 1.0)
    assert noted[BARE, 0] == 0.0
    assert untold[0, 0, 0] == 1.0


def test_redrawn_persons_keep_what_is_on_record(drawn: Simulated) -> None:
    rng = np.random.default_rng(3)
    record, people = drawn.people_record, drawn.people
    found = redraw_people(rng, drawn.stage, drawn.world, people, record)
    told = ~record.blank["education"]
    assert (found.education[told] == people.education[told]).all()
    assert (found.education[~told] != people.education[~told]).any()
    assert ((found.level > 0) | (record.skills == UNTOLD)).all()
    assert not np.array_equal(found.motivation, people.motivation)


def test_redrawn_persons_have_the_levels_of_the_true_ones_on_average() -> None:
    drawn = world("interaction_heavy", n_clients=3000, n_history=20)
    rng = np.random.default_rng(3)
    found = redraw_people(rng, drawn.stage, drawn.world, drawn.people, drawn.people_record)
    for state in range(BARE + 1):
        where = drawn.people_record.skills == state
        assert abs(found.level[where].mean() - drawn.people.level[where].mean()) < 0.06
    told = ~drawn.people_record.blank["desired_occupations"]
    shares = [(one.wish == one.stated_wish)[told].mean() for one in (found, drawn.people)]
    assert abs(shares[0] - shares[1]) < 0.04
    shares = [(one.wish == one.trade)[told].mean() for one in (found, drawn.people)]
    assert abs(shares[0] - shares[1]) < 0.04


def test_beliefs_about_employers_follow_the_truth(drifting: Simulated) -> None:
    rng = np.random.default_rng(0)
    hire, leave = employer_beliefs(rng, drifting, 8)
    assert np.allclose(hire.sum(axis=1), 1.0)
    n_known = np.bincount(
        drifting.past.openings.partner[[p.opening for p in drifting.proposals]],
        minlength=len(drifting.partners),
    )
    often = n_known >= 20
    truth = drifting.partners.hire[often, -1]
    assert np.corrcoef((hire @ GRID)[often], truth)[0, 1] > 0.4
    assert leave.shape == hire.shape


def test_belief_is_the_prior_when_an_employer_has_no_past(drifting: Simulated) -> None:
    hire, _ = employer_beliefs(np.random.default_rng(0), drifting, 2)
    mean = hire[-1] @ GRID
    assert abs(mean) < 1e-9
    assert 0.9 < hire[-1] @ GRID**2 <= 1.0


def test_oracle_is_unbiased_and_nearer_to_the_truth_than_its_mean(drawn: Simulated) -> None:
    feasible, truth = drawn.feasible(ROWS), drawn.truth(ROWS).value
    value = FeasibleOracle(drawn, n_draws=16).value(ROWS)
    assert abs(value[feasible].mean() - truth[feasible].mean()) < 0.02
    spread = ((truth[feasible] - truth[feasible].mean()) ** 2).mean()
    assert ((truth[feasible] - value[feasible]) ** 2).mean() < 0.6 * spread


def test_blocks_hold_every_client_once(drawn: Simulated, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.simulation.run.BLOCK_PAIRS", 1000)
    blocks = list(drawn.blocks())
    assert len(blocks) > 1
    assert np.array_equal(np.concatenate(blocks), ROWS)


def test_some_employers_join_during_the_past(drawn: Simulated) -> None:
    openings, start = drawn.past.openings, drawn.past.start
    first: dict[int, int] = {}
    for partner, day in zip(openings.partner.tolist(), openings.opened.tolist(), strict=True):
        first.setdefault(partner, day)  # openings lie in the order of their days
    late = [day for day in first.values() if day > start + 180]
    assert len(late) >= 2
    assert len(late) / len(first) < 2 * drawn.world.new_partners
