"""Models that read prompts, by encoders chosen in the loader or by what is connected. The network is tiny."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from tests.comfy.engine_nodes import Nodes, comfy
from wanmove_core.loading import state_config
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.variants import WAN_MOVE

CONFIG = DiTConfig(
    dim=32, ffn_dim=48, layers=1, head_dim=16, freq_dim=16, text_dim=8, text_length=12, image_tokens=257, image_dim=6
)
VAE_CONFIG = VAEConfig(4, residual_blocks=1)
FILES = {"diffusion_model": "tiny.safetensors", "vae": "tiny_vae.safetensors"}
ENCODERS = {"text_encoder": "umt5.safetensors", "clip_vision": "clip.safetensors"}


@pytest.fixture
def nodes(pack: ModuleType, tmp_path: Path) -> Nodes:
    """The nodes, with the files of a tiny model in ComfyUI's folders."""
    for folder in ("diffusion_models", "vae", "text_encoders", "clip_vision"):
        (tmp_path / "models" / folder).mkdir(parents=True)
    torch.manual_seed(0)
    dit, vae = WanDiT(CONFIG), WanVAE21(VAE_CONFIG)
    torch.nn.init.normal_(dit.head.head.weight)
    models = tmp_path / "models"
    save_file(dit.state_dict(), models / "diffusion_models" / FILES["diffusion_model"], state_config(WAN_MOVE, CONFIG))
    save_file(vae.state_dict(), models / "vae" / FILES["vae"], state_config(None, VAE_CONFIG))
    for folder, name in (("text_encoders", "umt5.safetensors"), ("clip_vision", "clip.safetensors")):
        save_file({"x": torch.zeros(1)}, models / folder / name)
    return Nodes(pack)


def conditioning(value: float = 1.0, tokens: int = 3, width: int = 8) -> list[Any]:
    """A CONDITIONING of one prompt."""
    return [[torch.full((1, tokens, width), value), {"pooled_output": None}]]


def seen() -> Any:
    """What CLIP Vision Encode gives."""
    module = comfy("comfy.clip_vision")
    return module.Output(torch.zeros(1, module.TOKENS, module.WIDTH))


def sample(nodes: Nodes, loaded: dict[str, Any] | None = None, **given: Any) -> torch.Tensor:
    """The frames of a one-step run."""
    (model,) = nodes.run("LoadWanMove", **FILES, **(loaded or {}))
    return nodes.run("WanMoveSampler", guide=nodes.guide(model=model), steps=1, cfg=2.0, **given)[0]


def test_the_files_in_comfyuis_folders_are_offered(nodes: Nodes) -> None:
    inputs = {slot.id: slot for slot in nodes.named["LoadWanMove"].define_schema().inputs}
    assert inputs["diffusion_model"].said["options"] == ["embedded demo model", "tiny.safetensors"]
    assert inputs["text_encoder"].said["options"] == ["none", "umt5.safetensors"]


def test_conditioning_from_comfyuis_own_nodes_is_read(nodes: Nodes) -> None:
    cat, dog = (sample(nodes, positive=conditioning(value), clip_vision_output=seen()) for value in (1.0, -1.0))
    assert not torch.equal(cat, dog)
    calm = sample(nodes, positive=conditioning(), negative=conditioning(3.0), clip_vision_output=seen())
    assert not torch.equal(cat, calm)


def test_prompts_are_encoded_by_the_chosen_encoders_and_kept(nodes: Nodes) -> None:
    encoded = comfy("comfy.sd").encoded
    encoded.clear()
    first = sample(nodes, ENCODERS, prompt="a cat jumps", negative_prompt="blurred")
    assert encoded == ["a cat jumps", "blurred"]
    again = sample(nodes, ENCODERS, prompt="a cat jumps", negative_prompt="blurred")
    assert encoded == ["a cat jumps", "blurred"] and torch.equal(first, again)
    assert not torch.equal(first, sample(nodes, ENCODERS, prompt="a very large dog sleeps", negative_prompt="blurred"))


def test_a_prompt_that_names_a_file_is_encoded_each_time(nodes: Nodes) -> None:
    comfy("comfy.sd").encoded.clear()
    for _ in range(2):
        sample(nodes, ENCODERS, prompt="a cat embedding:style", negative_prompt="blurred")
    assert comfy("comfy.sd").encoded == ["a cat embedding:style", "blurred", "a cat embedding:style"]


def test_the_image_encoder_sees_the_whole_picture_once(nodes: Nodes) -> None:
    comfy("comfy.clip_vision").cropped.clear()
    first = sample(nodes, ENCODERS, prompt="a cat")
    assert torch.equal(sample(nodes, ENCODERS, prompt="a cat"), first)
    assert comfy("comfy.clip_vision").cropped == [False]


def test_what_is_connected_goes_before_what_is_written(nodes: Nodes) -> None:
    comfy("comfy.sd").encoded.clear()
    sample(nodes, ENCODERS, prompt="unheard", positive=conditioning(), negative=conditioning(0.0), clip_vision_output=seen())
    assert comfy("comfy.sd").encoded == []


@pytest.mark.parametrize(
    ("loaded", "given", "said"),
    [
        ({}, {"prompt": "a cat"}, "reads a prompt, and there is no text encoder. Choose umt5_xxl in Load Wan-Move, or"),
        (
            {},
            {"positive": conditioning()},
            "through an image encoder, and there is none. Choose clip_vision_h in Load Wan-Move",
        ),
        (
            {},
            {"positive": conditioning() * 2},
            r"The positive conditioning holds \[\[1, 3, 8\], \[1, 3, 8\]\]; one encoded prompt",
        ),
        (ENCODERS, {"positive": conditioning(width=4)}, r"The encoded prompt has the shape \[3, 4\]; .* at most 12 tokens"),
        (ENCODERS, {"positive": conditioning(tokens=13)}, r"The encoded prompt has the shape \[13, 8\]"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_named_with_the_way_out(
    nodes: Nodes, loaded: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    with pytest.raises(Exception, match=said):
        sample(nodes, loaded, **given)


def test_an_image_encoder_that_comfyui_does_not_know_is_refused(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comfy("comfy.clip_vision"), "load", lambda path: None)
    with pytest.raises(Exception, match="is no image encoder that ComfyUI knows; use clip_vision_h"):
        sample(nodes, ENCODERS)


@pytest.mark.parametrize(
    ("precision", "dtype"),
    [("auto", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16), ("fp32", torch.float32)],
)
def test_the_precision_is_that_of_the_file_or_as_chosen_and_the_vae_stays_wide(
    nodes: Nodes, precision: str, dtype: torch.dtype
) -> None:
    (model,) = nodes.run("LoadWanMove", **FILES, precision=precision)
    assert model.models.dtype == dtype
    assert model.models.dit.blocks[0].ffn[0].weight.dtype == dtype
    assert model.models.vae.conv1.weight.dtype == torch.float32
