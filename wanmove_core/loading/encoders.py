"""The text encoder and the picture tower from model files: recognised by their tensors, checked, built and filled."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import CheckpointError
from ..models.attention import Attention, sdpa
from ..models.clip_vision import ClipVision, ClipVisionConfig
from ..models.ops import TORCH_OPS, Ops
from ..models.umt5 import UMT5Config, UMT5Encoder
from . import names_umt5
from .clip_source import ClipSource, count_blocks, find_clip
from .detect import detect
from .filling import PRECISIONS, Wanted, fill_network, parameter_shapes
from .layouts import Layout
from .mismatch import find_mismatches
from .model_folder import model_files
from .tensor_file import read_header, read_values
from .tensor_info import TensorFile, TensorInfo, shown_path
from .tensor_source import TensorSource, make_source

TABLE = "token_embedding.weight"
TOKENIZER = "spiece_model"
"""the tensor of bytes in which ComfyUI's files bring their tokenizer"""
LAYER_LIMIT = 256
_UMT5 = "a umT5 text encoder"
_CLIP = "a CLIP ViT-H/14 image encoder"
_PREFIXES = ("", "text_encoders.umt5xxl.transformer.", "text_encoder.", "transformer.", "module.", "model.")


def _own_names(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names if not names_umt5.is_left_out(name)}


def _other_names(names: Iterable[str]) -> dict[str, str]:
    """A name that is not known stays as it is, to show as unexpected."""
    listed = list(names)
    twice = (
        {"encoder.embed_tokens.weight"} if "shared.weight" in listed else set[str]()
    )  # transformers' two names for the table
    used = [name for name in listed if not names_umt5.is_left_out(name) and name not in twice]
    return {name: names_umt5.wan_name(name) or name for name in used}


_UMT5_LAYOUTS = (
    Layout("umt5", "Wan", names_umt5.OWN_MARK, _own_names),
    Layout("umt5", "transformers", names_umt5.TRANSFORMERS_MARK, _other_names),
    Layout("umt5", "llama.cpp", names_umt5.GGUF_MARK, _other_names),
)


@dataclass(frozen=True)
class TextEncoderFile:
    """A umT5 encoder's file, recognised and measured; no weight has been read."""

    source: TensorSource
    config: UMT5Config
    spiece_model: bytes | None
    """the tokenizer, where the file brings one"""

    @property
    def path(self) -> Path:
        return self.source.file.path


def open_umt5(path: str | Path) -> TextEncoderFile:
    """What is in a umT5 encoder's file.

    Args:
        path: a file (.pth, safetensors, GGUF), the index or one of several safetensors files, or a folder with one of them.

    Raises:
        CheckpointError: the file cannot be read or is something else.
    """
    file = _find_file(path, "text_encoder", lambda found: _umt5_source(found) is not None, _UMT5)
    source = _umt5_source(file)
    if source is None:
        raise _wrong_kind(file, f"{_UMT5} (umt5_xxl_fp16.safetensors or models_t5_umt5-xxl-enc-bf16.pth)")
    spiece = [bytes(value.numpy().tobytes()) for _, value in read_values(file, [TOKENIZER] if _has_tokenizer(file) else [])]
    return TextEncoderFile(source, _umt5_config(source), spiece[0] if spiece else None)


def load_umt5(
    opened: TextEncoderFile, device: torch.device | str, dtype: torch.dtype | None, ops: Ops = TORCH_OPS
) -> tuple[UMT5Encoder, torch.dtype]:
    """The encoder with its weights on ``device``, in the file's precision, and the compute dtype.

    The table of tokens, a fifth of the file, stays on the CPU: a prompt needs a few of its rows.

    Args:
        dtype: the compute dtype; None takes the file's, but bfloat16, as released, for float16 (in which this network
            overflows), 8-bit and packed weights.

    Raises:
        CheckpointError: the file does not fit the network.
    """
    source, config = opened.source, opened.config
    with torch.device("meta"):
        model, plain = UMT5Encoder(config, ops), UMT5Encoder(config)
    matrices = {name: info for name, info in source.tensors.items() if name != TABLE}
    compute = dtype or _precision(matrices, instead_of_half=torch.bfloat16)
    precisions = {name: PRECISIONS.get(info.dtype, compute) for name, info in source.tensors.items()}
    fill_network(model, source, Wanted(_UMT5, parameter_shapes(plain), precisions), "cpu")
    for part in (*model.blocks, model.norm):
        part.to(device)
    return model, compute


