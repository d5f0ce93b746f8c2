"""Pickle streams: what is named and called, in every way of saying it, and nothing of what is only data."""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import pathlib
import pickle
import struct
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.sensors.models.bench import Bench
from bartizan.sensors.models.pickles import stream as streams
from bartizan.sensors.models.pickles.calls import STEPS
from bartizan.sensors.models.pickles.inert import inert_end
from bartizan.sensors.models.pickles.machine import Tape, follow
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import Stream, examine


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


CALL = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."
FORMS = {
    "reduce": CALL,
    "text protocol": b"cos\nsystem\n(S'true'\ntR.",
    "inst": b"(S'true'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'true'\no.",
    "newobj": b"\x80\x02csubprocess\nPopen\n)\x81.",
    "newobj_ex": b"\x80\x04" + short("subprocess") + short("Popen") + b"\x93)}\x92.",
    "from memo": b"\x80\x04"
    + short("system")
    + b"\x94"
    + short("os")
    + b"\x94h\x01h\x00\x93"
    + short("true")
    + b"\x85R.",
    "memo counted": b"\x80\x04"
    + short("os")
    + b"q\x05"
    + short("system")
    + b"\x940h\x05h\x01\x93"
    + short("true")
    + b"\x85R.",
    "escaped name": b"\x80\x04V\\u006f\\u0073\nVs\\u0079stem\n\x93Vtrue\n\x85R.",
    "popped": b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R0N.",
    "second stream": pickle.dumps({"w": 1}) + CALL,
    "before an error": CALL[:-1] + b"\xff",
    "without a stop": CALL[:-1],
    "dotted": b"\x80\x04" + short("sklearn.utils") + short("os.system") + b"\x93.",
    "python 2 name": b"\x80\x02c__builtin__\nexecfile\nX\x01\x00\x00\x00x\x85R.",
    "through map": b"\x80\x02cbuiltins\nmap\ncos\nsystem\n]\x86R.",
    "in a literal": pickle.dumps({"p": CALL + b"  "}, 4),
    "in two literals": pickle.dumps({"p": pickle.dumps({"q": CALL + b"  "}, 4)}, 4),
    "loaded from bytes": b"\x80\x02ctorch.storage\n_load_from_bytes\nB"
    + struct.pack("<I", len(CALL))
    + CALL
    + b"\x85R.",
    "state on a function": b"\x80\x02cnumpy\nclip\n}X\x08\x00\x00\x00__code__Nsb.",
    "item into a global": b"\x80\x02ccopyreg\ndispatch_table\nK\x01K\x02s.",
    "computed name": b"\x80\x04" + short("os") + b"cbuiltins\nstr\nX\x06\x00\x00\x00system\x85R\x93.",
    "getattr of a dunder": b"\x80\x02cbuiltins\ngetattr\nccollections\nOrderedDict\nX\x0a\x00\x00\x00__reduce__\x86R.",
    "partial called": b"\x80\x02cfunctools\npartial\ncbuiltins\neval\n\x85RX\x01\x00\x00\x001\x85R.",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_call_is_denied_however_it_is_said(bench: Bench, form: str) -> None:
    assert examine(FORMS[form], bench.names).standing is Standing.DENY


HARMLESS: dict[str, Any] = {
    "containers": {"a": [1, 2.5, None, True, "é", b"bytes", 10**40, (1, (2, (3,)))], "s": {1, 2}, "f": frozenset([3])},
    "collections": [collections.OrderedDict(a=1), collections.Counter("abc"), collections.deque([1], 5)],
    "time": [datetime.datetime(2024, 1, 2), datetime.date(2024, 1, 1), datetime.timedelta(3), datetime.UTC],
    "numbers": [decimal.Decimal("1.5"), fractions.Fraction(1, 3), 1 + 2j, array.array("d", [1.0]), range(5)],
    "places": [pathlib.PurePosixPath("/a/b"), uuid.UUID(int=5), slice(1, 2), bytearray(b"x")],
    "words": ["os", "system", "os.system", "eval", "cos\nsystem\n(S'id'\ntR.", "__reduce__"],
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", HARMLESS)
def test_data_of_the_standard_library_is_allowed(bench: Bench, name: str, protocol: int) -> None:
    seen = examine(pickle.dumps(HARMLESS[name], protocol), bench.names)
    assert (seen.standing, seen.broken, seen.streams) == (Standing.ALLOW, "", 1)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.binary(max_size=80),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner) | st.tuples(inner, inner),
    max_leaves=40,
)


