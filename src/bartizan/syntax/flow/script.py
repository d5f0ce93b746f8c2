"""JavaScript and TypeScript lowered to the small tree, from the concrete tree of tree-sitter."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.scriptexpression import Expressions, line_of, string_of, text_of

MAX_NODES = 300_000
MAX_DEPTH = 160


def read_script(path: str, text: str, registers: frozenset[str]) -> tree.Module | None:
    """The lowered module; None when it is too large, too deep, or mostly not a program. `registers` as in
    `read_python`.
    """
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

    language = (
        tree_sitter_typescript.language_tsx() if dialect == "tsx" else tree_sitter_typescript.language_typescript()
    )
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


class _Lowering(Expressions):
    """Lowers what is done."""

    def block(self, node: Any) -> list[tree.Statement]:
        if node is None:
            return []
        if node.type not in ("program", "statement_block", "class_body", "switch_case", "switch_default"):
            return self.statement(node)
        return [lowered for child in node.named_children for lowered in self.statement(child)]

    def statement(self, node: Any) -> list[tree.Statement]:
        line = line_of(node)
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
                return [
                    tree.Branch(
                        line,
                        self.field(node, "condition"),
                        self.block(node.child_by_field_name("consequence")),
                        otherwise,
                    )
                ]
            case "export_statement":
                return self.export(node)
            case "import_statement":
                return self.imports(node)
        return self.compound(node)

    def compound(self, node: Any) -> list[tree.Statement]:
        line = line_of(node)
        match node.type:
            case "for_in_statement":
                target = self.pattern(node.child_by_field_name("left"))
                return [
                    tree.Loop(
                        line, target, self.field(node, "right"), None, self.block(node.child_by_field_name("body"))
                    )
                ]
            case "for_statement":
                start = node.child_by_field_name("initializer")
                before = self.statement(start) if start is not None else []
                return [
                    *before,
                    tree.Loop(
                        line,
                        None,
                        None,
                        self.optional(node.child_by_field_name("condition")),
                        self.block(node.child_by_field_name("body")),
                    ),
                ]
            case "while_statement" | "do_statement":
                return [
                    tree.Loop(
                        line, None, None, self.field(node, "condition"), self.block(node.child_by_field_name("body"))
                    )
                ]
            case "try_statement":
                handler = node.child_by_field_name("handler")
                final = node.child_by_field_name("finalizer")
                handlers = [self.block(handler.child_by_field_name("body"))] if handler is not None else []
                body = self.block(node.child_by_field_name("body"))
                return [
                    tree.Attempt(
                        line, body, handlers, self.block(final.child_by_field_name("body")) if final is not None else []
                    )
                ]
            case "switch_statement":
                return self.switch(node)
            case "labeled_statement" | "statement_block" | "else_clause":
                return [lowered for child in node.named_children for lowered in self.statement(child)]
        return []

    def effect(self, node: Any) -> tree.Statement:
        line = line_of(node)
        if node.type == "assignment_expression":
            return tree.Assign(line, [self.pattern(node.child_by_field_name("left"))], self.field(node, "right"))
        if node.type == "augmented_assignment_expression":
            return tree.Assign(
                line, [self.pattern(node.child_by_field_name("left"))], self.field(node, "right"), adds=True
            )
        if node.type == "yield_expression":
            return tree.Leave(line, "yield", self.first(node))
        return tree.Do(line, self.expression(node))

    def declarations(self, node: Any) -> list[tree.Statement]:
        found: list[tree.Statement] = []
        for each in node.named_children:
            if each.type == "variable_declarator":
                value = each.child_by_field_name("value")
                lowered = self.expression(value) if value is not None else tree.Constant(line_of(each), None)
                if isinstance(lowered, tree.Function) and lowered.name == "lambda":
                    lowered.name = text_of(each.child_by_field_name("name"))
                    found.append(tree.Define(line_of(each), lowered))
                    continue
                found.append(tree.Assign(line_of(each), [self.pattern(each.child_by_field_name("name"))], lowered))
        return found

    def switch(self, node: Any) -> list[tree.Statement]:
        """Cases as a chain of branches; a case without a way out falls into the next."""
        subject = self.field(node, "value")
        body = node.child_by_field_name("body")
        chain: list[tree.Statement] = []
        following: list[tree.Statement] = []
        for case in reversed(body.named_children if body is not None else []):
            value = case.child_by_field_name("value")
            statements = [
                lowered
                for child in case.named_children
                if value is None or child.id != value.id
                for lowered in self.statement(child)
            ]
            whole = _without_break(statements) if statements else following
            following = whole
            if case.type == "switch_default":
                chain = whole
            elif case.type == "switch_case":
                test = tree.Compare(line_of(case), "==", subject, self.expression(value))
                chain = [tree.Branch(line_of(case), test, whole, chain)]
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
            return [tree.Assign(line_of(node), [tree.Name(line_of(node), "default")], self.expression(value))]
        found = []
        for clause in node.named_children:
            for each in clause.named_children if clause.type == "export_clause" else ():
                name, alias = each.child_by_field_name("name"), each.child_by_field_name("alias")
                self.exports[text_of(alias or name)] = text_of(name)
                if source is not None:
                    found.append(tree.Import(line_of(node), string_of(source), text_of(name), text_of(name)))
        if source is not None and not found:
            found.append(tree.Import(line_of(node), string_of(source), "*", "*"))
        return list(found)

    def imports(self, node: Any) -> list[tree.Statement]:
        source = node.child_by_field_name("source")
        if source is None:
            return []
        module, line = string_of(source), line_of(node)
        found: list[tree.Statement] = []
        for clause in [child for child in node.named_children if child.type == "import_clause"]:
            for each in clause.named_children:
                if each.type == "identifier":
                    found.append(tree.Import(line, module, "default", text_of(each)))
                elif each.type == "namespace_import":
                    found.append(tree.Import(line, module, "", text_of(each.named_children[0])))
                elif each.type == "named_imports":
                    for part in each.named_children:
                        name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
                        if name is not None:
                            found.append(tree.Import(line, module, text_of(name), text_of(alias or name)))
        return found

    def class_(self, node: Any) -> tree.Class:
        name = node.child_by_field_name("name")
        bases = [
            self.expression(value)
            for child in node.named_children
            if child.type == "class_heritage"
            for value in _heritage(child)
        ]
        body: list[tree.Statement] = []
        inside = node.child_by_field_name("body")
        decorators: list[tree.Expression] = []
        for each in inside.named_children if inside is not None else ():
            if each.type == "decorator":
                decorators.append(self.first(each) or tree.Constant(line_of(each), None))
                continue
            if each.type == "method_definition":
                method = self.function(each)
                method.decorators, decorators = decorators, []
                body.append(tree.Define(line_of(each), method))
            elif each.type in ("public_field_definition", "field_definition"):
                field, value = each.child_by_field_name("name"), each.child_by_field_name("value")
                lowered = self.expression(value) if value is not None else tree.Constant(line_of(each), None)
                if isinstance(lowered, tree.Function):
                    lowered.name = text_of(field)
                    body.append(tree.Define(line_of(each), lowered))
                else:
                    target: tree.Expression = tree.Name(line_of(each), text_of(field))
                    note = self.annotation(each)
                    body.append(tree.Assign(line_of(each), [target], lowered, annotation=note))
            if each.type != "comment":
                decorators = []
        return tree.Class(line_of(node), text_of(name) if name is not None else "class", bases, body, self.path)


def _heritage(node: Any) -> list[Any]:
    found = []
    for child in node.named_children:
        if child.type == "extends_clause":
            value = child.child_by_field_name("value")
            found += [value] if value is not None else []
        elif child.type != "implements_clause":
            found.append(child)
    return found


def _without_break(statements: list[tree.Statement]) -> list[tree.Statement]:
    """A `break` at the end of a case ends the case, not the function."""
    if statements and isinstance(statements[-1], tree.Leave) and statements[-1].how == "jump":
        return statements[:-1]
    return statements
