"""A person's ranked openings, compared openings, and an opening's candidates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.roles import Permission, is_granted
from matchboard.labels.matching import GATES, MODELS, contrast_text
from matchboard.ranking import candidates, courses, shortlist
from matchboard.ranking.shortlist import MatchRow
from matchboard.services import clients, policies, restricted, vacancies
from matchboard.services.listing import slice_page
from matchboard.web import looks
from matchboard.web.client_header import client_header
from matchboard.web.context import actor, now, today
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.match_cards import (
    candidate_reasons,
    match_card,
    miss_step,
    missing_fields,
)
from matchboard.web.responses import is_swap, page_or_partial

bp = Blueprint("matches", __name__)

SORTS = ("fit", "distance", "wage", "newest")
PAGE_SIZE = 10


@bp.get("/clients/<pid>/matches")
@requires(Permission.MATCH_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show the openings that fit a person, with reasons and what stands in the way of others."""
    client = clients.get_client(pid, actor=actor())
    state = ListState.from_args((), sorts=SORTS)
    found = shortlist.matches_for(client, actor=actor(), now=now())
    ordered = _sorted(found.rows, state.sort)
    page = slice_page(ordered, number=state.page, size=PAGE_SIZE)
    why = _why_above(client, page.items) if state.sort == "fit" else {}
    # From the top, so that a place in the log is the place in the list.
    seen = ordered[: page.last]
    shortlist.log_shown(client, seen, model=found.model, actor=actor(), now=now())
    limit = client.max_commute_km or policies.current(actor(), on=today()).assumed_commute_km
    may_propose = is_granted(actor().role, Permission.PLACEMENT_PROPOSE)
    return page_or_partial(
        "matches/page.html",
        "matches/_list.html",
        client=client,
        header=None if is_swap() else client_header(client),
        state=state,
        page=page,
        cards=[
            match_card(
                row,
                client=client,
                commute_limit_km=limit,
                why_above=why.get(row.vacancy.pid, ""),
                may_propose=may_propose,
                is_record_verified=found.is_record_verified,
            )
            for row in page.items
        ],
        found=found,
        access=restricted.access_of(client, actor=actor(), now=now()),
        opens=None if found.is_record_verified else restricted.openers_of(client),
        model_words=str(MODELS.get(found.model.split("-")[0], found.model)),
        missing=missing_fields(found.missing, client.pid),
        assumed=missing_fields(found.assumed, client.pid),
        misses=[(row, str(GATES[row.gate]), miss_step(row, client.pid)) for row in found.misses],
        opening_courses=courses.courses_for(client, actor=actor(), now=now(), limit=3),
    )


@bp.get("/clients/<pid>/matches/compare")
@requires(Permission.MATCH_READ)
def compare(pid: str) -> ResponseReturnValue:
    """Show two or three openings side by side for one person."""
    client = clients.get_client(pid, actor=actor())
    found = shortlist.matches_for(client, actor=actor(), now=now())
    chosen = request.args.getlist("v")
    rows = [row for row in found.rows if row.vacancy.pid in chosen][:3]
    pids = [row.vacancy.pid for row in rows]
    why = shortlist.why_above(client, pids, now=now())
    limit = client.max_commute_km or policies.current(actor(), on=today()).assumed_commute_km
    cards = [
        match_card(
            row,
            client=client,
            commute_limit_km=limit,
            why_above=contrast_text(why.get(row.vacancy.pid, ())),
            may_propose=is_granted(actor().role, Permission.PLACEMENT_PROPOSE),
            is_record_verified=found.is_record_verified,
        )
        for row in rows
    ]
    return render_template("matches/compare.html", client=client, cards=cards)


@bp.get("/vacancies/<pid>/candidates")
@requires(Permission.MATCH_READ)
def candidates_of(pid: str) -> ResponseReturnValue:
    """Show which people of the actor's scope fit an opening best."""
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    state = ListState.from_args((), sorts=("fit",))
    found = candidates.candidates_for(vacancy, actor=actor(), now=now())
    page = slice_page(found.rows, number=state.page, size=PAGE_SIZE)
    looks.shown(len(page.items))
    return page_or_partial(
        "matches/candidates.html",
        "matches/_candidates.html",
        vacancy=vacancy,
        state=state,
        page=page,
        found=found,
        model_words=str(MODELS.get(found.model.split("-")[0], found.model)),
        rows=[(row, candidate_reasons(row)) for row in page.items],
    )


def _why_above(client: Any, rows: Sequence[MatchRow]) -> dict[str, str]:
    """Return why each row stands above the next one, in words: for what it has, or by a draw."""
    differences = shortlist.why_above(client, [row.vacancy.pid for row in rows], now=now())
    why = {pid: contrast_text(found) for pid, found in differences.items()}
    for upper, lower in pairwise(rows):
        if upper.rank_by_score > lower.rank_by_score:
            why[upper.vacancy.pid] = gettext("两者分数几乎相同，这次的先后是随机排的")
    return why


def _sorted(rows: tuple[MatchRow, ...], sort: str) -> list[MatchRow]:
    """Return the rows in another order; unknown values come last."""

    def key(row: MatchRow) -> tuple[Any, ...]:
        vacancy = row.vacancy
        match sort:
            case "distance":
                return (row.distance_km is None, row.distance_km or 0.0, row.rank)
            case "wage":
                wage = vacancy.wage_max_cny_month or vacancy.wage_min_cny_month
                return (wage is None, -(wage or 0), row.rank)
            case "newest":
                opened = vacancy.open_on or date.min
                return (-opened.toordinal(), row.rank)
        return (row.rank,)

    return sorted(rows, key=key)
