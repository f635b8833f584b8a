"""Quantised files: weights stay as stored, compute what their scales say, and are refused where a scale is missing."""

import json
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from tests.core.format_files import (
    ONE_HEAD,
    State,
    as_diffusers,
    is_matrix,
    one_head_dit,
    reference,
    scaled,
    state,
    velocity,
    write_gguf,
)
from wanmove_core.errors import CheckpointError
from wanmove_core.loading import describe_checkpoint, load_dit
from wanmove_core.loading.gguf_package import block_format
from wanmove_core.models.quantised import QuantisedLinear

E4M3, E5M2, INT8 = torch.float8_e4m3fn, torch.float8_e5m2, torch.int8
NAMES = {E4M3: "float8_e4m3fn", E5M2: "float8_e5m2", INT8: "int8_tensorwise"}


def save(folder: Path, tensors: State, metadata: dict[str, str] | None = None, prefix: str = "") -> Path:
    save_file({prefix + name: value.contiguous() for name, value in tensors.items()}, folder / "q.safetensors", metadata)
    return folder / "q.safetensors"


def kijai(folder: Path) -> tuple[Path, State]:
    """scale_weight and the mark scaled_fp8"""
    stored, meant = scaled(E4M3, ".scale_weight")
    return save(folder, {**stored, "scaled_fp8": torch.empty(2, dtype=E4M3)}), meant


def comfyui_v0(folder: Path) -> tuple[Path, State]:
    """below ComfyUI's prefix, with scales of inputs"""
    stored, meant = scaled(E5M2, ".scale_weight")
    inputs = {name.replace("scale_weight", "scale_input"): torch.ones(()) for name in stored if name.endswith("scale_weight")}
    tensors = {**stored, **inputs, "scaled_fp8": torch.empty(0, dtype=E5M2)}
    return save(folder, tensors, prefix="model.diffusion_model."), meant


def weight_scale_alone(folder: Path) -> tuple[Path, State]:
    """the other spelling, a scale for each row, no mark"""
    stored, meant = scaled(E4M3, ".weight_scale", rows=True)
    return save(folder, stored), meant


def layers(kind: torch.dtype, prefix: str = "") -> dict[str, dict[str, object]]:
    return {prefix + name.removesuffix(".weight"): {"format": NAMES[kind]} for name in state() if is_matrix(name)}


def comfyui_v1_metadata(kind: torch.dtype, prefix: str = "") -> Callable[[Path], tuple[Path, State]]:
    def write(folder: Path) -> tuple[Path, State]:
        stored, meant = scaled(kind, ".weight_scale")
        metadata = {"_quantization_metadata": json.dumps({"format_version": "1.0", "layers": layers(kind, prefix)})}
        return save(folder, stored, metadata, prefix), meant

    return write


def as_bytes(stated: object) -> torch.Tensor:
    return torch.tensor(list(json.dumps(stated).encode()), dtype=torch.uint8)


def comfyui_v1_tensors(kind: torch.dtype) -> Callable[[Path], tuple[Path, State]]:
    def write(folder: Path) -> tuple[Path, State]:
        stored, meant = scaled(kind, ".weight_scale")
        stated = {f"{layer}.comfy_quant": as_bytes(value) for layer, value in layers(kind).items()}
        inputs = {f"{layer}.input_scale": torch.ones(()) for layer in layers(kind)}
        return save(folder, {**stored, **stated, **inputs}), meant

    return write


def diffusers_v1(folder: Path) -> tuple[Path, State]:
    stored, meant = scaled(E4M3, ".weight_scale")
    stated = {f"{layer}.comfy_quant": as_bytes(value) for layer, value in layers(E4M3).items()}
    return save(folder, as_diffusers({**stored, **stated})), meant


def plain_fp8(folder: Path) -> tuple[Path, State]:
    stored = {name: value.to(E4M3) if is_matrix(name) else value for name, value in state(torch.bfloat16).items()}
    return save(folder, stored), {name: value.float() for name, value in stored.items()}


WRITERS: dict[str, Callable[[Path], tuple[Path, State]]] = {
    "Kijai": kijai,
    "ComfyUI v0": comfyui_v0,
    "weight_scale, rows": weight_scale_alone,
    "ComfyUI v1 e4m3": comfyui_v1_metadata(E4M3),
    "ComfyUI v1 e5m2, prefix": comfyui_v1_metadata(E5M2, "model.diffusion_model."),
    "ComfyUI v1 int8": comfyui_v1_metadata(INT8),
    "comfy_quant e4m3": comfyui_v1_tensors(E4M3),
    "comfy_quant int8": comfyui_v1_tensors(INT8),
    "comfy_quant in diffusers layout": diffusers_v1,
    "plain fp8": plain_fp8,
}


