"""A video judged from every side: a perfect one scores near nothing, and each fault moves its own figure, and ever more so."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from wanmove_core.errors import RequestError
from wanmove_core.evaluation.report_text import report_text
from wanmove_core.evaluation.shown_tracks import shown_tracks
from wanmove_core.evaluation.trackers import PatchMatching
from wanmove_core.evaluation.video_report import ALL_TRACKS, EvaluateOptions, VideoReport, evaluate_video
from wanmove_core.host import SilentHost
from wanmove_core.rendering.frames import Frame
from wanmove_core.tracks.baked import BakedTracks

WIDTH, HEIGHT, LENGTH = 208, 112, 6
STEP = (4.0, 2.0)
QUICK = EvaluateOptions(quality_every=5)


@cache
def _clip() -> tuple[tuple[Frame, ...], BakedTracks]:
    """A texture that goes right and down, with tracks on a grid that stays inside."""
    noise = np.random.default_rng(3).normal(size=(HEIGHT + 40, WIDTH + 40, 3))
    fine, coarse = (cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (1.0, 4.0))
    wide = np.clip(128 + 90 * fine + 120 * coarse, 0, 255).astype(np.uint8)
    frames, places = [], []
    start = np.stack(np.meshgrid(np.arange(24, 170, 12.0), np.arange(20, 90, 12.0)), axis=-1).reshape(-1, 2)
    for time in range(LENGTH):
        left, top = 30 - int(STEP[0]) * time, 20 - int(STEP[1]) * time
        frames.append(np.ascontiguousarray(wide[top : top + HEIGHT, left : left + WIDTH]))
        places.append(start + np.multiply(STEP, time))
    positions = np.array(places, np.float32)
    seen = np.ones(positions.shape[:2], np.bool_)
    return tuple(frames), BakedTracks(positions, seen, WIDTH, HEIGHT, np.zeros(len(start), np.int32), ("texture",))


def _judge(frames: tuple[Frame, ...], options: EvaluateOptions = QUICK) -> VideoReport:
    truth, tracks = _clip()
    return evaluate_video(frames, tracks, options, truth=truth, picture=truth[0], host=SilentHost())


def _spoilt(how: Callable[[Frame, int], np.ndarray]) -> tuple[Frame, ...]:
    return tuple(np.clip(how(frame, time), 0, 255).astype(np.uint8) for time, frame in enumerate(_clip()[0]))


def _noisy(strength: float) -> tuple[Frame, ...]:
    return _spoilt(lambda frame, time: frame + np.random.default_rng(time).normal(0, strength, frame.shape))


def _blurred(strength: float) -> tuple[Frame, ...]:
    return _spoilt(lambda frame, time: cv2.GaussianBlur(frame, (0, 0), strength) if time else frame)


def _shaken(strength: float) -> tuple[Frame, ...]:
    def shift(frame: Frame, time: int) -> np.ndarray:
        x, y = strength * np.random.default_rng(time).choice([-1.0, 1.0], 2) if time else (0.0, 0.0)
        return cv2.warpAffine(frame, np.array([[1, 0, x], [0, 1, y]]), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)

    return _spoilt(shift)


def _rising(values: list[float | None]) -> bool:
    known = [value for value in values if value is not None]
    return len(known) == len(values) and all(one < other for one, other in pairwise(known))


def test_a_perfect_video_has_next_to_no_error() -> None:
    report = _judge(_clip()[0])
    assert report.motion is not None and report.fidelity is not None and report.floor == report.motion
    assert report.motion.mean_px_at_832x480 <= 0.4 and report.motion.lost_percent == 0
    assert report.motion.path_ratio_median == pytest.approx(1, abs=0.01)
    assert report.motion.within_percent["1"] >= 99
    assert (report.fidelity.psnr, report.fidelity.ssim) == (100, pytest.approx(1))
    assert report.consistency == report.truth_consistency
    assert report.consistency.dynamic_degree == pytest.approx(np.hypot(*STEP) * report.made_with.px_at_832x480, rel=0.03)
    assert report.consistency.warp_error is not None and report.consistency.warp_error <= 2
    assert report.notes == ()


def test_a_frozen_video_is_exposed_by_its_path_and_its_dynamic_degree_though_all_else_looks_perfect() -> None:
    report = _judge((_clip()[0][0],) * LENGTH)
    assert report.motion is not None and report.floor is not None
    assert report.motion.path_ratio_median == pytest.approx(0, abs=1e-3)
    assert report.motion.mean_px == pytest.approx(np.hypot(*STEP) * 2.5, abs=0.01)
    assert report.motion.mean_px_at_832x480 == pytest.approx(report.motion.frozen_px_at_832x480, abs=0.01)
    assert report.consistency.dynamic_degree == pytest.approx(0, abs=0.01)
    assert report.consistency.warp_error == pytest.approx(0, abs=0.01) and report.quality.change == pytest.approx(0, abs=1e-6)
    assert report.floor.path_ratio_median == pytest.approx(1, abs=0.01)
    assert any("hardly move" in note for note in report.notes) and any("stands still" in note for note in report.notes)


def test_noise_raises_niqe_and_the_warp_error_and_lowers_psnr_and_ssim() -> None:
    reports = [_judge(_clip()[0]), *(_judge(_noisy(strength)) for strength in (6, 12, 24))]
    assert _rising([report.consistency.warp_error for report in reports])
    assert _rising([report.quality.change for report in reports[1:]])
    assert _rising([-report.fidelity.psnr for report in reports if report.fidelity])
    assert _rising([-report.fidelity.ssim for report in reports if report.fidelity])


def test_blur_raises_niqe_and_lowers_psnr_and_ssim() -> None:
    reports = [_judge(_clip()[0]), *(_judge(_blurred(strength)) for strength in (0.8, 1.5, 3))]
    assert _rising([report.quality.change for report in reports])
    assert _rising([-report.fidelity.psnr for report in reports if report.fidelity])
    assert _rising([-report.fidelity.ssim for report in reports if report.fidelity])


def test_jitter_raises_the_motion_error_the_path_ratio_and_the_dynamic_degree() -> None:
    reports = [_judge(_clip()[0]), *(_judge(_shaken(strength)) for strength in (1, 2, 4))]
    motions = [report.motion for report in reports if report.motion]
    assert _rising([motion.mean_px for motion in motions])
    assert _rising([motion.path_ratio_median for motion in motions])
    assert motions[0].within_percent["4"] == 100 and motions[1].within_percent["4"] < 20
    assert _rising([report.consistency.dynamic_degree for report in reports])


def test_a_report_says_tracker_version_and_resolution_and_is_json() -> None:
    report = _judge(_clip()[0])
    said = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    made = said["made_with"]
    assert (made["tracker"], made["tracker_version"]) == ("OpenCV pyramidal Lucas-Kanade", cv2.__version__)
    assert (made["width"], made["height"], made["frames"], made["options"]["max_tracks"]) == (WIDTH, HEIGHT, LENGTH, 256)
    assert said["motion"]["within_percent"].keys() == {"1", "2", "4", "8", "16"}
    assert said["floor"]["mean_px"] == said["motion"]["mean_px"] and said["notes"] == []
    assert len(report.track_rows()) == said["motion"]["tracks"]
    text = report_text(report)
    for word in ("OpenCV pyramidal Lucas-Kanade", "208x112, 6 frames", "floor on the truth", "PSNR", "NIQE", "dynamic degree"):
        assert word in text


def test_without_tracks_or_truth_their_parts_are_missing() -> None:
    report = evaluate_video(_clip()[0], None, EvaluateOptions(quality_every=0), host=SilentHost())
    said = report.as_dict()
    assert (said["motion"], said["floor"], said["fidelity"], said["truth_consistency"]) == (None, None, None, None)
    assert report.quality.niqe is None and report.measured is None and "Motion" not in report_text(report)


def test_tracks_that_nothing_can_be_said_about_are_counted_with_the_reason() -> None:
    frames, tracks = _clip()
    hidden = replace(tracks, visibility=np.zeros_like(tracks.visibility))
    report = evaluate_video(frames, hidden, QUICK, host=SilentHost())
    assert report.motion is None and report.made_with.left_out["hidden"] == tracks.count
    assert report.notes == (f"None of the {tracks.count} tracks can be measured: {tracks.count} hidden at first.",)
    assert shown_tracks(report)["requested"] == []
    assert report.measured is not None and report.measured.achieved.positions.shape == (LENGTH, 0, 2)


def test_a_blurred_video_loses_points_rather_than_tracks() -> None:
    grey = tuple(np.full_like(frame, 128) for frame in _clip()[0])
    report = _judge(grey)
    assert report.motion is not None and report.floor is not None
    assert report.motion.tracks == report.floor.tracks > 20
    assert report.motion.lost_percent > 80 and any("lost by the tracker" in note for note in report.notes)


def test_another_tracker_measures_the_same_and_is_named() -> None:
    report = _judge(_clip()[0], replace(QUICK, measure=replace(ALL_TRACKS, tracker=PatchMatching())))
    assert report.motion is not None and report.motion.mean_px <= 0.2
    assert report.made_with.tracker == "OpenCV patch matching"


def test_embeddings_give_clip_f() -> None:
    angles = np.deg2rad(np.arange(LENGTH) * 60.0)
    options = replace(QUICK, embed=lambda frames: np.stack([np.cos(angles), np.sin(angles)], axis=1), embed_name="a circle")
    report = _judge(_clip()[0], options)
    assert report.consistency.clip_f == pytest.approx(0.5)
    assert report.made_with.clip == "a circle" and "by a circle" in report_text(report)


def test_the_page_gets_few_tracks_flat_and_rounded() -> None:
    frames, tracks = _clip()
    many = replace(
        tracks,
        positions=np.tile(tracks.positions, (1, 3, 1)),
        visibility=np.tile(tracks.visibility, (1, 3)),
        layer=np.tile(tracks.layer, 3),
    )
    report = evaluate_video(frames, many, QUICK, host=SilentHost())
    shown = json.loads(json.dumps(shown_tracks(report)))
    assert shown.keys() == {"width", "height", "length", "requested", "achieved", "followed", "summary"}
    assert (shown["width"], shown["height"], shown["length"]) == (WIDTH, HEIGHT, LENGTH)
    assert report.motion is not None and report.motion.tracks > 64
    assert len(shown["requested"]) == len(shown["achieved"]) == len(shown["followed"]) == 64
    assert all(len(way) == 2 * LENGTH for way in shown["requested"] + shown["achieved"])
    assert all(len(kept) == LENGTH and set(kept) <= {0, 1} for kept in shown["followed"])
    first = np.array(shown["requested"][0]).reshape(LENGTH, 2)
    assert (first[1] - first[0]).tolist() == [4, 2]
    assert shown["summary"]["measured"] == report.motion.tracks and shown["summary"]["path_ratio"] == pytest.approx(1, abs=0.01)


def test_a_user_can_stop_it() -> None:
    class Stopped(BaseException):
        pass

    class Host(SilentHost):
        def check_interrupted(self) -> None:
            raise Stopped

    frames, tracks = _clip()
    with pytest.raises(Stopped):
        evaluate_video(frames, tracks, QUICK, host=Host())


@pytest.mark.parametrize(
    ("frames", "truth", "says"),
    [
        ([], None, "no frames"),
        ([(18, 18), (18, 19)], None, "differ in size"),
        ([(18, 18)] * 2, [(18, 18)] * 3, "has 2 frames, the ground truth 3"),
        ([(18, 18)], [(19, 18)], "is 18x18, the ground truth 18x19"),
        ([(15, 40)], None, "is 40x15; at least 16x16"),
    ],
)
def test_what_does_not_fit_is_refused(frames: list[tuple[int, int]], truth: list[tuple[int, int]] | None, says: str) -> None:
    made = [np.zeros((*size, 3), np.uint8) for size in frames]
    true = None if truth is None else [np.zeros((*size, 3), np.uint8) for size in truth]
    with pytest.raises(RequestError, match=says):
        evaluate_video(made, None, QUICK, truth=true, host=SilentHost())
