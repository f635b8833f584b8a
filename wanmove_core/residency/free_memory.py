"""How much memory of a device a network may take."""

import torch

_KEPT_PERCENT = 5
"""of a GPU's memory, for what its allocator rounds up and its libraries work in"""


def allowed_bytes(device: torch.device, limit: int | None) -> int | None:
    """Bytes that may still be taken on a device; None: nobody says.

    Args:
        limit: of all that this program takes on a GPU, and of what the network takes on any other device; None: what is free.
    """
    if device.type != "cuda":
        return limit
    free, _ = torch.cuda.mem_get_info(device)
    own = torch.cuda.memory_allocated(device)
    free += torch.cuda.memory_reserved(device) - own  # kept by the allocator, to be used again
    allowed = free if limit is None else min(free, limit - own)
    return max(0, allowed * (100 - _KEPT_PERCENT) // 100)
