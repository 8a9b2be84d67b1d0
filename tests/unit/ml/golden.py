"""What the library answers about a small fixed world, figure by figure, as it is written down.

Drawn people and openings with every kind of blank; of them the feature rows, scores, reasons, near
misses, gates, contrasts, an opening's people, an allocation and what courses open; words as they
are read; a simulated past, byte by byte; a trained model; the report that judges it. One line a
row. Where another test says why a figure is right, the register `library` says that none moved
unseen.
"""

from __future__ import annotations

import hashlib
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ml.__main__ import main
from ml.allocation.allocate import allocate
from ml.allocation.rules import AllocationRules
from ml.baseline import ExpertBaseline, Model
from ml.cells import EMPLOYMENT_TYPES, SHIFTS
from ml.evaluation.forecasts import expert_trainer
from ml.evaluation.history import history_of
from ml.evaluation.promotion import Verdict, judge, may_promote
from ml.evaluation.report import fields_of, judge_trial
from ml.evaluation.summary import summary_of
from ml.evaluation.trial import Contender, Settings, run_trial
from ml.explain import entries_for, shortlist
from ml.features import FEATURES
from ml.index import OpeningIndex
from ml.misses import best_skill_step, contrast, nearest_misses, why_not
from ml.problems import InputError
from ml.query import ClientQuery
from ml.reverse import ClientPool
from ml.schema import Clients, Courses, Vacancies
from ml.skill_words import skill_matcher
from ml.titles import TitleSuggester
from ml.uplift import PlaceValues, course_effects
from ml.vocabulary import load_vocabulary
from tests.golden import Line, figure, flat, parts_of, plain
from tests.unit.ml.drawn_models import drawn_head, drawn_model
from tests.unit.ml.learned import AS_OF as LEARNED_ON, model_of, past_of
from tests.unit.ml.worlds import (
    AS_OF,
    COOK,
    CUTTER,
    DRIVER,
    FULL_CLIENT,
    FULL_VACANCY,
    VOCABULARY,
    WELDER,
)

_SKILLS = ("weld.arc", "weld.tig", "cook.wok", "gen.5s", "own.skill")
_CERTIFICATES = ("cert.drive.b2", "cert.drive.c1", "cert.guard", "cert.health")
_JOBS = (WELDER, CUTTER, COOK, DRIVER)
_TITLES = ("电焊工", "招厨师", "杂工", "货车司机", "")
_TEXTS = ("", "做过电焊工三年", "炒菜五年，有B2", "会氩弧焊，不会炒菜", "包吃住，要会电弧焊")
#: Of each column some values; a cell is left as the full row has it, blank, or one of these.
_OF_CLIENT: dict[str, tuple[Any, ...]] = {
    "lat": (30.67, 30.95, 31.4),
    "max_commute_km": (5, 30, 200),
    "wage_expected_cny_month": (3000, 4000, 6000),
    "education": (0, 1, 2, 3, 4, 5),
    "skills": ("weld.arc:1", "weld.arc;cook.wok:4", "gen.5s:5;weld.tig:2", "own.skill"),
    "certificates": _CERTIFICATES,
    "experience": tuple(
        f"{job}:{months}" for job, months in zip(_JOBS, (3, 12, 40, 90), strict=True)
    ),
    "desired_occupations": (*_JOBS, "6-18", f"{COOK};{DRIVER}"),
    "barred_occupations": ("", DRIVER),
    "shifts_ok": (*SHIFTS, "day;night"),
    "needs_lodging": (0, 1),
    "exertion_max": (1, 2, 3, 4),
    "employment_types_ok": (*EMPLOYMENT_TYPES, "full_time;gig"),
    "available_on": ("2026-10-01", "2026-12-10"),
    "trained_on": ("2026-01-05", "2026-11-20"),
    "waiting_days": (0, 40, 400),
    "text": _TEXTS,
}
_OF_VACANCY: dict[str, tuple[Any, ...]] = {
    "partner_id": ("E1", "E2"),
    "occupation": (*_JOBS, "own-job", "6-18-00-00"),
    "title": _TITLES,
    "text": _TEXTS,
    "lat": (30.7, 30.95, 31.4),
    "wage_min_cny_month": (2500, 4000),
    "wage_max_cny_month": (4000, 8000),
    "education_min": (0, 1, 2, 3, 4, 5),
    "exertion": (1, 2, 3, 4),
    "skills_required": (*_SKILLS, "weld.arc:3;gen.5s", "cook.wok:2;weld.tig"),
    "skills_preferred": _SKILLS,
    "certificates_required": (*_CERTIFICATES, ""),
    "shift": SHIFTS,
    "lodging_provided": (0, 1),
    "employment_type": EMPLOYMENT_TYPES,
    "headcount": (1, 2, 70_000),
    "places_left": (1, 2),
    "open_on": ("2026-05-01", "2026-11-20"),
    "close_on": ("2026-12-05", "2027-02-01"),
    "partner_hire": (0.1, 0.5),
    "partner_retained": (0.2, 0.9),
    "partner_n": (0, 3, 40),
}
#: Worlds with options that the other leaves alone.
_SIMULATED = (
    ("interaction_heavy", ()),
    ("partner_drift", ("--arrivals", "weekly", "--scarcity", "1.5")),
    ("biased_employer", ("--truth", "no")),
)
_COURSES = (
    {"course_id": "guard", "certificates": "cert.guard"},
    {"course_id": "cook", "skills": "cook.wok:3"},
    {"course_id": "both", "skills": [("weld.tig", 3)], "certificates": ["cert.drive.c1"]},
)


