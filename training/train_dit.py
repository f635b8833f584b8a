"""Train the demo model's transformer to follow latent trajectory guidance.

    python -m training.scenes --vae training/runs/vae &
    python -m training.guided_cells --out training/runs/start.safetensors
    python -m training.train_dit --vae training/runs/vae --minutes 60 --go-on-from training/runs/start.safetensors

The network trains on windows of the scenes that ``training.scenes`` makes beside it. The condition is made by the pack's own
guidance, from dense tracks or a part of them; what gets no track stays where it is. The loss is on the denoised latent,
mostly at pure noise, because the demo samples in few steps, and measures an error by what it does to the decoded frames.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.common import Run, Trainee, clock_of, finished_weights
from training.copy_start import start_as_copy
from training.export import DEMO_DIT, normalised_vae
from training.metric import pixel_metric
from training.quick_dit import quick_velocity
from training.scenes import KINDS, Scene, ScenePool
from wanmove_core.guidance.condition import build_condition
from wanmove_core.guidance.latent_tracks import LatentTracks
from wanmove_core.models.dit import WanDiT
from wanmove_core.variants import WAN21_STRIDE

SHIFT = 5.0
PURE_NOISE = 0.6
"""share of samples at sigma = 1, where the first of few steps starts"""
PLAIN = 0.15
"""share of the plain squared latent error beside that of the frames"""
ROBUST = 0.1
"""below this deviation a cell's error counts squared, above it by its size: of two possible answers one, not their blur"""
METRIC_SCENES = 5
ASIDE = ("patch_embedding", "head", "time_", "text_embedding", "cross_attn", *(f"blocks.{n}.self_attn" for n in range(3)))
"""to AdamW: what meets the outside, the text path, which is one vector a layer, and what ``copy_start`` wrote by hand"""
SHARE = 0.04
"""of Muon's rate, for these"""


@dataclass(frozen=True)
class Window:
    """What the training cuts from a scene: latent frames, cells, clips in a batch, and how often it is chosen."""

    frames: int
    rows: int
    columns: int
    batch: int
    odds: float


WINDOWS = (
    (Window(5, 16, 16, 8, 0.46),),
    (Window(9, 16, 16, 4, 0.22),),
    (Window(9, 16, 16, 4, 0.08), Window(9, 32, 32, 1, 0.1), Window(5, 32, 32, 2, 0.08)),
    (Window(9, 32, 56, 1, 0.06),),
)
"""for each of ``KINDS``"""
assert len(WINDOWS) == len(KINDS)


def choose_tracks(scene: Scene, rng: np.random.Generator) -> torch.Tensor:
    """Which of the dense tracks [N] this sample is told.

    All, a share, only those of layers that move (with a share of the others), a few of each layer that moves, or none.
    """
    count, moves = len(scene.layer), scene.moves
    kind = rng.choice(5, p=[0.45, 0.15, 0.17, 0.13, 0.1])
    chosen = torch.ones(count, dtype=torch.bool)
    if kind == 1:
        chosen = torch.from_numpy(rng.random(count) < rng.uniform(0.15, 0.95))
    elif kind == 2:
        chosen = moves | torch.from_numpy(rng.random(count) < rng.choice([0.0, rng.uniform(0, 0.9)]))
    elif kind == 3:
        chosen = _few_of_each(scene, rng)
    elif kind == 4:
        chosen[:] = False
    return chosen


def _few_of_each(scene: Scene, rng: np.random.Generator) -> torch.Tensor:
    """[N]: one to five tracks of each layer that moves."""
    chosen = torch.zeros(len(scene.layer), dtype=torch.bool)
    for layer in scene.layer[scene.moves].unique():
        own = (scene.layer == layer).nonzero().squeeze(1)
        picked = rng.permutation(len(own))[: rng.integers(1, 6)]
        chosen[own[torch.from_numpy(picked)]] = True
    return chosen


def window_tracks(scene: Scene, window: Window, corner: tuple[int, int], chosen: torch.Tensor) -> LatentTracks:
    """The chosen tracks inside a window of cells; what starts or goes outside it is cut."""
    cells = scene.cells[: window.frames, chosen].long()
    known, cells = cells[..., 0] >= 0, cells - torch.tensor(corner)
    inside = known & ((cells >= 0) & (cells < torch.tensor([window.rows, window.columns]))).all(dim=-1)
    cells = torch.where(inside.unsqueeze(-1), cells, torch.full_like(cells, -1))
    return LatentTracks(cells, inside, cells[0], inside[0], window.rows, window.columns)


