"""Every writing request of the site, ready to be sent: what faults and replays are tried on.

    @pytest.mark.parametrize("writing", WRITINGS, ids=str)
    def test_...(writing: Writing, app: Flask) -> None:
        ready = writing.prepare(app)          # rows made, signed in, the form filled in
        page = ready.send()                   # as a browser sends it
        page = ready.send(htmx=True, name="") # as htmx does, with another value

`ready.client` is the browser, `ready.page` the page the form stands on, `ready.path` where it goes,
`ready.values` what is sent, `ready.typed` the words somebody typed. Preparing twice makes a second
set of rows: many can share one database. An endpoint whose requests differ much has several
entries (`placements.step: offer`). What an endpoint is excused from stands at its first request.
test_writing_requests.py fails when an endpoint of access.csv has no request, or anything else is
missing for it. `ON_EMPTY` are those of the first start: they need a database without rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from flask import Flask

from matchboard.domain.background import TaskKind, TaskState
from matchboard.domain.client import ConsentScope
from matchboard.domain.organisation import PartnerState
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Actor, Role
from matchboard.domain.training import EnrolmentState
from matchboard.domain.vacancy import OccupationSource, VacancyState
from matchboard.extensions import db
from matchboard.models import Placement, User
from matchboard.services import (
    background,
    corrections,
    installation,
    personal_links,
    ranking_models,
)
from matchboard.services.sign_in import record_failure
from matchboard.web import sessions
from tests import factories
from tests.client import Page, QualityClient
from tests.integration.placement_paths import Case, a_case, brought_to
from tests.ranking_report import trained_model, unlearned_artefact

_CJK = re.compile(r"[\u4e00-\u9fff]")
_NUMBERS = count(1)
BORN = "1985-05-20"  # the factory's birth date


@dataclass(slots=True)
class Ready:
    """A request about to be sent by somebody who has opened its page and filled in the form."""

    client: QualityClient
    path: str
    values: dict[str, Any] = field(default_factory=dict)
    page: str = ""
    #: What was typed in words, which nobody wants to type again.
    typed: tuple[str, ...] = ()
    #: Whether only htmx sends it.
    is_swap: bool = False

    def send(self, *, htmx: bool = False, **changes: Any) -> Page:
        """Send it as the browser does, from the form's page; None leaves a field out."""
        htmx = htmx or self.is_swap
        data = {k: v for k, v in {**self.values, **changes}.items() if v is not None}
        data.setdefault("csrf_token", self.client.csrf_token())
        headers = {"Referer": f"http://localhost{self.page}"} if self.page else {}
        if htmx:
            headers |= {"HX-Request": "true", "HX-Current-URL": f"http://localhost{self.page}"}
        return self.client.request("POST", self.path, data=data, headers=headers)


Prepare = Callable[[QualityClient], Ready]


@dataclass(frozen=True, slots=True)
class Writing:
    """One kind of writing request: of which endpoint, by whom, and how it is prepared."""

    endpoint: str
    role: Role
    arrange: Prepare
    variant: str = ""
    #: Whether what was typed may be repeated to whoever sent it: not passwords, not offence facts.
    is_repeatable: bool = True
    #: Whether its success changes rows; a few only answer, and two write only for some people.
    changes_rows: bool = True
    #: Why its form need not say what it was shown; of one request of an endpoint, for all of them.
    unseen: str = ""
    #: Why several faults cannot meet in its form, where something is filled in; likewise.
    one_fault: str = ""

    def __str__(self) -> str:
        return f"{self.endpoint}:{self.variant}" if self.variant else self.endpoint

    def prepare(self, app: Flask) -> Ready:
        """Make the rows, sign in, open the form and fill it in."""
        client = QualityClient(app)
        if self.role not in {Role.VISITOR, Role.CLIENT}:
            client.sign_in(self.role, with_password=True)
        ready = self.arrange(client)
        db.session.commit()
        return ready


WRITINGS: list[Writing] = []
#: Requests of the first start, which only an empty database takes.
ON_EMPTY: list[Writing] = []
#: Why the form of a new record does not say what it was shown.
NEW = "makes a record: there was nothing to be seen"


def reasons(attribute: str) -> dict[str, str]:
    """Return the endpoints that are excused, with their reason: `unseen`, `one_fault`."""
    every = ((one.endpoint, getattr(one, attribute)) for one in (*WRITINGS, *ON_EMPTY))
    return {endpoint: reason for endpoint, reason in every if reason}


def _writes(
    endpoint: str, role: Role, variant: str = "", *, on_empty: bool = False, **more: Any
) -> Callable[[Prepare], Prepare]:
    def register(arrange: Prepare) -> Prepare:
        entries = ON_EMPTY if on_empty else WRITINGS
        entries.append(Writing(endpoint, role, arrange, variant, **more))
        return arrange

    return register


