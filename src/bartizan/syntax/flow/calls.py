"""Calls: of the program's own functions, which are followed, and of the world's, of which the policy knows some."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bartizan.syntax.flow import checks, entries, expressions, schemas, sinks, tree
from bartizan.syntax.flow.modules import imported_file
from bartizan.syntax.flow.policy import Cleaner, Policy, Sink
from bartizan.syntax.flow.value import (
    MISSING,
    PROVEN,
    STRANGE,
    UNKNOWN,
    Blueprint,
    Closure,
    Fact,
    Instance,
    ModuleRef,
    Scope,
    Value,
    common,
    joined,
    text_of,
)
from bartizan.syntax.pattern import compiled

if TYPE_CHECKING:
    from bartizan.syntax.flow.follower import Follower, Way

_KEEPING = ("strip", "trim", "lower", "upper", "toLowerCase", "toUpperCase", "toString", "encode", "decode", "rstrip", "lstrip", "trimEnd")
_HOLES = re.compile(r"\{[^{}]*\}|%\(\w+\)s|%[sdr]")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function gives back, and what has been shown of its parameters: in any case, and by its answer."""

    value: Value
    after: tuple[Fact, ...] = ()
    yes: tuple[Fact, ...] = ()
    no: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of one call: `keyed` by name, in order, and all of them with their expressions."""

    ordered: list[Value]
    keyed: dict[str, Value]
    pairs: list[tuple[tree.Expression, Value]]

    def at(self, which: int | str) -> Value | None:
        """The argument at a position or of a name."""
        if isinstance(which, int):
            return self.ordered[which] if which < len(self.ordered) else None
        return self.keyed.get(which)


class Table:
    """The policy, by the last part of the names of calls."""

    def __init__(self, policy: Policy) -> None:
        self.sinks: dict[str, list[tuple[str, Sink]]] = {}
        self.cleaners: dict[str, list[tuple[str, Cleaner]]] = {}
        for sink in policy.sinks:
            for name in sink.calls:
                self.sinks.setdefault(last(name), []).append((name, sink))
        for cleaner in policy.cleaners:
            for name in cleaner.calls:
                self.cleaners.setdefault(last(name), []).append((name, cleaner))
        self.carriers = frozenset(policy.carriers)
        self.wrappers = frozenset(policy.wrappers)


def last(name: str) -> str:
    """The part after the last dot."""
    return name.rpartition(".")[2]


def fitting(name: str, full: str) -> bool:
    """Whether a name of the policy means this call: the same, or `*.method` for a method of anything."""
    return name == full or (name.startswith("*.") and "." in full and full.endswith(name[1:]))


def call(follower: Follower, scope: Scope, node: tree.Call) -> Value:
    """The value of a call."""
    function = node.function
    holder = expressions.evaluate(follower, scope, function.object) if isinstance(function, tree.Member) else Value()
    if isinstance(function, tree.Member) and function.name in ("%", "/"):
        return _operator(follower, scope, function.name, holder, node)
    callee = expressions.evaluate(follower, scope, function)
    name = callee.name or written(scope, function)
    if name in ("require", "import"):
        return _required(follower, scope, node)
    given = _given(follower, scope, node)
    if entries.registered(follower, scope, name, given, holder):
        return Value()
    sinks.check(follower, scope, node, name, holder, given)
    if follower.policy.statement_checks and compiled(follower.policy.statement_checks).search(last(name)):
        origins = frozenset(origin for _, value in given.pairs for origin in value.origins)
        follower.apply(scope, (Fact(marks=frozenset({"readonly"}), origins=origins),))
    own = [each for each in callee.targets if isinstance(each, Closure | Blueprint)]
    if own:
        return _own(follower, scope, own, given, node)
    return _world(follower, scope, node, name, holder, given)


def written(scope: Scope, function: tree.Expression) -> str:
    """A callee as written, for what has no name from outside."""
    match function:
        case tree.Name():
            return function.id
        case tree.Member():
            inner = written(scope, function.object)
            return f"{inner}.{function.name}"
        case tree.Call():
            return written(scope, function.function) + "()"
        case tree.Index():
            return written(scope, function.object) + "[]"
    return "?"


def _given(follower: Follower, scope: Scope, node: tree.Call) -> Given:
    ordered: list[Value] = []
    keyed: dict[str, Value] = {}
    pairs: list[tuple[tree.Expression, Value]] = []
    for argument in node.arguments[:60]:
        value = expressions.evaluate(follower, scope, argument.value)
        pairs.append((argument.value, value))
        if argument.name:
            keyed[argument.name] = value
        elif argument.spread and value.items is not None:
            if value.listed:
                ordered += value.items.values()
            else:
                keyed.update({str(key): each for key, each in value.items.items()})
        elif argument.spread:
            keyed["*"] = value
        else:
            ordered.append(value)
    return Given(ordered, keyed, pairs)


def _operator(follower: Follower, scope: Scope, name: str, holder: Value, node: tree.Call) -> Value:
    """`text % values` and `path / part`."""
    value = expressions.evaluate(follower, scope, node.arguments[0].value)
    if name == "/":
        whole = text_of([holder, Value(form="/"), value])
        return replace(whole, name="path", const=MISSING)
    return _filled(holder, [value])


def _filled(form: Value, values: Iterable[Value]) -> Value:
    """A text with holes after they are filled."""
    found = list(values)
    whole = text_of([form, *found])
    shape = _HOLES.sub(lambda _: STRANGE if any(each.taints for each in found) else "\1", form.form)
    return replace(whole, form=shape, const=MISSING)


def _required(follower: Follower, scope: Scope, node: tree.Call) -> Value:
    """`require("x")` and `import("x")`."""
    first = expressions.evaluate(follower, scope, node.arguments[0].value) if node.arguments else Value()
    if scope.module is None or not isinstance(first.const, str):
        return first.plain()
    statement = tree.Import(node.line, first.const, "", "")
    path = imported_file(follower.modules, scope.module.path, statement, scope.module.language)
    if path:
        inner = follower.module_scope(path)
        whole = inner.names.get("default")
        reference = Value(targets=(ModuleRef(follower.modules[path]),))
        return reference if whole is None or whole.items is not None else joined([whole, reference])
    return Value(name=first.const.removeprefix("node:"))


def _own(follower: Follower, scope: Scope, targets: list[Closure | Blueprint], given: Given, node: tree.Call) -> Value:
    found: list[Value] = []
    for target in targets[:24]:
        if isinstance(target, Blueprint):
            found.append(_instance(follower, target, given))
            continue
        outcome = follower.run(target, bound(follower, target, given))
        places = _places(target, node)
        inner = frozenset(each.name for each in target.function.parameters)
        if target.scope is not scope:  # what another scope calls by the same name is another thing
            inner |= frozenset(name for name, _ in scope.visible())
        follower.apply(scope, _carried(outcome.after, places, inner))
        value = outcome.value.stepped(step) if (step := follower.step(scope, node.line)) else outcome.value
        yes, no = _carried(outcome.yes, places, inner), _carried(outcome.no, places, inner)
        if not yes and not no:
            no = checks.denied(follower, target.function.name, given.pairs)
        found.append(replace(value, yes=yes, no=no))
    return found[0] if len(found) == 1 else joined(found)


def _instance(follower: Follower, blueprint: Blueprint, given: Given) -> Value:
    """A new object; what it was made of stays with it, field by field for annotated records."""
    method = blueprint.method("__init__") or blueprint.method("constructor")
    itself = Value(targets=(Instance(blueprint),))
    if method is not None:
        follower.run(Closure(*method, itself), bound(follower, Closure(*method, itself), given))
        return itself
    strange = joined([each.plain() for each in (*given.ordered, *given.keyed.values())] or [Value()])
    return Value(strange.taints, strange.form, targets=(Instance(blueprint),))


def bound(follower: Follower, closure: Closure, given: Given) -> dict[str, Value]:
    """Parameters by name."""
    names: dict[str, Value] = {}
    waiting = list(given.ordered)
    parameters = closure.function.parameters
    if closure.owner is not None:
        if parameters and parameters[0].name in ("self", "cls"):
            names[parameters[0].name] = closure.owner
            parameters = parameters[1:]
        names.setdefault("this", closure.owner)
    elif parameters and parameters[0].name in ("self", "cls") and len(waiting) < len(parameters):
        parameters = parameters[1:]
    rest = given.keyed.get("*")
    for parameter in parameters:
        if parameter.rest:
            extra = [*waiting, *(value for key, value in given.keyed.items() if key not in names)]
            items = {**dict(enumerate(waiting)), **{k: v for k, v in given.keyed.items() if k not in names and k != "*"}}
            names[parameter.name] = replace(joined([each.plain() for each in extra] or [Value()]), items=items or None)
            waiting = []
            continue
        value = given.keyed.get(parameter.name)
        if value is None and waiting:
            value = waiting.pop(0)
        if value is None and rest is not None:
            value = expressions.element(follower, rest, parameter.name)
        if value is None and parameter.default is not None:
            value = expressions.evaluate(follower, closure.scope, parameter.default)
        _bind_parameter(follower, closure, names, parameter, value or Value())
    return names


def _bind_parameter(follower: Follower, closure: Closure, names: dict[str, Value], parameter: tree.Parameter, value: Value) -> None:
    step = follower.step(closure.scope, closure.function.line)
    if parameter.pattern is not None:
        inner = Scope(names, closure.scope, closure.scope.module)
        follower.bind(inner, parameter.pattern, value, closure.function.line)
        names.update(inner.names)
        return
    stepped = value.stepped(step) if step and value.taints else value
    names[parameter.name] = replace(stepped, birth=parameter.name)


def _places(closure: Closure, node: tree.Call) -> dict[str, str]:
    """Where the caller keeps what each parameter got."""
    parameters = [each for each in closure.function.parameters if each.name not in ("self", "cls")]
    places: dict[str, str] = {}
    for parameter, argument in zip(parameters, [each for each in node.arguments if not each.name], strict=False):
        places[parameter.name] = expressions.place_of(argument.value)
    for argument in node.arguments:
        if argument.name:
            places[argument.name] = expressions.place_of(argument.value)
    return {name: place for name, place in places.items() if place}


def _carried(facts: tuple[Fact, ...], places: dict[str, str], own: frozenset[str]) -> tuple[Fact, ...]:
    """Facts about parameters as facts about what the caller gave."""
    found = []
    for fact in facts:
        if fact.origins:
            found.append(fact)
            continue
        root = re.split(r"[.\[]", fact.place, maxsplit=1)[0]
        if root in places:
            found.append(replace(fact, place=places[root] + fact.place[len(root) :]))
        elif root not in own:
            found.append(fact)
    return tuple(found)


def outcome(follower: Follower, returns: list[Way], parameters: list[str]) -> Outcome:
    """Join the ways out of a function. Where the others give a checked value, one that only a setting opens (an
    unrestricted mode) does not count: its owner chose it."""
    if not returns:
        return Outcome(Value())
    firm = [way for way in returns if not way.optional]
    if any(taint.clean for way in firm for taint in way.value.taints):
        returns = firm
    value = joined([way.value for way in returns])
    always, true, false = [], [], []
    for way in returns:
        each, scope = way.value, way.scope
        always.append(_shown(scope, parameters))
        if each.const is MISSING or each.const:
            true.append(_shown(_after(follower, scope, each.yes), parameters))
        if each.const is MISSING or not each.const:
            false.append(_shown(_after(follower, scope, each.no), parameters))
    return Outcome(replace(value, yes=(), no=(), birth=""), _everywhere(always), _everywhere(true), _everywhere(false))


def _after(follower: Follower, scope: Scope, facts: tuple[Fact, ...]) -> Scope:
    if not facts:
        return scope
    copy = Scope(dict(scope.names), scope.parent, scope.module)
    follower.apply(copy, facts)
    return copy


def _shown(scope: Scope, parameters: list[str]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Kinds and marks that one way out has shown of parameters, of what the function only sees, and of origins."""
    shown = {}
    for name, value in scope.names.items():
        root = re.split(r"[.\[]", name, maxsplit=1)[0]
        seen = name.startswith(PROVEN) or (root not in parameters and scope.parent is not None and scope.parent.find(root) is not None)
        if value.taints and (seen or (root in parameters and (value.birth == name or root != name))):
            kinds = value.taints[0].clean
            for taint in value.taints[1:]:
                kinds = common(kinds, taint.clean)
            marks = value.marks & {"nodots", "noabs", "noslash", "prefixed", "readonly"}
            if kinds or marks:
                shown[name] = (kinds, marks)
    return shown


