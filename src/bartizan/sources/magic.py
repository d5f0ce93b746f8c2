"""First bytes that tell a format by themselves.

Source of the numbers: the formats' own specifications, and the file(1) database where there is none.
"""

from __future__ import annotations

FIRST = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"PK\x07\x08": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x02\x21\x4c\x18": "lz4",
    b"\x1f\x9d": "compress",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
    b"MSCF\x00\x00\x00\x00": "cab",
    b"!<arch>\n": "ar",
    b"\xed\xab\xee\xdb": "rpm",
    b"070701": "cpio",
    b"070702": "cpio",
    b"Cr24": "crx",
    b"\x93NUMPY": "npy",
    b"\x89HDF\r\n\x1a\n": "hdf5",
    b"GGUF": "gguf",
    b"ZF0x": "zfile",
    b"lmgg": "ggml",
    b"fmgg": "ggml",
    b"tjgg": "ggml",
    b"algg": "ggml",
    b"PAR1": "parquet",
    b"PARE": "parquet",
    b"ARROW1": "arrow",
    b"FEA1": "arrow",
    b"\xff\xff\xff\xff": "arrow-stream",
    b"Obj\x01": "avro",
    b"ORC": "orc",
    b"SQLite format 3\x00": "sqlite",
    b"\x37\x7f\x06\x82": "sqlite-wal",
    b"\x37\x7f\x06\x83": "sqlite-wal",
    b"RDX2\n": "rdata",
    b"RDX3\n": "rdata",
    b"X\n\x00\x00\x00": "rdata",
    b"\x7fELF": "elf",
    b"MZ": "pe",
    b"\xfe\xed\xfa\xce": "macho",
    b"\xfe\xed\xfa\xcf": "macho",
    b"\xce\xfa\xed\xfe": "macho",
    b"\xcf\xfa\xed\xfe": "macho",
    b"\xca\xfe\xba\xbe": "class",
    b"\x00asm": "wasm",
    b"dex\n": "dex",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "ole",
    b"%PDF": "pdf",
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"RIFF": "riff",
    b"II*\x00": "tiff",
    b"MM\x00*": "tiff",
    b"BM": "bmp",
    b"\x00\x00\x01\x00": "ico",
    b"OggS": "ogg",
    b"fLaC": "flac",
    b"ID3": "mp3",
    b"\xff\xfb": "mp3",
    b"\x1aE\xdf\xa3": "matroska",
    b"wOFF": "font",
    b"wOF2": "font",
    b"OTTO": "font",
    b"\x00\x01\x00\x00": "font",
    b"PACK\x00\x00": "git-pack",
    b"\xfftOc": "git-index",
    b"DIRC\x00\x00": "git-index",
    b"\xde\x12\x04\x95": "mo",
    b"\x95\x04\x12\xde": "mo",
    b"\xa1\xb2\xc3\xd4": "pcap",
    b"\xd4\xc3\xb2\xa1": "pcap",
    b"\x0a\x0d\x0d\x0a": "pcap",
    b"\x1bLua": "luac",
    b"8BPS": "psd",
}
"""Bytes at offset 0 and the word for them. A start of letters alone proves nothing in a text: see `format`."""

TEXTUAL = frozenset({"pdf", "ar", "cpio", "rdata", "bzip2"})
"""Formats whose start counts even when no NUL byte follows in the first 4 KiB."""

_BY_LEAD: dict[int, list[tuple[bytes, str]]] = {}
for _start, _word in FIRST.items():
    _BY_LEAD.setdefault(_start[0], []).append((_start, _word))
TEXTUAL_LEADS = frozenset(start[0] for start, word in FIRST.items() if word in TEXTUAL)


def first_match(head: bytes) -> str:
    """The word for the known start of `head` (no start is the beginning of another); empty when there is none."""
    for start, word in _BY_LEAD.get(head[0], ()):
        if head.startswith(start):
            return word
    return ""
