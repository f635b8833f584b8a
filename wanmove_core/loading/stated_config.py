"""The configuration that a file states of itself (metadata ``wanmove_config``), and the limits of every configuration."""

import json
import math
from dataclasses import MISSING, dataclass, fields
from itertools import pairwise
from typing import Any, TypeVar

from ..errors import CheckpointError
from ..models.dit import DiTConfig
from ..models.vae21 import VAEConfig
from ..models.vae22 import VAE22Config
from ..variants import VARIANTS, WanVariant, find_variant
from .tensor_info import TensorFile, shown_path

STATED = "wanmove_config"
TEXT_LIMIT = 64 * 1024
"""characters of a stated configuration"""

LIMITS: dict[str, tuple[float, float]] = {
    "dim": (1, 16384), "ffn_dim": (1, 131072), "layers": (1, 200), "in_channels": (1, 1024), "out_channels": (1, 1024),
    "head_dim": (6, 1024), "freq_dim": (2, 8192), "text_dim": (1, 32768), "text_length": (1, 8192), "image_tokens": (0, 4096),
    "image_dim": (1, 16384), "eps": (1e-12, 1e-2), "patch": (1, 16),
    "decoder_dim": (1, 16384), "latent_channels": (1, 256), "dim_mult": (1, 64), "residual_blocks": (1, 16),
    "temporal_downsample": (0, 1),
}  # fmt: skip
"""smallest and largest value of each field (of each element of a list); several times the largest released model"""
STAGES = 4
"""widths of a Wan VAE: three times half the rows and columns, twice half the frames (2.2: of patches of 2 x 2)"""

Config = TypeVar("Config", DiTConfig, VAEConfig, VAE22Config)
NetworkConfig = DiTConfig | VAEConfig | VAE22Config


@dataclass(frozen=True)
class StatedConfig:
    """What a file says of itself; at most one of ``dit`` and ``vae`` is given."""

    variant: WanVariant | None
    dit: DiTConfig | None = None
    vae: VAEConfig | VAE22Config | None = None


def read_stated_config(file: TensorFile) -> StatedConfig | None:
    """The configuration in the file's metadata; None when it states none.

    Raises:
        CheckpointError: it is not valid JSON, names an unknown kind, variant or field, or a value is outside its limits.
    """
    text = file.metadata.get(STATED)
    if text is None:
        return None
    where = f"{shown_path(file.path)}, metadata {STATED}"
    stated = _parse(text, where)
    variant = _variant(stated.get("variant"), where)
    kind, config = stated.get("kind"), stated.get("config")
    if kind == "dit":
        return StatedConfig(variant, dit=_build(DiTConfig, config, where))
    if kind == "vae21":
        return StatedConfig(variant, vae=_build(VAEConfig, config, where))
    if kind == "vae22":
        return StatedConfig(variant, vae=_build(VAE22Config, config, where))
    raise CheckpointError(f'{where}: kind is {ascii(kind)[:60]}; it has to be "dit", "vae21" or "vae22".')


def state_config(variant: WanVariant | None, config: NetworkConfig) -> dict[str, str]:
    """The metadata with which a file states this configuration, for ``safetensors.torch.save_file``."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    kind = "dit" if isinstance(config, DiTConfig) else "vae21" if isinstance(config, VAEConfig) else "vae22"
    name = None if variant is None else variant.name
    return {STATED: json.dumps({"kind": kind, "variant": name, "config": values})}


def checked(config: Config, where: str) -> Config:
    """The configuration itself, if a network of it can be built.

    Raises:
        CheckpointError: a value is outside its limits or does not fit another.
    """
    for field in fields(config):
        value = getattr(config, field.name)
        low, high = LIMITS[field.name]
        for number in value if isinstance(value, tuple) else (value,):
            if not low <= number <= high:
                raise CheckpointError(f"{where}: {field.name} is {value}; {low} to {high} are possible.")
    problem = _dit_problem(config) if isinstance(config, DiTConfig) else _vae_problem(config)
    if problem:
        raise CheckpointError(f"{where}: {problem}.")
    return config


def _dit_problem(config: DiTConfig) -> str:
    if config.dim % config.head_dim:
        return f"dim {config.dim} is no multiple of head_dim {config.head_dim}"
    if config.head_dim % 2 or config.freq_dim % 2:
        return f"head_dim {config.head_dim} and freq_dim {config.freq_dim} have to be even"
    if len(config.patch) != 3:
        return f"patch {config.patch} has to be three numbers (frames, rows, columns)"
    return ""


def _vae_problem(config: VAEConfig | VAE22Config) -> str:
    if len(config.dim_mult) != STAGES or len(config.temporal_downsample) != STAGES - 1 or sum(config.temporal_downsample) != 2:
        return (
            f"dim_mult {config.dim_mult} and temporal_downsample {config.temporal_downsample} do not make latent cells of "
            f"4 x 8 x 8; {STAGES} widths and {STAGES - 1} halvings, two of them of the frames, are needed"
        )
    if any(config.dim * multiple % 2 for multiple in config.dim_mult):
        return f"dim {config.dim} has to be even"
    if isinstance(config, VAE22Config) and any(wide % narrow for narrow, wide in pairwise((1, *config.dim_mult))):
        return f"dim_mult {config.dim_mult} has to grow by whole factors"
    return ""


def _parse(text: str, where: str) -> dict[str, Any]:
    if len(text) > TEXT_LIMIT:
        raise CheckpointError(f"{where} is {len(text)} characters long; at most {TEXT_LIMIT} are possible.")
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{where} is no JSON: {ascii(str(error))[1:80]}.") from error
    if not isinstance(stated, dict):
        raise CheckpointError(f'{where} has to be a JSON object with "kind", "variant" and "config".')
    return stated


def _variant(name: Any, where: str) -> WanVariant | None:
    if name is None:
        return None
    row = find_variant(name) if isinstance(name, str) else None
    if row is None:
        known = ", ".join(row.name for row in VARIANTS)
        raise CheckpointError(f"{where}: variant {ascii(name)[:60]} is not known; known are {known}.")
    return row


def _build(kind: type[Config], values: Any, where: str) -> Config:
    """A configuration from JSON values, each of the type of its field."""
    if not isinstance(values, dict):
        raise CheckpointError(f'{where}: "config" has to be an object with the fields of {kind.__name__}.')
    known = {field.name: field for field in fields(kind)}
    if unknown := sorted(set(values) - set(known)):
        raise CheckpointError(f"{where}: {kind.__name__} has no field {ascii(unknown[0])[:60]}; known are {', '.join(known)}.")
    needed = [name for name, field in known.items() if field.default is MISSING]
    if absent := sorted(set(needed) - set(values)):
        raise CheckpointError(f"{where}: the field {absent[0]} of {kind.__name__} is missing.")
    return checked(kind(**{name: _value(name, value, where) for name, value in values.items()}), where)


def _value(name: str, value: Any, where: str) -> Any:
    """A JSON value as the type of the field: a number, or for the fields that are lists a tuple."""
    wanted = {"patch": int, "dim_mult": int, "temporal_downsample": bool}.get(name)
    if wanted is not None:
        if isinstance(value, list) and len(value) <= STAGES and all(type(item) is wanted for item in value):
            return tuple(value)
        raise CheckpointError(f"{where}: {name} is {ascii(value)[:60]}; a list of {wanted.__name__} is needed.")
    whole = type(value) is int
    if whole or (name == "eps" and type(value) is float and math.isfinite(value)):
        return value
    raise CheckpointError(f"{where}: {name} is {ascii(value)[:60]}; a number is needed.")
