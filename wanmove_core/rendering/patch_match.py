"""Which patch of a picture looks most like each patch over its hole, and what the hole looks like if one believes that.

PatchMatch (Barnes et al. 2009) with all pixels searched at once instead of one after the other, so that numpy can do it;
votes as in Wexler et al. 2007.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]
Places = NDArray[np.int64]
"""[M, 2], row and column"""

HALF = 3
"""Patches are 7 x 7."""
_SIDE = 2 * HALF + 1
_NEIGHBOURS = ((0, 1), (0, -1), (1, 0), (-1, 0))
_STRIDES = (4, 1)
_FAR_AWAY = 3000.0
"""squared grey levels that a match from the other end of the picture must be better by: what is near belongs together"""
_TRUST = 1.15
"""by which a pixel's vote loses weight with each px into the hole"""


@dataclass(frozen=True)
class Level:
    """A picture with a hole, at one scale."""

    picture: Floats
    """[H, W, 3]; what stands in the hole is without meaning"""
    hole: Mask
    """[H, W], to be filled"""
    targets: Places
    """pixels whose patch touches the hole"""
    sources: Mask
    """[H, W], pixels whose whole patch is in the picture and outside the hole and of what else must not be copied"""
    trust: Floats
    """[M], of the targets"""


def make_level(picture: Floats, hole: Mask, blocked: Mask) -> Level:
    """Prepare a picture [H, W, 3] for matching; no patch is taken from ``blocked`` pixels."""
    square = np.ones((_SIDE, _SIDE), np.uint8)
    targets = np.argwhere(cv2.dilate(hole.astype(np.uint8), square) > 0)
    sources = cv2.dilate((blocked | hole).astype(np.uint8), square) == 0
    sources[:HALF] = sources[-HALF:] = False
    sources[:, :HALF] = sources[:, -HALF:] = False
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)[tuple(targets.T)]
    return Level(picture, hole, targets, sources, (_TRUST**-depth).astype(np.float32))


def any_match(level: Level, generator: np.random.Generator) -> Places:
    """A random source for each target."""
    sources = np.argwhere(level.sources)
    return sources[generator.integers(0, len(sources), len(level.targets))]


def enlarge(level: Level, coarse: Level, matches: Places, generator: np.random.Generator) -> Places:
    """Matches of the level half as fine, as matches of this one."""
    known = _dense(coarse, matches)
    row, column = level.targets.T
    found = known[row // 2, column // 2] * 2 + level.targets % 2
    usable = _usable(level, found)
    return np.where(usable[:, None], found, any_match(level, generator))


def improve(level: Level, current: Floats, matches: Places, generator: np.random.Generator) -> tuple[Places, Floats]:
    """One round of looking for better matches of ``current``; returns them and their distances [M]."""
    patches = _patches(current)
    looks = patches, patches[tuple(level.targets.T)]
    cost = _cost(level, looks, matches, np.arange(len(matches)))
    for stride in _STRIDES:
        for neighbour in _NEIGHBOURS:
            offset = np.array(neighbour) * stride
            limits = np.array(level.hole.shape) - 1
            beside = np.clip(level.targets + offset, 0, limits)
            known = _dense(level, matches)[tuple(beside.T)]
            matches, cost = _better(level, looks, (matches, cost), known - (beside - level.targets))
    reach = max(level.hole.shape)
    while reach >= 1:
        tried = matches + generator.integers(-reach, reach + 1, matches.shape)
        matches, cost = _better(level, looks, (matches, cost), tried)
        reach //= 3
    return matches, cost


def vote(level: Level, matches: Places, cost: Floats | None = None) -> Floats:
    """The picture with every hole pixel the mean of what the matches of the patches around it say. [H, W, 3]"""
    height, width = level.hole.shape
    weight = level.trust.copy()
    if cost is not None:
        weight *= np.exp(-cost / max(2 * float(np.percentile(cost, 60)), 1e-3)) + 1e-6
    total = np.zeros((height, width, 3), np.float32)
    mass = np.zeros((height, width), np.float32)
    for offset in np.ndindex(_SIDE, _SIDE):
        shift = np.array(offset) - HALF
        place = level.targets + shift
        inside = ((place >= 0) & (place < (height, width))).all(axis=1)
        at, taken = tuple(place[inside].T), tuple((matches + shift)[inside].T)
        total[at] += level.picture[taken] * weight[inside, None]
        mass[at] += weight[inside]
    mixed = total / np.maximum(mass, 1e-12)[..., None]
    return np.where(level.hole[..., None], mixed, level.picture)


def _better(level: Level, looks: tuple[Floats, Floats], best: tuple[Places, Floats], tried: Places) -> tuple[Places, Floats]:
    matches, cost = best[0].copy(), best[1].copy()
    usable = np.flatnonzero(_usable(level, tried))
    found = _cost(level, looks, tried[usable], usable)
    wins = found < cost[usable]
    matches[usable[wins]], cost[usable[wins]] = tried[usable[wins]], found[wins]
    return matches, cost


def _cost(level: Level, looks: tuple[Floats, Floats], places: Places, targets: NDArray[np.intp]) -> Floats:
    """Mean squared difference of the looks wanted at some targets and those at places [m], and a price for the way. [m]"""
    patches, wanted = looks
    difference = patches[tuple(places.T)] - wanted[targets]
    way = ((places - level.targets[targets]) ** 2).sum(axis=1) / max(level.hole.shape) ** 2
    return (np.einsum("mc,mc->m", difference, difference) / difference.shape[1] + _FAR_AWAY * way).astype(np.float32)


def _patches(picture: Floats) -> Floats:
    """The patch around every pixel, repeated at the edges. [H, W, 147]"""
    padded = np.pad(picture, ((HALF, HALF), (HALF, HALF), (0, 0)), mode="edge")
    windows = sliding_window_view(padded, (_SIDE, _SIDE), axis=(0, 1))
    return np.ascontiguousarray(windows.reshape(*picture.shape[:2], -1))


def _dense(level: Level, matches: Places) -> Places:
    """The match of every pixel, [H, W, 2]; that of a pixel that needs none is itself."""
    height, width = level.hole.shape
    dense = np.stack(np.meshgrid(np.arange(height), np.arange(width), indexing="ij"), axis=-1)
    dense[tuple(level.targets.T)] = matches
    return dense


def _usable(level: Level, places: Places) -> Mask:
    limits = np.array(level.hole.shape)
    inside = ((places >= 0) & (places < limits)).all(axis=1)
    row, column = np.clip(places, 0, limits - 1).T
    return inside & level.sources[row, column]
