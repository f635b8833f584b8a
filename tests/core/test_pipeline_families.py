"""Models that take no picture, hold it in latent frame 0, or take two: what they are given, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.tiny_pipeline import CONFIG, WatchingHost, make_models, make_request, moving_tracks, run, sampling
from wanmove_core.errors import RequestError
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.vae22 import VAE22Config, WanVAE22
from wanmove_core.pipeline import GenerateRequest, Models, Prompt, encode_pictures, sample
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.sampling.solvers import SOLVERS
from wanmove_core.variants import FLF2V, I2V_A14B, T2V_1_3B, TI2V_5B, WAN_MOVE

PROMPT = Prompt(torch.ones(2, 8), torch.full((1, 8), 0.5))
TEXT_ONLY = replace(CONFIG, in_channels=16)


def t2v() -> Models:
    return make_models(T2V_1_3B, TEXT_ONLY)


def ti2v() -> Models:
    torch.manual_seed(6)
    dit = WanDiT(replace(CONFIG, in_channels=48, out_channels=48)).eval()
    return Models(dit, WanVAE22(VAE22Config(8, 8, residual_blocks=1)).eval(), TI2V_5B)


def flf2v() -> Models:
    variant = replace(FLF2V, image_tokens=0)  # the image tokens of both are tested in test_reference.py
    return make_models(variant)


def asked(**changes: Any) -> GenerateRequest:
    """A request of 64x32 pixels without tracks."""
    image = torch.rand(32, 64, 3, generator=torch.Generator().manual_seed(1))
    return replace(make_request(image=image, tracks=None, prompt=PROMPT), **changes)


def test_text_alone_becomes_a_clip_of_the_size_that_is_asked_for() -> None:
    host = WatchingHost()
    frames = run(t2v(), asked(image=None, size=(64, 32)), host)
    assert frames.shape == (9, 32, 64, 3) and frames.std() > 1
    assert {stage for stage, _, _ in host.told} == {"sample", "decode"}
    other = replace(PROMPT, text=PROMPT.text * 2)
    assert not np.array_equal(run(t2v(), asked(image=None, size=(64, 32), prompt=other)), frames)


def test_a_held_picture_is_in_the_latent_to_the_bit_and_its_tokens_are_told_no_noise() -> None:
    models, request, host = ti2v(), asked(sampling=sampling(scale=GuidanceScale(5.0))), WatchingHost(previewing=True)
    held = encode_pictures(models, request, host)
    assert held is not None and held.shape == (48, 1, 2, 4)
    told: list[tuple[torch.Tensor, torch.Tensor]] = []
    hook = models.dit.register_forward_pre_hook(lambda module, given: told.append((given[0][0], given[1])))
    latent = sample(models, held, request, host)
    hook.remove()
    assert latent.shape == (48, 3, 2, 4) and torch.equal(latent[:, :1], held)
    assert len(told) == 3 * 2
    for given, timestep in told:
        assert torch.equal(given[:, :1], held)
        assert timestep.shape == (1, 3 * 2) and bool((timestep[0, :2] == 0).all()) and bool((timestep[0, 2:] > 0).all())


@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
@torch.no_grad()
def test_holding_is_the_released_blend(solver: Any) -> None:
    """latent = (1 - m) z0 + m latent before each forward and at the end; the released loop itself is in test_reference.py."""
    models, request = ti2v(), asked(sampling=sampling(solver=solver, scale=GuidanceScale(1.0)))
    held = encode_pictures(models, request, WatchingHost())
    assert held is not None
    mask = torch.ones(48, 3, 2, 4)
    mask[:, 0] = 0
    text = torch.zeros(1, 3, 8)
    text[0, :2] = PROMPT.text
    noise = torch.randn(48, 3, 2, 4, generator=torch.Generator().manual_seed(0))
    schedule = SOLVERS[request.sampling.solver].schedule(3, 3.0)
    stillness = torch.cat([torch.zeros(2), torch.ones(4)]).unsqueeze(0)

    def blended(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        latent = (1 - mask) * held.expand(-1, 3, -1, -1) + mask * latent
        return models.dit(latent.unsqueeze(0), stillness * timestep, text)[0]

    expected = SOLVERS[request.sampling.solver].solve(blended, noise, schedule)
    expected = (1 - mask) * held.expand(-1, 3, -1, -1) + mask * expected
    assert torch.equal(sample(models, held, request, WatchingHost()), expected)


def test_the_5b_makes_a_clip_with_a_picture_and_without() -> None:
    models = ti2v()
    with_picture = run(models, asked())
    without = run(models, asked(image=None, size=(64, 32)))
    assert with_picture.shape == without.shape == (9, 32, 64, 3)
    assert not np.array_equal(with_picture, without)
    assert run(models, asked(tile=1)).shape == (9, 32, 64, 3)


def test_two_pictures_fill_both_ends_of_the_condition() -> None:
    models, last = flf2v(), torch.rand(32, 64, 3, generator=torch.Generator().manual_seed(2))
    given: list[torch.Tensor] = []
    hook = models.dit.register_forward_pre_hook(lambda module, inputs: given.append(inputs[0][0, 16:]))
    request = asked(last=last)
    assert run(models, request).shape == (9, 32, 64, 3)
    hook.remove()
    mask = given[0][:4]
    assert bool((mask[:, 0] == 1).all()) and bool((mask[3, 2] == 1).all()) and float(mask.sum()) == 5 * 4 * 8
    clip = torch.zeros(1, 3, 9, 32, 64)
    assert request.image is not None
    clip[0, :, 0], clip[0, :, 8] = request.image.permute(2, 0, 1) * 2 - 1, last.permute(2, 0, 1) * 2 - 1
    with torch.no_grad():
        assert torch.equal(given[0][4:], models.vae.encode(clip.contiguous(memory_format=torch.channels_last_3d))[0])


def test_tracks_guide_between_two_pictures_too() -> None:
    request = asked(last=torch.rand(32, 64, 3))
    tracks = moving_tracks(width=64)
    assert not np.array_equal(run(flf2v(), replace(request, tracks=tracks)), run(flf2v(), request))


@pytest.mark.parametrize(
    ("models", "changes", "words"),
    [
        (t2v, {"tracks": moving_tracks(width=64)}, "Tracks cannot guide Wan 2.1 T2V-1.3B: it has no condition latent"),
        (ti2v, {"tracks": moving_tracks(width=64)}, "Tracks cannot guide Wan 2.2 TI2V-5B: its start image is latent frame 0"),
        (t2v, {}, "makes a clip from the prompt alone and takes no picture"),
        (t2v, {"image": None}, "The clip is 0x0; Wan 2.1 T2V-1.3B needs multiples of 16 and 16: use 16x16"),
        (ti2v, {"image": None, "size": (48, 32)}, "The clip is 48x32; Wan 2.2 TI2V-5B needs multiples of 32 and 32: use 64x32"),
        (ti2v, {"last": torch.rand(32, 64, 3)}, "Wan 2.2 TI2V-5B takes no last picture. Leave it out, or use Wan 2.1 FLF2V"),
        (make_models, {"image": None, "size": (64, 32)}, "embedded demo model makes a clip of a picture, and no picture"),
        (flf2v, {}, "makes the clip between two pictures, and no last picture is given. Give one .*--last"),
        (flf2v, {"last": torch.rand(32, 48, 3)}, "The picture is 64x32, the last picture 48x32; fit both"),
        (flf2v, {"last": torch.zeros(32, 64)}, "The last picture is torch.float32 of the shape"),
        (flf2v, {"last": torch.rand(32, 64, 3), "length": 1}, "The clip has 1 frame, which cannot be two pictures; use 5"),
    ],
)
def test_what_a_model_does_not_take_is_refused_with_the_reason(models: Any, changes: dict[str, Any], words: str) -> None:
    host = WatchingHost()
    with pytest.raises(RequestError, match=words):
        run(models(), asked(**changes), host)
    assert host.told == []


def test_only_models_of_two_pictures_take_a_last_one() -> None:
    assert (WAN_MOVE.last_image, I2V_A14B.last_image, FLF2V.last_image) == ("none", "possible", "needed")