def _everywhere(ways: list[dict[str, tuple[frozenset[str], frozenset[str]]]]) -> tuple[Fact, ...]:
    """What every way out has shown, as facts."""
    facts = []
    for name in ways[0] if ways else ():
        if all(name in way for way in ways):
            kinds, marks = ways[0][name]
            for way in ways[1:]:
                kinds, marks = common(kinds, way[name][0]), marks & way[name][1]
            if (kinds or marks) and name.startswith(PROVEN):
                facts.append(Fact(kinds=kinds, marks=marks, origins=frozenset({name.removeprefix(PROVEN)})))
            elif kinds or marks:
                facts.append(Fact(name, kinds, marks))
    return tuple(facts)


def _world(follower: Follower, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given) -> Value:
    """A function from outside the program."""
    table, short = follower.table, last(name)
    checked = _checked(follower, scope, node, short, holder, given)
    if checked is not None:
        return checked
    if name in ("re.compile", "RegExp", "regex.compile") and given.ordered and isinstance(given.ordered[0].const, str):
        return Value(node=tree.Pattern(node.line, given.ordered[0].const))
    for known, cleaner in table.cleaners.get(short, ()):
        if fitting(known, name):
            return _cleaned(follower, scope, cleaner, holder, given)
    if name in table.wrappers or f"*.{short}" in table.wrappers:
        return next((each for each in (*given.ordered, *given.keyed.values()) if each.targets or each.name), Value())
    start = follower.policy.callers.get(name, follower.policy.callers.get(f"*.{short}", -1))
    if start > 0 and len(given.ordered) >= start:
        return _called(follower, scope, node, given, start)
    return _carrying(follower, scope, node, name, holder, given)


