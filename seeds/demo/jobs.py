"""How people come into work: proposals, answers, starts, checks, ends and new tries."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from matchboard.domain.calendar import local_date
from matchboard.domain.catalogues import distance_km
from matchboard.domain.client import ConsentScope
from matchboard.domain.errors import DomainError
from matchboard.domain.placement import BEFORE_START, PlacementReason, PlacementState, PlacementType
from matchboard.domain.roles import Actor
from matchboard.extensions import db
from matchboard.models import Client, Placement, Vacancy
from matchboard.services import consents, outcome_checks, placements, vacancies
from matchboard.services.outcome_checks import Answers
from matchboard.services.step_details import StepDetails
from seeds.demo.cast import Firm
from seeds.demo.openings import Openings
from seeds.demo.profiles import Profile
from seeds.demo.trades import Trade

if TYPE_CHECKING:
    from seeds.demo.story import World

R = PlacementReason
S = PlacementState
#: Ways of settling without an opening, and how common they are.
_OWN_WAYS = (
    (PlacementType.LAND_RESTORED, "恢复承包地耕种", 26),
    (PlacementType.SELF_EMPLOYED_HOUSEHOLD, "开小店", 16),
    (PlacementType.GIG, "打零工", 26),
    (PlacementType.PUBLIC_WELFARE_POST, "社区公益性岗位", 12),
    (PlacementType.TEMPORARY, "临时务工", 14),
    (PlacementType.OWN_BUSINESS, "合伙办养殖场", 6),
)
_WORDS = (
    "挺好，师傅肯教。",
    "工资按时发。",
    "有点累，能坚持。",
    "和工友处得来。",
    "希望离家近一点。",
    "",
)
MAX_TRIES = 4
#: People for whom officers look anew in the last fortnight.
STIRRED = 60


@dataclass
class Hope:
    """A person looking for work in the story."""

    client: Client
    profile: Profile
    officer: Actor
    n_tries: int = 0


@dataclass
class Jobs:
    """Brings people into work."""

    stage: World
    openings: Openings
    hopes: list[Hope] = field(default_factory=list)
    n_skipped: int = 0

    def begin(self, client: Client, profile: Profile, officer: Actor, at: datetime) -> None:
        """Decide which way a person goes, and when."""
        rng = self.stage.rng
        hope = Hope(client, profile, officer)
        self.hopes.append(hope)
        first_posting = self.stage.now - timedelta(days=3 * 365 - 30)
        roll = rng.random()
        if at < first_posting:
            # Before the enterprises posted here people settled on their own.
            if roll < 0.93:
                self.stage.after(at, 10, 150, lambda when: self._settle(hope, when))
            else:
                wait = (first_posting - at).days
                self.stage.after(at, wait, wait + 300, lambda when: self._propose(hope, when))
        elif roll < 0.36:
            self.stage.after(at, 8, 110, lambda when: self._settle(hope, when))
        elif roll < 0.985:
            self.stage.after(at, 4, 30, lambda when: self._propose(hope, when))

    def stir(self, at: datetime) -> None:
        """Let the officers propose anew to people without work, so that today's board has life."""
        rng = self.stage.rng
        rng.shuffle(self.hopes)
        mine = min(self.stage.cast.officers)
        idle = [hope for hope in self.hopes if self._is_idle(hope)]
        idle.sort(key=lambda hope: hope.client.office_id != mine)
        for hope in idle[:STIRRED]:
            hope.n_tries = 0
            self.stage.after(at, 0.2, 12, lambda when, hope=hope: self._propose(hope, when))  # type: ignore[misc]

    @staticmethod
    def _is_idle(hope: Hope) -> bool:
        """Return whether nothing is under way for a person who looks for work."""
        query = select(Placement.id).where(
            Placement.client_id == hope.client.id,
            Placement.state.in_([*BEFORE_START, S.STARTED, S.COMPLETED]),
        )
        return hope.client.seeking_work and db.session.scalar(query.limit(1)) is None

    # --- Without an opening ----------------------------------------------------------------

    def _settle(self, hope: Hope, at: datetime) -> None:
        rng = self.stage.rng
        kind, words, _ = rng.choices(_OWN_WAYS, [n for *_, n in _OWN_WAYS])[0]
        try:
            placement = placements.settle(
                hope.client,
                placement_type=kind,
                description=words,
                started_on=local_date(at) - timedelta(days=rng.randrange(4)),
                wage_cny_month=int(round(rng.uniform(2200, 5200), -2)),
                actor=hope.officer,
                now=at,
            )
        except DomainError:
            self.n_skipped += 1
            return
        self._follow(placement, hope, at, monthly_loss=0.012)

    # --- From a proposal -------------------------------------------------------------------

    def _propose(self, hope: Hope, at: datetime) -> None:
        if hope.n_tries >= MAX_TRIES:
            self.stage.after(at, 5, 60, lambda when: self._settle(hope, when))
            return
        hope.n_tries += 1
        ranked = sorted(
            self.openings.open_now(),
            key=lambda row: -self._attraction(hope, row[0], row[1]),
        )
        for vacancy, trade, firm in ranked[:5]:
            try:
                placement = placements.propose(
                    hope.client,
                    vacancy,
                    actor=hope.officer,
                    now=at,
                    grounds="已向本人和发证机关核实，不属于禁止从事的岗位。",
                )
            except DomainError:
                self.n_skipped += 1
                continue
            case = _Case(self, hope, placement, trade, firm)
            self.stage.after(at, 0.3, 4, case.consent)
            return
        self.stage.after(at, 20, 45, lambda when: self._propose(hope, when))

    def again(self, hope: Hope, at: datetime) -> None:
        """Let the officer try again after a "no"."""
        self.stage.after(at, 5, 40, lambda when: self._propose(hope, when))

    def _attraction(self, hope: Hope, vacancy: Vacancy, trade: Trade) -> float:
        """Return how an officer of the story likes the pair: skills, way, a good deal of chance."""
        return (
            1.6 * skill_fit(hope.profile, trade)
            - self.distance(hope, vacancy) / 15
            + self.stage.rng.gauss(0, 0.55)
        )

    @staticmethod
    def distance(hope: Hope, vacancy: Vacancy) -> float:
        """Return the way to work in km."""
        ends = (hope.client.lat, hope.client.lon, vacancy.lat, vacancy.lon)
        lat1, lon1, lat2, lon2 = (value or 0.0 for value in ends)
        return distance_km(lat1, lon1, lat2, lon2)

    # --- After the start -------------------------------------------------------------------

    def _follow(
        self, placement: Placement, hope: Hope, at: datetime, *, monthly_loss: float
    ) -> None:
        """Plan the checks and, by chance, the end."""
        rng = self.stage.rng
        month = 0
        while month < 14:
            month += 1
            eased = monthly_loss * (1.5 if month <= 2 else 0.8)
            if rng.random() < eased:
                self.stage.after(
                    at, month * 30 - 20, month * 30, lambda when: self._end(placement, hope, when)
                )
                break
        for check in placement.checks:
            days = (check.due_on - local_date(at)).days
            is_late = rng.random() < 0.06
            day = check.day
            self.stage.after(
                at,
                days - 2,
                days + (14 if is_late else 3),
                lambda when, day=day: self._check(placement, day, hope, when),  # type: ignore[misc]
            )

    def _check(self, placement: Placement, day: int, hope: Hope, at: datetime) -> None:
        if placement.state is not S.STARTED:
            return
        rng = self.stage.rng
        wage = placement.wage_cny_month
        try:
            outcome_checks.record_check(
                placement,
                day,
                Answers(
                    still_employed=True,
                    same_employer=True,
                    wage_cny_month=None if wage is None else wage + 100 * rng.randrange(4),
                    hours_per_week=rng.choice((40, 44, 48, None)),
                    own_words=rng.choice(_WORDS),
                ),
                actor=hope.officer,
                now=at,
            )
        except DomainError:
            self.n_skipped += 1

    def _end(self, placement: Placement, hope: Hope, at: datetime) -> None:
        if placement.state is not S.STARTED:
            return
        rng = self.stage.rng
        reason = rng.choices(
            (R.QUIT, R.DISMISSED, R.CONTRACT_OVER, R.FAMILY, R.HEALTH, R.MOVED_AWAY, R.BETTER_JOB),
            (30, 14, 12, 12, 8, 10, 14),
        )[0]
        placements.advance(
            placement,
            "end",
            actor=hope.officer,
            now=at,
            details=StepDetails(reason=reason, ended_on=local_date(at)),
        )
        hope.n_tries = 0
        vacancy = placement.vacancy
        if vacancy is not None and rng.random() < 0.5:
            self._refill(vacancy, at)
        if rng.random() < 0.45:
            self.stage.after(at, 8, 60, lambda when: self._settle(hope, when))
        else:
            self.again(hope, at)

    def _refill(self, vacancy: Vacancy, at: datetime) -> None:
        try:
            vacancies.advance(vacancy, "refill", actor=self.stage.cast.district, now=at)
        except DomainError:
            self.n_skipped += 1


