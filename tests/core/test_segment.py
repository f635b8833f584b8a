"""Smart select: outlines of things whose true shape is known, and of the demo's snake; nasty marks are refused by name."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from wanmove_core.demo.assets import PICTURE
from wanmove_core.errors import RequestError
from wanmove_core.rendering.images import load_image
from wanmove_core.tracks.segment import Marks, Stroke, select_region
from wanmove_core.tracks.shapes import Box, Pair, Polygon, contains

WIDTH, HEIGHT = 320, 240
Mask = NDArray[np.bool_]


def textured(colour: Sequence[int], width: int, height: int, seed: int) -> NDArray[np.uint8]:
    """Blotches and grain around a colour."""
    noise = np.random.default_rng(seed)
    blotches = cv2.GaussianBlur(noise.normal(0, 60, (height, width, 3)).astype(np.float32), (0, 0), 4)
    return (np.array(colour) + blotches + noise.normal(0, 6, (height, width, 3))).clip(0, 255).astype(np.uint8)


def scene(*things: Mask, colour: Sequence[int] = (200, 70, 50)) -> NDArray[np.uint8]:
    """Things of one colour on a textured ground."""
    height, width = things[0].shape
    picture = textured((70, 110, 90), width, height, 0)
    for thing in things:
        picture[thing] = textured(colour, width, height, 1)[thing]
    return cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.uint8)


def disc(x: float, y: float, radius: float, width: int = WIDTH, height: int = HEIGHT) -> Mask:
    ys, xs = np.mgrid[0:height, 0:width] + 0.5
    return np.hypot(xs - x, ys - y) <= radius


def covered(outline: tuple[Pair, ...], width: int = WIDTH, height: int = HEIGHT) -> Mask:
    return contains(Polygon(outline), np.arange(0.5, width), np.arange(0.5, height))


def overlap(found: Mask, true: Mask) -> float:
    return float((found & true).sum() / (found | true).sum())


STAR = [(160.0 + r * math.sin(a), 120.0 - r * math.cos(a)) for a, r in [(i * math.pi / 5, (90, 45)[i % 2]) for i in range(10)]]
SHAPES = {
    "disc": (disc(170, 110, 60), (95.0, 40.0, 240.0, 180.0)),
    "star": (covered(tuple(STAR)), (60.0, 20.0, 260.0, 215.0)),
    "thing at the edge of the picture": (disc(10, 120, 60), (-50.0, 50.0, 80.0, 190.0)),
    "small thing": (disc(60, 60, 9), (48.0, 47.0, 73.0, 72.0)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_box_around_a_thing_gives_its_outline(name: str) -> None:
    true, box = SHAPES[name]
    outline = select_region(scene(true), Marks(box=box))
    assert overlap(covered(outline), true) >= 0.9
    assert 3 <= len(outline) <= 120
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in outline)


@pytest.mark.parametrize(("name", "click"), [("disc", (180, 120)), ("star", (160, 120)), ("small thing", (60, 60))])
def test_a_click_on_a_thing_gives_its_outline(name: str, click: Pair) -> None:
    true, _ = SHAPES[name]
    assert overlap(covered(select_region(scene(true), Marks(click=click))), true) >= 0.9


def test_in_a_large_picture_the_edge_is_found_at_full_size() -> None:
    true = disc(1500, 900, 700, 3000, 1800)
    outline = select_region(scene(true), Marks(box=(700, 120, 2300, 1700)))
    radii = np.hypot(*(np.array(outline) - (1500, 900)).T)
    assert abs(radii.mean() - 700) < 3 and radii.std() < 4


def test_the_whole_picture_may_be_the_box() -> None:
    true = disc(160, 120, 70)
    assert overlap(covered(select_region(scene(true), Marks(box=(0, 0, WIDTH, HEIGHT)))), true) >= 0.9


BOTH = (disc(100, 120, 45), disc(230, 120, 40))


def test_a_keep_stroke_adds_a_second_piece_to_the_same_outline() -> None:
    box, picture = (40.0, 60.0, 290.0, 180.0), scene(*BOTH)
    assert overlap(covered(select_region(picture, Marks(box=box))), BOTH[0]) >= 0.9
    stroke = Stroke(keep=True, points=((225, 120), (240, 125)), radius=4)
    assert overlap(covered(select_region(picture, Marks(box=box, strokes=(stroke,)))), BOTH[0] | BOTH[1]) >= 0.9


def test_a_keep_stroke_outside_the_box_takes_the_box_along() -> None:
    stroke = Stroke(keep=True, points=((200, 100), (260, 140), (205, 140), (255, 100)), radius=6)
    outline = select_region(scene(*BOTH), Marks(box=(45, 65, 155, 175), strokes=(stroke,)))
    assert covered(outline)[110:130, 220:240].all() and covered(outline)[110:130, 90:110].all()


def test_a_leave_stroke_takes_a_piece_away() -> None:
    joined = BOTH[0] | BOTH[1] | (np.abs(np.mgrid[0:HEIGHT, 0:WIDTH][0] - 120) < 8) & (np.mgrid[0:HEIGHT, 0:WIDTH][1] < 230)
    joined[:, :56] = False
    picture, box = scene(joined), (40.0, 60.0, 290.0, 180.0)
    assert overlap(covered(select_region(picture, Marks(box=box))), joined) >= 0.9
    leave = Stroke(keep=False, points=((165, 90), (165, 150)), radius=12)
    rest = covered(select_region(picture, Marks(box=box, strokes=(leave,))))
    assert overlap(rest, BOTH[0]) >= 0.8 and not rest[110:130, 220:240].any()


def test_strokes_refine_a_click() -> None:
    picture = scene(*BOTH)
    outline = select_region(picture, Marks(click=(100, 120), strokes=(Stroke(True, ((215, 120), (245, 120)), 8),)))
    assert overlap(covered(outline), BOTH[0] | BOTH[1]) >= 0.85


def test_the_demos_snake_is_told_from_its_own_coils() -> None:
    picture = load_image(PICTURE)
    height, width = picture.shape[:2]
    found = covered(select_region(picture, Marks(box=(365, 65, 700, 375))), width, height)
    head = {"eye": (526, 131), "nose": (670, 120), "jaw": (600, 190), "neck": (430, 220), "throat": (460, 320)}
    other = {"wall": (450, 80), "wall below the jaw": (640, 260), "coil behind": (340, 240), "coil below": (600, 340)}
    assert {name for name, (x, y) in head.items() if not found[y, x]} == set()
    assert {name for name, (x, y) in other.items() if found[y, x]} == set()
    assert 30_000 < found.sum() < 50_000


def test_the_answer_is_the_same_each_time() -> None:
    picture = load_image(PICTURE)
    for marks in (Marks(box=(365, 65, 700, 375)), Marks(click=(526, 131))):
        first = select_region(picture, marks)
        cv2.setRNGSeed(7)
        assert select_region(picture, marks) == first


PLAIN = np.full((48, 64, 3), 120, np.uint8)
NASTY_BOXES: list[Box] = [(0, 0, 64, 48), (10, 10, 12, 12), (-1e6, -1e6, 1e6, 1e6), (62, 46, 90, 90), (0, 0, 64, 2)]


@pytest.mark.parametrize("box", NASTY_BOXES)
@pytest.mark.parametrize("picture", [PLAIN, textured((90, 90, 90), 64, 48, 3)], ids=["plain", "noise"])
def test_where_nothing_stands_out_there_is_an_outline_or_one_clear_error(picture: NDArray[np.uint8], box: Box) -> None:
    try:
        outline = select_region(picture, Marks(box=box))
    except RequestError as error:
        assert "Nothing stands out in the box; paint over the thing with a keep stroke" in str(error)
    else:
        assert 3 <= len(outline) <= 4096 and all(0 <= x <= 64 and 0 <= y <= 48 for x, y in outline)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (3, 900), (900, 2), (16_384, 4)])
def test_pictures_of_odd_shapes_do_no_harm(width: int, height: int) -> None:
    picture = textured((90, 90, 90), width, height, 3)
    for marks in (Marks(click=(width / 2, height / 2)), Marks(box=(0, 0, width, height))):
        try:
            outline = select_region(picture, marks)
        except RequestError as error:
            assert "Nothing stands out" in str(error)
        else:
            assert len(outline) >= 3 and all(0 <= x <= width and 0 <= y <= height for x, y in outline)


def test_a_very_large_picture_takes_no_very_long_time() -> None:
    picture = np.zeros((6000, 12_000, 3), np.uint8)
    cv2.circle(picture, (6000, 3000), 2000, (200, 90, 40), -1)
    outline = np.array(select_region(picture, Marks(box=(3500, 500, 8500, 5500))))
    assert np.abs(np.hypot(*(outline - (6000, 3000)).T) - 2000).max() < 30


INFINITE, NAN = math.inf, math.nan
REFUSED: list[tuple[Marks, str]] = [
    (Marks(), "Nothing is marked; drag a box around the thing or click on it."),
    (Marks(box=(10, 10, 10, 40)), "The box (10, 10, 10, 40) covers less than 2 x 2 pixels of the picture (64 x 48)"),
    (Marks(box=(40, 10, 10, 40)), "covers less than 2 x 2 pixels"),
    (Marks(box=(100, 10, 140, 40)), "covers less than 2 x 2 pixels"),
    (Marks(box=(NAN, 10, 20, 40)), "The box has the coordinate nan; numbers within ±1,000,000 are needed."),
    (Marks(box=(0, 10, INFINITE, 40)), "The box has the coordinate inf"),
    (Marks(click=(64, 10)), "The click (64, 10) lies outside the picture (64 x 48); click inside."),
    (Marks(click=(NAN, 10)), "The click has the coordinate nan"),
    (Marks(box=(8, 8, 40, 40), strokes=(Stroke(True, (), 4),)), "A stroke has 0 points and the radius 4; both must be over 0."),
    (Marks(box=(8, 8, 40, 40), strokes=(Stroke(True, ((1, 1),), 0),)), "A stroke has 1 points and the radius 0"),
    (Marks(box=(8, 8, 40, 40), strokes=(Stroke(True, ((1, 1),), NAN),)), "A stroke has 1 points and the radius nan"),
    (Marks(box=(8, 8, 40, 40), strokes=(Stroke(False, ((1, NAN),), 4),)), "A stroke has the coordinate nan"),
    (Marks(box=(8, 8, 40, 40), strokes=(Stroke(False, ((1, 1),), 4),) * 257), "There are 257 strokes of 257 points; 256 and"),
]


@pytest.mark.parametrize(("marks", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_a_mark_that_makes_no_sense_is_refused_by_name(marks: Marks, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        select_region(PLAIN, marks)
    assert message in str(caught.value)


@pytest.mark.parametrize("picture", [PLAIN[:, :, 0], PLAIN.astype(np.float32), PLAIN[:1, :1], PLAIN[:0]])
def test_what_is_no_picture_is_refused(picture: NDArray[np.uint8]) -> None:
    with pytest.raises(RequestError, match=r"The picture (has the shape|is 1 x 1)"):
        select_region(picture, Marks(click=(0, 0)))
