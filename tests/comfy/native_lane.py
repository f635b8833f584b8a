"""Run by ``test_native_lane.py`` in a ComfyUI's Python, in its folder: ComfyUI's own node and ours on the same latents.

python native_lane.py PACK    prints what was found as JSON
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

PACK = Path(sys.argv[1])
sys.argv = ["main.py", "--cpu"]
sys.path.insert(0, str(Path.cwd()))

import torch  # noqa: E402

LENGTH, WIDTH, HEIGHT = 17, 128, 96
ROWS, COLUMNS = HEIGHT // 8, WIDTH // 8
SHAPE = (16, (LENGTH - 1) // 4 + 1, ROWS, COLUMNS)


class RandomVae:
    """Encodes every video to the same random latent."""

    def __init__(self, batch: int = 1) -> None:
        self.latent = torch.randn(batch, *SHAPE, generator=torch.Generator().manual_seed(0))
        self.before = self.latent.clone()

    def encode(self, _: torch.Tensor) -> torch.Tensor:
        return self.latent


def load_pack() -> ModuleType:
    """The pack under a name of its own."""
    spec = importlib.util.spec_from_file_location("wanmove_pack", PACK / "__init__.py", submodule_search_locations=[str(PACK)])
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["wanmove_pack"] = module
    return module


def apart(seed: int) -> dict[str, torch.Tensor]:
    """Tracks that never share a cell and begin in the picture: a column each, up and down at will; some hidden later."""
    random = torch.Generator().manual_seed(seed)
    x = (torch.randperm(COLUMNS, generator=random)[:9] * 8 + 8 * torch.rand(9, generator=random)).expand(LENGTH, -1)
    y = torch.rand(LENGTH, 9, generator=random) * (HEIGHT + 40) - 20
    y[0] = y[0].clamp(0, HEIGHT - 1)
    visible = torch.rand(LENGTH, 9, generator=random) > 0.2
    visible[0] = True
    return {"track_path": torch.stack([x, y], dim=-1), "track_visibility": visible}


def held(*starts: tuple[float, float], end: tuple[float, float], hidden: tuple[int, ...] = ()) -> dict[str, torch.Tensor]:
    """Tracks that are at their start in frame 0 and at one common end in all others; ``hidden`` frames of all."""
    path = torch.tensor(end).expand(LENGTH, len(starts), 2).clone()
    path[0] = torch.tensor(starts)
    visible = torch.ones(LENGTH, len(starts), dtype=torch.bool)
    visible[list(hidden)] = False
    return {"track_path": path, "track_visibility": visible}


def theirs(tracks: Any, vae: RandomVae, strength: float = 1.0, batch: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents of the positive and the negative of WanMoveTrackToVideo."""
    from comfy_extras.nodes_wanmove import WanMoveTrackToVideo  # type: ignore[import-not-found]

    image = torch.zeros(1, HEIGHT, WIDTH, 3)
    made = WanMoveTrackToVideo.execute([[None, {}]], [[None, {}]], vae, WIDTH, HEIGHT, LENGTH, batch, strength, tracks, image)
    return latents(made.args)


def ours(
    tracks: Any, vae: RandomVae, strength: float = 1.0, batch: int = 1, negative: str = "edited"
) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents of the positive and the negative of WanImageToVideo and our node behind it."""
    from comfy_extras.nodes_wan import WanImageToVideo  # type: ignore[import-not-found]
    from wanmove_pack.nodes.apply_tracks import WanMoveApplyTracks  # type: ignore[import-not-found]

    image = torch.zeros(1, HEIGHT, WIDTH, 3)
    made = WanImageToVideo.execute([[None, {}]], [[None, {}]], vae, WIDTH, HEIGHT, LENGTH, batch, image).args
    return latents(WanMoveApplyTracks.execute(*made[:2], tracks, strength, 0.0, "last", negative).args)


def latents(args: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the positive and the negative."""
    return args[0][0][1]["concat_latent_image"], args[1][0][1]["concat_latent_image"]


def kind_of(act: Any) -> str:
    """The name of what is raised; "" if nothing is."""
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return ""


