"""Run the released code of Wan 2.1, Wan 2.2 and Wan-Move on tiny networks and keep what it computes, as JSON beside this file.

    python tests/golden/reference/record.py FOLDER

FOLDER holds Wan2.1/wan, Wan2.2/wan and Wan-Move/wan as their repositories have them, each with a file COMMIT. Its own model,
loop and schedulers run. In place of what cannot run here stand: PyTorch's attention for flash attention; for the encoders
numbers by name (``seeded``), so that a prompt, a picture and a latent are the same for us; and the VAE's decoder gives the
latent itself. Needs torch, diffusers, easydict, numpy and Pillow. No part of the package, and no test runs it.
"""

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import diffusers  # before torchvision's stand-in, which it would ask for its version
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.golden.reference.cases import (
    CASES,
    HEADS,
    IMAGE_DIM,
    IMAGE_TOKENS,
    NEGATIVE,
    PROMPT,
    PROMPT_TOKENS,
    SIZES,
    SOLVERS,
    Case,
)
from tests.golden.reference.seeded import fill, seeded, summary

HERE = Path(__file__).parent
STANDING_IN = {
    "wan.distributed.fsdp": ["shard_model"],
    "wan.distributed.sequence_parallel": ["sp_attn_forward", "sp_dit_forward"],
    "wan.distributed.util": ["get_world_size"],
    "wan.modules.t5": ["T5EncoderModel"],
    "wan.modules.clip": ["CLIPModel"],
    "wan.modules.vae": ["WanVAE"],
    "wan.modules.vae2_1": ["Wan2_1_VAE"],
    "wan.modules.vae2_2": ["Wan2_2_VAE"],
    "torchvision": [],
    "torchvision.transforms": [],
    "torchvision.transforms.functional": [],
    "decord": ["VideoReader", "cpu"],
}


def main(folder: Path) -> None:
    """Write velocities.json, generations.json and solvers.json."""
    importlib.import_module("diffusers.models.modeling_utils")
    importlib.import_module("diffusers.schedulers.scheduling_utils")
    made = {name: (folder / name / "COMMIT").read_text().strip() for name in ("Wan2.1", "Wan2.2", "Wan-Move")}
    how = {
        "made by": "tests/golden/reference/record.py",
        "commits": made,
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
    }
    write("velocities", how, {name: velocity(folder, case) for name, case in CASES.items()})
    write("generations", how, {name: summary(generation(folder, case)) for name, case in CASES.items()})
    released(folder, "Wan2.2")
    write("solvers", how, {f"{solver} {steps} {shift:g}": trajectory(solver, steps, shift) for solver, steps, shift in SOLVERS})


def write(name: str, how: dict[str, Any], values: dict[str, Any]) -> None:
    (HERE / f"{name}.json").write_text(json.dumps({"how": how, "values": values}, indent=1) + "\n")


def released(folder: Path, source: str) -> None:
    """Make ``wan`` the package of that repository, without its ``__init__`` files and with stand-ins for what cannot run."""
    for name in [name for name in sys.modules if name.split(".")[0] in ("wan", "torchvision", "decord")]:
        del sys.modules[name]
    root = folder / source / "wan"
    for name in ("wan", "wan.modules", "wan.utils", "wan.distributed"):
        package = types.ModuleType(name)
        package.__path__ = [str(root.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package
    for name, members in STANDING_IN.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member, None)
        sys.modules[name] = module
    functional: Any = sys.modules["torchvision.transforms.functional"]
    functional.to_tensor = lambda picture: torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255
    attention: Any = types.ModuleType("wan.modules.attention")
    attention.flash_attention = scaled_dot_product
    sys.modules["wan.modules.attention"] = attention


def scaled_dot_product(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, **unused: Any) -> torch.Tensor:
    """[B, L, heads, d] each; the lengths that flash attention is given say nothing here, as nothing is padded."""
    return F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2)


def network(case: Case, name: str) -> Any:
    """The released class with tiny sizes and numbers by name."""
    channels = latent_channels(case)
    model = importlib.import_module("wan.modules.model").WanModel(
        model_type=case.model_type,
        text_len=SIZES["text_length"],
        in_dim=channels + 20 * (case.model_type in ("i2v", "flf2v")),
        dim=SIZES["dim"],
        ffn_dim=SIZES["ffn_dim"],
        freq_dim=SIZES["freq_dim"],
        text_dim=SIZES["text_dim"],
        out_dim=channels,
        num_heads=HEADS,
        num_layers=SIZES["layers"],
        cross_attn_norm=True,
    )
    fill(model, f"{case.variant} {name}")
    return model.eval().requires_grad_(False)


def latent_channels(case: Case) -> int:
    return 48 if case.model_type == "ti2v" else 16


def velocity(folder: Path, case: Case) -> dict[str, Any]:
    """One forward, 3 x 8 x 6 cells at timestep 731 (0 for the first frame where a timestep a token is read)."""
    released(folder, case.source)
    model, channels = network(case, "high"), latent_channels(case)
    x, y = seeded("x", channels, 3, 8, 6), seeded("y", 20, 3, 8, 6)
    inputs: dict[str, Any] = {"context": [seeded("context", 7, SIZES["text_dim"])], "seq_len": 36}
    inputs["t"] = torch.tensor([731.0])
    if case.model_type == "ti2v":
        inputs["t"] = torch.full((1, 36), 731.0)
        inputs["t"][:, :12] = 0
    if case.model_type in ("i2v", "flf2v"):
        inputs["y"] = [y]
    if case.image_tokens:
        inputs["clip_fea"] = clip_tokens(case)
    with torch.no_grad():
        return summary(model([x], **inputs)[0])


