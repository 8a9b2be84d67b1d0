"""The store: a model comes back as it was, and nothing else is taken for one."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.__main__ import main
from ml.problems import InputError
from ml.store import METADATA_FILE, MODEL_FILE, load_metadata, load_model, save_model
from tests.unit.ml.learned import model_of, past_of


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    save_model(model_of(2400), tmp_path / "m", metadata={"seed": 0, "as_of": "2026-11-24"})
    return tmp_path / "m"


@pytest.mark.parametrize("n", [300, 900, 2400], ids=["expert", "map", "blend"])
def test_model_scores_the_same_when_it_was_kept(tmp_path: Path, n: int) -> None:
    save_model(model_of(n), tmp_path / "m", metadata={})
    back = load_model(tmp_path / "m")
    X = past_of(n).rows().X
    assert np.array_equal(back.predict(X).score, model_of(n).predict(X).score)
    assert back.weights_in_use == model_of(n).weights_in_use
    assert (back.stage, back.n_matured) == (model_of(n).stage, model_of(n).n_matured)


def test_metadata_tells_where_a_model_comes_from(kept: Path) -> None:
    head = load_metadata(kept)
    assert head["as_of"] == "2026-11-24"
    assert head["sha256"] == hashlib.sha256((kept / MODEL_FILE).read_bytes()).hexdigest()
    assert "scikit-learn" in head["libraries"]
    ahead = head["metrics"]["hire_ahead"]
    assert ahead["n"] > 100
    assert 0.5 < ahead["auc"] <= 1
    assert 0 < ahead["log_loss"] < 0.7


def test_metadata_has_no_figures_when_nothing_was_learned(tmp_path: Path) -> None:
    save_model(model_of(300), tmp_path / "m", metadata={})
    assert load_metadata(tmp_path / "m")["metrics"] == {"hire_ahead": {}}
    save_model(model_of(2400), tmp_path / "learned", metadata={})
    assert load_metadata(tmp_path / "learned")["metrics"]["hire_ahead"]["n"] > 100


def _resealed(kept: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads((kept / MODEL_FILE).read_bytes())
    change(content)
    body = json.dumps(content).encode()
    head = json.loads((kept / METADATA_FILE).read_bytes())
    head["sha256"] = hashlib.sha256(body).hexdigest()
    (kept / MODEL_FILE).write_bytes(body)
    (kept / METADATA_FILE).write_text(json.dumps(head))


def _metadata(kept: Path, **changes: Any) -> None:
    head = json.loads((kept / METADATA_FILE).read_bytes())
    (kept / METADATA_FILE).write_text(json.dumps(head | changes))


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda kept: (kept / MODEL_FILE).write_bytes(
        (kept / MODEL_FILE).read_bytes()[:-200]
    ),
    "no-model": lambda kept: (kept / MODEL_FILE).unlink(),
    "no-metadata": lambda kept: (kept / METADATA_FILE).unlink(),
    "pickle": lambda kept: (kept / METADATA_FILE).write_bytes(b"\x80\x04N."),
    "foreign": lambda kept: _metadata(kept, format="other"),
    "list": lambda kept: (kept / METADATA_FILE).write_text("[]"),
    "newer": lambda kept: _metadata(kept, format_version=2),
    "other-features": lambda kept: _resealed(kept, lambda c: c.update(features=["x"])),
    "stage": lambda kept: _resealed(kept, lambda c: c.update(stage="oracle")),
    "no-head": lambda kept: _resealed(kept, lambda c: c.update(hire=None)),
    "short-weights": lambda kept: _resealed(kept, lambda c: c["hire"]["coefficients"].pop()),
    "nan": lambda kept: _resealed(kept, lambda c: c["hire"].update(shift=float("nan"))),
    "nan-weight": lambda kept: _resealed(
        kept, lambda c: c["hire"].update(intercepts=[float("nan")])
    ),
    "negative-slope": lambda kept: _resealed(kept, lambda c: c["hire"].update(slope=-1.0)),
    "partner-twice": lambda kept: _resealed(
        kept, lambda c: c.update(partners=["E"] * len(c["partners"]))
    ),
    "missing-key": lambda kept: _resealed(kept, lambda c: c.pop("sectors")),
    "not-a-mapping": lambda kept: (
        _resealed(kept, lambda c: None),
        (kept / MODEL_FILE).write_text("[]"),
        _metadata(kept, sha256=hashlib.sha256(b"[]").hexdigest()),
    ),
    "tree-feature": lambda kept: _resealed(kept, lambda c: _trees(c).update(feature=[[99] * 7])),
    "tree-threshold": lambda kept: _resealed(
        kept, lambda c: _trees(c).update(threshold=[[0.0] * 6])
    ),
}


def _trees(content: dict[str, Any]) -> dict[str, Any]:
    """Give the hire head trees of one split, whatever training chose."""
    trees: dict[str, Any] = {
        "feature": [[0] * 7],
        "threshold": [[None] * 7],
        "leaf": [[0.0] * 8],
        "base": 0.0,
    }
    content["hire"]["trees"] = trees
    return trees


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_load_refuses_a_directory_when_it_is_damaged_or_foreign(
    kept: Path, damage: Callable[[Path], object]
) -> None:
    assert load_model(kept).n_matured > 0
    damage(kept)
    with pytest.raises(InputError):
        load_model(kept)


def test_load_takes_trees_when_they_are_whole(kept: Path) -> None:
    _resealed(kept, lambda c: _trees(c))
    back = load_model(kept)
    assert back.hire is not None
    assert back.hire.trees is not None


def test_load_refuses_a_file_when_it_is_too_large(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ml.store.MAX_BYTES", 100)
    with pytest.raises(InputError, match="at most 100 bytes"):
        load_model(kept)


def test_save_replaces_a_model_and_leaves_nothing_beside_it(kept: Path) -> None:
    save_model(model_of(300), kept, metadata={})
    assert load_model(kept).stage == "expert"
    assert [path.name for path in kept.parent.iterdir()] == ["m"]


def test_save_refuses_a_target_when_it_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match=r"letter\.txt"):
        save_model(model_of(300), tmp_path / "m", metadata={})
    with pytest.raises(InputError, match="a directory"):
        save_model(model_of(300), tmp_path / "m" / "letter.txt", metadata={})


def test_save_keeps_the_old_model_when_writing_fails(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (kept / MODEL_FILE).read_bytes()
    rename = Path.rename

    def fail(self: Path, target: Any) -> Any:
        if Path(target) == kept and (self / MODEL_FILE).exists() and self.parent == kept.parent:
            raise OSError("disk full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="disk full"):
        save_model(model_of(300), kept, metadata={})
    assert (kept / MODEL_FILE).read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == ["m"]


#: What a person reads, of every way a directory can be no sound model of this version.
SAID = {
    "truncated": "expected the check sum of metadata.json",
    "no-model": "expected a readable file of a model",
    "no-metadata": "expected a readable file of a model",
    "pickle": "expected well-formed JSON",
    "foreign": "expected the metadata of a matchboard-model",
    "newer": "'2': expected format version 1; a later version of this program wrote it",
    "other-features": "expected a model made for these features",
    "missing-key": "expected a whole model",
}


@pytest.mark.parametrize("damage", SAID)
@pytest.mark.parametrize("command", ["rank", "allocate"])
def test_command_ends_with_2_and_says_why_when_a_model_is_not_sound(
    kept: Path, command: str, damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    DAMAGE[damage](kept)
    names = {name: tmp_path / f"{name}.csv" for name in ("clients", "vacancies", "out")}
    past = past_of(300)
    for name, rows in (("clients", past.clients[:2]), ("vacancies", past.vacancies[:2])):
        with names[name].open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    given = [f"--{name}={names[name]}" for name in ("clients", "vacancies", "out")]
    assert main([command, "--model", str(kept), "--as-of", "2026-11-24", *given]) == 2
    said = capsys.readouterr().err
    assert SAID[damage] in said
    assert str(kept) in said or damage == "other-features"
    assert "Traceback" not in said
    assert not names["out"].exists()
