"""The restricted record: closed until a purpose is stated, shown for that one answer only.

To an officer of the office whom it does not open for, each of its addresses says for whom it does,
and how a cover is made.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchboard.domain.errors import InvalidInput
from matchboard.domain.occupational_bars import fact_schema
from matchboard.domain.roles import Permission
from matchboard.labels.restricted import fact_help
from matchboard.services import clients, restricted, transaction
from matchboard.web.client_header import client_header
from matchboard.web.context import actor, now
from matchboard.web.drafts import SWITCH
from matchboard.web.editing import Edit, edit_page, lead_on
from matchboard.web.forms.clients import PurposeForm
from matchboard.web.forms.restricted import FactsForm
from matchboard.web.guard import requires

View = TypeVar("View", bound=Callable[..., Any])

bp = Blueprint("restricted", __name__, url_prefix="/clients/<pid>/restricted")


@bp.get("")
@requires(Permission.RESTRICTED_READ)
def closed(pid: str) -> ResponseReturnValue:
    """Show the closed panel and ask for the purpose, or say for whom it opens."""
    client = clients.get_client(pid, actor=actor())
    return _page(client, purpose=PurposeForm())


def _refusing(view: View) -> View:
    """Answer a refused opening or saving with the page that says for whom the record opens."""

    @wraps(view)
    def guarded(pid: str) -> Any:
        try:
            return view(pid)
        except restricted.RecordClosed:
            transaction.rollback()
            restricted.note_refusal(pid, actor=actor(), now=now())
            return _page(clients.get_client(pid, actor=actor()), is_refused=True, status=403)

    return guarded  # type: ignore[return-value]


@bp.post("")
@requires(Permission.RESTRICTED_READ)
@_refusing
def open_record(pid: str) -> ResponseReturnValue:
    """Show the record for this answer only; the opening is on record."""
    client = clients.get_client(pid, actor=actor())
    restricted.require_access(client, actor=actor(), now=now())
    purpose = PurposeForm()
    if SWITCH in request.form:
        return _page(client, purpose=purpose)
    if purpose.validate():
        try:
            opened = restricted.open_record(
                client,
                purpose=purpose.purpose.data,
                note=purpose.note.data or "",
                actor=actor(),
                now=now(),
            )
        except InvalidInput as error:
            purpose.attach(error)
        else:
            form = FactsForm(formdata=None)
            form.purpose.data = purpose.purpose.data.value
            form.note.data = purpose.note.data
            form.fill(opened.facts, opened.version)
            return _page(client, form=form, updated_at=opened.updated_at)
    return _page(client, purpose=purpose, status=422)


@bp.post("/record")
@requires(Permission.RESTRICTED_WRITE)
@_refusing
def save(pid: str) -> ResponseReturnValue:
    """Save the facts; the buttons that add or remove a record save nothing."""

    def load() -> Any:
        client = clients.get_client(pid, actor=actor())
        restricted.require_access(client, actor=actor(), now=now())
        return client

    def write(client: Any, form: FactsForm) -> None:
        restricted.check_purpose(form.stated, form.note.data or "")
        restricted.save_record(
            client,
            form.json(),
            expected_version=form.expected_version,
            actor=actor(),
            now=now(),
        )

    def saved(_client: Any, sent: FactsForm) -> FactsForm:
        # What was saved meanwhile is opened for the purpose already stated, and that on record.
        opened = restricted.open_for_comparison(
            pid, purpose=sent.stated, note=sent.note.data or "", actor=actor(), now=now()
        )
        form = FactsForm(formdata=None)
        form.fill(opened.facts, opened.version)
        return form

    return edit_page(
        Edit(
            load=load,
            form=lambda _client: FactsForm(),
            saved=saved,
            save=write,
            page=lambda client, form, stale: _page(client, form=form, conflict=stale),
            done=lambda *_: lead_on(
                gettext("已保存，记录已重新关闭。"), f"/clients/{pid}/restricted"
            ),
        )
    )


def _page(
    client: Any,
    *,
    purpose: PurposeForm | None = None,
    form: FactsForm | None = None,
    updated_at: Any = None,
    conflict: Any = None,
    is_refused: bool = False,
    status: int = 200,
) -> ResponseReturnValue:
    access = restricted.access_of(client, actor=actor(), now=now())
    page = render_template(
        "clients/restricted.html",
        client=client,
        header=client_header(client),
        access=access,
        opens=restricted.openers_of(client),
        is_refused=is_refused,
        purpose=purpose if access is not None else None,
        form=form if access is not None else None,
        updated_at=updated_at,
        conflict=conflict,
        schema=fact_schema(),
        fact_help=fact_help,
    )
    return make_response(page, status)
