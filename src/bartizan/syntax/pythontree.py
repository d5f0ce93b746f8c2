"""Python's own syntax trees, held to a size before anything recurses into them."""

from __future__ import annotations

import ast


def is_bounded(parsed: ast.AST, most_nodes: int, most_depth: int) -> bool:
    """Whether a tree is within both limits; counted without recursion."""
    count, pending = 0, [(parsed, 0)]
    while pending:
        node, depth = pending.pop()
        count += 1
        if count > most_nodes or depth > most_depth:
            return False
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return True
