"""Points that were found in one frame, and what they looked like there: to recognise them, and to tell when they are gone.

Lucas-Kanade alone does not notice something passing in front: its window keeps to whatever has come into it, and the way back
agrees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .drift import Patches, align_patches, patch_grid, sample_patches
from .point_tracking import Grey, Points

_NEIGHBOURS = 10
_SIDE = 13
_MIDDLE = 1.75
"""px around the point that count most where looks are compared: at an edge the rest of the patch goes another way"""
_ITERATIONS = 5
_ONCE_MORE = 3
_AT_ONCE = 256


@dataclass(frozen=True)
class PointGroup:
    """Points of one frame."""

    grey: Grey
    """the frame"""
    start: Points
    """[n, 2], where they are in it"""
    near: NDArray[np.int64]
    """[n, k], the nearest of the group, itself among them"""


@dataclass(frozen=True)
class Resemblance:
    """Points compared with what they were."""

    positions: Points
    """[n, 2], where each looks most like itself, near where it was said to be"""
    correlation: NDArray[np.float32]
    """[n], of the look there with the first one, -1 to 1"""
    unsettled: NDArray[np.float32]
    """[n], px by which looking once more from there moves the place: much where it slides along an edge, or is not the same"""


def make_group(grey: Grey, start: Points) -> PointGroup:
    """The points [n, 2] of the frame [H, W]."""
    return PointGroup(grey, start, _nearest(start, start, min(_NEIGHBOURS + 1, len(start))))


def compare_points(
    group: PointGroup, grey: Grey, place: Points, alive: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> Resemblance:
    """Those of the group's points that are ``wanted`` [n], each with its first look, in a later frame.

    The first look is turned and scaled as the neighbours went.

    Args:
        place: [n, 2], where the points are said to be.
        alive: [n], which of them are to be believed.
    """
    turn = surroundings(group, place, alive)[wanted]
    grid = patch_grid(_SIDE)
    around = group.start[wanted][:, None] + np.einsum("nij,pj->npi", np.linalg.inv(turn), grid)
    template = sample_patches(group.grey, around, _SIDE)
    positions, now = align_patches(grey, template, place[wanted], _ITERATIONS)
    again, _ = align_patches(grey, template, positions, _ONCE_MORE)
    unsettled = np.linalg.norm(again - positions, axis=1).astype(np.float32)
    return Resemblance(positions, _correlation(template, now), unsettled)


def surroundings(group: PointGroup, place: Points, alive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How what is around each point turned, scaled and sheared since the group's frame, [n, 2, 2], by least squares.

    The identity where that is absurd (a mirror image, or larger or smaller than 4 times) or nobody near is alive.
    """
    before = (group.start[group.near] - group.start[:, None]).astype(np.float64)
    after = (place[group.near] - place[:, None]).astype(np.float64)
    counts = alive[group.near].astype(np.float64)
    # A faint pull towards the identity keeps neighbours on one line, or none, solvable.
    pull = (1e-3 * np.einsum("nk,nki->n", counts, before**2) + 1e-6)[:, None, None] * np.eye(2)
    gram = np.einsum("nk,nki,nkj->nij", counts, before, before) + pull
    linear = (np.einsum("nk,nki,nkj->nij", counts, after, before) + pull) @ np.linalg.inv(gram)
    area = np.linalg.det(linear)
    return np.where(((area > 1 / 16) & (area < 16))[:, None, None], linear, np.eye(2)).astype(np.float64)


def trace_back(group: PointGroup, place: Points, alive: NDArray[np.bool_], wanted: Points) -> Points:
    """Where in the group's frame that was which is now at ``wanted`` [m, 2]: the way of the nearest living point, back.

    At least one point must be alive.
    """
    back = np.linalg.inv(surroundings(group, place, alive))
    living = np.flatnonzero(alive)
    nearest = living[_nearest(wanted, place[living], 1)[:, 0]]
    offset = np.einsum("mij,mj->mi", back[nearest], (wanted - place[nearest]).astype(np.float64))
    return (group.start[nearest] + offset).astype(np.float32)


def _nearest(places: Points, among: Points, count: int) -> NDArray[np.int64]:
    """For each of the places [m, 2] the numbers of the ``count`` nearest of others [n, 2]. [m, count]"""
    ends = among.astype(np.float64)
    found = []
    for part in np.array_split(places.astype(np.float64), 1 + len(places) // _AT_ONCE):
        # The square of the place's own length is the same for all and left out.
        distance = (ends**2).sum(axis=1) - 2 * part @ ends.T
        found.append(np.argpartition(distance, count - 1, axis=1)[:, :count])
    return np.concatenate(found)


def _correlation(one: Patches, other: Patches) -> NDArray[np.float32]:
    """Of each patch with its counterpart, the middle counting most, whatever their brightness and contrast: -1 to 1. [n]"""
    weight = np.exp(-(patch_grid(_SIDE) ** 2).sum(axis=1) / (2 * _MIDDLE**2)).reshape(_SIDE, _SIDE)
    weight = (weight / weight.sum()).astype(np.float32)
    a = one - (weight * one).sum(axis=(1, 2), keepdims=True)
    b = other - (weight * other).sum(axis=(1, 2), keepdims=True)
    scale = np.sqrt((weight * a**2).sum(axis=(1, 2)) * (weight * b**2).sum(axis=(1, 2))) + 1e-6
    return ((weight * a * b).sum(axis=(1, 2)) / scale).astype(np.float32)
