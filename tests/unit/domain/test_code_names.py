"""Code names: letters that say nothing about whom they stand for."""

from __future__ import annotations

from matchboard.domain.pids import ALPHABET, CODE_NAME_LENGTH, new_code_name, seeded


def test_code_name_is_letters_one_can_say_when_drawn() -> None:
    with seeded(1):
        drawn = [new_code_name() for _ in range(200)]
    assert {len(name) for name in drawn} == {CODE_NAME_LENGTH}
    assert set("".join(drawn).lower()) <= {c for c in ALPHABET if c.isalpha()}
    assert len(set(drawn)) > 190


def test_code_name_never_begins_like_the_initials_when_some_would() -> None:
    with seeded(1):
        free = [new_code_name() for _ in range(400)]
    assert any(name.startswith("Z") for name in free)
    with seeded(1):
        assert not any(new_code_name(unlike="z").startswith("Z") for _ in range(400))
