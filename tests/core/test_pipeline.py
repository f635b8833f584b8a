"""From a request to frames with tiny random networks: what decides the result, what the host hears, what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.tiny_pipeline import (
    CONFIG,
    HEIGHT,
    LENGTH,
    STEPS,
    WIDTH,
    WatchingHost,
    make_models,
    make_request,
    moving_tracks,
    run,
    sampling,
)
from wanmove_core.errors import RequestError, TrackError, WanMoveError
from wanmove_core.guidance.condition import Edit
from wanmove_core.host import SilentHost
from wanmove_core.models.dit import Context
from wanmove_core.pipeline import Models, Prompt, check_request, encode_start, generate
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.variants import DEMO, I2V_A14B, T2V_1_3B, WanVariant

READS_TEXT = replace(DEMO, label="text model", needs_text=True)
READS_BOTH = replace(READS_TEXT, label="image model", image_tokens=5)


@pytest.fixture(scope="module")
def models() -> Models:
    """Its parameters want gradients, as freshly built ones do."""
    return make_models()


def test_a_request_becomes_as_many_frames_of_its_pictures_size(models: Models) -> None:
    frames = run(models, make_request())
    assert frames.shape == (LENGTH, HEIGHT, WIDTH, 3) and frames.dtype == np.uint8
    assert frames.std() > 1


@pytest.mark.parametrize("length", [1, 5])
def test_other_lengths_than_the_models_own_are_made_too(models: Models, length: int) -> None:
    assert len(run(models, make_request(length=length, tracks=moving_tracks(length)))) == length


def test_half_precision_gives_frames_too() -> None:
    full = make_models()
    half = replace(full, dit=full.dit.bfloat16(), dtype=torch.bfloat16)
    assert run(half, make_request()).shape == (LENGTH, HEIGHT, WIDTH, 3)


@pytest.mark.parametrize("solver", ["unipc", "dpm++", "euler"])
def test_the_seed_alone_decides_and_the_global_random_numbers_have_no_say(models: Models, solver: Any) -> None:
    request = make_request(sampling=sampling(solver=solver))
    torch.manual_seed(1)
    state, first = torch.get_rng_state(), run(models, request)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert np.array_equal(run(models, request), first)
    assert not np.array_equal(run(models, replace(request, sampling=sampling(solver=solver, seed=1))), first)


def test_tracks_change_the_clip_and_hidden_ones_are_none(models: Models) -> None:
    guided, unguided = run(models, make_request()), run(models, make_request(tracks=None))
    assert not np.array_equal(guided, unguided)
    assert np.array_equal(run(models, make_request(tracks=moving_tracks(shown=False))), unguided)
    assert np.array_equal(run(models, make_request(edit=Edit(strength=0.0))), unguided)


def test_nothing_runs_before_the_first_frame_is_asked_for(models: Models) -> None:
    host = WatchingHost()
    frames = generate(models, make_request(), host)
    assert host.told == []
    next(frames)
    assert host.told[0] == ("encode", 0, 3) and host.told[-1] == ("decode", 1, 3)


def test_the_request_is_left_as_it_was(models: Models) -> None:
    request, tracks = make_request(), moving_tracks()
    assert request.tracks is not None and request.image is not None
    image = request.image.clone()
    run(models, request)
    assert torch.equal(request.image, image) and torch.equal(request.tracks.positions, tracks.positions)


def test_the_host_hears_of_each_stage_from_its_announcement_to_its_end(models: Models) -> None:
    host = WatchingHost()
    run(models, make_request(), host)
    assert host.told == [(stage, step, 3) for stage in ("encode", "sample", "decode") for step in range(4)]


@pytest.mark.parametrize("previewing", [False, True])
def test_previews_are_made_once_a_step_and_only_for_a_host_that_wants_them(models: Models, previewing: bool) -> None:
    host = WatchingHost(previewing)
    run(models, make_request(), host)
    assert host.previews == [(16, 3, 4, 6)] * STEPS * previewing


@pytest.mark.parametrize(
    ("scale", "seen"),
    [
        (GuidanceScale(1.0), ["prompt, edited"]),
        (GuidanceScale(1.0, "clean"), ["prompt, edited"]),
        (GuidanceScale(0.0), ["negative, edited"]),
        (GuidanceScale(5.0), ["prompt, edited", "negative, edited"]),
        (GuidanceScale(5.0, "clean"), ["prompt, edited", "negative, clean"]),
        (GuidanceScale(5.0, motion=2.0), ["prompt, edited", "negative, edited", "negative, clean"]),
        (GuidanceScale(1.0, motion=1.0), ["prompt, edited"]),
    ],
)
def test_each_step_runs_the_network_as_often_as_the_scales_need(models: Models, scale: GuidanceScale, seen: list[str]) -> None:
    calls: list[tuple[Context, torch.Tensor]] = []

    def record(module: torch.nn.Module, given: tuple[torch.Tensor, torch.Tensor, Context]) -> None:
        calls.append((given[2], given[0][0, 16:]))

    hook = models.dit.register_forward_pre_hook(record)
    run(models, make_request(tracks=None, sampling=sampling(scale=GuidanceScale(1.0))))
    clean = calls[0][1]
    calls.clear()
    run(models, make_request(prompt=Prompt(torch.ones(2, 8), torch.ones(1, 8)), sampling=sampling(scale=scale)))
    hook.remove()
    padded = torch.zeros(2, 1, models.dit.config.text_length, 8)
    padded[0, 0, :1], padded[1, 0, :2] = 1, 1
    texts = dict(zip(("negative", "prompt"), models.dit.prepare_contexts(list(padded)), strict=True))

    def name(context: Context) -> str:
        return next(text for text, made in texts.items() if torch.equal(made.blocks[0].text[0], context.blocks[0].text[0]))

    assert [f"{name(text)}, {'clean' if torch.equal(part, clean) else 'edited'}" for text, part in calls] == seen * STEPS
    assert len({id(text) for text, _ in calls}) == len({words.split(",")[0] for words in seen})  # made once for all steps


def test_a_prompt_is_padded_with_zeros_and_zeros_stand_for_none(models: Models) -> None:
    none = run(models, make_request())
    assert np.array_equal(run(models, make_request(prompt=Prompt(torch.zeros(1, 8)))), none)
    assert not np.array_equal(run(models, make_request(prompt=Prompt(torch.ones(1, 8)))), none)


def test_one_tile_is_the_whole_frame_and_smaller_ones_give_as_many_frames(models: Models) -> None:
    whole = run(models, make_request())
    assert np.array_equal(run(models, make_request(tile=6)), whole)
    tiled = run(models, make_request(tile=3))
    assert tiled.shape == whole.shape and not np.array_equal(tiled, whole)


CLIP_REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "size": ({"image": torch.zeros(40, 48, 3)}, "The picture is 48x40; .* needs multiples of 16 and 16: use 48x32"),
    "no size": ({"image": torch.zeros(0, 48, 3)}, "The picture is 48x0; .*use 48x16"),
    "alpha": ({"image": torch.zeros(32, 48, 4)}, r"shape \[32, 48, 4\]; floats from 0 to 1"),
    "batch": ({"image": torch.zeros(1, 32, 48, 3)}, r"shape \[1, 32, 48, 3\]"),
    "bytes": ({"image": torch.zeros(32, 48, 3, dtype=torch.uint8)}, "The picture is torch.uint8"),
    "length": ({"length": 10}, r"The clip has 10 frames; .* needs 4k\+1: use 9 or 13"),
    "no length": ({"length": 0}, "The clip has 0 frames; .*use 1 or 5"),
    "tile": ({"tile": 0}, "The tiles are 0 cells wide; give 1 or more"),
    "negative tile": ({"tile": -4}, "The tiles are -4 cells wide"),
    "longer tracks": ({"tracks": moving_tracks(13)}, "The tracks have 13 frames, the clip 9"),
    "larger tracks": ({"tracks": moving_tracks(width=64)}, "pixels of a 64x32 picture, the clip is 48x32"),
    "strength": ({"edit": Edit(strength=-1.0)}, "guidance strength is -1.0; it must be from 0"),
    "no number": ({"edit": Edit(strength=float("nan"))}, "guidance strength is nan"),
    "footprint": ({"edit": Edit(footprint=99.0)}, "footprint is 99.0 cells; it must be from 0"),
    "temporal": ({"temporal": "first"}, 'temporal choice is "first"; it must be one of last, mean'),
    "prompt's width": ({"prompt": Prompt(torch.zeros(2, 9))}, r"encoded prompt has the shape \[2, 9\]; .*3 tokens of width 8"),
    "prompt's length": ({"prompt": Prompt(torch.zeros(4, 8))}, r"encoded prompt has the shape \[4, 8\]"),
    "prompt's axes": ({"prompt": Prompt(torch.zeros(1, 2, 8))}, r"encoded prompt has the shape \[1, 2, 8\]"),
    "negative": ({"prompt": Prompt(torch.zeros(2, 8), torch.zeros(2, 7))}, r"encoded negative prompt has the shape \[2, 7\]"),
}


@pytest.mark.parametrize(("changes", "words"), CLIP_REFUSALS.values(), ids=CLIP_REFUSALS.keys())
def test_a_wrong_request_is_refused_before_anything_runs(models: Models, changes: dict[str, Any], words: str) -> None:
    host = WatchingHost()
    with pytest.raises(WanMoveError, match=words) as caught:
        run(models, make_request(**changes), host)
    assert isinstance(caught.value, RequestError | TrackError)
    assert host.told == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"solver": "heun"}, 'The solver is "heun"; use one of unipc, dpm'),
        ({"seed": -1}, "The seed is -1; give a whole number from 0"),
        ({"seed": 2**63}, "The seed is 9223372036854775808"),
        ({"steps": 0}, "The number of steps is 0; it must be from 1 to 1000"),
        ({"steps": -4}, "The number of steps is -4"),
        ({"steps": float("nan")}, "The number of steps is nan"),
        ({"shift": 0.0}, "The shift is 0.0; it must be above 0"),
        ({"shift": float("nan")}, "The shift is nan"),
        ({"shift": float("inf")}, "The shift is inf"),
    ],
)
def test_a_wrong_way_to_sample_is_refused_where_it_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        sampling(**changes)


@pytest.mark.parametrize(
    ("variant", "prompt", "words"),
    [
        (T2V_1_3B, None, "Tracks cannot guide Wan 2.1 T2V-1.3B: it has no condition latent .*. Or generate without tracks"),
        (I2V_A14B, Prompt(torch.zeros(1, 8)), "is Wan 2.2 I2V-A14B, which has two networks, and only one is given"),
        (READS_TEXT, None, "text model reads a prompt, and no encoded prompt was given"),
        (READS_BOTH, Prompt(torch.zeros(1, 8)), r"image tokens have the shape \[\]; image model needs \[5, 6\]"),
        (
            READS_BOTH,
            Prompt(torch.zeros(1, 8), image=torch.zeros(4, 6)),
            r"have the shape \[4, 6\]; image model needs \[5, 6\]",
        ),
    ],
)
def test_a_model_that_lacks_something_is_refused(variant: WanVariant, prompt: Prompt | None, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        check_request(make_models(variant, replace(CONFIG, image_tokens=variant.image_tokens)), make_request(prompt=prompt))


def test_image_tokens_reach_the_network() -> None:
    both = make_models(READS_BOTH, replace(CONFIG, image_tokens=5))
    images = torch.rand(2, 5, 6, generator=torch.Generator().manual_seed(0))
    first, second = (run(both, make_request(prompt=Prompt(torch.zeros(1, 8), image=image))) for image in images)
    assert not np.array_equal(first, second)


@pytest.mark.parametrize("length", [1, 5, 9, 33])
@pytest.mark.parametrize("with_last", [False, True])
def test_grey_frames_behind_a_picture_take_memory_once_and_give_what_a_whole_clip_gives(
    models: Models, length: int, with_last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last = torch.rand(2, HEIGHT, WIDTH, 3, generator=torch.Generator().manual_seed(8))
    clip = torch.zeros(1, 3, length, HEIGHT, WIDTH)
    clip[0, :, 0] = first.permute(2, 0, 1) * 2 - 1
    if with_last and length > 1:
        clip[0, :, -1] = last.permute(2, 0, 1) * 2 - 1
    expected = models.vae.encode(clip.contiguous(memory_format=torch.channels_last_3d))[0]
    frames: list[int] = []
    really = type(models.vae).encode_chunks

    def watched(self: Any, chunks: Any, on_chunk: Any) -> torch.Tensor:
        frames.append(sum(chunk.shape[2] for chunk in {id(chunk): chunk for chunk in chunks}.values()))
        return really(self, chunks, on_chunk)

    monkeypatch.setattr(type(models.vae), "encode_chunks", watched)
    made = encode_start(models.vae, first, length, SilentHost(), last if with_last and length > 1 else None)
    assert torch.equal(made, expected.detach()) and frames[0] <= 9
