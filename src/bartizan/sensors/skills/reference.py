"""Files that an instruction names: a script hidden behind a reference is read too."""

from __future__ import annotations

import re

from bartizan.sensors.skills.bundle import Bundle

MAX_REFERRED = 40

_PATH = re.compile(
    r"(?<![\w:/])(?:\$\{?CLAUDE_(?:PLUGIN_ROOT|PROJECT_DIR)\}?/|\./)?((?:[\w.-]+/){0,6}[\w.-]+\.(?:sh|bash|py|js|mjs|cjs|ts|ps1|md|mdc|txt))\b"
)


def referred_files(bundle: Bundle) -> list[str]:
    """Paths inside the folder that its texts name and that are not read yet, in order of first mention."""
    found: dict[str, None] = {}
    for text in list(bundle.texts.values()):
        for match in _PATH.finditer(text[: 1 << 20]):
            name = match.group(1)
            if ".." not in name and name not in bundle.texts and len(found) < 400:
                found[name] = None
    return [name for name in found if bundle.folder.read(name, 1 << 20) is not None][:MAX_REFERRED]
