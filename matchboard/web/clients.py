"""Clients: the list, registration, a person's overview, the personal link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.documents.client_list import write_client_list
from matchboard.documents.tables import MIMETYPES
from matchboard.domain.client import ClientKind, ContactStatus, Stage
from matchboard.domain.client_file import (
    SECTION_OF_FIELD,
    SECTION_OF_ITEM,
    ClientSort,
    TrainingStatus,
    WorkStatus,
)
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Permission, Role
from matchboard.labels import error_text, label
from matchboard.services import (
    client_search,
    client_timeline,
    clients,
    number_tries,
    personal_links,
    restricted,
    same_person,
)
from matchboard.services.client_completeness import completeness
from matchboard.services.client_search import ClientFilter
from matchboard.web import looks, shown_once
from matchboard.web.client_header import client_header
from matchboard.web.client_timeline import timeline_items
from matchboard.web.codebooks import Unresolved, division_words, resolve_place
from matchboard.web.context import actor, now, today
from matchboard.web.first_steps import is_blank
from matchboard.web.forms.choices import to_member
from matchboard.web.forms.clients import NewClientForm
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.notices import flash
from matchboard.web.one_round import add_refusals, is_sound
from matchboard.web.responses import attachment, page_or_partial, see_other
from matchboard.web.seen import seen, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("clients", __name__, url_prefix="/clients")

FILTERS = ("q", "office", "stage", "work", "training", "kind", "contact", "division")
#: Filters that hold a member of an enum.
ENUMS = {
    "stage": Stage,
    "work": WorkStatus,
    "training": TrainingStatus,
    "kind": ClientKind,
    "contact": ContactStatus,
}
TIMELINE_ENTRIES = 40


# --- The list ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The list as asked for: its filter, the words of what is set, and what was not understood."""

    filter: ClientFilter
    chips: list[tuple[str, str, str]]
    problem: str = ""


@bp.get("")
@requires(Permission.CLIENT_READ)
def index() -> ResponseReturnValue:
    """Show the actor's clients, filtered, sorted, by page."""
    state = _state()
    offices = clients.list_offices(actor=actor()) if actor().role is Role.DISTRICT else []
    wanted = _wanted(state, {office.pid: office.name for office in offices})
    page = client_search.list_clients(
        wanted.filter,
        actor=actor(),
        sort=ClientSort(state.sort),
        page=state.page,
        size=current_app.config["PAGE_SIZE"],
    )
    looks.shown(len(page.items))
    response = page_or_partial(
        "clients/list.html",
        "clients/_list.html",
        state=state,
        page=page,
        is_blank=is_blank("clients", page.n_total),
        chips=wanted.chips,
        problem=wanted.problem,
        offices=[(office.pid, office.name) for office in offices],
        choices={
            name: [(member.value, label(member)) for member in enum] for name, enum in ENUMS.items()
        },
        division_text=division_words(wanted.filter.residence_division or ""),
        division_words=division_words,
        sorts=[(sort.value, label(sort)) for sort in ClientSort],
    )
    if client_search.is_identity_number(state.get("q")):
        # The number must not stay behind in the address bar and the browser's history.
        response.headers["HX-Replace-Url"] = "false"
        response.headers["HX-Push-Url"] = "false"
    return response


@bp.route("/export.xlsx", methods=["GET", "POST"])
@requires(Permission.CLIENT_READ)
def export() -> ResponseReturnValue:
    """Hand out what the list shows, all pages of it, as a spreadsheet.

    That is on record in the actor's name, so no link of anybody's may ask for it.
    """
    state = _state()
    if request.method != "POST":
        return redirect(state.at(bp.url_prefix or ""))
    exported = client_search.export_clients(
        _wanted(state, {}).filter,
        actor=actor(),
        sort=ClientSort(state.sort),
        filters=sorted(state.filters),
        now=now(),
    )
    return attachment(
        lambda file: write_client_list(file, exported.rows, head=exported.head),
        name=f"clients-{today().isoformat()}.xlsx",
        mimetype=MIMETYPES["xlsx"],
    )


def _state() -> ListState:
    return ListState.from_args(
        FILTERS, sorts=[sort.value for sort in ClientSort], default_sort=ClientSort.UPDATED.value
    )


