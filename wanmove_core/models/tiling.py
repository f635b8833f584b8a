"""VAE decoding in overlapping spatial tiles, each over the whole clip, so that device memory depends on the tile alone.

Not equal to the plain decode where there are several tiles: the attention of the middle block and the convolutions at a
tile's edge see less of the picture. The overlap hides it. Equal to it, bit for bit, where one tile covers everything.
"""

from dataclasses import dataclass

import torch

from ..errors import RequestError
from ..host import Host
from .streamed_vae import StreamedVAE

STAGE = "decode"


@dataclass(frozen=True)
class Span:
    """One tile along one axis: cells ``start`` ... ``stop - 1``, and its share of each of its pixels."""

    start: int
    stop: int
    stride: int
    """pixels of a cell's side"""
    share: torch.Tensor

    @property
    def cells(self) -> slice:
        return slice(self.start, self.stop)

    @property
    def pixels(self) -> slice:
        return slice(self.start * self.stride, self.stop * self.stride)


@torch.no_grad()
def decode_tiled(vae: StreamedVAE, latent: torch.Tensor, tile: int, overlap: int, host: Host) -> torch.Tensor:
    """The whole clip, decoded tile by tile.

    Args:
        latent: normalised [B, C, T', H', W'], on the VAE's device and in its dtype.
        tile: cells of a tile's side, at most; 32 is 256 pixels with Wan 2.1's VAE, 512 with Wan 2.2's.
        overlap: cells that neighbours share at least, 0 ... tile - 1; they fade linearly into each other.
        host: asked to stop before each latent frame, told of each one that is done (stage "decode").

    Returns:
        [B, 3, 4 (T' - 1) + 1, s H', s W'] in -1 ... 1, float32 on the CPU; s is the VAE's spatial stride.

    Raises:
        RequestError: tile or overlap outside their limits.
    """
    if tile < 1 or not 0 <= overlap < tile:
        raise RequestError(f"Tiles of {tile} cells that overlap by {overlap}: tile >= 1 and 0 <= overlap < tile are needed.")
    (batch, _, length, height, width), stride = latent.shape, vae.spatial_stride
    tiles = [(row, column) for row in cut(height, tile, overlap, stride) for column in cut(width, tile, overlap, stride)]
    frames = torch.zeros(batch, 3, 4 * (length - 1) + 1, stride * height, stride * width)
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


def cut(cells: int, tile: int, overlap: int, stride: int) -> list[Span]:
    """An axis as spans of at most ``tile`` cells of ``stride`` pixels, evenly spread; all shares add up to 1 in each pixel."""
    size = min(tile, cells)
    count = 1 if size == cells else 1 + -((size - cells) // (size - overlap))
    starts = [round(index * (cells - size) / max(count - 1, 1)) for index in range(count)]
    spans = [slice(start * stride, (start + size) * stride) for start in starts]
    shares = torch.zeros(count, cells * stride, dtype=torch.float64)
    for index, start in enumerate(starts):
        before = starts[index - 1] + size - start if index else 0
        after = start + size - starts[index + 1] if index + 1 < count else 0
        shares[index, spans[index]] = _trapezoid(size * stride, before * stride, after * stride)
    shares /= shares.sum(dim=0)
    return [Span(start, start + size, stride, shares[index, spans[index]].float()) for index, start in enumerate(starts)]


def _trapezoid(size: int, before: int, after: int) -> torch.Tensor:
    """Weights of a span's ``size`` pixels: rising over ``before`` of them, 1, falling over ``after``."""
    pixels = torch.arange(size, dtype=torch.float64) + 0.5
    rising = pixels / before if before else torch.ones_like(pixels)
    falling = pixels.flip(0) / after if after else torch.ones_like(pixels)
    return torch.minimum(rising, falling).clamp(max=1)
