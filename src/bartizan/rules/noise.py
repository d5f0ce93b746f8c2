"""What looks like a secret and is none: words, names, places and published samples."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.rule import Rule
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason to leave a value alone, with the code that is shown for it.

    `value` is matched against the value's random part, lower case; `exact` likewise, with its case; `line` against
    the line around it, the value itself blanked; `near` against a kilobyte each way; `path` against the file's path.
    Any one is enough, but where `unless` matches the path. `only_chosen` keeps it to values that people choose.
    """

    code: str
    what: str
    value: tuple[Pattern, ...] = ()
    exact: tuple[Pattern, ...] = ()
    line: tuple[Pattern, ...] = ()
    near: tuple[Pattern, ...] = ()
    path: tuple[Pattern, ...] = ()
    unless: tuple[Pattern, ...] = ()
    only_chosen: bool = False
    kinds: tuple[str, ...] = ()
    """Only for credentials of these kinds, by their whole ids; empty for all."""
    only_context: bool = False
    """Only for values that are recognised by what stands around them."""
    only_published: bool = False
    """Only for private keys that a project publishes on purpose (`packs/publishedkeys/`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The vocabulary of the quiet filters.

    `secret_names` and `other_names` tell what a value's own name says: that it is a secret, or that it is
    something else (a digest, a version). `plain_names` say nothing (`value`, `default`). `type_words` stand between
    a name and its value in typed languages. `schemes` stand between a header's name and its token. `samples` are
    BLAKE2b digests (16 bytes, hex) of values that documentation publishes.
    """

    secret_names: Pattern
    other_names: Pattern
    plain_names: Pattern
    header_names: Pattern
    type_words: tuple[str, ...]
    schemes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    samples: tuple[str, ...] = ()
    bigrams: str = ""
    """The common pairs of letters in identifiers, with blanks between: they tell words from random text."""
    opaque_formats: tuple[str, ...] = ()
    """Formats that hold no text a person wrote: tensors, pictures, sound, compressed data."""
    tails: Pattern = ""
    """What may follow a provider's word within the same word: `cohereapikey`."""
    connectives: Pattern = ""
    """Words of prose between the name of a value and the value: `the key is …`, `API key provided: …`."""
    bare_names: Pattern = ""
    """Names that say secret and nothing of whose: what stands beside such a value may tell the provider."""
    naming: Pattern = ""
    """Names of settings that say whose the secret beside them is: `provider`, `base_url`, `model`."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Noise only carries facts."""
        return ()
