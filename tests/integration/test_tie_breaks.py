"""Lists whose near-ties were drawn: what is shown, what is kept, and what a proposal takes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from matchboard.domain.calendar import BEIJING
from matchboard.domain.tie_breaks import Drawn, Standing, break_ties, near_ties
from matchboard.extensions import db
from matchboard.models import Placement, PolicyRuleSet, ShownList
from matchboard.ranking import shortlist
from matchboard.ranking.outcomes import read_outcomes
from matchboard.services.placement_history import shown_to
from matchboard.services.placements import Shown
from ml import explain
from ml.reasons import Band
from tests.client import Page, QualityClient, words
from tests.conftest import Clock
from tests.factories import VacancyFactory
from tests.integration.placement_paths import Case, a_case
from tests.sql import watch_sql

pytestmark = pytest.mark.usefixtures("app", "on_one_database")

NOTE = {
    "zh": "分数几乎相同的岗位，偶尔会调换先后",
    "en": "Openings with nearly the same score now and then change places",
}
N_OPENINGS = 7


@pytest.fixture
def case(app: Any) -> Case:
    """Return a person to whom seven openings are all the same."""
    case = a_case(headcount=5)
    for _ in range(N_OPENINGS - 1):
        VacancyFactory(headcount=5)
    return case


def moved(standings: Sequence[Standing], *, seed: str, percent: int) -> tuple[Drawn, ...]:
    """Draw as if every list were drawn, until the last of the first near-ties has moved."""
    n_first = len(next(near_ties(standings), []))
    for attempt in range(100):
        drawn = break_ties(standings, seed=f"{seed}{attempt}", percent=100)
        if n_first < 2 or drawn[n_first - 1].rank_by_score != n_first:
            return drawn
    raise AssertionError


@pytest.fixture
def shuffled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortlist, "break_ties", moved)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Return a list that fills with the seed and the percentage of each draw."""
    seen: list[tuple[str, int]] = []

    def note(standings: Sequence[Standing], *, seed: str, percent: int) -> tuple[Drawn, ...]:
        seen.append((seed, percent))
        return break_ties(standings, seed=seed, percent=percent)

    monkeypatch.setattr(shortlist, "break_ties", note)
    return seen


def matches_of(case: Case) -> str:
    return f"/clients/{case.person.pid}/matches"


def pids_on(page: Page) -> list[str]:
    return [str(card["id"]).removeprefix("match-") for card in page.all(".match-card")]


def ranks_on(page: Page) -> list[int]:
    return [int(words(e)) for e in page.all(".match-number [aria-hidden]")]


def last_list() -> ShownList:
    return db.session.scalars(db.select(ShownList).order_by(ShownList.id.desc()).limit(1)).one()


def switch(case: Case, percent: int) -> None:
    unit = case.officer.unit
    assert unit is not None
    db.session.add(
        PolicyRuleSet(
            unit_id=unit.parent_id,
            effective_from=date(2026, 1, 1),
            rules={"shuffled_lists_percent": percent},
            created_at=case.person.created_at,
        )
    )


# --- What is shown --------------------------------------------------------------------------------


@pytest.mark.usefixtures("shuffled")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_says_so_when_its_list_was_shuffled(
    language: str, client: QualityClient, case: Case
) -> None:
    client.sign_in(case.officer)
    client.set_language(language)
    page = client.get_page(matches_of(case))
    assert page.has_text(NOTE[language])
    assert ranks_on(page) == list(range(1, N_OPENINGS + 1))


def test_page_says_nothing_when_its_list_was_not_shuffled(
    client: QualityClient, case: Case
) -> None:
    switch(case, 0)
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    assert not page.has_text(NOTE["zh"])
    assert pids_on(page) == sorted(pids_on(page))
    assert last_list().propensities == [1.0] * N_OPENINGS


@pytest.mark.usefixtures("shuffled")
def test_card_names_the_draw_where_the_draw_put_it_first(client: QualityClient, case: Case) -> None:
    client.sign_in(case.officer)
    page = client.get_page(matches_of(case))
    for upper, lower in zip(page.all(".match-card"), page.all(".match-card")[1:], strict=False):
        is_drawn = "这次的先后是随机排的" in words(upper)
        # Equal scores are ranked by id, so an id before a smaller one was drawn there.
        assert is_drawn == (str(upper["id"]) > str(lower["id"]))


@pytest.mark.usefixtures("shuffled")
def test_every_page_shows_the_order_of_the_list(client: QualityClient, case: Case) -> None:
    client.sign_in(case.officer)
    shown = pids_on(client.get_page(matches_of(case)))
    assert pids_on(client.get_page(matches_of(case))) == shown
    assert last_list().vacancy_pids == shown
    third, first = shown[2], shown[0]
    compared = client.get_page(f"{matches_of(case)}/compare?v={third}&v={first}")
    rows = [words(row).split() for row in compared.all(".compare-table tbody tr")]
    assert ["名次", "1", "3"] in rows


