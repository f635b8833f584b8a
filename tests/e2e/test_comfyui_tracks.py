"""The track nodes in a real ComfyUI, queued over its API as a client does, and once on its page. Needs a ComfyUI:

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui_tracks.py
"""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.comfy.record_object_info import GOLDEN, pack_nodes
from tests.e2e.comfyui import Comfy, running_comfyui
from wanmove_core.rendering.images import load_image
from wanmove_core.rendering.video_file import read_video

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.comfy

LENGTH, WIDTH, HEIGHT = 9, 128, 64
SIZE = {"width": WIDTH, "height": HEIGHT}
COORDINATES = json.dumps([[{"x": 8 + 2 * frame, "y": y} for frame in range(LENGTH)] for y in (8, 40)])
SOURCES = """
import torch

class TestConditioning:
    '''A conditioning and a random latent, in place of a text encoder and a VAE.'''
    RETURN_TYPES, FUNCTION, CATEGORY = ("CONDITIONING", "VAE"), "run", "test"
    @classmethod
    def INPUT_TYPES(cls): return {"required": {}}
    def run(self): return [[torch.zeros(1, 4, 8), {}]], self
    def encode(self, video):
        shape = (1, 16, (video.shape[0] - 1) // 4 + 1, video.shape[1] // 8, video.shape[2] // 8)
        return torch.randn(shape, generator=torch.Generator().manual_seed(0))

class TestChangedCells:
    '''How many cells of the positive's and the negative's latent differ from the random one.'''
    RETURN_TYPES, FUNCTION, CATEGORY, OUTPUT_NODE = (), "run", "test", True
    @classmethod
    def INPUT_TYPES(cls): return {"required": {name: ("CONDITIONING",) for name in ("positive", "negative")}}
    def run(self, positive, negative):
        latents = [said[0][1]["concat_latent_image"] for said in (positive, negative)]
        first = torch.randn(latents[0].shape, generator=torch.Generator().manual_seed(0))
        return {"ui": {"cells": [int((latent != first).any(1).sum()) for latent in latents]}}

NODE_CLASS_MAPPINGS = {"TestConditioning": TestConditioning, "TestChangedCells": TestChangedCells}
"""

Prompt = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comfy]:
    """ComfyUI with two small nodes that stand for models."""
    folder = tmp_path_factory.mktemp("comfyui_tracks")
    sources = folder / "custom_nodes" / "test_sources"
    sources.mkdir(parents=True)
    (sources / "__init__.py").write_text(SOURCES)
    with running_comfyui(folder) as comfy:
        yield comfy


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    """One node of a prompt; an input may be ["other node", output]."""
    return {"class_type": kind, "inputs": inputs}


def preset(**inputs: Any) -> dict[str, Any]:
    """The rectangle of a picture panned to the right."""
    pan = {"preset": "pan", "preset.x": 32.0, "preset.y": 0.0}
    area = {"region": "rectangle", "region.left": 16, "region.top": 16, "region.across": 32, "region.down": 32}
    given = {"length": LENGTH, **SIZE, "fit": "crop", "pin_rest": False, "density": 1.0}
    return node("WanMovePresetTracks", **{**pan, **area, **given, **inputs})


def transform(tracks: list[Any], **inputs: Any) -> dict[str, Any]:
    """A transform that leaves what it is not told to change."""
    unchanged = {"motion": 1.0, "move_x": 0.0, "move_y": 0.0, "scale": 1.0, "rotation": 0.0, "reverse": False, "length": 0}
    sizes = {"width": 0, "height": 0, "fit": "crop", "from_width": 0, "from_height": 0}
    return node("WanMoveTransformTracks", **{"tracks": tracks, **unchanged, **sizes, **inputs})


def export(tracks: list[Any], write: str = "nothing") -> dict[str, Any]:
    """The end of most prompts."""
    return node("WanMoveExportTracks", tracks=tracks, write=write, filename_prefix="tracks/all")


def queue(comfy: Comfy, prompt: Prompt) -> dict[str, Any]:
    """The history of a prompt that was accepted, when it is over."""
    status, answer = comfy.post("/prompt", {"prompt": prompt})
    assert status == 200, answer
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if found := comfy.get(f"/history/{answer['prompt_id']}"):
            return found[answer["prompt_id"]]
        time.sleep(0.1)
    pytest.fail("ComfyUI did not finish")


def run(comfy: Comfy, prompt: Prompt) -> dict[str, Any]:
    """What the nodes of a prompt showed."""
    history = queue(comfy, prompt)
    assert history["status"]["status_str"] == "success", history["status"]["messages"]
    return history["outputs"]


def complaint(comfy: Comfy, prompt: Prompt) -> str:
    """What the error on the node says."""
    history = queue(comfy, prompt)
    assert history["status"]["status_str"] == "error"
    return dict(history["status"]["messages"])["execution_error"]["exception_message"]


