"""Pictures to cut layers from: procedural textures, and random crops of photographs with colour jitter."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Field = NDArray[np.float32]

PROCEDURAL_SHARE = 0.3
"""share of layers with a procedural texture where photographs are at hand"""


def pick_texture(rng: np.random.Generator, textures: Sequence[Picture], width: int, height: int) -> Picture:
    """[height, width, 3]: a random crop of one of ``textures``, or a procedural one, flipped and colour-jittered."""
    if len(textures) == 0 or rng.random() < PROCEDURAL_SHARE:
        return procedural_texture(rng, (height, width))
    picture = textures[int(rng.integers(len(textures)))]
    return colour_jitter(rng, _flipped(rng, random_crop(rng, picture, width, height)))


def random_crop(rng: np.random.Generator, picture: Picture, width: int, height: int) -> Picture:
    """[height, width, 3] from a random window of ``picture`` [h, w, 3]: shrunk with area filtering, enlarged at most 1.6 times
    where the picture is large enough."""
    largest = min(picture.shape[1] / width, picture.shape[0] / height)
    ratio = rng.uniform(min(largest, 1 / 1.6), largest)
    wide, high = max(2, int(width * ratio)), max(2, int(height * ratio))
    left = int(rng.integers(picture.shape[1] - wide + 1))
    top = int(rng.integers(picture.shape[0] - high + 1))
    window = np.ascontiguousarray(picture[top : top + high, left : left + wide])
    return _as_picture(cv2.resize(window, (width, height), interpolation=cv2.INTER_AREA if ratio > 1 else cv2.INTER_CUBIC))


def _flipped(rng: np.random.Generator, picture: Picture) -> Picture:
    """Mirrored half of the time, upside down one time in ten."""
    if rng.random() < 0.5:
        picture = picture[:, ::-1]
    if rng.random() < 0.1:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def colour_jitter(rng: np.random.Generator, picture: Picture) -> Picture:
    """Other channel gains, brightness, contrast and gamma; one time in eight other channel order. [h, w, 3] to the same."""
    ramp = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.uniform(-0.35, 0.35))
    gain = rng.uniform(0.8, 1.2) * rng.uniform(0.88, 1.12, 3)
    table = (ramp - 0.5) * gain + 0.5 + rng.uniform(-0.08, 0.08)
    if rng.random() < 0.125:
        picture = np.ascontiguousarray(picture[..., rng.permutation(3)])
    values = np.clip(table * 255, 0, 255).astype(np.uint8)
    return _as_picture(cv2.LUT(picture, np.ascontiguousarray(values)[None]))


def procedural_texture(rng: np.random.Generator, size: tuple[int, int]) -> Picture:
    """A made-up texture, [h, w, 3] uint8 for ``size`` = (h, w): one of eight kinds, in random colours, unevenly lit and worn so
    that no area of it is quite flat."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    picture = kind(rng, size[0], size[1])
    depth = rng.uniform(0.1, 0.5)
    light = (1 - depth / 2) + depth * noise(rng, size[0], size[1], rng.uniform(20, 80), 5)
    return np.clip(picture * light[..., None].astype(np.float32), 0, 255).astype(np.uint8)


def _as_picture(array: "cv2.typing.MatLike") -> Picture:
    """OpenCV's result as contiguous uint8."""
    return np.ascontiguousarray(array, dtype=np.uint8)


def noise(rng: np.random.Generator, height: int, width: int, coarse: float, octaves: int) -> Field:
    """[h, w] float32 in 0..1: octaves of smooth noise, the first with features of ``coarse`` px."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cell = max(2.0, coarse / 2**octave)
        grid = rng.random((int(height / cell) + 3, int(width / cell) + 3), np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * np.float32(0.6**octave)
    low, high = float(total.min()), float(total.max())
    return np.asarray((total - low) / max(high - low, 1e-6), np.float32)


def colour_ramp(rng: np.random.Generator, field: NDArray[np.floating]) -> Picture:
    """Colours for ``field`` [h, w] in 0..1: a smooth ramp through three to six random colours."""
    stops = int(rng.integers(3, 7))
    colours = random_colours(rng, stops).astype(np.float64)
    place = np.linspace(0, 1, stops)
    axis = np.linspace(0, 1, 256)
    table = np.stack([np.interp(axis, place, colours[:, channel]) for channel in range(3)], -1)
    index = np.clip(field * 255, 0, 255).astype(np.uint8)
    return _as_picture(cv2.LUT(cv2.merge([index] * 3), table.astype(np.uint8)[None]))


def random_colours(rng: np.random.Generator, count: int) -> Picture:
    """[count, 3]: shades of a muted tone most of the time, as in photographs; one time in five any colours."""
    if rng.random() < 0.2:
        return rng.integers(10, 246, (count, 3)).astype(np.uint8)
    tone = rng.uniform(40, 215) + rng.normal(0, 28, 3)
    light = rng.normal(0, rng.uniform(25, 75), (count, 1))
    return np.clip(tone + light + rng.normal(0, rng.uniform(5, 30), (count, 3)), 0, 255).astype(np.uint8)


def _grid(rng: np.random.Generator, height: int, width: int) -> tuple[Field, Field]:
    """Coordinates u, v [h, w] in px along two turned axes."""
    turn = rng.uniform(0, np.pi)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return x * cosine + y * sine, y * cosine - x * sine


def _clouds(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Multi-scale noise through a ramp of colours."""
    return colour_ramp(rng, noise(rng, height, width, rng.uniform(24, 110), int(rng.integers(2, 6))))


