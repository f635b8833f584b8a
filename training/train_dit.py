"""Train the demo model's transformer to follow latent trajectory guidance.

    python -m training.train_dit --vae training/runs/vae --minutes 60 [--folder training/runs/dit] [--device cpu]

First clips are encoded once and kept as latents (``latents.pt`` in the folder; ``KINDS`` says how many), then the
network trains on windows of them: the condition is made by the pack's own guidance, from dense tracks or a random part
of them, and the loss is on the denoised latent, mostly at high noise, because the demo samples in few steps.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.common import Average, Run, set_rate
from training.export import DEMO_DIT, average_of, normalised_vae
from training.muon import Muon, split_parameters
from training.photographs import training_photographs
from wanmove_core.evaluation.synthesis import make_clip
from wanmove_core.guidance.condition import build_condition
from wanmove_core.guidance.latent_tracks import LatentTracks, to_latent_tracks
from wanmove_core.models.dit import WanDiT
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE

ENCODERS = 2
"""clips that are encoded at a time; on a CPU they share its threads"""
SHIFT = 5.0
PURE_NOISE = 0.4
"""share of samples at sigma = 1, where the first of few steps starts"""


@dataclass(frozen=True)
class Window:
    """What the training cuts from a scene: latent frames, cells, clips in a batch, and how often it is chosen."""

    frames: int
    rows: int
    columns: int
    batch: int
    odds: float


@dataclass(frozen=True)
class SceneKind:
    """Clips of one size: how many are encoded, and the windows cut from them."""

    count: int
    length: int
    height: int
    width: int
    windows: tuple[Window, ...]


KINDS = (
    SceneKind(300, 17, 128, 128, (Window(5, 16, 16, 6, 0.46),)),
    SceneKind(80, 33, 128, 128, (Window(9, 16, 16, 4, 0.22),)),
    SceneKind(40, 33, 256, 256, (Window(9, 16, 16, 4, 0.12), Window(9, 32, 32, 1, 0.14))),
    SceneKind(12, 33, 256, 448, (Window(9, 32, 56, 1, 0.06),)),
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


@torch.no_grad()
def encode_scene(vae: WanVAE21, seed: int, kind: SceneKind, textures: list[np.ndarray], device: torch.device) -> Scene:
    """Make clip ``seed`` and encode it and its condition."""
    clip = make_clip(seed, kind.length, kind.height, kind.width, textures)
    colours = np.random.default_rng(seed).permutation(3)
    frames = torch.from_numpy(clip.frames[..., colours]).to(device).permute(3, 0, 1, 2).float() / 127.5 - 1
    still = torch.zeros_like(frames)
    still[:, 0] = frames[:, 0]
    both = torch.stack([frames, still]).contiguous(memory_format=torch.channels_last_3d)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        latent, still = vae.encode(both, chunk=kind.length).half().cpu()
    tracks = make_tracks(torch.from_numpy(clip.positions), torch.from_numpy(clip.visibility), kind.width, kind.height)
    cells = to_latent_tracks(tracks, WAN21_STRIDE).cells.to(torch.int16)
    return Scene(latent.clone(), still.clone(), cells, torch.from_numpy(clip.layer))


def encode_scenes(run: Run, vae: WanVAE21, device: torch.device) -> list[list[Scene]]:
    """The scenes of each kind, from the folder if they are there."""
    path = run.folder / "latents.pt"
    if path.exists():
        rows = torch.load(path, weights_only=True)
        return [[Scene(*scene) for scene in kind] for kind in rows]
    textures = training_photographs()
    scenes: list[list[Scene]] = []
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // ENCODERS))
    for number, kind in enumerate(KINDS):
        start = time.monotonic()
        first_seed = 50_000_000 + number * 1_000_000
        with ThreadPoolExecutor(ENCODERS) as pool:
            seeds = range(first_seed, first_seed + kind.count)
            scenes.append(list(pool.map(lambda seed, kind=kind: encode_scene(vae, seed, kind, textures, device), seeds)))
        run.log(encoded=kind.count, width=kind.width, took=round(time.monotonic() - start))
    torch.set_num_threads(threads)
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


def window_tracks(scene: Scene, window: Window, corner: tuple[int, int], chosen: torch.Tensor) -> LatentTracks:
    """The chosen tracks inside a window of cells; what starts or goes outside it is cut."""
    cells = scene.cells[: window.frames, chosen].long()
    known, cells = cells[..., 0] >= 0, cells - torch.tensor(corner)
    inside = known & ((cells >= 0) & (cells < torch.tensor([window.rows, window.columns]))).all(dim=-1)
    cells = torch.where(inside.unsqueeze(-1), cells, torch.full_like(cells, -1))
    return LatentTracks(cells, inside, cells[0], inside[0], window.rows, window.columns)


def cut_window(scene: Scene, window: Window, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A latent [16, T', rows, columns] and its condition [20, ...] from a random place (even cells) of a scene."""
    height, width = scene.latent.shape[2:]
    top, left = (
        2 * int(rng.integers(0, (height - window.rows) // 2 + 1)),
        2 * int(rng.integers(0, (width - window.columns) // 2 + 1)),
    )
    place = (slice(None), slice(0, window.frames), slice(top, top + window.rows), slice(left, left + window.columns))
    tracks = window_tracks(scene, window, (top, left), choose_tracks(scene.layer, rng))
    condition = build_condition(scene.still[place].float(), tracks, WAN21_STRIDE)
    return scene.latent[place].float(), condition.edited


def batches(scenes: list[list[Scene]], seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless (latents, conditions), each batch of one kind of window."""
    rng = np.random.default_rng(seed)
    choices = [(number, window) for number, kind in enumerate(KINDS) for window in kind.windows]
    odds = np.array([window.odds for _, window in choices])
    while True:
        number, window = choices[int(rng.choice(len(choices), p=odds))]
        picked = [scenes[number][int(i)] for i in rng.integers(0, len(scenes[number]), size=window.batch)]
        pairs = [cut_window(scene, window, rng) for scene in picked]
        yield torch.stack([pair[0] for pair in pairs]), torch.stack([pair[1] for pair in pairs])


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


def train(run: Run, vae_folder: Path, device: torch.device, rate: float, go_on_from: Path | None) -> None:
    torch.manual_seed(run.step)
    dit = WanDiT(DEMO_DIT)
    nn.init.zeros_(dit.head.head.weight)
    nn.init.zeros_(dit.head.head.bias)
    weights = average_of(go_on_from) if go_on_from else None
    if weights:
        dit.load_state_dict(weights)
    dit.to(device)
    state = run.resume()
    scenes = encode_scenes(run, normalised_vae(vae_folder).to(device), device)
    average = Average(dit, 0.999)
    matrices, rest = split_parameters(dit, aside=("patch_embedding", "head", "time_", "text_embedding"))
    optimisers = [Muon(matrices, rate), torch.optim.AdamW(rest, lr=rate / 10, betas=(0.9, 0.98))]
    if state:
        dit.load_state_dict(state["weights"])
        average.weights = state["average"]
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
    run.start_clock()
    used, total, counted = 0.0, 0.0, 0
    for latent, condition in batches(scenes, run.step):
        loss, pure = denoising_loss(dit, latent.to(device), condition.to(device))
        dit.zero_grad(set_to_none=True)
        loss.backward()
        used = run.tick()
        factor = set_rate(optimisers, used, run.step)
        for optimiser in optimisers:
            optimiser.step()
        average.update(dit, run.step)
        if not torch.isnan(pure):
            total, counted = total + pure.item(), counted + 1
        if run.step % 50 == 0:
            run.log(loss=round(loss.item(), 4), pure=round(total / max(1, counted), 4), rate=round(factor, 3))
            total, counted = 0.0, 0
        if run.step % 200 == 0 or used >= 1:
            run.save(weights=dit.state_dict(), average=average.weights, optimisers=[o.state_dict() for o in optimisers])
        if used >= 1:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--folder", type=Path, default=Path("training/runs/dit"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--go-on-from", type=Path, help="start with the averaged weights of this run")
    options = parser.parse_args()
    train(Run(options.folder, options.minutes), options.vae, torch.device(options.device), options.rate, options.go_on_from)


if __name__ == "__main__":
    main()
