"""Files of every known layout become networks or are refused by name; what fits is checked before anything is built."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from tests.core.checkpoint_files import (
    FLF2V_14B,
    I2V_14B,
    I2V_A14B,
    T2V_1_3B,
    T2V_14B,
    TI2V_5B,
    TINY,
    TINY_VAE,
    header_only,
    named,
    real_header,
    sparse_file,
    tiny_dit,
    tiny_vae,
)
from wanmove_core.errors import CheckpointError
from wanmove_core.loading import describe_checkpoint, load_dit, load_vae, state_config
from wanmove_core.loading.detect import detect
from wanmove_core.loading.tensor_file import TensorInfo
from wanmove_core.models.attention import sdpa
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.quantised import QuantisedLinear
from wanmove_core.models.vae21 import VAEConfig
from wanmove_core.variants import DEMO, VARIANTS, find_variant

State = dict[str, torch.Tensor]


def dit_file(folder: Path, state: State | None = None, prefix: str = "") -> Path:
    """The tiny network as safetensors that state their configuration."""
    tensors = {prefix + name: value.contiguous() for name, value in (state or tiny_dit().state_dict()).items()}
    save_file(tensors, folder / "dit.safetensors", state_config(DEMO, TINY))
    return folder / "dit.safetensors"


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = one.state_dict(), other.state_dict()
    return list(ours) == list(theirs) and all(torch.equal(ours[name], theirs[name]) for name in ours)


@pytest.mark.parametrize("prefix", ["", "model.diffusion_model.", "diffusion_model.", "module.", "model."])
def test_network_loads_as_it_was_saved_under_any_known_prefix(tmp_path: Path, prefix: str):
    loaded = load_dit(dit_file(tmp_path, prefix=prefix))
    assert same_weights(loaded.model, tiny_dit())
    assert (loaded.variant, loaded.config, loaded.dtype) == (DEMO, TINY, torch.float32)
    assert not loaded.model.training
    assert not any(weight.requires_grad for weight in loaded.model.parameters())


def test_other_tensors_beside_a_prefixed_network_are_left_alone(tmp_path: Path):
    state = {f"model.diffusion_model.{name}": value for name, value in tiny_dit().state_dict().items()}
    state["cond_stage_model.logit_scale"] = torch.ones(1)
    save_file(state, tmp_path / "all.safetensors", state_config(DEMO, TINY))
    assert same_weights(load_dit(tmp_path / "all.safetensors").model, tiny_dit())


@pytest.mark.parametrize("name", ["vae.safetensors", "vae.pth", "wrapped.pth", "prefixed.safetensors"])
def test_vae_sizes_are_read_from_shapes_in_either_format(tmp_path: Path, name: str):
    state = tiny_vae().state_dict()
    if name == "prefixed.safetensors":
        state = {f"first_stage_model.{key}": value for key, value in state.items()}
    if name.endswith(".pth"):
        torch.save({"state_dict": state} if name.startswith("wrapped") else state, tmp_path / name)
    else:
        save_file(state, tmp_path / name)
    vae = load_vae(tmp_path / name)
    assert vae.config == TINY_VAE
    assert same_weights(vae, tiny_vae())


def test_released_layout_of_a_network_of_two_heads_needs_no_metadata(tmp_path: Path):
    config = DiTConfig(dim=256, ffn_dim=64, layers=1, image_tokens=257, image_dim=16, text_dim=32, freq_dim=16)
    torch.save(WanDiT(config).state_dict(), tmp_path / "wan.pth")
    loaded = load_dit(tmp_path / "wan.pth")
    assert loaded.config == config
    assert loaded.variant.name == "wan-move-14b"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_precision_is_that_of_the_file_or_the_one_asked_for(tmp_path: Path, dtype: torch.dtype):
    path = dit_file(tmp_path, {name: value.to(dtype) for name, value in tiny_dit().state_dict().items()})
    assert load_dit(path).dtype == dtype
    weights = load_dit(path, dtype=torch.bfloat16).model.state_dict()
    kept_wide = {name for name, value in weights.items() if value.dtype == torch.float32}
    if dtype == torch.float32:
        assert {"head.modulation", "blocks.0.norm3.weight", "time_embedding.0.weight"} <= kept_wide
        assert "blocks.0.ffn.0.weight" not in kept_wide
    else:
        assert not kept_wide


def test_float8_weights_without_scales_are_widened_exactly(tmp_path: Path):
    state = tiny_dit().state_dict()
    narrow = {name: value.to(torch.float8_e4m3fn) if value.ndim > 1 else value for name, value in state.items()}
    loaded = load_dit(dit_file(tmp_path, narrow))
    assert loaded.dtype == torch.bfloat16
    layer = loaded.model.get_submodule("blocks.1.ffn.0")
    assert isinstance(layer, QuantisedLinear) and layer.weight.dtype == torch.float8_e4m3fn
    assert torch.equal(layer.dequantised(torch.bfloat16), narrow["blocks.1.ffn.0.weight"].to(torch.bfloat16))
    assert torch.equal(loaded.model.head.modulation, narrow["head.modulation"].to(torch.bfloat16))


def test_mixed_precision_network_runs(tmp_path: Path):
    loaded = load_dit(dit_file(tmp_path), dtype=torch.bfloat16)
    x = torch.randn(1, 36, 1, 4, 4)
    velocity = loaded.model(x.bfloat16(), torch.tensor([500.0]), torch.zeros(1, 2, 8))
    expected = tiny_dit()(x, torch.tensor([500.0]), torch.zeros(1, 2, 8))
    assert velocity.dtype == torch.bfloat16
    assert float((velocity.float() - expected).abs().max()) < 0.05 * float(expected.abs().max())


def test_layers_that_have_no_weights_before_they_are_filled_do_not_look_like_a_mismatch(tmp_path: Path):
    class Late(nn.Linear):  # as ComfyUI's layers where it moves weights by itself
        def __init__(self, ins: int, outs: int) -> None:
            super().__init__(ins, outs)
            del self.weight

        def _load_from_state_dict(self, state, prefix, *others):  # type: ignore[override]
            self.weight = nn.Parameter(state[f"{prefix}weight"], requires_grad=False)
            super()._load_from_state_dict(state, prefix, *others)

    class LateOps:
        Linear, Conv2d, Conv3d, LayerNorm = Late, nn.Conv2d, nn.Conv3d, nn.LayerNorm

    loaded, expected = load_dit(dit_file(tmp_path), ops=LateOps()).model.state_dict(), tiny_dit().state_dict()
    assert set(loaded) == set(expected) and all(torch.equal(loaded[name], expected[name]) for name in expected)


def test_ops_and_attention_reach_the_network(tmp_path: Path):
    class OwnLinear(nn.Linear):
        pass

    class OwnLayers:
        Linear, Conv2d, Conv3d, LayerNorm = OwnLinear, nn.Conv2d, nn.Conv3d, nn.LayerNorm

    calls: list[int] = []

    def counting(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        calls.append(k.shape[1])
        return sdpa(q, k, v)

    model = load_dit(dit_file(tmp_path), ops=OwnLayers(), attention=counting).model
    model(torch.zeros(1, 36, 1, 4, 4), torch.tensor([500.0]), torch.zeros(1, 3, 8))
    assert all(isinstance(layer, OwnLinear) for layer in model.modules() if isinstance(layer, nn.Linear))
    assert calls == [4, 3, 4, 3]


REAL = [
    (I2V_14B, "wan-move-14b", 1303, "16.395"),
    (T2V_14B, "t2v-14b", 1095, "14.288"),
    (T2V_1_3B, "t2v-1.3b", 825, "1.419"),
    (I2V_A14B, "i2v-a14b", 1095, "14.289"),
    (FLF2V_14B, "flf2v-14b", 1304, "16.396"),
    (TI2V_5B, "ti2v-5b", 825, "5.000"),
]


@pytest.mark.parametrize(("config", "name", "tensors", "billions"), REAL, ids=[row[1] for row in REAL])
def test_released_models_are_told_by_names_and_shapes(config: DiTConfig, name: str, tensors: int, billions: str):
    header = real_header(config)
    detected = detect(header_only(header))
    assert (detected.kind, detected.dit) == ("dit", config)
    assert detected.variant is find_variant(name)
    assert len(header) == tensors
    assert f"{sum(info.elements for info in header.values()) / 1e9:.3f}" == billions


def test_released_vae_is_told_by_names_and_shapes():
    header = real_header(VAEConfig())
    detected = detect(header_only(header))
    assert (detected.kind, detected.label, detected.vae) == ("vae21", "Wan 2.1 VAE", VAEConfig())
    assert f"{sum(info.elements for info in header.values()) / 1e6:.1f}" == "126.9"


def test_rows_say_where_tracks_work_and_why_not():
    taking = {row.name for row in VARIANTS if row.takes_tracks}
    assert taking == {"wan-move-14b", "i2v-14b", "i2v-a14b", "flf2v-14b", "demo"}
    assert all((row.start_image == "latent") == row.takes_tracks for row in VARIANTS)
    assert all(row.in_channels == row.latent_channels + 20 * (row.start_image == "latent") for row in VARIANTS)


def test_full_size_file_is_described_from_its_header(tmp_path: Path):
    path = sparse_file(tmp_path / "wan.safetensors", real_header(I2V_14B))
    start = time.monotonic()
    found = describe_checkpoint(path)
    assert time.monotonic() - start < 10
    assert (found.kind, found.precision, found.loadable, found.takes_tracks) == ("dit", "bfloat16", True, True)
    assert found.bytes > 32e9
    assert "cannot say which" in found.notes[0]
    assert [text.split(" (")[0] for text in found.missing] == [
        "Wan 2.1 VAE", "umT5-xxl text encoder", "CLIP ViT-H image encoder",
    ]  # fmt: skip
    sparse_file(tmp_path / "any name.safetensors", real_header(VAEConfig()))
    assert len(describe_checkpoint(path).missing) == 2


def test_description_names_what_tracks_cannot_guide_and_what_does_not_fit(tmp_path: Path):
    tensors = dict(real_header(T2V_1_3B))
    tensors["blocks.3.ffn.2.bias"] = TensorInfo("F32", (7,))
    found = describe_checkpoint(sparse_file(tmp_path / "a.safetensors", tensors))
    assert not found.takes_tracks
    assert "no condition latent" in found.notes[-1]
    assert found.precision == "bfloat16, float32 (4.9e-07 %)"
    assert found.problems == ("1 tensors have another shape: blocks.3.ffn.2.bias is (7,) instead of (1536,)",)


def test_valid_file_whose_header_length_looks_like_a_pickle_is_read(tmp_path: Path):
    """A safetensors file begins with its header's length; every 32nd begins with the byte of a pickle, 0x80."""
    for padding in range(600):
        save_file(tiny_dit().state_dict(), tmp_path / "x.safetensors", {**state_config(DEMO, TINY), "pad": " " * padding})
        if (tmp_path / "x.safetensors").read_bytes()[0] == 0x80:
            break
    assert same_weights(load_dit(tmp_path / "x.safetensors").model, tiny_dit())