@pytest.mark.parametrize("dtype", [None, torch.float32])
@pytest.mark.parametrize("name", WRITERS)
def test_a_network_computes_what_its_scales_say(tmp_path: Path, name: str, dtype: torch.dtype | None):
    path, meant = WRITERS[name](tmp_path)
    loaded = load_dit(path, dtype=dtype)
    compute = dtype or torch.bfloat16
    assert (loaded.config, loaded.dtype) == (ONE_HEAD, compute)
    expected = reference({key: value if is_matrix(key) else value.to(compute) for key, value in meant.items()}, compute)
    assert torch.equal(velocity(loaded.model, compute), velocity(expected, compute))


@pytest.mark.parametrize("name", WRITERS)
def test_weights_stay_quantised_in_memory(tmp_path: Path, name: str):
    path, _ = WRITERS[name](tmp_path)
    model = load_dit(path).model
    quantised = {name: layer for name, layer in model.named_modules() if isinstance(layer, QuantisedLinear)}
    assert {f"{name}.weight" for name in quantised} == {name for name in state() if is_matrix(name)}
    assert all(layer.weight.element_size() == 1 for layer in quantised.values())
    assert sum(p.numel() * p.element_size() for p in model.parameters()) <= path.stat().st_size


def test_the_answer_is_close_to_that_of_the_network_before_it_was_quantised(tmp_path: Path):
    expected = velocity(one_head_dit())
    for name, limit in (("Kijai", 0.03), ("ComfyUI v0", 0.06), ("ComfyUI v1 int8", 0.02), ("plain fp8", 0.05)):
        found = velocity(load_dit(WRITERS[name](tmp_path)[0], dtype=torch.float32).model)
        assert float((found - expected).norm() / expected.norm()) < limit, name


def test_in_a_hosts_own_layers_weights_are_widened_while_they_are_loaded(tmp_path: Path):
    class OwnLinear(nn.Linear):
        pass

    class OwnLayers:
        Linear, Conv2d, Conv3d, LayerNorm = OwnLinear, nn.Conv2d, nn.Conv3d, nn.LayerNorm

    path, meant = kijai(tmp_path)
    model = load_dit(path, ops=OwnLayers()).model
    assert not any(isinstance(layer, QuantisedLinear) for layer in model.modules())
    for name, value in model.state_dict().items():
        assert torch.equal(value, meant[name].to(torch.bfloat16)), name


def without_scale(kind: torch.dtype, mark: bool, left: int) -> Callable[[Path], Path]:
    """A scaled file from which all scales but ``left`` are lost."""

    def write(folder: Path) -> Path:
        stored, _ = scaled(kind, ".scale_weight")
        kept = [name for name in stored if name.endswith(".scale_weight")][:left]
        tensors = {name: value for name, value in stored.items() if not name.endswith(".scale_weight") or name in kept}
        return save(folder, tensors | ({"scaled_fp8": torch.empty(2, dtype=E4M3)} if mark else {}))

    return write


@pytest.mark.parametrize("write", [without_scale(E4M3, True, 0), without_scale(E5M2, True, 5), without_scale(E4M3, False, 5)])
def test_8_bit_weights_without_their_scale_are_impossible(tmp_path: Path, write: Callable[[Path], Path]):
    path = write(tmp_path)
    with pytest.raises(CheckpointError, match=r"does not fit: \d+ 8-bit weights have no scale: blocks.*download it again"):
        load_dit(path)
    assert not describe_checkpoint(path).loadable


def test_without_a_scale_in_the_metadata_form_too(tmp_path: Path):
    stored, _ = scaled(E4M3, ".weight_scale")
    del stored["blocks.1.ffn.2.weight_scale"]
    metadata = {"_quantization_metadata": json.dumps({"layers": layers(E4M3)})}
    with pytest.raises(CheckpointError, match=r"1 8-bit weights have no scale: blocks\.1\.ffn\.2\.weight"):
        load_dit(save(tmp_path, stored, metadata))


LAYER = "blocks.0.ffn.0"
REFUSED = [
    ({"format": "nvfp4"}, "are stored as nvfp4, which is not supported; use the scaled fp8"),
    ({"format": "mxfp8"}, "stored as mxfp8"), ({"format": "awq_w4a16"}, "stored as awq_w4a16"),
    ({"format": "convrot_w4a4"}, "stored as convrot_w4a4"), ({}, "stored as None"), ({"format": 5}, "stored as 5"),
    ({"format": "int8_tensorwise", "convrot": True}, r"int8_tensorwise after a rotation \(convrot\)"),
    ({"format": "float8_e5m2"}, r"1 weights are of another type than the file states: blocks\.0\.ffn\.0\.weight"),
]  # fmt: skip


