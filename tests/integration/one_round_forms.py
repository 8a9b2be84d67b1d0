"""Every form of the site and its faults: what is typed wrongly at once, and must be told at once.

`ROUNDS` has an entry per form that several faults can meet, of shape (the form) and of rules (the
use case) together; test_one_round_forms.py sends them. Why a form with fields can only be wrong in
one way is said at its request in writing_requests.py (`one_fault`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matchboard.domain.client import ConsentScope
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.web.forms import (
    account,
    admin,
    clients,
    covers,
    handovers,
    installation,
    own_page,
    partners,
    placements,
    policies,
    referrals,
    restricted,
    training,
    vacancies,
)
from matchboard.web.forms.base import BaseForm
from tests import factories
from tests.client import QualityClient
from tests.integration import writing_requests as w
from tests.integration.writing_requests import ON_EMPTY, WRITINGS, Ready, Writing

NO_DATE, NO_NUMBER, NO_PLACE = "不知道哪天", "很多", "不知道哪里"
FAR, PAST, LONG = "2099-01-01", "2020-01-01", "长" * 2001


@dataclass(frozen=True, slots=True)
class Round:
    """One form with faults of all its fields at once."""

    writing: Writing
    #: Its class; None for a form the page writes by hand.
    form: type[BaseForm] | None
    #: Field → what is typed (None: nothing is sent), or how it is found once the page is open.
    faults: Mapping[str, Any]
    #: Field → what is typed beside them, and is right.
    beside: Mapping[str, Any] = field(default_factory=dict)
    #: Field → why it is refused when empty without a mark, or marked without being refused.
    unlike_marks: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.writing)

    def sent(self, ready: Ready, typed: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is typed as it is sent: with the prefix of the form's fields, if any."""
        longer = {sent.rpartition("-")[2]: sent for sent in ready.values if sent.count("-")}
        names = {n: n if n in ready.values else longer.get(n, n) for n in typed}
        return {names[n]: v(ready) if callable(v) else v for n, v in typed.items()}


ROUNDS: list[Round] = []
_BY_NAME = {str(one): one for one in [*WRITINGS, *ON_EMPTY]}
Arrange = Callable[[QualityClient], Ready]


def _round(
    name: str,
    form: type[BaseForm] | None,
    faults: Mapping[str, Any],
    *,
    beside: Mapping[str, Any] | None = None,
    by: tuple[Role, Arrange] | None = None,
    unlike_marks: Mapping[str, str] | None = None,
) -> None:
    endpoint, _, variant = name.partition(":")
    writing = _BY_NAME[name] if by is None else Writing(endpoint, by[0], by[1], variant)
    ROUNDS.append(Round(writing, form, faults, beside or {}, unlike_marks or {}))


# --- Accounts, units, settings, rules -------------------------------------------------------------

_round("security.login", account.SignInForm, {"email": "", "password": ""})
_round(
    "account.change_password",
    account.ChangePasswordForm,
    {"old_password": "not-the-one", "new_password": "short", "repeated": "other"},
    unlike_marks={"repeated": "nothing twice is the same twice; the new password is missed"},
)
_round(
    "installation.set_up",
    installation.InstallationForm,
    {"name": "", "division_code": NO_PLACE, "security_admin_email": "sys@example.org"},
)
_round(
    "admin.create_account",
    admin.AccountForm,
    {"display_name": "", "email": lambda ready: ready.client.user.email, "unit_pid": ""},
    unlike_marks={"unit_pid": "administrators belong to none: the help says when it is needed"},
)
_round(
    "admin.create_unit",
    admin.UnitForm,
    {"name": lambda _: factories.OfficeFactory().name, "address": "路" * 201},
)
_round(
    "admin.change_settings",
    admin.SecurityRulesForm,
    {"lockout_failures": NO_NUMBER, "lockout_minutes": "99999", "idle_minutes": ""},
)
_round(
    "policies.add",
    policies.PolicyForm,
    {
        "effective_from": PAST,
        "registration_days": "",
        "reminder_second_days": "10",
        "support_years": "99",
    },
    beside={"reminder_first_days": "20"},
)

