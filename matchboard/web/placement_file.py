"""What the page of one placement shows: way, steps, consent, timeline, checks — in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client import ConsentScope
from matchboard.domain.consent import is_open_to_employer
from matchboard.domain.errors import Conflict
from matchboard.domain.placement import (
    BEFORE_START,
    FINAL,
    WORKED,
    PlacementState,
    Transition,
    available,
)
from matchboard.domain.placement_openings import step_refusal
from matchboard.domain.roles import Role
from matchboard.labels import error_text, label, label_of, words_of
from matchboard.labels.placements import EVENTS, STEPS
from matchboard.services import drafts, placement_rules, referrals
from matchboard.services.outcome_checks import EARLY
from matchboard.services.placement_history import EventRow
from matchboard.web.context import actor, now, today
from matchboard.web.drafts import ARGUMENT
from matchboard.web.forms.base import Difference
from matchboard.web.forms.placements import StepForm, step_form
from matchboard.web.referral_cards import card_facts
from matchboard.web.seen import show_on
from matchboard.web.template_setup import isodate, localtime, money_month

S = PlacementState
WAY = (S.PROPOSED, S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED, S.STARTED, S.COMPLETED)
#: After these the next best proposal is one click away.
CAME_TO_NOTHING = frozenset(
    {S.DECLINED_BY_CLIENT, S.DECLINED_BY_EMPLOYER, S.NO_SHOW, S.EXPIRED, S.WITHDRAWN, S.ENDED}
)
#: While the employer may see the person, the letter may be printed.
WITH_LETTER = frozenset({S.SENT, S.INTERVIEW, S.OFFERED})
#: What is most likely done next, by whoever may; everything else stays folded.
PRIMARY = {
    S.PROPOSED: "consent",
    S.CONSENTED: "send",
    S.SENT: "invite",
    S.INTERVIEW: "offer",
    S.OFFERED: "start",
}
_ICONS = {
    "propose": "send",
    "settle": "home",
    "consent": "check",
    "widen_consent": "check",
    "withdraw_consent": "arrow-back-up",
    "request_contact": "phone",
    "send": "mail",
    "invite": "calendar-event",
    "offer": "award",
    "amend": "edit",
    "start": "briefcase",
    "complete": "circle-check",
    "end": "player-stop",
    "miss": "user-off",
    "expire": "hourglass",
}
_GOOD = frozenset({"start", "complete", "offer", "consent", "widen_consent"})
#: What says no: never offered first.
NO = frozenset({"decline", "refuse", "miss", "withdraw", "expire", "end", "withdraw_consent"})


@dataclass(frozen=True, slots=True)
class StepEntry:
    """One step the page offers."""

    name: str
    words: str
    form: StepForm
    url: str
    is_open: bool
    is_primary: bool
    tone: str


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One line of the table of checks."""

    day: int
    due_on: date
    done_on: date | None
    state: str  # done, cancelled, overdue, due, ahead
    words: str
    url: str


def title_of(placement: Any) -> str:
    """Return what the placement is about: the opening, or the description without one."""
    return str(placement.vacancy.title if placement.vacancy else placement.description)


def way(placement: Any, events: list[EventRow]) -> list[dict[str, str]]:
    """Return the lifecycle as `stepper()` takes it; a way that ended shows where."""
    moves = [row.event for row in reversed(events) if row.event.from_state != row.event.to_state]
    reached = {event.to_state: isodate(event.at) for event in moves}
    is_over = placement.state in FINAL - {S.COMPLETED}
    steps = []
    for stop in WAY if placement.vacancy else (S.STARTED, S.COMPLETED):
        was_reached = stop.value in reached
        is_skipped = stop is S.INTERVIEW and placement.state in {S.OFFERED, *WORKED}
        if not was_reached and (is_over or is_skipped):
            continue
        state = "done" if was_reached else "todo"
        if stop is placement.state and stop is not S.COMPLETED:
            state = "current"
        steps.append({"label": label(stop), "state": state, "when": reached.get(stop.value, "")})
    if is_over:
        when = isodate(placement.state_changed_at)
        steps.append({"label": label(placement.state), "state": "stopped", "when": when})
    return steps


def board_steps(placement: Any) -> list[tuple[str, str]]:
    """Return (words, address) of the steps the actor may take from the board."""
    show = url_for("placements.show", pid=placement.pid)
    return [
        (str(STEPS[t.name]), f"{show}?step={t.name}#step-{t.name}")
        for t in available(placement.state, actor().role)
        if _is_offered(t, placement)
    ]


