"""The networks at tiny size: golden numbers, injected layers and attention, streaming, layouts and tiles."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from wanmove_core.models import dit as dit_module
from wanmove_core.models.attention import sdpa
from wanmove_core.models.dit import DiTConfig, WanDiT, timestep_wave
from wanmove_core.models.rope import axis_pairs, rope_table, rotate
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae_layers import CausalMemory

I2V = DiTConfig(dim=48, ffn_dim=96, layers=2, head_dim=24, text_dim=32, image_tokens=5, image_dim=40)
GOLDEN_TOLERANCE = 1e-4
"""between builds of torch; equality with other implementations is the parity tests' business"""


@torch.no_grad()
def settle(network: nn.Module) -> Any:
    """Weights from a formula, so that golden numbers do not depend on torch's random numbers."""
    for index, (name, value) in enumerate(sorted(network.state_dict().items())):
        position = torch.arange(value.numel(), dtype=torch.float64)
        waves = torch.sin(position * 0.7390851 + index) + torch.cos(position * 0.3183099 * (index + 1))
        gain = name.endswith("gamma") or (value.ndim == 1 and name.endswith("weight"))
        size = 0.2 if value.ndim == 1 or gain else value[0].numel() ** -0.5
        value.copy_((waves * size + gain).view(value.shape))
    return network.eval().requires_grad_(False)


def wave(*shape: int) -> torch.Tensor:
    """An input from a formula, of order 1."""
    position = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return torch.sin(position * 0.61803 + position**2 * 0.0137).view(shape).float()


def velocity(model: WanDiT, timestep: torch.Tensor | None = None) -> torch.Tensor:
    config = model.config
    image = wave(1, config.image_tokens, config.image_dim) if config.image_tokens else None
    when = torch.tensor([731.0]) if timestep is None else timestep
    with torch.no_grad():
        return model(wave(1, config.in_channels, 3, 4, 6), when, wave(1, 7, config.text_dim), image)


def samples(x: torch.Tensor) -> list[float]:
    """Six values spread over a tensor."""
    flat = x.flatten()
    return [float(flat[int(index)]) for index in torch.linspace(0, flat.numel() - 1, 6)]


GOLDEN: dict[str, tuple[Callable[[], torch.Tensor], list[float]]] = {
    "I2V with image tokens": (
        lambda: velocity(settle(WanDiT(I2V))),
        [0.56028, 0.77567, 2.33350, -3.62434, 2.62880, 0.43065],
    ),
    "I2V without": (
        lambda: velocity(settle(WanDiT(replace(I2V, image_tokens=0)))),
        [0.04703, -0.89072, -0.20578, 0.12784, 0.21044, -1.17691],
    ),
    "T2V": (
        lambda: velocity(settle(WanDiT(replace(I2V, image_tokens=0, in_channels=16)))),
        [0.86101, -0.28117, 0.02736, -1.17717, 0.38730, -1.74445],
    ),
    "VAE encode": (
        lambda: settle(WanVAE21(VAEConfig(4))).encode(wave(1, 3, 9, 16, 24)),
        [0.36266, 0.16130, 0.08778, 0.00776, -0.13165, -0.33035],
    ),
    "VAE decode": (
        lambda: settle(WanVAE21(VAEConfig(4))).decode(wave(1, 16, 3, 2, 3)),
        [0.17654, 1.0, -0.03586, -0.43405, -0.81694, 0.56337],
    ),
}


@pytest.mark.parametrize(("make", "expected"), GOLDEN.values(), ids=GOLDEN.keys())
def test_network_gives_its_golden_numbers(make: Callable[[], torch.Tensor], expected: list[float]):
    assert samples(make()) == pytest.approx(expected, abs=GOLDEN_TOLERANCE)


class RecordingOps:
    """torch.nn's layers, remembering which were built and which were run."""

    def __init__(self) -> None:
        self.built: list[nn.Module] = []
        self.run: set[nn.Module] = set()
        self.Linear, self.LayerNorm = self._recording(nn.Linear), self._recording(nn.LayerNorm)
        self.Conv2d, self.Conv3d = self._recording(nn.Conv2d), self._recording(nn.Conv3d)

    def _recording(self, kind: type[nn.Module]) -> Any:
        ops = self

        class Recording(kind):  # type: ignore[misc, valid-type]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                ops.built.append(self)

            def forward(self, x: torch.Tensor) -> torch.Tensor:
                ops.run.add(self)
                return super().forward(x)

        return Recording


def layers_with_weights(network: nn.Module) -> set[nn.Module]:
    kinds = (nn.Linear, nn.LayerNorm, nn.Conv2d, nn.Conv3d)
    return {module for module in network.modules() if isinstance(module, kinds)}


