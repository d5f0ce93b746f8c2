"""Plants fake keys in every place where keys hide, for `measure.py`.

python benchmarks/secrets/places.py FOLDER [SEED]
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import py_compile
import random
import sqlite3
import subprocess
import sys
import tarfile
import urllib.parse
import zipfile
from collections.abc import Callable
from pathlib import Path

from corpus import plants
from syntaxes import Plant

Writer = Callable[[Path, Plant, random.Random], str]
"""Writes one key below a folder and says where a finding should point (path, or path!member)."""


def _put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name


def kubernetes(folder: Path, plant: Plant, source: random.Random) -> str:
    value = base64.b64encode(plant.value.encode()).decode()
    name = plant.name.lower().replace("_", "-")
    text = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: llm\ntype: Opaque\ndata:\n  {name}: {value}\n"
    return _put(folder, "secret.yaml", text.encode())


def nested_base64(folder: Path, plant: Plant, source: random.Random) -> str:
    inner = base64.b64encode(f"{plant.name}={plant.value}\nMODE=prod\n".encode())
    return _put(folder, "blob.txt", b"payload: " + base64.b64encode(inner) + b"\n")


def percent(folder: Path, plant: Plant, source: random.Random) -> str:
    value = "".join(f"%{ord(char):02X}" if index % 3 == 0 else char for index, char in enumerate(plant.value))
    return _put(folder, "access.log", f"GET /proxy?{plant.name.lower()}={value} HTTP/1.1\n".encode())


def unicode_escapes(folder: Path, plant: Plant, source: random.Random) -> str:
    value = "".join(
        f"\\u{ord(char):04x}" if not char.isalnum() or index % 5 == 0 else char
        for index, char in enumerate(plant.value)
    )
    return _put(folder, "config.json", f'{{"{plant.name}": "{value}"}}\n'.encode())


def split_plus(folder: Path, plant: Plant, source: random.Random) -> str:
    at = max(4, len(plant.value) // 2)
    return _put(folder, "app.js", f'const {plant.camel} = "{plant.value[:at]}" +\n  "{plant.value[at:]}";\n'.encode())


def split_adjacent(folder: Path, plant: Plant, source: random.Random) -> str:
    at, end = len(plant.value) // 3, 2 * len(plant.value) // 3
    parts = (plant.value[:at], plant.value[at:end], plant.value[end:])
    return _put(
        folder, "app.py", (f"{plant.name} = (\n" + "".join(f'    "{part}"\n' for part in parts) + ")\n").encode()
    )


def utf16(folder: Path, plant: Plant, source: random.Random) -> str:
    encoding = source.choice(["utf-16", "utf-16-le", "utf-16-be"])
    text = f"Windows settings\r\n{plant.name}={plant.value}\r\nmore\r\n"
    bom = b"" if encoding == "utf-16" else b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff"
    return _put(folder, "settings.reg", bom + text.encode(encoding))


def gz(folder: Path, plant: Plant, source: random.Random) -> str:
    return _put(folder, "app.log.gz", gzip.compress(f"DEBUG {plant.name}={plant.value}\n".encode()))


def bytecode(folder: Path, plant: Plant, source: random.Random) -> str:
    file = folder / "settings.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'import os\nDEBUG = False\n{plant.name} = "{plant.value}"\n\ndef load():\n    return {plant.name}\n'
    )
    py_compile.compile(str(file), cfile=str(folder / "settings.pyc"))
    file.unlink()
    return "settings.pyc"


def _database(
    folder: Path, name: str, script: str, rows: list[tuple[str, tuple[object, ...]]], page: int = 4096
) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    link = sqlite3.connect(folder / name)
    link.execute(f"pragma page_size={page}")
    link.executescript(script)
    for statement, values in rows:
        link.execute(statement, values)
    link.commit()
    link.close()
    return name


def open_webui(folder: Path, plant: Plant, source: random.Random) -> str:
    data = {"version": 0, "openai": {"enable": True, "api_keys": [plant.value], "env": {plant.name: plant.value}}}
    return _database(
        folder,
        "webui.db",
        "create table config(id integer primary key, data json not null, version integer)",
        [("insert into config values(1, ?, 0)", (json.dumps(data),))],
    )


def workflow_database(folder: Path, plant: Plant, source: random.Random) -> str:
    script = (
        "create table execution_data(executionId integer primary key, workflowData text, data text);"
        "create table variables(id text, key text, type text, value text)"
    )
    filler = [("insert into execution_data values(?, ?, ?)", (number, "{}", "x" * 3000)) for number in range(20)]
    return _database(
        folder,
        "database.sqlite",
        script,
        [*filler, ("insert into variables values('1', ?, 'string', ?)", (plant.name, plant.value))],
        1024,
    )


def damaged_database(folder: Path, plant: Plant, source: random.Random) -> str:
    name = workflow_database(folder, plant, source)
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(raw[: 16 * 1024] + raw[17 * 1024 :])
    return name


def editor_state(folder: Path, plant: Plant, source: random.Random) -> str:
    value = json.dumps({"aiKeys": {plant.name: plant.value}})
    return _database(
        folder,
        "state.vscdb",
        "create table ItemTable(key text unique on conflict replace, value blob)",
        [("insert into ItemTable values(?, ?)", ("aiSettings", value.encode()))],
    )


def _git(folder: Path, *arguments: str) -> None:
    env = {
        **os.environ,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=env)


def git_history(folder: Path, plant: Plant, source: random.Random) -> str:
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    (folder / ".env").write_text(f"A=1\n{plant.name}={plant.value}\n")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "one")
    (folder / ".env").write_text("A=1\n")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "two")
    return ".env"


def git_stash(folder: Path, plant: Plant, source: random.Random) -> str:
    folder.mkdir(parents=True)
    _git(folder, "init", "-q", "-b", "main")
    (folder / "conf.ini").write_text("a=1\n")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", "one")
    (folder / "conf.ini").write_text(f"a=1\n{plant.name}={plant.value}\n")
    _git(folder, "stash")
    return "conf.ini"


def zip_in_zip(folder: Path, plant: Plant, source: random.Random) -> str:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conf/.env", f"{plant.name}={plant.value}\n")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    return _put(folder, "backup.zip", outer.getvalue()) + "!inner.zip!conf/.env"


def image_layer(folder: Path, plant: Plant, source: random.Random) -> str:
    layer, image = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w:gz") as archive:
        text = f"{plant.name}={plant.value}\n".encode()
        info = tarfile.TarInfo("app/.env")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    with tarfile.open(fileobj=image, mode="w") as archive:
        info = tarfile.TarInfo("layer1.tar.gz")
        info.size = len(layer.getvalue())
        archive.addfile(info, io.BytesIO(layer.getvalue()))
    return _put(folder, "image.tar", image.getvalue()) + "!layer1.tar.gz!app/.env"


def notebook_output(folder: Path, plant: Plant, source: random.Random) -> str:
    outputs = [{"output_type": "stream", "name": "stdout", "text": [f"{plant.name}={plant.value}\n"]}]
    cell = {"cell_type": "code", "source": ["!env"], "outputs": outputs, "execution_count": 1, "metadata": {}}
    return _put(folder, "run.ipynb", json.dumps({"cells": [cell], "nbformat": 4}, indent=1).encode())


def bundle(folder: Path, plant: Plant, source: random.Random) -> str:
    noise = "".join(
        f'var {chr(97 + i % 26)}{i}=function(e){{return e.t("{source.getrandbits(64):x}")}};' for i in range(900)
    )
    return _put(folder, "app.min.js", f'{noise}n.exports={{{plant.camel}:"{plant.value}",debug:!1}};{noise}'.encode())


def source_map(folder: Path, plant: Plant, source: random.Random) -> str:
    content = f'import x from "y";\nexport const {plant.camel} = "{plant.value}";\n'
    return _put(
        folder,
        "app.js.map",
        json.dumps({"version": 3, "sources": ["a.ts"], "sourcesContent": [content], "mappings": "AAAA" * 900}).encode(),
    )


def shell_history(folder: Path, plant: Plant, source: random.Random) -> str:
    return _put(
        folder, ".zsh_history", f": 1700000000:0;ls\n: 1700000001:0;export {plant.name}={plant.value}\n".encode()
    )


def tool_settings(folder: Path, plant: Plant, source: random.Random) -> str:
    return _put(
        folder,
        ".continue/config.json",
        json.dumps({"models": [{"title": "m", "requestOptions": {}}], "env": {plant.name: plant.value}}).encode(),
    )


def mcp_client(folder: Path, plant: Plant, source: random.Random) -> str:
    servers = {
        "tools": {"command": "npx", "args": ["-y", "tools-mcp@1.2.3"], "env": {plant.name: plant.value, "MODE": "x"}}
    }
    return _put(folder, ".cursor/mcp.json", json.dumps({"mcpServers": servers}, indent=2).encode())


def quoted_url(folder: Path, plant: Plant, source: random.Random) -> str:
    body = urllib.parse.quote(json.dumps({plant.name: plant.value}))
    return _put(folder, "har.txt", f"payload={body}\n".encode())


PLACES: list[Writer] = [
    kubernetes, nested_base64, percent, unicode_escapes, split_plus, split_adjacent, utf16, gz, bytecode, open_webui,
    workflow_database, damaged_database, editor_state, git_history, git_stash, zip_in_zip, image_layer, notebook_output,
    bundle, source_map, shell_history, tool_settings, mcp_client, quoted_url,
]  # fmt: skip


def main() -> None:
    """Command line."""
    root = Path(sys.argv[1])
    source = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    labels = []
    for place in PLACES:
        for number, plant in enumerate(source.sample(plants(source, 1), 25)):
            folder = root / place.__name__ / f"{number:02d}"
            where = place(folder, plant, source)
            labels.append(
                {
                    "path": f"{place.__name__}/{number:02d}/{where}",
                    "id": plant.id,
                    "provider": plant.provider,
                    "by": place.__name__,
                    "syntax": place.__name__,
                    "sha": hashlib.sha256(plant.value.encode()).hexdigest()[:12],
                }
            )
    Path(f"{root}.labels.json").write_text(json.dumps(labels, indent=1))
    print(f"{len(labels)} keys planted in {len(PLACES)} places of {root}")


if __name__ == "__main__":
    main()
