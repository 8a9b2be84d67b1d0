"""Proposals and what becomes of them: board, one placement's file, steps, checks, print."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    StaleEdit,
)
from matchboard.domain.placement import TRANSITIONS, PlacementFigure, PlacementState
from matchboard.domain.roles import Permission, Role
from matchboard.labels import label
from matchboard.labels.placements import EVENTS
from matchboard.services import (
    clients,
    consents,
    outcome_checks,
    placement_board,
    placement_history,
    placement_reminders,
    placements,
    policies,
    transaction,
)
from matchboard.services.placement_board import BoardFilter, BoardSort
from matchboard.services.placement_rules import consent_in_force
from matchboard.services.seen import shown_version
from matchboard.web import looks, placement_file
from matchboard.web.addresses import local_address
from matchboard.web.client_header import client_header
from matchboard.web.context import actor, now, today
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.choices import to_member
from matchboard.web.forms.placements import (
    FORMS,
    CheckForm,
    SettleForm,
    StepForm,
    step_form,
)
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import single_submission
from matchboard.web.vacancy_words import wage_words

bp = Blueprint("placements", __name__)

FILTERS = ("q", "state", "figure", "office", "partner", "view")


# --- The board ------------------------------------------------------------------------------------


@bp.get("/placements")
@requires(Permission.PLACEMENT_READ)
def index() -> ResponseReturnValue:
    """Show what is under way by state, or everything as a table."""
    state = ListState.from_args(FILTERS, sorts=[sort.value for sort in BoardSort])
    wanted, chips, choices = _wanted(state)
    is_narrowed = wanted.state is not None or wanted.figure is not None
    is_table = state.get("view") == "table" or is_narrowed
    values: dict[str, Any] = {"columns": [], "page": None}
    if is_table:
        values["page"] = placement_board.table(
            wanted,
            actor=actor(),
            now=now(),
            sort=BoardSort(state.sort),
            page=state.page,
            size=current_app.config["PAGE_SIZE"],
        )
    else:
        values["columns"] = placement_board.columns(wanted, actor=actor(), now=now())
    n_total = (
        values["page"].n_total if is_table else sum(column.n_total for column in values["columns"])
    )
    rows = values["page"].items if is_table else [r for c in values["columns"] for r in c.rows]
    looks.shown(len(rows))
    return page_or_partial(
        "placements/index.html",
        "placements/_board.html",
        state=state,
        narrowed=state.apart_from("view"),
        chips=chips,
        choices=choices,
        is_table=is_table,
        n_total=n_total,
        is_blank=is_blank("placements", n_total),
        steps_of=placement_file.board_steps,
        may_remind=actor().role is Role.OFFICER,
        today=today(),
        **values,
    )


def _wanted(
    state: ListState,
) -> tuple[BoardFilter, list[tuple[str, str, str]], dict[str, list[tuple[str, str]]]]:
    """Read the filters; return them, the words of those set, and what may be chosen."""
    offices = clients.list_offices(actor=actor()) if actor().role is Role.DISTRICT else []
    choices = {
        "state": [(s.value, label(s)) for s in PlacementState],
        "figure": [(f.value, label(f)) for f in PlacementFigure],
        "office": [(office.pid, office.name) for office in offices],
        "partner": placement_board.partners(actor=actor(), now=now()),
    }
    chips = [("q", state.get("q"), state.get("q"))] if state.get("q") else []
    chosen = {}
    for name, offered in choices.items():
        words = dict(offered).get(state.get(name))
        if words is not None:
            chosen[name] = state.get(name)
            chips.append((name, state.get(name), words))
    wanted = BoardFilter(
        text=state.get("q"),
        state=to_member(PlacementState)(chosen.get("state")),
        figure=to_member(PlacementFigure)(chosen.get("figure")),
        office_pid=chosen.get("office", ""),
        partner_pid=chosen.get("partner", ""),
    )
    return wanted, chips, choices


@bp.post("/placements/remind")
@requires(Permission.PLACEMENT_WRITE)
def remind() -> ResponseReturnValue:
    """Remind the employers of the chosen referrals."""
    chosen = request.form.getlist("pid")
    n = placement_reminders.remind_employers(chosen, actor=actor(), now=now())
    if n:
        flash(ngettext("已催办 %(num)s 份推荐。", "已催办 %(num)s 份推荐。", n), "success")
    elif chosen:
        flash(gettext("没有需要催办的：今天已经催过，或企业已经答复。"), "info")
    else:
        flash(gettext("请先勾选要催办的推荐。"), "warning")
    return see_other(_back(url_for("placements.index")))


# --- One placement --------------------------------------------------------------------------------


@bp.get("/placements/<pid>")
@requires(Permission.PLACEMENT_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show where a placement stands and what may be done about it."""
    return _file_page(pid)