def test_every_layer_of_the_transformer_is_built_and_run_through_the_given_ops():
    ops = RecordingOps()
    model = settle(WanDiT(I2V, ops))
    assert torch.equal(velocity(model), velocity(settle(WanDiT(I2V))))
    assert set(ops.built) == layers_with_weights(model) == ops.run


def test_every_layer_of_the_vae_is_built_and_run_through_the_given_ops():
    ops = RecordingOps()
    vae = settle(WanVAE21(VAEConfig(4), ops))
    vae.decode(vae.encode(wave(1, 3, 9, 16, 16)))
    assert set(ops.built) == layers_with_weights(vae) == ops.run


@pytest.mark.parametrize("config", [I2V, replace(I2V, image_tokens=0)], ids=["with image tokens", "without"])
def test_prepared_contexts_give_the_same_to_the_last_bit_and_the_layers_that_made_them_rest(config: DiTConfig):
    model = settle(WanDiT(config))
    x, when = wave(1, config.in_channels, 3, 4, 6), torch.tensor([731.0])
    image = wave(1, config.image_tokens, config.image_dim) if config.image_tokens else None
    texts = [wave(1, 7, config.text_dim), torch.zeros(1, 7, config.text_dim)]
    expected = [model(x, when, text, image) for text in texts]
    contexts = model.prepare_contexts(texts, image)
    assert contexts[0].blocks[1].image is contexts[1].blocks[1].image
    for layer in model.context_layers():
        layer.register_forward_pre_hook(lambda *given: pytest.fail("used though the context is prepared"))
    for context, result in zip(contexts, expected, strict=True):
        assert torch.equal(model(x, when, context), result)


def test_the_layers_of_a_context_are_26_percent_of_a_block():
    with torch.device("meta"):
        model = WanDiT(DiTConfig(dim=5120, ffn_dim=13824, layers=1, image_tokens=257))
    block = sum(value.numel() for value in model.blocks.parameters())
    inside = {id(value) for value in model.blocks.parameters()}
    resting = [value for layer in model.context_layers() for value in layer.parameters() if id(value) in inside]
    assert sum(value.numel() for value in resting) / block == pytest.approx(0.26, abs=0.001)


@pytest.mark.parametrize("rows", [1, 7, 17, 18, 100])
def test_so_many_patches_at_a_time_are_the_same_network(rows: int, monkeypatch: pytest.MonkeyPatch):
    """18 patches; equal but for the order in which products of other sizes are summed up."""
    model = settle(WanDiT(I2V))
    per_token = torch.tensor([0.0] * 6 + [731.0] * 12).unsqueeze(0)
    whole = [velocity(model), velocity(model, per_token)]
    monkeypatch.setattr(dit_module, "_rows_at_once", lambda layer, device: rows)
    for made, expected in zip((velocity(model), velocity(model, per_token)), whole, strict=True):
        assert torch.allclose(made, expected, rtol=1e-6, atol=3e-6)


