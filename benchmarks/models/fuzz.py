"""Mutates real and hostile artefacts and shows them to the sensor: fuzz.py SECONDS OUT FOLDER…

Whatever raises, or takes longer than five seconds, is written to OUT. Truncation, bit flips, swapped and repeated
spans, numbers set to extremes, two artefacts joined.
"""

from __future__ import annotations

import pathlib
import random
import signal
import sys
import time
import traceback

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.rules.library import Library
from bartizan.sensors.models.blobs import ModelFiles
from bartizan.sources.format import sniff

_EXTREMES = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff" * 4,
    b"\xff\xff\xff\x7f",
    b"\0" * 8,
    b"\xff" * 8,
    b"\x00\x00\x00\x00\x00\x00\x00\x40",
]
_SIZE = 200_000


class Slow(Exception):  # noqa: N818
    """Took longer than it may."""


def mutate(data: bytes, others: list[tuple[str, bytes]], source: random.Random) -> bytes:
    raw = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 4, 12))):
        if not raw:
            break
        at, kind = source.randrange(len(raw)), source.randrange(7)
        span = source.randrange(1, 40)
        if kind == 0:
            del raw[at:]
        elif kind == 1:
            raw[at] ^= 1 << source.randrange(8)
        elif kind == 2:
            value = source.choice(_EXTREMES)
            raw[at : at + len(value)] = value
        elif kind == 3:
            del raw[at : at + span]
        elif kind == 4:
            raw[at:at] = raw[at : at + span] * source.choice((1, 2, 50))
        elif kind == 5:
            raw[at : at + span] = source.randbytes(span)
        else:
            other = source.choice(others)[1]
            cut = source.randrange(len(other)) if other else 0
            raw = raw[:at] + other[cut : cut + 4000]
    return bytes(raw[:_SIZE])


def _late(signum: int, frame: object) -> None:
    raise Slow


def main() -> None:
    seconds, out = float(sys.argv[1]), pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    files = [
        path
        for folder in sys.argv[3:]
        for path in sorted(pathlib.Path(folder).rglob("*"))
        if path.is_file() and path.stat().st_size < _SIZE
    ]
    corpus = [(path.name, path.read_bytes()) for path in files]
    sensor = ModelFiles(Library(), Settings())
    source = random.Random(time.time_ns())
    signal.signal(signal.SIGALRM, _late)
    end, count, faults = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        name, data = source.choice(corpus)
        data = mutate(data, corpus, source)
        count += 1
        signal.alarm(5)
        try:
            blob = Blob(Location(path=name), data, sniff(name, data))
            if sensor.wants(blob):
                list(sensor.observe(blob))
        except BaseException as error:  # noqa: BLE001 - the point of it
            signal.alarm(0)
            if isinstance(error, KeyboardInterrupt):
                raise
            faults += 1
            (out / f"{type(error).__name__}-{faults}-{name}").write_bytes(data)
            print(name, traceback.format_exc(limit=-3), flush=True)
            if faults > 40:
                break
        finally:
            signal.alarm(0)
    print(f"{count} mutants, {faults} faults")


if __name__ == "__main__":
    main()