@pytest.mark.parametrize("where", ["metadata", "tensor"])
@pytest.mark.parametrize(("stated", "message"), REFUSED)
def test_other_formats_are_refused_by_name(tmp_path: Path, stated: dict[str, object], message: str, where: str):
    stored, _ = scaled(E4M3, ".weight_scale")
    if where == "metadata":
        path = save(tmp_path, stored, {"_quantization_metadata": json.dumps({"layers": {**layers(E4M3), LAYER: stated}})})
    else:
        path = save(tmp_path, {**stored, f"{LAYER}.comfy_quant": as_bytes(stated)})
    with pytest.raises(CheckpointError, match=message):
        load_dit(path)
    assert not describe_checkpoint(path).loadable


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"layers": 3}', '{"layers": {"a": 3}}', "[" * 50_000])
def test_damaged_statements_are_refused(tmp_path: Path, text: str):
    with pytest.raises(CheckpointError, match=r"is no JSON object|it has no .layers."):
        load_dit(save(tmp_path, scaled(E4M3, ".weight_scale")[0], {"_quantization_metadata": text}))


STRANGE = [
    ({f"{LAYER}.weight_scale": torch.ones(3)}, "1 scales are neither one number nor one for each row"),
    ({f"{LAYER}.weight_scale": torch.ones((), dtype=torch.int32)}, "1 scales are neither one number nor one for each row"),
    ({f"{LAYER}.weight_scale": torch.tensor(float("nan"))}, r"the scale 'blocks\.0\.ffn\.0\.weight_scale' is not finite"),
    ({f"{LAYER}.weight": torch.zeros(64, 128)}, "1 scales belong to no 8-bit weight"),
    ({"blocks.9.x.weight_scale": torch.ones(())}, "1 scales belong to no 8-bit weight"),
    ({f"{LAYER}.weight": torch.zeros(64, 128, dtype=INT8)}, "1 int8 weights without a stated format"),
    ({f"{LAYER}.comfy_quant": torch.ones(9)}, "stored as F32 comfy_quant"),
    ({f"{LAYER}.comfy_quant": torch.full((4097,), 32, dtype=torch.uint8)}, "stored as U8 comfy_quant"),
    ({f"{LAYER}.comfy_quant": torch.full((9,), 200, dtype=torch.uint8)}, "is no JSON object"),
    ({f"{LAYER}.weight": torch.zeros(64, 64, dtype=torch.uint8)}, r"no numbers to compute with \(U8\)"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), STRANGE)
def test_scales_that_cannot_be_are_refused(tmp_path: Path, changes: State, message: str):
    with pytest.raises(CheckpointError, match=message):
        load_dit(save(tmp_path, {**scaled(E4M3, ".weight_scale")[0], **changes}))


def test_scaled_fp8_is_described(tmp_path: Path):
    found = describe_checkpoint(kijai(tmp_path)[0])
    assert found.format == "safetensors in Wan's own layout, 8-bit weights with scales (scaled fp8)"
    assert found.precision.startswith("float8_e4m3fn, bfloat16 (") and found.loadable
    (tmp_path / "v1").mkdir()
    assert describe_checkpoint(comfyui_v1_tensors(INT8)(tmp_path / "v1")[0]).format.endswith("with scales (comfy_quant)")


GGUF_TYPES = ["Q8_0", "Q4_0", "Q5_1", "F16", "BF16"]


@pytest.mark.parametrize("kind", GGUF_TYPES)
def test_gguf_computes_what_its_blocks_stand_for(tmp_path: Path, kind: str):
    gguf = pytest.importorskip("gguf")
    small = {"head.head.weight": kind, "text_embedding.0.weight": kind}
    kinds = {**{name: kind for name in state() if is_matrix(name)}, **small}
    path = write_gguf(tmp_path / "wan.gguf", state(), kinds)
    loaded = load_dit(path, dtype=torch.float32)
    assert loaded.config == ONE_HEAD
    meant: State = {}
    for name, value in state().items():
        number = gguf.GGMLQuantizationType[kinds.get(name, "F32")]
        array = value.numpy().reshape(value.shape[0], -1)
        meant[name] = torch.from_numpy(gguf.dequantize(gguf.quantize(array, number), number)).view(value.shape)
    assert torch.equal(velocity(loaded.model), velocity(reference(meant, torch.float32)))
    packed = sum(isinstance(layer, QuantisedLinear) for layer in loaded.model.modules())
    assert packed == (0 if kind in ("F16", "BF16") else 24 + 2)
    if packed:
        assert sum(p.numel() * p.element_size() for p in loaded.model.parameters()) < path.stat().st_size
        assert load_dit(path).dtype == torch.bfloat16
    found = describe_checkpoint(path)
    assert found.format == "gguf in Wan's own layout" and found.loadable
    assert found.precision.split(",")[0] == {"F16": "float16", "BF16": "bfloat16"}.get(kind, kind)


