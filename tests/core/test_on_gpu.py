"""What only CUDA can show of the networks: kernels and libraries choose by size, so equal maths may not give equal bits."""

import pytest
import torch

from benchmarks.random_model import make_model
from wanmove_core.models import dit
from wanmove_core.models.attention_backends import BACKENDS
from wanmove_core.models.attention_choice import choose_attention, use_attention
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.fp8_products import find_row_wise, use_fp8_products
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae_layers import CausalMemory

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")]

CUDA = torch.device("cuda")
CONFIG = DiTConfig(dim=256, ffn_dim=768, layers=3, head_dim=64, text_dim=32, text_length=16, image_dim=32, image_tokens=257)
ROUNDING = {torch.float32: 1e-4, torch.bfloat16: 2e-2}
"""of the answer's norm, by what is computed in"""


@pytest.fixture(autouse=True)
def float32_is_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TF32, which PyTorch convolves in by default."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)


@pytest.mark.parametrize("dtype", ROUNDING)
def test_a_gpu_gives_what_a_cpu_gives(dtype: torch.dtype):
    network = make_model(CONFIG, "float32").to(dtype)
    expected = answer(network, "cpu", dtype)
    assert error(answer(network.to(CUDA), "cuda", dtype).cpu(), expected) < ROUNDING[dtype]


@pytest.mark.parametrize("dtype", ROUNDING)
def test_prepared_contexts_change_nothing(dtype: torch.dtype):
    network = make_model(CONFIG, "float32").to(CUDA, dtype)
    assert torch.equal(answer(network, "cuda", dtype, prepared=True), answer(network, "cuda", dtype))


@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("rows", [48, 100])
def test_spans_of_patches_give_what_all_at_once_give(dtype: torch.dtype, rows: int, monkeypatch: pytest.MonkeyPatch):
    network = make_model(CONFIG, "float32").to(CUDA, dtype)
    expected = answer(network, "cuda", dtype)
    monkeypatch.setattr(dit, "_rows_at_once", lambda layer, device: rows)
    assert error(answer(network, "cuda", dtype), expected) < ROUNDING[dtype]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_a_measured_kernel_is_one_that_works(dtype: torch.dtype):
    choice = choose_attention(CUDA, dtype, (1, 2048, 4, 128))
    assert choice.name in BACKENDS and choice.seconds[choice.name] <= 1.05 * min(choice.seconds.values())
    assert "flash" in choice.seconds or dtype is torch.float32
    assert choose_attention(CUDA, dtype, (1, 2048, 4, 128)) is choice


@pytest.mark.parametrize("name", [name for name, backend in BACKENDS.items() if backend.measured])
def test_every_exact_kernel_gives_the_same_but_for_rounding(name: str):
    network = make_model(CONFIG, "bfloat16").to(CUDA)
    expected = answer(network, "cuda", torch.bfloat16)
    try:
        use_attention(network, BACKENDS[name].open())
        got = answer(network, "cuda", torch.bfloat16)
    except (ImportError, RuntimeError) as refused:
        pytest.skip(f"{name} does not work here: {str(refused)[:100]}")
    assert error(got, expected) < ROUNDING[torch.bfloat16]


@pytest.mark.parametrize("row_wise", [True, False])
def test_products_in_eight_bits_are_off_by_their_rounding(row_wise: bool):
    if torch.cuda.get_device_capability() < (8, 9):
        pytest.skip("this GPU has no 8-bit products")
    if row_wise and not find_row_wise(CUDA):
        pytest.skip("this device has no kernel with a scale for each row")
    network = make_model(CONFIG, "fp8").to(CUDA)
    expected = answer(network, "cuda", torch.bfloat16)
    assert use_fp8_products(network, row_wise) == 8 * CONFIG.layers
    assert 0 < error(answer(network, "cuda", torch.bfloat16), expected) < 0.08


def test_a_still_picture_is_encoded_as_by_the_whole_encoder():
    vae = WanVAE21(VAEConfig(16)).eval().requires_grad_(False).to(CUDA)
    frames = torch.zeros(1, 3, 41, 64, 96, device=CUDA)
    frames[:, :, 0] = torch.rand(3, 64, 96, generator=torch.Generator().manual_seed(1)).to(CUDA)
    chunks, memory = (frames[:, :, :1], *frames[:, :, 1:].split(4, dim=2)), CausalMemory()
    whole = vae.normalised_mean(torch.cat([vae.encoder(vae.to_patches(chunk), memory) for chunk in chunks], dim=2))
    torch.testing.assert_close(vae.encode(frames), whole, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def answer(network: WanDiT, device: str, dtype: torch.dtype, prepared: bool = False) -> torch.Tensor:
    draw = torch.Generator().manual_seed(2)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=draw).to(device, dtype)

    x, text = noise(1, CONFIG.in_channels, 3, 16, 16), noise(1, CONFIG.text_length, CONFIG.text_dim)
    image, timestep = noise(1, CONFIG.image_tokens, CONFIG.image_dim), torch.tensor([500.0])
    if prepared:
        (context,) = network.prepare_contexts([text], image)
        return network(x, timestep, context)
    return network(x, timestep, text, image)


def error(got: torch.Tensor, expected: torch.Tensor) -> float:
    return float((got.float() - expected.float()).norm() / expected.float().norm())