def _called(follower: Follower, scope: Scope, node: tree.Call, given: Given, start: int) -> Value:
    """`to_thread(function, argument…)`."""
    target = given.ordered[start - 1]
    inner = Given(given.ordered[start:], {}, given.pairs[start:])
    own = [each for each in target.targets if isinstance(each, Closure | Blueprint)]
    shifted = tree.Call(node.line, node.function, node.arguments[start:])
    if own:
        return _own(follower, scope, own, inner, shifted)
    if target.name:
        sinks.check(follower, scope, shifted, target.name, Value(), inner)
    return _world(follower, scope, shifted, target.name, Value(), inner) if target.name else Value()


def _cleaned(follower: Follower, scope: Scope, cleaner: Cleaner, holder: Value, given: Given) -> Value:
    values = [holder, *given.ordered, *given.keyed.values()]
    whole = text_of([each for each in values if each.taints] or [Value()]) if len(values) < 2 else joined([each for each in values if each.taints] or [Value()])
    if cleaner.checks:
        for node, value in given.pairs:
            place = expressions.place_of(node)
            if value.taints and place:
                follower.apply(scope, (Fact(place, frozenset(cleaner.kinds)),))
        return whole.cleaned(cleaner.kinds)
    if cleaner.mark:
        marks = ("resolved", "common") if cleaner.mark == "common" and "resolved" in whole.marks else (cleaner.mark,)
        if cleaner.mark == "contained":
            if "resolved" in holder.marks and holder.taints:
                follower.apply(scope, (Fact(kinds=checks.PATH, origins=holder.origins),))
            return holder
        return replace(whole.cleaned((), marks), form=whole.form, const=MISSING, name="path" if cleaner.mark == "resolved" else "")
    return whole.cleaned(cleaner.kinds)


