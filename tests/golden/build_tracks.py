"""Writes ``tracks/``: the same three tracks as other programs save them, by numpy, torch and plain text alone.

``python tests/golden/build_tracks.py`` after a deliberate change. Five frames for a picture of 64 x 48 pixels: one point walks
right by 8 pixels a frame, one stands still and is hidden in frames 2 and 3, one leaves the picture on the right.
"""

import io
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

FOLDER = Path(__file__).parent / "tracks"
SIZE = np.array([64.0, 48.0])
TIMES = np.arange(5.0)
PLACES = np.stack(
    [
        np.stack([8 + 8 * TIMES, 8 + 0 * TIMES], axis=-1),
        np.stack([20 + 0 * TIMES, 30 + 0 * TIMES], axis=-1),
        np.stack([56 + 4 * TIMES, 40 + 0 * TIMES], axis=-1),
    ],
    axis=1,
).astype(np.float32)
"""[5, 3, 2]"""
SEEN = np.ones((5, 3), np.bool_)
SEEN[2:4, 1] = False

SVG = """<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="64px" height="48px" viewBox="0 0 128 96">
  <defs><path d="M0 0 L9 9"/></defs>
  <g transform="translate(16,16)"><path d="m0,0 h 64"/></g>
  <polyline points="40,60 40,60"/>
  <line x1="112" y1="80" x2="144" y2="80"/>
  <circle cx="1" cy="1" r="1"/>
</svg>
"""


def marked(value: float) -> np.ndarray:
    """The places, hidden ones replaced by a mark."""
    return np.where(SEEN[..., None], PLACES, np.float32(value))


def lists(places: np.ndarray) -> list[list[dict[str, float]]]:
    """A list of x and y for each track of [T, N, 2]."""
    return [[{"x": x, "y": y} for x, y in track] for track in places.swapaxes(0, 1).tolist()]


def save(name: str, content: str | bytes) -> None:
    """A golden file."""
    (FOLDER / name).write_bytes(content.encode() if isinstance(content, str) else content)


def ati() -> bytes:
    """The npz that ATI packs: [tracks, 121, 1, 3] times 8; the same motion at 30 times the frames."""
    fine = np.linspace(0, 4, 121)
    across = [np.interp(fine, TIMES, PLACES[:, track, 0]) for track in range(3)]
    down = [np.interp(fine, TIMES, PLACES[:, track, 1]) for track in range(3)]
    seen = SEEN[np.rint(fine).astype(int)].T
    stream = io.BytesIO()
    np.savez_compressed(stream, array=(np.stack([across, down, seen], axis=-1)[:, :, None] * 8).astype(np.float32))
    return stream.getvalue()


def build() -> None:
    """All files."""
    FOLDER.mkdir(exist_ok=True)
    np.save(FOLDER / "walk_tracks.npy", PLACES[None])
    np.save(FOLDER / "walk_visibility.npy", SEEN[None])
    np.save(FOLDER / "wan2gp.npy", np.where(SEEN[..., None], PLACES / SIZE, -1).astype(np.float32))
    np.save(FOLDER / "centred.npy", np.where(SEEN[..., None], PLACES / SIZE * 2 - 1, np.nan).astype(np.float32))
    np.save(FOLDER / "marked.npy", marked(-100))
    np.save(FOLDER / "column.npy", np.concatenate([PLACES, SEEN[..., None]], axis=-1))
    np.savez(FOLDER / "cotracker.npz", pred_tracks=PLACES[None], pred_visibility=SEEN[None])
    np.savez(FOLDER / "tapir.npz", tracks=PLACES.swapaxes(0, 1), occluded=~SEEN.T)
    np.savez(FOLDER / "comfyui.npz", track_path=PLACES, track_visibility=SEEN)
    torch.save((torch.from_numpy(PLACES)[None], torch.from_numpy(SEEN)[None]), FOLDER / "cotracker.pth")
    torch.save(ati(), FOLDER / "ati.pth")
    save("kjnodes.json", str(lists(PLACES)))  # in Python's quotes, as KJNodes has written them
    save("ltx.json", json.dumps(lists(PLACES.astype(int))))
    save("numbers.json", json.dumps(PLACES.tolist()))
    save("uneven.json", json.dumps([lists(PLACES)[0], lists(PLACES)[1][:2], lists(PLACES)[2][:3]]))
    offsets = (PLACES - PLACES[0]).swapaxes(0, 1).tolist()
    save("config.json", json.dumps({"points": PLACES[0].tolist(), "trajectories": offsets, "duration": 0.25}))
    save("drawing.svg", SVG)
    grey = np.zeros((48, 64), np.uint8)
    grey[8:24, 16:40] = 255
    Image.fromarray(grey).save(FOLDER / "mask.png")


if __name__ == "__main__":
    build()
