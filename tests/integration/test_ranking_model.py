"""The ranking model in the site: outcomes as tables, training, promotion, who speaks."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from matchboard.domain.client import Sex, Tier
from matchboard.domain.errors import Conflict, NotAllowed, NotFound
from matchboard.domain.placement import PlacementState
from matchboard.domain.ranking import ModelState
from matchboard.domain.roles import ACCOUNT_ROLES, SYSTEM, Actor, Role
from matchboard.extensions import db
from matchboard.models import AuditEntry, Client, Placement, ShownList
from matchboard.ranking import registry, retraining, tables
from matchboard.ranking.outcomes import placement_cells, read_outcomes
from matchboard.ranking.registry import FORMULA, DamagedModel
from matchboard.ranking.shortlist import day_number
from matchboard.services import ranking_models
from matchboard.services.ranking_models import Trained
from ml.evaluation.trial import Settings
from ml.learning import LearnedModel, train
from ml.store import load_metadata
from tests import factories
from tests.client import QualityClient
from tests.factories import NOW, TODAY
from tests.ranking_report import REPORT, trained_model, unlearned_artefact

S = PlacementState


@pytest.fixture(autouse=True)
def _forget_loaded_models() -> Any:
    registry._load.cache_clear()
    yield
    registry._load.cache_clear()


@pytest.fixture(scope="module")
def artefact() -> bytes:
    """Return the bytes of a real, if unlearned, model."""
    return unlearned_artefact()


@pytest.fixture
def trained(artefact: bytes) -> Trained:
    return trained_model(artefact, as_of=TODAY)


def _actor(role: Role) -> Actor:
    return factories.UserFactory(role=role).actor


@pytest.fixture
def district(app: Any) -> Actor:
    return _actor(Role.DISTRICT)


# --- Register, promote, go back ------------------------------------------------------------------


def test_trained_model_is_a_candidate_and_ranks_nothing_when_registered(
    district: Actor, trained: Trained
) -> None:
    model = ranking_models.register(trained, actor=district, now=NOW)
    assert (model.name, model.state) == (f"map-{TODAY:%Y%m%d}-1", ModelState.CANDIDATE)
    assert registry.speaker() is FORMULA


def test_models_of_one_day_are_told_apart_when_registered(
    district: Actor, trained: Trained
) -> None:
    names = {ranking_models.register(trained, actor=district, now=NOW).name for _ in range(2)}
    assert names == {f"map-{TODAY:%Y%m%d}-1", f"map-{TODAY:%Y%m%d}-2"}


def test_promoted_model_speaks_and_the_former_one_retires(
    district: Actor, trained: Trained
) -> None:
    first = ranking_models.register(trained, actor=district, now=NOW)
    second = ranking_models.register(trained, actor=district, now=NOW)
    ranking_models.promote(first.name, actor=district, now=NOW)
    assert registry.speaker().name == first.name
    ranking_models.promote(second.name, actor=district, now=NOW)
    assert registry.speaker().name == second.name
    assert (first.state, second.state) == (ModelState.RETIRED, ModelState.ACTIVE)
    verbs = list(db.session.scalars(db.select(AuditEntry.verb).order_by(AuditEntry.id)))
    assert verbs[-5:] == [
        "ranking_model.train",
        "ranking_model.train",
        "ranking_model.promote",
        "ranking_model.retire",
        "ranking_model.promote",
    ]


def test_formula_speaks_again_when_rolled_back(district: Actor, trained: Trained) -> None:
    model = ranking_models.register(trained, actor=district, now=NOW)
    ranking_models.promote(model.name, actor=district, now=NOW)
    ranking_models.rollback(actor=district, now=NOW)
    assert registry.speaker() is FORMULA
    assert model.state is ModelState.RETIRED
    ranking_models.promote(model.name, actor=district, now=NOW)
    assert registry.speaker().name == model.name


def test_promotion_is_refused_when_gates_failed_or_it_speaks_already(
    district: Actor, trained: Trained
) -> None:
    failed = ranking_models.register(replace(trained, may_speak=False), actor=district, now=NOW)
    with pytest.raises(Conflict) as refused:
        ranking_models.promote(failed.name, actor=district, now=NOW)
    assert refused.value.code == "model_gates_failed"
    good = ranking_models.register(trained, actor=district, now=NOW)
    ranking_models.promote(good.name, actor=district, now=NOW)
    with pytest.raises(Conflict) as refused:
        ranking_models.promote(good.name, actor=district, now=NOW)
    assert refused.value.code == "model_active"


def test_rollback_is_refused_when_the_formula_speaks(district: Actor) -> None:
    with pytest.raises(Conflict) as refused:
        ranking_models.rollback(actor=district, now=NOW)
    assert refused.value.code == "formula_active"


def test_unknown_model_is_not_found(district: Actor, trained: Trained) -> None:
    with pytest.raises(NotFound):
        ranking_models.promote("map-20200101-1", actor=district, now=NOW)
    with pytest.raises(NotFound):
        ranking_models.artefact_of("map-20200101-1")
    known = ranking_models.register(trained, actor=district, now=NOW)
    assert ranking_models.artefact_of(known.name)


@pytest.mark.parametrize("role", [r for r in ACCOUNT_ROLES if r is not Role.DISTRICT])
def test_only_the_district_steers_the_ranking(role: Role, app: Any, trained: Trained) -> None:
    actor = _actor(role)
    with pytest.raises(NotAllowed):
        ranking_models.register(trained, actor=actor, now=NOW)
    model = ranking_models.register(trained, actor=SYSTEM, now=NOW)
    with pytest.raises(NotAllowed):
        ranking_models.promote(model.name, actor=actor, now=NOW)
    with pytest.raises(NotAllowed):
        ranking_models.rollback(actor=actor, now=NOW)
    with pytest.raises(NotFound):
        ranking_models.get_model(model.name, actor=actor)
    ranking_models.promote(model.name, actor=_actor(Role.DISTRICT), now=NOW)
    assert model.state is ModelState.ACTIVE


# --- The stored bytes ----------------------------------------------------------------------------


def test_packed_model_is_the_same_bytes_and_the_same_model_when_unpacked(
    artefact: bytes, tmp_path: Path
) -> None:
    registry.unpack(artefact, tmp_path)
    assert registry.pack(tmp_path) == artefact


@pytest.mark.parametrize("name", ["../model.json", "/etc/model.json", "a/b"])
def test_archive_is_refused_when_a_name_leads_elsewhere(
    name: str, tmp_path: Path, artefact: bytes
) -> None:
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(DamagedModel):
        registry.unpack(buffer.getvalue(), tmp_path)
    assert not list(tmp_path.iterdir())
    registry.unpack(artefact, tmp_path)
    assert list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["changed", "foreign", "empty"])
def test_formula_speaks_and_the_defect_is_logged_when_the_model_is_damaged(
    damage: str,
    district: Actor,
    trained: Trained,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    content = {"changed": trained.artefact + b"x", "foreign": b"PK", "empty": b""}[damage]
    sha256 = trained.sha256 if damage == "changed" else registry.digest_of(content)
    damaged = replace(trained, artefact=content, sha256=sha256)
    model = ranking_models.register(damaged, actor=district, now=NOW)
    ranking_models.promote(model.name, actor=district, now=NOW)
    with caplog.at_level(logging.ERROR):
        assert registry.speaker() is FORMULA
    assert model.name in caplog.text


def test_matches_say_which_model_speaks_when_one_is_promoted(
    client: QualityClient, district: Actor, trained: Trained, clock: Any
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    factories.VacancyFactory()
    client.sign_in(officer)
    page = client.get_page(f"/clients/{person.pid}/matches")
    assert page.has_text("排序依据：专家规则。")
    model = ranking_models.register(trained, actor=district, now=NOW)
    ranking_models.promote(model.name, actor=district, now=NOW)
    db.session.commit()
    page = client.get_page(f"/clients/{person.pid}/matches")
    assert page.has_text("排序依据：专家规则＋本区结果。")
    shown = db.session.scalars(db.select(ShownList).order_by(ShownList.id.desc())).first()
    assert shown is not None
    assert shown.model_version == model.name


# --- Outcomes as tables --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "hired", "interviewed"),
    [
        (S.PROPOSED, None, None),
        (S.CONSENTED, None, None),
        (S.SENT, None, None),
        (S.INTERVIEW, None, None),
        (S.OFFERED, None, None),
        (S.WITHDRAWN, None, None),
        (S.DECLINED_BY_CLIENT, None, None),
        (S.DECLINED_BY_EMPLOYER, 0, 0),
        (S.NO_SHOW, 0, 0),
        (S.EXPIRED, 0, 0),
        (S.STARTED, 1, 1),
        (S.ENDED, 1, 1),
        (S.COMPLETED, 1, 1),
    ],
)
def test_answer_is_known_only_when_the_employer_or_the_deadline_gave_one(
    state: S, hired: int | None, interviewed: int | None, app: Any
) -> None:
    placement = factories.PlacementFactory(state=state)
    cells = placement_cells(placement, None, today=TODAY)
    assert (cells["hired"], cells["interviewed"]) == (hired, interviewed)


def test_running_job_is_watched_until_the_last_check_that_found_it(app: Any) -> None:
    start = TODAY - timedelta(days=200)
    placement = factories.PlacementFactory(
        state=S.STARTED, started_on=start, proposed_on=start - timedelta(days=9)
    )
    for day, working in ((30, True), (90, True), (180, False)):
        factories.OutcomeCheckFactory(
            placement_id=placement.id,
            day=day,
            due_on=start + timedelta(days=day),
            done_on=start + timedelta(days=day),
            still_employed=working,
            same_employer=True,
        )
    outcomes = read_outcomes(today=TODAY)
    watched = int(outcomes.placements.observed_until[0])
    assert watched == day_number(start + timedelta(days=90))


def test_ended_job_is_watched_until_its_end_when_read(app: Any) -> None:
    start, end = date(2026, 5, 1), date(2026, 7, 1)
    factories.PlacementFactory(
        state=S.ENDED, proposed_on=date(2026, 4, 20), started_on=start, ended_on=end
    )
    placements = read_outcomes(today=TODAY).placements
    assert int(placements.ended_on[0]) == int(placements.observed_until[0]) == day_number(end)


def test_settlement_without_an_opening_teaches_nothing_when_read(app: Any) -> None:
    factories.PlacementFactory(vacancy=None, partner=None, state=S.STARTED)
    outcomes = read_outcomes(today=TODAY)
    assert len(outcomes.placements) == len(outcomes.clients) == 0


def _history(n: int) -> None:
    """Write `n` answered proposals over two years: those who sew are hired and stay."""
    partner = factories.PartnerFactory()
    for number in range(n):
        sews = number % 2 == 0
        person = factories.ClientFactory(
            skills=[("sew.flat", 4)] if sews else [],
            sex=Sex.MALE if number % 3 else Sex.FEMALE,
            tier=Tier.GENERAL if number % 5 else Tier.KEY,
        )
        proposed = TODAY - timedelta(days=720 - number * 700 // n)
        opening = factories.VacancyFactory(
            partner=partner,
            headcount=3,
            open_on=proposed - timedelta(days=5),
            requirements=[("sew.flat", 3, "required")],
        )
        hired = sews if number % 7 else not sews
        factories.PlacementFactory(
            client=person,
            vacancy=opening,
            proposed_on=proposed,
            state=S.ENDED if hired else S.DECLINED_BY_EMPLOYER,
            started_on=proposed + timedelta(days=5) if hired else None,
            ended_on=proposed + timedelta(days=15 + number % 4) if hired else None,
        )
    db.session.commit()


def test_tables_are_the_same_to_the_byte_when_protected_attributes_change(app: Any) -> None:
    _history(6)
    before = read_outcomes(today=TODAY)
    db.session.execute(
        update(Client).values(sex=Sex.FEMALE, tier=Tier.KEY, birth_date=date(1950, 1, 1))
    )
    db.session.commit()
    after = read_outcomes(today=TODAY)
    assert before.groups != after.groups
    assert before.digest() == after.digest()
    for column in before.clients.COLUMNS:
        one, two = (getattr(table, column.name) for table in (before.clients, after.clients))
        if isinstance(one, np.ndarray):
            assert one.tobytes() == two.tobytes()
        else:
            assert repr(one) == repr(two)


def test_hash_of_the_data_differs_when_an_outcome_does(app: Any) -> None:
    _history(4)
    before = read_outcomes(today=TODAY).digest()
    assert read_outcomes(today=TODAY).digest() == before
    placement = db.session.scalars(db.select(Placement).order_by(Placement.id)).first()
    assert placement is not None
    placement.proposed_on -= timedelta(days=1)
    db.session.commit()
    assert read_outcomes(today=TODAY).digest() != before


def test_row_that_tells_a_protected_attribute_is_found_when_outcomes_are_read(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _history(2)
    assert read_outcomes(today=TODAY).is_blind
    plain = tables.client_cells

    def telling(client: Any, **options: Any) -> dict[str, object]:
        return {**plain(client, **options), "text": client.sex}

    monkeypatch.setattr(tables, "client_cells", telling)
    assert not read_outcomes(today=TODAY).is_blind


def test_training_is_refused_with_numbers_when_few_answers_are_known(district: Actor) -> None:
    with pytest.raises(Conflict) as refused:
        retraining.retrain(actor=district, now=NOW, on_progress=lambda done, total: None)
    assert refused.value.details == {"n": 0, "needed": retraining.MIN_OUTCOMES}


def test_retraining_registers_a_judged_candidate_when_outcomes_suffice(
    district: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(retraining, "MIN_OUTCOMES", 20)
    monkeypatch.setattr(retraining, "SETTINGS", Settings(n_resamples=10, n_folds=2))
    _history(24)
    steps: list[tuple[int, int]] = []
    found = retraining.retrain(
        actor=district, now=NOW, on_progress=lambda done, total: steps.append((done, total))
    )
    assert found.model.state is ModelState.CANDIDATE
    assert found.model.n_outcomes == 24
    assert found.n_gates_passed + found.n_gates_failed == len(found.gates)
    assert found.model.may_speak is False
    assert steps == sorted(steps)
    assert all(done <= total for done, total in steps)
    assert ({total for _, total in steps}, steps[0][0]) == ({1000}, 0)
    assert 850 < steps[-1][0] <= 1000, "seven loops, one bar"
    assert found.model.report["incumbent"]["name"] == "expert"
    assert len(found.model.report["evidence"]) > 1, "the challenger learns: the curve has a course"
    assert found.model.report["data_sha256"] == read_outcomes(today=TODAY).digest()
    registry.unpack(ranking_models.artefact_of(found.model.name), tmp_path)
    head = load_metadata(tmp_path)
    assert head["data_sha256"] == found.model.report["data_sha256"]
    assert head["metrics"]["gates"] == found.model.report["gates"]


def test_retraining_judges_against_the_model_that_speaks_as_it_was(
    district: Actor, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraining, "MIN_OUTCOMES", 20)
    monkeypatch.setattr(retraining, "SETTINGS", Settings(n_resamples=10, n_folds=2))
    _history(24)
    old = replace(trained, as_of=TODAY - timedelta(days=400))
    model = ranking_models.register(old, actor=district, now=NOW)
    ranking_models.promote(model.name, actor=district, now=NOW)
    days: list[int] = []

    def watch(*tables: Any, as_of_day: int, **options: Any) -> LearnedModel:
        days.append(as_of_day)
        return train(*tables, as_of_day=as_of_day, **options)

    monkeypatch.setattr(retraining, "train", watch)
    found = retraining.retrain(actor=district, now=NOW, on_progress=lambda done, total: None)
    assert found.model.report["incumbent"]["name"] == model.name
    assert day_number(old.as_of) in days


# --- The page ------------------------------------------------------------------------------------

PAGE = "/dashboard/ranking"


def test_page_says_that_the_formula_ranks_when_nothing_was_trained(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    page = client.get_page(PAGE)
    assert page.has_text("还没有训练过模型")
    assert not page.all("[data-chart]")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_shows_gates_charts_and_groups_when_a_model_was_trained(
    language: str, client: QualityClient, trained: Trained
) -> None:
    model = ranking_models.register(trained, actor=SYSTEM, now=NOW)
    db.session.commit()
    client.sign_in(Role.DISTRICT)
    client.set_language(language)
    page = client.get_page(f"{PAGE}?model={model.name}")
    assert len(page.all("#gates tbody tr")) == len(REPORT["gates"])
    assert len(page.all("#calibration [data-chart]")) == 2
    assert len(page.all("#calibration tbody tr")) == 5
    assert len(page.all("#evidence [data-chart]")) == 2
    assert len(page.all("#evidence tbody tr")) == 2 * len(REPORT["evidence"])
    assert len(page.all("#gates .gate-hint")) == 2
    assert len(page.all("#groups tbody tr")) == 2


def test_page_promotes_and_goes_back_when_the_district_decides(
    client: QualityClient, trained: Trained
) -> None:
    model = ranking_models.register(trained, actor=SYSTEM, now=NOW)
    db.session.commit()
    client.sign_in(Role.DISTRICT)
    page = client.get_page(PAGE)
    after = client.send(page.form(f"form[action='{PAGE}/{model.name}/promote']"), {})
    assert after.has_text("已启用")
    after = client.send(after.form(f"form[action='{PAGE}/rollback']"), {})
    assert after.has_text("已恢复专家规则")


def test_refusal_is_said_when_promotion_or_rollback_come_too_late(
    client: QualityClient, trained: Trained
) -> None:
    model = ranking_models.register(replace(trained, may_speak=False), actor=SYSTEM, now=NOW)
    db.session.commit()
    client.sign_in(Role.DISTRICT)
    seen = {"version": ranking_models.speaking().version}
    client.post(f"{PAGE}/{model.name}/promote", seen, status=303)
    assert client.get_page(PAGE).has_text("没有通过全部检验")
    client.post(f"{PAGE}/rollback", seen, status=303)
    assert client.get_page(PAGE).has_text("现在就是按专家规则排序")


def test_unknown_model_is_not_found_when_asked_for(client: QualityClient) -> None:
    client.sign_in(Role.DISTRICT)
    client.get_page(f"{PAGE}?model=map-20200101-1", 404)


def test_training_runs_in_the_background_and_says_why_not_when_data_are_few(
    client: QualityClient,
) -> None:
    client.sign_in(Role.DISTRICT)
    page = client.get_page(PAGE)
    after = client.send(page.form(f"form[action='{PAGE}/train']"), {})
    assert after.path.startswith("/tasks/")
    assert after.has_text("训练至少要 100 条")


def test_second_training_leads_to_the_first_when_one_is_under_way(
    client: QualityClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matchboard.tasks.run", lambda *_: None)
    client.sign_in(Role.DISTRICT)
    answers = [client.post(f"{PAGE}/train", status=303) for _ in range(2)]
    assert answers[0].location == answers[1].location


# --- Overrides -----------------------------------------------------------------------------------


def test_overrides_are_counted_with_their_outcomes_by_reason(
    client: QualityClient,
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    job = factories.PlacementFactory(
        client=person, state=S.ENDED, shown_position=8, override_reason="person_wishes",
        started_on=TODAY - timedelta(days=300), ended_on=TODAY - timedelta(days=10),
    )  # fmt: skip
    factories.OutcomeCheckFactory(
        placement_id=job.id, day=180, due_on=TODAY, done_on=TODAY, still_employed=True
    )
    # Left after a month: no check after half a year, and yet the outcome is known.
    factories.PlacementFactory(
        client=person, state=S.ENDED, shown_position=7, override_reason="person_wishes",
        started_on=TODAY - timedelta(days=300), ended_on=TODAY - timedelta(days=270),
    )  # fmt: skip
    # Began too lately to have been kept so long: only failures could be known.
    factories.PlacementFactory(
        client=person, state=S.ENDED, shown_position=7, override_reason="person_wishes",
        started_on=TODAY - timedelta(days=60), ended_on=TODAY - timedelta(days=30),
    )  # fmt: skip
    factories.PlacementFactory(
        client=person, shown_position=9, override_reason="person_wishes", state=S.PROPOSED
    )
    factories.PlacementFactory(client=person, shown_position=1, state=S.EXPIRED)
    db.session.commit()
    client.sign_in(factories.UserFactory(role=Role.DISTRICT, unit=officer.unit.parent))
    page = client.get_page(PAGE)
    rows = [row.get_text(" ", strip=True).split() for row in page.all("#overrides tbody tr")]
    assert [row[-4:] for row in rows] == [["1", "1", "0", "—"], ["3", "1", "/", "2"]]


def test_reason_is_asked_and_kept_when_a_lower_place_is_chosen(
    client: QualityClient,
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    factories.RestrictedRecordFactory(client_id=person.id, facts='{"records": []}')
    for _ in range(7):
        factories.VacancyFactory()
    client.sign_in(officer)
    page = client.get_page(f"/clients/{person.pid}/matches")
    sixth = [str(e["id"]).removeprefix("match-") for e in page.all(".match-card")][5]
    address = f"/clients/{person.pid}/propose/{sixth}"
    page = client.get_page(address)
    refused = client.send(page.form("#propose"), {}, status=422)
    assert refused.has_text("请选择原因")
    assert not db.session.scalars(db.select(Placement)).all()
    client.send(refused.form("#propose"), {"override_reason": "way_to_work"})
    placed = db.session.scalars(db.select(Placement)).one()
    assert placed.override_reason == "way_to_work"


def test_no_reason_is_asked_when_one_of_the_first_places_is_chosen(
    client: QualityClient,
) -> None:
    officer = factories.UserFactory(role=Role.OFFICER)
    person = factories.ClientFactory(office=officer.unit)
    for _ in range(7):
        factories.VacancyFactory()
    client.sign_in(officer)
    page = client.get_page(f"/clients/{person.pid}/matches")
    fifth = [str(e["id"]).removeprefix("match-") for e in page.all(".match-card")][4]
    assert not client.get_page(f"/clients/{person.pid}/propose/{fifth}").all(
        "[name=override_reason]"
    )
