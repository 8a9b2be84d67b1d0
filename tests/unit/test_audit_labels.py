"""Every verb the source records has words, and no word is for a verb nobody records."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

import matchboard
from matchboard.domain.organisation import PARTNER_STEPS
from matchboard.domain.placement import TRANSITIONS
from matchboard.domain.training import ENROLMENT_STEPS
from matchboard.domain.vacancy import VACANCY_STEPS
from matchboard.labels.audit import VERBS, find_words, verb_words

PACKAGE = Path(matchboard.__file__).parent
MIGRATIONS = PACKAGE / "migrations"
#: The verb of an entry where it is written, and the few verbs handed on to the writer.
WRITTEN = re.compile(r'audit\.record(?:_[a-z_]+)?\(\s*"([a-z_]+\.[a-z_]+)"')
MIGRATED = re.compile(r'(?:verb=|append\(connection, )"([a-z_]+\.[a-z_]+)"')
KINDS = "audit|course|enrolment|partner|personal_link|client|placement"
HANDED_ON = re.compile(rf'"((?:{KINDS})\.[a-z_]+)"')


def written_verbs() -> set[str]:
    """Return the verbs in the text of the source."""
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    migrations = [path.read_text("utf-8") for path in MIGRATIONS.rglob("*.py")]
    services = [path.read_text("utf-8") for path in (PACKAGE / "services").glob("*.py")]
    return {
        *chain.from_iterable(WRITTEN.findall(text) for text in texts),
        *chain.from_iterable(MIGRATED.findall(text) for text in migrations),
        *chain.from_iterable(HANDED_ON.findall(text) for text in services),
    }


STEPS = [
    *(f"partner.{step}" for step in PARTNER_STEPS),
    *(f"placement.{step}" for step in TRANSITIONS),
    *(f"enrolment.{step}" for step in ENROLMENT_STEPS),
    *(f"vacancy.{step}" for step in VACANCY_STEPS),
]


@pytest.mark.parametrize("verb", sorted({*written_verbs(), *STEPS}))
def test_verb_has_words_when_the_log_may_hold_it(verb: str) -> None:
    assert find_words(verb) is not None


def test_words_are_kept_only_for_verbs_that_are_recorded() -> None:
    assert len(VERBS) > 50
    assert set(VERBS) - written_verbs() == set()


def test_verb_stays_a_code_when_nobody_knows_it() -> None:
    assert verb_words("vacancy.juggle") == "vacancy.juggle"
