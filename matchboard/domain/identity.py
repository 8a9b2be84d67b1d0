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
from matchboard.domain.catalogues.reading import read_rows, split_list
from matchboard.domain.errors import InvalidInput
from matchboard.domain.text import bare, name_line, unaccented

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


_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−·•.]")


def normalise_identity_number(text: str) -> str:
    """Bring a typed number to one form: half width, nothing invisible, no dashes, capital X."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", bare(text))).upper()


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


#: Passports and travel permits, of China and abroad: letters first, then digits; the old permit of
#: permanent residence has three letters and twelve digits.
_OTHER_DOCUMENT = re.compile(r"[A-Z]{1,2}[0-9]{6,10}|E[A-Z][0-9]{7}|[A-Z]{3}[0-9]{12}")


def _check_shape(number: str) -> None:
    if not number:
        code = "identity_blank"
    elif re.fullmatch(r"[0-9]{15}", number):
        # Cards with 15 digits ended in 2013; upgrading would invent the century and check digit.
        code = "identity_old_15_digits"
    elif _OTHER_DOCUMENT.fullmatch(number):
        code = "identity_other_document"
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
    """Return the compact code; raises InvalidCreditCode with a code.

    One identity number in thirty-one has the code's check character. It is told from one by the
    organisation code inside, positions 9 to 17, which has a check character of its own (GB 11714).
    """
    compact = normalise_identity_number(text)
    if not compact:
        raise InvalidCreditCode("credit_code_blank", field="credit_code")
    if len(compact) != 18:
        raise InvalidCreditCode("credit_code_length", field="credit_code")
    if _is_identity_number(compact):
        raise InvalidCreditCode("credit_code_is_identity", field="credit_code")
    try:
        code = uscc.validate(compact)
        if organisation_check_character(code[8:16]) != code[16]:
            raise InvalidChecksum
        return code
    except InvalidChecksum:
        raise InvalidCreditCode("credit_code_check_digit", field="credit_code") from None
    except ValidationError:
        raise InvalidCreditCode("credit_code_characters", field="credit_code") from None


def organisation_check_character(code: str) -> str:
    """Return the ninth character of an organisation code (GB 11714) from its first eight."""
    total = sum(w * _VALUES.index(c) for w, c in zip(_WEIGHTS, code, strict=True))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _is_identity_number(number: str) -> bool:
    try:
        _check_shape(number)
        _birth_date(number)
    except InvalidIdentityNumber:
        return False
    return ric.calc_check_digit(number) == number[-1]


# --- Telephone numbers --------------------------------------------------------------------------


class InvalidPhone(InvalidInput):
    """The telephone number cannot be one; `code` says why."""


def parse_phone(text: str) -> str:
    """Return the number in the international form +86…; raises InvalidPhone with a code.

    Mobile and fixed lines of the mainland are meant; a full international number is kept too. What
    is typed beside a number is never dropped: an extension, a second number and a remark are
    refused, each in its own words.
    """
    typed = _PHONE_LABEL.sub("", bare(text))
    if not typed:
        raise InvalidPhone("phone_blank", field="phone")
    digits = phone_digits(typed)
    _check_phone_alone(typed, digits)
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidPhone("phone_characters", field="phone") from None
    if number.extension:
        raise InvalidPhone("phone_extension", field="phone")
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("phone_unknown_range", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_digits(text: str) -> str:
    """Return a typed telephone number without what people put between its digits.

    0086 stands for +86: libphonenumber takes it as the way out of China, not as the way in.

    >>> phone_digits("0086 138.0013.8765"), phone_digits("（028）8397—1234")
    ('+8613800138765', '02883971234')
    """
    return re.sub(r"^00(?=86)", "+", _BETWEEN_DIGITS.sub("", bare(text)))


_BETWEEN_DIGITS = re.compile(r"[\s()（）\[\]\-‐‑‒–—―−~_.。·•,'’]")
#: Words before a number that only say it is one.
_PHONE_LABEL = re.compile(
    r"^(?:联系|移动|固定|办公|本人|家庭)?(?:电话|手机|座机|固话)(?:号码?)?[:：\s]*|^(?:tel|phone|mobile)[.:\s]+",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"\d\s*(?:转|转接|分机|分机号|内线|ext\.?|extension|x|#|\*)\s*[:：.]?\s*\d{1,6}(?:号|分机)?$"
    r"|^\(?0\d{2,3}\)?[\s\-‐‑‒–—―−]*[2-9]\d{6,7}[\s\-‐‑‒–—―−]+\d{1,5}$",
    re.IGNORECASE,
)
_NUMBER_SIGN = re.compile(r"[/、,，;；|\\或\n]|\s{1,}")


def _check_phone_alone(typed: str, digits: str) -> None:
    """Refuse what is more than one number without an extension."""
    if _EXTENSION.search(typed):
        raise InvalidPhone("phone_extension", field="phone")
    parts = [re.sub(r"\D", "", part) for part in _NUMBER_SIGN.split(typed)]
    if sum(len(part) >= 7 for part in parts) > 1 or re.search(r"\d{7}\D*[+/、或]", digits):
        raise InvalidPhone("phone_several", field="phone")
    if not re.fullmatch(r"\+?\d+", digits):
        code = "phone_remark" if len(re.sub(r"\D", "", digits)) >= 7 else "phone_characters"
        raise InvalidPhone(code, field="phone")


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


#: Characters read otherwise as a surname than in running text; the first reading is the usual one.
_SURNAMES: Final[dict[str, list[tuple[str, ...]]]] = {
    row["surname"]: [
        tuple(reading.split()) for reading in (row["reading"], *split_list(row["also"]))
    ]
    for row in read_rows("surname_readings.csv")
}
_WORD = re.compile(r"[a-z]+")
_NOT_A_NAME = re.compile(r"[^A-Za-z㐀-鿿豈-﫿\U00020000-\U0003ffff]+")


def name_pinyin(name: str) -> NamePinyin:
    """Return the syllables of a name, its surname read as surnames are.

    Letters count as they stand, a syllable per word. A name with a middle dot (阿依古丽·买买提) has
    no Han surname, so nothing in it is read as one.
    """
    surname, rest = _parted(name)
    return NamePinyin((*(_SURNAMES[surname][0] if surname else ()), *_syllables(rest)))


def other_readings(name: str) -> list[str]:
    """Return the other ways somebody may read a name aloud, joined.

    A surname of several readings, or read as in running text by who does not know it; ü as u or yu,
    as passports and people without the letter write it.
    """
    surname, rest = _parted(name)
    usual = name_pinyin(name).full
    readings = [*_SURNAMES[surname], tuple(lazy_pinyin(surname))] if surname else [()]
    given = _syllables(rest)
    found = {
        "".join(_UMLAUT.sub(rf"\1{u}\2", one) for one in (*reading, *given))
        for reading in readings
        for u in ("v", "u", "yu")
    }
    return sorted(found - {usual, ""})


#: How keyboards write lü, nüe.
_UMLAUT = re.compile(r"^([ln])v(e?)$")


def _parted(name: str) -> tuple[str, str]:
    """Return the surname, where it is one that is read in its own way, and the rest."""
    spelt = name_line(name)
    compact = _NOT_A_NAME.sub(" ", unaccented(spelt)).strip()
    surname = "" if " " in compact or "·" in spelt else _surname(compact)
    return surname, compact[len(surname) :]


def _syllables(text: str) -> list[str]:
    return [one for read in lazy_pinyin(text) for one in _WORD.findall(read.lower())]


def _surname(name: str) -> str:
    return next((name[:length] for length in (2, 1) if name[:length] in _SURNAMES), "")
