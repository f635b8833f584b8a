"""LoRAs merged equal the formula to the last bit; beside the weights they equal the merge closely and leave no trace."""

import copy
import math
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.core.lora_files import (
    PAIRS,
    RANK,
    SIZES,
    SPELLINGS,
    T2V,
    delta_tensors,
    network,
    pair_tensors,
    run,
    spelled,
    write,
)
from wanmove_core.errors import RequestError
from wanmove_core.loading.lora import FullChange, Lora, LoraReport, LowRankChange, read_lora
from wanmove_core.loading.lora_applying import apply_loras
from wanmove_core.models.block_formats import BLOCK_FORMATS
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.low_rank import has_path
from wanmove_core.models.quantised import QuantisedLinear, QuantisedWeight

DOTTED = SPELLINGS["ComfyUI, lora_down"]
NORMAL_ALPHA = 6.0
CLOSE = {torch.float32: 2e-6, torch.bfloat16: 3e-2, torch.float16: 4e-3}
"""largest difference between merged and beside, relative to the largest value of the answer"""


def lora_of(folder: Path, model: WanDiT, seed: int = 0, deltas: bool = True, name: str = "lora.safetensors") -> Lora:
    tensors = pair_tensors(model, seed=seed) | {f"{layer}.alpha": torch.tensor(NORMAL_ALPHA) for layer in PAIRS}
    tensors |= delta_tensors(model, seed + 1) if deltas else {}
    return read_lora(write(folder, spelled(tensors, DOTTED), name), model)


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    one, other = one.detach().double(), other.detach().double()
    return float((one - other).abs().max() / other.abs().max())


