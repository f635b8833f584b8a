"""The tokenizer: where it is found, what it gives, and how it is refused."""

from pathlib import Path
from typing import Any

import pytest

from tests.core.tiny_tokenizer import tiny_sentencepiece
from wanmove_core.encoding import tokenizer
from wanmove_core.encoding.tokenizer import JsonTokenizer, SentencePieceTokenizer, find_tokenizer
from wanmove_core.errors import CheckpointError

sentencepiece: Any = pytest.importorskip("sentencepiece")
PROMPTS = ("a red balloon drifts over the town", "猫转过头看着镜头", "café, ＡＢＣ… “quotes” 🙂", "", " two  spaces ")


def reference(prompt: str) -> list[int]:
    """Tokens by SentencePiece itself, with the end that the transformers library appends."""
    return [*sentencepiece.SentencePieceProcessor(model_proto=tiny_sentencepiece()).encode(prompt), 1]


def json_tokenizer(path: Path) -> Path:
    """The same pieces as a tokenizer.json of the ``tokenizers`` package, with lengths as umT5's that must not be obeyed."""
    tokenizers = pytest.importorskip("tokenizers")
    processor = sentencepiece.SentencePieceProcessor(model_proto=tiny_sentencepiece())
    pieces = [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]
    made = tokenizers.Tokenizer(tokenizers.models.Unigram(pieces, 2, byte_fallback=False))
    made.normalizer = tokenizers.normalizers.Sequence(
        [
            tokenizers.normalizers.NFKC(),
            tokenizers.normalizers.Strip(),
            tokenizers.normalizers.Replace(tokenizers.Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    made.enable_truncation(4)
    made.enable_padding(length=9)
    made.save(str(path))
    return path


@pytest.mark.parametrize("prompt", PROMPTS)
def test_tokens_are_those_of_sentencepiece_and_an_end(prompt: str):
    assert SentencePieceTokenizer(tiny_sentencepiece(), "here").tokens(prompt) == reference(prompt)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_tokenizer_json_of_the_same_pieces_gives_the_same_tokens(prompt: str, tmp_path: Path):
    assert JsonTokenizer(json_tokenizer(tmp_path / "tokenizer.json")).tokens(prompt) == reference(prompt)


def test_a_long_prompt_is_cut_to_512_tokens_of_which_the_last_is_the_end():
    tokens = SentencePieceTokenizer(tiny_sentencepiece(), "here").tokens("balloon " * 400)
    assert len(tokens) == 512 and tokens[-1] == 1 and 1 not in tokens[:-1]
    assert tokens[:-1] == reference("balloon " * 400)[:511]


@pytest.mark.parametrize("place", ["spiece.model", "google/umt5-xxl/spiece.model", "../tokenizer/spiece.model"])
def test_the_tokenizer_is_found_beside_the_encoder(place: str, tmp_path: Path):
    folder = tmp_path / "text_encoder"
    folder.mkdir()
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(tiny_sentencepiece())
    assert find_tokenizer(folder / "umt5.pth", None, 300).tokens(PROMPTS[0]) == reference(PROMPTS[0])


def test_what_is_in_the_encoders_file_goes_before_what_lies_beside(tmp_path: Path):
    (tmp_path / "spiece.model").write_bytes(b"damaged")
    assert find_tokenizer(tmp_path / "umt5.safetensors", tiny_sentencepiece(), 300).tokens("") == [1]


def test_a_sentencepiece_model_is_preferred_and_a_json_used_without_it(tmp_path: Path):
    json_tokenizer(tmp_path / "tokenizer.json")
    assert isinstance(find_tokenizer(tmp_path / "umt5.pth", None, 300), JsonTokenizer)
    (tmp_path / "spiece.model").write_bytes(tiny_sentencepiece())
    assert isinstance(find_tokenizer(tmp_path / "umt5.pth", None, 300), SentencePieceTokenizer)


def test_without_a_tokenizer_the_file_that_is_wanted_is_named(tmp_path: Path):
    with pytest.raises(CheckpointError, match=r"no tokenizer in it.* Put spiece\.model .*google/umt5-xxl into "):
        find_tokenizer(tmp_path / "umt5.pth", None, 300)


def test_without_sentencepiece_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(tokenizer, "import_module", missing)
    with pytest.raises(CheckpointError, match="pip install sentencepiece"):
        find_tokenizer(tmp_path / "umt5.pth", tiny_sentencepiece(), 300)


def test_a_tokenizer_with_more_tokens_than_the_encoder_has_rows_is_refused(tmp_path: Path):
    with pytest.raises(CheckpointError, match="do not belong together"):
        find_tokenizer(tmp_path / "umt5.pth", tiny_sentencepiece(), 50)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"no model at all", b"\x0a\x03abc" * 50, tiny_sentencepiece()[:1000]])
def test_damaged_tokenizers_are_refused(content: bytes, tmp_path: Path):
    (tmp_path / "spiece.model").write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be used"):
        find_tokenizer(tmp_path / "umt5.pth", None, 300)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"model": 1}', b"[" * 100_000])
def test_damaged_json_tokenizers_are_refused(content: bytes, tmp_path: Path):
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be used"):
        find_tokenizer(tmp_path / "umt5.pth", None, 300)


def test_a_tokenizer_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokenizer, "FILE_LIMIT", 1000)
    (tmp_path / "spiece.model").write_bytes(tiny_sentencepiece())
    with pytest.raises(CheckpointError, match="at most 1000 are expected"):
        find_tokenizer(tmp_path / "umt5.pth", None, 300)
