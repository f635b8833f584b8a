"""A small network that tells from a cell's condition whether guidance wrote it: 1 where it did not, 0 where it did.

The condition does not say so itself; a cell without guidance holds the latent of grey frames after the start image, which
depends on that image in the first latent frames. ``copy_start`` puts the network into the transformer's first feed-forward:

    python -m training.guided_cells --scenes training/runs/scenes --out training/runs/start.safetensors
    python -m training.train_dit --go-on-from training/runs/start.safetensors ...
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from training.copy_start import CHANNELS, start_as_copy
from training.export import DEMO_DIT, write
from training.scenes import Scene, ScenePool
from training.train_dit import Window, choose_tracks, window_tracks
from wanmove_core.guidance.condition import build_condition
from wanmove_core.models.dit import WanDiT
from wanmove_core.variants import WAN21_STRIDE

WIDTH = 144
SCENES, CELLS_A_SCENE = 900, 500
STEPS, BATCH, RATE = 3500, 3072, 6e-3
STEEP = 8.0
MISTAKEN = 2.0
"""a guided cell that is taken for a grey one stays behind, which is worse than the other way round"""


def guided_cells_network() -> nn.Sequential:
    """[..., 32] (a cell's condition, and frame 0's there) -> [..., 1]."""
    return nn.Sequential(nn.Linear(2 * CHANNELS, WIDTH), nn.GELU(approximate="tanh"), nn.Linear(WIDTH, 1))


def cells_of(scene: Scene, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs [n, 32] and answers [n] from random cells behind latent frame 0 of a scene."""
    _, frames, rows, columns = scene.latent.shape
    tracks = window_tracks(scene, Window(frames, rows, columns, 1, 1.0), (0, 0), choose_tracks(scene, rng))
    still = scene.still.float()
    given = build_condition(still, tracks, WAN21_STRIDE).edited[-CHANNELS:]
    unguided = (given == still).all(dim=0)[1:].flatten()
    inputs = torch.cat([given, given[:, :1].expand_as(given)])[:, 1:].flatten(1).T
    chosen = torch.from_numpy(rng.permutation(len(inputs))[:CELLS_A_SCENE])
    return inputs[chosen], unguided[chosen].float()


def learn_guided_cells(pool: ScenePool, seed: int = 0) -> nn.Sequential:
    """Train it on the scenes of ``pool``: about 25 s on one core."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    samples = []
    for _ in range(SCENES):
        kind = pool.kinds[int(rng.choice(3, p=[0.5, 0.3, 0.2]))]
        samples.append(cells_of(kind[int(rng.integers(len(kind)))], rng))
    inputs, answers = torch.cat([row[0] for row in samples]), torch.cat([row[1] for row in samples])
    return fit(guided_cells_network(), inputs, answers, STEPS)


def fit(network: nn.Sequential, inputs: torch.Tensor, answers: torch.Tensor, steps: int) -> nn.Sequential:
    """Learn answers [n] of 0 and 1, clear on both sides of a half."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=1e-4)
    signs = 2 * answers - 1
    weights = torch.where(answers > 0, 1.0, MISTAKEN)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = RATE * min(1, step / 100) * (1 - step / steps) + 1e-5
        chosen = torch.randint(0, len(inputs), (BATCH,))
        said, sign = 2 * network(inputs[chosen])[:, 0] - 1, signs[chosen]
        wrong = (F.softplus(-STEEP * said * sign) * weights[chosen]).mean()
        far = 0.03 * (said - sign).square().mean() + 0.3 * (said.abs() - 1.2).relu().square().mean()
        optimiser.zero_grad()
        (wrong + far).backward()
        optimiser.step()
    return network.requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=Path, default=Path("training/runs/scenes"))
    parser.add_argument("--out", type=Path, default=Path("training/runs/start.safetensors"))
    options = parser.parse_args()
    pool = ScenePool(options.scenes)
    pool.refresh()
    network = learn_guided_cells(pool)
    torch.manual_seed(0)
    dit = WanDiT(DEMO_DIT)
    start_as_copy(dit, network)
    write(options.out, dit.state_dict(), DEMO_DIT)


if __name__ == "__main__":
    main()
