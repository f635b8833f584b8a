"""Encoding where frames stand still: equal to the whole encoder bit for bit, and only as much computed as can change."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import nn

from wanmove_core.models.streamed_vae import StreamedVAE
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae22 import VAE22Config, WanVAE22
from wanmove_core.models.vae_layers import CausalMemory

LENGTHS = (1, 5, 9, 33, 41, 81, 121)
NETWORKS: dict[str, Callable[[int], StreamedVAE]] = {
    "vae21": lambda blocks: WanVAE21(VAEConfig(4, residual_blocks=blocks)),
    "vae22": lambda blocks: WanVAE22(VAE22Config(4, 4, residual_blocks=blocks)),
}


def random_vae(name: str = "vae21", dtype: torch.dtype = torch.float32, blocks: int = 1) -> StreamedVAE:
    torch.manual_seed(4)
    return NETWORKS[name](blocks).eval().requires_grad_(False).to(dtype)


def still_clip(length: int, rows: int = 32, columns: int = 16) -> torch.Tensor:
    """A picture, then grey frames: [1, 3, length, rows, columns]."""
    clip = torch.zeros(1, 3, length, rows, columns)
    clip[:, :, 0] = noise(3, rows, columns)
    return clip


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def whole_encode(vae: StreamedVAE, clip: torch.Tensor) -> torch.Tensor:
    return vae.normalised_mean(torch.cat(whole_parts(vae, clip), dim=2))


def whole_parts(vae: StreamedVAE, clip: torch.Tensor) -> list[torch.Tensor]:
    """The encoder's forward for every chunk, as the released code runs it."""
    memory = CausalMemory()
    chunks = clip.split([1, *[4] * (clip.shape[2] // 4)], dim=2)
    return [vae.encoder(vae.to_patches(chunk), memory) for chunk in chunks]


@contextmanager
def counted(vae: StreamedVAE) -> Iterator[Counter[str]]:
    """How often each convolution of the encoder runs."""
    runs: Counter[str] = Counter()

    def count(name: str) -> Callable[[nn.Module, object], None]:
        return lambda module, given: runs.update((name,))

    hooks = [
        layer.register_forward_pre_hook(count(name))
        for name, layer in vae.encoder.named_modules()
        if isinstance(layer, nn.Conv3d)
    ]
    yield runs
    for hook in hooks:
        hook.remove()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(
    ("rows", "columns", "layout"),
    [(16, 16, torch.contiguous_format), (16, 48, torch.channels_last_3d), (48, 32, torch.contiguous_format)],
)
@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_and_grey_equal_the_whole_encode(
    name: str, rows: int, columns: int, layout: torch.memory_format, dtype: torch.dtype
) -> None:
    vae = random_vae(name, dtype)
    clip = still_clip(max(LENGTHS), rows, columns).to(dtype).contiguous(memory_format=layout)
    parts = whole_parts(vae, clip)
    for length in LENGTHS:
        latent = vae.encode(clip[:, :, :length].contiguous(memory_format=layout))
        assert torch.equal(latent, vae.normalised_mean(torch.cat(parts[: 1 + length // 4], dim=2)))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("length", [5, 9, 81])
def test_a_last_picture_behind_the_grey_is_encoded_as_by_the_whole(name: str, length: int) -> None:
    vae, clip = random_vae(name), still_clip(length)
    clip[:, :, -1] = noise(3, 32, 16, seed=1)
    assert torch.equal(vae.encode(clip), whole_encode(vae, clip))


@pytest.mark.parametrize("name", NETWORKS)
def test_clips_that_stop_and_start_again_equal_the_whole_encode(name: str) -> None:
    """Still frames need not be grey, a chunk may repeat a moving one, and a batch stands still only where all of it does."""
    vae, clip = random_vae(name), noise(2, 3, 65, 32, 16)
    clip[:, :, 5:29] = clip[:, :, 5:6]
    clip[:, :, 33:37] = clip[:, :, 29:33]
    clip[:, :, 41:45] = clip[:, :, 29:33]
    clip[0, :, 45:] = 0
    clip[1, :, 57:] = 0
    assert torch.equal(vae.encode(clip), whole_encode(vae, clip))


def test_larger_chunks_may_stand_still_too() -> None:
    vae, clip = random_vae(), still_clip(81)
    assert torch.allclose(vae.encode(clip, 8), vae.encode(clip), atol=1e-5)


def test_each_layer_runs_until_what_it_remembers_settles() -> None:
    vae, clip = random_vae(blocks=2), still_clip(81)
    with counted(vae) as runs:
        latent = vae.encode(clip)
    assert torch.equal(latent, whole_encode(vae, clip))
    full_size = [runs[f"downsamples.{block}.residual.{index}"] for block in (0, 1) for index in (2, 6)]
    assert [runs["conv1"], *full_size] == [3, 3, 4, 4, 5]
    assert [runs[f"downsamples.{block}.residual.6"] for block in (3, 4, 6, 7)] == [6, 7, 9, 11]
    assert runs["head.2"] == 21


def test_a_very_long_still_clip_settles_wholly() -> None:
    vae = random_vae()
    with counted(vae) as at_161:
        vae.encode(still_clip(161))
    with counted(vae) as at_201:
        latent = vae.encode(still_clip(201))
    assert at_161 == at_201 and max(at_161.values()) < 41
    assert torch.equal(latent[:, :, 40:], latent[:, :, 40:41].expand(-1, -1, 11, -1, -1))


def test_a_moving_clip_runs_every_layer_for_every_chunk() -> None:
    vae, clip = random_vae(), noise(1, 3, 17, 16, 16)
    with counted(vae) as runs:
        vae.encode(clip)
    assert {name: count for name, count in runs.items() if count != 5 and "time_conv" not in name} == {}
    assert torch.equal(vae.encode(clip), whole_encode(vae, clip))


def test_each_chunk_is_told_of_though_nothing_is_computed_for_it() -> None:
    told: list[tuple[int, int]] = []
    random_vae().encode(still_clip(201, 16, 16), on_chunk=lambda done, total: told.append((done, total)))
    assert told == [(done, 51) for done in range(52)]


def test_gradients_are_those_of_the_whole_encode() -> None:
    vae, clip = random_vae(), still_clip(33)
    gradients = []
    for encode in (StreamedVAE.encode, whole_encode):
        given = clip.clone().requires_grad_(True)
        encode(vae, given).square().sum().backward()
        assert given.grad is not None
        gradients.append(given.grad[:, :, 0])
    assert torch.allclose(*gradients, rtol=1e-4)


def test_a_memory_tells_other_values_layouts_and_layers_apart() -> None:
    memory, layer, frames = CausalMemory(), nn.Identity(), noise(1, 2, 2, 3, 4)
    memory.remember(layer, frames)
    before = memory.snapshot()
    memory.remember(layer, frames)
    assert memory.is_as(before)
    memory.remember(layer, frames.contiguous(memory_format=torch.channels_last_3d))
    assert not memory.is_as(before)
    memory.remember(layer, frames + 1)
    assert not memory.is_as(before)
    memory.remember(layer, frames)
    memory.remember(nn.Identity(), frames)
    assert not memory.is_as(before)
