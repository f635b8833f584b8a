"""Nodes that most of the example workflows have: picture, editor, draft, engine, saved video."""

import json
from collections.abc import Sequence

from docs.workflows.content import EMBEDDED, NEGATIVE, Clip, Document, ModelFile
from docs.workflows.graph import Node, Workflow


def load_picture(flow: Workflow, at: tuple[int, int] = (0, 0)) -> Node:
    """The example picture."""
    return flow.add(
        "LoadImage", at, (320, 330), ["wan_move_example.jpg", "image"], outputs=[("IMAGE", "IMAGE"), ("MASK", "MASK")]
    )


def editor(flow: Workflow, picture: Node, clip: Clip, document: Document, at: tuple[int, int] = (360, 0)) -> Node:
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
        *("LoadWanMove", (0, 380), (320, 230), [*widgets, 1, "auto", "none", "none"]),
        outputs=[("model", "WANMOVE_MODEL")],
        models=models,
    )
    guide = flow.add(
        *("TrajectoryToLatentGuide", (x, 0), (360, 244), [1, 0, "last", "crop", False]),
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
