"""Proposing a person for an opening, and what is printed: consent form, referral letter."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.client import CONSENT_TEXT_VERSION, ConsentScope
from matchboard.domain.errors import (
    Conflict,
    Faults,
    InvalidInput,
    NotFound,
    StaleEdit,
    problems_of,
)
from matchboard.domain.occupational_bars import Outcome
from matchboard.domain.placement_openings import opening_refusal
from matchboard.domain.ranking import needs_override_reason
from matchboard.domain.roles import Permission
from matchboard.labels import error_text
from matchboard.labels.legal import missing_words
from matchboard.services import (
    audit,
    clients,
    legal_gate,
    placement_history,
    placements,
    policies,
    referrals,
    restricted,
    transaction,
    vacancies,
)
from matchboard.services.placement_rules import consent_in_force
from matchboard.web import placement_file
from matchboard.web.context import actor, now, today
from matchboard.web.forms.placements import (
    ProposeForm,
)
from matchboard.web.guard import requires
from matchboard.web.match_cards import opening_facts
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.placements import bp
from matchboard.web.referral_cards import card_facts
from matchboard.web.responses import see_other
from matchboard.web.seen import note_stale, seen, show_on
from matchboard.web.submissions import single_submission
from matchboard.web.vacancy_words import occupation_of, wage_words

# --- Proposing ------------------------------------------------------------------------------------


@bp.route("/clients/<pid>/propose/<vacancy_pid>", methods=["GET", "POST"])
@requires(Permission.PLACEMENT_PROPOSE)
@single_submission
def propose(pid: str, vacancy_pid: str) -> ResponseReturnValue:
    """Propose a person for an opening, with a written decision where the law asks for one."""
    client = clients.get_client(pid, actor=actor())
    vacancy = vacancies.get_vacancy(vacancy_pid, actor=actor())
    form = ProposeForm()
    if request.method == "GET":
        return _propose_page(pid, vacancy_pid, form)

    def decide() -> Any:
        if not form.may_proceed:
            return _decide_against(client, vacancy, form)
        faults = Faults()
        if form.is_undecided:
            faults.add(InvalidInput("conclusion_required", field="decision"))
        with faults.noted():
            placement = placements.propose(
                client,
                vacancy,
                actor=actor(),
                now=now(),
                grounds=form.grounds.data or "",
                shown=placement_history.shown_to(client, vacancy, actor=actor(), on=today()),
                override_reason=form.override_reason.data,
                seen=seen(),
            )
        faults.refuse()
        return placement

    try:
        if not is_sound(form, decide):
            return _propose_page(pid, vacancy_pid, form, status=422)
        placement = decide()
    except InvalidInput as error:
        transaction.rollback()
        # A choice left empty is not sent: it was asked for together with its grounds.
        asked = {*request.form, *(("decision",) if "grounds" in request.form else ())}
        if not any(problem.field in asked for problem in problems_of(error)):
            # The one-click button asks nothing: the page with the question, not with a complaint.
            return see_other(url_for("placements.propose", pid=pid, vacancy_pid=vacancy_pid))
        form.attach(error)
        return _propose_page(pid, vacancy_pid, form, status=422)
    except Conflict as error:
        return _not_proposed(pid, vacancy_pid, form, error)
    if placement is None:
        flash(gettext("已记下：不能推荐这个岗位。"), "success")
        return see_other(url_for("matches.show", pid=client.pid))
    flash(gettext("已推荐。下一步：请本人决定。"), "success")
    return see_other(url_for("placements.show", pid=placement.pid))


def _not_proposed(pid: str, vacancy_pid: str, form: ProposeForm, error: Conflict) -> Any:
    """Lead to the proposal under way (a double click), or say what stands against a new one."""
    transaction.rollback()
    client = clients.get_client(pid, actor=actor())
    vacancy = vacancies.get_vacancy(vacancy_pid, actor=actor())
    running = placements.live_placement(client, vacancy)
    if running is not None:
        flash(gettext("这个岗位已经推荐过，正在进行中。"), "info")
        return see_other(url_for("placements.show", pid=running.pid))
    if isinstance(error, StaleEdit):
        note_stale(vacancy)
        form.version.data = ""
    else:
        form.attach(error)
    return _propose_page(pid, vacancy_pid, form, status=409)


def _decide_against(client: Any, vacancy: Any, form: ProposeForm) -> None:
    legal_gate.decide(
        client,
        vacancy,
        may_proceed=False,
        grounds=form.grounds.data or "",
        actor=actor(),
        now=now(),
        on=today(),
        seen=seen(),
    )


def _propose_page(
    pid: str, vacancy_pid: str, form: ProposeForm, *, status: int = 200
) -> ResponseReturnValue:
    client = clients.get_client(pid, actor=actor())
    vacancy = vacancies.get_vacancy(vacancy_pid, actor=actor())
    verdict = legal_gate.verdict(client, vacancy, on=today())
    if "-" not in (form.version.data or ""):  # a list shows the opening alone
        show_on(form, vacancy, legal_gate.pair_version(vacancy, verdict))
    shown = placement_history.shown_to(client, vacancy, actor=actor(), on=today())
    in_review = [f for f in verdict.findings if f.outcome is Outcome.REVIEW]
    # What is missing in the restricted record tells of it; only whoever may open it is told.
    access = restricted.access_of(client, actor=actor(), now=now())
    decision = legal_gate.decision_for(client, vacancy)
    refusal = opening_refusal("propose", vacancy, on=today())
    page = render_template(
        "placements/propose.html",
        held=error_text(refusal) if refusal else "",
        client=client,
        vacancy=vacancy,
        form=form,
        outcome=verdict.outcome,
        work=occupation_of(vacancy),
        blocked=[f for f in verdict.findings if f.outcome is Outcome.BLOCKED],
        in_review=in_review,
        notes=[f for f in verdict.findings if f.is_note_shown and not f.rests_on_sealed],
        employer_queries=[f for f in verdict.findings if f.rests_on_sealed],
        unknown=missing_words(
            [name for f in in_review for name in f.missing_facts if access is not None],
            [name for finding in in_review for name in finding.missing_opening],
        ),
        decision=decision,
        # What was written down may quote the record.
        shows_grounds=access is not None
        or (decision is not None and decision.decided_by_id == actor().user_id),
        is_record_verified=restricted.is_verified(client),
        access=access,
        opens=restricted.openers_of(client),
        running=placements.live_placement(client, vacancy),
        passed_over_from=shown.rank if shown and needs_override_reason(shown.rank) else None,
        opening_facts=opening_facts(vacancy),
        wage=wage_words(vacancy),
    )
    return page, status


# --- On paper -------------------------------------------------------------------------------------


@bp.get("/placements/<pid>/consent-form")
@requires(Permission.PLACEMENT_READ)
def consent_form(pid: str) -> ResponseReturnValue:
    """Show the consent form to print and sign."""
    placement = placements.get_placement(pid, actor=actor())
    if placement.vacancy is None:
        raise NotFound
    return render_template(
        "placements/consent_form.html",
        placement=placement,
        office=placement.client.office.name,
        title=placement_file.title_of(placement),
        text_version=CONSENT_TEXT_VERSION,
        previews=[
            (scope, card_facts(referrals.preview(placement, scope))) for scope in ConsentScope
        ],
    )


@bp.get("/placements/<pid>/letter")
@requires(Permission.PLACEMENT_READ)
def letter(pid: str) -> ResponseReturnValue:
    """Show the referral letter to print: exactly the fields the person consented to."""
    placement = placements.get_placement(pid, actor=actor())
    scope = consent_in_force(placement.id)
    if scope is None or placement.state not in placement_file.WITH_LETTER:
        raise Conflict("consent_missing")
    audit.record_read("placement.letter", placement, actor=actor(), now=now(), scope=scope.value)
    page = render_template(
        "placements/letter.html",
        placement=placement,
        office=placement.client.office,
        title=placement_file.title_of(placement),
        facts_shown=[fact for fact in card_facts(referrals.preview(placement, scope)) if fact[1]],
        answer_days=policies.current(actor(), on=today()).referral_expiry_days,
        today=today(),
    )
    return make_response(page)