# --- People ---------------------------------------------------------------------------------------

_NOT_WITH_A_NUMBER = {"identity_number": "either a number or the mark that there is none"}
_round(
    "clients.register",
    clients.NewClientForm,
    {"birth_date": NO_DATE, "phone": "没有电话", "name": "", "registered_on": FAR},
    unlike_marks={**_NOT_WITH_A_NUMBER, "birth_date": "the number states it; the page says so"},
)
_round(
    "client_profile.save:basics",
    clients.BasicsForm,
    {"name": "", "phone": "没有电话", "released_on": "1900-01-01", "registered_on": NO_DATE},
)
_round(
    "client_profile.save:residence",
    clients.ResidenceForm,
    {"residence_division": NO_PLACE, "residence_address": "路" * 201},
)
_round(
    "client_profile.save:preferences",
    clients.PreferencesForm,
    {"max_commute_km": NO_NUMBER, "wage_expected_cny_month": "9999999", "wishes": LONG},
)


def _skill_rows(client: QualityClient) -> Ready:
    ready = w._section(client, "skills", {})
    first = {"skills-0-code": "sew.flat", "skills-0-level": "2", "skills-0-source": "self_stated"}
    ready.values |= first
    return ready


_round(
    "client_profile.save:skill rows",
    clients.SkillsForm,
    {
        "skills-0-code": "谁也没有听说过的本事",
        "skills-2-code": "sew.flat",
    },
    beside={
        "skills-1-code": "sew.flat",
        "skills-1-level": "",
        "skills-1-source": "self_stated",
        "skills-2-level": "",
        "skills-2-source": "self_stated",
    },
    by=(Role.OFFICER, _skill_rows),
)
_round(
    "client_profile.save:certificate rows",
    clients.CertificatesForm,
    {
        "certificates-0-issued_on": FAR,
        "certificates-1-code": "",
    },
    beside={"certificates-0-code": "cert.health", "certificates-1-issued_on": PAST},
    by=(Role.OFFICER, lambda client: w._section(client, "certificates", {})),
)
_round(
    "client_profile.save:experience rows",
    clients.ExperienceForm,
    {
        "experience-0-months": "",
        "experience-1-title": "",
        "experience-1-months": NO_NUMBER,
    },
    beside={"experience-0-title": "做过饭"},
    by=(Role.OFFICER, lambda client: w._section(client, "experience", {})),
)
_round(
    "covers.state",
    covers.CoverForm,
    {"covering_pid": "", "from_on": NO_DATE, "until_on": NO_DATE, "reason": ""},
)
_round("handovers.hand_over", handovers.HandoverForm, {"people": [], "to": ""})
_round("restricted.open_record", clients.PurposeForm, {"purpose": None, "note": "由" * 201})


def _two_records(client: QualityClient) -> Ready:
    ready = w._save_record(client)
    ready.values |= {"state": "listed", "records-0-basis": "conviction"}
    return ready


# --- Openings and partners ------------------------------------------------------------------------

_OPENING = {
    "headcount": "几个",
    "hours_per_day": "30",
    "wage_max_cny_month": "1",
    "contract_months": NO_NUMBER,
}
_round("vacancies.new", vacancies.NewStaffVacancyForm, {**_OPENING, "partner": "", "title": ""})
_round("vacancies.edit", vacancies.StaffVacancyForm, {**_OPENING, "open_on": NO_DATE})
_round("partner_vacancies.new", vacancies.PartnerVacancyForm, {**_OPENING, "title": ""})
_round("partner_vacancies.edit", vacancies.PartnerVacancyForm, {**_OPENING, "close_on": NO_DATE})
_PARTNER = {"name": "", "uscc": "123", "contact_phone": "没有电话", "verified_on": FAR}
_round("partners.new", partners.PartnerForm, {**_PARTNER, "division_code": NO_PLACE})
_round(
    "partners.edit",
    partners.PartnerForm,
    {**_PARTNER, "agreement_signed_on": ""},
    unlike_marks={"agreement_signed_on": "needed once the partner is active: the help says so"},
)
_round(
    "partner_vacancies.profile",
    partners.ProfileForm,
    {"division_code": NO_PLACE, "contact_phone": "没有电话"},
)

