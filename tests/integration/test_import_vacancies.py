"""Advertisements from outside, in the exchange format."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from matchboard.domain.catalogues import divisions
from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.errors import InvalidInput, NotAllowed
from matchboard.domain.roles import SYSTEM, Role
from matchboard.domain.vacancy import (
    OccupationSource,
    RequirementKind,
    VacancySource,
    VacancyState,
    Visibility,
)
from matchboard.extensions import db
from matchboard.models import AuditEntry, Vacancy, VacancyEvent, VacancyRequirement
from matchboard.services import vacancies, vacancy_import
from matchboard.services.import_occupations import OccupationFrom
from matchboard.services.vacancy_import import ImportReport, Outcome
from tests.conftest import Clock
from tests.factories import UserFactory
from tests.sql import watch_sql

pytestmark = pytest.mark.usefixtures("app")
WELDER, SEWER = "6-18-02-04", "6-05-01-03"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "real_vacancies.csv"


def a_file(tmp_path: Path, *rows: dict[str, Any], name: str = "ads.csv") -> Path:
    path = tmp_path / name
    columns = list(dict.fromkeys(column for row in rows for column in row)) or ["vacancy_id"]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def suggest_nothing(titles: Sequence[str]) -> list[str]:
    """Leave every title open."""
    return [""] * len(titles)


def taken_in(path: Path, clock: Clock, **options: Any) -> ImportReport:
    options = {"suggest": suggest_nothing, **options}
    return vacancy_import.import_vacancies(path, actor=SYSTEM, now=clock.now, **options)


def suggest(titles: Sequence[str]) -> list[str]:
    """Read titles as the site's suggester would: one is sure, the others are not."""
    return [{"焊工": WELDER, "电焊工": WELDER, "裁缝": SEWER}.get(title, "") for title in titles]


def only() -> Vacancy:
    db.session.expire_all()
    return db.session.scalars(db.select(Vacancy)).one()


def test_advertisement_enters_unchecked_for_officers_when_it_is_silent(
    tmp_path: Path, clock: Clock
) -> None:
    report = taken_in(a_file(tmp_path, {"vacancy_id": "A1", "partner_id": "E7"}), clock)
    assert report.count(Outcome.CREATED) == 1
    ad = only()
    assert (ad.source, ad.state, ad.visibility) == (
        VacancySource.EXTERNAL,
        VacancyState.OPEN,
        Visibility.OFFICERS,
    )
    assert (ad.headcount, ad.close_on) == (1, clock.today + timedelta(days=90))
    assert (ad.external_ref, ad.external_employer, ad.title) == ("A1", "E7", "A1")
    assert ad.partner_id is None
    for unknown in (
        "occupation_code",
        "lat",
        "lon",
        "wage_min_cny_month",
        "wage_max_cny_month",
        "employment_type",
        "shift",
        "lodging_provided",
        "exertion",
        "education_min",
        "open_on",
        "division_code",
        "posts",
        "licences",
    ):
        assert getattr(ad, unknown) is None, unknown


def test_import_is_on_record_with_each_opening_when_it_made_or_changed_any(
    tmp_path: Path, clock: Clock
) -> None:
    first = a_file(tmp_path, {"vacancy_id": "A1", "title": "焊工"}, {"vacancy_id": "A2"})
    again = a_file(
        tmp_path,
        {"vacancy_id": "A1", "title": "电焊工"},
        {"vacancy_id": "A2", "title": "A2"},
        {"vacancy_id": "A3", "title": "A3"},
        name="again.csv",
    )
    for path in (first, again, again):  # the third changes nothing
        taken_in(path, clock)
    rows = db.session.execute(db.select(Vacancy.external_ref, Vacancy.pid))
    pids = {row.external_ref: row.pid for row in rows}
    query = db.select(AuditEntry.detail).where(AuditEntry.verb == "vacancy.import_rows")
    assert db.session.scalars(query.order_by(AuditEntry.id)).all() == [
        {"created": [pids["A1"], pids["A2"]], "updated": []},
        {"created": [pids["A3"]], "updated": [pids["A1"]]},
    ]


