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
    PROFILE_LISTS,
    ROLLING,
    SHIFT_BIT,
    Lists,
    OpeningColumns,
)
from ml.geo import unit_vectors
from ml.licences import OBTAINABLE
from ml.ragged import Ragged
from ml.schema import NO_DAY, Vacancies
from ml.statics import BASE_HIRE, BASE_RETAINED, STABILITY, log_places, partner_odds, partner_shift
from ml.text import TextModel, mask_custody

N_LEVEL_CODES = 6
FULL_TIME = EMPLOYMENT_TYPES.index("full_time")

Suggest = Callable[[Sequence[str]], Sequence[str]]
Mentioned = Callable[[str], Sequence[str]]
Words = npt.NDArray[np.uint64]


class Encoder:
    """Encode openings with one code book, one text model and one meaning of the certificate bits.

    Parameters
    ----------
    book : CodeBook
        Grows by the codes it has not seen.
    text_model : TextModel
    suggest : callable, optional
        From titles to occupation codes, empty where unsure; asked where an opening has none.
    mentioned : callable, optional
        From a text to the skills named in it; asked where an opening states none.
    """

    def __init__(
        self,
        book: CodeBook,
        text_model: TextModel,
        suggest: Suggest | None = None,
        mentioned: Mentioned | None = None,
    ) -> None:
        self.book = book
        self.text_model = text_model
        self.suggest = suggest
        self.mentioned = mentioned
        self.certificate_bits: dict[int, int] = {}

    @property
    def stamp(self) -> tuple[int, int, int]:
        """Return how many codes are known: it changes when older queries become incomplete."""
        return len(self.book.occupations), len(self.book.skills), len(self.certificate_bits)

    def encode(self, table: Vacancies) -> OpeningColumns:
        """Return the table's openings as columns, in the table's order."""
        occupation, titled, suggested = self._occupations(table)
        profile, lists, bits = self._profiles(table)
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
            "titled": titled,
            "suggested": suggested,
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
            "partner_hire_odds": partner_odds(table.partner_hire, BASE_HIRE),
            "partner_retained_odds": partner_odds(table.partner_retained, BASE_RETAINED),
        }
        typed: dict[str, Any] = {
            name: np.ascontiguousarray(columns[name], dtype=kind)
            for name, kind in COLUMN_TYPES.items()
        }
        return OpeningColumns(
            **typed,
            skills=lists["skills"],
            certificates=lists["certificates"],
            mentions=lists["mentions"],
            title_grams=grams,
        )

    def _occupations(
        self, table: Vacancies
    ) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16], npt.NDArray[np.int8]]:
        """Return the occupation coded, or suggested where none is, and the one of the title."""
        named = [""] * len(table) if self.suggest is None else self.suggest(table.title)
        pairs = list(zip(table.occupation, named, strict=True))
        suggested = np.array([bool(name and not code) for code, name in pairs], dtype=np.int8)
        coded = [self.book.occupation_id(code or name) for code, name in pairs]
        titled = [self.book.occupation_id(name or code) for code, name in pairs]
        return np.array(coded, dtype=np.uint16), np.array(titled, dtype=np.uint16), suggested

    def _profiles(self, table: Vacancies) -> tuple[npt.NDArray[np.int32], dict[str, Lists], Words]:
        parts = zip(
            self._skills(table.skills_required, 0),
            self._skills(table.skills_preferred, 1),
            self._certificates(table.certificates_required),
            self._mentions(table),
            strict=True,
        )
        numbers: dict[tuple[tuple[int, ...], ...], int] = {}
        rows = [
            numbers.setdefault((required + preferred, *others), len(numbers))
            for required, preferred, *others in parts
        ]
        bits = [self._certificate_word(certificates) for _, certificates, _ in numbers]
        lists = {
            name: _lists([profile[place] for profile in numbers])
            for place, name in enumerate(PROFILE_LISTS)
        }
        return np.array(rows, dtype=np.int32), lists, np.array(bits, dtype=np.uint64)

    def _mentions(self, table: Vacancies) -> list[tuple[int, ...]]:
        """Return the skills that openings without required skills name in their words."""
        found: list[tuple[int, ...]] = [()] * len(table)
        if self.mentioned is None:
            return found
        for i in np.flatnonzero(np.diff(table.skills_required.offsets) == 0).tolist():
            words = mask_custody(f"{table.title[i]}，{table.text[i]}")
            codes = self.mentioned(words) if words else ()
            found[i] = tuple(sorted({self.book.skill_id(c) * N_LEVEL_CODES for c in codes}))
        return found

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


def _lists(lists: Sequence[Sequence[int]]) -> Lists:
    ends = np.cumsum([0, *(len(entries) for entries in lists)]).astype(np.int32)
    flat = np.array([entry for entries in lists for entry in entries], dtype=np.int32)
    return Lists(ends, flat, np.zeros(0, dtype=np.uint8))
