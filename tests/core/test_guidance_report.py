"""Coverage and lint, each finding by a track drawn to cause it."""

from dataclasses import replace

import pytest
import torch

from wanmove_core.errors import TrackError
from wanmove_core.guidance.report import FindingKind, GuidanceReport, guidance_report
from wanmove_core.tracks.tensors import Tracks, make_tracks
from wanmove_core.variants import WAN21_STRIDE, LatentStride

WIDTH, HEIGHT = 160, 80


def still(x: float, y: float, length: int = 9) -> list[tuple[float, float]]:
    return [(x, y)] * length


def line(x: float, y: float, to_x: float, to_y: float, length: int = 9) -> list[tuple[float, float]]:
    shares = [frame / (length - 1) for frame in range(length)]
    return [(x + (to_x - x) * share, y + (to_y - y) * share) for share in shares]


def layered(*layers: tuple[str, list[list[tuple[float, float]]]], hidden: tuple[tuple[int, int], ...] = ()) -> Tracks:
    """Tracks of named layers, bottom to top; ``hidden`` names (frame, track)."""
    paths = [path for _, members in layers for path in members]
    positions = torch.tensor(paths, dtype=torch.float32).transpose(0, 1)
    visibility = torch.ones(positions.shape[:2], dtype=torch.bool)
    for frame, track in hidden:
        visibility[frame, track] = False
    index = torch.tensor([number for number, (_, members) in enumerate(layers) for _ in members], dtype=torch.int32)
    tracks = make_tracks(positions, visibility, WIDTH, HEIGHT)
    return replace(tracks, layer=index, names=tuple(name for name, _ in layers))


def found(report: GuidanceReport) -> list[tuple[FindingKind, str | None, int]]:
    return [(finding.kind, finding.layer, finding.count) for finding in report.findings]


def test_one_point_guides_20_of_124800_cells_of_a_full_clip():
    tracks = make_tracks(torch.tensor(line(100, 100, 400, 200, 81)).unsqueeze(1), None, 832, 480)
    report = guidance_report(tracks, WAN21_STRIDE)
    assert (report.cells, report.guided) == (124800, 20)
    assert report.coverage == pytest.approx(100 * 20 / 124800)
    assert report.coverage_by_latent_frame == pytest.approx([100 / 6240] * 20)


def test_tracks_in_one_cell_cover_it_once_and_hidden_frames_not_at_all():
    tracks = layered(("a", [still(4, 4), still(5, 5), still(100, 40)]), hidden=((4, 2),))
    report = guidance_report(tracks, WAN21_STRIDE)
    assert report.coverage_by_latent_frame == (0.5, 1.0)  # 1 and 2 of 200 cells
    assert (report.tracks, report.skipped, report.guided, report.coverage) == (3, 0, 3, 0.75)


def test_a_clean_document_has_no_findings():
    tracks = layered(("sky", [line(20, 20, 60, 20), still(4, 60)]), ("ball", [line(40, 60, 100, 60)]))
    assert found(guidance_report(tracks, WAN21_STRIDE)) == []


@pytest.mark.parametrize(
    ("kind", "path", "hidden"),
    [
        ("start-outside", line(-10, 20, 60, 20), ()),
        ("hidden-start", line(20, 20, 60, 20), ((0, 0),)),
        ("far-edge", line(160, 20, 120, 20), ()),
        ("far-edge", line(20, 40, 20, 80), ()),
        ("motion-under-a-cell", line(17, 20, 23, 20), ()),
        ("jump", line(4, 20, 150, 20), ()),
    ],
)
def test_each_trouble_is_found_by_name_with_its_layer_and_count(kind, path, hidden):
    quiet = line(20, 60, 40, 60)
    report = guidance_report(layered(("ball", [path]), ("sky", [quiet]), hidden=hidden), WAN21_STRIDE)
    assert found(report) == [(kind, "ball", 1)]
    assert report.findings[0].message.startswith('Layer "ball": 1 of 1 tracks ')


