"""Rotary position embedding over (frame, row, column), as Wan computes it: complex128 tables, pairs of neighbours."""

import torch

THETA = 10000.0


def axis_pairs(head_dim: int) -> tuple[int, int, int]:
    """How many complex pairs of a head rotate with the frame, the row and the column (128 -> 22, 21, 21)."""
    spatial = head_dim // 6
    return head_dim // 2 - 2 * spatial, spatial, spatial


def rope_table(grid: tuple[int, int, int], head_dim: int, device: torch.device | str = "cpu") -> torch.Tensor:
    """Rotations of all patches of a (frames, rows, columns) grid in row-major order: complex128 [F*H*W, head_dim / 2]."""
    axes = []
    for axis, (size, pairs) in enumerate(zip(grid, axis_pairs(head_dim), strict=True)):
        exponent = torch.arange(0, 2 * pairs, 2, dtype=torch.float64, device=device) / (2 * pairs)
        angle = torch.outer(torch.arange(size, dtype=torch.float64, device=device), THETA**-exponent)
        shape = [1, 1, 1, pairs]
        shape[axis] = size
        axes.append(torch.polar(torch.ones_like(angle), angle).view(shape).expand(*grid, pairs))
    return torch.cat(axes, dim=-1).reshape(-1, head_dim // 2)


def rotate(x: torch.Tensor, table: torch.Tensor, turned: torch.Tensor) -> None:
    """Turn the channel pairs of x [B, L, heads, d] by table [L, d / 2] into ``turned``; computed in the table's precision.

    complex128 is the released precision; a complex64 table (see ``WanDiT.forward``) is enough below float64 inputs.
    """
    pairs = torch.view_as_complex(x.to(table.real.dtype).reshape(*x.shape[:-1], -1, 2))
    turned.copy_(torch.view_as_real(pairs * table.unsqueeze(1)).flatten(-2))