def find_clip_vision(path: str | Path) -> Path:
    """The file of a CLIP picture tower: the path itself, or the only one in a folder.

    Args:
        path: as for ``open_umt5``.

    Raises:
        CheckpointError: the file cannot be read, or the folder holds no such file or several.
    """
    return _clip_file(path).path


def load_clip_vision(
    path: str | Path,
    device: torch.device | str,
    dtype: torch.dtype | None,
    ops: Ops = TORCH_OPS,
    attention: Attention = sdpa,
) -> tuple[ClipVision, torch.dtype]:
    """The CLIP picture tower in a file with its weights on ``device``, in the file's precision, and the compute dtype.

    Args:
        path: as for ``open_umt5``.
        dtype: the compute dtype; None takes the file's, but on a CPU float32 for float16, which is three times as fast there.

    Raises:
        CheckpointError: the file cannot be read, is something else or does not fit the network.
    """
    file = _clip_file(path)
    source = find_clip(file)
    if source is None:
        raise _wrong_kind(file, f"{_CLIP} (clip_vision_h.safetensors)")
    config = _clip_config(source)
    with torch.device("meta"):
        model, plain = ClipVision(config, ops, attention), ClipVision(config)
    shapes = parameter_shapes(plain)
    needed = source.restricted_to(shapes)
    if problems := find_mismatches(shapes, needed.tensors):
        raise CheckpointError(f"{shown_path(file.path)} ({_CLIP}) does not fit: {'; '.join(problems)}.")
    on_cpu = torch.device(device).type == "cpu"
    compute = dtype or _precision(needed.tensors, instead_of_half=torch.float32 if on_cpu else torch.float16)
    state = {name: value.to(device).view(shapes[name]) for name, value in needed.read()}
    model.load_state_dict(state, assign=True)
    return model.requires_grad_(False).eval(), compute


def _umt5_source(file: TensorFile) -> TensorSource | None:
    """A umT5 encoder's weights among a file's tensors; None when it holds none in a layout that is known."""
    found = ((layout, prefix) for layout in _UMT5_LAYOUTS for prefix in _PREFIXES if prefix + layout.mark in file.tensors)
    return next((make_source(file, layout, prefix) for layout, prefix in found), None)


def _umt5_config(source: TensorSource) -> UMT5Config:
    """The sizes of a umT5 encoder from its shapes."""
    path = shown_path(source.file.path)
    table = _shape(source.tensors, TABLE, 2, path)
    positions = _shape(source.tensors, "blocks.0.pos_embedding.embedding.weight", 2, path)
    layers = count_blocks(source.tensors, "blocks")
    if layers > 1 and "blocks.1.pos_embedding.embedding.weight" not in source.tensors:
        raise CheckpointError(
            f"{path} is a T5 text encoder (positions in its first block only), not umT5, which Wan reads; use "
            "umt5_xxl_fp16.safetensors, umt5_xxl_fp8_e4m3fn_scaled.safetensors or models_t5_umt5-xxl-enc-bf16.pth."
        )
    attention = _shape(source.tensors, "blocks.0.attn.q.weight", 2, path)[0]
    if not all((*table, *positions, attention)) or attention % positions[1] or positions[0] < 4 or layers > LAYER_LIMIT:
        raise CheckpointError(
            f"{path} looks like a umT5 text encoder, but its sizes (tokens and width {table}, buckets and heads {positions}, "
            f"attention {attention}, {layers} layers) cannot be; download it again."
        )
    ffn = _shape(source.tensors, "blocks.0.ffn.gate.0.weight", 2, path)[0]
    return UMT5Config(table[0], table[1], attention, ffn, positions[1], layers, positions[0])