def _wanted(state: ListState, offices: dict[str, str]) -> _Wanted:
    """Read the filters; a value that means nothing narrows nothing."""
    chips: list[tuple[str, str, str]] = []
    members: dict[str, Any] = {}
    for name, enum in ENUMS.items():
        try:
            members[name] = to_member(enum)(state.get(name))
        except ValueError:
            members[name] = None
        if members[name] is not None:
            chips.append((name, state.get(name), label(members[name])))
    office = state.get("office")
    if office in offices:
        chips.append(("office", office, offices[office]))
    division, problem = None, ""
    if state.get("division"):
        try:
            division = resolve_place(state.get("division"))
            chips.append(("division", state.get("division"), division_words(division)))
        except Unresolved as error:
            problem = str(error)
    wanted = ClientFilter(
        text=state.get("q"),
        office_pid=office or None,
        stage=members["stage"],
        work=members["work"],
        training=members["training"],
        kind=members["kind"],
        contact_status=members["contact"],
        residence_division=division,
    )
    return _Wanted(wanted, chips, problem)


# --- Registration --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IdentityPanel:
    """What the page says about a typed identity number before anything is saved."""

    error: str = ""
    #: Others, sent with it, used up what may be asked: nothing may be said of the number.
    is_refused: bool = False
    duplicate: Any = None
    is_elsewhere: bool = False
    born: str = ""
    sex: str = ""
    warnings: tuple[str, ...] = ()


@bp.get("/new")
@requires(Permission.CLIENT_WRITE)
def new() -> ResponseReturnValue:
    """Show the form of registration."""
    form = _new_form()
    # Back in the other language, or from signing in: what had been asked is still asked.
    found = _find_possible(form) if form.asked_about.data else None
    possible = found if found is not None and found.answer == form.asked_about.data else None
    return render_template(
        "clients/new.html", form=form, panel=IdentityPanel(), possible=possible, today=today()
    )


@bp.post("/new/identity")
@requires(Permission.CLIENT_WRITE)
def check_identity() -> ResponseReturnValue:
    """Say at once whether somebody is recorded under a number (POST keeps it out of addresses)."""
    panel = _panel(request.form.get("identity_number", ""))
    return render_template("clients/_identity_check.html", panel=panel)


@bp.post("/new")
@requires(Permission.CLIENT_WRITE)
@single_submission
def register() -> ResponseReturnValue:
    """Register the person, or show the form again with what is wrong."""
    form = _new_form()
    client, possible = None, None

    def create() -> Any:
        return clients.register_client(form.new_client(), actor=actor(), now=now())

    is_right = is_sound(form, create)
    try:
        possible = _possible(form)
        if is_right and (possible is None or form.someone_else.data):
            client = create()
        elif is_right:
            add_refusals(form, create)  # in one round with the question
    except InvalidInput as error:
        form.attach(error)
    if client is not None:
        flash(
            gettext("已登记：%(name)s。接着补充技能和求职意愿，匹配会更准。", name=client.name),
            "success",
        )
        return see_other(f"/clients/{client.pid}")
    panel = _panel(form.identity_number.data or "")
    if panel.is_refused:
        form.identity_number.errors = [panel.error]
    return make_response(
        render_template(
            "clients/new.html", form=form, panel=panel, possible=possible, today=today()
        ),
        422,
    )


def _possible(form: NewClientForm) -> same_person.Possible | None:
    """Return who may be the person already; an answer counts for those it was given of.

    Raises
    ------
    InvalidInput
        If nothing may be said of other offices' people any more.
    """
    found = _find_possible(form)
    if found is None or found.answer != form.asked_about.data:
        form.someone_else.data = False
        if found is not None and found.elsewhere is not None:
            number_tries.count_answer(found.elsewhere, actor=actor(), now=now())
            found = _find_possible(form)
    form.asked_about.data = found.answer if found is not None else ""
    return found


def _find_possible(form: NewClientForm) -> same_person.Possible | None:
    return same_person.find_possible(form.new_client(), actor=actor(), on=today())


def _new_form() -> NewClientForm:
    form = NewClientForm()
    offices = clients.list_offices(actor=actor())
    form.offer(
        [(office.pid, office.name) for office in offices],
        must_choose=actor().role is not Role.OFFICER,
    )
    return form


