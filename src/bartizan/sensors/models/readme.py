"""The head of a model card: licence, base model and data sets as its author declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from bartizan.model.folder import Folder

_HEAD = 64 << 10
_KEYS = ("license", "license_name", "base_model", "library_name", "pipeline_tag", "datasets", "language", "tags")


def front_matter(folder: Folder) -> dict[str, Any]:
    """The known keys of the YAML block at the start of README.md; empty when there is none that can be read."""
    content = folder.read("README.md", 4 << 20)
    if not content or not content.startswith(b"---"):
        return {}
    block = content[3:_HEAD].split(b"\n---", 1)[0]
    if b"&" in block and b"*" in block:
        return {}
    try:
        value = yaml.load(block, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - the safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    return {key: value[key] for key in _KEYS if isinstance(value.get(key), str | list) and len(str(value[key])) < 500}
