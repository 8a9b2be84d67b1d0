"""Courses: the openings and free places that are there only afterwards."""

from __future__ import annotations

from ml.schema import Courses
from ml.uplift import course_effects, effects_for_many
from tests.unit.ml.worlds import AS_OF, client, index_of

COURSES = Courses.from_rows(
    [
        {"course_id": "guard", "certificates": "cert.guard"},
        {"course_id": "cook", "skills": "cook.wok:3"},
        {"course_id": "both", "skills": [("cook.wok", 3)], "certificates": ["cert.guard"]},
        {"course_id": "nothing", "certificates": "cert.nobody.asks"},
        {"course_id": "truck", "certificates": "cert.drive.a2"},
    ]
)


def test_course_counts_what_it_opens() -> None:
    index = index_of(
        {},
        {"certificates_required": "cert.guard", "headcount": 4},
        {"skills_required": "cook.wok;x", "headcount": 3},
        {"skills_required": "cook.wok", "certificates_required": "cert.guard", "headcount": 1},
        {"certificates_required": "cert.drive.c1;cert.guard", "shift": "night"},
    )
    maker = index.query_maker(AS_OF)
    query = maker.make(client(certificates="cert.drive.c1"), 0)
    found = {e.course_id: e for e in course_effects(index, maker, query, COURSES)}
    counts = {
        key: (e.n_openings_before, e.n_openings_after, e.n_places_opened)
        for key, e in found.items()
    }
    assert counts == {
        "guard": (1, 2, 4),
        "cook": (1, 2, 3),
        "both": (1, 4, 8),
        "nothing": (1, 1, 0),
        "truck": (1, 1, 0),
    }
    assert found["guard"].client_id == "C1"


def test_course_opens_nothing_for_a_client_whose_certificates_are_unknown() -> None:
    index = index_of({"certificates_required": "cert.guard"})
    maker = index.query_maker(AS_OF)
    query = maker.make(client(certificates=None), 0)
    first = next(effects_for_many(index, maker, [query], COURSES))
    assert (first.n_openings_before, first.n_openings_after) == (1, 1)


def test_excluded_openings_are_not_counted_for_a_course() -> None:
    index = index_of({"certificates_required": "cert.guard"})
    maker = index.query_maker(AS_OF)
    found = course_effects(index, maker, maker.make(client(), 0), COURSES, excluded=["V1"])
    assert {effect.n_openings_after for effect in found} == {0}