def test_advertisement_is_stored_as_stated_when_it_says_everything(
    tmp_path: Path, clock: Clock
) -> None:
    row = {
        "vacancy_id": " A1 ",
        "partner_id": "E7",
        "occupation": "6-05-01-03",
        "title": "缝纫工",
        "text": "计件，包午餐",
        "lat": "30.5",
        "lon": "１２０.7",
        "wage_min_cny_month": "4500",
        "wage_max_cny_month": "6000.4",
        "education_min": "2",
        "exertion": "3",
        "skills_required": "sew.flat:3;gen.learn",
        "skills_preferred": "ware.forklift",
        "certificates_required": "cert.health",
        "shift": "rotating",
        "lodging_provided": "1",
        "employment_type": "seasonal",
        "headcount": "4",
        "open_on": "2026-11-01",
        "close_on": "2026-12-31",
        "division": "330402",
        "raw_salary": "4.5-6千",
    }
    report = taken_in(a_file(tmp_path, row), clock)
    assert report.ignored_columns == ("raw_salary",)
    ad = only()
    assert (ad.title, ad.duties, ad.occupation_code) == ("缝纫工", "计件，包午餐", "6-05-01-03")
    assert (ad.lat, ad.lon, ad.division_code) == (30.5, 120.7, "330402")
    assert (ad.wage_min_cny_month, ad.wage_max_cny_month) == (4500, 6000)
    assert (ad.education_min, ad.exertion, ad.shift) == (2, 3, Shift.ROTATING)
    assert (ad.lodging_provided, ad.employment_type) == (True, EmploymentType.SEASONAL)
    assert (ad.headcount, ad.open_on, ad.close_on) == (4, date(2026, 11, 1), date(2026, 12, 31))
    assert {(r.code, r.kind, r.level) for r in ad.requirements} == {
        ("sew.flat", RequirementKind.REQUIRED, 3),
        ("gen.learn", RequirementKind.REQUIRED, None),
        ("ware.forklift", RequirementKind.PREFERRED, None),
        ("cert.health", RequirementKind.CERTIFICATE, None),
    }


def test_nothing_is_doubled_when_the_file_comes_again(tmp_path: Path, clock: Clock) -> None:
    first = a_file(
        tmp_path,
        {"vacancy_id": "A1", "title": "司机", "skills_required": "sew.flat"},
        {"vacancy_id": "A2", "title": "保洁员", "skills_required": ""},
    )
    taken_in(first, clock)
    assert taken_in(first, clock).count(Outcome.UNCHANGED) == 2
    second = a_file(
        tmp_path,
        {"vacancy_id": "A1", "title": "货车司机", "skills_required": "gen.learn:2"},
        {"vacancy_id": "A2", "title": "保洁员", "skills_required": ""},
        {"vacancy_id": "A3", "title": "厨师", "skills_required": ""},
    )
    report = taken_in(second, clock)
    assert [row.outcome for row in report.rows] == [
        Outcome.UPDATED,
        Outcome.UNCHANGED,
        Outcome.CREATED,
    ]
    db.session.expire_all()
    ads = db.session.scalars(db.select(Vacancy).order_by(Vacancy.external_ref)).all()
    assert [(ad.title, ad.version) for ad in ads] == [("货车司机", 2), ("保洁员", 1), ("厨师", 1)]
    assert [(r.code, r.level) for r in ads[0].requirements] == [("gen.learn", 2)]
    names = db.session.scalars(db.select(VacancyEvent.name)).all()
    assert names == ["import"] * 4
    verbs = db.session.scalars(db.select(AuditEntry.verb)).all()
    assert (verbs.count("vacancy.import"), verbs.count("vacancy.import_rows")) == (3, 2)


def test_expired_advertisement_opens_again_when_it_reappears(tmp_path: Path, clock: Clock) -> None:
    path = a_file(tmp_path, {"vacancy_id": "A1"}, {"vacancy_id": "A2"})
    taken_in(path, clock)
    closed = db.session.scalars(db.select(Vacancy).where(Vacancy.external_ref == "A2")).one()
    vacancies.advance(closed, "close", actor=SYSTEM_AS_STAFF, now=clock.now, reason="已招满")
    clock.move(days=120)
    assert vacancies.expire_due(now=clock.now) == 1
    taken_in(path, clock)
    db.session.expire_all()
    states = dict(db.session.execute(db.select(Vacancy.external_ref, Vacancy.state)).all())
    assert states == {"A1": VacancyState.OPEN, "A2": VacancyState.CLOSED}


SYSTEM_AS_STAFF = type(SYSTEM)(role=Role.DISTRICT)

