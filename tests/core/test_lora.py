"""LoRA files of every spelling are read to the same changes; what is no LoRA, or for another model, is said in one sentence."""

import json
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.core.checkpoint_files import I2V_14B, sparse_file
from tests.core.lora_files import (
    PAIRS,
    RANK,
    SIZES,
    SPELLINGS,
    T2V,
    WIDER,
    delta_tensors,
    network,
    pair_tensors,
    spelled,
    write,
)
from wanmove_core.errors import CheckpointError
from wanmove_core.loading.lora import FullChange, Lora, LowRankChange, read_lora
from wanmove_core.loading.lora_description import describe_lora
from wanmove_core.loading.lora_names import diffusers_name
from wanmove_core.loading.names_diffusers import dit_names
from wanmove_core.loading.tensor_file import TensorInfo, read_header
from wanmove_core.models.dit import WanDiT

DOTTED = SPELLINGS["ComfyUI, lora_down"]


def same(one: Lora, other: Lora) -> bool:
    """Equal changes, whatever their order."""

    def facts(change: LowRankChange | FullChange) -> tuple[str, float, list[list[float]]]:
        values = [change.delta] if isinstance(change, FullChange) else [change.down, change.up]
        return change.parameter, change.scale, [value.flatten().tolist() for value in values]

    ours, theirs = (sorted(map(facts, (*lora.pairs, *lora.deltas))) for lora in (one, other))
    return ours == theirs


def all_tensors(alpha: float = 6.0) -> dict[str, torch.Tensor]:
    model = network()
    alphas = {f"{layer}.alpha": torch.tensor(alpha) for layer in PAIRS}
    return pair_tensors(model) | alphas


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_read_to_the_same_changes(tmp_path: Path, spelling: str):
    model = network()
    expected = read_lora(write(tmp_path, spelled(all_tensors(), DOTTED)), model)
    found = read_lora(write(tmp_path, spelled(all_tensors(), SPELLINGS[spelling]), "other.safetensors"), model)
    assert same(found, expected)
    assert (found.report.matched, found.report.ranks, found.report.ignored) == (len(PAIRS), (RANK,), ())
    assert {pair.parameter for pair in found.pairs} == {f"{layer}.weight" for layer in PAIRS}
    assert {pair.scale for pair in found.pairs} == {6.0 / RANK}


@pytest.mark.parametrize("spelling", ["ComfyUI, lora_down", "plain, lora_down", "peft"])
def test_deltas_of_norms_biases_and_modulation_are_read(tmp_path: Path, spelling: str):
    lora = read_lora(write(tmp_path, spelled(delta_tensors(network()), SPELLINGS[spelling])), network())
    assert {change.parameter for change in lora.deltas} == {
        "blocks.2.self_attn.norm_q.weight", "blocks.2.norm3.weight", "blocks.2.norm3.bias", "blocks.0.self_attn.q.bias",
        "time_projection.1.bias", "head.head.bias", "blocks.4.modulation",
    }  # fmt: skip


def test_names_of_diffusers_are_those_that_models_are_read_by():
    """Two tables, one for each direction: LoRA files have these names with underscores, too, which do not lead back."""
    for name in network().state_dict():
        layer, _, last = name.rpartition(".")
        theirs = f"{diffusers_name(layer)}.{last}" if last in ("weight", "bias") else diffusers_name(name)
        assert dit_names([theirs]) == {theirs: name}


def test_norm2_of_diffusers_is_norm3_of_wan(tmp_path: Path):
    change = torch.ones(SIZES.dim)
    pair = spelled(pair_tensors(network(), ("blocks.0.self_attn.q",)), SPELLINGS["diffusers"])
    lora = read_lora(write(tmp_path, pair | {"transformer.blocks.5.norm2.diff": change}), network())
    assert [delta.parameter for delta in lora.deltas] == ["blocks.5.norm3.weight"]


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("diffusion_model.blocks.7.diff_m", "blocks.7.modulation"),
        ("diffusion_model.blocks.7.modulation.diff", "blocks.7.modulation"),
        ("lora_unet_blocks_7_modulation.diff", "blocks.7.modulation"),
        ("lycoris_blocks_7_norm3.w_norm", "blocks.7.norm3.weight"),
        ("lycoris_blocks_7_norm3.b_norm", "blocks.7.norm3.bias"),
    ],
)
def test_rarer_names_of_a_whole_change_are_known(tmp_path: Path, name: str, parameter: str):
    shape = network().get_parameter(parameter).shape
    (delta,) = read_lora(write(tmp_path, {name: torch.ones(shape)}), network()).deltas
    assert delta.parameter == parameter


def test_modulation_may_lack_its_first_axis(tmp_path: Path):
    assert read_lora(write(tmp_path, {"blocks.7.diff_m": torch.ones(6, SIZES.dim)}), network()).report.matched == 1


