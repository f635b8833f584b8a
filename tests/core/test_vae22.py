"""The Wan 2.2 VAE at tiny size: streaming, layouts, injected layers, names and released sizes."""

import pytest
import torch
from torch import nn

from wanmove_core.loading.names_vae22 import wan_name
from wanmove_core.models.vae22 import VAE22Config, WanVAE22

CLIP = (1, 3, 17, 16, 32)


def random_vae(blocks: int = 1) -> WanVAE22:
    torch.manual_seed(4)
    return WanVAE22(VAE22Config(4, 4, residual_blocks=blocks)).eval().requires_grad_(False)


def wave(*shape: int) -> torch.Tensor:
    """An input from a formula, of order 1."""
    position = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return torch.sin(position * 0.61803 + position**2 * 0.0137).view(shape).float()


def test_the_released_vae_has_704_7_million_parameters():
    with torch.device("meta"):
        vae = WanVAE22()
    assert sum(value.numel() for value in vae.parameters()) == 704_688_668


def test_latents_have_48_channels_and_cells_of_16_pixels():
    vae = random_vae()
    latent = vae.encode(wave(*CLIP))
    assert latent.shape == (1, 48, 5, 1, 2)
    assert vae.decode(latent).shape == CLIP


@pytest.mark.parametrize("chunk", [8, 16])
def test_encoding_in_larger_chunks_differs_by_rounding_only(chunk: int):
    vae = random_vae()
    assert torch.allclose(vae.encode(wave(*CLIP), chunk), vae.encode(wave(*CLIP)), atol=1e-5)


@pytest.mark.parametrize("chunk", [2, 3, 5])
def test_decoding_in_larger_chunks_differs_by_rounding_only(chunk: int):
    vae, latent = random_vae(), wave(1, 48, 5, 1, 2)
    assert torch.allclose(vae.decode(latent, chunk), vae.decode(latent), atol=2e-5)


def test_channels_last_input_differs_by_rounding_only():
    vae, clip, latent = random_vae(), wave(2, *CLIP[1:]), wave(2, 48, 3, 1, 2)
    last = clip.contiguous(memory_format=torch.channels_last_3d)
    assert torch.allclose(vae.encode(last, 16), vae.encode(clip), atol=1e-5)
    last = latent.contiguous(memory_format=torch.channels_last_3d)
    assert torch.allclose(vae.decode(last, 3), vae.decode(latent), atol=2e-5)


def test_the_vae_never_looks_ahead():
    vae, clip, latent = random_vae(), wave(*CLIP), wave(1, 48, 5, 1, 2)
    assert torch.equal(vae.encode(clip)[:, :, :3], vae.encode(clip[:, :, :9]))
    assert torch.equal(vae.decode(latent)[:, :, :9], vae.decode(latent[:, :, :3]))


def test_frames_stream_one_and_then_four_at_a_time():
    assert [part.shape[2] for part in random_vae().decode_frames(wave(1, 48, 4, 1, 1))] == [1, 4, 4, 4]


def test_encoding_tells_of_each_chunk():
    told: list[tuple[int, int]] = []
    random_vae().encode(wave(*CLIP), on_chunk=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(6)]


def test_every_layer_is_built_through_the_given_ops():
    built: list[nn.Module] = []

    class Ops:
        Linear, LayerNorm = nn.Linear, nn.LayerNorm

        @staticmethod
        def Conv2d(*args: object, **kwargs: object) -> nn.Module:
            built.append(nn.Conv2d(*args, **kwargs))  # type: ignore[arg-type]
            return built[-1]

        @staticmethod
        def Conv3d(*args: object, **kwargs: object) -> nn.Module:
            built.append(nn.Conv3d(*args, **kwargs))  # type: ignore[arg-type]
            return built[-1]

    vae = WanVAE22(VAE22Config(4, 4, residual_blocks=1), Ops())
    assert set(built) == {module for module in vae.modules() if isinstance(module, (nn.Conv2d, nn.Conv3d))}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("quant_conv.weight", "conv1.weight"),
        ("decoder.conv_in.bias", "decoder.conv1.bias"),
        ("encoder.norm_out.gamma", "encoder.head.0.gamma"),
        ("decoder.conv_out.weight", "decoder.head.2.weight"),
        ("encoder.mid_block.resnets.1.conv2.bias", "encoder.middle.2.residual.6.bias"),
        ("decoder.mid_block.attentions.0.to_qkv.weight", "decoder.middle.1.to_qkv.weight"),
        ("encoder.down_blocks.1.resnets.0.conv_shortcut.weight", "encoder.downsamples.1.downsamples.0.shortcut.weight"),
        ("encoder.down_blocks.2.downsampler.time_conv.weight", "encoder.downsamples.2.downsamples.2.time_conv.weight"),
        ("decoder.up_blocks.0.resnets.2.norm2.gamma", "decoder.upsamples.0.upsamples.2.residual.3.gamma"),
        ("decoder.up_blocks.1.upsampler.resample.1.bias", "decoder.upsamples.1.upsamples.3.resample.1.bias"),
        ("decoder.up_blocks.1.upsamplers.0.resample.1.bias", None),
        ("encoder.down_blocks.0.resnets.0.attention.weight", None),
        ("blocks.0.ffn.0.weight", None),
        ("weight", None),
    ],
)
def test_a_name_of_diffusers_is_one_of_ours_or_none(theirs: str, ours: str | None):
    assert wan_name(theirs) == ours
