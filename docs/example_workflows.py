"""The example workflows and their thumbnails, written anew: ``python -m docs.example_workflows``.

They are files as ComfyUI's page saves them; what they have in common (pictures, drawings, model files, notes) stands here once.
tests/e2e/test_example_workflows.py opens them in ComfyUI, tests/comfy/test_example_workflows.py holds them against the nodes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wanmove_core.host import SilentHost
from wanmove_core.rendering.images import fit_image, load_image
from wanmove_core.rendering.overlay import OverlayOptions, overlay_frames
from wanmove_core.rendering.warp import warp_frames
from wanmove_core.tracks.document import parse_document
from wanmove_core.tracks.sampling import bake

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "example_workflows"
PICTURE = ROOT / "wanmove_core/demo/picture.jpg"
THUMBNAIL = (416, 240)
MOMENTS = 33

Documents = dict[str, Any]
Socket = tuple[str, str]
Link = tuple[int, int, int, int, int, str]

HEAD = [[376, 300], [381, 250], [403, 213], [423, 178], [448, 143], [488, 118], [520, 100], [560, 90], [600, 81], [640, 76]]
HEAD += [[674, 84], [689, 108], [691, 137], [682, 170], [662, 194], [630, 222], [606, 248], [584, 280], [566, 318]]
HEAD += [[505, 354], [462, 372], [415, 360], [383, 328]]
TURN = {
    "path": {"kind": "catmull-rom", "points": [[0, 0], [-40, -26], [-84, -12], [-112, 14]]},
    "rotation": [[0, 0], [1, -16]],
    "anchor": [455, 350],
    "timing": {"easing": "ease-in-out"},
}
ZOOM = {
    "scale": [[0, 1], [1, 1.35]],
    "path": {"kind": "catmull-rom", "points": [[0, 0], [24, 12], [70, 8], [96, 26]]},
    "timing": {"easing": "ease-in-out"},
}


def drawing(*layers: dict[str, Any]) -> Documents:
    """A document over the example picture."""
    return {"version": 1, "width": 832, "height": 480, "layers": list(layers)}


REST = {"name": "background", "region": {"kind": "rest"}}
HEAD_TURNS = {"name": "head", "region": {"kind": "polygon", "points": HEAD}, "motion": TURN}
TURN_HEAD = drawing(REST, HEAD_TURNS)
PINNED = drawing(
    HEAD_TURNS,
    {"name": "pin left", "region": {"kind": "disc", "centre": [120, 330], "radius": 60}},
    {"name": "pin right", "region": {"kind": "disc", "centre": [720, 340], "radius": 60}},
    {"name": "pin background", "region": {"kind": "rectangle", "box": [40, 30, 240, 110]}},
)
CAMERA = drawing({"name": "camera", "region": {"kind": "frame"}, "motion": ZOOM})

_HUB = "https://huggingface.co"
_WAN21 = f"{_HUB}/Comfy-Org/Wan_2.1_ComfyUI_repackaged/resolve/main/split_files"
_WAN22 = f"{_HUB}/Comfy-Org/Wan_2.2_ComfyUI_Repackaged/resolve/main/split_files"


@dataclass(frozen=True)
class ModelFile:
    """A file that people download, and the folder of ComfyUI's models that it goes to."""

    folder: str
    url: str

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[1]

    @property
    def entry(self) -> dict[str, str]:
        """As ComfyUI's page reads it, to offer the download of what is missing."""
        return {"name": self.name, "url": self.url, "directory": self.folder}