def pictures(comfy: Comfy, shown: dict[str, Any]) -> list[np.ndarray]:
    """The pictures that a node showed."""
    return [load_image(comfy.folder / item["type"] / item["subfolder"] / item["filename"]) for item in shown["images"]]


def test_the_golden_file_is_what_comfyui_says(comfy: Comfy) -> None:
    assert pack_nodes(comfy.get("/object_info")) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_comfyui_has_found_nothing_to_warn_of_in_the_pack(comfy: Comfy) -> None:
    log = (comfy.folder / "log.txt").read_text()
    assert [line for line in log.splitlines() if "WanMove" in line and ("WARN" in line or "ERROR" in line)] == []


def test_presets_imports_and_merges_come_out_as_files_of_all_tracks(comfy: Comfy) -> None:
    run(
        comfy,
        {
            "preset": preset(),
            "text": node("WanMoveImportTracks", source="JSON", **{"source.coordinates": COORDINATES}, **SIZE),
            "merged": node(
                "WanMoveMergeTracks", lengths="stretch", **{"tracks.tracks0": ["preset", 0], "tracks.tracks1": ["text", 0]}
            ),
            "moved": transform(["merged", 0], move_x=4.0, length=LENGTH * 2 - 1),
            "files": export(["moved", 0], "npy files"),
        },
    )
    folder = comfy.folder / "output" / "tracks"
    tracks = np.load(folder / "all_00001_tracks.npy")
    assert tracks.shape == (17, 18, 2) and tracks.dtype == np.float32
    assert tracks[0, :3].tolist() == [[24, 20], [32, 20], [40, 20]] and tracks[16, -1].tolist() == [28, 40]
    assert np.load(folder / "all_00001_visibility.npy").all()


def test_files_come_in_by_name_and_go_to_comfyuis_own_nodes_as_text(comfy: Comfy) -> None:
    np.save(comfy.folder / "input" / "mine.npy", np.full((LENGTH, 3, 2), 16.0))
    files = {"source.tracks_file": "mine.npy", "source.visibility_file": ""}
    shown = run(
        comfy,
        {
            "picture": node("LoadImage", image="picture.jpg"),
            "fitted": node("ImageScale", image=["picture", 0], upscale_method="bilinear", crop="center", **SIZE),
            "files": node("WanMoveImportTracks", source="npy files", **files, **SIZE),
            "text": export(["files", 0]),
            "theirs": node("WanMoveTracksFromCoords", track_coords=["text", 0]),
            "joined": node("WanMoveConcatTrack", tracks_1=["theirs", 0], tracks_2=["files", 0]),
            "drawn": node(
                "WanMoveOverlayTracks",
                images=["fitted", 0],
                tracks=["joined", 0],
                max_tracks=160,
                max_numbers=24,
                tail=12,
            ),
            "seen": node("PreviewImage", images=["drawn", 0]),
        },
    )
    assert len(pictures(comfy, shown["seen"])) == LENGTH


def test_tracks_of_comfyuis_own_nodes_with_a_mask_are_taken(comfy: Comfy) -> None:
    line = {"start_x": 0.2, "start_y": 0.2, "end_x": 0.8, "end_y": 0.8, "mid_x": 0.5, "mid_y": 0.5, "bezier": False}
    run(
        comfy,
        {
            "mask": node("SolidMask", value=1.0, **SIZE),
            "frames": node("RepeatImageBatch", image=["image", 0], amount=LENGTH),
            "image": node("MaskToImage", mask=["mask", 0]),
            "shown": node("ImageToMask", image=["frames", 0], channel="red"),
            "theirs": node(
                "GenerateTracks",
                **SIZE,
                **line,
                num_frames=LENGTH,
                num_tracks=5,
                track_spread=0.1,
                interpolation="linear",
                track_mask=["shown", 0],
            ),
            "moved": transform(["theirs", 0], from_width=WIDTH, from_height=HEIGHT, reverse=True),
            "files": export(["moved", 0]),
        },
    )


def test_a_preview_is_a_playable_video_that_begins_with_the_picture(comfy: Comfy) -> None:
    shown = run(
        comfy,
        {
            "picture": node("LoadImage", image="picture.jpg"),
            "preset": preset(pin_rest=True),
            "draft": node(
                "WanMovePreviewTracks",
                image=["picture", 0],
                tracks=["preset", 0],
                document=["preset", 1],
                fit="crop",
                fps=16.0,
            ),
            "seen": node("PreviewImage", images=["draft", 0]),
            "saved": node("SaveVideo", video=["draft", 1], filename_prefix="draft", format="auto", codec="auto"),
        },
    )
    frames = pictures(comfy, shown["seen"])
    assert len(frames) == LENGTH and frames[0].shape == (HEIGHT, WIDTH, 3)
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 1
    (saved,) = (comfy.folder / "output").glob("draft*.mp4")
    assert len(list(read_video(saved))) == LENGTH


