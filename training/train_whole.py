"""Last stage: the transformer and the decoder together, on the frames that come out.

    python -m training.train_whole --vae training/runs/vae --dit training/runs/dit --minutes 40 [--folder training/runs/whole]

The latents of the autoencoder are a poor goal at the end: they are themselves a lossy copy of the clip (a background that
stands still comes back better from the copied latents of frame 0 than from its own), and errors that latents count alike
look very different. Here the loss is on decoded crops. The frames of each scene are made again from its seed, so only shards
that ``training.scenes`` wrote with the same ``--first-seed`` fit. Some samples are plain latents, so that the autoencoder
stays one; the encoder stays as it is.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.common import Run, Trainee, clock_of, finished_weights
from training.export import DEMO_DIT, normalised_vae
from training.fused import use_fused_layers
from training.photographs import training_photographs
from training.quick_dit import quick_velocity
from training.scenes import KINDS, Scene, make_scene, scene_frames
from training.train_dit import Window, cut_window
from training.train_vae import frames_loss
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.vae21 import WanVAE21

PLAIN = 0.12
"""share of samples with the latents of the frames themselves"""
SIGMA = 8 / 9
"""where the second of the demo's two steps starts"""
SECOND = 0.5
"""share of samples that are decoded after both steps; the first is then taken as given"""
CELL, MARGIN = 8, 1
CROPS = (
    (0, Window(5, 16, 16, 1, 0.58), 12),
    (1, Window(9, 16, 16, 1, 0.24), 10),
    (2, Window(9, 32, 32, 1, 0.13), 10),
    (3, Window(9, 32, 56, 1, 0.05), 10),
)
"""(kind of scene, what the transformer sees, cells each way of the crop that is decoded)"""
ASIDE = ("dit.patch_embedding", "dit.head", "time_embedding", "time_projection", "text_embedding", "cross_attn")


@dataclass(frozen=True)
class Sample:
    """What the transformer is given and the frames that should come out."""

    latent: torch.Tensor
    """[16, T', rows, columns] of the frames"""
    condition: torch.Tensor
    """[20, T', rows, columns]"""
    crop: tuple[int, int, int]
    """row, column and side in cells of what is decoded"""
    frames: torch.Tensor
    """[3, T, 8 side, 8 side]"""


class Whole(nn.Module):
    """Both networks under one name each."""

    def __init__(self, dit: WanDiT, vae: WanVAE21) -> None:
        super().__init__()
        self.dit, self.vae = dit, vae


def samples(folder: Path, first_seed: int, seed: int) -> Iterator[Sample]:
    """Endless samples from random scenes of ``folder``."""
    textures, rng = training_photographs(), np.random.default_rng(seed)
    starts = np.cumsum([0, *(kind.count for kind in KINDS)])
    odds = [window.odds for _, window, _ in CROPS]
    while True:
        paths = sorted(folder.glob("*.pt"))
        path = paths[int(rng.integers(len(paths)))]
        shard = torch.load(path, weights_only=True)
        for _ in range(8):
            number, window, side = CROPS[int(rng.choice(len(CROPS), p=odds))]
            index = int(rng.integers(KINDS[number].count))
            scene_seed = first_seed + int(path.stem) * int(starts[-1]) + int(starts[number]) + index
            frames = scene_frames(make_scene(scene_seed, KINDS[number], textures), scene_seed, KINDS[number])
            yield make_sample(Scene(*shard[number][index]), frames, window, side, rng)


def make_sample(scene: Scene, frames: torch.Tensor, window: Window, side: int, rng: np.random.Generator) -> Sample:
    """A sample of a scene whose size is the window's, and of its ``frames`` [3, T, H, W]."""
    latent, condition = cut_window(scene, window, rng)
    if torch.equal(latent[:, 1:2], latent[:, :1]):  # without tracks the picture stands still
        frames = frames[:, :1].expand_as(frames)
    y, x = int(rng.integers(0, window.rows - side + 1)), int(rng.integers(0, window.columns - side + 1))
    pixels = frames[:, :, CELL * y : CELL * (y + side), CELL * x : CELL * (x + side)]
    return Sample(latent, condition, (y, x, side), pixels)