def test_a_jump_of_exactly_eight_cells_is_none():
    assert found(guidance_report(layered(("a", [line(4, 4, 132, 4)])), WAN21_STRIDE)) == []
    assert found(guidance_report(layered(("a", [line(4, 4, 148, 4)])), WAN21_STRIDE)) == [("jump", "a", 1)]


def test_a_pin_and_a_track_that_is_never_read_are_not_motion_under_a_cell():
    tracks = layered(("pin", [still(17, 20)]), ("ghost", [line(17, 44, 23, 44)]), hidden=((4, 1), (8, 1)))
    assert found(guidance_report(tracks, WAN21_STRIDE)) == []


def test_a_layer_below_that_is_covered_loses_a_collision_and_the_one_above_does_not():
    below, above = line(20, 20, 60, 20), line(100, 20, 60, 20)
    report = guidance_report(layered(("below", [below]), ("above", [above])), WAN21_STRIDE)
    assert found(report) == [("collision-lost", "below", 1)]
    assert "Move the layer up" in report.findings[0].message


def test_inside_a_layer_only_a_track_that_is_never_heard_loses():
    shrinking = [line(20, 20, 40, 20), line(28, 20, 41, 20), line(36, 20, 60, 20)]
    heard = [line(20, 20, 40, 20), [*line(28, 20, 41, 20)[:4], *still(70, 20, 1), *line(28, 20, 41, 20)[5:]]]
    assert found(guidance_report(layered(("a", shrinking)), WAN21_STRIDE)) == []
    assert found(guidance_report(layered(("a", heard)), WAN21_STRIDE)) == []
    lost = [line(20, 20, 60, 20), line(28, 20, 60, 20)]
    lost[1][4] = lost[0][4]
    assert found(guidance_report(layered(("a", lost)), WAN21_STRIDE)) == [("collision-lost", "a", 1)]


def test_tracks_with_the_same_source_cell_lose_nothing_to_each_other():
    assert found(guidance_report(layered(("a", [line(20, 20, 60, 20)]), ("b", [line(21, 21, 61, 21)])), WAN21_STRIDE)) == []


def test_a_length_that_does_not_fit_is_a_finding_and_the_rest_is_measured():
    report = guidance_report(layered(("a", [line(20, 20, 60, 20, 11)])), WAN21_STRIDE)
    assert found(report) == [("length", None, 1)]
    assert "11 frames" in report.findings[0].message
    assert "9 or 13 frames" in report.findings[0].message
    assert len(report.coverage_by_latent_frame) == 2


@pytest.mark.parametrize(("target", "advice"), [((320, 160), "rescale"), ((160, 160), "crop or stretch")])
def test_another_target_size_is_a_finding_that_tells_stretch_from_scale(target, advice):
    report = guidance_report(layered(("a", [line(20, 20, 60, 20)])), WAN21_STRIDE, target)
    assert found(report) == [("source-size", None, 1)]
    assert advice in report.findings[0].message


def test_a_target_that_is_no_multiple_of_the_stride_is_refused():
    with pytest.raises(TrackError, match=r"160x80.*32x32"):
        guidance_report(layered(("a", [still(4, 4)])), LatentStride(4, 32, 32))


def test_a_single_frame_is_reported_without_coverage():
    report = guidance_report(layered(("a", [still(4, 4, 1)])), WAN21_STRIDE)
    assert (report.cells, report.guided, report.coverage, report.coverage_by_latent_frame) == (0, 0, 0.0, ())


def test_findings_come_by_layer_from_bottom_to_top():
    tracks = layered(("a", [line(-10, 20, 60, 20), line(17, 60, 23, 60)]), ("b", [line(-10, 70, 60, 70)]))
    assert found(guidance_report(tracks, WAN21_STRIDE)) == [
        ("start-outside", "a", 1),
        ("motion-under-a-cell", "a", 1),
        ("start-outside", "b", 1),
    ]