@dataclass
class _Case:
    """One proposal on its way."""

    jobs: Jobs
    hope: Hope
    placement: Placement
    trade: Trade
    firm: Firm

    def consent(self, at: datetime) -> None:
        """Let the person decide."""
        if self.placement.state is not S.PROPOSED:
            return
        rng = self.jobs.stage.rng
        vacancy = self.placement.vacancy
        far = vacancy is not None and self.jobs.distance(self.hope, vacancy) > 18
        if rng.random() < (0.35 if far else 0.1):
            reason = R.TOO_FAR if far else rng.choice((R.WAGE_TOO_LOW, R.NOT_INTERESTED, R.FAMILY))
            self._step("decline", self.hope.officer, at, reason=reason)
            self.jobs.again(self.hope, at)
            return
        contact = rng.random() < 0.78
        scope = ConsentScope.CARD_AND_CONTACT if contact else ConsentScope.CARD
        try:
            consents.give(self.placement, scope, actor=self.hope.officer, now=at)
        except DomainError:  # the opening does not recruit any more
            self._step("withdraw", self.hope.officer, at, reason=R.OPENING_CLOSED)
            self.jobs.again(self.hope, at)
            return
        self.jobs.stage.after(at, 0.2, 2, self.send)

    def send(self, at: datetime) -> None:
        """Send the card to the enterprise."""
        if self.placement.state is not S.CONSENTED:
            return
        if not self._step("send", self.hope.officer, at):
            self._step("withdraw", self.hope.officer, at, reason=R.OPENING_CLOSED)
            self.jobs.again(self.hope, at)
            return
        if self.jobs.stage.rng.random() < 0.07:
            # The enterprise never answers; the tick lets it expire.
            self.jobs.stage.after(at, 16, 30, lambda when: self.jobs.again(self.hope, when))
            return
        self.jobs.stage.after(at, 0.5, 9, self.answer)

    def answer(self, at: datetime) -> None:
        """Let the enterprise read and answer."""
        if self.placement.state is not S.SENT:
            return
        rng = self.jobs.stage.rng
        if rng.random() > 0.25 + 0.75 * self._chance():
            reason = R.SKILL_MISSING if skill_fit(self.hope.profile, self.trade) < 0.6 else R.OTHER
            note = "这次先考虑其他人" if reason is R.OTHER else ""
            self._step("refuse", self.firm.actor, at, reason=reason, note=note)
            self.jobs.again(self.hope, at)
            return
        held = [c.scope for c in self.placement.consents]
        if ConsentScope.CARD_AND_CONTACT not in held:
            consents.give(
                self.placement, ConsentScope.CARD_AND_CONTACT, actor=self.hope.officer, now=at
            )
        self._step(
            "invite",
            self.firm.actor,
            at,
            interview_at=at + timedelta(days=rng.randrange(1, 4)),
            interview_place="厂区门卫处集合",
        )
        self.jobs.stage.after(at, 2, 6, self.interview)

    def interview(self, at: datetime) -> None:
        """Hold the interview."""
        if self.placement.state is not S.INTERVIEW:
            return
        rng = self.jobs.stage.rng
        if rng.random() < 0.05:
            self._step("miss", self.firm.actor, at, reason=R.DID_NOT_COME, note="电话没有接通")
            self.jobs.again(self.hope, at)
            return
        offered = rng.random() < self._chance() and self._step(
            "offer",
            self.firm.actor,
            at,
            start_on=local_date(at) + timedelta(days=rng.randrange(1, 9)),
            wage_cny_month=self.placement.vacancy.wage_min_cny_month
            if self.placement.vacancy
            else None,
        )
        if not offered:
            self._step("refuse", self.firm.actor, at, reason=R.INTERVIEW_NOT_PASSED)
            self.jobs.again(self.hope, at)
            return
        self.jobs.stage.after(at, 2, 11, self.start)

    def start(self, at: datetime) -> None:
        """Come to work, or not."""
        if self.placement.state is not S.OFFERED:
            return
        rng = self.jobs.stage.rng
        if rng.random() < 0.05 or not self._step(
            "start", self.firm.actor, at, start_on=local_date(at)
        ):
            self._step("miss", self.firm.actor, at, reason=R.DID_NOT_COME, note="电话没有接通")
            self.jobs.again(self.hope, at)
            return
        vacancy = self.placement.vacancy
        far = self.jobs.distance(self.hope, vacancy) if vacancy else 0.0
        loss = 0.075 - 0.04 * skill_fit(self.hope.profile, self.trade)
        loss += 0.0018 * far - self.firm.character.keep - 0.012 * self.hope.profile.diligence
        self.jobs._follow(self.placement, self.hope, at, monthly_loss=max(0.008, loss))

    def _chance(self) -> float:
        """Return the enterprise's inclination, by skills, experience, its ways and chance."""
        fit = skill_fit(self.hope.profile, self.trade)
        logit = math.log(self.firm.character.hire / (1 - self.firm.character.hire))
        logit += 2.2 * (fit - 0.6) + 0.4 * self.hope.profile.diligence
        return 1 / (1 + math.exp(-logit))

    def _step(self, name: str, actor: Actor, at: datetime, **details: object) -> bool:
        """Take a step; False if the service refuses (the place went to somebody else)."""
        try:
            placements.advance(
                self.placement,
                name,
                actor=actor,
                now=at,
                details=StepDetails(**details),  # type: ignore[arg-type]
            )
        except DomainError:
            self.jobs.n_skipped += 1
            return False
        return True


def skill_fit(profile: Profile, trade: Trade) -> float:
    """Return how much of what a trade asks for a person truly has, 0 to 1."""
    if not trade.required:
        return 0.5
    shares = [min(1.0, profile.levels.get(code, 0) / level) for code, level in trade.required]
    return sum(shares) / len(shares)
