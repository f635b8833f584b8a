"""Products in 8 bits against the exact ones; a CPU computes them, too, if slowly."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from benchmarks.random_model import make_model
from wanmove_core.errors import RequestError
from wanmove_core.generation.kernels import KernelChoice, use_kernels
from wanmove_core.host import SilentHost
from wanmove_core.loading.lora import read_lora
from wanmove_core.loading.lora_applying import apply_loras
from wanmove_core.models import fp8_products
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.fp8_products import Fp8ProductLinear, find_row_wise, quantise_rows, use_fp8_products
from wanmove_core.models.quantised import QuantisedLinear, QuantisedWeight

CONFIG = DiTConfig(
    dim=64, ffn_dim=96, layers=2, head_dim=32, freq_dim=16, text_dim=16, text_length=4, image_dim=16, image_tokens=257
)
ROUNDING = 0.04
"""of a product by the norm; 0.026 is seen"""


def layer(scales: int = 1, bias: bool = True, kind: torch.dtype = torch.float8_e4m3fn) -> QuantisedLinear:
    torch.manual_seed(0)
    values = (torch.randn(32, 48) * 100).to(kind)
    scale = None if scales == 0 else torch.rand(scales, 1) / 1000 if scales > 1 else torch.tensor(0.0002)
    return QuantisedLinear(QuantisedWeight(values, (32, 48), scale), torch.randn(32) if bias else None)


@pytest.mark.parametrize("row_wise", [True, False])
@pytest.mark.parametrize("scales", [0, 1, 32])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_a_product_is_off_by_the_rounding_of_its_input(row_wise: bool, scales: int, dtype: torch.dtype):
    exact = layer(scales, bias=False)  # which is exact, and would hide the error
    x = (torch.randn(3, 7, 48, generator=torch.Generator().manual_seed(1)) * torch.logspace(-2, 1, 7)[:, None]).to(dtype)
    out, expected = Fp8ProductLinear(exact, row_wise)(x), exact(x)
    assert out.dtype is dtype and out.shape == (3, 7, 32)
    error = (out - expected).float().norm(dim=-1) / expected.float().norm(dim=-1)
    assert ROUNDING / 2 < float(error.mean()) < ROUNDING and float(error.max()) < 2 * ROUNDING


@pytest.mark.parametrize("row_wise", [True, False])
def test_the_bias_is_added_as_it_is(row_wise: bool):
    exact = layer()
    assert exact.bias is not None
    out = Fp8ProductLinear(exact, row_wise)(torch.zeros(2, 48, dtype=torch.bfloat16))
    assert torch.equal(out, exact.bias.to(torch.bfloat16).expand(2, 32))


@pytest.mark.parametrize("row_wise", [True, False])
def test_what_eight_bits_can_hold_is_multiplied_as_by_the_exact_layer(row_wise: bool):
    exact = layer(bias=False)
    x = torch.tensor([0.0, 1.0, -2.0, 4.0, 448.0, 0.5])[torch.randint(6, (5, 48))].index_fill(1, torch.tensor([3]), 448.0)
    x[4] = 0
    out = Fp8ProductLinear(exact, row_wise)(x)
    # bfloat16 rounds once, and twice where rows are scaled behind the product
    torch.testing.assert_close(out, exact(x), rtol=2**-8 if row_wise else 2**-7, atol=1e-5)
    assert torch.equal(out[4], torch.zeros(32))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_each_row_has_a_scale_of_its_own(dtype: torch.dtype):
    x = torch.tensor([[1e-2, -3e-3], [0.0, 0.0], [3e4, 1.0], [-2.0, 1.5], [1e-5, 1e-6]]).to(dtype)
    values, scale = quantise_rows(x)
    largest = values.float().abs().amax(dim=1).tolist()
    assert largest[:4] == [448, 0, 448, 448] and (largest[4] == 448) is (dtype is not torch.float16)
    error = (values.float() * scale - x.float()).abs().amax(dim=1)
    assert bool((error <= 2**-4 * x.float().abs().amax(dim=1)).all())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_no_row_becomes_too_large_and_what_is_no_number_stays_none(dtype: torch.dtype):
    x = torch.rand(5000, 4, generator=torch.Generator().manual_seed(3)).mul_(9).to(dtype)
    assert bool((quantise_rows(x)[0].float().amax(dim=1) == 448).all())
    values, scale = quantise_rows(torch.tensor([[torch.nan, 1.0], [torch.inf, 1.0]], dtype=dtype))
    assert bool((values.float() * scale).isnan().any(dim=1).all())


def test_only_the_layers_of_every_step_change_and_nothing_is_copied():
    network = make_model(CONFIG, "fp8")
    stored = network.get_parameter("blocks.0.ffn.0.weight")
    assert use_fp8_products(network) == 8 * CONFIG.layers
    changed = {name for name, module in network.named_modules() if type(module) is Fp8ProductLinear}
    assert "blocks.1.cross_attn.q" in changed and "blocks.1.cross_attn.k" not in changed
    assert network.get_parameter("blocks.0.ffn.0.weight").data_ptr() == stored.data_ptr()
    assert use_fp8_products(network) == 0


@pytest.mark.parametrize("lora", [False, True])
def test_a_network_gives_nearly_the_same(lora: bool, tmp_path: Path):
    exact, rounded = make_model(CONFIG, "fp8"), make_model(CONFIG, "fp8")
    use_fp8_products(rounded)
    if lora:
        path = write_lora(tmp_path / "lora.safetensors")
        for network in (exact, rounded):
            apply_loras(network, [(read_lora(path, network), 1.0)], "side")
    with_one, without = (answer(network) for network in (exact, rounded))
    error = (with_one - without).float().norm() / with_one.float().norm()
    assert 0 < float(error) < 2 * ROUNDING
    if lora:
        assert not torch.equal(answer(make_model(CONFIG, "fp8")), with_one)


@pytest.mark.parametrize("kind", [torch.float8_e5m2, torch.int8])
def test_weights_of_another_kind_stay_exact(kind: torch.dtype):
    network = make_model(CONFIG, "bfloat16")
    block = network.get_submodule("blocks.0.ffn")
    setattr(block, "2", QuantisedLinear(QuantisedWeight(torch.ones(64, 96).to(kind), (64, 96), torch.tensor(1.0)), None))
    assert use_fp8_products(network) == 0


def test_a_device_without_them_is_told_of():
    with pytest.raises(
        RequestError, match=r'^"cpu" has no 8-bit products, which --fp8-matmul asks for; NVIDIA GPUs from RTX 40'
    ):
        use_kernels(KernelChoice(fp8_matmul=True), [make_model(CONFIG, "fp8")], torch.bfloat16, 4, SilentHost())


def test_the_device_says_how(monkeypatch: pytest.MonkeyPatch):
    cuda, tried = torch.device("cuda"), []

    def old_kernels(device: torch.device, row_wise: bool) -> None:
        tried.append(row_wise)
        if row_wise or len(tried) > 2:
            raise RuntimeError("no row-wise scales here.\nat line 5")

    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 9))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "RTX 4090")
    monkeypatch.setattr(fp8_products, "_try", old_kernels)
    assert find_row_wise(cuda) is False
    with pytest.raises(RequestError, match=r"cannot multiply in 8 bits on RTX 4090 \(no row-wise scales here\)\. Leave"):
        find_row_wise(cuda)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 6))
    with pytest.raises(RequestError, match=r"^RTX 4090 has no 8-bit products"):
        find_row_wise(cuda)


@pytest.mark.parametrize("row_wise", [True, False])
def test_the_trial_itself_runs(row_wise: bool):
    fp8_products._try(torch.device("cpu"), row_wise)


def test_other_files_are_told_of(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("wanmove_core.generation.kernels.find_row_wise", lambda device: True)
    with pytest.raises(
        RequestError, match=r"needs a model whose weights are stored as 8-bit floats .* Use the scaled fp8 file"
    ):
        use_kernels(KernelChoice(fp8_matmul=True), [make_model(CONFIG, "bfloat16")], torch.bfloat16, 4, SilentHost())


@torch.no_grad()
def answer(network: WanDiT) -> torch.Tensor:
    draw = torch.Generator().manual_seed(2)
    x = torch.randn(1, CONFIG.in_channels, 2, 4, 6, generator=draw).bfloat16()
    text = torch.randn(1, 4, CONFIG.text_dim, generator=draw).bfloat16()
    image = torch.randn(1, 257, CONFIG.image_dim, generator=draw).bfloat16()
    return network(x, torch.tensor([500.0]), text, image)


def write_lora(path: Path) -> Path:
    draw = torch.Generator().manual_seed(4)
    sides = {"lora_down": (4, CONFIG.dim), "lora_up": (CONFIG.ffn_dim, 4)}
    save_file(
        {f"diffusion_model.blocks.1.ffn.0.{side}.weight": torch.randn(shape, generator=draw) for side, shape in sides.items()},
        path,
    )
    return path
