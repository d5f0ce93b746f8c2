"""What an import brings into a file."""

from __future__ import annotations

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.modules import imported_file
from bartizan.syntax.flow.value import ModuleRef, Scope, Value
from bartizan.syntax.flow.walker import Walker


def imported(follower: Walker, scope: Scope, node: tree.Import) -> None:
    """Bind what an import names: a file of the program, a name in it, or something from outside."""
    module = scope.module
    if module is None:
        return
    path = imported_file(follower.modules, module.path, node, module.language)
    if path:
        _import_file(follower, scope, node, path)
    else:
        outside = node.module.removeprefix("node:")
        name = f"{outside}.{node.name}" if node.name and node.name != "default" else outside
        scope.names[node.alias] = Value(name=name.strip("."))


def _import_file(follower: Walker, scope: Scope, node: tree.Import, path: str) -> None:
    inner = follower.module_scope(path)
    exports = follower.modules[path].exports
    if node.name == "*":
        if node.alias in ("", "*"):
            scope.names.update(inner.names)
        else:
            scope.names[node.alias] = Value(targets=(ModuleRef(follower.modules[path]),))
    elif not node.name or path.endswith(f"/{node.name}.py") or path == f"{node.name}.py":
        scope.names[node.alias] = Value(targets=(ModuleRef(follower.modules[path]),))
    else:
        scope.names[node.alias] = inner.names.get(exports.get(node.name, node.name)) or Value()