def parts() -> dict[str, list[str]]:
    """Return every figure with what it is of."""
    return parts_of(of_pairs, of_allocation, of_words, of_simulation, of_learning, of_report)


def _drawn(
    rng: np.random.Generator, n: int, key: str, full: dict[str, Any], of: dict[str, Any]
) -> list[dict[str, Any]]:
    """Draw rows that keep about half of the full row's cells."""
    found = []
    for number in range(n):
        row = dict(full)
        for name, values in of.items():
            drawn = rng.random()
            if drawn < 0.12:
                row[name] = None
            elif drawn < 0.45:
                row[name] = values[int(rng.integers(len(values)))]
        low, high = row.get("wage_min_cny_month"), row.get("wage_max_cny_month")
        if low and high and low > high:
            row["wage_max_cny_month"] = None
        found.append(row | {key: f"{key[0].upper()}{number:02d}"})
    return found


def _world() -> tuple[OpeningIndex, Clients]:
    rng = np.random.default_rng(26)
    openings = _drawn(rng, 24, "vacancy_id", FULL_VACANCY, _OF_VACANCY)
    people = _drawn(rng, 14, "client_id", FULL_CLIENT, _OF_CLIENT)
    index = OpeningIndex.build(Vacancies.from_rows(openings, vocabulary=VOCABULARY), VOCABULARY)
    return index, Clients.from_rows(people, vocabulary=VOCABULARY)


def _models() -> dict[str, Model]:
    return {
        "formula": ExpertBaseline(),
        "map": drawn_model(3),
        "blend": drawn_model(4, 0.5),
    }


def of_pairs() -> Iterator[Line]:
    """Yield what is said of people and openings."""
    index, people = _world()
    maker = index.query_maker(AS_OF)
    queries = [maker.make(people, i) for i in range(len(people))]
    names = index.names_of(np.arange(len(index)))
    for query, who in zip(queries, people.ids, strict=True):
        if who <= "C04":
            yield from _of_features(index, query, who)
        for name, model in _models().items():
            found = shortlist(index, query, 4, excluded=("V03",), model=model)
            yield from plain(found, f"{who} {name}")
        yield from _rows(entries_for(index, query, names[:6], model=drawn_model(5)), f"{who} any")
        yield from _rows(nearest_misses(index, query, 2), f"{who} misses")
        for name in names[:8]:
            yield f"{who} {name} why not", flat(why_not(index, query, name, ("V05",)))
        for first, second in itertools.pairwise(names[:5]):
            for label, model in _models().items():
                told = contrast(index, query, first, second, model=model)
                yield f"{who} {label} {first}-{second}", flat(told)
        yield f"{who} step", flat(best_skill_step(index, maker, query, names[6]))
    pool = ClientPool.build(index, people, AS_OF)
    for name in names[:10]:
        for found in pool.rank(name, 3, excluded=("C02",)).entries:
            yield f"pool {name} {found.client_id}", flat(found.entry)


def _rows(found: Iterable[object], name: str) -> Iterator[Line]:
    return ((f"{name} {place}", flat(row)) for place, row in enumerate(found))


def _of_features(index: OpeningIndex, query: ClientQuery, who: str) -> Iterator[Line]:
    rows = np.arange(len(index))
    X = index.feature_matrix(query, rows, index.distances(query, rows))
    for place, feature in enumerate(FEATURES):
        yield f"{who} {feature.name}", " ".join(map(figure, X[:, place].tolist()))


