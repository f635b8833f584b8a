"""What the model is told, seen: for each latent frame the grid of cells, coloured by where a cell's feature is from.

Which track owns a cell, and what it writes there, is asked of the edit itself (``guidance.latent_edit``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..guidance.latent_edit import cell_rivals, cell_writes
from ..guidance.latent_tracks import LatentTracks, Temporal, to_latent_tracks
from ..tracks.baked import BakedTracks
from ..tracks.tensors import to_tensors
from ..variants import LatentStride
from .frames import Frame, Picture, checked_frames
from .lettering import INK, PAPER, text_size, write, write_on_plate

_COVER = 0.72
"""how much of the video a guided cell hides"""
_DIMMED = 0.45
"""brightness and saturation of the video below"""
_LIGHTNESS, _CHROMA = 175, 54
"""of the colours of sources, as OpenCV's 8-bit Lab has them"""
_CHECKED, _BLOCK = 9, 4
"""how much lighter and darker blocks of so many cells are"""
_LEAST_CELL, _MOST_CELL = 4, 64
_NUMBERS_FROM = 12
"""px of a drawn cell from which on the number of tracks fits into it"""
_SHIFT = 4


@dataclass(frozen=True)
class CellViewOptions:
    """How the cells are found and drawn."""

    footprint: float = 0.0
    """as ``edit_latent`` has it"""
    temporal: Temporal = "last"
    cell: int = 16
    """px that a cell is drawn with; 8 is the video's own size on Wan 2.1"""
    max_arrows: int = 48
    """arrows from source to target while no more tracks than this are there; 0 = none"""
    every_frame: bool = False
    """T pictures, one a frame of the video, instead of T', one a latent frame"""


