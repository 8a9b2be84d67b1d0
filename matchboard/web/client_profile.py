"""The profile: each section is read, edited and saved by itself, with and without scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Any

from flask import Blueprint, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.client import Education, EmploymentType, Exertion, Shift
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import InvalidFields, InvalidInput, problems_of
from matchboard.domain.identity import mask_identity_number, national_phone
from matchboard.domain.roles import Permission
from matchboard.labels import error_text, label
from matchboard.labels.accounts import lead_words
from matchboard.services import (
    client_background,
    client_profile,
    client_sections,
    clients,
    number_tries,
)
from matchboard.services.client_completeness import has_residence_mismatch
from matchboard.web.client_header import client_header
from matchboard.web.codebooks import division_words, occupation_words, skill_words
from matchboard.web.context import actor, now
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.clients import (
    BasicsForm,
    CertificatesForm,
    ExperienceForm,
    PreferencesForm,
    ResidenceForm,
    SkillsForm,
)
from matchboard.web.forms.compare import StaleForm
from matchboard.web.forms.rows import RowsForm
from matchboard.web.guard import requires
from matchboard.web.one_round import add_refusals
from matchboard.web.responses import is_swap, page_or_partial
from matchboard.web.template_setup import money_month

bp = Blueprint("client_profile", __name__, url_prefix="/clients/<pid>/profile")
S = ProfileSection


@dataclass(frozen=True, slots=True)
class _Section:
    """How one section is edited: its form, what the form shows first, what saves it."""

    form: type[BaseForm]
    values: Callable[[Any], dict[str, Any]]
    update: Callable[..., None]
    offer: Callable[[Any, Any], None] = lambda _form, _client: None


@bp.get("")
@requires(Permission.CLIENT_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show all sections for reading."""
    client = clients.get_client(pid, actor=actor())
    # Always the whole page, whoever asks.
    return render_template(
        "clients/profile.html", **_page(client) | {"header": client_header(client)}
    )


@bp.get("/<section>")
@requires(Permission.CLIENT_WRITE)
def edit(pid: str, section: str) -> ResponseReturnValue:
    """Show one section as a form, the others for reading; a swap brings that section alone."""
    if request.args.get("read"):
        client = clients.get_client(pid, actor=actor())
        return _answer(client, _section_of(section))
    return _edit_section(pid, section)


@bp.post("/<section>")
@requires(Permission.CLIENT_WRITE)
def save(pid: str, section: str) -> ResponseReturnValue:
    """Save one section, or show its form again with what is wrong."""
    return _edit_section(pid, section)


def _edit_section(pid: str, name: str) -> ResponseReturnValue:
    chosen = _section_of(name)

    def update(client: Any, form: Any) -> None:
        SECTIONS[chosen].update(
            client,
            form.typed(),
            expected_version=form.expected_version,
            actor=actor(),
            now=now(),
        )

    def save(client: Any, form: BaseForm) -> None:
        try:
            update(client, form)
        except InvalidInput as error:
            raise _record_look(error, form) or error from None

    def is_sound(client: Any, form: BaseForm, _save: Any) -> bool:
        if form.validate():
            return True
        refused = add_refusals(form, lambda: update(client, form))
        told = _record_look(InvalidFields(refused), form)
        if told is not None:
            form.identity_number.errors = [error_text(told)]
        return False

    return edit_page(
        Edit(
            load=lambda: clients.get_client(pid, actor=actor()),
            form=partial(_form_of, chosen),
            save=save,
            is_sound=is_sound,
            page=lambda client, form, stale: _answer(client, chosen, form, stale),
            done=lambda client, _: _saved(client, chosen),
        )
    )


def _record_look(error: InvalidInput, form: Any) -> InvalidInput | None:
    """Put on record what a refusal tells of an identity number, before it is told.

    That another office has it, or that nobody has. Returns what is to be told instead where others,
    sent with it, have used up what may be asked.
    """
    holder = clients.holder_elsewhere(error)
    if holder is None and not _told_free(form, error):
        return None
    try:
        number_tries.count_answer(holder, actor=actor(), now=now())
    except InvalidInput as refusal:
        return refusal
    return None


def _told_free(form: Any, error: InvalidInput) -> bool:
    """Return whether a refusal tells that nobody bears the typed number."""
    if "identity_number" not in form or not (form.identity_number.data or "").strip():
        return False
    is_faulty = any(one.field == "identity_number" for one in problems_of(error))
    return not is_faulty and not form.identity_number.errors


def _saved(client: Any, chosen: ProfileSection) -> ResponseReturnValue:
    # The page's heading shows the name and the header the stage: those need the whole page.
    if is_swap() and chosen is not S.BASICS:
        values = _page(client, chosen, note=gettext("已保存。"))
        response = make_response(render_template("clients/_section.html", **values))
        response.headers["HX-Push-Url"] = f"/clients/{client.pid}/profile"
        return response
    return lead_on(
        gettext("已保存：%(section)s。", section=label(chosen)),
        f"/clients/{client.pid}/profile#section-{chosen.value}",
    )


def _answer(
    client: Any,
    chosen: ProfileSection,
    form: BaseForm | None = None,
    stale: StaleForm | None = None,
) -> ResponseReturnValue:
    if isinstance(form, RowsForm):
        form.offer_blank()
    page = _page(client, chosen, form=form, conflict=stale)
    return page_or_partial("clients/profile.html", "clients/_section.html", **page)


