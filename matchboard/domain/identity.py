"""Numbers and names that identify people and organisations: checked, normalised, masked.

Sex is never read from an identity number: nothing in the product may depend on it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import phonenumbers
from pypinyin import lazy_pinyin
from stdnum import numdb
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from matchboard.domain.catalogues import divisions
from matchboard.domain.errors import InvalidInput

# --- Resident identity numbers (GB 11643) -----------------------------------------------------


class InvalidIdentityNumber(InvalidInput):
    """The identity number cannot be one; `code` says why."""


class IdentityWarning(StrEnum):
    """What an officer should look at although the number is accepted."""

    AREA_UNKNOWN = "identity_area_unknown"
    AREA_YOUNGER = "identity_area_younger_than_holder"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    number: str
    birth_date: date
    area_code: str
    warnings: tuple[IdentityWarning, ...]


_SEPARATORS = re.compile(r"[\s\-‐‑–—·.]")


def normalise_identity_number(text: str) -> str:
    """Bring a typed number to one form: half width, no blanks or dashes, capital X."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def parse_identity_number(text: str, *, on: date) -> IdentityNumber:
    """Check length, birth date and check digit; raises InvalidIdentityNumber with a code.

    The area is only warned about: codes are created and abolished, and a number issued later under
    a younger code is real.
    """
    number = normalise_identity_number(text)
    _check_shape(number)
    birth_date = _birth_date(number)
    if birth_date > on:
        raise InvalidIdentityNumber("identity_birth_date_ahead", field="identity_number")
    if ric.calc_check_digit(number) != number[-1]:
        raise InvalidIdentityNumber("identity_check_digit", field="identity_number")
    return IdentityNumber(number, birth_date, number[:6], _area_warnings(number))


def birth_date_of(number: str) -> date:
    """Return the birth date in a number; raises InvalidIdentityNumber where there is none."""
    compact = normalise_identity_number(number)
    _check_shape(compact)
    return _birth_date(compact)


def mask_identity_number(number: str) -> str:
    """Hide a number but for its first and last character: 5****************X.

    That is enough to compare with a card on the desk. The six area digits, the birth date and the
    second-last digit, which tells the sex, stay hidden.
    """
    compact = normalise_identity_number(number)
    if len(compact) <= 2:
        return "*" * len(compact)
    return f"{compact[0]}{'*' * (len(compact) - 2)}{compact[-1]}"


def _check_shape(number: str) -> None:
    if not number:
        code = "identity_blank"
    elif re.fullmatch(r"[0-9]{15}", number):
        # Cards with 15 digits ended in 2013; upgrading would invent the century and check digit.
        code = "identity_old_15_digits"
    elif len(number) != 18:
        code = "identity_length"
    elif not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        code = "identity_characters"
    else:
        return
    raise InvalidIdentityNumber(code, field="identity_number")


def _birth_date(number: str) -> date:
    try:
        born = ric.get_birth_date(number)
    except ValidationError:
        born = None
    if born is None or born.year < 1900:
        raise InvalidIdentityNumber("identity_birth_date", field="identity_number")
    return born


def _area_warnings(number: str) -> tuple[IdentityWarning, ...]:
    area, born = number[:6], int(number[6:10])
    terms = _area_terms(area)
    if not terms and divisions().successor(area) is None:
        return (IdentityWarning.AREA_UNKNOWN,)
    if terms and not any(first <= born <= last for first, last in terms):
        return (IdentityWarning.AREA_YOUNGER,) if born < terms[0][0] else ()
    return ()


def _area_terms(area: str) -> list[tuple[int, int]]:
    """Return the years in which an area code was in force, as python-stdnum lists them.

    Its own look-up cannot be called: it fails for codes it has only a province for.
    """
    counties = [props.get("county", "") for _, props in numdb.get("cn/loc").info(area)]
    return [
        (int(term[1] or 0), int(term[2] or 9999)) if term else (0, 9999)
        for county in ",".join(filter(None, counties)).split(",")
        if county
        for term in [re.match(r"\[(\d*)-(\d*)\]", county)]
    ]


# --- Unified social credit codes (GB 32100) -----------------------------------------------------


class InvalidCreditCode(InvalidInput):
    """The unified social credit code cannot be one; `code` says why."""


def parse_credit_code(text: str) -> str:
    """Return the compact code; raises InvalidCreditCode with a code."""
    compact = normalise_identity_number(text)
    if not compact:
        raise InvalidCreditCode("credit_code_blank", field="credit_code")
    if len(compact) != 18:
        raise InvalidCreditCode("credit_code_length", field="credit_code")
    try:
        return uscc.validate(compact)
    except InvalidChecksum:
        raise InvalidCreditCode("credit_code_check_digit", field="credit_code") from None
    except ValidationError:
        raise InvalidCreditCode("credit_code_characters", field="credit_code") from None


