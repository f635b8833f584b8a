"""A SentencePiece model that is trained in memory in a twentieth of a second, normalised as umT5's, with its special tokens."""

import functools
import io
from typing import Any

SENTENCES = (
    "a red balloon drifts over the town", "the cat turns its head and looks into the camera", "waves roll onto the beach",
    "一只气球飘过小镇", "猫转过头看着镜头", "色调艳丽，过曝，静态", "un café près de la mer", "slow motion, soft light",
)  # fmt: skip


@functools.cache
def tiny_sentencepiece(pieces: int = 120) -> bytes:
    """The serialised model: pad 0, </s> 1, unknown 2, then the pieces."""
    import sentencepiece

    trainer: Any = sentencepiece.SentencePieceTrainer
    model = io.BytesIO()
    trainer.train(
        sentence_iterator=iter(SENTENCES * 3), model_writer=model, vocab_size=pieces, model_type="unigram", pad_id=0, eos_id=1,
        unk_id=2, bos_id=-1, character_coverage=1.0, hard_vocab_limit=False, minloglevel=2, num_threads=1,
    )  # fmt: skip
    return model.getvalue()
