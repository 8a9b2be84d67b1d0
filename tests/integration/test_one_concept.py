"""Has work, looks for it, is placed: whatever page is asked, one person stands one way."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from openpyxl import load_workbook

from matchboard.domain.client_file import WorkStatus
from matchboard.domain.duties import DutyKind
from matchboard.domain.placement import PlacementState
from matchboard.domain.roles import Role
from matchboard.domain.work import JOBS, STANDING, job_of
from matchboard.extensions import db
from matchboard.models import Client
from matchboard.ranking.candidates import candidates_for
from matchboard.services import client_search, dashboard, duties, personal_links
from matchboard.services.client_search import ClientFilter
from tests import factories
from tests.client import QualityClient, words
from tests.conftest import Clock

S = PlacementState
#: What became of a person's placements, the first begun first, and whether they have work.
PATHS: list[tuple[tuple[PlacementState, ...], bool]] = [
    *(((state,), STANDING[state].has_work) for state in S),
    ((), False),
    ((S.COMPLETED, S.ENDED), False),  # another job after the year was lost
    ((S.ENDED, S.COMPLETED), True),
    ((S.COMPLETED, S.STARTED), True),
    ((S.COMPLETED, S.COMPLETED), True),
    ((S.COMPLETED, S.DECLINED_BY_CLIENT), True),  # an offer turned down takes no job away
    ((S.STARTED, S.ENDED), True),  # the job that runs, whenever it was written down
    ((S.ENDED, S.PROPOSED), False),
]


LOST = {S.ENDED, S.NO_SHOW, S.EXPIRED, S.DECLINED_BY_CLIENT, S.DECLINED_BY_EMPLOYER}


def _live(client: Any, states: tuple[PlacementState, ...], clock: Clock) -> list[Any]:
    """Give the person one placement after the other."""
    found = []
    for n, state in enumerate(states):
        began = clock.today - timedelta(days=400 - n) if state in JOBS else None
        when = clock.now - timedelta(days=len(states) - n)
        vacancy = factories.VacancyFactory(state="paused")
        placement = factories.PlacementFactory(
            client=client, vacancy=vacancy, state=state, started_on=began, state_changed_at=when
        )
        found.append(placement)
    return found


def test_every_page_says_the_same_of_one_person_when_asked_about_work(
    client: QualityClient, app: Flask, clock: Clock
) -> None:
    app.config["PAGE_SIZE"] = 2 * len(PATHS)
    officer = client.sign_in(Role.OFFICER)
    actor = officer.actor
    people, titles = [], {}
    for states, has_work in PATHS:
        person = factories.ClientFactory(office=officer.unit, skills=["sew.flat"])
        job = job_of(_live(person, states, clock))
        assert (job is not None) is has_work, states
        people.append((person.pid, states, has_work))
        titles[person.pid] = job.vacancy.title if job else ""
    opening = factories.VacancyFactory(requirements=[("sew.flat", 2, "required")])
    placed = {pid for pid, _, has_work in people if has_work}
    looking = set(titles) - placed
    assert placed
    assert looking
    db.session.commit()

    listed = {
        work: {
            row.client.pid
            for row in client_search.list_clients(
                ClientFilter(work=work), actor=actor, size=99
            ).items
        }
        for work in WorkStatus
    }
    assert listed == {
        WorkStatus.PLACED: placed,
        WorkStatus.SETTLED: {pid for pid, states, has in people if has and S.STARTED not in states},
        WorkStatus.NOT_PLACED: looking,
        WorkStatus.SEEKING: looking,
        WorkStatus.NOT_SEEKING: set(),
    }
    district = factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent)
    figures = dashboard.overview(actor=district.actor, now=clock.now)
    assert (figures.n_placed, figures.offices[0].n_placed) == (len(placed), len(placed))
    ranked = candidates_for(opening, actor=actor, now=clock.now)
    assert {row.client.pid for row in ranked.rows} == looking
    due = duties.list_duties(actor=actor, now=clock.now)
    wanting = {pid for pid, states, has in people if not has and states and states[-1] in LOST}
    assert {d.client_pid for d in due if d.kind is DutyKind.NEXT_PROPOSAL} == wanting

    shown = {
        words(row.select(".num")[0]): words(row)
        for row in client.get_page("/clients").all("#client-list tbody tr")
    }
    sheet = load_workbook(BytesIO(client.post("/clients/export.xlsx").data)).worksheets[0]
    exported = {row[0].value: (row[10].value, row[11].value or "") for row in sheet.rows}
    stranger = client.another()
    for pid, states, has_work in people:
        title, status = titles[pid], "已安置" if has_work else "正在找工作"
        assert status in shown[pid], states
        assert ("缝纫工" in shown[pid], title in shown[pid]) == (has_work, True), states
        assert exported[pid] == (status, title), states
        card = words(client.request("GET", f"/clients/{pid}", judge_markup=False).one("#work"))
        assert ("正在找工作" in card, title in card) == (not has_work, True), states
        person = db.session.scalars(db.select(Client).where(Client.pid == pid)).one()
        _, token = personal_links.create_link(person, actor=actor, now=clock.now)
        page = stranger.request("GET", f"/me/{token}", judge_markup=False)
        own = page.all("[aria-labelledby=own-working] h3")
        assert [words(heading) for heading in own] == ([title] if title else []), states
