"""Made-up people. No name, number or telephone here was ever issued to anybody."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
MALE = (
    "建国|志强|伟|军|勇|明|涛|平|刚|波|辉|斌|强|磊|杰|鹏|超|健|林|峰"
    "|浩然|天宇|志远|文博|小龙|大海|福生|长青"
)
FEMALE = "秀英|丽|敏|静|芳|燕|玲|梅|霞|红|娟|慧|晓燕|桂兰|春梅|雪莲|小红|玉珍|佳|思雨"

#: 519900 is no county: the numbers pass the check digit and belong to nowhere.
_AREA = "519900"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up person."""

    name: str
    is_female: bool
    birth_date: date
    identity_number: str
    phone: str


def make_person(rng: random.Random, serial: int, today: date) -> Person:
    """Return person number `serial`, 19 to 62 years old on `today`."""
    is_female = rng.random() < 0.13
    given = rng.choice((FEMALE if is_female else MALE).split("|"))
    age_days = rng.randint(19 * 366, 62 * 365)
    born = today - timedelta(days=age_days)
    return Person(
        name=rng.choice(SURNAMES) + given,
        is_female=is_female,
        birth_date=born,
        identity_number=identity_number(born, serial, is_female=is_female),
        phone=f"17405{serial:06d}",  # the satellite range: nobody's mobile
    )


def identity_number(born: date, serial: int, *, is_female: bool) -> str:
    """Return a number of the right form; its last three digits tell the sex by parity."""
    order = (serial * 2) % 998 + (0 if is_female else 1)
    body = f"{_AREA}{born:%Y%m%d}{order:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]
