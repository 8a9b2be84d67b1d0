"""The public board of openings, its feed and the site map."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.client import EmploymentType
from matchboard.domain.job_trades import JobTrade, trade_of
from matchboard.domain.roles import Permission
from matchboard.domain.vacancy import WAGE_MAX
from matchboard.labels import label, vacancies as words
from matchboard.services import vacancy_board
from matchboard.services.job_absence import PASSING, JobGone
from matchboard.services.vacancy_board import RADII_KM, SORTS, BoardQuery
from matchboard.web import vacancy_words
from matchboard.web.codebooks import DIVISIONS, Unresolved, division_words, skill_words
from matchboard.web.context import now, today
from matchboard.web.first_steps import is_blank
from matchboard.web.guard import requires
from matchboard.web.language import current_language
from matchboard.web.listing import ListState
from matchboard.web.responses import page_or_partial

bp = Blueprint("jobs", __name__)

FILTERS = ("q", "trade", "division", "radius", "wage", "type", "lodging")
WAGES = (3000, 4000, 5000, 6000, 7000, 8000)


@bp.get("/jobs")
@requires(Permission.PUBLIC)
def index() -> ResponseReturnValue:
    """Show the open openings, filtered, sorted, in pages."""
    state = ListState.from_args(FILTERS, sorts=SORTS)
    place_problem = ""
    if state.get("division"):
        try:
            code = DIVISIONS.resolve(state.get("division"))
            state = replace(state, filters={**state.filters, "division": [code]})
        except Unresolved as error:
            place_problem = str(error)
    wanted = board_query(state, has_place=not place_problem)
    sorts = [(name, words.SORTS[name]) for name in SORTS if name != "distance" or wanted.centre]
    if wanted.sort == "distance" and not wanted.centre:
        state, wanted = replace(state, sort=SORTS[0]), replace(wanted, sort=SORTS[0])
    page = vacancy_board.list_jobs(wanted, today=today(), number=state.page)
    is_known = bool(state.get("division")) and not place_problem
    return page_or_partial(
        "jobs/index.html",
        "jobs/_list.html",
        state=state,
        page=page,
        is_blank=is_blank("jobs", page.n_total),
        cards=[vacancy_words.board_card(card) for card in page.items],
        sorts=sorts,
        chips=_chips(state, wanted),
        place_problem=place_problem,
        place_text=division_words(state.get("division")) if is_known else state.get("division"),
        **_choices(current_language()),
    )


@bp.get("/jobs/<pid>")
@requires(Permission.PUBLIC)
def show(pid: str) -> ResponseReturnValue:
    """Show one opening; one that is not on the board any more says why."""
    try:
        vacancy = vacancy_board.get_job(pid, today=today())
    except JobGone as gone:
        is_passing = gone.why in PASSING
        page = render_template("jobs/gone.html", absence=words.ABSENCES[gone.why])
        return page, 404 if is_passing else 410
    return render_template(
        "jobs/show.html",
        vacancy=vacancy,
        trade=trade_of(vacancy.occupation_code),
        words=words,
        say=vacancy_words,
        skill_words=skill_words,
    )


@bp.get("/feeds/jobs.atom")
@requires(Permission.PUBLIC)
def feed() -> ResponseReturnValue:
    """Show the newest openings to feed readers."""
    cards = vacancy_board.newest_jobs(today=today())
    entries = [(card, vacancy_words.board_card(card)) for card in cards]
    return _xml(
        "jobs/feed.xml", "application/atom+xml", entries=entries, updated=now(), base=_base()
    )


@bp.get("/sitemap.xml")
@requires(Permission.PUBLIC)
def sitemap() -> ResponseReturnValue:
    """List the public pages for search engines."""
    jobs = vacancy_board.public_pids(today=today())
    return _xml("jobs/sitemap.xml", "application/xml", jobs=jobs, base=_base())


@bp.get("/robots.txt")
@requires(Permission.PUBLIC)
def robots() -> ResponseReturnValue:
    """Ask search engines to keep to the public pages; personal links are nobody's to list."""
    lines = ("User-agent: *", "Allow: /$", "Allow: /jobs", "Allow: /courses", "Disallow: /")
    text = "\n".join((*lines, f"Sitemap: {_base()}/sitemap.xml", ""))
    response = make_response(text)
    response.mimetype = "text/plain"
    return response


@cache
def _choices(language: str) -> dict[str, Any]:
    """Return what the filters offer, in the words of one language (that of the request)."""
    return {
        "trades": [(trade.value, label(trade)) for trade in JobTrade],
        "types": [(kind.value, label(kind)) for kind in EmploymentType],
        "wages": [(n, gettext("¥%(amount)s 以上", amount=f"{n:,}")) for n in WAGES],
        "radii": [(km, gettext("%(km)s 公里内", km=km)) for km in RADII_KM],
    }


def board_query(state: ListState, *, has_place: bool = True) -> BoardQuery:
    """Return what the address asks for; values that are none are left out."""
    trades = {trade.value: trade for trade in JobTrade}
    kinds = {kind.value: kind for kind in EmploymentType}
    radius, wage = state.get("radius"), state.get("wage")
    is_wage = wage.isdecimal() and int(wage) <= WAGE_MAX
    return BoardQuery(
        text=state.get("q")[:60],
        trades=tuple(sorted({trades[t] for t in state.get_all("trade") if t in trades})),
        division_code=state.get("division") if has_place else "",
        radius_km=int(radius) if radius in map(str, RADII_KM) else None,
        wage_at_least=int(wage) if is_wage else None,
        employment_types=tuple(sorted({kinds[k] for k in state.get_all("type") if k in kinds})),
        with_lodging=state.get("lodging") == "1",
        sort=state.sort,
    )


def _chips(state: ListState, wanted: BoardQuery) -> list[tuple[str, str, str]]:
    chips = [("q", state.get("q"), f"“{wanted.text}”")] if wanted.text else []
    chips += [("trade", trade.value, label(trade)) for trade in wanted.trades]
    if wanted.division_code:
        chips.append(("division", wanted.division_code, division_words(wanted.division_code)))
    if wanted.radius_km is not None and wanted.centre:
        words_of = gettext("%(km)s 公里内", km=wanted.radius_km)
        chips.append(("radius", str(wanted.radius_km), words_of))
    if wanted.wage_at_least is not None:
        words_of = gettext("¥%(amount)s 以上", amount=f"{wanted.wage_at_least:,}")
        chips.append(("wage", state.get("wage"), words_of))
    chips += [("type", kind.value, label(kind)) for kind in wanted.employment_types]
    if wanted.with_lodging:
        chips.append(("lodging", "1", gettext("提供住宿")))
    return chips


def _base() -> str:
    """Return the site's address: the setting, or what this request was sent to."""
    return (current_app.config["BASE_URL"] or request.url_root).rstrip("/")


def _xml(template: str, mimetype: str, **values: object) -> ResponseReturnValue:
    response = make_response(render_template(template, **values))
    response.mimetype = mimetype
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
