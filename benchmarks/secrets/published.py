"""Marks of the private keys that projects publish, for `packs/publishedkeys/`: nothing of a key is kept but its mark.

    PYTHONPATH=$PWD/src python benchmarks/secrets/published.py OUT.yaml NAME=PLACE...

A PLACE is a bare git repository (all of its newest commit, and every version of files named like keys or
certificates), a tar archive, a wheel or zip, or a folder. One NAME may have several places.
"""

import collections
import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from base64 import b64encode
from pathlib import Path

from bartizan.syntax.privatekey import key_mark

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{0,20})(?:PRIVATE|TESTING) KEY-----(.{60,14000}?)-----END ", re.DOTALL)
NAMED = re.compile(
    r"(?i)\.(?:pem|key|crt|cer|p8|pk8|priv|rsa|der)$|cert|key|\bssl|tls|snakeoil|rsa|ecdsa|ed25519|pki|jwt|fixture"
)
RAW = re.compile(r"(?i)\.(?:der|p8|pk8|key)$")
MOST = 2 << 20


def marks(name, data):
    if RAW.search(name) and data[:1] == b"\x30" and len(data) < 8192 and b"-----" not in data[:80]:
        data = b"-----BEGIN PRIVATE KEY-----\n" + b64encode(data) + b"\n-----END "
    for match in BLOCK.finditer(data):
        if b"ENCRYPTED" in match.group(1) or b"Proc-Type" in match.group(2) or b"-----BEGIN" in match.group(2):
            continue
        mark = key_mark(match.group())
        if mark and len(re.sub(rb"[^A-Za-z0-9+/]", b"", match.group(2))) > 40:
            yield mark


def in_git(repo):
    run = ["git", "-C", repo]
    head = subprocess.run([*run, "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=False).stdout
    wanted = {}
    for row in head.split(b"\0"):
        meta, _, path = row.partition(b"\t")
        if path and meta.split()[1] == b"blob":
            wanted[meta.split()[2]] = path.decode("utf-8", "replace")
    listed = subprocess.Popen(
        [*run, "rev-list", "--objects", "--all"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    for row in listed.stdout:
        oid, _, path = row.rstrip(b"\n").partition(b" ")
        if path and oid not in wanted and NAMED.search(path.decode("utf-8", "replace")):
            wanted[oid] = path.decode("utf-8", "replace")
    batch = subprocess.Popen(
        [*run, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    sizes = batch.communicate(b"\n".join(wanted) + b"\n")[0]
    small = [
        row.split()[0] for row in sizes.splitlines() if row.split()[1:2] == [b"blob"] and int(row.split()[2]) < MOST
    ]
    reader = subprocess.Popen(
        [*run, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    for oid in small:
        reader.stdin.write(oid + b"\n")
        reader.stdin.flush()
        parts = reader.stdout.readline().split()
        if len(parts) != 3:
            continue
        data = reader.stdout.read(int(parts[2]) + 1)[:-1]
        yield wanted[oid], data
    reader.stdin.close()


def in_archive(path):
    if path.endswith((".whl", ".zip")):
        with zipfile.ZipFile(path) as bundle:
            for entry in bundle.infolist():
                if entry.file_size < MOST:
                    yield entry.filename, bundle.read(entry)
        return
    with tarfile.open(path) as bundle:
        for entry in bundle:
            if entry.isfile() and entry.size < MOST:
                yield entry.name, bundle.extractfile(entry).read()


def in_folder(path):
    for root, _, names in os.walk(path):
        for name in names:
            file = Path(root, name)
            if file.is_file() and file.stat().st_size < MOST:
                yield str(file), file.read_bytes()


def main(out, *named):
    found = collections.OrderedDict()
    taken = set()
    for pair in named:
        name, _, place = pair.partition("=")
        if not os.path.exists(place):
            continue
        files = (
            in_git(place)
            if os.path.isdir(place + "/objects")
            else in_folder(place)
            if os.path.isdir(place)
            else in_archive(place)
        )
        mine = found.setdefault(name, set())
        for path, data in files:
            for mark in marks(path, data):
                if mark not in taken:
                    taken.add(mark)
                    mine.add(mark)
        print(name, place, len(mine), file=sys.stderr, flush=True)
    text = io.StringIO()
    for name, mine in found.items():
        if mine:
            text.write(f"- of: {name}\n  marks: >-\n")
            ordered = sorted(mine)
            for at in range(0, len(ordered), 6):
                text.write("    " + " ".join(ordered[at : at + 6]) + "\n")
    Path(out).write_text(text.getvalue())
    print(len(taken), "marks")


main(*sys.argv[1:])
