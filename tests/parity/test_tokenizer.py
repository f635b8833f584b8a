"""Our tokens against those of transformers' T5 tokenizer, which the released code uses, of the same tiny vocabulary."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.tiny_tokenizer import tiny_sentencepiece
from wanmove_core.encoding.prompts import clean_prompt
from wanmove_core.encoding.tokenizer import SentencePieceTokenizer
from wanmove_core.negative_prompts import I2V_NEGATIVE_PROMPT

pytestmark = pytest.mark.parity
transformers = pytest.importorskip("transformers")
sentencepiece: Any = pytest.importorskip("sentencepiece")

PROMPTS = (
    "a red balloon drifts over the town", "猫转过头看着镜头", "café, ＡＢＣ… “quotes” 🙂 \u200b x",
    "", "12.5% -- (slow) motion!",
    I2V_NEGATIVE_PROMPT, "balloon " * 700,
)  # fmt: skip


def fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a protobuf message that have a length, by number."""
    position = 0

    def number() -> int:
        nonlocal position
        value, shift = 0, 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while position < len(message):
        key = number()
        if key & 7 == 2:
            length = number()
            yield key >> 3, message[position : position + length]
            position += length
        elif key & 7 == 0:
            number()
        else:
            position += 4 if key & 7 == 5 else 8


def their_tokenizer() -> Any:
    """transformers' own class, with the pieces and the normalisation of the SentencePiece model."""
    model = tiny_sentencepiece()
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    pieces = [(processor.id_to_piece(index), processor.get_score(index)) for index in range(processor.get_piece_size())]
    normaliser = next(value for key, value in fields(model) if key == 3)
    charsmap = next(value for key, value in fields(normaliser) if key == 2)
    return transformers.T5Tokenizer(vocab=pieces, _spm_precompiled_charsmap=charsmap, extra_ids=0)


@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt[:12])
def test_tokens_are_those_of_transformers(prompt: str):
    text = clean_prompt(prompt)
    theirs = their_tokenizer()(text, padding="max_length", truncation=True, max_length=512)
    length = sum(theirs.attention_mask)
    assert SentencePieceTokenizer(tiny_sentencepiece(), "here").tokens(text) == theirs.input_ids[:length]
