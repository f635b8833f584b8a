"""Image encoders. Here: a constant."""

import torch

TOKENS, WIDTH = 257, 6
cropped: list[bool] = []
"""whether a picture's edges were cut off, for each that was encoded"""


class Output:
    """What an encoder gives."""

    def __init__(self, penultimate_hidden_states: torch.Tensor) -> None:
        self.penultimate_hidden_states = penultimate_hidden_states


class ClipVisionModel:
    """An image encoder."""

    def encode_image(self, image: torch.Tensor, crop: bool = True) -> Output:
        """The picture [B, H, W, 3] as tokens."""
        cropped.append(crop)
        return Output(torch.full((len(image), TOKENS, WIDTH), float(image.mean())))


def load(ckpt_path: str) -> ClipVisionModel | None:
    """An image encoder from its file; None if it is none."""
    return ClipVisionModel()
