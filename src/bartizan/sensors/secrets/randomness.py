"""Whether text looks drawn by lot or written by a person."""

from __future__ import annotations

import math
import re
from collections import Counter

_VOWELS = frozenset(b"aeiouAEIOU")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_CONSONANTS = re.compile(rb"(?i)[bcdfghjklmnpqrstvwxz]+")
_PARTS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def entropy(text: bytes) -> float:
    """Shannon entropy in bits a character."""
    size = len(text)
    if not size:
        return 0.0
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


def longest_run(text: bytes) -> int:
    """Length of the longest stretch of one character."""
    best = run = 1 if text else 0
    for left, right in zip(text, text[1:], strict=False):
        run = run + 1 if left == right else 1
        best = max(best, run)
    return best


def longest_series(text: bytes) -> int:
    """Length of the longest stretch that counts up or down: `abcdef`, `987654`."""
    best = run = 1 if text else 0
    step = 0
    for left, right in zip(text, text[1:], strict=False):
        now = right - left
        if now in (1, -1):
            run = run + 1 if now == step else 2
            step = now
        else:
            run, step = 1, 0
        best = max(best, run)
    return best


def is_repetitive(text: bytes) -> bool:
    """Whether it is made of the same few pieces over and over."""
    if len(text) < 16:
        return False
    pieces = [text[at : at + 3] for at in range(len(text) - 2)]
    return len(set(pieces)) < 0.62 * len(pieces)


def reads_as_words(text: bytes) -> bool:
    """Whether it is made of words, as identifiers are.

    Letters drawn by lot hold a fifth of vowels, run over many consonants in a row, and change case every second letter;
    words hold two fifths, rarely more than four consonants in a row, and change case only where a word begins.
    """
    letters = bytes(char for char in text if char in _LETTERS)
    if len(letters) < 8 or len(letters) < 0.7 * len(text):
        return False
    vowels = sum(char in _VOWELS for char in letters) / len(letters)
    changes = sum(
        (left < 97) != (right < 97) for left, right in zip(letters, letters[1:], strict=False)
    ) / len(letters)
    if vowels < 0.27 or changes > 0.34 or max(map(len, _CONSONANTS.findall(text)), default=0) > 4:
        return False
    long_parts = sum(len(part) for part in _PARTS.findall(text) if len(part) >= 4 and part.isalpha())
    return long_parts >= 0.6 * len(letters)
