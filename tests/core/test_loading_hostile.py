"""Broken and hostile model files: whatever the bytes, the only failure is a CheckpointError that names the file.

Nothing in a file is executed, and nothing is allocated because a file says so.
"""

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.checkpoint_files import TINY, real_header, safetensors_bytes, tiny_dit, tiny_dit_bytes, tiny_vae
from wanmove_core.errors import CheckpointError
from wanmove_core.loading import describe_checkpoint, load_dit, load_vae, state_config
from wanmove_core.loading.tensor_file import HEADER_LIMIT, TENSOR_LIMIT
from wanmove_core.models.vae21 import VAEConfig
from wanmove_core.variants import DEMO

READERS: tuple[Callable[[Path], object], ...] = (describe_checkpoint, load_dit, load_vae)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file that the examples of this module overwrite, alone in its folder."""
    return tmp_path_factory.mktemp("hostile") / "model.bin"


def outcomes(path: Path, content: bytes) -> list[str]:
    """What each reader says of a file: a CheckpointError's text, or nothing when it reads it."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    told = []
    for read in READERS:
        try:
            read(path)
        except CheckpointError as error:
            assert str(path) in str(error)
            assert len(str(error)) < 4000
            assert str(error).isprintable()
            told.append(str(error))
        else:
            told.append("")
    return told


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
COUNTS = st.lists(st.integers(-2, 2**60), max_size=5)
NAMES = st.sampled_from([*tiny_dit().state_dict(), *tiny_vae().state_dict(), "__metadata__", "scaled_fp8", "", "\x00\ud800"])
ENTRIES = st.fixed_dictionaries(
    {}, optional={"dtype": st.sampled_from(["F32", "F8_E4M3", "F4", "Q4", ""]) | JSON, "shape": COUNTS | JSON,
                  "data_offsets": st.tuples(st.integers(-1, 99), st.integers(-1, 2**62)).map(list) | COUNTS | JSON},
)  # fmt: skip


@settings(max_examples=400)
@given(content=st.binary(max_size=200), start=st.sampled_from([b"", b"PK\x03\x04", b"GGUF", b"\x80\x02", b"\x10" + bytes(7)]))
def test_any_bytes(path: Path, content: bytes, start: bytes):
    assert all(outcomes(path, start + content))


@settings(max_examples=400)
@given(header=JSON | st.dictionaries(NAMES, ENTRIES | JSON, max_size=4), values=st.binary(max_size=16))
def test_any_header(path: Path, header: Any, values: bytes):
    assert all(outcomes(path, safetensors_bytes(header, values)))


@settings(max_examples=300)
@given(shape=st.lists(st.integers(0, 3), max_size=6), names=st.sets(NAMES, min_size=1, max_size=30))
def test_right_names_with_small_shapes(path: Path, shape: list[int], names: set[str]):
    """Consistent files of a few known names: they pass the header's checks, and fail at what they are."""
    size = 4 * torch.Size(shape).numel()
    header = {
        name: {"dtype": "F32", "shape": shape, "data_offsets": [index * size, (index + 1) * size]}
        for index, name in enumerate(sorted(names - {"__metadata__"}))
    }
    assert all(outcomes(path, safetensors_bytes(header, bytes(size * len(header))))[1:])


STATED = json.loads(state_config(DEMO, TINY)["wanmove_config"])
VALUES = JSON | COUNTS | st.integers(-2, 2**62)


@settings(max_examples=400)
@given(
    config=st.dictionaries(st.sampled_from(list(STATED["config"])), VALUES, max_size=4), kind=st.sampled_from(["dit", "vae21"])
)
def test_any_stated_configuration(path: Path, config: dict[str, Any], kind: str):
    text = json.dumps({**STATED, "kind": kind, "config": {**STATED["config"], **config}})
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    header = {"head.modulation": entry, "__metadata__": {"wanmove_config": text}}
    assert all(outcomes(path, safetensors_bytes(header, bytes(4)))[1:])


@settings(max_examples=300)
@given(position=st.integers(0, 6000), bit=st.integers(0, 7))
def test_flipped_bits_in_the_header(path: Path, position: int, bit: int):
    content = bytearray(tiny_dit_bytes())
    content[position % len(content)] ^= 1 << bit
    outcomes(path, bytes(content))


@settings(max_examples=100)
@given(share=st.floats(0, 0.999))
def test_truncated_safetensors(path: Path, share: float):
    content = tiny_dit_bytes()
    assert all(outcomes(path, content[: int(share * len(content))]))


