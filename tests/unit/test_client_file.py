"""The registration duty: fifteen days by policy, and never a sanction."""

from __future__ import annotations

from datetime import date

import pytest

from matchboard.domain.client_file import (
    SECTION_OF_FIELD,
    SECTION_OF_ITEM,
    FileItem,
    MatchField,
    ProfileSection,
    RegistrationStatus,
    registration_due_on,
    registration_status,
)
from matchboard.web.forms import clients as forms
from matchboard.web.forms.base import BaseForm

R = RegistrationStatus
RELEASED = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("released_on", "registered_on", "on", "expected"),
    [
        pytest.param(None, None, date(2026, 11, 24), R.UNKNOWN, id="release-unknown"),
        pytest.param(RELEASED, None, date(2026, 11, 16), R.NOT_YET, id="last-day"),
        pytest.param(RELEASED, None, date(2026, 11, 17), R.OVERDUE, id="day-after"),
        pytest.param(RELEASED, date(2026, 11, 16), date(2027, 1, 1), R.ON_TIME, id="in-time"),
        pytest.param(RELEASED, date(2026, 11, 17), date(2027, 1, 1), R.LATE, id="one-day-late"),
        pytest.param(date(2026, 12, 1), None, date(2026, 11, 1), R.NOT_YET, id="not-released"),
    ],
)
def test_registration_status_follows_the_days_of_the_policy(
    released_on: date | None, registered_on: date | None, on: date, expected: R
) -> None:
    found = registration_status(
        released_on=released_on, registered_on=registered_on, days=15, on=on
    )
    assert found is expected


def test_registration_due_on_is_unknown_when_release_is() -> None:
    assert registration_due_on(None, 15) is None
    assert registration_due_on(RELEASED, 15) == date(2026, 11, 16)


#: The form of each part of the profile.
FORMS: dict[ProfileSection, type[BaseForm]] = {
    ProfileSection.BASICS: forms.BasicsForm,
    ProfileSection.RESIDENCE: forms.ResidenceForm,
    ProfileSection.SKILLS: forms.SkillsForm,
    ProfileSection.CERTIFICATES: forms.CertificatesForm,
    ProfileSection.EXPERIENCE: forms.ExperienceForm,
    ProfileSection.PREFERENCES: forms.PreferencesForm,
}
#: Where each thing that may be missing is filled in.
FILLED_IN: dict[FileItem | MatchField, str] = {
    FileItem.CONTACT: "phone",
    FileItem.ADDRESS: "residence_address",
    FileItem.RELEASE_DATE: "released_on",
    FileItem.SKILLS: "skills",
    FileItem.PREFERENCES: "desired_occupations",
    MatchField.RESIDENCE_DIVISION: "residence_division",
    MatchField.SKILLS: "skills",
    MatchField.DESIRED_OCCUPATIONS: "desired_occupations",
    MatchField.MAX_COMMUTE: "max_commute_km",
    MatchField.WAGE_EXPECTED: "wage_expected_cny_month",
    MatchField.NEEDS_LODGING: "needs_lodging",
    MatchField.SHIFTS: "shifts_ok",
    MatchField.EXERTION: "exertion_max",
    MatchField.EDUCATION: "education",
    MatchField.EXPERIENCE: "experience",
}


@pytest.mark.parametrize("missing", [*FileItem, *MatchField], ids=repr)
def test_what_is_missing_leads_to_the_form_that_asks_for_it(missing: FileItem | MatchField) -> None:
    section = (
        SECTION_OF_ITEM[missing] if isinstance(missing, FileItem) else SECTION_OF_FIELD[missing]
    )
    assert [s for s, form in FORMS.items() if hasattr(form, FILLED_IN[missing])] == [section]