def _form(
    client: QualityClient,
    page: str | Page,
    selector: str = "",
    typed: dict[str, Any] | None = None,
    *,
    button: str = "",
) -> Ready:
    """Open a page, fill in its form and press a button."""
    opened = page if isinstance(page, Page) else client.get_page(page)
    names = dict(typed or {})
    pressed = dict([button.split("=", 1)]) if button else {}
    form = opened.form(selector, fields={**names, **pressed})
    missing = set(names) - {str(control["name"]) for control in form.controls()}
    assert not missing, f"the form on {opened.path} has no field {sorted(missing)}"
    values: dict[str, Any] = {**form.values(), **names, **pressed}
    words = tuple(v for v in names.values() if isinstance(v, str) and _CJK.search(v))
    return Ready(client, form.action, values, opened.path, words)


def _button(client: QualityClient, page: str, action: str) -> Ready:
    """Open a page and press the one button whose form leads to an address."""
    return _form(client, page, f"form[action$='{action}']")


def _user(client: QualityClient) -> User:
    assert client.user is not None
    return client.user


def _person(client: QualityClient, **attributes: Any) -> Any:
    return factories.ClientFactory(office=_user(client).unit, **attributes)


def _tag() -> str:
    """Return a number in words, so that names stay apart."""
    return "".join("零一二三四五六七八九"[int(digit)] for digit in str(next(_NUMBERS)))


# --- Everybody ------------------------------------------------------------------------------------


@_writes(
    "account.choose_language", Role.OFFICER, unseen="changes how the page reads, decides on nothing"
)
def _language(client: QualityClient) -> Ready:
    return Ready(client, "/language", {"language": "en", "next": "/account"}, "/account")


@_writes("account.choose_language", Role.VISITOR, "visitor", changes_rows=False)
def _language_of_visitor(client: QualityClient) -> Ready:
    return Ready(client, "/language", {"language": "en", "next": "/jobs"}, "/jobs")


@_writes(
    "security.login",
    Role.VISITOR,
    is_repeatable=False,
    unseen="nobody is signed in, nothing was shown",
)
def _sign_in(client: QualityClient) -> Ready:
    user = factories.UserFactory(with_password=True)
    values = {"email": user.email, "password": factories.PASSWORD}
    return _form(client, "/login", "#sign-in", values)


@_writes("security.login", Role.VISITOR, "wrong password", is_repeatable=False)
def _sign_in_wrongly(client: QualityClient) -> Ready:
    user = factories.UserFactory(with_password=True)
    return _form(client, "/login", "#sign-in", {"email": user.email, "password": "not-the-one"})


@_writes(
    "security.logout", Role.OFFICER, unseen="ends the person's own session, whatever the page said"
)
def _sign_out(client: QualityClient) -> Ready:
    return _button(client, "/account", "/logout")


@_writes(
    "account.change_password",
    Role.OFFICER,
    is_repeatable=False,
    unseen="rests on the old password, which the form asks for",
)
def _change_password(client: QualityClient) -> Ready:
    new = "a-longer-horse-battery"
    values = {"old_password": factories.PASSWORD, "new_password": new, "repeated": new}
    return _form(client, "/account/password", "", values)


@_writes(
    "styleguide.index",
    Role.VISITOR,
    changes_rows=False,
    unseen="shows components, stores nothing",
    one_fault="saves nothing",
)
def _styleguide(client: QualityClient) -> Ready:
    return _form(client, "/styleguide", "", {"title": "示例岗位", "duties": "只看不存"})


@_writes(
    "installation.set_up",
    Role.VISITOR,
    on_empty=True,
    unseen="fills an empty database, and asks again whether it is",
)
def _set_up(client: QualityClient) -> Ready:
    code = installation.issue_code(now=client.app.config["CLOCK"]())
    db.session.commit()
    client.submit("/setup", {"code": code}, status=303, follow=False)
    values = {
        "name": "新都区安帮办",
        "division_code": "四川省成都市新都区",
        "offices": "新都司法所\n斑竹园司法所",
        "system_admin_name": "甲",
        "system_admin_email": "sys@example.org",
        "security_admin_name": "乙",
        "security_admin_email": "sec@example.org",
        "audit_admin_name": "丙",
        "audit_admin_email": "audit@example.org",
    }
    return _form(client, "/setup", "", values)


# --- Administrators -------------------------------------------------------------------------------


@_writes("admin.create_account", Role.SYSTEM_ADMIN, unseen=NEW)
def _create_account(client: QualityClient) -> Ready:
    office = factories.OfficeFactory()
    tag = _tag()
    values = {
        "display_name": f"新同事{tag}",
        "email": f"colleague{len(WRITINGS)}.{next(_NUMBERS)}@example.org",
        "role": "officer",
        "unit_pid": office.pid,
    }
    return _form(client, "/admin/accounts/new", "", values)


