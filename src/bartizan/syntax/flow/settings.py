"""Options that are dangerous as they are set, whoever calls: looked at where a call or an assignment gives them."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.syntax.flow import tree
from bartizan.syntax.flow.given import Given
from bartizan.syntax.flow.places import fitting, written
from bartizan.syntax.flow.policy import Setting
from bartizan.syntax.flow.trail import Flow
from bartizan.syntax.flow.value import MISSING, Scope, Value
from bartizan.syntax.flow.walker import Walker
from bartizan.syntax.pattern import compiled

MAX_DEPTH = 4


def check(follower: Walker, scope: Scope, node: tree.Call, name: str, given: Given) -> None:
    """Report the options of one call that are set dangerously."""
    table = follower.table.options
    options: dict[int | str, Value] = dict(enumerate(given.ordered))
    for value in given.ordered:
        if value.items is not None and not value.listed:
            options.update({str(key): each for key, each in value.items.items()})
    options.update(given.keyed)
    for option in options.keys() & table.keys():
        for setting in table[option]:
            if _meant(setting, name, option) and _harms(setting, options[option]) and _armed(setting, options):
                _report(follower, scope, _line(node, option), setting)


def _line(node: tree.Call, option: int | str) -> int:
    """Where the option is written."""
    for argument in node.arguments:
        if argument.name == option and argument.name:
            return argument.value.line
        for key, value, _ in argument.value.entries if isinstance(argument.value, tree.Items) else ():
            if isinstance(key, tree.Constant) and key.value == option:
                return value.line
    return node.line


def assigned(follower: Walker, scope: Scope, target: tree.Member, value: Value, line: int) -> None:
    """`settings.host = "0.0.0.0"`: the option of that name of something whose name fits."""
    for setting in follower.table.options.get(target.name, ()):
        name = written(scope, target)
        if any(fitting(known.removesuffix("="), name) for known in setting.calls if known.endswith("=")) and _harms(
            setting, value
        ):
            _report(follower, scope, line, setting)


def _meant(setting: Setting, name: str, option: int | str) -> bool:
    if not setting.calls:
        return isinstance(option, str)
    return any(fitting(known, name) for known in setting.calls)


def _armed(setting: Setting, options: dict[int | str, Value]) -> bool:
    for each in setting.unless:
        key, _, wanted = each.partition("=")
        if key in options and any(str(text).lower() == wanted for text in constants(options[key])):
            return False
    return True


def _harms(setting: Setting, value: Value) -> bool:
    pattern = compiled(setting.values)
    return any(pattern.search(str(each).lower()) for each in constants(value))


def constants(value: Value, depth: int = 0) -> Iterator[object]:
    """Everything constant that a value may be: itself, its items, the fallback of a look-up."""
    if value.const is not MISSING:
        yield value.const
    elif value.items is not None and depth < MAX_DEPTH:
        for each in list(value.items.values())[:50]:
            yield from constants(each, depth + 1)
    else:
        yield from _fallbacks(value.node, 0)


def _fallbacks(node: tree.Expression | None, depth: int) -> Iterator[object]:
    """Constants after the first argument of a call, and among alternatives."""
    if depth > MAX_DEPTH:
        return
    match node:
        case tree.Constant():
            yield node.value
        case tree.Call():
            for argument in node.arguments[1:]:
                yield from _fallbacks(argument.value, depth + 1)
        case tree.Logic(operator="or"):
            for each in node.values:
                yield from _fallbacks(each, depth + 1)


def _report(follower: Walker, scope: Scope, line: int, setting: Setting) -> None:
    step = follower.step(scope, line)
    if step is not None:
        follower.report(Flow(setting.kind, step.file, line, step.text, None, "set"))
