"""Files that can be made again: kept between runs, and never a reason to fail."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def keep(path: Path, content: bytes, spare: int) -> None:
    """Write beside and rename, so that a reader never meets half a file.

    Of the files of the same kind (what stands before the first `-` of the name, and the suffix) the newest `spare`
    stay. An unwritable cache is no error: the work is done again.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
        kin = path.parent.glob(f"{path.name.partition('-')[0]}-*{path.suffix}")
        for stale in sorted(kin, key=lambda item: item.stat().st_mtime)[:-spare]:
            stale.unlink(missing_ok=True)
    except OSError:
        return
