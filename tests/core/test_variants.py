"""The rows of the released models: the numbers of their configurations, as a person can check them."""

from dataclasses import astuple

import pytest

from wanmove_core.variants import (
    FLF2V,
    I2V_14B,
    I2V_A14B,
    T2V_1_3B,
    T2V_14B,
    T2V_A14B,
    TI2V_5B,
    VARIANTS,
    WAN22_STRIDE,
    WAN_MOVE,
    WanVariant,
    find_pair,
    find_variant,
)


@pytest.mark.parametrize(
    ("row", "inputs", "boundary", "defaults"),
    [
        (WAN_MOVE, (36, 16, 257), None, (40, 3.0, 5.0, 81, 16.0, 832, 480, None)),
        (I2V_14B, (36, 16, 257), None, (40, 5.0, 5.0, 81, 16.0, 1280, 720, None)),
        (FLF2V, (36, 16, 514), None, (50, 16.0, 5.0, 81, 16.0, 1280, 720, None)),
        (T2V_1_3B, (16, 16, 0), None, (50, 5.0, 5.0, 81, 16.0, 832, 480, None)),
        (T2V_14B, (16, 16, 0), None, (50, 5.0, 5.0, 81, 16.0, 832, 480, None)),
        (T2V_A14B, (16, 16, 0), 0.875, (40, 12.0, 3.0, 81, 16.0, 832, 480, 4.0)),
        (I2V_A14B, (36, 16, 0), 0.9, (40, 5.0, 3.5, 81, 16.0, 832, 480, None)),
        (TI2V_5B, (48, 48, 0), None, (50, 5.0, 5.0, 121, 24.0, 1280, 704, None)),
    ],
    ids=lambda value: value.name if isinstance(value, WanVariant) else "",
)
def test_a_row_has_the_numbers_of_its_released_configuration(
    row: WanVariant, inputs: tuple[int, ...], boundary: float | None, defaults: tuple[float | None, ...]
) -> None:
    assert (row.inputs, row.boundary, astuple(row.defaults)) == (inputs, boundary, defaults)
    assert row.experts == (1 if boundary is None else 2)


def test_each_name_is_there_once_and_finds_its_row() -> None:
    assert [find_variant(row.name) for row in VARIANTS] == list(VARIANTS)
    assert find_variant("wan-9") is None


def test_only_the_5b_has_the_wider_stride() -> None:
    assert [row.name for row in VARIANTS if row.stride == WAN22_STRIDE] == ["ti2v-5b"]


@pytest.mark.parametrize(
    ("row", "pair"),
    [(T2V_14B, T2V_A14B), (T2V_A14B, T2V_A14B), (I2V_A14B, I2V_A14B), (T2V_1_3B, None), (WAN_MOVE, None), (TI2V_5B, None)],
)
def test_two_files_of_a_structure_are_the_two_experts_of_a_row(row: WanVariant, pair: WanVariant | None) -> None:
    assert find_pair(row) is pair


def test_where_a_model_was_not_trained_for_tracks_its_note_says_so() -> None:
    untrained = {row.name for row in VARIANTS if "not trained for track guidance" in row.note}
    assert untrained == {"i2v-14b", "flf2v-14b", "i2v-a14b"}
    assert "plain I2V follows tracks weakly" in WAN_MOVE.note


def test_each_row_has_its_released_negative_prompt() -> None:
    shared, moving = T2V_1_3B.negative_prompt, {WAN_MOVE, I2V_14B}
    assert {row.negative_prompt for row in moving} == {"镜头晃动，" + shared}
    assert FLF2V.negative_prompt == "镜头切换，镜头晃动，" + shared
    assert all(row.negative_prompt == shared for row in VARIANTS if row not in {*moving, FLF2V})
