"""JavaScript and TypeScript lowered to the small tree, from the concrete tree of tree-sitter."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bartizan.syntax.flow import tree

MAX_NODES = 300_000
MAX_DEPTH = 160

_FUNCTIONS = ("function_declaration", "generator_function_declaration", "function_expression", "arrow_function", "method_definition", "generator_function", "function")
_WRAPPINGS = ("parenthesized_expression", "await_expression", "as_expression", "satisfies_expression", "non_null_expression", "yield_expression", "type_assertion")
_COMPARE = {"==": "==", "===": "==", "!=": "!=", "!==": "!=", "in": "in", "instanceof": "instanceof"}


def read_script(path: str, text: str, registers: frozenset[str]) -> tree.Module | None:
    """The lowered module; None when it is too large, too deep, or mostly not a program. `registers` as in
    `read_python`."""
    source = text.encode("utf-8", "replace")
    parsed = _parser("tsx" if path.endswith(("x", "js", "mjs", "cjs")) else "typescript").parse(source)
    root = parsed.root_node
    if root.descendant_count > MAX_NODES or not _bounded(root):
        return None
    lowering = _Lowering(path, registers)
    try:
        module = tree.Module(path, "script", lowering.block(root), text.split("\n"))
    except RecursionError:
        return None
    module.exports = lowering.exports
    return module


@lru_cache(maxsize=2)
def _parser(dialect: str) -> Any:
    """Imported here: only servers in JavaScript cost the import."""
    import tree_sitter
    import tree_sitter_typescript

    language = tree_sitter_typescript.language_tsx() if dialect == "tsx" else tree_sitter_typescript.language_typescript()
    return tree_sitter.Parser(tree_sitter.Language(language))


def _bounded(root: Any) -> bool:
    cursor, depth = root.walk(), 0
    while True:
        if depth > MAX_DEPTH:
            return False
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return True
            depth -= 1


def _text(node: Any) -> str:
    """Source of a node; empty for the missing part of what does not parse."""
    return "" if node is None else str(node.text.decode("utf-8", "replace"))


def _line(node: Any) -> int:
    return int(node.start_point[0]) + 1


class _Lowering:
    def __init__(self, path: str, registers: frozenset[str]) -> None:
        self.path = path
        self.registers = registers
        self.exports: dict[str, str] = {}

    def block(self, node: Any) -> list[tree.Statement]:
        if node is None:
            return []
        if node.type not in ("program", "statement_block", "class_body", "switch_case", "switch_default"):
            return self.statement(node)
        return [lowered for child in node.named_children for lowered in self.statement(child)]

    def statement(self, node: Any) -> list[tree.Statement]:
        line = _line(node)
        match node.type:
            case "lexical_declaration" | "variable_declaration":
                return self.declarations(node)
            case "expression_statement":
                return [self.effect(node.named_children[0])] if node.named_children else []
            case "function_declaration" | "generator_function_declaration":
                return [tree.Define(line, self.function(node))]
            case "class_declaration" | "abstract_class_declaration":
                return [self.class_(node)]
            case "return_statement":
                return [tree.Leave(line, "return", self.first(node))]
            case "throw_statement":
                return [tree.Leave(line, "raise", self.first(node))]
            case "break_statement" | "continue_statement":
                return [tree.Leave(line, "jump")]
            case "if_statement":
                no = node.child_by_field_name("alternative")
                otherwise = self.block(no.named_children[0]) if no is not None and no.named_children else []
                return [tree.Branch(line, self.field(node, "condition"), self.block(node.child_by_field_name("consequence")), otherwise)]
            case "export_statement":
                return self.export(node)
            case "import_statement":
                return self.imports(node)
        return self.compound(node)

    def compound(self, node: Any) -> list[tree.Statement]:
        line = _line(node)
        match node.type:
            case "for_in_statement":
                target = self.pattern(node.child_by_field_name("left"))
                return [tree.Loop(line, target, self.field(node, "right"), None, self.block(node.child_by_field_name("body")))]
            case "for_statement":
                start = node.child_by_field_name("initializer")
                before = self.statement(start) if start is not None else []
                return [*before, tree.Loop(line, None, None, self.optional(node.child_by_field_name("condition")), self.block(node.child_by_field_name("body")))]
            case "while_statement" | "do_statement":
                return [tree.Loop(line, None, None, self.field(node, "condition"), self.block(node.child_by_field_name("body")))]
            case "try_statement":
                handler = node.child_by_field_name("handler")
                final = node.child_by_field_name("finalizer")
                handlers = [self.block(handler.child_by_field_name("body"))] if handler is not None else []
                body = self.block(node.child_by_field_name("body"))
                return [tree.Attempt(line, body, handlers, self.block(final.child_by_field_name("body")) if final is not None else [])]
            case "switch_statement":
                return self.switch(node)
            case "labeled_statement" | "statement_block" | "else_clause":
                return [lowered for child in node.named_children for lowered in self.statement(child)]
        return []

    def effect(self, node: Any) -> tree.Statement:
        line = _line(node)
        if node.type == "assignment_expression":
            return tree.Assign(line, [self.pattern(node.child_by_field_name("left"))], self.field(node, "right"))
        if node.type == "augmented_assignment_expression":
            return tree.Assign(line, [self.pattern(node.child_by_field_name("left"))], self.field(node, "right"), adds=True)
        return tree.Do(line, self.expression(node))

    def declarations(self, node: Any) -> list[tree.Statement]:
        found: list[tree.Statement] = []
        for each in node.named_children:
            if each.type == "variable_declarator":
                value = each.child_by_field_name("value")
                lowered = self.expression(value) if value is not None else tree.Constant(_line(each), None)
                if isinstance(lowered, tree.Function) and lowered.name == "lambda":
                    lowered.name = _text(each.child_by_field_name("name"))
                    found.append(tree.Define(_line(each), lowered))
                    continue
                found.append(tree.Assign(_line(each), [self.pattern(each.child_by_field_name("name"))], lowered))
        return found

    def switch(self, node: Any) -> list[tree.Statement]:
        """Cases as a chain of branches; a case without a way out falls into the next."""
        subject = self.field(node, "value")
        body = node.child_by_field_name("body")
        chain: list[tree.Statement] = []
        following: list[tree.Statement] = []
        for case in reversed(body.named_children if body is not None else []):
            value = case.child_by_field_name("value")
            statements = [lowered for child in case.named_children if value is None or child.id != value.id for lowered in self.statement(child)]
            whole = _without_break(statements) if statements else following
            following = whole
            if case.type == "switch_default":
                chain = whole
            elif case.type == "switch_case":
                test = tree.Compare(_line(case), "==", subject, self.expression(value))
                chain = [tree.Branch(_line(case), test, whole, chain)]
        return chain

    def export(self, node: Any) -> list[tree.Statement]:
        declaration = node.child_by_field_name("declaration")
        source = node.child_by_field_name("source")
        if declaration is not None:
            found = self.statement(declaration)
            if any(child.type == "default" for child in node.children):
                for each in found:
                    if isinstance(each, tree.Define):
                        self.exports["default"] = each.function.name
                    elif isinstance(each, tree.Class):
                        self.exports["default"] = each.name
            return found
        value = node.child_by_field_name("value")
        if value is not None:
            return [tree.Assign(_line(node), [tree.Name(_line(node), "default")], self.expression(value))]
        found = []
        for clause in node.named_children:
            for each in clause.named_children if clause.type == "export_clause" else ():
                name, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
                self.exports[_text(alias or name)] = _text(name)
                if source is not None:
                    found.append(tree.Import(_line(node), _string(source), _text(name), _text(name)))
        if source is not None and not found:
            found.append(tree.Import(_line(node), _string(source), "*", "*"))
        return list(found)

    def imports(self, node: Any) -> list[tree.Statement]:
        source = node.child_by_field_name("source")
        if source is None:
            return []
        module, line = _string(source), _line(node)
        found: list[tree.Statement] = []
        for clause in [child for child in node.named_children if child.type == "import_clause"]:
            for each in clause.named_children:
                if each.type == "identifier":
                    found.append(tree.Import(line, module, "default", _text(each)))
                elif each.type == "namespace_import":
                    found.append(tree.Import(line, module, "", _text(each.named_children[0])))
                elif each.type == "named_imports":
                    for part in each.named_children:
                        name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
                        if name is not None:
                            found.append(tree.Import(line, module, _text(name), _text(alias or name)))
        return found

    def class_(self, node: Any) -> tree.Class:
        name = node.child_by_field_name("name")
        bases = [self.expression(value) for child in node.named_children if child.type == "class_heritage" for value in _heritage(child)]
        body: list[tree.Statement] = []
        inside = node.child_by_field_name("body")
        for each in inside.named_children if inside is not None else ():
            if each.type == "method_definition":
                body.append(tree.Define(_line(each), self.function(each)))
            elif each.type in ("public_field_definition", "field_definition"):
                field, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                lowered = self.expression(value) if value is not None else tree.Constant(_line(each), None)
                if isinstance(lowered, tree.Function):
                    lowered.name = _text(field)
                    body.append(tree.Define(_line(each), lowered))
                else:
                    body.append(tree.Assign(_line(each), [tree.Name(_line(each), _text(field))], lowered))
        return tree.Class(_line(node), _text(name) if name is not None else "class", bases, body, self.path)

    def function(self, node: Any) -> tree.Function:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            statements = self.block(body)
        else:
            statements = [tree.Leave(_line(node), "return", self.optional(body))]
        single = node.child_by_field_name("parameter")
        listed = node.child_by_field_name("parameters")
        parameters = [self.parameter(single)] if single is not None else [
            self.parameter(each) for each in (listed.named_children if listed is not None else ()) if each.type != "comment"
        ]
        inside = body is not None and any(f".{word}(" in _text(body) or f".{word}<" in _text(body) for word in self.registers)
        called = _text(name) if name is not None and node.type != "function_expression" else "lambda"
        getter = node.type == "method_definition" and any(child.type == "get" for child in node.children)
        if called == "constructor" and listed is not None:
            statements = [*self.parameter_fields(listed), *statements]
        return tree.Function(_line(node), called, parameters, statements, self.path, [], inside, getter)

    def parameter_fields(self, listed: Any) -> list[tree.Statement]:
        """`constructor(private readonly name: …)` keeps its parameter as a field."""
        found: list[tree.Statement] = []
        for each in listed.named_children:
            inner = each.child_by_field_name("pattern")
            if inner is not None and any(child.type in ("accessibility_modifier", "readonly") for child in each.children):
                name = _text(inner)
                field = tree.Member(_line(each), tree.Name(_line(each), "this"), name)
                found.append(tree.Assign(_line(each), [field], tree.Name(_line(each), name)))
        return found

    def parameter(self, node: Any) -> tree.Parameter:
        value = node.child_by_field_name("value")
        inner = node.child_by_field_name("pattern") if node.type in ("required_parameter", "optional_parameter") else node
        if node.type == "assignment_pattern":
            inner, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        if inner is None:
            inner = node
        rest = inner.type == "rest_pattern"
        if rest and inner.named_children:
            inner = inner.named_children[0]
        default = self.optional(value)
        if inner.type == "identifier":
            return tree.Parameter(_text(inner), None, default, rest=rest)
        return tree.Parameter("", None, default, self.pattern(inner), rest)

    def pattern(self, node: Any) -> tree.Expression:
        """The left side of an assignment."""
        if node is None:
            return tree.Name(1, "_")
        line = _line(node)
        match node.type:
            case "identifier" | "shorthand_property_identifier_pattern":
                return tree.Name(line, _text(node))
            case "object_pattern":
                entries: list[tuple[tree.Expression | None, tree.Expression, bool]] = []
                for each in node.named_children:
                    entries.append(self.property_pattern(each))
                return tree.Items(line, "dict", entries)
            case "array_pattern":
                return tree.Items(line, "list", [(None, self.pattern(each), each.type == "rest_pattern") for each in node.named_children])
            case "rest_pattern":
                return self.pattern(node.named_children[0]) if node.named_children else tree.Name(line, "_")
            case "assignment_pattern" | "object_assignment_pattern":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                return tree.Walrus(line, self.pattern(left), self.expression(right))
        return self.expression(node)

    def property_pattern(self, node: Any) -> tuple[tree.Expression | None, tree.Expression, bool]:
        line = _line(node)
        match node.type:
            case "pair_pattern":
                key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                return tree.Constant(line, _key(key)), self.pattern(value), False
            case "rest_pattern":
                return None, self.pattern(node), True
            case "object_assignment_pattern":
                left = node.child_by_field_name("left")
                return tree.Constant(line, _text(left)), self.pattern(node), False
        return tree.Constant(line, _text(node)), self.pattern(node), False

    def first(self, node: Any) -> tree.Expression | None:
        return self.expression(node.named_children[0]) if node.named_children else None

    def optional(self, node: Any) -> tree.Expression | None:
        return None if node is None else self.expression(node)

    def field(self, node: Any, name: str) -> tree.Expression:
        child = node.child_by_field_name(name)
        return self.expression(child) if child is not None else tree.Constant(_line(node), None)

    def expression(self, node: Any) -> tree.Expression:
        if node is None:
            return tree.Constant(1, None)
        line = _line(node)
        match node.type:
            case "identifier" | "this" | "super" | "shorthand_property_identifier" | "property_identifier":
                return tree.Name(line, _text(node))
            case "string":
                return tree.Constant(line, _string(node))
            case "number":
                return tree.Constant(line, _number(_text(node)))
            case "true" | "false":
                return tree.Constant(line, node.type == "true")
            case "null" | "undefined":
                return tree.Constant(line, None)
            case "template_string":
                return tree.Text(line, [self.template(child) for child in node.named_children])
            case "member_expression":
                return tree.Member(line, self.field(node, "object"), _text(node.child_by_field_name("property")))
            case "subscript_expression":
                return tree.Index(line, self.field(node, "object"), self.field(node, "index"))
            case "call_expression" | "new_expression":
                return self.call(node)
            case "regex":
                pattern = node.child_by_field_name("pattern")
                return tree.Pattern(line, _text(pattern) if pattern is not None else "")
        if node.type in _WRAPPINGS:
            return self.first(node) or tree.Constant(line, None)
        if node.type in _FUNCTIONS:
            return self.function(node)
        return self.composed(node)

    def template(self, node: Any) -> tree.Expression:
        if node.type == "template_substitution":
            return self.first(node) or tree.Constant(_line(node), "")
        return tree.Constant(_line(node), _text(node))

    def call(self, node: Any) -> tree.Expression:
        line = _line(node)
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        if function is None:
            return tree.Mixed(line, [])
        target: tree.Expression = tree.Name(line, "import") if function.type == "import" else self.expression(function)
        if given is not None and given.type == "template_string":
            parts = [self.template(child) for child in given.named_children if child.type == "template_substitution"]
            return tree.Call(line, target, [tree.Argument(tree.Mixed(line, []))] + [tree.Argument(part) for part in parts])
        arguments = []
        for each in given.named_children if given is not None else ():
            if each.type == "spread_element":
                arguments.append(tree.Argument(self.expression(each.named_children[0]), spread=True))
            elif each.type != "comment":
                arguments.append(tree.Argument(self.expression(each)))
        return tree.Call(line, target, arguments, new=node.type == "new_expression")

    def composed(self, node: Any) -> tree.Expression:
        line = _line(node)
        match node.type:
            case "binary_expression":
                return self.binary(node)
            case "unary_expression":
                value = self.field(node, "argument")
                operator = node.child_by_field_name("operator")
                word = _text(operator) if operator is not None else ""
                if word == "!":
                    return tree.Logic(line, "not", [value])
                if word == "typeof":
                    return tree.Call(line, tree.Name(line, "typeof"), [tree.Argument(value)])
                return tree.Call(line, tree.Name(line, "Number"), [tree.Argument(value)]) if word in "+-" else tree.Mixed(line, [value])
            case "ternary_expression":
                return tree.Choice(line, self.field(node, "condition"), self.field(node, "consequence"), self.field(node, "alternative"))
            case "object":
                return tree.Items(line, "dict", [entry for child in node.named_children for entry in self.entry(child)])
            case "array":
                return tree.Items(line, "list", [
                    (None, self.expression(child.named_children[0] if child.type == "spread_element" else child), child.type == "spread_element")
                    for child in node.named_children if child.type != "comment"
                ])
            case "assignment_expression":
                return tree.Walrus(line, self.pattern(node.child_by_field_name("left")), self.field(node, "right"))
            case "class":
                return tree.Mixed(line, [])
        return tree.Mixed(line, [self.expression(child) for child in node.named_children if child.type != "comment"])

    def entry(self, node: Any) -> list[tuple[tree.Expression | None, tree.Expression, bool]]:
        line = _line(node)
        match node.type:
            case "pair":
                key = node.child_by_field_name("key")
                name = self.expression(key.named_children[0]) if key is not None and key.type == "computed_property_name" and key.named_children else tree.Constant(line, _key(key))
                return [(name, self.field(node, "value"), False)]
            case "shorthand_property_identifier":
                return [(tree.Constant(line, _text(node)), tree.Name(line, _text(node)), False)]
            case "method_definition":
                function = self.function(node)
                return [(tree.Constant(line, function.name), function, False)]
            case "spread_element":
                return [(None, self.expression(node.named_children[0]), True)]
        return []

    def binary(self, node: Any) -> tree.Expression:
        line = _line(node)
        operator = _text(node.child_by_field_name("operator"))
        if operator == "+":
            parts, left = [], node
            while left.type == "binary_expression" and _text(left.child_by_field_name("operator")) == "+":
                parts.append(left.child_by_field_name("right"))
                left = left.child_by_field_name("left")
            return tree.Text(line, [self.expression(each) for each in [left, *reversed(parts)]])
        left, right = self.field(node, "left"), self.field(node, "right")
        if operator in ("&&", "||", "??"):
            return tree.Logic(line, "and" if operator == "&&" else "or", [left, right])
        if operator in _COMPARE:
            return tree.Compare(line, _COMPARE[operator], left, right)
        return tree.Compare(line, "<", left, right) if operator in ("<", ">", "<=", ">=") else tree.Mixed(line, [left, right])


def _heritage(node: Any) -> list[Any]:
    found = []
    for child in node.named_children:
        if child.type == "extends_clause":
            value = child.child_by_field_name("value")
            found += [value] if value is not None else []
        elif child.type not in ("implements_clause",):
            found.append(child)
    return found


def _without_break(statements: list[tree.Statement]) -> list[tree.Statement]:
    """A `break` at the end of a case ends the case, not the function."""
    if statements and isinstance(statements[-1], tree.Leave) and statements[-1].how == "jump":
        return statements[:-1]
    return statements


def _key(node: Any) -> str:
    return _string(node) if node is not None and node.type == "string" else _text(node)


def _string(node: Any) -> str:
    text = _text(node)[1:-1]
    if "\\" not in text:
        return text
    for escaped, plain in (("\\n", "\n"), ("\\t", "\t"), ("\\'", "'"), ('\\"', '"'), ("\\`", "`"), ("\\\\", "\\")):
        text = text.replace(escaped, plain)
    return text


def _number(text: str) -> int | float | None:
    try:
        return int(text, 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None
