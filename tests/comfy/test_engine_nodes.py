"""Load Wan-Move, Trajectory To Latent Guide and Wan-Move Sampler over the stand-in, with the embedded model at tiny size.

What a real ComfyUI makes of them: tests/e2e/test_comfyui_engine.py.
"""

import gc
import importlib
import shutil
import weakref
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.comfy.engine_nodes import EMBEDDED, IMAGE, LENGTH, SIDE, Nodes, comfy, walking
from tests.comfy.pack_nodes import all_nodes
from wanmove_core.demo.assets import DIT, load_demo_models
from wanmove_core.host import SilentHost
from wanmove_core.models.vae22 import VAE22Config, WanVAE22
from wanmove_core.pipeline import GenerateRequest, Sampling, generate
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.tracks.tensors import make_tracks


@pytest.fixture
def nodes(pack: ModuleType) -> Nodes:
    """The nodes of the pack."""
    return Nodes(pack)


@pytest.mark.parametrize(
    ("node_id", "inputs", "outputs"),
    [
        (
            "LoadWanMove",
            [
                "diffusion_model",
                "vae",
                "text_encoder",
                "clip_vision",
                "lora",
                "lora_strength",
                "precision",
                "low_noise_model",
                "low_noise_lora",
            ],
            ["WANMOVE_MODEL"],
        ),
        (
            "TrajectoryToLatentGuide",
            ["model", "image", "tracks", "strength", "footprint", "temporal", "fit", "draft"],
            ["WANMOVE_GUIDE", "STRING"],
        ),
        (
            "WanMoveSampler",
            [
                "guide",
                "prompt",
                "negative_prompt",
                "preset",
                "steps",
                "cfg",
                "motion_scale",
                "shift",
                "solver",
                "negative_sees",
                "seed",
                "positive",
                "negative",
                "clip_vision_output",
            ],
            ["IMAGE", "VIDEO", "LATENT"],
        ),
    ],
)
def test_a_node_keeps_its_inputs_in_their_order(nodes: Nodes, node_id: str, inputs: list[str], outputs: list[str]) -> None:
    schema = nodes.named[node_id].define_schema()
    assert [slot.id for slot in schema.inputs] == inputs
    assert [slot.type for slot in schema.outputs] == outputs
    assert all(slot.tooltip for slot in (*schema.inputs, *schema.outputs))


def test_the_pack_is_there_before_any_code_of_the_networks(pack: ModuleType) -> None:
    all_nodes(pack)
    loaded = importlib.import_module("sys").modules
    heavy = ("wanmove_core.models", "wanmove_core.pipeline", "wanmove_core.loading", "wanmove_core.demo", "nodes.comfy_host")
    assert [name for name in loaded if name.startswith(tuple(f"{pack.__name__}.{part}" for part in heavy))] == []


def test_without_any_file_the_embedded_model_is_what_is_offered(nodes: Nodes) -> None:
    first, second = nodes.named["LoadWanMove"].define_schema().inputs[:2]
    assert first.said["options"] == second.said["options"] == [EMBEDDED]
    (model,) = nodes.run("LoadWanMove")
    assert model.models.variant.name == "demo" and model.models.dtype == torch.float32


def test_comfyuis_layers_and_patchers_carry_the_networks(nodes: Nodes) -> None:
    (model,) = nodes.run("LoadWanMove")
    ops = comfy("comfy.ops").manual_cast
    assert isinstance(model.models.dit.blocks[0].ffn[0], ops.Linear) and isinstance(model.models.vae.conv1, ops.Conv3d)
    assert model.dit.model is model.models.dit and model.vae.model is model.models.vae
    assert type(model.dit) is comfy("comfy.model_patcher").CoreModelPatcher