@pytest.mark.parametrize(("sees", "negative_changes"), [("edited", True), ("clean", False)])
def test_tracks_reach_the_conditioning_of_comfyuis_own_sampler(comfy: Comfy, sees: str, negative_changes: bool) -> None:
    shown = run(comfy, {**conditioned(), "applied": applied(sees), "cells": changed("applied"), "before": changed("start")})
    positive, negative = shown["cells"]["cells"]
    assert positive == 32, "16 tracks in latent frames 1 and 2"
    assert negative == (positive if negative_changes else 0)
    assert shown["before"]["cells"] == [0, 0], "what came in is not written to"


def conditioned() -> Prompt:
    """A conditioning with a start image, and tracks."""
    return {
        "sources": node("TestConditioning"),
        "picture": node("LoadImage", image="picture.jpg"),
        "start": node(
            "WanImageToVideo",
            positive=["sources", 0],
            negative=["sources", 0],
            vae=["sources", 1],
            start_image=["picture", 0],
            length=LENGTH,
            batch_size=2,
            **SIZE,
        ),
        "preset": preset(),
    }


def applied(negative_sees: str) -> dict[str, Any]:
    """The tracks on the conditioning."""
    said = {"strength": 1.0, "footprint": 0.0, "temporal": "last", "negative_sees": negative_sees}
    return node("WanMoveApplyTracks", positive=["start", 0], negative=["start", 1], tracks=["preset", 0], **said)


def changed(source: str) -> dict[str, Any]:
    """How many cells of a node's two conditionings are not as encoded."""
    return node("TestChangedCells", positive=[source, 0], negative=[source, 1])


def test_what_cannot_be_done_is_said_on_the_node(comfy: Comfy) -> None:
    missing = {"source.tracks_file": "../log.txt", "source.visibility_file": ""}
    prompt = {"files": node("WanMoveImportTracks", source="npy files", **missing, **SIZE), "out": export(["files", 0])}
    assert 'There is no .npy file "../log.txt" in ComfyUI\'s input folder' in complaint(comfy, prompt)
    short = {**conditioned(), "preset": preset(length=LENGTH - 4)}
    short["applied"] = applied("edited")
    short["cells"] = changed("applied")
    assert "The tracks have 5 frames, the video has 9" in complaint(comfy, short)


def test_a_mask_is_a_region(comfy: Comfy) -> None:
    mask = {"region": "mask", "region.mask": ["mask", 0]}
    prompt = preset(**mask)
    for name in ("left", "top", "across", "down"):
        del prompt["inputs"][f"region.{name}"]
    run(comfy, {"mask": node("SolidMask", value=1.0, **SIZE), "preset": prompt, "out": export(["preset", 0])})


CHOSEN = """async () => {
  const settled = () => new Promise((done) => setTimeout(done, 300));
  app.graph.clear();
  const node = LiteGraph.createNode("WanMovePresetTracks"), mask = LiteGraph.createNode("LoadImageMask");
  app.graph.add(node);
  app.graph.add(mask);
  await settled();
  for (const [name, value] of [["preset", "sway"], ["region", "mask"], ["preset.amplitude", 33], ["length", 41]]) {
    const widget = node.widgets.find((one) => one.name === name);
    widget.value = value;
    widget.callback?.(value);
    await settled();
  }
  mask.connect(0, node, node.inputs.findIndex((one) => one.name === "region.mask"));
  const queued = async () => Object.values((await app.graphToPrompt()).output).find((one) => one.inputs.preset).inputs;
  const found = [await queued()];
  await app.loadGraphData(JSON.parse(JSON.stringify(app.graph.serialize())));
  await settled();
  return [...found, await queued()];
}"""


@pytest.mark.parametrize("renderer", ["classic", "Nodes 2.0"])
def test_choices_with_inputs_of_their_own_survive_save_and_load(browser: "Browser", comfy: Comfy, renderer: str) -> None:
    comfy.post("/api/settings/Comfy.TutorialCompleted", True)
    comfy.post("/api/settings/Comfy.VueNodes.Enabled", renderer == "Nodes 2.0")
    page = browser.new_page()
    page.goto(comfy.url)
    page.wait_for_function("() => window.app?.extensionManager && window.app.graph")
    before, after = page.evaluate(CHOSEN)
    page.close()
    assert (before["preset.amplitude"], before["region"], before["length"]) == (33, "mask", 41)
    assert len(before["region.mask"]) == 2 and "preset.x" not in before
    assert after == before
