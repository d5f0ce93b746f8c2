"""The table of contents of zip files, where end records mislead."""

from __future__ import annotations

import io
import struct
import zipfile

from bartizan.syntax.zipindex import central_entries, find_index


def test_a_wide_end_record_counts_even_where_none_is_needed() -> None:
    """torch always writes one. A first name of 30 letters puts the second entry where a careless reader looks."""
    out = io.BytesIO()
    names = ["archive-with-a-long-na/data.pkl"[:30], "archive/version"]
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, b"x")
    raw = out.getvalue()
    end = raw.index(b"PK\x05\x06")
    count, length, offset = struct.unpack_from("<HII", raw, end + 10)
    wide = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, offset)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    data = raw[:end] + wide + locator + raw[end:]
    index = find_index(data)
    assert index is not None
    assert [entry.name for entry in central_entries(data, index)] == names
