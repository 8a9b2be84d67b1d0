"""Small worlds for the library's tests: rows with every cell filled, and drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from ml.cells import EMPLOYMENT_TYPES, SHIFTS, day
from ml.index import OpeningIndex
from ml.query import ClientQuery
from ml.schema import Clients, Vacancies
from ml.vocabulary import Occupation, Skill, Vocabulary

AS_OF = day("2026-11-24")
WELDER, CUTTER, COOK, DRIVER = "6-18-02-04", "6-18-02-05", "4-03-02-01", "4-02-02-02"

VOCABULARY = Vocabulary(
    (
        Occupation("6-18-00-00", 2, "机械制造基础加工人员"),
        Occupation(WELDER, 4, "焊工", ("电焊工", "气焊工")),
        Occupation(CUTTER, 4, "切割工"),
        Occupation(COOK, 4, "中式烹调师", ("厨师", "炒菜师傅")),
        Occupation(DRIVER, 4, "道路货运汽车驾驶员", ("货车司机",)),
    ),
    (
        Skill("weld.arc", "电弧焊", "skill", ("电焊",), (WELDER,)),
        Skill("weld.tig", "氩弧焊接", "skill", ("氩弧焊",), (WELDER,)),
        Skill("cook.wok", "炒锅", "skill", ("炒菜",), (COOK,)),
        Skill("gen.5s", "现场5S", "general", ("5S",)),
        Skill("cert.drive.b2", "机动车驾驶证B2", "certificate", ("B2",), (DRIVER,)),
        Skill("cert.drive.c1", "机动车驾驶证C1", "certificate", ("C1",), (DRIVER,)),
        Skill("cert.guard", "保安员证", "certificate", ("保安证",)),
        Skill("cert.health", "健康证明", "certificate", ("健康证",)),
    ),
)

FULL_CLIENT: dict[str, Any] = {
    "client_id": "C1",
    "lat": 30.67,
    "lon": 104.06,
    "max_commute_km": 30,
    "wage_expected_cny_month": 4500,
    "education": 3,
    "skills": "weld.arc:3;gen.5s",
    "certificates": "cert.drive.b2",
    "experience": f"{WELDER}:24",
    "desired_occupations": "6-18",
    "barred_occupations": COOK,
    "shifts_ok": "day;evening",
    "needs_lodging": 1,
    "exertion_max": 3,
    "employment_types_ok": "full_time;part_time",
    "available_on": "2026-12-01",
    "trained_on": "2026-09-01",
    "waiting_days": 12,
    "text": "做过电焊，想学氩弧焊",
}
FULL_VACANCY: dict[str, Any] = {
    "vacancy_id": "V1",
    "partner_id": "E1",
    "occupation": WELDER,
    "title": "电焊工",
    "text": "包吃住",
    "lat": 30.70,
    "lon": 104.10,
    "wage_min_cny_month": 4000,
    "wage_max_cny_month": 6000,
    "education_min": 2,
    "exertion": 3,
    "skills_required": "weld.arc:2",
    "skills_preferred": "weld.tig",
    "certificates_required": "cert.drive.c1",
    "shift": "day",
    "lodging_provided": 1,
    "employment_type": "full_time",
    "headcount": 2,
    "open_on": "2026-11-01",
    "close_on": "2026-12-31",
}


def client(**changes: Any) -> Clients:
    """Return a table of one client, every cell filled but for the changes."""
    return Clients.from_rows([FULL_CLIENT | changes], vocabulary=VOCABULARY)


def vacancies(*changes: dict[str, Any]) -> Vacancies:
    """Return a table of one opening per set of changes, numbered V1, V2 ... unless told."""
    rows = [FULL_VACANCY | {"vacancy_id": f"V{n}"} | some for n, some in enumerate(changes, 1)]
    return Vacancies.from_rows(rows, vocabulary=VOCABULARY)


def index_of(*changes: dict[str, Any]) -> OpeningIndex:
    """Return an index of such openings."""
    return OpeningIndex.build(vacancies(*changes), VOCABULARY)


def query_of(index: OpeningIndex, as_of: int = AS_OF, **changes: Any) -> ClientQuery:
    """Return a client, every cell filled but for the changes, ready for the index."""
    return index.query(client(**changes), 0, as_of)


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


_SKILLS = ("weld.arc", "weld.tig", "cook.wok", "gen.5s", "own.skill")
_CERTIFICATES = ("cert.drive.b2", "cert.drive.c1", "cert.guard", "cert.health", "cert.own")
_OCCUPATIONS = (WELDER, CUTTER, COOK, DRIVER, "6-18", "own-job")


def _list_of(values: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(values), max_size=3, unique=True)


def _levelled(values: Sequence[str]) -> st.SearchStrategy[Any]:
    return st.lists(
        st.tuples(st.sampled_from(values), st.none() | st.integers(1, 5)),
        max_size=4,
        unique_by=lambda pair: pair[0],
    )


_LAT = st.sampled_from((30.67, 30.70, 30.95, 31.40, 32.5, -30.0))
_LON = st.sampled_from((104.06, 104.10, 104.40, 105.0, -104.0))
_DAY = st.sampled_from(("2026-10-01", "2026-11-24", "2026-12-10"))

CLIENT_ROWS = st.fixed_dictionaries(
    {
        "client_id": st.just("C1"),
        "lat": _optional(_LAT),
        "lon": _optional(_LON),
        "max_commute_km": _optional(st.sampled_from((0, 5, 30, 200))),
        "wage_expected_cny_month": _optional(st.sampled_from((0, 3000, 6000))),
        "education": _optional(st.integers(0, 5)),
        "skills": _optional(_levelled(_SKILLS)),
        "certificates": _optional(_list_of(_CERTIFICATES)),
        "experience": st.lists(
            st.tuples(st.sampled_from(_OCCUPATIONS), st.integers(0, 90)), max_size=2
        ),
        "desired_occupations": _list_of(_OCCUPATIONS),
        "barred_occupations": _list_of(_OCCUPATIONS),
        "shifts_ok": _list_of(SHIFTS),
        "needs_lodging": _optional(st.booleans()),
        "exertion_max": _optional(st.integers(1, 4)),
        "employment_types_ok": _list_of(EMPLOYMENT_TYPES),
        "available_on": _optional(_DAY),
        "trained_on": _optional(_DAY),
        "text": st.sampled_from(("", "做过电焊工", "炒菜五年，有B2")),
    }
)
VACANCY_ROWS = st.fixed_dictionaries(
    {
        "occupation": _optional(st.sampled_from((WELDER, CUTTER, COOK, DRIVER, "own-job"))),
        "title": st.sampled_from(("", "电焊工", "招厨师", "杂工")),
        "lat": _optional(_LAT),
        "lon": _optional(_LON),
        "wage_min_cny_month": _optional(st.sampled_from((2500, 4000))),
        "wage_max_cny_month": _optional(st.sampled_from((4000, 8000))),
        "education_min": _optional(st.integers(0, 5)),
        "exertion": _optional(st.integers(1, 4)),
        "skills_required": _levelled(_SKILLS),
        "skills_preferred": _levelled(_SKILLS),
        "certificates_required": _list_of(_CERTIFICATES),
        "shift": _optional(st.sampled_from(SHIFTS)),
        "lodging_provided": _optional(st.booleans()),
        "employment_type": _optional(st.sampled_from(EMPLOYMENT_TYPES)),
        "headcount": _optional(st.integers(1, 3)),
        "places_left": _optional(st.integers(0, 2)),
        "open_on": _optional(st.sampled_from(("2026-10-01", "2026-11-24", "2026-11-30"))),
        "close_on": _optional(st.sampled_from(("2026-11-30", "2026-12-20"))),
        "partner_hire": _optional(st.sampled_from((0.0, 0.3, 1.0))),
        "partner_retained": _optional(st.sampled_from((0.2, 0.9))),
        "partner_n": _optional(st.integers(0, 40)),
    }
)
VACANCY_LISTS = st.lists(VACANCY_ROWS, min_size=1, max_size=12)


def drawn(rows: Sequence[dict[str, Any]], prefix: str = "V") -> Vacancies:
    """Return drawn openings as a table."""
    numbered = [{"vacancy_id": f"{prefix}{n:03d}", **row} for n, row in enumerate(rows)]
    return Vacancies.from_rows(numbered, vocabulary=VOCABULARY)
