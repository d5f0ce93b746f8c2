"""Turns what a stream names and does into issues: one for each weakness of one stream, whatever the number of names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bartizan.model.severity import Confidence, Severity
from bartizan.sensors.models.issue import Issue, fold
from bartizan.sensors.models.pickles.listing import listing
from bartizan.sensors.models.pickles.names import COMPUTED, Standing
from bartizan.sensors.models.pickles.stream import Stream
from bartizan.sensors.models.pickles.values import Named, Sight, Sighting

_SHOWN = 8
_RULES = {
    Sight.COMPUTED: "pickle-computed-global",
    Sight.BUILD: "pickle-tampered-object",
    Sight.STORE: "pickle-tampered-object",
    Sight.EXTENSION: "pickle-extension-code",
    Sight.PERSISTENT: "pickle-persistent-id",
    Sight.ARGUMENT: "pickle-unsafe-argument",
    Sight.INDIRECT: "pickle-indirect-call",
    Sight.CODE: "pickle-embedded-code",
}


def issues(stream: Stream, reasons: Mapping[str, str], member: str = "", *, script: bool = False) -> Iterator[Issue]:
    """All issues of a stream and of those inside it. `script` accepts classes defined by the archive itself."""
    yield from fold(_each(stream, reasons, member, script))


def _each(stream: Stream, reasons: Mapping[str, str], member: str, script: bool) -> Iterator[Issue]:
    for inner in stream.everything():
        where = "" if inner is stream else "a pickle inside a literal: "
        step_down = inner is not stream and not inner.loaded
        yield from _denied(inner, reasons, member, where, step_down)
        yield from _suspicious(inner, member, where)
        yield from _unknown(inner, member, where, script)
        yield from _sighted(inner, member, where)


def _denied(stream: Stream, reasons: Mapping[str, str], member: str, where: str, step_down: bool) -> Iterator[Issue]:
    denied = [seen for seen in stream.globals if seen.judgement.standing is Standing.DENY and not _is_computed(seen)]
    if not denied:
        return
    denied.sort(key=lambda seen: not seen.called)
    worst = denied[0]
    severity = Severity.CRITICAL if worst.called and not step_down else Severity.HIGH
    names = ", ".join(dict.fromkeys(seen.text for seen in denied[:_SHOWN]))
    verb = f"calls {worst.text}{worst.arguments}" if worst.called else f"names {worst.text}"
    also = f"; in all: {names}" if len(denied) > 1 else ""
    reason = reasons.get(worst.judgement.reason, worst.judgement.reason)
    yield Issue(
        "pickle-dangerous-global",
        f"{where}{verb}, which {reason}{also}",
        _shown(stream, worst),
        "disassembly",
        member,
        worst.offset,
        severity=severity,
        confidence=Confidence.CERTAIN if worst.called else Confidence.FIRM,
        proof=_proof(denied),
    )


def _suspicious(stream: Stream, member: str, where: str) -> Iterator[Issue]:
    called = [seen for seen in _unknown_names(stream) if seen.judgement.suspicious and seen.called]
    if called:
        names = ", ".join(f"{seen.text}{seen.arguments}" for seen in called[:_SHOWN])
        yield Issue(
            "pickle-suspicious-call",
            f"{where}calls {names}, which no list of harmless names holds",
            _shown(stream, called[0]),
            "disassembly",
            member,
            called[0].offset,
            proof=_proof(called),
        )


def _unknown(stream: Stream, member: str, where: str, script: bool) -> Iterator[Issue]:
    unknown = [
        seen
        for seen in _unknown_names(stream)
        if not (seen.judgement.suspicious and seen.called)
        and not (seen.judgement.passive and not seen.called)
        and not (script and seen.module.startswith("__torch__"))
    ]
    if unknown:
        names = ", ".join(seen.text for seen in unknown[:_SHOWN])
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        yield Issue(
            "pickle-unknown-global",
            f"{where}needs {names}{more}",
            "",
            "text",
            member,
            unknown[0].offset,
            proof=_proof(unknown),
        )


def _unknown_names(stream: Stream) -> list[Named]:
    return [seen for seen in stream.globals if seen.judgement.standing is Standing.UNKNOWN]


def _is_computed(seen: Named) -> bool:
    return COMPUTED in (seen.module, seen.name)


def _sighted(stream: Stream, member: str, where: str) -> Iterator[Issue]:
    computed = [seen for seen in stream.globals if _is_computed(seen)]
    if computed:
        yield Issue(
            "pickle-computed-global",
            f"{where}takes a global by a name that is put together while loading",
            listing(stream.data, computed[0].offset, computed[0].offset),
            "disassembly",
            member,
            computed[0].offset,
            proof="computed",
        )
    for rule, severe in sorted({(_RULES[seen.sight], seen.severe) for seen in stream.sightings}):
        group = [seen for seen in stream.sightings if (_RULES[seen.sight], seen.severe) == (rule, severe)]
        if rule == "pickle-computed-global" and computed:
            continue
        yield _issue(stream, rule, group, member, where, severe)


def _issue(stream: Stream, rule: str, group: list[Sighting], member: str, where: str, severe: bool) -> Issue:
    texts = list(dict.fromkeys(seen.text for seen in group))
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    return Issue(
        rule,
        f"{where}{'; '.join(texts[:_SHOWN])}{more}",
        listing(stream.data, group[0].offset, group[0].offset, 4),
        "disassembly",
        member,
        group[0].offset,
        severity=None if severe else Severity.LOW,
        proof="|".join(sorted(texts)),
    )


def _shown(stream: Stream, seen: Named) -> str:
    """From the name, or the two texts it is made of, to the call."""
    stop = seen.call_offset if seen.offset <= seen.call_offset < seen.offset + 2048 else seen.offset
    return listing(stream.data, seen.offset, stop)


def _proof(seen: Iterable[Named]) -> str:
    return "|".join(sorted(f"{name.module}:{name.name}" for name in seen))
