"""Build the package: compile the catalogues first, so that every wheel speaks every language.

The compiled files are not kept in the repository; setuptools alone would build a wheel without.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - the hooks it has are the hooks we have

CATALOGUES = Path(__file__).resolve().parents[1] / "matchboard/translations"


def build_wheel(*args: Any, **kwargs: Any) -> str:
    """Build a wheel with compiled catalogues."""
    _compile()
    return build_meta.build_wheel(*args, **kwargs)


def build_sdist(*args: Any, **kwargs: Any) -> str:
    """Build a source archive; a wheel made from it finds the catalogues compiled, too."""
    _compile()
    return build_meta.build_sdist(*args, **kwargs)


def _compile() -> None:
    for source in CATALOGUES.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as target:
            write_mo(target, catalogue)
