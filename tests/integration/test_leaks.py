"""Where each protected word may be met: every page and store, as everybody, by a register.

`tests/contract/text_columns.csv` names every column that holds text, with the word this test writes
into it or the reason why none is needed; a new column without a row is refused. One person is given
all of these words, known to employers and providers with and without consent. Then everybody opens
every page and export, and `tests/contract/leaks.csv` says who met which word where: a word met
anywhere else has leaked; one that is not met where it belongs makes the register untrue.
"""

from __future__ import annotations

import csv
import html
import io
import logging
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import Enum, LargeBinary, String, text
from sqlalchemy.types import JSON

from matchboard.crypto import lookup_digest
from matchboard.domain.background import TaskKind
from matchboard.domain.client import ConsentScope, Stage
from matchboard.domain.placement import PlacementReason, PlacementState
from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.logs import Formatter
from matchboard.models import (
    AbsenceCover,
    BackgroundTask,
    ClientExperience,
    CorrectionRequest,
    EnrolmentEvent,
    FormDraft,
    PlacementEvent,
    Submission,
    VacancyEvent,
)
from matchboard.models.types import EncryptedText
from matchboard.ranking import tables
from matchboard.services import consents, personal_links
from tests import factories
from tests.client import QualityClient
from tests.conftest import Clock
from tests.contract.test_access import read_register, rules_of
from tests.integration.placement_paths import Case, propose, take

CONTRACT = Path(__file__).resolve().parents[1] / "contract"
COLUMNS = CONTRACT / "text_columns.csv"
LEAKS = CONTRACT / "leaks.csv"
Places = dict[tuple[str, str], set[str]]
SCOPES = {"card": ConsentScope.CARD, "named": ConsentScope.CARD_AND_CONTACT}
#: Dates are found in every way the site may write them.
DATES = {
    "client.birth_date": date(1961, 2, 3),
    "client.released_on": date(2026, 3, 17),
    "restricted_record.facts": date(1999, 8, 7),
}
#: Spreadsheets count days from here.
SHEETS_BEGIN = date(1899, 12, 30)


def read_columns() -> dict[str, dict[str, str]]:
    with COLUMNS.open(encoding="utf-8", newline="") as file:
        return {row["column"]: row for row in csv.DictReader(file)}


def words() -> dict[str, tuple[str, ...]]:
    """Return what gives each protected column away."""
    found = {name: (row["word"],) for name, row in read_columns().items() if row["word"]}
    for name, day in DATES.items():
        found[name] = (
            day.isoformat(),
            f"{day.year}年{day.month}月{day.day}日",
            f"{day.day} {day:%B} {day.year}",
            f"{day:%Y%m%d}",
            f"<v>{(day - SHEETS_BEGIN).days}</v>",
        )
    return found


def test_every_text_column_has_its_word_or_a_reason() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary | EncryptedText)
        and not isinstance(column.type, Enum)
    }
    rows = read_columns()
    assert len(columns) > 100
    known = columns | {"client.birth_date", "client.released_on", "client.lat"}
    assert known == set(rows), (
        "tests/contract/text_columns.csv has a line for each column of text, column,word,reason: "
        "the word if its content is somebody's (partner.note,qznote,) or why not "
        f"(partner.pid,,a public id). Lacking: {sorted(known - set(rows))}; "
        f"gone: {sorted(set(rows) - known)}"
    )
    assert [name for name, row in rows.items() if not (row["word"] or row["reason"])] == []


@dataclass(frozen=True, slots=True)
class World:
    """The person, who has to do with them, and the ids of everything that is theirs."""

    person: Any
    accounts: dict[str, Any]
    token: str
    ids: dict[str, list[str]]
    others: dict[str, str]


def _refer(person: Any, officer: Any, scope: ConsentScope, clock: Clock) -> tuple[Any, Any]:
    opening = factories.VacancyFactory(headcount=9)
    employer = factories.UserFactory(role=Role.ENTERPRISE, unit=opening.partner.unit)
    case = Case(person, opening, officer, employer)
    grounds = "已核对判决书，不属于限制范围：" + words()["bar_decision.grounds"][0]
    placement = propose(case, clock, grounds=grounds)
    take(placement, "consent", case, clock, scope=scope)
    take(placement, "send", case, clock)
    return placement, employer


