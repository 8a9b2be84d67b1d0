"""What the demo district promises in numbers."""

from __future__ import annotations

import pytest

from matchboard.domain.training import Subject
from seeds.demo.district import COURSES, PARTNERS, PENDING
from seeds.demo.openings import N_OPEN_TODAY
from seeds.demo.story import Numbers


def test_district_has_the_promised_people_when_whole() -> None:
    whole = Numbers()
    assert (whole.released, whole.after_correction, whole.total) == (478, 579, 1057)
    assert whole.key_tier == 30


def test_district_has_the_promised_enterprises_and_openings_when_whole() -> None:
    assert len(PARTNERS) == 11
    assert len(PENDING) >= 2
    assert N_OPEN_TODAY - 2 >= 60  # two are paused


def test_district_teaches_every_subject_when_whole() -> None:
    assert {Subject(course.subject) for course in COURSES} == set(Subject) - {Subject.OTHER}


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(1.0, (478, 579, 30, 12)), (0.5, (239, 290, 15, 6)), (0.001, (1, 1, 1, 1))],
    ids=["whole", "half", "tiny"],
)
def test_district_shrinks_in_proportion_when_scaled(
    scale: float, expected: tuple[int, ...]
) -> None:
    found = Numbers.of(scale)
    assert (
        found.released,
        found.after_correction,
        found.key_tier,
        found.pre_release,
    ) == expected
