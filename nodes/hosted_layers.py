"""ComfyUI's layers for the networks: weights are fetched from where they wait, quantised ones stay as they are stored."""

import json
from typing import Any

import comfy.ops
import torch
from torch import nn

from ..wanmove_core.models.quantised import QuantisedLinear, QuantisedWeight

FORMATS = {torch.float8_e4m3fn: "float8_e4m3fn", torch.float8_e5m2: "float8_e5m2"}
"""ComfyUI's names of what its layers keep with one scale a weight. Not int8: there it rounds the input to 8 bits, too."""


class HostedOps(comfy.ops.manual_cast):
    """Layers that cast their weights to their input."""

    class Linear(comfy.ops.manual_cast.Linear):
        """Also says what becomes of a weight that is stored in 8 bits or in blocks (``models.quantised.StoredWeights``)."""

        def takes_stored(self, weight: QuantisedWeight) -> bool:
            return True

        def over_stored(self, weight: QuantisedWeight, bias: torch.Tensor | None, dtype: torch.dtype) -> nn.Module:
            one_scale = weight.values.dtype in FORMATS and (weight.scale is None or weight.scale.numel() == 1)
            make_ops = getattr(comfy.ops, "mixed_precision_ops", None)  # ComfyUI 0.4 and newer
            if one_scale and make_ops is not None:
                return _comfyuis_own(make_ops({}, dtype, full_precision_mm=True), weight, bias)
            return QuantisedLinear(weight, bias)


def _comfyuis_own(ops: Any, weight: QuantisedWeight, bias: torch.Tensor | None) -> nn.Module:
    """ComfyUI's layer over an 8-bit weight, which it can move in parts."""
    rows, columns = weight.shape
    layer = ops.Linear(columns, rows, bias=bias is not None, device=weight.values.device)
    scale = torch.ones(()) if weight.scale is None else weight.scale.reshape(())
    stated = json.dumps({"format": FORMATS[weight.values.dtype]}).encode()
    state = {"weight": weight.values, "weight_scale": scale, "comfy_quant": torch.tensor(list(stated), dtype=torch.uint8)}
    layer.load_state_dict(state if bias is None else {**state, "bias": bias})
    return layer.requires_grad_(False)
