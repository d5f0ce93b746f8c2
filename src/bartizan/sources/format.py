"""What a file is: content decides, the name only where content cannot.

The words: `text` (any encoding that keeps ASCII; JSON, YAML and source code are all text), `utf16`, `utf32`,
`empty`, `data` (nothing known), the containers `zip torch-zip npz keras-zip wheel jar apk ooxml mar tar gzip bzip2
xz lzma zstd lz4 zlib 7z ar rar`, and single files: `pickle zfile npy hdf5 gguf ggml safetensors onnx tf-model tflite
executorch rdata parquet arrow sqlite pyc elf pe macho class wasm pdf png jpeg …` (the rest stands in `magic`).
"""

from __future__ import annotations

import zlib

from bartizan.model.blob import Buffer
from bartizan.sources import magic, picklestart
from bartizan.sources.zipkind import zip_kind
from bartizan.syntax.zipindex import find_index

_HEAD = 4096
_PLAIN = bytes(code for code in range(256) if code >= 32 or code in b"\a\b\t\n\v\f\r\x0e\x0f\x1b")
"""What text is made of: no control characters but spacing, bell and the shifts of ISO 2022 and of terminals."""
_ASK = magic.TEXTUAL_LEADS | picklestart.LEADS | frozenset(b"#x")
"""First bytes of a plain text after which it may still be something else."""
_ARCHIVE_NAMES = {
    ".zip": "zip",
    ".whl": "wheel",
    ".jar": "jar",
    ".npz": "npz",
    ".keras": "keras-zip",
    ".tar": "tar",
    ".gz": "gzip",
    ".tgz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
    ".lz4": "lz4",
    ".7z": "7z",
}
"""What calls itself an archive and is nothing known is a damaged one, which must be said."""
_PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".pk", ".p", ".dill", ".pt", ".pth", ".bin", ".ckpt", ".sav")


def sniff(name: str, data: Buffer) -> str:
    """The word for the format of `data`. Reads the first 4 KiB, and of zip files the table of contents."""
    head = data[:_HEAD] if isinstance(data, bytes) else bytes(data[:_HEAD])
    if b"\0" not in head:
        if not head:
            return "empty"
        if head[0] not in _ASK and head.isascii() and not head[:512].translate(None, _PLAIN):
            return "text"
        return _sniff_without_nul(name, head, data)
    return _sniff_binary(name, head, data)


