"""Python with its names and constants written out: what a statement does, whatever way it is spelled.

Imports are followed to their modules, a variable that is assigned once is replaced by what it holds, texts that are
put together from pieces, codes or encodings are put together, paths are joined and the home directory is `~`. Nothing
is run.
"""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import posixpath
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bartizan.syntax.foldedcall import called
from bartizan.syntax.pythontree import is_bounded

MAX_SOURCE = 400_000
MAX_NODES = 60_000
MAX_DEPTH = 100
MAX_TEXT = 4_000
MAX_NAMES = 600
MAX_PUT_IN = 40
"""Values that are put in place of names in one statement."""

_REACHES_OUT = re.compile(
    r"requests|urllib|http|socket|subprocess|system|popen|exec|eval|__import__|importlib|getattr|smtplib|ftplib|b64|"
    r"environ|expanduser|\.home\(|ctypes|paramiko|boto|marshal|codecs"
)
"""What a script needs to touch anything but its own data; without it there is nothing to write out."""
_LOOKED_UP = frozenset({"getattr", "__import__", "importlib.import_module", "import_module"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it reads when written out. `command` is the shell command that it starts, when that is a
    constant. `changed` says that it reads differently from the source.
    """

    text: str
    line: int
    command: str = ""
    changed: bool = True


def read_folded(text: str) -> Iterator[Statement]:
    """Every statement that says more when written out, or starts a command; none when the text is no Python."""
    if len(text) > MAX_SOURCE or not _REACHES_OUT.search(text):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    if not is_bounded(parsed, MAX_NODES, MAX_DEPTH):
        return
    try:
        yield from _Folding(parsed).statements(parsed)
    except RecursionError:
        return


class _Folding(ast.NodeTransformer):
    """Writes expressions out; `touched` says whether it changed anything since it was last cleared."""

    def __init__(self, parsed: ast.Module) -> None:
        self.touched = False
        self._modules: dict[str, str] = {}
        self._values: dict[str, ast.expr] = {}
        self._depth = 0
        self._budget = 0
        self._gather(parsed)

    def statements(self, parsed: ast.Module) -> Iterator[Statement]:
        yield from self._of_scope(_own(parsed))
        for function in ast.walk(parsed):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                nodes = _own(function)
                outer, hidden = self._values, _hidden(nodes, function)
                kept = {name: value for name, value in outer.items() if name not in hidden}
                self._values = {**kept, **_bound(nodes, function)}
                yield from self._of_scope(nodes)
                self._values = outer

    def _of_scope(self, nodes: list[ast.AST]) -> Iterator[Statement]:
        for node in nodes:
            for part in _heads(node):
                self.touched = False
                self._budget = MAX_PUT_IN
                folded = self.visit(part)
                command = next(filter(None, map(called, ast.walk(folded))), "")
                if self.touched or command:
                    yield Statement(_said(folded), getattr(part, "lineno", 1), command[:MAX_TEXT], self.touched)

    def _gather(self, parsed: ast.Module) -> None:
        """What each name of the module stands for: another module, or the one value that it is ever given."""
        for node in ast.walk(parsed):
            if isinstance(node, ast.Import):
                self._modules.update({item.asname: item.name for item in node.names if item.asname})
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self._modules.update({item.asname or item.name: f"{node.module}.{item.name}" for item in node.names})
        self._values = _bound(_own(parsed), parsed)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        if node.id in self._modules:
            self.touched = self.touched or self._modules[node.id].rpartition(".")[2] != node.id
            return _dotted(self._modules[node.id])
        value = self._values.get(node.id)
        if value is None or self._depth > 6 or self._budget <= 0:
            return node
        self.touched = True
        self._budget -= 1
        self._depth += 1
        kept = self._values.pop(node.id)
        try:
            return self.visit(_copied(value))  # type: ignore[no-any-return]
        finally:
            self._depth -= 1
            self._values[node.id] = kept

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        left, right = _text(node.left), _text(node.right)
        if isinstance(node.op, ast.Add) and left is not None and right is not None:
            return self._put(left + right)
        if isinstance(node.op, ast.Div) and right is not None and (left is not None or _is_path(node.left)):
            return self._put(posixpath.join(left if left is not None else _path_of(node.left), right))
        if isinstance(node.op, ast.Add) and isinstance(node.left, ast.List) and isinstance(node.right, ast.List):
            self.touched = True
            return ast.List(elts=[*node.left.elts, *node.right.elts], ctx=ast.Load())
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self.generic_visit(node)
        pieces: list[ast.expr] = []
        for value in node.values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            said = _text(inner)
            pieces.append(value if said is None else ast.Constant(value=said))
        if all(isinstance(piece, ast.Constant) for piece in pieces):
            return self._put("".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant)))
        node.values = pieces
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        held = _text(node.value)
        if held is not None and _is_reversal(node.slice):
            return self._put(held[::-1])
        if _name(node.value) == "os.environ" and _text(node.slice) in ("HOME", "USERPROFILE"):
            return self._put("~")
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        name = _name(node.func)
        words = [_text(argument) for argument in node.args]
        if name in _LOOKED_UP and words and words[-1] is not None and words[-1].replace(".", "").isidentifier():
            self.touched = True
            if name == "getattr" and len(node.args) == 2:
                return ast.Attribute(value=node.args[0], attr=words[-1], ctx=ast.Load())
            return _dotted(words[-1]) if name != "getattr" else node
        said = _known(name, node, words)
        return node if said is None else self._put(said)

    def _put(self, said: str) -> ast.expr:
        self.touched = True
        return ast.Constant(value=said[:MAX_TEXT])


def _said(node: ast.AST) -> str:
    """Source of the node; what Python 3.11 cannot write (a backslash inside an f-string) as its tree."""
    try:
        return ast.unparse(ast.fix_missing_locations(node))[:MAX_TEXT]
    except ValueError:
        return ast.dump(node)[:MAX_TEXT]


def _heads(node: ast.AST) -> Iterator[ast.AST]:
    """The statement itself, or of one with a body what is evaluated before it."""
    if isinstance(node, ast.If | ast.While):
        yield node.test
    elif isinstance(node, ast.For | ast.AsyncFor):
        yield node.iter
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from (item.context_expr for item in node.items)
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Raise) or (
        isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    ):
        yield node


def _own(scope: ast.AST) -> list[ast.AST]:
    """The nodes of a module or function without those of the functions in it, in the order of the text."""
    found: list[ast.AST] = []
    pending = list(reversed(list(ast.iter_child_nodes(scope))))
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node)
            pending += reversed(list(ast.iter_child_nodes(node)))
    return found


def _bound(nodes: list[ast.AST], scope: ast.AST) -> dict[str, ast.expr]:
    """Names that are given one value in these nodes; parameters hold what the caller likes."""
    values: dict[str, ast.expr] = {}
    seen: dict[str, int] = {}
    for node in nodes:
        for name, value in _bindings(node):
            seen[name] = seen.get(name, 0) + 1
            if len(values) < MAX_NAMES and _small(value):
                values.setdefault(name, _copied(value))
    taken = _parameters(scope)
    return {name: value for name, value in values.items() if seen[name] == 1 and name not in taken}


def _hidden(nodes: list[ast.AST], scope: ast.AST) -> set[str]:
    """Names of the module that mean something else in this function."""
    return _parameters(scope) | {name for node in nodes for name, _ in _bindings(node)}


def _parameters(scope: ast.AST) -> set[str]:
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return set()
    return {node.arg for node in ast.walk(scope.args) if isinstance(node, ast.arg)}


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
    elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
        yield node.target.id, node.iter
    elif isinstance(node, ast.With):
        for item in node.items:
            if isinstance(item.optional_vars, ast.Name):
                yield item.optional_vars.id, item.context_expr
    elif isinstance(node, ast.NamedExpr):
        yield node.target.id, node.value
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield from ((node.target.id, node.value),) * 2


def _copied(node: Any) -> Any:
    """A copy of a tree, with its places; trees are changed where they stand, and a value may be put in many."""
    if isinstance(node, list):
        return [_copied(each) for each in node]
    if not isinstance(node, ast.AST):
        return node
    made = type(node)(**{field: _copied(value) for field, value in ast.iter_fields(node)})
    return ast.copy_location(made, node)


def _small(value: ast.expr) -> bool:
    return sum(1 for _ in islice(ast.walk(value), 61)) <= 60


def _dotted(name: str) -> ast.expr:
    first, *more = name.split(".")
    out: ast.expr = ast.Name(id=first, ctx=ast.Load())
    for each in more:
        out = ast.Attribute(value=out, attr=each, ctx=ast.Load())
    return out


def _name(node: ast.AST) -> str:
    """The dotted name of a function that is called by one, or nothing."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else parts[0] if parts else ""


def _text(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Constant):
        return None
    if isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    return node.value if isinstance(node.value, str) else None


def _is_reversal(node: ast.AST) -> bool:
    step = node.step if isinstance(node, ast.Slice) and node.lower is None and node.upper is None else None
    return isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)


def _is_path(node: ast.AST) -> bool:
    """`Path(…)` with constant arguments, the home directory or the current one among them."""
    return isinstance(node, ast.Call) and _name(node.func) in ("Path", "pathlib.Path") and _path_of(node) != ""


def _path_of(node: ast.AST) -> str:
    words = [_text(argument) for argument in node.args] if isinstance(node, ast.Call) else []
    return "" if not words or None in words else posixpath.join(*(word or "" for word in words))


def _known(name: str, node: ast.Call, words: list[str | None]) -> str | None:
    """What a call of the standard library comes to, when its arguments are constants."""
    last = name.rpartition(".")[2]
    if name in ("pathlib.Path.home", "Path.home"):
        return "~"
    if name in ("os.getenv", "os.environ.get") and words and words[0] in ("HOME", "USERPROFILE"):
        return "~"
    given = [word for word in words if word is not None]
    if len(given) == len(words) and words:
        joined = _of_constants(name, last, given)
        if joined is not None:
            return joined
    if isinstance(node.func, ast.Attribute):
        return _of_method(last, _text(node.func.value), node, given)
    if name in ("bytes", "bytearray", "chr") and node.args:
        return _of_codes(node.args[0])
    return None


def _of_constants(name: str, last: str, given: list[str]) -> str | None:
    if name in ("os.path.join", "posixpath.join"):
        return posixpath.join(*given)
    if name in ("os.path.expanduser", "os.path.expandvars", "str", "os.fspath", "os.path.abspath", "os.path.realpath"):
        return given[0].replace("$HOME", "~").replace("${HOME}", "~")
    if last in ("b64decode", "urlsafe_b64decode", "b32decode", "b85decode", "a85decode", "unhexlify", "fromhex"):
        return _decoded(last, given[0])
    if name == "codecs.decode" and len(given) == 2 and given[1].replace("-", "") in ("rot13", "rot_13", "hex"):
        return codecs.decode(given[0], "rot13") if "rot" in given[1] else _decoded("fromhex", given[0])
    return None


def _decoded(how: str, said: str) -> str | None:
    try:
        if how in ("unhexlify", "fromhex"):
            return bytes.fromhex(said).decode("utf-8", "replace")
        if how in ("b64decode", "urlsafe_b64decode"):
            padded = said + "=" * (-len(said) % 4)
            return base64.b64decode(padded.replace("-", "+").replace("_", "/")).decode("utf-8", "replace")
        raw = said.encode("ascii", "ignore")
        if how == "b32decode":
            return base64.b32decode(raw).decode("utf-8", "replace")
        return (base64.b85decode(raw) if how == "b85decode" else base64.a85decode(raw)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _of_method(last: str, held: str | None, node: ast.Call, given: list[str]) -> str | None:
    if last in ("expanduser", "resolve", "absolute", "as_posix") and isinstance(node.func, ast.Attribute):
        return _path_of(node.func.value) or None if _is_path(node.func.value) else None
    if last == "joinpath" and isinstance(node.func, ast.Attribute) and len(given) == len(node.args) and given:
        base = held if held is not None else _path_of(node.func.value) if _is_path(node.func.value) else None
        return None if base is None else posixpath.join(base, *given)
    if held is None:
        return None
    if last in ("expanduser", "decode", "encode", "strip", "as_posix", "resolve"):
        return held
    if last in ("lower", "upper") and not node.args:
        return held.lower() if last == "lower" else held.upper()
    if last == "replace" and len(given) == 2:
        return held.replace(given[0], given[1])[:MAX_TEXT]
    if last == "join" and len(node.args) == 1:
        return _joined(held, node.args[0])
    if last == "format" and len(given) == len(node.args) and given and not node.keywords and "{" in held:
        for word in given:
            held = held.replace("{}", word, 1)
        return held
    return None


def _joined(between: str, argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Call) and _name(argument.func) == "reversed" and argument.args:
        inner = argument.args[0]
        said = _text(inner)
        if said is not None:
            return between.join(reversed(said))
        argument = ast.List(elts=list(reversed(inner.elts))) if isinstance(inner, ast.List | ast.Tuple) else argument
    if isinstance(argument, ast.List | ast.Tuple):
        words = [_text(element) for element in argument.elts]
        return None if None in words else between.join(word or "" for word in words)
    if (
        isinstance(argument, ast.GeneratorExp | ast.ListComp)
        and len(argument.generators) == 1
        and isinstance(argument.elt, ast.Call)
        and _name(argument.elt.func) == "chr"
        and isinstance(argument.elt.args[0] if argument.elt.args else None, ast.Name)
    ):
        return _of_codes(argument.generators[0].iter)
    return None


def _of_codes(node: ast.expr) -> str | None:
    """The text of a list of code points, or of one."""
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    codes = [element.value for element in elements if isinstance(element, ast.Constant)]
    numbers = [code for code in codes if isinstance(code, int) and 0 < code < 0x110000]
    return "".join(map(chr, numbers)) if numbers and len(numbers) == len(elements) else None
