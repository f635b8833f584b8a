"""Tracks from a video: known motions are followed, what is covered is lost, and what is uncovered is found."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
import torch

from wanmove_core.errors import MediaError, RequestError
from wanmove_core.evaluation.point_group import make_group, trace_back
from wanmove_core.evaluation.point_tracking import is_trackable
from wanmove_core.evaluation.start_points import StartPoints, grid_points
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.evaluation.video_tracking import TrackingOptions, track_video
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.host import SilentHost
from wanmove_core.rendering.frames import Frame
from wanmove_core.tracks.arrange import Placement, place_tracks, refit_tracks, resample_tracks
from wanmove_core.tracks.baked import BakedTracks
from wanmove_core.tracks.tensors import to_tensors
from wanmove_core.variants import WAN21_STRIDE

WIDTH, HEIGHT, LENGTH = 192, 128, 17


def texture(seed: int, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    return np.clip(128 + 300 * cv2.GaussianBlur(noise, (0, 0), 2.0), 0, 255).astype(np.uint8)


def moved(matrix: np.ndarray) -> Frame:
    """The texture through ``matrix`` [2, 3], which counts from pixel centres."""
    return np.asarray(
        cv2.warpAffine(texture(3), matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8
    )


def affine(angle: float, scale: float, x: float, y: float, share: float) -> np.ndarray:
    matrix = cv2.getRotationMatrix2D((WIDTH / 2 - 0.5, HEIGHT / 2 - 0.5), angle * share, 1 + (scale - 1) * share)
    matrix[:, 2] += (x * share, y * share)
    return matrix


def passing(side: int = 40) -> Iterator[Frame]:
    """A still texture, and a square of another that comes in from the left and leaves at the right, 16 px a frame."""
    square = texture(8, side, side)
    for time in range(LENGTH):
        frame, left = texture(3), 16 * time - side
        start, stop = max(left, 0), min(left + side, WIDTH)
        if start < stop:
            frame[44 : 44 + side, start:stop] = square[:, start - left : stop - left]
        yield frame


def track(frames: Iterator[Frame] | list[Frame], start: StartPoints | None = None, find_new: bool = True) -> BakedTracks:
    return track_video(frames, start or StartPoints(16), SilentHost(), TrackingOptions(find_new=find_new))


class Recording(SilentHost):
    """Keeps what it is told; raises at the chosen check for an interruption."""

    def __init__(self, stop_at: int = 10**9) -> None:
        super().__init__()
        self.steps: list[tuple[int, int]] = []
        self.notes: list[str] = []
        self.checks, self.stop_at = 0, stop_at

    def progress(self, stage: str, step: int, total: int) -> None:
        self.steps.append((step, total))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def check_interrupted(self) -> None:
        self.checks += 1
        if self.checks == self.stop_at:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("angle", "scale", "x", "y"), [(0, 1, 24.5, -9.25), (25, 1, 0, 0), (0, 1.3, 0, 0), (0, 0.8, 0, 0), (-15, 1.15, 8, 0)]
)
def test_a_moving_texture_is_followed_to_a_tenth_of_a_pixel(angle: float, scale: float, x: float, y: float) -> None:
    matrices = [affine(angle, scale, x, y, share) for share in np.linspace(0, 1, LENGTH)]
    found = track([moved(matrix) for matrix in matrices], find_new=False)
    start = found.positions[0].astype(np.float64) - 0.5
    truth = np.stack([start @ matrix[:, :2].T + matrix[:, 2] + 0.5 for matrix in matrices])
    stays = np.all((truth >= 8) & (truth < (WIDTH - 8, HEIGHT - 8)), axis=(0, 2))
    error = np.linalg.norm(found.positions - truth, axis=-1)[found.visibility]
    assert found.count == 96 and stays.sum() >= 40
    assert found.visibility[:, stays].mean() >= 0.98
    assert error.mean() <= 0.1


@pytest.mark.parametrize("seed", range(10))
def test_points_of_layers_that_cross_are_followed_to_half_a_pixel(seed: int) -> None:
    clip = make_clip(seed, 25, 256, 448)
    chosen = np.flatnonzero(is_trackable(clip.frames[0], clip.positions[0]) & clip.visibility[0])[::4]
    truth, visible = clip.positions[:, chosen], clip.visibility[:, chosen]
    found = track(list(clip.frames), StartPoints(points=truth[0]))
    both = found.visibility & visible
    assert np.linalg.norm(found.positions - truth, axis=-1)[both].mean() <= 0.5
    assert both.sum() >= 0.5 * visible.sum()
    assert (found.visibility & ~visible).sum() <= 0.02 * found.visibility.sum()


def test_a_point_that_slides_along_an_edge_is_lost_and_not_dragged() -> None:
    """A straight, level edge in a texture that goes right: along the edge its way cannot be seen."""
    edge = (128 + 80 * np.tanh((np.arange(40, 80) - 60) / 2)).astype(np.uint8)
    frames = [moved(np.array([[1, 0, 2.0 * time], [0, 1, 0]])) for time in range(LENGTH)]
    for frame in frames:
        frame[40:80] = edge[:, None, None]
    found = track(frames, StartPoints(points=np.array([[90.0, 60.0], [90.0, 20.0]])), find_new=False)
    assert not found.visibility[-1, 0] and found.visibility[-1, 1]


def test_points_that_are_covered_are_lost_from_then_on_and_no_others() -> None:
    found = track(passing(), find_new=False)
    y = found.positions[0, :, 1]
    crossed, apart = (y >= 52) & (y < 76), (y < 30) | (y >= 98)
    assert crossed.sum() >= 12 and apart.sum() >= 36
    assert found.visibility[:, apart].all() and not found.visibility[-1, crossed].any()
    assert np.allclose(found.positions[:, apart], found.positions[0, apart], atol=0.5)
    assert (found.visibility[1:] <= found.visibility[:-1]).all()
    covered = 16 * np.arange(LENGTH)[:, None] - found.positions[0, :, 0] >= 4
    assert (found.visibility & covered)[:, crossed].sum() <= 0.02 * covered[:, crossed].sum()


def test_a_point_that_is_lost_stays_at_its_last_known_place() -> None:
    found = track(passing(), find_new=False)
    lost = np.flatnonzero(~found.visibility[-1])
    for point in lost:
        last = np.flatnonzero(found.visibility[:, point])[-1]
        assert np.array_equal(found.positions[last:, point], found.positions[[last], point].repeat(LENGTH - last, axis=0))


def test_new_points_are_found_where_old_ones_were_lost_and_are_hidden_before() -> None:
    found, first = track(passing()), track(passing(), find_new=False)
    assert np.array_equal(found.positions[:, : first.count], first.positions)
    late = found.visibility[:, first.count :]
    behind = found.positions[-1, first.count :][late[-1]]
    assert len(behind) >= 12 and ((behind[:, 1] > 30) & (behind[:, 1] < 98)).all()
    assert not late[0].any() and (late.sum(axis=0) >= 5).all()


def test_points_are_found_in_what_a_camera_move_uncovers() -> None:
    wide = texture(5, WIDTH + 96)
    found = track([wide[:, 6 * time : 6 * time + WIDTH] for time in range(LENGTH)])
    late = found.visibility[-1] & ~found.visibility[0]
    assert late.sum() >= 24
    born = found.visibility.argmax(axis=0)
    at_birth = found.positions[born, np.arange(found.count), 0]
    expected = np.where(found.visibility, at_birth - 6.0 * (np.arange(LENGTH)[:, None] - born), np.nan)
    assert np.nanmean(np.abs(found.positions[..., 0] - expected)) <= 0.05


@pytest.mark.parametrize("move", [(0.0, 0.0), (150.0, 90.0), (-300.0, 0.0)])
def test_points_found_late_carry_nothing_of_the_first_frame(move: tuple[float, float]) -> None:
    found = place_tracks(track(passing()), Placement(rotation=30, scale=0.5, move=move))
    late = torch.from_numpy(~found.visibility[0])
    assert late.sum() >= 12
    assert not to_latent_tracks(to_tensors(found), WAN21_STRIDE).source_valid[late].any()


def test_points_start_inside_the_mask_and_new_ones_belong_to_what_it_marked() -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.bool_)
    mask[40:88, 60:130] = True
    found = track(passing(), StartPoints(16, mask=mask))
    x, y = found.positions[0, found.visibility[0]].T
    assert found.visibility[0].sum() >= 12 and (x >= 60).all() and (x < 130).all() and (y >= 40).all() and (y < 88).all()
    late = found.positions[-1, ~found.visibility[0] & found.visibility[-1]]
    assert len(late) >= 8 and ((late >= (52, 32)) & (late < (138, 96))).all()


def test_a_place_is_traced_back_along_the_nearest_point() -> None:
    start = np.array([[20, 20], [60, 20], [20, 60], [60, 60]], np.float32)
    group = make_group(np.zeros((HEIGHT, WIDTH), np.uint8), start)
    back = trace_back(group, start * 2 + np.float32(7), np.ones(4, np.bool_), np.array([[67, 47]], np.float32))
    assert np.allclose(back, [[30, 20]], atol=0.05)


def test_given_points_are_followed_in_their_order_and_no_others() -> None:
    given = np.array([[100.25, 30], [20, 40.5]])
    found = track(passing(), StartPoints(points=given))
    assert found.count == 2 and np.array_equal(found.positions[0], given.astype(np.float32))


def test_a_flat_point_that_was_given_is_lost_and_said() -> None:
    frames, host = [texture(3) for _ in range(3)], Recording()
    for frame in frames:
        frame[:, 96:] = 128
    found = track_video(frames, StartPoints(points=np.array([[40, 40], [150, 60]])), host)
    assert host.notes == ["1 of 2 points lie on too little texture to be followed well."]
    assert found.visibility.tolist() == [[True, True], [True, False], [True, False]]


def test_the_grid_leaves_out_what_is_flat_and_takes_the_texture_of_a_square() -> None:
    grey = cv2.cvtColor(texture(3), cv2.COLOR_RGB2GRAY).astype(np.uint8)
    grey[:, 64:] = 128
    points = grid_points(grey, StartPoints(32))
    assert len(points) in (8, 12) and (points[:, 0] < 80).all()
    assert {tuple(point) for point in points.tolist()} >= {(16.5, 16.5), (48.5, 112.5)}


def test_tracks_of_a_video_move_another_picture() -> None:
    frames = [moved(affine(0, 1, 32, 0, share)) for share in np.linspace(0, 1, LENGTH)]
    found = track(frames, StartPoints(points=np.array([[40, 60]])))
    given = refit_tracks(place_tracks(resample_tracks(found, 33), Placement(move=(0, 8))), 96, 64, "crop")
    assert (given.length, given.width, given.height) == (33, 96, 64) and given.visibility.all()
    assert np.allclose(given.positions[[0, 16, 32], 0], [[20, 34], [28, 34], [36, 34]], atol=0.1)


def test_frames_are_asked_for_one_by_one_and_progress_is_told() -> None:
    host = Recording()
    track_video(passing(), StartPoints(32), host, total=LENGTH)
    assert host.steps[0] == (0, LENGTH) and host.steps[-1] == (LENGTH, LENGTH)
    assert [step for step, _ in host.steps[:-1]] == list(range(LENGTH + 1))


def test_an_interruption_ends_it_at_the_next_frame() -> None:
    host, asked = Recording(stop_at=4), []

    def frames() -> Iterator[Frame]:
        for time in range(LENGTH):
            asked.append(time)
            yield texture(3)

    with pytest.raises(KeyboardInterrupt):
        track_video(frames(), StartPoints(32), host)
    assert asked == [0, 1, 2, 3]


def test_a_video_that_goes_dark_loses_all_points() -> None:
    found = track([texture(3)] * 3 + [np.zeros((HEIGHT, WIDTH, 3), np.uint8)] * 6)
    assert found.visibility[2].all() and not found.visibility[3:].any()
    assert np.isfinite(found.positions).all()


GOOD = [texture(3)] * 3


@pytest.mark.parametrize(
    ("frames", "start", "error", "said"),
    [
        ([], StartPoints(), RequestError, "has 0 frames; at least 2"),
        (GOOD[:1], StartPoints(), RequestError, "has 1 frame; at least 2"),
        ([texture(3), texture(3, 64, 64)], StartPoints(), RequestError, "Frame 1 is 64x64, the first is 192x128"),
        ([np.zeros((64, 64), np.uint8)] * 2, StartPoints(), MediaError, "is needed"),
        ([np.full((64, 64, 3), 90, np.uint8)] * 2, StartPoints(), RequestError, "in the first frame has enough texture"),
        (GOOD, StartPoints(0), RequestError, "0 px apart"),
        (GOOD, StartPoints(mask=np.zeros((HEIGHT, WIDTH), np.bool_)), RequestError, "mask is empty"),
        (GOOD, StartPoints(mask=np.ones((64, 32), np.bool_)), RequestError, "mask is 32x64, the video is 192x128"),
        (GOOD, StartPoints(points=np.zeros((0, 2))), RequestError, r"shape \[0, 2\]"),
        (GOOD, StartPoints(points=np.array([[192, 5]])), RequestError, "Point 0 at .* outside the first frame"),
        (GOOD, StartPoints(points=np.array([[np.nan, 5]])), RequestError, "Point 0 at .* outside the first frame"),
        ([texture(3, 640, 480)] * 2, StartPoints(1), RequestError, "Make the spacing larger"),
    ],
)
def test_what_cannot_be_followed_is_refused_with_the_way_out(frames, start, error, said) -> None:
    with pytest.raises(error, match=said):
        track_video(frames, start, SilentHost())
