"""Encoded scenes for the transformer's training, made without end beside it.

    python -m training.scenes --vae training/runs/vae --folder training/runs/scenes [--shards 200] [--first-seed 60000000]

Each shard is one file with some scenes of each kind in ``KINDS``; ``ScenePool`` takes them up as they appear. Two things are
done to the scenes of ``wanmove_core.evaluation.synthesis``:

- In some, layers are frozen, so that what gets no tracks can be taught to stay.
- In most, the motion is snapped: at the last frame of each latent frame's chunk a layer has moved by whole cells. Guidance
  says no more than that, so the same condition would otherwise have many answers and the network would learn their blur.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.export import normalised_vae
from training.fused import use_fused_layers
from training.photographs import training_photographs
from wanmove_core.evaluation.motions import Array, apply, compose, invert
from wanmove_core.evaluation.scenes import Layer, make_layers
from wanmove_core.evaluation.synthesis import render, track
from wanmove_core.guidance.latent_tracks import to_latent_tracks
from wanmove_core.models.vae21 import WanVAE21
from wanmove_core.tracks.tensors import make_tracks
from wanmove_core.variants import WAN21_STRIDE

SNAPPED, PARTLY_FROZEN = 0.75, 0.35
"""shares of scenes"""
_UNMOVED = 0.5
"""px: a layer that never moves further stands still"""


@dataclass(frozen=True)
class SceneKind:
    """Clips of one size, and how many of them a shard holds."""

    count: int
    length: int
    height: int
    width: int


KINDS = (SceneKind(24, 17, 128, 128), SceneKind(7, 33, 128, 128), SceneKind(2, 33, 256, 256), SceneKind(1, 33, 256, 448))


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
    moves: torch.Tensor
    """[N] bool: whether the track's layer moves at all"""


def make_scene(seed: int, kind: SceneKind, textures: Sequence[NDArray[np.uint8]]) -> tuple[Layer, ...]:
    """The layers of scene ``seed``, some of them frozen, most of them snapped."""
    layers = make_layers(np.random.default_rng(seed), kind.length, kind.height, kind.width, textures)
    rng = np.random.default_rng([seed, 1])
    if rng.random() < PARTLY_FROZEN:
        frozen = rng.random(len(layers)) < 0.5
        frozen[rng.integers(1, len(layers))] = False
        layers = tuple(freeze(layer) if stays else layer for layer, stays in zip(layers, frozen, strict=True))
    if rng.random() < SNAPPED:
        layers = tuple(snap(layer, kind.height, kind.width) for layer in layers)
    return layers


def freeze(layer: Layer) -> Layer:
    """``layer`` staying where it is in frame 0."""
    return replace(layer, motion=np.repeat(layer.motion[:1], len(layer.motion), axis=0))


def snap(layer: Layer, height: int, width: int) -> Layer:
    """``layer`` whose middle has moved by whole cells in every frame that guidance reads; at most half a cell off each way."""
    start = _middle(layer, height, width)
    path = apply(compose(layer.motion, invert(layer.motion[0])), start[None])[:, 0]
    stride = np.array([WAN21_STRIDE.width, WAN21_STRIDE.height])
    moved = path[:: WAN21_STRIDE.time] - start
    correction = np.floor(moved / stride + 0.5) * stride - moved
    knots, times = np.arange(len(moved)) * WAN21_STRIDE.time, np.arange(len(path))
    motion = layer.motion.copy()
    for axis in range(2):
        motion[:, axis, 2] += np.interp(times, knots, correction[:, axis])
    return replace(layer, motion=motion)


def _middle(layer: Layer, height: int, width: int) -> Array:
    """[2] px: the middle of what frame 0 shows of the layer's rectangle."""
    high, wide = layer.picture.shape[:2]
    corners = apply(layer.motion[0], np.array([[0, 0], [wide, 0], [0, high], [wide, high]], np.float64))
    shown = np.clip(np.stack([corners.min(0), corners.max(0)]), 0, (width, height))
    return np.asarray(shown.mean(0), np.float64)


