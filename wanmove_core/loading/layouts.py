"""In which layout a file names its tensors, and what Wan's own names for them are.

A new layout is a row of ``LAYOUTS``: the tensor that shows it, and the function from its names to Wan's.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from . import names_diffusers, names_vae22

PREFIXES = (
    "model.diffusion_model.", "diffusion_model.", "first_stage_model.", "module.", "model.", "vae.", "",
)  # fmt: skip
"""what may stand before all names: ComfyUI's, PyTorch's and trainers' spellings, or nothing"""


@dataclass(frozen=True)
class Layout:
    """One way to name the tensors of one network."""

    network: str
    """"dit", "vae21", "vae22" (the rows of ``LAYOUTS``), or what a loader of other networks calls its own"""
    owner: str
    mark: str
    """the tensor by which it is told, and without which it cannot be used"""
    to_wan: Callable[[Iterable[str]], Mapping[str, str]] | None = None
    """Wan's name of each name (left out: of no use); None: they are Wan's"""


def _vae22_names(names: Iterable[str]) -> dict[str, str]:
    listed = list(names)
    found = (re.match(r"encoder\.down_blocks\.0\.resnets\.(\d{1,2})\.", name) for name in listed)
    blocks = 1 + max((int(match.group(1)) for match in found if match), default=1)
    return {name: names_vae22.wan_name(name, blocks) or name for name in listed}


LAYOUTS: tuple[Layout, ...] = (
    Layout("dit", "Wan", "head.modulation"),
    Layout("dit", "diffusers", names_diffusers.DIT_MARK, names_diffusers.dit_names),
    Layout("vae22", "Wan", "decoder.upsamples.0.upsamples.0.residual.2.weight"),
    Layout("vae22", "diffusers", names_vae22.FAMILY_MARK, _vae22_names),
    Layout("vae21", "Wan", "decoder.middle.0.residual.0.gamma"),
    Layout("vae21", "diffusers", names_diffusers.VAE21_MARK, names_diffusers.vae21_names),
)
"""in the order in which a file is compared with them: the Wan 2.2 VAE has the marks of Wan 2.1's too"""


def find_layout(names: Iterable[str]) -> tuple[Layout, str] | None:
    """The layout of these names and the prefix before them; None when it is none that is known."""
    known = set(names)
    return next(
        ((layout, prefix) for layout in LAYOUTS for prefix in PREFIXES if prefix + layout.mark in known), None
    )  # fmt: skip


def is_part_of_a_model(names: Iterable[str]) -> bool:
    """Whether these are some tensors of a Wan diffusion model without the ones that show its layout."""
    return any(re.search(r"(^|\.)blocks\.\d+\.(self_attn\.q|attn1\.to_q)\.weight$", name) for name in names)
