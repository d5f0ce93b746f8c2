"""Why a value that fits a shape is left alone after all. Every reason has a code that `--all` shows."""

from __future__ import annotations

import binascii
from typing import Any

from bartizan.model.identity import digest
from bartizan.rules.credential import Kind
from bartizan.rules.noise import Noise, Reason
from bartizan.sensors.secrets.randomness import (
    entropy,
    is_repetitive,
    lacks_digits,
    longest_run,
    longest_series,
    reads_as_words,
)
from bartizan.sensors.secrets.surroundings import Surroundings
from bartizan.sensors.secrets.vocabulary import NameSense
from bartizan.syntax.checksum import CHECKS
from bartizan.syntax.pattern import compiled
from bartizan.syntax.privatekey import is_key

BEGIN = b"-----BEGIN "
"""How private keys begin."""
_SHORTEST_KEY = 160
"""Characters of a private key, labels included, below which what cannot be read as one is cut short."""


class _Reason:
    """One reason of the pack, ready for use."""

    def __init__(self, reason: Reason) -> None:
        self.code = reason.code
        self._reason = reason
        self._value, self._exact = _joined(reason.value), _joined(reason.exact)
        self._line, self._near = _joined(reason.line), _joined(reason.near)
        self._path, self._unless = _joined(reason.path), _joined(reason.unless)

    def concerns(self, kind: Kind, is_published: bool) -> bool:
        """Whether it may speak against credentials of this kind."""
        reason = self._reason
        if reason.only_published and not is_published:
            return False
        if reason.kinds and kind.id not in reason.kinds:
            return False
        return not ((reason.only_chosen and kind.is_random) or (reason.only_context and kind.starts))

    def fits(self, low: bytes, core: bytes, around: Surroundings, path: str) -> bool:
        """Whether any of its patterns matches; `low` is `core` in lower case."""
        found = (
            (core and self._value is not None and self._value.search(low))
            or (core and self._exact is not None and self._exact.search(core))
            or (self._line is not None and self._line.search(around.own_line.lower()))
            or (self._near is not None and self._near.search(around.wide))
            or (self._path is not None and self._path.search(path))
        )
        return bool(found) and not (self._unless is not None and self._unless.search(path))


class Quiet:
    """The filters of the noise pack, and those on the value's own make."""

    def __init__(self, noise: Noise) -> None:
        self._samples = frozenset(noise.samples)
        self._bigrams = frozenset(pair.encode() for pair in noise.bigrams.split())
        self._reasons = tuple(_Reason(reason) for reason in noise.reasons)

    def why_not(self, kind: Kind, around: Surroundings, path: str, *, is_published: bool = False) -> str:
        """The code of the first reason to leave the value alone; the empty string when there is none.

        `is_published` tells of a private key that a project publishes on purpose.
        """
        value = around.value
        if kind.checksum and not CHECKS[kind.checksum](value):
            return "checksum"
        if digest(value) in self._samples:
            return "published-sample"
        if kind.reader == "url" and _is_own_name(value):
            return "sample-login"
        if not kind.starts and kind.is_random and _is_encoded(value):
            return "encoded"
        if not kind.starts and kind.is_random and around.is_part:
            return "part"
        if kind.starts and around.is_tail:
            return "part"
        if value.startswith(BEGIN):
            if is_key(value):
                return self._by_vocabulary(kind, b"", around, path, is_published)  # its form proves its make
            if len(value) < _SHORTEST_KEY:
                return "elided"
        core = random_part(kind, value)
        found = self._by_vocabulary(kind, core, around, path, is_published)
        return found or self._by_make(kind, value, core, around)

    def _by_vocabulary(self, kind: Kind, core: bytes, around: Surroundings, path: str, is_published: bool) -> str:
        low = core.lower()
        for reason in self._reasons:
            if reason.concerns(kind, is_published) and reason.fits(low, core, around, path):
                return reason.code
        return ""

    def _by_make(self, kind: Kind, value: bytes, core: bytes, around: Surroundings) -> str:
        if any(compiled(trap).search(value) for trap in kind.traps):
            return "trap"
        if sum(48 <= char <= 57 for char in core) < kind.digits and self._lacks_digits(kind, core, around):
            return "identifier"
        if not kind.is_random:
            if around.holds_name:
                return "identifier"
            plain = reads_as_words(core, self._bigrams) and not any(48 <= char <= 57 for char in core)
            return "words" if plain else "low-variety" if entropy(core) < kind.variety else ""
        if kind.mixed and (core.lower() == core or core.upper() == core):
            return "identifier"
        if longest_run(core) >= 6 or longest_series(core) >= 7 or is_repetitive(core):
            return "repetitive"
        if reads_as_words(core, self._bigrams):
            return "identifier"
        return "low-variety" if entropy(core) < kind.variety else ""

    def _lacks_digits(self, kind: Kind, core: bytes, around: Surroundings) -> bool:
        """Whether so few digits speak against a value drawn by lot: of 24 letters and digits one in 70 has none."""
        if not kind.is_random or lacks_digits(core):
            return True
        return around.sense is not NameSense.SECRET and reads_as_words(core, self._bigrams, _HALF_WORDS)


_HALF_WORDS = 0.4
"""Share of common pairs from which a value without digits and without a name is taken for words."""


def _is_encoded(value: bytes) -> bool:
    """Whether it is base64 of text: what is inside is looked at by itself."""
    try:
        plain = binascii.a2b_base64(value + b"=" * (-len(value) % 4)) if len(value) >= 24 else b""
    except binascii.Error:
        return False
    return bool(plain) and plain.isascii() and plain.decode("ascii").replace("\n", " ").isprintable()


def _is_own_name(url: bytes) -> bool:
    """Whether the password of the address is the user's name."""
    user, _, password = url.partition(b"://")[2].partition(b"@")[0].partition(b":")
    return user.lower() == password.lower()


def random_part(kind: Kind, value: bytes) -> bytes:
    """The value without its public beginning; of long texts the first kilobyte."""
    if kind.reader == "url":
        return value.partition(b"://")[2].partition(b"@")[0].partition(b":")[2]
    for start in sorted(kind.starts, key=len, reverse=True):
        raw = start.encode()
        if value.startswith(raw):
            return value[len(raw) :].partition(b"-----")[0][:1024]
    return value[:1024]


def _joined(patterns: tuple[str, ...]) -> Any:
    return compiled("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None
