"""What a LoRA's pairs are multiplied with where the file has no alpha of its own: 1, or what peft's settings say.

peft keeps alpha beside its file (``adapter_config.json``), diffusers in the file's metadata (``lora_adapter_metadata``); with
neither, alpha is the rank.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from .tensor_info import TensorFile, shown, shown_path

METADATA_ENTRY = "lora_adapter_metadata"
PEFT_FILE = "adapter_config.json"
PEFT_PREFIX = "base_model.model."
TEXT_LIMIT = 2**20
PATTERN_LIMIT = 10_000


@dataclass(frozen=True)
class StatedScale:
    """alpha as it is stated for all layers, and for single ones by the end of their names; None: it is the rank."""

    alpha: float | None = None
    alphas: Mapping[str, float] = field(default_factory=dict)
    by_root: bool = False
    """divide by the root of the rank (rank-stabilised LoRA)"""

    def of(self, layer: str, rank: int) -> float:
        """alpha / rank of a layer, named as the file names it."""
        ends = (layer, *(layer[index + 1 :] for index, sign in enumerate(layer) if sign == "."))
        own = next((self.alphas[end] for end in ends if end in self.alphas), self.alpha)
        return 1.0 if own is None else own / (math.sqrt(rank) if self.by_root else rank)


def read_stated_scale(file: TensorFile) -> StatedScale:
    """The scale that a file states in its metadata, or for peft's files in the settings beside it.

    Raises:
        CheckpointError: the settings cannot be read, have impossible values, or are of another kind than LoRA.
    """
    if METADATA_ENTRY in file.metadata:
        where = f"{shown_path(file.path)}: its metadata entry {METADATA_ENTRY}"
        return _scale(_parsed(file.metadata[METADATA_ENTRY], where), where)
    beside = file.path.with_name(PEFT_FILE)
    if any(name.startswith(PEFT_PREFIX) for name in file.tensors) and beside.is_file():
        return _scale(_parsed(_text_of(beside), shown_path(beside)), shown_path(beside))
    return StatedScale()


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return opened.read(TEXT_LIMIT + 1).decode("utf-8")
    except (OSError, ValueError) as error:
        where = shown_path(path)
        raise CheckpointError(
            f"{where} cannot be read; it says how strong the LoRA beside it is. Download it again."
        ) from error


def _parsed(text: str, where: str) -> dict[str, Any]:
    """The settings of the network; diffusers puts ``transformer.`` before each name."""
    if len(text) > TEXT_LIMIT:
        raise CheckpointError(f"{where} is longer than {TEXT_LIMIT} characters, and peft's settings need a few hundred.")
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is no JSON; peft's settings are expected there. Download the LoRA again.") from error
    if not isinstance(settings, dict):
        raise CheckpointError(f"{where} is no JSON object; peft's settings are expected there. Download the LoRA again.")
    own = {name.removeprefix("transformer."): value for name, value in settings.items() if name.startswith("transformer.")}
    return own or settings


def _scale(settings: dict[str, Any], where: str) -> StatedScale:
    kind = settings.get("peft_type", "LORA")
    if kind != "LORA" or settings.get("use_dora"):
        stated = "DoRA" if settings.get("use_dora") else shown(kind)
        raise CheckpointError(f"{where} states an adaptation of the kind {stated}; use a plain LoRA.")
    alpha, alphas = settings.get("lora_alpha"), settings.get("alpha_pattern") or {}
    if not isinstance(alphas, dict) or len(alphas) > PATTERN_LIMIT:
        raise CheckpointError(f"{where}: alpha_pattern is no list of layers with their alpha. Download the LoRA again.")
    for name in alphas:
        if not re.fullmatch(r"[\w.]{1,512}", name):
            raise CheckpointError(f"{where}: alpha_pattern has {shown(name)}; only names of layers are read, no patterns.")
    return StatedScale(
        None if alpha is None else _number(alpha, "lora_alpha", where),
        {name: _number(value, f"alpha_pattern of {name}", where) for name, value in alphas.items()},
        bool(settings.get("use_rslora")),
    )


def _number(value: Any, name: str, where: str) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise CheckpointError(f"{where}: {name[:80]} is {shown(value)}; a number is needed.")
    return float(value)
