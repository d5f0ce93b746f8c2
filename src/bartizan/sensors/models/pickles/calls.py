"""What a stream calls: the opcodes that run something, and the judges of calls that depend on their arguments.

The judges, by the word under which `reviewed` lists names in the packs: `attribute` (getattr), `setter` (setattr),
`invoker` (calls a callable among its arguments), `module` (imports the module it is given), `resolver` (imports module
and name), `type` (takes a name of `types`), `nested` (unpickles its bytes), `encoder` (makes bytes of text), `code`
(builds functions and classes from byte code), `partial` (a callable for later), `accessor` (attrgetter, methodcaller).
"""

from __future__ import annotations

from collections.abc import Callable

from bartizan.sensors.models.pickles.arrays import skip_array
from bartizan.sensors.models.pickles.machine import Tape
from bartizan.sensors.models.pickles.names import COMPUTED, Standing
from bartizan.sensors.models.pickles.steps import (
    Step,
    line,
    literal_span,
    literal_text,
    made,
    name_global,
    named,
    plain_steps,
    popped,
)
from bartizan.sensors.models.pickles.values import Made, Named, Sight, Sighting

_SIGHTINGS_LIMIT = 256
_CODE_TYPES = ("CodeType", "FunctionType", "LambdaType", "MethodType")


def _sight(tape: Tape, sight: Sight, at: int, text: str, severe: bool = True) -> None:
    if len(tape.sightings) < _SIGHTINGS_LIMIT:
        tape.sightings.append(Sighting(sight, at, text, severe))


def call(tape: Tape, function: int, arguments: tuple[int, ...], at: int, build: bool = False) -> int:
    """Call a value and give the value of the result. `build` for the opcodes that make instances of a class."""
    tape.calls += 1
    target = named(tape, function)
    if target is not None:
        if build and target.judgement.passive:
            # The opcode accepts only classes, and makes an instance without calling __init__.
            return _result(tape, target, function)
        return _call_global(tape, target, function, arguments, at)
    origin = made(tape, function)
    if origin is not None and origin.by is not None:
        if origin.by.judgement.judge == "type" and origin.attribute:
            if origin.attribute.endswith(_CODE_TYPES):
                _carry(tape, f"types.{origin.attribute}", arguments, at)
            return tape.keep(Made(origin.by, arguments[:8]))
        is_class = build and origin.by.judgement.judge in ("code", "invoker", "attribute")
        if not is_class:
            severe = not (origin.by.judgement.judge == "partial" and _harmless(tape, origin.values))
            name = f"{origin.by.text}(…{', ' + repr(origin.attribute) if origin.attribute else ''})"
            _sight(tape, Sight.INDIRECT, at, f"calls what {name} gave", severe)
        _mark_called(tape, origin.values, at)
    return 0


def _call_global(tape: Tape, target: Named, value: int, arguments: tuple[int, ...], at: int) -> int:
    first = not target.called
    if first:
        target.called, target.call_offset = True, at
        if target.judgement.standing is not Standing.ALLOW:
            target.arguments = render(tape, arguments)
    judge = target.judgement.judge
    if judge:
        return _JUDGES[judge](tape, target, arguments, at)
    if target.name == "dtype" and arguments:
        return tape.keep(Made(target, arguments[:1]))
    return _result(tape, target, value)


def _result(tape: Tape, target: Named, value: int) -> int:
    """What a callable gives: one thing stands for all its results."""
    result = tape.results.get(value)
    if result is None:
        result = tape.results[value] = tape.keep(Made(target))
    return result


def _harmless(tape: Tape, values: tuple[int, ...]) -> bool:
    """Whether every global among the values is one that may be called."""
    callables = [thing for value in values if (thing := named(tape, value)) is not None]
    return bool(callables) and all(thing.judgement.standing is Standing.ALLOW for thing in callables)


def _mark_called(tape: Tape, values: tuple[int, ...], at: int) -> None:
    for value in values:
        target = named(tape, value)
        if target is not None and not target.called:
            target.called, target.call_offset = True, at