def weights_equal(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_merge_is_the_formula_to_the_last_bit(tmp_path: Path):
    model, before = network(), network().state_dict()
    raw = pair_tensors(model) | delta_tensors(model, 1)
    apply_loras(model, [(lora_of(tmp_path, model), 0.7)])
    after = model.state_dict()
    scale = 0.7 * NORMAL_ALPHA / RANK
    for layer in PAIRS:
        b, a = raw[f"{layer}.up"].flatten(1), raw[f"{layer}.down"].flatten(1)
        weight = before[f"{layer}.weight"]
        assert torch.equal(after[f"{layer}.weight"], weight + scale * (b @ a).reshape(weight.shape)), layer
    deltas = {"norm3.diff": "norm3.weight", "norm3.diff_b": "norm3.bias", "self_attn.norm_q.diff": "self_attn.norm_q.weight"}
    for delta, parameter in deltas.items():
        assert torch.equal(after[f"blocks.2.{parameter}"], before[f"blocks.2.{parameter}"] + 0.7 * raw[f"blocks.2.{delta}"])
    assert torch.equal(after["blocks.4.modulation"], before["blocks.4.modulation"] + 0.7 * raw["blocks.4.diff_m"])
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert len(changed) == len(PAIRS) + len(delta_tensors(model))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_merge_of_two_is_summed_in_float32_and_rounded_once(tmp_path: Path, dtype: torch.dtype):
    model = network(dtype=dtype)
    weight = model.get_parameter("blocks.0.self_attn.q.weight").data.clone()
    raws = [pair_tensors(model, seed=seed) for seed in (0, 7)]
    loras = [lora_of(tmp_path, model, seed, name=f"{seed}.safetensors") for seed in (0, 7)]
    apply_loras(model, [(loras[0], 1.0), (loras[1], -0.5)])
    wide = weight.float()
    for raw, strength in zip(raws, (1.0, -0.5), strict=True):
        scale = strength * NORMAL_ALPHA / RANK
        wide = wide + scale * (raw["blocks.0.self_attn.q.up"] @ raw["blocks.0.self_attn.q.down"])
    assert torch.equal(model.state_dict()["blocks.0.self_attn.q.weight"], wide.to(dtype))


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_gives_the_same_answer(tmp_path: Path, spelling: str):
    tensors = pair_tensors(network()) | {f"{layer}.alpha": torch.tensor(NORMAL_ALPHA) for layer in PAIRS}
    model, expected = network(), network()
    apply_loras(model, [(read_lora(write(tmp_path, spelled(tensors, SPELLINGS[spelling])), model), 0.8)])
    apply_loras(expected, [(lora_of(tmp_path, expected, deltas=False, name="b.safetensors"), 0.8)])
    assert weights_equal(model, expected)
    assert not weights_equal(model, network())


@pytest.mark.parametrize("dtype", CLOSE)
def test_beside_the_weights_is_close_to_merged(tmp_path: Path, dtype: torch.dtype):
    beside, merged = network(dtype=dtype), network(dtype=dtype)
    lora = lora_of(tmp_path, beside)
    apply_loras(beside, [(lora, 0.7)], how="side")
    apply_loras(merged, [(lora, 0.7)])
    assert difference(run(beside), run(merged)) < CLOSE[dtype]
    assert difference(run(beside), run(network(dtype=dtype))) > 10 * CLOSE[dtype]


@pytest.mark.parametrize("how", ["merge", "side"])
def test_two_loras_in_either_order_are_the_same(tmp_path: Path, how: str):
    first, second = network(), network()
    one, two = (lora_of(tmp_path, first, seed, name=f"{seed}.safetensors") for seed in (0, 7))
    apply_loras(first, [(one, 0.7), (two, 0.4)], how=how)  # type: ignore[arg-type]
    apply_loras(second, [(two, 0.4), (one, 0.7)], how=how)  # type: ignore[arg-type]
    assert difference(run(first), run(second)) < 1e-6
    alone = network()
    apply_loras(alone, [(one, 0.7)], how=how)  # type: ignore[arg-type]
    assert difference(run(first), run(alone)) > 1e-3


def test_switched_off_and_removed_the_network_is_as_before(tmp_path: Path):
    model, before = network(dtype=torch.bfloat16), run(network(dtype=torch.bfloat16))
    applied = apply_loras(model, [(lora_of(tmp_path, model), 1.0)], how="side")
    with_lora = run(model)
    assert not torch.equal(with_lora, before)
    applied.enabled = False
    assert torch.equal(run(model), before)
    assert weights_equal(model, network(dtype=torch.bfloat16))
    applied.enabled = True
    assert torch.equal(run(model), with_lora)
    applied.remove()
    applied.remove()
    assert torch.equal(run(model), before)
    assert weights_equal(model, network(dtype=torch.bfloat16))
    assert [name for name, _ in model.named_buffers()] == [name for name, _ in network().named_buffers()]
    assert not any(module._forward_hooks or has_path(module) for module in model.modules())
    assert applied.bytes == 0


def test_strengths_can_change_between_steps_and_zero_is_without(tmp_path: Path):
    model = network()
    style, distilled = (lora_of(tmp_path, model, seed, name=f"{seed}.safetensors") for seed in (0, 7))
    applied = apply_loras(model, [(style, 0.7), (distilled, 1.0)], how="side")
    applied.strengths = (0.7, 0.0)
    alone = network()
    apply_loras(alone, [(style, 0.7)], how="side")
    assert torch.equal(run(model), run(alone))
    applied.strengths = (0.0, 0.0)
    assert torch.equal(run(model), run(network()))
    assert applied.strengths == (0.0, 0.0)


def test_beside_the_weights_names_of_the_state_dict_stay(tmp_path: Path):
    model = network()
    names = list(model.state_dict())
    applied = apply_loras(model, [(lora_of(tmp_path, model), 1.0)], how="side")
    assert list(model.state_dict()) == names
    model.load_state_dict(model.state_dict())
    assert applied.enabled


def test_beside_the_weights_only_the_factors_take_memory(tmp_path: Path):
    model = network(dtype=torch.bfloat16)
    lora = lora_of(tmp_path, model)
    applied = apply_loras(model, [(lora, 1.0)], how="side")
    factors = sum(pair.down.numel() + pair.up.numel() for pair in lora.pairs) * 2
    scales = sum(len(pair.down) for pair in lora.pairs) * (4 + 8)
    kept = sum(delta.delta.numel() for delta in lora.deltas) * 2
    assert applied.bytes == factors + scales + kept


def test_factors_go_with_the_network_from_device_to_device(tmp_path: Path):
    model = network()
    apply_loras(model, [(lora_of(tmp_path, model), 1.0)], how="side")
    model.to("meta")
    assert {buffer.device.type for buffer in model.buffers()} == {"meta"}


def test_network_with_loras_beside_it_can_be_copied(tmp_path: Path):
    model = network()
    apply_loras(model, [(lora_of(tmp_path, model), 1.0)], how="side")
    assert torch.equal(run(copy.deepcopy(model)), run(model))


KINDS = ("float8_e4m3fn", "int8", "GGUF Q8_0")


def quantised_layer(linear: nn.Linear, kind: str) -> QuantisedLinear:
    """The layer with its weight stored in 8 bits."""
    weight = linear.weight.detach()
    shape = (linear.out_features, linear.in_features)
    if kind == "GGUF Q8_0":  # blocks of 32 values: a half-precision scale and 32 bytes
        flat = weight.reshape(-1, 32)
        scale = (flat.abs().amax(1, keepdim=True) / 127).half()
        packed = torch.cat([scale.view(torch.uint8), (flat / scale.float()).round().to(torch.int8).view(torch.uint8)], dim=1)
        return QuantisedLinear(QuantisedWeight(packed.flatten(), shape, blocks=BLOCK_FORMATS["Q8_0"]), linear.bias)
    limit = 127 if kind == "int8" else 448
    scale = weight.abs().max() / limit
    values = (weight / scale).round() if kind == "int8" else weight / scale
    return QuantisedLinear(QuantisedWeight(values.to(getattr(torch, kind)), shape, scale), linear.bias)


def quantised(model: WanDiT, kind: str = "float8_e4m3fn") -> WanDiT:
    """The same network with every linear layer of its blocks quantised."""
    for name, layer in [(name, layer) for name, layer in model.named_modules() if isinstance(layer, nn.Linear)]:
        parent, _, last = name.rpartition(".")
        if name.startswith("blocks."):
            model.get_submodule(parent).add_module(last, quantised_layer(layer, kind))
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_quantised_weights_take_loras_beside_them(tmp_path: Path, kind: str):
    model = quantised(network(), kind)
    lora = lora_of(tmp_path, network())
    assert read_lora(tmp_path / "lora.safetensors", model).report == lora.report
    before = run(model)
    applied = apply_loras(model, [(lora, 0.7)], how="side", dtype=torch.float32)
    name = "blocks.0.self_attn.q"
    layer, raw = model.get_submodule(name), pair_tensors(network())
    x = torch.randn(5, SIZES.dim, generator=torch.Generator().manual_seed(1))
    path = 0.7 * NORMAL_ALPHA / RANK * x @ raw[f"{name}.down"].T @ raw[f"{name}.up"].T
    bias = 0.7 * delta_tensors(network(), 1)[f"{name}.diff_b"]
    with_lora = layer(x)
    applied.enabled = False
    assert difference(with_lora, layer(x) + path + bias) < 1e-6
    assert torch.equal(run(model), before)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(32, 64), (64, 32)])