def test_attention_is_the_given_function():
    shapes: list[tuple[int, ...]] = []

    def recording(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        shapes.append((q.shape[1], *k.shape[1:]))
        return sdpa(q, k, v)

    velocity(settle(WanDiT(I2V, attention=recording)))
    assert shapes == [(18, 18, 2, 24), (18, 7, 2, 24), (18, 5, 2, 24)] * 2


def test_a_timestep_a_token_is_embedded_once_for_each_value():
    """27 thousand tokens of a clip of TI2V-5B would take 2 GB, and as much again in each block."""
    network = settle(WanDiT(replace(I2V, image_tokens=0, in_channels=16)))
    seen: list[torch.Size] = []
    network.time_projection[1].register_forward_hook(lambda layer, given, out: seen.append(out.shape))
    timestep = torch.tensor([[0.0] * 4 + [731.0] * 8])
    network(torch.zeros(1, 16, 3, 4, 4), timestep, torch.zeros(1, 5, 32))
    assert seen == [torch.Size((1, 2, 6 * 48))]


def test_one_timestep_for_all_tokens_is_the_same_as_one_each():
    model = settle(WanDiT(I2V))
    each = torch.full((1, 18), 731.0)
    assert torch.allclose(velocity(model), velocity(model, each), atol=1e-5)
    each[:, :6] = 0.0
    assert float((velocity(model) - velocity(model, each)).abs().max()) > 0.01


def test_bfloat16_stays_near_float32():
    model, narrow = settle(WanDiT(I2V)), settle(WanDiT(I2V)).bfloat16()
    x, text = wave(1, 36, 3, 4, 6).bfloat16(), wave(1, 7, 32)
    with torch.no_grad():
        result = narrow(x, torch.tensor([731.0]), text, wave(1, 5, 40))
    exact = velocity(model)
    assert result.dtype == torch.bfloat16
    assert float((result.float() - exact).abs().max()) < 0.05 * float(exact.abs().max())


def test_timestep_wave_has_cosines_first():
    assert timestep_wave(torch.tensor([0.0]), 4).tolist() == [[1.0, 1.0, 0.0, 0.0]]
    assert timestep_wave(torch.tensor([2.0]), 4)[0].tolist() == pytest.approx([-0.416147, 0.9998, 0.909297, 0.019999], abs=1e-6)


def test_rope_splits_a_head_of_128_as_released_and_turns_by_position():
    assert axis_pairs(128) == (22, 21, 21)
    table = rope_table((2, 3, 4), 24)
    assert table.shape == (24, 12)
    assert torch.equal(table[0], torch.ones(12, dtype=torch.complex128))
    # row-major: patch 17 is frame 1, row 1, column 1, and the first pair of each axis turns by one radian a step
    assert table[17].angle()[[0, 4, 8]].tolist() == pytest.approx([1.0, 1.0, 1.0])
    x = torch.randn(1, 24, 2, 24)
    turned = torch.empty_like(x)
    rotate(x, table, turned)
    assert torch.allclose(turned.norm(dim=-1), x.norm(dim=-1), atol=1e-5)


CLIP = (1, 3, 17, 16, 24)


def random_vae() -> WanVAE21:
    """torch's own initial weights: unlike the waves they do not blow rounding up."""
    torch.manual_seed(4)
    return WanVAE21(VAEConfig(4)).eval().requires_grad_(False)


@pytest.mark.parametrize("chunk", [8, 12, 16])
def test_encoding_in_larger_chunks_differs_by_rounding_only(chunk: int):
    vae = random_vae()
    assert torch.allclose(vae.encode(wave(*CLIP), chunk), vae.encode(wave(*CLIP)), atol=1e-5)


@pytest.mark.parametrize("chunk", [2, 3, 5])
def test_decoding_in_larger_chunks_differs_by_rounding_only(chunk: int):
    vae, latent = random_vae(), wave(1, 16, 5, 2, 3)
    assert torch.allclose(vae.decode(latent, chunk), vae.decode(latent), atol=2e-5)


def test_channels_last_input_differs_by_rounding_only():
    vae, clip = random_vae(), wave(2, 3, 9, 16, 24)
    last = clip.contiguous(memory_format=torch.channels_last_3d)
    assert torch.allclose(vae.encode(last, 16), vae.encode(clip), atol=1e-5)
    latent = wave(2, 16, 3, 2, 3)
    last = latent.contiguous(memory_format=torch.channels_last_3d)
    assert torch.allclose(vae.decode(last, 3), vae.decode(latent), atol=2e-5)


def test_vae_never_looks_ahead():
    vae, clip, latent = random_vae(), wave(*CLIP), wave(1, 16, 5, 2, 3)
    assert torch.equal(vae.encode(clip)[:, :, :3], vae.encode(clip[:, :, :9]))
    assert torch.equal(vae.decode(latent)[:, :, :9], vae.decode(latent[:, :, :3]))


def test_frames_stream_one_and_then_four_at_a_time():
    parts = random_vae().decode_frames(wave(1, 16, 4, 1, 2))
    assert [part.shape[2] for part in parts] == [1, 4, 4, 4]


@pytest.fixture
def memories(monkeypatch: pytest.MonkeyPatch) -> list["weakref.ref[CausalMemory]"]:
    """Weak references to every memory that the VAE makes."""
    made: list[weakref.ref[CausalMemory]] = []

    class Watched(CausalMemory):
        def __init__(self) -> None:
            super().__init__()
            made.append(weakref.ref(self))

    monkeypatch.setattr("wanmove_core.models.streamed_vae.CausalMemory", Watched)
    return made


def alive(memories: list["weakref.ref[CausalMemory]"]) -> int:
    gc.collect()
    return sum(memory() is not None for memory in memories)


def test_no_frame_is_remembered_after_encoding_decoding_or_giving_up(memories: list["weakref.ref[CausalMemory]"]):
    vae = random_vae()
    vae.encode(wave(1, 3, 5, 8, 8))
    vae.decode(wave(1, 16, 2, 1, 1))
    stream = vae.decode_frames(wave(1, 16, 3, 1, 1))
    next(stream)
    assert (len(memories), alive(memories)) == (3, 1)
    del stream
    assert alive(memories) == 0