# --- Training -------------------------------------------------------------------------------------

_COURSE = {"title": "", "hours": "99999", "title_en": "t" * 161}
_round("training.create_course", training.CourseForm, _COURSE)
_round(
    "training.edit_course",
    training.CourseForm,
    {**_COURSE, "skills": ["", "", "", ""]},
    unlike_marks={"skills": "a public course confers something: the help says so"},
)
_round(
    "training.create_session",
    training.SessionForm,
    {"starts_on": "", "ends_on": PAST, "capacity": "0", "division_code": NO_PLACE},
)
_round("training.edit_session", training.SessionForm, {"starts_on": NO_DATE, "capacity": "0"})
_round("trainees.enrol_walk_in", training.WalkInForm, {"client_pid": "", "birth_date": NO_DATE})
_round("trainees.take_step:drop out", training.StepForm, {"reason": "", "note": "长" * 401})
_round("client_training.decline", None, {"reason": "", "note": "长" * 401})
_round(
    "trainees.complete_marked",
    training.CompleteForm,
    {"result_on": NO_DATE},
    unlike_marks={"result_on": "filled in with the day the run ends, and read out as required"},
)

# --- Placements -----------------------------------------------------------------------------------

S = PlacementState


def _step(state: PlacementState, step: str, values: dict[str, Any]) -> tuple[Role, Arrange]:
    return Role.OFFICER, lambda client: w._step(client, state, step, values)


_round("placements.step:consent", placements.ConsentForm, {"scope": None, "signed": None})
_round(
    "placements.step:invite",
    placements.InviteForm,
    {"interview_on": FAR, "interview_place": "长" * 201, "note": ""},
    by=_step(
        S.SENT,
        "invite",
        {"interview_on": "2026-11-26", "interview_time": "09:30", "note": "王经理来电"},
    ),
)
_round(
    "placements.step:offer",
    placements.OfferForm,
    {"start_on": FAR, "wage_cny_month": NO_NUMBER, "note": ""},
)
_round(
    "placements.step:refuse",
    placements.RefuseForm,
    {"reason": "", "note": ""},
    by=_step(S.SENT, "refuse", {"reason": "skill_missing", "note": "王经理来电"}),
)
_round("placements.step:miss", placements.MissForm, {"reason": "", "note": ""})
_round(
    "placements.step:start",
    placements.StartForm,
    {"start_on": FAR, "wage_cny_month": NO_NUMBER, "note": LONG},
    by=_step(S.OFFERED, "start", {"start_on": "2026-11-24"}),
)
_round(
    "placements.step:withdraw",
    placements.ReasonForm,
    {"reason": "", "note": LONG},
    by=_step(S.PROPOSED, "withdraw", {"reason": "other", "note": "企业不招了"}),
)
_round("placements.step:end", placements.EndForm, {"reason": "", "ended_on": FAR})
_round(
    "placements.check",
    placements.CheckForm,
    {
        "wage_cny_month": NO_NUMBER,
        "hours_per_week": "500",
        "ended_on": FAR,
        "reason": "",
    },
    beside={"still_employed": "0"},
)
_round(
    "placements.settle",
    placements.SettleForm,
    {"placement_type": "", "started_on": FAR, "wage_cny_month": NO_NUMBER},
)

# --- The employer's answers -----------------------------------------------------------------------


