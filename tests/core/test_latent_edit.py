"""Features travel along tracks; depth decides; the reference mode equals the released algorithm."""

import pytest
import torch

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.guidance.latent_edit import (
    cell_rivals,
    cell_writes,
    edit_latent,
    edit_latent_reference,
    released_order,
    winning_tracks,
)
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.tracks.tensors import Tracks, make_tracks
from wanmove_core.variants import WAN21_STRIDE, LatentStride

UNIT = LatentStride(1, 1, 1)


def unit_tracks(*paths: list[tuple[float, float]], size: tuple[int, int] = (3, 2)) -> Tracks:
    """Tracks on a grid where a pixel is a cell and a frame a latent frame; one list of (x, y) a track."""
    return make_tracks(torch.tensor(paths, dtype=torch.float32).transpose(0, 1), None, *size)


def counting_latent(length: int, height: int = 2, width: int = 3) -> torch.Tensor:
    """[1, T', H', W']: frame 0 counts 1, 2, 3 … along the rows, later frames are 0."""
    latent = torch.zeros(1, length, height, width)
    latent[0, 0] = torch.arange(1, height * width + 1).view(height, width)
    return latent


def random_tracks(seed: int, length: int, count: int, size: tuple[int, int]) -> Tracks:
    """Tracks with occlusion, points outside and many collisions; steps are coarse so that cells and borders are hit."""
    generator = torch.Generator().manual_seed(seed)
    scale = torch.tensor(size, dtype=torch.float32) * 1.4
    positions = (torch.rand(length, count, 2, generator=generator) * scale - 0.2 * scale).mul(2).round().div(2)
    visibility = torch.rand(length, count, generator=generator) > 0.3
    return make_tracks(positions, visibility, *size)


