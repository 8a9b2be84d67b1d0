"""Train a ranking model from the district's outcomes and judge it before it may speak."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from matchboard.domain.calendar import local_date
from matchboard.domain.errors import Conflict
from matchboard.domain.roles import Actor
from matchboard.models.ranking import RankingModel
from matchboard.ranking import registry
from matchboard.ranking.outcomes import read_outcomes
from matchboard.ranking.shortlist import day_number
from matchboard.ranking.tables import vocabulary
from matchboard.services import ranking_models, transaction
from matchboard.services.ranking_models import Trained
from ml.baseline import Model
from ml.evaluation.forecasts import Trainer, expert_trainer
from ml.evaluation.history import UNKNOWN, history_of
from ml.evaluation.promotion import PromotionGate, Verdict
from ml.evaluation.report import Evaluation, fields_of, judge_trial
from ml.evaluation.trial import Contender, Settings, TooShortError, run_trial
from ml.learning import LearnedModel, train
from ml.schema import Clients, Placements, Vacancies
from ml.store import save_model
from ml.vocabulary import Vocabulary

#: Fewer known answers say nothing about a model, whatever it is.
MIN_OUTCOMES = 100
SETTINGS = Settings()
#: Training, then what an evaluation reports on: both contenders' forecasts and figures, groups,
#: the curve by evidence.
N_PHASES = 7

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Retrained:
    """The registered candidate and the verdict of each gate."""

    model: RankingModel
    gates: tuple[PromotionGate, ...]

    @property
    def n_gates_passed(self) -> int:
        """How many gates the model passed."""
        return sum(gate.verdict is Verdict.PASSED for gate in self.gates)

    @property
    def n_gates_failed(self) -> int:
        """How many it did not, for want of evidence or by the figure."""
        return len(self.gates) - self.n_gates_passed


class Phases:
    """Turn the progress of several loops, one after the other, into one bar."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._n_before = 0

    def __call__(self, items: Sequence[int], what: str) -> Iterable[int]:
        """Yield the items of one loop."""
        for done, item in enumerate(items):
            share = (self._n_before + done / len(items)) / N_PHASES
            self._on_progress(min(round(1000 * share), 1000), 1000)
            yield item
        self._n_before += 1


def retrain(*, actor: Actor, now: datetime, on_progress: OnProgress) -> Retrained:
    """Train on everything known today, judge against what speaks now, register as a candidate.

    Raises
    ------
    NotAllowed
        If the actor may not steer the ranking.
    Conflict
        If fewer than `MIN_OUTCOMES` answers are known, or they span no time.
    """
    today = local_date(now)
    outcomes = read_outcomes(today=today)
    history = history_of(
        outcomes.clients, outcomes.vacancies, outcomes.placements, day_number(today)
    )
    n_known = int((history.hired != UNKNOWN).sum())
    if n_known < MIN_OUTCOMES:
        raise Conflict("too_few_outcomes", n=n_known, needed=MIN_OUTCOMES)
    incumbent = Contender(registry.speaker().name, _incumbent())
    # All is read and nothing written yet. What follows takes minutes: nobody may wait for it.
    transaction.commit()
    progress = Phases(on_progress)
    model = train(
        outcomes.clients,
        outcomes.vacancies,
        outcomes.placements,
        vocabulary=vocabulary(),
        as_of_day=day_number(today),
        seed=SETTINGS.seed,
    )
    challenger = Contender("challenger", train, learns=True)
    try:
        trial = run_trial(
            history, challenger, incumbent, SETTINGS, vocabulary=vocabulary(), progress=progress
        )
    except TooShortError as error:
        raise Conflict("too_few_outcomes", n=n_known, needed=MIN_OUTCOMES) from error
    found = judge_trial(
        trial,
        challenger,
        incumbent,
        SETTINGS,
        vocabulary=vocabulary(),
        protected=outcomes.groups,
        invariant=outcomes.is_blind,
        progress=progress,
    )
    digest = outcomes.digest()
    registered = _register(model, found, digest, today=today, actor=actor, now=now)
    return Retrained(registered, found.gates)


def _incumbent() -> Trainer:
    """Return how what speaks now was made; at later origins it knows no more than it did then."""
    active = ranking_models.active()
    return expert_trainer if active is None else _frozen(active.as_of)


def _frozen(as_of: date) -> Trainer:
    last_day = day_number(as_of)

    def trainer(
        clients: Clients,
        vacancies: Vacancies,
        placements: Placements,
        *,
        vocabulary: Vocabulary,
        as_of_day: int,
        seed: int,
    ) -> Model:
        return train(
            clients,
            vacancies,
            placements,
            vocabulary=vocabulary,
            as_of_day=min(as_of_day, last_day),
            seed=seed,
        )

    return trainer


def _register(
    model: LearnedModel,
    found: Evaluation,
    data_sha256: str,
    *,
    today: date,
    actor: Actor,
    now: datetime,
) -> RankingModel:
    report = {"data_sha256": data_sha256, **fields_of(found)}
    metadata = {
        "as_of": today.isoformat(),
        "seed": SETTINGS.seed,
        "data_sha256": data_sha256,
    }
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory) / "model"
        save_model(model, target, metadata=metadata, metrics={"gates": report["gates"]})
        artefact = registry.pack(target)
    return ranking_models.register(
        Trained(
            stage=model.stage,
            as_of=today,
            n_outcomes=model.n_matured,
            sha256=registry.digest_of(artefact),
            artefact=artefact,
            report=report,
            may_speak=found.may_promote,
        ),
        actor=actor,
        now=now,
    )
