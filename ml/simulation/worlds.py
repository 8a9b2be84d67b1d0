"""The worlds: what decides hire and stay in each, and how badly it is written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Hire:
    """Hold the log-odds of being hired, per unit of each fact of `ml.simulation.truth.Facts`.

    Attributes
    ----------
    cover, weakest, experience, wish, motivation, schooling : float
        Of the facts alone. Facts run from 0 to 1, motivation is standard normal.
    cover_experience, weakest_experience : float
        Of the products: skill counts where the person has worked in the trade.
    km : float
        Per 30 km.
    mismatch : float
        Per constraint the truth breaks, which blank cells may have hidden.
    bias : float
        Of a group of persons at an employer who does not want them.
    """

    cover: float = 4.0
    weakest: float = 0.0
    experience: float = 2.4
    wish: float = 0.3
    motivation: float = 0.4
    schooling: float = 0.3
    cover_experience: float = 0.0
    weakest_experience: float = 0.0
    km: float = -0.3
    mismatch: float = -2.0
    bias: float = 0.0


@dataclass(frozen=True, slots=True)
class Leave:
    """Hold the logarithm of the hazard of leaving, per unit of each fact.

    Attributes
    ----------
    km, pay, wish, motivation, cover, bed : float
        Of the facts alone: per 30 km, per unit of log pay over the wish, and so on.
    km_underpaid, km_night, surplus, wish_pay : float
        Of the products: a long way for little pay, a long way at night, skills far above the
        work, and pay where the work is not the one wished for.
    mismatch : float
        Per constraint the truth breaks.
    """

    km: float = 0.7
    pay: float = -1.6
    wish: float = -0.8
    motivation: float = -0.3
    cover: float = -0.3
    bed: float = -0.4
    km_underpaid: float = 0.0
    km_night: float = 0.0
    surplus: float = 0.0
    wish_pay: float = 0.0
    mismatch: float = 0.5


@dataclass(frozen=True, slots=True)
class Records:
    """Hold how the truth is written down; every share is from 0 to 1.

    Attributes
    ----------
    wrong_code : float
        Occupations noted as a neighbour of the true one.
    free_text : float
        Skills typed in the text instead of coded.
    typo : float
        Words in free text that are misspelt.
    blank : float
        Cells left empty.
    omitted : float
        Skills noted nowhere.
    level_sd : float
        Standard deviation of a recorded level about the true one.
    wish_true : float
        Stated wishes that are the true ones.
    """

    wrong_code: float = 0.2
    free_text: float = 0.4
    typo: float = 0.15
    blank: float = 0.1
    omitted: float = 0.1
    level_sd: float = 0.7
    wish_true: float = 0.7


@dataclass(frozen=True, slots=True)
class World:
    """Describe one world.

    Attributes
    ----------
    name : str
    hire : Hire
    leave : Leave
    records : Records
    hire_rate, stay_rate : float
        Mean of the truth over the proposals of the past: hired; still working at six months.
    partner_hire_sd, partner_leave_sd : float
        Standard deviation of an employer's own effect, in log-odds and in log hazard.
    persistence : float
        Correlation of an employer's effect with that of three months before.
    biased_share : float
        Employers who do not want persons of the second group.
    new_partners : float
        Openings of the present day whose employer has no past.
    """

    name: str
    hire: Hire = field(default_factory=Hire)
    leave: Leave = field(default_factory=Leave)
    records: Records = field(default_factory=Records)
    hire_rate: float = 0.25
    stay_rate: float = 0.5
    partner_hire_sd: float = 0.7
    partner_leave_sd: float = 0.4
    persistence: float = 1.0
    biased_share: float = 0.0
    new_partners: float = 0.2


CLEAN = Records(
    wrong_code=0.0,
    free_text=0.0,
    typo=0.0,
    blank=0.0,
    omitted=0.0,
    level_sd=0.4,
    wish_true=0.9,
)
_CROSSED_HIRE = Hire(
    cover=1.5,
    weakest=2.0,
    experience=0.4,
    cover_experience=4.0,
    weakest_experience=5.0,
)
_CROSSED_LEAVE = Leave(
    km=0.2,
    pay=-0.8,
    wish=-0.4,
    km_underpaid=3.0,
    km_night=0.5,
    surplus=1.0,
    wish_pay=-1.5,
)

_WORLDS = (
    World("logit_linear", records=CLEAN, partner_hire_sd=0.5, new_partners=0.1),
    World("interaction_heavy", hire=_CROSSED_HIRE, leave=_CROSSED_LEAVE),
    World(
        "partner_drift",
        partner_hire_sd=1.2,
        partner_leave_sd=0.6,
        persistence=0.8,
    ),
    World("biased_employer", hire=replace(Hire(), bias=-2.0), biased_share=0.4),
)
WORLDS = {world.name: world for world in _WORLDS}
