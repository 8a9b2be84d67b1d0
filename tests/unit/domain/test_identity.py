"""Identity numbers, credit codes, telephone numbers and the pinyin of names."""

from datetime import date

import pytest
from hypothesis import given, strategies as st

from matchboard.domain.identity import (
    IdentityWarning,
    InvalidCreditCode,
    InvalidIdentityNumber,
    InvalidPhone,
    birth_date_of,
    mask_identity_number,
    mask_phone,
    name_pinyin,
    national_phone,
    normalise_identity_number,
    parse_credit_code,
    parse_identity_number,
    parse_phone,
    phone_tail,
)

TODAY = date(2026, 11, 24)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def fictional(area="110105", born="19900101", order="001"):
    """Return a number with the check digit of GB 11643, worked out by its table of weights."""
    digits = area + born + order
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
    return digits + "10X98765432"[total % 11]


SOUND = fictional()
WITH_X = next(
    number for number in (fictional(order=f"{n:03}") for n in range(200)) if number[-1] == "X"
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        pytest.param(SOUND, SOUND, id="plain"),
        pytest.param(f" {SOUND[:6]} {SOUND[6:14]}-{SOUND[14:]} ", SOUND, id="spaced"),
        pytest.param("".join(chr(ord(c) + 0xFEE0) for c in SOUND), SOUND, id="full-width"),
        pytest.param(WITH_X.lower(), WITH_X, id="small-x"),
        pytest.param("　" + WITH_X[:-1] + "ｘ", WITH_X, id="full-width-x"),
    ],
)
def test_identity_number_is_accepted_when_typed_differently(typed, number):
    assert parse_identity_number(typed, on=TODAY).number == number
    assert normalise_identity_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "identity_blank", id="blank"),
        pytest.param("  ", "identity_blank", id="spaces"),
        pytest.param("110105900101001", "identity_old_15_digits", id="old"),
        pytest.param(SOUND[:-1], "identity_length", id="short"),
        pytest.param(SOUND + "0", "identity_length", id="long"),
        pytest.param("X" + SOUND[1:], "identity_characters", id="x-inside"),
        pytest.param("赵" + SOUND[1:], "identity_characters", id="letter"),
        pytest.param(fictional(born="19900230"), "identity_birth_date", id="no-such-day"),
        pytest.param(fictional(born="18991231"), "identity_birth_date", id="before-1900"),
        pytest.param(fictional(born="20261125"), "identity_birth_date_ahead", id="tomorrow"),
        pytest.param(
            SOUND[:-1] + str((int(SOUND[-1]) + 1) % 10), "identity_check_digit", id="check"
        ),
    ],
)
def test_identity_number_is_refused_when_it_cannot_be_one(typed, code):
    with pytest.raises(InvalidIdentityNumber) as refused:
        parse_identity_number(typed, on=TODAY)
    assert (refused.value.code, refused.value.field) == (code, "identity_number")


def test_identity_number_is_accepted_when_born_today():
    assert parse_identity_number(fictional(born="20261124"), on=TODAY).birth_date == TODAY


@given(place=st.integers(0, 17), shift=st.integers(1, 9))
def test_identity_number_is_refused_when_one_digit_is_mistyped(place, shift):
    if SOUND[place] == "X":
        return
    wrong = str((int(SOUND[place]) + shift) % 10)
    with pytest.raises(InvalidIdentityNumber):
        parse_identity_number(SOUND[:place] + wrong + SOUND[place + 1 :], on=TODAY)
    assert parse_identity_number(SOUND, on=TODAY).birth_date == birth_date_of(SOUND)


@pytest.mark.parametrize(
    ("area", "born", "warnings"),
    [
        pytest.param("110105", "19900101", (), id="always-there"),
        pytest.param("510124", "19900101", (), id="abolished-later"),
        pytest.param("510124", "20200101", (), id="issued-under-the-old-code"),
        pytest.param("330113", "19900101", (), id="newer-than-the-library"),
        pytest.param("510117", "19900101", (IdentityWarning.AREA_YOUNGER,), id="created-later"),
        pytest.param("999999", "19900101", (IdentityWarning.AREA_UNKNOWN,), id="unknown"),
    ],
)
def test_area_only_warns_when_it_is_odd(area, born, warnings):
    assert parse_identity_number(fictional(area, born), on=TODAY).warnings == warnings


def test_birth_date_is_read_when_the_number_has_one():
    assert birth_date_of(fictional(born="19880229").lower()) == date(1988, 2, 29)