def employer_view(placement: Any, scope: ConsentScope | None) -> str:
    """Return whether the employer sees the person: ahead, open, closed, or none (no employer)."""
    if placement.vacancy is None:
        return "none"
    if placement.sent_at is None:
        return "ahead" if placement.state in BEFORE_START else "closed"
    is_open = is_open_to_employer(
        placement.state,
        changed_at=placement.state_changed_at,
        now=now(),
        has_consent=scope is not None,
    )
    return "open" if is_open else "closed"


def step_entries(
    placement: Any, *, scope: ConsentScope | None, bound: StepForm | None = None
) -> list[StepEntry]:
    """Return the steps the actor may take now, the likely one first and open.

    `bound` is the form just refused: it stays on the page with what was typed, even if its step
    is not possible any more.
    """
    names = [t.name for t in available(placement.state, actor().role) if _is_offered(t, placement)]
    is_card_only = scope is ConsentScope.CARD and actor().role is Role.OFFICER
    if (
        is_card_only
        and placement.state in {S.CONSENTED, S.SENT, S.INTERVIEW, S.OFFERED}
        and refusal_of("widen_consent", placement) is None
    ):
        names.append("widen_consent")
    primary = PRIMARY.get(placement.state)
    if primary == "invite" and is_card_only:
        primary = "widen_consent"
    wanted = request.args.get("step") or _step_of_draft()
    if bound is not None:
        wanted = str(bound.step.data)
        names = [wanted, *(n for n in names if n != wanted)]
    opened = wanted if wanted in names else primary
    names.sort(key=lambda name: (name != opened, name != primary))
    return [
        StepEntry(
            name=name,
            words=str(STEPS[name]),
            form=bound if bound is not None and name == wanted else _fresh(name, placement),
            url=step_url(placement.pid, name),
            is_open=name == opened,
            is_primary=name == primary,
            tone="danger" if name in NO else "primary",
        )
        for name in names
    ]


def step_url(pid: str, name: str) -> str:
    """Return where a step's form is sent."""
    if name == "widen_consent":
        return url_for("placements.widen_consent", pid=pid)
    return url_for("placements.step", pid=pid, step=name)


def refusal_of(step: str, placement: Any) -> Conflict | None:
    """Return why a step cannot be taken as the opening or the employer stands; None if it can."""
    return step_refusal(step, placement, on=today())


def held_words(placement: Any, role: Role) -> str:
    """Return what stands against the next steps of a role; empty if nothing does."""
    steps = [t.name for t in available(placement.state, role)]
    refusals = (refusal_of(step, placement) for step in steps)
    return " ".join(dict.fromkeys(error_text(refusal) for refusal in refusals if refusal))


def _is_offered(transition: Transition, placement: Any) -> bool:
    if transition.name == "undo_miss":
        return placement_rules.can_undo_miss(placement, now=now())
    return refusal_of(transition.name, placement) is None


def _fresh(name: str, placement: Any) -> StepForm:
    """Return an empty form; what was typed before a time-out goes to the form it was typed in."""
    options: dict[str, Any] = {} if _step_of_draft() == name else {"formdata": None}
    form: StepForm = step_form(name, placement=placement, today=today(), **options)
    if not form.version.data:  # what comes back after signing in was decided on what was seen then
        show_on(form, placement)
    return form


def _step_of_draft() -> str:
    token = request.args.get(ARGUMENT)
    found = drafts.find_draft(token, actor=actor(), now=now()) if token else None
    return dict(found.fields).get("step", "") if found else ""


def differences(placement: Any, form: StepForm) -> list[Difference]:
    """Return what the step would do beside what somebody else has saved meanwhile."""
    saved = {
        "start_on": isodate(placement.started_on or placement.offered_start_on),
        "ended_on": isodate(placement.ended_on),
        "interview_on": isodate(placement.interview_at),
        "interview_place": placement.interview_place,
        "wage_cny_month": str(placement.wage_cny_month or ""),
    }
    step = str(form.step.data)
    return [
        Difference(gettext("状态"), str(STEPS[step]), label(placement.state)),
        *form.differences({name: value for name, value in saved.items() if name in form}),
    ]


def timeline_items(events: list[EventRow]) -> list[dict[str, str]]:
    """Return the events as `timeline()` takes them."""
    return [
        {
            "when": localtime(row.event.at),
            "title": words_of(EVENTS, row.event.name),
            "text": event_text(row.event),
            "who": _who(row),
            "icon": _ICONS.get(row.event.name, "x"),
            "tone": _tone(row.event.name),
        }
        for row in events
    ]