def denoise(dit: WanDiT, condition: torch.Tensor, second: bool) -> torch.Tensor:
    """The latent [1, 16, ...] that one or two steps make of a condition [1, 20, ...]; gradients pass the last step alone."""
    noise = torch.randn_like(condition[:, 4:])
    with torch.set_grad_enabled(not second and torch.is_grad_enabled()):
        first = noise - quick_velocity(dit, torch.cat([noise, condition], dim=1), noise.new_full((len(noise),), 1000.0))
    if not second:
        return first
    between = (1 - SIGMA) * first + SIGMA * noise
    timestep = noise.new_full((len(noise),), 1000 * SIGMA)
    return between - SIGMA * quick_velocity(dit, torch.cat([between, condition], dim=1), timestep)


def whole_loss(whole: Whole, sample: Sample, plain: bool, second: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss and squared error of the decoded crop, its margin left out."""
    latent = sample.latent.unsqueeze(0)
    if not plain:
        latent = denoise(whole.dit, sample.condition.unsqueeze(0), second)
    y, x, side = sample.crop
    latent = latent[..., y : y + side, x : x + side].contiguous(memory_format=torch.channels_last_3d)
    with torch.autocast(latent.device.type, dtype=torch.bfloat16):
        (made,) = whole.vae.decode_unclamped(latent, chunk=latent.shape[2])
    inside = (..., slice(CELL * MARGIN, -CELL * MARGIN), slice(CELL * MARGIN, -CELL * MARGIN))
    return frames_loss(made[inside], sample.frames.unsqueeze(0)[inside])


def train(run: Run, whole: Whole, scenes: Path, first_seed: int, rate: float) -> None:
    """Train until the time budget is used; checkpoint every 50 steps."""
    whole.vae.encoder.requires_grad_(False)
    whole.vae.conv1.requires_grad_(False)
    trainee = Trainee(whole, rate, 0.998, ASIDE, share=0.03)
    state = run.resume()
    if state:
        trainee.restore(state)
    torch.manual_seed(run.step)
    rng = np.random.default_rng(run.step + 1)
    run.start_clock()
    used, errors = 0.0, []
    for sample in samples(scenes, first_seed, run.step):
        plain = bool(rng.random() < PLAIN)
        loss, error = whole_loss(whole, sample, plain, bool(rng.random() < SECOND))
        used = run.tick()
        factor = trainee.learn(loss, used, run.step)
        if not plain:
            errors.append(10 * math.log10(error.item() / 4))
        if run.step % 25 == 0:
            run.log(psnr=round(-float(np.mean(errors)), 2), rate=round(factor, 3))
            errors = []
        if run.step % 50 == 0 or used >= 1:
            run.save(**trainee.state())
        if used >= 1:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--dit", type=Path, default=Path("training/runs/dit"))
    parser.add_argument("--scenes", type=Path, default=Path("training/runs/scenes"))
    parser.add_argument("--first-seed", type=int, default=60_000_000)
    parser.add_argument("--minutes", type=float, default=30, help="on a CPU: of the processor's time")
    parser.add_argument("--folder", type=Path, default=Path("training/runs/whole"))
    parser.add_argument("--rate", type=float, default=0.003)
    options = parser.parse_args()
    use_fused_layers()
    weights = finished_weights(options.dit)
    if weights is None:
        parser.error(f"there is no run in {options.dit}")
    dit = WanDiT(DEMO_DIT)
    dit.load_state_dict(weights)
    whole = Whole(dit, normalised_vae(options.vae).train().requires_grad_(True))
    train(
        Run(options.folder, options.minutes, clock=clock_of(torch.device("cpu"))),
        whole,
        options.scenes,
        options.first_seed,
        options.rate,
    )


if __name__ == "__main__":
    main()
