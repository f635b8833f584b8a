"""The Wan models as rows of data. A new model is a new row (and a signature in ``loading/detect.py``)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LatentStride:
    """Pixels (and frames) per latent cell: Wan 2.1 VAE (4, 8, 8), Wan 2.2 VAE (4, 16, 16)."""

    time: int = 4
    height: int = 8
    width: int = 8

    def latent_length(self, length: int) -> int:
        """Latent frames T' of a clip of ``length`` frames; ``length`` is ``time * k + 1``."""
        return (length - 1) // self.time + 1


WAN21_STRIDE = LatentStride(4, 8, 8)
