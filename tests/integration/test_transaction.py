"""One commit point: after the view, on success only; each refusal has one status."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from matchboard.domain.errors import (
    Conflict,
    DuplicateRecord,
    HeadcountExhausted,
    InvalidFields,
    InvalidInput,
    NotAllowed,
    NotFound,
    StaleEdit,
)
from matchboard.domain.roles import Permission
from matchboard.extensions import db
from matchboard.models import Client, Submission
from matchboard.services import transaction
from matchboard.web.guard import requires
from matchboard.web.notices import flash
from matchboard.web.responses import see_other
from matchboard.web.submissions import single_submission
from tests.client import QualityClient
from tests.factories import NOW, ClientFactory

Serve = Callable[..., None]


@pytest.fixture
def serve(app: Flask) -> Serve:
    """Give the application one more address, `/probe`, open to everybody."""

    def add(view: Callable[[], Any], methods: tuple[str, ...] = ("POST",)) -> None:
        app.add_url_rule(
            "/probe", endpoint="probe", view_func=requires(Permission.PUBLIC)(view),
            methods=methods,
        )  # fmt: skip

    return add


def write(key: str = "made") -> None:
    db.session.add(Submission(key=key, created_at=NOW))
    db.session.flush()


def keys() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Submission.key).order_by(Submission.key)))


@pytest.mark.parametrize(
    ("answer", "is_saved"),
    [
        ("ok", True),
        (("", 204), True),
        (("", 303, {"Location": "/"}), True),
        (("no", 400), False),
        (("no", 422), False),
        (("no", 503), False),
    ],
    ids=["200", "204", "303", "400", "422", "503"],
)
def test_write_is_saved_when_the_answer_is_a_success(
    client: QualityClient, serve: Serve, answer: Any, is_saved: bool
) -> None:
    ran: list[str] = []

    def view() -> Any:
        write()
        transaction.after_commit(lambda: ran.append("mail"))
        return answer

    serve(view)
    client.request("POST", "/probe", data={"csrf_token": client.csrf_token()}, judge_markup=False)
    assert keys() == (["made"] if is_saved else [])
    assert ran == (["mail"] if is_saved else [])


def test_write_is_lost_when_the_request_was_a_get(
    app: Flask, client: QualityClient, serve: Serve
) -> None:
    def view() -> str:
        db.session.add(Submission(key="made", created_at=NOW))
        return "ok"

    serve(view, methods=("GET",))
    with pytest.raises(AssertionError, match="left unsaved"):
        client.get_page("/probe")
    assert keys() == []


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("status", "is_said"), [(303, True), (200, True), (422, False)])
def test_success_is_said_on_the_next_page_when_it_was_saved(
    client: QualityClient, serve: Serve, status: int, is_said: bool
) -> None:
    def view() -> Any:
        write()
        flash("全都办好了", "success")
        return "", status, {"Location": "/jobs", "Content-Type": "text/plain"}

    serve(view)
    client.post("/probe", status=status)
    assert client.get_page("/jobs").has_text("全都办好了") is is_said
    assert not client.get_page("/jobs").has_text("全都办好了")  # once
    assert keys() == (["made"] if is_said else [])


def test_saved_stays_said_when_what_follows_the_commit_fails(
    client: QualityClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[str] = []

    def view() -> Any:
        write()
        transaction.after_commit(lambda: ran.append("before"))
        transaction.after_commit(lambda: [][1])
        transaction.after_commit(lambda: ran.append("after"))
        return see_other("/jobs")

    serve(view)
    client.post("/probe", status=303)
    assert keys() == ["made"]
    assert ran == ["before", "after"]
    assert "IndexError" in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound(), 404),
        (NotAllowed(), 403),
        (InvalidInput("required", field="x"), 422),
        (InvalidFields([InvalidInput("required", field="x")]), 422),
        (Conflict(), 409),
        (StaleEdit(), 409),
        (DuplicateRecord(), 409),
        (HeadcountExhausted(), 409),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_refusal_has_its_status_and_saves_nothing_when_raised(
    client: QualityClient, serve: Serve, error: Exception, status: int
) -> None:
    def view() -> str:
        write()
        raise error

    serve(view)
    page = client.post("/probe", status=status)
    assert page.h1
    assert keys() == []


def test_lost_race_is_a_conflict_when_a_constraint_refuses(
    client: QualityClient, serve: Serve
) -> None:
    write("taken")
    db.session.commit()

    def view() -> str:
        db.session.add(Submission(key="taken", created_at=NOW))
        return "ok"

    serve(view)
    client.post("/probe", status=409)
    assert keys() == ["taken"]


def test_lost_race_is_a_stale_edit_when_the_version_moved_on(
    client: QualityClient, serve: Serve
) -> None:
    pid = ClientFactory(wishes="first").pid
    db.session.commit()

    def view() -> str:
        person = db.session.scalars(select(Client).where(Client.pid == pid)).one()
        person.wishes = "second"
        # Somebody else saves between our reading and our writing.
        db.session.execute(
            update(Client).where(Client.pid == pid).values(version=Client.version + 1),
            execution_options={"synchronize_session": False, "autoflush": False},
        )
        return "ok"

    def race() -> str:
        with db.session.no_autoflush:
            return view()

    serve(race)
    page = client.post("/probe", status=409)
    assert page.has_text("别人已经保存过这条记录")
    db.session.rollback()
    assert db.session.scalars(select(Client.wishes)).one() == "first"


def test_defect_is_a_plain_500_and_saves_nothing_when_raised(
    app: Flask, client: QualityClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def view() -> str:
        write()
        raise ZeroDivisionError("secret detail")

    serve(view)
    page = client.post("/probe", status=500)
    assert "secret detail" not in page.text
    assert "secret detail" in caplog.text
    assert keys() == []


def test_form_sent_twice_leads_to_one_record_when_guarded(
    client: QualityClient, serve: Serve
) -> None:
    made: list[str] = []

    @single_submission
    def view() -> Any:
        made.append("made")
        write(f"record-{len(made)}")
        return see_other(f"/things/{len(made)}")

    serve(view)
    answers = [client.post("/probe", {"submission_key": "form-1"}) for _ in range(2)]
    assert [a.location for a in answers] == ["/things/1", "/things/1"]
    assert client.post("/probe", {"submission_key": "form-2"}).location == "/things/2"
    kept = keys()
    assert kept[-2:] == ["record-1", "record-2"]
    # What is kept of a form are two digests: of sender, address and key, and of what it said, too.
    assert len(kept) == 6
    assert {len(key) for key in kept[:4]} == {64}


def test_form_can_be_sent_again_when_it_was_refused(client: QualityClient, serve: Serve) -> None:
    answers: list[Any] = [("no", 422, {"Content-Type": "text/plain"}), "ok"]

    @single_submission
    def view() -> Any:
        return answers.pop(0)

    serve(view)
    client.post("/probe", {"submission_key": "form-1"}, status=422)
    assert answers == ["ok"]
    assert keys() == []


@pytest.mark.usefixtures("on_one_database")
def test_page_is_read_when_somebody_else_is_writing(
    app: Flask, client: QualityClient, serve: Serve
) -> None:
    write("old")
    db.session.commit()
    serve(lambda: ",".join(db.session.scalars(select(Submission.key))), methods=("GET",))
    path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE submission SET key = 'new'")
        answer = Context().run(client.browser.get, "/probe")
        assert answer.get_data(as_text=True) == "old"
    finally:
        other.execute("ROLLBACK")
        other.close()
