"""Our networks, loops and solvers against numbers that the released code of Wan 2.1, Wan 2.2 and Wan-Move computed.

``tests/golden/reference/record.py`` says how they were made. Weights and inputs are numbers by name, so nothing of the released
code is needed here. Float32 on the CPU; sums may be taken in another order, so the limits are rounding, not 0.
"""

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import torch

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
from tests.golden.reference.seeded import fill, largest_difference, seeded
from wanmove_core.host import SilentHost
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import VAEConfig, WanVAE21
from wanmove_core.pipeline import GenerateRequest, Models, Prompt, Sampling, make_condition, sample
from wanmove_core.sampling import solvers
from wanmove_core.sampling.guidance_scale import GuidanceScale
from wanmove_core.tracks.tensors import Tracks, make_tracks
from wanmove_core.variants import WanVariant, find_variant

FORWARD = 5e-6
"""of one forward, whose output is of order 1. Measured where they were recorded: 0 with the networks of Wan 2.1, Wan-Move and
TI2V-5B with a picture; 1.3e-6 with the others of Wan 2.2, whose released code repeats the time embedding for each token"""
GENERATION = 2e-5
"""of a whole generation, whose latents are of order 1. Measured: 0 and 3.2e-6 for the same"""


@functools.cache
def golden(name: str) -> dict[str, Any]:
    path = Path(__file__).parents[1] / "golden" / "reference" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["values"]


def row(case: Case) -> WanVariant:
    variant = find_variant(case.variant)
    assert variant is not None
    return variant


@functools.cache
def network(case: Case, name: str) -> WanDiT:
    variant = row(case)
    config = DiTConfig(
        in_channels=variant.in_channels, out_channels=variant.latent_channels, head_dim=SIZES["dim"] // HEADS,
        image_tokens=case.image_tokens, image_dim=IMAGE_DIM, dim=SIZES["dim"],
        ffn_dim=SIZES["ffn_dim"], layers=SIZES["layers"], freq_dim=SIZES["freq_dim"], text_dim=SIZES["text_dim"],
        text_length=SIZES["text_length"],
    )  # fmt: skip
    made = WanDiT(config).eval().requires_grad_(False)
    fill(made, f"{case.variant} {name}")
    return made


def image_tokens(case: Case) -> torch.Tensor | None:
    """Of two pictures one after the other."""
    if not case.image_tokens:
        return None
    return seeded("clip", case.image_tokens // IMAGE_TOKENS, IMAGE_TOKENS, IMAGE_DIM).flatten(0, 1)


def encoded(text: str) -> torch.Tensor:
    return seeded(text, PROMPT_TOKENS[text], SIZES["text_dim"])


def tracks(case: Case, side: int) -> Tracks | None:
    if not case.tracks:
        return None
    time = torch.arange(case.frames, dtype=torch.float32)
    walk = torch.stack([4 + 7 * time, torch.full_like(time, 20)], dim=-1).unsqueeze(1)
    return make_tracks(walk, (time <= 6).unsqueeze(1), side, side)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
@torch.no_grad()
def test_a_forward_gives_the_velocity_of_the_released_network(case: Case) -> None:
    variant = row(case)
    latent = [seeded("x", variant.latent_channels, 3, 8, 6)]
    condition = [seeded("y", 20, 3, 8, 6)] if variant.start_image == "latent" else []
    timestep = torch.tensor([731.0])
    if variant.start_image == "held":
        timestep = torch.full((1, 36), 731.0)
        timestep[:, :12] = 0
    text = torch.zeros(1, SIZES["text_length"], SIZES["text_dim"])
    text[0, :7] = seeded("context", 7, SIZES["text_dim"])
    image = image_tokens(case)
    out = network(case, "high")(
        torch.cat([*latent, *condition]).unsqueeze(0), timestep, text, None if image is None else image.unsqueeze(0)
    )
    name = next(name for name, known in CASES.items() if known == case)
    assert largest_difference(out[0], golden("velocities")[name]) < FORWARD


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_generation_gives_the_latent_of_the_released_loop(case: Case) -> None:
    variant = row(case)
    side = 8 * variant.stride.width
    pair = network(case, "low") if len(case.scale) == 2 else None
    models = Models(network(case, "high"), WanVAE21(VAEConfig(2, residual_blocks=1)), variant, low_noise=pair)
    black = torch.zeros(side, side, 3) if case.picture else None
    solver: Any = case.solver
    request = GenerateRequest(
        image=black,
        length=case.frames,
        sampling=Sampling(
            case.steps, case.shift, 11, solver, GuidanceScale(case.scale[0]), GuidanceScale(case.scale[-1])
        ),
        tracks=tracks(case, side),
        prompt=Prompt(encoded(PROMPT), encoded(NEGATIVE), image_tokens(case)),
        last=black if case.last else None,
        size=(side, side),
    )  # fmt: skip
    start: Any = None
    if case.picture:
        latent_frames = 1 if variant.start_image == "held" else variant.stride.latent_length(case.frames)
        start = seeded("still", variant.latent_channels, latent_frames, 8, 8)
        start = start if variant.start_image == "held" else make_condition(variant, start, request)
    name = next(name for name, known in CASES.items() if known == case)
    latent = sample(models, start, request, SilentHost())
    assert largest_difference(latent, golden("generations")[name]) < GENERATION


@pytest.mark.parametrize(("name", "steps", "shift"), SOLVERS)
def test_a_solver_walks_the_released_grid_to_the_released_latent(name: Any, steps: int, shift: float) -> None:
    kept = golden("solvers")[f"{name} {steps} {shift:g}"]
    solver = solvers.SOLVERS[name]
    schedule = solver.schedule(steps, shift)

    def toy_velocity(latent: torch.Tensor, timestep: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        return torch.sin(latent * 1.7 + timestep.long() / 300) + 0.3 * latent.roll(1, -1)

    assert schedule.timesteps.tolist() == kept["timesteps"]
    assert schedule.sigmas.tolist() == kept["sigmas"]
    assert largest_difference(solver.solve(toy_velocity, seeded("noise", 1, 4, 3, 5, 6), schedule), kept["latent"]) < 1e-6
