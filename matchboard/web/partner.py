"""The employer's start page and inbox: who is recommended, and one answer at a time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import Conflict, DomainError, InvalidInput, StaleEdit
from matchboard.domain.placement import TRANSITIONS, PlacementState, Transition, available
from matchboard.domain.roles import Permission
from matchboard.labels import label
from matchboard.labels.placements import STEPS
from matchboard.services import (
    partner_home,
    placement_rules,
    placements,
    referrals,
    transaction,
)
from matchboard.services.listing import slice_page
from matchboard.services.referrals import Referral
from matchboard.web.context import actor, now, today
from matchboard.web.first_steps import step_rows
from matchboard.web.forms.base import Difference
from matchboard.web.forms.referrals import AnswerForm, answer_form
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.placement_file import NO, PRIMARY, held_words, refusal_of
from matchboard.web.referral_cards import agreed_facts, card_facts
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import note_stale, seen, show_on, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("partner", __name__, url_prefix="/partner")

S = PlacementState
FOLDERS = ("waiting", "working", "past")
_OVER = (
    S.COMPLETED,
    S.ENDED,
    S.DECLINED_BY_CLIENT,
    S.DECLINED_BY_EMPLOYER,
    S.NO_SHOW,
    S.WITHDRAWN,
    S.EXPIRED,
)
#: Referrals the start page lists; the inbox has them all.
N_ON_START_PAGE = 6


@bp.get("")
@requires(Permission.REFERRAL_OWN)
def home() -> ResponseReturnValue:
    """Show three numbers and what waits for an answer."""
    waiting = referrals.list_waiting(actor=actor(), now=now())
    return render_template(
        "partner/home.html",
        figures=partner_home.figures(actor=actor()),
        n_waiting=len(waiting),
        waiting=waiting[:N_ON_START_PAGE],
        partner=partner_home.own_record(actor=actor()),
        first_steps=step_rows(),
    )


@bp.get("/referrals")
@requires(Permission.REFERRAL_OWN)
def list_referrals() -> ResponseReturnValue:
    """Show the inbox by folder."""
    state = ListState.from_args(("folder",), sorts=("oldest",))
    folder = state.get("folder", "waiting")
    folder = folder if folder in FOLDERS else "waiting"
    return page_or_partial(
        "partner/referrals.html",
        "partner/_referrals.html",
        state=state,
        folder=folder,
        page=slice_page(_in_folder(folder), number=state.page),
    )


def _in_folder(folder: str) -> list[Referral]:
    """Return a folder's referrals; one that is closed to the employer waits for nothing."""
    if folder == "waiting":
        return referrals.list_waiting(actor=actor(), now=now())
    if folder == "working":
        return referrals.list_referrals(actor=actor(), now=now(), states=(S.STARTED,))
    states = (*referrals.AWAITING, *_OVER)
    found = referrals.list_referrals(actor=actor(), now=now(), states=states)
    return [referral for referral in found if not referral.awaits_answer]


@bp.get("/referrals/<pid>")
@requires(Permission.REFERRAL_OWN)
def show_referral(pid: str) -> ResponseReturnValue:
    """Show one referral: exactly what the person consented to."""
    return _page(referrals.read_referral(pid, actor=actor(), now=now()))


@bp.post("/referrals/<pid>/request-contact")
@requires(Permission.REFERRAL_OWN)
@single_submission
@stale_shows(show_referral, lambda pid: placements.get_placement(pid, actor=actor()))
def request_contact(pid: str) -> ResponseReturnValue:
    """Ask for name and phone; the office asks the person."""
    placement = placements.get_placement(pid, actor=actor())
    referrals.request_contact(placement, actor=actor(), now=now(), seen=seen())
    flash(gettext("已经转告司法所，征得本人同意后，您会看到姓名和电话。"), "good")
    return see_other(url_for("partner.show_referral", pid=pid))


