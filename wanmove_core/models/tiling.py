"""VAE decoding in overlapping spatial tiles, each over the whole clip, so that device memory depends on the tile alone.

Not equal to the plain decode where there are several tiles: the attention of the middle block and the convolutions at a
tile's edge see less of the picture. The overlap hides it. Equal to it, bit for bit, where one tile covers everything.
"""

from dataclasses import dataclass

import torch

from ..errors import RequestError
from ..host import Host
from .vae21 import WanVAE21

SPATIAL_STRIDE = 8
STAGE = "decode"


@dataclass(frozen=True)
class Span:
    """One tile along one axis: cells ``start`` ... ``stop - 1``, and its share of each of its pixels."""

    start: int
    stop: int
    share: torch.Tensor

    @property
    def cells(self) -> slice:
        return slice(self.start, self.stop)

    @property
    def pixels(self) -> slice:
        return slice(self.start * SPATIAL_STRIDE, self.stop * SPATIAL_STRIDE)


@torch.no_grad()
def decode_tiled(vae: WanVAE21, latent: torch.Tensor, tile: int, overlap: int, host: Host) -> torch.Tensor:
    """The whole clip, decoded tile by tile.

    Args:
        latent: normalised [B, C, T', H', W'], on the VAE's device and in its dtype.
        tile: cells of a tile's side, at most; 32 is 256 pixels.
        overlap: cells that neighbours share at least, 0 ... tile - 1; they fade linearly into each other.
        host: asked to stop before each latent frame, told of each one that is done (stage "decode").

    Returns:
        [B, 3, 4 (T' - 1) + 1, 8 H', 8 W'] in -1 ... 1, float32 on the CPU.

    Raises:
        RequestError: tile or overlap outside their limits.
    """
    if tile < 1 or not 0 <= overlap < tile:
        raise RequestError(f"Tiles of {tile} cells that overlap by {overlap}: tile >= 1 and 0 <= overlap < tile are needed.")
    batch, _, length, height, width = latent.shape
    tiles = [(row, column) for row in cut(height, tile, overlap) for column in cut(width, tile, overlap)]
    frames = torch.zeros(batch, 3, 4 * (length - 1) + 1, SPATIAL_STRIDE * height, SPATIAL_STRIDE * width)
    host.progress(STAGE, 0, len(tiles) * length)
    for index, (row, column) in enumerate(tiles):
        share = row.share.unsqueeze(1) * column.share
        part = frames[..., row.pixels, column.pixels]
        decoded = vae.decode_frames(latent[..., row.cells, column.cells])
        position = 0
        for step in range(length):
            host.check_interrupted()
            chunk = next(decoded).float().cpu()
            part[:, :, position : position + chunk.shape[2]] += chunk * share
            position += chunk.shape[2]
            host.progress(STAGE, index * length + step + 1, len(tiles) * length)
    return frames


def cut(cells: int, tile: int, overlap: int) -> list[Span]:
    """An axis as spans of at most ``tile`` cells, evenly spread; the shares of all spans add up to 1 in each pixel."""
    size = min(tile, cells)
    count = 1 if size == cells else 1 + -((size - cells) // (size - overlap))
    starts = [round(index * (cells - size) / max(count - 1, 1)) for index in range(count)]
    shares = torch.zeros(count, cells * SPATIAL_STRIDE, dtype=torch.float64)
    for index, start in enumerate(starts):
        before = starts[index - 1] + size - start if index else 0
        after = start + size - starts[index + 1] if index + 1 < count else 0
        shares[index, start * SPATIAL_STRIDE : (start + size) * SPATIAL_STRIDE] = _trapezoid(size, before, after)
    shares /= shares.sum(dim=0)
    return [
        Span(start, start + size, shares[index, start * SPATIAL_STRIDE : (start + size) * SPATIAL_STRIDE].float())
        for index, start in enumerate(starts)
    ]


def _trapezoid(size: int, before: int, after: int) -> torch.Tensor:
    """Weights of a span's pixels: rising over ``before`` cells, 1, falling over ``after`` cells."""
    pixels = torch.arange(size * SPATIAL_STRIDE, dtype=torch.float64) + 0.5
    rising = pixels / (before * SPATIAL_STRIDE) if before else torch.ones_like(pixels)
    falling = pixels.flip(0) / (after * SPATIAL_STRIDE) if after else torch.ones_like(pixels)
    return torch.minimum(rising, falling).clamp(max=1)
