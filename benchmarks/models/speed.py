"""Whole-process costs beside a peer: speed.py FOLDER JOBLIB_FILE [PEER, for example path/to/picklescan].

Makes a 1 GB torch archive and 2 GB of safetensors (sparse), 2,000 copies of a joblib file, and 10 MB of opcodes that
name nothing; prints CPU seconds (best of three) and peak memory.
"""

from __future__ import annotations

import json
import os
import pathlib
import pickle
import struct
import sys
import zlib

GIGABYTE = 1 << 30
SILENT = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]


def torch_archive(path: pathlib.Path) -> None:
    """256 stored tensors of 4 MB, aligned to 64 bytes, whose bytes are holes in the file."""
    members = [("model/data.pkl", pickle.dumps({"weights": list(range(256))}, 2), 0)]
    members += [(f"model/data/{index}", b"", GIGABYTE // 256) for index in range(256)] + [("model/version", b"3\n", 0)]
    central = b""
    with path.open("wb") as file:
        for name, content, hole in members:
            raw, size, at = name.encode(), len(content) or hole, file.tell()
            extra = b"FB" + struct.pack("<H", 60 - (at + 30 + len(raw)) % 64 if (at + 30 + len(raw)) % 64 < 60 else 60)
            extra += b"Z" * struct.unpack("<H", extra[2:])[0]
            file.write(
                struct.pack(
                    "<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(content), size, size, len(raw), len(extra)
                )
                + raw
                + extra
            )
            file.write(content)
            if hole:
                file.seek(hole, os.SEEK_CUR)
            central += (
                struct.pack(
                    "<4s6H3I5H2I",
                    b"PK\x01\x02",
                    20,
                    20,
                    0,
                    0,
                    0,
                    0,
                    zlib.crc32(content),
                    size,
                    size,
                    len(raw),
                    0,
                    0,
                    0,
                    0,
                    0,
                    at,
                )
                + raw
            )
        start = file.tell()
        file.write(
            central + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(members), len(members), len(central), start, 0)
        )


def safetensors(path: pathlib.Path) -> None:
    step = 4 << 20
    header = {
        f"layer.{n}.weight": {"dtype": "F32", "shape": [1024, 1024], "data_offsets": [n * step, (n + 1) * step]}
        for n in range(512)
    }
    raw = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(raw)) + raw)
        file.truncate(8 + len(raw) + 512 * step)


def cost(command: list[str]) -> tuple[float, float]:
    """CPU seconds, best of three, and the peak of that run in MB."""
    runs = []
    for _ in range(3):
        child = os.posix_spawnp(command[0], command, dict(os.environ), file_actions=SILENT)
        _, _, used = os.wait4(child, 0)
        runs.append((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    return min(runs)


def make(folder: pathlib.Path, sample: bytes) -> None:
    (folder / "empty").mkdir(parents=True, exist_ok=True)
    (folder / "joblib").mkdir(exist_ok=True)
    torch_archive(folder / "torch.pt")
    safetensors(folder / "weights.safetensors")
    for number in range(2000):
        (folder / "joblib" / f"model-{number}.joblib").write_bytes(sample)
    rows = [{"id": n, "name": f"n{n}", "v": (n * 0.5, n % 7, None), "t": [True, n]} for n in range(140_000)]
    (folder / "opcodes.pkl").write_bytes(pickle.dumps(rows, 2))


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    peer = sys.argv[3] if len(sys.argv) > 3 else ""
    maker = os.fork()  # a child's peak begins at its parent's, so the parent stays small
    if not maker:
        make(folder, pathlib.Path(sys.argv[2]).read_bytes())
        os._exit(0)
    os.waitpid(maker, 0)
    scan = [sys.executable, "-m", "bartizan", "scan"]
    options = ["--only", "models", "--no-store", "--format", "json"]
    for what in ("empty", "weights.safetensors", "joblib", "opcodes.pkl", "torch.pt"):
        line = f"{what}: %.2f s, %.0f MB" % cost([*scan, str(folder / what), *options])
        print(line + (f"; peer %.2f s, %.0f MB" % cost([peer, "-p", str(folder / what)]) if peer else ""), flush=True)


if __name__ == "__main__":
    main()