def _account_button(client: QualityClient, action: str, **attributes: Any) -> Ready:
    user = factories.UserFactory(with_password=True, **attributes)
    path = f"/admin/accounts/{user.pid}"
    return _button(client, path, f"{path}/{action}")


@_writes("admin.disable_account", Role.SYSTEM_ADMIN)
def _disable(client: QualityClient) -> Ready:
    return _account_button(client, "disable")


@_writes("admin.enable_account", Role.SYSTEM_ADMIN)
def _enable(client: QualityClient) -> Ready:
    return _account_button(client, "enable", active=False)


@_writes("admin.unlock_account", Role.SYSTEM_ADMIN)
def _unlock(client: QualityClient) -> Ready:
    user = factories.UserFactory(with_password=True)
    email, path = user.email, f"/admin/accounts/{user.pid}"
    clock = client.app.config["CLOCK"]
    with client.app.test_request_context():
        rules = sessions.default_rules()
    db.session.commit()  # a failure is counted in a transaction of its own
    for _ in range(rules.lockout_failures):
        record_failure(email, rules=rules, now=clock())
    return _button(client, path, f"{path}/unlock")


@_writes("admin.reset_password", Role.SYSTEM_ADMIN)
def _reset_password(client: QualityClient) -> Ready:
    return _account_button(client, "reset-password")


@_writes("admin.name_head", Role.SYSTEM_ADMIN)
def _name_head(client: QualityClient) -> Ready:
    return _account_button(client, "name-head")


@_writes("admin.remove_head", Role.SYSTEM_ADMIN)
def _remove_head(client: QualityClient) -> Ready:
    return _account_button(client, "remove-head", is_office_head=True)


@_writes("admin.create_unit", Role.SYSTEM_ADMIN, unseen=NEW)
def _create_unit(client: QualityClient) -> Ready:
    if not db.session.query(factories.models.Unit).filter_by(kind="district").count():
        factories.DistrictFactory()
    values = {"kind": "justice_office", "name": f"新设司法所{_tag()}", "address": "南湖路玖号"}
    return _form(client, "/admin/units/new", "", values)


@_writes("admin.change_settings", Role.SECURITY_ADMIN)
def _change_settings(client: QualityClient) -> Ready:
    ready = _form(client, "/admin/settings", "form[action='/admin/settings']")
    (present,) = ready.values["lockout_failures"]
    return _changed(ready, lockout_failures="4" if present != "4" else "3")


def _changed(ready: Ready, **values: str) -> Ready:
    ready.values |= values
    return ready


@_writes("admin.confirm_account", Role.SECURITY_ADMIN)
def _confirm(client: QualityClient) -> Ready:
    user = factories.UserFactory(awaits_confirmation=True, active=False)
    return _button(client, "/admin/confirmations", f"/{user.pid}")


@_writes("admin.verify_log", Role.AUDIT_ADMIN, unseen="checks the log, changes nothing")
def _verify(client: QualityClient) -> Ready:
    return _button(client, "/admin/audit", "/verify")


@_writes(
    "admin.export_log",
    Role.AUDIT_ADMIN,
    unseen="hands out what is there at that moment",
    one_fault="its fields are choices of a list already shown",
)
def _export_log(client: QualityClient) -> Ready:
    return _form(client, "/admin/audit", "form:has([name=format][value=csv])")


@_writes("policies.add", Role.DISTRICT)
def _policy(client: QualityClient) -> Ready:
    values = {"effective_from": "2027-01-01", "registration_days": "30"}
    return _form(client, "/policies/new", "", values)


# --- People ---------------------------------------------------------------------------------------


@_writes("clients.register", Role.OFFICER, unseen=NEW)
def _register(client: QualityClient) -> Ready:
    values = {
        "name": f"赵样{_tag()}",
        "identity_number": factories.identity_number(next(_NUMBERS) + 500),
        "kind": "released_person",
        "stage": "in_support",
        "released_on": "2026-11-10",
        "registered_on": "2026-11-20",
        "residence_division": "浙江省嘉兴市南湖区",
    }
    return _form(client, "/clients/new", "", values)


@_writes(
    "clients.check_identity",
    Role.OFFICER,
    unseen="looks a number up, stores nothing",
    one_fault="one field",
)
def _check_identity(client: QualityClient) -> Ready:
    number = factories.identity_number(next(_NUMBERS) + 200)
    return _identity_check(client, number)


def _identity_check(client: QualityClient, number: str) -> Ready:
    values = {"identity_number": number}
    return Ready(client, "/clients/new/identity", values, "/clients/new", is_swap=True)


@_writes("clients.check_identity", Role.OFFICER, "known elsewhere")
def _check_identity_elsewhere(client: QualityClient) -> Ready:
    office = factories.OfficeFactory(parent=_user(client).unit.parent)
    person = factories.ClientFactory(office=office, with_id_number=True)
    return _identity_check(client, person.id_number)