def compare() -> dict[str, Any]:
    """Everything that the test asks for."""
    from comfy_extras.nodes_wanmove import WanMoveTracksFromCoords  # type: ignore[import-not-found]

    found: dict[str, Any] = {"differences": [], "negative_differences": [], "edited_cells": []}
    for seed in range(20):
        for strength in (1.0, 0.5, 2.5):
            expected, got = theirs(apart(seed), RandomVae(), strength), ours(apart(seed), RandomVae(), strength)
            found["differences"].append(float((expected[0] - got[0]).abs().max()))
            found["negative_differences"].append(float((expected[1] - got[1]).abs().max()))
            found["edited_cells"].append(int((got[0] != RandomVae().before).any(1).sum()))

    kept, shared = RandomVae(), RandomVae()
    _, clean = ours(apart(0), kept, negative="clean")
    theirs(apart(0), shared)
    found["ours_leaves_the_latent"] = torch.equal(kept.latent, kept.before) and torch.equal(clean, kept.before)
    found["theirs_leaves_the_latent"] = torch.equal(shared.latent, shared.before)

    found["theirs_batch_of_2"] = kind_of(lambda: theirs(apart(0), RandomVae(), batch=2))
    found["ours_batch_of_2"] = torch.equal(ours(apart(0), RandomVae(), batch=2)[0], ours(apart(0), RandomVae())[0])
    found["ours_two_latents"] = both_edited(ours(apart(0), RandomVae(2))[0], RandomVae(2).before)

    text = json.dumps([[{"x": 4 + column, "y": row} for column in range(LENGTH)] for row in (4, 20, 36)])
    masked = WanMoveTracksFromCoords.execute(text, torch.ones(LENGTH, 4, 4)).args[0]
    plain = WanMoveTracksFromCoords.execute(text).args[0]
    found["theirs_mask"] = kind_of(lambda: theirs(masked, RandomVae()))
    found["ours_mask"] = torch.equal(ours(masked, RandomVae())[0], ours(plain, RandomVae())[0])

    behind = held((20.0, 20.0), end=(100.0, 60.0), hidden=(0,))
    before = RandomVae().before[0]
    their_cell, our_cell = theirs(behind, RandomVae())[0][0, :, 2, 7, 12], ours(behind, RandomVae())[0][0, :, 2, 7, 12]
    found["theirs_hidden_start_is_the_last_cell"] = torch.allclose(their_cell, before[:, 0, -1, -1])
    found["ours_hidden_start_is_its_own_cell"] = torch.equal(our_cell, before[:, 0, 2, 2])

    meeting = held(*((4.0 + 8 * column, 4.0) for column in range(8)), end=(100.0, 60.0))
    found["theirs_by_seed"] = distinct([seeded(theirs, meeting, seed) for seed in range(8)])
    found["ours_by_seed"] = distinct([seeded(ours, meeting, seed) for seed in range(8)])
    found["ours_collision_is_the_last_track"] = torch.equal(ours(meeting, RandomVae())[0][0, :, 2, 7, 12], before[:, 0, 0, 7])
    return found


def both_edited(edited: torch.Tensor, before: torch.Tensor) -> bool:
    """Whether the two latents of a batch were edited in the same cells, and in some."""
    changed = (edited != before).any(1)
    return bool(changed[0].any()) and torch.equal(changed[0], changed[1])


def seeded(act: Any, tracks: Any, seed: int) -> torch.Tensor:
    """The positive's latent after the global generator was seeded."""
    torch.manual_seed(seed)
    return act(tracks, RandomVae())[0]


def distinct(latents: list[torch.Tensor]) -> int:
    """How many of them are not alike."""
    kinds: list[torch.Tensor] = []
    for latent in latents:
        if not any(torch.equal(latent, other) for other in kinds):
            kinds.append(latent)
    return len(kinds)


if __name__ == "__main__":
    from comfy.options import enable_args_parsing  # type: ignore[import-not-found]

    enable_args_parsing()
    load_pack()
    sys.stdout.write("FOUND " + json.dumps(compare()))