def test_whole_change_of_a_quantised_weight_runs_beside_it(shape: tuple[int, int], kind: str):
    torch.manual_seed(0)
    layer = nn.Sequential(quantised_layer(nn.Linear(shape[1], shape[0]), kind))
    delta, x = torch.randn(shape), torch.randn(7, shape[1])
    before = layer(x)
    report = LoraReport(Path("x"), "", (), 1, (), 0)
    apply_loras(layer, [(Lora(report, (), (FullChange("0.weight", delta),)), 0.5)], how="side", dtype=torch.float32)
    assert difference(layer(x), before + 0.5 * x @ delta.T) < 1e-6


def test_quantised_weights_are_not_merged_into(tmp_path: Path):
    model = quantised(network())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(RequestError, match=r"blocks\.0\.self_attn\.q\.weight is torch\.float8_e4m3fn\); apply them beside"):
        apply_loras(model, [(lora_of(tmp_path, network()), 1.0)])
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_time_embedding_takes_its_lora_in_float32(tmp_path: Path):
    """The network runs it with float32 weights whatever they are stored in; a path that it went past would be lost silently."""
    model = network(dtype=torch.bfloat16)
    applied = apply_loras(
        model,
        [(read_lora(write(tmp_path, spelled(pair_tensors(model, ("time_embedding.2",)), DOTTED)), model), 1.0)],
        how="side",
    )
    with_lora = run(model)
    applied.enabled = False
    assert not torch.equal(with_lora, run(model))


