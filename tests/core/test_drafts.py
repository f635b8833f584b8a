"""Drafts: half the frames, and a rough clip a third of the way through the sampling."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.core.tiny_pipeline import HEIGHT, LENGTH, WIDTH, WatchingHost, make_models, make_request, sampling
from wanmove_core.errors import MediaError
from wanmove_core.generation.drafts import (
    PIXELS,
    EarlyPreviewHost,
    draft_length,
    fit_colours,
    rough_frames,
    write_early_preview,
)
from wanmove_core.host import SilentHost
from wanmove_core.pipeline import encode_pictures, generate
from wanmove_core.rendering.video_file import read_video, video_info
from wanmove_core.variants import WAN21_STRIDE

CELLS = HEIGHT // 8, WIDTH // 8


@pytest.mark.parametrize(("length", "half"), [(81, 41), (33, 17), (49, 25), (13, 5), (9, 5), (5, 5), (1, 1), (121, 61)])
def test_a_draft_has_half_the_frames_and_a_length_that_the_model_makes(length: int, half: int) -> None:
    assert draft_length(length, WAN21_STRIDE) == half and (half - 1) % 4 == 0


def test_colours_that_are_linear_in_the_latent_are_found_and_shown() -> None:
    generator = torch.Generator().manual_seed(0)
    latent, mixing = torch.randn(6, 3, 10, 12, generator=generator), torch.randn(6, 3, generator=generator) * 0.05
    colours = torch.einsum("cthw,ck->thwk", latent, mixing) + 0.5
    picture = F.interpolate(colours[0].permute(2, 0, 1)[None], scale_factor=8)[0].permute(1, 2, 0)
    fitted = fit_colours(latent[:, 0], picture)
    assert torch.allclose(fitted[:-1], mixing, atol=1e-3) and torch.allclose(fitted[-1], torch.tensor(0.5), atol=1e-3)
    frames = np.stack(list(rough_frames(latent, fitted)))
    assert frames.shape == (3, 10 * PIXELS, 12 * PIXELS, 3) and frames.dtype == np.uint8
    means = frames.reshape(3, 10, PIXELS, 12, PIXELS, 3).mean((2, 4)) / 255
    assert np.abs(means - colours.numpy().clip(0, 1)).mean() < 0.04


def test_a_picture_of_one_colour_gives_that_colour() -> None:
    fitted = fit_colours(torch.ones(16, *CELLS), torch.full((HEIGHT, WIDTH, 3), 0.25))
    assert torch.isfinite(fitted).all()
    assert all(np.abs(frame.astype(int) - 64).max() <= 1 for frame in rough_frames(torch.ones(16, 2, *CELLS), fitted))


@pytest.mark.parametrize(("steps", "after"), [(1, 1), (2, 1), (4, 1), (10, 3), (40, 12)])
def test_it_is_shown_once_after_a_third_of_the_steps_and_changes_nothing(steps: int, after: int) -> None:
    models, inner = make_models(), WatchingHost()
    request = make_request(sampling=sampling(steps=steps), length=1, tracks=None)
    seen: list[tuple[int, torch.Tensor]] = []
    host = EarlyPreviewHost(inner, steps, lambda latent: seen.append((inner.told[-1][1], latent.clone())))
    shown = np.stack(list(generate(models, request, host)))
    assert [step + 1 for step, _ in seen] == [after] and seen[0][1].shape == (16, 1, *CELLS)
    assert np.array_equal(shown, np.stack(list(generate(models, request, SilentHost())))) and inner.previews == []


def test_a_host_that_shows_previews_itself_goes_on_doing_so() -> None:
    inner, seen = WatchingHost(previewing=True), list[torch.Tensor]()
    list(generate(make_models(), make_request(), EarlyPreviewHost(inner, 3, seen.append)))
    assert len(inner.previews) == 3 and len(seen) == 1


@pytest.mark.parametrize("with_picture", [True, False])
def test_the_clip_has_a_frame_for_each_latent_frame(tmp_path: Path, with_picture: bool) -> None:
    models, request = make_models(), make_request()
    still = encode_pictures(models, request, SilentHost())
    if still is None or request.image is None:
        pytest.fail("there is no picture")
    known = (still[:, 0], request.image) if with_picture else None
    write_early_preview(tmp_path / "rough.mp4", still, 4.0, known, models.vae)
    info = video_info(tmp_path / "rough.mp4")
    assert (info.width, info.height, info.fps, info.frames) == (
        CELLS[1] * PIXELS,
        CELLS[0] * PIXELS,
        4.0,
        (LENGTH - 1) // 4 + 1,
    )
    assert len(list(read_video(tmp_path / "rough.mp4"))) == 3
    with pytest.raises(MediaError, match="does not exist"):
        write_early_preview(tmp_path / "none" / "rough.mp4", still, 4.0, known, models.vae)
