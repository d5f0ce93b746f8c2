"""What names say: that a value is a secret, that it is something else, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from bartizan.rules.noise import Noise
from bartizan.sensors.secrets.literal import word_pattern
from bartizan.syntax.pattern import compiled


class NameSense(Enum):
    """What a name says of its value."""

    SECRET = "secret"  # noqa: S105 - a word, not a password
    OTHER = "other"
    PLAIN = "plain"
    UNKNOWN = "unknown"
    NONE = "none"


class Vocabulary:
    """The name patterns of the noise pack, ready for use."""

    def __init__(self, noise: Noise) -> None:
        self.type_words = frozenset(word.encode().lower() for word in noise.type_words)
        self.schemes = tuple(word.encode().lower() for word in noise.schemes)
        self._secret = compiled(noise.secret_names, True)
        self._other = compiled(noise.other_names, True)
        self._plain = compiled(noise.plain_names, True)
        self._header = compiled(noise.header_names, True)
        self._bare = compiled(noise.bare_names or "(?!)", True)
        self._naming = compiled(noise.naming or "(?!)", True)
        self._connectives = compiled(noise.connectives or "(?!)", True)
        self._senses: dict[bytes, NameSense] = {}

    def sense(self, name: bytes) -> NameSense:
        """The last part of a name decides: `api_key_hash` is no key, `model_api_key` is one."""
        known = self._senses.get(name)
        if known is None:
            if len(self._senses) > 10_000:
                self._senses.clear()
            known = self._senses[name] = self._judge(snake(name))
        return known

    def is_header(self, name: bytes) -> bool:
        """Whether it is the name of a header that carries credentials."""
        return bool(self._header.search(snake(name)))

    def is_bare(self, name: bytes) -> bool:
        """Whether the name says that its value is a secret and nothing of whose: `api_key`, `token`."""
        return bool(self._bare.fullmatch(snake(name)))

    def is_naming(self, name: bytes) -> bool:
        """Whether a setting of this name says whose the secret beside it is: `provider`, `base_url`."""
        return bool(self._naming.search(snake(name)))

    def is_connective(self, word: bytes) -> bool:
        """Whether the word joins a name to its value in prose: `the key is …`."""
        return bool(self._connectives.fullmatch(snake(word)))

    def _judge(self, name: str) -> NameSense:
        if not name:
            return NameSense.NONE
        last = name.rstrip("0123456789_")
        if self._plain.fullmatch(last):
            return NameSense.PLAIN
        other = [match.end() for match in self._other.finditer(last)]
        secret = [match.end() for match in self._secret.finditer(last)]
        if not other:
            return NameSense.SECRET if secret else NameSense.UNKNOWN
        if not secret:
            return NameSense.OTHER
        return NameSense.SECRET if max(secret) >= max(other) else NameSense.OTHER


def snake(name: bytes) -> str:
    """`apiKey`, `API-KEY` and `api.key` as `api_key`."""
    text = name.decode("latin-1")
    text = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", r"\1\3_\2", text)
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").lower()


@lru_cache(maxsize=4096)
def word_finder(words: tuple[str, ...], tails: str = "") -> re.Pattern[bytes] | None:
    """A pattern for any of the words where they stand as words: `cohereApiKey` yes, `coherence` no."""
    if not words:
        return None
    ahead = r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
    behind = r"(?=[^A-Za-z]|$|(?<=[a-z])[A-Z]" + (f"|(?i:{tails})" if tails else "") + ")"
    ordered = sorted(set(words), key=len, reverse=True)
    whole = "|".join(word_pattern(word) for word in ordered if word[-1].isalnum())
    closed = "|".join(word_pattern(word) for word in ordered if not word[-1].isalnum())
    choices = ([f"(?i:{whole}){behind}"] if whole else []) + ([f"(?i:{closed})"] if closed else [])
    return re.compile(f"{ahead}(?:{'|'.join(choices)})".encode("latin-1"))


def all_words(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Every word of several groups, once."""
    return tuple(dict.fromkeys(word for group in groups for word in group))
