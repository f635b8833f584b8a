"""What ``wanmove inspect`` says of a model: its format, what is missing beside it, and the memory it will take."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.core.checkpoint_files import I2V_14B, I2V_A14B, T2V_1_3B, TI2V_5B, real_header, sparse_file
from tests.core.format_files import state, write_shards
from wanmove_core.loading import describe_checkpoint
from wanmove_core.loading.memory_estimate import token_count
from wanmove_core.loading.tensor_info import TensorInfo
from wanmove_core.models.dit import DiTConfig
from wanmove_core.models.vae21 import VAEConfig
from wanmove_core.models.vae22 import VAE22Config
from wanmove_core.variants import find_variant

COMFYUI = {
    "vae/any.safetensors": real_header(VAEConfig()),
    "text_encoders/any.safetensors": {"encoder.block.0.layer.0.SelfAttention.q.weight": TensorInfo("F16", (1,))},
    "clip_vision/any.safetensors": {"vision_model.embeddings.class_embedding": TensorInfo("F16", (1,))},
}


def test_companions_are_found_in_comfyuis_folders(tmp_path: Path):
    (tmp_path / "diffusion_models").mkdir()
    model = sparse_file(tmp_path / "diffusion_models" / "wan.safetensors", real_header(I2V_14B))
    missing = [text.split(" (")[0] for text in describe_checkpoint(model).missing]
    assert missing == ["Wan 2.1 VAE", "umT5-xxl text encoder", "CLIP ViT-H image encoder"]
    for left, (name, header) in zip((2, 1, 0), COMFYUI.items(), strict=True):
        (tmp_path / name).parent.mkdir()
        sparse_file(tmp_path / name, header)
        assert len(describe_checkpoint(model).missing) == left


def test_the_wan22_vae_is_what_ti2v_misses(tmp_path: Path):
    model = sparse_file(tmp_path / "wan.safetensors", real_header(TI2V_5B))
    sparse_file(tmp_path / "old_vae.safetensors", real_header(VAEConfig()))
    assert describe_checkpoint(model).missing[0].startswith("Wan 2.2 VAE")
    header = real_header(VAE22Config())
    found = describe_checkpoint(sparse_file(tmp_path / "vae.safetensors", header))
    assert (found.kind, found.family, f"{found.parameters / 1e6:.1f}") == ("vae22", "Wan 2.2 VAE", "704.7")
    assert len(describe_checkpoint(model).missing) == 1


@pytest.mark.parametrize(("name", "tokens"), [("wan-move-14b", 32760), ("t2v-1.3b", 32760), ("ti2v-5b", 8190)])
def test_tokens_are_those_of_the_released_sizes(name: str, tokens: int):
    variant = find_variant(name)
    assert variant and token_count(DiTConfig(dim=128, ffn_dim=64, layers=1), variant) == tokens


def as_fp8(header: dict[str, TensorInfo]) -> dict[str, TensorInfo]:
    """The sizes of a scaled fp8 file."""
    result = dict(header)
    for name, info in header.items():
        if name.startswith("blocks.") and len(info.shape) == 2:
            result[name] = TensorInfo("F8_E4M3", info.shape)
            result[name.replace(".weight", ".scale_weight")] = TensorInfo("F32", ())
    return result


@pytest.mark.parametrize(("config", "fp8", "gigabytes"), [
    (I2V_14B, False, (35, 37)), (I2V_14B, True, (19, 21)), (I2V_A14B, True, (17, 19)), (T2V_1_3B, False, (3, 4)),
    (TI2V_5B, False, (10, 12)),
])  # fmt: skip
def test_expected_memory_is_the_weights_and_one_block(tmp_path: Path, config: DiTConfig, fp8: bool, gigabytes: tuple[int, int]):
    header = as_fp8(real_header(config)) if fp8 else real_header(config)
    found = describe_checkpoint(sparse_file(tmp_path / "wan.safetensors", header))
    assert found.loadable and found.expected_vram
    assert gigabytes[0] < found.expected_vram / 1e9 < gigabytes[1]
    assert any(f"About {found.expected_vram / 1e9:.1f} GB of GPU memory for a video of 832x480" in note for note in found.notes)


def test_a_vae_has_no_expected_memory(tmp_path: Path):
    assert describe_checkpoint(sparse_file(tmp_path / "vae.safetensors", real_header(VAEConfig()))).expected_vram is None


def test_a_folder_is_described_as_the_model_in_it(tmp_path: Path):
    write_shards(tmp_path, state(torch.bfloat16))
    save_file({"encoder.block.0.layer.0.SelfAttention.q.weight": torch.zeros(1)}, tmp_path / "t5.safetensors")
    found = describe_checkpoint(tmp_path)
    assert (found.kind, found.path.name) == ("dit", "diffusion_pytorch_model.safetensors.index.json")
    assert found.missing[0].startswith("Wan 2.1 VAE") and len(found.missing) == 2


def test_what_goes_beside_a_model_says_where(tmp_path: Path):
    text = describe_checkpoint(sparse_file(tmp_path / "a.safetensors", COMFYUI["text_encoders/any.safetensors"]))
    image = describe_checkpoint(sparse_file(tmp_path / "b.safetensors", COMFYUI["clip_vision/any.safetensors"]))
    assert (text.kind, image.kind) == ("umt5", "clip") and not text.problems and not image.problems
    assert "give it as the text encoder" in text.notes[0] and "give it as the image encoder" in image.notes[0]
    layer = "diffusion_model.blocks.0.self_attn.q"
    header = {
        f"{layer}.lora_down.weight": TensorInfo("F16", (8, 5120)),
        f"{layer}.lora_up.weight": TensorInfo("F16", (5120, 8)),
    }
    lora = describe_checkpoint(sparse_file(tmp_path / "c.safetensors", header))
    assert (lora.kind, lora.loadable) == ("lora", True) and lora.notes[0].startswith("LoRA of 1 layer, rank 8")
    dora = describe_checkpoint(
        sparse_file(tmp_path / "d.safetensors", header | {f"{layer}.dora_scale": TensorInfo("F16", (5120,))})
    )
    assert not dora.loadable and "DoRA" in dora.problems[0]
