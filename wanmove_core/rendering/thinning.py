"""Fewer tracks that still tell the story: a fair share for every layer, spread evenly over its area."""

import numpy as np
from numpy.typing import NDArray

from ..tracks.baked import BakedTracks

_CANDIDATES = 4096
"""Tracks a layer among which the spread ones are looked for; evenly drawn when there are more."""


def thin_tracks(tracks: BakedTracks, most: int) -> NDArray[np.intp]:
    """Indices of at most ``most`` tracks, ascending (so depth stays): all of small layers, the rest shared evenly.

    Within a layer each next track is the one farthest from those taken so far in the first frame.
    """
    if tracks.count <= most:
        return np.arange(tracks.count)
    layers = [np.flatnonzero(tracks.layer == number) for number in np.unique(tracks.layer)]
    taken = []
    left = most
    for position, members in enumerate(sorted(layers, key=len)):
        share = min(len(members), left // (len(layers) - position))
        taken.append(members[_spread(tracks.positions[0, members], share)])
        left -= share
    return np.sort(np.concatenate(taken))


def _spread(points: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    candidates = np.unique(np.linspace(0, len(points) - 1, min(len(points), _CANDIDATES)).astype(np.intp))
    places = points[candidates].astype(np.float64)
    if count >= len(candidates):
        return candidates[:count]
    chosen = np.zeros(count, np.intp)
    x, y = np.ascontiguousarray(places.T)
    nearest = np.full(len(places), np.inf)  # squared
    latest = int(np.argmin((x - x.mean()) ** 2 + (y - y.mean()) ** 2))
    for index in range(count):
        chosen[index] = latest
        across, down = x - x[latest], y - y[latest]
        np.minimum(nearest, across * across + down * down, out=nearest)
        latest = int(nearest.argmax())
    return candidates[chosen]