def make_world(clock: Clock) -> World:
    marks = {name: values[0] for name, values in words().items()}
    officer = factories.UserFactory(
        role=Role.OFFICER, display_name=marks["account.display_name"], email=marks["account.email"]
    )
    officer.last_login_ip = officer.current_login_ip = marks["account.last_login_ip"]
    number = marks["client.id_number"]
    person = factories.ClientFactory(
        office=officer.unit,
        case_lead=officer,
        name=marks["client.name"],
        name_pinyin=marks["client.name_pinyin"],
        name_initials=marks["client.name_initials"],
        birth_date=DATES["client.birth_date"],
        id_number=number,
        id_number_digest=lookup_digest("id_number", number),
        phone="+86" + marks["client.phone"],
        released_on=DATES["client.released_on"],
        registered_on=date(2026, 3, 19),
        residence_address=marks["client.residence_address"],
        lat=float(marks["client.lat"]),
        wishes=marks["client.wishes"],
        skills=["sew.flat"],
    )
    person.experience.append(ClientExperience(title=marks["client_experience.title"], months=9))
    facts = f'{{"records": [{{"basis": "criminal_penalty", "kinds": ["food_safety"], \
"sentence_completed_on": "{DATES["restricted_record.facts"]}"}}]}}'
    factories.RestrictedRecordFactory(client_id=person.id, facts=facts)
    referred = {name: _refer(person, officer, scope, clock) for name, scope in SCOPES.items()}
    closed, _ = referred["closed"] = _refer(person, officer, SCOPES["named"], clock)
    named = referred["named"][0]
    case = Case(person, named.vacancy, officer, referred["named"][1])
    place = {"interview_place": marks["placement.interview_place"]}
    take(named, "invite", case, clock, note=marks["placement_event.note"], **place)
    consents.withdraw(closed, actor=officer.actor, now=clock.now)
    done = factories.PlacementFactory(
        client=person,
        vacancy=None,
        partner=None,
        state=PlacementState.ENDED,
        description=marks["placement.description"],
        started_on=date(2026, 4, 1),
        ended_on=date(2026, 8, 1),
        end_reason=PlacementReason.QUIT,
        ended_by="client",
    )
    factories.OutcomeCheckFactory(
        placement_id=done.id, done_on=date(2026, 5, 1), own_words=marks["outcome_check.own_words"]
    )
    now = named.partner
    now.contact_name = marks["partner.contact_name"]
    now.contact_phone = "+86" + marks["partner.contact_phone"]
    now.state_reason = marks["partner.state_reason"]
    named.vacancy.state_reason = marks["vacancy.state_reason"]
    enrolments = {}
    for name in ("now", "before"):
        enrolments[name] = factories.EnrolmentFactory(
            client=person,
            session=factories.CourseSessionFactory(starts_on=clock.today, n_enrolled=1),
            state="enrolled",
            note=marks["enrolment.note"],
            has_consent=False,
        )
        closes = {"withdrawn_at": clock.now} if name == "before" else {}
        factories.CourseConsentFactory(enrolment=enrolments[name], **closes)
    free = factories.CourseSessionFactory()
    by = {"at": clock.now, "actor_role": "officer", "actor_id": officer.id}
    task = BackgroundTask(
        kind=TaskKind.RANKING_TRAINING.value,
        owner_id=officer.id,
        state="failed",
        arguments={"path": marks["background_task.arguments"]},
        error=marks["background_task.error"],
        created_at=clock.now,
    )
    db.session.add_all(
        [
            task,
            PlacementEvent(
                placement_id=done.id,
                name="end",
                to_state="ended",
                detail={"other": marks["placement_event.detail"]},
                **by,
            ),
            EnrolmentEvent(
                enrolment_id=enrolments["now"].id,
                name="enrol",
                to_state="enrolled",
                detail={"other": marks["enrolment_event.detail"]},
                **by,
            ),
            VacancyEvent(
                vacancy_id=named.vacancy_id,
                name="close",
                to_state="closed",
                detail={"reason": marks["vacancy_event.detail"]},
                **by,
            ),
            CorrectionRequest(
                client_id=person.id, words=marks["correction_request.words"], sent_at=clock.now
            ),
            FormDraft(
                token_digest="d" * 64,
                user_id=officer.id,
                path="/clients/new",
                fields=f'[["name", "{marks["form_draft.fields"]}"]]',
                created_at=clock.now,
            ),
            Submission(key="k" * 32, location=marks["submission.location"], created_at=clock.now),
        ]
    )
    covering = factories.UserFactory(role=Role.OFFICER, unit=officer.unit)
    db.session.add(
        AbsenceCover(
            office_id=officer.unit_id,
            covered_id=officer.id,
            covering_id=covering.id,
            from_on=clock.today,
            until_on=clock.today,
            reason=marks["absence_cover.reason"],
            made_by_id=officer.id,
            created_at=clock.now,
        )
    )
    _, token = personal_links.create_link(person, actor=officer.actor, now=clock.now)
    provider = {name: e.session.course.provider for name, e in enrolments.items()}
    district = officer.unit.parent
    accounts = {
        "visitor": None,
        "person": None,
        "officer": officer,
        "colleague": factories.UserFactory(role=Role.OFFICER, unit=officer.unit),
        "covering": covering,
        "other office": factories.UserFactory(
            role=Role.OFFICER, unit=factories.OfficeFactory(parent=district)
        ),
        "district": factories.UserFactory(role=Role.DISTRICT, unit=district),
        "other district": factories.UserFactory(role=Role.DISTRICT),
        **{f"employer {name}": user for name, (_, user) in referred.items()},
        "employer other": factories.UserFactory(role=Role.ENTERPRISE),
        **{
            f"provider {name}": factories.UserFactory(role=Role.COORDINATOR, unit=unit)
            for name, unit in provider.items()
        },
        "provider other": factories.UserFactory(role=Role.COORDINATOR),
        "system admin": factories.UserFactory(role=Role.SYSTEM_ADMIN),
        "security admin": factories.UserFactory(role=Role.SECURITY_ADMIN),
        "audit admin": factories.UserFactory(role=Role.AUDIT_ADMIN),
    }
    placements = [placement.pid for placement, _ in referred.values()]
    openings = [placement.vacancy.pid for placement, _ in referred.values()]
    sessions = [e.session.pid for e in enrolments.values()]
    courses = [e.session.course.pid for e in enrolments.values()]
    ids = {
        "/admin/accounts/": [officer.pid],
        "/clients/": [person.pid],
        "/courses/": courses[:1],
        "/jobs/": openings[:2],
        "/partner/referrals/": placements,
        "/partner/vacancies/": openings,
        "/partners/": [p.partner.pid for p, _ in referred.values()][:2],
        "/placements/": [*placements, done.pid],
        "/tasks/": [task.pid],
        "/training/courses/": courses,
        "/training/enrolments/": [e.pid for e in enrolments.values()],
        "/training/sessions/": sessions,
        "/vacancies/": openings[:2],
    }
    db.session.commit()
    others = {
        "section": "basics",
        "day": "30",
        "token": "none",
        "vacancy_pid": factories.VacancyFactory().pid,
        "session_pid": free.pid,
    }
    db.session.commit()
    return World(person, accounts, token, ids, others)


