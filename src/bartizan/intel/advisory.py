"""What the world knows of one weakness, in one shape whatever the source."""

from __future__ import annotations

from dataclasses import dataclass

from bartizan.model.severity import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Which releases of one thing are affected.

    `identity` is `product:SLUG`, or `ECOSYSTEM:NAME` for a package. A version is affected when it is one of
    `versions` or when all constraints (`>=1.2`, `<1.4`) of one of the `spans` hold. `unclear` says why part of the
    source's range cannot be compared (a git commit, a date); what no span decides is then undecided. `only_open`
    marks what concerns an installation that answers without authentication, whatever its version.
    """

    identity: str
    spans: tuple[tuple[str, ...], ...] = ()
    versions: tuple[str, ...] = ()
    fixed: str = ""
    unclear: str = ""
    only_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One vulnerability, or one known-malicious release (`malicious`).

    `id` is the CVE number where there is one. `cvss` is the vector, `score` 0 to 10 (negative: not given), `word`
    the source's own severity, used when neither gives one. `kev` is the day on which it was listed as exploited,
    `epss` the probability (0 to 1) of exploitation within 30 days as of `epss_date`.
    """

    id: str
    aliases: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    summary: str = ""
    cvss: str = ""
    score: float = -1.0
    word: str = ""
    cwe: tuple[str, ...] = ()
    published: str = ""
    kev: str = ""
    epss: float = -1.0
    epss_date: str = ""
    malicious: bool = False
    disputed: bool = False
    source: str = ""

    @property
    def severity(self) -> Severity:
        """By the score (CVSS v3 qualitative scale); else by the source's word; MEDIUM when nobody says.

        A vector without any impact beside a word is a placeholder, and the word counts.
        """
        if self.malicious:
            return Severity.CRITICAL
        if self.score > 0 or (self.score == 0 and self.word in {"", "none"}):
            bounds = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
            return next((severity for least, severity in bounds if self.score >= least), Severity.INFO)
        return _WORDS.get(self.word.lower(), Severity.MEDIUM)


_WORDS = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "none": Severity.INFO,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One product with all its names.

    `slug` is the product's; `names` what sources call it; `packages` the package identities that carry the very
    same release number (`pypi:vllm`). `scheme` orders its versions (see `intel.version`). When `split` is set, two
    numbers whose first parts lie on different sides of it belong to different series (a container release 24.05
    and a server 2.46) and are never compared. `same` are suffixes that mark a release without making it another.
    """

    slug: str
    names: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    scheme: str = "semver"
    split: int = 0
    same: tuple[str, ...] = ()
