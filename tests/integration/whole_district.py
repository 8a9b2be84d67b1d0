"""A district with everything in every state, and every page of the register to read it by.

Openings, partners and courses are one market that every district sees; an employer and a provider
are shown what belongs to them. The administrators' pages (accounts, units, the audit log) are the
installation's, not a district's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask, url_for
from openpyxl import load_workbook

from matchboard.domain.background import TaskKind
from matchboard.domain.client import Stage
from matchboard.domain.client_file import TrainingStatus, WorkStatus
from matchboard.domain.duties import DutyKind
from matchboard.domain.placement import PlacementFigure, PlacementReason, PlacementState
from matchboard.domain.roles import Role
from matchboard.domain.training import EnrolmentState
from matchboard.domain.vacancy import VacancyState
from matchboard.extensions import db
from matchboard.models import (
    BackgroundTask,
    BarDecision,
    CorrectionRequest,
    EnrolmentEvent,
    FormDraft,
    PlacementEvent,
    Reminder,
    ShownList,
    VacancyEvent,
)
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.contract.test_access import read_register, rules_of

#: Whose pages are compared; the bound ones see what belongs to their own unit alone.
BOUND = (Role.ENTERPRISE, Role.COORDINATOR)
ROLES = (Role.OFFICER, Role.DISTRICT, Role.VISITOR, *BOUND)
#: Pages that are no page of a district, and answers other than a page for those who may ask.
LEFT_OUT = {
    "static",
    "installation.set_up",  # gone once there is a district
    "installation.done",
    "styleguide.index",  # in debug alone
    "styleguide.example_list",
    "styleguide.task",
    "public.readyz",  # the installation's own health
    "security.login",
    "lookup.occupations_of_opening",
    "handovers.hand_over",  # there is one only for a lead who has gone
}
#: Lists as they are narrowed: each filter's values, the views and the searches.
NARROWED = {
    "clients.index": [
        *(f"work={work.value}" for work in WorkStatus),
        *(f"training={training.value}" for training in TrainingStatus),
        "q=示例",
        "q=sl",
    ],
    "placements.index": [
        "view=table",
        "state=sent",
        *(f"figure={figure.value}" for figure in PlacementFigure),
    ],
    "today.index": [f"kind={DutyKind.OUTCOME_CHECK.value}", f"kind={DutyKind.CORRECTION.value}"],
    "search.results": ["q=示例", "q=sl"],
    "partner.list_referrals": ["folder=working", "folder=past"],
    "trainees.list_trainees": [f"state={EnrolmentState.ENROLLED.value}"],
}
#: What is drawn anew for every answer.
DRAWN = re.compile(
    r"nonce=\"[^\"]+\"|nonce-[\w+/=-]+|name=\"[^\"]*(?:csrf_token|submission_key)\"[^>]*"
    r"|X-CSRFToken[^>]*|csrf[^>]*|[0-9a-f]{32,}"
)


@dataclass
class Market:
    """A partner with openings and a provider with courses, in every state."""

    partner: Any
    openings: list[Any]
    provider: Any
    sessions: list[Any]


def make_market(district: Any, clock: Clock) -> Market:
    partner = factories.PartnerFactory()
    openings = [
        factories.VacancyFactory(partner=partner, state=state, headcount=9)
        for state in VacancyState
    ]
    for opening in openings:
        db.session.add(
            VacancyEvent(
                vacancy_id=opening.id,
                at=clock.now - timedelta(days=5),
                actor_role="district",
                name="approve",
                to_state="open",
            )
        )
    provider = factories.ProviderFactory(parent=district)
    course = factories.CourseFactory(provider=provider, skills=[("sew.flat", 2)])
    sessions = [
        factories.CourseSessionFactory(
            course=course,
            starts_on=clock.today + timedelta(days=days),
            ends_on=clock.today + timedelta(days=days + 30),
        )
        for days in (-60, -10, 10)
    ]
    return Market(partner, openings, provider, sessions)


def fill(office: Any, market: Market, clock: Clock) -> dict[str, Any]:
    """Give an office people in every stage with everything in every state."""
    lead = factories.UserFactory(role=Role.OFFICER, unit=office)
    made: dict[str, Any] = {}
    for stage in Stage:
        made["client"] = factories.ClientFactory(
            office=office, stage=stage, skills=["sew.flat"], case_lead=lead, registered_on=None
        )
    open_one = next(v for v in market.openings if v.state == VacancyState.OPEN)
    for n, state in enumerate(PlacementState):
        person = factories.ClientFactory(office=office, skills=["sew.flat"])
        placement = factories.PlacementFactory(
            client=person,
            vacancy=open_one,
            state=state,
            state_changed_at=clock.now - timedelta(days=4),
            sent_at=clock.now - timedelta(days=9),
            started_on=clock.today - timedelta(days=200),
            ended_on=clock.today if state is PlacementState.ENDED else None,
            end_reason=PlacementReason.QUIT if state is PlacementState.ENDED else None,
        )
        factories.ConsentFactory(placement=placement)
        event = {"at": clock.now, "actor_role": "officer", "from_state": None}
        for to_state in (PlacementState.PROPOSED, PlacementState.SENT, state):
            db.session.add(
                PlacementEvent(
                    placement_id=placement.id, name="propose", to_state=to_state, **event
                )
            )
        factories.OutcomeCheckFactory(
            placement_id=placement.id, due_on=clock.today - timedelta(days=3)
        )
        factories.OutcomeCheckFactory(
            placement_id=placement.id,
            day=180,
            due_on=clock.today,
            done_on=clock.today,
            still_employed=bool(n % 2),
        )
        db.session.add(
            Reminder(
                key=f"{placement.pid}-contact",
                unit_id=market.partner.unit_id,
                placement_id=placement.id,
                kind="contact_requested",
                created_at=clock.now,
            )
        )
        made[state.value] = placement
    for state in EnrolmentState:
        person = factories.ClientFactory(office=office)
        for session in market.sessions:
            made["enrolment"] = factories.EnrolmentFactory(
                client=person, session=session, state=state
            )
            if state is EnrolmentState.ENROLLED:
                made["trainee"] = person
            db.session.add(
                EnrolmentEvent(
                    enrolment_id=made["enrolment"].id,
                    at=clock.now,
                    actor_role="officer",
                    name="recommend",
                    to_state=state,
                )
            )
    person = made["proposed"].client
    factories.RestrictedRecordFactory(client_id=person.id)
    factories.ClientCertificateFactory(client_id=person.id)
    db.session.add_all(
        [
            CorrectionRequest(client_id=person.id, words="写错了", sent_at=clock.now),
            BarDecision(
                client_id=person.id,
                vacancy_id=open_one.id,
                rule_ids=["x"],
                may_proceed=True,
                grounds="已核对",
                decided_by_id=lead.id,
                created_at=clock.now,
            ),
            ShownList(
                at=clock.now,
                client_id=person.id,
                user_id=lead.id,
                model_version="expert",
                vacancy_pids=[open_one.pid],
                ranks=[1],
                propensities=[1.0],
            ),
            FormDraft(
                token_digest=f"{lead.id:064d}",
                user_id=lead.id,
                path="/clients/new",
                fields="[]",
                created_at=clock.now,
            ),
        ]
    )
    make_task(lead, clock)
    made["lead"] = lead
    return made


def make_task(owner: Any, clock: Clock) -> BackgroundTask:
    task = BackgroundTask(kind=TaskKind.RANKING_TRAINING, owner_id=owner.id, created_at=clock.now)
    db.session.add(task)
    db.session.flush()
    return task


def addresses_of(
    app: Flask, role: Role, made: dict[str, Any], market: Market, token: str
) -> dict[str, str]:
    """Return every page of the register the role may open, by its address."""
    open_one = next(v for v in market.openings if v.state == VacancyState.OPEN)
    course = market.sessions[-1].course
    #: What `pid` is below an address; the longest that fits counts.
    records = {
        "/clients/": made["proposed"].client,
        "/placements/": made["started"],
        "/partner/referrals/": made["sent"],
        "/vacancies/": open_one,
        "/partner/vacancies/": open_one,
        "/partners/": market.partner,
        "/training/sessions/": market.sessions[-1],
        "/training/courses/": course,
        "/training/enrolments/": made["enrolment"],
        "/courses/": course,
        "/jobs/": open_one,
        "/tasks/": made["task"],
    }
    special = {"placements.letter": made["sent"], "placements.consent_form": made["proposed"]}
    others: dict[str, Any] = {"section": "basics", "day": 30, "token": token}
    others |= {"session_pid": market.sessions[-1].pid, "vacancy_pid": open_one.pid}
    rules, found = rules_of(app), {}
    for row in read_register():
        is_page = row.method == "GET" and row.cells[role.value] == "yes"
        if not is_page or row.endpoint in LEFT_OUT:
            continue
        rule = rules[row.key]
        fits = [start for start in records if rule.rule.startswith(start)]
        record = special.get(row.endpoint) or (records[max(fits, key=len)] if fits else None)
        pid = record.pid if record else "zzzzzzzz"
        with app.test_request_context():
            values = {name: others.get(name, pid) for name in rule.arguments}
            path = url_for(row.endpoint, **values, **(rule.defaults or {}))
        found[path] = row.endpoint
        found |= {f"{path}?{query}": row.endpoint for query in NARROWED.get(row.endpoint, ())}
    return found


def read_pages(browser: QualityClient, addresses: dict[str, str]) -> dict[str, str]:
    """Return what each page says, without what is drawn anew for every answer."""
    read = {}
    for path in addresses:
        page = browser.request("GET", path, judge_markup=False)
        read[path] = f"{page.status} {page.location} {DRAWN.sub('', page.text)}"
    if "clients.export" in addresses.values():
        sheet = load_workbook(BytesIO(browser.post("/clients/export.xlsx").data)).worksheets[0]
        read["export"] = str([[cell.value for cell in row] for row in sheet.rows])
    return read
