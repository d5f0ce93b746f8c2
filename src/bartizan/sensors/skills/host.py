"""Whether a host that a skill talks to is the service that the skill says it is for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from bartizan.sensors.skills.reader import Hit
from bartizan.sensors.skills.unit import Unit

DECLARED = "declared-host"
UNDECLARED = "undeclared-host"
STRAY = "stray-host"
OWN = "own-host"
"""The signals that this module adds: companies ask for the middle two, or for the absence of the first and last."""

COMMON = 3
"""A host that is named in so many places is what the skill works with, whatever it is called."""

_HOST = re.compile(r"https?://([\w.-]+)(/[\w.-]+/[\w.-]+)?", re.IGNORECASE)
_BARE_HOST = re.compile(
    r"(?:HTTPS?Connection|connect|create_connection|SMTP(?:_SSL)?|FTP(?:_TLS)?|hostname\s*:|host\s*:)\s*\(*\s*"
    r"[\"'`]([\w-]+(?:\.[\w-]+)+)[\"'`]"
)
"""A host given to a library without a scheme."""
_SILENT = frozenset(("www", "api", "com", "co", "app", "cdn", "example", "invalid", "test"))
"""Labels of a host's name that say nothing of whose it is."""
_SHARED = ("github.com", "githubusercontent.com", "gitlab.com", "github.io")
_LOCAL = re.compile(
    r"^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|(?:www\.)?w3\.org|schemas\.[\w-]+\.|schema\.org|json-schema\.org|purl\.org|xmlns)",
    re.IGNORECASE,
)
_TOLD = re.compile(r"referer|\busage\s*:|^\s*(?:echo|printf|print|#|//|\*)|console\.log", re.IGNORECASE)
_KEY = re.compile(r"\b([A-Z][A-Z0-9]+)_(?:API_)?(?:KEY|TOKEN|SECRET|URL)\b")
_SERVICE = re.compile(r"(?:-?(?:apis?|apps?|cdn|static|cloud|hq|usercontent|status|docs))+$")
"""What a vendor adds to its name for another of its domains."""
_WORD = re.compile(r"[a-z0-9]+")
_DOCUMENTS = (".md", ".mdc", ".markdown", ".mdx", ".txt", ".rst")


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
            yield Hit(DECLARED, hit.unit, hosts[0][0])


def own_hosts(units: Iterable[Unit], own: str) -> Iterator[Hit]:
    """A hit of `own-host` for each unit whose hosts all lie in a domain that bears a word of the skill's name."""
    words = {word for word in _WORD.findall(own.lower()) if len(word) >= 3}
    for unit in units:
        hosts = [host.lower() for host, _ in _HOST.findall(unit.text)]
        if hosts and all(_SERVICE.sub("", (host.split(".")[-2:] or [host])[0]) in words for host in hosts):
            yield Hit(OWN, unit, hosts[0])


def documents(texts: Mapping[str, str]) -> str:
    """All that the documents of a skill say, in lower case."""
    return " ".join(text for file, text in texts.items() if file.lower().endswith(_DOCUMENTS)).lower()


def undeclared_hosts(
    units: Iterable[Unit], texts: Mapping[str, str], told: str, public: Callable[[str], bool]
) -> Iterator[Hit]:
    """A hit of `undeclared-host` for each line of a script (`units`) with an address whose host is not spoken of in
    what the skill's documents, its name and its folder say (`told`, in lower case), and that is not `public`.
    """
    words = set(_WORD.findall(told))
    named: dict[str, set[str]] = {}
    for unit in units:
        if unit.fenced or unit.shown_in or unit.place not in ("python", "script", "shell") or _TOLD.search(unit.text):
            continue
        hosts = [host for host, _ in _HOST.findall(unit.text)] if "://" in unit.text else _BARE_HOST.findall(unit.text)
        if hosts and unit.file not in named:
            keys = _KEY.findall(texts.get(unit.file, ""))
            named[unit.file] = {word.lower() for name in keys for word in name.split("_") if len(word) >= 3}
        for host in hosts:
            if not (_LOCAL.match(host) or public(host)) and not _spoken_of(host.lower(), told, words, named[unit.file]):
                yield Hit(UNDECLARED, unit, host)
                break


def stray_hosts(units: Iterable[Unit], own: str, known: Callable[[str], bool]) -> Iterator[Hit]:
    """A hit of `stray-host` for each sentence, command or line with an address of a service that is neither known to
    everybody nor told of by the skill's name and description, and that the skill hardly speaks of.
    """
    words = set(_WORD.findall(own.lower()))
    seen: Counter[str] = Counter()
    found: list[tuple[Unit, str]] = []
    for unit in units:
        if "://" not in unit.text:
            continue
        hosts = {host.lower(): path.lower() for host, path in _HOST.findall(unit.text) if host.strip(".")}
        seen.update(hosts.keys())
        for host, path in hosts.items():
            if not _LOCAL.match(host) and not known(host + path) and not _spoken_of(host, own.lower(), words):
                found.append((unit, host))
                break
    yield from (Hit(STRAY, unit, host) for unit, host in found if seen[host] < COMMON * 2)


def _spoken_of(host: str, documents: str, words: set[str], keys: Set[str] = frozenset()) -> bool:
    """Whether a label of the host's name is a word of the documents, or begins with one of the `keys`: words of the
    names under which a script asks for a service's key.
    """
    labels = [label for label in host.split(".")[:-1] if label not in _SILENT]
    return host in documents or any(
        label in words
        or (len(label) >= 5 and label[:6] in documents)
        or any(label.replace("-", "").startswith(key) for key in keys)
        for label in labels
    )


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
