"""What hostile requests start from: true requests of a role, ids of its own, ids of strangers."""

from __future__ import annotations

import re
from contextvars import Context
from dataclasses import dataclass, field, replace
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from flask import Flask
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from matchboard.domain.background import TaskKind, TaskState
from matchboard.domain.client import ConsentScope
from matchboard.domain.roles import Actor, Role
from matchboard.extensions import db
from matchboard.models import (
    BackgroundTask,
    Client,
    Consent,
    CorrectionRequest,
    CourseSession,
    Enrolment,
    Placement,
    Vacancy,
)
from matchboard.services import background, corrections, personal_links
from tests import factories
from tests.integration.writing_requests import WRITINGS, Ready, Writing

Pairs = tuple[tuple[str, str], ...]
#: Names, words and a number of people and things no account under test has to do with.
SECRETS = ("鑫犇犇", "淼焱垚", "13812345699")
_HREF = re.compile(r'href="(/[^"#]*)')
_NAME = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')


@dataclass(frozen=True)
class Base:
    """A request as a browser of the role would send it."""

    method: str
    endpoint: str
    args: tuple[tuple[str, str], ...]
    path: str
    values: Pairs = ()
    cookie: str = ""
    page: str = ""
    token: str = ""

    def at(self, args: dict[str, str], app: Flask) -> Base:
        """Return it with other ids in its address."""
        rule = next(
            r
            for r in app.url_map.iter_rules(self.endpoint)
            if r.arguments == set(args) and self.method in (r.methods or ())
        )
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: _quoted(args[m[1]]), rule.rule)
        return replace(self, path=path, args=tuple(sorted(args.items())))


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


@dataclass
class World:
    """One role's requests and the ids to mix them with."""

    app: Flask
    role: Role
    posts: list[Base] = field(default_factory=list)
    pages: list[Base] = field(default_factory=list)
    #: Names of fields seen on the role's pages.
    names: list[str] = field(default_factory=list)
    own: dict[str, set[str]] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        """Every id of the role's own."""
        return sorted(set().union(*self.own.values()))


def build(app: Flask, role: Role, *, share: float = 1.0) -> World:
    """Prepare the role's requests (a share of them) and strangers' rows."""
    world = World(app, role, foreign=_strangers(app))
    writings = [one for one in WRITINGS if one.role is role]
    step = max(1, round(1 / share))
    for writing in writings[::step]:
        _add(world, writing)
    if not world.pages:  # a role without a form to send has pages all the same
        _crawl(world, _visitor(world), [])
    names = {name for base in world.posts for name, _ in base.values}
    world.names = sorted(names | set(world.names))
    return world


def renew(world: World, base: Base) -> Base:
    """Return a request like `base` prepared anew: the old one's rows have moved on."""
    for writing in WRITINGS:
        if writing.role is world.role and writing.endpoint == base.endpoint:
            return _base_of(world, writing.prepare(world.app))
    return base


def _add(world: World, writing: Writing) -> None:
    ready = writing.prepare(world.app)
    base = _base_of(world, ready)
    world.posts.append(base)
    starts = [path for path in (ready.page, "/") if path]
    _crawl(world, base, starts)


def _base_of(world: World, ready: Ready) -> Base:
    cookie = ready.client.browser.get_cookie("matchboard")
    values = tuple(
        (name, str(value))
        for name, several in ready.values.items()
        if several is not None and name != "csrf_token"
        for value in (several if isinstance(several, list) else [several])
    )
    endpoint, args = _match(world.app, ready.path, "POST") or ("", {})
    assert endpoint, ready.path
    for name, value in args.items():
        world.own.setdefault(name, set()).add(value)
    return Base(
        "POST",
        endpoint,
        tuple(sorted(args.items())),
        ready.path,
        values,
        cookie=cookie.value if cookie else "",
        page=ready.page,
        token=ready.client.csrf_token(),
    )


def _visitor(world: World) -> Base:
    return Base("GET", "public.home", (), "/")


def _crawl(world: World, base: Base, starts: list[str]) -> None:
    """Open the pages the request's browser sees, and note the links and fields on them."""
    known = {(page.endpoint, page.path.partition("?")[2]) for page in world.pages}
    db.session.commit()
    browser = world.app.test_client()
    browser.set_cookie("matchboard", base.cookie)
    for start in starts or ["/"]:
        answer = Context().run(browser.get, start, follow_redirects=True)
        world.names += _NAME.findall(answer.text)
        links = [start, *map(unescape, _HREF.findall(answer.text))]
        for path in links:
            found = _match(world.app, path, "GET")
            if found is None or found[0] == "static":
                continue
            endpoint, args = found
            key = (endpoint, path.partition("?")[2])
            if key in known or sum(page.endpoint == endpoint for page in world.pages) >= 6:
                continue
            known.add(key)
            for name, value in args.items():
                world.own.setdefault(name, set()).add(value)
            page = replace(base, method="GET", endpoint=endpoint, path=path, values=())
            world.pages.append(replace(page, args=tuple(sorted(args.items()))))


def _match(app: Flask, path: str, method: str) -> tuple[str, dict[str, str]] | None:
    adapter = app.url_map.bind("localhost")
    try:
        endpoint, args = adapter.match(unquote(path.partition("?")[0]), method=method)
    except HTTPException:
        return None
    return str(endpoint), {name: str(value) for name, value in args.items()}


