"""Make openings and clients of any number, spread over towns the way people are, from a seed."""

from __future__ import annotations

import csv

import numpy as np

from ml.ragged import Ragged
from ml.schema import NO_DAY, Clients, Vacancies
from ml.vocabulary import DEFAULT_DIRECTORY, Vocabulary

PREFIXES = ("", "", "", "急招", "诚聘", "高薪招聘", "包吃住")
SUFFIXES = ("", "", "五险一金", "（长白班）", "(两班倒)", "学徒可", "熟手优先")


def towns(region: str) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude of the county seats whose code begins with `region`."""
    with (DEFAULT_DIRECTORY / "divisions.csv").open(encoding="utf-8", newline="") as handle:
        seats = [row for row in csv.DictReader(handle) if _is_seat(row, region)]
    return (
        np.array([float(row["lat"]) for row in seats]),
        np.array([float(row["lon"]) for row in seats]),
    )


def make_vacancies(n: int, vocabulary: Vocabulary, *, seed: int, region: str = "") -> Vacancies:
    """Return `n` openings in county towns of uneven size, a fifth of the cells unknown."""
    rng = np.random.default_rng(seed)
    lats, lons = towns(region)
    size = rng.pareto(1.2, len(lats)) + 0.2
    place = rng.choice(len(lats), n, p=size / size.sum())
    jobs = [skill for skill in vocabulary.skills if skill.kind == "skill" and skill.occupations]
    certificates = [skill.code for skill in vocabulary.skills if skill.kind == "certificate"]
    job = rng.integers(0, len(jobs), n)
    codes = [skill.code for skill in vocabulary.skills if skill.kind in ("skill", "general")]
    low = rng.integers(25, 70, n) * 100.0
    high = low + rng.integers(0, 40, n) * 100.0
    blank = rng.random((8, n)) < 0.2
    return Vacancies(
        vacancy_id=tuple(f"V{seed}-{i:07d}" for i in range(n)),
        partner_id=tuple(f"E{i // 5:06d}" for i in range(n)),
        occupation=tuple(
            "" if hidden else jobs[j].occupations[0]
            for j, hidden in zip(job.tolist(), blank[0].tolist(), strict=True)
        ),
        title=_titles(rng, [jobs[j].name for j in job.tolist()]),
        text=("",) * n,
        lat=np.where(rng.random(n) < 0.01, np.nan, lats[place] + rng.normal(0, 0.08, n)).astype(
            "f4"
        ),
        lon=(lons[place] + rng.normal(0, 0.08, n)).astype("f4"),
        wage_min_cny_month=np.where(blank[1], np.nan, low).astype("f4"),
        wage_max_cny_month=np.where(blank[1], np.nan, high).astype("f4"),
        education_min=np.where(blank[2], -1, rng.choice([0, 2, 3, 4], n)).astype("i1"),
        exertion=np.where(blank[3], 0, rng.integers(1, 5, n)).astype("i1"),
        skills_required=_lists(rng, n, codes, [jobs[j].code for j in job.tolist()], 4),
        skills_preferred=_lists(rng, n, codes, None, 2),
        certificates_required=_some(rng, n, certificates, 0.15),
        shift=np.where(blank[4], -1, rng.integers(0, 4, n)).astype("i1"),
        lodging_provided=np.where(blank[5], -1, rng.random(n) < 0.3).astype("i1"),
        employment_type=np.where(blank[6], -1, rng.choice([0, 0, 0, 0, 1, 2, 3, 4], n)).astype(
            "i1"
        ),
        headcount=rng.integers(1, 6, n).astype("i4"),
        open_on=rng.integers(20_600, 20_790, n).astype("i4"),
        close_on=np.where(blank[7], NO_DAY, rng.integers(20_770, 20_900, n)).astype("i4"),
        places_left=np.full(n, NO_DAY, dtype="i4"),
        partner_hire=np.where(blank[0], np.nan, rng.beta(3, 5, n)).astype("f4"),
        partner_retained=np.where(blank[0], np.nan, rng.beta(6, 4, n)).astype("f4"),
        partner_n=rng.integers(0, 40, n).astype("i4"),
    )


def make_clients(n: int, vocabulary: Vocabulary, *, seed: int, region: str = "") -> Clients:
    """Return `n` clients in county towns with a handful of skills, wishes and a line of text."""
    rng = np.random.default_rng(seed)
    lats, lons = towns(region)
    jobs = [skill for skill in vocabulary.skills if skill.kind == "skill" and skill.occupations]
    rows = []
    for i in range(n):
        place = int(rng.integers(len(lats)))
        known = [jobs[j] for j in rng.choice(len(jobs), 4, replace=False).tolist()]
        rows.append(
            {
                "client_id": f"C{i:05d}",
                "lat": lats[place],
                "lon": lons[place],
                "max_commute_km": float(rng.choice([10, 20, 30, 50])),
                "wage_expected_cny_month": float(rng.integers(30, 60) * 100),
                "education": int(rng.integers(1, 5)),
                "skills": [(skill.code, int(rng.integers(1, 6))) for skill in known],
                "certificates": [],
                "experience": [(known[0].occupations[0], int(rng.integers(1, 90)))],
                "desired_occupations": [known[1].occupations[0][:4]],
                "shifts_ok": ["day", "evening", "rotating"],
                "needs_lodging": bool(rng.random() < 0.5),
                "exertion_max": int(rng.integers(2, 5)),
                "text": f"做过{known[0].name}，会{known[2].name}，想学{known[1].name}",
            }
        )
    return Clients.from_rows(rows)


def _is_seat(row: dict[str, str], region: str) -> bool:
    return row["level"] == "county" and bool(row["lat"]) and row["code"].startswith(region)


def _titles(rng: np.random.Generator, names: list[str]) -> tuple[str, ...]:
    first = rng.integers(0, len(PREFIXES), len(names)).tolist()
    last = rng.integers(0, len(SUFFIXES), len(names)).tolist()
    return tuple(
        PREFIXES[a] + name + SUFFIXES[b] for a, name, b in zip(first, names, last, strict=True)
    )


def _lists(
    rng: np.random.Generator, n: int, codes: list[str], own: list[str] | None, most: int
) -> Ragged:
    sizes = rng.integers(0, most + 1, n)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    numbers = rng.integers(0, len(codes), int(ends[-1]))
    if own is not None:
        places = {code: number for number, code in enumerate(codes)}
        first = np.flatnonzero(sizes)
        numbers[ends[first]] = [places[own[row]] for row in first.tolist()]
    levels = rng.integers(0, 5, len(numbers))
    return Ragged(
        ends.astype("i4"), numbers.astype("i4"), levels.astype("f4"), tuple(codes), np.ones(n, bool)
    )


def _some(rng: np.random.Generator, n: int, codes: list[str], share: float) -> Ragged:
    sizes = (rng.random(n) < share).astype("i4")
    ends = np.concatenate(([0], np.cumsum(sizes)))
    numbers = rng.integers(0, len(codes), int(ends[-1]))
    zeros = np.zeros(len(numbers), dtype="f4")
    return Ragged(ends.astype("i4"), numbers.astype("i4"), zeros, tuple(codes), np.ones(n, bool))
