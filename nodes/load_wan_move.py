"""The node that opens a Wan model."""

from comfy_api.v0_0_2 import io

from .links import WanMoveModel
from .model_choices import EMBEDDED, NONE, PRECISIONS, ModelFiles, choices, network_choices


class LoadWanMove(io.ComfyNode):
    """Wan-Move or a relative, with its VAE and encoders; or the small model that ships with the pack."""

    def __init__(self) -> None:
        # ComfyUI makes an object of the node before it runs it first, and drops it when it frees memory
        from .kept import kept_encodes

        super().__init__()
        self.encodes = kept_encodes()

    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="LoadWanMove",
            display_name="Load Wan-Move",
            category="WanMove",
            description="Opens Wan-Move-14B-480P, Wan 2.1 I2V-14B, both experts of Wan 2.2 I2V, or the small demo model.",
            search_aliases=["wan move loader", "wanmove model", "trajectory model", "demo model"],
            inputs=[
                io.Combo.Input(
                    "diffusion_model",
                    options=network_choices(EMBEDDED),
                    default=EMBEDDED,
                    tooltip="A Wan model from models/diffusion_models, or the demo model: small, soft, runs anywhere.",
                ),
                io.Combo.Input(
                    "vae",
                    options=choices("vae", EMBEDDED),
                    default=EMBEDDED,
                    tooltip="wan_2.1_vae.safetensors from models/vae. The demo model has one of its own.",
                ),
                io.Combo.Input(
                    "text_encoder",
                    options=choices("text_encoders", NONE),
                    default=NONE,
                    tooltip="umt5_xxl from models/text_encoders; none if prompts come as conditioning, or for the demo model.",
                ),
                io.Combo.Input(
                    "clip_vision",
                    options=choices("clip_vision", NONE),
                    default=NONE,
                    tooltip="clip_vision_h.safetensors, with which Wan 2.1 I2V sees the start image; none for the demo model.",
                ),
                io.Combo.Input(
                    "lora",
                    options=choices("loras", NONE),
                    default=NONE,
                    tooltip="A LoRA for the diffusion model, such as the 4-step lightx2v one (then sample with distilled).",
                ),
                io.Float.Input(
                    "lora_strength",
                    default=1.0,
                    min=-10.0,
                    max=10.0,
                    step=0.05,
                    tooltip="How strongly the LoRA acts; 1 = wholly.",
                ),
                io.Combo.Input(
                    "precision",
                    options=list(PRECISIONS),
                    default="auto",
                    tooltip="What the diffusion model computes in. auto: as its file; bf16 for 8-bit files.",
                    advanced=True,
                ),
                io.Combo.Input(
                    "low_noise_model",
                    options=network_choices(NONE),
                    default=NONE,
                    tooltip="The second expert of Wan 2.2 I2V-A14B; the diffusion model above is its high-noise expert then.",
                    advanced=True,
                    optional=True,
                ),
                io.Combo.Input(
                    "low_noise_lora",
                    options=choices("loras", NONE),
                    default=NONE,
                    tooltip="The LoRA of the low-noise expert, at the same strength.",
                    advanced=True,
                    optional=True,
                ),
            ],
            outputs=[WanMoveModel.Output(display_name="model", tooltip="For Trajectory To Latent Guide.")],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def execute(
        cls,
        diffusion_model: str,
        vae: str,
        text_encoder: str,
        clip_vision: str,
        lora: str,
        lora_strength: float,
        precision: str,
        low_noise_model: str = NONE,
        low_noise_lora: str = NONE,
    ) -> io.NodeOutput:
        # here, not above: ComfyUI starts without the networks' code, and reads it when a workflow wants it
        from .comfy_host import ComfyHost
        from .hosted_model import load_hosted

        files = ModelFiles(
            *(diffusion_model, vae, text_encoder, clip_vision),
            *(lora, lora_strength, precision, low_noise_model, low_noise_lora),
        )
        return io.NodeOutput(load_hosted(files, ComfyHost(cls.hidden.unique_id)))