FOREIGN = [
    ("blocks.0.self_attn.q.lora_down.weight", "a LoRA"),
    ("diffusion_model.blocks.0.diff_m", "a LoRA"),
    ("blocks.0.self_attn.q.weight_scale_2", "nvfp4"),
    ("blocks.0.self_attn.q.weight.absmax", "bitsandbytes"),
    ("blocks.0.self_attn.q.qweight", "GPTQ or AWQ"),
    ("blocks.0.self_attn.q.weight_scale_inv", "fp8 in blocks"),
    ("blocks.0.self_attn.q.weight._data", "quanto"),
    ("blocks.0.attn.to_q.wscales", "nunchaku"),
    ("model.diffusion_model.vace_patch_embedding.weight", "VACE"),
    ("casual_audio_encoder.encoder.final_linear.weight", "S2V"),
    ("face_adapter.fuser_blocks.0.k_norm.weight", "Animate"),
    ("ref_conv.weight", "Fun-Control"),
    ("diffusion_model.audio_proj.x.weight", "HuMo"),
    ("blocks.0.audio_cross_attn.q_linear.weight", "MultiTalk"),
    ("blocks.0.cam_encoder.weight", "ReCamMaster"),
    ("transformer.pose_patch_embedding.weight", "Animate"),
    ("double_blocks.0.img_attn.qkv.weight", "HunyuanVideo or Flux"),
    ("model.diffusion_model.input_blocks.0.0.weight", "Stable Diffusion"),
    ("blocks.0.ffn.gate.0.weight", "umT5"),
    ("encoder.block.0.layer.0.SelfAttention.q.weight", "umT5"),
    ("visual.transformer.0.attn.to_qkv.weight", "CLIP"),
    ("vision_model.embeddings.class_embedding", "CLIP"),
]


