from __future__ import annotations

from importlib import import_module

from bartizan.model.blob import Blob
from bartizan.model.location import Location
from bartizan.model.settings import Settings
from bartizan.scan.order import Job, Order
from bartizan.scan.selection import select
from bartizan.scan.worker import Worker, load
from bartizan.scope.target import Target, TargetKind
from bartizan.sensors.registry import KINDS, SENSORS
from bartizan.sources.source import Batch


def test_the_registry_tells_kinds_truly() -> None:
    for name, kind in KINDS.items():
        own = load(SENSORS[name]).kind.__name__
        assert ("Blob" if own == "Document" else own) == kind, name


def test_every_sensor_is_made_for_its_kind() -> None:
    worker = Worker(Order(select(), Settings()))
    kinds = {load(home).kind for home in SENSORS.values()} - {import_module("bartizan.model.document").Document}
    made = {name for kind in (*kinds, Blob) for name, _ in worker._looking_at(kind)}
    assert made == set(SENSORS)


def test_a_kind_that_is_not_told_is_looked_up() -> None:
    worker = Worker(Order(("packages/hooks", "secrets/keys"), Settings()))
    kept = dict(KINDS)
    KINDS.clear()
    try:
        assert [name for name, _ in worker._looking_at(Blob)] == ["secrets/keys"]
        assert [name for name, _ in worker._looking_at(load(SENSORS["packages/hooks"]).kind)] == ["packages/hooks"]
    finally:
        KINDS.update(kept)


def test_standard_input_as_a_batch() -> None:
    order = Order(("secrets/keys",), Settings())
    job = Job(order, Batch("stdin", Target(TargetKind.STDIN, "-"), (b"just text\n",)))
    done = Worker(order).run(job)
    assert (done.subjects, done.size, done.observations) == (1, 10, [])
    assert Location(path="stdin").leaf == "stdin"
