"""FID of a folder of results: the frames of all its videos against those of the real ones.

The features of a case are kept beside its record, so that a run that was stopped goes on and shards share the work; means and
covariances are summed over whatever is there.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import RequestError, WanMoveError
from ..evaluation.fidelity import FeatureMoments
from ..host import Host
from ..rendering.atomic_file import make_folder, unfinished
from ..rendering.frames import Frame
from .layout import Case
from .preparation import ClipShape, read_result, read_truth
from .records import FEATURES, features_path, read_record, video_path
from .settings import RunSettings

FEW = 10_000
"""frames below which a FID says little: what is usual in papers is this or five times as many"""
_STAGE = "FID"

Features = NDArray[np.floating]


class FrameFeatures(Protocol):
    """A network that FID is made of, see ``evaluation.inception.Inception``."""

    name: str
    """of the file of its weights"""
    identity: str
    """equal for the same features"""

    @property
    def version(self) -> str: ...

    def __call__(self, frames: Sequence[Frame]) -> Features: ...


@dataclass(frozen=True)
class Fid:
    """One figure over all videos, and what it was made of."""

    value: float
    label: str
    """what it may be called"""
    frames: int
    """of the generated videos, and as many of the real ones"""
    cases: int
    package: str
    weights: str
    note: str
    """what it must be read with"""

    @property
    def counted(self) -> str:
        """As "162 frames of 2 cases"."""
        return _counted(self.frames, self.cases)


def measure_fid(
    out: Path, chosen: Sequence[Case], everything: Sequence[Case], settings: RunSettings, shape: ClipShape,
    network: FrameFeatures, host: Host,
) -> Fid | None:  # fmt: skip
    """The FID of all cases that are done and have a real video; None if there are none.

    Args:
        chosen: cases whose features are computed where they are not kept yet.
        everything: the whole list; of the others only kept features count.

    Raises:
        MediaError: the folder for the features cannot be made, or they cannot be kept there.
        RequestError: one frame is all there is.
    """
    make_folder(out / FEATURES)
    mine = {case.id for case in chosen}
    done = [case for case in everything if case.video.is_file() and _is_done(out, case, settings)]
    made, real, cases = FeatureMoments(), FeatureMoments(), 0
    host.progress(_STAGE, 0, len(done))
    for number, case in enumerate(done, start=1):
        host.check_interrupted()
        key = _key(out, case, shape, network)
        found = _read(out, case, key)
        if found is None and case.id in mine:
            found = _compute(out, case, key, shape, network, host)
        if found is not None:
            made.add(found[0])
            real.add(found[1])
            cases += 1
        host.progress(_STAGE, number, len(done))
    if not cases:
        return None
    if made.count < 2:
        raise RequestError("FID needs at least 2 frames; there is one. Give more cases, or a larger --length.")
    package = f"torch-fidelity {network.version}"
    return Fid(
        value=made.frechet_distance(real),
        label=f"FID of frames, MoveBench-style, {package}, {_counted(made.count, cases)}",
        frames=made.count,
        cases=cases,
        package=package,
        weights=network.name,
        note=_note(made.count),
    )


def _counted(frames: int, cases: int) -> str:
    return f"{frames:,} frames of {cases:,} case{'s' if cases > 1 else ''}"


def _note(frames: int) -> str:
    few = f" These are fewer than {FEW:,}: it is much too high, by chance alone." if frames < FEW else ""
    return (
        "FID is biased: the fewer frames, the higher, and frames of one video are alike. Compare it only with one over the "
        f"same cases at the same size.{few}"
    )


def _is_done(out: Path, case: Case, settings: RunSettings) -> bool:
    record = read_record(out, case)
    return record is not None and record.evaluation_key == settings.evaluation_key


def _compute(
    out: Path, case: Case, key: str, shape: ClipShape, network: FrameFeatures, host: Host
) -> tuple[Features, Features] | None:
    try:
        truth = read_truth(case, shape)
        if truth is None:
            return None
        made, real = network(read_result(video_path(out, case), shape)), network(truth)
    except WanMoveError as error:
        host.note(f"{case.id} is left out of FID: {error}")
        return None
    with unfinished(features_path(out, case)) as partial:
        np.savez(partial, key=np.array(key), made=made, real=real)
    return made, real


def _read(out: Path, case: Case, key: str) -> tuple[Features, Features] | None:
    """What is kept; None if there is nothing, it is damaged, or of another video or network."""
    try:
        with np.load(features_path(out, case), allow_pickle=False) as kept:
            if str(kept["key"]) != key:
                return None
            made, real = kept["made"], kept["real"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return (made, real) if made.shape == real.shape and made.ndim == 2 else None


def _key(out: Path, case: Case, shape: ClipShape, network: FrameFeatures) -> str:
    made, real = video_path(out, case).stat(), case.video.stat()
    told = f"{network.identity} {shape} {made.st_size} {made.st_mtime_ns} {real.st_size}"
    return sha256(told.encode()).hexdigest()
