"""Which device, what is loaded onto it, and being stopped."""

from collections.abc import Sequence

import torch

from .model_patcher import ModelPatcher

loaded: list[ModelPatcher] = []
"""what was asked to be loaded, in order"""
interrupted_after: int | None = None
"""how often ``throw_exception_if_processing_interrupted`` still lets pass; None = always"""


class InterruptProcessingException(BaseException):
    """The user asked to stop."""


def get_torch_device() -> torch.device:
    """Where models run."""
    return torch.device("cpu")


def unet_offload_device() -> torch.device:
    """Where diffusion models wait."""
    return torch.device("cpu")


def vae_offload_device() -> torch.device:
    """Where VAEs wait."""
    return torch.device("cpu")


def load_models_gpu(models: Sequence[ModelPatcher], memory_required: float = 0) -> None:
    """Make room and load."""
    loaded.extend(models)


def soft_empty_cache() -> None:
    """Give back what is free."""


def is_oom(error: BaseException) -> bool:
    """Whether the device ran out of memory."""
    return isinstance(error, torch.OutOfMemoryError)


def throw_exception_if_processing_interrupted() -> None:
    """Raise if the user asked to stop."""
    global interrupted_after
    if interrupted_after is None:
        return
    if interrupted_after == 0:
        interrupted_after = None
        raise InterruptProcessingException
    interrupted_after -= 1


def unload_all_models() -> None:
    """Takes all models off the device."""
