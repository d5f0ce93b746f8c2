"""Functions from outside the program, of which the policy knows some."""

from __future__ import annotations

import re
from dataclasses import replace

from bartizan.syntax.flow import answers, binding, checks, lookups, parts, schemas, sinks, tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import fitting, last, place_of
from bartizan.syntax.flow.policy import Cleaner
from bartizan.syntax.flow.value import (
    MISSING,
    STRANGE,
    UNKNOWN,
    Blueprint,
    Closure,
    Fact,
    Scope,
    Value,
    joined,
    text_of,
)
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled

_KEEPING = (
    "strip",
    "trim",
    "lower",
    "upper",
    "toLowerCase",
    "toUpperCase",
    "toString",
    "encode",
    "decode",
    "rstrip",
    "lstrip",
    "trimEnd",
)
_GROWING = ("push", "append", "extend", "update", "add", "insert", "unshift", "setdefault", "set", "appendleft")
_SUBSTITUTING = ("re.sub", "re.subn", "regex.sub")
_CHOOSING = ("find", "findLast", "filter", "some", "every", "findIndex", "sort", "forEach", "indexOf")
_PARSING = ("parse", "safeParse", "parseAsync", "safeParseAsync", "model_validate")
_SCHEMA_STEPS = ("object", "strict", "extend", "optional", "partial", "passthrough", "describe")


def world(follower: Walker, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given) -> Value:
    """A function from outside the program."""
    table, short = follower.table, last(name)
    if short in _GROWING and isinstance(node.function, tree.Member) and (given.ordered or given.keyed):
        _grown(follower, scope, node.function.object, short, holder, given, node.line)
    if name in _SUBSTITUTING and len(given.ordered) > 2:
        return _substituted(follower, given)
    found = lookups.looked_up(follower, scope, node, name, holder, given)
    if found is not None:
        return found
    checked = answers.checked(follower, scope, node, short, holder, given)
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


def _grown(
    follower: Walker, scope: Scope, target: tree.Expression, short: str, holder: Value, given: Given, line: int
) -> None:
    """`list.append(value)`, `mapping.update(values)`: what the holder is afterwards."""
    added = [*given.ordered, *given.keyed.values()]
    if not isinstance(target, tree.Name | tree.Member) or not (
        holder.listed or any(each.taints for each in added) or holder.items
    ):
        return
    items = dict(holder.items or {})
    if short in ("update", "extend"):
        added = [each for value in added for each in (value.items.values() if value.items is not None else [value])]
        for value in given.ordered if short == "update" else ():
            items.update(value.items or {})
    keyed = short in ("update", "set", "setdefault")
    if holder.listed and len(items) < 200:
        items.update({f"+{len(items)}.{at}": value for at, value in enumerate(added)})
    elif keyed and short != "update" and isinstance(given.ordered[0].const, str | int) and len(given.ordered) > 1:
        items[given.ordered[0].const] = given.ordered[1]
    whole = joined([holder.plain(), *(each.plain() for each in added)])
    follower.bind(
        scope, target, replace(whole, items=items or None, listed=holder.listed, targets=holder.targets), line
    )


def _substituted(follower: Walker, given: Given) -> Value:
    """`re.sub(pattern, replacement, text)`: the text, with what is put in; harmless as `text.replace` would make it."""
    pattern, put, text = given.ordered[:3]
    changed = Given([pattern, put], {}, given.pairs[:2])
    if isinstance(pattern.const, str):
        expression = replace(pattern, node=tree.Pattern(0, pattern.const), const=MISSING)
        changed = Given([expression, put], {}, [(given.pairs[0][0], expression), *given.pairs[1:2]])
    kept = _replaced(follower, text, changed) if text.taints else text.plain()
    more = [
        follower.run(each, binding.bound(follower, each, Given([], {}, []))).value
        for each in put.targets[:1]
        if isinstance(each, Closure)
    ]
    return joined([kept, put.plain(), *(each.plain() for each in more)])


def _called(follower: Walker, scope: Scope, node: tree.Call, given: Given, start: int) -> Value:
    """`to_thread(function, argument…)`."""
    target = given.ordered[start - 1]
    inner = Given(given.ordered[start:], {}, given.pairs[start:])
    own = [each for each in target.targets if isinstance(each, Closure | Blueprint)]
    shifted = tree.Call(node.line, node.function, node.arguments[start:])
    if own:
        return follower.own_call(scope, own, inner, shifted)
    if target.name:
        sinks.check(follower, scope, shifted, target.name, Value(), inner)
    return world(follower, scope, shifted, target.name, Value(), inner) if target.name else Value()


def _cleaned(follower: Walker, scope: Scope, cleaner: Cleaner, holder: Value, given: Given) -> Value:
    values = [holder, *given.ordered, *given.keyed.values()]
    whole = (
        text_of([each for each in values if each.taints] or [Value()])
        if len(values) < 2
        else joined([each for each in values if each.taints] or [Value()])
    )
    if cleaner.checks:
        for node, value in given.pairs:
            place = place_of(node)
            if value.taints and place:
                follower.apply(scope, (Fact(place, frozenset(cleaner.kinds)),))
        return whole.cleaned(cleaner.kinds)
    if cleaner.mark:
        marks = ("resolved", "common") if cleaner.mark == "common" and "resolved" in whole.marks else (cleaner.mark,)
        if cleaner.mark == "contained":
            if "resolved" in holder.marks and holder.taints:
                follower.apply(scope, (Fact(kinds=checks.PATH, origins=holder.origins),))
            return holder
        return replace(
            whole.cleaned((), marks), form=whole.form, const=MISSING, name="path" if cleaner.mark == "resolved" else ""
        )
    return whole.cleaned(cleaner.kinds)


