"""What a person brings: trade, skills, wishes, and the few facts the legal gate needs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from matchboard.domain.client import SkillSource
from matchboard.domain.client_file import ProfileSection
from matchboard.domain.roles import Actor
from matchboard.models import Client
from matchboard.services import client_background, client_profile, restricted
from matchboard.services.client_background import (
    Background,
    StatedCertificate,
    StatedExperience,
    StatedSkill,
)
from matchboard.services.client_profile import Preferences
from matchboard.services.client_sections import section_version
from seeds.demo.trades import TRADES, Trade

#: How common each trade is among people who come.
_SHARES = {
    "loading": 3,
    "masonry": 3,
    "sewing": 2,
    "assembly": 3,
    "cleaning": 2,
    "kitchen": 2,
    "cooking": 2,
    "welding": 2,
    "greenhouse": 2,
    "pig_farming": 1,
    "warehouse": 2,
    "packing": 2,
    "courier": 2,
    "electrician": 1,
    "machining": 1,
    "forklift": 1,
    "shoes": 1,
    "building_materials": 2,
    "crafts": 1,
    "auto_repair": 1,
}
_KINDS = (
    ("property", 30),
    ("violence", 16),
    ("violent_injury", 12),
    ("drunk_driving", 14),
    ("traffic", 6),
    ("gambling", 8),
    ("narcotics", 6),
    ("market_order", 4),
    ("bribery_embezzlement", 3),
    ("food_safety", 2),
    ("other", 20),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is true of a person; the record holds what of it was told."""

    trade: Trade
    levels: dict[str, int]
    months: int
    certificates: tuple[str, ...]
    education: int
    max_commute_km: float
    wage: int
    needs_lodging: bool | None
    exertion_max: int
    shifts: tuple[str, ...]
    wishes: str
    facts: dict[str, Any]
    diligence: float  # hidden: never written anywhere


def make_profile(rng: random.Random, today: date) -> Profile:
    """Return a believable profile."""
    trade = TRADES[rng.choices(list(_SHARES), list(_SHARES.values()))[0]]
    levels = {
        code: min(5, max(1, need + rng.choice((-1, 0, 0, 1)))) for code, need in trade.required
    }
    for code in trade.preferred:
        if rng.random() < 0.4:
            levels[code] = rng.randint(1, 3)
    if rng.random() < 0.3:
        levels[rng.choice(("gen.teamwork", "gen.punctual", "gen.stamina", "gen.safety"))] = 3
    certificates = tuple(
        code
        for code, chance in (
            (trade.certificate, 0.35),
            ("cert.health", 0.15),
            ("cert.drive.c1", 0.25),
        )
        if code and rng.random() < chance
    )
    middle = sum(trade.wage) / 2
    return Profile(
        trade=trade,
        levels=levels,
        months=rng.choice((0, 3, 6, 12, 18, 24, 36, 60, 96)),
        certificates=tuple(dict.fromkeys(certificates)),
        education=rng.choices((1, 2, 3, 4), (18, 52, 25, 5))[0],
        max_commute_km=rng.choice((5, 8, 10, 15, 20, 30)),
        wage=int(round(middle * rng.uniform(0.8, 1.1), -2)),
        needs_lodging=rng.choices((True, False, None), (30, 45, 25))[0],
        exertion_max=rng.choices((1, 2, 3, 4), (5, 30, 40, 25))[0],
        shifts=rng.choices((("day",), ("day", "evening"), ("day", "rotating", "night")), (5, 2, 3))[
            0
        ],
        wishes=trade.wish,
        facts=_facts(rng, today),
        diligence=rng.gauss(0, 1),
    )


def write_profile(client: Client, profile: Profile, *, actor: Actor, now: datetime) -> None:
    """Record what the person told; some cells stay empty, as they do."""
    rng = random.Random(client.id_number_digest or client.pid)  # a story's chance

    def told(chance: float) -> bool:
        return rng.random() < chance

    client_background.update_skills(
        client,
        [
            StatedSkill(code, level if told(0.8) else None, SkillSource.SELF_STATED)
            for code, level in profile.levels.items()
        ],
        expected_version=section_version(client, ProfileSection.SKILLS),
        actor=actor,
        now=now,
    )
    if profile.certificates:
        client_background.update_certificates(
            client,
            [StatedCertificate(code, seen_by_officer=told(0.7)) for code in profile.certificates],
            expected_version=section_version(client, ProfileSection.CERTIFICATES),
            actor=actor,
            now=now,
        )
    client_background.update_background(
        client,
        Background(
            education=profile.education if told(0.9) else None,
            experience=(
                (
                    StatedExperience(
                        profile.trade.occupation, profile.trade.titles[0], profile.months
                    ),
                )
                if profile.months
                else ()
            ),
        ),
        expected_version=section_version(client, ProfileSection.EXPERIENCE),
        actor=actor,
        now=now,
    )
    client_profile.update_preferences(
        client,
        Preferences(
            desired_occupations=(profile.trade.occupation,) if told(0.7) else (),
            max_commute_km=profile.max_commute_km if told(0.85) else None,
            wage_expected_cny_month=profile.wage if told(0.85) else None,
            shifts_ok=profile.shifts if told(0.8) else (),
            needs_lodging=profile.needs_lodging,
            exertion_max=profile.exertion_max if told(0.8) else None,
            wishes=profile.wishes if told(0.6) else "",
        ),
        expected_version=section_version(client, ProfileSection.PREFERENCES),
        actor=actor,
        now=now,
    )
    if profile.facts:
        restricted.save_record(client, profile.facts, expected_version=0, actor=actor, now=now)


def _facts(rng: random.Random, today: date) -> dict[str, Any]:
    """Return the minimal offence facts; one person in thirty has none recorded yet."""
    if rng.random() < 0.03:
        return {}
    kind = rng.choices([k for k, _ in _KINDS], [n for _, n in _KINDS])[0]
    kinds = [kind, "market_order"] if kind == "food_safety" else [kind]
    completed = today - timedelta(days=rng.randint(1, 20))
    return {
        "records": [
            {
                "basis": "criminal_penalty",
                "intent": "negligent" if kind == "traffic" else "intentional",
                "kinds": kinds,
                "kinds_doubtful": [],
                "fixed_term_or_more": kind != "drunk_driving",
                "suspended": False,
                "sentence_completed_on": completed.isoformat(),
                "political_rights_deprived": False,
                "court_prohibition": "none",
                "role_at_offence": "other",
                "major_accident": False,
                "commercial_vehicle": False,
            }
        ]
    }
