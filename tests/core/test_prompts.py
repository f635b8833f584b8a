"""Prompts are cleaned as in Wan's own code, and the released negative prompts are the released ones."""

import hashlib
from collections.abc import Callable

import pytest

from wanmove_core.encoding import prompts
from wanmove_core.encoding.prompts import clean_prompt
from wanmove_core.negative_prompts import I2V_NEGATIVE_PROMPT, SHARED_NEGATIVE_PROMPT

BOTH_WAYS = [
    ("", ""),
    ("  two\n words\t ", "two words"),
    ("a\u3000wide\u00a0space", "a wide space"),
    ("fish &amp; chips", "fish & chips"),
    ("twice &amp;lt;b&amp;gt;", "twice <b>"),
    ("it\u2019s a \u201cred\u201d one", 'it\'s a "red" one'),
    ("cafe\u0301", "café"),
    ("&nbsp; edge &nbsp;", "edge"),
    ("一只 气球", "一只 气球"),
]


@pytest.fixture(params=["with ftfy", "without"])
def clean(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    if request.param == "with ftfy":
        pytest.importorskip("ftfy")
    else:
        monkeypatch.setattr(prompts, "_ftfy", lambda: None)
    return clean_prompt


@pytest.mark.parametrize(("written", "cleaned"), BOTH_WAYS)
def test_a_prompt_is_cleaned_alike_with_and_without_ftfy(clean: Callable[[str], str], written: str, cleaned: str):
    assert clean(written) == cleaned


def test_text_that_was_decoded_wrongly_is_mended_by_ftfy_only(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("ftfy")
    assert clean_prompt("donâ€™t") == "don't"
    monkeypatch.setattr(prompts, "_ftfy", lambda: None)
    assert clean_prompt("donâ€™t") == "donâ€™t"


@pytest.mark.parametrize("text", [written for written, _ in BOTH_WAYS] + [I2V_NEGATIVE_PROMPT, "ﬁne “quotes” … ＡＢＣ"])
def test_with_ftfy_it_is_what_the_released_code_gives(text: str):
    ftfy = pytest.importorskip("ftfy")
    import html
    import re

    expected = re.sub(r"\s+", " ", html.unescape(html.unescape(ftfy.fix_text(text))).strip()).strip()
    assert clean_prompt(text) == expected


def test_the_negative_prompts_are_the_released_ones():
    assert I2V_NEGATIVE_PROMPT == "镜头晃动，" + SHARED_NEGATIVE_PROMPT
    assert len(SHARED_NEGATIVE_PROMPT) == LENGTH
    assert hashlib.sha256(SHARED_NEGATIVE_PROMPT.encode()).hexdigest()[:16] == DIGEST


LENGTH, DIGEST = 137, "ce96e0324e4b54ce"
"""of sample_neg_prompt in Wan-Video/Wan2.1 wan/configs/shared_config.py"""
