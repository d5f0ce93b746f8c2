"""Python code that a model's loader would import: parsed, never run.

Lists read from the packs: `code-shell`, `code-evaluation`, `code-network` (dotted names of calls).
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bartizan.sensors.models.bench import Bench

_LIMIT = 2 << 20
_ON_LOAD = frozenset(
    [
        "__init__",
        "__new__",
        "__call__",
        "__init_subclass__",
        "__set_name__",
        "__class_getitem__",
        "from_pretrained",
        "_from_config",
        "forward",
        "generate",
        "setup",
        "load_model",
        "_info",
        "_split_generators",
        "_generate_examples",
    ]
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A call that model code has no need of. `on_import`: importing the file runs it; `on_load`: building does."""

    line: int
    name: str
    kind: str
    on_import: bool
    on_load: bool


def alarms(bench: Bench, source: bytes) -> list[Alarm]:
    """The alarming calls of one file, in reading order; none when it is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source[:_LIMIT])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    kinds = {name: kind for kind in ("shell", "evaluation", "network") for name in bench.words(f"code-{kind}")}
    walk = _Walk(kinds, _aliases(tree))
    try:
        return list(walk.visit(tree, None))
    except RecursionError:
        return []


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Local name to the dotted name it was imported from."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = alias.name

        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


class _Walk:
    """Descends with the function that the code stands in."""

    def __init__(self, kinds: dict[str, str], aliases: dict[str, str]) -> None:
        self.kinds = kinds
        self.aliases = aliases

    def visit(self, node: ast.AST, function: str | None) -> Iterator[Alarm]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for outside in (*node.decorator_list, node.args):
                yield from self.visit(outside, function)
            for inner in node.body:
                yield from self.visit(inner, function or node.name)
            return
        if isinstance(node, ast.If) and _is_main(node.test):
            return
        if isinstance(node, ast.Call) and (alarm := self._alarm(node, function)):
            yield alarm
        inside = (function or "lambda") if isinstance(node, ast.Lambda) else function
        for child in ast.iter_child_nodes(node):
            yield from self.visit(child, inside)

    def _alarm(self, node: ast.Call, function: str | None) -> Alarm | None:
        name = self._dotted(node.func)
        if not name:
            return None
        kind = self.kinds.get(name) or self.kinds.get(f"{name.rpartition('.')[0]}.*", "")
        if not kind or (name in ("eval", "exec", "compile", "__import__") and self._is_constant(node)):
            return None
        return Alarm(node.lineno, name, kind, function is None, function in _ON_LOAD)

    @staticmethod
    def _is_constant(node: ast.Call) -> bool:
        """`__import__("os")` is alarming, `compile("1+1", …)` of a constant is not."""
        return isinstance(node.func, ast.Name) and node.func.id != "__import__" and bool(node.args) and (
            isinstance(node.args[0], ast.Constant) and len(str(node.args[0].value)) < 40
            and "import" not in str(node.args[0].value)
        )  # fmt: skip

    def _dotted(self, node: ast.expr) -> str:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "__import__"
            and node.args
        ):
            first = node.args[0]
            base = str(first.value) if isinstance(first, ast.Constant) else ""
        elif isinstance(node, ast.Name):
            base = self.aliases.get(node.id, node.id)
        else:
            return ""
        return ".".join([base, *reversed(parts)])


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"