WRONG_CELLS = {
    "latitude": ({"lat": "91", "lon": "1"}, "lat", "out_of_range"),
    "longitude": ({"lat": "1", "lon": "-181"}, "lon", "out_of_range"),
    "half a place": ({"lat": "30", "lon": ""}, "lon", "half_a_place"),
    "wage in words": ({"wage_min_cny_month": "面议"}, "wage_min_cny_month", "not_a_number"),
    "wage not a number": ({"wage_max_cny_month": "nan"}, "wage_max_cny_month", "not_a_number"),
    "wage infinite": ({"wage_max_cny_month": "1e999"}, "wage_max_cny_month", "not_a_number"),
    "wage of 400 digits": ({"wage_max_cny_month": "9" * 400}, "wage_max_cny_month", "not_a_number"),
    "negative wage": ({"wage_min_cny_month": "-1"}, "wage_min_cny_month", "out_of_range"),
    "wages crossed": (
        {"wage_min_cny_month": "6000", "wage_max_cny_month": "5000"},
        "wage_max_cny_month",
        "out_of_order",
    ),
    "wage beyond the form's": (
        {"wage_min_cny_month": "3500", "wage_max_cny_month": "200001"},
        "wage_max_cny_month",
        "out_of_range",
    ),
    "wage below every minimum": (
        {"wage_min_cny_month": "50", "wage_max_cny_month": "70"},
        "wage_min_cny_month",
        "below_minimum_wage",
    ),
    "highest wage below the local minimum": (
        {"wage_max_cny_month": "2009", "division": "330402"},
        "wage_max_cny_month",
        "below_minimum_wage",
    ),
    "people beyond the form's": ({"headcount": "2001"}, "headcount", "out_of_range"),
    "schooling": ({"education_min": "6"}, "education_min", "out_of_range"),
    "half a schooling": ({"education_min": "2.5"}, "education_min", "not_whole"),
    "exertion": ({"exertion": "0"}, "exertion", "out_of_range"),
    "shift": ({"shift": "白班"}, "shift", "not_in_list"),
    "lodging": ({"lodging_provided": "yes"}, "lodging_provided", "not_a_flag"),
    "employment": ({"employment_type": "slave"}, "employment_type", "not_in_list"),
    "headcount": ({"headcount": "0"}, "headcount", "out_of_range"),
    "date": ({"open_on": "2026-02-30"}, "open_on", "not_a_date"),
    "date in words": ({"close_on": "明天"}, "close_on", "not_a_date"),
    "dates crossed": (
        {"open_on": "2026-12-01", "close_on": "2026-11-01"},
        "close_on",
        "out_of_order",
    ),
    "skill level": ({"skills_required": "sew.flat:9"}, "skills_required", "not_a_level"),
    "skill with blank": ({"skills_preferred": "sew flat"}, "skills_preferred", "not_a_code"),
    "certificate level": (
        {"certificates_required": "cert.health:2"},
        "certificates_required",
        "not_a_code",
    ),
    "occupation": ({"occupation": "缝 纫"}, "occupation", "not_a_code"),
    "division": ({"division": "999999"}, "division", "not_in_list"),
    "long title": ({"title": "长" * 121}, "title", "too_long"),
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("cells", "column", "code"), WRONG_CELLS.values(), ids=list(WRONG_CELLS))
def test_row_is_refused_and_the_others_kept_when_a_cell_is_wrong(
    cells: dict[str, str], column: str, code: str, tmp_path: Path, clock: Clock
) -> None:
    path = a_file(
        tmp_path, {"vacancy_id": "A1"}, {"vacancy_id": "A2", **cells}, {"vacancy_id": "A3"}
    )
    report = taken_in(path, clock)
    (problem,) = report.problems
    assert (problem.file, problem.row, problem.column, problem.code) == (
        "ads.csv",
        3,
        column,
        code,
    )
    assert problem.value == cells[column].strip()[:80]
    assert [r.outcome for r in report.rows] == [
        Outcome.CREATED,
        Outcome.REFUSED,
        Outcome.CREATED,
    ]
    refs = db.session.scalars(db.select(Vacancy.external_ref).order_by(Vacancy.id)).all()
    assert refs == ["A1", "A3"]


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(
    ("second", "code"), [("", "blank"), ("A1", "duplicate")], ids=["blank", "twice"]
)
def test_row_is_refused_when_its_id_is(
    second: str, code: str, tmp_path: Path, clock: Clock
) -> None:
    rows = ({"vacancy_id": "A1", "title": "甲"}, {"vacancy_id": second, "title": "乙"})
    report = taken_in(a_file(tmp_path, *rows), clock)
    assert [(p.row, p.column, p.code) for p in report.problems] == [(3, "vacancy_id", code)]
    assert only().title == "甲"