@_writes("clients.export", Role.OFFICER, unseen="hands out what is there at that moment")
def _export(client: QualityClient) -> Ready:
    _person(client)
    return _button(client, "/clients", "/export.xlsx")


@_writes("clients.create_link", Role.OFFICER)
def _create_link(client: QualityClient) -> Ready:
    person = _person(client)
    return _button(client, f"/clients/{person.pid}/link", "/link")


@_writes("clients.revoke_link", Role.OFFICER)
def _revoke_link(client: QualityClient) -> Ready:
    person = _person(client)
    _link_of(client, person, _user(client))
    return _button(client, f"/clients/{person.pid}/link", "/revoke")


def _link_of(client: QualityClient, person: Any, officer: User) -> str:
    clock = client.app.config["CLOCK"]
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock())
    return f"/me/{token}"


def _section(client: QualityClient, section: str, typed: dict[str, Any]) -> Ready:
    person = _person(client)
    path = f"/clients/{person.pid}/profile/{section}"
    return _form(client, path, f"form[action*='/profile/{section}']", typed)


@_writes("client_profile.save", Role.OFFICER, "preferences")
def _preferences(client: QualityClient) -> Ready:
    values = {"wishes": "想学缝纫，离家近一点", "max_commute_km": "8"}
    return _section(client, "preferences", values)


@_writes("client_profile.save", Role.OFFICER, "basics")
def _basics(client: QualityClient) -> Ready:
    return _section(client, "basics", {"name": f"钱样{_tag()}"})


@_writes("client_profile.save", Role.OFFICER, "residence")
def _residence(client: QualityClient) -> Ready:
    values = {"residence_division": "330402", "residence_address": "东门路捌号"}
    return _section(client, "residence", values)


@_writes("client_profile.save", Role.OFFICER, "skills")
def _skills(client: QualityClient) -> Ready:
    ready = _section(client, "skills", {})
    return _changed(ready, **{"skills-0-code": "sew.flat", "skills-0-level": "2"})


@_writes(
    "restricted.open_record",
    Role.OFFICER,
    is_repeatable=False,
    unseen="opens a record to read it, which is put on record",
)
def _open_record(client: QualityClient) -> Ready:
    person = _person(client)
    factories.RestrictedRecordFactory(client_id=person.id, facts='{"records": []}')
    path = f"/clients/{person.pid}/restricted"
    values = {"purpose": "other", "note": "上级来函核查"}
    return _form(client, path, f"form[action='{path}']", values)


@_writes(
    "restricted.save",
    Role.OFFICER,
    is_repeatable=False,
    one_fault="apart: its fields are those of the schema of the facts",
)
def _save_record(client: QualityClient) -> Ready:
    opening = _open_record(client)
    page = opening.send()
    assert page.status == 200
    page.path = opening.path
    return _form(client, page, "form[action$='/record']", {"state": "unknown"})


@_writes("covers.state", Role.OFFICER, unseen=NEW)
def _state_cover(client: QualityClient) -> Ready:
    colleague = factories.UserFactory(unit=_user(client).unit)
    tag = _tag()
    values = {
        "covered_pid": _user(client).pid,
        "covering_pid": colleague.pid,
        "from_on": "2026-11-25",
        "until_on": "2026-11-28",
        "reason": f"外出培训{tag}",
    }
    return _form(client, "/covers/new", "", values)


@_writes("covers.end", Role.OFFICER)
def _end_cover(client: QualityClient) -> Ready:
    cover = factories.AbsenceCoverFactory(covered=_user(client))
    return _button(client, "/covers", f"/covers/{cover.pid}/end")


@_writes("handovers.hand_over", Role.OFFICER)
def _hand_over(client: QualityClient) -> Ready:
    user = _user(client)
    user.is_office_head = True
    left = factories.UserFactory(role=Role.OFFICER, unit=user.unit, active=False)
    person = factories.ClientFactory(office=user.unit, case_lead_id=left.id)
    values = {"people": [person.pid], "to": user.pid}
    return _form(client, f"/handovers/{user.unit.pid}/{left.pid}", "", values)


# --- Openings and partners, by staff --------------------------------------------------------------


def _opening_values(**changes: Any) -> dict[str, Any]:
    return {
        "title": f"缝纫工{_tag()}",
        "occupation_code": "6-05-01-03",
        "headcount": "3",
        "duties": "平车缝制工作服，带班师傅会教",
        "conditions": "不限经验",
        "wage_min_cny_month": "4500",
        "wage_max_cny_month": "6000",
        "contract_months": "12",
        "deposit_free": "y",
        **changes,
    }


@_writes("vacancies.new", Role.OFFICER, unseen=NEW)
def _new_opening(client: QualityClient) -> Ready:
    partner = factories.PartnerFactory()
    place = {"division_code": "330402", "address": "示范路贰号"}
    return _form(client, "/vacancies/new", "", _opening_values(partner=partner.pid, **place))


