"""A small folder in MoveBench's layout, of synthetic pictures that really move along their tracks."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from wanmove_core.movebench.export import NewCase, add_case
from wanmove_core.movebench.layout import LENGTH, Case, TrackSet
from wanmove_core.tracks.baked import BakedTracks

IDS = ("Pexels_ball_sport_0", "Pexels_ball_sport_1", "Pexels_street_0", "Pexels_water_0")
WIDTH, HEIGHT = 128, 64
CAPTION = "A textured square glides, slowly, to the right."


def new_case(name: str, seed: int = 0, width: int = WIDTH, height: int = HEIGHT, caption: str = CAPTION) -> NewCase:
    """A patch of noise that moves 20 px to the right over a still background, tracked by six points."""
    random = np.random.default_rng(seed)
    back, patch = _noise(random, height, width), _noise(random, 32, 32)
    shifts = np.linspace(0, 20, LENGTH)
    frames = [_pasted(back, patch, shift) for shift in shifts]
    places = np.array([[x, y] for y in (26.0, 40.0) for x in (26.0, 36.0, 44.0)], np.float32)
    positions = places[None] + np.stack([shifts, np.zeros(LENGTH)], axis=1)[:, None].astype(np.float32)
    return NewCase(name, caption, frames[0], make_tracks(positions, width, height), frames)


def make_tracks(positions: NDArray[np.float32], width: int, height: int) -> BakedTracks:
    count = positions.shape[1]
    shown = np.ones(positions.shape[:2], np.bool_)
    return BakedTracks(positions, shown, width, height, np.zeros(count, np.int32), ("tracks",))


def make_folder(folder: Path, names: tuple[str, ...] = IDS, tracks: TrackSet = "single") -> list[Case]:
    """All cases written as a user's own are."""
    return [add_case(folder, new_case(name, index), "en", tracks) for index, name in enumerate(names)]


def _noise(random: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    coarse = random.integers(30, 226, (height // 4, width // 4, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _pasted(back: NDArray[np.uint8], patch: NDArray[np.uint8], shift: float) -> NDArray[np.uint8]:
    moved = cv2.warpAffine(patch, np.array([[1.0, 0, 18 + shift], [0, 1.0, 16]]), back.shape[1::-1], None, cv2.INTER_LINEAR)
    mask = cv2.warpAffine(np.ones((32, 32), np.float32), np.array([[1.0, 0, 18 + shift], [0, 1.0, 16]]), back.shape[1::-1])
    return np.rint(back * (1 - mask[..., None]) + moved * mask[..., None]).clip(0, 255).astype(np.uint8)