def test_what_comes_out_is_what_the_engine_makes_of_the_same_request(nodes: Nodes) -> None:
    images, video, latent = nodes.run("WanMoveSampler", guide=nodes.guide(), steps=1, seed=7)
    tracks = make_tracks(walking()["track_path"], None, SIDE, SIDE)
    request = GenerateRequest(IMAGE[0], LENGTH, Sampling(1, 8.0, 7, scale=GuidanceScale(1.0)), tracks)
    expected = torch.stack([torch.from_numpy(frame) for frame in generate(load_demo_models(), request, SilentHost())])
    assert images.shape == (LENGTH, SIDE, SIDE, 3) and images.dtype == torch.float32
    assert torch.equal((images * 255).round().to(torch.uint8), expected)
    assert video.get_components().frame_rate == Fraction(16) and video.get_components().images is images
    assert latent["samples"].shape == (1, 16, 2, 8, 8)


def test_tracks_and_their_strength_change_the_video(nodes: Nodes) -> None:
    (model,) = nodes.run("LoadWanMove")
    guided, unguided = (
        nodes.run("WanMoveSampler", guide=nodes.guide(model=model, strength=strength), steps=1)[0] for strength in (1.0, 0.0)
    )
    assert not torch.equal(guided, unguided)


def test_a_picture_is_encoded_once_whatever_is_drawn_on_it(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    (model,) = nodes.run("LoadWanMove")
    encoded: list[int] = []
    vae = type(model.models.vae)
    really = vae.encode_chunks
    monkeypatch.setattr(vae, "encode_chunks", lambda self, *given: encoded.append(1) or really(self, *given))
    for step in (4.0, 3.0, 2.0):
        nodes.guide(model=model, tracks=walking(step), footprint=step)
    assert len(encoded) == 1, "other tracks"
    nodes.guide(model=nodes.run("LoadWanMove")[0], image=IMAGE.clone())
    assert len(encoded) == 1, "the same file loaded again, the same picture in another tensor"
    nodes.guide(model=model, tracks=walking(length=9))
    nodes.guide(model=model, image=IMAGE.flip(1))
    assert len(encoded) == 3, "another length, another picture"


def test_a_draft_has_half_the_frames_of_the_same_motion_at_half_the_rate(nodes: Nodes) -> None:
    draft = nodes.guide(tracks=walking(step=2.0, length=9), draft=True)
    assert draft.length == LENGTH and draft.rate == 0.5
    assert torch.equal(draft.condition.edited, nodes.guide(tracks=walking(step=4.0)).condition.edited)
    images, video, _ = nodes.run("WanMoveSampler", guide=draft, steps=1, preset="draft")
    assert len(images) == LENGTH and video.get_components().frame_rate == Fraction(8)


def test_what_was_encoded_outlives_the_model_and_is_gone_when_comfyui_frees_memory(nodes: Nodes) -> None:
    (model,) = nodes.run("LoadWanMove")
    guide = nodes.guide(model=model)
    alive, size = weakref.ref(model.encodes), model.encodes.bytes
    assert size == guide.condition.clean[4:].nbytes
    del model, guide
    gc.collect()
    assert nodes.run("LoadWanMove")[0].encodes.bytes == size, "ComfyUI drops a model before it loads it with another LoRA"
    nodes.objects.clear()
    gc.collect()
    assert alive() is None


def test_a_folder_keeps_what_was_encoded_beyond_the_session(
    nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = nodes.guide().condition.edited
    nodes.objects.clear()
    gc.collect()
    monkeypatch.setenv("WANMOVE_CACHE", str(tmp_path / "cache"))
    first = nodes.guide().condition.edited
    nodes.objects.clear()
    gc.collect()
    (model,) = nodes.run("LoadWanMove")
    monkeypatch.setattr(type(model.models.vae), "encode_chunks", None)
    again = nodes.guide(model=model).condition.edited
    assert torch.equal(first, without) and torch.equal(again, without)
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_picture_of_another_size_becomes_that_of_the_tracks(nodes: Nodes) -> None:
    large = torch.rand(2, 2 * SIDE, 3 * SIDE, 3, generator=torch.Generator().manual_seed(1))
    assert nodes.guide(image=large).image.shape == (SIDE, SIDE, 3)
    cropped, squeezed = (nodes.guide(image=large, fit=fit).image for fit in ("crop", "stretch"))
    assert not torch.equal(cropped, squeezed)


def test_tracks_that_say_no_size_belong_to_the_picture_as_it_is(nodes: Nodes) -> None:
    assert torch.equal(nodes.guide(tracks=walking(size=None)).image, IMAGE[0])


def test_the_report_says_how_much_is_guided_and_what_is_lost(nodes: Nodes) -> None:
    (model,) = nodes.run("LoadWanMove")
    _, report = nodes.run("TrajectoryToLatentGuide", model=model, image=IMAGE, tracks=walking(step=1000.0))
    assert report.startswith("4 tracks guide 0.0 % of the cells.")
    _, report = nodes.run("TrajectoryToLatentGuide", model=model, image=IMAGE, tracks=walking(step=0.25))
    assert "never leave their 8x8 px cell" in report


def test_each_step_is_shown_with_a_picture_and_each_stage_in_its_bar(nodes: Nodes) -> None:
    guide = nodes.guide()
    comfy("comfy.utils").shown.clear()
    nodes.run("WanMoveSampler", guide=guide, steps=3)
    assert comfy("comfy.utils").shown == [
        (0, 3, False), (1, 3, True), (2, 3, True), (3, 3, True), (0, 2, False), (1, 2, False), (2, 2, False),
    ]  # fmt: skip


def test_a_preview_shows_four_moments_in_the_colours_of_the_vae(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide, shown = nodes.guide(tracks=walking(step=2.0, length=17)), list[Any]()
    bar = comfy("comfy.utils").ProgressBar
    monkeypatch.setattr(bar, "update_absolute", lambda self, value, total, preview=None: shown.append(preview))
    images, *_ = nodes.run("WanMoveSampler", guide=guide, steps=2)
    _, picture, most = [preview for preview in shown if preview is not None][-1]
    assert picture.size == (2 * SIDE // 8 * 4, 2 * SIDE // 8 * 4) and most == 512
    first = torch.from_numpy(np.array(picture.resize((16, 16), Image.Resampling.BOX)))[:8, :8].float() / 255
    true = images[0].unflatten(0, (8, 8)).unflatten(2, (8, 8)).mean((1, 3))
    assert (first - true).abs().mean() < 0.1


def test_without_previews_none_is_made(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = nodes.guide()
    monkeypatch.setattr(comfy("latent_preview"), "on", False)
    comfy("comfy.utils").shown.clear()
    nodes.run("WanMoveSampler", guide=guide, steps=1)
    assert not any(pictured for _, _, pictured in comfy("comfy.utils").shown)


@pytest.mark.parametrize("after", [0, 2, 5])
def test_an_interruption_ends_the_run_at_the_next_step(nodes: Nodes, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    guide, management = nodes.guide(), comfy("comfy.model_management")
    monkeypatch.setattr(management, "interrupted_after", after)
    passes: list[int] = []
    network = type(guide.model.models.dit)
    really = network.forward
    monkeypatch.setattr(network, "forward", lambda self, *given: passes.append(1) or really(self, *given))
    with pytest.raises(management.InterruptProcessingException):
        nodes.run("WanMoveSampler", guide=guide, steps=50)
    assert len(passes) <= after


def test_models_are_loaded_before_they_are_used(nodes: Nodes) -> None:
    loaded = comfy("comfy.model_management").loaded
    loaded.clear()
    guide = nodes.guide(image=IMAGE.flip(2))
    assert loaded == [guide.model.vae]
    nodes.run("WanMoveSampler", guide=guide, steps=1)
    assert loaded == [guide.model.vae, guide.model.dit, guide.model.vae]


def test_a_device_without_memory_for_whole_frames_decodes_in_tiles_and_says_so(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide, generation = nodes.guide(), importlib.import_module(f"{type(nodes.guide()).__module__.rsplit('.', 1)[0]}.generation")
    tiles: list[int | None] = []
    really = generation.decode

    def scarce(vae: Any, latent: Any, host: Any, tile: int | None = None) -> Any:
        tiles.append(tile)
        if tile is None:
            raise torch.OutOfMemoryError("tried to allocate 20 GiB")
        return really(vae, latent, host, tile)

    monkeypatch.setattr(generation, "decode", scarce)
    notes: list[str] = []
    monkeypatch.setattr(generation.ComfyHost, "note", lambda self, message: notes.append(message))
    images, *_ = nodes.run("WanMoveSampler", guide=guide, steps=1)
    assert images.shape == (LENGTH, SIDE, SIDE, 3)
    assert tiles == [None, 32] and "decoded in tiles" in notes[0]


def test_another_error_while_decoding_stays_what_it_is(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = nodes.guide()

    def broken(self: Any, latent: Any, chunk: int = 1) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(type(guide.model.models.vae), "decode_frames", broken)
    with pytest.raises(ValueError, match="broken"):
        nodes.run("WanMoveSampler", guide=guide, steps=1)


def test_the_demo_model_says_that_it_reads_no_prompt(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    server = comfy("server").PromptServer
    monkeypatch.setattr(server, "instance", server())
    monkeypatch.setattr(nodes.named["WanMoveSampler"].hidden, "unique_id", "9")
    nodes.run("WanMoveSampler", guide=nodes.guide(), steps=1, prompt="a cat")
    assert ("9", f"The {EMBEDDED} reads no prompt; what was written changes nothing.") in server.instance.notes


def test_few_steps_without_a_lora_for_them_are_remarked_on(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide, server = nodes.guide(), comfy("server").PromptServer
    monkeypatch.setattr(server, "instance", server())
    monkeypatch.setattr(nodes.named["WanMoveSampler"].hidden, "unique_id", "9")
    for preset in ("draft", "distilled"):
        nodes.run("WanMoveSampler", guide=guide, steps=1, preset=preset)
    (said,) = server.instance.notes
    assert said == ("9", '"distilled" is for a step-distilled LoRA or model; Load Wan-Move has no LoRA chosen.')


def test_widgets_go_before_the_preset_and_scales_reach_the_sampler(nodes: Nodes) -> None:
    guide = nodes.guide()
    generation = importlib.import_module(f"{type(guide).__module__.rsplit('.', 1)[0]}.generation")
    variant = guide.model.models.variant
    wish = generation.Wish("full", 3, steps=4, cfg=2.0, solver="euler", motion_scale=1.5, uncond="clean")
    expected = Sampling(4, 8.0, 3, "euler", GuidanceScale(2.0, "clean", 1.5))
    assert asdict(generation.sampling_of(wish, variant)) == asdict(expected)
    as_authors = Sampling(2, 8.0, 3, "unipc", GuidanceScale(1.0))
    assert asdict(generation.sampling_of(generation.Wish("full", 3), variant)) == asdict(as_authors)


def test_a_lora_runs_beside_the_weights_and_one_of_another_model_is_refused(nodes: Nodes, tmp_path: Any) -> None:
    (tmp_path / "models" / "loras").mkdir(parents=True)
    rows, columns = nodes.run("LoadWanMove")[0].models.dit.blocks[0].ffn[0].weight.shape
    save_file(
        {
            "diffusion_model.blocks.0.ffn.0.lora_up.weight": torch.ones(rows, 2),
            "diffusion_model.blocks.0.ffn.0.lora_down.weight": torch.ones(2, columns),
            "diffusion_model.blocks.0.self_attn.norm_q.diff": torch.ones(256),
        },
        tmp_path / "models/loras/fits.safetensors",
    )
    save_file(
        {"unet.down.0.lora_up.weight": torch.zeros(2, 2), "unet.down.0.lora_down.weight": torch.zeros(2, 2)},
        tmp_path / "models/loras/other.safetensors",
    )

    def changed(model: Any) -> tuple[torch.Tensor, torch.Tensor]:
        block = model.models.dit.blocks[0]
        return block.ffn[0](torch.ones(1, columns)), block.self_attn.norm_q.weight.clone()

    plain = changed(nodes.run("LoadWanMove")[0])
    (model,) = nodes.run("LoadWanMove", lora="fits.safetensors", lora_strength=0.5)
    layer, norm = changed(model)
    assert torch.allclose(layer, plain[0] + 0.5 * 2 * columns) and torch.equal(norm, plain[1] + 0.5)
    assert model.has_lora and model.dit.size > model.dit.model_size(), "its memory is counted"
    model.models.set_distilled(False)
    assert all(torch.equal(*pair) for pair in zip(changed(model), plain, strict=True))
    with pytest.raises(Exception, match=r"unet\.down"):
        nodes.run("LoadWanMove", lora="other.safetensors")


def test_hybrid_switches_the_lora_between_steps(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide, switched = nodes.guide(), list[bool]()
    guide = replace(guide, model=replace(guide.model, models=replace(guide.model.models, set_distilled=switched.append)))
    nodes.run("WanMoveSampler", guide=guide, steps=4, preset="hybrid")
    assert switched == [False, True, True], "off for the first half, on for the rest, on at the end"


def test_two_networks_are_brought_one_after_the_other_as_two_experts(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = nodes.guide()
    low = nodes.run("LoadWanMove")[0]
    pair = replace(guide.model.models.variant, boundary=0.9)
    both = replace(guide.model.models, low_noise=low.models.dit, variant=pair)
    guide = replace(guide, model=replace(guide.model, models=both, low_noise=low.dit))
    management = comfy("comfy.model_management")
    monkeypatch.setattr(management, "loaded", [])
    nodes.run("WanMoveSampler", guide=guide, steps=4)
    assert management.loaded[:2] == [guide.model.dit, low.dit] and len(management.loaded) == 3, "and the VAE"


def test_a_second_network_that_is_no_expert_is_refused(nodes: Nodes, tmp_path: Any) -> None:
    (tmp_path / "models" / "diffusion_models").mkdir(parents=True)
    shutil.copy(DIT, tmp_path / "models/diffusion_models/demo.safetensors")
    with pytest.raises(Exception, match="two networks make Wan"):
        nodes.run("LoadWanMove", low_noise_model="demo.safetensors")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tracks": walking(length=6)}, "The clip has 6 frames; embedded demo model needs 4k\\+1: use 5 or 9"),
        ({"image": torch.rand(1, 60, 64, 3), "tracks": walking(size=None)}, "The picture is 64x60; .* use 64x64"),
        ({"tracks": {}}, "has no track_path"),
        ({"strength": float("nan")}, "The guidance strength is nan"),
    ],
)
def test_what_cannot_be_guided_is_refused_with_the_way_out(nodes: Nodes, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        nodes.guide(**given)


def test_a_vae_of_another_model_and_a_lora_without_its_network_are_refused(
    nodes: Nodes, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Exception, match="as low_noise_lora, and there is no low_noise_model"):
        nodes.run("LoadWanMove", low_noise_lora="some.safetensors")
    hosted = importlib.import_module(f"{nodes.named['LoadWanMove'].__module__.rsplit('.', 1)[0]}.hosted_model")
    monkeypatch.setattr(hosted, "load_vae", lambda *_: WanVAE22(VAE22Config(dim=8, decoder_dim=8)))
    with pytest.raises(Exception, match=r"makes cells of 16 pixels, .* Choose wan_2\.1_vae\.safetensors"):
        nodes.run("LoadWanMove")


def test_diffusion_models_in_gguf_can_be_chosen(nodes: Nodes, tmp_path: Any) -> None:
    folder = tmp_path / "models" / "diffusion_models" / "wan"
    folder.mkdir(parents=True)
    for name in ("b.gguf", "a.gguf"):
        (folder / name).touch()
    schema = nodes.named["LoadWanMove"].define_schema()
    for slot in (schema.inputs[0], schema.inputs[7]):
        assert slot.said["options"][-2:] == [str(Path("wan", name)) for name in ("a.gguf", "b.gguf")]


def test_files_that_do_not_belong_together_are_refused(nodes: Nodes) -> None:
    with pytest.raises(Exception, match="the embedded demo model has a VAE of its own"):
        nodes.run("LoadWanMove", vae="wan_2.1_vae.safetensors")