def clip_tokens(case: Case) -> torch.Tensor:
    return seeded("clip", case.image_tokens // IMAGE_TOKENS, IMAGE_TOKENS, IMAGE_DIM)


def generation(folder: Path, case: Case) -> torch.Tensor:
    """The latent that the released class makes of a prompt and, where it takes some, pictures and a track."""
    released(folder, case.source)
    module, name = case.program.split(".")
    maker = getattr(importlib.import_module(f"wan.{module}"), name)
    wan = maker.__new__(maker)  # its __init__ loads files
    stride = (4, 16, 16) if case.model_type == "ti2v" else (4, 8, 8)
    side = 8 * stride[1]
    for attribute, value in {
        "device": torch.device("cpu"), "rank": 0, "t5_cpu": True, "sp_size": 1, "init_on_cpu": False, "vae_stride": stride,
        "num_train_timesteps": 1000, "param_dtype": torch.float32, "patch_size": (1, 2, 2), "sample_neg_prompt": NEGATIVE,
        "text_encoder": encode_text, "vae": StandInVAE(case), "clip": StandInCLIP(case), "boundary": boundary(case),
    }.items():  # fmt: skip
        setattr(wan, attribute, value)
    if len(case.scale) == 2:
        wan.high_noise_model, wan.low_noise_model = network(case, "high"), network(case, "low")
    else:
        wan.model = network(case, "high")
    given: dict[str, Any] = {
        "frame_num": case.frames, "shift": case.shift, "sample_solver": case.solver, "sampling_steps": case.steps,
        "guide_scale": case.scale if len(case.scale) == 2 else case.scale[0], "seed": 11, "offload_model": False,
    }  # fmt: skip
    picture = Image.fromarray(np.zeros((side, side, 3), np.uint8))
    if case.tracks:
        walk = np.stack([np.array([4.0 + 7.0 * frame, 20.0]) for frame in range(case.frames)])
        shown = np.arange(case.frames) <= 6
        given |= {"track": walk[:, None].astype(np.float32), "track_visibility": shown[:, None], "eval_bench": False}
    if not case.picture:
        given |= {"size": (side, side)}
        return wan.generate(PROMPT, **given)
    pictures = [picture, picture] if case.last else [picture]
    if case.model_type == "ti2v":
        return wan.generate(PROMPT, img=picture, max_area=side * side, **given)
    return wan.generate(PROMPT, *pictures, max_area=side * side, **given)


def boundary(case: Case) -> float:
    """Of the released configurations (``wan_t2v_A14B.py``, ``wan_i2v_A14B.py``)."""
    return 0.875 if case.model_type == "t2v" else 0.900


def encode_text(texts: list[str], device: torch.device) -> list[torch.Tensor]:
    return [seeded(text, PROMPT_TOKENS[text], SIZES["text_dim"]) for text in texts]


class StandInVAE:
    """Encodes to numbers by name and decodes to the latent itself."""

    def __init__(self, case: Case) -> None:
        self.channels = latent_channels(case)
        self.model = types.SimpleNamespace(z_dim=self.channels)

    def encode(self, clips: list[torch.Tensor]) -> list[torch.Tensor]:
        return [seeded("still", self.channels, (clip.shape[1] - 1) // 4 + 1, 8, 8) for clip in clips]

    def decode(self, latents: list[torch.Tensor]) -> list[torch.Tensor]:
        return latents


class StandInCLIP:
    """Gives numbers by name, as many as there are pictures."""

    def __init__(self, case: Case) -> None:
        self.case, self.model = case, torch.nn.Identity()

    def visual(self, pictures: list[torch.Tensor]) -> torch.Tensor:
        return clip_tokens(self.case)


def trajectory(solver: str, steps: int, shift: float) -> dict[str, Any]:
    """The released scheduler's grid, and where it takes noise under the velocity of ``toy_velocity``."""
    if solver == "unipc":
        scheduler = importlib.import_module("wan.utils.fm_solvers_unipc").FlowUniPCMultistepScheduler(
            num_train_timesteps=1000, shift=1, use_dynamic_shifting=False
        )
        scheduler.set_timesteps(steps, device="cpu", shift=shift)
    else:
        module = importlib.import_module("wan.utils.fm_solvers")
        scheduler = module.FlowDPMSolverMultistepScheduler(num_train_timesteps=1000, shift=1, use_dynamic_shifting=False)
        module.retrieve_timesteps(scheduler, device="cpu", sigmas=module.get_sampling_sigmas(steps, shift))
    x = seeded("noise", 1, 4, 3, 5, 6)
    for timestep in scheduler.timesteps:
        x = scheduler.step(toy_velocity(x, timestep), timestep, x, return_dict=False)[0]
    return {"timesteps": scheduler.timesteps.tolist(), "sigmas": scheduler.sigmas.tolist(), "latent": summary(x)}


def toy_velocity(latent: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    """Bounded, and different at each timestep and cell."""
    return torch.sin(latent * 1.7 + timestep / 300) + 0.3 * latent.roll(1, -1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