# --- Strangers ------------------------------------------------------------------------------------


def _strangers(app: Flask) -> dict[str, str]:
    """Write a person, an employer and a school of another district; return their rows' ids."""
    now = app.config["CLOCK"]()
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(
        office=officer.unit, name=SECRETS[0], phone=SECRETS[2], birth_date=date(1979, 9, 9)
    )
    opening = factories.VacancyFactory(headcount=3, state="draft", visibility="officers")
    placement = factories.PlacementFactory(client=person, vacancy=opening, state="sent")
    factories.ConsentFactory(placement=placement, scope=ConsentScope.CARD_AND_CONTACT)
    session = factories.CourseSessionFactory(course=factories.CourseFactory(published=False))
    enrolment = factories.EnrolmentFactory(client=person, session=session)
    task = background.start(TaskKind.VACANCY_IMPORT, actor=officer.actor, now=now)
    task.state = TaskState.DONE.value  # one that waits is done by whoever rings next
    _, token = personal_links.create_link(person, actor=officer.actor, now=now)
    actor = Actor(Role.CLIENT, client_id=person.id)
    corrections.request_correction(person, SECRETS[1], actor=actor, now=now)
    db.session.commit()
    correction = db.session.scalars(
        select(CorrectionRequest).order_by(CorrectionRequest.id.desc())
    ).first()
    found = {
        "client": person.pid,
        "placement": placement.pid,
        "vacancy": opening.pid,
        "session": session.pid,
        "course": session.course.pid,
        "enrolment": enrolment.pid,
        "task": task.pid,
        "correction": correction.pid,
        "token": token,
    }
    db.session.commit()
    return found


#: Endpoints' beginnings → argument → whose it is. Asked for by anybody of another district or
#: another house it must not be there.
CLOSED: tuple[tuple[str, str, str, frozenset[Role]], ...] = tuple(
    (start, argument, kind, roles)
    for start, arguments, roles in (
        ("clients.", {"pid": "client"}, frozenset(Role)),
        ("client_profile.", {"pid": "client"}, frozenset(Role)),
        ("client_training.", {"pid": "client", "enrolment_pid": "enrolment"}, frozenset(Role)),
        ("restricted.", {"pid": "client"}, frozenset(Role)),
        ("matches.show", {"pid": "client"}, frozenset(Role)),
        ("matches.compare", {"pid": "client"}, frozenset(Role)),
        ("placements.for_client", {"pid": "client"}, frozenset(Role)),
        ("placements.propose", {"pid": "client"}, frozenset(Role)),
        ("placements.settle", {"pid": "client"}, frozenset(Role)),
        ("placements.show", {"pid": "placement"}, frozenset(Role)),
        ("placements.step", {"pid": "placement"}, frozenset(Role)),
        ("placements.check", {"pid": "placement"}, frozenset(Role)),
        ("placements.consent_form", {"pid": "placement"}, frozenset(Role)),
        ("placements.letter", {"pid": "placement"}, frozenset(Role)),
        ("placements.widen_consent", {"pid": "placement"}, frozenset(Role)),
        ("placements.withdraw_consent", {"pid": "placement"}, frozenset(Role)),
        ("partner.", {"pid": "placement"}, frozenset(Role)),
        ("partner_vacancies.", {"pid": "vacancy"}, frozenset(Role)),
        ("trainees.", {"pid": "enrolment"}, frozenset({Role.COORDINATOR})),
        ("trainees.show_session", {"pid": "session"}, frozenset({Role.COORDINATOR})),
        ("training.", {"pid": "course"}, frozenset({Role.COORDINATOR})),
        ("training.edit_session", {"pid": "session"}, frozenset({Role.COORDINATOR})),
        ("tasks.", {"pid": "task"}, frozenset(Role)),
        ("own_page.act", {"pid": "placement"}, frozenset(Role)),
        ("own_page.withdraw_course", {"pid": "enrolment"}, frozenset(Role)),
        ("today.", {"pid": "correction"}, frozenset(Role)),
    )
    for argument, kind in arguments.items()
)


def stranger_of(base: Base, role: Role) -> list[tuple[str, str]]:
    """Return (argument, kind of row) by which the request could reach for a stranger's row."""
    return [
        (argument, kind)
        for start, argument, kind, roles in CLOSED
        if base.endpoint.startswith(start) and role in roles and argument in dict(base.args)
    ]


def rows_of_strangers(foreign: dict[str, str]) -> list[Any]:
    """Return the strangers' rows, to be compared before and after."""
    rows: list[Any] = []
    for model, kind in (
        (Client, "client"),
        (Placement, "placement"),
        (Vacancy, "vacancy"),
        (CourseSession, "session"),
        (Enrolment, "enrolment"),
        (BackgroundTask, "task"),
        (CorrectionRequest, "correction"),
    ):
        table = model.__table__
        rows.append(db.session.execute(select(table).where(model.pid == foreign[kind])).all())
    (placement,) = rows[1]
    query = select(Consent.__table__).where(Consent.placement_id == placement.id)
    rows.append(db.session.execute(query).all())
    db.session.rollback()
    return [[tuple(row) for row in found] for found in rows]