def test_birth_date_is_refused_when_the_number_is_cut():
    with pytest.raises(InvalidIdentityNumber):
        birth_date_of(SOUND[:10])
    assert birth_date_of(SOUND) == parse_identity_number(SOUND, on=TODAY).birth_date


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        pytest.param("110105199001010015", "1****************5", id="full"),
        pytest.param("11010519900101001x", "1****************X", id="small-x"),
        pytest.param("12", "**", id="too-short-to-show"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_identity_number_shows_two_characters_when_masked(number, masked):
    assert mask_identity_number(number) == masked


CREDIT_CODE = "91110000600037341L"


@pytest.mark.parametrize(
    "typed", [CREDIT_CODE, " 91110000 600037341l ", "９１１１００００６０００３７３４１Ｌ"]
)
def test_credit_code_is_accepted_when_typed_differently(typed):
    assert parse_credit_code(typed) == CREDIT_CODE


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param(" ", "credit_code_blank", id="blank"),
        pytest.param(CREDIT_CODE[:-1], "credit_code_length", id="short"),
        pytest.param(CREDIT_CODE[:-1] + "M", "credit_code_check_digit", id="check"),
        pytest.param("I" + CREDIT_CODE[1:], "credit_code_characters", id="letter-not-used"),
    ],
)
def test_credit_code_is_refused_when_it_cannot_be_one(typed, code):
    with pytest.raises(InvalidCreditCode) as refused:
        parse_credit_code(typed)
    assert (refused.value.code, refused.value.field) == (code, "credit_code")


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        pytest.param("13800138000", "+8613800138000", "13800138000", id="mobile"),
        pytest.param("138 0013-8000", "+8613800138000", "13800138000", id="spaced"),
        pytest.param("１３８００１３８０００", "+8613800138000", "13800138000", id="full-width"),
        pytest.param("+86 138 0013 8000", "+8613800138000", "13800138000", id="country"),
        pytest.param("0086 138 0013 8000", "+8613800138000", "13800138000", id="two-zeros"),
        pytest.param("17405001234", "+8617405001234", "17405001234", id="satellite-range"),
        pytest.param("028-83971234", "+862883971234", "028 8397 1234", id="fixed-line"),
        pytest.param("(028)83971234", "+862883971234", "028 8397 1234", id="brackets"),
        pytest.param("+852 2345 6789", "+85223456789", "+852 2345 6789", id="abroad"),
    ],
)
def test_phone_is_stored_in_one_form_when_typed_differently(typed, stored, shown):
    assert (parse_phone(typed), national_phone(stored)) == (stored, shown)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        pytest.param("", "phone_blank", id="blank"),
        pytest.param("无", "phone_characters", id="words"),
        pytest.param("1380013800", "phone_unknown_range", id="a-digit-short"),
        pytest.param("99999999999", "phone_unknown_range", id="no-such-range"),
        pytest.param("028-83971234 ext 801", "phone_extension", id="extension"),
    ],
)
def test_phone_is_refused_when_it_cannot_be_one(typed, code):
    with pytest.raises(InvalidPhone) as refused:
        parse_phone(typed)
    assert (refused.value.code, refused.value.field) == (code, "phone")


@pytest.mark.parametrize(
    ("number", "masked", "tail"),
    [
        pytest.param("+8613800138000", "138****8000", "8000", id="mobile"),
        pytest.param("+862883971234", "288***1234", "1234", id="fixed-line"),
        pytest.param("12345", "*****", "2345", id="short"),
    ],
)
def test_phone_shows_head_and_tail_when_masked(number, masked, tail):
    assert (mask_phone(number), phone_tail(number)) == (masked, tail)


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        pytest.param("赵样一", "zhaoyangyi", "zyy", id="plain"),
        pytest.param("单样", "shanyang", "sy", id="shan"),
        pytest.param("曾样", "zengyang", "zy", id="zeng"),
        pytest.param("解样", "xieyang", "xy", id="xie"),
        pytest.param("仇样", "qiuyang", "qy", id="qiu"),
        pytest.param("区样", "ouyang", "oy", id="ou"),
        pytest.param("翟样", "zhaiyang", "zy", id="zhai"),
        pytest.param("单于样", "chanyuyang", "cyy", id="two-character-surname"),
        pytest.param("万俟样", "moqiyang", "mqy", id="moqi"),
        pytest.param("李单", "lidan", "ld", id="not-as-given-name"),
        pytest.param("赵 样 一", "zhaoyangyi", "zyy", id="spaced"),
        pytest.param("阿依·单样", "ayidanyang", "aydy", id="middle-dot"),
        pytest.param("Li 样", "liyang", "ly", id="letters"),
        pytest.param("赵样1", "zhaoyang", "zy", id="digits-dropped"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_name_is_found_by_typing_when_read_as_a_name(name, full, initials):
    read = name_pinyin(name)
    assert (read.full, read.initials) == (full, initials)