def _checked(follower: Follower, scope: Scope, node: tree.Call, short: str, holder: Value, given: Given) -> Value | None:
    """Checks that every language has: membership, beginnings, regular expressions, kinds of characters."""
    facts: tuple[list[Fact], list[Fact]] | None = None
    function = node.function
    first = given.pairs[0] if given.pairs else None
    subject = function.object if isinstance(function, tree.Member) else None
    if short in ("startswith", "startsWith") and subject is not None and first:
        facts = checks.starts(follower, subject, holder, first[1])
    elif short in ("includes", "has", "contains", "hasOwnProperty", "hasOwn", "__contains__") and first:
        inner, outer = (given.pairs[-1], holder)
        facts = checks.membership(follower.policy, inner[0], inner[1], subject, outer)
    elif short in ("isdigit", "isalnum", "isnumeric", "isdecimal", "isidentifier") and subject is not None:
        facts = ([Fact(place, checks.ALL)] if (place := expressions.place_of(subject)) else [], [])
    elif short in ("is_relative_to", "isRelativeTo") and holder.taints:
        facts = ([Fact(kinds=checks.PATH, origins=holder.origins)] if "resolved" in holder.marks else [], [])
    elif short in ("isabs", "isAbsolute", "is_absolute"):
        target = first[0] if first else subject
        place = expressions.place_of(target)
        facts = ([], [Fact(place, marks=frozenset({"noabs"}))] if place else [])
    elif short == "isinstance" and len(given.pairs) == 2:
        names = [expressions.place_of(part) for _, part, _ in given.pairs[1][0].entries] if isinstance(given.pairs[1][0], tree.Items) else [expressions.place_of(given.pairs[1][0])]
        closed = bool(names) and all(each in follower.policy.closed_types for each in names)
        facts = ([Fact(place, checks.ALL)] if closed and (place := expressions.place_of(given.pairs[0][0])) else [], [])
    elif short in ("match", "fullmatch", "search", "test", "exec"):
        facts = _expression(follower, short, holder, subject, given)
    elif short in ("any", "all", "some", "every") and (first or subject is not None):
        return _some(follower, scope, short, holder, subject, given)
    if facts is None:
        return None
    strange = joined([each.plain() for each in (holder, *given.ordered)]) if holder.taints or given.ordered else Value()
    return Value(strange.taints, yes=tuple(facts[0]), no=tuple(facts[1]), name="" if strange.taints else "match()")


