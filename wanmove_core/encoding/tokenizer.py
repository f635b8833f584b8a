"""umT5's tokens of a prompt, from a tokenizer that is in the text encoder's file or lies beside it. Nothing is downloaded."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from ..errors import CheckpointError

TEXT_LENGTH = 512
"""tokens that Wan reads at most, the last one included"""
FILE_LIMIT = 64 * 2**20
"""bytes of a tokenizer's file; umT5's spiece.model has 4.5 MB, its tokenizer.json 17 MB"""
LAST_TOKEN = "</s>"

_FILES = ("spiece.model", "tokenizer.json")
_FOLDERS = (".", "google/umt5-xxl", "tokenizer", "../tokenizer", "../google/umt5-xxl")
"""beside the encoder, in Wan's own releases, in diffusers' folders"""


class Tokenizer(Protocol):
    """Cleaned text to the numbers of its tokens."""

    @property
    def vocabulary(self) -> int:
        """How many numbers there are."""
        ...

    def tokens(self, text: str) -> list[int]:
        """At most 512 of them; the last one says that the text ends, and stays when the rest is cut."""
        ...


class SentencePieceTokenizer:
    """A SentencePiece model: ``spiece.model``, or the tensor ``spiece_model`` in ComfyUI's files."""

    def __init__(self, model: bytes, where: str) -> None:
        package = _package("sentencepiece", where)
        if len(model) > FILE_LIMIT:
            raise _damaged(where, f"it has {len(model)} bytes, at most {FILE_LIMIT} are expected")
        try:
            self._processor: Any = package.SentencePieceProcessor(model_proto=model)
            self._end = int(self._processor.eos_id())
            self.vocabulary = int(self._processor.get_piece_size())
        except Exception as error:  # the package raises kinds of its own choice for what is no model
            raise _damaged(where, "it is no SentencePiece model") from error
        if self._end < 0:
            raise _damaged(where, f"it has no token {LAST_TOKEN}")

    def tokens(self, text: str) -> list[int]:
        return [*self._processor.encode(text)[: TEXT_LENGTH - 1], self._end]


class JsonTokenizer:
    """A ``tokenizer.json`` of the transformers library, read by its ``tokenizers`` package."""

    def __init__(self, path: Path) -> None:
        package = _package("tokenizers", str(path))
        _check_size(path)
        try:
            self._tokenizer: Any = package.Tokenizer.from_file(str(path))
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()
        except Exception as error:  # as above
            raise _damaged(str(path), "it is no tokenizer.json") from error
        end = self._tokenizer.token_to_id(LAST_TOKEN)
        if end is None:
            raise _damaged(str(path), f"it has no token {LAST_TOKEN}")
        self._end: int = end
        self.vocabulary: int = self._tokenizer.get_vocab_size()

    def tokens(self, text: str) -> list[int]:
        return [*self._tokenizer.encode(text, add_special_tokens=False).ids[: TEXT_LENGTH - 1], self._end]


def find_tokenizer(encoder: Path, embedded: bytes | None, vocabulary: int) -> Tokenizer:
    """The tokenizer of a text encoder.

    Args:
        encoder: the encoder's file.
        embedded: the SentencePiece model in it, if there is one.
        vocabulary: rows of the encoder's table of tokens.

    Raises:
        CheckpointError: there is none, it cannot be read, or it is another encoder's.
    """
    where = f"The tokenizer in {encoder}" if embedded is not None else ""
    tokenizer: Tokenizer
    if embedded is not None:
        tokenizer = SentencePieceTokenizer(embedded, where)
    else:
        path = _find_file(encoder)
        where = str(path)
        tokenizer = JsonTokenizer(path) if path.suffix == ".json" else SentencePieceTokenizer(_read(path), where)
    if tokenizer.vocabulary > vocabulary:
        raise CheckpointError(
            f"{where} has {tokenizer.vocabulary} tokens, the text encoder {encoder} {vocabulary}: they do not belong together. "
            "Use the spiece.model of google/umt5-xxl with umT5-xxl."
        )
    return tokenizer


def tokenizer_files(encoder: Path) -> list[Path]:
    """All that lie where the tokenizer of a text encoder's file is looked for."""
    return [path for place in _FOLDERS for name in _FILES if (path := encoder.parent / place / name).is_file()]


def _find_file(encoder: Path) -> Path:
    folder, found = encoder.parent, tokenizer_files(encoder)
    readable = [path for path in found if path.suffix != ".json" or _is_installed("tokenizers")]
    if found:
        return (readable or found)[0]
    raise CheckpointError(
        f"{encoder} has no tokenizer in it, and there is none beside it. Put spiece.model (or tokenizer.json) of "
        f"google/umt5-xxl into {folder} or {folder / 'google' / 'umt5-xxl'}, or use ComfyUI's umt5_xxl_fp16.safetensors or "
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors, which have it in them."
    )


def _read(path: Path) -> bytes:
    _check_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or 'unknown cause'}.") from error


def _check_size(path: Path) -> None:
    if (size := path.stat().st_size) > FILE_LIMIT:
        raise _damaged(str(path), f"it has {size} bytes, at most {FILE_LIMIT} are expected")


def _is_installed(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def _package(name: str, where: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise CheckpointError(f"{where} can only be read with the {name} package: pip install {name}.") from error


def _damaged(where: str, why: str) -> CheckpointError:
    return CheckpointError(f"{where} cannot be used: {why}. Use the spiece.model of google/umt5-xxl.")