@pytest.mark.parametrize(("name", "label"), FOREIGN)
def test_files_that_are_not_loaded_are_refused_by_name_with_what_to_use(tmp_path: Path, name: str, label: str):
    detected = detect(named(name, "head.modulation"))
    assert label in detected.label
    save_file({name: torch.zeros(1), "head.modulation": torch.zeros(1)}, tmp_path / "x.safetensors")
    for load in (load_dit, load_vae):
        with pytest.raises(CheckpointError, match=r"(?i)(use|give|load)") as caught:
            load(tmp_path / "x.safetensors")
        assert detected.refusal in str(caught.value)


def test_more_input_channels_than_any_released_model_are_refused():
    detected = detect(header_only(real_header(replace(I2V_14B, in_channels=52))))
    assert "52 channels" in detected.refusal


def test_one_file_of_several_is_named_as_such():
    with pytest.raises(CheckpointError, match="probably one file of several"):
        detect(named("blocks.7.self_attn.q.weight", "blocks.7.self_attn.k.weight"))


def test_wrong_kind_of_wan_file_is_named(tmp_path: Path):
    save_file(tiny_vae().state_dict(), tmp_path / "vae.safetensors")
    with pytest.raises(CheckpointError, match=r"is Wan 2\.1 VAE of its own sizes; a Wan diffusion model is needed"):
        load_dit(tmp_path / "vae.safetensors")
    with pytest.raises(CheckpointError, match=r"is embedded demo model; a Wan VAE is needed"):
        load_vae(dit_file(tmp_path))


