"""What several commands share: their results, where tracks come from, the host."""

import argparse
import json
from collections.abc import Mapping

import torch

from ..errors import RequestError
from ..generation.track_source import TrackSource
from ..host import TerminalHost

PREVIEW_LENGTH = 81

Result = dict[str, object]


def readable(result: Mapping[str, object]) -> str:
    """A result as lines for people."""
    lines: list[str] = []
    for key, value in result.items():
        name = key.replace("_", " ")
        if isinstance(value, list | tuple) and any(isinstance(entry, str) for entry in value):
            lines += [f"{name}:", *(f"  - {entry}" for entry in value)]
        elif isinstance(value, list | tuple):
            lines.append(f"{name}: {', '.join(map(str, value)) or 'none'}")
        else:
            lines.append(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")
    return "\n".join(lines)


def track_source(options: argparse.Namespace) -> TrackSource:
    """Where ``--document``, ``--tracks`` and ``--visibility`` say that tracks come from."""
    return TrackSource(options.document, options.tracks, options.visibility, options.fit)


def open_host(name: str) -> TerminalHost:
    """A host on the device of this name, tried with one number."""
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    # PyTorch says in as many ways that a device is not there: AssertionError, RuntimeError, NotImplementedError, ...
    except Exception as error:
        reason = str(error).split("\n")[0][:160]
        raise RequestError(f'The device "{name}" cannot be used: {reason}. Use cpu, or cuda with a CUDA device.') from error
    return TerminalHost(device)