def _expression(
    follower: Follower, short: str, holder: Value, subject: tree.Expression | None, given: Given
) -> tuple[list[Fact], list[Fact]] | None:
    """`re.match(pattern, text)`, `compiled.match(text)`, `/pattern/.test(text)`, `text.match(/pattern/)`."""
    pattern, target = None, None
    if len(given.ordered) >= 2 and isinstance(given.ordered[0].const, str) and not holder.taints:
        pattern, target = given.ordered[0].const, given.pairs[1]
    elif given.pairs and isinstance(holder.node, tree.Pattern):
        pattern, target = holder.node.pattern, given.pairs[0]
    elif given.pairs and isinstance(given.pairs[0][1].node, tree.Pattern) and subject is not None and holder.taints:
        pattern, target = given.pairs[0][1].node.pattern, (subject, holder)
    if pattern is None or target is None:
        return None
    begins = short in ("match", "fullmatch") and not holder.taints
    anchored = f"^(?:{pattern})" if begins else pattern
    return checks.matched(follower.policy, anchored, target[0], target[1], whole=short == "fullmatch")


def _some(follower: Follower, scope: Scope, short: str, holder: Value, subject: tree.Expression | None, given: Given) -> Value:
    """`any(… for …)`, `list.some(x => …)` and their sisters."""
    if short in ("any", "all"):
        value = given.ordered[0] if given.ordered else Value()
        yes = value.yes
        return Value(value.plain().taints, yes=yes, no=value.no if short == "any" else ())
    found = Value()
    for closure in [each for value in given.ordered for each in value.targets if isinstance(each, Closure)]:
        parameters = closure.function.parameters
        body = closure.function.body
        if not parameters or len(body) != 1 or not isinstance(body[0], tree.Leave) or body[0].value is None:
            outcome_ = follower.run(closure, bound(follower, closure, Given([expressions.element(follower, holder, None)], {}, [])))
            own = {parameter.name for parameter in parameters}
            yes, no = (tuple(fact for fact in facts if fact.place not in own) for facts in (outcome_.yes, outcome_.no))
            found = Value(outcome_.value.taints, yes=yes, no=no)
            continue
        target = parameters[0].pattern or tree.Name(closure.function.line, parameters[0].name)
        each = tree.Each(closure.function.line, _as_comparison(body[0].value), target, subject or target, [])
        found = expressions.evaluate(follower, Scope(parent=closure.scope if closure.scope is not scope else scope, module=scope.module), each)
    return Value(found.taints, yes=found.yes, no=found.no if short == "some" else ())


def _as_comparison(node: tree.Expression) -> tree.Expression:
    """`text.includes(part)` as `part in text`."""
    function = node.function if isinstance(node, tree.Call) else None
    if isinstance(node, tree.Call) and isinstance(function, tree.Member) and function.name == "includes" and node.arguments:
        return tree.Compare(node.line, "in", node.arguments[0].value, function.object)
    return node


