"""All files of small models of each family, as their authors publish them and as ComfyUI's repackaged files are."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from tests.core import encoder_files
from tests.core.encoder_files import TEXT, as_transformers, text_state, with_tokenizer
from tests.core.format_files import write_shards
from tests.core.tiny_tokenizer import tiny_sentencepiece
from wanmove_core.models.clip_vision import ClipVisionConfig
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.models.vae22 import VAE22Config, WanVAE22

State = dict[str, torch.Tensor]

PICTURE = ClipVisionConfig(80, 96, 1, 3, 224, 14)
"""257 tokens, as the released tower gives; two layers are used of three"""
IMAGE = {"image_tokens": 257, "image_dim": 80}
CONFIGS = {
    "wan-move": (36, 16, 257),
    "flf2v": (36, 16, 514),
    "i2v-a14b": (36, 16, 0),
    "t2v": (16, 16, 0),
    "ti2v-5b": (48, 48, 0),
}
"""channels in, out and image tokens; width 128 with one head, so that no file has to state it"""


@dataclass(frozen=True)
class FamilyFiles:
    """The options with which ``wanmove generate`` is given a model."""

    model: list[str]
    encoders: list[str]

    @property
    def options(self) -> list[str]:
        return [*self.model, *self.encoders]


def config(family: str) -> DiTConfig:
    channels, out, tokens = CONFIGS[family]
    return DiTConfig(
        dim=128, ffn_dim=32, layers=1, in_channels=channels, out_channels=out, freq_dim=32, text_dim=TEXT.dim,
        image_tokens=tokens, image_dim=80,
    )  # fmt: skip


@functools.cache
def dit_state(family: str, seed: int = 0) -> State:
    torch.manual_seed(seed)
    network = WanDiT(config(family))
    if network.config.image_tokens > 257:
        torch.nn.init.normal_(network.img_emb.emb_pos)
    return {name: value.detach() for name, value in network.state_dict().items()}


@functools.cache
def vae_state(family: str) -> State:
    torch.manual_seed(1)
    wide = family == "ti2v-5b"
    network = WanVAE22(VAE22Config(4, 8, residual_blocks=1)) if wide else WanVAE21(VAEConfig(4, residual_blocks=1))
    return {name: value.detach() for name, value in network.state_dict().items()}


def picture_files(folder: Path, original: bool) -> Path:
    """CLIP's picture tower, large enough for 257 tokens."""
    made, encoder_files.PICTURE = encoder_files.PICTURE, PICTURE  # type: ignore[misc]
    encoder_files.picture_network.cache_clear()
    try:
        if original:
            path = folder / "models_clip_open-clip-xlm-roberta-large-vit-huge-14.pth"
            torch.save(encoder_files.picture_state(), path)
        else:
            path = folder / "clip_vision_h.safetensors"
            save_file({name: value.contiguous() for name, value in encoder_files.picture_as_transformers().items()}, path)
    finally:
        encoder_files.PICTURE = made  # type: ignore[misc]
        encoder_files.picture_network.cache_clear()
    return path


def write_original(folder: Path, family: str) -> FamilyFiles:
    """A folder as on the authors' pages: shards with config.json, .pth for all else, the tokenizer in a folder of its own."""
    folder.mkdir()
    names = {"high_noise_model": 0, "low_noise_model": 7} if family.endswith("a14b") else {".": 0}
    for name, seed in names.items():
        write_shards(folder / name, dit_state(family, seed), 2)
        about = {"_class_name": "WanModel", "dim": 128, "num_heads": 1, "num_layers": 1, "eps": 1e-6}
        (folder / name / "config.json").write_text(json.dumps(about))
    vae, text = folder / "Wan_VAE.pth", folder / "models_t5_umt5-xxl-enc-bf16.pth"
    torch.save(vae_state(family), vae)
    torch.save(text_state(), text)
    (folder / "google" / "umt5-xxl").mkdir(parents=True)
    (folder / "google" / "umt5-xxl" / "spiece.model").write_bytes(tiny_sentencepiece())
    encoders = ["--text-encoder", str(text)]
    if config(family).image_tokens:
        encoders += ["--image-encoder", str(picture_files(folder, original=True))]
    model = folder if len(names) == 2 else folder / "diffusion_pytorch_model.safetensors.index.json"
    return FamilyFiles(["--model", str(model), "--vae", str(vae)], encoders)


def write_repackaged(folder: Path, family: str) -> FamilyFiles:
    """One safetensors file each; the text encoder with its tokenizer in it."""
    folder.mkdir()
    save_file(dit_state(family), folder / "dit.safetensors")
    save_file(vae_state(family), folder / "vae.safetensors")
    save_file(with_tokenizer(as_transformers(text_state())), folder / "umt5_xxl.safetensors")
    model = ["--model", str(folder / "dit.safetensors"), "--vae", str(folder / "vae.safetensors")]
    if family.endswith("a14b"):
        save_file(dit_state(family, 7), folder / "low.safetensors")
        model += ["--low-noise", str(folder / "low.safetensors")]
    encoders = ["--text-encoder", str(folder / "umt5_xxl.safetensors")]
    if config(family).image_tokens:
        encoders += ["--image-encoder", str(picture_files(folder, original=False))]
    return FamilyFiles(model, encoders)
