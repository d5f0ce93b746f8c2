"""What the user wrote down about intelligence: where to fetch it from, and whom to believe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bartizan.model.home import config_folder
from bartizan.syntax.strictyaml import read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The file `intel.yaml` of the user's configuration folder; without it nothing is ever fetched.

    `mirrors` are folders or `https://` addresses, tried in their order; `keys` further public keys, in hexadecimal,
    whose snapshots are believed, `networks` private ones that a mirror's name may lead to.
    """

    mirrors: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def preferences_file() -> Path:
    """Where the user's file is looked for."""
    return config_folder() / "intel.yaml"


def user_preferences() -> Preferences:
    """The user's preferences; empty without a file. Raises UsageError, with file and line, for a malformed one."""
    path = preferences_file()
    return read_yaml(path, Preferences) if path.is_file() else Preferences()