def test_bias_of_the_upper_factor_is_scaled_as_the_pair(tmp_path: Path):
    tensors = spelled(pair_tensors(network(), ("blocks.0.ffn.2",)), SPELLINGS["peft"])
    tensors |= {"base_model.model.blocks.0.ffn.2.lora_B.bias": torch.ones(SIZES.dim)}
    tensors |= {"base_model.model.blocks.0.ffn.2.alpha": torch.tensor(1.5)}
    (delta,) = read_lora(write(tmp_path, tensors), network()).deltas
    assert (delta.parameter, delta.scale) == ("blocks.0.ffn.2.bias", 0.5)


def test_matrices_may_be_written_as_convolutions_of_one_pixel(tmp_path: Path):
    tensors = pair_tensors(network(), ("blocks.0.ffn.2",))
    widened = {name: value[..., None, None] for name, value in tensors.items()}
    expected = read_lora(write(tmp_path, spelled(tensors, DOTTED)), network())
    assert same(read_lora(write(tmp_path, spelled(widened, DOTTED), "wide.safetensors"), network()), expected)


@pytest.mark.parametrize(
    ("metadata", "beside", "scale"),
    [
        (None, None, 1.0),
        ({"transformer.r": RANK, "transformer.lora_alpha": 6}, None, 2.0),
        ({"r": RANK, "lora_alpha": 6, "use_rslora": True}, None, 6 / RANK**0.5),
        ({"lora_alpha": 6, "alpha_pattern": {"ffn.2": 3}}, None, 1.0),
        (None, {"peft_type": "LORA", "lora_alpha": 9}, 3.0),
    ],
)
def test_alpha_may_stand_in_pefts_settings(tmp_path: Path, metadata: dict | None, beside: dict | None, scale: float):
    tensors = spelled(pair_tensors(network(), ("blocks.0.ffn.2",)), SPELLINGS["peft"])
    if beside is not None:
        (tmp_path / "adapter_config.json").write_text(json.dumps(beside))
    stated = {} if metadata is None else {"lora_adapter_metadata": json.dumps(metadata)}
    (pair,) = read_lora(write(tmp_path, tensors, metadata=stated), network()).pairs
    assert pair.scale == scale


def test_alpha_in_the_file_goes_before_pefts_settings(tmp_path: Path):
    tensors = spelled(all_tensors(alpha=3.0), SPELLINGS["peft"])
    (tmp_path / "adapter_config.json").write_text('{"lora_alpha": 64}')
    assert {pair.scale for pair in read_lora(write(tmp_path, tensors), network()).pairs} == {1.0}


def test_layers_that_the_model_lacks_are_counted_not_failed(tmp_path: Path):
    model = network(T2V)
    layers = ("blocks.0.cross_attn.k_img", "blocks.1.cross_attn.k_img", "blocks.0.cross_attn.q", "img_emb.proj.1")
    report = read_lora(write(tmp_path, spelled(pair_tensors(network(), layers), DOTTED)), model).report
    assert (report.matched, report.ignored_count) == (1, 3)
    assert report.ignored == ("diffusion_model.blocks.*.cross_attn.k_img (2)", "diffusion_model.img_emb.proj.1")
    assert "1 layer changed (rank 3, Wan's own names); 3 left out that this model has no place for" in str(report)


def test_patch_embedding_of_another_task_is_left_out_whole(tmp_path: Path):
    """A T2V LoRA (16 channels) on an I2V model (36), as users of lightx2v's do."""
    tensors = pair_tensors(network(T2V), ("patch_embedding", "blocks.0.self_attn.q"))
    tensors |= {"patch_embedding.diff_b": torch.ones(SIZES.dim)}
    lora = read_lora(write(tmp_path, spelled(tensors, DOTTED)), network())
    assert [pair.parameter for pair in lora.pairs] == ["blocks.0.self_attn.q.weight"]
    assert (lora.deltas, lora.report.ignored) == ((), ("diffusion_model.patch_embedding",))


def test_lora_for_another_width_is_one_error_with_counts_and_cause(tmp_path: Path):
    path = write(tmp_path, spelled(pair_tensors(network(WIDER), ("blocks.0.self_attn.q", "blocks.1.ffn.0")), DOTTED))
    with pytest.raises(
        CheckpointError, match=r"2 of 2 layers have another shape, such as blocks\.0\.self_attn\.q with down"
    ) as e:
        read_lora(path, network())
    assert "for a model of width 36 (no released Wan model), this one has 24; use a LoRA for that" in str(e.value)