_LIGHT = "lightx2v_I2V_14B_480p_cfg_step_distill_rank64_bf16.safetensors"
_MOVE = "Wan21-WanMove_fp8_scaled_e4m3fn_KJ.safetensors"
MOVE = ModelFile("diffusion_models", f"{_HUB}/Kijai/WanVideo_comfy_fp8_scaled/resolve/main/WanMove/{_MOVE}")
HIGH = ModelFile("diffusion_models", f"{_WAN22}/diffusion_models/wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors")
LOW = ModelFile("diffusion_models", f"{_WAN22}/diffusion_models/wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors")
VAE = ModelFile("vae", f"{_WAN21}/vae/wan_2.1_vae.safetensors")
TEXT = ModelFile("text_encoders", f"{_WAN21}/text_encoders/umt5_xxl_fp8_e4m3fn_scaled.safetensors")
CLIP = ModelFile("clip_vision", f"{_WAN21}/clip_vision/clip_vision_h.safetensors")
LIGHT = ModelFile("loras", f"{_HUB}/Kijai/WanVideo_comfy/resolve/main/Lightx2v/{_LIGHT}")

EMBEDDED = "embedded demo model"
NEGATIVE = (
    "镜头晃动，色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，"
    "丑陋的，残缺的，多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，"
    "杂乱的背景，三条腿，背景人很多，倒着走"
)
PROMPT = "A green snake slowly turns its head to the left, close-up, natural light."


@dataclass
class Node:
    """One node of a workflow while it is put together."""

    id: int
    data: dict[str, Any]
    inputs: list[str]
    outputs: list[str]


@dataclass
class Workflow:
    """Nodes and links, and the file they become."""

    nodes: list[Node] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    def add(
        self,
        kind: str,
        at: tuple[int, int],
        size: tuple[int, int],
        widgets: Sequence[Any] = (),
        inputs: Sequence[Socket] = (),
        outputs: Sequence[Socket] = (),
        models: Sequence[ModelFile] = (),
        title: str = "",
    ) -> Node:
        """A node; its inputs are those that get a link."""
        properties: dict[str, Any] = {"Node name for S&R": kind}
        if models:
            properties["models"] = [file.entry for file in models]
        data = {
            "id": len(self.nodes) + 1,
            "type": kind,
            "pos": list(at),
            "size": list(size),
            "flags": {},
            "order": len(self.nodes),
            "mode": 0,
            "inputs": [{"name": name, "type": type_, "link": None} for name, type_ in inputs],
            "outputs": [{"name": name, "type": type_, "links": []} for name, type_ in outputs],
            "properties": properties,
            "widgets_values": list(widgets),
        }
        if title:
            data["title"] = title
        node = Node(data["id"], data, [name for name, _ in inputs], [name for name, _ in outputs])
        self.nodes.append(node)
        return node

    def link(self, source: Node, output: str, target: Node, name: str) -> None:
        """From an output to an input, by their names."""
        number = len(self.links) + 1
        start, end = source.outputs.index(output), target.inputs.index(name)
        source.data["outputs"][start]["links"].append(number)
        target.data["inputs"][end]["link"] = number
        self.links.append((number, source.id, start, target.id, end, source.data["outputs"][start]["type"]))

    def note(self, text: str, at: tuple[int, int], size: tuple[int, int]) -> None:
        """A note beside the nodes."""
        self.add("MarkdownNote", at, size, [text], title="Read me")

    def as_file(self) -> dict[str, Any]:
        """What a workflow file holds."""
        return {
            "last_node_id": len(self.nodes),
            "last_link_id": len(self.links),
            "nodes": [node.data for node in self.nodes],
            "links": [list(link) for link in self.links],
            "groups": [],
            "config": {},
            "extra": {"ds": {"scale": 0.7, "offset": [520, 120]}},
            "version": 0.4,
        }


@dataclass(frozen=True)
class Clip:
    """How large the video is."""

    width: int
    height: int
    length: int


SMALL = Clip(448, 256, 33)
"""for the demo model, and for drafts"""
FULL = Clip(832, 480, 81)


def files_note(files: Sequence[ModelFile]) -> str:
    """The table of files and folders."""
    rows = "\n".join(f"| [{file.name}]({file.url}) | `models/{file.folder}` |" for file in files)
    return f"\n\n| file | goes to |\n| --- | --- |\n{rows}\n\nPress R after adding files."


OWN_PICTURE = "\n\nYour own picture: choose or drop it in **Load Image**, then draw anew (select all with Ctrl+A, Delete)."


