"""The umT5 text encoder at tiny size: padding, positions, precision, layers of a host, names."""

from typing import Any

import pytest
import torch
from torch import nn

from wanmove_core.loading.names_umt5 import is_left_out, wan_name
from wanmove_core.models.umt5 import UMT5Config, UMT5Encoder, position_buckets

TINY = UMT5Config(300, 64, 48, 160, 3, 2)


def encoder(dtype: torch.dtype = torch.float32) -> Any:
    torch.manual_seed(0)
    return UMT5Encoder(TINY).eval().requires_grad_(False).to(dtype)


def some_tokens(length: int) -> torch.Tensor:
    return torch.randint(1, 300, (1, length), generator=torch.Generator().manual_seed(length))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("length", [16, 17, 19, 31, 37, 64, 100, 511])
def test_a_prompt_alone_gives_to_the_bit_what_it_gives_padded_to_512(length: int, dtype: torch.dtype):
    model, tokens = encoder(dtype), some_tokens(length)
    padded = torch.cat([tokens, torch.zeros(1, 512 - length, dtype=torch.long)], dim=1)
    mask = torch.arange(512).unsqueeze(0) < length
    assert torch.equal(model(tokens, dtype), model(padded, dtype, mask)[:, :length])


@pytest.mark.parametrize("length", [1, 2, 7, 15])
def test_a_short_prompt_padded_to_16_gives_to_the_bit_what_it_gives_padded_to_512(length: int):
    model, tokens = encoder(), some_tokens(512)
    few, many = ((torch.arange(size).unsqueeze(0) < length) for size in (16, 512))
    expected = model(tokens, torch.float32, many)[:, :length]
    assert torch.equal(model(tokens[:, :16], torch.float32, few)[:, :length], expected)
    assert torch.allclose(model(tokens[:, :length], torch.float32), expected, atol=2e-6)


def test_nobody_sees_what_is_masked():
    model, tokens = encoder(), some_tokens(32)
    mask = torch.arange(32).unsqueeze(0) < 20
    changed = torch.where(mask, tokens, 7)
    assert torch.equal(model(tokens, torch.float32, mask)[:, :20], model(changed, torch.float32, mask)[:, :20])


def test_near_tokens_have_a_bucket_each_and_far_ones_share():
    buckets = position_buckets(200, UMT5Config())
    assert buckets[0, :12].tolist() == [0, 17, 18, 19, 20, 21, 22, 23, 24, 24, 24, 24]
    assert buckets[:9, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert buckets[0, [16, 32, 64, 127, 128, 199]].tolist() == [26, 28, 30, 31, 31, 31]
    assert buckets[199, 0] == 15


def test_every_block_has_positions_of_its_own():
    model, tokens = encoder(), some_tokens(20)
    before = model(tokens, torch.float32)
    model.blocks[1].pos_embedding.embedding.weight.add_(torch.randn(32, 3))
    assert not torch.equal(before, model(tokens, torch.float32))


def test_bfloat16_stays_near_float32():
    tokens = some_tokens(40)
    exact, narrow = encoder()(tokens, torch.float32), encoder(torch.bfloat16)(tokens, torch.bfloat16)
    assert narrow.dtype == torch.bfloat16
    assert float((narrow.float() - exact).abs().max()) < 0.05 * float(exact.abs().max())


def test_float16_that_overflows_is_clamped():
    model = encoder(torch.float16)
    model.blocks[0].ffn.fc2.weight.mul_(60000)
    assert bool(model(some_tokens(20), torch.float16).isfinite().all())


def test_weights_of_another_precision_stay_and_are_cast_where_they_are_used():
    model = encoder()
    model.token_embedding.bfloat16()
    assert model(some_tokens(20), torch.float32).dtype == torch.float32


def test_every_matrix_is_built_through_the_given_ops():
    built: list[nn.Module] = []

    class Ops:
        LayerNorm, Conv2d, Conv3d = nn.LayerNorm, nn.Conv2d, nn.Conv3d

        @staticmethod
        def Linear(dim: int, out: int, bias: bool = True) -> nn.Module:
            built.append(nn.Linear(dim, out, bias))
            return built[-1]

    model = UMT5Encoder(TINY, Ops())
    assert len(built) == 14 and set(built) == {module for module in model.modules() if isinstance(module, nn.Linear)}


def test_the_released_encoder_has_5_68_billion_parameters_in_242_tensors():
    with torch.device("meta"):
        state = UMT5Encoder().state_dict()
    assert (sum(value.numel() for value in state.values()), len(state)) == (5_680_910_336, 242)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("shared.weight", "token_embedding.weight"),
        ("encoder.embed_tokens.weight", "token_embedding.weight"),
        ("encoder.final_layer_norm.weight", "norm.weight"),
        ("encoder.block.3.layer.0.SelfAttention.q.weight", "blocks.3.attn.q.weight"),
        ("encoder.block.3.layer.0.SelfAttention.q.scale_weight", "blocks.3.attn.q.scale_weight"),
        ("encoder.block.23.layer.0.SelfAttention.relative_attention_bias.weight", "blocks.23.pos_embedding.embedding.weight"),
        ("encoder.block.0.layer.1.DenseReluDense.wi_1.weight", "blocks.0.ffn.fc1.weight"),
        ("encoder.block.0.layer.1.layer_norm.weight", "blocks.0.norm2.weight"),
        ("token_embd.weight", "token_embedding.weight"),
        ("enc.blk.7.attn_rel_b.weight", "blocks.7.pos_embedding.embedding.weight"),
        ("enc.blk.7.ffn_down.weight", "blocks.7.ffn.fc2.weight"),
        ("enc.output_norm.weight", "norm.weight"),
        ("encoder.block.0.layer.2.DenseReluDense.wo.weight", None),
        ("decoder.block.0.layer.0.SelfAttention.q.weight", None),
        ("blocks.0.attn.q.weight", None),
    ],
)
def test_a_name_of_another_layout_is_one_of_ours_or_none(theirs: str, ours: str | None):
    assert wan_name(theirs) == ours


@pytest.mark.parametrize(
    ("name", "expected"), [("decoder.block.0.x", True), ("spiece_model", True), ("scaled_fp8", True), ("encoder.x", False)]
)
def test_a_decoder_and_a_tokenizer_beside_the_encoder_are_left_out(name: str, expected: bool):
    assert is_left_out(name) == expected
