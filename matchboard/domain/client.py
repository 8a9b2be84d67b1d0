"""Words of the person's record (glossary of DOMAIN.md)."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class ClientKind(StrEnum):
    """Why the person is entitled to resettlement support."""

    RELEASED_PERSON = "released_person"
    FORMER_CORRECTION_SUBJECT = "former_correction_subject"


class Stage(StrEnum):
    """Where the case stands between notice and discharge."""

    PRE_RELEASE = "pre_release"
    IN_SUPPORT = "in_support"
    DISCHARGED = "discharged"


class ContactStatus(StrEnum):
    """Support is voluntary: these three and no tracking beyond them."""

    IN_CONTACT = "in_contact"
    UNREACHED = "unreached"
    DECLINED = "declined"


class Tier(StrEnum):
    """How often the person is visited; set with a written reason, never a feature."""

    GENERAL = "general"
    KEY = "key"


class Sex(StrEnum):
    """As on the identity card; used by audits of fairness only."""

    MALE = "male"
    FEMALE = "female"


class SkillSource(StrEnum):
    """How we know of a skill, from weakest to strongest evidence."""

    SELF_STATED = "self_stated"
    OFFICER = "officer"
    EMPLOYER = "employer"
    CERTIFICATE = "certificate"
    COURSE = "course"


class ConsentScope(StrEnum):
    """What an employer may see; the second includes the first."""

    CARD = "card"
    CARD_AND_CONTACT = "card_and_contact"


class ConsentMethod(StrEnum):
    """How consent was given."""

    SIGNED_AT_DESK = "signed_at_desk"
    PERSONAL_LINK = "personal_link"


#: Version of the consent text a person agrees to; a changed text gets a new value.
CONSENT_TEXT_VERSION = "2026-11"


class Education(IntEnum):
    """Schooling on the exchange format's scale."""

    NONE = 0
    PRIMARY = 1
    JUNIOR = 2
    SENIOR_OR_TECHNICAL = 3
    COLLEGE = 4
    DEGREE = 5


class Exertion(IntEnum):
    """Physical load of a job, or the most a person can bear."""

    LIGHT = 1
    MEDIUM = 2
    HEAVY = 3
    VERY_HEAVY = 4


class Shift(StrEnum):
    """Working time of a job."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    ROTATING = "rotating"


class EmploymentType(StrEnum):
    """Contract kinds of the exchange format."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    TEMPORARY = "temporary"
    SEASONAL = "seasonal"
    GIG = "gig"
    APPRENTICE = "apprentice"
    PUBLIC_WELFARE = "public_welfare"


SKILL_LEVELS = (1, 2, 3, 4, 5)
