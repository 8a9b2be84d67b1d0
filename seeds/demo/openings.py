"""What the enterprises post, and what is left open today."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from matchboard.domain.calendar import local_date
from matchboard.domain.client import EmploymentType, Shift
from matchboard.domain.vacancy import RequirementKind, VacancyState
from matchboard.models import Vacancy
from matchboard.services import partners, vacancies, vacancy_editing
from matchboard.services.vacancy_editing import Requirement, VacancyInput
from seeds.demo import district as places
from seeds.demo.cast import Firm
from seeds.demo.trades import TRADES, Trade

if TYPE_CHECKING:
    from seeds.demo.story import World

#: Open openings today, and others for the review queue and the drafts.
N_OPEN_TODAY = 66
REVERIFY_AFTER = timedelta(days=150)


@dataclass
class Openings:
    """Posts openings and knows which are open."""

    stage: World
    scale: float = 1.0
    live: list[tuple[Vacancy, Trade, Firm]] = field(default_factory=list)

    def plan_all(self, *, since: datetime) -> None:
        """Plan the postings of three years: each enterprise posts every six to eight weeks."""
        for firm in self.stage.cast.firms:
            at = since
            while at < self.stage.now - timedelta(days=20):
                self.stage.plan(at, partial(self._post_for, firm))
                at += timedelta(days=self.stage.rng.uniform(38, 62) / self.scale)

    def _post_for(self, firm: Firm, at: datetime) -> None:
        self.post(firm, at)

    def open_now(self) -> list[tuple[Vacancy, Trade, Firm]]:
        """Return what can be proposed to now."""
        self.live = [
            row
            for row in self.live
            if row[0].state in {VacancyState.OPEN, VacancyState.PAUSED, VacancyState.FILLED}
        ]
        return [
            row
            for row in self.live
            if row[0].state is VacancyState.OPEN and row[0].n_places_left > 0
        ]

    def post(self, firm: Firm, at: datetime, *, is_approved: bool = True) -> Vacancy:
        """Let the district post an opening of the enterprise and approve it."""
        district = self.stage.cast.district
        self._reverify(firm, at)
        trade = TRADES[self.stage.rng.choice(firm.character.trades)]
        vacancy = vacancy_editing.create_vacancy(
            self._words(firm, trade, at), partner=firm.partner, actor=district, now=at
        )
        vacancies.advance(vacancy, "submit", actor=district, now=at)
        if is_approved:
            vacancies.advance(
                vacancy, "approve", actor=district, now=at + timedelta(hours=1), reason="已核对"
            )
            self.live.append((vacancy, trade, firm))
        return vacancy

    def finish(self, now: datetime) -> None:
        """Fill the board for today: enough open, some in review, drafts and paused ones."""
        firms = self.stage.cast.firms
        number = 0
        while len(self.open_now()) < N_OPEN_TODAY * self.scale:
            back = self.stage.rng.uniform(0.2, 25)
            self.post(firms[number % len(firms)], now - timedelta(days=back))
            number += 1
        for firm in firms[:4]:
            self.post(firm, now - timedelta(hours=5), is_approved=False)
        for firm in firms[4:7]:
            trade = TRADES[firm.character.trades[0]]
            vacancy_editing.create_vacancy(
                self._words(firm, trade, now), partner=firm.partner, actor=firm.actor, now=now
            )
        for vacancy, _, firm in self.open_now()[:2]:
            vacancies.advance(vacancy, "pause", actor=firm.actor, now=now)

    def _words(self, firm: Firm, trade: Trade, at: datetime) -> VacancyInput:
        rng = self.stage.rng
        low = int(round(trade.wage[0] * rng.uniform(0.95, 1.1), -2))
        high = int(round(max(low + 400, trade.wage[1] * rng.uniform(0.85, 1.0)), -2))
        contract = rng.choice((12, 24, 36, 0))
        levels = [Requirement(c, RequirementKind.REQUIRED, level) for c, level in trade.required]
        wished = [Requirement(c, RequirementKind.PREFERRED) for c in trade.preferred[:1]]
        certificate = [
            Requirement(trade.certificate, RequirementKind.CERTIFICATE)
            for _ in (1,)
            if trade.certificate and rng.random() < 0.6
        ]
        return VacancyInput(
            title=rng.choice(trade.titles),
            occupation_code=trade.occupation,
            duties=trade.duties,
            conditions="缴纳社会保险，提供工作餐，每月 15 日前发放上月工资。",
            division_code=places.DIVISION,
            address=firm.partner.address,
            wage_min_cny_month=max(low, 2400),
            wage_max_cny_month=high,
            employment_type=EmploymentType.FULL_TIME,
            shift=Shift(rng.choice(trade.shifts)),
            hours_per_day=8,
            hours_per_week=40,
            contract_months=contract,
            probation_months=1,
            probation_wage_cny_month=max(low, 2400),
            deposit_free=True,
            lodging_provided=firm.character.lodging if rng.random() < 0.85 else None,
            exertion=trade.exertion if rng.random() < 0.9 else None,
            education_min=rng.choice((None, 1, 2)),
            posts=(),
            licences=(),
            headcount=rng.choice((1, 2, 2, 3, 4, 5, 8)),
            open_on=local_date(at),
            close_on=local_date(at + timedelta(days=90)),
            requirements=(*levels, *wished, *certificate),
        )

    def _reverify(self, firm: Firm, at: datetime) -> None:
        """Check the enterprise again before the half year is over, as the rules ask."""
        verified = firm.partner.verified_on
        today = local_date(at)
        if verified is not None and today - verified < REVERIFY_AFTER:
            return
        values = replace(firm.values, verified_on=today)
        partners.edit_partner(
            firm.partner,
            values,
            expected_version=firm.partner.version,
            actor=self.stage.cast.district,
            now=at,
        )