def _carrying(follower: Walker, scope: Scope, node: tree.Call, name: str, holder: Value, given: Given) -> Value:
    """What comes back from the unknown: a strange text's methods give back parts of it; a function of the policy's
    carriers, a bare helper or a constructor may give back what it got; a method of something else does not.
    """
    short, policy = last(name), follower.policy
    values = [*given.ordered, *given.keyed.values()]
    inner = _callbacks(follower, holder, values)
    if policy.clean_names and compiled(policy.clean_names).search(short):
        for each, value in given.pairs:
            if value.taints and (place := place_of(each)):
                follower.apply(scope, (Fact(place, checks.ALL),))
        return joined([holder.plain(), *(each.plain() for each in values)]).cleaned(checks.ALL)
    known = _schema(follower, node, name, holder, given) or _of_text(follower, name, holder, given)
    if known is not None:
        return known
    yes, no = checks.named(follower, short, given.pairs)
    bare = not isinstance(node.function, tree.Member) or node.new or short[:1].isupper()
    carries = name in follower.table.carriers or f"*.{short}" in follower.table.carriers
    if carries or (bare and not yes and not no):
        return _carried_whole(node, name, values, inner)
    if inner.taints and short not in _CHOOSING:
        return inner
    if short == "replace" and values and values[-1].form.endswith(("/", "\\")):
        return Value(form=UNKNOWN + "/")
    return Value(name=f"{name}()" if name else "", node=node, yes=yes, no=no)


def _schema(follower: Walker, node: tree.Call, name: str, holder: Value, given: Given) -> Value | None:
    """Schemas being made and used, and look-ups in tables."""
    short = last(name)
    if short in _PARSING and holder.items and given.ordered:
        parsed = schemas.through_schema(follower, holder, given.ordered[0])
        return replace(parsed, items={**(parsed.items or {}), "data": parsed})
    if isinstance(node.function, tree.Member) and short in _SCHEMA_STEPS and not holder.taints:
        fields = given.ordered[0].items if given.ordered and given.ordered[0].items else holder.items
        if fields:
            return Value(items=dict(fields), node=node, name=f"{name}()")
    if short == "get" and holder.items is not None and not holder.listed and given.ordered:
        key = given.ordered[0].const
        found = parts.element(follower, holder, key if isinstance(key, str | int) else None)
        return joined([found, *given.ordered[1:2]]) if given.ordered[1:] else found
    return None


def _of_text(follower: Walker, name: str, holder: Value, given: Given) -> Value | None:
    """Methods of texts, and of anything strange."""
    short = last(name)
    values = [*given.ordered, *given.keyed.values()]
    if short == "format" and not name.startswith("util."):
        return parts.filled(holder, values)
    if short == "join" and isinstance(holder.const, str) and values:
        return _joined_text(holder, values[0])
    if not holder.taints:
        return None
    if short in _KEEPING:
        return replace(holder, const=MISSING)
    if short in ("replace", "replaceAll", "sub"):
        return _replaced(follower, holder, given)
    if short in ("find", "filter", "findLast"):
        return _chosen(follower, holder, given)
    return joined([holder.plain(), *(each.plain() for each in values)])


def _chosen(follower: Walker, holder: Value, given: Given) -> Value:
    """`list.filter(each => …)`: what the function shows of those for which it says yes."""
    part = replace(parts.element(follower, holder, None), yes=(), no=())
    for closure in [each for value in given.ordered for each in value.targets if isinstance(each, Closure)][:1]:
        shown = follower.run(closure, binding.bound(follower, closure, Given([part], {}, []))).yes
        for fact in shown:
            if closure.function.parameters and fact.place == closure.function.parameters[0].name:
                part = part.cleaned(fact.kinds, fact.marks)
    return replace(part.plain(), items={0: part}, listed=True)


def _carried_whole(node: tree.Call, name: str, values: list[Value], inner: Value) -> Value:
    short = last(name)
    if len(values) == 1:
        whole = joined([each for each in values if each.taints] or [Value()])
    else:
        whole = _with_slashes(short, values)
    called = "path" if short in ("Path", "PurePath") else f"{name}()"
    return replace(whole, name=called, targets=inner.targets, const=MISSING, node=node)


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


def _replaced(follower: Walker, holder: Value, given: Given) -> Value:
    """Taking characters out: harmless for the kinds of which every probe is changed by it."""
    first = given.pairs[0][1] if given.pairs else Value()
    pattern = (
        first.node.pattern
        if isinstance(first.node, tree.Pattern)
        else re.escape(first.const)
        if isinstance(first.const, str)
        else ""
    )
    if pattern and first.const == "'":
        return replace(holder, const=MISSING).cleaned(("sql",))
    negated = isinstance(first.node, tree.Pattern) and pattern.startswith("[^")
    kinds = [
        kind
        for kind, probes in follower.policy.probes.items()
        if negated and all(checks.fits(pattern, each, False) for each in probes)
    ]
    return replace(holder, form=STRANGE, const=MISSING).cleaned(kinds)


def _callbacks(follower: Walker, holder: Value, values: list[Value]) -> Value:
    """Functions given to the unknown are run once, with parts of what it is a method of."""
    found: list[Value] = []
    for value in values:
        for target in value.targets:
            if isinstance(target, Closure) and target.function.name in ("lambda", ""):
                part = parts.element(follower, holder, None)
                result = follower.run(
                    target, binding.bound(follower, target, Given([part] if part.taints else [], {}, []))
                )
                found.append(result.value)
    return joined(found) if found else Value()