def _attribute(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """getattr(object, name): of something built or of an allowed class, by a plain literal name."""
    text = literal_text(tape, arguments[1]) if len(arguments) > 1 else None
    owner = named(tape, arguments[0]) if arguments else None
    if text is None:
        _sight(tape, Sight.COMPUTED, at, f"{target.text} with a name that is computed")
    elif text.startswith("__"):
        _sight(tape, Sight.ARGUMENT, at, f"{target.text}(…, {text!r}) reaches into the interpreter")
    elif owner is not None and owner.name != COMPUTED:
        return name_global(tape, owner.module, f"{owner.name}.{text}", at)
    return tape.keep(Made(target, arguments[:1], text or COMPUTED))


def _invoker(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Calls a callable among its arguments: those count as called."""
    for value in arguments:
        function, origin = named(tape, value), made(tape, value)
        if (function is not None and not function.called) or (origin is not None and origin.attribute):
            call(tape, value, (), at)
        for inner in tape.row_of(value):
            _mark_called(tape, (inner,), at)
    return tape.keep(Made(target, tuple(arguments[:4])))


def _module(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Imports the module whose name it is given, and gives it back."""
    text = literal_text(tape, arguments[0]) if arguments else None
    if text is None:
        _sight(tape, Sight.COMPUTED, at, f"{target.text} with a name that is computed")
    elif tape.names.denied(text):
        _sight(tape, Sight.ARGUMENT, at, f"{target.text}({text!r}) hands out a dangerous module", severe=False)
    return tape.keep(Made(target, arguments[:1], text or ""))


def _resolver(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Imports a module and takes a name from it: the same as a global."""
    texts = [literal_text(tape, value) for value in arguments[:2]]
    if len(texts) == 2 and texts[0] is not None and texts[1] is not None:
        return name_global(tape, texts[0], texts[1], at)
    _sight(tape, Sight.COMPUTED, at, f"{target.text} with a name that is computed")
    return tape.keep(Made(target, arguments[:2]))


def _type(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Takes a name from the module `types`, as dill and cloudpickle do."""
    text = literal_text(tape, arguments[0]) if arguments else None
    if text is None:
        _sight(tape, Sight.COMPUTED, at, f"{target.text} with a name that is computed")
    return tape.keep(Made(target, arguments[:1], text or COMPUTED))


def _setter(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """setattr(object, name, value): only to fill the cells of a function that was built here."""
    text = literal_text(tape, arguments[1]) if len(arguments) > 1 else None
    owner = made(tape, arguments[0]) if arguments else None
    if text != "cell_contents" or owner is None or owner.by is None or owner.by.judgement.judge != "code":
        _sight(tape, Sight.BUILD, at, f"{target.text}(…, {text!r}) changes an object while loading")
    return 0


def _nested(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Unpickles bytes: they must stand in the stream, where they are looked at themselves."""
    value = arguments[0] if arguments else 0
    inner = made(tape, value)
    if value > 0 and tape.data[value - 1] in b"CB\x8e\x96TU":
        _, count = literal_span(tape, value)
        if count > 3:
            tape.embeds(value)
    elif inner is not None and inner.by is not None and inner.by.name in ("encode", "BytesIO", "bytearray", "bytes"):
        for part in inner.values[:1]:
            if part > 0:
                tape.embeds(part)
    else:
        _sight(tape, Sight.ARGUMENT, at, f"{target.text} of bytes that are not in the stream")
    return tape.keep(Made(target))


def _code(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Builds a function, class or code object: not run, unless it is called here."""
    _carry(tape, target.text, arguments, at)
    return tape.keep(Made(target, arguments[:8]))


def _carry(tape: Tape, text: str, arguments: tuple[int, ...], at: int) -> None:
    """Note byte code, and the dangerous names among those it uses (tuples of texts in the code object)."""
    used = {name for value in arguments for part in tape.row_of(value) if (name := literal_text(tape, part))}
    alarming = sorted(name for name in used if tape.names.alarms(name))
    _sight(tape, Sight.CODE, at, f"{text} using {', '.join(alarming)}" if alarming else text, severe=bool(alarming))


def _keep(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    return tape.keep(Made(target, arguments[:4]))


def _accessor(tape: Tape, target: Named, arguments: tuple[int, ...], at: int) -> int:
    """Attrgetter and methodcaller: harmless until called, unless what they name is not."""
    for value in arguments:
        text = literal_text(tape, value)
        if text and (text.startswith("__") or tape.names.denied(text.partition(".")[0])):
            _sight(tape, Sight.ARGUMENT, at, f"{target.text}({text!r}) reaches into the interpreter")
    return tape.keep(Made(target, arguments[:2], (literal_text(tape, arguments[0]) or "") if arguments else ""))


Judge = Callable[[Tape, Named, tuple[int, ...], int], int]
_JUDGES: dict[str, Judge] = {
    "attribute": _attribute,
    "setter": _setter,
    "invoker": _invoker,
    "module": _module,
    "resolver": _resolver,
    "type": _type,
    "nested": _nested,
    "encoder": _keep,
    "code": _code,
    "partial": _keep,
    "accessor": _accessor,
}


def render(tape: Tape, arguments: tuple[int, ...]) -> str:
    """The arguments of a call as a person reads them, cut to a line."""
    parts = []
    for value in arguments[:6]:
        text = literal_text(tape, value)
        thing = named(tape, value)
        if text is not None:
            parts.append(repr(text[:120]))
        else:
            parts.append(thing.text if thing else "…")
    return f"({', '.join(parts)})"


def _reduce(tape: Tape, at: int) -> int:
    row, function = tape.stack.pop(), tape.stack.pop()
    tape.stack.append(call(tape, function, tape.row_of(row), at - 1))
    return at


def _newobj(tape: Tape, at: int) -> int:
    row, cls = tape.stack.pop(), tape.stack.pop()
    tape.stack.append(call(tape, cls, tape.row_of(row), at - 1, build=True))
    return at


def _newobj_ex(tape: Tape, at: int) -> int:
    tape.stack.pop()
    return _newobj(tape, at)


def _obj(tape: Tape, at: int) -> int:
    values = popped(tape)
    if values:
        tape.stack.append(call(tape, values[0], tuple(values[1:17]), at - 1))
    else:
        tape.stack.append(0)
    return at


def _inst(tape: Tape, at: int) -> int:
    module, at_name = line(tape, at)
    name, after = line(tape, at_name)
    values = popped(tape)
    texts = module.decode("utf-8", "backslashreplace"), name.decode("utf-8", "backslashreplace")
    value = name_global(tape, *texts, at - 1)
    tape.stack.append(call(tape, value, tuple(values[:16]), at - 1))
    return after


def _build(tape: Tape, at: int) -> int:
    state = tape.stack.pop()
    value = tape.stack[-1]
    target = tape.thing(value) if value < 0 else None
    if isinstance(target, Named):
        _sight(tape, Sight.BUILD, at - 1, f"sets attributes of {target.text} itself")
    elif target is not None and target.by is not None:
        judge = target.by.judgement.judge
        if target.by.name == "NumpyArrayWrapper":
            return skip_array(tape, at)
        if judge in ("attribute", "module", "accessor"):
            _sight(tape, Sight.BUILD, at - 1, f"sets attributes of what {target.by.text} gave")
        if judge == "partial":
            tape.stack[-1] = tape.keep(Made(target.by, (*target.values, *tape.row_of(state)[:1])))
    return at


def _store(tape: Tape, target: int, at: int) -> None:
    function, origin = named(tape, target), made(tape, target)
    if function is not None:
        _sight(tape, Sight.STORE, at, f"puts items into {function.text} itself")
    elif origin is not None and origin.by is not None and origin.by.judgement.judge in ("attribute", "module"):
        _sight(tape, Sight.STORE, at, f"puts items into what {origin.by.text} gave")


def _append(tape: Tape, at: int) -> int:
    tape.stack.pop()
    _store(tape, tape.stack[-1], at - 1)
    return at


def _setitem(tape: Tape, at: int) -> int:
    tape.items = tape.stack[-2:]
    tape.stack.pop()
    tape.stack.pop()
    _store(tape, tape.stack[-1], at - 1)
    return at


def _many(tape: Tape, at: int) -> int:
    """APPENDS and SETITEMS, when the machine met a thing below the items."""
    _store(tape, tape.stack[-1], at - 1)
    return at


def _additems(tape: Tape, at: int) -> int:
    popped(tape)
    _store(tape, tape.stack[-1], at - 1)
    return at


def _persid(tape: Tape, at: int) -> int:
    raw, after = line(tape, at)
    _sight(tape, Sight.PERSISTENT, at - 1, f"persistent id {raw[:60].decode('latin-1')!r}")
    tape.stack.append(0)
    return after


def _binpersid(tape: Tape, at: int) -> int:
    row = tape.row_of(tape.stack.pop())
    kind = literal_text(tape, row[0]) if row else None
    if kind in ("storage", "module") and len(row) in (4, 5, 6):
        tape.storages += 1
    else:
        _sight(tape, Sight.PERSISTENT, at - 1, f"persistent id of kind {kind!r}" if kind else "persistent id")
    tape.stack.append(0)
    return at


def _extension(width: int) -> Step:
    def step(tape: Tape, at: int) -> int:
        code = int.from_bytes(tape.data[at : at + width], "little")
        _sight(tape, Sight.EXTENSION, at - 1, f"extension code {code}")
        tape.stack.append(0)
        return at + width

    return step


def all_steps() -> list[Step]:
    """One step for each of the 256 codes."""
    steps = plain_steps()
    table: dict[bytes, Step] = {
        b"R": _reduce, b"\x81": _newobj, b"\x92": _newobj_ex, b"o": _obj, b"i": _inst, b"b": _build,
        b"a": _append, b"s": _setitem, b"e": _many, b"u": _many, b"\x90": _additems,
        b"P": _persid, b"Q": _binpersid, b"\x82": _extension(1), b"\x83": _extension(2), b"\x84": _extension(4),
    }  # fmt: skip
    for code, step in table.items():
        steps[code[0]] = step
    return steps


STEPS = all_steps()
