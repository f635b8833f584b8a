"""Runs in ComfyUI's own Python, started by ``test_comfyui_layers.py``: the demo network on ComfyUI's layers, patcher and LoRA.

    cd ComfyUI; python .../tests/e2e/comfyui_layers.py PACK LORA QUANTISED...

Answers with a line of JSON: the largest difference from the same network on PyTorch's layers, by what was compared.
"""

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

PACK, LORA, QUANTISED = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
sys.argv = ["main.py", "--cpu"]
sys.path.insert(0, str(Path.cwd()))
options: Any = importlib.import_module("comfy.options")
options.enable_args_parsing()

import torch  # noqa: E402  (ComfyUI wants its options read before anything that uses torch)
from safetensors.torch import load_file  # noqa: E402

STRENGTH = 0.7
PARTLY = (0, 1, 8_000_000)
"""bytes that the network may take on the device; 0 = all"""


def import_pack() -> None:
    """The pack under the name "pack", as ComfyUI imports it."""
    for name in ("nodes", "server"):
        importlib.import_module(name)
    spec = importlib.util.spec_from_file_location("pack", PACK / "__init__.py", submodule_search_locations=[str(PACK)])
    assert spec and spec.loader
    sys.modules["pack"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["pack"])


def part(name: str) -> Any:
    """A module of the pack."""
    return importlib.import_module(f"pack.{name}")


def velocity(network: Any, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """What the network makes of a fixed input."""
    latent = torch.randn(1, 36, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    text = torch.zeros(1, network.config.text_length, network.config.text_dim, dtype=dtype)
    with torch.inference_mode():
        return network(latent.to(dtype), torch.tensor([500.0]), text).float()


def load(dtype: torch.dtype = torch.float32, path: str | None = None, **layers: Any) -> Any:
    """The demo network, or one from a file."""
    path = path or part("wanmove_core.demo.assets").DIT
    return part("wanmove_core.loading.checkpoint").load_dit(path, "cpu", dtype, **layers).model


def apart(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference."""
    return float((one - other).abs().max())


def patched_by_hand() -> torch.Tensor:
    """The LoRA added to the weights without any of ComfyUI."""
    network, lora = load(), load_file(LORA)
    weights = dict(network.named_parameters())
    for name, value in lora.items():
        layer, _, kind = name.removeprefix("diffusion_model.").rpartition(".")
        if kind in ("diff", "diff_b"):
            target = weights[f"{layer}.{'weight' if kind == 'diff' else 'bias'}"]
            target.data = target.data + STRENGTH * value
        elif name.endswith("lora_up.weight"):
            layer = layer.removesuffix(".lora_up")
            down = lora[f"diffusion_model.{layer}.lora_down.weight"]
            weights[f"{layer}.weight"].data = weights[f"{layer}.weight"].data + STRENGTH * value @ down
    return velocity(network)


def managed(room: int, path: str | None = None, lora: bool = False) -> tuple[torch.Tensor, Any]:
    """What the network makes under ComfyUI's management, loaded as far as ``room`` allows; and the network."""
    network = load(path=path, ops=part("nodes.hosted_layers").HostedOps)
    patcher = part("nodes.comfy_host").manage_dit(network)
    if lora:
        part("nodes.lora").add_lora(patcher, LORA, STRENGTH, part("nodes.comfy_host").ComfyHost())
    with torch.inference_mode():
        patcher.patch_model(torch.device("cpu"), lowvram_model_memory=room)
    return velocity(network), network


def quantised() -> dict[str, float]:
    """Files of 8 bits and GGUF on ComfyUI's layers against the core's own, which are exact; with and without a LoRA."""
    found: dict[str, float] = {}
    apply_loras, read_lora = part("wanmove_core.loading.lora_applying").apply_loras, part("wanmove_core.loading.lora").read_lora
    for path in QUANTISED:
        kind, network = Path(path).stem, load(path=path)
        found[f"{kind}, plain"] = max(apart(managed(room, path)[0], velocity(network)) for room in PARTLY)
        apply_loras(network, [(read_lora(LORA, network), STRENGTH)], how="side")
        found[f"{kind}, lora"] = max(apart(managed(room, path, lora=True)[0], velocity(network)) for room in PARTLY)
        hosted = managed(0, path)[1]
        held = sum(value.nbytes for value in (*hosted.parameters(), *hosted.buffers()))
        found[f"{kind}, bytes"] = held / sum(value.nbytes for value in load().parameters())
    return found


def compare() -> dict[str, float]:
    """Everything, by name."""
    host, ops = part("nodes.comfy_host"), part("nodes.hosted_layers").HostedOps
    generator = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn(1, length, 4, 64, generator=generator) for length in (50, 70, 70))
    found = {"attention": apart(host.comfy_attention(q, k, v), part("wanmove_core.models.attention").sdpa(q, k, v))}
    for dtype in (torch.float32, torch.bfloat16):
        found[str(dtype)] = apart(velocity(load(dtype, ops=ops), dtype), velocity(load(dtype), dtype))
    by_hand = patched_by_hand()
    found["lora changes it by"] = apart(by_hand, velocity(load()))
    found |= {f"lora, {room} bytes": apart(managed(room, lora=True)[0], by_hand) for room in PARTLY}
    return found | quantised()


if __name__ == "__main__":
    import_pack()
    with torch.inference_mode():  # as ComfyUI runs nodes
        sys.stdout.write(f"\n{json.dumps(compare())}\n")