def test_list_costs_the_same_statements_when_it_is_drawn(
    client: QualityClient, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(case.officer)
    counts = []
    for draw in (lambda found, *, seed, percent: break_ties(found, seed=seed, percent=0), moved):
        monkeypatch.setattr(shortlist, "break_ties", draw)
        client.get_page(matches_of(case))
        with watch_sql() as seen:
            client.get_page(matches_of(case))
        counts.append(len(seen))
    assert counts[0] == counts[1]


# --- What is drawn from ---------------------------------------------------------------------------


def test_one_list_in_twenty_is_drawn_unless_the_district_says_otherwise(
    client: QualityClient, case: Case, asked: list[tuple[str, int]]
) -> None:
    client.sign_in(case.officer)
    client.get_page(matches_of(case))
    switch(case, 0)
    client.get_page(matches_of(case))
    assert [percent for _, percent in asked] == [5, 0]


def test_seed_is_of_the_person_the_day_and_the_installation(
    app: Any, clock: Clock, case: Case, asked: list[tuple[str, int]]
) -> None:
    def seed(person: Any) -> str:
        shortlist.matches_for(person, actor=case.officer.actor, now=clock.now)
        return asked[-1][0]

    first = seed(case.person)
    clock.move(hours=16.5)  # 23:00 of the same day in Beijing
    assert seed(case.person) == first
    seeds = {first, seed(a_case().person)}
    clock.move(hours=2)
    seeds.add(seed(case.person))
    clock.move(hours=-2)
    app.config["LOOKUP_KEY"] = "another-installation"
    seeds.add(seed(case.person))
    assert len(seeds) == 4


def test_seed_is_of_the_model() -> None:
    person, day = a_case().person, date(2026, 11, 24)
    assert shortlist._seed(person, day, "expert-1") != shortlist._seed(person, day, "map-1")


# --- What is kept ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("shuffled")
@pytest.mark.parametrize("sort", ["fit", "wage"])
def test_proposal_takes_the_chance_of_the_rank_it_was_shown_at(
    sort: str, client: QualityClient, case: Case
) -> None:
    far_and_paid = case.vacancy
    far_and_paid.lat, far_and_paid.wage_max_cny_month = (far_and_paid.lat or 0) + 0.2, 9500
    client.sign_in(case.officer)
    page = client.get_page(f"{matches_of(case)}?sort={sort}")
    kept = last_list()
    assert kept.ranks == ranks_on(page)
    # It stands alone behind six near-ties, in whatever order the page is sorted.
    chances = dict(zip(kept.vacancy_pids, kept.propensities, strict=True))
    assert chances.pop(far_and_paid.pid) == 1.0
    assert list(chances.values()) == pytest.approx([1 / 6] * 6)
    second = kept.vacancy_pids[1]
    client.send(page.form(f"form[action$='/propose/{second}']"), status=303, follow=False)
    placed = db.session.scalars(db.select(Placement)).one()
    assert placed.propensity == kept.propensities[1] == pytest.approx(1 / 6)
    (handed_on,) = read_outcomes(today=date(2026, 11, 25)).placements.propensity
    assert handed_on == placed.propensity


def test_proposal_has_no_chance_when_no_list_was_seen(client: QualityClient, case: Case) -> None:
    client.sign_in(case.officer)
    path = f"/clients/{case.person.pid}/propose/{case.vacancy.pid}"
    client.submit(path, form="#propose", status=303, follow=False)
    placed = db.session.scalars(db.select(Placement)).one()
    assert (placed.shown_position, placed.propensity) == (None, None)


def test_list_of_another_day_says_nothing_of_a_proposal(
    client: QualityClient, case: Case, clock: Clock
) -> None:
    client.sign_in(case.officer)
    client.get_page(matches_of(case))
    clock.set(datetime(2026, 11, 24, 23, 59, tzinfo=BEIJING))
    assert _shown(case, clock) is not None
    clock.move(minutes=1)
    assert _shown(case, clock) is None


def _shown(case: Case, clock: Clock) -> Shown | None:
    return shown_to(case.person, case.vacancy, actor=case.officer.actor, on=clock.today)


@pytest.mark.usefixtures("shuffled")
def test_reason_is_asked_by_the_rank_shown_not_by_the_score(
    client: QualityClient, case: Case
) -> None:
    client.sign_in(case.officer)
    shown = pids_on(client.get_page(matches_of(case)))
    last_by_score, last_shown = max(shown), shown[-1]
    assert last_by_score != last_shown
    asks = {
        pid: client.get_page(f"/clients/{case.person.pid}/propose/{pid}").all(
            "[name=override_reason]"
        )
        != []
        for pid in shown
    }
    assert [asks[pid] for pid in shown] == [False] * 5 + [True] * 2


def test_bands_and_unknown_places_are_never_crossed_when_every_list_is_drawn(
    case: Case, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries within one per cent, of two bands and two kinds of place, keep to their own kind."""
    kinds: dict[str, tuple[str, float | None]] = {}
    ranked = explain.shortlist

    def mixed(*arguments: Any, **options: Any) -> Any:
        found = ranked(*arguments, **options)
        bands = (Band.GOOD, Band.GOOD, Band.FAIR, Band.FAIR, Band.FAIR, Band.FAIR, Band.FAIR)
        entries = tuple(
            replace(entry, band=band, score=0.4, distance_km=None if n > 4 else 1.0)
            for n, (entry, band) in enumerate(zip(found.entries, bands, strict=True))
        )
        kinds.update({e.vacancy_id: (e.band.value, e.distance_km) for e in entries})
        return replace(found, entries=entries)

    monkeypatch.setattr(explain, "shortlist", mixed)
    has_moved = False
    for seed in range(20):
        monkeypatch.setattr(
            shortlist,
            "break_ties",
            lambda standings, drawn=str(seed), **_: break_ties(standings, seed=drawn, percent=100),
        )
        rows = shortlist.matches_for(case.person, actor=case.officer.actor, now=clock.now).rows
        has_moved |= any(row.rank != row.rank_by_score for row in rows)
        in_order = [kinds[row.vacancy.pid] for row in rows]
        assert in_order == sorted(in_order, key=[*kinds.values()].index)
    assert has_moved
