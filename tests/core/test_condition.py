"""Mask and latent in Wan's channel order."""

import pytest
import torch

from wanmove_core.errors import RequestError, TrackError
from wanmove_core.guidance.condition import Edit, build_condition, check_uncond, concat_mask
from wanmove_core.guidance.latent_edit import edit_latent
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE, LatentStride


def latent_tracks(length: int = 9):
    path = torch.linspace(0, 31, length)
    return to_latent_tracks(make_tracks(torch.stack([path, path / 2], dim=-1).unsqueeze(1), None, 32, 16), WAN21_STRIDE)


@pytest.mark.parametrize("latent_length", [1, 2, 9, 21])
def test_the_condition_is_four_channels_of_mask_then_the_latent(latent_length):
    latent = torch.randn(16, latent_length, 2, 4)
    condition = build_condition(latent, None, WAN21_STRIDE)
    assert condition.edited.shape == (20, latent_length, 2, 4)
    assert bool((condition.edited[:4, 0] == 1).all())
    assert bool((condition.edited[:4, 1:] == 0).all())
    assert torch.equal(condition.edited[4:], latent)


def test_the_mask_equals_the_released_recipe_at_81_frames():
    frames = torch.zeros(1, 81, 2, 4)
    frames[:, 0] = 1
    repeated = torch.cat([frames[:, :1].repeat_interleave(4, dim=1), frames[:, 1:]], dim=1)
    released = repeated.view(1, 21, 4, 2, 4).transpose(1, 2)[0]
    assert torch.equal(concat_mask(torch.zeros(16, 21, 2, 4), WAN21_STRIDE), released)


def test_the_mask_of_two_pictures_equals_the_released_recipe_at_81_frames():
    frames = torch.ones(1, 81, 2, 4)
    frames[:, 1:-1] = 0
    repeated = torch.cat([frames[:, :1].repeat_interleave(4, dim=1), frames[:, 1:]], dim=1)
    released = repeated.view(1, 21, 4, 2, 4).transpose(1, 2)[0]
    latent = torch.randn(16, 21, 2, 4)
    assert torch.equal(concat_mask(latent, WAN21_STRIDE, with_last=True), released)
    batch = build_condition(latent.expand(2, -1, -1, -1, -1), None, WAN21_STRIDE, with_last=True)
    assert torch.equal(batch.edited[1, :4], released)


def test_the_mask_has_a_channel_for_each_frame_of_a_latent_frame():
    assert concat_mask(torch.zeros(2, 48, 3, 2, 4), LatentStride(8, 16, 16)).shape == (2, 8, 3, 2, 4)


def test_the_clean_condition_stays_clean_and_the_argument_untouched():
    latent = torch.randn(16, 3, 2, 4)
    before = latent.clone()
    condition = build_condition(latent, latent_tracks(), WAN21_STRIDE)
    assert torch.equal(latent, before)
    assert torch.equal(condition.clean[4:], before)
    assert torch.equal(condition.edited[4:], edit_latent(latent, latent_tracks()))
    assert not torch.equal(condition.edited, condition.clean)
    assert torch.equal(condition.edited[:4], condition.clean[:4])


def test_strength_zero_is_no_guidance():
    condition = build_condition(torch.randn(16, 3, 2, 4), latent_tracks(), WAN21_STRIDE, Edit(strength=0.0))
    assert torch.equal(condition.edited, condition.clean)


def test_a_batch_and_a_half_precision_latent_keep_shape_and_dtype():
    condition = build_condition(torch.randn(2, 16, 3, 2, 4, dtype=torch.bfloat16), latent_tracks(), WAN21_STRIDE)
    assert condition.edited.shape == (2, 20, 3, 2, 4)
    assert condition.edited.dtype == torch.bfloat16


def test_tracks_of_another_length_and_a_latent_without_time_are_refused():
    with pytest.raises(TrackError, match=r"\[16, 3, 2, 4\].*\[channels, 2, 2, 4\]"):
        build_condition(torch.zeros(16, 3, 2, 4), latent_tracks(5), WAN21_STRIDE)
    with pytest.raises(RequestError, match=r"\[16, 2, 4\]"):
        build_condition(torch.zeros(16, 2, 4), None, WAN21_STRIDE)


def test_an_unknown_unconditional_pass_is_refused_by_name():
    check_uncond("edited")
    check_uncond("clean")
    with pytest.raises(RequestError, match=r'"none".*edited, clean'):
        check_uncond("none")
