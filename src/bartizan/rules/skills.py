"""What the skills domain matches on: signals in text and code, and the company they must keep to be a finding."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from bartizan.model.rule import Rule
from bartizan.model.severity import Confidence, Severity
from bartizan.syntax.pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a sentence, a command or a line of code can say. Never a finding by itself.

    `places` are the kinds of text in which it counts: `prose heading front quote table comment shell python script
    program setting decoded disguised file hook` (`script` is JavaScript and TypeScript, `program` any other language,
    `setting` a line of settings with an address, `disguised` what is written in numbers, backwards, in pieces or
    masked, `file` what a file is or a link leads to). In a unit where one of `unless` matches it does not count.
    `cited` and `negated` tell whether it counts where the text only talks about attacks, or denies.
    """

    name: str
    patterns: tuple[Pattern, ...]
    places: tuple[str, ...] = ("prose", "front", "comment")
    unless: tuple[Pattern, ...] = ()
    cited: bool = False
    negated: bool = False
    careful: bool = False
    """Whether it counts in code that a skill about attacks shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Signals that together make a finding when they stand in one `within`.

    `within` is `unit` (a sentence, a command, a line), `passage` (some neighbouring units of one section), `file`,
    `tied` (a file and those that work with it) or `bundle` (everything that belongs to the skill). `none` must be
    absent there. `places` narrows where the first signal stands.
    """

    all: tuple[str, ...]
    within: str = "unit"
    none: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    shown: bool = True
    """Whether code counts that a document shows, or only what stands in files of its own."""
    severity: Severity | None = None
    confidence: Confidence | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Signals weighed together: none decides, their sum does.

    `parts` are weights of signals that stand in one `within` (`unit`, `near`: a few lines of one section, `file` or
    `bundle`); each counts once. `needs` must all be among them, and one of `any` when given. `less` is taken off for
    each signal found there: the person is asked, or has the choice. `explained` says by
    which signals in the description or a heading a part is what the skill is for, and then weighs nothing. From
    `report` on it is a finding.
    """

    parts: dict[str, float]
    report: float
    within: str = "unit"
    needs: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    less: dict[str, float] = field(default_factory=dict)
    explained: dict[str, tuple[str, ...]] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillRule(Rule):
    """A rule that any of its companies or scales fulfils; without either the sensor decides it by other means."""

    matches: tuple[Company, ...] = ()
    weighs: tuple[Scale, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a text tells that it means what it says: patterns on headings, sentences and file names.

    `cited_headings` and `cited_sentences` introduce descriptions of attacks and bad examples; `negations` turn a
    sentence round; `cited_paths` are folders of tests and samples; `security_purpose` fits the description of a
    skill whose subject is attacks, and `cited_documents` the names of documents in which such a skill shows them;
    `known_places` fit hosts (with owner and project where a host serves many) that
    belong to services everybody knows, or that stand for any host.
    """

    cited_headings: tuple[Pattern, ...] = ()
    cited_sentences: tuple[Pattern, ...] = ()
    cited_code: tuple[Pattern, ...] = ()
    cited_paths: tuple[Pattern, ...] = ()
    run_paths: tuple[Pattern, ...] = ()
    """Of the `cited_paths`, files that a test runner runs: what their code does, it does."""
    cited_documents: tuple[Pattern, ...] = ()
    negations: tuple[Pattern, ...] = ()
    security_purpose: tuple[Pattern, ...] = ()
    known_places: tuple[Pattern, ...] = ()
    public_places: tuple[Pattern, ...] = ()
    """Hosts that answer questions about public things and keep nothing that is sent to them."""

    def joined(self, other: Reading) -> Reading:
        """What either says."""
        return Reading(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where agents look for what they obey, besides skills.

    A folder that holds a file or folder called like one of `marks` is a home (`paths`: and whose own path fits one of
    these, when given). Of it, files are read whose path from there fits one of `files`; `name` is for the asset.
    """

    name: str
    files: tuple[Pattern, ...]
    marks: tuple[str, ...] = ()
    paths: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillSheet:
    """One file of `packs/skills`."""

    rules: tuple[SkillRule, ...] = ()
    signals: tuple[Signal, ...] = ()
    reading: Reading | None = None
    homes: tuple[Home, ...] = ()
