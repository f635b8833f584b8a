"""Whether the tensors of a file are those of a network, and if not, what is wrong in a few lines."""

import re
from collections.abc import Iterable, Mapping

from .tensor_info import TensorInfo

GROUP_LIMIT = 10
Shapes = Mapping[str, tuple[int, ...]]


def find_mismatches(expected: Shapes, found: Mapping[str, TensorInfo]) -> list[str]:
    """What keeps the tensors of a file from being the weights of a network; empty when nothing does.

    Args:
        expected: the network's shapes by parameter name.
        found: the file's tensors by name, prefix taken off.

    Returns:
        One line each of missing, unexpected and wrongly shaped tensors: grouped over the blocks, at most ten groups.
    """
    missing = [name for name in expected if name not in found]
    unexpected = [name for name in found if name not in expected]
    misshaped = [
        f"{name} is {found[name].shape} instead of {tuple(shape)}"
        for name, shape in expected.items()
        if name in found and found[name].shape != tuple(shape)
    ]
    lines = []
    if missing:
        lines.append(f"{len(missing)} tensors are missing: {group_names(missing)} ({_cause_of_missing(missing, expected)})")
    if unexpected:
        lines.append(
            f"{len(unexpected)} tensors are unexpected: {group_names(unexpected)} ({_cause_of_unexpected(unexpected)})"
        )
    if misshaped:
        lines.append(f"{len(misshaped)} tensors have another shape: {_limited(misshaped)}")
    return lines


def group_names(names: Iterable[str]) -> str:
    """Names with their block numbers joined, at most ten groups: ``blocks.0-39.norm3.weight``."""
    groups: dict[str, list[int]] = {}
    for name in names:
        match = re.search(r"(?<![^.])\d{1,4}(?![^.])", name)
        pattern = name if match is None else f"{name[: match.start()]}*{name[match.end() :]}"
        groups.setdefault(pattern, []).append(-1 if match is None else int(match.group()))
    return _limited([pattern.replace("*", _span(numbers), 1) for pattern, numbers in groups.items()])


def _span(numbers: list[int]) -> str:
    """[0, 1, 2] -> "0-2"; with gaps "0-5 (3 of them)"."""
    low, high, count = min(numbers), max(numbers), len(set(numbers))
    if count == 1:
        return str(low)
    return f"{low}-{high}" if count == high - low + 1 else f"{low}-{high} ({count} of them)"


def _limited(items: list[str]) -> str:
    rest = len(items) - GROUP_LIMIT
    return ", ".join(map(_printable, items[:GROUP_LIMIT])) + (f" and {rest} more" if rest > 0 else "")


def _printable(item: str) -> str:
    plain = item.isascii() and item.isprintable() and len(item) <= 120
    return item if plain else ascii(item)[:120]


def _cause_of_missing(missing: list[str], expected: Shapes) -> str:
    if all("img" in name for name in missing):
        return "the weights of the image tokens: the file is of a model without them, or was cut for one"
    if all(name.startswith("blocks.") for name in missing):
        return "probably one file of several, an incomplete download or a pruned model"
    if all(name.startswith(("encoder.", "conv1.")) for name in missing):
        return "a VAE with a decoder only; the start image needs the encoder, use the whole VAE"
    if 2 * len(missing) > len(expected):
        return "most of the model: probably one file of several or another kind of model"
    return "probably an incomplete or an edited file; download it again"


def _cause_of_unexpected(unexpected: list[str]) -> str:
    if any("lora" in name for name in unexpected):
        return "a LoRA was saved into the file without merging it"
    if any("img" in name for name in unexpected):
        return "weights of image tokens: the file is of an I2V model, its stated configuration is not"
    if any("scale" in name or "quant" in name for name in unexpected):
        return "of a way to quantise that is not known; use the bf16, fp16, scaled fp8 or GGUF file"
    return "probably an adaptation of Wan with more modules; use the plain model, or this one in ComfyUI's own nodes"
