"""Shell commands that a Python call starts."""

from __future__ import annotations

import ast

_STARTERS = frozenset(
    f"{module}.{name}"
    for module, names in (
        ("subprocess", ("run", "call", "Popen", "check_call", "check_output", "getoutput", "getstatusoutput")),
        ("os", ("system", "popen", "execv", "execvp", "spawnlp", "execl", "execlp")),
        ("asyncio", ("create_subprocess_exec", "create_subprocess_shell")),
        ("commands", ("getoutput",)),
    )
    for name in names
)


def called(node: ast.AST) -> str:
    """The command line of a call that starts one; arguments that are no constants stand as `$…` with their source."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Attribute):
        return ""
    holder = node.func.value
    if not isinstance(holder, ast.Name) or f"{holder.id}.{node.func.attr}" not in _STARTERS:
        return ""
    first = node.args[0]
    if isinstance(first, ast.List | ast.Tuple):
        return " ".join(_word(element) for element in first.elts)
    words = [first] if node.func.attr in ("system", "popen", "run", "call", "Popen", "check_output") else node.args
    return " ".join(_word(element, whole=True) for element in words)


def _word(node: ast.expr, *, whole: bool = False) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if whole or " " not in node.value else f"'{node.value}'"
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "${…}" for part in node.values)
    return _source(node)


def _source(node: ast.expr) -> str:
    try:
        return "$" + ast.unparse(node)[:200]
    except ValueError:
        return "$…"
