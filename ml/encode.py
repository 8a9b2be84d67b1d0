"""Turn a table of openings into columns: codes into numbers, requirements into bits and lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.cells import EMPLOYMENT_TYPES
from ml.codebook import CodeBook
from ml.columns import (
    CERTIFICATE_BIT,
    COLUMN_TYPES,
    EDUCATION_BIT,
    EMPLOYMENT_BIT,
    EXERTION_BIT,
    FULL_BIT,
    LODGING_BIT,
    N_CERTIFICATE_BITS,
    OVERFLOW_BIT,
    ROLLING,
    SHIFT_BIT,
    Lists,
    OpeningColumns,
)
from ml.geo import unit_vectors
from ml.licences import OBTAINABLE
from ml.ragged import Ragged
from ml.schema import NO_DAY, Vacancies
from ml.statics import BASE_HIRE, BASE_RETAINED, STABILITY, log_places, partner_shift
from ml.text import TextModel

N_LEVEL_CODES = 6
FULL_TIME = EMPLOYMENT_TYPES.index("full_time")

Suggest = Callable[[Sequence[str]], Sequence[str]]
ReadSkills = Callable[[str], Sequence[str]]
Words = npt.NDArray[np.uint64]
SUGGESTED_OCCUPATION, READ_SKILLS = 1, 2
MOST_READ_SKILLS = 6


class Encoder:
    """Encode openings with one code book, one text model and one meaning of the certificate bits.

    Parameters
    ----------
    book : CodeBook
        Grows by the codes it has not seen.
    text_model : TextModel
    suggest : callable, optional
        From titles to occupation codes, empty where unsure; asked where an opening has none.
    read_skills : callable, optional
        From words to skill codes; what an opening without stated skills says counts as preferred,
        so that it never excludes anybody.
    """

    def __init__(
        self,
        book: CodeBook,
        text_model: TextModel,
        suggest: Suggest | None = None,
        read_skills: ReadSkills | None = None,
    ) -> None:
        self.book = book
        self.text_model = text_model
        self.suggest = suggest
        self.read_skills = read_skills
        self.certificate_bits: dict[int, int] = {}

    @property
    def stamp(self) -> tuple[int, int, int]:
        """Return how many codes are known: it changes when older queries become incomplete."""
        return len(self.book.occupations), len(self.book.skills), len(self.certificate_bits)

    def encode(self, table: Vacancies) -> OpeningColumns:
        """Return the table's openings as columns, in the table's order."""
        occupation, suggested = self._occupations(table)
        read = self._read_skills(table)
        profile, skills, certificates, bits = self._profiles(table, read)
        title, grams = self._titles(table)
        employment = np.where(table.employment_type < 0, FULL_TIME, table.employment_type)
        places = np.where(table.places_left == NO_DAY, table.headcount, table.places_left)
        columns: dict[str, Any] = {
            "word": _words(table, employment, places) | bits[profile],
            "open_day": np.maximum(table.open_on, 0),
            "close_day": np.where(table.close_on == NO_DAY, ROLLING, table.close_on),
            "lat": np.where(np.isnan(table.lon), np.nan, table.lat),
            "lon": np.where(np.isnan(table.lat), np.nan, table.lon),
            "occupation": occupation,
            "suggested": suggested | np.array([READ_SKILLS * bool(one) for one in read], np.int8),
            "profile": profile,
            "title": title,
            "wage": _middle(table.wage_min_cny_month, table.wage_max_cny_month),
            "places": np.minimum(places, 65_535),
            "education_min": table.education_min,
            "exertion": table.exertion,
            "shift": table.shift,
            "lodging": table.lodging_provided,
            "employment": employment,
            "employment_stated": table.employment_type >= 0,
            "partner_hire": table.partner_hire,
            "partner_retained": table.partner_retained,
            "partner_n": np.minimum(table.partner_n, 65_535),
        }
        columns["x"], columns["y"], columns["z"] = unit_vectors(columns["lat"], columns["lon"])
        columns |= {
            "stability": STABILITY[employment],
            "partner_hire_shift": partner_shift(table.partner_hire, table.partner_n, BASE_HIRE),
            "partner_retained_shift": partner_shift(
                table.partner_retained, table.partner_n, BASE_RETAINED
            ),
            "log_n": np.log1p(columns["partner_n"]),
            "log_places": log_places(columns["places"]),
        }
        typed: dict[str, Any] = {
            name: np.ascontiguousarray(columns[name], dtype=kind)
            for name, kind in COLUMN_TYPES.items()
        }
        return OpeningColumns(
            **typed,
            skills=skills,
            certificates=certificates,
            title_grams=grams,
        )

    def _occupations(self, table: Vacancies) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int8]]:
        codes = list(table.occupation)
        suggested = np.zeros(len(codes), dtype=np.int8)
        if self.suggest is not None and not all(codes):
            blanks = [i for i, code in enumerate(codes) if not code and table.title[i]]
            found = self.suggest([table.title[i] for i in blanks])
            for i, code in zip(blanks, found, strict=True):
                codes[i] = code
                suggested[i] = SUGGESTED_OCCUPATION * bool(code)
        numbers = [self.book.occupation_id(code) for code in codes]
        return np.array(numbers, dtype=np.uint16), suggested

    def _read_skills(self, table: Vacancies) -> list[tuple[int, ...]]:
        """Return the packed preferred skills read from each opening that requires none."""
        found: list[tuple[int, ...]] = [()] * len(table.title)
        if self.read_skills is None:
            return found
        stated = table.skills_required.offsets[1:] > table.skills_required.offsets[:-1]
        known: dict[str, tuple[int, ...]] = {}
        for i in np.flatnonzero(~stated).tolist():
            words = f"{table.title[i]}\n{table.text[i]}".strip()
            if words not in known:
                codes = self.read_skills(words)[:MOST_READ_SKILLS]
                ids = (self.book.skill_id(code) for code in codes)
                known[words] = tuple(sorted(number * N_LEVEL_CODES * 2 + 1 for number in ids))
            found[i] = known[words]
        return found

    def _profiles(
        self, table: Vacancies, read: Sequence[tuple[int, ...]]
    ) -> tuple[npt.NDArray[np.int32], Lists, Lists, Words]:
        preferred = zip(self._skills(table.skills_preferred, 1), read, strict=True)
        parts = zip(
            self._skills(table.skills_required, 0),
            [_joined(stated, found) for stated, found in preferred],
            self._certificates(table.certificates_required),
            strict=True,
        )
        numbers: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        rows = [
            numbers.setdefault((required + preferred, certificates), len(numbers))
            for required, preferred, certificates in parts
        ]
        bits = [self._certificate_word(certificates) for _, certificates in numbers]
        return (
            np.array(rows, dtype=np.int32),
            _lists([skills for skills, _ in numbers]),
            _lists([certificates for _, certificates in numbers]),
            np.array(bits, dtype=np.uint64),
        )

    def _skills(self, lists: Ragged, is_preferred: int) -> list[tuple[int, ...]]:
        ids = [self.book.skill_id(code) for code in lists.lexicon]
        numbers = np.array(ids, dtype=np.int64)[lists.codes]
        packed = (numbers * N_LEVEL_CODES + lists.values.astype(np.int64)) * 2 + is_preferred
        return _by_row(lists, packed)

    def _certificates(self, lists: Ragged) -> list[tuple[int, ...]]:
        ids = [-1 if code in OBTAINABLE else self.book.skill_id(code) for code in lists.lexicon]
        return _by_row(lists, np.array(ids, dtype=np.int64)[lists.codes])

    def _certificate_word(self, certificates: Sequence[int]) -> int:
        word = 0
        for certificate in certificates:
            bit = self.certificate_bits.get(certificate)
            if bit is None and len(self.certificate_bits) < N_CERTIFICATE_BITS:
                bit = self.certificate_bits[certificate] = len(self.certificate_bits)
            word |= 1 << (OVERFLOW_BIT if bit is None else CERTIFICATE_BIT + bit)
        return word

    def _titles(self, table: Vacancies) -> tuple[npt.NDArray[np.int32], Lists]:
        numbers: dict[str, int] = {}
        rows = [numbers.setdefault(title, len(numbers)) for title in table.title]
        grams = [self.text_model.title_grams(title) for title in numbers]
        ends = np.cumsum([0, *(len(ids) for ids, _ in grams)])
        ids = np.concatenate([np.zeros(0, np.uint16), *(ids for ids, _ in grams)])
        weights = np.concatenate([np.zeros(0, np.uint16), *(sizes for _, sizes in grams)])
        lists = Lists(ends.astype(np.int32), ids.astype(np.uint16), weights.astype(np.uint16))
        return np.array(rows, dtype=np.int32), lists


def _words(table: Vacancies, employment: npt.NDArray[Any], places: npt.NDArray[Any]) -> Words:
    word = _one_hot(table.shift, SHIFT_BIT)
    word |= _one_hot(table.exertion.astype(np.int16) - 1, EXERTION_BIT)
    word |= _one_hot(table.education_min.astype(np.int16) - 1, EDUCATION_BIT)
    word |= _one_hot(employment, EMPLOYMENT_BIT)
    word |= (places < 1).astype(np.uint64) << np.uint64(FULL_BIT)
    word |= (table.lodging_provided == 1).astype(np.uint64) << np.uint64(LODGING_BIT)
    return word


def _one_hot(values: npt.NDArray[Any], first_bit: int) -> Words:
    stated = values >= 0
    bits = np.where(stated, values, 0).astype(np.uint64) + np.uint64(first_bit)
    word: Words = np.where(stated, np.uint64(1) << bits, np.uint64(0)).astype(np.uint64)
    return word


def _middle(low: npt.NDArray[np.float32], high: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    first = np.where(np.isnan(low), high, low)
    last = np.where(np.isnan(high), low, high)
    return ((first + last) / np.float32(2)).astype(np.float32)


def _by_row(lists: Ragged, numbers: npt.NDArray[np.int64]) -> list[tuple[int, ...]]:
    flat, ends = numbers.tolist(), lists.offsets.tolist()
    return [
        tuple(sorted(entry for entry in flat[start:end] if entry >= 0)) if end > start else ()
        for start, end in pairwise(ends)
    ]


def _joined(stated: tuple[int, ...], read: tuple[int, ...]) -> tuple[int, ...]:
    """Return stated skills and those read that are not among them."""
    if not read:
        return stated
    skills = {entry // (2 * N_LEVEL_CODES) for entry in stated}
    return stated + tuple(entry for entry in read if entry // (2 * N_LEVEL_CODES) not in skills)


def _lists(lists: Sequence[Sequence[int]]) -> Lists:
    ends = np.cumsum([0, *(len(entries) for entries in lists)]).astype(np.int32)
    flat = np.array([entry for entries in lists for entry in entries], dtype=np.int32)
    return Lists(ends, flat, np.zeros(0, dtype=np.uint8))
