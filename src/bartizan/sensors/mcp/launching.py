"""How a server is started: shells, downloads, containers that reach the host, folders that are too wide."""

from __future__ import annotations

from collections.abc import Iterator

from bartizan.model.severity import Confidence, Severity
from bartizan.rules.entry import ServerEntry, Word
from bartizan.rules.guard import Launching
from bartizan.rules.launch import Launch
from bartizan.sensors.mcp.flaw import Flaw
from bartizan.syntax.pattern import compiled


def launch_flaws(entry: ServerEntry, launch: Launch, guard: Launching) -> Iterator[Flaw]:
    """What is wrong with the command line and the environment."""
    if launch.shell is not None and launch.code is not None:
        yield from _shell(launch, launch.code, guard)
    elif launch.program and _relative(launch.words[0].text):
        yield Flaw(
            "relative-command",
            launch.words[0].way,
            f"{launch.words[0].text} is looked for from whatever folder the client starts in",
        )
    if "cmd /c" in launch.wrappers:
        yield Flaw("shell-launch", entry.argv[0].way, "started through cmd /c", severity=Severity.INFO)
    yield from _containers(launch, guard)
    yield from _debugging(launch, guard)
    yield from _verification(entry, launch, guard)
    for name, word in entry.environment:
        if compiled(guard.code_loading).search(name) and compiled(guard.code_loading_value).search(word.text):
            yield Flaw("code-loading-environment", word.way, f"{name} makes the server load further code")


def _shell(launch: Launch, code: Word, guard: Launching) -> Iterator[Flaw]:
    text = code.text
    for pattern, what in (
        (guard.download_and_run, "downloads a program's text and runs it"),
        (guard.encoded, "runs an encoded program"),
        (guard.fetched_code, "runs what it fetches"),
    ):
        if compiled(pattern).search(f"{launch.program} {' '.join(word.text for word in launch.rest)}"):
            yield Flaw("download-and-run", code.way, f"{launch.program} {what}", confidence=Confidence.CERTAIN)
            return
    shell = launch.shell
    kind = "interpreter" if shell is not None and shell.interpreter else "shell"
    yield Flaw(
        "shell-launch", code.way, f"the {kind} {launch.program} runs a text: {_short(text)}", proof=launch.program
    )


def _short(text: str) -> str:
    """The command's words without what may be a secret: options and plain words only."""
    words = [word if len(word) <= 24 and "=" not in word and "://" not in word else "…" for word in text.split()]
    return " ".join(words[:8]) + (" …" if len(words) > 8 else "")


def _relative(command: str) -> bool:
    path = command.replace("\\", "/")
    return "/" in path and not path.startswith(("/", "~", "$", "%", "{")) and path[1:3] != ":/"


def _containers(launch: Launch, guard: Launching) -> Iterator[Flaw]:
    if launch.runner is None or launch.runner.ecosystem != "oci":
        return
    words = launch.words[: len(launch.words) - len(launch.rest)]
    for index, word in enumerate(words):
        following = words[index + 1].text if index + 1 < len(words) else ""
        for flag in (word.text, f"{word.text}={following}"):
            plain = flag.replace("--cap-add=CAP_", "--cap-add=")
            if plain in guard.escape_flags or plain == "--privileged=true":
                yield Flaw("container-escape", word.way, f"the container is started with {plain}")
            elif plain in guard.host_network_flags:
                yield Flaw(
                    "container-escape", word.way, f"the container is started with {plain}", severity=Severity.MEDIUM
                )
        mount = _mount(word.text, following)
        if mount is None:
            continue
        place = words[index + 1].way if word.text in ("-v", "--volume", "--mount") and following else word.way
        if compiled(guard.escape_sockets).search(mount):
            yield Flaw("container-escape", place, "the socket of the engine that runs the container is mounted")
        elif compiled(guard.broad_mounts).search(mount):
            yield Flaw("broad-filesystem-root", place, f"the container sees {mount} of the host", proof=mount)


def _mount(text: str, following: str) -> str | None:
    """The host's side of a mount, or None when the word is none."""
    if text in ("-v", "--volume"):
        given = following
    elif text.startswith("--volume="):
        given = text.partition("=")[2]
    elif text == "--mount" or text.startswith("--mount="):
        given = following if text == "--mount" else text.partition("=")[2]
        parts = dict(part.partition("=")[::2] for part in given.split(","))
        return parts.get("source") or parts.get("src")
    else:
        return None
    drive = len(given) > 2 and given[0].isalpha() and given[1] == ":" and given[2] in "\\/"
    return given[:2] + given[2:].partition(":")[0] if drive else given.partition(":")[0]


def root_flaws(launch: Launch, guard: Launching) -> Iterator[Flaw]:
    """Folders that a filesystem server opens and that hold far more than a task needs."""
    for word in launch.rest:
        text = word.text.rpartition("=")[2] if word.text.startswith("--") else word.text
        if compiled(guard.broad_mounts).search(text.strip()):
            yield Flaw("broad-filesystem-root", word.way, f"the server opens all of {text}", proof=text)


def _debugging(launch: Launch, guard: Launching) -> Iterator[Flaw]:
    words = launch.words
    for index, word in enumerate(words):
        match = compiled(guard.debug_port).search(word.text)
        if match:
            address = next((group for group in match.groups() if group), "")
            yield _debug(word, address)
        elif word.text in guard.debug_modules and index and words[index - 1].text == "-m":
            listen = next(
                (i for i, later in enumerate(words) if i > index and later.text in ("--listen", "--host")), -1
            )
            address = words[listen + 1].text if 0 < listen + 1 < len(words) and listen > 0 else ""
            yield _debug(word, address)


def _debug(word: Word, address: str) -> Flaw:
    host = address.rpartition(":")[0].strip("[]") if ":" in address else "" if address.isdigit() else address
    inside = host in ("", "localhost", "::1") or host.startswith("127.")
    return Flaw(
        "debug-port",
        word.way,
        f"a debugger listens on {'loopback' if inside else host}: who reaches it runs code in the server",
        severity=Severity.LOW if inside else None,
    )


def _verification(entry: ServerEntry, launch: Launch, guard: Launching) -> Iterator[Flaw]:
    for word in launch.words:
        if compiled(guard.tls_off).search(word.text):
            yield Flaw("tls-verification-off", word.way, f"{word.text} accepts any certificate")
        elif word.text in guard.plain_http_flags:
            yield Flaw("plain-http", word.way, f"{word.text} lets the connection go unencrypted")
    for name, word in entry.environment:
        if compiled(guard.tls_off_environment).search(f"{name}={word.text.strip().lower()}"):
            yield Flaw("tls-verification-off", word.way, f"{name} makes it accept any certificate")
