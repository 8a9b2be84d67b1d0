"""What a completed course leaves with the person: skills, certificates, a fresh ranking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from matchboard.domain.client import SkillSource
from matchboard.extensions import db
from matchboard.models.client import Client, ClientCertificate, ClientSkill
from matchboard.models.training import CourseSkill, Enrolment


@dataclass(frozen=True, slots=True)
class Credit:
    """Codes that are new or better than before."""

    skills: tuple[str, ...]
    certificates: tuple[str, ...]


def credit_course(enrolment: Enrolment, *, on: date, now: datetime) -> Credit:
    """Give the person what the course confers; a level is raised, never lowered.

    The client's row changes even if nothing was gained, so that the ranking reads the person
    afresh.
    """
    client = enrolment.client
    conferred = enrolment.session.course.skills
    skills = tuple(
        one.code
        for one in conferred
        if not one.is_certificate and _credit_skill(client, one, enrolment, on=on)
    )
    certificates = tuple(
        one.code
        for one in conferred
        if one.is_certificate and _credit_certificate(client, one.code, enrolment, on=on)
    )
    client.updated_at = now
    db.session.flush()
    return Credit(skills, certificates)


def _credit_skill(client: Client, taught: CourseSkill, enrolment: Enrolment, *, on: date) -> bool:
    own = next((one for one in client.skills if one.skill_code == taught.code), None)
    if own is None:
        own = ClientSkill(skill_code=taught.code, level=None)
        client.skills.append(own)
    elif own.level is not None and own.level > (taught.level or 0):
        return False
    # At the same level the course is the better evidence.
    own.level = taught.level
    own.source = SkillSource.COURSE
    own.enrolment_id = enrolment.id
    own.noted_on = on
    return True


def _credit_certificate(client: Client, code: str, enrolment: Enrolment, *, on: date) -> bool:
    own = next((one for one in client.certificates if one.code == code), None)
    if own is None:
        own = ClientCertificate(code=code)
        client.certificates.append(own)
    elif own.expires_on is None or own.expires_on >= on:
        return False
    own.issued_on = on
    own.expires_on = None
    own.enrolment_id = enrolment.id
    return True
