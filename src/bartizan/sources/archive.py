"""Archives inside one another: every file in them, as far as the limits allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

from bartizan.model.blob import Blob
from bartizan.model.coverage import Coverage, Outcome
from bartizan.model.errors import LimitError, SourceError
from bartizan.sources.ar import open_ar
from bartizan.sources.budget import Budget, Limits
from bartizan.sources.member import Found
from bartizan.sources.packed import PackedFolder, PackedTree
from bartizan.sources.sevenzip import open_7z
from bartizan.sources.tar import open_stream, open_tar
from bartizan.sources.unpack import STREAMS
from bartizan.sources.zip import open_zip
from bartizan.syntax.zipindex import find_index

ZIPS = frozenset({"zip", "torch-zip", "npz", "keras-zip", "wheel", "jar", "apk", "ooxml", "mar", "crx"})
_CARRIERS = frozenset({"elf", "pe", "macho"})
"""Programs that may carry a zip file at their end: self-extracting archives, llamafiles."""
_CLOSED = frozenset({"rar", "cab", "compress", "rpm", "cpio"})
Opener = Callable[[Blob, Budget], Iterator[Found]]
_OPENERS: dict[str, Opener] = {
    **dict.fromkeys(ZIPS | _CARRIERS, open_zip),
    **dict.fromkeys(STREAMS, open_stream),
    "tar": open_tar,
    "7z": open_7z,
    "ar": open_ar,
}
_OPENED = frozenset(_OPENERS) | _CLOSED
_TREES = frozenset({"zip", "wheel", "jar", "mar", "crx", "tar", "7z", "ar", *_CARRIERS, *STREAMS})
"""Archives whose directories are more than the layout of one file format; a stream may hold a tar file."""
_LIMITS = Limits()


def is_archive(word: str) -> bool:
    """Whether `members` may find something in a blob of this format."""
    return word in _OPENED


def members(blob: Blob, limits: Limits = _LIMITS, *, folders: bool = False) -> Iterator[Found | PackedFolder]:
    """Everything inside the blob, archives before what they hold, depth first; with `folders` the directories of
    each archive after its members.

    A blob is valid until the next is asked for. What could not be read is said once and never raised; what could
    be read before it is given all the same.
    """
    budget = Budget(limits)
    try:
        yield from _open(blob, budget, folders=folders)
    except LimitError as error:
        yield Coverage(Outcome.FAILED, str(blob.location), error.what)


def _open(blob: Blob, budget: Budget, *, folders: bool) -> Iterator[Found | PackedFolder]:
    if blob.format in _CLOSED:
        yield Coverage(Outcome.SKIPPED, str(blob.location), f"{blob.format} archives cannot be opened")
        return
    opener = _OPENERS.get(blob.format)
    if opener is None or (blob.format in _CARRIERS and not _carries_zip(blob)):
        return
    if len(blob.inside) >= budget.limits.depth:
        yield Coverage(Outcome.FAILED, str(blob.location), f"archives nested deeper than {budget.limits.depth} levels")
        return
    if not folders or blob.format not in _TREES:
        yield from _walk(blob, opener, budget, None, folders=folders)
        return
    with closing(PackedTree(blob, budget)) as tree:
        try:
            yield from _walk(blob, opener, budget, tree, folders=folders)
        except LimitError:
            yield from tree.subjects()
            raise
        yield from tree.subjects()


def _walk(
    blob: Blob,
    opener: Opener,
    budget: Budget,
    tree: PackedTree | None,
    *,
    folders: bool,
) -> Iterator[Found | PackedFolder]:
    """The members of one archive, each followed by what it holds; `tree` notes them."""
    complaints = 0
    try:
        for found in opener(blob, budget):
            if isinstance(found, Coverage):
                complaints += 1
                if complaints <= budget.limits.complaints:
                    yield found
                continue
            if tree is not None:
                tree.take(found)
            yield found
            if found.format in _OPENED and not _is_tensor(found):
                yield from _open(found, budget, folders=folders)
    except LimitError:
        raise
    except SourceError as error:
        yield Coverage(Outcome.FAILED, str(blob.location), error.what)
    if complaints > budget.limits.complaints:
        more = complaints - budget.limits.complaints
        yield Coverage(Outcome.FAILED, str(blob.location), f"{more} further members are unread or strange")


def _carries_zip(blob: Blob) -> bool:
    """Whether a zip file's end record is the last thing in a program."""
    if bytes(blob.data[max(0, blob.size - 22) : blob.size])[:4] != b"PK\x05\x06":
        return False
    index = find_index(blob.data)
    return index is not None and index.count > 0


def _is_tensor(blob: Blob) -> bool:
    """Raw numbers of a torch file, which may look like anything."""
    if blob.inside[-1] != "torch-zip":
        return False
    folder, _, leaf = (blob.location.member or "").rpartition("/")
    return leaf.isdigit() and folder.endswith("data")