def test_model_without_image_tokens_takes_what_fits(tmp_path: Path):
    model = network(T2V)
    lora = lora_of(tmp_path, network(), deltas=False)
    lora = read_lora(lora.report.path, model)
    assert lora.report.ignored_count == 3
    apply_loras(model, [(lora, 1.0)], how="side")
    assert not torch.equal(run(model), run(network(T2V)))


@pytest.mark.parametrize("strength", [math.nan, math.inf, 101.0, -101.0])
def test_strength_outside_its_limits_is_refused(tmp_path: Path, strength: float):
    model = network()
    with pytest.raises(RequestError, match=r"The strength of lora\.safetensors is .*; -100 to 100 are possible, 1 is usual"):
        apply_loras(model, [(lora_of(tmp_path, model), strength)])


@pytest.mark.parametrize("only_deltas", [True, False])
@pytest.mark.parametrize("how", ["merge", "side"])
def test_second_call_on_one_network_is_refused(tmp_path: Path, how: str, only_deltas: bool):
    model = network()
    tensors = delta_tensors(model) if only_deltas else pair_tensors(model)
    lora = read_lora(write(tmp_path, spelled(tensors, DOTTED)), model)
    applied = apply_loras(model, [(lora, 1.0)], how="side")
    with pytest.raises(RequestError, match="already; remove them first, or apply all LoRAs at once"):
        apply_loras(model, [(lora, 1.0)], how=how)  # type: ignore[arg-type]
    applied.remove()
    apply_loras(model, [(lora, 1.0)], how=how)  # type: ignore[arg-type]


def test_merged_loras_say_that_they_stay(tmp_path: Path):
    model = network()
    applied = apply_loras(model, [(lora_of(tmp_path, model), 1.0)])
    assert applied.merged and applied.enabled and applied.bytes == 0
    with pytest.raises(RequestError, match="Merged LoRAs cannot be switched; apply them beside the weights"):
        applied.enabled = False
    with pytest.raises(RequestError, match="cannot be changed"):
        applied.strengths = (0.5,)
    with pytest.raises(RequestError, match="cannot be removed"):
        applied.remove()


def test_merge_tells_its_progress_and_can_be_interrupted(tmp_path: Path):
    model, told = network(), []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_loras(model, [(lora_of(tmp_path, model, deltas=False), 1.0)], progress=progress)
    assert told == [(done, len(PAIRS)) for done in range(4)]


def test_merge_leaves_the_file_of_the_model_alone(tmp_path: Path):
    """Weights mapped from a file are replaced, not written to."""
    model = network()
    weight = model.get_parameter("blocks.0.self_attn.q.weight")
    mapped, copied = weight.data, weight.data.clone()
    apply_loras(model, [(lora_of(tmp_path, model), 1.0)])
    assert torch.equal(mapped, copied) and not torch.equal(weight, copied)


def test_number_of_strengths_is_that_of_the_loras(tmp_path: Path):
    model = network()
    applied = apply_loras(model, [(lora_of(tmp_path, model), 1.0)], how="side")
    with pytest.raises(RequestError, match="2 strengths are given for 1 LoRAs"):
        applied.strengths = (1.0, 2.0)


def test_change_of_one_weight_by_pair_and_delta_is_both() -> None:
    layer = nn.Sequential(nn.Linear(4, 4))
    before = layer.get_parameter("0.weight").detach().clone()
    pair = LowRankChange("0.weight", torch.ones(1, 4), torch.ones(4, 1), 2.0)
    lora = Lora(LoraReport(Path("x"), "", (1,), 1, (), 0), (pair,), (FullChange("0.weight", torch.ones(4, 4)),))
    beside = copy.deepcopy(layer)
    apply_loras(layer, [(lora, 1.0)])
    assert torch.equal(layer.get_parameter("0.weight").detach(), before + 2.0 + 1.0)
    apply_loras(beside, [(lora, 1.0)], how="side")
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    assert difference(beside(x).detach(), layer(x).detach()) < 1e-6
