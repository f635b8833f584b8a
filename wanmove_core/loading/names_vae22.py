"""Names of the Wan 2.2 VAE's tensors in diffusers' layout (AutoencoderKLWan with ``is_residual``) as Wan's own."""

import re

MARK = "decoder.up_blocks.0.resnets.0.conv1.weight"
"""in a file of that layout; Wan 2.1's has it too, but without ``FAMILY_MARK``"""
FAMILY_MARK = "encoder.down_blocks.0.resnets.0.conv1.weight"

_WHOLE = {
    "quant_conv": "conv1", "post_quant_conv": "conv2",
    "encoder.conv_in": "encoder.conv1", "decoder.conv_in": "decoder.conv1",
    "encoder.norm_out": "encoder.head.0", "decoder.norm_out": "decoder.head.0",
    "encoder.conv_out": "encoder.head.2", "decoder.conv_out": "decoder.head.2",
}  # fmt: skip
_IN_BLOCK = {
    "norm1": "residual.0",
    "conv1": "residual.2",
    "norm2": "residual.3",
    "conv2": "residual.6",
    "conv_shortcut": "shortcut",
}


def wan_name(name: str, residual_blocks: int = 2) -> str | None:
    """Wan's own name of a tensor; None for a name that this layout does not have.

    Args:
        residual_blocks: of an encoder stage; the released VAE has 2. A decoder stage has one more, and what changes the size
            stands behind them.
    """
    module, _, leaf = name.rpartition(".")
    if module in _WHOLE:
        return f"{_WHOLE[module]}.{leaf}"
    if found := re.fullmatch(r"(encoder|decoder)\.mid_block\.(resnets|attentions)\.(\d+)\.(\w+)", module):
        half, kind, index, part = found.groups()
        if kind == "attentions":
            return f"{half}.middle.1.{part}.{leaf}" if index == "0" else None
        return f"{half}.middle.{2 * int(index)}.{_IN_BLOCK[part]}.{leaf}" if part in _IN_BLOCK else None
    if found := re.fullmatch(r"(encoder\.down|decoder\.up)_blocks\.(\d+)\.resnets\.(\d+)\.(\w+)", module):
        half, stage, index, part = found.groups()
        return f"{_stage(half, stage)}.{index}.{_IN_BLOCK[part]}.{leaf}" if part in _IN_BLOCK else None
    if found := re.fullmatch(r"(encoder\.down|decoder\.up)_blocks\.(\d+)\.(?:down|up)sampler\.(resample\.1|time_conv)", module):
        half, stage, part = found.groups()
        return f"{_stage(half, stage)}.{residual_blocks + (half == 'decoder.up')}.{part}.{leaf}"
    return None


def _stage(half: str, stage: str) -> str:
    """("encoder.down", "1") -> "encoder.downsamples.1.downsamples" """
    return f"{half}samples.{stage}.{half.partition('.')[2]}samples"
