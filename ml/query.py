"""One client made ready to be compared with many openings: masks, look-up tables, numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.beliefs import SHARES, UNKNOWN_LEVEL, Belief, Believer
from ml.codebook import CodeBook
from ml.columns import (
    CERTIFICATE_BIT,
    EDUCATION_BIT,
    EMPLOYMENT_BIT,
    EXERTION_BIT,
    FULL_BIT,
    LODGING_BIT,
    REMOVED_BIT,
    SHIFT_BIT,
)
from ml.encode import N_LEVEL_CODES, Encoder
from ml.experience_words import ExperienceReader
from ml.geo import unit_vectors
from ml.licences import with_included
from ml.policy import GatePolicy
from ml.schema import Clients
from ml.skill_words import SkillMatcher
from ml.text import mask_custody
from ml.trades import Trades
from ml.work import experience_of, practice_of, recency, sector_of, wish_of, with_written, worked_of

# Credit in thousandths of a requirement met, by the client's level (0 none, 1-5, 6 stated without
# a level, 7 only mentioned in the text) and the required level (0 none stated, 1-5). A stated skill
# is worth more than a mentioned one at any level, so recording it never lowers a score.
FULL_CREDIT = 1000
CREDIT_BITS, COUNT_BITS = 20, 10
PREFERRED_SHIFT = CREDIT_BITS + COUNT_BITS
MENTIONED = 7


def _credits() -> npt.NDArray[np.int64]:
    table = np.zeros((8, N_LEVEL_CODES), dtype=np.int64)
    for level in range(1, 6):
        for required in range(N_LEVEL_CODES):
            share = min(1.0, level / required) if required else 1.0
            table[level, required] = round(FULL_CREDIT * (0.5 + 0.5 * share))
    table[UNKNOWN_LEVEL] = [1000, 1000, 950, 900, 850, 800]
    table[MENTIONED] = 500
    return table


CREDITS = _credits()


@dataclass(frozen=True, slots=True, eq=False)
class ClientQuery:
    """Hold what gates and features ask about one client.

    Attributes
    ----------
    client_id : str
    lat, lon : float
        Degrees; NaN unknown.
    point : float64, shape (3,)
        The place on the unit sphere; NaN unknown.
    max_commute_km : float
        The person's own or the policy's.
    lodging : int
        1 needs or accepts, 0 refuses, -1 unknown and treated as accepts.
    forbidden : int
        Bits of `OpeningColumns.word` that exclude.
    ready_day, as_of_day : int
        Days since 1970; ready is the later of the as-of date and the day the person is available.
    education, exertion_max, shifts_ok, employment_ok : int
        As in the file; -1, 0, 0, 0 unknown.
    wage_expected : float
        CNY a month; NaN unknown.
    certificates : frozenset of str or None
        Held or included in one held; None unknown.
    held : frozenset of int
        The same as code book numbers.
    barred : bool array, shape (n_occupations,), or None
    desired : bool array, shape (n_occupations,), or None
    experience, sector : float32, shape (n_occupations,)
        Experience in the occupation itself or near it, and in its branch, from 0 to 1.
    practice, worked : float32, shape (n_occupations,)
        Experience by codes and words together; how near the work done is, however long it was.
    trade, wish : float32, shape (n_occupations,)
        How well the skills make the occupation known, and how near it is to one wished for.
    belief : Belief
        What the person can probably do.
    skills_known, experience_known : float
        1 where any is recorded or named, else 0.
    credit : int64, shape (n_skills * 6,)
        Thousandths of a requirement met, by skill and required level.
    packed : int64, shape (n_skills * 12,)
        The same for entries of `OpeningColumns.skills`, see `pack_credit`.
    grams : uint8, shape (n_grams,) or (0,)
        1 for each character n-gram of the text; empty without text.
    training_recency : float
        1 on the day a course after release ended, about a third a year later; 0 none.
    stamp : tuple of int
        State of the encoder the query was made for; a later state refuses it.
    assumed, missing : tuple of str
        Fields where policy stands in, and fields whose value would sharpen the result.
    """

    client_id: str
    lat: float
    lon: float
    point: npt.NDArray[np.float64]
    max_commute_km: float
    lodging: int
    forbidden: int
    ready_day: int
    as_of_day: int
    education: int
    exertion_max: int
    shifts_ok: int
    employment_ok: int
    wage_expected: float
    certificates: frozenset[str] | None
    held: frozenset[int]
    barred: npt.NDArray[np.bool_] | None
    desired: npt.NDArray[np.bool_] | None
    experience: npt.NDArray[np.float32]
    sector: npt.NDArray[np.float32]
    practice: npt.NDArray[np.float32]
    worked: npt.NDArray[np.float32]
    belief: Belief
    trade: npt.NDArray[np.float32]
    wish: npt.NDArray[np.float32]
    skills_known: float
    experience_known: float
    credit: npt.NDArray[np.int64]
    packed: npt.NDArray[np.int64]
    grams: npt.NDArray[np.uint8]
    training_recency: float
    stamp: tuple[int, int, int]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def accepts_lodging(self) -> bool:
        """Tell whether the person may be offered a bed: not refused."""
        return self.lodging != 0

    @property
    def bed_mask(self) -> np.uint64:
        """Return the bit of `OpeningColumns.word` that stands for a bed the person would take."""
        return np.uint64(self.accepts_lodging << LODGING_BIT)


class QueryMaker:
    """Prepare clients for the openings of one encoder.

    Parameters
    ----------
    encoder : Encoder
        A query is valid until the code book grows; make it anew after openings were added.
    aliases : SkillMatcher
        Words for skills, looked for in the client's text.
    policy : GatePolicy
    as_of_day : int
        Days since 1970.
    trades : Trades
    experience : ExperienceReader
        Words for work, looked for in the client's text.
    believer : Believer
    """

    def __init__(
        self,
        encoder: Encoder,
        aliases: SkillMatcher,
        policy: GatePolicy,
        as_of_day: int,
        trades: Trades,
        experience: ExperienceReader,
        believer: Believer,
    ) -> None:
        self.encoder = encoder
        self.aliases = aliases
        self.policy = policy
        self.as_of_day = as_of_day
        self.trades = trades
        self.experience = experience
        self.believer = believer

    def make(self, clients: Clients, i: int) -> ClientQuery:
        """Return client `i` of a table as a query."""
        book = self.encoder.book
        masked = mask_custody(clients.text[i])
        certificates = (
            with_included(code for code, _ in clients.certificates.row(i))
            if clients.certificates.known[i]
            else None
        )
        held = frozenset(
            number
            for code in certificates or ()
            if (number := book.known_skill_id(code)) is not None
        )
        commute = float(clients.max_commute_km[i])
        lat, lon = float(clients.lat[i]), float(clients.lon[i])
        placed = not math.isnan(lat) and not math.isnan(lon)
        available = int(clients.available_on[i])
        experience = clients.experience.row(i)
        told = self.experience.read(masked) if masked else []
        written = [] if experience else told
        assumed = ["max_commute_km"] if math.isnan(commute) else []
        assumed += ["needs_lodging"] if clients.needs_lodging[i] < 0 else []
        assumed += ["experience"] if written else []
        skills = self._told(clients.skills.row(i), masked)
        credit = self._credit(skills)
        worked = worked_of(book, [*experience, *told], clients.desired_occupations.row(i))
        return ClientQuery(
            client_id=clients.client_id[i],
            lat=lat if placed else math.nan,
            lon=lon if placed else math.nan,
            point=unit_vectors(lat, lon),
            max_commute_km=self.policy.default_commute_km if math.isnan(commute) else commute,
            lodging=int(clients.needs_lodging[i]),
            forbidden=self._forbidden(clients, i, held, certificates is not None),
            ready_day=max(self.as_of_day, available),
            as_of_day=self.as_of_day,
            education=int(clients.education[i]),
            exertion_max=int(clients.exertion_max[i]),
            shifts_ok=int(clients.shifts_ok[i]),
            employment_ok=int(clients.employment_types_ok[i]),
            wage_expected=float(clients.wage_expected_cny_month[i]),
            certificates=certificates,
            held=held,
            barred=_any_covered(book, clients.barred_occupations.row(i)),
            desired=_any_covered(book, clients.desired_occupations.row(i)),
            experience=with_written(experience_of(book, experience), experience_of(book, written)),
            sector=with_written(sector_of(book, experience), sector_of(book, written)),
            practice=practice_of(experience_of(book, experience), experience_of(book, told)),
            worked=worked,
            belief=self.believer.believe(_believed(skills), worked, book),
            trade=self._trade(credit),
            wish=wish_of(book, clients.desired_occupations.row(i)),
            skills_known=float(credit.any()),
            experience_known=float(bool(experience or written)),
            credit=credit,
            packed=pack_credit(credit),
            grams=self._grams(masked),
            training_recency=float(
                recency(int(clients.trained_on[i]), np.array([self.as_of_day]))[0]
            ),
            stamp=self.encoder.stamp,
            assumed=tuple(assumed),
            missing=_missing(clients, i, placed),
        )

    def with_course(
        self,
        query: ClientQuery,
        skills: Iterable[tuple[str, float]],
        certificates: Iterable[str],
    ) -> ClientQuery:
        """Return the query as it would be with a course's skills and certificates added."""
        book = self.encoder.book
        added = with_included(certificates)
        numbers = {n for code in added if (n := book.known_skill_id(code)) is not None}
        known = None if query.certificates is None else query.certificates | added
        freed = self._certificate_bits(numbers)
        taught = self._told(skills, "")
        credit = np.maximum(query.credit, self._credit(taught))
        share = query.belief.share.copy()
        for number, level in _believed(taught):
            share[number] = np.maximum(share[number], SHARES[level])
        return replace(
            query,
            certificates=known,
            held=query.held | numbers,
            forbidden=query.forbidden & ~freed,
            belief=self.believer.of_shares(share, query.worked, book),
            trade=self._trade(credit),
            skills_known=float(credit.any()),
            credit=credit,
            packed=pack_credit(credit),
        )

    def _certificate_bits(self, numbers: Collection[int]) -> int:
        bits = self.encoder.certificate_bits
        return sum(1 << (CERTIFICATE_BIT + bits[number]) for number in numbers if number in bits)

    def _forbidden(self, clients: Clients, i: int, held: frozenset[int], stated: bool) -> int:
        bits = 1 << FULL_BIT | 1 << REMOVED_BIT
        shifts = int(clients.shifts_ok[i])
        if shifts:
            bits |= (0b1111 & ~shifts) << SHIFT_BIT
        exertion = int(clients.exertion_max[i])
        if exertion:
            bits |= (0b1111 & ~((1 << exertion) - 1)) << EXERTION_BIT
        education = int(clients.education[i])
        if education >= 0:
            bits |= (0b11111 & ~((1 << education) - 1)) << EDUCATION_BIT
        employment = int(clients.employment_types_ok[i])
        if employment:
            bits |= (0b1111111 & ~employment) << EMPLOYMENT_BIT
        if stated:
            every = self._certificate_bits(self.encoder.certificate_bits)
            bits |= every & ~self._certificate_bits(held)
        return bits

    def _told(self, skills: Iterable[tuple[str, float]], text: str) -> list[tuple[int, int]]:
        """Return number and level of the skills recorded, and of those only mentioned."""
        book = self.encoder.book
        found = [(code, MENTIONED) for code in (self.aliases.find(text) if text else ())]
        found += [(code, int(level) or UNKNOWN_LEVEL) for code, level in skills]
        numbers = ((book.known_skill_id(code), level) for code, level in found)
        return [(number, level) for number, level in numbers if number is not None]

    def _credit(self, told: Iterable[tuple[int, int]]) -> npt.NDArray[np.int64]:
        credit = np.zeros((len(self.encoder.book.skills), N_LEVEL_CODES), dtype=np.int64)
        for number, level in told:
            credit[number] = np.maximum(credit[number], CREDITS[level])
        return credit.ravel()

    def _trade(self, credit: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return self.trades.known(credit[::N_LEVEL_CODES] / FULL_CREDIT, self.encoder.book)

    def _grams(self, text: str) -> npt.NDArray[np.uint8]:
        if not text:
            return np.zeros(0, dtype=np.uint8)
        model = self.encoder.text_model
        found = np.zeros(model.n_grams, dtype=np.uint8)
        found[model.gram_ids(text)] = 1
        return found


def pack_credit(credit: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return a table whose sums over a profile's entries hold four sums at once.

    Credit (20 bits) and number (10 bits) of the required skills, then of the preferred ones.

    Examples
    --------
    >>> table = pack_credit(np.array([1000, 500]))
    >>> [int(part) for part in unpack_credit(table[[0, 2, 3]].sum())]
    [1500, 2, 500, 1]
    """
    table = np.empty((len(credit), 2), dtype=np.int64)
    table[:, 0] = credit + (1 << CREDIT_BITS)
    table[:, 1] = table[:, 0] << PREFERRED_SHIFT
    return table.ravel()


def unpack_credit(sums: Any) -> tuple[Any, Any, Any, Any]:
    """Return credit and number of required, then of preferred skills."""
    preferred = sums >> PREFERRED_SHIFT
    return (
        sums & ((1 << CREDIT_BITS) - 1),
        (sums >> CREDIT_BITS) & ((1 << COUNT_BITS) - 1),
        preferred & ((1 << CREDIT_BITS) - 1),
        preferred >> CREDIT_BITS,
    )


def lacks_certificates(query: ClientQuery, required: npt.NDArray[Any]) -> bool:
    """Tell whether the client is known to lack one of the required certificates."""
    return query.certificates is not None and not query.held.issuperset(required.tolist())


def _any_covered(book: CodeBook, entries: list[tuple[str, float]]) -> npt.NDArray[np.bool_] | None:
    if not entries:
        return None
    found: npt.NDArray[np.bool_] = np.logical_or.reduce(
        [book.covered_by(code) for code, _ in entries]
    )
    return found


def _believed(told: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [(number, min(level, UNKNOWN_LEVEL)) for number, level in told]


_SHARPENING = (
    ("max_commute_km", lambda c, i: math.isnan(c.max_commute_km[i])),
    ("wage_expected_cny_month", lambda c, i: math.isnan(c.wage_expected_cny_month[i])),
    ("education", lambda c, i: c.education[i] < 0),
    ("skills", lambda c, i: not c.skills.row(i)),
    ("certificates", lambda c, i: not c.certificates.row(i)),
    ("experience", lambda c, i: not c.experience.row(i)),
    ("desired_occupations", lambda c, i: not c.desired_occupations.row(i)),
    ("shifts_ok", lambda c, i: c.shifts_ok[i] == 0),
    ("needs_lodging", lambda c, i: c.needs_lodging[i] < 0),
    ("exertion_max", lambda c, i: c.exertion_max[i] == 0),
)


def _missing(clients: Clients, i: int, placed: bool) -> tuple[str, ...]:
    place = () if placed else ("lat",)
    return (*place, *(name for name, is_missing in _SHARPENING if is_missing(clients, i)))
