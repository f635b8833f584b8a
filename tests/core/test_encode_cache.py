"""What encoders gave is found again by what they were given, in memory and in a folder that many programs share."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.core.encoder_files import picture_state, write_text_encoder
from wanmove_core.errors import CheckpointError, RequestError
from wanmove_core.generation import cached_encoding
from wanmove_core.generation.cached_encoding import encode_image_tokens, encode_texts
from wanmove_core.generation.encode_cache import EncodeCache, encode_key, open_cache
from wanmove_core.generation.encode_folder import ABANDONED_S, EncodeFolder
from wanmove_core.host import SilentHost
from wanmove_core.loading.file_identity import SAMPLE_BYTES, SAMPLES, model_identity

CPU, HOST = torch.device("cpu"), SilentHost()
VALUE = torch.arange(1000, dtype=torch.float32).reshape(10, 100)
KILOBYTE = 1024


def key(number: int) -> str:
    return f"{number:064x}"


class NotingHost(SilentHost):
    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


def test_a_value_is_made_once_and_found_again() -> None:
    cache, made = EncodeCache(), list[int]()

    def make() -> torch.Tensor:
        made.append(1)
        return VALUE.clone()

    assert all(torch.equal(cache.get(key(1), make, HOST), VALUE) for _ in range(3))
    assert len(made) == 1 and cache.find(key(2)) is None


def test_what_fails_keeps_nothing() -> None:
    cache = EncodeCache()

    def fail() -> torch.Tensor:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.get(key(1), fail, HOST)
    assert cache.find(key(1)) is None


def test_memory_is_bounded_and_what_was_not_used_longest_goes() -> None:
    cache = EncodeCache(memory_bytes=3 * VALUE.nbytes)
    for number in range(3):
        cache.keep(key(number), VALUE + number, HOST)
    cache.find(key(0))
    cache.keep(key(3), VALUE, HOST)
    assert [cache.find(key(number)) is not None for number in range(4)] == [True, False, True, True]
    assert cache.bytes == 3 * VALUE.nbytes
    cache.keep(key(4), torch.zeros(5 * VALUE.numel()), HOST)
    assert cache.find(key(4)) is None and cache.bytes <= 3 * VALUE.nbytes


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_the_folder_gives_back_what_was_written_to_the_last_bit(tmp_path: Path, dtype: torch.dtype) -> None:
    value = torch.randn(3, 5, 7, generator=torch.Generator().manual_seed(0)).to(dtype).transpose(0, 2)
    EncodeCache(EncodeFolder(tmp_path / "a" / "b")).keep(key(1), value, HOST)
    found = EncodeCache(EncodeFolder(tmp_path / "a" / "b")).find(key(1))
    assert found is not None and found.dtype == dtype and torch.equal(found, value)
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [f"{key(1)}.safetensors"]


def _flip(data: bytearray) -> bytearray:
    data[-5] ^= 1
    return data


DAMAGES: dict[str, Callable[[bytearray], bytearray]] = {
    "empty": lambda data: bytearray(),
    "truncated": lambda data: data[:-7],
    "truncated header": lambda data: data[:20],
    "one bit": _flip,
    "text": lambda data: bytearray(b"not a tensor at all"),
    "huge header": lambda data: bytearray(b"\xff" * 8) + data[8:],
    "no metadata": lambda data: bytearray(data.replace(b"__metadata__", b"__metadatb__")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_removed_and_made_again(tmp_path: Path, damage: str) -> None:
    folder = EncodeFolder(tmp_path)
    folder.keep(key(1), VALUE)
    place = tmp_path / f"{key(1)}.safetensors"
    place.write_bytes(DAMAGES[damage](bytearray(place.read_bytes())))
    assert folder.find(key(1)) is None and not place.exists()
    assert torch.equal(EncodeCache(folder).get(key(1), lambda: VALUE, HOST), VALUE) and place.exists()


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    folder = EncodeFolder(tmp_path)
    folder.keep(key(1), VALUE)
    (tmp_path / f"{key(1)}.safetensors").rename(tmp_path / f"{key(2)}.safetensors")
    save_file({"value": VALUE}, tmp_path / f"{key(3)}.safetensors")
    assert folder.find(key(2)) is None and folder.find(key(3)) is None


def test_the_folder_is_bounded_and_what_was_not_used_longest_goes(tmp_path: Path) -> None:
    folder = EncodeFolder(tmp_path, 4 * 5 * KILOBYTE)
    (tmp_path / "notes.txt").write_text("not ours")
    for number in range(4):
        folder.keep(key(number), VALUE)
        os.utime(tmp_path / f"{key(number)}.safetensors", (number, number))
    assert folder.find(key(0)) is not None
    folder.keep(key(4), VALUE)
    assert [folder.find(key(number)) is not None for number in range(5)] == [True, False, True, True, True]
    folder.keep(key(5), torch.zeros(10_000))
    assert folder.find(key(5)) is None, "larger than the folder may be"
    assert (tmp_path / "notes.txt").exists()


def test_what_a_killed_program_left_is_removed_in_the_end(tmp_path: Path) -> None:
    folder = EncodeFolder(tmp_path)
    old, new = (tmp_path / f".{key(1)[:40]}.{name}.part.safetensors" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"half")
    before = time.time() - ABANDONED_S - 1
    os.utime(old, (before, before))
    folder.keep(key(1), VALUE)
    assert not old.exists() and new.exists()


def test_a_folder_that_cannot_be_is_named_and_one_that_fails_later_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match=r"cannot be made: .* Name another"):
        EncodeFolder(tmp_path / "file")
    folder, host = EncodeFolder(tmp_path / "folder"), NotingHost()
    (tmp_path / "folder").rmdir()
    cache = EncodeCache(folder)
    assert torch.equal(cache.get(key(1), lambda: VALUE, host), VALUE)
    assert host.notes[0].startswith("What was encoded is not kept for the next time: Cannot write")
    assert cache.find(key(1)) is not None


def _write_and_read(path: Path, seed: int) -> None:
    """What each of several programs does; its exit code tells whether it found only what was written."""
    folder = EncodeFolder(path, 100_000)
    order = torch.randperm(120, generator=torch.Generator().manual_seed(seed)).tolist()
    for number in order + order[::-1]:
        found = folder.find(key(number % 40))
        if found is not None and not torch.equal(found, torch.full((10, 100), float(number % 40))):
            sys.exit(1)
        folder.keep(key(number % 40), torch.full((10, 100), float(number % 40)))


def test_several_programs_write_read_and_remove_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    programs = [context.Process(target=_write_and_read, args=(tmp_path, seed)) for seed in range(4)]
    for program in programs:
        program.start()
    for program in programs:
        program.join(60)
    assert [program.exitcode for program in programs] == [0] * 4
    entries = list(tmp_path.iterdir())
    assert 10 < len(entries) <= 25 and sum(path.stat().st_size for path in entries) <= 100_000
    folder = EncodeFolder(tmp_path)
    for path in entries:
        found = folder.find(path.stem)
        assert found is not None and torch.equal(found, torch.full((10, 100), float(int(path.stem, 16))))


def test_a_key_tells_everything_apart_that_changes_the_values() -> None:
    picture = torch.rand(4, 6, 3, generator=torch.Generator().manual_seed(0))
    contents = [
        ("umT5", "a", "cat"), ("umT5", "a", "dog"), ("umT5", "b", "cat"), ("CLIP", "a", "cat"),
        ("umT5", "a", "cat", ""), ("umT5", "a", "", "cat"), ("umT5", "a", "cat", None), ("umT5", "a", "1"), ("umT5", "a", 1),
        ("VAE", "a", picture), ("VAE", "a", picture.flip(0)), ("VAE", "a", picture.reshape(6, 4, 3)),
        ("VAE", "a", picture.half()), ("VAE", "a", picture, 5), ("VAE", "a", picture, 9), ("VAE", "a", picture, picture),
    ]  # fmt: skip
    keys = [encode_key(encoder, identity, CPU, *content) for encoder, identity, *content in contents]  # type: ignore[arg-type]
    assert len(set(keys)) == len(keys) and all(len(one) == 64 for one in keys)
    assert encode_key("VAE", "a", CPU, picture.clone()) == encode_key("VAE", "a", CPU, picture)
    assert encode_key("VAE", "a", torch.device("meta"), 5) != encode_key("VAE", "a", CPU, 5)


def test_a_model_is_the_same_wherever_it_lies_and_another_when_it_changes(tmp_path: Path) -> None:
    large = {"weight": torch.zeros(2 * SAMPLES * SAMPLE_BYTES, dtype=torch.uint8)}
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    save_file(large, first)
    identity = model_identity(first)
    first.rename(second)
    assert model_identity(second) == identity
    state = second.stat()
    with second.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x01")
    os.utime(second, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert model_identity(second) != identity, "its end is looked at"
    changed = model_identity(second)
    os.utime(second, ns=(state.st_atime_ns, state.st_mtime_ns + 1_000_000))
    assert model_identity(second) != changed, "written again"
    beside = tmp_path / "tokenizer.json"
    beside.write_text("{}")
    assert model_identity(second, [beside]) != model_identity(second)
    with pytest.raises(CheckpointError, match="cannot be read"):
        model_identity(second, [tmp_path / "none"])


def test_prompts_and_pictures_come_from_the_cache_as_the_encoders_gave_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentencepiece")
    text = write_text_encoder(tmp_path / "text.safetensors")
    save_file(picture_state(), tmp_path / "picture.safetensors")
    pictures = list(torch.rand(2, 20, 30, 3, generator=torch.Generator().manual_seed(0)))
    caches = EncodeCache(), EncodeCache(EncodeFolder(tmp_path / "cache"))
    texts = [encode_texts(text, ["a balloon", "a river", "a balloon"], HOST, cache) for cache in caches]
    tokens = [encode_image_tokens(tmp_path / "picture.safetensors", pictures, HOST, cache) for cache in caches]
    monkeypatch.setattr(cached_encoding, "load_text_encoder", None)
    monkeypatch.setattr(cached_encoding, "load_image_encoder", None)
    for cache in (*caches, EncodeCache(EncodeFolder(tmp_path / "cache"))):
        # ftfy and the tokenizer see the same words
        again = encode_texts(text, [" a   balloon ", "a river", "a balloon"], HOST, cache)
        assert all(torch.equal(one, other) for given in texts for one, other in zip(again, given, strict=True))
        reversed_tokens = encode_image_tokens(tmp_path / "picture.safetensors", pictures[::-1], HOST, cache)
        assert all(torch.equal(torch.cat(reversed_tokens.chunk(2)[::-1]), given) for given in tokens)
    with pytest.raises(TypeError, match="not callable"):
        encode_texts(text, ["a cat"], HOST, caches[0])


def test_the_environment_names_a_folder_and_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_cache().keep(key(1), VALUE, HOST)
    monkeypatch.setenv("WANMOVE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("WANMOVE_CACHE_GB", "0.5")
    open_cache().keep(key(1), VALUE, HOST)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    for wrong in ("much", "0", "nan", "-1", "1e9"):
        monkeypatch.setenv("WANMOVE_CACHE_GB", wrong)
        with pytest.raises(RequestError, match=f'WANMOVE_CACHE_GB is "{wrong}"; give the size'):
            open_cache()
