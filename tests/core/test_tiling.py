"""Tiled decoding: equal with one tile, blended with several, bounded, reported and stoppable."""

import pytest
import torch

from wanmove_core.errors import RequestError
from wanmove_core.host import SilentHost
from wanmove_core.models.tiling import cut, decode_tiled
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae22 import VAE22Config, WanVAE22


def random_vae() -> WanVAE21:
    torch.manual_seed(4)
    return WanVAE21(VAEConfig(4)).eval().requires_grad_(False)


def random_latent(length: int, height: int, width: int) -> torch.Tensor:
    return torch.randn(1, 16, length, height, width, generator=torch.Generator().manual_seed(1))


class CountingHost(SilentHost):
    """Stops the run at its n-th question."""

    def __init__(self, stop_at: int = 10**9) -> None:
        super().__init__()
        self.steps: list[tuple[str, int, int]] = []
        self.questions, self.stop_at = 0, stop_at

    def progress(self, stage: str, step: int, total: int) -> None:
        self.steps.append((stage, step, total))

    def check_interrupted(self) -> None:
        self.questions += 1
        if self.questions == self.stop_at:
            raise KeyboardInterrupt


def test_one_tile_is_the_plain_decode():
    vae, latent = random_vae(), random_latent(3, 2, 3)
    assert torch.equal(decode_tiled(vae, latent, 3, 2, SilentHost()), vae.decode(latent))


def test_one_tile_is_the_plain_decode_of_the_wan_22_vae_too():
    torch.manual_seed(4)
    vae = WanVAE22(VAE22Config(4, 4, residual_blocks=1)).eval().requires_grad_(False)
    latent = torch.randn(1, 48, 2, 1, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(decode_tiled(vae, latent, 2, 0, SilentHost()), vae.decode(latent))
    assert decode_tiled(vae, latent, 1, 0, SilentHost()).shape == (1, 3, 5, 16, 32)


def test_two_tiles_fade_linearly_into_each_other():
    vae, latent = random_vae(), random_latent(2, 2, 6)
    left, right = vae.decode(latent[..., :4]), vae.decode(latent[..., 2:])
    share = (torch.arange(16) + 0.5) / 16
    overlap = left[..., 16:] * (1 - share) + right[..., :16] * share
    expected = torch.cat([left[..., :16], overlap, right[..., 16:]], dim=-1)
    assert torch.allclose(decode_tiled(vae, latent, 4, 2, SilentHost()), expected, atol=1e-6)


def test_tiles_are_never_larger_than_said_and_each_latent_frame_is_reported():
    vae, latent = random_vae(), random_latent(2, 4, 5)
    seen: set[tuple[int, ...]] = set()
    vae.decoder.register_forward_hook(lambda module, given, made: seen.add(tuple(made.shape[-2:])))
    host = CountingHost()
    assert decode_tiled(vae, latent, 3, 1, host).shape == (1, 3, 5, 32, 40)
    assert seen == {(24, 24)}
    assert host.steps == [("decode", step, 8) for step in range(9)]


def test_overlap_brings_tiles_nearer_to_the_plain_decode():
    vae, latent = random_vae(), random_latent(1, 2, 16)
    plain = vae.decode(latent)
    apart, overlapping = (float((decode_tiled(vae, latent, 8, cells, SilentHost()) - plain).abs().mean()) for cells in (0, 4))
    assert overlapping < 0.8 * apart


@pytest.mark.parametrize("stop_at", [1, 2, 4])
def test_tiled_decode_stops_before_the_next_latent_frame(stop_at: int):
    host = CountingHost(stop_at)
    with pytest.raises(KeyboardInterrupt):
        decode_tiled(random_vae(), random_latent(2, 2, 3), 2, 1, host)
    assert len(host.steps) == stop_at


@pytest.mark.parametrize(("cells", "tile", "overlap", "spans"), [
    (6, 8, 2, [(0, 6)]),
    (8, 8, 0, [(0, 8)]),
    (12, 8, 4, [(0, 8), (4, 12)]),
    (12, 4, 0, [(0, 4), (4, 8), (8, 12)]),
    (13, 6, 2, [(0, 6), (4, 10), (7, 13)]),
    (9, 8, 1, [(0, 8), (1, 9)]),
])  # fmt: skip
def test_axis_is_cut_evenly_and_the_shares_add_up(cells: int, tile: int, overlap: int, spans: list[tuple[int, int]]):
    cuts = cut(cells, tile, overlap, 8)
    assert [(span.start, span.stop) for span in cuts] == spans
    total = torch.zeros(8 * cells)
    for span in cuts:
        total[span.pixels] += span.share
    assert torch.allclose(total, torch.ones_like(total), atol=1e-6)


@pytest.mark.parametrize(("tile", "overlap"), [(0, 0), (4, 4), (4, -1), (4, 9)])
def test_impossible_tiles_are_refused(tile: int, overlap: int):
    with pytest.raises(RequestError, match=f"Tiles of {tile} cells that overlap by {overlap}"):
        decode_tiled(WanVAE21(VAEConfig(4)), torch.zeros(1, 16, 1, 8, 8), tile, overlap, SilentHost())
