"""Follows values through a program: statements, functions and files. Nothing of the program is run.

A function is followed anew for each kind of argument it is called with, so that what one caller has checked does not
count for another. Loops are followed twice. Both ways of a branch are followed, and joined where both go on.
"""

from __future__ import annotations

from collections.abc import Mapping

from bartizan.syntax.flow import binding, calls, entries, expressions, linking, parts, tree
from bartizan.syntax.flow.given import Given, Table
from bartizan.syntax.flow.memory import met, print_of
from bartizan.syntax.flow.outcome import outcome
from bartizan.syntax.flow.policy import Policy
from bartizan.syntax.flow.trail import Flow, Frame, Outcome, Way
from bartizan.syntax.flow.value import (
    PROVEN,
    Blueprint,
    Closure,
    Fact,
    Scope,
    Step,
    Taint,
    Value,
    joined,
)

MAX_WORK = 600_000
MAX_CALLS = 12
MAX_FLOWS = 400


class Follower:
    """Follows one program of one language."""

    def __init__(self, modules: Mapping[str, tree.Module], policy: Policy) -> None:
        self.modules: Mapping[str, tree.Module] = modules
        self.policy = policy
        self.table = Table(policy)
        self.flows: dict[tuple[str, str, int], Flow] = {}
        self.handlers: dict[tuple[str, int], str] = {}
        self.work = 0
        self.too_deep = False
        self._scopes: dict[str, Scope] = {}
        self._done: dict[tuple[object, ...], Outcome] = {}
        self._active: list[int] = []
        self._frames: list[Frame] = [Frame()]

    @property
    def frame(self) -> Frame:
        """The function being followed."""
        return self._frames[-1]

    @property
    def spent(self) -> bool:
        """Whether the limit of work is reached: what follows is left out."""
        return self.work > MAX_WORK

    def attempt(self, closure: Closure, names: dict[str, Value]) -> Outcome | None:
        """Follow a handler; one that is nested too deeply is given up, and said so."""
        frames, active = len(self._frames), len(self._active)
        try:
            return self.run(closure, names)
        except RecursionError:
            self.too_deep = True
            del self._frames[frames:]
            del self._active[active:]
            return None

    def evaluate(self, scope: Scope, node: tree.Expression) -> Value:
        """What is known of an expression's value; sinks inside are reported on the way."""
        return expressions.evaluate(self, scope, node)

    def bind(self, scope: Scope, target: tree.Expression, value: Value, line: int) -> None:
        """Give a target its value."""
        binding.bind(self, scope, target, value, line)

    def own_call(self, scope: Scope, targets: list[Closure | Blueprint], given: Given, node: tree.Call) -> Value:
        """A call of the program's own functions or classes."""
        return calls.own_call(self, scope, targets, given, node)

    def follow(self) -> list[Flow]:
        """All flows, in order of file and line."""
        for path in self.modules:
            self.module_scope(path)
        entries.follow_entries(self)
        return sorted(self.flows.values(), key=lambda flow: (flow.file, flow.line, flow.kind))

    def module_scope(self, path: str) -> Scope:
        """The names of a file, its statements followed once."""
        known = self._scopes.get(path)
        if known is not None:
            return known
        module = self.modules[path]
        scope = self._scopes[path] = Scope(module=module)
        self._frames.append(Frame(depth=self.frame.depth))
        self.block(scope, module.body)
        self._frames.pop()
        return scope

    def block(self, scope: Scope, body: list[tree.Statement]) -> bool:
        """Follow statements in order; say whether what comes after them is reached."""
        for statement in body:
            if isinstance(statement, tree.Define):
                self._define(scope, statement)
        return all(self.statement(scope, statement) for statement in body)

    def statement(self, scope: Scope, node: tree.Statement) -> bool:
        """Follow one statement; say whether what comes after it is reached."""
        self.work += 1
        if self.spent:
            return True
        match node:
            case tree.Assign():
                self._assign(scope, node)
            case tree.Do():
                expressions.evaluate(self, scope, node.value)
            case tree.Branch():
                return self._branch(scope, node)
            case tree.Leave():
                return self._leave(scope, node)
            case tree.Loop():
                self._loop(scope, node)
            case tree.Attempt():
                return self._attempt(scope, node)
            case tree.Class():
                self._class(scope, node)
            case tree.Import():
                linking.imported(self, scope, node)
            case tree.Define():
                entries.decorated(self, scope, node.function)
        return True

    def _define(self, scope: Scope, node: tree.Define) -> None:
        scope.names[node.function.name] = Value(targets=(Closure(node.function, scope),))

    def _assign(self, scope: Scope, node: tree.Assign) -> None:
        value = expressions.evaluate(self, scope, node.value)
        if node.adds:
            value = parts.added(self, scope, node.targets[0], value)
        for target in node.targets:
            self.bind(scope, target, value, node.line)

    def _branch(self, scope: Scope, node: tree.Branch) -> bool:
        test = expressions.evaluate(self, scope, node.test)
        before = dict(scope.names)
        self.apply(scope, test.yes)
        self.frame.settings += not test.taints
        goes_on = self.block(scope, node.yes)
        self.frame.settings -= not test.taints
        after_yes = scope.names
        scope.names = dict(before)
        self.apply(scope, test.no)
        other = self.block(scope, node.no)
        if goes_on and other:
            scope.names = met(after_yes, scope.names)
        elif goes_on:
            scope.names = after_yes
        return goes_on or other

    def _leave(self, scope: Scope, node: tree.Leave) -> bool:
        value = expressions.evaluate(self, scope, node.value) if node.value is not None else Value(const=None)
        if node.how in ("return", "yield"):
            after = Scope(dict(scope.names), scope.parent, scope.module)
            self.frame.returns.append(Way(value, after, self.frame.settings > 0))
        return node.how == "yield"

    def _loop(self, scope: Scope, node: tree.Loop) -> None:
        source = expressions.evaluate(self, scope, node.source) if node.source is not None else Value()
        for _ in range(2):
            before = dict(scope.names)
            if node.target is not None:
                self.bind(scope, node.target, parts.element(self, source, None), node.line)
            if node.test is not None:
                self.apply(scope, expressions.evaluate(self, scope, node.test).yes)
            self.block(scope, node.body)
            scope.names = met(before, scope.names)

    def _attempt(self, scope: Scope, node: tree.Attempt) -> bool:
        before = dict(scope.names)
        goes_on = self.block(scope, node.body)
        ends = [scope.names] if goes_on else []
        start = met(before, scope.names)
        for handler in node.handlers:
            scope.names = dict(start)
            if self.block(scope, handler):
                ends.append(scope.names)
        if not node.handlers and not goes_on:
            ends = []
        scope.names = dict(start) if not ends else ends[0]
        for each in ends[1:]:
            scope.names = met(scope.names, each)
        return self.block(scope, node.final) and bool(ends)

    def _class(self, scope: Scope, node: tree.Class) -> None:
        parents = []
        for base in node.bases:
            parents += [each for each in expressions.evaluate(self, scope, base).targets if isinstance(each, Blueprint)]
        blueprint = Blueprint(node, scope, parents=tuple(parents))
        inner = Scope(parent=scope, module=scope.module)
        for statement in node.body:
            if isinstance(statement, tree.Assign):
                target = statement.targets[0]
                if isinstance(target, tree.Name):
                    blueprint.notes[target.id] = statement
                    blueprint.fields[target.id] = expressions.evaluate(self, inner, statement.value)
                    inner.names[target.id] = blueprint.fields[target.id]
        scope.names[node.name] = Value(targets=(blueprint,))

    def apply(self, scope: Scope, facts: tuple[Fact, ...]) -> None:
        """Take what a check has shown into the scope."""
        for fact in facts:
            if fact.origins:
                for name, value in scope.visible():
                    if value.taints and value.origins & fact.origins:
                        scope.names[name] = value.cleaned(fact.kinds, fact.marks)
                for origin in fact.origins:
                    known = scope.names.get(PROVEN + origin)
                    proof = known or Value((Taint(origin, ()),))
                    scope.names[PROVEN + origin] = proof.cleaned(fact.kinds, fact.marks)
            elif fact.place:
                held = parts.at_place(self, scope, fact.place)
                if held is not None and held.taints:
                    scope.names[fact.place] = held.cleaned(fact.kinds, fact.marks)

    def run(self, closure: Closure, names: dict[str, Value]) -> Outcome:
        """Follow a function with these parameters; the answer for the same ones is remembered."""
        key = (
            id(closure.function),
            closure.scope.serial,
            tuple((name, print_of(value)) for name, value in sorted(names.items())),
        )
        known = self._done.get(key)
        if known is not None:
            return known
        if self._active.count(id(closure.function)) >= 2 or len(self._active) >= MAX_CALLS or self.spent:
            return Outcome(joined(names.values()).plain())
        scope = Scope(dict(names), closure.scope, closure.scope.module)
        self._active.append(id(closure.function))
        self._frames.append(Frame(depth=len(self._active)))
        reached = self.block(scope, closure.function.body)
        frame = self._frames.pop()
        self._active.pop()
        if reached:
            frame.returns.append(Way(Value(const=None), scope))
        result = outcome(self, frame.returns, list(names))
        if len(self._done) < 20_000:
            self._done[key] = result
        return result

    def step(self, scope: Scope, line: int) -> Step | None:
        """The place on the way that a line is."""
        if scope.module is None:
            return None
        lines = scope.module.lines
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Step(scope.module.path, line, text[:160])

    def report(self, flow: Flow) -> None:
        """Keep a flow; of several at one place the worse one."""
        key = (flow.kind, flow.file, flow.line)
        known = self.flows.get(key)
        if len(self.flows) < MAX_FLOWS and (known is None or (known.marks and not flow.marks)):
            self.flows[key] = flow