def test_lora_of_released_width_is_named(tmp_path: Path):
    layer = "diffusion_model.blocks.0.self_attn.q.lora"
    tensors = {f"{layer}_down.weight": torch.zeros(4, 1536), f"{layer}_up.weight": torch.zeros(1536, 4)}
    with pytest.raises(CheckpointError, match=r"width 1536 \(Wan 2\.1 1\.3B\), this one has 5120"):
        with torch.device("meta"):
            model = WanDiT(I2V_14B)
        read_lora(write(tmp_path, tensors), model)


def test_lora_for_another_kind_of_model_is_one_error(tmp_path: Path):
    names = [f"lora_unet_double_blocks_{block}_img_attn_qkv" for block in range(4)]
    tensors = {f"{name}.{part}.weight": torch.zeros(2, 2) for name in names for part in ("lora_down", "lora_up")}
    with pytest.raises(CheckpointError, match=r"fits no layer .* 8 tensors .* lora_unet_double_blocks_\*_img_attn_qkv \(4\)"):
        read_lora(write(tmp_path, tensors), network())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("diffusion_model.blocks.0.self_attn.q.dora_scale", "DoRA"),
        ("base_model.model.blocks.0.self_attn.q.lora_magnitude_vector", "DoRA"),
        ("lycoris_blocks_0_self_attn_q.hada_w1_a", "LoHa"),
        ("lycoris_blocks_0_self_attn_q.lokr_w1", "LoKr"),
        ("lora_unet_blocks_0_self_attn_q.oft_blocks", "OFT"),
        ("lycoris_blocks_0_self_attn_q.lora_mid.weight", "LoCon"),
        ("diffusion_model.blocks.0.self_attn.q.b1.weight", "GLoRA"),
    ],
)
def test_other_kinds_are_refused_by_name_with_what_to_use(tmp_path: Path, name: str, kind: str):
    with pytest.raises(CheckpointError, match=f"is a {kind}.*Use a plain LoRA, or load it in ComfyUI"):
        read_lora(write(tmp_path, {name: torch.zeros(2)}), network())


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"blocks.0.self_attn.q.weight": (24, 24)}, "is a whole weight: the file is a model"),
        ({"blocks.0.self_attn.q.mystery": (24,)}, "is no part of a LoRA that is known"),
        ({"blocks.0.self_attn.q.lora_down.weight": (3, 24)}, "incomplete: of 'blocks.0.self_attn.q' it has only down"),
        ({"blocks.0.self_attn.q.lora_B.weight": (24, 3)}, "incomplete: of 'blocks.0.self_attn.q' it has only up"),
        ({"blocks.0.self_attn.q.alpha": ()}, "it has only alpha"),
        ({"blocks.0.self_attn.q.lora_A.weight": (0, 24), "blocks.0.self_attn.q.lora_B.weight": (24, 0)}, "have another shape"),
        ({"blocks.0.self_attn.q.lora_A.weight": (3, 24), "blocks.0.self_attn.q.lora_B.weight": (24, 4)}, "have another shape"),
        ({"blocks.0.self_attn.q.lora_A.weight": (3,), "blocks.0.self_attn.q.lora_B.weight": (24,)}, "have another shape"),
        ({"blocks.0.norm3.lora_A.weight": (3, 24), "blocks.0.norm3.lora_B.weight": (24, 3)}, "have another shape"),
        ({"blocks.0.self_attn.q.diff_b": (25,)}, r"bias delta \(25,\) for \(24,\)"),
        ({"blocks.0.diff_m": (1, 5, 24)}, r"modulation delta \(1, 5, 24\) for \(1, 6, 24\)"),
        ({"blocks.0.self_attn.q.diff_b": (24,), "lora_unet_blocks_0_self_attn_q.diff_b": (24,)}, "twice, as"),
        (
            {"q.lora_A.weight": (3, 24), "q.lora_A.style.weight": (3, 24), "q.lora_B.weight": (24, 3)},
            "has down of 'q' twice; use a file with one LoRA",
        ),
        (
            {"blocks.0.self_attn.q.lora_A.weight": (3, 24), "blocks.0.self_attn.q.lora_B.weight": (24, 3),
             "blocks.0.self_attn.q.alpha": (2,)},
            "alpha of shape",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_a_lora_for_this_model_is_one_error(tmp_path: Path, tensors: dict[str, tuple[int, ...]], message: str):
    path = write(tmp_path, {name: torch.zeros(shape) for name, shape in tensors.items()})
    with pytest.raises(CheckpointError, match=message) as error:
        read_lora(path, network())
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("part", ["down", "alpha"])
def test_values_that_are_no_numbers_are_refused_before_anything_is_changed(tmp_path: Path, value: float, part: str):
    tensors = all_tensors()
    tensors[f"blocks.0.self_attn.q.{part}"].fill_(value)
    with pytest.raises(CheckpointError, match=f"{part}.*has infinite or undefined values"):
        read_lora(write(tmp_path, spelled(tensors, DOTTED)), network())


def test_numbers_of_whole_type_are_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="is I8; use a LoRA of floating-point numbers"):
        read_lora(write(tmp_path, {"blocks.0.self_attn.q.diff_b": torch.zeros(24, dtype=torch.int8)}), network())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn])
