"""What a check shows: the facts that hold when it answers yes, and those that hold when it answers no."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.places import place_of
from bartizan.syntax.flow.policy import EVERY, Policy
from bartizan.syntax.flow.value import MISSING, STRANGE, UNKNOWN, Fact, Scope, Value, common, joined
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled, flaw

ALL = frozenset({EVERY})
PATH = frozenset({"path"})
REQUEST = frozenset({"request"})
AT = "prefixed at "
"""Before file and line, as a mark: where a beginning was compared that does not end a folder."""
_FIXED_URL = re.compile(r"^(?:https?|wss?)://[^/\x00\x01?#]+[/?#]|^[a-z]+://[^/\x00\x01]+\.[a-z]+/")


def shared(groups: list[tuple[Fact, ...]]) -> tuple[Fact, ...]:
    """Facts that hold whichever of the checks it was."""
    if not groups:
        return ()
    found = list(groups[0])
    for group in groups[1:]:
        met = [(one, two) for one in found for two in group if (one.place, one.origins) == (two.place, two.origins)]
        found = [replace(one, kinds=common(one.kinds, two.kinds), marks=one.marks & two.marks) for one, two in met]
    return tuple(fact for fact in found if fact.kinds or fact.marks)


def empty(node: tree.Expression, value: Value) -> tuple[Fact, ...]:
    """What holds when a value itself is false: there is nothing in it."""
    place = place_of(node) if isinstance(node, tree.Name | tree.Member | tree.Index) else ""
    return (Fact(place, ALL),) if place and value.taints and not value.no else value.no


def compare(follower: Walker, scope: Scope, node: tree.Compare) -> Value:
    """`==`, `in` and their opposites."""
    left = follower.evaluate(scope, node.left)
    right = follower.evaluate(scope, node.right)
    yes: list[Fact] = []
    no: list[Fact] = []
    if node.operator in ("==", "!="):
        yes += _equal(node.left, left, right) + _equal(node.right, right, left)
        if right.const is None:
            no += left.yes
        if node.operator == "!=":
            yes, no = no, yes
    elif node.operator in ("in", "notin"):
        member_yes, member_no = membership(follower.policy, node.left, left, node.right, right)
        yes, no = (member_yes, member_no) if node.operator == "in" else (member_no, member_yes)
    elif node.operator == "instanceof":
        pass
    return Value(joined([left.plain(), right.plain()]).taints, yes=tuple(yes), no=tuple(no))


def _equal(node: tree.Expression, value: Value, other: Value) -> list[Fact]:
    """Equal to something that no stranger chose. The common part of paths, equal to the base, proves containment."""
    if not value.taints or other.taints:
        return []
    if "common" in value.marks:
        return [Fact(kinds=PATH, origins=value.origins)] if "resolved" in value.marks else []
    if "kind" in value.marks:
        place = place_of(node.parts[0]) if isinstance(node, tree.Mixed) and node.parts else ""
        return [Fact(place, ALL)] if place and other.const in ("number", "boolean", "bigint") else []
    place = place_of(node)
    if other.const in (None, ""):
        return [Fact(place, ALL)] if place else []
    facts = [Fact(place, ALL)] if place else []
    if "host" in value.marks:
        facts.append(Fact(kinds=REQUEST, origins=value.origins))
    if "resolved" in value.marks:
        facts.append(Fact(kinds=PATH, origins=value.origins))
    return facts


def membership(
    policy: Policy, inner_node: tree.Expression, inner: Value, outer_node: tree.Expression | None, outer: Value
) -> tuple[list[Fact], list[Fact]]:
    """`inner in outer`: one of a list that no stranger chose, or a text that a strange one must not contain."""
    if inner.taints and not outer.taints:
        place = place_of(inner_node)
        facts = [Fact(place, ALL)] if place else []
        if "host" in inner.marks or _names_host(inner_node):
            facts.append(Fact(kinds=REQUEST, origins=inner.origins))
        return facts, []
    if not inner.taints and outer.taints:
        if "parents" in outer.marks:
            facts = [Fact(kinds=PATH, origins=outer.origins)] if "resolved" in outer.marks else []
            return facts, []
        if outer_node is not None:
            return [], refused_texts(policy, outer_node, outer, [inner])
    return [], []


def _names_host(node: tree.Expression) -> bool:
    return "host" in place_of(node).lower()


def refused_texts(policy: Policy, node: tree.Expression, value: Value, texts: Iterable[Value]) -> list[Fact]:
    """A strange text that contains none of these: harmless for the kinds whose every probe contains one of them."""
    found = [each.const.lower() for each in texts if isinstance(each.const, str) and each.const]
    place = place_of(node)
    if not found or not place:
        return []
    kinds = [
        kind
        for kind, probes in policy.probes.items()
        if all(any(text in probe.lower() for text in found) for probe in probes)
    ]
    marks = {"nodots"} if any(text in ("..", "../", "..\\") for text in found) else set()
    if any(text in ("/", "\\") for text in found):
        marks.add("noslash")
    return [Fact(place, frozenset(kinds), frozenset(marks))] if kinds or marks else []


def matched(
    policy: Policy, pattern: str, node: tree.Expression, value: Value, *, whole: bool
) -> tuple[list[Fact], list[Fact]]:
    """A regular expression fits: harmless for the kinds of which it fits no probe. When it must not fit, harmless for
    those of which it fits every probe.
    """
    place = place_of(node)
    if not place or not value.taints:
        return [], []
    refusing = frozenset(
        kind for kind, probes in policy.probes.items() if not any(fits(pattern, each, whole) for each in probes)
    )
    catching = frozenset(
        kind for kind, probes in policy.probes.items() if all(fits(pattern, each, False) for each in probes)
    )
    yes = [Fact(place, refusing)] if refusing else []
    no = [Fact(place, catching)] if catching else []
    if "host" in value.marks or _names_host(node):
        yes.append(Fact(kinds=REQUEST, origins=value.origins))
    return yes, no


@lru_cache(maxsize=4096)
def fits(pattern: str, text: str, whole: bool) -> bool:
    """Whether the expression fits the probe. One that cannot be run in linear time is taken to be strict."""
    usable = pattern.replace("\\Z", "\\z").replace("\\/", "/")
    if len(usable) > 2000 or flaw(usable):
        return False
    found = compiled(usable).search(text)
    return bool(found) and (not whole or compiled(f"(?s)^(?:{usable})$").search(text) is not None)


def starts(
    follower: Walker, scope: Scope, node: tree.Expression, value: Value, head: Value
) -> tuple[list[Fact], list[Fact]]:
    """`value.startswith(head)`."""
    heads = [each.form for each in head.items.values()] if head.items else [head.form]
    place = place_of(node)
    if not value.taints or head.taints:
        return [], []
    if heads and all(_FIXED_URL.search(each) for each in heads):
        return [Fact(place, REQUEST)] if place else [], []
    if all(re.match(r"\s*(?:select|with|show|explain|pragma|describe)\b", each, re.IGNORECASE) for each in heads):
        return [Fact(kinds=frozenset(), marks=frozenset({"readonly"}), origins=value.origins)], []
    if heads == [".."] and "relative" in value.marks:
        return [], [Fact(kinds=PATH, origins=value.origins)]
    if heads == ["/"] and "resolved" in value.marks:
        return [Fact(kinds=PATH, origins=value.origins)], []
    if all(each in ("/", "\\", "~") for each in heads):
        return [], [Fact(place, marks=frozenset({"noabs"}))] if place else []
    if "resolved" in value.marks:
        closed = all(each.endswith(("/", "\\", UNKNOWN + UNKNOWN)) for each in heads)
        step = follower.step(scope, node.line)
        at = f"{AT}{step.file}:{step.line}" if step else "prefixed"
        kinds, marks = (PATH, frozenset[str]()) if closed else (frozenset[str](), frozenset({"prefixed", at}))
        return [Fact(kinds=kinds, marks=marks, origins=value.origins)], []
    return [], []


def refusal(follower: Walker, holder: Value, name: str) -> tuple[Fact, ...]:
    """`address.is_private`: when it answers no, requests to it are harmless."""
    if holder.taints and name in follower.policy.refusals:
        return (Fact(kinds=REQUEST, origins=holder.origins),)
    return ()


def named(
    follower: Walker, name: str, arguments: list[tuple[tree.Expression, Value]]
) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """A check of which only the name is known (`is_allowed`, `isPrivateAddress`)."""
    strange = [(node, value) for node, value in arguments if value.taints]
    if not strange:
        return (), ()
    places = tuple(Fact(place, ALL) for node, _ in strange if (place := place_of(node)))
    policy = follower.policy
    if policy.denial_names and compiled(policy.denial_names).search(name):
        return (), places
    if policy.check_names and compiled(policy.check_names).search(name):
        return places, ()
    return (), ()


def denied(follower: Walker, name: str, arguments: list[tuple[tree.Expression, Value]]) -> tuple[Fact, ...]:
    """An own function that by its name tells private or blocked addresses: when it says no, requests are harmless."""
    policy = follower.policy
    if not policy.denial_names or not compiled(policy.denial_names).search(name):
        return ()
    origins = frozenset(origin for _, value in arguments for origin in value.origins)
    return (Fact(kinds=REQUEST, origins=origins),) if origins else ()


def of_each(follower: Walker, scope: Scope, node: tree.Each, source: Value, value: Value) -> Value:
    """A comprehension. What its body shows of the loop variable over a strange source holds for the source; what it
    shows of a strange text over a list of constants is a list of refused texts.
    """
    own = place_of(node.target)
    place = place_of(node.source)
    yes = tuple(
        replace(fact, place=place) if fact.place == own else fact for fact in value.yes if fact.place != own or place
    )
    no = tuple(
        replace(fact, place=place) if fact.place == own else fact for fact in value.no if fact.place != own or place
    )
    if isinstance(node.value, tree.Compare) and node.value.operator in ("in", "notin") and source.items:
        outer = follower.evaluate(scope, node.value.right)
        if outer.taints and place_of(node.value.left) == own:
            facts = tuple(refused_texts(follower.policy, node.value.right, outer, source.items.values()))
            yes, no = ((), facts) if node.value.operator == "in" else (facts, ())
    taints = joined([value.plain(), source.plain()]).taints if value.taints else ()
    items = {0: value} if value.items is not None or value.taints else None
    return Value(taints, STRANGE if taints else UNKNOWN, items=items, listed=True, yes=yes, no=no)


def const_texts(value: Value) -> list[str]:
    """Texts of a constant, or of a list of constants."""
    if isinstance(value.const, str):
        return [value.const]
    return [
        each.const for each in (value.items or {}).values() if each.const is not MISSING and isinstance(each.const, str)
    ]