@pytest.fixture(scope="module")
def pth(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("pth") / "vae.pth"
    torch.save({name: value for name, value in tiny_vae().state_dict().items() if "decoder" in name}, file)
    return file.read_bytes()


@settings(max_examples=60)
@given(share=st.floats(0, 0.999))
def test_truncated_pth(path: Path, pth: bytes, share: float):
    assert all(outcomes(path, pth[: int(share * len(pth))]))


@settings(max_examples=150)
@given(flips=st.lists(st.tuples(st.floats(0, 0.9999), st.integers(0, 7)), min_size=1, max_size=3), tail=st.booleans())
def test_flipped_bits_in_pth(path: Path, pth: bytes, flips: list[tuple[float, int]], tail: bool):
    """In the pickle at the front or in the archive's directory at the end."""
    content = bytearray(pth)
    for share, bit in flips:
        position = int(share * 12_000)
        content[len(content) - 1 - position if tail else position] ^= 1 << bit
    outcomes(path, bytes(content))


def archive(path: Path, pickled: bytes, compression: int = zipfile.ZIP_STORED, extra: bytes = b"") -> Path:
    """A zip in the layout of torch.save around any pickle."""
    path.unlink(missing_ok=True)
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr("archive/version", "3\n")
        file.writestr("archive/data/0", extra or bytes(64))
    return path


class Command:
    """Unpickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


def test_code_in_a_pickle_is_never_run(tmp_path: Path):
    witness = tmp_path / "witness"
    file = archive(tmp_path / "evil.pth", pickle.dumps({"head.modulation": Command(f"touch {witness}")}))
    for read in READERS:
        with pytest.raises(CheckpointError, match="Python objects or code, which are never run"):
            read(file)
    assert not witness.exists()


@settings(max_examples=100)
@given(pickled=st.one_of(JSON.map(pickle.dumps), st.binary(max_size=80), st.dictionaries(NAMES, JSON).map(pickle.dumps)))
def test_any_pickle(path: Path, pickled: bytes):
    archive(path, pickled)
    content = path.read_bytes()
    assert all(outcomes(path, content))


STRANGE: list[Any] = [
    [], {}, 3, torch.zeros(3), {"head.modulation": 5}, {3: torch.zeros(3)}, {"x" * 9999: torch.zeros(1)},
    {"head.modulation": torch.zeros(1, 2, 10**5).to_sparse()},
    {"head.modulation": torch.zeros(1).expand(1, 2, 128 * 10**9)},
    {"head.modulation": torch.zeros(1, 2, 128, device="meta")},
    {"decoder.middle.0.residual.0.gamma": torch.zeros(1), "encoder.conv1.weight": torch.zeros(1).expand(10**9, 3, 3, 3, 3)},
    {"decoder.middle.0.residual.0.gamma": torch.zeros(3, dtype=torch.uint16)},
]  # fmt: skip


@pytest.mark.parametrize("loaded", STRANGE, ids=[str(index) for index in range(len(STRANGE))])
@pytest.mark.filterwarnings("ignore")
def test_strange_pth(path: Path, loaded: Any):
    path.unlink(missing_ok=True)
    torch.save(loaded, path)
    assert all(outcomes(path, path.read_bytes()))


def test_compressed_archive_is_refused_before_it_is_unpacked(tmp_path: Path):
    bomb = archive(tmp_path / "bomb.pth", bytes(50 * 2**20), zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(CheckpointError, match="compressed archive"):
        describe_checkpoint(bomb)


def test_header_that_is_longer_than_any_model_needs_is_refused(tmp_path: Path):
    file = tmp_path / "x.safetensors"
    with file.open("wb") as opened:
        opened.write((HEADER_LIMIT + 1).to_bytes(8, "little"))
        opened.truncate(HEADER_LIMIT * 2)
    with pytest.raises(CheckpointError, match=f"its header would be {HEADER_LIMIT + 1} bytes"):
        load_dit(file)


def test_more_tensors_than_any_model_has_are_refused(path: Path):
    header = {str(index): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for index in range(TENSOR_LIMIT + 1)}
    assert all(f"1 to {TENSOR_LIMIT} are expected" in text for text in outcomes(path, safetensors_bytes(header)))


def test_name_that_stands_twice_is_refused(path: Path):
    entry = b'"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
    assert all(
        "stands there twice" in text for text in outcomes(path, safetensors_bytes(b"{" + entry + b"," + entry + b"}", b"x"))
    )


def test_overlapping_tensors_are_refused(path: Path):
    entry = {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}
    told = outcomes(path, safetensors_bytes({"a": entry, "b": entry}, bytes(4)))
    assert all("begins at byte 0 of the values instead of 4" in text for text in told)


def fifo(folder: Path) -> Path:
    """A pipe that nobody writes to: opening it would wait for ever."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


@pytest.mark.parametrize("make", [lambda folder: folder, lambda folder: folder / "absent", fifo, lambda folder: Path("a\x00b")])
def test_what_is_no_file_is_named(tmp_path: Path, make: Callable[[Path], Path]):
    path = make(tmp_path)
    for read in READERS:
        with pytest.raises(CheckpointError, match=r"[Gg]ive the path of (a model|its) file"):
            read(path)


def test_widths_that_no_vae_has_are_refused(path: Path):
    infos = real_header(VAEConfig())
    header, position = {}, 0
    for name in infos:
        width = 4 if name == "encoder.conv1.weight" else 2
        header[name] = {"dtype": "U8", "shape": [width, 1, 1, 1, 1], "data_offsets": [position, position + width]}
        position += width
    assert all("are those of no Wan 2.1 VAE" in text for text in outcomes(path, safetensors_bytes(header, bytes(position)))[1:])
