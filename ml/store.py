"""Keep a learned model in a directory: numbers as JSON, nothing that could run, and a check sum.

``model.json`` holds the numbers, ``metadata.json`` where they come from and the SHA-256 of the
former. No object is ever unpickled: a foreign file can be refused, but it cannot do anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import sklearn

from ml.features import FEATURES
from ml.learning.head import Head
from ml.learning.logistic import Linear
from ml.learning.model import LearnedModel
from ml.learning.outcomes import N_INTERVALS
from ml.learning.partners import Numbering, PartnerTable
from ml.learning.trees import DEPTH, Trees
from ml.problems import InputError, Problem

FORMAT = "matchboard-model"
FORMAT_VERSION = 1
MODEL_FILE, METADATA_FILE = "model.json", "metadata.json"
STAGES = ("expert", "map", "blend")
MAX_BYTES = 256 * 1024 * 1024

Json = Any


def save_model(
    model: LearnedModel,
    directory: Path | str,
    *,
    metadata: Mapping[str, object],
    metrics: Mapping[str, object] | None = None,
) -> None:
    """Write a model in one step: a reader sees the old directory or the whole new one.

    Parameters
    ----------
    model : LearnedModel
    directory : path
        Replaced if it holds a model; refused if it holds anything else.
    metadata : mapping
        What the caller knows of it: as-of day, seed, hash of the data; JSON values. ``metrics``
        stand in for those of training's own rolling-origin check.

    Raises
    ------
    InputError
        When the directory holds something that is not a model.
    OSError
        When it cannot be written; nothing is left behind.
    """
    target = Path(directory)
    _check_target(target)
    body = _text(_model_json(model))
    head = {
        **metadata,
        "metrics": {"hire_ahead": rounded(model.ahead), **(metrics or {})},
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "sha256": hashlib.sha256(body).hexdigest(),
        "stage": model.stage,
        "n_matured": model.n_matured,
        "libraries": library_versions(),
    }
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        (fresh / MODEL_FILE).write_bytes(body)
        (fresh / METADATA_FILE).write_bytes(_text(head))
        umask = os.umask(0)
        os.umask(umask)
        fresh.chmod(0o777 & ~umask)
        _swap(fresh, target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def load_model(directory: Path | str) -> LearnedModel:
    """Read a model.

    Raises
    ------
    InputError
        When the directory holds no model, a damaged one, one of a later format, or one made for
        other features.
    """
    base = Path(directory)
    load_metadata(base)
    content = _parsed(base / MODEL_FILE)
    try:
        return _model_of(content)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise _refused(base / MODEL_FILE, type(error).__name__, "a whole model") from error


def load_metadata(directory: Path | str) -> dict[str, Any]:
    """Read what is known of a model, and check that its numbers are those written with it.

    Raises
    ------
    InputError
        As `load_model`.
    """
    base = Path(directory)
    head = _parsed(base / METADATA_FILE)
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise _refused(base / METADATA_FILE, "", f"the metadata of a {FORMAT}")
    version = head.get("format_version")
    if version != FORMAT_VERSION:
        newer = isinstance(version, int) and version > FORMAT_VERSION
        hint = "; a later version of this program wrote it" if newer else ""
        expected = f"format version {FORMAT_VERSION}{hint}"
        raise _refused(base / METADATA_FILE, str(version), expected)
    found = hashlib.sha256(_bytes(base / MODEL_FILE)).hexdigest()
    if found != head.get("sha256"):
        raise _refused(
            base / MODEL_FILE,
            found[:12],
            f"the check sum of {METADATA_FILE}",
        )
    return head


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """Return figures without the digits that nobody reads.

    >>> rounded({"n": 31, "auc": 0.12345678})
    {'n': 31, 'auc': 0.123457}
    """
    return {name: round(value, 6) for name, value in figures.items()}


def library_versions() -> dict[str, str]:
    """Return the versions a model depends on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def _check_target(target: Path) -> None:
    if target.is_dir():
        foreign = sorted({entry.name for entry in target.iterdir()} - {MODEL_FILE, METADATA_FILE})
        if foreign:
            raise _refused(target, foreign[0], "a new, empty or model directory")
    elif target.exists():
        raise _refused(target, "", "a directory")


