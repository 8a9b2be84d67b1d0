"""What an officer has to do: overdue, today, this week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext as _l, ngettext

from matchboard.domain.duties import Duty, DutyKind, Urgency, is_own, urgency
from matchboard.domain.roles import Actor, Permission, Role
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
    K.RENEW_LINK: _l("重新办理"),
    K.NEXT_PROPOSAL: _l("再推荐"),
    K.HAND_OVER: _l("去移交"),
    K.NAME_HEAD: _l("由系统管理员办理"),
    K.OPEN_ACCOUNT: _l("由系统管理员办理"),
    K.COVER_AGAIN: _l("去安排"),
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
    K.RENEW_LINK: "qrcode",
    K.NEXT_PROPOSAL: "target",
    K.HAND_OVER: "users",
    K.NAME_HEAD: "flag",
    K.OPEN_ACCOUNT: "ban",
    K.COVER_AGAIN: "user-off",
    K.OPENING_HELD: "player-pause",
}
#: Pages of the person on which a duty is done, and where on them.
_OF_PERSON = {
    K.REGISTER: ("client_profile.show", "section-basics"),
    K.RENEW_LINK: ("clients.link", None),
    K.NEXT_PROPOSAL: ("matches.show", None),
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
    """One duty with its one verb: a link to where it is done, or a button that does it.

    Of somebody else's duty `done_by` says whose it is; there is nothing to press.
    """

    duty: Duty
    kind_words: str
    icon: str
    subject: str
    subject_url: str
    verb: str
    url: str
    post_fields: dict[str, str] | None
    n_days_late: int
    done_by: str = ""


@counts("today")
def count_due(who: Actor, instant: datetime) -> int:
    """Return the number beside "today" in the navigation."""
    return duties.count_due(actor=who, now=instant)


@bp.get("/today")
@requires(Permission.TODAY_READ)
def index() -> ResponseReturnValue:
    """Show the duties due by group; filters by kind, for the district by office.

    What others have to do stands apart, and only for who looks over several offices.
    """
    state = ListState.from_args(("kind", "office", "whose"), sorts=())
    offices = clients.list_offices(actor=actor()) if actor().role is Role.DISTRICT else []
    office_pid = state.get("office") if state.get("office") in {o.pid for o in offices} else ""
    found = [
        duty
        for duty in duties.list_duties(actor=actor(), now=now(), office_pid=office_pid)
        if urgency(duty.due_on, today()) in GROUPS
    ]
    kind = state.get("kind") if state.get("kind") in set(DutyKind) else ""
    own = [duty for duty in found if is_own(duty.kind, actor().role)]
    is_others = bool(kind) and not is_own(DutyKind(kind), actor().role)
    is_others = is_others or (not kind and state.get("whose") == "others")
    n_own, n_others = len(own), len(found) - len(own)
    found = [d for d in found if not is_own(d.kind, actor().role)] if is_others else own
    per_kind = Counter(duty.kind for duty in found)
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
        groups=_groups(wanted),
        is_others=is_others,
        n_own=n_own,
        n_others=n_others,
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


def _groups(found: Sequence[Duty]) -> list[tuple[Urgency, list[DutyRow], int]]:
    """Return each group with its first rows, and how many there are."""
    by_group = {g: [d for d in found if urgency(d.due_on, today()) is g] for g in GROUPS}
    shown_ones = [duty for duties_ in by_group.values() for duty in duties_[:GROUP_LIMIT]]
    others = {d.client_pid for d in shown_ones if not is_own(d.kind, actor().role)} - {""}
    offices = duties.offices_of(others) if others else {}
    return [
        (group, [_row(duty, offices) for duty in mine[:GROUP_LIMIT]], len(mine))
        for group, mine in by_group.items()
    ]


def _done_by(duty: Duty, offices: dict[str, str]) -> str:
    """Return who does a duty that is not the actor's own; empty if it is."""
    if is_own(duty.kind, actor().role):
        return ""
    if duty.kind in {K.NAME_HEAD, K.OPEN_ACCOUNT}:
        return gettext("由系统管理员办理")
    return gettext("由%(office)s办理", office=offices.get(duty.client_pid, ""))


def _row(duty: Duty, offices: dict[str, str]) -> DutyRow:
    url, fields = _action(duty)
    held = error_text(duty.held) if duty.held else ""
    parts = [part for part in (duty.vacancy_title, duty.partner_name, held) if part]
    words = label(duty.kind)
    if duty.check_day is not None:
        words = gettext("第 %(day)s 天回访", day=duty.check_day)
    subject_url = ""
    if duty.placement_pid:
        subject_url = url_for("placements.show", pid=duty.placement_pid)
    if duty.lead_pid:
        people = ngettext("%(num)s 人", "%(num)s 人", duty.n_people) if duty.n_people else ""
        covers = gettext("代管：%(name)s", name=duty.covering_name) if duty.covering_name else ""
        parts = [part for part in (duty.office_name, people, covers) if part]
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
        done_by=_done_by(duty, offices),
    )


def _action(duty: Duty) -> tuple[str, dict[str, str] | None]:
    """Return where the verb leads; with fields it is a POST that does the duty at once."""
    pid: Any = duty.placement_pid
    if not is_own(duty.kind, actor().role):  # who looks reads on; there is nothing to press
        return (url_for("placements.show", pid=pid) if pid else ""), None
    if duty.kind in _OF_PERSON:
        endpoint, section = _OF_PERSON[duty.kind]
        return url_for(endpoint, pid=duty.client_pid, _anchor=section), None
    match duty.kind:
        case K.HAND_OVER:
            office, lead = duty.office_pid, duty.lead_pid
            return url_for("handovers.hand_over", office_pid=office, pid=lead), None
        case K.COVER_AGAIN:
            return url_for("covers.index"), None
        case K.CORRECTION:
            return url_for("today.settle_correction", pid=duty.correction_pid), shown(duty.version)
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
