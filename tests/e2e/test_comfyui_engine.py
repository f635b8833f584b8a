"""The engine's nodes in a real ComfyUI, queued over its API as a client does. Needs no browser, but a ComfyUI:

WANMOVE_COMFYUI=/path/to/ComfyUI WANMOVE_COMFYUI_PYTHON=/path/to/its/python pytest tests/e2e/test_comfyui_engine.py
"""

import asyncio
import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.e2e.comfyui import PICTURE, Comfy, running_comfyui
from wanmove_core.demo.assets import DOCUMENT, load_demo_models
from wanmove_core.host import SilentHost
from wanmove_core.loading.tensor_file import read_header
from wanmove_core.pipeline import GenerateRequest, Sampling, generate
from wanmove_core.rendering.images import fit_image, load_image
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake
from wanmove_core.tracks.tensors import to_tensors

pytestmark = pytest.mark.comfy

WIDTH, HEIGHT, LENGTH = 112, 64, 9
PREVIEW, TEXT = 4, 3
"""kinds of binary messages: a picture with metadata, a line on a node"""


@dataclass
class Run:
    """What a client was told while one workflow ran."""

    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    previews: list[tuple[str, Image.Image]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a kind."""
        return [said for name, said in self.messages if name == kind]

    def steps_of(self, node: str) -> list[int]:
        """How far a node said that it was, each time."""
        states = [said["nodes"].get(node) for said in self.of("progress_state")]
        return [state["value"] for state in states if state is not None and state["state"] == "running"]

    def take(self, message: Any) -> None:
        """Remember one message."""
        if message.type == aiohttp.WSMsgType.TEXT:
            said = json.loads(message.data)
            self.messages.append((said["type"], said["data"]))
            return
        (kind,) = struct.unpack_from(">I", message.data)
        (length,) = struct.unpack_from(">I", message.data, 4)
        head, rest = message.data[8 : 8 + length], message.data[8 + length :]
        if kind == PREVIEW:
            self.previews.append((json.loads(head)["node_id"], Image.open(BytesIO(rest))))
        elif kind == TEXT:
            self.notes.append((head.decode(), rest.decode()))


@pytest.fixture(scope="module")
def comfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Comfy]:
    """ComfyUI with previews and a LoRA for the demo model."""
    folder = tmp_path_factory.mktemp("comfyui_engine")
    _write_lora(folder / "models" / "loras" / "demo.safetensors")
    with running_comfyui(folder, "--preview-method", "auto") as comfy:
        yield comfy


def workflow(**changes: dict[str, Any]) -> dict[str, Any]:
    """The demo workflow in API format; ``changes`` of inputs by node, e.g. sampler={"steps": 3}."""
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "picture": ("LoadImage", {"image": "picture.jpg"}),
        "editor": (
            "TrajectoryEditor",
            {
                "image": ["picture", 0],
                "length": LENGTH,
                "width": WIDTH,
                "height": HEIGHT,
                "fit": "crop",
                "document": DOCUMENT.read_text(),
            },
        ),
        "loader": (
            "LoadWanMove",
            {
                "diffusion_model": "embedded demo model",
                "vae": "embedded demo model",
                "text_encoder": "none",
                "clip_vision": "none",
                "lora": "none",
                "lora_strength": 1.0,
                "precision": "auto",
            },
        ),
        "guide": (
            "TrajectoryToLatentGuide",
            {
                "model": ["loader", 0],
                "image": ["picture", 0],
                "tracks": ["editor", 0],
                "strength": 1.0,
                "footprint": 0.0,
                "temporal": "last",
                "fit": "crop",
            },
        ),
        "sampler": (
            "WanMoveSampler",
            {
                "guide": ["guide", 0],
                "prompt": "",
                "negative_prompt": "",
                "preset": "full",
                "steps": 0,
                "cfg": 0.0,
                "motion_scale": 0.0,
                "shift": 0.0,
                "solver": "auto",
                "negative_sees": "edited",
                "seed": 5,
            },
        ),
        "video": ("SaveVideo", {"video": ["sampler", 1], "filename_prefix": "wanmove", "format": "auto", "codec": "auto"}),
        "frames": ("PreviewImage", {"images": ["sampler", 0]}),
    }
    return {name: {"class_type": kind, "inputs": {**given, **changes.get(name, {})}} for name, (kind, given) in nodes.items()}


def queue(comfy: Comfy, prompt: dict[str, Any], during: Callable[[Run], None] | None = None) -> Run:
    """Queue a workflow and listen until it has ended; ``during`` is called after each message."""

    async def listen() -> Run:
        run = Run()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{comfy.url}/ws?clientId=test", max_msg_size=0) as socket,
        ):
            await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
            await socket.receive()
            status, answer = await asyncio.to_thread(comfy.post, "/api/prompt", {"prompt": prompt, "client_id": "test"})
            assert status == 200, answer
            while not {"execution_success", "execution_error", "execution_interrupted"} & {name for name, _ in run.messages}:
                run.take(await socket.receive(timeout=120))
                if during is not None:
                    during(run)
        return run

    return asyncio.run(listen())


def frames_of(comfy: Comfy, run: Run) -> list[np.ndarray]:
    """The frames that PreviewImage showed."""
    (shown,) = [said["output"]["images"] for said in run.of("executed") if said["node"] == "frames"]
    return [np.asarray(Image.open(comfy.folder / "temp" / picture["filename"])) for picture in shown]


def test_the_demo_workflow_makes_a_video_that_plays(comfy: Comfy) -> None:
    run = queue(comfy, workflow())
    assert run.of("execution_error") == []
    with av.open(str(next((comfy.folder / "output").glob("wanmove_*.mp4")))) as video:
        stream = video.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(stream)]
        assert stream.average_rate == 16
    assert np.shape(frames) == (LENGTH, HEIGHT, WIDTH, 3)
    assert ("loader", "A very small model") in [(node, note[:18]) for node, note in run.notes]


def test_the_frames_are_those_of_the_engine_alone(comfy: Comfy) -> None:
    frames = frames_of(comfy, queue(comfy, workflow()))
    tracks = to_tensors(bake(parse_document(DOCUMENT.read_bytes()), LENGTH, WIDTH, HEIGHT, "crop"))
    picture = torch.from_numpy(fit_image(load_image(PICTURE), WIDTH, HEIGHT, "crop")).float() / 255
    request = GenerateRequest(picture, LENGTH, Sampling(2, 8.0, 5, scale=GuidanceScale(1.0)), tracks)
    expected = list(generate(load_demo_models(), request, SilentHost()))
    apart = np.abs(np.stack(frames).astype(int) - np.stack(expected).astype(int))
    assert apart.max() <= 2, "the two may have different builds of torch"


def test_each_step_is_shown_as_it_is_sampled(comfy: Comfy) -> None:
    run = queue(comfy, workflow(sampler={"steps": 4, "seed": 11}))
    previews = [picture for node, picture in run.previews if node == "sampler"]
    assert len(previews) == 4
    assert all(picture.width > 2 * picture.height for picture in previews), "frames side by side"
    assert {1, 2, 3, 4} <= set(run.steps_of("sampler"))


def test_another_drawing_needs_no_second_encode(comfy: Comfy) -> None:
    drawn = json.loads(DOCUMENT.read_text())
    first = queue(comfy, workflow(picture={}, sampler={"seed": 21}, guide={"fit": "stretch"}, editor={"fit": "stretch"}))
    assert len(set(first.steps_of("guide"))) > 1, "the encode is shown"
    drawn["layers"] = drawn["layers"][:-1]
    second = queue(
        comfy,
        workflow(sampler={"seed": 21}, guide={"fit": "stretch"}, editor={"fit": "stretch", "document": json.dumps(drawn)}),
    )
    ran = {said["node"] for said in second.of("executing")}
    assert {"editor", "guide", "sampler"} <= ran and "loader" not in ran
    assert len(set(second.steps_of("guide"))) <= 1, "no encode is shown"
    assert not np.array_equal(frames_of(comfy, first), frames_of(comfy, second))


def test_an_interruption_ends_the_run_within_a_step(comfy: Comfy) -> None:
    asked: list[int] = []

    def stop_once(run: Run) -> None:
        if not asked and len(run.previews) == 2:
            asked.append(max(run.steps_of("sampler")))
            comfy.post("/api/interrupt", {})

    long = {"width": 448, "height": 256, "length": 33}
    run = queue(comfy, workflow(editor=long, sampler={"steps": 500, "seed": 31}), stop_once)
    (stopped,) = run.of("execution_interrupted")
    assert stopped["node_id"] == "sampler"
    assert max(run.steps_of("sampler")) <= asked[0] + 1
    assert queue(comfy, workflow()).of("execution_success"), "and the next one runs"


def test_a_lora_changes_the_video(comfy: Comfy) -> None:
    plain = frames_of(comfy, queue(comfy, workflow(sampler={"seed": 41})))
    patched = frames_of(comfy, queue(comfy, workflow(sampler={"seed": 41}, loader={"lora": "demo.safetensors"})))
    assert not np.array_equal(plain, patched)


@pytest.mark.parametrize(
    ("changes", "node", "said"),
    [
        ({"editor": {"length": 10}}, "guide", "The clip has 10 frames; embedded demo model needs 4k+1: use 9 or 13."),
        ({"editor": {"document": "{"}}, "editor", "The document is not JSON"),
        ({"editor": {"width": 104}}, "guide", "use 96x64"),
    ],
)
def test_what_is_wrong_is_said_on_its_node_and_the_next_run_works(
    comfy: Comfy, changes: dict[str, Any], node: str, said: str
) -> None:
    (error,) = queue(comfy, workflow(**changes)).of("execution_error")
    assert error["node_id"] == node and said in error["exception_message"]
    assert queue(comfy, workflow()).of("execution_success")


def test_a_model_file_that_is_not_there_is_named_before_anything_runs(comfy: Comfy) -> None:
    status, answer = comfy.post("/api/prompt", {"prompt": workflow(loader={"vae": "gone.safetensors"})})
    assert status == 400
    assert "gone.safetensors" in json.dumps(answer["node_errors"]["loader"])


def _write_lora(path: Path) -> None:
    """A LoRA of rank 1 for one layer of the demo model."""
    path.parent.mkdir(parents=True)
    rows, columns = read_header(Path(DOCUMENT).parent / "dit.safetensors").tensors["blocks.0.ffn.0.weight"].shape
    generator = torch.Generator().manual_seed(0)
    layer = "diffusion_model.blocks.0.ffn.0"
    save_file(
        {
            f"{layer}.lora_up.weight": torch.randn(rows, 1, generator=generator),
            f"{layer}.lora_down.weight": torch.randn(1, columns, generator=generator),
            f"{layer}.alpha": torch.tensor(1.0),
        },
        path,
    )
