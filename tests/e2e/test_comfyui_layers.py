"""The networks on a real ComfyUI's layers, under its patcher and with its LoRA, held against the same on PyTorch's layers.

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui_layers.py
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.e2e.comfyui import ROOT
from wanmove_core.demo.assets import DIT
from wanmove_core.loading.tensor_file import read_header

pytestmark = pytest.mark.comfy

KINDS = {"fp8": torch.float8_e4m3fn, "fp8 wide": torch.float8_e5m2, "int8": torch.int8}
SCRIPT = Path(__file__).with_name("comfyui_layers.py")


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """What the script found in ComfyUI's Python."""
    program = os.environ.get("WANMOVE_COMFYUI")
    if not program:
        pytest.skip("WANMOVE_COMFYUI names no ComfyUI")
    folder = tmp_path_factory.mktemp("files")
    lora = folder / "lora.safetensors"
    save_file(lora_of_every_kind(), lora)
    quantised = [write_quantised(folder / f"{kind}.safetensors", dtype) for kind, dtype in KINDS.items()]
    python = os.environ.get("WANMOVE_COMFYUI_PYTHON", sys.executable)
    done = subprocess.run([python, SCRIPT, ROOT, lora, *quantised], cwd=program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def write_quantised(path: Path, dtype: torch.dtype) -> Path:
    """The demo network with the matrices of its blocks in 8 bits and a scale each, as ComfyUI writes it."""
    stated, tensors = read_header(DIT).metadata, load_file(DIT)
    layers: dict[str, dict[str, str]] = {}
    for name in [name for name, value in tensors.items() if name.startswith("blocks.") and value.ndim == 2]:
        value, layer = tensors[name].float(), name.removesuffix(".weight")
        largest = 127.0 if dtype == torch.int8 else torch.finfo(dtype).max
        scale = value.abs().max() / largest
        tensors[name] = ((value / scale).round() if dtype == torch.int8 else value / scale).to(dtype)
        tensors[f"{layer}.weight_scale"] = scale
        layers[layer] = {"format": "int8_tensorwise" if dtype == torch.int8 else str(dtype).removeprefix("torch.")}
    save_file(tensors, path, {**stated, "_quantization_metadata": json.dumps({"layers": layers})})
    return path


def lora_of_every_kind() -> dict[str, torch.Tensor]:
    """Low rank, bias and norm, on ComfyUI's layers and on our own."""
    shapes = {name: info.shape for name, info in read_header(DIT).tensors.items()}
    generator = torch.Generator().manual_seed(2)
    tensors: dict[str, torch.Tensor] = {}
    for layer in ("blocks.0.ffn.0", "blocks.1.self_attn.q", "blocks.2.cross_attn.o"):
        rows, columns = shapes[f"{layer}.weight"]
        tensors[f"{layer}.lora_up.weight"] = torch.randn(rows, 2, generator=generator) * 0.1
        tensors[f"{layer}.lora_down.weight"] = torch.randn(2, columns, generator=generator) * 0.1
        tensors[f"{layer}.diff_b"] = torch.randn(rows, generator=generator) * 0.1
    for norm in ("blocks.0.self_attn.norm_q", "blocks.0.norm3"):
        tensors[f"{norm}.diff"] = torch.randn(shapes[f"{norm}.weight"], generator=generator) * 0.5
    return {f"diffusion_model.{name}": value for name, value in tensors.items()}


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_comfyuis_layers_give_bit_for_bit_what_pytorchs_give(differences: dict[str, float], dtype: str) -> None:
    assert differences[dtype] == 0.0


def test_comfyuis_attention_is_attention(differences: dict[str, float]) -> None:
    assert differences["attention"] < 1e-5


@pytest.mark.parametrize("room", [0, 1, 8_000_000])
def test_a_lora_acts_wholly_however_much_of_the_network_is_on_the_device(differences: dict[str, float], room: int) -> None:
    assert differences["lora changes it by"] > 0.1
    assert differences[f"lora, {room} bytes"] < 1e-4


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_8_bits_stay_so_and_give_what_they_stand_for(differences: dict[str, float], kind: str) -> None:
    assert differences[f"{kind}, plain"] < 1e-4, "in float32, where nothing is rounded"
    assert differences[f"{kind}, lora"] < 1e-3, "the core keeps the LoRA of such weights in bfloat16"
    assert differences[f"{kind}, bytes"] < 0.5