def load_picture(flow: Workflow, at: tuple[int, int] = (0, 0)) -> Node:
    """The example picture."""
    return flow.add(
        "LoadImage", at, (320, 330), ["wan_move_example.jpg", "image"], outputs=[("IMAGE", "IMAGE"), ("MASK", "MASK")]
    )


def editor(flow: Workflow, picture: Node, clip: Clip, document: Documents, at: tuple[int, int] = (360, 0)) -> Node:
    """The editor with a drawing."""
    text = json.dumps(document, separators=(",", ":"))
    node = flow.add(
        *("TrajectoryEditor", at, (620, 740), [clip.length, clip.width, clip.height, "crop", text]),
        inputs=[("image", "IMAGE"), ("mask", "MASK")],
        outputs=[("tracks", "TRACKS"), ("document", "STRING"), ("overlay", "IMAGE")],
    )
    flow.link(picture, "IMAGE", node, "image")
    return node


def draft(flow: Workflow, picture: Node, drawn: Node, at: tuple[int, int], prefix: str) -> None:
    """The picture moved along the tracks, as a video: seconds, no model."""
    node = flow.add(
        *("WanMovePreviewTracks", at, (340, 180), ["crop", 16]),
        inputs=[("image", "IMAGE"), ("tracks", "TRACKS"), ("document", "STRING")],
        outputs=[("frames", "IMAGE"), ("video", "VIDEO")],
    )
    flow.link(picture, "IMAGE", node, "image")
    flow.link(drawn, "tracks", node, "tracks")
    if "document" in drawn.outputs:
        flow.link(drawn, "document", node, "document")
    save(flow, node, (at[0], at[1] + 240), prefix, "The draft: no model")


def save(flow: Workflow, source: Node, at: tuple[int, int], prefix: str, title: str = "") -> None:
    """A VIDEO output saved and shown."""
    node = flow.add(
        *("SaveVideo", at, (400, 380), [prefix, "auto", "auto"]),
        inputs=[("video", "VIDEO")],
        outputs=[("video", "VIDEO")],
        title=title,
    )
    flow.link(source, "video", node, "video")


def engine(
    flow: Workflow, picture: Node, tracks: Node, models: Sequence[ModelFile], sampling: tuple[str, str], prefix: str, x: int
) -> None:
    """Load Wan-Move, the guide, the sampler and the saved video.

    Args:
        sampling: prompt and preset.
        x: left edge of guide and sampler.
    """
    chosen = {file.folder: file.name for file in models}
    names = ("diffusion_models", "vae", "text_encoders", "clip_vision", "loras")
    defaults = (EMBEDDED, EMBEDDED, "none", "none", "none")
    widgets = [chosen.get(name, default) for name, default in zip(names, defaults, strict=True)]
    loader = flow.add(
        *("LoadWanMove", (0, 380), (320, 230), [*widgets, 1, "auto"]),
        outputs=[("model", "WANMOVE_MODEL")],
        models=models,
    )
    guide = flow.add(
        *("TrajectoryToLatentGuide", (x, 0), (360, 220), [1, 0, "last", "crop"]),
        inputs=[("model", "WANMOVE_MODEL"), ("image", "IMAGE"), ("tracks", "TRACKS")],
        outputs=[("guide", "WANMOVE_GUIDE"), ("report", "STRING")],
    )
    flow.link(loader, "model", guide, "model")
    flow.link(picture, "IMAGE", guide, "image")
    flow.link(tracks, "tracks", guide, "tracks")
    prompt, preset = sampling
    sampler = flow.add(
        *("WanMoveSampler", (x, 280), (360, 520)),
        [prompt, NEGATIVE, preset, 0, 0, 0, 0, "auto", "edited", 0, "fixed"],
        inputs=[("guide", "WANMOVE_GUIDE")],
        outputs=[("images", "IMAGE"), ("video", "VIDEO"), ("latent", "LATENT")],
    )
    flow.link(guide, "guide", sampler, "guide")
    save(flow, sampler, (x + 400, 280), prefix)


