"""Follows values through a program: statements, functions and files. Nothing of the program is run.

A function is followed anew for each kind of argument it is called with, so that what one caller has checked does not
count for another. Loops are followed twice. Both ways of a branch are followed, and joined where both go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bartizan.syntax.flow import calls, entries, expressions, tree
from bartizan.syntax.flow.modules import imported_file
from bartizan.syntax.flow.outcome import Outcome, outcome
from bartizan.syntax.flow.policy import Policy
from bartizan.syntax.flow.value import (
    PROVEN,
    UNKNOWN,
    Blueprint,
    Closure,
    Fact,
    Instance,
    ModuleRef,
    Scope,
    Step,
    Taint,
    Value,
    joined,
)

MAX_WORK = 600_000
MAX_CALLS = 12
MAX_FLOWS = 400


@dataclass(frozen=True, slots=True)
class Flow:
    """A stranger's value at a sink. `how` is `whole` when the value itself is what acts, else `part`."""

    kind: str
    file: str
    line: int
    call: str
    taint: Taint
    how: str
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a function. `optional` when a setting of the program's owner decides whether it is taken."""

    value: Value
    scope: Scope
    optional: bool = False


@dataclass(slots=True, eq=False)
class Frame:
    """One function being followed."""

    returns: list[Way] = field(default_factory=list)
    depth: int = 0
    settings: int = 0
    """How many branches deep whose test no stranger's value enters."""


