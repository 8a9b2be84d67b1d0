"""Where a world plays: the towns of one region, its trades and their jobs, with real codes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.vocabulary import DEFAULT_DIRECTORY, Skill, Vocabulary

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_SKILLS = 3
MIN_TOWNS, MAX_TOWNS = 8, 60
OPENINGS_PER_TOWN = 60


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Hold what clients and openings are drawn from.

    Attributes
    ----------
    skills : tuple of Skill
        Everything that is not a certificate.
    certificates : tuple of str
    trades : tuple of str
        Prefixes of skill codes that have enough skills of their own.
    trade_of_skill : int64, shape (n_skills,)
        -1 general or of no trade.
    jobs : tuple of str
        One occupation code a job, each once.
    job_trade, job_skill : int64, shape (n_jobs,)
        The trade, and the skill the job is about.
    job_certificate : int64, shape (n_jobs,)
        The certificate asked for now and then, -1 none.
    affinity : float64, shape (n_jobs, n_jobs)
        How much of the experience in one job counts in another, from 0 to 1.
    job_names : tuple of tuple of str
        Words for the job.
    trade_supply, trade_demand, trade_wage, trade_group : float64, shape (n_trades,)
        Shares of persons and of openings, wage level, and share of the second group.
    town_lat, town_lon, town_share : float64, shape (n_towns,)
    """

    skills: tuple[Skill, ...]
    certificates: tuple[str, ...]
    trades: tuple[str, ...]
    trade_of_skill: Ints
    jobs: tuple[str, ...]
    job_trade: Ints
    job_skill: Ints
    job_certificate: Ints
    affinity: Floats
    job_names: tuple[tuple[str, ...], ...]
    trade_supply: Floats
    trade_demand: Floats
    trade_wage: Floats
    trade_group: Floats
    town_lat: Floats
    town_lon: Floats
    town_share: Floats


def build_stage(
    rng: np.random.Generator,
    vocabulary: Vocabulary,
    n_vacancies: int,
    directory: Path = DEFAULT_DIRECTORY,
) -> Stage:
    """Draw a stage: a region with enough towns, and how common each trade is there.

    Parameters
    ----------
    rng : numpy.random.Generator
    vocabulary : Vocabulary
        With occupations for at least three skills of a trade.
    n_vacancies : int
        Sets the number of towns, so that openings within reach do not grow without bound.
    directory : path
        Holds ``divisions.csv``.
    """
    skills = tuple(skill for skill in vocabulary.skills if skill.kind != "certificate")
    certificates = tuple(s for s in vocabulary.skills if s.kind == "certificate")
    prefixes = [_prefix(skill.code) if skill.occupations else "" for skill in skills]
    trades = tuple(
        sorted({p for p in prefixes if p and prefixes.count(p) >= MIN_SKILLS and p != "gen"})
    )
    trade_of_skill = [
        trades.index(_prefix(skill.code)) if _prefix(skill.code) in trades else -1
        for skill in skills
    ]
    jobs: dict[str, int] = {}
    for number, skill in enumerate(skills):
        if trade_of_skill[number] >= 0 and skill.occupations:
            jobs.setdefault(skill.occupations[0], number)
    codes = tuple(jobs)
    job_skill = np.array([jobs[code] for code in codes], dtype=np.int64)
    n_trades = len(trades)
    supply = rng.gamma(1.5, 1.0, n_trades) + 0.3
    demand = supply * rng.lognormal(0.0, 0.4, n_trades)
    lat, lon = _towns(rng, directory, n_vacancies)
    share = rng.pareto(1.5, len(lat)) + 0.5
    return Stage(
        skills=skills,
        certificates=tuple(c.code for c in certificates),
        trades=trades,
        trade_of_skill=np.array(trade_of_skill, dtype=np.int64),
        jobs=codes,
        job_trade=np.array(trade_of_skill, dtype=np.int64)[job_skill],
        job_skill=job_skill,
        job_certificate=np.array([_certificate_of(code, certificates) for code in codes]),
        affinity=_affinity(codes),
        job_names=tuple(_names(vocabulary, code, skills[jobs[code]]) for code in codes),
        trade_supply=supply / supply.sum(),
        trade_demand=demand / demand.sum(),
        trade_wage=rng.normal(8.45, 0.12, n_trades),
        trade_group=rng.uniform(0.1, 0.6, n_trades),
        town_lat=lat,
        town_lon=lon,
        town_share=share / share.sum(),
    )


def great_circle_km(lat: Any, lon: Any, other_lat: Any, other_lon: Any) -> Floats:
    """Return great-circle distances by the haversine formula; NaN where a place is unknown.

    Examples
    --------
    >>> round(float(great_circle_km(30.67, 104.06, 30.67, 105.06)), 1)
    95.6
    """
    phi, psi = np.radians(lat), np.radians(other_lat)
    half = np.sin((psi - phi) / 2) ** 2
    half = half + np.cos(phi) * np.cos(psi) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    found: Floats = 2 * 6371.0088 * np.arcsin(np.sqrt(half))
    return found


def _prefix(code: str) -> str:
    return code.partition(".")[0]


def _certificate_of(code: str, certificates: tuple[Skill, ...]) -> int:
    for number, certificate in enumerate(certificates):
        if code in certificate.occupations and certificate.code != "cert.health":
            return number
    return -1


def _affinity(codes: tuple[str, ...]) -> Floats:
    """1 for the occupation itself, 0.6 in its small group, 0.3 in its middle group."""
    parts = [code.split("-") for code in codes]
    found = np.zeros((len(codes), len(codes)))
    for depth, worth in ((2, 0.3), (3, 0.6), (4, 1.0)):
        heads = np.array(["-".join(part[:depth]) for part in parts])
        found[heads[:, None] == heads[None, :]] = worth
    return found


def _names(vocabulary: Vocabulary, code: str, skill: Skill) -> tuple[str, ...]:
    known = {o.code: (o.name, *o.aliases) for o in vocabulary.occupations}
    return tuple(dict.fromkeys((*known.get(code, ()), *skill.aliases[:3], skill.name)))


def _towns(rng: np.random.Generator, directory: Path, n_vacancies: int) -> tuple[Floats, Floats]:
    """Return the seats nearest to a seat drawn among those of densely settled country."""
    with (directory / "divisions.csv").open(encoding="utf-8-sig", newline="") as handle:
        seats = [
            (float(row["lat"]), float(row["lon"]))
            for row in csv.DictReader(handle)
            if row["level"] == "county" and row["lat"]
        ]
    places = np.array(seats)
    n_towns = int(np.clip(n_vacancies // OPENINGS_PER_TOWN, MIN_TOWNS, MAX_TOWNS))
    n_towns = min(n_towns, len(places))
    while True:
        centre = places[int(rng.integers(len(places)))]
        km = great_circle_km(centre[0], centre[1], places[:, 0], places[:, 1])
        nearest = np.argsort(km, kind="stable")[:n_towns]
        if km[nearest[-1]] <= 25.0 * np.sqrt(n_towns):
            return places[nearest, 0], places[nearest, 1]
