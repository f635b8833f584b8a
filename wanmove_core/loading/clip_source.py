"""The picture tower's weights in a file, in Wan's own names: query, key and value joined where the file has them apart."""

import dataclasses
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch

from ..errors import CheckpointError
from . import names_clip
from .filling import PRECISIONS
from .tensor_file import read_values
from .tensor_info import TensorFile, TensorInfo, shown, shown_path


@dataclass(frozen=True)
class ClipSource:
    """Where each weight of the tower is."""

    file: TensorFile
    tensors: Mapping[str, TensorInfo]
    """by Wan's names: shapes of the weights, types as stored"""
    parts: Mapping[str, tuple[str, ...]]
    """the file's tensors that make up each of them, along axis 0"""

    def restricted_to(self, names: Container[str]) -> "ClipSource":
        """Without the weights that the released code does not use: those behind the last block but one."""
        unused = (f"transformer.{count_blocks(self.tensors, 'transformer') - 1}.", "post_norm.", "head")
        kept = {name: info for name, info in self.tensors.items() if name in names or not name.startswith(unused)}
        return dataclasses.replace(self, tensors=kept)

    def read(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The weights one after the other, of their stored type.

        Raises:
            CheckpointError: the file is not what its header said.
        """
        for name in self.tensors:
            values = dict(read_values(self.file, self.parts[name]))
            pieces = [values[part] for part in self.parts[name]]
            yield name, pieces[0] if len(pieces) == 1 else torch.cat(pieces)


def count_blocks(names: Iterable[str], module: str) -> int:
    """One more than the largest number below a list of blocks: a gap shows as missing tensors later."""
    found = (re.match(rf"{module}\.(\d{{1,4}})\.", name) for name in names)
    return 1 + max((int(match[1]) for match in found if match), default=-1)


def find_clip(file: TensorFile) -> ClipSource | None:
    """The tower's weights among the tensors of a file; None when it holds none in a layout that is known.

    Raises:
        CheckpointError: they are stored in a way that is not read, or not whole.
    """
    for prefix in names_clip.OWN_PREFIXES:
        if prefix + names_clip.OWN_MARK in file.tensors:
            own = {name.removeprefix(prefix): name for name in file.tensors if name.startswith(prefix)}
            return _source(file, {name: (stored,) for name, stored in own.items() if not names_clip.is_left_out(stored)})
    for prefix in names_clip.TRANSFORMERS_PREFIXES:
        if prefix + names_clip.TRANSFORMERS_MARK in file.tensors:
            return _source(file, _joined(file, prefix))
    return None


def _joined(file: TensorFile, prefix: str) -> dict[str, tuple[str, ...]]:
    """The file's names for each of Wan's; a name that is not known stays as it is, to show as unexpected."""
    parts: dict[str, dict[int, str]] = {}
    for stored in file.tensors:
        if stored.startswith(prefix) and not names_clip.is_left_out(stored):
            name = stored.removeprefix(prefix)
            place = names_clip.place_of(name) or names_clip.Place(name)
            parts.setdefault(place.name, {})[place.third or 0] = stored
    for name, thirds in parts.items():
        if ".to_qkv." in name and len(thirds) != 3:
            raise CheckpointError(
                f"{shown_path(file.path)} is an incomplete CLIP image encoder: of query, key and value it has only "
                f"{', '.join(map(shown, thirds.values()))}; download it again."
            )
    return {name: tuple(thirds[third] for third in sorted(thirds)) for name, thirds in parts.items()}


def _source(file: TensorFile, parts: Mapping[str, tuple[str, ...]]) -> ClipSource:
    strange = {file.tensors[part].dtype for stored in parts.values() for part in stored} - {*PRECISIONS}
    if strange:
        raise CheckpointError(
            f"{shown_path(file.path)} is a CLIP image encoder stored as {', '.join(sorted(strange))}, which is not read; use "
            "clip_vision_h.safetensors (fp16)."
        )
    return ClipSource(file, {name: _info(file, name, stored) for name, stored in parts.items()}, parts)


def _info(file: TensorFile, name: str, stored: tuple[str, ...]) -> TensorInfo:
    """Of what the parts are together; the embeddings have leading axes of 1 in Wan's layout only."""
    infos = [file.tensors[part] for part in stored]
    shape = infos[0].shape
    if name in ("cls_embedding", "pos_embedding"):
        return TensorInfo(infos[0].dtype, (*[1] * (3 - len(shape)), *shape))
    return TensorInfo(infos[0].dtype, (sum(info.shape[0] for info in infos), *shape[1:]) if shape else shape)
