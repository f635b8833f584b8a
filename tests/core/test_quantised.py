"""Quantised linear layers give what nn.Linear gives with the dequantised weight, to the bit; so does each packed format."""

import pytest
import torch
from torch import nn

from wanmove_core.loading.tensor_info import GGUF_BLOCKS
from wanmove_core.models.block_formats import BLOCK_FORMATS
from wanmove_core.models.quantised import CHUNK, QuantisedLinear, QuantisedWeight


def layer(kind: torch.dtype = torch.float8_e4m3fn, rows: int = 1, bias: bool = True) -> QuantisedLinear:
    torch.manual_seed(0)
    values = (torch.randn(6, 8) * 20).to(kind)
    scale = torch.rand(rows, 1) / 100 if rows > 1 else torch.tensor(0.0123)
    return QuantisedLinear(QuantisedWeight(values, (6, 8), scale), torch.randn(6) if bias else None)


@pytest.mark.parametrize("kind", [torch.float8_e4m3fn, torch.float8_e5m2, torch.int8])
@pytest.mark.parametrize("rows", [1, 6])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_a_layer_gives_what_a_linear_layer_of_the_dequantised_weight_gives(kind: torch.dtype, rows: int, dtype: torch.dtype):
    quantised, plain = layer(kind, rows), nn.Linear(8, 6, dtype=dtype)
    stored = quantised.stored
    expected = (stored.values.float() * (1 if stored.scale is None else stored.scale)).to(dtype)
    plain.load_state_dict({"weight": expected, "bias": quantised.state_dict()["bias"].to(dtype)}, assign=True)
    x = torch.randn(2, 3, 8, dtype=dtype)
    assert torch.equal(quantised.dequantised(dtype), expected)
    assert torch.equal(quantised(x), plain(x))


def test_a_weight_without_a_scale_is_cast():
    values = torch.randn(4, 4).to(torch.float8_e5m2)
    quantised = QuantisedLinear(QuantisedWeight(values, (4, 4)), None)
    assert torch.equal(quantised.dequantised(torch.bfloat16), values.to(torch.bfloat16))


def test_a_large_weight_is_widened_in_parts():
    values = torch.randint(-127, 128, (2 * CHUNK // 4096 + 3, 4096), dtype=torch.int8)
    scale = torch.rand(len(values), 1)
    assert torch.equal(QuantisedWeight(values, tuple(values.shape), scale).dequantised(), values.float() * scale)


def test_casting_a_network_leaves_what_is_stored_alone():
    quantised = layer()
    before = quantised.dequantised()
    network = nn.Sequential(quantised).to(torch.bfloat16)
    kinds = {name: value.dtype for name, value in network.state_dict().items()}
    assert kinds == {"0.weight": torch.float8_e4m3fn, "0.weight_scale": torch.float32, "0.bias": torch.bfloat16}
    assert torch.equal(quantised.dequantised(), before)


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize("name", BLOCK_FORMATS)
def test_packed_blocks_stand_for_what_the_gguf_package_says(name: str):
    gguf = pytest.importorskip("gguf")
    kind, form = gguf.GGMLQuantizationType[name], BLOCK_FORMATS[name]
    assert gguf.GGML_QUANT_SIZES[kind] == (form.values, form.bytes) == GGUF_BLOCKS[name]
    raw = torch.randint(0, 256, (300, form.bytes), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    expected = torch.from_numpy(gguf.dequantize(raw.numpy(), kind))
    assert torch.equal(form.unpack(raw).nan_to_num(), expected.nan_to_num())
    weight = QuantisedWeight(raw.flatten(), (300, form.values), blocks=form)
    assert torch.equal(weight.dequantised(torch.bfloat16).nan_to_num(), expected.to(torch.bfloat16).nan_to_num())
    assert "stored as " + name in repr(QuantisedLinear(weight, None))