def released_algorithm(latent: torch.Tensor, tracks: Tracks, stride: LatentStride, order: list[int]) -> torch.Tensor:
    """The released algorithm stated in plain loops: positions first, then every source read, then the pastes in order."""
    length = (tracks.length - 1) // stride.time + 1
    where = [[(-1, -1)] * length for _ in range(tracks.count)]
    for frame in range(0, tracks.length, stride.time):
        for track in range(tracks.count):
            x, y = tracks.positions[frame, track].tolist()
            if not tracks.visibility[frame, track] or x < 0 or y < 0 or x >= tracks.width or y >= tracks.height:
                continue
            where[track][frame // stride.time] = (int(y // stride.height), int(x // stride.width))
    result = latent.clone()
    for track in order:
        source_row, source_column = where[track][0]
        for frame in range(1, length):
            row, column = where[track][frame]
            if row >= 0 and column >= 0:
                for channel in range(latent.shape[0]):
                    result[channel, frame, row, column] = latent[channel, 0, source_row, source_column]
    return result


@pytest.mark.parametrize("seed", range(40))
def test_reference_mode_equals_the_released_algorithm_bit_for_bit(seed):
    stride = (WAN21_STRIDE, LatentStride(4, 16, 16), LatentStride(2, 8, 4), LatentStride(4, 5, 7))[seed % 4]
    height, width = 3 + seed % 3, 4 + seed % 2
    tracks = random_tracks(seed, (17, 13, 18, 1)[seed % 4], 60, (width * stride.width, height * stride.height))
    latent = torch.randn(3, stride.latent_length(tracks.length), height, width)
    order = torch.randperm(tracks.count, generator=torch.Generator().manual_seed(seed))
    expected = released_algorithm(latent, tracks, stride, order.tolist())
    assert torch.equal(edit_latent_reference(latent, tracks, stride, order), expected)


def test_reference_mode_pastes_the_bottom_right_cell_for_hidden_and_outside_starts():
    tracks = unit_tracks([(-1, 0), (0, 0)], [(1, 0), (1, 0)])
    tracks.visibility[0, 1] = False
    edited = edit_latent_reference(counting_latent(2), tracks, UNIT)
    assert edited[0, 1].tolist() == [[6, 6, 0], [0, 0, 0]]


def test_reference_mode_lets_the_last_of_the_order_win():
    tracks = unit_tracks([(0, 0), (2, 1)], [(1, 0), (2, 1)])
    latent = counting_latent(2)
    assert edit_latent_reference(latent, tracks, UNIT)[0, 1, 1, 2] == 2
    assert edit_latent_reference(latent, tracks, UNIT, torch.tensor([1, 0]))[0, 1, 1, 2] == 1


def test_reference_mode_leaves_frames_after_the_tracks_alone_and_refuses_tracks_longer_than_the_latent():
    tracks = unit_tracks([(0, 0), (2, 1), (2, 0)])
    assert edit_latent_reference(counting_latent(4), tracks, UNIT)[0, 3].tolist() == [[0, 0, 0], [0, 0, 0]]
    with pytest.raises(TrackError, match=r"3 frames.*latent has 2.*to 2 frames"):
        edit_latent_reference(counting_latent(2), tracks, UNIT)


@pytest.mark.parametrize("order", [[0, 0], [0], [0, 2], [-1, 0]])
def test_an_order_that_is_not_a_permutation_is_refused(order):
    with pytest.raises(TrackError, match="permutation of the 2 tracks"):
        edit_latent_reference(counting_latent(1), unit_tracks([(0, 0)], [(1, 0)]), UNIT, torch.tensor(order))


def test_the_released_order_is_that_of_the_seeded_global_generator():
    torch.manual_seed(7)
    first, _, last = torch.randperm(50), torch.randperm(50), torch.randperm(50)
    assert torch.equal(released_order(50, 7), torch.arange(50)[first][last])


def test_a_feature_is_carried_along_its_track_and_its_source_stays():
    edited = edit_latent(counting_latent(3), to_latent_tracks(unit_tracks([(0, 0), (1, 0), (2, 1)]), UNIT))
    assert edited[0].tolist() == [[[1, 2, 3], [4, 5, 6]], [[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]]]


def test_a_start_outside_guides_nothing_and_a_hidden_start_keeps_its_source():
    tracks = unit_tracks([(-1, 0), (0, 0)], [(1, 0), (2, 0)])
    tracks.visibility[0, 1] = False
    edited = edit_latent(counting_latent(2), to_latent_tracks(tracks, UNIT))
    assert edited[0, 1].tolist() == [[0, 0, 2], [0, 0, 0]]


def test_the_higher_index_wins_a_cell_whatever_the_global_seed():
    tracks = random_tracks(3, 17, 200, (32, 24))
    latent_tracks = to_latent_tracks(tracks, WAN21_STRIDE)
    latent = torch.randn(4, 5, 3, 4)
    expected = latent.clone()
    for track in range(tracks.count):
        for frame in range(1, 5):
            if latent_tracks.writes[frame, track]:
                row, column = latent_tracks.cells[frame, track].tolist()
                source_row, source_column = latent_tracks.source[track].tolist()
                expected[:, frame, row, column] = latent[:, 0, source_row, source_column]
    for seed in (0, 1, 12345):
        torch.manual_seed(seed)
        assert torch.equal(edit_latent(latent, latent_tracks), expected)


def test_the_argument_is_not_written_to_even_through_a_view():
    batch = torch.randn(1, 4, 5, 3, 4)
    before = batch.clone()
    latent_tracks = to_latent_tracks(random_tracks(5, 17, 50, (32, 24)), WAN21_STRIDE)
    for latent in (batch, batch[0]):
        edited = edit_latent(latent, latent_tracks)
        assert not torch.equal(edited, latent)
        assert edited.data_ptr() != latent.data_ptr()
    edit_latent_reference(batch[0], random_tracks(5, 17, 50, (32, 24)), WAN21_STRIDE)
    assert torch.equal(batch, before)


def test_winning_tracks_names_the_owner_of_each_cell():
    tracks = unit_tracks([(0, 0), (2, 1)], [(1, 0), (2, 1)], [(2, 0), (0, 0)])
    owners = winning_tracks(to_latent_tracks(tracks, UNIT))
    assert owners.tolist() == [[[-1, -1, -1], [-1, -1, -1]], [[2, -1, -1], [-1, -1, 1]]]


@pytest.mark.parametrize(("strength", "expected"), [(0.0, 8.0), (0.25, 6.5), (1.0, 2.0), (2.0, -4.0)])
def test_strength_moves_the_cell_from_what_it_was_towards_the_source(strength, expected):
    latent = torch.tensor([[[[2.0, 0.0]], [[0.0, 8.0]]]])  # [1, 2, 1, 2]
    tracks = to_latent_tracks(unit_tracks([(0, 0), (1, 0)], size=(2, 1)), UNIT)
    assert edit_latent(latent, tracks, strength)[0, 1, 0].tolist() == [0.0, expected]


def test_a_footprint_carries_the_patch_with_a_falling_weight():
    latent = torch.zeros(1, 2, 1, 6)
    latent[0, 0, 0] = torch.tensor([10.0, 20.0, 30.0, 40.0, 50.0, 60.0])
    tracks = to_latent_tracks(unit_tracks([(1, 0), (3, 0)], size=(6, 1)), UNIT)
    assert edit_latent(latent, tracks, footprint=1.0)[0, 1, 0].tolist() == [0, 0, 5, 20, 15, 0]  # weights 1/2, 1, 1/2


def test_a_footprint_stops_at_the_border_of_the_source_and_of_the_picture():
    latent = torch.ones(1, 2, 1, 6)
    latent[0, 1] = 0
    tracks = to_latent_tracks(unit_tracks([(0, 0), (2, 0)], [(2, 0), (5, 0)], size=(6, 1)), UNIT)
    assert edit_latent(latent, tracks, footprint=1.0)[0, 1, 0].tolist() == [0, 0, 1, 0.5, 0.5, 1]


def test_where_footprints_meet_the_larger_weight_wins_and_then_the_higher_index():
    tracks = to_latent_tracks(unit_tracks([(1, 0), (1, 0)], [(1, 0), (2, 0)], [(1, 0), (4, 0)], size=(6, 1)), UNIT)
    assert winning_tracks(tracks, footprint=1.0)[1, 0].tolist() == [0, 0, 1, 2, 2, 2]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_any_dtype_and_layout_is_kept_and_copied_exactly(dtype):
    latent_tracks = to_latent_tracks(random_tracks(9, 17, 40, (32, 24)), WAN21_STRIDE)
    latent = torch.randn(48, 5, 3, 4).to(dtype)
    edited = edit_latent(latent, latent_tracks)
    assert edited.dtype == dtype
    permuted = latent.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2)
    assert torch.equal(edit_latent(permuted, latent_tracks), edited)
    batch = torch.stack([latent, latent * 2])
    assert torch.equal(edit_latent(batch, latent_tracks)[1], edited * 2)