def without(*parts: str) -> State:
    return {name: value for name, value in tiny_dit().state_dict().items() if not any(part in name for part in parts)}


WRONG = [
    (without("blocks.1."), r"27 tensors are missing: blocks\.1\.modulation, .* and 17 more .*one file of several"),
    (without("norm3.bias"), r"2 tensors are missing: blocks\.0-1\.norm3\.bias \("),
    ({**without(), "blocks.0.adapter.weight": torch.zeros(1)}, r"1 tensors are unexpected: blocks\.0\.adapter\.weight .*plain"),
    ({**without(), "blocks.0.k_img.weight": torch.zeros(1)}, "image tokens"),
    ({**without(), "head.head.bias": torch.zeros(3)}, r"head\.head\.bias is \(3,\) instead of \(64,\)"),
    ({**without(), "head.head.bias": torch.zeros(64, dtype=torch.int32)}, r"1 weights are no numbers to compute with \(I32\)"),
    ({**without(), "head.head.bias": torch.zeros(64, dtype=torch.int8)}, "1 int8 weights without a stated format"),
]


@pytest.mark.parametrize(("state", "message"), WRONG)
def test_what_does_not_fit_is_named_in_groups_with_its_likely_cause(tmp_path: Path, state: State, message: str):
    with pytest.raises(CheckpointError, match=message):
        load_dit(dit_file(tmp_path, state))


def test_vae_without_its_encoder_is_named(tmp_path: Path):
    state = {name: value for name, value in tiny_vae().state_dict().items() if not name.startswith("encoder.middle")}
    save_file(state, tmp_path / "vae.safetensors")
    with pytest.raises(CheckpointError, match="needs the encoder"):
        load_vae(tmp_path / "vae.safetensors")


CONFIG = json.loads(state_config(DEMO, TINY)["wanmove_config"])


def with_config(**values: object) -> str:
    return json.dumps({**CONFIG, "config": {**CONFIG["config"], **values}})


STATED = [
    ("{", "is no JSON"),
    ("[]", "has to be a JSON object"),
    ("[" * 60_000, "is no JSON"),
    ("1" * 70_000, "70000 characters"),
    (json.dumps({**CONFIG, "kind": "gan"}), "kind is 'gan'"),
    (json.dumps({**CONFIG, "variant": "wan9"}), "variant 'wan9' is not known; known are wan-move-14b"),
    (json.dumps({**CONFIG, "variant": "t2v-14b"}), "says it is t2v-14b"),
    (json.dumps({**CONFIG, "config": None}), "has to be an object with the fields of DiTConfig"),
    (json.dumps({**CONFIG, "config": {"dim": 24}}), "the field ffn_dim of DiTConfig is missing"),
    (with_config(dim=10**12), "dim is 1000000000000; 1 to 16384 are possible"),
    (with_config(layers=10**9), "layers is 1000000000; 1 to 200"),
    (with_config(layers=-1), "layers is -1"),
    (with_config(dim=True), "dim is True; a number is needed"),
    (with_config(dim="24"), "dim is '24'; a number is needed"),
    (with_config(eps=float("nan")), "eps is nan; a number is needed"),
    (with_config(head_dim=7), "no multiple of head_dim 7"),
    (with_config(patch=[1, 2]), "patch .* has to be three numbers"),
    (with_config(patch=[1, 2, 10**9]), "patch is"),
    (with_config(depth=3), "has no field 'depth'; known are dim"),
]


@pytest.mark.parametrize(("text", "message"), STATED)
def test_impossible_stated_configurations_are_refused_before_anything_is_built(tmp_path: Path, text: str, message: str):
    save_file(tiny_dit().state_dict(), tmp_path / "x.safetensors", {"wanmove_config": text})
    with pytest.raises(CheckpointError, match=message):
        load_dit(tmp_path / "x.safetensors")


def test_network_of_other_sizes_without_metadata_says_what_is_missing(tmp_path: Path):
    save_file(tiny_dit().state_dict(), tmp_path / "x.safetensors")
    with pytest.raises(CheckpointError, match=r"width 24, which is no multiple of the head dimension 128 .*wanmove_config"):
        load_dit(tmp_path / "x.safetensors")