def addresses(app: Flask, world: World, actor: str) -> Iterator[tuple[str, str]]:
    """Yield every page's endpoint and address, with the person's and their cases' ids.

    Pages that refuse the actor's role are one and the same; EVERY_PAGE=1 opens them too.
    """
    rules, user = rules_of(app), world.accounts[actor]
    role = Role.VISITOR if user is None else user.role
    for row in read_register():
        if row.method != "GET" or row.endpoint in {"static", "public.readyz"}:
            continue
        if row.cells[role.value] != "yes" and not os.environ.get("EVERY_PAGE"):
            continue
        rule = rules[row.key]
        pids = next((p for start, p in world.ids.items() if rule.rule.startswith(start)), [""])
        sections = ("basics", "background") if "section" in rule.arguments else ("",)
        for pid in pids if rule.arguments else [""]:
            for section in sections:
                others = {**world.others, "section": section}
                if actor == "person":
                    others["token"] = world.token
                with app.test_request_context():
                    values = {n: others.get(n, pid) for n in rule.arguments}
                    path = url_for(row.endpoint, **values, **(rule.defaults or {}))
                yield row.endpoint, f"{path}?q={world.person.pid}" if not rule.arguments else path


def content(data: bytes) -> str:
    """Return what a person can read in an answer, also in a spreadsheet's parts."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            data = b"\n".join(archive.read(name) for name in archive.namelist())
    return html.unescape(data.decode("utf-8", errors="replace"))


class Met:
    """Which word was met where, by whom."""

    def __init__(self) -> None:
        self.words = words()
        self.found: dict[tuple[str, str], set[str]] = defaultdict(set)

    def note(self, actor: str, place: str, said: str) -> None:
        closed_up = said.replace(" ", "").replace("-", "").replace("\u2009", "")
        for name, several in self.words.items():
            if any(one in said or one in closed_up for one in several):
                self.found[name, actor].add(place)


def ask(client: QualityClient, path: str, **how: Any) -> Any:
    """Send a request as `QualityClient` does, without reading its markup: there are hundreds."""
    db.session.commit()
    return Context().run(client.browser.open, path, **how)


def open_everything(app: Flask, world: World, met: Met) -> None:
    for actor, user in world.accounts.items():
        client = QualityClient(app)
        if user is not None:
            client.sign_in(user)
        for endpoint, path in addresses(app, world, actor):
            answer = ask(client, path)
            assert answer.status_code < 500, (actor, path)
            met.note(actor, endpoint, content(answer.get_data()))
        token = {"csrf_token": client.csrf_token()}
        for endpoint, path, more in (
            ("clients.export:POST", "/clients/export.xlsx", {}),
            ("admin.export_log:POST", "/admin/audit/export", {"format": "csv"}),
            ("restricted.open_record:POST", f"/clients/{world.person.pid}/restricted", {}),
        ):
            purpose = {"purpose": "legal_gate"}
            answer = ask(client, path, method="POST", data={**token, **purpose, **more})
            met.note(actor, endpoint, content(answer.get_data()))
        reader = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        for cookie in client.browser._cookies.values():  # type: ignore[union-attr]
            said = reader.loads(cookie.value) if cookie.key == "session" else cookie.value
            met.note(actor, "cookie", str(said))


def look_into_the_database(met: Met) -> None:
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')).mappings():  # noqa: S608
            for column, value in row.items():
                met.note("database", f"{table.name}.{column}", str(value))


def read_leaks() -> Places:
    """Return the register; `*` stands for every page (one's own name in its head)."""
    with LEAKS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["column"], row["actor"]): set(row["places"].split()) for row in rows}


