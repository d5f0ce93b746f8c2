"""Chat templates: parsed with Jinja's own parser, constants folded, never rendered.

Lists read from the packs: `template-attributes` (names that lead out of the sandbox), `template-globals` (Jinja's own
objects that lead there), `message-words` (names by which a template reads the conversation).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import do, loopcontrols

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.folding import Constants
from bartizan.sensors.models.issue import Issue

if TYPE_CHECKING:
    from bartizan.sensors.models.bench import Bench

_LIMIT = 512 << 10
_PROSE = 40
_NODES = 200_000
_FIELD = re.compile(r"\{[^{}]*[.\[]")
_SAFE_CALLS = {
    "cycler": {"next", "current", "reset"},
    "joiner": set(),
    "loop": {"cycle", "changed"},
    "namespace": set(),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing in a template: the line in it (from 1) and what was seen."""

    rule: str
    line: int
    text: str
    severity: Severity | None = None
    confidence: Confidence | None = None


def template_issues(bench: Bench, source: str, where: str, member: str = "", line: int = 0) -> Iterator[Issue]:
    """Issues of one template. `where` names it; `line` is the line before its first in the file, where known."""
    flaws = list(_flaws(bench, source[:_LIMIT]))
    for rule in sorted({flaw.rule for flaw in flaws}):
        group = [flaw for flaw in flaws if flaw.rule == rule]
        texts = list(dict.fromkeys(flaw.text for flaw in group))
        lines = source.splitlines()
        shown = lines[group[0].line - 1][:400] if 0 < group[0].line <= len(lines) else ""
        yield Issue(
            rule,
            f"{where}, line {group[0].line}: {'; '.join(texts[:6])}",
            shown,
            member=member,
            line=line + group[0].line if line else None,
            severity=max((flaw.severity for flaw in group if flaw.severity), key=lambda s: s.rank, default=None),
            confidence=group[0].confidence,
            proof=f"{where}|{'|'.join(sorted(texts))}",
        )


def _flaws(bench: Bench, source: str) -> Iterator[Flaw]:
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        if any(f"__{word}" in source for word in ("class", "globals", "mro", "subclasses", "builtins", "import")):
            yield Flaw("template-escape", error.lineno, "no valid template, but names of the interpreter's insides")
        return
    except (RecursionError, ValueError, OverflowError, MemoryError):
        yield Flaw("template-escape", 1, "the parser gives up on it", Severity.MEDIUM, Confidence.TENTATIVE)
        return
    yield from _Walk(bench, tree).flaws()


def _environment() -> Environment:
    from jinja2.ext import Extension
    from jinja2.parser import Parser

    class Generation(Extension):
        """The tag that transformers adds: its body is part of the text."""

        tags = {"generation"}  # noqa: RUF012 - as Jinja declares it

        def parse(self, parser: Parser) -> list[nodes.Node]:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    return Environment(extensions=[do, loopcontrols, Generation], autoescape=False)  # noqa: S701 - nothing is rendered


_Found = TypeVar("_Found", bound=nodes.Node)


