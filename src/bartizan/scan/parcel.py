"""What came of a batch, as bytes: cheap to send from a worker and to read by the planner."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field

import msgspec

from bartizan.model.asset import Asset
from bartizan.model.coverage import Coverage
from bartizan.model.finding import Finding
from bartizan.model.relation import Relation
from bartizan.scan.order import Yield
from bartizan.scope.ledger import Touch


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A Yield with its observations sorted by kind, so that each list has one type."""

    assets: list[Asset]
    relations: list[Relation]
    findings: list[Finding]
    gaps: list[Coverage]
    checked: dict[str, int]
    touches: list[Touch] = field(default_factory=list)
    subjects: int = 0
    size: int = 0
    seconds: float = 0.0


_encoder = msgspec.msgpack.Encoder(enc_hook=str)
_decoder = msgspec.msgpack.Decoder(_Parcel)


def pack(done: Yield) -> bytes:
    """Encode; text that is no Unicode (lone surrogates from hostile input) is the one thing that needs pickle."""
    parcel = _Parcel(
        [seen for seen in done.observations if isinstance(seen, Asset)],
        [seen for seen in done.observations if isinstance(seen, Relation)],
        [seen for seen in done.observations if isinstance(seen, Finding)],
        [seen for seen in done.observations if isinstance(seen, Coverage)],
        done.checked,
        done.touches,
        done.subjects,
        done.size,
        done.seconds,
    )
    try:
        return b"m" + _encoder.encode(parcel)
    except UnicodeEncodeError:
        return b"p" + pickle.dumps(parcel)


def unpack(packed: bytes) -> Yield:
    """What `pack` was given; lists where it had tuples among an asset's properties."""
    parcel: _Parcel = _decoder.decode(packed[1:]) if packed[:1] == b"m" else pickle.loads(packed[1:])  # noqa: S301
    return Yield(
        [*parcel.assets, *parcel.relations, *parcel.findings, *parcel.gaps],
        parcel.checked,
        parcel.touches,
        parcel.subjects,
        parcel.size,
        parcel.seconds,
    )