@bp.post("/referrals/<pid>/<step>")
@requires(Permission.REFERRAL_OWN)
@single_submission
def answer(pid: str, step: str) -> ResponseReturnValue:
    """Take the employer's answer."""
    placement = placements.get_placement(pid, actor=actor())
    if step not in TRANSITIONS:
        raise InvalidInput("unknown_step", value=step)
    referrals.require_open(placement, step, now=now())
    form = answer_form(step, prefix=step)

    def take() -> None:
        placements.advance(
            placement, step, actor=actor(), now=now(), details=form.details(), seen=seen()
        )

    try:
        if not is_sound(form, take):
            referral = referrals.read_referral(pid, actor=actor(), now=now())
            return _page(referral, {step: form}, status=422)
        take()
    except (InvalidInput, Conflict) as error:
        return _refused(pid, step, form, error)
    flash(gettext("已经记下：%(step)s。", step=STEPS[step]), "good")
    return see_other(url_for("partner.show_referral", pid=pid))


def _refused(pid: str, step: str, form: AnswerForm, error: DomainError) -> ResponseReturnValue:
    """Show the page again with what was typed and what stands against it."""
    transaction.rollback()
    referral = referrals.read_referral(pid, actor=actor(), now=now())
    if isinstance(error, StaleEdit):
        note_stale(referral.placement, beside=_differences(step, form, referral.placement))
        show_on(form, referral.placement)  # saving again is done knowingly
    else:
        form.attach(error)
    status = 422 if isinstance(error, InvalidInput) else 409
    return _page(referral, {step: form}, status=status)


def _differences(step: str, form: AnswerForm, placement: Any) -> list[Difference]:
    """Return the employer's answer beside what somebody else has saved meanwhile."""
    at = placement.interview_at.astimezone(BEIJING) if placement.interview_at else None
    saved = {
        "interview_on": at.date() if at else None,
        "interview_time": at.time() if at else None,
        "interview_place": placement.interview_place,
        "start_on": placement.started_on or placement.offered_start_on,
        "ended_on": placement.ended_on,
        "wage_cny_month": placement.wage_cny_month,
    }
    state = Difference(gettext("状态"), str(STEPS[step]), label(placement.state))
    return [state, *form.differences(saved)]


def _page(
    referral: Referral,
    bound: dict[str, AnswerForm] | None = None,
    *,
    status: int = 200,
) -> ResponseReturnValue:
    placement = referral.placement
    steps = _steps(referral)
    bound = bound or {}
    forms = {t.name: bound.get(t.name) or _fresh_form(t.name, placement) for t in steps}
    # An answer no longer possible is shown all the same: what was typed is not thrown away.
    forms = {name: form for name, form in bound.items() if name not in forms} | forms
    needs_contact = (
        referral.card is not None
        and placement.state is S.SENT
        and referral.card.scope is ConsentScope.CARD
    )
    page = render_template(
        "partner/referral.html",
        referral=referral,
        card_facts=card_facts(referral.card) if referral.card else [],
        placement=placement,
        vacancy=placement.vacancy,
        steps=[(name, STEPS[name], form) for name, form in forms.items()],
        primary=PRIMARY.get(placement.state),
        agreed_facts=agreed_facts(placement),
        answered=set(bound),
        needs_contact=needs_contact,
        contact_requested=needs_contact and referrals.is_contact_requested(placement),
        held=held_words(placement, actor().role) if steps else "",
    )
    return page, status


def _steps(referral: Referral) -> list[Transition]:
    """Return the answers possible now, the likely one first; without contact only "no"."""
    placement = referral.placement
    if referral.card is None and placement.state is not S.NO_SHOW:
        return []
    found = [
        t for t in available(placement.state, actor().role) if not refusal_of(t.name, placement)
    ]
    if referral.card is not None and referral.card.scope is ConsentScope.CARD:
        found = [t for t in found if t.name in {"refuse", "miss", "end"}]
    primary = PRIMARY.get(placement.state)
    return sorted(found, key=lambda t: (t.name != primary, t.name in NO))


def _fresh_form(step: str, placement: Any) -> AnswerForm:
    form = answer_form(step, formdata=None, prefix=step)
    show_on(form, placement)
    first = placement_rules.first_values(step, placement, on=today())
    for name in ("start_on", "wage_cny_month"):
        if name in form:
            form[name].data = getattr(first, name)
    return form