@torch.no_grad()
def encode_scene(
    vae: WanVAE21, seed: int, kind: SceneKind, textures: Sequence[NDArray[np.uint8]], device: torch.device
) -> Scene:
    """Make scene ``seed`` and encode it and its condition."""
    layers = make_scene(seed, kind, textures)
    frames = scene_frames(layers, seed, kind).to(device)
    still = torch.zeros_like(frames)
    still[:, 0] = frames[:, 0]
    both = torch.stack([frames, still]).contiguous(memory_format=torch.channels_last_3d)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        latent, still = vae.encode(both, chunk=kind.length).half().cpu()
    positions, visibility, layer = track(layers, kind.height, kind.width)
    tracks = make_tracks(torch.from_numpy(positions), torch.from_numpy(visibility), kind.width, kind.height)
    cells = to_latent_tracks(tracks, WAN21_STRIDE).cells.to(torch.int16)
    moving = np.array([np.ptp(row.motion, axis=0)[:, 2].max() > _UNMOVED for row in layers])
    owner = torch.from_numpy(layer)
    return Scene(latent.clone(), still.clone(), cells, owner, torch.from_numpy(moving)[owner.long()])


def scene_frames(layers: Sequence[Layer], seed: int, kind: SceneKind) -> torch.Tensor:
    """[3, T, H, W] in -1 ... 1, the colours in random order."""
    colours = np.random.default_rng([seed, 2]).permutation(3)
    pictures = np.ascontiguousarray(render(layers, kind.height, kind.width)[..., colours])
    return torch.from_numpy(pictures).permute(3, 0, 1, 2).float() / 127.5 - 1


def write_shard(path: Path, scenes: Sequence[Sequence[Scene]]) -> None:
    """One file with the scenes of each kind; half a file never shows."""
    beside = path.with_suffix(".part")
    torch.save([[(s.latent, s.still, s.cells, s.layer, s.moves) for s in kind] for kind in scenes], beside)
    beside.replace(path)


def encode_shards(
    vae: WanVAE21, first_seed: int, device: torch.device, kinds: Sequence[SceneKind] = KINDS
) -> Iterator[list[list[Scene]]]:
    """Endless shards, from seed ``first_seed`` on."""
    textures = training_photographs()
    seed = first_seed
    while True:
        shard = []
        for kind in kinds:
            shard.append([encode_scene(vae, seed + number, kind, textures, device) for number in range(kind.count)])
            seed += kind.count
        yield shard


class ScenePool:
    """All scenes of a folder's shards, by kind; ``refresh`` takes up new ones."""

    def __init__(self, folder: Path, keep: int = 200) -> None:
        self.folder, self.keep = folder, keep
        self._shards: dict[str, list[list[Scene]]] = {}
        self.kinds: list[list[Scene]] = []
        self.refresh()

    def refresh(self) -> int:
        """Load what is new, forget all but the newest ``keep`` shards; how many shards there are."""
        paths = sorted(self.folder.glob("*.pt"))[-self.keep :]
        fresh = [path for path in paths if path.name not in self._shards]
        for path in fresh:
            rows = torch.load(path, weights_only=True)
            self._shards[path.name] = [[Scene(*scene) for scene in kind] for kind in rows]
        names = {path.name for path in paths}
        self._shards = {name: shard for name, shard in self._shards.items() if name in names}
        if fresh:
            self.kinds = [[scene for shard in self._shards.values() for scene in shard[k]] for k in range(len(KINDS))]
        return len(self._shards)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vae", type=Path, default=Path("training/runs/vae"))
    parser.add_argument("--folder", type=Path, default=Path("training/runs/scenes"))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--shards", type=int, default=200, help="stop when the folder has so many")
    parser.add_argument("--first-seed", type=int, default=60_000_000)
    options = parser.parse_args()
    use_fused_layers()
    device = torch.device(options.device)
    vae = normalised_vae(options.vae).to(device)
    options.folder.mkdir(parents=True, exist_ok=True)
    done = len(list(options.folder.glob("*.pt")))
    a_shard = sum(kind.count for kind in KINDS)
    for number, shard in enumerate(encode_shards(vae, options.first_seed + done * a_shard, device), start=done):
        if number >= options.shards:
            return
        write_shard(options.folder / f"{number:05d}.pt", shard)
        print(f"shard {number}", flush=True)


if __name__ == "__main__":
    main()