@pytest.mark.usefixtures("on_one_database")
def test_row_is_refused_when_it_has_another_number_of_cells(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("vacancy_id,title\nA1,甲\nA2\n\nA3,丙\n", encoding="utf-8")
    report = taken_in(path, clock)
    assert [(p.row, p.code) for p in report.problems] == [(3, "wrong_number_of_cells")]
    assert report.count(Outcome.CREATED) == 2


def _states() -> dict[str, VacancyState]:
    db.session.expire_all()
    rows = db.session.execute(db.select(Vacancy.external_ref, Vacancy.state)).all()
    return {str(ref): state for ref, state in rows}


def test_advertisement_is_placed_by_its_division_and_read_on_one_line(
    tmp_path: Path, clock: Clock
) -> None:
    ad = {
        "vacancy_id": "A1",
        "division": "510114",
        "title": "普工\n 急招\u200b",
        "text": "白班\n包住",
    }
    taken_in(a_file(tmp_path, ad), clock)
    stored = only()
    assert (stored.lat, stored.lon) == (30.823498, 104.158705)
    assert (stored.title, stored.duties) == ("普工 急招", "白班\n包住")
    assert taken_in(a_file(tmp_path, ad), clock).count(Outcome.UNCHANGED) == 1
    # The other place's coordinates are not kept with the new one.
    taken_in(a_file(tmp_path, {**ad, "division": "330402"}), clock)
    moved = only()
    assert (moved.lat, moved.lon) == pytest.approx((30.75, 120.78), abs=0.1)


def test_advertisement_is_not_open_when_it_is_over_or_stale(tmp_path: Path, clock: Clock) -> None:
    today, day = clock.today, timedelta(days=1)
    path = a_file(
        tmp_path,
        {"vacancy_id": "last day", "close_on": today},
        {"vacancy_id": "over", "close_on": today - day},
        {"vacancy_id": "90 days", "open_on": today - 90 * day},
        {"vacancy_id": "stale", "open_on": today - 91 * day},
        {"vacancy_id": "ahead", "open_on": today + 10 * day},
    )
    taken_in(path, clock)
    opened, over = VacancyState.OPEN, VacancyState.EXPIRED
    first = {"last day": opened, "over": over, "90 days": opened, "stale": over, "ahead": opened}
    assert _states() == first
    events = db.session.scalars(db.select(VacancyEvent.to_state).order_by(VacancyEvent.id)).all()
    assert list(events) == [first[ref].value for ref in first]
    # What the file says is over ends at once; what it says still stands opens again.
    path = a_file(
        tmp_path,
        {"vacancy_id": "last day", "close_on": today - day},
        {"vacancy_id": "over", "close_on": today},
    )
    taken_in(path, clock)
    assert (_states()["last day"], _states()["over"]) == (over, opened)


UNUSABLE = {
    "not UTF-8": ("vacancy_id\n甲".encode("gbk"), "import_unreadable"),
    "a workbook": (b"PK\x03\x04\x00\x00\x00", "import_unreadable"),
    "an open quote": (b'vacancy_id,title\nA1,"x\nA2,y\n', "import_unreadable"),
    "no id column": (b"title\nx\n", "import_header"),
    "empty": (b"", "import_header"),
    "a column twice": (b"vacancy_id,title,title\nA1,x,y\n", "import_header_twice"),
}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize(("content", "code"), UNUSABLE.values(), ids=list(UNUSABLE))
def test_nothing_is_stored_when_the_file_cannot_be_used(
    content: bytes, code: str, tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "ads.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as error:
        taken_in(path, clock)
    assert (error.value.code, error.value.field) == (code, "file")
    assert db.session.scalar(db.select(db.func.count()).select_from(Vacancy)) == 0


@pytest.mark.usefixtures("on_one_database")
def test_file_is_refused_when_it_does_not_exist(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(InvalidInput):
        taken_in(tmp_path / "nowhere.csv", clock)
    there = a_file(tmp_path, {"vacancy_id": "A1"}, name="nowhere.csv")
    assert taken_in(there, clock).count(Outcome.CREATED) == 1


@pytest.mark.usefixtures("on_one_database")
def test_unlisted_codes_are_kept_and_counted_when_met(tmp_path: Path, clock: Clock) -> None:
    path = a_file(tmp_path, {"vacancy_id": "A1", "skills_required": "no.such:2;sew.flat"})
    report = taken_in(path, clock)
    assert report.unlisted_codes == {"no.such": 1}
    assert {r.code for r in only().requirements} == {"no.such", "sew.flat"}


@pytest.mark.usefixtures("on_one_database")
@pytest.mark.parametrize("role", [Role.ENTERPRISE, Role.COORDINATOR, Role.SYSTEM_ADMIN])
def test_import_is_refused_when_the_actor_is_not_staff(
    role: Role, tmp_path: Path, clock: Clock
) -> None:
    actor = UserFactory(role=role).actor
    with pytest.raises(NotAllowed):
        vacancy_import.import_vacancies(
            a_file(tmp_path, {"vacancy_id": "A1"}),
            actor=actor,
            now=clock.now,
            suggest=suggest_nothing,
        )
    assert db.session.scalars(db.select(Vacancy)).all() == []
    vacancy_import.import_vacancies(
        a_file(tmp_path, {"vacancy_id": "A1"}),
        actor=UserFactory(role=Role.DISTRICT).actor,
        now=clock.now,
        suggest=suggest_nothing,
    )
    assert only().external_ref == "A1"


def test_statements_do_not_grow_with_the_rows_when_importing(tmp_path: Path, clock: Clock) -> None:
    counts = []
    for n_rows in (3, 300):
        rows = [
            {"vacancy_id": f"N{n_rows}-{i}", "skills_required": "sew.flat"} for i in range(n_rows)
        ]
        progress: list[tuple[int, int]] = []
        with watch_sql() as seen:
            vacancy_import.import_vacancies(
                a_file(tmp_path, *rows),
                actor=SYSTEM,
                now=clock.now,
                suggest=suggest_nothing,
                on_progress=lambda *done, log=progress: log.append(done),
            )
        counts.append(len(seen))
        db.session.commit()
        assert progress == [(n_rows, n_rows)]
    assert counts[0] == counts[1]


@pytest.mark.shared
def test_real_advertisements_are_taken_in_whole_when_present(clock: Clock) -> None:
    if not REAL.exists():
        pytest.skip("real_vacancies.csv is not beside the repository")
    report = taken_in(REAL, clock)
    assert report.problems == ()
    assert report.count(Outcome.CREATED) == 586
    with REAL.open(encoding="utf-8", newline="") as handle:
        rows = {row["vacancy_id"]: row for row in csv.DictReader(handle)}
    for ad in db.session.scalars(db.select(Vacancy)):
        row = rows[ad.external_ref or ""]
        assert ad.wage_min_cny_month == (int(row["wage_min_cny_month"] or 0) or None)
        # A row without coordinates stands at its division's seat, as a typed opening does.
        seat = divisions().get(row["division"])
        assert ad.lat == (float(row["lat"]) if row["lat"] else seat and seat.lat)
        assert ad.division_code == (row["division"] or None)
        assert ad.lodging_provided is (True if row["lodging_provided"] == "1" else None)
    n_wanted = sum(
        len({c for c in row[name].split(";") if c})
        for row in rows.values()
        for name in ("skills_required", "skills_preferred", "certificates_required")
    )
    n_stored = db.session.scalar(db.select(db.func.count()).select_from(VacancyRequirement))
    assert n_stored == n_wanted
    assert taken_in(REAL, clock).count(Outcome.UNCHANGED) == 586


# --- Occupations from titles --------------------------------------------------------------------


def test_occupation_is_suggested_by_a_sure_title_only_when_the_file_has_none(
    tmp_path: Path, clock: Clock
) -> None:
    rows = (
        {"vacancy_id": "A1", "title": "焊工"},
        {"vacancy_id": "A2", "title": "普工"},
        {"vacancy_id": "A3", "title": "焊工", "occupation": SEWER},
        {"vacancy_id": "焊工"},  # a number of the advertisement, no title
    )
    report = taken_in(a_file(tmp_path, *rows), clock, suggest=suggest)
    columns = (Vacancy.external_ref, Vacancy.occupation_code, Vacancy.occupation_from)
    found = db.session.execute(db.select(*columns).order_by(Vacancy.id)).all()
    assert [tuple(row) for row in found] == [
        ("A1", WELDER, OccupationSource.TITLE),
        ("A2", None, None),
        ("A3", SEWER, None),
        ("焊工", None, None),
    ]
    counted = {source.value: report.count_occupations(source) for source in OccupationFrom}
    assert counted == {"file": 1, "record": 0, "title": 1, "nowhere": 2}


BY_TITLE, BY_PERSON = OccupationSource
AGAIN = {
    "the same": ({}, {"title": "焊工"}, Outcome.UNCHANGED, WELDER, BY_TITLE),
    "another title": ({}, {"title": "裁缝"}, Outcome.UPDATED, SEWER, BY_TITLE),
    "an open title": ({}, {"title": "普工"}, Outcome.UPDATED, None, None),
    "named by the file": (
        {},
        {"title": "焊工", "occupation": WELDER},
        Outcome.UPDATED,
        WELDER,
        None,
    ),
    "confirmed by a person": (
        {"occupation_code": SEWER, "occupation_from": BY_PERSON},
        {"title": "焊工"},
        Outcome.UNCHANGED,
        SEWER,
        BY_PERSON,
    ),
    "confirmed, then retitled": (
        {"occupation_code": SEWER, "occupation_from": BY_PERSON},
        {"title": "电焊工"},
        Outcome.UPDATED,
        SEWER,
        BY_PERSON,
    ),
    "left open by a person": (
        {"occupation_code": None, "occupation_from": BY_PERSON},
        {"title": "焊工"},
        Outcome.UNCHANGED,
        None,
        BY_PERSON,
    ),
    "left open by a person, then named by the file": (
        {"occupation_code": None, "occupation_from": BY_PERSON},
        {"title": "焊工", "occupation": WELDER},
        Outcome.UPDATED,
        WELDER,
        None,
    ),
}


@pytest.mark.parametrize(
    ("decided", "row", "outcome", "code", "said_by"), AGAIN.values(), ids=list(AGAIN)
)
def test_occupation_follows_the_title_until_somebody_confirms_it_when_read_again(
    decided: dict[str, Any],
    row: dict[str, str],
    outcome: Outcome,
    code: str | None,
    said_by: OccupationSource | None,
    tmp_path: Path,
    clock: Clock,
) -> None:
    taken_in(a_file(tmp_path, {"vacancy_id": "A1", "title": "焊工"}), clock, suggest=suggest)
    ad = only()
    for name, value in decided.items():
        setattr(ad, name, value)
    db.session.flush()
    again = a_file(tmp_path, {"vacancy_id": "A1", **row}, name="again.csv")
    report = taken_in(again, clock, suggest=suggest)
    assert report.rows[0].outcome is outcome
    ad = only()
    assert (ad.occupation_code, ad.occupation_from) == (code, said_by)


def test_file_leaves_alone_what_it_has_no_column_for(tmp_path: Path, clock: Clock) -> None:
    full = {
        "vacancy_id": "A1",
        "partner_id": "E7",
        "title": "焊工",
        "text": "焊接钢架",
        "wage_min_cny_month": "5000",
        "headcount": "4",
        "skills_required": "sew.flat:2",
        "skills_preferred": "sew.overlock",
    }
    taken_in(a_file(tmp_path, full), clock)
    fewer = {"vacancy_id": "A1", "wage_min_cny_month": "5500", "skills_preferred": ""}
    report = taken_in(a_file(tmp_path, fewer, name="fewer.csv"), clock)
    assert report.count(Outcome.UPDATED) == 1
    ad = only()
    assert (ad.wage_min_cny_month, ad.headcount, ad.duties) == (5500, 4, "焊接钢架")
    assert (ad.title, ad.external_employer) == ("焊工", "E7")
    assert [(r.code, r.level) for r in ad.requirements] == [("sew.flat", 2)]
    # An empty cell says that it is unknown.
    empty = {"vacancy_id": "A1", "wage_min_cny_month": "", "text": "", "headcount": "3"}
    taken_in(a_file(tmp_path, empty, name="empty.csv"), clock)
    assert (only().wage_min_cny_month, only().duties, only().headcount) == (None, "", 3)
