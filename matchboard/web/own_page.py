"""The person's own page behind /me/<token>: read, decide, say how it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import Conflict, InvalidInput, StaleEdit
from matchboard.domain.placement import BEFORE_START, PlacementState, available, is_agreed
from matchboard.domain.placement_openings import is_lasting
from matchboard.domain.roles import Actor, Permission, Role
from matchboard.domain.training import ACTIVE_STATES
from matchboard.domain.work import job_of
from matchboard.labels import error_text
from matchboard.services import (
    consents,
    corrections,
    course_consents,
    course_withdrawal,
    outcome_checks,
    own_page,
    placements,
    transaction,
)
from matchboard.services.outcome_checks import Answers
from matchboard.services.step_details import StepDetails
from matchboard.web import own_details
from matchboard.web.context import now
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.own_page import (
    BirthDateForm,
    CheckForm,
    ConsentForm,
    CorrectionForm,
    EndForm,
    ReasonForm,
)
from matchboard.web.guard import requires
from matchboard.web.match_cards import opening_facts
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.placement_file import refusal_of
from matchboard.web.referral_cards import agreed_facts
from matchboard.web.responses import see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import sent_digest, single_submission
from matchboard.web.template_setup import named
from matchboard.web.vacancy_words import wage_words

bp = Blueprint("own_page", __name__)

#: What a person may do with a placement → the form that asks for it.
FORMS: dict[str, Callable[..., BaseForm]] = {
    "consent": ConsentForm,
    "widen": BirthDateForm,
    "decline": lambda **options: ReasonForm(step="decline", **options),
    "withdraw-consent": BirthDateForm,
    "check": CheckForm,
    "end": lambda **options: EndForm(step="end", **options),
}


@bp.get("/me/<token>")
@requires(Permission.LINK_OWN)
def show(token: str) -> ResponseReturnValue:
    """Show the person what is proposed and what is under way."""
    return _page(token)


@bp.post("/me/<token>/<pid>/<action>")
@requires(Permission.LINK_OWN)
@single_submission
def act(token: str, pid: str, action: str) -> ResponseReturnValue:
    """Do what the person says, once the birth date is right."""
    link, actor = own_page.open_page(token, now=now())
    placement = own_page.own_placement(pid, actor=actor)
    if action not in FORMS:
        raise InvalidInput("unknown_step", value=action)
    form = FORMS[action](prefix=f"{action}-{pid}")

    def do() -> None:
        # First who it is: somebody else learns nothing of the record from what is refused.
        _confirm(link, form)
        _ACTIONS[action](placement, form, actor)

    try:
        if not is_sound(form, do):
            return _page(token, {(pid, action): form}, status=422)
        do()
    except StaleEdit:
        transaction.rollback()
        note_stale(placement, placement.vacancy)
        show_on(form, placement)
        return _page(token, {(pid, action): form}, status=409)
    except (InvalidInput, Conflict) as error:
        form.attach(error)
        return _page(token, {(pid, action): form}, status=422, message=error_text(error))
    flash(gettext("已经记下，谢谢您。"), "good")
    return see_other(url_for("own_page.show", token=token))


@bp.post("/me/<token>/courses/<pid>/withdraw-consent")
@requires(Permission.LINK_OWN)
@single_submission
def withdraw_course(token: str, pid: str) -> ResponseReturnValue:
    """Take back the consent to a course, once the birth date is right."""
    link, actor = own_page.open_page(token, now=now())
    enrolment = own_page.own_enrolment(pid, actor=actor)
    form = BirthDateForm(prefix=f"withdraw-{pid}")
    if not form.validate_on_submit():
        return _page(token, {(pid, "withdraw-course"): form}, status=422)
    try:
        _confirm(link, form)
        course_withdrawal.withdraw(enrolment, actor=actor, now=now(), seen=seen())
    except StaleEdit:
        transaction.rollback()
        note_stale(enrolment, enrolment.session)
        show_on(form, enrolment)
        return _page(token, {(pid, "withdraw-course"): form}, status=409)
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        form.attach(error)
        bound: dict[tuple[str, str], BaseForm] = {(pid, "withdraw-course"): form}
        status = 422 if isinstance(error, InvalidInput) else 409
        return _page(token, bound, status=status, message=error_text(error))
    flash(gettext("已撤回同意，培训机构看不到您的资料了。"), "good")
    return see_other(url_for("own_page.show", token=token))


@bp.post("/me/<token>/correction")
@requires(Permission.LINK_OWN)
@single_submission
def request_correction(token: str) -> ResponseReturnValue:
    """Tell the office that something in the record is not right, once the birth date is right."""
    link, actor = own_page.open_page(token, now=now())
    form = CorrectionForm(prefix="correction")

    def request() -> None:
        _confirm(link, form)
        corrections.request_correction(link.client, form.words.data or "", actor=actor, now=now())

    if not is_sound(form, request):
        return _page(token, status=422, correction=form)
    try:
        request()
    except (InvalidInput, Conflict) as error:
        form.attach(error)
        return _page(token, status=422, message=error_text(error), correction=form)
    flash(gettext("已经告诉司法所，谢谢您。"), "good")
    return see_other(url_for("own_page.show", token=token))


def _confirm(link: Any, form: BaseForm) -> None:
    """Let the request pass only with the person's birth date; a reload is no other try."""
    own_page.confirm_person(link, form["birth_date"].data, now=now(), sent=sent_digest())