def every(root: nodes.Node, kinds: type[_Found] | tuple[type[_Found], ...]) -> Iterator[_Found]:
    """All nodes of those kinds below `root`, in reading order. A loop: hostile trees are deeper than the stack."""
    waiting = [root]
    for _ in range(_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if node is not root and isinstance(node, kinds):
            yield node
        waiting.extend(reversed(list(node.iter_child_nodes())))


class _Walk:
    """One pass over a parsed template, with what its variables are bound to as far as constants go."""

    def __init__(self, bench: Bench, tree: nodes.Template) -> None:
        self.tree = tree
        self.attributes = bench.words("template-attributes")
        self.globals = bench.words("template-globals")
        self.messages = bench.words("message-words")
        self.constants = Constants()
        self.readers: set[str] = set()

    def flaws(self) -> Iterator[Flaw]:
        for assign in every(self.tree, nodes.Assign):
            self._bind(assign)
        for node in every(self.tree, (nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Call)):
            yield from self._reach(node)
        for other in every(self.tree, (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
            yield Flaw("template-escape", other.lineno, f"{type(other).__name__.lower()} of another template")
        yield from self._injections()

    def _bind(self, assign: nodes.Assign) -> None:
        if isinstance(assign.target, nodes.Name):
            self.constants.bind(assign.target.name, assign.node)
            if self._reads_content(assign.node):
                self.readers.add(assign.target.name)

    def _reach(self, node: nodes.Node) -> Iterator[Flaw]:
        if isinstance(node, nodes.Getattr):
            yield from self._named(node, node.attr, node.node)
        elif isinstance(node, nodes.Getitem):
            key = self.constants.fold(node.arg)
            if isinstance(key, str):
                yield from self._named(node, key, node.node)
        elif isinstance(node, nodes.Filter):
            yield from self._filter(node)
        elif isinstance(node, nodes.Call):
            yield from self._call(node)

    def _named(self, node: nodes.Node, name: str, owner: nodes.Node) -> Iterator[Flaw]:
        if name.startswith("__") or name in self.attributes:
            yield Flaw("template-escape", node.lineno, f"reaches {name!r}", Severity.CRITICAL)
        elif (own := self._own(owner)) and name not in _SAFE_CALLS.get(own, set()):
            yield Flaw("template-escape", node.lineno, f"takes {name!r} of Jinja's own {own!r}")

    def _own(self, owner: nodes.Node) -> str:
        """The name, when it is one of Jinja's own objects and not shadowed by the template; else empty."""
        if isinstance(owner, nodes.Name) and owner.name in self.globals and owner.name not in self.constants.known:
            return owner.name
        return ""

    def _filter(self, node: nodes.Filter) -> Iterator[Flaw]:
        arguments = [self.constants.fold(argument) for argument in node.args]
        if node.name == "attr":
            name = arguments[0] if arguments else None
            if not isinstance(name, str):
                yield Flaw("template-escape", node.lineno, "the filter attr with a computed name")
            elif name.startswith("_") or name in self.attributes:
                yield Flaw("template-escape", node.lineno, f"reaches {name!r} by the filter attr", Severity.CRITICAL)
        elif node.name in ("map", "selectattr", "rejectattr", "groupby", "sort", "sum", "unique", "min", "max"):
            names = [*arguments, *(self.constants.fold(pair.value) for pair in node.kwargs if pair.key == "attribute")]
            for name in names:
                parts = name.split(".") if isinstance(name, str) else []
                if any(part.startswith("__") or part in self.attributes for part in parts):
                    yield Flaw(
                        "template-escape", node.lineno, f"reaches {name!r} by the filter {node.name}", Severity.CRITICAL
                    )
        elif node.name == "format":
            yield from self._format(node, node.node)

    def _call(self, node: nodes.Call) -> Iterator[Flaw]:
        if isinstance(node.node, nodes.Getattr | nodes.Getitem):
            name = node.node.attr if isinstance(node.node, nodes.Getattr) else self.constants.fold(node.node.arg)
            if name in ("format", "format_map"):
                yield from self._format(node, node.node.node)

    def _format(self, node: nodes.Node, owner: nodes.Node | None) -> Iterator[Flaw]:
        text = self.constants.fold(owner) if owner is not None else None
        if isinstance(text, str) and _FIELD.search(text) and ("__" in text or any(a in text for a in self.attributes)):
            yield Flaw("template-escape", node.lineno, f"formats {text[:80]!r}, which reaches attributes")

    def _injections(self) -> Iterator[Flaw]:
        """Prose that is put out only when the conversation holds certain words: an instruction nobody sees."""
        for node in every(self.tree, nodes.If):
            word = self._asked(node.test)
            if not word:
                continue
            for text in self._prose(node.body):
                shown = " ".join(text.split())[:160]
                yield Flaw(
                    "template-hidden-instruction", node.lineno, f"when the conversation holds {word!r}, adds {shown!r}"
                )

    def _asked(self, test: nodes.Node) -> str:
        """The literal that the test looks for in message content; empty when it asks something else."""
        for compare in (test, *every(test, nodes.Compare)):
            if isinstance(compare, nodes.Compare):
                for operand in compare.ops:
                    pair = (compare.expr, operand.expr) if operand.op in ("in", "notin", "eq") else ()
                    literal = next(
                        (self.constants.fold(part) for part in pair if isinstance(self.constants.fold(part), str)), None
                    )
                    if (
                        isinstance(literal, str)
                        and len(literal) > 2
                        and any(self._reads_content(part) for part in pair)
                    ):
                        return literal
        for call in (test, *every(test, nodes.Call)):
            if (
                isinstance(call, nodes.Call)
                and isinstance(call.node, nodes.Getattr)
                and call.node.attr in ("startswith", "endswith", "find", "count")
            ):
                literal = self.constants.fold(call.args[0]) if call.args else None
                if isinstance(literal, str) and len(literal) > 2 and self._reads_content(call.node.node):
                    return literal
        return ""

    def _reads_content(self, node: nodes.Node) -> bool:
        names: set[object] = set()
        for part in (node, *every(node, (nodes.Getitem, nodes.Getattr, nodes.Name, nodes.Filter))):
            if isinstance(part, nodes.Getitem):
                key = self.constants.fold(part.arg)
                names.add(key if isinstance(key, str) else "")
            elif isinstance(part, nodes.Filter):
                names.update(self.constants.fold(pair.value) for pair in part.kwargs)
            else:
                names.add(getattr(part, "attr", None) or getattr(part, "name", None))
        return "role" not in names and bool(names & (self.messages | self.readers))

    def _prose(self, body: Sequence[nodes.Node]) -> Iterator[str]:
        for node in body:
            for output in ([node] if isinstance(node, nodes.Output) else []) + list(every(node, nodes.Output)):
                parts = [self.constants.fold(part) for part in output.nodes]
                text = "".join(part for part in parts if isinstance(part, str))
                if len(text) > _PROSE and _reads_as_prose(text):
                    yield text


def _reads_as_prose(text: str) -> bool:
    """Sentences, not markup: enough words of letters, in a row, outside tags."""
    words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>|\[[A-Z_/]+\]", " ", text))
    return len(words) >= 7