def cut_window(scene: Scene, window: Window, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """A latent [16, T', rows, columns] and its condition [20, ...] from a random place (even cells) of a scene.

    Without any track the latent is that of the picture standing still.
    """
    height, width = scene.latent.shape[2:]
    top, left = (
        2 * int(rng.integers(0, (height - window.rows) // 2 + 1)),
        2 * int(rng.integers(0, (width - window.columns) // 2 + 1)),
    )
    place = (slice(None), slice(0, window.frames), slice(top, top + window.rows), slice(left, left + window.columns))
    chosen = choose_tracks(scene, rng)
    tracks = window_tracks(scene, window, (top, left), chosen)
    condition = build_condition(scene.still[place].float(), tracks, WAN21_STRIDE)
    latent = scene.latent[place].float()
    return (latent if bool(chosen.any()) else latent[:, :1].expand_as(latent)), condition.edited


def batches(pool: ScenePool, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Endless (latents, conditions), each batch of one kind of window; new scenes are taken up on the way."""
    rng = np.random.default_rng(seed)
    choices = [(number, window) for number, kind in enumerate(WINDOWS) for window in kind]
    odds = np.array([window.odds for _, window in choices])
    for step in range(10**9):
        if step % 25 == 0:
            pool.refresh()
        number, window = choices[int(rng.choice(len(choices), p=odds / odds.sum()))]
        picked = [pool.kinds[number][int(i)] for i in rng.integers(0, len(pool.kinds[number]), size=window.batch)]
        pairs = [cut_window(scene, window, rng) for scene in picked]
        yield torch.stack([pair[0] for pair in pairs]), torch.stack([pair[1] for pair in pairs])


def draw_sigmas(count: int, device: torch.device) -> torch.Tensor:
    """Noise levels [count]: many at 1, the rest uniform under a shift."""
    uniform = torch.rand(count, device=device)
    shifted = SHIFT * uniform / (1 + (SHIFT - 1) * uniform)
    return torch.where(torch.rand(count, device=device) < PURE_NOISE, torch.ones_like(shifted), shifted)


def denoising_loss(
    dit: WanDiT, latent: torch.Tensor, condition: torch.Tensor, factor: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss, and the mean squared error at pure noise (NaN when the batch has none).

    Args:
        factor: F [16, 16]; the error of a cell is |F' e|^2 / 16.
    """
    sigma = draw_sigmas(len(latent), latent.device)
    wide = sigma.view(-1, 1, 1, 1, 1)
    noise = torch.randn_like(latent)
    noisy = (1 - wide) * latent + wide * noise
    velocity = quick_velocity(dit, torch.cat([noisy, condition], dim=1), sigma * 1000)
    error = torch.einsum("bcthw,cd->bdthw", noisy - wide * velocity - latent, factor).square().mean(dim=1)
    moving = error[:, 1:]
    per_sample = moving.mean(dim=(1, 2, 3))
    robust = (moving + ROBUST**2).sqrt().mean(dim=(1, 2, 3))
    weight = 1 / (sigma.square() * 0.7 + 0.3)
    loss = ((0.5 * per_sample + robust) * weight).mean() + 0.1 * error[:, :1].mean()
    return loss, per_sample[sigma == 1].mean().detach()


def error_factor(run: Run, vae_folder: Path, pool: ScenePool, device: torch.device) -> torch.Tensor:
    """F with F F' = mostly the frames' metric (kept in ``metric.pt`` of the run), and a share of the plain one."""
    path = run.folder / "metric.pt"
    if not path.exists():
        vae = normalised_vae(vae_folder).to(device)
        latents = [scene.latent.float().to(device) for scene in pool.kinds[0][:METRIC_SCENES]]
        torch.save(pixel_metric(vae, latents).cpu(), path)
    metric = torch.load(path, weights_only=True)
    return torch.linalg.cholesky((1 - PLAIN) * metric + PLAIN * torch.eye(len(metric))).to(device)


def train(run: Run, pool: ScenePool, factor: torch.Tensor, rate: float, go_on_from: Path | None) -> None:
    """Train until the time budget is used; checkpoint every 100 steps."""
    torch.manual_seed(run.step)
    dit = WanDiT(DEMO_DIT)
    start_as_copy(dit)
    weights = finished_weights(go_on_from) if go_on_from else None
    if weights:
        dit.load_state_dict(weights)
    dit.to(factor.device)
    trainee = Trainee(dit, rate, 0.995, ASIDE, SHARE)
    state = run.resume()
    if state:
        trainee.restore(state)
    torch.manual_seed(run.step)
    run.start_clock()
    used, losses, pures = 0.0, [], []
    for latent, condition in batches(pool, run.step):
        loss, pure = denoising_loss(dit, latent.to(factor.device), condition.to(factor.device), factor)
        used = run.tick()
        scale = trainee.learn(loss, used, run.step)
        losses.append(loss.item())
        if not torch.isnan(pure):
            pures.append(pure.item())
        if run.step % 50 == 0:
            run.log(loss=round(float(np.mean(losses)), 4), pure=round(float(np.mean(pures)), 4), rate=round(scale, 3))
            losses, pures = [], []
        if run.step % 100 == 0 or used >= 1:
            run.save(**trainee.state())
        if used >= 1:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--scenes", type=Path, default=Path("training/runs/scenes"))
    parser.add_argument("--minutes", type=float, default=60, help="on a CPU: of the processor's time")
    parser.add_argument("--folder", type=Path, default=Path("training/runs/dit"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rate", type=float, default=0.004, help="Muon's; 0.02 loses the copy that it starts as")
    parser.add_argument(
        "--go-on-from", type=Path, help="start with the averaged weights of this run, or with a safetensors file"
    )
    options = parser.parse_args()
    pool = ScenePool(options.scenes)
    device = torch.device(options.device)
    run = Run(options.folder, options.minutes, clock=clock_of(device))
    factor = error_factor(run, options.vae, pool, device)
    train(run, pool, factor, options.rate, options.go_on_from)


if __name__ == "__main__":
    main()
