"""Comparing the text with the one that the page declares in its linked data: a check that raises a flag, never a source.

Belongs here: the comparison. Declared bodies are cut, mixed with markup or those of another story too often to be used as text
(measured: taking them loses more than it gains).
"""

from __future__ import annotations

import json
import re

_DECLARED = re.compile(r'"articleBody"\s*:\s*("(?:[^"\\]|\\.)*")', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_WORDS_MIN = 100
_SHARE_MIN = 0.5


def differs_from_declared(text: str, linked_data: list[str]) -> bool:
    """Whether less than half of the declared body's word triples are in `text`; False without a declared body of 100 words."""
    declared = max(
        (_unescaped(match[1]) for block in linked_data for match in _DECLARED.finditer(block)), key=len, default=""
    )
    wanted = _triples(declared)
    return len(wanted) >= _WORDS_MIN and len(wanted & _triples(text)) < _SHARE_MIN * len(wanted)


def _unescaped(literal: str) -> str:
    try:
        value = json.loads(literal, strict=False)
    except ValueError:
        return ""
    return _TAG.sub(" ", value)


def _triples(text: str) -> set[tuple[str, str, str]]:
    words = _WORD.findall(text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))