def _file_page(
    pid: str, *, bound: StepForm | None = None, is_stale: bool = False, status: int = 200
) -> ResponseReturnValue:
    placement = placements.get_placement(pid, actor=actor())
    events = placement_history.history(placement)
    scope = consent_in_force(placement.id)
    if is_stale:
        beside = placement_file.differences(placement, bound) if bound is not None else ()
        note_stale(placement, placement.vacancy, beside=beside)
        if bound is not None:
            show_on(bound, placement)  # saving again is done knowingly
    page = render_template(
        "placements/show.html",
        placement=placement,
        client=placement.client,
        vacancy=placement.vacancy,
        partner=placement.partner,
        title=placement_file.title_of(placement),
        scope=scope,
        way=placement_file.way(placement, events),
        steps=placement_file.step_entries(placement, scope=scope, bound=bound),
        events=placement_file.timeline_items(events),
        checks=placement_file.check_entries(placement),
        view=placement_file.employer_view(placement, scope),
        answer_days=policies.current(actor(), on=today()).referral_expiry_days,
        previews=placement_file.previews(placement, scope),
        has_letter=scope is not None and placement.state in placement_file.WITH_LETTER,
        came_to_nothing=placement.state in placement_file.CAME_TO_NOTHING,
        wage=wage_words(placement.vacancy) if placement.vacancy else "",
        held=placement_file.held_words(placement, Role.OFFICER),
    )
    return page, status


@bp.post("/placements/<pid>/<step>")
@requires(Permission.PLACEMENT_WRITE)
@single_submission
def step(pid: str, step: str) -> ResponseReturnValue:
    """Take one step of the lifecycle."""
    placement = placements.get_placement(pid, actor=actor())
    if step not in FORMS or step not in TRANSITIONS:
        raise NotFound
    form: StepForm = step_form(step)

    def take() -> None:
        placements.advance(
            placement, step, actor=actor(), now=now(), details=form.details(), seen=seen()
        )

    try:
        if not is_sound(form, take):
            return _file_page(pid, bound=form, status=422)
        take()
    except (InvalidInput, Conflict) as error:
        return _refused(pid, form, error)
    words = gettext("已记下：%(what)s。", what=EVENTS[step])
    flash(words, "success")
    if step == "miss":
        undo = url_for("placements.step", pid=pid, step="undo_miss")
        flash(words, f"undo:{undo}?version={shown_version(placement)}")
    return see_other(_back(url_for("placements.show", pid=pid)))


@bp.post("/placements/<pid>/consent/widen")
@requires(Permission.PLACEMENT_WRITE)
@single_submission
def widen_consent(pid: str) -> ResponseReturnValue:
    """Record that the person agrees to name and phone as well."""
    placement = placements.get_placement(pid, actor=actor())
    form: StepForm = step_form("widen_consent")
    if not form.validate():
        return _file_page(pid, bound=form, status=422)
    try:
        consents.give(
            placement, ConsentScope.CARD_AND_CONTACT, actor=actor(), now=now(), seen=seen()
        )
    except Conflict as error:
        return _refused(pid, form, error)
    flash(gettext("已记下：%(what)s。", what=EVENTS["widen_consent"]), "success")
    return see_other(url_for("placements.show", pid=pid))


@bp.post("/placements/<pid>/consent/withdraw")
@requires(Permission.PLACEMENT_WRITE)
@single_submission
def withdraw_consent(pid: str) -> ResponseReturnValue:
    """Withdraw the person's consent: the employer's view closes at once."""
    placement = placements.get_placement(pid, actor=actor())
    try:
        consents.withdraw(placement, actor=actor(), now=now(), seen=seen())
    except StaleEdit:
        transaction.rollback()
        return _file_page(pid, is_stale=True, status=409)
    flash(gettext("已撤回同意，企业不再看到本人的资料。"), "success")
    return see_other(url_for("placements.show", pid=pid))


