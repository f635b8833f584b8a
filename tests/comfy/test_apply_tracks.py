"""The native lane over the stand-in. Held against ComfyUI's own node in ``test_native_lane.py``."""

from types import ModuleType
from typing import Any

import pytest
import torch

from tests.comfy.pack_nodes import node_named
from wanmove_core.guidance.latent_edit import edit_latent
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE

LENGTH, WIDTH, HEIGHT = 9, 64, 32
PATHS = torch.rand(LENGTH, 12, 2, generator=torch.Generator().manual_seed(1)) * torch.tensor([WIDTH, HEIGHT])
TRACKS = {"track_path": PATHS, "track_visibility": torch.ones(LENGTH, 12, dtype=torch.bool)}


def conditioning(batch: int = 1, channels: int = 16) -> list[list[Any]]:
    latent = torch.rand(batch, channels, 3, HEIGHT // 8, WIDTH // 8, generator=torch.Generator().manual_seed(0))
    return [[torch.zeros(1, 4, 8), {"concat_latent_image": latent, "concat_mask": torch.ones(1, 1, 3, 4, 8), "other": 1}]]


def apply(pack: ModuleType, positive: Any, negative: Any, tracks: Any = TRACKS, **given: Any) -> tuple[Any, Any]:
    said = {"strength": 1.0, "footprint": 0.0, "temporal": "last", "negative_sees": "edited", **given}
    return node_named(pack, "WanMoveApplyTracks").execute(positive, negative, tracks, **said).args


def latent_of(found: Any, entry: int = 0) -> torch.Tensor:
    return found[entry][1]["concat_latent_image"]


@pytest.mark.parametrize("batch", [1, 2])
def test_every_latent_of_a_batch_is_edited_and_what_came_in_is_not(pack: ModuleType, batch: int) -> None:
    given = conditioning(batch)
    before = latent_of(given).clone()
    positive, negative = apply(pack, given, given)
    expected = edit_latent(before, to_latent_tracks(make_tracks(PATHS, None, WIDTH, HEIGHT), WAN21_STRIDE))
    assert torch.equal(latent_of(positive), expected) and not torch.equal(expected, before)
    assert torch.equal(latent_of(given), before)
    assert latent_of(negative) is latent_of(positive), "a latent that both share is edited once"
    assert positive[0][1]["other"] == 1 and positive[0][0] is given[0][0]


def test_the_negative_can_stay_clean(pack: ModuleType) -> None:
    given = conditioning()
    _, negative = apply(pack, given, given, negative_sees="clean")
    assert latent_of(negative) is latent_of(given)


def test_entries_without_a_start_image_stay(pack: ModuleType) -> None:
    given = [*conditioning(), [torch.zeros(1, 4, 8), {"area": 1}]]
    positive, _ = apply(pack, given, given)
    assert positive[1][1] == {"area": 1} and len(positive) == 2


def test_the_same_inputs_give_the_same_whatever_the_seed(pack: ModuleType) -> None:
    found = []
    for seed in range(3):
        torch.manual_seed(seed)
        found.append(latent_of(apply(pack, conditioning(), conditioning())[0]))
    assert torch.equal(found[0], found[1]) and torch.equal(found[1], found[2])


def test_one_column_of_visibility_counts_for_all_tracks(pack: ModuleType) -> None:
    shown = torch.ones(LENGTH, 1, dtype=torch.bool)
    shown[8] = False
    masked, _ = apply(pack, conditioning(), conditioning(), {**TRACKS, "track_visibility": shown})
    clean = latent_of(conditioning())
    assert torch.equal(latent_of(masked)[:, :, 2], clean[:, :, 2]) and not torch.equal(
        latent_of(masked)[:, :, 1], clean[:, :, 1]
    )


@pytest.mark.parametrize(
    ("given", "changes"), [({"strength": 0.5}, True), ({"footprint": 1.0}, True), ({"temporal": "mean"}, True)]
)
def test_strength_footprint_and_temporal_reach_the_edit(pack: ModuleType, given: dict[str, Any], changes: bool) -> None:
    usual, other = apply(pack, conditioning(), conditioning())[0], apply(pack, conditioning(), conditioning(), **given)[0]
    assert torch.equal(latent_of(usual), latent_of(other)) is not changes


def test_tracks_that_say_a_size_of_the_same_shape_are_scaled(pack: ModuleType) -> None:
    larger = {"track_path": PATHS * 2, "wanmove_size": (WIDTH * 2, HEIGHT * 2)}
    assert torch.equal(
        latent_of(apply(pack, conditioning(), conditioning(), larger)[0]),
        latent_of(apply(pack, conditioning(), conditioning())[0]),
    )


@pytest.mark.parametrize(
    ("positive", "tracks", "given", "said"),
    [
        ([[torch.zeros(1), {}]], TRACKS, {}, "positive conditioning has no start image"),
        ([], TRACKS, {}, "positive conditioning has no start image"),
        (conditioning(channels=32), TRACKS, {}, "needed, as Wan Image To Video makes it"),
        (conditioning(), {"track_path": PATHS[:5]}, {}, "have 5 frames, the video has 9"),
        (conditioning(), {**TRACKS, "wanmove_size": (64, 64)}, {}, "64 x 64, the video is 64 x 32"),
        (conditioning(), TRACKS, {"strength": 101.0}, "guidance strength is 101"),
        (conditioning(), TRACKS, {"footprint": -1.0}, "footprint is -1"),
        (conditioning(), TRACKS, {"negative_sees": "both"}, "one of edited, clean"),
    ],
)
def test_what_cannot_be_guided_is_refused_with_the_way_out(pack: ModuleType, positive, tracks, given, said: str) -> None:
    with pytest.raises(Exception, match=said):
        apply(pack, positive, conditioning(), tracks, **given)
