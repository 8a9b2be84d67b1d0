"""What a page says of a step's subject, as (label, words): to tell what changed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask_babel import gettext

from matchboard.domain.vacancy import STAFF
from matchboard.labels import accounts as account_words, label, ranking as ranking_words
from matchboard.labels.policies import RULES
from matchboard.services import vacancy_editing
from matchboard.services.seen import ABOUT_THE_OPENING
from matchboard.web.codebooks import skill_words
from matchboard.web.context import actor, today
from matchboard.web.forms.base import BaseForm
from matchboard.web.forms.compare import words_of
from matchboard.web.forms.partners import PartnerForm, partner_data
from matchboard.web.forms.vacancies import PartnerVacancyForm, StaffVacancyForm, form_data
from matchboard.web.template_setup import isodate, localtime, money_month

Facts = list[tuple[str, str]]


def facts_of(subject: Any) -> Facts:
    """Return what the page says of a record, its state first; nothing where no page is known."""
    found = _FACTS.get(type(subject).__name__)
    return [] if found is None else found(subject)


def _of_form(form: BaseForm) -> Facts:
    visible = [field for field in form if field.type not in ("HiddenField", "CSRFTokenField")]
    return [(str(field.label.text), words_of(field)) for field in visible]


def _opening(vacancy: Any) -> Facts:
    form = StaffVacancyForm if actor().role in STAFF else PartnerVacancyForm
    data = form_data(vacancy_editing.input_of(vacancy))
    return [
        (gettext("状态"), label(vacancy.state)),
        *_of_form(form(formdata=None, data=data)),
        (gettext("原因"), vacancy.state_reason),
    ]


def _partner(partner: Any) -> Facts:
    return [
        (gettext("状态"), label(partner.state)),
        *_of_form(PartnerForm(formdata=None, data=partner_data(partner))),
        (gettext("原因"), partner.state_reason),
    ]


def _placement(placement: Any) -> Facts:
    is_about_it = placement.vacancy is not None and placement.state in ABOUT_THE_OPENING
    open_scopes = [c.scope for c in placement.consents if c.withdrawn_at is None]
    facts = [
        (gettext("状态"), label(placement.state)),
        (gettext("本人的同意"), gettext("、").join(map(label, open_scopes))),
        (
            gettext("面试"),
            f"{localtime(placement.interview_at)} {placement.interview_place}".strip(),
        ),
        (gettext("约定上岗"), isodate(placement.offered_start_on)),
        (gettext("上岗日期"), isodate(placement.started_on)),
        (gettext("离岗日期"), isodate(placement.ended_on)),
    ]
    if placement.wage_cny_month is not None:
        facts.append((gettext("工资"), money_month(placement.wage_cny_month)))
    if not is_about_it:
        return facts
    return [
        *facts,
        *((gettext("岗位：%(what)s", what=n), w) for n, w in _opening(placement.vacancy)),
    ]


def _enrolment(enrolment: Any) -> Facts:
    session = enrolment.session
    return _standing(enrolment.state, session.starts_on, session.cancelled)


def _trainee(one: Any) -> Facts:
    return _standing(one.state, one.session_starts_on, one.is_cancelled)


def _standing(state: Any, starts_on: Any, is_cancelled: bool) -> Facts:
    return [
        (gettext("状态"), label(state)),
        (gettext("开班日期"), isodate(starts_on)),
        (gettext("班次"), gettext("班次已取消") if is_cancelled else ""),
    ]


def _session(session: Any) -> Facts:
    return [
        (gettext("状态"), gettext("班次已取消") if session.cancelled else gettext("照常开班")),
        (gettext("开班日期"), isodate(session.starts_on)),
        (gettext("结束日期"), isodate(session.ends_on)),
        (gettext("地点"), session.place),
        (gettext("名额"), str(session.capacity)),
        *_course(session.course)[1:],
    ]


def _course(course: Any) -> Facts:
    stars = [f"{skill_words(one.code)} {'★' * (one.level or 0)}".strip() for one in course.skills]
    return [
        (gettext("状态"), gettext("已公开") if course.published else gettext("未公开")),
        (gettext("课程"), course.title),
        (gettext("英文名称"), course.title_en),
        (gettext("科目"), label(course.subject)),
        (gettext("课程内容"), course.description),
        (gettext("课时"), str(course.hours or "")),
        (gettext("费用"), gettext("免费") if course.is_free else gettext("收费")),
        (gettext("学完能得到什么"), gettext("、").join(stars)),
    ]


def _account(row: Any) -> Facts:
    return [
        (gettext("状态"), str(account_words.STATES[row.state])),
        (gettext("姓名"), row.display_name),
        (gettext("电子邮箱"), row.email),
        (gettext("角色"), label(row.role)),
        (gettext("单位"), row.unit_name),
        (gettext("本所所长"), _headship(row)),
        (gettext("密码"), gettext("一次性密码，尚未更换") if row.must_change_password else ""),
    ]


def _headship(row: Any) -> str:
    if row.head_awaits_confirmation:
        return gettext("就是此人，待安全管理员确认")
    return gettext("就是此人") if row.is_office_head else ""


def _cover(cover: Any) -> Facts:
    return [
        (gettext("状态"), label(cover.state(today()))),
        (gettext("第一天"), isodate(cover.from_on)),
        (gettext("最后一天"), isodate(cover.until_on)),
    ]


def _handover(found: Any) -> Facts:
    return [
        (gettext("人数"), str(len(found.people))),
        (gettext("状态"), label(found.standing)),
        (gettext("帮教对象"), gettext("、").join(one.name for one in found.people)),
    ]


def _speaking(one: Any) -> Facts:
    return [(gettext("现在怎样排序"), ranking_words.model_words(one.name))]


def _rules(policy: Any) -> Facts:
    return [(str(RULES[name]), str(value)) for name, value in asdict(policy).items()]


def _person(client: Any) -> Facts:
    return [(gettext("状态"), label(client.stage))]


_FACTS: dict[str, Callable[[Any], Facts]] = {
    "AbsenceCover": _cover,
    "Vacancy": _opening,
    "Partner": _partner,
    "Placement": _placement,
    "Enrolment": _enrolment,
    "Trainee": _trainee,
    "CourseSession": _session,
    "Course": _course,
    "AccountRow": _account,
    "Handover": _handover,
    "Speaking": _speaking,
    "Policy": _rules,
    "Client": _person,
}
