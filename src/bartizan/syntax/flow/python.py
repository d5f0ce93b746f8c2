"""Python source lowered to the small tree, with its own parser and within limits."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.pythonpattern import captured, compared
from bartizan.syntax.pythontree import is_bounded

MAX_NODES = 200_000
MAX_DEPTH = 120

_COMPARE = {ast.Eq: "==", ast.Is: "==", ast.NotEq: "!=", ast.IsNot: "!=", ast.In: "in", ast.NotIn: "notin"}


def read_python(path: str, text: str, registers: frozenset[str]) -> tree.Module | None:
    """The lowered module; None when it does not parse, or is too large or too deep. `registers` are the attribute
    names by which handlers are registered.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not is_bounded(parsed, MAX_NODES, MAX_DEPTH):
        return None
    try:
        return tree.Module(path, "python", _Lowering(path, registers).block(parsed.body), text.split("\n"))
    except RecursionError:
        return None


class _Lowering:
    def __init__(self, path: str, registers: frozenset[str]) -> None:
        self.path = path
        self.registers = registers

    def block(self, body: Sequence[ast.stmt]) -> list[tree.Statement]:
        return [lowered for each in body for lowered in self.statement(each)]

    def statement(self, node: ast.stmt) -> list[tree.Statement]:
        line = node.lineno
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return [tree.Define(line, self.function(node))]
            case ast.ClassDef():
                bases = [self.expression(base) for base in node.bases]
                return [tree.Class(line, node.name, bases, self.block(node.body), self.path)]
            case ast.Return():
                return [tree.Leave(line, "return", self.optional(node.value))]
            case ast.Raise():
                return [tree.Leave(line, "raise", self.optional(node.exc))]
            case ast.Break() | ast.Continue():
                return [tree.Leave(line, "jump")]
            case ast.Assign():
                return [
                    tree.Assign(line, [self.expression(target) for target in node.targets], self.expression(node.value))
                ]
            case ast.AnnAssign():
                value = self.optional(node.value) or tree.Constant(line, None)
                note = self.expression(node.annotation)
                return [tree.Assign(line, [self.expression(node.target)], value, annotation=note)]
            case ast.AugAssign():
                return [tree.Assign(line, [self.expression(node.target)], self.expression(node.value), adds=True)]
            case ast.Expr():
                return [self.effect(node)]
            case ast.Assert():
                fail: list[tree.Statement] = [tree.Leave(line, "raise")]
                return [tree.Branch(line, self.expression(node.test), [], fail)]
            case ast.Delete():
                return []
        return self.compound(node)

    def effect(self, node: ast.Expr) -> tree.Statement:
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            return tree.Leave(node.lineno, "yield", self.optional(node.value.value))
        return tree.Do(node.lineno, self.expression(node.value))

    def compound(self, node: ast.stmt) -> list[tree.Statement]:
        line = node.lineno
        match node:
            case ast.If():
                return [tree.Branch(line, self.expression(node.test), self.block(node.body), self.block(node.orelse))]
            case ast.For() | ast.AsyncFor():
                target, source = self.expression(node.target), self.expression(node.iter)
                return [tree.Loop(line, target, source, None, self.block(node.body)), *self.block(node.orelse)]
            case ast.While():
                return [tree.Loop(line, None, None, self.expression(node.test), self.block(node.body))]
            case ast.Try():
                handlers = [self.block(each.body) for each in node.handlers]
                return [
                    tree.Attempt(
                        line, [*self.block(node.body), *self.block(node.orelse)], handlers, self.block(node.finalbody)
                    )
                ]
            case ast.With() | ast.AsyncWith():
                return self.context(node)
            case ast.Import():
                return [self.imported(line, each) for each in node.names]
            case ast.ImportFrom():
                return [
                    tree.Import(line, node.module or "", each.name, each.asname or each.name, node.level)
                    for each in node.names
                ]
            case ast.Match():
                return self.cases(node)
        return []

    def imported(self, line: int, name: ast.alias) -> tree.Import:
        if name.asname:
            return tree.Import(line, name.name, "", name.asname)
        return tree.Import(line, name.name.partition(".")[0], "", name.name.partition(".")[0])

    def context(self, node: ast.With | ast.AsyncWith) -> list[tree.Statement]:
        before: list[tree.Statement] = []
        for item in node.items:
            value = self.expression(item.context_expr)
            if item.optional_vars is not None:
                before.append(tree.Assign(node.lineno, [self.expression(item.optional_vars)], value))
            else:
                before.append(tree.Do(node.lineno, value))
        return [*before, *self.block(node.body)]

    def cases(self, node: ast.Match) -> list[tree.Statement]:
        subject = self.expression(node.subject)
        chain: list[tree.Statement] = []
        for case in reversed(node.cases):
            body = [*captured(case.pattern, subject, node.lineno), *self.block(case.body)]
            tests = [self.expression(value) for value in compared(case.pattern)]
            test: tree.Expression = tree.Logic(
                node.lineno,
                "or",
                [tree.Compare(node.lineno, "==", subject, each) for each in tests] or [tree.Name(node.lineno, "_")],
            )
            chain = [tree.Branch(node.lineno, test, body, chain)]
        return chain

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> tree.Function:
        body: list[tree.Statement]
        if isinstance(node, ast.Lambda):
            name, body = "lambda", [tree.Leave(node.lineno, "return", self.expression(node.body))]
            decorators = []
        else:
            name, body = node.name, self.block(node.body)
            decorators = [self.expression(each) for each in node.decorator_list]
        inside = any(
            isinstance(each, ast.Attribute) and each.attr in self.registers
            for each in ast.walk(node)
            if each is not node
        )
        getter = any(isinstance(each, tree.Name) and each.id in ("property", "cached_property") for each in decorators)
        return tree.Function(node.lineno, name, self.parameters(node.args), body, self.path, decorators, inside, getter)

    def parameters(self, arguments: ast.arguments) -> list[tree.Parameter]:
        plain = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
        defaults += arguments.defaults
        found = [self.parameter(each, default) for each, default in zip(plain, defaults, strict=True)]
        if arguments.vararg:
            found.append(tree.Parameter(arguments.vararg.arg, rest=True))
        found += [
            self.parameter(each, default)
            for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        ]
        if arguments.kwarg:
            found.append(tree.Parameter(arguments.kwarg.arg, rest=True))
        return found

    def parameter(self, node: ast.arg, default: ast.expr | None) -> tree.Parameter:
        return tree.Parameter(node.arg, self.optional(node.annotation), self.optional(default))

    def optional(self, node: ast.expr | None) -> tree.Expression | None:
        return None if node is None else self.expression(node)

    def expression(self, node: ast.expr) -> tree.Expression:
        line = node.lineno
        match node:
            case ast.Name():
                return tree.Name(line, node.id)
            case ast.Constant():
                value = node.value
                return tree.Constant(line, value.decode("latin-1") if isinstance(value, bytes) else value)
            case ast.Attribute():
                return tree.Member(line, self.expression(node.value), node.attr)
            case ast.Subscript():
                key = None if isinstance(node.slice, ast.Slice) else self.expression(node.slice)
                return tree.Index(line, self.expression(node.value), key)
            case ast.Call():
                arguments = [
                    tree.Argument(self.expression(_starless(each)), "", isinstance(each, ast.Starred))
                    for each in node.args
                ]
                arguments += [
                    tree.Argument(self.expression(each.value), each.arg or "", each.arg is None)
                    for each in node.keywords
                ]
                return tree.Call(line, self.expression(node.func), arguments)
            case ast.JoinedStr():
                return tree.Text(line, [self.expression(each) for each in node.values])
            case ast.FormattedValue():
                return self.expression(node.value)
            case ast.BinOp():
                return self.binary(node)
            case ast.Await() | ast.YieldFrom():
                return self.expression(node.value)
            case ast.Lambda():
                return self.function(node)
        return self.composed(node)

    def binary(self, node: ast.BinOp) -> tree.Expression:
        """Sums may be texts; long chains of them are taken flat. `%` formats when its left side is a text."""
        if isinstance(node.op, ast.Add):
            parts: list[ast.expr] = []
            left: ast.expr = node
            while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add):
                parts.append(left.right)
                left = left.left
            return tree.Text(node.lineno, [self.expression(each) for each in [left, *reversed(parts)]])
        sides = [self.expression(node.left), self.expression(node.right)]
        if isinstance(node.op, ast.Mod):
            return tree.Call(node.lineno, tree.Member(node.lineno, sides[0], "%"), [tree.Argument(sides[1])])
        if isinstance(node.op, ast.Div):
            return tree.Call(node.lineno, tree.Member(node.lineno, sides[0], "/"), [tree.Argument(sides[1])])
        return tree.Mixed(node.lineno, sides)

    def composed(self, node: ast.expr) -> tree.Expression:
        line = node.lineno
        match node:
            case ast.BoolOp():
                word = "and" if isinstance(node.op, ast.And) else "or"
                return tree.Logic(line, word, [self.expression(each) for each in node.values])
            case ast.UnaryOp():
                value = self.expression(node.operand)
                return tree.Logic(line, "not", [value]) if isinstance(node.op, ast.Not) else tree.Mixed(line, [value])
            case ast.Compare():
                operator = _COMPARE.get(type(node.ops[0]), "<")
                return tree.Compare(line, operator, self.expression(node.left), self.expression(node.comparators[0]))
            case ast.IfExp():
                return tree.Choice(
                    line, self.expression(node.test), self.expression(node.body), self.expression(node.orelse)
                )
            case ast.List() | ast.Tuple() | ast.Set():
                kind = "tuple" if isinstance(node, ast.Tuple) else "list"
                return tree.Items(
                    line,
                    kind,
                    [(None, self.expression(_starless(each)), isinstance(each, ast.Starred)) for each in node.elts],
                )
            case ast.Dict():
                pairs = zip(node.keys, node.values, strict=True)
                return tree.Items(
                    line, "dict", [(self.optional(key), self.expression(value), key is None) for key, value in pairs]
                )
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.each(line, self.expression(node.elt), node.generators)
            case ast.DictComp():
                return self.each(
                    line, tree.Mixed(line, [self.expression(node.key), self.expression(node.value)]), node.generators
                )
            case ast.NamedExpr():
                return tree.Walrus(line, self.expression(node.target), self.expression(node.value))
            case ast.Starred():
                return self.expression(node.value)
            case ast.Yield():
                return self.optional(node.value) or tree.Constant(line, None)
        return tree.Mixed(
            line, [self.expression(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
        )

    def each(self, line: int, value: tree.Expression, generators: list[ast.comprehension]) -> tree.Expression:
        for generator in reversed(generators):
            tests = [self.expression(each) for each in generator.ifs]
            value = tree.Each(line, value, self.expression(generator.target), self.expression(generator.iter), tests)
        return value


def _starless(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node
