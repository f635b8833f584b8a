"""Products of 8-bit activations with 8-bit weights, where the hardware has them: faster, and not exact.

A weight stored as scaled float8 is multiplied as it is stored, without being widened. What it is multiplied with is rounded to
float8, too, each row by a scale of its own (its largest value becomes 448); that rounding is about 2.5 % of a product's result
in the mean, so it is for who asks for it. Layers that make keys and values of the prompts run once and stay exact.
"""

from typing import cast

import torch
from torch import nn

from ..errors import RequestError
from .dit import Block, WanDiT
from .low_rank import has_path
from .quantised import QuantisedLinear

LARGEST = 448.0
"""of float8_e4m3fn"""
_LARGEST_FACTOR = 1e30
"""so that its inverse is a normal number"""
LEAST_CAPABILITY = (8, 9)
"""of NVIDIA GPUs: Ada, Hopper, Blackwell"""
MULTIPLE = 16
"""of both sides of a weight, asked for by the kernels"""
_LAYERS = ("self_attn.q", "self_attn.k", "self_attn.v", "self_attn.o", "cross_attn.q", "cross_attn.o", "ffn.0", "ffn.2")


class Fp8ProductLinear(QuantisedLinear):
    """A ``QuantisedLinear`` that multiplies in 8 bits.

    Args:
        layer: whose weight and bias are shared.
        row_wise: whether the device's kernel takes a scale for each row; else rows are scaled behind it.
    """

    def __init__(self, layer: QuantisedLinear, row_wise: bool) -> None:
        super().__init__(layer.stored, layer.bias)
        self.row_wise = row_wise

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[..., in_features] -> [..., out_features] in the dtype of x, rounded to bfloat16 on the way."""
        values, scale = quantise_rows(x.flatten(0, -2))
        bias = None if self.bias is None else self.bias.to(torch.bfloat16)
        product = self._row_wise(values, scale, bias) if self.row_wise else self._tensor_wise(values, scale, bias)
        return product.to(x.dtype).view(*x.shape[:-1], self.out_features)

    def _row_wise(self, values: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        of_weight = self._weight_scale(values).expand(1, self.out_features).contiguous()
        return _multiply(values, self.weight, scale, of_weight, bias)

    def _tensor_wise(self, values: torch.Tensor, scale: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        of_weight, one = self._weight_scale(values), scale.new_ones(())
        if of_weight.numel() > 1:
            product = _multiply(values, self.weight, one, one, None).mul_(of_weight).mul_(scale)
        else:
            product = _multiply(values, self.weight, one, of_weight.reshape(()), None).mul_(scale)
        return product if bias is None else product.add_(bias)

    def _weight_scale(self, like: torch.Tensor) -> torch.Tensor:
        """Float32 [1, 1] or [1, out_features]."""
        if self.weight_scale is None:
            return torch.ones(1, 1, device=like.device)
        return self.weight_scale.float().view(1, -1)


def quantise_rows(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """[M, K] -> float8 values [M, K] and their float32 scales [M, 1]; a row of zeros stays one.

    Few passes over x, as on a GPU each costs of what the product gains. What the factor's rounding puts above 448 is less than
    half a step of float8 and becomes 448 again.
    """
    largest = torch.linalg.vector_norm(x, torch.inf, dim=1, keepdim=True)
    factor = (LARGEST / largest.float()).clamp_max(min(torch.finfo(x.dtype).max, _LARGEST_FACTOR)).to(x.dtype)
    return (x * factor).to(torch.float8_e4m3fn), factor.float().reciprocal()


def use_fp8_products(network: WanDiT, row_wise: bool = True) -> int:
    """Let the linear layers of a network's blocks multiply in 8 bits; how many do. Before LoRAs are hung beside them.

    Only those whose weights are stored as float8_e4m3fn can. Nothing is copied.
    """
    changed = 0
    for block in network.blocks:
        for name in _LAYERS:
            layer = cast("Block", block).get_submodule(name)
            if type(layer) is QuantisedLinear and _is_suitable(layer):
                _replace(cast("Block", block), name, Fp8ProductLinear(layer, row_wise))
                changed += 1
    return changed


def find_row_wise(device: torch.device) -> bool:
    """Whether the device multiplies in 8 bits with a scale for each row; else it takes one for all.

    Raises:
        RequestError: it does neither.
    """
    if device.type != "cuda" or torch.cuda.get_device_capability(device) < LEAST_CAPABILITY:
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else f'"{device}"'
        raise RequestError(
            f"{name} has no 8-bit products, which --fp8-matmul asks for; NVIDIA GPUs from RTX 40, L4 and H100 on have them. "
            "Leave it out: 8-bit weights work without."
        )
    reasons = []
    for row_wise in (True, False):
        try:
            _try(device, row_wise)
        except (RuntimeError, ValueError, NotImplementedError) as error:  # older kernels, and those for Windows, lack the first
            reasons.append((str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip("."))
        else:
            return row_wise
    raise RequestError(
        f"PyTorch {torch.__version__} cannot multiply in 8 bits on {torch.cuda.get_device_name(device)} ({reasons[-1]}). "
        "Leave --fp8-matmul out, or update PyTorch."
    )


def _try(device: torch.device, row_wise: bool) -> None:
    values = torch.ones(2 * MULTIPLE, 2 * MULTIPLE, device=device).to(torch.float8_e4m3fn)
    scale = torch.ones(2 * MULTIPLE, 1, device=device) if row_wise else torch.ones((), device=device)
    _multiply(values, values, scale, scale.t().contiguous() if row_wise else scale, None)


def _multiply(
    values: torch.Tensor, weight: torch.Tensor, scale: torch.Tensor, of_weight: torch.Tensor, bias: torch.Tensor | None
) -> torch.Tensor:
    """[M, K] by a weight [N, K] -> bfloat16 [M, N]. Sums in the hardware's faster way: their rounding is far below float8's."""
    return torch._scaled_mm(  # pyright: ignore[reportPrivateImportUsage] - torch.nn.functional.scaled_mm is too new
        values, weight.t(), scale_a=scale, scale_b=of_weight, bias=bias, out_dtype=torch.bfloat16, use_fast_accum=True
    )


def _is_suitable(layer: QuantisedLinear) -> bool:
    fits = layer.in_features % MULTIPLE == 0 and layer.out_features % MULTIPLE == 0
    return fits and layer.blocks is None and layer.weight.dtype is torch.float8_e4m3fn and not has_path(layer)


def _replace(block: nn.Module, name: str, layer: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(block.get_submodule(parent), last, layer)
