"""TensorFlow Lite: custom operators of the flatbuffer. Schema: `tensorflow/lite/schema/schema.fbs`.

Lists read from the packs: `tensorflow-file-operators` (as `Flex` operators), `tflite-operators` (well-known customs).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bartizan.model.severity import Severity
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench

_CODES = 10_000


class _Table:
    """One flatbuffer table, with every offset checked. Raises ValueError where one leads out of the file."""

    def __init__(self, data: Buffer, at: int) -> None:
        self.data, self.at = data, at
        self.fields = at - self._number(at, 4, signed=True)
        self.count = (self._number(self.fields, 2) - 4) // 2

    def _number(self, at: int, width: int, signed: bool = False) -> int:
        if at < 0 or at + width > len(self.data):
            raise ValueError(f"an offset leads to {at}, outside the file")
        return int.from_bytes(self.data[at : at + width], "little", signed=signed)

    def place(self, index: int) -> int:
        """Where a field lies; 0 when it is absent."""
        offset = self._number(self.fields + 4 + 2 * index, 2) if index < self.count else 0
        return self.at + offset if offset else 0

    def follow(self, place: int) -> int:
        """The offset that stands at a place, followed."""
        return place + self._number(place, 4)

    def text(self, index: int) -> str:
        """A string field; empty when absent."""
        place = self.place(index)
        if not place:
            return ""
        start = self.follow(place)
        length = self._number(start, 4)
        if length > len(self.data) - start - 4:
            raise ValueError(f"a text claims {length} bytes")
        return bytes(self.data[start + 4 : start + 4 + min(length, 200)]).decode("utf-8", "replace")

    def tables(self, index: int) -> list[_Table]:
        """A vector of tables."""
        place = self.place(index)
        if not place:
            return []
        start = self.follow(place)
        length = self._number(start, 4)
        if length > _CODES or length * 4 > len(self.data) - start:
            raise ValueError(f"a vector claims {length} entries")
        return [_Table(self.data, self.follow(start + 4 + 4 * entry)) for entry in range(length)]


def read_tflite(reading: Reading, bench: Bench, data: Buffer) -> None:
    """Operator codes are field 1 of the model; a custom operator has its name in field 1 of its code."""
    reading.format, reading.framework = "tflite", "tensorflow"
    try:
        model = _Table(data, int.from_bytes(data[0:4], "little"))
        custom = sorted({name for code in model.tables(1) if (name := code.text(1))})
        reading.properties["description"] = model.text(3)[:120]
        reading.properties["subgraphs"] = len(model.tables(2))
    except (ValueError, IndexError) as fault:
        reading.worsen(Standing.REVIEW)
        reading.add(Issue("flatbuffer-header", str(fault), offset=0, proof="offsets"))
        return
    files = [name for name in custom if name.removeprefix("Flex") in bench.words("tensorflow-file-operators")]
    if files:
        reading.worsen(Standing.DENY)
        reading.add(Issue("tensorflow-file-operator", f"the graph uses {', '.join(files)}", proof="|".join(files)))
    strange = [name for name in custom if not name.startswith("Flex") and name not in bench.words("tflite-operators")]
    if strange:
        reading.add(
            Issue(
                "custom-operator",
                f"needs the operators {', '.join(strange[:8])}",
                severity=Severity.LOW,
                proof="|".join(strange),
            )
        )