def _clip_config(source: ClipSource) -> ClipVisionConfig:
    """The sizes of a picture tower from its shapes; its heads are 80 wide, as those of ViT-H/14."""
    path = shown_path(source.file.path)
    dim, _, patch, _ = _shape(source.tensors, "patch_embedding.weight", 4, path)
    tokens = source.tensors["pos_embedding"].shape[-2] if "pos_embedding" in source.tensors else 0
    side = round(max(0, tokens - 1) ** 0.5)
    layers = count_blocks(source.tensors, "transformer")
    if not dim or dim % 80 or not patch or not side or side * side + 1 != tokens or not 2 <= layers <= LAYER_LIMIT:
        raise CheckpointError(
            f"{path} is a CLIP image encoder of width {dim} with {tokens} tokens, patches of {patch} and {layers} layers, not "
            "ViT-H/14 (1280, 257, 14, 32), which Wan reads; use clip_vision_h.safetensors."
        )
    ffn = _shape(source.tensors, "transformer.0.mlp.0.weight", 2, path)[0]
    return ClipVisionConfig(dim, ffn, dim // 80, layers, side * patch, patch)


def _shape(tensors: Mapping[str, TensorInfo], name: str, axes: int, path: str) -> tuple[int, ...]:
    info = tensors.get(name)
    if info is None or len(info.shape) != axes:
        state = "missing" if info is None else f"of shape {info.shape} instead of {axes} axes"
        raise CheckpointError(f"{path}: its tensor {name} is {state}; the file is damaged or one part of several.")
    return info.shape


def _precision(tensors: Mapping[str, TensorInfo], instead_of_half: torch.dtype) -> torch.dtype:
    """The type of most of the values; bfloat16 for quantised ones, which nothing computes in."""
    sizes: Counter[str] = Counter()
    for info in tensors.values():
        sizes[info.dtype] += info.elements
    most = PRECISIONS.get(sizes.most_common(1)[0][0], torch.bfloat16)
    return instead_of_half if most == torch.float16 else most


def _clip_file(path: str | Path) -> TensorFile:
    return _find_file(path, "image_encoder", lambda found: find_clip(found) is not None, _CLIP)


def _has_tokenizer(file: TensorFile) -> bool:
    info = file.tensors.get(TOKENIZER)
    return info is not None and info.dtype == "U8"


def _find_file(path: str | Path, folder: str, is_right: Callable[[TensorFile], bool], wanted: str) -> TensorFile:
    """The header of a file, or of the only right one in a folder or in the folder of that name below it."""
    path = Path(path)
    if not path.is_dir():
        return read_header(path)
    below = path / folder
    models = model_files(below if below.is_dir() else path)
    right = [file for file in map(_readable, models) if file is not None and is_right(file)]
    if len(right) == 1:
        return right[0]
    listed = ", ".join(model.name for model in ([file.path for file in right] or models)[:5])
    state = f"{len(right)} of them ({listed}); give the path of one" if right else f"none among {listed or 'its files'}"
    raise CheckpointError(f"{shown_path(path)} is a folder in which {wanted} is needed, and there are {state}.")


def _readable(path: Path) -> TensorFile | None:
    """The header of one file of a folder; None where it cannot be read, as the others may be what is wanted."""
    try:
        return read_header(path)
    except CheckpointError:
        return None


def _wrong_kind(file: TensorFile, wanted: str) -> CheckpointError:
    try:
        label = detect(file).label
    except CheckpointError:
        label = (
            f"no model that is known here ({len(file.tensors)} tensors such as {', '.join(map(ascii, list(file.tensors)[:3]))})"
        )
    return CheckpointError(f"{shown_path(file.path)} is {label[:300]}; {wanted} is needed here.")