def test_any_floating_point_type_is_read(tmp_path: Path, dtype: torch.dtype):
    tensors = {name: value.to(dtype) for name, value in pair_tensors(network()).items()}
    lora = read_lora(write(tmp_path, spelled(tensors, DOTTED)), network())
    assert {pair.down.dtype for pair in lora.pairs} == {dtype}


@pytest.mark.parametrize(
    "settings",
    ["[]", "{", '{"lora_alpha": "x"}', '{"lora_alpha": true}', '{"alpha_pattern": {"(a+)+$": 1}}', '{"alpha_pattern": 3}',
     '{"peft_type": "LOHA"}', '{"use_dora": true}', "[" * 100_000, " " * 2_000_000, '{"lora_alpha": NaN}'],
)  # fmt: skip
@pytest.mark.parametrize("beside", [True, False])
def test_settings_of_peft_are_read_within_limits(tmp_path: Path, settings: str, beside: bool):
    tensors = spelled(pair_tensors(network(), ("blocks.0.ffn.2",)), SPELLINGS["peft"])
    path = write(tmp_path, tensors, metadata={} if beside else {"lora_adapter_metadata": settings})
    if beside:
        (tmp_path / "adapter_config.json").write_text(settings)
    with pytest.raises(
        CheckpointError, match=r"adapter_config\.json|lora\.safetensors: its metadata entry lora_adapter_metadata"
    ):
        read_lora(path, network())


def test_pickle_of_a_lora_is_read_without_running_anything(tmp_path: Path):
    tensors = spelled(all_tensors(), DOTTED)
    torch.save(tensors, tmp_path / "lora.pt")
    assert same(read_lora(tmp_path / "lora.pt", network()), read_lora(write(tmp_path, tensors), network()))


@pytest.mark.parametrize("content", [b"", b"\x00" * 64, b"PK\x03\x04" + b"\x00" * 60])
def test_damaged_file_is_one_error(tmp_path: Path, content: bytes):
    (tmp_path / "lora.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError):
        read_lora(tmp_path / "lora.safetensors", network())


def test_whole_model_given_as_a_lora_is_refused_at_once(tmp_path: Path):
    big = sparse_file(
        tmp_path / "model.safetensors", {f"blocks.{n}.ffn.0.weight": TensorInfo("BF16", (13824, 5120)) for n in range(40)}
    )
    start = time.perf_counter()
    with pytest.raises(CheckpointError, match="the file is a model"):
        read_lora(big, network())
    assert time.perf_counter() - start < 1


def test_name_that_no_trainer_writes_is_searched_in_bounded_time(tmp_path: Path):
    name = "_" * 400 + "lora_unet_" * 8 + ".lora_down.weight"
    save_file({name: torch.zeros(2, 2), name.replace("down", "up"): torch.zeros(2, 2)}, tmp_path / "lora.safetensors")
    start = time.perf_counter()
    with pytest.raises(CheckpointError, match="fits no layer"):
        read_lora(tmp_path / "lora.safetensors", network())
    assert time.perf_counter() - start < 1


def test_description_names_spelling_rank_and_the_models_it_fits(tmp_path: Path):
    layers = [f"lora_unet_blocks_{block}_cross_attn_{part}" for block in range(40) for part in ("q", "k_img")]
    shapes = {"lora_down.weight": (64, 5120), "lora_up.weight": (5120, 64), "alpha": ()}
    header = {f"{layer}.{part}": TensorInfo("BF16", shape) for layer in layers for part, shape in shapes.items()}
    description = describe_lora(read_header(sparse_file(tmp_path / "lora.safetensors", header)))
    assert (description.spelling, description.ranks, description.layers, description.width) == ("kohya", (64,), 80, 5120)
    assert description.groups == ("lora_unet_blocks_*_cross_attn_q (40)", "lora_unet_blocks_*_cross_attn_k_img (40)")
    assert description.has_alpha and description.has_image_layers
    assert str(description) == (
        "LoRA of 80 layers, rank 64, for a width of 5120 (Wan 2.1 14B, Wan-Move or Wan 2.2 A14B), spelled as kohya; it changes "
        "image layers, which Wan 2.2 and T2V models leave out"
    )


def test_description_of_whole_changes_has_no_rank(tmp_path: Path):
    file = read_header(write(tmp_path, {"blocks.0.norm3.diff": torch.ones(24)}))
    assert str(describe_lora(file)) == (
        "LoRA of 1 layer, whole changes only, for a width that its layers do not tell, spelled as Wan's own names"
    )
