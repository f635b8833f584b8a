"""Tracks from a document or from npy files, and a picture, brought to the size of the video."""

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError
from ..rendering.images import fit_image
from ..tracks.baked import BakedTracks
from ..tracks.document import TrackDocument, parse_document
from ..tracks.npy_file import read_npy_tracks
from ..tracks.sampling import FitName, bake, make_fit


class TrackSource:
    """A document, or the npy files of tracks and visibility."""

    def __init__(
        self, document: Path | None, tracks: Path | None, visibility: Path | None = None, fit: FitName | None = None
    ) -> None:
        """One of ``document`` and ``tracks`` is given."""
        if visibility is not None and tracks is None:
            raise RequestError(f"--visibility {visibility} belongs to --tracks; a document has its own. Leave it out.")
        self.fit: FitName | None = fit
        self.content: TrackDocument | BakedTracks
        if tracks is not None:
            self.path, self.content = tracks, read_npy_tracks(tracks, visibility, 1, 1)
        elif document is not None:
            self.path, self.content = document, parse_document(read_bytes(document))
        else:
            raise RequestError("There are no tracks; give --document or --tracks.")

    @property
    def length(self) -> int | None:
        """Frames of the npy file; None for a document, which has no length of its own."""
        return None if isinstance(self.content, TrackDocument) else self.content.length

    def tracks(self, length: int, from_width: int, from_height: int, width: int, height: int) -> BakedTracks:
        """The tracks in pixels of a ``width`` x ``height`` video of ``length`` frames.

        Args:
            from_width: with ``from_height`` the size of the picture in whose pixels npy tracks are.
        """
        if isinstance(self.content, TrackDocument):
            return bake(self.content, length, width, height, self.fit)
        if self.content.length != length:
            raise RequestError(f"{self.path} has {self.content.length} frames, the video {length}; resample it to {length}.")
        return _fit_tracks(dataclasses.replace(self.content, width=from_width, height=from_height), width, height, self.fit)


def fitted(picture: NDArray[np.uint8], width: int, height: int, fit: FitName | None) -> NDArray[np.uint8]:
    """The picture in the size of the video; shapes that differ need ``fit``."""
    make_fit(TrackDocument(picture.shape[1], picture.shape[0]), width, height, fit)
    return fit_image(picture, width, height, fit or "stretch")


def read_bytes(path: Path) -> bytes:
    """What is in a file that a user named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror or error}.") from error


def _fit_tracks(tracks: BakedTracks, width: int, height: int, fit: FitName | None) -> BakedTracks:
    """Tracks of a picture in pixels of the picture that ``fit_image`` makes of it."""
    fitted = make_fit(TrackDocument(tracks.width, tracks.height), width, height, fit)
    return dataclasses.replace(
        tracks, positions=fitted.to_target(tracks.positions.astype(np.float64)).astype(np.float32), width=width, height=height
    )