def of_allocation() -> Iterator[Line]:
    """Yield who is given which opening, at which prices, and what courses would open."""
    index, people = _world()
    maker = index.query_maker(AS_OF)
    queries = [maker.make(people, i) for i in range(len(people))]
    model = ExpertBaseline()
    for label, rules, locks in (
        ("plain", AllocationRules(), ()),
        ("ruled", AllocationRules(per_partner=2, floor=0.05, waiting_bonus=0.02), ()),
    ):
        found = allocate(
            index,
            queries,
            model=model,
            waiting_days=people.waiting_days,
            rules=rules,
            locks=locks,
        )
        yield from plain(found, f"allocation {label}")
        values = PlaceValues.of(found, model, 0.05)
        for query, who in zip(queries, people.ids, strict=True):
            table = Courses.from_rows(_COURSES)
            effects = course_effects(index, maker, query, table, values=values)
            yield from _rows(effects, f"courses {label} {who}")


def of_words() -> Iterator[Line]:
    """Yield how words are read with the product's own vocabulary."""
    vocabulary = load_vocabulary()
    titles, skills = TitleSuggester(vocabulary), skill_matcher(vocabulary)
    for title in ("叉车司机", "招聘洗碗工数名", "电汗工", "店员/收银", "高级家政保姆", "xyz"):
        yield f"title {title}", flat(titles.advise(title, 4))
    for cell in ("12", "1e3", "9" * 400, "-1", "１２", "nan", "1,000", " 7 ", True, 3.5):
        row = {"client_id": "C", "wage_expected_cny_month": cell}
        try:
            said = figure(Clients.from_rows([row]).wage_expected_cny_month)
        except InputError as error:
            said = str(error)[:120].replace("\n", " ")
        yield f"cell {str(cell)[:9]}", said
    for text in (
        "会电焊，开过叉车两年",
        "不会炒菜，想学氩弧焊",
        "电汗和铲车，持有健康证",
        "做过三年半保洁，育婴员",
    ):
        yield f"skills {text}", flat(skills.match(text))


def of_simulation() -> Iterator[Line]:
    """Yield the digests of simulated files."""
    with tempfile.TemporaryDirectory() as directory:
        for world, more in _SIMULATED:
            out = Path(directory) / world
            sizes = ("--clients", "20", "--vacancies", "15", "--history", "30", "--seed", "5")
            main(["simulate", "--world", world, *sizes, "--out", str(out), *more])
            for path in sorted(p for p in out.rglob("*") if p.is_file()):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                yield f"{world} {path.relative_to(out)}", digest


def of_learning() -> Iterator[Line]:
    """Yield what a model has learned, and what the drawn heads say."""
    yield from plain(model_of(300), "learned 300")
    rng = np.random.default_rng(8)
    X = rng.random((5, len(FEATURES)))
    for kind, share in itertools.product(("hire", "retained"), (0.0, 0.5)):
        head = drawn_head(rng, kind, share=share, everything=True)
        yield from plain(head.predict(X), f"head {kind} {share}")


def of_report() -> Iterator[Line]:
    """Yield the report that judges what was learned."""
    tables = past_of(260).tables()
    history = history_of(*tables, LEARNED_ON)
    contenders = Contender("formula", expert_trainer), Contender("same", expert_trainer)
    settings = Settings(seed=3, n_resamples=20, n_folds=2)
    trial = run_trial(history, *contenders, settings, vocabulary=VOCABULARY)
    attributes = {"audit_x": tuple("ab"[i % 2] for i in range(len(tables[0])))}
    found = judge_trial(
        trial,
        *contenders,
        settings,
        vocabulary=VOCABULARY,
        protected=attributes,
        invariant=True,
    )
    told = fields_of(found)
    # The same formula twice: what is said of the second is what is said of the first.
    yield "report challenger", str(told.pop("challenger") == told["incumbent"])
    yield from plain(told, "report")
    for number, line in enumerate(summary_of(found).splitlines()):
        yield f"summary {number}", line
    # Which verdicts of two kinds of gates let a model speak.
    promoted = []
    for verdicts in itertools.product(Verdict, repeat=3):
        named = zip(("impact_ratio x", "impact_ratio y", "invariance"), verdicts, strict=True)
        gates = [replace(judge(name, 1.0, at_least=1.0), verdict=one) for name, one in named]
        if may_promote(gates):
            promoted.append("-".join(one.name for one in verdicts))
    yield "promoted", " ".join(promoted)
