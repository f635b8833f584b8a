"""The example workflows on this pack's own engine."""

from typing import Any

from docs.workflows.content import (
    CAMERA,
    CLIP,
    FULL,
    LIGHT,
    MOVE,
    OWN_PICTURE,
    PINNED,
    PROMPT,
    SMALL,
    TEXT,
    TURN_HEAD,
    VAE,
    Document,
    files_note,
)  # fmt: skip
from docs.workflows.graph import Workflow
from docs.workflows.parts import draft, editor, engine, load_picture, save

TRACK_VIDEO_WIDGETS: list[Any] = [16, SMALL.length, SMALL.width, SMALL.height, "crop", 1.0, "optical flow"]


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


def with_draft(document: Document, text: str, prefix: str) -> Workflow:
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
        *("WanMoveOverlayTracks", (740, 320), (320, 150), [160, 24, 12, "tracks"]),
        inputs=[("images", "IMAGE"), ("tracks", "TRACKS")],
        outputs=[("images", "IMAGE")],
        title="What was followed",
    )
    flow.link(frames, "images", shown, "images")
    flow.link(tracks, "tracks", shown, "tracks")
    video = flow.add(*("CreateVideo", (740, 530), (320, 90), [16]), inputs=[("images", "IMAGE")], outputs=[("video", "VIDEO")])
    flow.link(shown, "images", video, "images")
    save(flow, video, (330, 560), "video/wan-move-followed")
    draft(flow, picture, tracks, (1120, 860), "video/wan-move-transfer-draft")
    engine(flow, picture, tracks, (), ("", "full"), "video/wan-move-transfer", 1120)
    return flow
