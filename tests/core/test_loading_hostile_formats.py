"""Broken and hostile GGUF files, indexes and folders: one CheckpointError, in under a second, nothing executed."""

import gc
import json
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from tests.core.checkpoint_files import I2V_14B, real_header, safetensors_bytes, sparse_file, tiny_vae
from tests.core.format_files import is_matrix, scaled, state, write_gguf, write_shards
from tests.core.test_loading_hostile import Command, archive, outcomes
from wanmove_core.errors import CheckpointError
from wanmove_core.loading import describe_checkpoint, load_dit, load_vae
from wanmove_core.loading.model_folder import find_experts
from wanmove_core.loading.tensor_info import TensorInfo


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "model.bin"


@pytest.fixture(scope="module")
def gguf_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    pytest.importorskip("gguf")
    kinds = {name: "Q8_0" for name in state() if is_matrix(name)}
    return write_gguf(tmp_path_factory.mktemp("gguf") / "wan.gguf", state(), kinds).read_bytes()


@settings(max_examples=100)
@given(share=st.floats(0, 0.999))
def test_truncated_gguf(path: Path, gguf_bytes: bytes, share: float):
    assert all(outcomes(path, gguf_bytes[: int(share * len(gguf_bytes))]))


@settings(max_examples=80)
@given(position=st.integers(0, 6000), bit=st.integers(0, 7))
def test_flipped_bits_in_the_header_of_gguf(path: Path, gguf_bytes: bytes, position: int, bit: int):
    content = bytearray(gguf_bytes)
    content[position] ^= 1 << bit
    outcomes(path, bytes(content))


@settings(max_examples=300)
@given(content=st.binary(max_size=200), tensors=st.integers(0, 3), entries=st.integers(0, 3))
def test_any_bytes_behind_the_start_of_gguf(path: Path, content: bytes, tensors: int, entries: int):
    assert all(outcomes(path, b"GGUF" + struct.pack("<IQQ", 3, tensors, entries) + content))


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def gguf_of(entries: bytes = b"", count: int = 0, tensors: bytes = b"", tensor_count: int = 1, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensor_count, count) + entries + tensors