# --- Telephone numbers --------------------------------------------------------------------------


class InvalidPhone(InvalidInput):
    """The telephone number cannot be one; `code` says why."""


def parse_phone(text: str) -> str:
    """Return the number in the international form +86…; raises InvalidPhone with a code.

    Mobile and fixed lines of the mainland are meant; a full international number is kept too.
    """
    typed = unicodedata.normalize("NFKC", text).strip()
    if not typed:
        raise InvalidPhone("phone_blank", field="phone")
    # libphonenumber takes 0086 as the way out of China, not as the way in.
    typed = re.sub(r"^0086", "+86", typed)
    try:
        number = phonenumbers.parse(typed, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidPhone("phone_characters", field="phone") from None
    if number.extension:
        raise InvalidPhone("phone_extension", field="phone")
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("phone_unknown_range", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national_phone(number: str) -> str:
    """Write a stored number as it is dialled at home: 13800138000, 028 8397 1234."""
    parsed = phonenumbers.parse(number, "CN")
    if parsed.country_code != 86:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
        return str(parsed.national_number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def phone_tail(number: str) -> str:
    """Return the last four digits, by which people are searched and told apart."""
    return re.sub(r"\D", "", number)[-4:]


def mask_phone(number: str) -> str:
    """Hide a number but for its first three and last four digits: 138****8000."""
    digits = re.sub(r"\D", "", number.removeprefix("+86"))
    if len(digits) < 8:
        return "*" * len(digits)
    return f"{digits[:3]}{'*' * (len(digits) - 7)}{digits[-4:]}"


# --- Names --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamePinyin:
    """How a name is found by typing: all syllables joined, and their first letters."""

    syllables: tuple[str, ...]

    @property
    def full(self) -> str:
        return "".join(self.syllables)

    @property
    def initials(self) -> str:
        return "".join(syllable[0] for syllable in self.syllables)


# Characters read differently as a surname than in running text.
_SURNAMES: Final = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "长孙": ("zhang", "sun"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "令狐": ("ling", "hu"),
    "单": ("shan",),
    "曾": ("zeng",),
    "解": ("xie",),
    "仇": ("qiu",),
    "区": ("ou",),
    "乐": ("yue",),
    "盖": ("ge",),
    "翟": ("zhai",),
    "查": ("zha",),
    "任": ("ren",),
    "朴": ("piao",),
    "覃": ("qin",),
    "召": ("shao",),
    "员": ("yun",),
    "种": ("chong",),
    "秘": ("bi",),
    "折": ("she",),
    "洗": ("xian",),
    "冼": ("xian",),
    "缪": ("miao",),
    "尉": ("wei",),
    "繁": ("po",),
    "祭": ("zhai",),
    "逄": ("pang",),
    "能": ("nai",),
    "黑": ("he",),
    "隗": ("wei",),
    "郗": ("xi",),
    "郇": ("xun",),
    "乜": ("nie",),
    "车": ("che",),
    "华": ("hua",),
    "纪": ("ji",),
    "那": ("na",),
    "应": ("ying",),
    "盛": ("sheng",),
    "晟": ("cheng",),
    "六": ("lu",),
    "谌": ("chen",),
    "葛": ("ge",),
    "褚": ("chu",),
    "宓": ("mi",),
    "撒": ("sa",),
    "哈": ("ha",),
    "过": ("guo",),
    "石": ("shi",),
    "沈": ("shen",),
    "都": ("du",),
    "行": ("xing",),
    "还": ("huan",),
    "重": ("chong",),
    "句": ("gou",),
    "呙": ("guo",),
    "於": ("yu",),
    "幺": ("yao",),
    "粘": ("nian",),
}
_WORD = re.compile(r"[a-z]+")
_NOT_A_NAME = re.compile(r"[^A-Za-z㐀-鿿豈-﫿\U00020000-\U0003ffff]+")


def name_pinyin(name: str) -> NamePinyin:
    """Return the syllables of a name, its surname read as surnames are.

    Letters count as they stand, a syllable per word. A name with a middle dot (阿依古丽·买买提) has
    no Han surname, so nothing in it is read as one.
    """
    folded = unicodedata.normalize("NFKC", name).strip()
    compact = _NOT_A_NAME.sub(" ", folded).strip()
    surname = "" if " " in compact or "·" in folded else _surname(compact)
    syllables = list(_SURNAMES[surname]) if surname else []
    for read in lazy_pinyin(compact[len(surname) :]):
        syllables += _WORD.findall(read.lower())
    return NamePinyin(tuple(syllables))


def _surname(name: str) -> str:
    return next((name[:length] for length in (2, 1) if name[:length] in _SURNAMES), "")