def _page(
    client: Any,
    section: ProfileSection | None = None,
    *,
    form: BaseForm | None = None,
    conflict: Any = None,
    note: str = "",
) -> dict[str, Any]:
    """Return the values of the page; `section` is the one open or swapped."""
    return {
        "client": client,
        "header": client_header(client) if not is_swap() else None,
        "sections": list(ProfileSection),
        "section": section,
        "form": form,
        "conflict": conflict,
        "note": note,
        "masked_number": mask_identity_number(client.id_number) if client.id_number else "",
        "phone": national_phone(client.phone) if client.phone else "",
        "has_mismatch": has_residence_mismatch(client),
        "credited_skills": [s for s in client.skills if client_background.is_credited(s)],
        "stated_skills": [s for s in client.skills if not client_background.is_credited(s)],
        "education_words": _member_words(Education, client.education),
        "wishes_words": _wishes(client),
        "words": {
            "division": division_words,
            "occupation": occupation_words,
            "skill": skill_words,
        },
    }


def _member_words(enum: type[IntEnum], value: int | None) -> str:
    return "" if value is None else label(enum(value))


def _wishes(client: Any) -> list[tuple[str, str]]:
    """Return the wishes in words; an empty one reads "not filled in"."""
    lodging = {True: gettext("需要，或可以住"), False: gettext("不住单位")}
    km, wage = client.max_commute_km, client.wage_expected_cny_month
    available = client.available_on
    return [
        (gettext("想做的工作"), _listed(occupation_words(c) for c in client.desired_occupations)),
        (gettext("最远能接受的路程"), "" if km is None else gettext("%(n)s 公里", n=f"{km:g}")),
        (gettext("期望月工资"), "" if wage is None else money_month(wage)),
        (gettext("要不要单位提供住宿"), lodging.get(client.needs_lodging, "")),
        (gettext("能上的班次"), _listed(label(Shift(s)) for s in client.shifts_ok)),
        (gettext("最多能承受的体力强度"), _member_words(Exertion, client.exertion_max)),
        (
            gettext("能接受的用工形式"),
            _listed(label(EmploymentType(t)) for t in client.employment_types_ok),
        ),
        (gettext("最早哪天可以上班"), available.isoformat() if available else ""),
    ]


def _listed(words: Iterable[str]) -> str:
    return gettext("、").join(words)


def _section_of(name: str) -> ProfileSection:
    try:
        return ProfileSection(name)
    except ValueError:
        abort(404)


def _form_of(chosen: ProfileSection, client: Any, **given: Any) -> BaseForm:
    """Return a section's form; a draft kept at signing in again fills it before the record does."""
    section = SECTIONS[chosen]
    values = section.values(client)
    if request.method == "POST" and not given and issubclass(section.form, RowsForm):
        values.pop(section.form.ROWS)  # rows are as sent: a removed one is not sent
    form = section.form(**given, data=values)
    section.offer(form, client)
    if not form.version.data:
        form.version.data = str(client_sections.section_version(client, chosen))
    return form


# --- What each form shows first ------------------------------------------------------------


def _basics(client: Any) -> dict[str, Any]:
    names = "name birth_date sex contact_status kind stage released_on registered_on seeking_work"
    return {
        **{name: getattr(client, name) for name in names.split()},
        "phone": national_phone(client.phone) if client.phone else "",
        "case_lead_pid": client.case_lead.pid if client.case_lead else "",
    }


def _offer_leads(form: Any, client: Any) -> None:
    leads = [(user.pid, user.display_name) for user in clients.list_case_leads(client)]
    present = client.case_lead
    if present is not None and present.pid not in {pid for pid, _ in leads}:
        leads.append((present.pid, lead_words(client)))
    may_hand_over = client_profile.may_hand_over(client, actor=actor(), now=now())
    if not may_hand_over:
        leads = [lead for lead in leads if present is not None and lead[0] == present.pid]
    form.offer(
        leads,
        has_number=client.id_number_digest is not None,
        may_hand_over=may_hand_over,
    )


def _residence(client: Any) -> dict[str, Any]:
    names = ("residence_division", "residence_address", "registered_division")
    return {name: getattr(client, name) for name in names}


def _skills(client: Any) -> dict[str, Any]:
    stated = [row for row in client.skills if not client_background.is_credited(row)]
    return {
        "skills": [{"code": s.skill_code, "level": s.level, "source": s.source} for s in stated]
    }


def _certificates(client: Any) -> dict[str, Any]:
    stated = [row for row in client.certificates if not client_background.is_credited(row)]
    names = ("code", "issued_on", "expires_on", "seen_by_officer")
    return {"certificates": [{name: getattr(row, name) for name in names} for row in stated]}


def _experience(client: Any) -> dict[str, Any]:
    names = ("occupation_code", "title", "months")
    return {
        "education": client.education,
        "experience": [{name: getattr(row, name) for name in names} for row in client.experience],
    }


def _preferences(client: Any) -> dict[str, Any]:
    names = (
        "desired_occupations max_commute_km wage_expected_cny_month shifts_ok needs_lodging "
        "exertion_max employment_types_ok available_on wishes"
    )
    return {name: getattr(client, name) for name in names.split()}


SECTIONS: dict[ProfileSection, _Section] = {
    S.BASICS: _Section(BasicsForm, _basics, client_profile.update_basics, _offer_leads),
    S.RESIDENCE: _Section(ResidenceForm, _residence, client_profile.update_residence),
    S.SKILLS: _Section(SkillsForm, _skills, client_background.update_skills),
    S.CERTIFICATES: _Section(
        CertificatesForm, _certificates, client_background.update_certificates
    ),
    S.EXPERIENCE: _Section(ExperienceForm, _experience, client_background.update_background),
    S.PREFERENCES: _Section(PreferencesForm, _preferences, client_profile.update_preferences),
}