def _swap(fresh: Path, target: Path) -> None:
    if not target.exists():
        fresh.rename(target)
        return
    old = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    target.rename(old / target.name)
    try:
        fresh.rename(target)
    except BaseException:
        (old / target.name).rename(target)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _model_json(model: LearnedModel) -> Json:
    records = model.partners
    return {
        "features": [feature.name for feature in FEATURES],
        "stage": model.stage,
        "n_matured": model.n_matured,
        "partners": list(records.numbering.partners),
        "sectors": list(records.numbering.sectors),
        "record_hire": records.hire.tolist(),
        "record_retained": records.retained.tolist(),
        "record_n": records.n.tolist(),
        "sector_hire": records.sector_hire.tolist(),
        "sector_retained": records.sector_retained.tolist(),
        "hire": _head_json(model.hire),
        "retained": _head_json(model.retained),
    }


def _head_json(head: Head | None) -> Json:
    if head is None:
        return None
    trees = head.trees
    return {
        "coefficients": head.linear.coefficients.tolist(),
        "intercepts": head.linear.intercepts.tolist(),
        "tree_share": head.tree_share,
        "slope": head.slope,
        "shift": head.shift,
        "trees": None
        if trees is None
        else {
            "feature": trees.feature.tolist(),
            "threshold": [[None if np.isinf(x) else x for x in row] for row in trees.threshold],
            "leaf": trees.leaf.tolist(),
            "base": trees.base,
        },
    }


def _model_of(content: Json) -> LearnedModel:
    names = [feature.name for feature in FEATURES]
    if content["features"] != names:
        raise InputError(
            [Problem(MODEL_FILE, None, None, "features", "a model made for these features")]
        )
    stage = content["stage"]
    if stage not in STAGES or (content["hire"] is None) != (stage == "expert"):
        raise ValueError(stage)
    partners, sectors = content["partners"], content["sectors"]
    records = PartnerTable(
        numbering=Numbering(_numbered(partners), _numbered(sectors)),
        hire=_numbers(content["record_hire"], (len(partners), 2)),
        retained=_numbers(content["record_retained"], (len(partners), 2)),
        sector_hire=_numbers(content["sector_hire"], (len(sectors) + 1,)),
        sector_retained=_numbers(content["sector_retained"], (len(sectors) + 1,)),
        n=_numbers(content["record_n"], (len(partners),)).astype(np.int64),
    )
    return LearnedModel(
        stage=stage,
        n_matured=int(content["n_matured"]),
        partners=records,
        hire=_head_of(content["hire"], 1),
        retained=_head_of(content["retained"], N_INTERVALS),
    )


def _head_of(content: Json, n_intercepts: int) -> Head | None:
    if content is None:
        return None
    slope, share = float(content["slope"]), float(content["tree_share"])
    if not (slope > 0 and 0 <= share <= 1 and np.isfinite(float(content["shift"]))):
        raise ValueError(slope)
    return Head(
        linear=Linear(
            _numbers(content["coefficients"], (len(FEATURES),)),
            _numbers(content["intercepts"], (n_intercepts,)),
        ),
        trees=_trees_of(content["trees"]),
        tree_share=share,
        slope=slope,
        shift=float(content["shift"]),
    )


def _trees_of(content: Json) -> Trees | None:
    if content is None:
        return None
    n_trees, n_splits = len(content["feature"]), 2**DEPTH - 1
    feature = _numbers(content["feature"], (n_trees, n_splits)).astype(np.int16)
    if (feature < 0).any() or (feature > len(FEATURES)).any():
        raise ValueError("feature")
    threshold = [[np.inf if x is None else x for x in row] for row in content["threshold"]]
    split = np.array(threshold, dtype=np.float64)
    if split.shape != (n_trees, n_splits) or np.isnan(split).any():
        raise ValueError("threshold")
    leaf = _numbers(content["leaf"], (n_trees, 2**DEPTH))
    return Trees(feature, split, leaf, float(content["base"]))


def _numbers(values: Json, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    found = np.array(values, dtype=np.float64).reshape(shape)
    if not np.isfinite(found).all():
        raise ValueError("a number that is not finite")
    return found


def _numbered(names: Json) -> dict[str, int]:
    found = {str(name): number for number, name in enumerate(names)}
    if len(found) != len(names):
        raise ValueError("a name twice")
    return found


def _text(content: Json) -> bytes:
    shown = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return (shown + "\n").encode()


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _refused(path, str(path.stat().st_size), f"at most {MAX_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refused(path, reason, "a readable file of a model") from error


def _parsed(path: Path) -> Json:
    try:
        return json.loads(_bytes(path))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise _refused(path, type(error).__name__, "well-formed JSON") from error


def _refused(path: Path, value: str, expected: str) -> InputError:
    return InputError([Problem(str(path), None, None, value, expected)])
