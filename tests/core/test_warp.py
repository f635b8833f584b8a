"""The draft: the picture moves as the document says, measured on its frames; nothing else in it moves."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.evaluation.measure import MeasureOptions, measure_tracks
from wanmove_core.host import SilentHost
from wanmove_core.rendering.fill import fill_hole
from wanmove_core.rendering.frames import Frame
from wanmove_core.rendering.thinning import thin_tracks
from wanmove_core.rendering.warp import warp_frames, warp_frames_from_tracks
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.tracks.document import TrackDocument, parse_document
from wanmove_core.tracks.sampling import bake

WIDTH, HEIGHT, LENGTH = 160, 96, 7


def _texture(seed: int = 0) -> Frame:
    """Blobs of a few pixels in every colour: something to follow everywhere."""
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH, 3))
    smooth = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip(128 + 300 * smooth, 0, 255).astype(np.uint8)


def _document(*layers: dict[str, object]) -> TrackDocument:
    return parse_document({"version": 1, "width": WIDTH, "height": HEIGHT, "layers": list(layers)})


def _rectangle(left: float, top: float, width: float, height: float, **motion: object) -> dict[str, object]:
    return {"region": {"kind": "rectangle", "box": [left, top, width, height]}, "motion": motion}


def _path(*points: Sequence[float]) -> dict[str, object]:
    return {"points": [list(point) for point in points]}


def _draft(document: TrackDocument, picture: Frame | None = None, length: int = LENGTH) -> list[Frame]:
    return list(warp_frames(_texture() if picture is None else picture, document, length, WIDTH, HEIGHT, SilentHost()))


@pytest.mark.parametrize(
    "layer",
    [
        _rectangle(40, 24, 56, 48, path=_path((0, 0), (30.5, -7.25))),
        _rectangle(40, 24, 56, 48, rotation=[[0, 0], [1, 30]]),
        _rectangle(40, 24, 56, 48, scale=[[0, 1], [1, 1.4]]),
        {"region": {"kind": "frame"}, "motion": {"path": _path((0, 0), (-20.5, 11))}},
        {"region": {"kind": "frame"}, "motion": {"scale": [[0, 1], [1, 1.3]], "rotation": [[0, 0], [1, -10]]}},
    ],
    ids=["translation", "rotation", "growth", "camera pan", "camera zoom and roll"],
)
def test_what_was_drawn_happens_to_half_a_pixel(layer: dict[str, object]) -> None:
    document = _document(layer)
    measured = measure_tracks(_draft(document), bake(document, LENGTH, WIDTH, HEIGHT), MeasureOptions(min_motion=4))
    assert measured.score is not None
    assert measured.score.tracks >= 10
    assert measured.score.median_px <= 0.1
    assert measured.score.followed_mean_px is not None
    assert measured.score.followed_mean_px <= 0.5
    assert measured.score.lost_percent <= 10


def test_the_first_frame_is_the_picture_itself() -> None:
    frames = _draft(_document(_rectangle(40, 24, 56, 48, path=_path((0, 0), (30, 0)))))
    assert np.array_equal(frames[0], _texture())
    assert len(frames) == LENGTH


def test_outside_of_the_region_and_its_way_nothing_changes() -> None:
    frames = _draft(_document(_rectangle(40, 24, 32, 32, path=_path((0, 0), (30, 0)))))
    for frame in frames:
        assert np.array_equal(frame[:18], _texture()[:18])
        assert np.array_equal(frame[64:], _texture()[64:])


@pytest.mark.parametrize(("order", "colour"), [((0, 1), [0, 0, 255]), ((1, 0), [255, 0, 0])])
def test_the_upper_layer_lies_in_front(order: tuple[int, int], colour: list[int]) -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    picture[32:64, 16:48] = (255, 0, 0)
    picture[32:64, 112:144] = (0, 0, 255)
    layers = (
        _rectangle(16, 32, 32, 32, path=_path((0, 0), (48, 0))),
        _rectangle(112, 32, 32, 32, path=_path((0, 0), (-48, 0))),
    )
    last = _draft(_document(*(layers[index] for index in order)), picture)[-1]
    assert last[48, 80].tolist() == colour


def test_what_moved_away_leaves_no_ghost() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    cv2.rectangle(picture, (20, 30), (51, 61), (255, 255, 255), -1)
    last = _draft(_document(_rectangle(20, 30, 32, 32, path=_path((0, 0), (80, 0)))), picture)[-1]
    assert np.abs(last[24:68, 14:60].astype(int) - 128).max() <= 2
    assert last[46, 116].tolist() == [255, 255, 255]


def test_a_static_region_holds_while_the_camera_of_another_layer_does_not_exist() -> None:
    document = _document(
        {"region": {"kind": "point", "at": [60, 48]}, "motion": {"path": _path((60, 48), (90, 48))}},
        _rectangle(64, 16, 40, 64),
    )
    for frame in _draft(document):
        assert np.array_equal(frame[18:78, 66:102], _texture()[18:78, 66:102])


def test_a_point_takes_its_surroundings_along() -> None:
    document = _document({"region": {"kind": "point", "at": [80, 48]}, "motion": {"path": _path((80, 48), (84, 45))}})
    measured = measure_tracks(_draft(document), bake(document, LENGTH, WIDTH, HEIGHT), MeasureOptions(min_motion=1))
    assert measured.score is not None
    assert measured.score.mean_px <= 1.0


def test_a_hidden_layer_is_not_drawn() -> None:
    picture = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    picture[30:62, 20:52] = 255
    layer = {**_rectangle(20, 30, 32, 32, path=_path((0, 0), (80, 0))), "visible": [[0, 0.5]]}
    frames = _draft(_document(layer), picture)
    assert frames[3].max() == 255
    assert frames[-1].max() <= 130


@pytest.mark.parametrize("kind", ["wave", "burst"])
def test_ripples_move_places_where_the_tracks_go(kind: str) -> None:
    component = {"kind": "wave", "amplitude": 9, "cycles": 0.5, "wavelength": 150}
    if kind == "burst":
        component = {"kind": "burst", "distance": 20, "grain": 24, "spread": 0}
    document = _document(_rectangle(40, 24, 72, 48, components=[component]))
    tracks = bake(document, LENGTH, WIDTH, HEIGHT)
    start, end = (np.floor(tracks.positions[index]).astype(int) for index in (0, -1))
    assert np.linalg.norm(end - start, axis=1).max() > 8
    found, wanted = _draft(document)[-1][end[:, 1], end[:, 0]], _texture()[start[:, 1], start[:, 0]]
    assert np.median(np.abs(found.astype(int) - wanted)) <= 12
    assert np.median(np.abs(_texture()[end[:, 1], end[:, 0]].astype(int) - wanted)) >= 30


def test_bare_tracks_bend_the_picture_and_pins_hold_it() -> None:
    start = np.array([[80, 48], [30, 30], [130, 70]], np.float32)
    way = (
        np.linspace(0, 1, LENGTH, dtype=np.float32)[:, None, None]
        * np.array([[[10, -6]], [[0, 0]], [[0, 0]]], np.float32)[:, 0]
    )
    tracks = _tracks(start[None] + way)
    measured = measure_tracks(warp_frames_from_tracks(_texture(), tracks, SilentHost()), tracks, MeasureOptions(min_motion=0))
    assert measured.score is not None
    assert measured.score.tracks == 3
    assert measured.score.mean_px <= 0.6


def test_tracks_hidden_from_the_start_are_refused() -> None:
    tracks = _tracks(np.full((LENGTH, 1, 2), 40, np.float32), seen=False)
    with pytest.raises(TrackError, match="None of the 1 tracks is visible"):
        next(warp_frames_from_tracks(_texture(), tracks, SilentHost()))


class _StopsAt(SilentHost):
    def __init__(self, frame: int) -> None:
        super().__init__()
        self.frame, self.seen, self.stages = frame, 0, set[str]()

    def progress(self, stage: str, step: int, total: int) -> None:
        self.seen, self.stages = step, self.stages | {stage}

    def check_interrupted(self) -> None:
        if self.seen >= self.frame:
            raise KeyboardInterrupt


def test_the_host_stops_the_draft_within_a_frame() -> None:
    host, frames = _StopsAt(3), []
    with pytest.raises(KeyboardInterrupt):
        for frame in warp_frames(_texture(), _document(_rectangle(8, 8, 16, 16)), LENGTH, WIDTH, HEIGHT, host):
            frames.append(frame)
    assert len(frames) == 3
    assert host.stages == {"draft"}


def test_another_shape_asks_for_a_fit() -> None:
    with pytest.raises(RequestError, match="crop"):
        next(warp_frames(_texture(), _document(_rectangle(8, 8, 16, 16)), LENGTH, 64, 64, SilentHost()))


@pytest.mark.parametrize("fit", ["stretch", "crop"])
def test_the_draft_of_another_shape_follows_the_tracks_of_the_same_fit(fit: str) -> None:
    document = _document(_rectangle(48, 24, 64, 48, path=_path((0, 0), (24, 8))))
    name = "crop" if fit == "crop" else "stretch"
    frames = warp_frames(_texture(), document, LENGTH, 128, 128, SilentHost(), fit=name)
    measured = measure_tracks(frames, bake(document, LENGTH, 128, 128, name))
    assert measured.score is not None
    assert measured.score.median_px <= 0.2


def test_a_hole_in_a_plain_picture_is_filled_plainly_and_the_rest_stays() -> None:
    picture = np.full((64, 64, 3), (10, 120, 200), np.uint8)
    hole = np.zeros((64, 64), np.bool_)
    hole[20:40, 20:40] = True
    damaged = np.where(hole[..., None], 255, picture).astype(np.uint8)
    assert np.array_equal(fill_hole(damaged, hole), picture)
    assert fill_hole(damaged, np.ones_like(hole)).shape == picture.shape


def test_thinned_tracks_share_out_among_layers_and_keep_their_order() -> None:
    positions = np.random.default_rng(0).uniform(0, 90, (1, 503, 2)).astype(np.float32)
    layer = np.repeat(np.array([0, 1], np.int32), [3, 500])
    chosen = thin_tracks(_tracks(positions, layer=layer), 23)
    assert np.bincount(layer[chosen]).tolist() == [3, 20]
    assert np.all(np.diff(chosen) > 0)


def _tracks(positions: np.ndarray, seen: bool = True, layer: np.ndarray | None = None) -> BakedTracks:
    count = positions.shape[1]
    numbers = np.zeros(count, np.int32) if layer is None else layer
    names = tuple(str(number) for number in range(int(numbers.max()) + 1))
    return BakedTracks(positions, np.full(positions.shape[:2], seen), WIDTH, HEIGHT, numbers, names)
