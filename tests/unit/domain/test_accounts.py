"""What an account may be called, which passwords are refused, and how far the settings go."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from matchboard.domain.accounts import (
    BOUNDS,
    EMAIL_MAX,
    NAME_MAX,
    SecurityRules,
    check_password,
    check_rules,
    identity_problems,
    new_one_time_password,
)
from matchboard.domain.errors import InvalidFields, InvalidInput

LONG = "k7-Vq" * 26


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        pytest.param("hk8-Vq-wm4z", "password_too_short", id="eleven"),
        pytest.param("hk8-Vq-wm4zr", None, id="twelve"),
        pytest.param(LONG[:128], None, id="128"),
        pytest.param(LONG[:129], "password_too_long", id="129"),
        pytest.param("horse-battery", None, id="just-hard-enough"),
        pytest.param("tablelamp2049", None, id="without-its-digits-just-hard-enough"),
        pytest.param("maplewood4711", "password_common", id="without-its-digits-easy"),
        pytest.param("quietmorning", "password_common", id="two-words"),
        pytest.param("abcdabcdabcd", "password_common", id="four-characters"),
        pytest.param("hk8-Lin-wm4zr", "password_contains_name", id="address-of-three"),
        pytest.param("hk8-LI-wm4zr9", None, id="two-letters-of-the-address"),
        pytest.param("hk8-王雨-wm4zr", "password_contains_name", id="name-of-two"),
        pytest.param("hk8-王-wm4zr9", None, id="half-the-name"),
    ],
)
def test_password_is_refused_when_it_is_short_common_or_the_persons_own(
    password: str, expected: str | None
) -> None:
    who = {"email": "lin@example.org", "display_name": " 王雨 "}
    if expected is None:
        check_password(password, **who)
        return
    with pytest.raises(InvalidInput) as caught:
        check_password(password, **who)
    assert (caught.value.code, caught.value.field) == (expected, "new_password")


def test_own_words_count_when_they_are_long_enough() -> None:
    """Whoever is called `li` may have these letters somewhere in a password."""
    check_password("hk8-li-wm4zr9", email="li@example.org", display_name="王")
    with pytest.raises(InvalidInput, match="password_contains_name"):
        check_password("hk8-lin-wm4zr", email="lin@example.org", display_name="王")
    check_password("hk8-王-wm4zr9", email="li@example.org", display_name="王")


@pytest.mark.parametrize(
    ("email", "name", "expected"),
    [
        ("a@example.org", "王雨", []),
        ("", "王雨", [("required", "email")]),
        ("example.org", "王雨", [("email_malformed", "email")]),
        ("a b@example.org", "王雨", [("email_malformed", "email")]),
        (f"{'a' * (EMAIL_MAX - 12)}@example.org", "雨", []),
        (f"{'a' * (EMAIL_MAX - 11)}@example.org", "雨", [("email_malformed", "email")]),
        ("a@example.org", "", [("required", "display_name")]),
        ("a@example.org", "雨" * NAME_MAX, []),
        ("a@example.org", "雨" * (NAME_MAX + 1), [("text_too_long", "display_name")]),
        ("", "", [("required", "email"), ("required", "display_name")]),
    ],
)
def test_identity_names_every_fault_when_there_are_several(
    email: str, name: str, expected: list[tuple[str, str]]
) -> None:
    assert [(p.code, p.field) for p in identity_problems(email, name)] == expected
    other = identity_problems(email, name, fields=("typed_email", "typed_name"))
    named = {"email": "typed_email", "display_name": "typed_name"}
    assert [(p.code, p.field) for p in other] == [(code, named[f]) for code, f in expected]


@pytest.mark.parametrize("name", list(asdict(SecurityRules())))
def test_setting_is_refused_when_one_beyond_its_bounds(name: str) -> None:
    low, high = BOUNDS[name]
    check_rules(SecurityRules())
    for value in (low, high):
        check_rules(replace(SecurityRules(), **{name: value}))
    for value in (low - 1, high + 1):
        with pytest.raises(InvalidFields) as caught:
            check_rules(replace(SecurityRules(), **{name: value}))
        assert [(p.code, p.field) for p in caught.value.problems] == [("out_of_range", name)]


def test_one_time_password_is_four_groups_of_five_and_new_each_time() -> None:
    drawn = {new_one_time_password() for _ in range(50)}
    assert len(drawn) == 50
    assert {tuple(len(group) for group in one.split("-")) for one in drawn} == {(5, 5, 5, 5)}
