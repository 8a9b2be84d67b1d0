"""The model that speaks: the promoted one, loaded once per process, or the expert formula."""

from __future__ import annotations

import hashlib
import io
import logging
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from matchboard.services import ranking_models
from ml.baseline import ExpertBaseline, Model
from ml.problems import InputError
from ml.schema import Vacancies
from ml.store import load_model

logger = logging.getLogger(__name__)

#: A stored moment of no meaning: the same model gives the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class DamagedModel(ValueError):
    """The stored bytes are not the model that was registered."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A model under the name it is registered by, and what openings need before it scores them."""

    name: str
    model: Model
    prepare: Callable[[Vacancies], Vacancies]


FORMULA = Speaker(ExpertBaseline.name, ExpertBaseline(), lambda vacancies: vacancies)


def speaker() -> Speaker:
    """Return who speaks now: one small statement, and once per process and model a load.

    A model that cannot be loaded does not stop the work: the formula speaks, visibly labelled, and
    the defect is logged.
    """
    active = ranking_models.active()
    if active is None:
        return FORMULA
    try:
        return _load(active.name, active.sha256)
    except DamagedModel:
        logger.exception("ranking model %s cannot be loaded, the formula speaks", active.name)
        return FORMULA


@lru_cache(maxsize=2)
def _load(name: str, sha256: str) -> Speaker:
    content = ranking_models.artefact_of(name)
    if digest_of(content) != sha256:
        raise DamagedModel(name)
    with tempfile.TemporaryDirectory() as directory:
        try:
            unpack(content, Path(directory))
            model = load_model(Path(directory))
        except (InputError, zipfile.BadZipFile) as error:
            raise DamagedModel(name) from error
    return Speaker(name, model, model.prepare)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of stored bytes."""
    return hashlib.sha256(content).hexdigest()


def pack(directory: Path) -> bytes:
    """Return a directory's files as one archive; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(directory.iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name, _NO_TIME), path.read_bytes())
    return buffer.getvalue()


def unpack(content: bytes, directory: Path) -> None:
    """Write an archive's files into a directory.

    Raises
    ------
    DamagedModel
        If a name leads elsewhere.
    zipfile.BadZipFile
        If it is no archive.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if Path(name).name != name:
                raise DamagedModel(name)
            (directory / name).write_bytes(archive.read(name))
