"""Partner enterprises as staff see them; the district vets and keeps the record."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, StaleEdit
from matchboard.domain.identity import national_phone
from matchboard.domain.organisation import PartnerState
from matchboard.domain.roles import Actor, Permission, is_granted
from matchboard.labels import error_text, label, partners as words
from matchboard.services import partner_lists, partners, transaction, vacancy_lists
from matchboard.services.partner_lists import PARTNER_SORTS, PartnerFilter
from matchboard.web import vacancy_words
from matchboard.web.codebooks import division_words
from matchboard.web.context import actor, now, today
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.faults import faults_of
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.partners import PartnerForm, partner_data
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.navigation import counts
from matchboard.web.notices import flash
from matchboard.web.one_round import is_sound
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import note_stale, seen
from matchboard.web.submissions import single_submission
from matchboard.web.vacancies import status_of, with_place

bp = Blueprint("partners", __name__, url_prefix="/partners")


@counts("partners")
def n_waiting(who: Actor, _now: Any) -> int:
    """Count the partners waiting to be vetted by the district."""
    if not is_granted(who.role, Permission.PARTNER_WRITE):
        return 0
    return partner_lists.count_waiting(actor=who)


@bp.get("")
@requires(Permission.PARTNER_READ)
def index() -> ResponseReturnValue:
    """Show the partners the actor sees."""
    state = with_place(ListState.from_args(("q", "state", "division"), sorts=PARTNER_SORTS))
    chosen = state.get("state")
    is_state = chosen in {one.value for one in PartnerState}
    wanted = PartnerFilter(
        text=state.get("q")[:60],
        state=PartnerState(chosen) if is_state else None,
        division_code=state.get("division"),
        sort=state.sort,
    )
    chips = [("q", state.get("q"), f"“{state.get('q')}”")] if state.get("q") else []
    if is_state:
        chips.append(("state", chosen, label(PartnerState(chosen))))
    if state.get("division"):
        chips.append(("division", state.get("division"), division_words(state.get("division"))))
    page = partner_lists.list_partners(wanted, actor=actor(), number=state.page)
    return page_or_partial(
        "partners/index.html",
        "partners/_list.html",
        state=state,
        page=page,
        is_blank=is_blank("partners", page.n_total),
        chips=chips,
        states=[(one.value, label(one)) for one in PartnerState],
        place_text=division_words(state.get("division")) if state.get("division") else "",
        say=vacancy_words,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PARTNER_WRITE)
@single_submission
def new() -> ResponseReturnValue:
    """Enter a partner, to be vetted."""
    form = PartnerForm()

    def create() -> Any:
        return partners.create_partner(form.values(), actor=actor(), now=now())

    if request.method == "POST" and is_sound(form, create):
        try:
            partner = create()
        except InvalidInput as error:
            transaction.rollback()
            form.attach(error)
        else:
            flash(gettext("企业已登记，等待审核。"), "success")
            return see_other(url_for("partners.show", pid=partner.pid))
    status = 422 if request.method == "POST" else 200
    return render_template("partners/new.html", form=form), status


@bp.get("/<pid>")
@requires(Permission.PARTNER_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show a partner's record."""
    return _record(pid)


@bp.route("/<pid>/edit", methods=["GET", "POST"])
@requires(Permission.PARTNER_WRITE)
def edit(pid: str) -> ResponseReturnValue:
    """Change a partner's record."""

    def save(partner: Any, form: PartnerForm) -> None:
        partners.edit_partner(
            partner,
            form.values(),
            expected_version=form.expected_version,
            actor=actor(),
            now=now(),
        )

    return edit_page(
        Edit(
            load=lambda: partners.get_partner(pid, actor=actor()),
            form=lambda partner, **given: PartnerForm(**given, data=partner_data(partner)),
            save=save,
            page=lambda partner, form, stale: render_template(
                "partners/edit.html", form=form, partner=partner, stale=stale
            ),
            done=lambda *_: lead_on(gettext("企业资料已保存。"), url_for("partners.show", pid=pid)),
        )
    )


@bp.post("/<pid>/<step>")
@requires(Permission.PARTNER_WRITE)
@single_submission
def step(pid: str, step: str) -> ResponseReturnValue:
    """Make one step of the vetting."""
    partner = partners.get_partner(pid, actor=actor())
    reason = request.form.get("reason", "")
    try:
        partners.advance_partner(
            partner, step, actor=actor(), now=now(), reason=reason, seen=seen()
        )
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        return _record(pid, failed=error, failed_step=step)
    flash(gettext("已完成：%(step)s", step=str(words.STEPS[step])), "success")
    return see_other(url_for("partners.show", pid=pid))


def _record(pid: str, *, failed: DomainError | None = None, failed_step: str = "") -> Any:
    partner = partners.get_partner(pid, actor=actor())
    is_stale = isinstance(failed, StaleEdit)
    if is_stale:
        note_stale(partner)
    steps, refusals = partners.steps_and_refusals(partner)
    page = render_template(
        "partners/show.html",
        partner=partner,
        phone=national_phone(partner.contact_phone) if partner.contact_phone else "",
        steps=steps,
        obstacles=list(dict.fromkeys(map(error_text, refusals))),
        openings=vacancy_lists.openings_of(partner, actor=actor()),
        failure=error_text(failed) if failed and not is_stale else "",
        failed_step=failed_step,
        reason=request.form.get("reason", ""),
        reason_fault=faults_of(failed).get("reason", ""),
        words=words,
        say=vacancy_words,
        today=today(),
    )
    return page, status_of(failed)
