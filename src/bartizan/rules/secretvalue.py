"""What tells a literal secret from a reference, a placeholder or a plain setting."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from bartizan.syntax.pattern import Pattern, compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the keys of one provider look."""

    label: str
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Literal:
    """A secret found in clear. `value` never leaves the sensor but through `shown` and digests."""

    label: str
    value: str

    def shown(self, key: bytes) -> str:
        """First and last characters, and a fingerprint that only the holder of `key` can compare."""
        ends = f"{self.value[:4]}…{self.value[-2:]}" if len(self.value) >= 16 else f"{self.value[:1]}…"
        mark = blake2b(self.value.encode("utf-8", "surrogatepass"), key=key[:64], digest_size=8).hexdigest()
        return f"{ends} ({len(self.value)} characters, fingerprint {mark})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretShapes:
    """Patterns of secrets and of what is none. Those named `names`, `options` and `headers` match names."""

    shapes: tuple[Shape, ...]
    userinfo: Pattern
    query: Pattern
    names: Pattern
    passwords: Pattern
    plain_names: Pattern
    options: Pattern
    headers: Pattern
    scheme: Pattern
    reference: Pattern
    placeholder: Pattern
    uuid: Pattern

    def typed(self, text: str) -> Literal | None:
        """A key of a known shape anywhere in the text, placeholders left out."""
        for shape in self.shapes:
            match = compiled(shape.pattern).search(text)
            if match and not self._is_filler(match.group(0)):
                return Literal(shape.label, match.group(0))
        return None

    def in_address(self, text: str) -> Iterator[Literal]:
        """A password before the host of an address, and a key in its query."""
        if "://" not in text:
            return
        match = compiled(self.userinfo).search(text)
        if match and len(match.group(1)) >= 4 and not self.is_elsewhere(match.group(1)):
            yield Literal("password in an address", match.group(1))
        for match in compiled(self.query).finditer(text):
            if not self.is_elsewhere(match.group(1)) and entropy(match.group(1)) >= 3.0:
                yield Literal("key in an address", match.group(1))

    def named(self, name: str, value: str) -> Literal | None:
        """A value that is secret because its name says so, and random enough to be one."""
        if not compiled(self.names).search(name) or compiled(self.plain_names).search(name):
            return None
        found = self.opaque(f"value of {name}", value)
        if found is None and compiled(self.passwords).search(name) and self._is_password(value):
            return Literal(f"value of {name}", value)
        return found

    def header(self, name: str, value: str) -> Literal | None:
        """The literal of a header that signs in."""
        if not compiled(self.headers).fullmatch(name):
            return None
        match = compiled(self.scheme).match(value)
        bare = value[match.end() :] if match else value
        if len(bare) < 8 or self.is_elsewhere(bare) or entropy(bare) < 2.5:
            return None
        return Literal(f"{name} header", bare)

    def option(self, name: str, value: str) -> Literal | None:
        """The literal after a command-line option that signs in."""
        if not compiled(self.options).fullmatch(name) or compiled(self.plain_names).search(name.lstrip("-")):
            return None
        return self.opaque(f"value of {name}", value)

    def opaque(self, label: str, value: str) -> Literal | None:
        """A value of at least 20 characters (16 when it mixes kinds) and 3 bits each that is no path, UUID, address
        or reference.
        """
        mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
        if len(value) < (16 if mixed else 20) or " " in value or self.is_elsewhere(value):
            return None
        if "://" in value or value.startswith(("/", "./", "../", "~", "C:\\")) or compiled(self.uuid).search(value):
            return None
        return Literal(label, value) if entropy(value) >= 3.0 else None

    def is_elsewhere(self, value: str) -> bool:
        """A reference to where the value is kept, or a placeholder."""
        return bool(compiled(self.reference).search(value)) or self._is_filler(value)

    def _is_password(self, value: str) -> bool:
        """At least 8 characters of two kinds: what is chosen by a person, and no word that stands in every guide."""
        kinds = (any(c.isalpha() for c in value), any(c.isdigit() for c in value), any(not c.isalnum() for c in value))
        return len(value) >= 8 and sum(kinds) >= 2 and " " not in value and not self.is_elsewhere(value)

    def _is_filler(self, value: str) -> bool:
        return bool(compiled(self.placeholder).search(value)) or len(set(value)) <= 4


def entropy(text: str) -> float:
    """Shannon entropy in bits for each character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values()) if text else 0.0
