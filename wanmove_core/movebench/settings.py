"""What a folder of results was made with, so that no two kinds of results are ever mixed in one."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from ..errors import RequestError
from ..rendering.atomic_file import unfinished
from .json_file import JsonObject, as_object, encode_json, read_json

NAME = "settings.json"
OTHER_PROGRAM = {"videos": "made by another program"}

Values = Mapping[str, object]
"""JSON values by a name that a person can read"""


@dataclass(frozen=True)
class RunSettings:
    """All that the figures of a folder depend on."""

    benchmark: Values
    """language and set"""
    generation: Values | None
    """model, sampler, size; None = as the folder has it, as nothing is generated"""
    evaluation: Values
    """tracker and how it is measured"""
    about: Values
    """worth knowing and not compared: versions, the device"""

    @property
    def evaluation_key(self) -> str:
        """Short and the same for the same way of evaluating."""
        return sha256(encode_json(dict(self.evaluation))).hexdigest()[:16]


def agree(out: Path, wanted: RunSettings, evaluate_again: bool = False) -> RunSettings:
    """``compare``, and from now on the folder is made with what it returns."""
    path = out / NAME
    complete = compare(out, wanted, evaluate_again)
    if not path.exists():
        # of two shards that begin at once only one is first, and the other must have the same settings
        return complete if _write_first(path, complete) else agree(out, wanted, evaluate_again)
    if _difference(read_settings(out).evaluation, complete.evaluation):
        _write(path, complete)
    return complete


def compare(out: Path, wanted: RunSettings, evaluate_again: bool = False) -> RunSettings:
    """The settings that hold for a folder of results: those wanted, which must be those that it was made with.

    Args:
        evaluate_again: measured otherwise than before is no mistake: the new way holds.

    Raises:
        RequestError: it was made with other settings; which, and how to go on.
    """
    if not (out / NAME).exists():
        return replace(wanted, generation=OTHER_PROGRAM) if wanted.generation is None else wanted
    there = read_settings(out)
    complete = replace(wanted, generation=there.generation) if wanted.generation is None else wanted
    for before, now in ((there.benchmark, complete.benchmark), (there.generation or {}, complete.generation or {})):
        if difference := _difference(before, now):
            raise RequestError(
                f"{out} holds results with {difference}. Give the same settings to go on there, or another folder with --out."
            )
    difference = _difference(there.evaluation, complete.evaluation)
    if not difference:
        return there
    if not evaluate_again:
        raise RequestError(
            f"{out} was evaluated with {difference}. Give the same settings, another folder with --out, or --evaluate-again to "
            "measure its videos anew."
        )
    return complete


def read_settings(out: Path) -> RunSettings:
    """The settings of a folder of results.

    Raises:
        RequestError: there are none, or they are damaged.
    """
    path = out / NAME
    content = read_json(path)
    parts = {
        name: as_object(content.get(name), f"{path}: {name}") for name in ("benchmark", "generation", "evaluation", "about")
    }
    return RunSettings(**parts)


def _as_json(settings: RunSettings) -> JsonObject:
    return {
        "benchmark": dict(settings.benchmark),
        "generation": dict(settings.generation or {}),
        "evaluation": dict(settings.evaluation),
        "about": dict(settings.about),
    }


def _difference(before: Values, now: Values) -> str:
    """The first setting that differs, as "steps 2, not 4"; "" = none."""
    plain_before, plain_now = (json.loads(encode_json(dict(values))) for values in (before, now))
    for name in dict.fromkeys([*plain_before, *plain_now]):
        if plain_before.get(name) != plain_now.get(name):
            was, wanted = (json.dumps(values.get(name), ensure_ascii=False) for values in (plain_before, plain_now))
            return f"{name} {_short(was)}, not {_short(wanted)}"
    return ""


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def _write(path: Path, settings: RunSettings) -> None:
    with unfinished(path) as partial:
        partial.write_bytes(encode_json(_as_json(settings)))


def _write_first(path: Path, settings: RunSettings) -> bool:
    """Whether nobody else was first: of two shards that begin at once only one decides."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}.first{path.suffix}")
    try:
        partial.write_bytes(encode_json(_as_json(settings)))
        os.link(partial, path)
    except FileExistsError:
        return False
    except OSError:
        # a file system without links (exFAT): whole at any moment all the same, if not exclusive
        _write(path, settings)
    finally:
        partial.unlink(missing_ok=True)
    return True
