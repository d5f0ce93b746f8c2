"""Which kin of zip a zip file is, by the names of its members."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from bartizan.model.blob import Buffer
from bartizan.syntax.zipindex import central_entries, find_index, local_entry

_LOOKED_AT = 2000
_BY_NAME = {
    "META-INF/MANIFEST.MF": "jar",
    "AndroidManifest.xml": "apk",
    "[Content_Types].xml": "ooxml",
    "MAR-INF/MANIFEST.json": "mar",
    "saved_model.pb": "zip",
}


def zip_kind(data: Buffer) -> str:
    """`torch-zip`, `npz`, `keras-zip`, `wheel`, `jar`, `apk`, `ooxml`, `mar`, or plain `zip`."""
    index = find_index(data)
    if index:
        return kind_of_names([entry.name for entry in islice(central_entries(data, index), _LOOKED_AT)])
    first = local_entry(data, 0)
    return kind_of_names([first[0].name] if first else [])


def kind_of_names(names: Iterable[str]) -> str:
    """The kind whose marks are among the names; the most specific first."""
    known = set(names)
    if "config.json" in known and ("model.weights.h5" in known or "metadata.json" in known):
        return "keras-zip"
    if any(_is_torch(name) for name in known):
        return "torch-zip"
    if known and all(name.endswith(".npy") for name in known):
        return "npz"
    if any(name.endswith(".dist-info/WHEEL") for name in known):
        return "wheel"
    if "AndroidManifest.xml" in known:
        return "apk"
    return next((kind for name, kind in _BY_NAME.items() if name in known), "zip")


def _is_torch(name: str) -> bool:
    """torch.save and torch.jit.save put `data.pkl` (or the mobile `bytecode.pkl`) below one folder."""
    folder, _, leaf = name.rpartition("/")
    return leaf in ("data.pkl", "bytecode.pkl", "constants.pkl") and "/" not in folder
