"""Skills, certificates, schooling and experience: lists that replace what was stated before.

What a completed course credited stays: only the course can take it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import SkillKind, occupations, skills
from matchboard.domain.client import SKILL_LEVELS, Education, SkillSource
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.errors import InvalidInput
from matchboard.domain.roles import Actor
from matchboard.models.client import Client, ClientCertificate, ClientExperience, ClientSkill
from matchboard.services import client_sections as sections

S = ProfileSection
EXPERIENCE_LIMIT_MONTHS = 720
TITLE_LENGTH = 80
#: Evidence an officer may state; a course's is credited by its completion alone.
STATED_SOURCES = tuple(source for source in SkillSource if source is not SkillSource.COURSE)


@dataclass(frozen=True, slots=True)
class StatedSkill:
    """A skill as stated; level None is unknown."""

    code: str
    level: int | None
    source: SkillSource


@dataclass(frozen=True, slots=True)
class StatedCertificate:
    """A certificate as stated."""

    code: str
    issued_on: date | None = None
    expires_on: date | None = None
    seen_by_officer: bool = False


@dataclass(frozen=True, slots=True)
class StatedExperience:
    """Work done; months and no dates, since gaps would encode the sentence."""

    occupation_code: str | None
    title: str
    months: int | None


@dataclass(frozen=True, slots=True)
class Background:
    """Schooling and work done."""

    education: int | None = None
    experience: Sequence[StatedExperience] = ()


def is_credited(row: ClientSkill | ClientCertificate) -> bool:
    """Return whether a completed course credited it, so that only the course can take it away."""
    return row.enrolment_id is not None


def update_skills(
    client: Client,
    typed: Sequence[StatedSkill],
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace the stated skills; what a course credited stays as it is.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.SKILLS, expected_version)
    problems: list[InvalidInput] = []
    credited = {row.skill_code for row in client.skills if is_credited(row)}
    _check_codes(problems, [row.code for row in typed], credited, S.SKILLS)
    for number, row in enumerate(typed):
        if row.level is not None and row.level not in SKILL_LEVELS:
            problems.append(InvalidInput("skill_level", field=f"skills-{number}-level"))
        if row.source not in STATED_SOURCES:
            problems.append(InvalidInput("skill_source", field=f"skills-{number}-source"))
    sections.refuse(problems)
    stored = {row.skill_code: row for row in client.skills}
    wanted = {row.code: row for row in typed}
    for code, row in stored.items():
        if code not in wanted and code not in credited:
            client.skills.remove(row)
    for code, stated in wanted.items():
        known = stored.get(code)
        if known is None:
            client.skills.append(
                ClientSkill(
                    skill_code=code,
                    level=stated.level,
                    source=stated.source,
                    noted_on=local_date(now),
                )
            )
        elif (known.level, known.source) != (stated.level, stated.source):
            known.level, known.source = stated.level, stated.source
            known.noted_on = local_date(now)
    if sections.section_version(client, S.SKILLS) != expected_version:
        sections.saved(client, S.SKILLS, ["skills"], actor=actor, now=now)


def update_certificates(
    client: Client,
    typed: Sequence[StatedCertificate],
    *,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Replace the stated certificates; what a course conferred stays as it is.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.CERTIFICATES, expected_version)
    problems: list[InvalidInput] = []
    credited = {row.code for row in client.certificates if is_credited(row)}
    _check_codes(problems, [row.code for row in typed], credited, S.CERTIFICATES)
    today = local_date(now)
    for number, row in enumerate(typed):
        if row.issued_on and row.issued_on > today:
            problems.append(InvalidInput("date_ahead", field=f"certificates-{number}-issued_on"))
        if row.issued_on and row.expires_on and row.expires_on < row.issued_on:
            field_name = f"certificates-{number}-expires_on"
            problems.append(InvalidInput("expires_before_issue", field=field_name))
    sections.refuse(problems)
    stored = {row.code: row for row in client.certificates}
    wanted = {row.code: row for row in typed}
    for code, row in stored.items():
        if code not in wanted and code not in credited:
            client.certificates.remove(row)
    for code, stated in wanted.items():
        known = stored.get(code)
        if known is None:
            known = ClientCertificate(code=code)
            client.certificates.append(known)
        known.issued_on = stated.issued_on
        known.expires_on = stated.expires_on
        known.seen_by_officer = stated.seen_by_officer
    if sections.section_version(client, S.CERTIFICATES) != expected_version:
        sections.saved(client, S.CERTIFICATES, ["certificates"], actor=actor, now=now)


def update_background(
    client: Client, typed: Background, *, expected_version: int | None, actor: Actor, now: datetime
) -> None:
    """Replace schooling and experience.

    Raises
    ------
    StaleEdit, InvalidFields
    """
    sections.require_current(client, S.EXPERIENCE, expected_version)
    problems: list[InvalidInput] = []
    if typed.education is not None and typed.education not in set(Education):
        problems.append(InvalidInput("unknown_code", field="education", value=typed.education))
    sections.check_count(problems, typed.experience, "experience")
    for number, row in enumerate(typed.experience):
        _check_experience(problems, row, f"experience-{number}")
    sections.refuse(problems)
    changes = {"education": typed.education}
    wanted = [
        (r.occupation_code, " ".join(r.title.split()), r.months or 0) for r in typed.experience
    ]
    also: list[str] = []
    if wanted != [(r.occupation_code, r.title, r.months) for r in client.experience]:
        also = ["experience"]
        _write_experience(client, wanted)
    sections.write(client, S.EXPERIENCE, changes, actor=actor, now=now, also=also)


def _write_experience(client: Client, wanted: Sequence[tuple[str | None, str, int]]) -> None:
    """Bring the rows to what is wanted; one that is the same is not touched."""
    rows = list(client.experience)
    for row, (code, title, months) in zip(rows, wanted, strict=False):
        row.occupation_code, row.title, row.months = code, title, months
    for row in rows[len(wanted) :]:
        client.experience.remove(row)
    for code, title, months in wanted[len(rows) :]:
        client.experience.append(ClientExperience(occupation_code=code, title=title, months=months))


def _check_experience(problems: list[InvalidInput], row: StatedExperience, prefix: str) -> None:
    if row.occupation_code is None and not row.title.strip():
        problems.append(InvalidInput("experience_what", field=f"{prefix}-title"))
    if row.occupation_code is not None and occupations().get(row.occupation_code) is None:
        problems.append(
            InvalidInput(
                "unknown_code", field=f"{prefix}-occupation_code", value=row.occupation_code
            )
        )
    sections.check_length(problems, row.title, f"{prefix}-title", TITLE_LENGTH)
    if row.months is None:
        problems.append(InvalidInput("required", field=f"{prefix}-months"))
    else:
        sections.check_range(problems, row.months, f"{prefix}-months", EXPERIENCE_LIMIT_MONTHS)


def _check_codes(
    problems: list[InvalidInput], codes: Sequence[str], credited: set[str], section: ProfileSection
) -> None:
    """Refuse unknown, doubled and credited codes, and certificates among the skills."""
    sections.check_count(problems, codes, section.value)
    for number, code in enumerate(codes):
        defect = _defect(code, codes[:number], credited, section)
        if defect is not None:
            field = f"{section.value}-{number}-code"
            problems.append(InvalidInput(defect, field=field, value=code))


def _defect(
    code: str, before: Sequence[str], credited: set[str], section: ProfileSection
) -> str | None:
    known = skills().get(code)
    if known is None:
        return "unknown_code"
    is_certificate = known.kind is SkillKind.CERTIFICATE
    if is_certificate is not (section is S.CERTIFICATES):
        return "certificate_among_skills" if is_certificate else "skill_among_certificates"
    if code in before:
        return "listed_twice"
    return "credited_by_course" if code in credited else None
