"""Openings as staff see them: list, review queue, record, forms, steps."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import Conflict, DomainError, InvalidInput, StaleEdit
from matchboard.domain.job_trades import JobTrade, trade_of
from matchboard.domain.roles import Actor, Permission
from matchboard.domain.vacancy import (
    EDITABLE,
    VacancySource,
    VacancyState,
    Visibility,
    available_steps,
)
from matchboard.labels import error_text, label, partners as partner_labels, vacancies as words
from matchboard.services import (
    legal_gate,
    partners,
    transaction,
    vacancies,
    vacancy_editing,
    vacancy_lists,
    vacancy_occupation,
    vacancy_posting,
)
from matchboard.services.vacancy_editing import VacancyInput
from matchboard.services.vacancy_lists import VacancyFilter
from matchboard.web import vacancy_steps, vacancy_words
from matchboard.web.codebooks import (
    DIVISIONS,
    Choice,
    Unresolved,
    division_words,
    occupation_words,
    occupations_of_title,
    skill_words,
)
from matchboard.web.context import actor, now, today
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.faults import faults_of
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.occupation_of_title import FIND
from matchboard.web.forms.vacancies import (
    NewStaffVacancyForm,
    StaffVacancyForm,
    VacancyForm,
    field_label,
    form_data,
)
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.navigation import counts
from matchboard.web.notices import flash
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import note_stale, seen
from matchboard.web.submissions import single_submission
from matchboard.web.vacancy_history import history_items

bp = Blueprint("vacancies", __name__, url_prefix="/vacancies")

FILTERS = ("q", "state", "partner", "trade", "division", "source")


@counts("vacancies")
def n_in_review(who: Actor, _now: Any) -> int:
    """Count what waits for the district's review."""
    if not may_review(who):
        return 0
    return vacancy_lists.count_in_state(VacancyState.IN_REVIEW, actor=who)


def may_review(who: Actor) -> bool:
    """Return whether the review is this person's work."""
    return any(step.name == "approve" for step in available_steps(VacancyState.IN_REVIEW, who.role))


