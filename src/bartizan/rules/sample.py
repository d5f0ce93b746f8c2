"""Makes the sample texts of cases, so that no file of the repository looks like a secret."""

from __future__ import annotations

import random
import re
import string
from base64 import urlsafe_b64encode

from bartizan.syntax.checksum import with_crc

_MARK = re.compile(
    r"<<(join|encode|crc|alnum|letters|lower|upper|hex|digit|base32|small32|small|base64|url)(?: (.*?))?>>"
)

_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
    "letters": string.ascii_letters,
    "small": string.ascii_lowercase,
    "small32": string.ascii_lowercase + "234567",
    "base32": string.ascii_uppercase + "234567",
    "lower": string.ascii_lowercase + string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "hex": "0123456789abcdef",
    "digit": string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "url": string.ascii_letters + string.digits + "-_",
}


def expand(text: str, seed: str = "") -> str:
    """Replace the marks of a sample text.

    `<<join>>` is nothing (it parts a text that would look like a secret), `<<alnum 40>>` is 40 characters of that
    alphabet (also letters, small, lower, upper, hex, digit, base32, small32, base64, url), `<<crc 30>>` 30 of alnum
    with their checksum after them, `<<encode TEXT>>` the text in URL-safe base64. The characters depend on `seed` and
    the marks before alone, so a case is the same on every run.
    """
    source = random.Random(seed)  # noqa: S311 - samples, not secrets

    def replaced(match: re.Match[str]) -> str:
        name, argument = match.group(1), match.group(2) or ""
        if name == "join":
            return ""
        if name == "encode":
            return urlsafe_b64encode(argument.encode()).decode().rstrip("=")
        drawn = "".join(source.choices(_ALPHABETS["alnum" if name == "crc" else name], k=int(argument)))
        return with_crc(drawn) if name == "crc" else drawn

    return _MARK.sub(replaced, text)