@pytest.mark.parametrize("shape", [(16, 5, 3), (16, 4, 3, 4), (16, 5, 4, 3), (1, 1, 16, 5, 3, 4), ()])
def test_a_latent_of_another_shape_is_refused_by_both_modes(shape):
    tracks = random_tracks(1, 17, 3, (32, 24))
    with pytest.raises(TrackError, match="latent has the shape"):
        edit_latent(torch.zeros(shape), to_latent_tracks(tracks, WAN21_STRIDE))
    if shape != (16, 4, 3, 4):
        with pytest.raises(TrackError, match="latent has the shape"):
            edit_latent_reference(torch.zeros(shape), tracks, WAN21_STRIDE)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_strength_or_footprint_outside_its_limits_is_refused(value):
    latent_tracks = to_latent_tracks(unit_tracks([(0, 0), (1, 0)]), UNIT)
    with pytest.raises(RequestError, match="strength is"):
        edit_latent(counting_latent(2), latent_tracks, strength=value)
    with pytest.raises(RequestError, match="footprint is"):
        edit_latent(counting_latent(2), latent_tracks, footprint=value)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_edit_is_the_same_on_a_gpu():
    tracks = random_tracks(11, 81, 500, (256, 256))
    latent_tracks = to_latent_tracks(tracks, WAN21_STRIDE)
    latent = torch.randn(16, 21, 32, 32)
    assert torch.equal(edit_latent(latent.cuda(), latent_tracks).cpu(), edit_latent(latent, latent_tracks))
    soft = edit_latent(latent.cuda(), latent_tracks, footprint=2.0).cpu()
    torch.testing.assert_close(soft, edit_latent(latent, latent_tracks, footprint=2.0))


def test_the_rivals_of_a_cell_are_counted_and_a_loss_of_the_same_source_is_none():
    """Tracks 0 and 1 start in the same cell, track 2 in another; all meet at column 5, and 0 and 1 also at column 3."""
    alike = [(0.0, 0.0), (3.0, 0.0), (5.0, 0.0)]
    tracks = to_latent_tracks(unit_tracks(alike, alike, [(9.0, 0.0), (7.0, 0.0), (5.0, 0.0)], size=(10, 4)), UNIT)
    counts, contested = cell_rivals(tracks)
    assert counts.nonzero().tolist() == [[1, 0, 3], [1, 0, 7], [2, 0, 5]]
    assert [int(counts[1, 0, 3]), int(counts[1, 0, 7]), int(counts[2, 0, 5])] == [2, 1, 3]
    assert contested.nonzero().tolist() == [[2, 0, 5]]


@pytest.mark.parametrize("footprint", [0.0, 1.5])
def test_what_is_written_is_what_the_edit_shows(footprint: float):
    tracks = to_latent_tracks(random_tracks(3, 5, 30, (8, 8)), UNIT)
    writes = cell_writes(tracks, footprint)
    latent = counting_latent(5, 8, 8)
    edited = edit_latent(latent, tracks, footprint=footprint)
    expected = latent.clone()
    expected.view(-1)[writes.target] = (writes.source + 1) * writes.weight
    assert torch.allclose(edited, expected, atol=1e-5)
    assert torch.equal(winning_tracks(tracks, footprint).view(-1)[writes.target], writes.track)
    counts, contested = cell_rivals(tracks, footprint)
    assert torch.equal((counts > 0).view(-1).nonzero().squeeze(1), writes.target)
    assert bool(contested.any()) and not bool((contested & (counts < 2)).any())