def _carrying(follower: Follower, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given) -> Value:
    """What comes back from the unknown: a strange text's methods give back parts of it; a function of the policy's
    carriers, a bare helper or a constructor may give back what it got; a method of something else does not."""
    short, policy = last(name), follower.policy
    values = [*given.ordered, *given.keyed.values()]
    inner = _callbacks(follower, holder, values)
    if policy.clean_names and compiled(policy.clean_names).search(short):
        for each, value in given.pairs:
            if value.taints and (place := expressions.place_of(each)):
                follower.apply(scope, (Fact(place, checks.ALL),))
        return joined([*(each.plain() for each in values), holder.plain()]).cleaned(checks.ALL) if values else holder.cleaned(checks.ALL)
    if short in ("parse", "safeParse", "parseAsync", "safeParseAsync", "model_validate") and holder.items and given.ordered:
        parsed = schemas.through_schema(follower, holder, given.ordered[0])
        return replace(parsed, items={**(parsed.items or {}), "data": parsed})
    if isinstance(node.function, tree.Member) and node.function.name in ("object", "strict", "extend", "optional", "partial", "passthrough", "describe") and not holder.taints:
        fields = given.ordered[0].items if given.ordered and given.ordered[0].items else holder.items
        if fields:
            return Value(items=dict(fields), node=node, name=f"{name}()")
    if short == "get" and holder.items is not None and not holder.listed and given.ordered:
        key = given.ordered[0].const
        found = expressions.element(follower, holder, key if isinstance(key, str | int) else None)
        return joined([found, *given.ordered[1:2]]) if given.ordered[1:] else found
    if short == "format" and not name.startswith("util."):
        return _filled(holder, values)
    if short == "join" and holder.const is not MISSING and isinstance(holder.const, str) and values:
        return _joined_text(holder, values[0])
    if holder.taints:
        if short in _KEEPING:
            return replace(holder, const=MISSING)
        if short in ("replace", "replaceAll", "sub"):
            return _replaced(follower, holder, given)
        return joined([holder.plain(), *(each.plain() for each in values)])
    yes, no = checks.named(follower, short, given.pairs)
    bare = not isinstance(node.function, tree.Member)
    if name in follower.table.carriers or f"*.{short}" in follower.table.carriers or ((bare or node.new or short[:1].isupper()) and not yes and not no):
        whole = joined([each for each in values if each.taints] or [Value()]) if len(values) == 1 else _with_slashes(short, values)
        return replace(whole, name="path" if short in ("Path", "PurePath") else f"{name}()", targets=inner.targets, const=MISSING, node=node)
    if inner.taints:
        return inner
    if short == "replace" and values and values[-1].form.endswith(("/", "\\")):
        return Value(form=UNKNOWN + "/")
    return Value(name=f"{name}()" if name else "", node=node, yes=yes, no=no)


def _with_slashes(short: str, values: list[Value]) -> Value:
    """Several parts: a path when the name says so."""
    if short in ("join", "joinpath", "resolve", "Path", "safe_join"):
        parts: list[Value] = []
        for each in values:
            parts += [each, Value(form="/")]
        return text_of(parts[:-1])
    return joined([each.plain() for each in values] or [Value()])


def _joined_text(glue: Value, parts: Value) -> Value:
    pieces: list[Value] = []
    for each in (parts.items or {0: parts}).values():
        pieces += [glue, each]
    return text_of(pieces[1:])


def _replaced(follower: Follower, holder: Value, given: Given) -> Value:
    """Taking characters out: harmless for the kinds of which every probe is changed by it."""
    first = given.pairs[0][1] if given.pairs else Value()
    pattern = first.node.pattern if isinstance(first.node, tree.Pattern) else re.escape(first.const) if isinstance(first.const, str) else ""
    if pattern and first.const == "'":
        return replace(holder, const=MISSING).cleaned(("sql",))
    negated = isinstance(first.node, tree.Pattern) and pattern.startswith("[^")
    kinds = [
        kind for kind, probes in follower.policy.probes.items() if negated and all(checks.fits(pattern, each, False) for each in probes)
    ]
    return replace(holder, form=STRANGE, const=MISSING).cleaned(kinds)


def _callbacks(follower: Follower, holder: Value, values: list[Value]) -> Value:
    """Functions given to the unknown are run once, with parts of what it is a method of."""
    found: list[Value] = []
    for value in values:
        for target in value.targets:
            if isinstance(target, Closure) and target.function.name in ("lambda", ""):
                part = expressions.element(follower, holder, None)
                outcome_ = follower.run(target, bound(follower, target, Given([part] if part.taints else [], {}, [])))
                found.append(outcome_.value)
    return joined(found) if found else Value()
