"""Whether a host that a skill talks to is the service that the skill says it is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bartizan.sensors.skills.reader import Hit

SIGNAL = "declared-host"
"""The signal that this module adds; companies name it under `none`."""

_HOST = re.compile(r"https?://([\w.-]+)(/[\w.-]+/[\w.-]+)?", re.IGNORECASE)
_SHARED = ("github.com", "githubusercontent.com", "gitlab.com", "github.io")
_WORD = re.compile(r"[a-z0-9]+")


def declared_hosts(hits: Iterable[Hit], description: str) -> Iterator[Hit]:
    """A hit of `declared-host` for each unit whose hosts (or, on shared hosts, owner and project) are all named in the
    skill's name or description.
    """
    words = set(_WORD.findall(description.lower()))
    joined = "".join(_WORD.findall(description.lower()))
    seen: set[int] = set()
    for hit in hits:
        if id(hit.unit) in seen:
            continue
        seen.add(id(hit.unit))
        hosts = _HOST.findall(hit.unit.text)
        if hosts and all(_declared(host.lower(), path.lower(), words, joined) for host, path in hosts):
            yield Hit(SIGNAL, hit.unit, hosts[0][0])


def _declared(host: str, path: str, words: set[str], joined: str) -> bool:
    if re.fullmatch(r"[\d.]+", host):
        return False
    labels = path.strip("/").split("/") if host.endswith(_SHARED) else host.split(".")[-3:-1] or [host]
    for label in labels:
        plain = "".join(_WORD.findall(label))
        if (
            len(plain) >= 3
            and plain not in ("www", "api", "get", "install", "raw", "com", "app", "cdn")
            and (plain in words or (len(plain) >= 5 and plain in joined))
        ):
            return True
    return False