def first_video() -> Workflow:
    """Runs anywhere, without a download."""
    flow = Workflow()
    flow.note(
        "## Your first video\n\nPress **Run**. The small model that ships with the pack makes the video; nothing is "
        "downloaded.\n\n"
        "1. **Draw** in the Trajectory Editor: around a thing (lasso, brush or smart select), then drag it where it should go. "
        "Space plays what you drew on the picture itself.\n2. **Run.**\n3. Change the drawing and run again: only the "
        "tracks are "
        "new, so it is quick.\n\nThe demo model shows that the path works: it is small and soft. For real videos open "
        "*Wan-Move in 4 steps*." + OWN_PICTURE,
        (-420, 0), (380, 460),
    )  # fmt: skip
    picture = load_picture(flow)
    drawn = editor(flow, picture, SMALL, TURN_HEAD)
    engine(flow, picture, drawn, (), ("", "full"), "video/wan-move-demo", 1020)
    return flow


def wan_move(distilled: bool) -> Workflow:
    """Wan-Move-14B-480P, as its authors sample or in four steps."""
    flow = Workflow()
    files = (MOVE, VAE, TEXT, CLIP, LIGHT) if distilled else (MOVE, VAE, TEXT, CLIP)
    title, what = (
        ("Wan-Move in 4 steps", "A LoRA that was distilled to few steps; preset **distilled**: 4 steps, cfg 1, Euler.")
        if distilled
        else ("Wan-Move in full quality", "As its authors sample: 40 steps, cfg 5. **distilled** with the LoRA is far quicker.")
    )
    flow.note(f"## {title}\n\n{what}{files_note(files)}{OWN_PICTURE}", (-520, 0), (480, 560))
    picture = load_picture(flow)
    drawn = editor(flow, picture, FULL, TURN_HEAD)
    engine(flow, picture, drawn, files, (PROMPT, "distilled" if distilled else "full"), "video/wan-move", 1020)
    return flow