def row(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


HOSTILE_GGUF = [
    (gguf_of(tensor_count=2**60), "1 to 20000 are expected"),
    (gguf_of(count=2**60), f"{2**60} entries of metadata"),
    (gguf_of(version=1), "of version 1"),
    (gguf_of(struct.pack("<Q", 2**62), 1), "ends too early"),
    (gguf_of(string("a") + struct.pack("<IIQ", 9, 8, 2**50), 1), "refused: a GGUF file whose metadata hold"),
    (gguf_of(string("a") + struct.pack("<IIQ", 9, 0, 2**62), 1), "ends too early"),
    (gguf_of(string("a") + struct.pack("<IIQ", 9, 9, 1), 1), "refused: a GGUF file whose metadata hold 1 values of type 9"),
    (gguf_of(string("a") + struct.pack("<I", 77), 1), "of type 77"),
    (gguf_of(string("general.alignment") + struct.pack("<II", 4, 3), 1, row("a", (1,), 0, 0)), "its alignment is '3'"),
    (gguf_of(tensors=row("a", (1,) * 9, 0, 0)), "has 9 axes"),
    (gguf_of(tensors=row("a", (2**50,), 0, 0)), "truncated: its header names"),
    (gguf_of(tensors=row("a", (33,), 8, 0)), "cannot be"),
    (gguf_of(tensors=row("a", (4,), 99, 0)), "GGUF's type 99, which is not known"),
    (gguf_of(tensors=row("a", (4,), 0, 0) + row("a", (4,), 0, 32), tensor_count=2) + bytes(99), "cannot be"),
    (gguf_of(tensors=row("a", (64,), 0, 0) + row("b", (4,), 0, 32), tensor_count=2) + bytes(999), "lies over another"),
    (gguf_of(string("general.architecture") + struct.pack("<I", 8) + string("flux"), 1, row("a", (4,), 0, 0)) + bytes(99),
     "and says that it is 'flux'"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), HOSTILE_GGUF, ids=[row[1][:30] for row in HOSTILE_GGUF])
def test_hostile_gguf_is_refused(path: Path, content: bytes, message: str):
    assert all(message in text for text in outcomes(path, content))


NAMES = st.sampled_from(["a.safetensors", "..", "../a", "index", "", "b\x00"]) | st.text(max_size=8)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weight_map=st.dictionaries(st.sampled_from(["head.modulation", "a", ""]), NAMES | st.integers() | st.none(), max_size=3))
def test_any_index(tmp_path: Path, weight_map: dict[str, object]):
    (tmp_path / "x.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    for read in (describe_checkpoint, load_dit, load_vae, find_experts):
        for target in (tmp_path, tmp_path / "x.safetensors.index.json"):
            try:
                assert read(target) is None
            except CheckpointError as error:
                assert str(error).isprintable()


def shards_of_absurd_size(folder: Path) -> Path:
    """Eight files of 2**41 bytes each that are holes; all is consistent but that no network is so large."""
    weight_map = {}
    for shard in range(8):
        name = "head.modulation" if shard == 0 else f"blocks.{shard}.ffn.0.weight"
        sparse_file(folder / f"{shard}.safetensors", {name: TensorInfo("F32", (1, 2, 2**38))})
        weight_map[name] = f"{shard}.safetensors"
    (folder / "x.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder


def thousand_shards(folder: Path) -> Path:
    for shard in range(1000):
        (folder / f"{shard}.safetensors").write_bytes(safetensors_bytes({}, b""))
    weight_map = {str(shard): f"{shard}.safetensors" for shard in range(1000)}
    (folder / "x.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder


def index_that_is_a_shard_of_itself(folder: Path) -> Path:
    name = "x.safetensors.index.json"
    (folder / name).write_text(json.dumps({"weight_map": {"head.modulation": name}}))
    return folder / name


def long_index(folder: Path) -> Path:
    with (folder / "x.safetensors.index.json").open("wb") as file:
        file.write(b'{"weight_map": {')
        file.truncate(2**40)
    return folder / "x.safetensors.index.json"


def pickle_with_code(folder: Path) -> Path:
    import pickle

    return archive(folder / "evil.pth", pickle.dumps({"head.modulation": Command(f"touch {folder / 'witness'}")}))


def text_encoder(folder: Path) -> Path:
    save_file({"blocks.0.ffn.gate.0.weight": torch.zeros(4)}, folder / "umt5.safetensors")
    return folder / "umt5.safetensors"


def vae_as_model(folder: Path) -> Path:
    torch.save(tiny_vae().state_dict(), folder / "vae.pth")
    return folder / "vae.pth"


def lora(folder: Path) -> Path:
    save_file({"diffusion_model.blocks.0.self_attn.q.lora_down.weight": torch.zeros(4)}, folder / "lora.safetensors")
    return folder / "lora.safetensors"


def empty(folder: Path) -> Path:
    (folder / "empty.safetensors").touch()
    return folder / "empty.safetensors"


def truncated(folder: Path) -> Path:
    path = sparse_file(folder / "wan.safetensors", real_header(I2V_14B))
    os.truncate(path, path.stat().st_size - 1)
    return path


def scaled_without_scales(folder: Path) -> Path:
    stored = {name: value for name, value in scaled(torch.float8_e4m3fn, ".scale_weight")[0].items() if "scale" not in name}
    save_file({**stored, "scaled_fp8": torch.zeros(2)}, folder / "fp8.safetensors")
    return folder / "fp8.safetensors"


def incomplete_shards(folder: Path) -> Path:
    write_shards(folder, state())
    next(iter(folder.glob("*00002*"))).unlink()
    return folder


EACH: list[tuple[Callable[[Path], Path], str]] = [
    (shards_of_absurd_size, r"its tensor patch_embedding\.weight is missing"),
    (thousand_shards, "it names 1000 files, 1 to 256"),
    (index_that_is_a_shard_of_itself, "is neither safetensors"), (long_index, "an index of 1099511627776 bytes"),
    (pickle_with_code, "Python objects or code, which are never run"), (text_encoder, "is a umT5 text encoder"),
    (vae_as_model, "a Wan diffusion model is needed here"), (lora, "is a LoRA"), (empty, "only 0 bytes long"),
    (truncated, "is truncated"), (scaled_without_scales, "8-bit weights have no scale"),
    (incomplete_shards, "of which 1 are missing"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "message"), EACH, ids=[row[0].__name__ for row in EACH])
def test_each_ends_in_one_clear_error_in_under_a_second(tmp_path: Path, make: Callable[[Path], Path], message: str):
    path = make(tmp_path)
    start = time.process_time()
    with pytest.raises(CheckpointError, match=message) as caught:
        load_dit(path)
    assert time.process_time() - start < 1
    assert len(str(caught.value)) < 1500 and not (tmp_path / "witness").exists()
    del caught
    gc.collect()
    maps = Path("/proc/self/maps")
    assert not maps.exists() or str(tmp_path) not in maps.read_text()