def _panel(typed: str) -> IdentityPanel:
    """Return what is known about a number; a hit in another office, and a miss, are on record."""
    if not typed.strip():
        return IdentityPanel()
    try:
        number_tries.require_few(actor=actor(), now=now())
        check = clients.check_identity_number(typed, actor=actor(), now=now())
    except InvalidInput as error:
        if error.code == number_tries.REFUSAL:
            number_tries.count_refused(actor=actor(), now=now())
        return IdentityPanel(error=error_text(error), is_refused=error.code == number_tries.REFUSAL)
    if check.duplicate is None:
        try:
            number_tries.count_answer(check.elsewhere, actor=actor(), now=now())
        except InvalidInput as error:
            return IdentityPanel(error=error_text(error), is_refused=True)
    return IdentityPanel(
        duplicate=check.duplicate,
        is_elsewhere=check.elsewhere is not None,
        born=check.birth_date.isoformat(),
        sex=label(check.sex),
        warnings=tuple(label(warning) for warning in check.warnings),
    )


# --- A person ------------------------------------------------------------------------------


@bp.get("/<pid>")
@requires(Permission.CLIENT_READ)
def show(pid: str) -> ResponseReturnValue:
    """Show how a person stands: work, next duty, completeness, path."""
    client = clients.get_client(pid, actor=actor())
    placement = client_search.jobs_of([client.id]).get(client.id)
    active, locked_at = personal_links.standing(client, now=now())
    return render_template(
        "clients/show.html",
        client=client,
        header=client_header(client),
        placement=placement,
        completeness=completeness(client),
        events=timeline_items(client_timeline.timeline(client, limit=TIMELINE_ENTRIES)),
        link=active,
        locked_at=locked_at,
        access=restricted.access_of(client, actor=actor(), now=now()),
        opens=restricted.openers_of(client),
        sections_of={"item": SECTION_OF_ITEM, "field": SECTION_OF_FIELD},
    )


# --- The personal link ---------------------------------------------------------------------


@bp.get("/<pid>/link")
@requires(Permission.CLIENT_WRITE)
def link(pid: str) -> ResponseReturnValue:
    """Show whether the person has a link, and how to make or close one.

    Whoever made it reads it here for a while: only its digest is stored.
    """
    client = clients.get_client(pid, actor=actor())
    active, locked_at = personal_links.standing(client, now=now())
    address = _link_address(client, active)
    return make_response(
        render_template(
            "clients/link.html",
            client=client,
            header=client_header(client),
            link=active,
            locked_at=locked_at,
            link_version=personal_links.link_version(client, now=now()),
            address=address,
            drawing=_qr(address) if address else "",
            closes_soon=active is not None and active.expires_at < now() + timedelta(days=30),
        )
    )


def _link_address(client: Any, active: Any) -> str:
    """Return the address of the open link, if this browser made it a moment ago."""
    token = shown_once.kept(f"link/{client.pid}")
    if not token or active is None or not personal_links.is_token_of(active, token):
        return ""
    base = (current_app.config["BASE_URL"] or request.host_url).rstrip("/")
    return f"{base}/me/{token}"


def _client(pid: str) -> Any:
    return clients.get_client(pid, actor=actor())


@bp.post("/<pid>/link")
@requires(Permission.CLIENT_WRITE)
@single_submission
@stale_shows(link, _client)
def create_link(pid: str) -> ResponseReturnValue:
    """Make a link; the page this leads to shows it."""
    client = clients.get_client(pid, actor=actor())
    _, token = personal_links.create_link(client, actor=actor(), now=now(), seen=seen())
    shown_once.keep(f"link/{client.pid}", token)
    return see_other(f"/clients/{client.pid}/link")


@bp.post("/<pid>/link/revoke")
@requires(Permission.CLIENT_WRITE)
@single_submission
@stale_shows(link, _client)
def revoke_link(pid: str) -> ResponseReturnValue:
    """Close the person's link at once."""
    client = clients.get_client(pid, actor=actor())
    personal_links.revoke_link(client, actor=actor(), now=now(), seen=seen())
    flash(gettext("专属链接已停用，旧的二维码不能再打开。"), "success")
    return see_other(f"/clients/{client.pid}/link")


def _qr(address: str) -> str:
    """Return the address as a drawing in a data: address."""
    drawing: str = segno.make(address, error="m").svg_data_uri(scale=6, border=2)
    return drawing
