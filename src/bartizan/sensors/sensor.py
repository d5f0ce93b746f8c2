"""What a sensor is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Protocol, TypeVar

from bartizan.model.observation import Observation
from bartizan.model.settings import Settings
from bartizan.rules.library import Library

Seen_contra = TypeVar("Seen_contra", contravariant=True)


class Sensor(Protocol[Seen_contra]):
    """Looks at one kind of subject and says what it observed.

    Made once for each worker process from the rules and the settings, then asked about many subjects. It knows
    nothing of where a subject came from, of storage, printing or sockets. What it cannot judge it says as
    Coverage; an exception is caught at the pipeline's boundary and reported as a failure of that subject alone.
    """

    kind: ClassVar[type[Any]]
    """Blob, Folder, Document, Service, Event or Session."""

    def __init__(self, library: Library, settings: Settings) -> None: ...

    def wants(self, subject: Seen_contra) -> bool:
        """Whether `observe` would look at it: cheap (format, name, size, first bytes), called for every subject.

        For a Document sensor the argument is the Blob that would be parsed.
        """

    # A sensor of Documents may have `sure(blob)`: whether the file's place alone says that it must be such a document.
    # One that was only wanted for words in it, and does not parse, is passed over and no error.

    # One that finds secrets may have `take_secrets()`: the values found since it was asked last. The pipeline cuts them
    # out of what others say of the subject, and keeps none.

    def observe(self, subject: Seen_contra) -> Iterator[Observation]:
        """What is there and what is wrong with it."""
