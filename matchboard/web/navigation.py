"""What the side navigation offers each role, with the counts that say where work waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from flask import Flask, g, request
from flask_babel import LazyString, lazy_gettext as _l

from matchboard.domain.roles import VISITOR, Actor, Permission, Role, is_granted
from matchboard.web.context import now

Counter = Callable[[Actor, datetime], int]

#: Side navigation entries a phone's bottom bar has room for; the others go under "more".
BOTTOM_ENTRIES = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One place to go. `key` names the counter registered with `counts`.

    Pages below `also` belong to it, too, though their address does not continue its own.
    """

    key: str
    label: LazyString
    icon: str
    path: str
    permission: Permission
    section: LazyString | str = ""
    n_waiting: int = 0
    is_current: bool = False
    also: str = ""

    def reach(self, path: str) -> int:
        """Return how much of an address leads here, in letters; 0 if none does."""
        begun = (one for one in (self.path, self.also) if one)
        return max((len(b) for b in begun if path == b or path.startswith(f"{b}/")), default=0)


P = Permission
PUBLIC_ENTRIES = (
    Entry("jobs", _l("招聘岗位"), "briefcase", "/jobs", P.PUBLIC),
    Entry("courses", _l("培训课程"), "school", "/courses", P.PUBLIC),
)

_BOARD = _l("公开页面")
_TODAY = Entry("today", _l("今日待办"), "list-check", "/today", P.TODAY_READ)
_CLIENTS = Entry("clients", _l("帮教对象"), "users", "/clients", P.CLIENT_READ)
_PLACEMENTS = Entry(
    "placements", _l("推荐安置"), "heart-handshake", "/placements", P.PLACEMENT_READ
)
_VACANCIES = Entry("vacancies", _l("岗位"), "briefcase", "/vacancies", P.VACANCY_READ)
_PARTNERS = Entry("partners", _l("爱心企业"), "building-factory", "/partners", P.PARTNER_READ)
_JOB_BOARD = Entry("jobs", _l("招聘公告"), "eye", "/jobs", P.PUBLIC, _BOARD)
_COURSES = Entry("courses", _l("培训课程"), "school", "/courses", P.PUBLIC, _BOARD)

#: In the order shown; the first four make the phone's bottom bar.
ENTRIES: dict[Role, tuple[Entry, ...]] = {
    Role.OFFICER: (
        _TODAY,
        _CLIENTS,
        _PLACEMENTS,
        _VACANCIES,
        _PARTNERS,
        _JOB_BOARD,
        _COURSES,
    ),
    Role.DISTRICT: (
        Entry("dashboard", _l("工作概览"), "chart-line", "/dashboard", P.DASHBOARD_READ),
        _TODAY,
        _CLIENTS,
        _PLACEMENTS,
        _VACANCIES,
        _PARTNERS,
        Entry("training", _l("职业培训"), "school", "/training", P.COURSE_WRITE),
        Entry("policies", _l("政策规则"), "scale", "/policies", P.POLICY_WRITE),
        _JOB_BOARD,
    ),
    Role.ENTERPRISE: (
        Entry("partner", _l("首页"), "home", "/partner", P.REFERRAL_OWN),
        Entry("referrals", _l("收到的推荐"), "mail", "/partner/referrals", P.REFERRAL_OWN),
        Entry("own-vacancies", _l("我的岗位"), "briefcase", "/partner/vacancies", P.VACANCY_OWN),
        Entry("own-profile", _l("企业资料"), "building-factory", "/partner/profile", P.VACANCY_OWN),
    ),
    Role.COORDINATOR: (
        Entry("training", _l("首页"), "home", "/training", P.COURSE_WRITE),
        Entry(
            "own-courses",
            _l("课程与班次"),
            "school",
            "/training/courses",
            P.COURSE_WRITE,
            also="/training/sessions",
        ),
        Entry("enrolments", _l("学员"), "users", "/training/enrolments", P.ENROLMENT_WRITE),
        _COURSES,
    ),
    Role.SYSTEM_ADMIN: (
        Entry("accounts", _l("账户"), "users", "/admin/accounts", P.ACCOUNTS_ADMIN),
    ),
    Role.SECURITY_ADMIN: (
        Entry("settings", _l("安全设置"), "shield-lock", "/admin/settings", P.SETTINGS_ADMIN),
    ),
    Role.AUDIT_ADMIN: (
        Entry("audit", _l("审计日志"), "fingerprint", "/admin/audit", P.AUDIT_READ),
    ),
}

_COUNTERS: dict[str, Counter] = {}


def counts(key: str) -> Callable[[Counter], Counter]:
    """Register what counts the work waiting behind an entry (`@counts("today")`)."""

    def register(counter: Counter) -> Counter:
        _COUNTERS[key] = counter
        return counter

    return register


def side_entries(*, is_counted: bool = True) -> tuple[Entry, ...]:
    """Return the present actor's entries, with counts; none for those without an account."""
    actor: Actor = g.get("actor", VISITOR)
    entries = ENTRIES.get(actor.role, ())
    return _marked(
        tuple(
            replace(entry, n_waiting=_COUNTERS[entry.key](actor, now()))
            if is_counted and entry.key in _COUNTERS
            else entry
            for entry in entries
            if is_granted(actor.role, entry.permission)
        )
    )


def top_entries() -> tuple[Entry, ...]:
    """Return the public pages' entries."""
    return _marked(PUBLIC_ENTRIES)


def _marked(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Mark the entry that the longest beginning of the present address leads to."""
    current = max(entries, key=lambda entry: entry.reach(request.path), default=None)
    if current is None or not current.reach(request.path):
        return entries
    return tuple(
        replace(entry, is_current=True) if entry is current else entry for entry in entries
    )


def init_app(app: Flask) -> None:
    """Give base.html its entries; nothing is counted unless a whole page is rendered."""
    app.context_processor(
        lambda: {
            "side_entries": side_entries,
            "top_entries": top_entries,
            "n_bottom_entries": BOTTOM_ENTRIES,
        }
    )
