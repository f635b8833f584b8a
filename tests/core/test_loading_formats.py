"""Containers and layouts: whatever a model is published in, the same network comes out, bit for bit."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.core.checkpoint_files import TINY_VAE, tiny_vae
from tests.core.format_files import (
    ONE_HEAD,
    State,
    as_diffusers,
    one_head_dit,
    renamed,
    state,
    velocity,
    write_gguf,
    write_json,
    write_shards,
)
from wanmove_core.errors import CheckpointError
from wanmove_core.loading import describe_checkpoint, load_dit, load_vae
from wanmove_core.loading.model_folder import ExpertPaths, expert_of, find_experts
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.models.vae22 import VAE22Config, WanVAE22
from wanmove_core.variants import find_variant


def pth(folder: Path, tensors: State) -> Path:
    torch.save(tensors, folder / "wan.pth")
    return folder / "wan.pth"


def safetensors(folder: Path, tensors: State, prefix: str = "") -> Path:
    save_file({prefix + name: value for name, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
    return folder / "model.safetensors"


def folder_of_one(folder: Path, tensors: State) -> Path:
    return safetensors(folder, tensors).parent


def shard(folder: Path, tensors: State) -> Path:
    return sorted(write_shards(folder, tensors).parent.glob("*.safetensors"))[1]


def plain_gguf(folder: Path, tensors: State) -> Path:
    return write_gguf(folder / "wan.gguf", tensors, {})


WRITERS: dict[str, Callable[[Path, State], Path]] = {
    "original .pth": pth,
    "one safetensors file": safetensors,
    "ComfyUI repackaged": lambda folder, tensors: safetensors(folder, tensors, "model.diffusion_model."),
    "Kijai's prefix": lambda folder, tensors: safetensors(folder, tensors, "diffusion_model."),
    "a folder with one file": folder_of_one,
    "the folder of a sharded model": lambda folder, tensors: write_shards(folder, tensors).parent,
    "the index of a sharded model": write_shards,
    "one file of a sharded model": shard,
    "diffusers, one file": lambda folder, tensors: safetensors(folder, as_diffusers(tensors)),
    "diffusers, folder of a pipeline": lambda folder, tensors: write_shards(
        folder / "transformer", as_diffusers(tensors), 2
    ).parents[1],
    "GGUF, float32": plain_gguf,
}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("layout", WRITERS)
def test_the_same_network_comes_out_of_every_layout(tmp_path: Path, layout: str, dtype: torch.dtype):
    loaded = load_dit(WRITERS[layout](tmp_path, state(dtype)), dtype=dtype)
    expected = state(dtype)
    assert (loaded.config, loaded.variant, loaded.dtype) == (ONE_HEAD, find_variant("wan-move-14b"), dtype)
    found = loaded.model.state_dict()
    assert list(found) == list(one_head_dit().state_dict())
    assert all(torch.equal(found[name].to(dtype), expected[name]) for name in expected)
    if dtype == torch.float32:  # copied, as MKL's last bit depends on where in memory a mapped weight lies
        assert torch.equal(velocity(copy.deepcopy(loaded.model)), velocity(one_head_dit()))


FAMILIES = {
    "t2v-14b": DiTConfig(dim=128, ffn_dim=64, layers=1, in_channels=16, text_dim=32, freq_dim=32),
    "i2v-a14b": DiTConfig(dim=128, ffn_dim=64, layers=1, text_dim=32, freq_dim=32),
    "flf2v-14b": DiTConfig(dim=128, ffn_dim=64, layers=1, image_tokens=514, image_dim=32, text_dim=32, freq_dim=32),
    "ti2v-5b": DiTConfig(dim=128, ffn_dim=64, layers=1, in_channels=48, out_channels=48, text_dim=32, freq_dim=32),
}


@pytest.mark.parametrize("diffusers", [False, True])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_told_in_both_layouts(tmp_path: Path, name: str, diffusers: bool):
    expected = WanDiT(FAMILIES[name]).state_dict()
    tensors = dict(expected)
    if diffusers:
        tensors = as_diffusers(tensors)
        tensors = {
            key.replace("img_emb.emb_pos", "condition_embedder.image_embedder.pos_embed"): value
            for key, value in tensors.items()
        }
    loaded = load_dit(safetensors(tmp_path, tensors))
    assert (loaded.config, loaded.variant) == (FAMILIES[name], find_variant(name))
    assert all(torch.equal(value, expected[key]) for key, value in loaded.model.state_dict().items())


@pytest.mark.parametrize("stated", [
    {"_class_name": "WanModel", "dim": 24, "num_heads": 2, "num_layers": 1, "eps": 1e-5},
    {"_class_name": "WanTransformer3DModel", "num_attention_heads": 2, "attention_head_dim": 12, "num_layers": 1, "eps": 1e-5},
])  # fmt: skip
def test_config_json_says_what_shapes_do_not(tmp_path: Path, stated: dict[str, object]):
    config = DiTConfig(dim=24, ffn_dim=32, layers=1, head_dim=12, freq_dim=8, text_dim=8, eps=1e-5)
    write_shards(tmp_path, WanDiT(config).state_dict())
    with pytest.raises(CheckpointError, match=r"config\.json beside it"):
        load_dit(tmp_path)
    write_json(tmp_path / "config.json", {**stated, "num_layers": 7})
    with pytest.raises(CheckpointError, match="width 24"):
        load_dit(tmp_path)
    write_json(tmp_path / "config.json", stated)
    assert load_dit(tmp_path).config == config


DIFFUSERS_VAE21 = (
    ("middle.0.", "mid_block.resnets.0."), ("middle.1.", "mid_block.attentions.0."), ("middle.2.", "mid_block.resnets.1."),
    ("encoder.downsamples", "encoder.down_blocks"),
    *((f"decoder.upsamples.{stage * 3 + 2}.", f"decoder.up_blocks.{stage}.upsamplers.0.") for stage in range(3)),
    *((f"decoder.upsamples.{stage * 3 + block}.", f"decoder.up_blocks.{stage}.resnets.{block}.")
      for stage in (3, 2, 1, 0) for block in (0, 1)),
    ("residual.0", "norm1"), ("residual.2", "conv1"), ("residual.3", "norm2"), ("residual.6", "conv2"),
    ("shortcut", "conv_shortcut"),
    ("encoder.conv1", "encoder.conv_in"), ("decoder.conv1", "decoder.conv_in"), ("head.0", "norm_out"), ("head.2", "conv_out"),
)  # fmt: skip


def vae21_as_diffusers() -> State:
    tensors = {name: value.contiguous() for name, value in tiny_vae().state_dict().items()}
    names = renamed(tensors, DIFFUSERS_VAE21)
    top = {"conv1.": "quant_conv.", "conv2.": "post_quant_conv."}
    names = {name: top.get(new[:6], new[:6]) + new[6:] for name, new in names.items()}
    return {names[name]: value for name, value in tensors.items()}


@pytest.mark.parametrize("where", ["file", "vae folder", "pipeline folder"])
def test_wan21_vae_comes_out_of_diffusers_layout(tmp_path: Path, where: str):
    (tmp_path / "vae").mkdir()
    file = safetensors(tmp_path / "vae", vae21_as_diffusers())
    vae = load_vae({"file": file, "vae folder": file.parent, "pipeline folder": tmp_path}[where])
    assert isinstance(vae, WanVAE21) and vae.config == TINY_VAE
    assert all(torch.equal(value, vae.state_dict()[name]) for name, value in tiny_vae().state_dict().items())


@pytest.mark.parametrize("prefix", ["", "vae.", "first_stage_model."])
def test_wan22_vae_is_told_from_wan21s(tmp_path: Path, prefix: str):
    config = VAE22Config(dim=4, decoder_dim=8, residual_blocks=1)
    torch.manual_seed(4)
    expected = WanVAE22(config).state_dict()
    vae = load_vae(safetensors(tmp_path, {name: value.contiguous() for name, value in expected.items()}, prefix))
    assert isinstance(vae, WanVAE22) and vae.config == config and not vae.training
    assert all(torch.equal(value, expected[name]) for name, value in vae.state_dict().items())
    assert describe_checkpoint(tmp_path).family == "Wan 2.2 VAE of its own sizes"


def test_a_release_folder_gives_each_its_own(tmp_path: Path):
    write_shards(tmp_path, state())
    torch.save(tiny_vae().state_dict(), tmp_path / "any name.pth")
    save_file({"blocks.0.ffn.gate.0.weight": torch.zeros(1)}, tmp_path / "t5.safetensors")
    assert load_dit(tmp_path).config == ONE_HEAD
    assert load_vae(tmp_path).config == TINY_VAE


@pytest.mark.parametrize("names", [("high_noise_model", "low_noise_model"), ("transformer", "transformer_2")])
def test_two_experts_are_found_in_their_folders(tmp_path: Path, names: tuple[str, str]):
    write_json(tmp_path / "model_index.json", {"boundary_ratio": 0.9})
    high, low = (write_shards(tmp_path / name, state()) for name in names)
    assert find_experts(tmp_path) == ExpertPaths(high, low, 0.9)
    with pytest.raises(CheckpointError, match="holds the two experts") as caught:
        load_dit(tmp_path)
    assert str(high) in str(caught.value) and str(low) in str(caught.value)
    found = describe_checkpoint(tmp_path)
    assert found.path == high and found.notes[-1] == (
        f"This is the high-noise expert; the low-noise one is {low}; the folder states the boundary 0.9."
    )


def test_two_experts_are_found_by_the_names_of_their_files(tmp_path: Path):
    for name in ("wan2.2_i2v_high_noise_14B_fp16", "wan2.2_i2v_low_noise_14B_fp16"):
        save_file(state(), tmp_path / f"{name}.safetensors")
    found = find_experts(tmp_path)
    assert found and "high" in found.high.name and "low" in found.low.name and found.boundary is None
    assert find_experts(found.high) is None
    assert find_experts(tmp_path / "absent") is None


@pytest.mark.parametrize(("path", "expert"), [
    ("wan2.2_i2v_high_noise_14B_fp16.safetensors", "high"), ("Wan2_2-I2V-A14B-LOW_fp8_e4m3fn_scaled_KJ.safetensors", "low"),
    ("Wan2.2-I2V-A14B-HighNoise-Q4_K_M.gguf", "high"), ("low_noise_model/model.safetensors.index.json", "low"),
    ("slow_flow.safetensors", None), ("high_and_low.safetensors", None),
])  # fmt: skip
def test_experts_are_told_by_words_in_the_name(path: str, expert: str | None):
    assert expert_of(path) == expert


@pytest.mark.parametrize("boundary", ["0.9", 1.5, [1]])
def test_a_boundary_that_cannot_be_is_refused(tmp_path: Path, boundary: object):
    write_json(tmp_path / "model_index.json", {"boundary_ratio": boundary})
    for name in ("transformer", "transformer_2"):
        write_shards(tmp_path / name, state())
    with pytest.raises(CheckpointError, match="a number between 0 and 1 is needed"):
        find_experts(tmp_path)


def test_a_folder_with_no_model_or_several_is_named(tmp_path: Path):
    with pytest.raises(CheckpointError, match=r"one Wan diffusion model is needed, and there are none; give the path"):
        load_dit(tmp_path)
    for name in ("a.safetensors", "b.safetensors"):
        save_file(state(), tmp_path / name)
    with pytest.raises(CheckpointError, match=r"there are 2 of them \(a\.safetensors, b\.safetensors\)"):
        load_dit(tmp_path)


def test_weights_in_the_files_own_precision_stay_mapped(tmp_path: Path):
    """Nothing but what is cast is ours: of a bfloat16 file in bfloat16, not a byte."""
    path = safetensors(tmp_path, state(torch.bfloat16))
    with torch.no_grad():
        loaded = load_dit(path)
        weight = loaded.model.get_parameter("blocks.0.ffn.0.weight")
        assert weight.untyped_storage().nbytes() == weight.numel() * 2
    maps = Path("/proc/self/maps")
    if maps.exists():
        assert str(path) in maps.read_text()


def test_a_sharded_model_is_described_with_its_format(tmp_path: Path):
    found = describe_checkpoint(shard(tmp_path, state(torch.bfloat16)))
    assert found.format == "3 files of sharded safetensors in Wan's own layout"
    assert found.bytes == sum(file.stat().st_size for file in tmp_path.glob("*.safetensors"))
    assert (found.precision, found.loadable) == ("bfloat16", True)
    (tmp_path / "x").mkdir()
    other = describe_checkpoint(safetensors(tmp_path / "x", as_diffusers(state()), "model.diffusion_model."))
    assert other.format == "safetensors in diffusers layout behind the prefix model.diffusion_model."


def index_with(folder: Path, **changes: object) -> Path:
    index = write_shards(folder, state(torch.bfloat16))
    index.write_text(json.dumps({**json.loads(index.read_text()), **changes}))
    return index


OUTSIDE = ["../a.safetensors", "/etc/passwd", "..", "", "a/b.safetensors", "C:\\a.safetensors", "a\x00b"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_an_index_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str):
    with pytest.raises(CheckpointError, match="only files beside it are read"):
        load_dit(index_with(tmp_path, weight_map={"head.modulation": name}))


@pytest.mark.parametrize(("weight_map", "message"), [
    ({str(index): f"{index}.safetensors" for index in range(257)}, "it names 257 files, 1 to 256 are expected"),
    ({str(index): "a.safetensors" for index in range(20_001)}, "it names 20001 tensors, 1 to 20000 are expected"),
    ({"a": 3}, "does not give a file's name"), ({}, "it names 0 tensors"), (None, 'it has no "weight_map"'),
    ({"head.modulation": "b.safetensors"}, r"of which 1 are missing: 'b\.safetensors'; download"),
    ({"x": "diffusion_pytorch_model-00001-of-00003.safetensors"}, r"it lacks 1 of its tensors such as 'x'"),
])  # fmt: skip
def test_an_index_that_cannot_be_is_refused(tmp_path: Path, weight_map: object, message: str):
    with pytest.raises(CheckpointError, match=message):
        load_dit(index_with(tmp_path, weight_map=weight_map))


def test_missing_files_of_a_sharded_model_are_named(tmp_path: Path):
    write_shards(tmp_path, state())
    first, second, third = sorted(tmp_path.glob("*.safetensors"))
    second.unlink()
    third.unlink()
    for path in (tmp_path, first):
        with pytest.raises(CheckpointError, match=f"of 3 files, of which 2 are missing: '{second.name}', '{third.name}'"):
            load_dit(path)


def test_a_damaged_file_of_a_sharded_model_is_named(tmp_path: Path):
    index = write_shards(tmp_path, state())
    broken = sorted(tmp_path.glob("*.safetensors"))[2]
    broken.write_bytes(broken.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match=f"{broken.name} is truncated"):
        load_dit(index)
