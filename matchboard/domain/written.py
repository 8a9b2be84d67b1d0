"""Days and numbers as people write and paste them: one reader each, for every door.

What is read has one meaning only. What could mean two things, or holds more than was asked for, is
refused, and the refusal says what it may mean (`code`, `details`).
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from matchboard.domain.calendar import BEIJING
from matchboard.domain.errors import InvalidInput
from matchboard.domain.text import bare

# --- Days ---------------------------------------------------------------------------------------


class UnreadableDate(InvalidInput, ValueError):
    """No day can be read; `code` is `date_unreadable` or, with `day`, `date_serial`."""


#: Nothing longer is one day or one number; what reads them takes longer the longer they are.
_LONGEST = 60
#: Outside these years reckoning with a day leaves the calendar, and nobody means one.
YEARS = range(1800, 2300)
#: Days since this one are how spreadsheets keep dates.
SPREADSHEET_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 75_000)
_SEPARATOR = r"\s*[-./。、,·_ \\‐‑‒–—―−－]\s*"
_DAY = re.compile(
    rf"(?P<y>\d{{4}})(?:{_SEPARATOR}|\s*年\s*)(?P<m>\d{{1,2}})(?:{_SEPARATOR}|\s*月\s*份?)"
    r"(?P<d>\d{1,2})(?:\s*[日号號.。])?"
    r"|(?P<y2>\d{4})(?P<m2>\d{2})(?P<d2>\d{2})"
)
_CLOCK = re.compile(
    r"(?:T|\s)\s*(?P<h>\d{1,2})[:：](?P<min>\d{2})(?:[:：](?P<s>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_WEEKDAY = re.compile(r"[(\s,]*(?:星期|周|週|礼拜)[一二三四五六日天]\s*\)?$")
_ENGLISH = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s\-.]+(?P<m>[a-z]{3,9})\.?,?[\s\-]+(?P<y>\d{4})"
    r"|(?P<m2>[a-z]{3,9})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{4})",
    re.IGNORECASE,
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_HAN_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}
_HAN_DAY = re.compile(
    r"(?P<y>[〇零○一二三四五六七八九]{4})年(?P<m>[一二三四五六七八九十]{1,2})月(?:份)?"
    r"(?P<d>[一二三四五六七八九十廿]{1,3})[日号號]?"
)


def read_date(text: str) -> date:
    """Read a day as it is written in Chinese, by spreadsheets and programs, and in English.

    2026-11-23, 20261123, 2026.11.23, 2026年11月23号, 二〇二六年十一月二十三日, 2026-11-23 0:00,
    2026/11/23（周一）, 23 Nov 2026; in any width, with what pasting adds. A time beside the day
    changes nothing, unless it names a zone: then the day is Beijing's.

    Raises
    ------
    UnreadableDate
        For anything else, for days that do not exist and for another age. A bare number that a
        spreadsheet may have meant as a day is asked about, never taken.
    """
    typed = bare(text)
    if len(typed) > _LONGEST:
        raise UnreadableDate("date_unreadable")
    typed = _WEEKDAY.sub("", typed).strip()
    typed = re.sub(r"^公元", "", typed)
    found = _DAY.match(typed)
    if found is None:
        return _in_words(typed)
    rest = typed[found.end() :]
    day = _day(*(found[n] or found[f"{n}2"] for n in "ymd"), text=text)
    if not rest.strip():
        return day
    clock = _CLOCK.fullmatch(" " + rest if typed[: found.end()][-1] in "日号號" else rest)
    if clock is None:
        raise UnreadableDate("date_unreadable")
    return _at(day, clock)


def _at(day: date, clock: re.Match[str]) -> date:
    """Return the day in Beijing of a day with a time."""
    hour = int(clock["h"]) % 12 if clock["half"] else int(clock["h"])
    hour += 12 * ((clock["half"] or "").lower().startswith("p"))
    try:
        at = time(hour, int(clock["min"]), int(clock["s"] or 0))
    except ValueError as error:
        raise UnreadableDate("date_unreadable") from error
    if not clock["zone"]:
        return day
    zone = clock["zone"].replace("Z", "+00:00")
    written = datetime.fromisoformat(f"{day.isoformat()}T{at.isoformat()}{zone}")
    return written.astimezone(BEIJING).date()


def _in_words(typed: str) -> date:
    """Read a day in Chinese numerals or with an English month; ask about a serial number."""
    if han := _HAN_DAY.fullmatch(re.sub(r"\s", "", typed)):
        year = "".join(_HAN_DIGITS[c] for c in han["y"])
        return _day(year, str(_han_number(han["m"])), str(_han_number(han["d"])), text=typed)
    if english := _ENGLISH.fullmatch(typed):
        year, name, day = (english[n] or english[f"{n}2"] for n in "ymd")
        months = [n for n, full in enumerate(_MONTHS, 1) if full.startswith(name.lower())]
        if len(months) == 1:
            return _day(year, str(months[0]), day, text=typed)
    if (serial := re.fullmatch(r"(\d{5})(?:\.\d+)?", typed)) and int(serial[1]) in _SERIALS:
        day_meant = SPREADSHEET_EPOCH + timedelta(days=int(serial[1]))
        raise UnreadableDate("date_serial", number=typed, day=day_meant.isoformat())
    raise UnreadableDate("date_unreadable")


def _day(year: str, month: str, day: str, *, text: str) -> date:
    try:
        if int(year) not in YEARS:
            raise ValueError(text)
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise UnreadableDate("date_unreadable") from error


# --- Numbers ------------------------------------------------------------------------------------


class UnreadableNumber(InvalidInput, ValueError):
    """No number can be read; `code` says why."""


#: Words that may stand around a number, by what is asked for; nothing else may.
YUAN, YUAN_HOUR = "yuan", "yuan_hour"
_YUAN = r"(?:元人民币|人民币|元整|元|块钱|块|圆|rmb|cny|yuan)"
_UNITS: Final = {
    YUAN: rf"{_YUAN}?(?:(?:/|每|一|per )?\s*(?:个?月|month))?",
    YUAN_HOUR: rf"{_YUAN}?(?:(?:/|每|一|per )\s*(?:个?小时|时|钟头|hour|h))?",
    "people": r"(?:个人|人|名|位|个|people)?",
    "months": r"(?:个月|月|months?)?",
    "hours": r"(?:个?小时|个?钟头|课时|学时|时|hours?|h)?",
    "minutes": r"(?:分钟|分|minutes?|min)?",
    "days": r"(?:天|日|days?)?",
    "times": r"(?:次|times)?",
    "km": r"(?:公里|千米|km|k\.m\.)?",
    "": "",
}
_SCALES: Final = {"k": 1000, "千": 1000, "w": 10_000, "万": 10_000, "百": 100, "": 1}
_FIGURE = re.compile(r"(?P<sign>[+-]?)(?P<digits>\d+(?:[, ，]\d+)*(?:\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"\d{1,3}(?:[,， ]\d{3})+(?:\.\d*)?|\d*(?:\.\d*)?")
_HAN_FIGURE = re.compile(r"[零〇一二两三四五六七八九十百千万]+")


def read_number(text: str, unit: str = "") -> Decimal:
    """Read a number as people write it: 4,500, ¥4500, 4500元, 4.5k, 0.45万, 四千五, in any width.

    `unit` names what is asked for; only its own words may stand beside the number: "4500元/天" is
    no wage a month, "2年" no number of months.

    Raises
    ------
    UnreadableNumber
        `number_range` for two numbers, `number_grouping` for a comma that may be a decimal one,
        `number_unreadable` for anything else.
    """
    typed = bare(text).lower()
    if len(typed) > _LONGEST:
        raise UnreadableNumber("number_unreadable")
    money = unit in {YUAN, YUAN_HOUR}
    if money:
        typed = re.sub(r"^(?:¥|￥|rmb|cny|人民币)\s*", "", typed)
        typed = re.sub(r"^(?:每月|月薪|每小时|时薪)\s*", "", typed)
    if re.fullmatch(r".*\d.*?(?:-|~|—|–|至|到|或|/)\s*¥?\d.*", typed) and typed[0] != "-":
        raise UnreadableNumber("number_range")
    if han := _HAN_FIGURE.match(typed):
        value, rest = Decimal(_han_number(han[0])), typed[han.end() :]
    else:
        value, rest = _figure(typed, has_scale=money)
    if not re.fullmatch(rf"\s*{_UNITS[unit]}[。.]?", rest):
        raise UnreadableNumber("number_unreadable")
    return value


def _figure(typed: str, *, has_scale: bool) -> tuple[Decimal, str]:
    found = _FIGURE.match(typed)
    if found is None:
        raise UnreadableNumber("number_unreadable")
    if not _GROUPED.fullmatch(found["digits"]):
        raise UnreadableNumber("number_grouping")
    plain = re.sub(r"[,， ]", "", found["digits"]).rstrip(".") or "0"
    value = Decimal(found["sign"] + plain)
    rest = typed[found.end() :]
    scale = re.match(r"\s*([kw千万百])", rest) if has_scale else None
    if scale:
        value *= _SCALES[scale[1]]
        rest = rest[scale.end() :]
    return value, rest


def read_whole_number(text: str, unit: str = "") -> int:
    """Read a number without decimals; 4000.00 is one.

    Raises
    ------
    UnreadableNumber
        Like `read_number`, and `number_not_whole`.
    """
    value = read_number(text, unit)
    if value != value.to_integral_value():
        raise UnreadableNumber("number_not_whole")
    return int(value)


def _han_number(text: str) -> int:
    """Return a number in Chinese numerals: 十一, 廿三, 四千五 (4500), 一万二千, 三〇."""
    text = text.replace("廿", "二十")
    if not re.search("[十百千万]", text):
        return int("".join("2" if c == "两" else _HAN_DIGITS[c] for c in text))
    total = section = digit = 0
    last = 1
    for c in text:
        if c in "十百千":
            last = 10 ** ("十百千".index(c) + 1)
            section += (digit or 1) * last
            digit = 0
        elif c == "万":
            total, section, digit, last = (section + digit or 1) * 10_000, 0, 0, 10_000
        else:
            digit = 2 if c == "两" else int(_HAN_DIGITS[c])
            last = 10 if digit == 0 else last
    # "四千五" is 4500: a last digit without its unit counts tens of the unit before.
    return total + section + digit * (last // 10 or 1)
