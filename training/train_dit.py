"""Train the demo model's transformer to follow latent trajectory guidance.

    python -m training.train_dit --vae training/runs/vae --minutes 60 [--folder training/runs/dit] [--device cpu]

First clips are encoded once and kept as latents (``latents.pt`` in the folder; ``--scenes`` says how many), then the
network trains on windows of them: the condition is made by the pack's own guidance, from dense tracks or a random part
of them, and the loss is on the denoised latent, mostly at high noise, because the demo samples in few steps.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.common import Average, Run, set_rate
from training.photographs import training_photographs
from training.train_vae import DEMO_VAE
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.guidance.condition import build_condition
from wanmove_core.guidance.latent_tracks import LatentTracks, to_latent_tracks
from wanmove_core.models.dit import DiTConfig, WanDiT
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE

DEMO_DIT = DiTConfig(dim=256, ffn_dim=768, layers=6, head_dim=64, text_dim=16, text_length=1)
SHIFT = 5.0
PURE_NOISE = 0.4
"""share of samples at sigma = 1, where the first of few steps starts"""


@dataclass(frozen=True)
class SceneKind:
    """How many clips of a size are encoded, and how the training cuts them: windows in cells and latent frames."""

    share: float
    length: int
    size: int
    windows: tuple[tuple[int, int, int], ...]
    """(latent frames, cells a side, batch)"""


KINDS = (
    SceneKind(0.70, 17, 128, ((5, 16, 6),)),
    SceneKind(0.30, 33, 256, ((9, 32, 1), (5, 16, 6), (9, 24, 2), (9, 16, 4))),
)


@dataclass(frozen=True)
class Scene:
    """One encoded clip: latents fp16 [16, T', H', W'], and where its dense tracks lead."""

    latent: torch.Tensor
    still: torch.Tensor
    """the start image followed by grey, encoded"""
    cells: torch.Tensor
    """[T', N, 2] int16, -1 where a track is hidden or outside"""
    layer: torch.Tensor
    """[N]"""


def latent_tracks_of(positions: np.ndarray, visibility: np.ndarray, size: int) -> LatentTracks:
    tracks = make_tracks(torch.from_numpy(positions), torch.from_numpy(visibility), size, size)
    return to_latent_tracks(tracks, WAN21_STRIDE)


@torch.no_grad()
def encode_scene(vae: WanVAE21, seed: int, kind: SceneKind, textures: list[np.ndarray], device: torch.device) -> Scene:
    """Make clip ``seed`` and encode it and its condition."""
    clip = make_clip(seed, kind.length, kind.size, kind.size, textures)
    frames = torch.from_numpy(clip.frames).to(device).permute(3, 0, 1, 2).float() / 127.5 - 1
    still = torch.zeros_like(frames)
    still[:, 0] = frames[:, 0]
    both = torch.stack([frames, still]).contiguous(memory_format=torch.channels_last_3d)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        latent, still = vae.encode(both, chunk=kind.length).half().cpu()
    tracks = latent_tracks_of(clip.positions, clip.visibility, kind.size)
    return Scene(latent.clone(), still.clone(), tracks.cells.to(torch.int16), torch.from_numpy(clip.layer))


def encode_scenes(run: Run, vae: WanVAE21, count: int, device: torch.device) -> list[list[Scene]]:
    """The scenes of each kind, from the folder if they are there."""
    path = run.folder / "latents.pt"
    if path.exists():
        rows = torch.load(path, weights_only=True)
        return [[Scene(*scene) for scene in kind] for kind in rows]
    textures = training_photographs()
    scenes: list[list[Scene]] = []
    for number, kind in enumerate(KINDS):
        start = time.monotonic()
        first_seed = 50_000_000 + number * 1_000_000
        scenes.append([encode_scene(vae, first_seed + i, kind, textures, device) for i in range(int(count * kind.share))])
        run.log(encoded=len(scenes[-1]), size=kind.size, took=round(time.monotonic() - start))
    torch.save([[(s.latent, s.still, s.cells, s.layer) for s in kind] for kind in scenes], path)
    return scenes


def choose_tracks(layer: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Which of the dense tracks [N] this sample is told: all, a share, some objects densely, a few points, or none."""
    count = len(layer)
    kind = rng.choice(5, p=[0.5, 0.2, 0.12, 0.1, 0.08])
    chosen = torch.ones(count, dtype=torch.bool)
    if kind == 1:
        chosen = torch.from_numpy(rng.random(count) < rng.uniform(0.1, 0.95))
    elif kind == 2:
        kept = [int(value) for value in layer.unique() if rng.random() < 0.6]
        chosen = torch.isin(layer, torch.tensor(kept, dtype=layer.dtype))
    elif kind == 3:
        chosen = torch.from_numpy(rng.random(count) < rng.uniform(0.005, 0.05))
    elif kind == 4:
        chosen[:] = False
    return chosen


def window_tracks(scene: Scene, frames: int, row: int, column: int, side: int, chosen: torch.Tensor) -> LatentTracks:
    """The chosen tracks inside a window of cells; what starts or goes outside it is cut."""
    cells = scene.cells[:frames, chosen].long() - torch.tensor([row, column])
    inside = ((cells >= 0) & (cells < side)).all(dim=-1) & (scene.cells[:frames, chosen, 0] >= 0)
    cells = torch.where(inside.unsqueeze(-1), cells, torch.full_like(cells, -1))
    return LatentTracks(cells=cells, valid=inside, source=cells[0], source_valid=inside[0], height=side, width=side)


def cut_window(scene: Scene, window: tuple[int, int, int], rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A latent [16, T', s, s] and its condition [20, T', s, s] from a random place (even cells) of a scene."""
    frames, side, _ = window
    row, column = (2 * int(rng.integers(0, (size - side) // 2 + 1)) for size in scene.latent.shape[2:])
    place = (slice(None), slice(0, frames), slice(row, row + side), slice(column, column + side))
    tracks = window_tracks(scene, frames, row, column, side, choose_tracks(scene.layer, rng))
    condition = build_condition(scene.still[place].float(), tracks, WAN21_STRIDE)
    return scene.latent[place].float(), condition.edited


def batches(scenes: list[list[Scene]], seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless (latents, conditions), each batch of one kind of window."""
    rng = np.random.default_rng(seed)
    choices = [(number, window) for number, kind in enumerate(KINDS) for window in kind.windows]
    odds = np.array([0.45, 0.13, 0.14, 0.14, 0.14])
    while True:
        number, window = choices[int(rng.choice(len(choices), p=odds))]
        picked = [scenes[number][int(i)] for i in rng.integers(0, len(scenes[number]), size=window[2])]
        pairs = [cut_window(scene, window, rng) for scene in picked]
        yield torch.stack([p[0] for p in pairs]), torch.stack([p[1] for p in pairs])


def draw_sigmas(count: int, device: torch.device) -> torch.Tensor:
    """Noise levels [count]: many at 1, the rest uniform under a shift."""
    uniform = torch.rand(count, device=device)
    shifted = SHIFT * uniform / (1 + (SHIFT - 1) * uniform)
    return torch.where(torch.rand(count, device=device) < PURE_NOISE, torch.ones_like(shifted), shifted)


def denoising_loss(dit: WanDiT, latent: torch.Tensor, condition: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss, and the mean squared error of the denoised latent at pure noise (NaN when the batch has none)."""
    sigma = draw_sigmas(len(latent), latent.device)
    wide = sigma.view(-1, 1, 1, 1, 1)
    noise = torch.randn_like(latent)
    noisy = (1 - wide) * latent + wide * noise
    text = latent.new_zeros(len(latent), DEMO_DIT.text_length, DEMO_DIT.text_dim)
    with torch.autocast(latent.device.type, dtype=torch.bfloat16):
        velocity = dit(torch.cat([noisy, condition], dim=1), sigma * 1000, text)
    error = (noisy - wide * velocity.float()) - latent
    moving = error[:, :, 1:]
    per_sample = moving.square().mean(dim=(1, 2, 3, 4))
    robust = (moving.square() + 0.01).sqrt().mean(dim=(1, 2, 3, 4))
    weight = 1 / (wide.view(-1) ** 2 * 0.7 + 0.3)
    return ((0.5 * per_sample + robust) * weight).mean() + 0.1 * error[:, :, :1].square().mean(), per_sample[sigma == 1].mean()


def load_vae(folder: Path, device: torch.device) -> WanVAE21:
    """The trained VAE (its moving average), its latents normalised (see ``export``)."""
    vae = WanVAE21(DEMO_VAE)
    vae.load_state_dict(torch.load(folder / "normalised.pt", weights_only=True))
    return vae.to(device).eval().requires_grad_(False)


def train(run: Run, vae_folder: Path, device: torch.device, rate: float, scenes_wanted: int) -> None:
    torch.manual_seed(run.step)
    dit = WanDiT(DEMO_DIT)
    nn.init.zeros_(dit.head.head.weight)
    nn.init.zeros_(dit.head.head.bias)
    dit.to(device)
    state = run.resume()
    scenes = encode_scenes(run, load_vae(vae_folder, device), scenes_wanted, device)
    average = Average(dit, 0.999)
    optimiser = torch.optim.AdamW(dit.parameters(), lr=rate, betas=(0.9, 0.98), weight_decay=1e-2)
    if state:
        dit.load_state_dict(state["weights"])
        average.weights = state["average"]
        optimiser.load_state_dict(state["optimiser"])
    run.start_clock()
    used, total, counted = 0.0, 0.0, 0
    for latent, condition in batches(scenes, run.step):
        loss, pure = denoising_loss(dit, latent.to(device), condition.to(device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(dit.parameters(), 1.0)
        used = run.tick()
        lr = set_rate(optimiser, rate, used, run.step)
        optimiser.step()
        average.update(dit, run.step)
        if not torch.isnan(pure):
            total, counted = total + pure.item(), counted + 1
        if run.step % 50 == 0:
            run.log(loss=round(loss.item(), 4), pure=round(total / max(1, counted), 4), norm=round(norm.item(), 2), lr=lr)
            total, counted = 0.0, 0
        if run.step % 200 == 0 or used >= 1:
            run.save(weights=dit.state_dict(), average=average.weights, optimiser=optimiser.state_dict())
        if used >= 1:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--folder", type=Path, default=Path("training/runs/dit"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--scenes", type=int, default=1000)
    options = parser.parse_args()
    train(Run(options.folder, options.minutes), options.vae, torch.device(options.device), options.rate, options.scenes)


if __name__ == "__main__":
    main()
