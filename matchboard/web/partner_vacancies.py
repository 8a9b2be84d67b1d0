"""The employer's own openings and record; on a shop floor, often on a phone."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, StaleEdit
from matchboard.domain.roles import Permission
from matchboard.domain.vacancy import EDITABLE, VacancyState
from matchboard.labels import error_text, vacancies as words
from matchboard.services import (
    legal_gate,
    partners,
    transaction,
    vacancies,
    vacancy_editing,
    vacancy_lists,
)
from matchboard.services.vacancy_editing import VacancyInput
from matchboard.web import vacancy_steps, vacancy_words
from matchboard.web.codebooks import skill_words
from matchboard.web.context import actor, now
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.faults import faults_of
from matchboard.web.forms.partners import ProfileForm, partner_data
from matchboard.web.forms.vacancies import PartnerVacancyForm, form_data
from matchboard.web.guard import requires
from matchboard.web.responses import see_other
from matchboard.web.seen import note_stale
from matchboard.web.submissions import single_submission
from matchboard.web.vacancies import (
    failures_of,
    form_of,
    offer_or_send,
    save_edit,
    status_of,
    without_faults,
)
from matchboard.web.vacancy_history import history_items

bp = Blueprint("partner_vacancies", __name__, url_prefix="/partner")


@bp.get("/vacancies")
@requires(Permission.VACANCY_OWN)
def index() -> ResponseReturnValue:
    """Show the employer's openings as cards."""
    partner = partners.own_partner(actor())
    openings = vacancy_lists.own_vacancies(actor=actor())
    return render_template(
        "partner_vacancies/index.html",
        partner=partner,
        refusal=_refusal(partner),
        current=[v for v in openings if v.state in EDITABLE],
        past=[v for v in openings if v.state not in EDITABLE],
        words=words,
        say=vacancy_words,
    )


@bp.route("/vacancies/new", methods=["GET", "POST"])
@requires(Permission.VACANCY_OWN)
@single_submission
def new() -> ResponseReturnValue:
    """Write an opening; save it as a draft or send it to review in one go."""
    partner = partners.own_partner(actor())
    last = vacancy_lists.last_own(actor=actor())
    copied = _copied()
    form = PartnerVacancyForm(data=_start(partner, copied))
    is_sent = offer_or_send(form)
    if is_sent and without_faults(form, partner=partner, is_to_review=_is_to_review()):
        try:
            vacancy = vacancy_editing.create_vacancy(
                form.values(), partner=partner, actor=actor(), now=now()
            )
            _send_if_asked(vacancy)
        except (InvalidInput, Conflict) as error:
            transaction.rollback()
            form.attach(error)
        else:
            return lead_on(
                _saved_words(vacancy, VacancyState.DRAFT),
                url_for("partner_vacancies.show", pid=vacancy.pid),
            )
    page = render_template(
        "partner_vacancies/new.html",
        form=form,
        last=last,
        copied=copied,
        refusal=_refusal(partner),
        partner=partner,
        say=vacancy_words,
    )
    return page, 422 if is_sent else 200


@bp.get("/vacancies/<pid>")
@requires(Permission.VACANCY_OWN)
def show(pid: str) -> ResponseReturnValue:
    """Show one of the employer's openings."""
    return _record(pid)


@bp.route("/vacancies/<pid>/edit", methods=["GET", "POST"])
@requires(Permission.VACANCY_OWN)
def edit(pid: str) -> ResponseReturnValue:
    """Change one of the employer's openings."""
    show_it = url_for("partner_vacancies.show", pid=pid)
    if vacancy_steps.is_over(vacancies.get_vacancy(pid, actor=actor())):
        return see_other(show_it)

    def save(vacancy: Any, form: PartnerVacancyForm) -> VacancyState:
        before: VacancyState = vacancy.state
        save_edit(vacancy, form)
        _send_if_asked(vacancy)
        return before

    return edit_page(
        Edit(
            load=lambda: vacancies.get_vacancy(pid, actor=actor()),
            form=partial(form_of, PartnerVacancyForm),
            is_sent=offer_or_send,
            is_sound=lambda vacancy, form, _: without_faults(
                form, vacancy=vacancy, is_to_review=_is_to_review(vacancy)
            ),
            save=save,
            page=lambda vacancy, form, stale: render_template(
                "partner_vacancies/edit.html",
                form=form,
                vacancy=vacancy,
                stale=stale,
                refusal=_refusal(vacancy.partner),
                reviewed_fields=vacancy_steps.reviewed_fields(),
                VacancyState=VacancyState,
            ),
            done=lambda vacancy, before: lead_on(_saved_words(vacancy, before), show_it),
        )
    )