def test_whatever_is_packed_or_float8_beside_the_matrices_is_widened(tmp_path: Path):
    """Five axes as the usual repair tool writes them; biases, norms and modulation packed too, as no known tool does."""
    gguf = pytest.importorskip("gguf")
    kinds = {name: "Q8_0" for name, value in state().items() if value.shape[-1] % 32 == 0}
    path = write_gguf(tmp_path / "wan.gguf", state(), kinds, flatten=False)
    found = load_dit(path, dtype=torch.float32).model.state_dict()
    kind = gguf.GGMLQuantizationType.Q8_0
    for name in ("blocks.0.ffn.0.bias", "blocks.1.modulation", "blocks.0.norm3.weight"):
        expected = gguf.dequantize(gguf.quantize(state()[name].numpy(), kind), kind)
        assert torch.equal(found[name], torch.from_numpy(expected).view(state()[name].shape)), name
    assert torch.equal(found["patch_embedding.weight"], state()["patch_embedding.weight"])
    stored, _ = scaled(E4M3, ".scale_weight")
    convolution = stored["patch_embedding.weight"].to(E4M3)
    model = load_dit(save(tmp_path, {**stored, "patch_embedding.weight": convolution}), dtype=torch.float32).model
    assert torch.equal(model.get_parameter("patch_embedding.weight"), convolution.float())


def test_gguf_below_comfyuis_prefix_is_read(tmp_path: Path):
    pytest.importorskip("gguf")
    tensors = {f"model.diffusion_model.{name}": value for name, value in state().items()}
    path = write_gguf(tmp_path / "wan.gguf", tensors, {name: "Q8_0" for name in tensors if is_matrix(name[22:])})
    assert load_dit(path).config == ONE_HEAD


def test_a_shape_that_does_not_fit_its_tensor_is_refused(tmp_path: Path):
    pytest.importorskip("gguf")
    with pytest.raises(CheckpointError, match=r"cannot have the shape '\[1, 2, 3\]'"):
        load_dit(write_gguf(tmp_path / "wan.gguf", state(), {}, shape=[1, 2, 3]))


def test_a_rare_format_names_the_package_that_reads_it(monkeypatch: pytest.MonkeyPatch):
    gguf = pytest.importorskip("gguf")
    form = block_format(Path("x.gguf"), "IQ3_S")
    raw = torch.zeros(3, form.bytes, dtype=torch.uint8)
    expected = gguf.dequantize(raw.numpy(), gguf.GGMLQuantizationType.IQ3_S)
    assert torch.equal(form.unpack(raw), torch.from_numpy(expected))
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(
        CheckpointError, match=r"x\.gguf has weights of the GGUF format IQ3_S.* pip install gguf\. Without it Q4_0"
    ):
        block_format(Path("x.gguf"), "IQ3_S")
    assert block_format(Path("x.gguf"), "Q4_K").values == 256


class Allocations(TorchDispatchMode):
    """The most bytes that tensors made while it is active held at once, and the largest of them."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[int, int] = {}
        self.peak = self.largest = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if (
            isinstance(result, torch.Tensor)
            and not result.is_meta
            and result.untyped_storage().data_ptr() not in self.given(args)
        ):
            storage = result.untyped_storage()
            self.live[storage.data_ptr()] = storage.nbytes()
            self.largest = max(self.largest, storage.nbytes())
            self.peak = max(self.peak, sum(self.live.values()))
            weakref.finalize(storage, self.live.pop, storage.data_ptr(), None)
        return result

    def given(self, args: Any) -> set[int]:
        tensors = [arg for arg in args if isinstance(arg, torch.Tensor) and not arg.is_meta]
        return {tensor.untyped_storage().data_ptr() for tensor in tensors}


@pytest.mark.parametrize("name", ["Kijai", "ComfyUI v1 int8", "plain fp8"])
def test_loading_makes_nothing_but_scales_and_computing_nothing_but_one_weight(tmp_path: Path, name: str):
    """Beside the mapped file: what the issue calls the file and one layer."""
    path, _ = WRITERS[name](tmp_path)
    with Allocations() as loading:
        model = load_dit(path).model
    assert loading.peak < 1000
    layer = model.get_submodule("blocks.1.ffn.0")
    with Allocations() as computing:
        layer(torch.zeros(1, 128, dtype=torch.bfloat16))
    weight = 64 * 128
    assert computing.largest <= 4 * weight and computing.peak <= 2 * weight + 2 * 4 * weight + 1000
