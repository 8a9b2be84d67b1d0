"""Who writes waits a few seconds, who reads not at all; the error page needs no database."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any

import pytest
from flask import Flask, abort, request
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from wtforms import Form

from matchboard import create_app, extensions
from matchboard.domain.client import ConsentScope
from matchboard.domain.roles import Permission, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, ShownList
from matchboard.services import audit, transaction
from matchboard.web import errors, kept as kept_forms
from matchboard.web.forms.base import BaseForm
from matchboard.web.guard import requires
from tests import factories
from tests.client import QualityClient, words
from tests.sql import watch_sql

WORDS = "想学缝纫，离家近一点"


@contextmanager
def others_write() -> Iterator[None]:
    """Let somebody else hold what writers need: SQLite's lock, PostgreSQL's end of the log."""
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        path = str(db.engine.url.database)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": audit._CHAIN_LOCK})
        yield
        other.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": audit._CHAIN_LOCK})


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "REQUEST_WAIT_S", 1.0)


def test_few_seconds_are_waited_when_nothing_else_is_set() -> None:
    assert 2 <= extensions.REQUEST_WAIT_S <= 5
    assert extensions.READING_WAIT_S <= 1


@pytest.mark.usefixtures("_soon")
def test_write_is_refused_soon_and_reading_goes_on_when_others_write(client: QualityClient) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    factories.VacancyFactory()
    path = f"/clients/{person.pid}"
    pages = ("/healthz", "/jobs", f"{path}/matches", "/today", path)
    for page in pages:
        client.get_page(page)  # caches of the process fill here
    n_shown = db.session.query(ShownList).count()
    opened = client.get_page(f"{path}/profile/preferences")
    form = opened.form("form[action*='/profile/preferences']")
    with others_write():
        began = monotonic()
        page = client.send(form, {"wishes": WORDS}, status=503)
        assert 0.9 < monotonic() - began < 6
        for address in pages:
            began = monotonic()
            client.get_page(address)
            assert monotonic() - began < 3, address
    assert page.h1 == "系统正忙"
    typed = {words(row.dt): words(row.dd) for row in page.all(".error-kept dl > div")}
    assert WORDS in typed.values()
    labels = {words(label) for label in opened.all("label, legend")}
    assert typed.keys() <= labels  # by the names the form's own page gives them
    # The form the page carries saves what it says, once the others have done.
    saved = client.send(page.form(".error-page form"))
    assert saved.has_text("已保存")
    assert saved.has_text(WORDS)
    assert db.session.query(ShownList).count() >= n_shown
    client.get_page(f"{path}/matches")
    assert db.session.query(ShownList).count() > n_shown


@pytest.mark.usefixtures("_soon")
def test_sign_in_is_refused_soon_when_others_write(client: QualityClient) -> None:
    """It writes in several transactions; together they wait no longer than one may."""
    user = factories.UserFactory(with_password=True)
    values = {"email": user.email, "password": "not-the-one"}
    opened = client.get_page("/login")
    with others_write():
        began = monotonic()
        page = client.submit("/login", values, page=opened, form="#sign-in", status=503)
        assert monotonic() - began < 6
    assert values["password"] not in page.text
    assert page.has_text(values["email"])
    page = client.submit("/login", values, page=opened, form="#sign-in", status=422)
    assert page.has_text("邮箱或密码不正确")


@pytest.mark.usefixtures("_soon")
def test_sealed_page_stays_closed_when_its_reading_cannot_be_recorded(
    client: QualityClient,
) -> None:
    employer = client.sign_in(Role.ENTERPRISE)
    partner = db.session.query(factories.models.Partner).filter_by(unit_id=employer.unit_id).one()
    placement = factories.PlacementFactory(
        vacancy=factories.VacancyFactory(partner=partner), state="sent"
    )
    factories.ConsentFactory(placement=placement, scope=ConsentScope.CARD_AND_CONTACT)
    name, address = placement.client.name, f"/partner/referrals/{placement.pid}"
    with others_write():
        began = monotonic()
        page = client.get_page(address, status=503)
        assert monotonic() - began < 4
    assert not page.has_text(name)
    assert page.has_text("请稍等片刻再刷新")
    assert client.get_page(address).has_text(name)
    verbs = db.session.scalars(db.select(AuditEntry.verb)).all()
    assert verbs.count("referral.read") == 1


@pytest.mark.usefixtures("on_one_database")
def test_failed_commit_leaves_no_lock_behind_when_the_connection_goes_back(app: Flask) -> None:
    """SQLite keeps the transaction open when COMMIT says "busy"; SQLAlchemy takes it for ended."""

    def refuse(_connection: Any) -> None:
        raise sqlite3.OperationalError("database is locked")

    with pytest.MonkeyPatch.context() as patch, extensions.own_session() as session:
        patch.setattr(db.engine.dialect, "do_commit", refuse)
        session.execute(text("SELECT 1"))
        with pytest.raises(transaction.FAULTS) as caught:
            session.commit()
    assert transaction.is_unavailable(caught.value)
    with closing(sqlite3.connect(str(db.engine.url.database), timeout=0.1)) as other:
        other.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_is_refused_in_words_when_its_connection_was_closed_meanwhile(
    client: QualityClient, method: str
) -> None:
    """A server that was restarted has closed what the pool still holds."""
    client.sign_in(Role.OFFICER)
    sent = {"csrf_token": client.csrf_token(), "language": "en"}
    path, done = ("/today", 200) if method == "GET" else ("/language", 303)

    def close(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.close()

    db.session.commit()
    event.listen(db.engine, "checkout", close, once=True)
    refused = client.request(method, path, data=sent if method == "POST" else None)
    assert (refused.status, refused.h1) == (503, "系统正忙")
    assert client.request(method, path, data=sent if method == "POST" else None).status == done


# --- The disk -------------------------------------------------------------------------------------


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only() -> Iterator[None]:
    """Let the database take no write."""

    def forbid(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("PRAGMA query_only = ON")

    event.listen(db.engine, "checkout", forbid)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", forbid)
        db.engine.dispose()


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("fault", [no_room, read_only], ids=["full", "read-only"])
def test_reading_goes_on_and_readiness_is_refused_when_the_disk_takes_nothing(
    client: QualityClient, fault: Callable[[], Any]
) -> None:
    officer = client.sign_in(Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    path = f"/clients/{person.pid}"
    form = client.get_page(f"{path}/settle").form(fields={"description": ""})
    typed = {"placement_type": "gig", "description": "送快递", "started_on": "2026-11-20"}
    for address in ("/jobs", f"{path}/matches"):
        client.get_page(address)
    assert client.request("GET", "/readyz").status == 200
    with fault():
        refused = client.send(form, typed, status=503)
        ready = client.request("GET", "/readyz")
        assert (ready.status, ready.text) == (
            503,
            "disk: nothing can be written: is the disk full or read-only?\n",
        )
        read = [client.get_page(address) for address in ("/jobs", f"{path}/matches", "/today")]
    assert all(page.status == 200 for page in read)
    assert refused.has_text("送快递")
    assert words(refused.by_id("messages")) == ""
    assert client.request("GET", "/readyz").status == 200
    assert client.send(refused.form(".error-page form")).has_text("已登记安置")


@pytest.mark.usefixtures("on_one_database")
def test_health_and_files_need_no_database_when_somebody_is_signed_in(
    client: QualityClient,
) -> None:
    client.sign_in(Role.OFFICER)
    db.session.commit()
    with watch_sql() as seen:
        client.get_page("/healthz")
        client.browser.get("/static/css/site.css").close()
    assert seen == []
    with watch_sql() as seen:
        client.get_page("/today")
    assert seen != []
    unknown = client.get_page("/no/such/page", status=404)
    assert unknown.all("nav a[href='/clients']")


# --- The page itself ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("who", [None, Role.OFFICER], ids=["visitor", "signed-in"])
def test_page_is_the_sites_own_when_there_is_no_database(
    settings: dict[str, Any],
    tmp_path: Any,
    on_one_database: None,
    who: Role | None,
    language: str,
) -> None:
    address = f"sqlite:///{tmp_path}/no/such/folder/x.sqlite3"
    app = create_app({**settings, "SQLALCHEMY_DATABASE_URI": address})
    with app.app_context():
        client = QualityClient(app, language=language)
        if who is not None:
            client.edit_session(_user_id="f" * 64, _fresh=True, key="of an account")
        page = client.get_page("/jobs", status=503)
        if who is not None:
            posted = client.post("/today/corrections/zzzzzzzz", {"note": WORDS}, status=503)
            assert posted.has_text(WORDS)
        db.engine.dispose()
    assert page.headers["Retry-After"]
    assert page.h1 == {"zh": "系统正忙", "en": "The system is busy"}[language]
    # Nobody can say who is signed in; whoever may be is not asked to sign in again.
    assert bool(page.all("header a[href^='/login']")) is (who is None)


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 503])
def test_error_page_asks_the_database_nothing_when_shown(
    app: Flask, client: QualityClient, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    asked: list[list[str]] = []
    render = errors.render_template

    def watched(*args: Any, **values: Any) -> str:
        with watch_sql() as seen:
            page = render(*args, **values)
        asked.append(seen)
        return page

    def view() -> Any:
        if status == 503:
            raise sqlite3_fault()
        if status == 500:
            raise ZeroDivisionError
        errors_of = {409: errors.Conflict(), 422: errors.InvalidInput("required")}
        if status in errors_of:
            raise errors_of[status]
        abort(status)

    app.add_url_rule(
        "/probe", endpoint="probe", view_func=requires(Permission.PUBLIC)(view), methods=["POST"]
    )
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr(errors, "render_template", watched)
    client.sign_in(Role.OFFICER)
    page = client.post("/probe", {"note": WORDS}, status=status)
    assert asked == [[]]
    assert page.all("nav a[href='/clients']")  # in the frame of who is signed in
    assert page.has_text(WORDS) is (status in errors.NOTHING_SAVED)


def sqlite3_fault() -> Exception:
    return OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))


def test_every_form_names_what_was_typed_when_it_was_not_reached(app: Flask) -> None:
    """As when the database is locked from a request's start; told by the fields' names alone."""
    n_named = n_shown = 0
    for kind in kept_forms._form_classes(BaseForm):
        fields = kept_forms._unbound(kind)
        sent = dict.fromkeys(fields, "1")
        with app.test_request_context("/", method="POST", data=sent):
            found = kept_forms._guessed(request.form, sent)
            for name, field in fields.items():
                own = field.bind(form=Form(), name=name, _meta=BaseForm.Meta()).label.text
                label, _ = found.get(name, ("", ""))
                assert label in ("", str(own)), (kind, name)
                n_named += label == str(own)
                n_shown += name in found
    assert n_named > 0.9 * n_shown > 150