def on_a_ksampler() -> Workflow:
    """ComfyUI's own nodes, with the tracks applied to their conditioning."""
    flow = Workflow()
    files = (MOVE, VAE, TEXT, CLIP, LIGHT)
    flow.note(
        "## Tracks on a KSampler\n\nComfyUI's own loaders, conditioning and sampler. **Apply Tracks** edits the "
        "conditioning of "
        "Wan Image To Video; width, height and length there are those of the editor." + files_note(files) + OWN_PICTURE,
        (-520, 0), (480, 560),
    )  # fmt: skip
    picture = load_picture(flow)
    drawn = editor(flow, picture, FULL, TURN_HEAD)
    applied = conditioned(flow, picture, drawn, CLIP)
    model = load_model(flow, MOVE, 620, LIGHT, 5)
    sampler = flow.add(
        *("KSampler", (1900, 0), (320, 480), [0, "fixed", 4, 1, "euler", "simple", 1]),
        inputs=[("model", "MODEL"), ("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("latent_image", "LATENT")],
        outputs=[("LATENT", "LATENT")],
    )
    flow.link(model, "MODEL", sampler, "model")
    connect(flow, applied, sampler)
    decoded(flow, sampler, applied.vae)
    return flow


def two_experts() -> Workflow:
    """Wan 2.2 I2V-A14B on two advanced KSamplers."""
    flow = Workflow()
    files = (HIGH, LOW, VAE, TEXT)
    flow.note(
        "## Wan 2.2 with two experts\n\nThe high-noise expert samples the first half of the steps, the low-noise one the rest. "
        "Wan 2.2 was **not trained** for tracks: it follows them weakly. Wan-Move was." + files_note(files) + OWN_PICTURE,
        (-520, 0), (480, 560),
    )  # fmt: skip
    picture = load_picture(flow)
    drawn = editor(flow, picture, FULL, TURN_HEAD)
    applied = conditioned(flow, picture, drawn, None)
    high, low = load_model(flow, HIGH, 620, None, 8), load_model(flow, LOW, 900, None, 8)
    settings = (
        ("The first half", ["enable", 0, "fixed", 20, 3.5, "euler", "simple", 0, 10, "enable"]),
        ("The second half", ["disable", 0, "fixed", 20, 3.5, "euler", "simple", 10, 10000, "disable"]),
    )
    samplers = [
        flow.add(
            *("KSamplerAdvanced", (1900, 400 * index), (320, 340), widgets),
            inputs=[("model", "MODEL"), ("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("latent_image", "LATENT")],
            outputs=[("LATENT", "LATENT")],
            title=title,
        )
        for index, (title, widgets) in enumerate(settings)
    ]
    for model, sampler in zip((high, low), samplers, strict=True):
        flow.link(model, "MODEL", sampler, "model")
    connect(flow, applied, samplers[0])
    flow.link(applied.node, "positive", samplers[1], "positive")
    flow.link(applied.node, "negative", samplers[1], "negative")
    flow.link(samplers[0], "LATENT", samplers[1], "latent_image")
    decoded(flow, samplers[1], applied.vae)
    return flow


@dataclass(frozen=True)
class Conditioned:
    """What samplers need: the node with the conditionings, the one with the latent, and the VAE."""

    node: Node
    latent: Node
    vae: Node


def conditioned(flow: Workflow, picture: Node, drawn: Node, sees: ModelFile | None) -> Conditioned:
    """ComfyUI's image-to-video conditioning with the tracks in it; ``sees``: the CLIP model of Wan 2.1."""
    clip = flow.add(
        *("CLIPLoader", (1020, 0), (380, 110), [TEXT.name, "wan", "default"]),
        outputs=[("CLIP", "CLIP")],
        models=[TEXT],
    )
    texts = [
        flow.add(
            *("CLIPTextEncode", (1020, 150 + 200 * index), (380, 160), [text]),
            inputs=[("clip", "CLIP")],
            outputs=[("CONDITIONING", "CONDITIONING")],
            title=title,
        )
        for index, (title, text) in enumerate((("Prompt", PROMPT), ("Negative prompt", NEGATIVE)))
    ]
    for text in texts:
        flow.link(clip, "CLIP", text, "clip")
    vae = flow.add("VAELoader", (0, 380), (320, 60), [VAE.name], outputs=[("VAE", "VAE")], models=[VAE])
    inputs = [("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("vae", "VAE")]
    inputs += [("clip_vision_output", "CLIP_VISION_OUTPUT")] * (sees is not None) + [("start_image", "IMAGE")]
    video = flow.add(
        *("WanImageToVideo", (1440, 0), (340, 260), [FULL.width, FULL.height, FULL.length, 1]),
        inputs=inputs,
        outputs=[("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("latent", "LATENT")],
    )
    for text, name in zip(texts, ("positive", "negative"), strict=True):
        flow.link(text, "CONDITIONING", video, name)
    flow.link(vae, "VAE", video, "vae")
    flow.link(picture, "IMAGE", video, "start_image")
    if sees is not None:
        look(flow, picture, video, sees)
    applied = flow.add(
        *("WanMoveApplyTracks", (1440, 320), (340, 220), [1, 0, "last", "edited"]),
        inputs=[("positive", "CONDITIONING"), ("negative", "CONDITIONING"), ("tracks", "TRACKS")],
        outputs=[("positive", "CONDITIONING"), ("negative", "CONDITIONING")],
    )
    flow.link(video, "positive", applied, "positive")
    flow.link(video, "negative", applied, "negative")
    flow.link(drawn, "tracks", applied, "tracks")
    return Conditioned(applied, video, vae)


def look(flow: Workflow, picture: Node, video: Node, sees: ModelFile) -> None:
    """The start image through CLIP, as Wan 2.1 wants it."""
    loader = flow.add(
        "CLIPVisionLoader", (0, 490), (320, 60), [sees.name], outputs=[("CLIP_VISION", "CLIP_VISION")], models=[sees]
    )
    seen = flow.add(
        *("CLIPVisionEncode", (0, 600), (320, 80), ["none"]),
        inputs=[("clip_vision", "CLIP_VISION"), ("image", "IMAGE")],
        outputs=[("CLIP_VISION_OUTPUT", "CLIP_VISION_OUTPUT")],
    )
    flow.link(loader, "CLIP_VISION", seen, "clip_vision")
    flow.link(picture, "IMAGE", seen, "image")
    flow.link(seen, "CLIP_VISION_OUTPUT", video, "clip_vision_output")


def load_model(flow: Workflow, file: ModelFile, y: int, lora: ModelFile | None, shift: float) -> Node:
    """A diffusion model with its timestep shift, and a LoRA if one is given."""
    node = flow.add("UNETLoader", (1020, y), (380, 90), [file.name, "default"], outputs=[("MODEL", "MODEL")], models=[file])
    if lora is not None:
        patched = flow.add(
            *("LoraLoaderModelOnly", (1020, y + 140), (380, 90), [lora.name, 1]),
            inputs=[("model", "MODEL")],
            outputs=[("MODEL", "MODEL")],
            models=[lora],
        )
        flow.link(node, "MODEL", patched, "model")
        node = patched
    shifted = flow.add(
        "ModelSamplingSD3", (1440, y), (340, 70), [shift], inputs=[("model", "MODEL")], outputs=[("MODEL", "MODEL")]
    )
    flow.link(node, "MODEL", shifted, "model")
    return shifted


def connect(flow: Workflow, applied: Conditioned, sampler: Node) -> None:
    """Conditionings and the empty latent."""
    flow.link(applied.node, "positive", sampler, "positive")
    flow.link(applied.node, "negative", sampler, "negative")
    flow.link(applied.latent, "latent", sampler, "latent_image")


def decoded(flow: Workflow, sampler: Node, vae: Node) -> None:
    """The latent as a saved video."""
    frames = flow.add(
        *("VAEDecode", (2260, 0), (260, 60)),
        inputs=[("samples", "LATENT"), ("vae", "VAE")],
        outputs=[("IMAGE", "IMAGE")],
    )
    flow.link(sampler, "LATENT", frames, "samples")
    flow.link(vae, "VAE", frames, "vae")
    video = flow.add(*("CreateVideo", (2260, 110), (260, 90), [16]), inputs=[("images", "IMAGE")], outputs=[("video", "VIDEO")])
    flow.link(frames, "IMAGE", video, "images")
    save(flow, video, (2260, 260), "video/wan-move")


def with_draft(document: Documents, text: str, prefix: str) -> Workflow:
    """A drawing, its draft and the demo model's video."""
    flow = Workflow()
    flow.note(text + OWN_PICTURE, (-420, 0), (380, 480))
    picture = load_picture(flow)
    drawn = editor(flow, picture, SMALL, document)
    draft(flow, picture, drawn, (1020, 860), f"{prefix}-draft")
    engine(flow, picture, drawn, (), ("", "full"), prefix, 1020)
    return flow


def camera_move() -> Workflow:
    """The whole picture moves."""
    return with_draft(
        CAMERA,
        "## Camera move\n\nA **Camera** layer moves the whole picture: here it comes nearer and wanders. In the editor: "
        "Camera in the "
        "tool bar, or a preset (zoom, dolly, orbit, handheld). The **draft** below shows the motion in seconds, without a "
        "model.\n\n"
        "Runs with the demo model; choose Wan-Move in **Load Wan-Move** for a real video.",
        "video/wan-move-camera",
    )


def region_and_pins() -> Workflow:
    """One thing moves and some places are held."""
    return with_draft(
        PINNED,
        "## Region and pins\n\nThe head is a **region**: it becomes hundreds of tracks, which is what Wan-Move was trained "
        "on. The "
        "discs and the rectangle are **pins**: regions without motion, which hold their place. Everything else is left to "
        "the model.\n\n"
        "Whether the model is told enough is shown in the editor: *what the model sees* and the hints in its status line.",
        "video/wan-move-pins",
    )


def motion_from_a_video() -> Workflow:
    """The motion of a clip on another picture."""
    flow = Workflow()
    flow.note(
        "## Motion from a video\n\n**Tracks From Video** follows points through a clip; their motion is given to the "
        "picture. Here the "
        "clip is a camera move. Choose your own clip in **Load Video**.\n\nWith a mask on the first frame only the thing in "
        "it is "
        "followed. **Transform Tracks** moves, scales and slows the tracks down.",
        (-420, 0), (380, 380),
    )  # fmt: skip
    picture = load_picture(flow)
    clip = flow.add(*("LoadVideo", (360, 0), (340, 330), ["wan_move_example.mp4", "image"]), outputs=[("VIDEO", "VIDEO")])
    frames = flow.add(
        *("GetVideoComponents", (360, 380), (340, 120)),
        inputs=[("video", "VIDEO")],
        outputs=[("images", "IMAGE"), ("audio", "AUDIO"), ("fps", "FLOAT")],
    )
    flow.link(clip, "VIDEO", frames, "video")
    tracks = flow.add(
        *("WanMoveTrackVideo", (740, 0), (320, 240), TRACK_VIDEO_WIDGETS),
        inputs=[("images", "IMAGE"), ("mask", "MASK")],
        outputs=[("tracks", "TRACKS")],
    )
    flow.link(frames, "images", tracks, "images")
    shown = flow.add(
        *("WanMoveOverlayTracks", (740, 320), (320, 150), [160, 24, 12]),
        inputs=[("images", "IMAGE"), ("tracks", "TRACKS")],
        outputs=[("images", "IMAGE")],
        title="What was followed",
    )
    flow.link(frames, "images", shown, "images")
    flow.link(tracks, "tracks", shown, "tracks")
    video = flow.add(*("CreateVideo", (740, 530), (320, 90), [16]), inputs=[("images", "IMAGE")], outputs=[("video", "VIDEO")])
    flow.link(shown, "images", video, "images")
    save(flow, video, (360, 560), "video/wan-move-followed")
    draft(flow, picture, tracks, (1120, 860), "video/wan-move-transfer-draft")
    engine(flow, picture, tracks, (), ("", "full"), "video/wan-move-transfer", 1120)
    return flow


TRACK_VIDEO_WIDGETS: list[Any] = [16, SMALL.length, SMALL.width, SMALL.height, "crop", 1.0]

WORKFLOWS = {
    "1 First video with the demo model": (first_video, TURN_HEAD),
    "2 Wan-Move in full quality": (lambda: wan_move(distilled=False), TURN_HEAD),
    "3 Wan-Move in 4 steps": (lambda: wan_move(distilled=True), TURN_HEAD),
    "4 Tracks on a KSampler": (on_a_ksampler, TURN_HEAD),
    "5 Wan 2.2 with two experts": (two_experts, TURN_HEAD),
    "6 Camera move": (camera_move, CAMERA),
    "7 Region and pins": (region_and_pins, PINNED),
    "8 Motion from a video": (motion_from_a_video, CAMERA),
}


def thumbnail(document: Documents) -> NDArray[np.uint8]:
    """The draft's last frame with the ways of the tracks over it."""
    parsed = parse_document(json.dumps(document))
    width, height = THUMBNAIL
    picture = fit_image(load_image(PICTURE), width, height, "crop")
    tracks = bake(parsed, MOMENTS, width, height)
    *_, moved = warp_frames(picture, parsed, MOMENTS, width, height, SilentHost())
    *_, drawn = overlay_frames([moved] * MOMENTS, tracks, options=OverlayOptions(max_tracks=60, max_numbers=0, tail=MOMENTS))
    return drawn


def write_all(folder: Path = FOLDER) -> None:
    """Every workflow with its thumbnail."""
    folder.mkdir(exist_ok=True)
    for name, (build, document) in WORKFLOWS.items():
        text = json.dumps(build().as_file(), indent=1, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        Image.fromarray(thumbnail(document)).save(folder / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    write_all()
