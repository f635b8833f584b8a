"""The example workflows on ComfyUI's own loaders, conditioning and samplers."""

from dataclasses import dataclass

from docs.workflows.content import (
    CLIP,
    FULL,
    HIGH,
    LIGHT,
    LOW,
    MOVE,
    NEGATIVE,
    OWN_PICTURE,
    PROMPT,
    TEXT,
    TURN_HEAD,
    VAE,
    ModelFile,
    files_note,
)  # fmt: skip
from docs.workflows.graph import Node, Workflow
from docs.workflows.parts import editor, load_picture, save


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
