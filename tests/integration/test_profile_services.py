"""What the profile's use cases refuse and keep when no form stands in front of them."""

from __future__ import annotations

from typing import Any

import pytest

from matchboard.domain.client import SkillSource
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import InvalidFields
from matchboard.domain.roles import Role
from matchboard.services import client_background, client_profile, client_sections
from matchboard.services.client_background import (
    Background,
    StatedCertificate,
    StatedExperience,
    StatedSkill,
)
from matchboard.services.client_profile import Preferences
from tests import factories

S = ProfileSection
SEWING = "sew.flat"


@pytest.fixture
def officer(app: Any) -> Any:
    return factories.UserFactory(role=Role.OFFICER)


@pytest.fixture
def person(officer: Any) -> Any:
    return factories.ClientFactory(office=officer.unit)


def _update(section: S, person: Any, typed: Any, *, officer: Any, clock: Any) -> None:
    verbs: dict[S, Any] = {
        S.SKILLS: client_background.update_skills,
        S.CERTIFICATES: client_background.update_certificates,
        S.EXPERIENCE: client_background.update_background,
        S.PREFERENCES: client_profile.update_preferences,
    }
    verbs[section](
        person,
        typed,
        expected_version=client_sections.section_version(person, section),
        actor=officer.actor,
        now=clock.now,
    )


REFUSED = [
    pytest.param(
        S.SKILLS,
        [StatedSkill(SEWING, 6, SkillSource.OFFICER)],
        ("skill_level", "skills-0-level"),
        id="level-above-five",
    ),
    pytest.param(
        S.SKILLS,
        [StatedSkill(SEWING, 3, SkillSource.COURSE)],
        ("skill_source", "skills-0-source"),
        id="a-course-credits-by-itself",
    ),
    pytest.param(
        S.SKILLS,
        [StatedSkill("cert.welder", 3, SkillSource.OFFICER)],
        ("unknown_code", "skills-0-code"),
        id="unknown-skill",
    ),
    pytest.param(
        S.CERTIFICATES,
        [StatedCertificate(SEWING)],
        ("skill_among_certificates", "certificates-0-code"),
        id="skill-among-certificates",
    ),
    pytest.param(
        S.EXPERIENCE, Background(education=9), ("unknown_code", "education"), id="schooling"
    ),
    pytest.param(
        S.EXPERIENCE,
        Background(experience=[StatedExperience("9-99-99-99", "", 3)]),
        ("unknown_code", "experience-0-occupation_code"),
        id="unknown-occupation",
    ),
    pytest.param(
        S.EXPERIENCE,
        Background(experience=[StatedExperience(None, " ", 3)]),
        ("experience_what", "experience-0-title"),
        id="work-without-a-name",
    ),
    pytest.param(
        S.EXPERIENCE,
        Background(experience=[StatedExperience(None, "缝纫", None)]),
        ("required", "experience-0-months"),
        id="work-without-months",
    ),
    pytest.param(
        S.PREFERENCES,
        Preferences(desired_occupations=["9-99-99-99"]),
        ("unknown_code", "desired_occupations"),
        id="unknown-wish",
    ),
    pytest.param(
        S.PREFERENCES, Preferences(exertion_max=7), ("unknown_code", "exertion_max"), id="strain"
    ),
]


@pytest.mark.parametrize(("section", "typed", "problem"), REFUSED)
def test_section_is_refused_at_its_field_when_a_value_cannot_be(
    section: S,
    typed: Any,
    problem: tuple[str, str],
    officer: Any,
    person: Any,
    clock: Any,
) -> None:
    with pytest.raises(InvalidFields) as refused:
        _update(section, person, typed, officer=officer, clock=clock)
    assert problem in {(p.code, p.field) for p in refused.value.problems}


def test_skill_takes_a_new_level_and_day_when_it_is_stated_again(
    officer: Any, person: Any, clock: Any
) -> None:
    for level in (2, 4):
        stated = [StatedSkill(SEWING, level, SkillSource.OFFICER)]
        _update(S.SKILLS, person, stated, officer=officer, clock=clock)
        clock.move(days=3)
    (skill,) = person.skills
    assert skill.level == 4
    assert (clock.today - skill.noted_on).days == 3


def test_certificate_is_gone_when_it_is_no_longer_stated(
    officer: Any, person: Any, clock: Any
) -> None:
    factories.ClientCertificateFactory(client_id=person.id)
    assert person.certificates
    _update(S.CERTIFICATES, person, [], officer=officer, clock=clock)
    assert person.certificates == []


@pytest.mark.parametrize("who", ["office", "moved_on", "stranger"])
def test_case_lead_is_of_the_office_or_the_one_who_had_the_case(
    who: str, officer: Any, person: Any
) -> None:
    stranger = factories.UserFactory(role=Role.OFFICER)
    if who == "moved_on":
        person.case_lead = stranger
    chosen = officer if who == "office" else stranger
    problems: list[Any] = []
    found = client_profile._case_lead(person, chosen.pid, problems)
    assert found == (None if who == "stranger" else chosen.id)
    assert [p.code for p in problems] == (["unknown_case_lead"] if who == "stranger" else [])