def _sniff_without_nul(name: str, head: bytes, data: Buffer) -> str:
    """Text, or a binary file too short or too unlucky to hold a NUL byte."""
    word = magic.first_match(head)
    if word and (word in magic.TEXTUAL or not head.isascii() or head[:4].translate(None, _PLAIN)):
        confirmed = _confirmed(word, head, data)
        if confirmed:
            return confirmed
    if _is_pickle(name, head, data):
        return "pickle"
    if head[0] == 0x78 and _is_zlib(head):
        return "zlib"
    if head[:2] == b"#!" and _ends_as_zip(data):
        return zip_kind(data)
    if head[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf32"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf16"
    return "text" if _reads_as_text(head) else _guess_by_name(name, head)


def _sniff_binary(name: str, head: bytes, data: Buffer) -> str:
    if head[257:262] == b"ustar" or (len(head) >= 512 and head[0] and _has_tar_checksum(head)):
        return "tar"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf32" if head[:4] == b"\xff\xfe\0\0" else "utf16"
    word = magic.first_match(head)
    confirmed = _confirmed(word, head, data) if word else ""
    return confirmed or _sniff_by_structure(name, head, data)


def _sniff_by_structure(name: str, head: bytes, data: Buffer) -> str:
    """Formats told by more than their first bytes."""
    if _is_pickle(name, head, data):
        return "pickle"
    if _is_safetensors(name, head, len(data)):
        return "safetensors"
    if _ends_as_zip(data):
        return zip_kind(data)
    word = _marked_later(head)
    if word:
        return word
    if any(bytes(data[at : at + 8]) == b"\x89HDF\r\n\x1a\n" for at in _user_blocks(len(data))):
        return "hdf5"
    return _wide_text(head) or ("text" if _reads_as_text(head) else _guess_by_name(name, head))


def _is_magic(number: int) -> bool:
    """Whether a compiled module of Python 3, or of 2.5 to 2.7, begins with this number and a line end."""
    return 3000 <= number < 4000 or 62131 <= number <= 62211


def _marked_later(head: bytes) -> str:
    """Formats whose mark does not stand at offset 0, or is a calculation."""
    if head[4:8] in (b"TFL3", b"ftyp"):
        return "tflite" if head[4:8] == b"TFL3" else "mp4"
    if head[4:6] == b"ET" and head[6:8].isdigit():
        return "executorch"
    if head[2:4] == b"\r\n" and len(head) >= 16 and _is_magic(int.from_bytes(head[:2], "little")):
        return "pyc"
    if 0x50 <= head[0] <= 0x5F and head[1:4] == b"\x2a\x4d\x18":
        return "zstd"
    if head[:4] == b"\0\0\xfe\xff":
        return "utf32"
    if head[0] == 0x78 and _is_zlib(head):
        return "zlib"
    return "lzma" if head[:3] == b"\x5d\0\0" and _is_lzma(head) else ""


def _confirmed(word: str, head: bytes, data: Buffer) -> str:
    """The word after a closer look where the first bytes could be chance; empty when they were."""
    match word:
        case "zip":
            return zip_kind(data)
        case "gzip":
            return "gzip" if len(head) > 3 and head[2] == 8 and head[3] < 0x20 else ""
        case "bzip2":
            return "bzip2" if head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90") else ""
        case "pe":
            at = int.from_bytes(head[60:64], "little")
            return "pe" if bytes(data[at : at + 2]) in (b"PE", b"NE", b"LE", b"LX") and at else ""
        case "class":
            return "macho" if int.from_bytes(head[4:8], "big") < 20 else "class"
        case "lz4" | "zstd" | "elf" | "7z" | "xz":
            return word
        case "bmp":
            return "bmp" if head[6:10] == b"\0\0\0\0" else ""
        case "arrow-stream":
            return "arrow" if int.from_bytes(head[4:8], "little") < 1 << 20 and head[8:9] != b"\xff" else ""
        case "mp3":
            return "mp3" if len(head) > 64 else ""
    return word


def _is_pickle(name: str, head: bytes, data: Buffer) -> bool:
    if not picklestart.may_begin(head):
        return False
    return picklestart.is_pickle(head, data, name.lower().endswith(_PICKLE_NAMES))


def _is_safetensors(name: str, head: bytes, size: int) -> bool:
    """A little-endian u64 with the length of a JSON object that follows it (at most 100 MB)."""
    length = int.from_bytes(head[:8], "little")
    if head[8:9] != b"{" or not 2 <= length <= 100_000_000:
        return False
    return length <= size - 8 or name.lower().endswith(".safetensors")


def _is_zlib(head: bytes) -> bool:
    if len(head) < 6 or (head[0] << 8 | head[1]) % 31 or head[1] & 0x20:
        return False
    try:
        return len(zlib.decompressobj().decompress(head, 64)) > 0
    except zlib.error:
        return False


def _is_lzma(head: bytes) -> bool:
    """LZMA-alone: properties, dictionary size of 2^n or 2^n + 2^(n-1), size (all ones when unknown)."""
    dictionary = int.from_bytes(head[1:5], "little")
    size = int.from_bytes(head[5:13], "little")
    return len(head) > 13 and dictionary.bit_count() in (1, 2) and (size == (1 << 64) - 1 or size < 1 << 40)


def _has_tar_checksum(head: bytes) -> bool:
    """Tar files from before POSIX have no magic: the sum of the header with its own field blank must fit."""
    field = head[148:156].strip(b" \0")
    if not field or len(field) > 7 or field.translate(None, b"01234567"):
        return False
    return int(field, 8) == sum(head[:512]) - sum(head[148:156]) + 8 * 32


def _ends_as_zip(data: Buffer) -> bool:
    """A zip file behind a script or a stub: its end record, without a comment, is the last thing in the file."""
    return bytes(data[-22:-18]) == b"PK\x05\x06" and find_index(data) is not None


def _user_blocks(size: int) -> list[int]:
    """HDF5 may stand behind a user block of 512 bytes or a power of two times that."""
    return [512 << power for power in range(16) if 512 << power < size]


def _wide_text(head: bytes) -> str:
    """UTF-16 or UTF-32 of mostly Latin text without a mark: NUL stands in all places but one."""
    for width, word in ((4, "utf32"), (2, "utf16")):
        whole = len(head) // width * width
        lanes = [head[lane:whole:width] for lane in range(width)]
        full = [lane for lane in lanes if lane.count(0) < 0.1 * len(lane)]
        if whole >= 16 and len(full) == 1 and not full[0].count(0) and _reads_as_text(full[0]):
            return word
    return ""


def _reads_as_text(head: bytes) -> bool:
    """Few control bytes: 2 % are forgiven, so that a stray NUL does not hide a file from those who read text."""
    if b"\0" not in head and not head[:512].translate(None, _PLAIN):
        return True
    strange = len(head.translate(None, _PLAIN))
    if strange * 50 > len(head):
        return False
    return b"\0" not in head or head.isascii() or _is_utf8(head)


def _is_utf8(head: bytes) -> bool:
    try:
        head[:-4].decode()
    except UnicodeDecodeError:
        return False
    return True


def _guess_by_name(name: str, head: bytes) -> str:
    """Protocol buffers carry no mark: the name decides where the first fields fit it."""
    leaf = name.rpartition("/")[2].lower()
    if leaf.endswith(".onnx") or (head[0] == 0x08 and 3 <= head[1:2][0] <= 20 and head[2:3] in (b"\x12", b"\x3a")):
        return "onnx"
    if leaf in ("saved_model.pb", "keras_metadata.pb") or (leaf.endswith(".pb") and head[0] in (0x08, 0x0A)):
        return "tf-model"
    archive = next((word for suffix, word in _ARCHIVE_NAMES.items() if leaf.endswith(suffix)), "")
    if archive:
        return archive
    if leaf.endswith(_PICKLE_NAMES[:4]) and head[0] == 0x80:
        return "pickle"
    return "data"
