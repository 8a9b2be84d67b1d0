"""The person's timeline in words, as `timeline()` of components/display.html takes it."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from matchboard.domain.calendar import BEIJING
from matchboard.domain.client_file import TimelineKind
from matchboard.domain.training import EnrolmentState
from matchboard.labels import label, words_of
from matchboard.labels.placements import EVENTS
from matchboard.labels.training import EVENTS as ENROLMENT_EVENTS
from matchboard.services.client_timeline import TimelineEntry

K = TimelineKind
ICONS = {
    K.RELEASED: "home",
    K.REGISTERED: "check",
    K.PLACEMENT: "briefcase",
    K.CHECK: "calendar-event",
    K.TRAINING: "school",
    K.PROFILE: "edit",
    K.LEAD: "users",
    K.LINK: "send",
}
_GOOD = {"started", "completed", "offered"}


def timeline_items(entries: Iterable[TimelineEntry]) -> list[dict[str, str]]:
    """Return the items to draw, in the order given."""
    return [
        {
            "when": _when(entry),
            "title": _title(entry),
            "text": " · ".join(part for part in (entry.subject, entry.partner) if part),
            "icon": ICONS[entry.kind],
            "tone": _tone(entry),
            "url": f"/placements/{entry.pid}" if entry.kind in {K.PLACEMENT, K.CHECK} else "",
        }
        for entry in entries
    ]


def _title(entry: TimelineEntry) -> str:
    if entry.kind is K.CHECK:
        return _check_title(entry)
    if entry.kind is K.PROFILE and entry.section is not None:
        return gettext("更新档案：%(section)s", section=label(entry.section))
    if entry.kind is K.LINK:
        return gettext("停用专属链接") if entry.is_revoked else gettext("办理专属链接")
    if isinstance(entry.state, EnrolmentState):
        is_cancelled = entry.event == "release"  # the state alone would not say why it is back
        words = str(ENROLMENT_EVENTS["release"]) if is_cancelled else label(entry.state)
        return gettext("培训：%(state)s", state=words)
    if entry.event:
        return words_of(EVENTS, entry.event)
    if entry.state is None:
        return label(entry.kind)
    return label(entry.state)


def _check_title(entry: TimelineEntry) -> str:
    if entry.still_employed is None:
        return gettext("第 %(day)s 天回访", day=entry.check_day)
    if entry.still_employed:
        return gettext("第 %(day)s 天回访：仍在岗", day=entry.check_day)
    return gettext("第 %(day)s 天回访：已不在岗", day=entry.check_day)


def _tone(entry: TimelineEntry) -> str:
    if entry.state is not None and entry.state.value in _GOOD:
        return "good"
    return "good" if entry.still_employed else "neutral"


def _when(entry: TimelineEntry) -> str:
    moment = entry.at.astimezone(BEIJING)
    return moment.strftime("%Y-%m-%d %H:%M" if entry.has_time else "%Y-%m-%d")
