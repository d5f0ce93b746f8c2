"""Whether text looks drawn by lot or written by a person."""

from __future__ import annotations

import math
import re
from collections import Counter

_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WORDS = re.compile(rb"[^A-Za-z0-9]+")


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


def lacks_digits(text: bytes) -> bool:
    """Whether fewer than one text in a thousand drawn by lot from its alphabet has as few digits.

    The alphabet is hexadecimal where no other letter stands in the text, else letters of the cases that occur, and
    digits.
    """
    digits = sum(48 <= char <= 57 for char in text)
    letters = bytes(char for char in text if char in _LETTERS)
    size = len(letters) + digits
    one_case = letters in (letters.lower(), letters.upper())
    others = 6 if not letters.lower().translate(None, b"abcdef") else 26 if one_case else 52
    share = 10 / (10 + others)
    chance = sum(math.comb(size, few) * share**few * (1 - share) ** (size - few) for few in range(digits + 1))
    return chance < 0.001


def reads_as_words(text: bytes, bigrams: frozenset[bytes], least: float = 0.55) -> bool:
    """Whether it is made of words, as identifiers are.

    Of the pairs of neighbouring letters in identifiers two thirds and more are among the common ones; of pairs drawn by
    lot a fifth. Pairs that a digit parts count as uncommon.
    """
    letters = sum(char in _LETTERS for char in text)
    if letters < 8 or letters < 0.7 * len(text):
        return False
    low = text.lower()
    common = sum(low[at : at + 2] in bigrams for at in range(len(low) - 1))
    words = sum(1 for part in _WORDS.split(text) if part)
    return common >= least * max(letters - words, 1)
