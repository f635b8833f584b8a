"""The node that makes the video."""

from typing import TYPE_CHECKING

from comfy_api.v0_0_2 import io

from ..wanmove_core.guidance.condition import Uncond
from .links import WanMoveGuide
from .sampling_choices import AUTO, MAX_SEED, NEGATIVE, PRESETS, PRESETS_TOOLTIP, SOLVERS

if TYPE_CHECKING:
    import comfy.clip_vision

    from .guide import Guide
    from .prompts import Conditioning


class WanMoveSampler(io.ComfyNode):
    """Samples a guide and decodes it to a video."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="WanMoveSampler",
            display_name="Wan-Move Sampler",
            category="WanMove",
            description="Makes the video of a guide. Widgets at 0 or auto take what the model's authors use.",
            search_aliases=["wanmove ksampler", "trajectory sampler", "track video"],
            inputs=[
                WanMoveGuide.Input("guide", tooltip="From Trajectory To Latent Guide; it brings the model along."),
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default="",
                    dynamic_prompts=True,
                    tooltip="What happens in the video, for models that read a prompt. The demo model reads none.",
                ),
                io.String.Input(
                    "negative_prompt",
                    multiline=True,
                    default=NEGATIVE,
                    dynamic_prompts=True,
                    tooltip="What should not be there; the default is the one of Wan's authors. Unused at cfg 1.",
                ),
                io.Combo.Input("preset", options=PRESETS, default=PRESETS[0], tooltip=PRESETS_TOOLTIP),
                io.Int.Input(
                    "steps", default=0, min=0, max=1000, tooltip="Sampling steps; 0 = as the preset (full: 40, demo model: 2)."
                ),
                io.Float.Input(
                    "cfg",
                    default=0.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip="How strongly the prompt acts; 1 = off, 0 = as the preset.",
                ),
                io.Float.Input(
                    "motion_scale",
                    default=0.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip="A scale of the tracks' own, up to one more pass a step; 0 = off, as released.",
                ),
                io.Float.Input(
                    "shift",
                    default=0.0,
                    min=0.0,
                    max=100.0,
                    step=0.1,
                    tooltip="More steps at high noise; 0 = as the preset.",
                    advanced=True,
                ),
                io.Combo.Input(
                    "solver", options=SOLVERS, default=AUTO, tooltip="How steps are taken; auto = as the preset.", advanced=True
                ),
                io.Combo.Input(
                    "negative_sees",
                    options=["edited", "clean"],
                    default="edited",
                    tooltip="The negative with the tracks, as released (cfg acts on the text), or without (cfg acts on both).",
                    advanced=True,
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=MAX_SEED,
                    control_after_generate=True,
                    tooltip="The same seed gives the same video, on any device.",
                ),
                io.Conditioning.Input(
                    "positive", optional=True, tooltip="An encoded prompt (umT5, type wan) instead of the text above."
                ),
                io.Conditioning.Input(
                    "negative", optional=True, tooltip="An encoded negative prompt instead of the text above."
                ),
                io.ClipVisionOutput.Input(
                    "clip_vision_output",
                    optional=True,
                    tooltip="The start image by CLIP Vision Encode; else Load Wan-Move's is used.",
                ),
            ],
            outputs=[
                io.Image.Output(display_name="images", tooltip="The frames."),
                io.Video.Output(display_name="video", tooltip="The frames at the model's rate, for Save Video."),
                io.Latent.Output(display_name="latent", tooltip="For ComfyUI's VAE Decode and latent nodes."),
            ],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls,
        guide: "Guide",
        prompt: str,
        negative_prompt: str,
        preset: str,
        steps: int,
        cfg: float,
        motion_scale: float,
        shift: float,
        solver: str,
        negative_sees: Uncond,
        seed: int,
        positive: "Conditioning | None" = None,
        negative: "Conditioning | None" = None,
        clip_vision_output: "comfy.clip_vision.Output | None" = None,
    ) -> io.NodeOutput:
        # here, not above: ComfyUI starts without the networks' code, and reads it when a workflow wants it
        from .comfy_host import ComfyHost
        from .generation import Wish, generate_clip
        from .prompts import Words, encode_prompt

        host = ComfyHost(cls.hidden.unique_id)
        encoded = encode_prompt(guide, Words(prompt, negative_prompt, positive, negative, clip_vision_output), host)
        wish = Wish(preset, seed, steps, cfg, shift, solver, motion_scale, negative_sees)
        clip = generate_clip(guide, wish, encoded, host)
        return io.NodeOutput(clip.images, clip.as_video(), {"samples": clip.latent})
