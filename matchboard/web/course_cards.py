"""Courses as the components show them: names in the page's language, facts as words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, ngettext

from matchboard.labels import label
from matchboard.web.codebooks import division_words, skill_words
from matchboard.web.language import current_language

#: Skills named on a card; the course's own page lists them all.
N_SKILLS = 3


@dataclass(frozen=True, slots=True)
class CourseCardView:
    """Values of `course_card` in components/cards.html."""

    title: str
    url: str
    provider_name: str
    town: str
    subject: str
    starts: str
    duration: str
    n_places: int | None
    certificate: str
    facts: list[tuple[str, str]]
    opens_text: str = ""
    state: Any = None


def in_language(chinese: str, english: str) -> str:
    """Return the English wording on English pages where there is one."""
    return english if english and current_language() == "en" else chinese


def course_card(course: Any, session: Any, *, url: str, n_places: int | None = None) -> Any:
    """Return the card of a course with the session that is named on it (may be None)."""
    certificates = [skill_words(one.code) for one in course.skills if one.is_certificate]
    learnt = [skill_words(one.code) for one in course.skills if not one.is_certificate]
    facts = []
    if learnt:
        words = gettext("、").join(learnt[:N_SKILLS])
        facts.append(("tools", gettext("学会：%(skills)s", skills=words)))
    if course.is_free:
        facts.append(("circle-check", gettext("免费")))
    if session is None:
        facts.append(("calendar", gettext("开班时间待定")))
    return CourseCardView(
        title=in_language(course.title, course.title_en),
        url=url,
        provider_name=in_language(course.provider.name, course.provider.name_en),
        town=division_words(session.division_code) if session and session.division_code else "",
        subject=label(course.subject),
        starts=session.starts_on.isoformat() if session else "",
        duration=hours_words(course.hours),
        n_places=n_places if session else None,
        certificate=gettext("、").join(certificates),
        facts=facts,
    )


def hours_words(hours: int | None) -> str:
    """Return the length of a course in words, empty if it is unknown."""
    return ngettext("%(num)s 课时", "%(num)s 课时", hours) if hours else ""