@pytest.mark.usefixtures("on_one_database")
def test_protected_words_are_met_only_where_the_register_says(
    app: Flask, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    world, met = make_world(clock), Met()
    app.config["ACCESS_LOG"] = True
    with caplog.at_level(logging.DEBUG):
        open_everything(app, world, met)
    lines = [Formatter().format(record) for record in caplog.records]
    assert any("matchboard.access" in line for line in lines)
    met.note("log", "log", "\n".join(lines))
    look_into_the_database(met)
    person = db.session.merge(world.person)
    cells = tables.client_cells(person, today=clock.today, trained_on=None)
    met.note("ranker", "ranker", str(cells))
    assert person.stage is Stage.IN_SUPPORT
    told = compared(dict(met.found), read_leaks())
    assert told == {"leaked": {}, "not met": {}}, (
        "what leaked is mended; what may be met there has its line in tests/contract/leaks.csv, "
        f"column,actor,places (client.phone,officer,clients.show): {told}"
    )


def compared(found: Places, allowed: Places) -> dict[str, dict[tuple[str, str], list[str]]]:
    """Return what was met where it may not be, and what was not met where it should be."""
    everywhere = {key for key, places in allowed.items() if "*" in places}
    both = {key: (found.get(key, set()), allowed.get(key, set())) for key in {*found, *allowed}}
    judged = {key: pair for key, pair in sorted(both.items()) if key not in everywhere}
    return {
        "leaked": {key: sorted(a - b) for key, (a, b) in judged.items() if a - b},
        "not met": {
            **{key: sorted(b - a) for key, (a, b) in judged.items() if b - a},
            **{key: ["*"] for key in everywhere if not found.get(key)},
        },
    }
