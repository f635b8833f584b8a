"""``wanmove generate`` from files to a video, for each family, with its encoders, in the authors' and in ComfyUI's layout."""

import contextlib
import gc
import io
import json
import re
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from tests.core.family_files import FamilyFiles, dit_state, write_original, write_repackaged
from wanmove_core.cli import main
from wanmove_core.commands import videos
from wanmove_core.generation import cached_encoding
from wanmove_core.generation.lora_choice import LoraChoice, read_lora_choice
from wanmove_core.rendering.frames import Picture
from wanmove_core.rendering.video_file import read_video, video_info
from wanmove_core.sampling.sampling_presets import SAMPLING_PRESETS
from wanmove_core.variants import VARIANTS

pytest.importorskip("sentencepiece")

DOCUMENT = {
    "version": 1, "width": 32, "height": 32,
    "layers": [{"name": "box", "region": {"kind": "rectangle", "box": [4, 4, 12, 12]},
                "motion": {"path": {"kind": "linear", "points": [[0, 0], [14, 8]]}}}],
}  # fmt: skip
SIZE = "--width 32 --height 32 --length 5 --steps 2"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    for name in ("first.png", "last.png"):
        Image.fromarray(random.integers(0, 255, (32, 32, 3), np.uint8)).save(name)
    Path("motion.json").write_text(json.dumps(DOCUMENT))
    return tmp_path


def clip(files: list[str], line: str, out: str = "clip.mp4") -> NDArray[np.uint8]:
    """The frames as they were made: H.264 answers the last bit of a pixel with other blocks."""
    made: list[NDArray[np.uint8]] = []

    class Recorder(videos.VideoWriter):
        def write(self, picture: Picture) -> None:
            made.append(np.array(picture, np.uint8))
            super().write(picture)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(videos, "VideoWriter", Recorder)
        assert main(["generate", *files, *SIZE.split(), *line.split(), "--out", out]) == 0
    assert len(list(read_video(out))) == len(made)
    return np.stack(made)


