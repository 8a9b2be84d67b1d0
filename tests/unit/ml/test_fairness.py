"""The audit of groups: who may read protected attributes, and what is said of groups."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

import ml
from ml.evaluation.assignment import assign_greedily, exposures
from ml.evaluation.fairness import Conduct, audit_attribute, impact_ratio
from ml.evaluation.protected import is_invariant, read_protected
from ml.features import FEATURES
from ml.gates import Gate
from ml.problems import InputError
from ml.schema import Clients

N = 160


def conduct(
    *, rates: tuple[float, float] = (0.5, 0.5), leak: float = 0.0, seed: int = 0
) -> tuple[Conduct, list[str]]:
    """Return two groups of 80 clients with two placements each."""
    rng = np.random.default_rng(seed)
    group = np.arange(N) % 2
    client = np.repeat(np.arange(N), 2)
    X = rng.normal(size=(2 * N, len(FEATURES))).astype(np.float32)
    X[:, 3] += leak * group[client]
    proposed = (np.arange(N) // 2 % 80) / 80 < np.array(rates)[group]
    return (
        Conduct(
            proposed=proposed.astype(np.float64),
            exposure=np.where(group == 1, 2.0, 1.0),
            gate_hits=np.tile(group[:, None] * 0.25, (1, len(Gate))),
            client=client,
            hired=np.ones(2 * N),
            p_hire=np.full(2 * N, 0.75),
            X=X,
        ),
        ["b" if member else "a" for member in group.tolist()],
    )


def audited(found: tuple[Conduct, list[str]]) -> object:
    return audit_attribute("audit_x", found[1], found[0], seed=0, n_resamples=60)


def test_audit_shows_rates_exposure_calibration_and_gates_when_groups_are_large() -> None:
    audit = audited(conduct(rates=(0.5, 0.4)))
    first, second = audit.groups
    assert (first.group, first.n_clients, first.n_placements) == ("a", 80, 160)
    assert first.proposal_rate.value == 0.5
    assert first.proposal_rate.low < 0.5 < first.proposal_rate.high
    assert (first.exposure.value, second.exposure.value) == (1.0, 2.0)
    assert first.calibration_gap.value == 0.25
    assert second.gate_hits == {str(gate.name).lower(): 0.25 for gate in Gate}
    assert audit.impact_ratio.value == 0.8
    assert audit.impact_ratio.low < 0.8


def test_audit_says_nothing_of_a_group_when_it_has_fewer_than_thirty_clients() -> None:
    found, labels = conduct()
    few = ["c" if i < 29 else label for i, label in enumerate(labels)]
    audit = audited((found, few))
    small = audit.groups[2]
    assert (small.group, small.n_clients) == ("c", 29)
    assert small.proposal_rate is small.exposure is small.calibration_gap is small.gate_hits is None
    everybody_few = audited((found, [str(i // 20) for i in range(N)]))
    assert math.isnan(everybody_few.impact_ratio.value)
    assert math.isnan(everybody_few.leak_auc.value)
    assert not everybody_few.alarm


def test_audit_leaves_people_out_when_their_value_is_blank() -> None:
    found, labels = conduct()
    audit = audited((found, ["" if i < 50 else label for i, label in enumerate(labels)]))
    assert audit.n_blank == 50
    assert [figures.n_clients for figures in audit.groups] == [55, 55]
    assert audited((found, [""] * N)).groups == ()


def test_audit_counts_only_people_present_when_some_were_never_there() -> None:
    found, labels = conduct()
    found.proposed[:60] = math.nan
    audit = audited((found, labels))
    assert [figures.n_clients for figures in audit.groups] == [50, 50]
    assert not math.isnan(audit.impact_ratio.value)


def test_audit_gives_no_calibration_when_a_group_has_few_placements() -> None:
    found, labels = conduct()
    few = Conduct(
        found.proposed,
        found.exposure,
        found.gate_hits,
        found.client[:40],
        found.hired[:40],
        found.p_hire[:40],
        found.X[:40],
    )
    first = audited((few, labels)).groups[0]
    assert first.n_placements == 20
    assert first.calibration_gap is None
    assert first.proposal_rate is not None


@pytest.mark.parametrize(
    ("leak", "alarm"), [(0.0, False), (2.0, True)], ids=["features tell nothing", "one tells"]
)
def test_audit_alarms_when_features_give_the_group_away(leak: float, alarm: bool) -> None:
    audit = audited(conduct(leak=leak))
    assert audit.alarm is alarm
    assert (audit.leak_auc.value > 0.9) is alarm


def test_audit_measures_by_whole_clients_when_rows_of_one_look_alike() -> None:
    found, labels = conduct()
    identity = np.repeat(np.random.default_rng(5).normal(size=(N, len(FEATURES))), 2, axis=0)
    copied = Conduct(
        found.proposed,
        found.exposure,
        found.gate_hits,
        found.client,
        found.hired,
        found.p_hire,
        identity.astype(np.float32),
    )
    assert audited((copied, labels)).leak_auc.value < 0.65


@pytest.mark.parametrize(
    ("rates", "ratio"),
    [([0.5, 0.4, 0.5], 0.8), ([0.3], math.nan), ([0.0, 0.0], math.nan), ([0.0, 0.2], 0.0)],
    ids=["lowest over highest", "one group", "nobody", "a group left out"],
)
def test_impact_ratio_is_as_documented(rates: list[float], ratio: float) -> None:
    assert impact_ratio(rates) == pytest.approx(ratio, nan_ok=True)


PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.floats(0, 1)), max_size=40)


@given(PAIRS, st.lists(st.integers(0, 3), min_size=5, max_size=5), st.integers(0, 8))
def test_assignment_keeps_every_bound_whatever_the_scores(
    pairs: list[tuple[int, int, float]], places: list[int], limit: int
) -> None:
    client = np.array([pair[0] for pair in pairs], dtype=np.int64)
    opening = np.array([pair[1] for pair in pairs], dtype=np.int64)
    score = np.array([pair[2] for pair in pairs])
    chosen = assign_greedily(client, opening, score, np.array(places), limit)
    assert chosen.sum() <= limit
    assert len(set(client[chosen].tolist())) == chosen.sum()
    assert (np.bincount(opening[chosen], minlength=5) <= places).all()
    if chosen.sum() < limit:
        full = np.bincount(opening[chosen], minlength=5) >= places
        left = ~np.isin(client, client[chosen]) & ~full[opening]
        assert not left.any()


@given(PAIRS)
def test_exposure_adds_up_to_the_lists_discounts(pairs: list[tuple[int, int, float]]) -> None:
    client = np.array([pair[0] for pair in pairs], dtype=np.int64)
    opening = np.array([pair[1] for pair in pairs], dtype=np.int64)
    found = exposures(client, opening, np.array([pair[2] for pair in pairs]), 7)
    sizes = np.bincount(opening, minlength=1)
    expected = sum(1 / np.log2(rank + 2) for size in sizes for rank in range(size))
    assert found.sum() == pytest.approx(expected)


CLIENTS_FILE = "client_id,lat,audit_sex,audit_tier\nC1,30,f,key\nC2,31,m,\nC3,32,m,key\n"


@pytest.fixture
def clients_file(tmp_path: Path) -> Path:
    path = tmp_path / "clients.csv"
    path.write_text(CLIENTS_FILE, encoding="utf-8")
    return path


def test_protected_values_come_in_the_order_asked_for(clients_file: Path) -> None:
    found = read_protected(clients_file, ("C3", "C9", "C1")).values
    assert found == {"audit_sex": ("m", "", "f"), "audit_tier": ("key", "", "key")}


def test_protected_values_are_none_when_the_file_has_no_such_column(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("client_id\nC1\n", encoding="utf-8")
    assert read_protected(path, ("C1",)).values == {}
    assert is_invariant(path, lambda clients: b"", seed=0) is None
    path.write_text("client_id,audit_sex\n", encoding="utf-8")
    assert is_invariant(path, lambda clients: b"", seed=0) is None
    path.write_text("client_id,audit_sex\nC1,f\n", encoding="utf-8")
    assert read_protected(path, ("C1",)).values == {"audit_sex": ("f",)}


def test_protected_values_are_refused_when_rows_are_broken(tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("client_id,audit_sex\nC1\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2"):
        read_protected(path, ("C1",))


def test_scores_are_invariant_when_they_come_from_the_table(clients_file: Path) -> None:
    assert is_invariant(clients_file, lambda clients: clients.lat.tobytes(), seed=0) is True


def test_scores_are_not_invariant_when_they_peek_at_the_file(
    clients_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Path] = []

    def peeking(path: Path) -> Clients:
        seen.append(path)
        return Clients.from_rows([])

    monkeypatch.setattr("ml.evaluation.protected.read_clients", peeking)
    assert is_invariant(clients_file, lambda _: seen[-1].read_bytes(), seed=0) is False
    assert is_invariant(clients_file, lambda _: b"the same", seed=0) is True


def test_no_other_module_reads_protected_columns_by_name() -> None:
    library = Path(ml.__file__).parent
    quoted = {
        str(path.relative_to(library))
        for path in library.rglob("*.py")
        if any(f"{quote}audit_" in path.read_text(encoding="utf-8") for quote in "\"'")
    }
    # `files` leaves them out of its warning of unknown columns, the simulator writes one.
    assert quoted - {"simulation/files.py", "simulation/records.py"} == {
        "evaluation/protected.py",
        "files.py",
    }
