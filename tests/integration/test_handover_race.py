"""Two who hand over the same people at once: one does, the other is told that it was done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier
from typing import Any

from sqlalchemy import select

from matchboard.domain.roles import Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client
from tests.client import QualityClient
from tests.factories import ClientFactory, OfficeFactory, UserFactory


def test_people_go_to_one_successor_when_head_and_district_hand_them_over_at_once(
    client: QualityClient,
) -> None:
    district = UserFactory(role=Role.DISTRICT)
    office = OfficeFactory(parent=district.unit)
    head = UserFactory(unit=office, is_office_head=True)
    left = UserFactory(unit=office, active=False)
    successors = [UserFactory(unit=office) for _ in range(2)]
    people = [ClientFactory(office=office, case_lead_id=left.id) for _ in range(5)]
    path = f"/handovers/{office.pid}/{left.pid}"
    sent: list[tuple[Any, dict[str, Any]]] = []
    for who, successor in zip((head, district), successors, strict=True):
        browser = client.another()
        browser.sign_in(who)
        values = {"people": [one.pid for one in people], "to": successor.pid}
        form = browser.get_page(path).form("main form")
        sent.append((browser.browser, {**form.values(), **values}))
    db.session.commit()
    barrier = Barrier(len(sent))

    def send(one: tuple[Any, dict[str, Any]]) -> tuple[int, str]:
        browser, values = one
        barrier.wait(timeout=30)
        answer = Context().run(browser.post, path, data=values)
        return answer.status_code, answer.get_data(as_text=True)

    with ThreadPoolExecutor(len(sent)) as threads:
        answers = sorted(threads.map(send, sent))
    db.session.expire_all()
    assert [status for status, _ in answers] == [303, 409]
    assert "没有人再由此人负责" in answers[1][1]
    leads = {db.session.get_one(Client, one.id).case_lead_id for one in people}
    assert len(leads) == 1
    assert leads <= {one.id for one in successors}
    noted = select(AuditEntry.subject_pid).where(AuditEntry.verb == "client.update")
    assert sorted(db.session.scalars(noted)) == sorted(one.pid for one in people)