def _marble(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Bands bent by noise: marble and wood."""
    u, v = _grid(rng, height, width)
    stretch = rng.uniform(0.02, 1.0)
    bend = noise(rng, height, width, rng.uniform(30, 90), 4) * np.float32(rng.uniform(2, 9))
    radius = np.sqrt(u * u + v * v * np.float32(stretch)) * np.float32(2 * np.pi / rng.uniform(14, 60))
    return colour_ramp(rng, 0.5 + 0.5 * np.sin(radius + bend))


def _stripes(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Straight or wavy stripes with soft edges and a little grain."""
    u, v = _grid(rng, height, width)
    wave = np.sin(v * np.float32(2 * np.pi / rng.uniform(40, 120))) * np.float32(rng.choice([0.0, 3.0, 8.0]))
    band = np.sin((u + wave) * np.float32(2 * np.pi / rng.uniform(10, 48))) * np.float32(rng.uniform(1, 4))
    field = 0.5 + 0.5 * np.clip(band, -1, 1)
    return colour_ramp(rng, 0.8 * field + 0.2 * noise(rng, height, width, 24, 3))


def _checks(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Two-way tiles, each in its own tone, turned and slightly bent."""
    u, v = _grid(rng, height, width)
    tile = rng.uniform(12, 48)
    bend = noise(rng, height, width, 60, 2) * np.float32(rng.choice([0.0, 0.5 * tile]))
    column, row = np.floor((u + bend) / tile).astype(np.int32), np.floor((v + bend) / tile).astype(np.int32)
    palette = random_colours(rng, int(rng.choice([2, 3, 7, 64])))
    index = (column * 7 + row * 3 + (column & row)) % len(palette)
    return _as_picture(cv2.GaussianBlur(palette[index], (0, 0), 0.7))


def _cells(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Voronoi cells, shaded by the distance to their seeds."""
    seeds = np.full((height, width), 255, np.uint8)
    count = int(rng.integers(12, max(13, height * width // 500)))
    seeds[rng.integers(height, size=count), rng.integers(width, size=count)] = 0
    distance, label = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    far = max(float(distance.max()), 1.0) / float(rng.uniform(0.0, 0.9))
    shade = 1 - np.asarray(distance, np.float32)[..., None] / far
    flat = random_colours(rng, count + 1)[np.asarray(label, np.int32)]
    return _as_picture(cv2.GaussianBlur((flat * shade).astype(np.uint8), (0, 0), 0.8))


def _gradient_shapes(rng: np.random.Generator, height: int, width: int) -> Picture:
    """A gradient with ellipses, boxes and lines on it."""
    u, _ = _grid(rng, height, width)
    field = (u - u.min()) / max(float(u.max() - u.min()), 1.0)
    picture = colour_ramp(rng, field)
    side = min(height, width)
    for colour in random_colours(rng, int(rng.integers(8, 36))).tolist():
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.uniform(0.02, 0.16) * side) + 1, int(rng.uniform(0.02, 0.16) * side) + 1)
        thickness = -1 if rng.random() < 0.75 else int(rng.integers(1, 5))
        cv2.ellipse(picture, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, thickness, cv2.LINE_AA)
    return picture


def _speckle(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Grass, gravel, cloth: fine noise stretched along one axis, lit by coarse noise."""
    fine = rng.random((height, width), np.float32)
    long, short = rng.uniform(0.8, 6.0), rng.uniform(0.7, 1.6)
    fine = (
        cv2.GaussianBlur(fine, (0, 0), sigmaX=short, sigmaY=long)
        if rng.random() < 0.5
        else cv2.GaussianBlur(fine, (0, 0), long)
    )
    fine = (fine - fine.mean()) / max(4 * float(fine.std()), 1e-6)
    light = noise(rng, height, width, rng.uniform(40, 120), 2)
    return colour_ramp(rng, np.clip(0.5 + 0.6 * fine + 0.5 * (light - 0.5), 0, 1))


def _contours(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Flat patches with sharp borders: noise cut into a few levels."""
    levels = int(rng.integers(3, 9))
    field = noise(rng, height, width, rng.uniform(20, 80), 3)
    palette = random_colours(rng, levels + 1)
    flat = palette[(field * levels).astype(np.int32)]
    return _as_picture(cv2.GaussianBlur(flat, (0, 0), 0.8))


KINDS: tuple[Callable[[np.random.Generator, int, int], Picture], ...] = (
    _clouds,
    _marble,
    _stripes,
    _checks,
    _cells,
    _gradient_shapes,
    _speckle,
    _contours,
)