@bp.get("")
@requires(Permission.VACANCY_READ)
def index() -> ResponseReturnValue:
    """Show the openings the actor works with."""
    state = with_place(ListState.from_args(FILTERS, sorts=vacancy_lists.SORTS))
    wanted = VacancyFilter(
        text=state.get("q")[:60],
        state=_member(VacancyState, state.get("state")),
        partner_pid=state.get("partner"),
        trade=_member(JobTrade, state.get("trade")),
        division_code=state.get("division"),
        source=_member(VacancySource, state.get("source")),
        sort=state.sort,
    )
    page = vacancy_lists.list_vacancies(wanted, actor=actor(), number=state.page)
    return page_or_partial(
        "vacancies/index.html",
        "vacancies/_list.html",
        state=state,
        page=page,
        is_blank=is_blank("vacancies", page.n_total),
        chips=_chips(state),
        trades=[(trade.value, label(trade)) for trade in JobTrade],
        states=[(one.value, label(one)) for one in VacancyState],
        sources=[(one.value, label(one)) for one in VacancySource],
        say=vacancy_words,
        place_text=division_words(state.get("division")) if state.get("division") else "",
        n_in_review=n_in_review(actor(), now()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.VACANCY_WRITE)
@single_submission
def new() -> ResponseReturnValue:
    """Write an opening for a vetted partner; `?partner=` and `?copy=` fill in the start."""
    form = NewStaffVacancyForm(data=_start())
    form.offer(partners.active_partners(actor=actor()))
    is_sent = offer_or_send(form)
    if is_sent and without_faults(form):
        partner = partners.get_partner(form.partner.data, actor=actor())
        try:
            vacancy = vacancy_editing.create_vacancy(
                form.values(), partner=partner, actor=actor(), now=now()
            )
        except (InvalidInput, Conflict) as error:
            transaction.rollback()
            form.attach(error)
        else:
            flash(gettext("岗位已保存为草稿，核对后送审。"), "success")
            return see_other(url_for("vacancies.show", pid=vacancy.pid))
    return render_template("vacancies/new.html", form=form), 422 if is_sent else 200


@bp.get("/<pid>")
@requires(Permission.VACANCY_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show everything about one opening."""
    return _record(pid)


@bp.route("/<pid>/edit", methods=["GET", "POST"])
@requires(Permission.VACANCY_WRITE)
def edit(pid: str) -> ResponseReturnValue:
    """Change an opening."""
    show_it = url_for("vacancies.show", pid=pid)
    if vacancy_steps.is_over(vacancies.get_vacancy(pid, actor=actor())):
        return see_other(show_it)
    return edit_page(
        Edit(
            load=lambda: vacancies.get_vacancy(pid, actor=actor()),
            form=partial(form_of, StaffVacancyForm),
            is_sent=offer_or_send,
            is_sound=lambda vacancy, form, _: without_faults(form, vacancy=vacancy),
            save=save_edit,
            page=lambda vacancy, form, stale: render_template(
                "vacancies/edit.html", form=form, vacancy=vacancy, stale=stale
            ),
            done=lambda *_: lead_on(gettext("岗位已保存。"), show_it),
        )
    )


@bp.post("/<pid>/occupation")
@requires(Permission.VACANCY_WRITE)
@single_submission
def occupation(pid: str) -> ResponseReturnValue:
    """Confirm which occupation the opening is of."""
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    code = request.form.get("occupation_code", "")
    try:
        vacancy_occupation.confirm_occupation(vacancy, code, actor=actor(), now=now(), seen=seen())
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        return _record(pid, failed=error, failed_step="occupation")
    flash(gettext("职业已核对：%(occupation)s。", occupation=occupation_words(code)), "success")
    return see_other(url_for("vacancies.show", pid=pid))


@bp.post("/<pid>/<step>")
@requires(Permission.VACANCY_WRITE)
@single_submission
def step(pid: str, step: str) -> ResponseReturnValue:
    """Make one step of the lifecycle; the table says whose it is."""
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    try:
        vacancy_steps.take(vacancy, step)
    except (InvalidInput, Conflict) as error:
        transaction.rollback()
        return _record(pid, failed=error, failed_step=step)
    return see_other(url_for("vacancies.show", pid=pid))


def form_of(kind: type[VacancyForm], vacancy: Any, **given: Any) -> VacancyForm:
    """Return the form that changes an opening, with the marks of where it stands."""
    stored = form_data(vacancy_editing.input_of(vacancy), version=vacancy.version)
    form = kind(**given, data=stored)
    form.mark_needed(vacancy)
    return form


def save_edit(vacancy: Any, form: VacancyForm) -> None:
    """Save what the form of an opening carries."""
    vacancy_editing.edit_vacancy(
        vacancy, form.carried(), expected_version=form.expected_version, actor=actor(), now=now()
    )


def offer_or_send(form: VacancyForm) -> bool:
    """Return whether the form is sent; if it is only shown, offer occupations for its title.

    A quick draft is saved without a question.
    """
    form.occupation_code.asks = request.form.get("action") != "draft"
    is_asked = FIND in request.form
    if request.method == "POST" and not is_asked:
        return True
    if is_asked:
        # Nothing is done yet: the key of the form may still send it once.
        transaction.rollback()
    form.offer_occupations(is_asked=is_asked)
    return False


def without_faults(
    form: VacancyForm, *, partner: Any = None, vacancy: Any = None, is_to_review: bool = False
) -> bool:
    """Return whether nothing stands against the opening typed; otherwise all of it is on the form.

    A question of the form that is still open comes with it, and is none of the faults.
    A version that is not the stored one is no fault of the fields: the comparison comes first.
    """
    is_well_shaped = form.validate()
    if vacancy is not None and form.expected_version != vacancy.version:
        return is_well_shaped
    found = vacancy_editing.faults(
        form.values() if vacancy is None else form.carried(),
        partner=partner if vacancy is None else vacancy.partner,
        vacancy=vacancy,
        is_sent=is_to_review,
        actor=actor(),
        now=now(),
    )
    form.attach_missing(found)
    return is_well_shaped and not found and not form.occupation_code.is_asking


def _record(pid: str, *, failed: DomainError | None = None, failed_step: str = "") -> Any:
    vacancy = vacancies.get_vacancy(pid, actor=actor())
    if isinstance(failed, StaleEdit):
        note_stale(vacancy)
    is_over = vacancy.state not in EDITABLE
    problems = (
        [] if is_over else vacancy_posting.posting_problems(vacancy, actor=actor(), on=today())
    )
    page = render_template(
        "vacancies/show.html",
        vacancy=vacancy,
        occupations=None if is_over else _to_confirm(vacancy),
        **vacancy_steps.offers(vacancy),
        problems=problems,
        articles=vacancy_posting.articles,
        employer_queries=legal_gate.employer_queries(vacancy),
        history=history_items(vacancy),
        failures=failures_of(failed, failed_step),
        failed_step=failed_step,
        reason=request.form.get("reason", ""),
        reason_fault=faults_of(failed).get("reason", ""),
        is_editable=not is_over,
        trade=trade_of(vacancy.occupation_code),
        words=words,
        partner_labels=partner_labels,
        say=vacancy_words,
        skill_words=skill_words,
        VacancyState=VacancyState,
        VacancySource=VacancySource,
        Visibility=Visibility,
    )
    return page, status_of(failed)


def _to_confirm(vacancy: Any) -> list[Choice] | None:
    """Return what the opening's title may mean; None if its occupation needs no confirming."""
    if vacancy.confirmed_occupation:
        return None
    found = list(occupations_of_title(vacancy.title).choices)
    code = vacancy.occupation_code
    if code:
        # What is stored comes first, whatever the title means by now.
        found = [Choice(code, occupation_words(code)), *(c for c in found if c.value != code)]
    return found


def status_of(error: DomainError | None) -> int:
    """Return the status of a page that says why a step was refused."""
    if error is None:
        return 200
    return 409 if isinstance(error, Conflict) else 422


def failures_of(error: DomainError | None, step: str) -> list[tuple[str, str, str]]:
    """Return what was refused as (field as its form calls it, sentence, where to mend it).

    That is "#…" on the page itself (the step's reason), the id of a field of the opening's form, or
    empty. The frame tells of a stale step.
    """
    if error is None or isinstance(error, StaleEdit):
        return []
    found = []
    for one in getattr(error, "problems", (error,)):
        name = getattr(one, "field", "") or ""
        text = field_label(name) or str(words.FIELDS.get(name, ""))
        if name == "reason":
            found.append((gettext("原因"), error_text(one), f"#reason-{step}"))
        else:
            found.append((text, error_text(one), name if field_label(name) else ""))
    return found


def _start() -> dict[str, Any]:
    """Return what a new form begins with."""
    copied = request.args.get("copy", "")
    values = VacancyInput(title="")
    partner_pid = request.args.get("partner", "")
    if copied:
        source = vacancies.get_vacancy(copied, actor=actor())
        values = vacancy_editing.copy_of(source)
        partner_pid = source.partner.pid if source.partner else partner_pid
        if source.source is VacancySource.EXTERNAL:
            values = replace(values, visibility=Visibility.PUBLIC)
    return {**form_data(values), "partner": partner_pid}


def with_place(state: ListState) -> ListState:
    """Return the list's state with its place as a code; words that name none are dropped."""
    text = state.get("division")
    if not text:
        return state
    try:
        code = DIVISIONS.resolve(text)
    except Unresolved as error:
        flash(str(error), "warning")
        filters = {name: found for name, found in state.filters.items() if name != "division"}
        return replace(state, filters=filters)
    return replace(state, filters={**state.filters, "division": [code]})


def _member(enum: Any, text: str) -> Any:
    return enum(text) if text in {member.value for member in enum} else None


def _chips(state: ListState) -> list[tuple[str, str, str]]:
    enums: dict[str, Any] = {"state": VacancyState, "trade": JobTrade, "source": VacancySource}
    chips = []
    for name, found in state.filters.items():
        value = found[0]
        if name in enums:
            member = _member(enums[name], value)
            text = label(member) if member is not None else value
        elif name == "division":
            text = division_words(value)
        elif name == "partner":
            text = gettext("指定企业")
        else:
            text = f"“{value}”"
        chips.append((name, value, text))
    return chips
