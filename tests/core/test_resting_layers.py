"""The layers that keys and values of the prompts are made with: used once, not brought with the network, LoRA or not."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from tests.core.lora_files import SPELLINGS, pair_tensors, spelled, write
from tests.core.tiny_pipeline import CONFIG, make_models, make_request, run, sampling
from wanmove_core.generation.memory_choice import context_layers
from wanmove_core.loading.lora import read_lora
from wanmove_core.loading.lora_applying import apply_loras
from wanmove_core.loading.lora_beside import AppliedLoras
from wanmove_core.models.dit import WanDiT
from wanmove_core.pipeline import Models, Prompt, Sampling
from wanmove_core.residency.one_on_device import OneOnDevice
from wanmove_core.residency.sizes import lay_out, tensors_of
from wanmove_core.sampling.guidance_scale import GuidanceScale

SIZES = replace(CONFIG, layers=3, image_tokens=5)
LAYERS = tuple(f"blocks.{place}.cross_attn.{name}" for place in (0, 2) for name in ("q", "k", "v", "k_img", "v_img"))
WISHES = {
    "one guidance scale": sampling(scale=GuidanceScale(3.0)),
    "a LoRA that comes on the way": sampling(steps=4, solver="euler", scale=GuidanceScale(3.0), undistilled=2),
}


class Forgetful(WanDiT):
    """Makes keys and values anew in each step, as the released code does."""

    def prepare_contexts(self, texts: Sequence[torch.Tensor], image: torch.Tensor | None = None, around: Any = None) -> Any:
        return [(text, image) for text in texts]

    def forward(self, x: torch.Tensor, timestep: torch.Tensor, text: Any, image: torch.Tensor | None = None) -> torch.Tensor:
        return super().forward(x, timestep, *text)


def models_of(network: WanDiT, folder: Path) -> tuple[Models, AppliedLoras]:
    tensors = pair_tensors(network, (*LAYERS, "text_embedding.0", "img_emb.proj.1"), 3)
    lora = read_lora(write(folder, spelled(tensors, SPELLINGS["ComfyUI, lora_down"]), "lora.safetensors"), network)
    applied = apply_loras(network, [(lora, 0.7)], "side")

    def switch(on: bool) -> None:
        applied.enabled = on

    return replace(make_models(), dit=network, set_distilled=switch), applied


def make_network(kind: type[WanDiT] = WanDiT) -> WanDiT:
    torch.manual_seed(8)
    return kind(SIZES).eval().requires_grad_(False)


def sizes(network: nn.Module) -> tuple[int, int]:
    """Bytes of all that the network holds with its LoRA, and of the layers that rest."""
    return lay_out(tensors_of(network))[1], sum(lay_out(tensors_of(layer))[1] for layer in context_layers(network))


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_without_these_layers_a_clip_is_the_same_to_the_last_bit_and_so_many_bytes_stay_away(tmp_path: Path, wish: Sampling):
    prompt = Prompt(torch.ones(2, 8), torch.full((1, 8), 0.5), torch.linspace(0, 1, 30).view(5, 6))
    request = make_request(prompt=prompt, sampling=wish)
    expected = run(models_of(make_network(Forgetful), tmp_path)[0], request)
    network = make_network()
    models, applied = models_of(network, tmp_path)
    mover = OneOnDevice([network], "cpu", apart=context_layers)
    seen: list[int] = []
    network.register_forward_pre_hook(lambda *given: seen.append(mover.weight_bytes))
    made = run(replace(models, bring=mover, around=mover.around), request)
    assert (made == expected).all()
    whole, resting = sizes(network)
    assert set(seen) == {whole - resting} and resting > whole / 4
    applied.enabled = False
    assert not (run(models, replace(request, sampling=WISHES["one guidance scale"])) == expected).all()  # it had changed them
