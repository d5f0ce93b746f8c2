"""torch's zip format: `data.pkl`, `constants.pkl` and any other member that is a pickle, and TorchScript's code.

Layout: one folder with `data.pkl`, `data/0 …`, `version`, `byteorder`, `.data/…`; TorchScript adds `code/` and
`constants.pkl`. torch's own reader looks at neither CRC nor flags, so neither does this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bartizan.sensors.models.bench import UNPACKED
from bartizan.sensors.models.files import zipped
from bartizan.sensors.models.files.archive import examine_archive, heads, safe_name
from bartizan.sensors.models.files.numpy import MAGIC, read_array
from bartizan.sensors.models.files.pickled import note
from bartizan.sensors.models.issue import Issue, Reading
from bartizan.sensors.models.pickles.names import Standing
from bartizan.sensors.models.pickles.stream import examine, looks_like_start

if TYPE_CHECKING:
    from bartizan.model.blob import Buffer
    from bartizan.sensors.models.bench import Bench
    from bartizan.sensors.models.files.zipped import Archive, Member

_TENSOR = re.compile(r"(?:^|/)(?:data|constants|tensors)/\d+$|/xl_model_weights/\d+$")
_CODE_LIMIT = 8 << 20
_CALL = re.compile(r"\b(?:torch\.|ops\.)?([a-z_]\w*(?:\.\w+)*)\(")


def read_torch(reading: Reading, bench: Bench, data: Buffer, archive: Archive) -> None:
    """Every pickle of the archive, by offset, and the script code."""
    reading.framework = "torch"
    examine_archive(reading, data, archive)
    members = [member.name for member in archive.members]
    script = any("/code/" in f"/{name}" for name in members)
    reading.format = "torchscript" if script else reading.format
    reading.properties["tensors"] = sum(1 for name in members if _TENSOR.search(name))
    for member, head in heads(data, archive):
        tensor = _TENSOR.search(member.name) is not None
        if member.name.endswith(".pkl") or looks_like_start(head):
            read_member(reading, bench, data, member, script=script, quiet=tensor)
        elif head.startswith(MAGIC):
            read_array(reading, bench, zipped.content(data, member, UNPACKED), safe_name(member.name))
        elif script and member.name.endswith(".py"):
            _code(reading, bench, data, member)


def read_member(reading: Reading, bench: Bench, data: Buffer, member: Member, *, script: bool, quiet: bool) -> None:
    """One member that is, or may be, a pickle. `quiet`: numbers that may look like one by chance."""
    content = zipped.content(data, member, UNPACKED)
    stream = examine(content, bench.names)
    if quiet and not stream.streams and stream.standing is not Standing.DENY:
        return
    name = safe_name(member.name)
    note(reading, bench, stream, name, script=script)
    if stream.broken and not quiet:
        reading.worsen(Standing.UNKNOWN)
        reading.add(Issue("pickle-broken", f"the stream cannot be followed to its end: {stream.broken}", member=name,
                          offset=stream.broken_at, proof=stream.broken))  # fmt: skip


def _code(reading: Reading, bench: Bench, data: Buffer, member: Member) -> None:
    """TorchScript runs its own small language; only operators that touch files or start things matter."""
    text = bytes(zipped.content(data, member, _CODE_LIMIT)).decode("utf-8", "replace")
    called = {match.group(1) for match in _CALL.finditer(text)}
    bad = sorted(called & bench.words("torchscript-operators"))
    if bad:
        at = min(text.find(name) for name in bad)
        reading.worsen(Standing.REVIEW)
        reading.add(Issue("torchscript-operator", f"the script calls {', '.join(bad)}", member=safe_name(member.name),
                          line=text.count("\n", 0, at) + 1, proof="|".join(bad)))  # fmt: skip