def _refused(pid: str, form: StepForm, error: DomainError) -> ResponseReturnValue:
    """Show the page again with what was typed and what stands against it."""
    transaction.rollback()
    if isinstance(error, StaleEdit):
        return _file_page(pid, bound=form, is_stale=True, status=409)
    form.attach(error)
    return _file_page(pid, bound=form, status=422 if isinstance(error, InvalidInput) else 409)


# --- Checks ---------------------------------------------------------------------------------------


@bp.route("/placements/<pid>/checks/<int:day>", methods=["GET", "POST"])
@requires(Permission.PLACEMENT_WRITE)
@single_submission
def check(pid: str, day: int) -> ResponseReturnValue:
    """Record how it goes 30, 90, 180 or 365 days after the start."""
    placement = placements.get_placement(pid, actor=actor())
    outcome_checks.get_check(placement, day)
    form = CheckForm()
    if request.method == "GET":
        if not form.version.data:
            show_on(form, placement)
        return _check_page(pid, day, form)

    def record() -> None:
        outcome_checks.record_check(
            placement, day, form.answers(), actor=actor(), now=now(), seen=seen()
        )

    try:
        if not is_sound(form, record):
            return _check_page(pid, day, form, status=422)
        record()
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        if isinstance(error, StaleEdit):
            placement = placements.get_placement(pid, actor=actor())
            note_stale(placement)
            show_on(form, placement)
        else:
            form.attach(error)
        status = 422 if isinstance(error, InvalidInput) else 409
        return _check_page(pid, day, form, status=status)
    flash(gettext("第 %(day)s 天回访已登记。", day=day), "success")
    return see_other(_back(url_for("placements.show", pid=pid)))


def _check_page(pid: str, day: int, form: BaseForm, *, status: int = 200) -> ResponseReturnValue:
    placement = placements.get_placement(pid, actor=actor())
    check = outcome_checks.get_check(placement, day)
    is_done_meanwhile = status == 409 and check.done_on is not None
    page = render_template(
        "placements/check.html",
        placement=placement,
        check=check,
        recorded=placement_file.check_differences(check, form) if is_done_meanwhile else None,
        title=placement_file.title_of(placement),
        form=form,
    )
    return page, status


# --- One person's placements ----------------------------------------------------------------------


@bp.get("/clients/<pid>/placements")
@requires(Permission.PLACEMENT_READ)
def for_client(pid: str) -> ResponseReturnValue:
    """Show a person's proposals and jobs, each with what happened."""
    client = clients.get_client(pid, actor=actor())
    rows = placement_board.of_client(client, actor=actor(), now=now())
    histories = placement_history.histories([row.placement for row in rows])
    return render_template(
        "placements/client.html",
        client=client,
        header=client_header(client),
        rows=[(row, placement_file.timeline_items(histories[row.placement.id])) for row in rows],
        consents=consents.of_client(client),
        is_working=any(row.placement.state is PlacementState.STARTED for row in rows),
    )


@bp.route("/clients/<pid>/settle", methods=["GET", "POST"])
@requires(Permission.PLACEMENT_WRITE)
@single_submission
def settle(pid: str) -> ResponseReturnValue:
    """Record work without an opening: land, own business, gig work."""
    client = clients.get_client(pid, actor=actor())
    form = SettleForm()
    if request.method == "GET" and not form.version.data:
        show_on(form, client, placements.work_version(client))
    status = 200

    def settle_down() -> Any:
        return placements.settle(
            client,
            placement_type=form.placement_type.data,
            description=form.description.data or "",
            started_on=form.started_on.data,
            wage_cny_month=form.wage_cny_month.data,
            actor=actor(),
            now=now(),
            seen=seen(),
        )

    if request.method == "POST":
        status = 422
        try:
            if is_sound(form, settle_down):
                placement = settle_down()
                flash(gettext("已登记安置，回访日期已排好。"), "success")
                return see_other(url_for("placements.show", pid=placement.pid))
        except (InvalidInput, Conflict) as error:
            transaction.rollback()
            status = 422 if isinstance(error, InvalidInput) else 409
            client = clients.get_client(pid, actor=actor())
            if isinstance(error, StaleEdit):
                note_stale(client)
                show_on(form, client, placements.work_version(client))
            else:
                form.attach(error)
    return render_template("placements/settle.html", client=client, form=form), status


def _back(default: str) -> str:
    """Return the page of this site a form asked to come back to."""
    return local_address(request.form.get("next", "")) or default


# Adds its views to this blueprint; at the end, since it needs `bp`.
from matchboard.web import placement_proposals  # noqa: E402, F401
