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
        follower.links.add((module.path, path))
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
    elif not node.name or _is_submodule(node, path):
        scope.names[node.alias] = Value(targets=(ModuleRef(follower.modules[path]),))
    else:
        scope.names[node.alias] = inner.names.get(exports.get(node.name, node.name)) or Value()


def _is_submodule(node: tree.Import, path: str) -> bool:
    """Whether the imported name is a file of its own below the module, not something inside the module's file."""
    tail = "/".join([*(node.module.split(".") if node.module else ()), node.name]) + ".py"
    return path == tail or path.endswith("/" + tail)