class Follower:
    """Follows one program of one language."""

    def __init__(self, modules: Mapping[str, tree.Module], policy: Policy) -> None:
        self.modules = modules
        self.policy = policy
        self.table = calls.Table(policy)
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

    def attempt(self, closure: Closure, names: dict[str, Value]) -> None:
        """Follow a handler; one that is nested too deeply is given up, and said so."""
        frames, active = len(self._frames), len(self._active)
        try:
            self.run(closure, names)
        except RecursionError:
            self.too_deep = True
            del self._frames[frames:]
            del self._active[active:]

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
                self._import(scope, node)
            case tree.Define():
                entries.decorated(self, scope, node.function)
        return True

    def _define(self, scope: Scope, node: tree.Define) -> None:
        scope.names[node.function.name] = Value(targets=(Closure(node.function, scope),))

    def _assign(self, scope: Scope, node: tree.Assign) -> None:
        value = expressions.evaluate(self, scope, node.value)
        if node.adds:
            value = expressions.added(self, scope, node.targets[0], value)
        for target in node.targets:
            self.bind(scope, target, value, node.line)

    def bind(self, scope: Scope, target: tree.Expression, value: Value, line: int) -> None:
        """Give a target its value: a name, a member, an element, or a pattern of them."""
        match target:
            case tree.Name():
                step = self.step(scope, line)
                scope.names[target.id] = value.stepped(step) if value.taints and step else value
                for place in [each for each in scope.names if each.startswith((target.id + ".", target.id + "["))]:
                    del scope.names[place]
            case tree.Member():
                self._bind_member(scope, target, value)
            case tree.Index():
                holder = expressions.evaluate(self, scope, target.object)
                if isinstance(target.object, tree.Name) and value.taints:
                    scope.names[target.object.id] = expressions.with_item(holder, target.key, value)
            case tree.Items():
                for position, (key, part, spread) in enumerate(target.entries):
                    element = (
                        value if spread else expressions.element(self, value, key if key is not None else position)
                    )
                    self.bind(scope, part, element, line)
            case tree.Walrus():
                element = joined([value, expressions.evaluate(self, scope, target.value)])
                self.bind(scope, target.target, element if value.form == UNKNOWN and not value.taints else value, line)

    def _bind_member(self, scope: Scope, target: tree.Member, value: Value) -> None:
        holder = expressions.evaluate(self, scope, target.object)
        for each in holder.targets:
            if isinstance(each, Instance | Blueprint):
                fields = each.of.fields if isinstance(each, Instance) else each.fields
                fields[target.name] = joined([fields[target.name], value]) if target.name in fields else value
        place = expressions.place_of(target)
        if place:
            scope.names[place] = value
        if isinstance(target.object, tree.Name) and target.object.id in ("module", "exports"):
            self.module_exports(scope, target.name, value)

    def module_exports(self, scope: Scope, name: str, value: Value) -> None:
        """CommonJS: `module.exports = {…}` and `exports.name = …`."""
        if scope.module is None:
            return
        if name == "exports":
            for key, item in (value.items or {}).items():
                scope.names.setdefault(str(key), item)
            scope.names["default"] = value
        else:
            scope.names.setdefault(name, value)

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
            scope.names = _met(after_yes, scope.names)
        elif goes_on:
            scope.names = after_yes
        return goes_on or other

    def _leave(self, scope: Scope, node: tree.Leave) -> bool:
        value = expressions.evaluate(self, scope, node.value) if node.value is not None else Value(const=None)
        if node.how == "return":
            after = Scope(dict(scope.names), scope.parent, scope.module)
            self.frame.returns.append(Way(value, after, self.frame.settings > 0))
        return False

    def _loop(self, scope: Scope, node: tree.Loop) -> None:
        source = expressions.evaluate(self, scope, node.source) if node.source is not None else Value()
        for _ in range(2):
            before = dict(scope.names)
            if node.target is not None:
                self.bind(scope, node.target, expressions.element(self, source, None), node.line)
            if node.test is not None:
                self.apply(scope, expressions.evaluate(self, scope, node.test).yes)
            self.block(scope, node.body)
            scope.names = _met(before, scope.names)

    def _attempt(self, scope: Scope, node: tree.Attempt) -> bool:
        before = dict(scope.names)
        goes_on = self.block(scope, node.body)
        ends = [scope.names] if goes_on else []
        start = _met(before, scope.names)
        for handler in node.handlers:
            scope.names = dict(start)
            if self.block(scope, handler):
                ends.append(scope.names)
        if not node.handlers and not goes_on:
            ends = []
        scope.names = dict(start) if not ends else ends[0]
        for each in ends[1:]:
            scope.names = _met(scope.names, each)
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

    def _import(self, scope: Scope, node: tree.Import) -> None:
        module = scope.module
        if module is None:
            return
        path = imported_file(self.modules, module.path, node, module.language)
        if path:
            self._import_file(scope, node, path)
        else:
            outside = node.module.removeprefix("node:")
            name = f"{outside}.{node.name}" if node.name and node.name != "default" else outside
            scope.names[node.alias] = Value(name=name.strip("."))

    def _import_file(self, scope: Scope, node: tree.Import, path: str) -> None:
        inner = self.module_scope(path)
        exports = self.modules[path].exports
        if node.name == "*":
            if node.alias in ("", "*"):
                scope.names.update(inner.names)
            else:
                scope.names[node.alias] = Value(targets=(ModuleRef(self.modules[path]),))
        elif not node.name or path.endswith(f"/{node.name}.py") or path == f"{node.name}.py":
            scope.names[node.alias] = Value(targets=(ModuleRef(self.modules[path]),))
        else:
            scope.names[node.alias] = inner.names.get(exports.get(node.name, node.name)) or Value()

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
                held = expressions.at_place(self, scope, fact.place)
                if held is not None and held.taints:
                    scope.names[fact.place] = held.cleaned(fact.kinds, fact.marks)

    def run(self, closure: Closure, names: dict[str, Value]) -> Outcome:
        """Follow a function with these parameters; the answer for the same ones is remembered."""
        key = (
            id(closure.function),
            closure.scope.serial,
            tuple((name, _print(value)) for name, value in sorted(names.items())),
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


def _met(one: dict[str, Value], two: dict[str, Value]) -> dict[str, Value]:
    """Names after two ways have met. A place that only one way has narrowed falls back to its holder."""
    names: dict[str, Value] = {}
    for name in {**one, **two}:
        left, right = one.get(name), two.get(name)
        if left is right and left is not None:
            names[name] = left
        elif left is not None and right is not None:
            names[name] = joined([left, right])
        elif "." not in name and "[" not in name and not name.startswith(PROVEN):
            names[name] = left or right or Value()
    return names


def _identity(target: object) -> object:
    """A name for a target that no later one can have."""
    match target:
        case Closure():
            return (id(target.function), target.scope.serial)
        case Instance():
            return ("instance", target.of.serial)
        case Blueprint():
            return ("class", target.serial)
        case ModuleRef():
            return target.module.path
    return ""


def _print(value: Value, depth: int = 0) -> object:
    """What tells values apart for the memory of calls."""
    taints = tuple(sorted((each.origin, tuple(sorted(each.clean)), tuple(sorted(each.marks))) for each in value.taints))
    targets = tuple(_identity(each) for each in value.targets)
    const = value.const if isinstance(value.const, str | int | bool | None) else ""
    items: object = ()
    if value.items and depth < 2:
        items = tuple((str(key), _print(each, depth + 1)) for key, each in list(value.items.items())[:24])
    return (taints, targets, const, value.form[:200], value.name, items)
