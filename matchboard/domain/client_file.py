"""The person's file: how it is listed, what it should hold, and the dates it runs by."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class WorkStatus(StrEnum):
    """Where the person stands between looking for work and having it."""

    SEEKING = "seeking"  # wants work and has none
    PLACED = "placed"  # has work: see domain.work
    SETTLED = "settled"  # has work, in a job kept to the end of its year
    NOT_PLACED = "not_placed"  # has no work, whether it is wanted or not
    NOT_SEEKING = "not_seeking"  # wants none at present


class TrainingStatus(StrEnum):
    """Whether the person takes part in a course."""

    ENROLLED = "enrolled"  # a place in a course, not finished or left


class ClientSort(StrEnum):
    """Orders of the list of clients."""

    UPDATED = "updated"
    NAME = "name"
    REGISTERED = "registered"
    RELEASED = "released"


class RegistrationStatus(StrEnum):
    """The registration duty after release; late means outreach, never a sanction (S4, S5)."""

    NOT_YET = "not_yet"  # not released, or released and the days still run
    UNKNOWN = "unknown"  # the day of release is not known
    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"  # the days are over and nobody has registered yet


class FileItem(StrEnum):
    """What every file should hold (六必清, without the items of the restricted store)."""

    CONTACT = "contact"
    ADDRESS = "address"
    RELEASE_DATE = "release_date"
    SKILLS = "skills"
    PREFERENCES = "preferences"


class MatchField(StrEnum):
    """Fields that would sharpen the matches; unknown never counts as "no"."""

    RESIDENCE_DIVISION = "residence_division"
    SKILLS = "skills"
    DESIRED_OCCUPATIONS = "desired_occupations"
    MAX_COMMUTE = "max_commute"
    WAGE_EXPECTED = "wage_expected"
    NEEDS_LODGING = "needs_lodging"
    SHIFTS = "shifts"
    EXERTION = "exertion"
    EDUCATION = "education"
    EXPERIENCE = "experience"


class ProfileSection(StrEnum):
    """Parts of the profile; each is a form of its own."""

    BASICS = "basics"
    RESIDENCE = "residence"
    SKILLS = "skills"
    CERTIFICATES = "certificates"
    EXPERIENCE = "experience"
    PREFERENCES = "preferences"


#: The section in which each field of the matching is filled in.
SECTION_OF_FIELD: dict[MatchField, ProfileSection] = {
    MatchField.RESIDENCE_DIVISION: ProfileSection.RESIDENCE,
    MatchField.SKILLS: ProfileSection.SKILLS,
    MatchField.DESIRED_OCCUPATIONS: ProfileSection.PREFERENCES,
    MatchField.MAX_COMMUTE: ProfileSection.PREFERENCES,
    MatchField.WAGE_EXPECTED: ProfileSection.PREFERENCES,
    MatchField.NEEDS_LODGING: ProfileSection.PREFERENCES,
    MatchField.SHIFTS: ProfileSection.PREFERENCES,
    MatchField.EXERTION: ProfileSection.PREFERENCES,
    MatchField.EDUCATION: ProfileSection.EXPERIENCE,
    MatchField.EXPERIENCE: ProfileSection.EXPERIENCE,
}

SECTION_OF_ITEM: dict[FileItem, ProfileSection] = {
    FileItem.CONTACT: ProfileSection.BASICS,
    FileItem.ADDRESS: ProfileSection.RESIDENCE,
    FileItem.RELEASE_DATE: ProfileSection.BASICS,
    FileItem.SKILLS: ProfileSection.SKILLS,
    FileItem.PREFERENCES: ProfileSection.PREFERENCES,
}


class RestrictedPurpose(StrEnum):
    """Why the restricted record is opened; every opening is audited under one of them."""

    LEGAL_GATE = "legal_gate"
    CORRECTION = "correction"
    OTHER = "other"


class TimelineKind(StrEnum):
    """What an entry of the person's timeline tells of."""

    RELEASED = "released"
    REGISTERED = "registered"
    PLACEMENT = "placement"
    CHECK = "check"
    TRAINING = "training"
    PROFILE = "profile"
    LEAD = "lead"
    LINK = "link"


#: Nobody younger can have a record of an adult procedure; a later birth date is a slip of the pen.
YOUNGEST_AGE = 14
EARLIEST_BIRTH = date(1900, 1, 1)


def registration_due_on(released_on: date | None, days: int) -> date | None:
    """Return the last day to register after a release."""
    return None if released_on is None else released_on + timedelta(days=days)


def registration_status(
    *, released_on: date | None, registered_on: date | None, days: int, on: date
) -> RegistrationStatus:
    """Return where the registration duty stands on the day `on`."""
    due_on = registration_due_on(released_on, days)
    if due_on is None:
        return RegistrationStatus.UNKNOWN
    if registered_on is not None:
        return RegistrationStatus.LATE if registered_on > due_on else RegistrationStatus.ON_TIME
    return RegistrationStatus.OVERDUE if on > due_on else RegistrationStatus.NOT_YET
