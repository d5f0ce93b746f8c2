"""Where this user's things live."""

from __future__ import annotations

import os
from pathlib import Path

NOWHERE = Path(os.devnull)
"""Stands for the home of a user who has none (a container's user without an entry): nothing can be made below it."""


def home_folder() -> Path:
    """The user's home, or NOWHERE."""
    home = os.path.expanduser("~")
    return Path(home) if os.path.isabs(home) else NOWHERE


def data_folder() -> Path:
    """What must be kept: the store, keys, intelligence."""
    return _folder("XDG_DATA_HOME", ".local/share")


def cache_folder() -> Path:
    """What can be made again."""
    return _folder("XDG_CACHE_HOME", ".cache")


def config_folder() -> Path:
    """What the user wrote."""
    return _folder("XDG_CONFIG_HOME", ".config")


def _folder(variable: str, usual: str) -> Path:
    """The XDG base directory specification: a relative path in the variable is to be ignored."""
    told = os.environ.get(variable, "")
    return (Path(told) if os.path.isabs(told) else home_folder() / usual) / "bartizan"
