"""Expressions, patterns and functions of JavaScript and TypeScript, lowered."""

from __future__ import annotations

from typing import Any

from bartizan.syntax.flow import tree

_FUNCTIONS = (
    "function_declaration",
    "generator_function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "generator_function",
    "function",
)
_WRAPPINGS = (
    "parenthesized_expression",
    "await_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "yield_expression",
    "type_assertion",
)
_COMPARE = {"==": "==", "===": "==", "!=": "!=", "!==": "!=", "in": "in", "instanceof": "instanceof"}


def text_of(node: Any) -> str:
    """Source of a node; empty for the missing part of what does not parse."""
    return "" if node is None else str(node.text.decode("utf-8", "replace"))


def line_of(node: Any) -> int:
    """The line of a node, from 1."""
    return int(node.start_point[0]) + 1


class Expressions:
    """Lowers what has a value. Statements inside functions are lowered by the class that knows them."""

    def __init__(self, path: str, registers: frozenset[str]) -> None:
        self.path = path
        self.registers = registers
        self.exports: dict[str, str] = {}

    def block(self, node: Any) -> list[tree.Statement]:
        """The statements of a block."""
        raise NotImplementedError

    def function(self, node: Any) -> tree.Function:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            statements = self.block(body)
        else:
            statements = [tree.Leave(line_of(node), "return", self.optional(body))]
        single = node.child_by_field_name("parameter")
        listed = node.child_by_field_name("parameters")
        parameters = (
            [self.parameter(single)]
            if single is not None
            else [
                self.parameter(each)
                for each in (listed.named_children if listed is not None else ())
                if each.type != "comment"
            ]
        )
        inside = body is not None and any(
            f".{word}(" in text_of(body) or f".{word}<" in text_of(body) for word in self.registers
        )
        called = text_of(name) if name is not None and node.type != "function_expression" else "lambda"
        getter = node.type == "method_definition" and any(child.type == "get" for child in node.children)
        if called == "constructor" and listed is not None:
            statements = [*self.parameter_fields(listed), *statements]
        return tree.Function(line_of(node), called, parameters, statements, self.path, [], inside, getter)

    def parameter_fields(self, listed: Any) -> list[tree.Statement]:
        """`constructor(private readonly name: …)` keeps its parameter as a field."""
        found: list[tree.Statement] = []
        for each in listed.named_children:
            inner = each.child_by_field_name("pattern")
            if inner is not None and any(
                child.type in ("accessibility_modifier", "readonly") for child in each.children
            ):
                name = text_of(inner)
                field = tree.Member(line_of(each), tree.Name(line_of(each), "this"), name)
                found.append(tree.Assign(line_of(each), [field], tree.Name(line_of(each), name)))
        return found

    def parameter(self, node: Any) -> tree.Parameter:
        value = node.child_by_field_name("value")
        inner = (
            node.child_by_field_name("pattern") if node.type in ("required_parameter", "optional_parameter") else node
        )
        if node.type == "assignment_pattern":
            inner, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if inner is None:
            inner = node
        rest = inner.type == "rest_pattern"
        if rest and inner.named_children:
            inner = inner.named_children[0]
        default, note = self.optional(value), self.annotation(node)
        if inner.type == "identifier":
            return tree.Parameter(text_of(inner), note, default, rest=rest)
        return tree.Parameter("", None, default, self.pattern(inner), rest)

    def annotation(self, node: Any) -> tree.Expression | None:
        """The class that a parameter or field is declared to be of; other types say nothing at run time."""
        note = node.child_by_field_name("type")
        named = note.named_children[0] if note is not None and note.named_children else None
        if named is None or named.type != "type_identifier":
            return None
        return tree.Name(line_of(named), text_of(named))

    def pattern(self, node: Any) -> tree.Expression:
        """The left side of an assignment."""
        if node is None:
            return tree.Name(1, "_")
        line = line_of(node)
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                return tree.Name(line, text_of(node))
            case "object_pattern":
                return tree.Items(line, "dict", [self.property_pattern(each) for each in node.named_children])
            case "array_pattern":
                return tree.Items(
                    line,
                    "list",
                    [(None, self.pattern(each), each.type == "rest_pattern") for each in node.named_children],
                )
            case "rest_pattern":
                return self.pattern(node.named_children[0]) if node.named_children else tree.Name(line, "_")
            case "assignment_pattern" | "object_assignment_pattern":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                return tree.Walrus(line, self.pattern(left), self.expression(right))
        return self.expression(node)

    def property_pattern(self, node: Any) -> tuple[tree.Expression | None, tree.Expression, bool]:
        line = line_of(node)
        match node.type:
            case "pair_pattern":
                key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                return tree.Constant(line, _key(key)), self.pattern(value), False
            case "rest_pattern":
                return None, self.pattern(node), True
            case "object_assignment_pattern":
                left = node.child_by_field_name("left")
                return tree.Constant(line, text_of(left)), self.pattern(node), False
        return tree.Constant(line, text_of(node)), self.pattern(node), False

    def first(self, node: Any) -> tree.Expression | None:
        return self.expression(node.named_children[0]) if node.named_children else None

    def optional(self, node: Any) -> tree.Expression | None:
        return None if node is None else self.expression(node)

    def field(self, node: Any, name: str) -> tree.Expression:
        child = node.child_by_field_name(name)
        return self.expression(child) if child is not None else tree.Constant(line_of(node), None)

    def expression(self, node: Any) -> tree.Expression:
        if node is None:
            return tree.Constant(1, None)
        line = line_of(node)
        match node.type:
            case "identifier" | "this" | "super" | "shorthand_property_identifier" | "property_identifier":
                return tree.Name(line, text_of(node))
            case "string" | "number" | "true" | "false" | "null" | "undefined":
                return tree.Constant(line, _literal(node))
            case "template_string":
                return tree.Text(line, [self.template(child) for child in node.named_children])
            case "member_expression":
                return tree.Member(line, self.field(node, "object"), text_of(node.child_by_field_name("property")))
            case "subscript_expression":
                return tree.Index(line, self.field(node, "object"), self.field(node, "index"))
            case "call_expression" | "new_expression":
                return self.call(node)
            case "regex":
                return tree.Pattern(line, text_of(node.child_by_field_name("pattern")))
        return self.wrapped(node)

    def wrapped(self, node: Any) -> tree.Expression:
        """Parentheses, casts and the like, functions, and the rest."""
        if node.type in _WRAPPINGS:
            return self.first(node) or tree.Constant(line_of(node), None)
        if node.type in _FUNCTIONS:
            return self.function(node)
        return self.composed(node)

    def template(self, node: Any) -> tree.Expression:
        if node.type == "template_substitution":
            return self.first(node) or tree.Constant(line_of(node), "")
        return tree.Constant(line_of(node), text_of(node))

    def call(self, node: Any) -> tree.Expression:
        line = line_of(node)
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        if function is None:
            return tree.Mixed(line, [])
        target: tree.Expression = tree.Name(line, "import") if function.type == "import" else self.expression(function)
        if given is not None and given.type == "template_string":
            parts = [self.template(child) for child in given.named_children if child.type == "template_substitution"]
            return tree.Call(
                line, target, [tree.Argument(tree.Mixed(line, []))] + [tree.Argument(part) for part in parts]
            )
        arguments = []
        for each in given.named_children if given is not None else ():
            if each.type == "spread_element":
                arguments.append(tree.Argument(self.expression(each.named_children[0]), spread=True))
            elif each.type != "comment":
                arguments.append(tree.Argument(self.expression(each)))
        return tree.Call(line, target, arguments, new=node.type == "new_expression")

    def composed(self, node: Any) -> tree.Expression:
        line = line_of(node)
        match node.type:
            case "binary_expression":
                return self.binary(node)
            case "unary_expression":
                value = self.field(node, "argument")
                operator = node.child_by_field_name("operator")
                word = text_of(operator) if operator is not None else ""
                if word == "!":
                    return tree.Logic(line, "not", [value])
                if word == "typeof":
                    return tree.Call(line, tree.Name(line, "typeof"), [tree.Argument(value)])
                return (
                    tree.Call(line, tree.Name(line, "Number"), [tree.Argument(value)])
                    if word in "+-"
                    else tree.Mixed(line, [value])
                )
            case "ternary_expression":
                return tree.Choice(
                    line,
                    self.field(node, "condition"),
                    self.field(node, "consequence"),
                    self.field(node, "alternative"),
                )
            case "object":
                return tree.Items(line, "dict", [entry for child in node.named_children for entry in self.entry(child)])
            case "array":
                return tree.Items(
                    line,
                    "list",
                    [
                        (
                            None,
                            self.expression(child.named_children[0] if child.type == "spread_element" else child),
                            child.type == "spread_element",
                        )
                        for child in node.named_children
                        if child.type != "comment"
                    ],
                )
            case "assignment_expression":
                return tree.Walrus(line, self.pattern(node.child_by_field_name("left")), self.field(node, "right"))
            case "class":
                return tree.Mixed(line, [])
        return tree.Mixed(line, [self.expression(child) for child in node.named_children if child.type != "comment"])

    def entry(self, node: Any) -> list[tuple[tree.Expression | None, tree.Expression, bool]]:
        line = line_of(node)
        match node.type:
            case "pair":
                key = node.child_by_field_name("key")
                name = (
                    self.expression(key.named_children[0])
                    if key is not None and key.type == "computed_property_name" and key.named_children
                    else tree.Constant(line, _key(key))
                )
                return [(name, self.field(node, "value"), False)]
            case "shorthand_property_identifier":
                return [(tree.Constant(line, text_of(node)), tree.Name(line, text_of(node)), False)]
            case "method_definition":
                function = self.function(node)
                return [(tree.Constant(line, function.name), function, False)]
            case "spread_element":
                return [(None, self.expression(node.named_children[0]), True)]
        return []

    def binary(self, node: Any) -> tree.Expression:
        line = line_of(node)
        operator = text_of(node.child_by_field_name("operator"))
        if operator == "+":
            parts, left = [], node
            while left.type == "binary_expression" and text_of(left.child_by_field_name("operator")) == "+":
                parts.append(left.child_by_field_name("right"))
                left = left.child_by_field_name("left")
            return tree.Text(line, [self.expression(each) for each in [left, *reversed(parts)]])
        left, right = self.field(node, "left"), self.field(node, "right")
        if operator in ("&&", "||", "??"):
            return tree.Logic(line, "and" if operator == "&&" else "or", [left, right])
        if operator in _COMPARE:
            return tree.Compare(line, _COMPARE[operator], left, right)
        return (
            tree.Compare(line, "<", left, right)
            if operator in ("<", ">", "<=", ">=")
            else tree.Mixed(line, [left, right])
        )


def _key(node: Any) -> str:
    return string_of(node) if node is not None and node.type == "string" else text_of(node)


def string_of(node: Any) -> str:
    """What a string literal says."""
    text = text_of(node)[1:-1]
    if "\\" not in text:
        return text
    for escaped, plain in (("\\n", "\n"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\`", "`"), ("\\\\", "\\")):
        text = text.replace(escaped, plain)
    return text


def _literal(node: Any) -> str | int | float | bool | None:
    if node.type == "string":
        return string_of(node)
    if node.type == "number":
        return _number(text_of(node))
    return node.type == "true" if node.type in ("true", "false") else None


def _number(text: str) -> int | float | None:
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None