@bp.post("/vacancies/<pid>/<step>")
@requires(Permission.VACANCY_OWN)
@single_submission
def step(pid: str, step: str) -> ResponseReturnValue:
    """Pause, resume, close, refill, renew or confirm one of the employer's openings."""
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    try:
        vacancy_steps.take(vacancy, step)
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        return _record(pid, failed=error, failed_step=step)
    return see_other(url_for("partner_vacancies.show", pid=pid))


@bp.route("/profile", methods=["GET", "POST"])
@requires(Permission.VACANCY_OWN)
def profile() -> ResponseReturnValue:
    """Show the employer's record and change address and contact."""

    def save(partner: Any, form: ProfileForm) -> None:
        partners.edit_profile(
            partner,
            form.profile(),
            expected_version=form.expected_version,
            actor=actor(),
            now=now(),
        )

    return edit_page(
        Edit(
            load=lambda: partners.own_partner(actor()),
            form=lambda partner, **given: ProfileForm(**given, data=partner_data(partner)),
            save=save,
            page=lambda partner, form, stale: render_template(
                "partner_vacancies/profile.html", form=form, partner=partner, stale=stale
            ),
            done=lambda *_: lead_on(
                gettext("企业资料已保存。"), url_for("partner_vacancies.profile")
            ),
        )
    )


def _copied() -> Any:
    """Return the opening the new one is to be like, None if none is named."""
    pid = request.args.get("copy", "")
    return vacancies.get_vacancy(pid, actor=actor()) if pid else None


def _start(partner: Any, copied: Any) -> dict[str, Any]:
    """Return what a new form begins with: a copied opening, or the employer's own place."""
    if copied is not None:
        return form_data(vacancy_editing.copy_of(copied))
    values = VacancyInput(
        title="", division_code=partner.division_code, address=partner.address or ""
    )
    return form_data(values)


def _send_if_asked(vacancy: Any) -> None:
    if _is_to_review(vacancy):
        vacancies.advance(vacancy, "submit", actor=actor(), now=now())


def _is_to_review(vacancy: Any = None) -> bool:
    """Return whether the draft is to be sent to review at once."""
    is_draft = vacancy is None or vacancy.state is VacancyState.DRAFT
    return is_draft and request.form.get("action") == "submit"


def _saved_words(vacancy: Any, before: VacancyState) -> str:
    """Return what saving came to: `before` is the state the opening had when it was typed."""
    if vacancy.state is VacancyState.DRAFT:
        return gettext("草稿已保存，还没有送审。")
    if vacancy.state is not VacancyState.IN_REVIEW:
        return gettext("岗位已保存。")
    if before is VacancyState.IN_REVIEW:
        return gettext("岗位已保存，仍在审核，审核通过前不公开。")
    if before is VacancyState.DRAFT:
        return gettext("已送区安帮办审核，通过后自动发布。")
    if vacancies.is_paused_by_owner(vacancy):
        return gettext("已送审。审核通过后岗位仍是暂停，由您恢复招聘。")
    return gettext("已送审，审核通过前暂不公开。")


def _refusal(partner: Any) -> str:
    """Return why the employer cannot send openings to review now; empty if it can."""
    error = partners.refusal_of(partner)
    return error_text(error) if error else ""


def _record(pid: str, *, failed: DomainError | None = None, failed_step: str = "") -> Any:
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    if isinstance(failed, StaleEdit):
        note_stale(vacancy)
    page = render_template(
        "partner_vacancies/show.html",
        vacancy=vacancy,
        **vacancy_steps.offers(vacancy),
        history=history_items(vacancy),
        failures=failures_of(failed, failed_step),
        failed_step=failed_step,
        reason=request.form.get("reason", ""),
        reason_fault=faults_of(failed).get("reason", ""),
        refusal=_refusal(vacancy.partner),
        employer_queries=legal_gate.employer_queries(vacancy),
        is_editable=vacancy.state in EDITABLE,
        words=words,
        say=vacancy_words,
        skill_words=skill_words,
        VacancyState=VacancyState,
    )
    return page, status_of(failed)