def _consent(placement: Any, form: Any, actor: Actor) -> None:
    consents.give(placement, ConsentScope(form.scope.data), actor=actor, now=now(), seen=seen())


def _widen(placement: Any, _form: Any, actor: Actor) -> None:
    consents.give(placement, ConsentScope.CARD_AND_CONTACT, actor=actor, now=now(), seen=seen())


def _decline(placement: Any, form: Any, actor: Actor) -> None:
    details = StepDetails(reason=form.chosen_reason, note=form.note.data or "")
    placements.advance(placement, "decline", actor=actor, now=now(), details=details, seen=seen())


def _withdraw(placement: Any, _form: Any, actor: Actor) -> None:
    consents.withdraw(placement, actor=actor, now=now(), seen=seen())


def _check(placement: Any, form: Any, actor: Actor) -> None:
    check = own_page.due_check(placement, now=now())
    if check is None:
        raise Conflict("check_done")
    still_employed = form.still_employed.data == "yes"
    if not still_employed:
        # The date and the reason belong to the end of the job, which has its own form.
        raise InvalidInput("use_end_form", field="still_employed")
    answers = Answers(still_employed=True, same_employer=True, own_words=form.own_words.data or "")
    outcome_checks.record_check(placement, check.day, answers, actor=actor, now=now(), seen=seen())


def _end(placement: Any, form: Any, actor: Actor) -> None:
    details = StepDetails(
        reason=form.chosen_reason, note=form.note.data or "", ended_on=form.ended_on.data
    )
    placements.advance(placement, "end", actor=actor, now=now(), details=details, seen=seen())


_ACTIONS: dict[str, Callable[[Any, Any, Actor], None]] = {
    "consent": _consent,
    "widen": _widen,
    "decline": _decline,
    "withdraw-consent": _withdraw,
    "check": _check,
    "end": _end,
}


