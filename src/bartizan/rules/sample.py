"""Makes the sample texts of cases, so that no file of the repository looks like a secret."""

from __future__ import annotations

import random
import re
import string

_MARK = re.compile(r"<<(join|alnum|lower|upper|hex|digit|base64|url)(?: (\d+))?>>")

_ALPHABETS = {
    "alnum": string.ascii_letters + string.digits,
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
    alphabet (also lower, upper, hex, digit, base64, url). The characters depend on `seed` and the marks before
    alone, so a case is the same on every run.
    """
    source = random.Random(seed)  # noqa: S311 - samples, not secrets

    def replaced(match: re.Match[str]) -> str:
        name, count = match.group(1), int(match.group(2) or 0)
        return "" if name == "join" else "".join(source.choices(_ALPHABETS[name], k=count))

    return _MARK.sub(replaced, text)
