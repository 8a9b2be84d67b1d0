"""Public ids: which texts can be one, and that a seed repeats them inside its block alone."""

from __future__ import annotations

import pytest

from matchboard.domain.pids import ALPHABET, LENGTH, is_pid, new_code_name, new_pid, seeded


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2345678z", True),
        ("22222222", True),
        ("2345678", False),
        ("2345678zz", False),
        ("", False),
        ("2345678A", False),
        ("2345678l", False),
        ("2345678o", False),
        ("2345678 ", False),
        ("２345678z", False),
    ],
)
def test_text_is_a_public_id_by_length_and_alphabet(text: str, is_one: bool) -> None:
    assert is_pid(text) is is_one


def test_id_is_of_the_alphabet_without_vowels_and_look_alikes() -> None:
    assert (len(ALPHABET), LENGTH) == (28, 8)
    assert not set(ALPHABET) & set("01aeilou")
    drawn = [new_pid() for _ in range(100)]
    assert all(is_pid(pid) for pid in drawn)
    assert len(set(drawn)) == 100
    assert set("".join(drawn)) == set(ALPHABET)


def test_ids_repeat_inside_a_seeded_block_and_never_outside() -> None:
    with seeded(7):
        first = [new_pid(), new_code_name()]
    with seeded(7):
        assert [new_pid(), new_code_name()] == first
    with seeded(8):
        assert [new_pid(), new_code_name()] != first
    assert new_pid() != first[0]