def distance(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean difference of two videos, in steps of 256."""
    return float(np.abs(one.astype(np.float64) - other).mean())


def save_lora(path: str, scale: float = 0.5) -> None:
    """A change of two layers that all families have."""
    generator = torch.Generator().manual_seed(9)
    state = {}
    for layer in ("blocks.0.self_attn.q", "blocks.0.cross_attn.o"):
        state[f"diffusion_model.{layer}.lora_down.weight"] = torch.randn(4, 128, generator=generator) * scale
        state[f"diffusion_model.{layer}.lora_up.weight"] = torch.randn(128, 4, generator=generator) * scale
    state["diffusion_model.blocks.0.diff_m"] = torch.randn(1, 6, 128, generator=generator) * scale
    save_file(state, path)


FAMILIES = [
    ("wan-move", "first.png --document motion.json --prompt balloon"),
    ("flf2v", "first.png --last last.png --document motion.json --prompt balloon"),
    ("i2v-a14b", "first.png --document motion.json --prompt balloon"),
    ("i2v-a14b", "first.png --last last.png --prompt balloon"),
    ("t2v", "--prompt balloon"),
    ("ti2v-5b", "first.png --prompt balloon"),
    ("ti2v-5b", "--prompt balloon"),
]


@pytest.mark.parametrize(("family", "line"), FAMILIES, ids=[f"{family} {line}" for family, line in FAMILIES])
def test_both_layouts_of_a_family_give_the_same_video(folder: Path, family: str, line: str) -> None:
    first = clip(write_original(folder / "original", family).options, line)
    assert first.shape == (5, 32, 32, 3) and first.std() > 1
    second = write_repackaged(folder / "repackaged", family).options
    # not to the bit: weights that lie elsewhere in the memory that is mapped may be added up in another order
    assert distance(clip(second, line), first) < 0.01


@pytest.mark.parametrize("change", ["--prompt river", "--negative fog", "--cfg 2", "--seed 1"])
def test_what_is_said_reaches_the_video(folder: Path, change: str) -> None:
    files, line = write_repackaged(folder / "model", "t2v").options, "--prompt balloon"
    assert distance(clip(files, line), clip(files, f"{line} {change}")) > 0.03


@pytest.fixture
def a14b(folder: Path) -> FamilyFiles:
    return write_repackaged(folder / "a14b", "i2v-a14b")


def test_the_two_experts_are_told_by_their_options(a14b: FamilyFiles, capsys: Captured) -> None:
    line = "first.png --prompt balloon --document motion.json"
    right = clip(a14b.options, line)
    assert capsys.readouterr().err.count("was not trained for track guidance") == 1
    model, low = a14b.model[1], a14b.model[5]
    swapped = ["--model", low, "--vae", a14b.model[3], "--low-noise", model, *a14b.encoders]
    assert distance(clip(swapped, line), right) > 0.03
    assert distance(clip(a14b.options, f"{line} --cfg-high 1"), right) > 0.03


def test_experts_named_the_other_way_round_are_remarked_on(a14b: FamilyFiles, capsys: Captured) -> None:
    folder = Path(a14b.model[1]).parent
    (folder / "dit.safetensors").rename(folder / "wan2.2_low_noise.safetensors")
    (folder / "low.safetensors").rename(folder / "wan2.2_high_noise.safetensors")
    files = ["--model", str(folder / "wan2.2_low_noise.safetensors"), "--vae", a14b.model[3],
             "--low-noise", str(folder / "wan2.2_high_noise.safetensors"), *a14b.encoders]  # fmt: skip
    clip(files, "first.png --prompt balloon")
    assert "their names say the opposite" in capsys.readouterr().err


def test_the_video_has_the_models_own_rate(folder: Path) -> None:
    clip(write_repackaged(folder / "5b", "ti2v-5b").options, "--prompt balloon")
    assert video_info("clip.mp4").fps == 24
    clip(write_repackaged(folder / "t2v", "t2v").options, "--prompt balloon --fps 8")
    assert video_info("clip.mp4").fps == 8


def test_the_text_encoder_is_gone_before_the_network_is_loaded(a14b: FamilyFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    alive: list[weakref.ref[Any]] = []
    states: list[bool] = []
    load_encoder, load_networks = cached_encoding.load_text_encoder, videos.load_models

    def watched(path: Path) -> Any:
        encoder = load_encoder(path)
        alive.append(weakref.ref(encoder.model))
        return encoder

    def after(*given: Any) -> Any:
        gc.collect()
        states.append(alive[0]() is None)
        return load_networks(*given)

    monkeypatch.setattr(cached_encoding, "load_text_encoder", watched)
    monkeypatch.setattr(videos, "load_models", after)
    clip(a14b.options, "first.png --prompt balloon")
    assert states == [True]


@pytest.mark.parametrize(("family", "line"), [FAMILIES[1], FAMILIES[5]], ids=["flf2v", "ti2v-5b"])
def test_with_a_folder_of_encodes_a_second_run_loads_no_encoder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, family: str, line: str
) -> None:
    files, line = write_repackaged(folder / "model", family).options, f"{line} --cache encodes"
    first = clip(files, line)
    kept = sorted(path.name for path in (folder / "encodes").iterdir())
    assert len(kept) == (5 if family == "flf2v" else 3), "prompt, negative prompt, each picture, start"
    for name in ("load_text_encoder", "load_image_encoder", "encode_pictures"):
        monkeypatch.setattr(cached_encoding, name, None)
    assert distance(clip(files, line), first) < 0.01
    clip(files, f"{line} --seed 1 --strength 0.5 --steps 1")
    assert sorted(path.name for path in (folder / "encodes").iterdir()) == kept
    capsys.readouterr()
    with pytest.raises(TypeError, match="not callable"):
        clip(files, line.replace("balloon", "river"))


def test_a_draft_has_half_the_frames_at_half_the_rate_and_a_rough_clip_comes_first(folder: Path, capsys: Captured) -> None:
    files = write_repackaged(folder / "model", "i2v-a14b").options
    line = "first.png --document motion.json --prompt balloon --length 17 --draft --steps 4 --preview rough.mp4"
    assert clip(files, line).shape == (9, 32, 32, 3)
    assert video_info("clip.mp4").fps == 8
    assert (video_info("rough.mp4").fps, video_info("rough.mp4").frames) == (2, 3)
    said = capsys.readouterr().err
    assert "A draft: 9 frames for 17, preset draft" in said and "roughly: rough.mp4. Ctrl+C stops here." in said
    assert main(["generate", *files, "first.png", *SIZE.split(), "--preview", "none/rough.mp4", "--out", "clip.mp4"]) == 2
    assert 'the folder "none" does not exist' in capsys.readouterr().err


def test_without_a_picture_the_rough_clip_takes_its_colours_from_the_decoder(folder: Path) -> None:
    clip(write_repackaged(folder / "model", "t2v").options, "--prompt balloon --preview rough.mp4")
    assert video_info("rough.mp4").frames == 2


def test_loras_act_on_both_experts_or_on_the_one_that_is_named(a14b: FamilyFiles, capsys: Captured) -> None:
    save_lora("style.safetensors")
    line = "first.png --prompt balloon"
    plain, both = clip(a14b.options, line), clip(a14b.options, f"{line} --lora style.safetensors")
    assert capsys.readouterr().err.count("style.safetensors: 3 layers changed") == 2
    high, low = (clip(a14b.options, f"{line} --lora style.safetensors:1:{name}") for name in ("high", "low"))
    assert len({frames.tobytes() for frames in (plain, both, high, low)}) == 4
    assert np.array_equal(clip(a14b.options, f"{line} --lora style.safetensors:0"), plain)


def test_hybrid_is_without_the_distilled_lora_at_first_and_with_it_later(a14b: FamilyFiles) -> None:
    save_lora("fast.safetensors")
    line = "first.png --prompt balloon --steps 4 --distilled-lora fast.safetensors"
    shapes = {name: clip(a14b.options, f"{line} --preset {name}") for name in ("distilled", "hybrid")}
    without = clip(a14b.options, "first.png --prompt balloon --steps 4 --preset hybrid --distilled-lora fast.safetensors:0")
    assert len({frames.tobytes() for frames in (*shapes.values(), without)}) == 3


def test_few_steps_without_a_lora_are_remarked_on(folder: Path, capsys: Captured) -> None:
    files = write_repackaged(folder / "model", "t2v").options
    clip(files, "--prompt balloon --preset distilled")
    assert '"distilled" is for a step-distilled LoRA or model, and no LoRA is given' in capsys.readouterr().err


def test_the_page_of_the_models_names_what_there_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()) as printed:
        main(["generate", "--help"])
    options = set(re.findall(r"--[a-z][a-z-]+", printed.getvalue()))
    assert set(re.findall(r"--[a-z][a-z-]+", page)) <= options
    presets = re.findall(r"^\| `([a-z]+)` \|", page, re.MULTILINE)
    assert presets == [row.name for row in SAMPLING_PRESETS]
    for row in VARIANTS:
        numbers = row.defaults
        assert row.name == "i2v-14b" or f"{numbers.length} frames of {numbers.width}×{numbers.height}" in page
        assert row.boundary is None or f"{row.boundary:g} for {row.label.split()[-1]}" in page


def test_hybrid_twice_in_a_row_is_the_same(a14b: FamilyFiles) -> None:
    """What the LoRA changes in place (the modulation) is as it was after each run."""
    from wanmove_core.generation.model_files import find_files, load_models
    from wanmove_core.host import SilentHost
    from wanmove_core.pipeline import GenerateRequest, Prompt, Sampling, generate

    save_lora("fast.safetensors")
    dit, vae, low = (Path(a14b.model[index]) for index in (1, 3, 5))
    files = find_files(dit, vae, low, None, None)
    loras = (LoraChoice(Path("fast.safetensors"), is_distilled=True),)
    models = load_models(type(files)(**{**files.__dict__, "loras": loras}), SilentHost())
    request = GenerateRequest(
        torch.rand(32, 32, 3, generator=torch.Generator().manual_seed(0)), 5,
        Sampling(4, 5.0, solver="euler", undistilled=2), prompt=Prompt(torch.ones(2, 64)),
    )  # fmt: skip
    assert models.low_noise is not None
    networks = (models.dit, models.low_noise)
    before = [value.clone() for network in networks for value in network.state_dict().values()]
    first, second = (np.stack(list(generate(models, request, SilentHost()))) for _ in range(2))
    assert np.array_equal(first, second)
    after = [value for network in networks for value in network.state_dict().values()]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("a.safetensors", LoraChoice(Path("a.safetensors"))),
        ("a.safetensors:0.5", LoraChoice(Path("a.safetensors"), 0.5)),
        ("a:-1:low", LoraChoice(Path("a"), -1.0, "low")),
        ("C:\\loras\\a.safetensors:high", LoraChoice(Path("C:\\loras\\a.safetensors"), 1.0, "high")),
        ("C:\\loras\\a.safetensors", LoraChoice(Path("C:\\loras\\a.safetensors"))),
    ],
)
def test_a_lora_is_named_with_its_strength_and_its_expert(text: str, choice: LoraChoice) -> None:
    assert read_lora_choice(text) == choice


MISTAKES = [
    ("t2v", "first.png --prompt a", "makes a clip from the prompt alone and takes no picture"),
    ("t2v", "--prompt a --document motion.json", "Tracks cannot guide Wan 2.1 T2V-14B"),
    ("ti2v-5b", "first.png --prompt a --document motion.json", "Tracks cannot guide Wan 2.2 TI2V-5B: its start image"),
    ("wan-move", "--prompt a", "makes a clip of a picture, and no picture is given"),
    ("flf2v", "first.png --prompt a", "no last picture is given. Give one (wanmove generate: --last)"),
    ("wan-move", "first.png --last last.png --prompt a", "takes no last picture"),
    ("wan-move", "first.png --prompt a --low-noise model/dit.safetensors", "has one network, and --low-noise gives a"),
    ("wan-move", "first.png --prompt a --lora lora.safetensors:1:low", "is for one of two experts, and"),
    ("wan-move", "first.png --prompt a --variant flf2v-14b", "and --variant says flf2v-14b, which has other ones"),
    ("wan-move", "first.png --prompt a --preset hybrid", "none is loaded that can be switched off. Give one"),
    ("wan-move", "first.png --prompt a --text-encoder model/vae.safetensors", "a umT5 text encoder"),
    ("wan-move", "first.png --prompt a --image-encoder model/umt5_xxl.safetensors", "a CLIP ViT-H/14 image encoder"),
    ("ti2v-5b", "--prompt a --vae other/vae.safetensors", "is Wan 2.1 VAE of its own sizes, which Wan 2.2 TI2V-5B does not"),
    ("i2v-a14b", "first.png --prompt a --low-noise other/dit.safetensors", "is an expert of Wan 2.2 I2V-A14B and other"),
]  # fmt: skip


@pytest.mark.parametrize(("family", "line", "message"), MISTAKES, ids=[message for _, _, message in MISTAKES])
def test_what_does_not_belong_together_is_refused(folder: Path, capsys: Captured, family: str, line: str, message: str) -> None:
    files = write_repackaged(folder / "model", family).options
    write_repackaged(folder / "other", "t2v")
    save_lora("lora.safetensors")
    assert main(["generate", *files, *SIZE.split(), *line.split(), "--out", "clip.mp4"]) == 2
    assert message in capsys.readouterr().err
    assert not Path("clip.mp4").exists()


@pytest.mark.parametrize(("left_out", "message"), [
    ("--text-encoder", "reads a prompt, and there is no text encoder. Give umT5-xxl"),
    ("--image-encoder", "sees its pictures through an image encoder, and there is none. Give CLIP ViT-H"),
])  # fmt: skip
def test_a_missing_encoder_is_named(folder: Path, capsys: Captured, left_out: str, message: str) -> None:
    files = write_repackaged(folder / "model", "wan-move").options
    at = files.index(left_out)
    assert main(["generate", "first.png", *files[:at], *files[at + 2 :], *SIZE.split(), "--out", "clip.mp4"]) == 2
    assert message in capsys.readouterr().err


def test_the_user_can_say_what_the_file_cannot(folder: Path, capsys: Captured) -> None:
    files = write_repackaged(folder / "model", "wan-move").options
    clip(files, "first.png --prompt balloon --variant i2v-14b --document motion.json")
    assert "Wan 2.1 I2V-14B was not trained for track guidance" in capsys.readouterr().err


def test_two_files_of_14b_text_models_are_the_two_experts(folder: Path, capsys: Captured) -> None:
    files = write_repackaged(folder / "model", "t2v")
    save_file(dit_state("t2v", 7), "low.safetensors")
    line = "--prompt balloon --low-noise low.safetensors --json"
    assert main(["generate", *files.options, *SIZE.split(), *line.split(), "--out", "clip.mp4"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["model"] == "t2v-a14b"
