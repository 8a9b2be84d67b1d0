"""What an officer has to do: overdue, today, this week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext as _l

from matchboard.domain.duties import Duty, DutyKind, Urgency, urgency
from matchboard.domain.roles import Actor, Permission, Role, is_granted
from matchboard.labels import error_text, label
from matchboard.services import clients, corrections, duties
from matchboard.web import looks
from matchboard.web.context import actor, now, today
from matchboard.web.first_steps import step_rows
from matchboard.web.guard import requires
from matchboard.web.listing import ListState
from matchboard.web.navigation import counts
from matchboard.web.notices import flash
from matchboard.web.responses import page_or_partial, see_other
from matchboard.web.seen import seen, shown, stale_shows
from matchboard.web.submissions import single_submission

bp = Blueprint("today", __name__)

K = DutyKind
#: Rows of one group; who has more narrows by kind or office.
GROUP_LIMIT = 60
GROUPS = (Urgency.OVERDUE, Urgency.TODAY, Urgency.THIS_WEEK)

#: One verb a kind, and the icon beside the kind's words.
VERBS = {
    K.REGISTER: _l("去登记"),
    K.ASK_CONSENT: _l("记录决定"),
    K.SEND_REFERRAL: _l("送达"),
    K.ASK_CONTACT_CONSENT: _l("征求同意"),
    K.CHASE_EMPLOYER: _l("催办"),
    K.INTERVIEW_RESULT: _l("填结果"),
    K.CONFIRM_START: _l("确认上岗"),
    K.OUTCOME_CHECK: _l("登记回访"),
    K.CORRECTION: _l("已更正"),
    K.NEXT_PROPOSAL: _l("再推荐"),
    K.OPENING_HELD: _l("去处理"),
}
ICONS = {
    K.REGISTER: "id",
    K.ASK_CONSENT: "message",
    K.SEND_REFERRAL: "mail",
    K.ASK_CONTACT_CONSENT: "phone",
    K.CHASE_EMPLOYER: "bell",
    K.INTERVIEW_RESULT: "calendar-event",
    K.CONFIRM_START: "briefcase",
    K.OUTCOME_CHECK: "clipboard-check",
    K.CORRECTION: "message",
    K.NEXT_PROPOSAL: "target",
    K.OPENING_HELD: "player-pause",
}
#: Steps of the placement's page that do a duty.
_STEPS = {
    K.ASK_CONSENT: "consent",
    K.ASK_CONTACT_CONSENT: "widen_consent",
    K.INTERVIEW_RESULT: "offer",
    K.CONFIRM_START: "start",
    K.OPENING_HELD: "withdraw",
}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One duty with its one verb: a link to where it is done, or a button that does it."""

    duty: Duty
    kind_words: str
    icon: str
    subject: str
    subject_url: str
    verb: str
    url: str
    post_fields: dict[str, str] | None
    n_days_late: int


@counts("today")
def count_due(who: Actor, instant: datetime) -> int:
    """Return the number beside "today" in the navigation."""
    return duties.count_due(actor=who, now=instant)


@bp.get("/today")
@requires(Permission.TODAY_READ)
def index() -> ResponseReturnValue:
    """Show the duties due by group; filters by kind, for the district by office."""
    state = ListState.from_args(("kind", "office"), sorts=())
    offices = clients.list_offices(actor=actor()) if actor().role is Role.DISTRICT else []
    office_pid = state.get("office") if state.get("office") in {o.pid for o in offices} else ""
    found = [
        duty
        for duty in duties.list_duties(actor=actor(), now=now(), office_pid=office_pid)
        if urgency(duty.due_on, today()) in GROUPS
    ]
    per_kind = Counter(duty.kind for duty in found)
    kind = state.get("kind") if state.get("kind") in set(DutyKind) else ""
    wanted = [duty for duty in found if not kind or duty.kind == kind]
    looks.shown(len(wanted))
    return page_or_partial(
        "today/index.html",
        "today/_list.html",
        state=state,
        kind=kind,
        kinds=[(k.value, label(k), per_kind[k]) for k in DutyKind if per_kind[k]],
        offices=[(office.pid, office.name) for office in offices],
        first_steps=step_rows(),
        n_all=len(found),
        n_total=len(wanted),
        groups=[(group, *_rows(wanted, group)) for group in GROUPS],
        today=today(),
    )


@bp.post("/today/corrections/<pid>")
@requires(Permission.CLIENT_WRITE)
@single_submission
@stale_shows(lambda **_: index(), lambda **_: "")
def settle_correction(pid: str) -> ResponseReturnValue:
    """Write down that what a person found wrong has been dealt with."""
    corrections.settle_correction(pid, actor=actor(), now=now(), seen=seen())
    flash(gettext("已记下，这件事办完了。"), "success")
    return see_other(url_for("today.index"))


def _rows(found: Sequence[Duty], group: Urgency) -> tuple[list[DutyRow], int]:
    """Return the first rows of a group, and how many there are."""
    mine = [duty for duty in found if urgency(duty.due_on, today()) is group]
    return [_row(duty) for duty in mine[:GROUP_LIMIT]], len(mine)


def _row(duty: Duty) -> DutyRow:
    url, fields = _action(duty)
    held = error_text(duty.held) if duty.held else ""
    parts = [part for part in (duty.vacancy_title, duty.partner_name, held) if part]
    words = label(duty.kind)
    if duty.check_day is not None:
        words = gettext("第 %(day)s 天回访", day=duty.check_day)
    subject_url = ""
    if duty.placement_pid:
        subject_url = url_for("placements.show", pid=duty.placement_pid)
    if duty.kind is K.CORRECTION:
        parts = [gettext("“%(words)s”", words=duty.words)]
        subject_url = url_for("client_profile.show", pid=duty.client_pid)
    return DutyRow(
        duty=duty,
        kind_words=words,
        icon=ICONS[duty.kind],
        subject=" · ".join(parts),
        subject_url=subject_url,
        verb=str(VERBS[duty.kind]),
        url=url,
        post_fields=fields,
        n_days_late=(today() - duty.due_on).days,
    )


def _action(duty: Duty) -> tuple[str, dict[str, str] | None]:
    """Return where the verb leads; with fields it is a POST that does the duty at once."""
    may_write = is_granted(actor().role, Permission.PLACEMENT_WRITE)
    pid: Any = duty.placement_pid
    match duty.kind:
        case K.REGISTER:
            section = "section-basics"
            return url_for("client_profile.show", pid=duty.client_pid, _anchor=section), None
        case K.NEXT_PROPOSAL:
            return url_for("matches.show", pid=duty.client_pid), None
        case K.CORRECTION:
            return url_for("today.settle_correction", pid=duty.correction_pid), shown(duty.version)
    if not may_write:  # the district looks, the office acts
        return url_for("placements.show", pid=pid), None
    back = {"next": url_for("today.index")}
    match duty.kind:
        case K.SEND_REFERRAL:
            return url_for("placements.step", pid=pid, step="send"), shown(duty.version, **back)
        case K.CHASE_EMPLOYER:
            return url_for("placements.remind"), {"pid": pid, **back}
        case K.OUTCOME_CHECK:
            return url_for("placements.check", pid=pid, day=duty.check_day), None
    step = _STEPS[duty.kind]
    return url_for("placements.show", pid=pid, step=step, _anchor=f"step-{step}"), None
