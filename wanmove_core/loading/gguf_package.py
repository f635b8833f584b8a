"""Formats of GGUF that are not unpacked by ``models/block_formats.py``: by the ``gguf`` package, where it is installed.

They are rare for Wan, and slow: the package computes on the CPU.
"""

from importlib import import_module
from pathlib import Path

import torch

from ..errors import CheckpointError
from ..models.block_formats import BLOCK_FORMATS, BlockFormat
from .tensor_info import GGUF_BLOCKS, shown_path


def block_format(path: Path, name: str) -> BlockFormat:
    """How blocks of a format of GGUF are unpacked.

    Raises:
        CheckpointError: it takes the package, which is not installed.
    """
    if name in BLOCK_FORMATS:
        return BLOCK_FORMATS[name]
    try:
        package = import_module("gguf")
        kind = package.GGMLQuantizationType[name]
    except (ImportError, KeyError) as error:
        raise CheckpointError(
            f"{shown_path(path)} has weights of the GGUF format {name}, which needs the gguf package: pip install gguf. "
            f"Without it {', '.join(BLOCK_FORMATS)} can be read."
        ) from error

    def unpack(blocks: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(package.dequantize(blocks.cpu().numpy(), kind)).to(blocks.device)

    values, size = GGUF_BLOCKS[name]
    return BlockFormat(name, values, size, unpack)