def cell_frames(
    frames: Iterable[Picture], tracks: BakedTracks, stride: LatentStride, options: CellViewOptions | None = None
) -> Iterator[Frame]:
    """Pictures of the H' x W' cells, each ``options.cell`` px, over the dimmed video.

    A guided cell has the colour that its source cell has by its place in the picture, so that a patch can be recognised where
    it was moved to. Latent frame 0, which is the picture itself, shows the cells that are sources. Where a track lost a cell
    to another that writes a different source the cell is framed; the number in a cell is how many tracks are in it, where
    that is more than one. An arrow leads from source to cell where there are few tracks.

    Args:
        frames: of the tracks' size, as many as the tracks have; the last of each latent frame's is shown.

    Raises:
        RequestError: size or number of the frames does not fit, or a cell size or footprint outside its limits.
        TrackError: the tracks' length is not stride.time * k + 1, or their size no multiple of the stride.
    """
    options = options or CellViewOptions()
    if not _LEAST_CELL <= options.cell <= _MOST_CELL:
        raise RequestError(f"Cells of {options.cell} px were asked for; they can have {_LEAST_CELL} to {_MOST_CELL} px.")
    view = _CellView(tracks, stride, options)
    for index, frame in enumerate(checked_frames(frames, tracks)):
        latent_frame = -(-index // stride.time)
        if options.every_frame or index == latent_frame * stride.time:
            yield view.over(frame, latent_frame)


def source_colours(height: int, width: int) -> NDArray[np.uint8]:
    """[H', W', 3]: colours that change across and down the grid, checked in blocks so that patches can be recognised."""
    across = np.linspace(-1, 1, width)[None, :].repeat(height, 0) if width > 1 else np.zeros((height, width))
    down = np.linspace(-1, 1, height)[:, None].repeat(width, 1) if height > 1 else np.zeros((height, width))
    rows, columns = np.indices((height, width)) // _BLOCK
    lightness = _LIGHTNESS + _CHECKED * (1 - 2 * ((rows + columns) % 2))
    lab = np.stack([lightness, 128 + _CHROMA * across, 128 - _CHROMA * down], axis=-1)
    return np.asarray(cv2.cvtColor(np.rint(lab).astype(np.uint8), cv2.COLOR_LAB2RGB), np.uint8)


class _CellView:
    """What is the same for all latent frames, and the drawing of one."""

    def __init__(self, tracks: BakedTracks, stride: LatentStride, options: CellViewOptions) -> None:
        tensors = to_tensors(tracks)
        latent = to_latent_tracks(tensors, stride, options.temporal)
        self._latent, self._options, self._stride = latent, options, stride
        self._source, self._weight = _written(latent, options.footprint)
        counts, contested = cell_rivals(latent, options.footprint)
        self._counts, self._contested = counts.numpy(), contested.numpy()
        self._colours = source_colours(latent.height, latent.width).reshape(-1, 3)
        self._arrows = _arrows(latent, options.max_arrows)

    def over(self, frame: Frame, latent_frame: int) -> Frame:
        """One picture, [H' * cell, W' * cell, 3]."""
        latent, cell = self._latent, self._options.cell
        size = (latent.width * cell, latent.height * cell)
        way = cv2.INTER_AREA if frame.shape[1] > size[0] else cv2.INTER_CUBIC
        drawn = _dimmed(np.asarray(cv2.resize(frame, size, interpolation=way), np.uint8))
        source, share = self._source[latent_frame], self._weight[latent_frame] * np.float32(_COVER)
        tint = np.ascontiguousarray(self._colours[np.maximum(source, 0)])
        drawn = _mixed(drawn, tint, share, size)
        _draw_grid(drawn, cell)
        _frame_cells(drawn, self._contested[latent_frame], cell)
        self._draw_arrows(drawn, latent_frame)
        if cell >= _NUMBERS_FROM:
            _draw_counts(drawn, self._counts[latent_frame], cell)
        write_on_plate(drawn, self._caption(latent_frame), (8, 22), 0.5)
        return drawn

    def _caption(self, latent_frame: int) -> str:
        latent, time = self._latent, self._stride.time
        last = latent_frame * time
        place = "frame 0" if latent_frame == 0 else f"frames {last - time + 1}-{last}"
        named = f"latent frame {latent_frame} of {latent.length - 1} ({place})"
        if latent_frame == 0:
            return f"{named}: {int((self._source[0] >= 0).sum())} cells are sources"
        guided = f"{int((self._source[latent_frame] >= 0).sum())} of {latent.height * latent.width} cells guided"
        return f"{named}: {guided}, {int(self._contested[latent_frame].sum())} contested"

    def _draw_arrows(self, frame: Frame, latent_frame: int) -> None:
        latent, cell = self._latent, self._options.cell
        drawn = self._arrows[latent.writes[latent_frame].numpy()[self._arrows]]
        start, end = latent.source.numpy()[drawn], latent.cells[latent_frame].numpy()[drawn]
        moved = (start != end).any(axis=1)
        lines = np.stack([start[moved], end[moved]], axis=1)[..., ::-1]  # x, y
        fixed = [((line + 0.5) * cell - 0.5) for line in lines.astype(np.float64)]
        shafts = [np.rint(line * 2**_SHIFT).astype(np.int32) for line in fixed]
        tips = [np.rint(_tip(line, cell) * 2**_SHIFT).astype(np.int32) for line in fixed]
        for colour, wide in ((INK, 3), (PAPER, 1)):
            cv2.polylines(frame, [*shafts, *tips], False, colour, wide, cv2.LINE_AA, _SHIFT)


def _written(latent: LatentTracks, footprint: float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Source of each cell, flat, -1 = none, and with what weight; in latent frame 0 the sources themselves. [T', H', W']"""
    writes = cell_writes(latent, footprint)
    source = np.full(latent.length * latent.height * latent.width, -1, np.int64)
    weight = np.zeros(len(source), np.float32)
    source[writes.target.numpy()] = writes.source.numpy()
    weight[writes.target.numpy()] = writes.weight.numpy()
    used = np.unique(writes.source.numpy())
    source[used], weight[used] = used, 1
    shape = (latent.length, latent.height, latent.width)
    return source.reshape(shape), weight.reshape(shape)


def _arrows(latent: LatentTracks, most: int) -> NDArray[np.intp]:
    """Tracks that get an arrow: all that write, or none where they are many."""
    writing = np.flatnonzero(latent.writes.any(dim=0).numpy())
    return writing if len(writing) <= most else writing[:0]


def _dimmed(frame: Frame) -> Frame:
    grey = cv2.cvtColor(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(frame, _DIMMED * _DIMMED, grey, _DIMMED * (1 - _DIMMED), 20), np.uint8)


def _mixed(frame: Frame, tint: Frame, share: NDArray[np.float32], size: tuple[int, int]) -> Frame:
    """The frame under cells [H', W', 3], each covering its ``share``."""
    large = np.asarray(cv2.resize(tint, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    cover = cv2.resize(share, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.blendLinear(large, frame, cover, 1 - cover), np.uint8)


def _draw_grid(frame: Frame, cell: int) -> None:
    """Lines between cells, a little darker than what is there."""
    for lines in (frame[cell - 1 :: cell], frame[:, cell - 1 :: cell]):
        lines[:] = (lines * 0.75).astype(np.uint8)


def _frame_cells(frame: Frame, chosen: NDArray[np.bool_], cell: int) -> None:
    """A light frame just inside each of the chosen cells [H', W']."""
    large = np.kron(chosen, np.ones((cell, cell), np.bool_))
    edge = np.zeros((cell, cell), np.bool_)
    edge[[0, 1, -3, -2], :-1] = edge[:-1, [0, 1, -3, -2]] = True
    dark = np.zeros_like(edge)
    dark[[1, -3], 1:-2] = dark[1:-2, [1, -3]] = True
    tiled = large & np.tile(edge, chosen.shape)
    frame[tiled] = PAPER
    frame[tiled & np.tile(dark, chosen.shape)] = INK


def _draw_counts(frame: Frame, counts: NDArray[np.int64], cell: int) -> None:
    """Numbers above 1 in their cells; each different number is written once and copied."""
    size = 0.3 * cell / 16 if cell < 24 else 0.45
    for number in np.unique(counts[counts > 1]).tolist():
        text = str(number) if number < 100 else "+"
        across, up, _ = text_size(text, size)
        stamp = np.zeros((cell, cell, 3), np.uint8)
        write(stamp, text, ((cell - across) // 2, (cell + up) // 2), size, (255, 255, 255))
        share = stamp.astype(np.float32) / 255
        for row, column in np.argwhere(counts == number).tolist():
            part = frame[row * cell : (row + 1) * cell, column * cell : (column + 1) * cell]
            part[:] = (part * (1 - share) + np.array(INK, np.float32) * share).astype(np.uint8)


def _tip(line: NDArray[np.float64], cell: int) -> NDArray[np.float64]:
    """Three points of the head at the end of a line [2, 2]."""
    away = line[0] - line[1]
    back = away / max(float(np.hypot(*away)), 1e-6) * min(0.5 * cell, 0.4 * float(np.hypot(*away)))
    side = np.array([-back[1], back[0]]) * 0.6
    return np.stack([line[1] + back + side, line[1], line[1] + back - side])
