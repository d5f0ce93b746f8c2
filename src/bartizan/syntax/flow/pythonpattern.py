"""Patterns of Python's `match`: what a case compares, and what it gives names to."""

from __future__ import annotations

import ast

from bartizan.syntax.flow import tree


def compared(pattern: ast.pattern) -> list[ast.expr]:
    """The values of which the subject must be one."""
    if isinstance(pattern, ast.MatchValue):
        return [pattern.value]
    if isinstance(pattern, ast.MatchOr):
        return [value for each in pattern.patterns for value in compared(each)]
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return compared(pattern.pattern)
    return []


def captured(pattern: ast.pattern, subject: tree.Expression, line: int) -> list[tree.Statement]:
    """Assignments of the parts of the subject to the names in the pattern."""
    if isinstance(pattern, ast.MatchAs | ast.MatchStar):
        inner = getattr(pattern, "pattern", None)
        found = [tree.Assign(line, [tree.Name(line, pattern.name)], subject)] if pattern.name else []
        return [*found, *(captured(inner, subject, line) if inner is not None else ())]
    return _parts(pattern, subject, line)


def _parts(pattern: ast.pattern, subject: tree.Expression, line: int) -> list[tree.Statement]:
    found: list[tree.Statement] = []
    match pattern:
        case ast.MatchMapping():
            for key, each in zip(pattern.keys, pattern.patterns, strict=True):
                place = key.value if isinstance(key, ast.Constant) else None
                found += captured(each, tree.Index(line, subject, tree.Constant(line, place)), line)
            if pattern.rest:
                found.append(tree.Assign(line, [tree.Name(line, pattern.rest)], subject))
        case ast.MatchClass():
            for name, each in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
                found += captured(each, tree.Member(line, subject, name), line)
        case ast.MatchSequence():
            for at, each in enumerate(pattern.patterns):
                found += captured(each, tree.Index(line, subject, tree.Constant(line, at)), line)
    return found