@_writes("vacancies.edit", Role.OFFICER)
def _edit_opening(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory()
    return _form(client, f"/vacancies/{opening.pid}/edit", "", {"duties": "改成两班倒，夜班有补贴"})


@_writes("vacancies.occupation", Role.OFFICER, one_fault="one code, offered by a button")
def _confirm_occupation(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory(
        state=VacancyState.DRAFT, title="缝纫工", occupation_from=OccupationSource.TITLE
    )
    chosen = "form[action$='/occupation']:has([value='6-05-01-03'])"
    return _form(client, f"/vacancies/{opening.pid}", chosen)


@_writes(
    "vacancies.step",
    Role.OFFICER,
    "submit",
    one_fault="one field, the reason; what the law refuses is told at once",
)
def _submit_opening(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory(state=VacancyState.DRAFT)
    return _button(client, f"/vacancies/{opening.pid}", "/submit")


@_writes("vacancies.step", Role.DISTRICT, "return")
def _return_opening(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory(state=VacancyState.IN_REVIEW)
    values = {"reason": "请写明工作时间"}
    return _form(client, f"/vacancies/{opening.pid}", "form[action$='/return']", values)


@_writes("partners.new", Role.DISTRICT, unseen=NEW)
def _new_partner(client: QualityClient) -> Ready:
    values = {
        "name": f"朝晖服装厂{_tag()}",
        "uscc": factories.credit_code(700_000 + next(_NUMBERS)),
        "industry": "服装制造",
        "division_code": "330402",
        "contact_phone": "13800138000",
    }
    return _form(client, "/partners/new", "", values)


@_writes("partners.edit", Role.DISTRICT)
def _edit_partner(client: QualityClient) -> Ready:
    partner = factories.PartnerFactory()
    return _form(client, f"/partners/{partner.pid}/edit", "", {"address": "示范路玖号三楼"})


@_writes("partners.step", Role.DISTRICT, "suspend", one_fault="one field, the reason")
def _suspend_partner(client: QualityClient) -> Ready:
    partner = factories.PartnerFactory(state=PartnerState.ACTIVE)
    values = {"reason": "协议到期，等待续签"}
    return _form(client, f"/partners/{partner.pid}", "form[action$='/suspend']", values)


# --- The employer ---------------------------------------------------------------------------------


def _own_partner(client: QualityClient) -> Any:
    partners = db.session.query(factories.models.Partner)
    return partners.filter_by(unit_id=_user(client).unit_id).one()


@_writes("partner_vacancies.new", Role.ENTERPRISE, unseen=NEW)
def _new_own_opening(client: QualityClient) -> Ready:
    return _form(client, "/partner/vacancies/new", "", _opening_values(), button="action=draft")


@_writes("partner_vacancies.edit", Role.ENTERPRISE)
def _edit_own_opening(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory(partner=_own_partner(client), state=VacancyState.DRAFT)
    path = f"/partner/vacancies/{opening.pid}/edit"
    return _form(client, path, "", {"duties": "改成做围裙"}, button="action=draft")


@_writes(
    "partner_vacancies.step",
    Role.ENTERPRISE,
    "close",
    one_fault="one field, the reason; what the law refuses is told at once",
)
def _close_own_opening(client: QualityClient) -> Ready:
    opening = factories.VacancyFactory(partner=_own_partner(client))
    values = {"reason": "订单减少，不再招人"}
    path = f"/partner/vacancies/{opening.pid}"
    return _form(client, path, f"form[action='{path}/close']", values)


@_writes("partner_vacancies.profile", Role.ENTERPRISE)
def _own_profile(client: QualityClient) -> Ready:
    return _form(client, "/partner/profile", "", {"address": "示范路拾号门卫室"})


def _referral(client: QualityClient, scope: ConsentScope, state: str = "sent") -> Placement:
    opening = factories.VacancyFactory(partner=_own_partner(client), headcount=2)
    placement: Placement = factories.PlacementFactory(vacancy=opening, state=state)
    factories.ConsentFactory(placement=placement, scope=scope)
    return placement


@_writes("partner.request_contact", Role.ENTERPRISE)
def _request_contact(client: QualityClient) -> Ready:
    placement = _referral(client, ConsentScope.CARD)
    return _button(client, f"/partner/referrals/{placement.pid}", "/request-contact")


def _answer(client: QualityClient, step: str, values: dict[str, str]) -> Ready:
    placement = _referral(client, ConsentScope.CARD_AND_CONTACT)
    named = {f"{step}-{name}": value for name, value in values.items()}
    return _form(client, f"/partner/referrals/{placement.pid}", f"form[action$='/{step}']", named)


@_writes("partner.answer", Role.ENTERPRISE, "invite")
def _invite(client: QualityClient) -> Ready:
    values = {
        "interview_on": "2026-11-26",
        "interview_time": "09:30",
        "interview_place": "厂门口保安室",
        "note": "带上身份证",
    }
    return _answer(client, "invite", values)


@_writes("partner.answer", Role.ENTERPRISE, "refuse")
def _refuse(client: QualityClient) -> Ready:
    return _answer(client, "refuse", {"reason": "skill_missing", "note": "暂时只要熟练工"})


# --- The person's own page ------------------------------------------------------------------------


def _own_page(client: QualityClient) -> tuple[str, Any]:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    return _link_of(client, person, officer), person


@_writes("own_page.act", Role.CLIENT, "consent")
def _own_consent(client: QualityClient) -> Ready:
    path, person = _own_page(client)
    placement = factories.PlacementFactory(client=person)
    prefix = f"consent-{placement.pid}"
    values = {f"{prefix}-scope": "card", f"{prefix}-birth_date": BORN}
    return _form(client, path, f"form[action$='/{placement.pid}/consent']", values)


@_writes("own_page.act", Role.CLIENT, "decline")
def _own_decline(client: QualityClient) -> Ready:
    path, person = _own_page(client)
    placement = factories.PlacementFactory(client=person)
    prefix = f"decline-{placement.pid}"
    values = {
        f"{prefix}-reason": "too_far",
        f"{prefix}-note": "家里有老人要照顾",
        f"{prefix}-birth_date": BORN,
    }
    return _form(client, path, f"form[action$='/{placement.pid}/decline']", values)


@_writes(
    "own_page.request_correction",
    Role.CLIENT,
    unseen="says something in the person's own words, decides on nothing",
)
def _own_correction(client: QualityClient) -> Ready:
    path, _ = _own_page(client)
    values = {"correction-words": "手机号换了，尾号不对", "correction-birth_date": BORN}
    return _form(client, path, "form[action$='/correction']", values)


@_writes("own_page.withdraw_course", Role.CLIENT, one_fault="one field")
def _own_course(client: QualityClient) -> Ready:
    path, person = _own_page(client)
    one = factories.EnrolmentFactory(client=person)
    values = {f"withdraw-{one.pid}-birth_date": BORN}
    return _form(client, path, f"form[action$='/courses/{one.pid}/withdraw-consent']", values)


# --- Training -------------------------------------------------------------------------------------


def _course(client: QualityClient, **attributes: Any) -> Any:
    return factories.CourseFactory(
        provider=_user(client).unit, skills=[("sew.flat", 2)], **attributes
    )


def _session(client: QualityClient, **attributes: Any) -> Any:
    return factories.CourseSessionFactory(course=_course(client), **attributes)


def _begun(client: QualityClient) -> dict[str, Any]:
    return {"starts_on": client.app.config["CLOCK"].today - timedelta(days=1)}


@_writes("training.create_course", Role.COORDINATOR, unseen=NEW)
def _create_course(client: QualityClient) -> Ready:
    values = {
        "title": f"平缝机操作基础{_tag()}",
        "subject": "sewing",
        "hours": "40",
        "description": "从穿线学起。",
        "skills": ["sew.flat"],
        "skills_level": ["2"],
    }
    return _form(client, "/training/courses/new", "", values)


@_writes("training.edit_course", Role.COORDINATOR)
def _edit_course(client: QualityClient) -> Ready:
    course = _course(client)
    values = {"description": "改为周末上课，包午饭。"}
    return _form(client, f"/training/courses/{course.pid}/edit", "", values)


@_writes("training.publish_course", Role.COORDINATOR)
def _publish(client: QualityClient) -> Ready:
    course = _course(client, published=False)
    return _button(client, f"/training/courses/{course.pid}", "/publish")


@_writes("training.unpublish_course", Role.COORDINATOR)
def _unpublish(client: QualityClient) -> Ready:
    course = _course(client)
    return _button(client, f"/training/courses/{course.pid}", "/unpublish")


@_writes("training.create_session", Role.COORDINATOR, unseen=NEW)
def _create_session(client: QualityClient) -> Ready:
    course = _course(client)
    values = {
        "starts_on": "2026-12-01",
        "ends_on": "2026-12-20",
        "capacity": "12",
        "place": "东门路捌号二楼",
    }
    return _form(client, f"/training/courses/{course.pid}/sessions/new", "", values)


@_writes("training.edit_session", Role.COORDINATOR)
def _edit_session(client: QualityClient) -> Ready:
    session = _session(client)
    values = {"place": "西门路叁号"}
    return _form(client, f"/training/sessions/{session.pid}/edit", "", values)


@_writes("training.cancel_session", Role.COORDINATOR)
def _cancel_session(client: QualityClient) -> Ready:
    session = _session(client)
    return _button(client, f"/training/sessions/{session.pid}", "/cancel")


@_writes("trainees.enrol_walk_in", Role.COORDINATOR)
def _walk_in(client: QualityClient) -> Ready:
    session, person = _session(client), factories.ClientFactory()
    values = {"client_pid": person.pid, "birth_date": BORN}
    return _form(client, f"/training/sessions/{session.pid}", "#walk-in-form", values)


@_writes("trainees.complete_marked", Role.COORDINATOR)
def _complete_marked(client: QualityClient) -> Ready:
    session = _session(client, n_enrolled=1, **_begun(client))
    factories.EnrolmentFactory(session=session, state=EnrolmentState.ENROLLED)
    opened = client.get_page(f"/training/sessions/{session.pid}")
    marks = [str(box["value"]) for box in opened.all("input[name=marked]")]
    values = {"marked": marks, "result_on": "2026-11-24"}
    return _form(client, opened, "#complete-marked", values)


@_writes("trainees.take_step", Role.COORDINATOR, "admit")
def _admit(client: QualityClient) -> Ready:
    one = factories.EnrolmentFactory(session=_session(client))
    return _button(client, f"/training/sessions/{one.session.pid}", f"{one.pid}/admit")


@_writes("trainees.take_step", Role.COORDINATOR, "drop out")
def _drop_out(client: QualityClient) -> Ready:
    one = factories.EnrolmentFactory(
        session=_session(client, n_enrolled=1), state=EnrolmentState.ENROLLED
    )
    values = {"reason": "other", "note": "家里盖房子走不开"}
    return _form(
        client,
        f"/training/sessions/{one.session.pid}",
        f"form[action$='{one.pid}/drop-out']",
        values,
    )


@_writes("trainees.move", Role.COORDINATOR, one_fault="one choice")
def _move(client: QualityClient) -> Ready:
    course = _course(client)
    cancelled = factories.CourseSessionFactory(course=course, cancelled=True)
    other = factories.CourseSessionFactory(course=course)
    one = factories.EnrolmentFactory(session=cancelled)
    return _form(
        client,
        f"/training/sessions/{cancelled.pid}",
        f"form[action$='{one.pid}/move']",
        {"session": other.pid},
    )


@_writes("client_training.recommend", Role.OFFICER, one_fault="one tick")
def _recommend(client: QualityClient) -> Ready:
    person, session = _person(client), factories.CourseSessionFactory()
    path = f"/clients/{person.pid}/training/recommend/{session.pid}"
    return _form(client, path, "", {"person_agrees": "y"})


@_writes("client_training.decline", Role.OFFICER)
def _decline_course(client: QualityClient) -> Ready:
    one = factories.EnrolmentFactory(client=_person(client))
    values = {"reason": "other", "note": "本人改了主意"}
    page = f"/clients/{one.client.pid}/training"
    return _form(client, page, f"form[action$='{one.pid}/decline']", values)


@_writes("client_training.withdraw_consent", Role.OFFICER)
def _withdraw_course(client: QualityClient) -> Ready:
    one = factories.EnrolmentFactory(client=_person(client))
    page = f"/clients/{one.client.pid}/training"
    return _button(client, page, f"{one.pid}/withdraw-consent")


# --- Placements -----------------------------------------------------------------------------------


def _case(client: QualityClient, **vacancy: Any) -> Case:
    case = a_case(**vacancy)
    client.sign_in(case.officer)
    return case


def _placed(client: QualityClient, state: PlacementState) -> Placement:
    case = _case(client)
    return brought_to(state, case, client.app.config["CLOCK"])


@_writes(
    "placements.propose",
    Role.OFFICER,
    one_fault="apart: grounds and reason are asked in a case of their own",
)
def _propose(client: QualityClient) -> Ready:
    case = _case(client)
    return _form(client, f"/clients/{case.person.pid}/propose/{case.vacancy.pid}", "#propose")


def _step(client: QualityClient, state: PlacementState, step: str, values: dict[str, Any]) -> Ready:
    placement = _placed(client, state)
    path = f"/placements/{placement.pid}"
    return _form(client, path, f"form[action='{path}/{step}']", values)


@_writes("placements.step", Role.OFFICER, "consent")
def _consent_step(client: QualityClient) -> Ready:
    values = {"scope": "card_and_contact", "signed": "y"}
    return _step(client, PlacementState.PROPOSED, "consent", values)


@_writes("placements.step", Role.OFFICER, "send")
def _send_step(client: QualityClient) -> Ready:
    return _step(client, PlacementState.CONSENTED, "send", {})


@_writes("placements.step", Role.OFFICER, "offer")
def _offer_step(client: QualityClient) -> Ready:
    values = {"start_on": "2026-12-01", "wage_cny_month": "4800", "note": "王经理来电答应"}
    return _step(client, PlacementState.SENT, "offer", values)


@_writes("placements.step", Role.OFFICER, "miss")
def _miss_step(client: QualityClient) -> Ready:
    values = {"reason": "did_not_come", "note": "打了两次电话没有人接"}
    return _step(client, PlacementState.INTERVIEW, "miss", values)


@_writes("placements.step", Role.OFFICER, "end")
def _end_step(client: QualityClient) -> Ready:
    values = {"reason": "quit", "ended_on": "2026-11-24", "note": "回老家照顾孩子"}
    return _step(client, PlacementState.STARTED, "end", values)


@_writes(
    "placements.remind",
    Role.OFFICER,
    unseen="moves no state; whoever has answered meanwhile is left out",
    one_fault="ticks of a list",
)
def _remind(client: QualityClient) -> Ready:
    placement = _placed(client, PlacementState.SENT)
    return Ready(client, "/placements/remind", {"pid": placement.pid}, "/placements")


@_writes("placements.widen_consent", Role.OFFICER, one_fault="one tick")
def _widen(client: QualityClient) -> Ready:
    case = _case(client)
    placement = factories.PlacementFactory(
        client=case.person, vacancy=case.vacancy, state=PlacementState.SENT
    )
    factories.ConsentFactory(placement=placement, scope=ConsentScope.CARD)
    path = f"/placements/{placement.pid}"
    return _form(client, path, f"form[action='{path}/consent/widen']", {"signed": "y"})


@_writes("placements.withdraw_consent", Role.OFFICER)
def _withdraw_consent(client: QualityClient) -> Ready:
    placement = _placed(client, PlacementState.SENT)
    return _button(client, f"/placements/{placement.pid}", "/consent/withdraw")


@_writes("placements.check", Role.OFFICER)
def _check(client: QualityClient) -> Ready:
    case = _case(client)
    started = client.app.config["CLOCK"].today - timedelta(days=30)
    placement = factories.PlacementFactory(
        client=case.person,
        vacancy=case.vacancy,
        state=PlacementState.STARTED,
        started_on=started,
    )
    factories.OutcomeCheckFactory(placement_id=placement.id, due_on=started + timedelta(days=30))
    values = {"still_employed": "1", "same_employer": "1", "own_words": "师傅很照顾"}
    return _form(client, f"/placements/{placement.pid}/checks/30", "", values)


@_writes("placements.settle", Role.OFFICER)
def _settle(client: QualityClient) -> Ready:
    person = _person(client)
    values = {
        "placement_type": "land_restored",
        "description": "种植三亩责任田",
        "started_on": "2026-11-20",
    }
    return _form(client, f"/clients/{person.pid}/settle", "", values)


@_writes("today.settle_correction", Role.OFFICER)
def _settle_correction(client: QualityClient) -> Ready:
    person = _person(client)
    clock = client.app.config["CLOCK"]
    path = _link_of(client, person, _user(client))
    link = personal_links.find_link(path.removeprefix("/me/"), now=clock())
    corrections.request_correction(
        link.client,
        "地址写错了",
        actor=Actor(Role.CLIENT, client_id=person.id),
        now=clock(),
    )
    return _button_on_today(client)


def _button_on_today(client: QualityClient) -> Ready:
    return _form(client, "/today", "form[action*='/today/corrections/']")


# --- Ranking --------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _artefact() -> bytes:
    """Return the bytes of a real, if unlearned, model."""
    return unlearned_artefact()


def _model(client: QualityClient) -> str:
    clock = client.app.config["CLOCK"]
    made = trained_model(_artefact(), as_of=clock.today)
    return ranking_models.register(made, actor=_user(client).actor, now=clock()).name


@_writes(
    "ranking.train",
    Role.DISTRICT,
    unseen="starts work in the background; what ranks does not change",
)
def _train(client: QualityClient) -> Ready:
    return _button(client, "/dashboard/ranking", "/train")


@_writes("ranking.promote", Role.DISTRICT)
def _promote(client: QualityClient) -> Ready:
    name = _model(client)
    page = f"/dashboard/ranking?model={name}"
    sent = {"version": ranking_models.speaking().version}
    return Ready(client, f"/dashboard/ranking/{name}/promote", sent, page)


@_writes("ranking.rollback", Role.DISTRICT)
def _rollback(client: QualityClient) -> Ready:
    name = _model(client)
    clock = client.app.config["CLOCK"]
    ranking_models.promote(name, actor=_user(client).actor, now=clock())
    return _button(client, "/dashboard/ranking", "/rollback")


@_writes(
    "tasks.again", Role.OFFICER, unseen="starts the same work again; a task under way is led to"
)
def _do_again(client: QualityClient) -> Ready:
    clock = client.app.config["CLOCK"]
    actor = _user(client).actor
    # A path that names no file: the work fails in words once more.
    arguments = {"path": "gone.csv"}
    task = background.start(TaskKind.VACANCY_IMPORT, actor=actor, now=clock(), arguments=arguments)
    task.state, task.error = TaskState.FAILED.value, "task_interrupted"
    return _form(client, f"/tasks/{task.pid}", f"#task-{task.pid} form")
