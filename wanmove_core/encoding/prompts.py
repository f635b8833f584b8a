"""Prompts, cleaned as in Wan's own code (Wan-Video/Wan2.1 ``wan/modules/tokenizers.py``): ftfy, HTML entities, white space."""

import html
import re
import unicodedata
from importlib import import_module
from typing import Any

_STRAIGHT_QUOTES = str.maketrans(dict.fromkeys("ʼ‘’‚‛", "'") | dict.fromkeys("“”„‟", '"'))


def clean_prompt(text: str) -> str:
    """The prompt as the tokenizer is given it.

    With the ftfy package it is what the released code gives. Without, curly quotes are made straight and accents composed as
    ftfy does, but text that was once decoded wrongly ("donâ€™t") stays as it is.
    """
    ftfy = _ftfy()
    text = _fix(text) if ftfy is None else ftfy.fix_text(text)
    return re.sub(r"\s+", " ", html.unescape(html.unescape(text))).strip()


def _fix(text: str) -> str:
    return unicodedata.normalize("NFC", text.translate(_STRAIGHT_QUOTES))


def _ftfy() -> Any | None:
    try:
        return import_module("ftfy")
    except ImportError:
        return None
