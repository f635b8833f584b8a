"""What ships with the package: a picture, what to draw on it, and a small trained model (see MODEL_CARD.md)."""

from pathlib import Path

import torch

from ..loading.checkpoint import load_dit, load_vae
from ..pipeline import Models
from ..tracks.document import TrackDocument, parse_document

_FOLDER = Path(__file__).parent
PICTURE = _FOLDER / "picture.jpg"
DOCUMENT = _FOLDER / "document.json"
DIT = _FOLDER / "dit.safetensors"
VAE = _FOLDER / "vae.safetensors"


def demo_document() -> TrackDocument:
    """The shipped track document, drawn on the shipped picture."""
    return parse_document(DOCUMENT.read_bytes())


def load_demo_models(device: torch.device | str = "cpu") -> Models:
    """The embedded model in float32."""
    loaded = load_dit(DIT, device, torch.float32)
    return Models(loaded.model, load_vae(VAE, device, torch.float32), loaded.variant)