def _page(
    token: str,
    bound: dict[tuple[str, str], BaseForm] | None = None,
    *,
    status: int = 200,
    message: str = "",
    correction: BaseForm | None = None,
) -> ResponseReturnValue:
    """Render the page; `bound` holds the form that was refused, everything else is fresh."""
    link, actor = own_page.open_page(token, now=now())
    rows = own_page.own_placements(actor=actor)
    bound = bound or {}
    cards = [_card(p, bound) for p in rows]
    job = job_of(rows)
    page = render_template(
        "own_page/page.html",
        token=token,
        client=link.client,
        deciding=[c for c in cards if c["actions"].get("consent")],
        under_way=[
            c
            for c in cards
            if c["placement"].state in BEFORE_START and not c["actions"].get("consent")
        ],
        working=[c for c in cards if c["placement"] is job],
        past=[
            c
            for c in cards
            if c["placement"].state not in BEFORE_START and c["placement"] is not job
        ],
        courses=_courses(link.client, bound),
        message=message,
        details=own_details.details(link.client),
        correction=correction or CorrectionForm(prefix="correction", formdata=None),
        waiting=corrections.open_requests(link.client),
    )
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _courses(client: Any, bound: dict[tuple[str, str], BaseForm]) -> list[dict[str, Any]]:
    """Return the person's courses, with the form that takes back a consent in force."""
    rows = own_page.own_enrolments(client, now=now())
    held = course_consents.held(rows, now=now())
    found = []
    for one in rows:
        consent = held.get(one.id)
        form = None
        if consent and consent.is_in_force and (one.state in ACTIVE_STATES or consent.is_view_open):
            form = bound.get((one.pid, "withdraw-course"))
            if form is None:
                form = BirthDateForm(prefix=f"withdraw-{one.pid}", formdata=None)
                show_on(form, one)
        is_withdrawn = consent is not None and not consent.is_in_force
        found.append({"enrolment": one, "form": form, "is_withdrawn": is_withdrawn})
    return found


def _card(placement: Any, bound: dict[tuple[str, str], BaseForm]) -> dict[str, Any]:
    vacancy = placement.vacancy
    check = own_page.due_check(placement, now=now())
    return {
        "placement": placement,
        "title": vacancy.title if vacancy else placement.description,
        "employer": named(placement.partner) if placement.partner else "",
        "wage": _advertised(placement),
        "agreed": agreed_facts(placement),
        "facts": opening_facts(vacancy) if vacancy else (),
        "check": check,
        "held": _held_by(placement),
        "actions": {
            name: bound.get((placement.pid, name)) or _fresh(name, placement)
            for name in _allowed(placement, has_check=check is not None)
        },
    }


def _advertised(placement: Any) -> str:
    """Return the advertised wage until another was agreed."""
    has_agreed = is_agreed(placement.state) and placement.wage_cny_month is not None
    return wage_words(placement.vacancy) if placement.vacancy and not has_agreed else ""


def _held_by(placement: Any) -> str:
    """Return what the next step has to wait for before the employer has the card: "" if nothing.

    `over`: for nothing, it will not come; `agreement`: the employer has to sign; `pause`: both
    opening and employer may recruit again.
    """
    step = {PlacementState.PROPOSED: "consent", PlacementState.CONSENTED: "send"}.get(
        placement.state
    )
    refusal = refusal_of(step, placement) if step is not None else None
    if refusal is None:
        return ""
    if is_lasting(refusal):
        return "over"
    return "agreement" if refusal.code == "agreement_missing" else "pause"


def _fresh(name: str, placement: Any) -> BaseForm:
    form = FORMS[name](prefix=f"{name}-{placement.pid}", formdata=None)
    show_on(form, placement)
    return form


def _allowed(placement: Any, *, has_check: bool) -> list[str]:
    """Return the person's actions for a placement, the main one first."""
    steps = {t.name for t in available(placement.state, Role.CLIENT)}
    allowed: list[str] = [
        name
        for name in ("consent", "decline", "end")
        if name in steps and refusal_of(name, placement) is None
    ]
    scopes = [c.scope for c in placement.consents if c.withdrawn_at is None]
    if scopes:
        allowed.append("withdraw-consent")
        if (
            placement.state in BEFORE_START
            and ConsentScope.CARD_AND_CONTACT not in scopes
            and refusal_of("widen_consent", placement) is None
        ):
            allowed.insert(0, "widen")
    if has_check and placement.state is PlacementState.STARTED:
        allowed.insert(0, "check")
    return allowed