def _tone(name: str) -> str:
    return "good" if name in _GOOD else "warn" if name in NO else "accent"


def event_text(event: Any) -> str:
    """Return reason, details and note of an event as one line."""
    detail = event.detail
    parts = [label(event.reason)] if event.reason else []
    if "scope" in detail:
        parts.append(label_of(ConsentScope, detail["scope"]))
    if "text_version" in detail:
        parts.append(gettext("同意书版本 %(version)s", version=detail["text_version"]))
    if "interview_at" in detail:
        parts.append(gettext("面试时间 %(when)s", when=_instant(detail["interview_at"])))
    if "start_on" in detail:
        words = gettext("上岗日期 %(day)s", day=detail["start_on"])
        parts.append(_beside(words, detail["start_on"], detail.get("was_start_on")))
    if detail.get("wage") is not None:
        was = detail.get("was_wage")
        was_words = None if was is None else money_month(was)
        wage = money_month(detail["wage"])
        parts.append(_beside(wage, wage, was_words))
    if "ended_on" in detail:
        parts.append(gettext("离岗日期 %(day)s", day=detail["ended_on"]))
    if event.note:
        parts.append(event.note)
    return " · ".join(parts)


def _beside(words: str, now_is: str, was: str | None) -> str:
    """Return the words with what was so before, where it was something else."""
    if was in {None, now_is}:
        return words
    return gettext("%(now)s（原来 %(was)s）", now=words, was=was)


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


def _who(row: EventRow) -> str:
    event = row.event
    role = label_of(Role, event.actor_role)
    who = gettext("%(role)s %(name)s", role=role, name=row.who) if row.who else role
    if event.on_behalf_of:
        behalf = label_of(Role, event.on_behalf_of)
        return gettext("%(who)s，代%(behalf)s记录", who=who, behalf=behalf)
    return who


def check_entries(placement: Any) -> list[CheckEntry]:
    """Return the checks with what there is to do about each."""
    found = []
    for check in placement.checks:
        if check.done_on:
            state = "done"
        elif check.cancelled:
            state = "cancelled"
        elif check.due_on < today():
            state = "overdue"
        else:
            state = "due" if today() >= check.due_on - EARLY else "ahead"
        is_possible = state in {"overdue", "due"} and placement.state is S.STARTED
        found.append(
            CheckEntry(
                day=check.day,
                due_on=check.due_on,
                done_on=check.done_on,
                state=state,
                words=_check_words(check),
                url=url_for("placements.check", pid=placement.pid, day=check.day)
                if is_possible
                else "",
            )
        )
    return found


def _check_words(check: Any) -> str:
    if check.done_on is None:
        return ""
    parts = [gettext("在岗") if check.still_employed else gettext("已离岗")]
    if check.same_employer is False:
        parts.append(gettext("换了企业"))
    if check.wage_cny_month is not None:
        parts.append(money_month(check.wage_cny_month))
    if check.hours_per_week is not None:
        parts.append(gettext("每周 %(hours)s 小时", hours=f"{check.hours_per_week:g}"))
    if check.own_words:
        parts.append(gettext("“%(words)s”", words=check.own_words))
    return " · ".join(parts)


def check_differences(check: Any, form: Any) -> list[Difference]:
    """Return the answers typed beside those recorded meanwhile."""
    still = {True: gettext("在岗"), False: gettext("已离岗"), None: ""}
    same = {True: gettext("是"), False: gettext("否"), None: ""}
    typed = form.answers()

    def row(field: Any, words: Callable[[Any], str], name: str) -> Difference:
        return Difference(
            str(field.label.text), words(getattr(typed, name)), words(getattr(check, name))
        )

    return [
        row(form.still_employed, still.__getitem__, "still_employed"),
        row(form.same_employer, same.__getitem__, "same_employer"),
        row(form.wage_cny_month, lambda n: "" if n is None else money_month(n), "wage_cny_month"),
        row(form.hours_per_week, lambda n: "" if n is None else f"{n:g}", "hours_per_week"),
        row(form.own_words, str, "own_words"),
    ]


def previews(placement: Any, scope: ConsentScope | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what the employer sees: by the consent in force, or by either choice before it."""
    if employer_view(placement, scope) in {"none", "closed"}:
        return []
    scopes = [scope] if scope is not None else list(ConsentScope)
    return [(label(s), card_facts(referrals.preview(placement, s))) for s in scopes]