def _answer(state: str, step: str, values: dict[str, str]) -> tuple[Role, Arrange]:
    def arrange(client: QualityClient) -> Ready:
        placement = w._referral(client, ConsentScope.CARD_AND_CONTACT, state)
        clock = client.app.config["CLOCK"]
        if state == "started":
            placement.started_on = clock.today - timedelta(days=3)
        if state == "offered":
            placement.holds_reservation, placement.vacancy.n_reserved = True, 1
        named = {f"{step}-{name}": value for name, value in values.items()}
        page = f"/partner/referrals/{placement.pid}"
        return w._form(client, page, f"form[action$='/{step}']", named)

    return Role.ENTERPRISE, arrange


_round(
    "partner.answer:invite",
    referrals.InviteForm,
    {"interview_on": FAR, "interview_place": "", "note": "长" * 401},
)
_round(
    "partner.answer:offer",
    referrals.OfferForm,
    {"start_on": FAR, "wage_cny_month": NO_NUMBER},
    by=_answer("interview", "offer", {"start_on": "2026-12-01", "wage_cny_month": "4800"}),
)
_round(
    "partner.answer:start",
    referrals.StartForm,
    {"start_on": FAR, "note": "长" * 401},
    by=_answer("offered", "start", {"start_on": "2026-11-24"}),
)
_round(
    "partner.answer:refuse",
    referrals.ReasonedForm,
    {"reason": "", "note": "长" * 401},
)
_round(
    "partner.answer:miss",
    referrals.MissForm,
    {"reason": "", "note": ""},
    by=_answer("interview", "miss", {"reason": "did_not_come", "note": "打过两次电话"}),
)
_round(
    "partner.answer:end",
    referrals.EndForm,
    {"reason": "", "ended_on": FAR},
    by=_answer("started", "end", {"reason": "quit", "ended_on": "2026-11-24"}),
)

# --- The person's own page ------------------------------------------------------------------------


def _own(state: str, action: str, values: dict[str, str]) -> tuple[Role, Arrange]:
    def arrange(client: QualityClient) -> Ready:
        path, person = w._own_page(client)
        clock = client.app.config["CLOCK"]
        started = clock.today - timedelta(days=30) if state == "started" else None
        placement = factories.PlacementFactory(client=person, state=state, started_on=started)
        factories.OutcomeCheckFactory(placement_id=placement.id, due_on=clock.today)
        named = {f"{action}-{placement.pid}-{n}": v for n, v in values.items()}
        return w._form(client, path, f"form[action$='/{placement.pid}/{action}']", named)

    return Role.CLIENT, arrange


_round("own_page.act:consent", own_page.ConsentForm, {"scope": None, "birth_date": ""})
_round(
    "own_page.act:decline",
    own_page.ReasonForm,
    {"note": "", "birth_date": PAST},
    beside={"reason": "other"},
)
_round(
    "own_page.act:end",
    own_page.EndForm,
    {"reason": "", "ended_on": FAR},
    by=_own("started", "end", {"reason": "quit", "ended_on": "2026-11-24", "birth_date": w.BORN}),
)
_round(
    "own_page.act:check",
    own_page.CheckForm,
    {"own_words": "长" * 601, "birth_date": PAST},
    beside={"still_employed": "yes"},
    by=_own("started", "check", {"still_employed": "yes", "birth_date": w.BORN}),
)
_round("own_page.request_correction", own_page.CorrectionForm, {"words": "", "birth_date": PAST})

#: Forms without an entry in `ROUNDS`: field lists of others, and those of one field.
FORMS_APART: dict[type[BaseForm], str] = {
    installation.SetupCodeForm: "one field",
    clients.BasicsForm: "",
    placements.ProposeForm: "in a case of its own",
    placements.SendForm: "a button",
    placements.NoteForm: "one field",
    placements.WidenForm: "one tick",
    own_page.BirthDateForm: "one field",
    referrals.AnswerForm: "one field",
    restricted.FactsForm: "in a case of its own",
    training.RecommendForm: "one tick",
    vacancies.VacancyForm: "the part both forms of an opening share",
}