@settings(max_examples=150, deadline=None)
@given(value=PLAIN, protocol=st.integers(0, 5))
def test_whatever_is_only_data_is_followed_to_its_end(bench: Bench, value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    seen = examine(data, bench.names)
    assert (seen.broken, seen.end, seen.globals) == ("", len(data), []) or protocol < 3


@settings(max_examples=150, deadline=None)
@given(value=PLAIN, protocol=st.integers(2, 5))
def test_the_expression_and_the_machine_agree_on_data(bench: Bench, value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    if end := inert_end(data, 0, len(data)):
        assert end == len(data)
        assert not _followed(data, bench).broken


def _followed(data: bytes, bench: Bench) -> Stream:
    """By the machine alone."""
    worth = streams._WORTH
    streams._WORTH = 1 << 40
    try:
        return examine(data, bench.names)
    finally:
        streams._WORTH = worth


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_the_machine(bench: Bench, data: bytes) -> None:
    examine(b"\x80\x04" + data, bench.names)


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=60))
def test_the_expression_never_passes_a_call(bench: Bench, data: bytes) -> None:
    """What it passes, the machine, which knows all opcodes, reads to the same end without meeting a global."""
    whole = data + CALL[2:]
    if end := inert_end(whole, 0, len(whole)):
        tape = Tape(whole, 0, end, bench.names)
        after = follow(tape, STEPS)
        assert not tape.globals
        assert tape.broken or after == end


@pytest.mark.parametrize("form", FORMS)
def test_truncation_at_every_byte_is_survived(bench: Bench, form: str) -> None:
    for length in range(len(FORMS[form])):
        examine(FORMS[form][:length], bench.names)


def test_ten_thousand_nested_tuples_are_followed(bench: Bench) -> None:
    data = b"\x80\x02" + b"(" * 10_000 + b"N" + b"t" * 10_000 + b"."
    seen = examine(data, bench.names)
    assert (seen.broken, seen.standing) == ("", Standing.ALLOW)


def test_a_cycle_in_the_memo_ends(bench: Bench) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    assert examine(pickle.dumps(cycle, 4), bench.names).broken == ""


def test_declared_lengths_cost_nothing(bench: Bench) -> None:
    for opcode in (
        b"X\xff\xff\xff\xff",
        b"\x8e" + b"\xff" * 8,
        b"\x8d" + b"\xff" * 7 + b"\x7f",
        b"\x8b\xff\xff\xff\x7f",
        b"\x95" + b"\xff" * 8,
    ):
        assert examine(b"\x80\x04" + opcode, bench.names).broken


def test_evidence_says_what_is_called_where(look: Any) -> None:
    assets, findings = look("model.pkl", CALL)
    assert assets[0].properties["verdict"] == "deny"
    assert assets[0].properties["sha256"]
    (finding,) = findings
    assert (finding.rule, finding.severity, finding.location.offset) == (
        "models/pickle-dangerous-global",
        "critical",
        2,
    )
    assert "os.system('true')" in finding.evidence[0].summary
    assert "GLOBAL 'os system'" in finding.evidence[0].detail


def test_one_stream_with_many_weak_names_is_one_finding(look: Any) -> None:
    data = b"\x80\x02" + b"".join(b"cos\n%s\n0" % name for name in (b"system", b"popen", b"remove")) + b"N."
    _, findings = look("model.pkl", data)
    assert [finding.rule for finding in findings] == ["models/pickle-dangerous-global"]


@pytest.mark.parametrize(
    ("module", "name", "standing"),
    [
        ("sklearn.linear_model._base", "LinearRegression", Standing.ALLOW),
        ("torch.nn.modules.linear", "Linear", Standing.ALLOW),
        ("torch.nn.modules.linear", "math.os", Standing.DENY),
        ("torch.serialization", "os", Standing.DENY),
        ("asyncio.unix_events", "_UnixSubprocessTransport", Standing.DENY),
        ("random", "_os", Standing.DENY),
        ("numpy", "__builtins__", Standing.DENY),
        ("numpy.random._pickle", "__generator_ctor", Standing.ALLOW),
        ("pandas._libs.missing", "os.system", Standing.DENY),
        ("our_company.models", "Net", Standing.UNKNOWN),
        ("uuid", "UUID", Standing.ALLOW),
        ("uuid", "_popen", Standing.DENY),
        ("os\u200b", "system", Standing.UNKNOWN),
    ],
)
def test_names_are_judged(bench: Bench, module: str, name: str, standing: Standing) -> None:
    assert bench.names.judge(module, name, 4).standing is standing
