"""Checks that every language has, as calls: membership, beginnings, regular expressions, kinds of characters."""

from __future__ import annotations

from bartizan.syntax.flow import binding, checks, parts, tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.value import Closure, Fact, Scope, Value, joined
from bartizan.syntax.flow.walker import Walker


def checked(follower: Walker, scope: Scope, node: tree.Call, short: str, holder: Value, given: Given) -> Value | None:
    """Checks that every language has: membership, beginnings, regular expressions, kinds of characters."""
    facts: tuple[list[Fact], list[Fact]] | None = None
    function = node.function
    first = given.pairs[0] if given.pairs else None
    subject = function.object if isinstance(function, tree.Member) else None
    if short in ("startswith", "startsWith") and subject is not None and first:
        facts = checks.starts(follower, scope, subject, holder, first[1])
    elif short in ("includes", "has", "contains", "hasOwnProperty", "hasOwn", "__contains__") and first:
        inner, outer = (given.pairs[-1], holder)
        facts = checks.membership(follower.policy, inner[0], inner[1], subject, outer)
    elif short in ("isdigit", "isalnum", "isnumeric", "isdecimal", "isidentifier") and subject is not None:
        facts = ([Fact(place, checks.ALL)] if (place := place_of(subject)) else [], [])
    elif short in ("is_relative_to", "isRelativeTo") and holder.taints:
        facts = ([Fact(kinds=checks.PATH, origins=holder.origins)] if "resolved" in holder.marks else [], [])
    elif short in ("isabs", "isAbsolute", "is_absolute"):
        target = first[0] if first else subject
        place = place_of(target)
        facts = ([], [Fact(place, marks=frozenset({"noabs"}))] if place else [])
    elif short == "isinstance" and len(given.pairs) == 2:
        names = (
            [place_of(part) for _, part, _ in given.pairs[1][0].entries]
            if isinstance(given.pairs[1][0], tree.Items)
            else [place_of(given.pairs[1][0])]
        )
        closed = bool(names) and all(each in follower.policy.closed_types for each in names)
        facts = ([Fact(place, checks.ALL)] if closed and (place := place_of(given.pairs[0][0])) else [], [])
    elif short in ("match", "fullmatch", "search", "test", "exec"):
        facts = _expression(follower, short, holder, subject, given)
    elif short in ("any", "all", "some", "every") and (first or subject is not None):
        return _some(follower, scope, short, holder, subject, given)
    if facts is None:
        return None
    strange = joined([each.plain() for each in (holder, *given.ordered)]) if holder.taints or given.ordered else Value()
    return Value(strange.taints, yes=tuple(facts[0]), no=tuple(facts[1]), name="" if strange.taints else "match()")


def _expression(
    follower: Walker, short: str, holder: Value, subject: tree.Expression | None, given: Given
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


def _some(
    follower: Walker, scope: Scope, short: str, holder: Value, subject: tree.Expression | None, given: Given
) -> Value:
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
            result = follower.run(
                closure,
                binding.bound(follower, closure, Given([parts.element(follower, holder, None)], {}, [])),
            )
            own = {parameter.name for parameter in parameters}
            yes, no = (tuple(fact for fact in facts if fact.place not in own) for facts in (result.yes, result.no))
            found = Value(result.value.taints, yes=yes, no=no)
            continue
        target = parameters[0].pattern or tree.Name(closure.function.line, parameters[0].name)
        each = tree.Each(closure.function.line, _as_comparison(body[0].value), target, subject or target, [])
        found = follower.evaluate(
            Scope(parent=closure.scope if closure.scope is not scope else scope, module=scope.module), each
        )
    return Value(found.taints, yes=found.yes, no=found.no if short == "some" else ())


def _as_comparison(node: tree.Expression) -> tree.Expression:
    """`text.includes(part)` as `part in text`."""
    function = node.function if isinstance(node, tree.Call) else None
    if (
        isinstance(node, tree.Call)
        and isinstance(function, tree.Member)
        and function.name == "includes"
        and node.arguments
    ):
        return tree.Compare(node.line, "in", node.arguments[0].value, function.object)
    return node
