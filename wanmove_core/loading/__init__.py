"""From a model file to a network: what the file is, whether it fits, and the network itself."""

from .checkpoint import LoadedDiT, load_dit, load_vae
from .description import CheckpointDescription, describe_checkpoint
from .stated_config import state_config

__all__ = ["CheckpointDescription", "LoadedDiT", "describe_checkpoint", "load_dit", "load_vae", "state_config"]
