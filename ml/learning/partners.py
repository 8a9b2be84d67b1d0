"""Partners' records: Beta-Binomial posteriors, shrunk to their sector and to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from ml.codebook import canonical
from ml.schema import Vacancies

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTNER_PRIOR = 8.0
SECTOR_PRIOR = 16.0
GLOBAL_PRIOR = 4.0
MOST = 0.98


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Hold dated outcomes of one kind, sorted by day, shape (n,).

    Attributes
    ----------
    group : int64
        Partner or sector, by number; a negative number is nobody's.
    day : int64
        Day from which the outcome was known.
    value : float64
        1 or 0.
    size : float64
        How much success the event promised, as a multiple of the usual.
    """

    group: Ints
    day: Ints
    value: Floats
    size: Floats


def counts_before(
    events: Events, group: Ints, day: Ints, half_life: float | None
) -> tuple[Floats, Floats, Ints]:
    """Return the outcomes of groups known before days, older ones counting less.

    Parameters
    ----------
    events : Events
    group, day : int64, shape (m,)
        Whose outcomes, and before which day; strictly, so that an outcome never counts for itself.
    half_life : float or None
        Days after which an outcome counts half; None: all count alike.

    Returns
    -------
    successes, weight : float64, shape (m,)
    n : int64, shape (m,)
        Outcomes behind them, unweighted.

    Examples
    --------
    >>> events = Events(np.array([0, 0]), np.array([5, 9]), np.array([1.0, 0.0]), np.ones(2))
    >>> counts_before(events, np.array([0, 0]), np.array([9, 10]), None)
    (array([1., 1.]), array([1., 2.]), array([1, 2]))
    """
    order = np.lexsort((events.value, events.day, events.group))
    kept = order[events.group[order] >= 0]
    first = int(events.day.min()) if len(events.day) else 0
    last = int(max(events.day.max(initial=first), day.max(initial=first))) + 2
    span = last - first + 1
    keys = events.group[kept] * span + (events.day[kept] - first)
    ends = np.searchsorted(keys, group * span + np.clip(day - first, 0, span - 1))
    begins = np.searchsorted(keys, group * span)
    rate = 0.0 if half_life is None else np.log(2.0) / half_life
    size = np.exp(rate * (events.day[kept] - last))
    discount = np.exp(rate * np.minimum(last - day, span))
    weight = np.concatenate(([0.0], np.cumsum(size * events.size[kept])))
    wins = np.concatenate(([0.0], np.cumsum(size * events.value[kept])))
    total = np.maximum((weight[ends] - weight[begins]) * discount, 0.0)
    successes = np.maximum((wins[ends] - wins[begins]) * discount, 0.0)
    return successes, total, ends - begins


def sector_of(occupation: str) -> str:
    """Return the branch of an occupation code, empty when unknown.

    Examples
    --------
    >>> sector_of("6-18-02-04"), sector_of("6-18-00-00"), sector_of("")
    ('6-18', '6-18', '')
    """
    return "-".join(canonical(occupation).split("-")[:2])


@dataclass(frozen=True, slots=True)
class Numbering:
    """Number the partners and sectors of training, in the order of their names."""

    partners: dict[str, int]
    sectors: dict[str, int]

    @classmethod
    def of(cls, vacancies: Vacancies) -> Numbering:
        """Return numbers for those of a table; a blank partner or occupation has none."""
        partners = sorted({name for name in vacancies.partner_id if name})
        sectors = sorted({sector for code in vacancies.occupation if (sector := sector_of(code))})
        return cls(
            {name: number for number, name in enumerate(partners)},
            {name: number for number, name in enumerate(sectors)},
        )

    def partner(self, names: Sequence[str]) -> Ints:
        """Return the partners' numbers, -1 where there is none."""
        return np.array([self.partners.get(name, -1) for name in names], dtype=np.int64)

    def sector(self, occupations: Sequence[str]) -> Ints:
        """Return the sectors' numbers, -1 where there is none."""
        found = [self.sectors.get(sector_of(code), -1) for code in occupations]
        return np.array(found, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Hold posteriors of pairs: the partner's, and the sector's it was shrunk to; shape (n,)."""

    mean: Floats
    sector: Floats
    n: Ints


def posterior(
    partner: tuple[Floats, Floats, Ints],
    sector: tuple[Floats, Floats, Ints],
    everybody: tuple[Floats, Floats, Ints],
    base: float,
) -> Posterior:
    """Return Beta-Binomial means: everybody shrunk to `base`, sector to everybody, partner to both.

    Each argument holds successes, weight and number as `counts_before` returns them.
    """
    overall = _shrunk(everybody, base, GLOBAL_PRIOR)
    branch = _shrunk(sector, overall, SECTOR_PRIOR)
    return Posterior(_shrunk(partner, branch, PARTNER_PRIOR), branch, partner[2])


def _shrunk(counts: tuple[Floats, Floats, Ints], prior: Floats | float, size: float) -> Floats:
    found: Floats = (counts[0] + size * prior) / (counts[1] + size)
    return np.minimum(found, MOST)


@dataclass(frozen=True, slots=True, eq=False)
class PartnerTable:
    """Hold partners' records on one day, to be looked up when openings are prepared.

    Attributes
    ----------
    numbering : Numbering
    hire, retained : float64, shape (n_partners, 2)
        Successes and weight of each partner.
    sector_hire, sector_retained : float64, shape (n_sectors + 1,)
        Posterior mean of each sector; the last is everybody's.
    n : int64, shape (n_partners,)
        Outcomes behind each record.
    """

    numbering: Numbering
    hire: Floats
    retained: Floats
    sector_hire: Floats
    sector_retained: Floats
    n: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def fill(self, vacancies: Vacancies) -> Vacancies:
        """Return the openings with the records of their partners."""
        partner = self.numbering.partner(vacancies.partner_id)
        sector = self.numbering.sector(vacancies.occupation)
        known = partner >= 0
        n = np.where(known, np.append(self.n, 0)[partner], 0)
        return replace(
            vacancies,
            partner_hire=_looked_up(self.hire, partner, self.sector_hire[sector]),
            partner_retained=_looked_up(self.retained, partner, self.sector_retained[sector]),
            partner_n=np.minimum(n, 65_535).astype(np.int32),
        )


def _looked_up(counts: Floats, partner: Ints, prior: Floats) -> npt.NDArray[np.float32]:
    held = np.vstack([counts, np.zeros((1, 2))])[partner]
    mean: npt.NDArray[np.float32] = (
        np.minimum((held[:, 0] + PARTNER_PRIOR * prior) / (held[:, 1] + PARTNER_PRIOR), MOST)
    ).astype(np.float32)
    return mean
