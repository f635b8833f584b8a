"""Marks lie where they should, to a fraction of a pixel, the later over the earlier; error colours can be told apart."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wanmove_core.rendering.error_colours import LEVELS, LOST, STOPS, error_levels, level_colours, steps_at
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.marks import Look, MarkLayer, Shape

RED, BLUE = (255, 0, 0), (0, 0, 255)
PALETTE = np.array([RED, BLUE], np.uint8)
GREY = np.full((40, 60, 3), 128, np.uint8)


def draw(places: list[tuple[float, float]], shades: list[int], look: Look) -> Frame:
    layer = MarkLayer(40, 60)
    layer.add(np.array(places, np.float32).reshape(-1, 2), np.array(shades, np.intp), PALETTE, look)
    return layer.over(GREY)


def centre_of(frame: Frame) -> NDArray[np.float64]:
    """(x, y) of what differs from the grey, weighed by how much."""
    weight = np.abs(frame.astype(np.float64) - 128).sum(axis=2)
    rows, columns = np.mgrid[: frame.shape[0], : frame.shape[1]] + 0.5
    return np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()


@pytest.mark.parametrize("shape", ["dot", "ring", "cross"])
@pytest.mark.parametrize("place", [(30.5, 20.5), (30.2, 19.9), (29.99, 20.01)])
@pytest.mark.parametrize("radius", [1.2, 4.0])
def test_a_mark_is_centred_on_its_place(shape: Shape, place: tuple[float, float], radius: float) -> None:
    centre = centre_of(draw([place], [0], Look(shape, radius, radius / 4)))
    assert np.abs(centre - place).max() < 0.15


def test_a_dot_is_full_of_its_colour_and_a_ring_is_open() -> None:
    assert tuple(draw([(30.5, 20.5)], [1], Look("dot", 4, 1))[20, 30]) == BLUE
    ring = draw([(30.5, 20.5)], [1], Look("ring", 4, 1))
    assert tuple(ring[20, 30]) == (128, 128, 128) and ring[20, 34, 2] > 200


def test_the_later_of_two_marks_lies_on_top() -> None:
    look = Look("dot", 4, 1)
    assert tuple(draw([(30.5, 20.5), (32.5, 20.5)], [0, 1], look)[20, 32]) == BLUE
    assert tuple(draw([(32.5, 20.5), (30.5, 20.5)], [1, 0], look)[20, 31]) == RED


def test_marks_over_the_edge_are_cut_there_and_far_ones_are_not_drawn() -> None:
    whole = draw([(30.5, 20.5)], [0], Look("dot", 4, 1))
    corner = draw([(0.5, 0.5), (60.4, 40.4), (1e9, -1e9), (np.nan, 5)], [0, 0, 1, 1], Look("dot", 4, 1))
    assert np.array_equal(corner[:6, :6], whole[20:26, 30:36])
    assert (corner[:, :, 2] <= 128).all() and (corner[39, 59] != 128).any()


def test_a_layer_is_empty_after_it_was_drawn() -> None:
    layer = MarkLayer(40, 60)
    layer.add(np.array([[30.5, 20.5]]), np.zeros(1, np.intp), PALETTE, Look("dot", 4, 1))
    layer.over(GREY)
    assert np.array_equal(layer.over(GREY), GREY)


def test_errors_are_graded_by_the_size_of_the_video() -> None:
    assert error_levels(np.array([0.0, 2, 8, 16, 99, np.nan]), 832, 480).tolist() == [0, 0, 8, 16, 16, 16]
    assert error_levels(np.array([4.0, 16, 32]), 1664, 960).tolist() == [0, 8, 16]
    assert steps_at(416, 240) == pytest.approx((1, 4, 8))
    assert [tuple(level_colours()[index]) for index in (0, (LEVELS - 1) // 2, LEVELS - 1)] == list(STOPS)


# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1
_SEEN_BY = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("eyes", _SEEN_BY)
def test_good_middling_bad_and_lost_can_be_told_apart_by_everybody(eyes: str) -> None:
    linear = (np.array([*STOPS, LOST]) / 255) ** 2.2
    seen = 255 * np.clip(linear @ np.array(_SEEN_BY[eyes]).T, 0, 1) ** (1 / 2.2)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert apart[np.triu_indices(4, 1)].min() > 90
