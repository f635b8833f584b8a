"""What a report about a video consists of."""

from dataclasses import asdict, dataclass

from .consistency import Consistency
from .measure import Measurement
from .motion_error import MotionError, TrackError


@dataclass(frozen=True)
class Quality:
    """NIQE (see ``naturalness``), lower is better; None = not looked at, or too few blocks of 96x96 px."""

    niqe: float | None
    """mean over the frames"""
    niqe_frames: tuple[float | None, ...]
    """of the frames that were looked at"""
    picture_niqe: float | None
    """of the start image at the clip's size"""
    change: float | None
    """mean over the frames less that of the start image: what the video lost (or, below 0, gained)"""


@dataclass(frozen=True)
class Fidelity:
    """Closeness to the ground truth, means over all frames."""

    psnr: float
    """dB"""
    ssim: float
    psnr_frames: tuple[float, ...]
    ssim_frames: tuple[float, ...]


@dataclass(frozen=True)
class MadeWith:
    """What the figures depend on."""

    tracker: str
    tracker_version: str
    tracker_licence: str
    width: int
    height: int
    frames: int
    px_at_832x480: float
    """what one px of the clip is in px at 832x480 (ratio of the diagonals)"""
    flow: str
    clip: str
    """what made the embeddings of CLIP-F; "" = nothing"""
    options: dict[str, float]
    requested: int
    """tracks that were asked for"""
    left_out: dict[str, int]
    """tracks that were not measured, by reason"""


@dataclass(frozen=True)
class VideoReport:
    """All figures of one video; None = there is nothing to say them from, and ``notes`` says why."""

    motion: MotionError | None
    consistency: Consistency
    quality: Quality
    fidelity: Fidelity | None
    floor: MotionError | None
    """the same tracks measured in the ground truth: what the tracker itself gets wrong"""
    truth_consistency: Consistency | None
    truth_quality: Quality | None
    made_with: MadeWith
    notes: tuple[str, ...]
    measured: Measurement | None
    """requested and achieved tracks"""
    tracks: tuple[TrackError, ...]
    """each measured track by itself"""

    def as_dict(self) -> dict[str, object]:
        """For JSON: every figure, rounded to 0.001; without the tracks."""
        parts = {
            "motion": self.motion,
            "consistency": self.consistency,
            "quality": self.quality,
            "fidelity": self.fidelity,
            "floor": self.floor,
            "truth_consistency": self.truth_consistency,
            "truth_quality": self.truth_quality,
            "made_with": self.made_with,
        }
        figures = {name: None if part is None else _rounded(asdict(part)) for name, part in parts.items()}
        return figures | {"notes": list(self.notes)}

    def track_rows(self) -> list[dict[str, object]]:
        """A row a measured track for JSON or CSV, rounded to 0.001."""
        rows = [_rounded(asdict(track)) for track in self.tracks]
        return [row for row in rows if isinstance(row, dict)]


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list | tuple) else value
