"""How servers are started: the programs that fetch and run packages, and what a command line makes them run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bartizan.rules.entry import Word
from bartizan.syntax.pattern import Pattern, compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A program that fetches what it runs.

    `command` is its name and, where needed, the words that must follow it (`pnpm dlx`). The first word that is no
    option is the package, unless one of `package_options` names it. `value_options` take the next word.
    `exact` matches what stands for one version of a package in this ecosystem.
    """

    command: tuple[str, ...]
    ecosystem: str
    package_options: tuple[str, ...] = ()
    extra_options: tuple[str, ...] = ()
    """Options that name further packages beside the one that runs."""
    value_options: tuple[str, ...] = ()
    local: bool = False
    """Runs a local project unless an option names a package."""
    prefix: str = ""
    """What must stand before a package's name to make it one (`npm:`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """A program that only starts another: `env`, `cmd /c`, `op run --`. `until` ends its own options."""

    command: tuple[str, ...]
    value_options: tuple[str, ...] = ()
    assignments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A program that takes a program's text: `bash -c`, `node -e`. `codes` match the option before the text."""

    names: tuple[str, ...]
    code: Pattern
    interpreter: bool = False


@dataclass(frozen=True, slots=True)
class PackageReference:
    """A package as a command line names it. `exact` tells whether it can only ever be one version.

    `ecosystem` is `npm`, `pypi`, `oci`, `git`, `nuget`, `go` or `url`; `wanted` is what stands for the version.
    """

    ecosystem: str
    name: str
    wanted: str
    exact: bool
    word: Word

    @property
    def version(self) -> str:
        """The one version, or the empty string."""
        return self.wanted.lstrip("=v") if self.exact else ""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command line understood. `program` is the base name of what runs once wrappers are set aside."""

    program: str
    words: tuple[Word, ...]
    """From the program on."""
    wrappers: tuple[str, ...] = ()
    runner: Runner | None = None
    packages: tuple[PackageReference, ...] = ()
    rest: tuple[Word, ...] = ()
    """The words after the package: those that the server itself gets."""
    shell: Shell | None = None
    code: Word | None = None
    """The program's text, for a shell or an interpreter."""

    @property
    def package(self) -> PackageReference | None:
        """The one that runs."""
        return self.packages[0] if self.packages else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launchers:
    """What is known of programs that start servers."""

    runners: tuple[Runner, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    shells: tuple[Shell, ...] = ()

    def read(self, argv: Sequence[Word]) -> Launch:
        """Understand a command line; never fails: what is unknown is a program with its words."""
        words, wrapped = tuple(argv), []
        for _ in range(4):
            wrapper = next((known for known in self.wrappers if _begins(words, known.command)), None)
            inner = _unwrapped(words, wrapper) if wrapper else ()
            if not inner or wrapper is None:
                break
            wrapped.append(" ".join(wrapper.command))
            words = inner
        program = _base(words[0].text) if words else ""
        launch = Launch(program, words, tuple(wrapped), rest=words[1:])
        shell, code = self._shell(program, words)
        if shell is not None:
            return Launch(program, words, tuple(wrapped), shell=shell, code=code, rest=words[1:])
        runner = next((known for known in self.runners if _begins(words, known.command)), None)
        return _run(launch, runner) if runner else launch

    def _shell(self, program: str, words: tuple[Word, ...]) -> tuple[Shell | None, Word | None]:
        for shell in self.shells:
            if program not in shell.names:
                continue
            for index, word in enumerate(words[1:6], 1):
                if compiled(shell.code, ignore_case=True).fullmatch(word.text):
                    rest = words[index + 1 :]
                    text = " ".join(part.text for part in rest)
                    return shell, Word(text, rest[0].way if rest else word.way)
                if not word.text.startswith(("-", "/")):
                    break
        return None, None


def _base(text: str) -> str:
    name = re.split(r"[\\/]", text.strip("\"'"))[-1].lower()
    return re.sub(r"\.(?:exe|cmd|bat|ps1)$", "", name)


def _begins(words: tuple[Word, ...], command: tuple[str, ...]) -> bool:
    if len(words) < len(command):
        return False
    if _base(words[0].text) != command[0]:
        return False
    position = 1
    for wanted in command[1:]:
        while position < len(words) and words[position].text.startswith("-") and not wanted.startswith("-"):
            position += 1
        if position >= len(words) or words[position].text.lower() != wanted:
            return False
        position += 1
    return True


def _skip(words: tuple[Word, ...], command: tuple[str, ...]) -> int:
    position = 1
    for wanted in command[1:]:
        while words[position].text.lower() != wanted:
            position += 1
        position += 1
    return position


def _unwrapped(words: tuple[Word, ...], wrapper: Wrapper) -> tuple[Word, ...]:
    position = _skip(words, wrapper.command)
    while position < len(words):
        text = words[position].text
        if text == "--":
            position += 1
            break
        if text.startswith("-"):
            position += 2 if text in wrapper.value_options else 1
        elif wrapper.assignments and re.match(r"[A-Za-z_]\w*=", text):
            position += 1
        else:
            break
    return words[position:]


def _run(launch: Launch, runner: Runner) -> Launch:
    """Find the package among the options of its runner."""
    words, position = launch.words, _skip(launch.words, runner.command)
    main: list[PackageReference] = []
    extra: list[PackageReference] = []
    while position < len(words):
        word = words[position]
        option, sign, value = word.text.partition("=")
        if word.text == "--":
            position += 1
            break
        if not word.text.startswith("-"):
            break
        named = runner.package_options + runner.extra_options
        if option in named:
            given = Word(value, word.way) if sign else words[position + 1] if position + 1 < len(words) else None
            if given is not None:
                into = main if option in runner.package_options else extra
                into.append(reference(runner.ecosystem, given))
        position += 1 if sign or option not in (*named, *runner.value_options) else 2
    rest = words[position:]
    if main or runner.local:
        packages = (*main, *extra)
        return Launch(launch.program, words, launch.wrappers, runner, packages, rest[1:] if rest else ())
    first = rest[0] if rest else None
    if first is not None and runner.prefix:
        position = next((i for i, word in enumerate(rest) if word.text.startswith(runner.prefix)), -1)
        first = Word(rest[position].text.removeprefix(runner.prefix), rest[position].way) if position >= 0 else None
        rest = rest[position:] if position >= 0 else rest
    if first is None:
        return Launch(launch.program, words, launch.wrappers, runner, tuple(extra), rest)
    return Launch(
        launch.program, words, launch.wrappers, runner, (reference(runner.ecosystem, first), *extra), rest[1:]
    )


_NPM = re.compile(r"^(@[^/@\s]+/[^@\s]+|[^@\s/]+)(?:@(.*))?$")
_EXACT_NPM = re.compile(r"^[=v]?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$")
_PYPI = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:(@|===?|[<>~!]=?)\s*(.*))?$")
_EXACT_PYPI = re.compile(r"^\d+(?:\.\d+)*(?:(?:a|b|rc|\.post|\.dev|-|\+)[\w.]+)*$")
_COMMIT = re.compile(r"@[0-9a-fA-F]{40}(?:$|[#?])|#(?:commit[=:])?[0-9a-fA-F]{40}$")
_LOCAL = re.compile(r"^(?:\.{0,2}[\\/]|~|[A-Za-z]:[\\/]|file:|\.$|\$\{|%\w+%)")


def reference(ecosystem: str, word: Word) -> PackageReference:
    """Read a package as its runner would.

    A local path has the ecosystem `local` and counts as exact: what it holds does not change with a registry.
    """
    text = word.text.strip().strip("\"'")
    if ecosystem == "oci":
        return _image(text, word)
    if _LOCAL.match(text) or (ecosystem == "npm" and text.endswith((".js", ".tgz")) and "://" not in text):
        return PackageReference("local", text, "", True, word)
    if ecosystem == "pypi" and text.endswith((".whl", ".py", ".tar.gz")) and "://" not in text:
        return PackageReference("local", text, "", True, word)
    bare = text.partition(" @ ")[2] or text
    if bare.startswith(("git+", "git:", "github:", "gitlab:", "bitbucket:")) or bare.endswith(".git"):
        return PackageReference("git", text, "", bool(_COMMIT.search(text)), word)
    if "://" in bare:
        return PackageReference("url", bare, "", bool(_COMMIT.search(text) or "#sha256=" in bare), word)
    if ecosystem == "npm" and re.fullmatch(r"[\w.-]+/[\w.-]+(?:#.*)?", text):
        return PackageReference("git", f"github:{text}", "", bool(_COMMIT.search(text)), word)
    return _registry(ecosystem, text, word)


def _registry(ecosystem: str, text: str, word: Word) -> PackageReference:
    if ecosystem == "pypi":
        match = _PYPI.match(text)
        if not match:
            return PackageReference(ecosystem, text, "", False, word)
        name, sign, version = match.group(1), match.group(2) or "", (match.group(3) or "").strip()
        exact = sign in ("==", "===", "@") and bool(_EXACT_PYPI.match(version))
        return PackageReference(ecosystem, name, version if exact else f"{sign}{version}", exact, word)
    match = _NPM.match(text)
    if not match:
        return PackageReference(ecosystem, text, "", False, word)
    wanted = match.group(2) or ""
    if ecosystem == "npm" and wanted.startswith("npm:"):  # an alias: what runs is the inner package
        return _registry(ecosystem, wanted.removeprefix("npm:"), word)
    if ecosystem == "go":
        exact = bool(re.match(r"^v\d+\.\d+\.\d+|^[0-9a-f]{12,40}$", wanted))
        return PackageReference(ecosystem, text.partition("@")[0], wanted, exact, word)
    return PackageReference(ecosystem, match.group(1), wanted, bool(_EXACT_NPM.match(wanted)), word)


def _image(text: str, word: Word) -> PackageReference:
    name, _, digest = text.partition("@")
    repository, tag = name, ""
    if ":" in name.rpartition("/")[2]:
        repository, _, tag = name.rpartition(":")
    exact = bool(re.fullmatch(r"sha256:[0-9a-f]{64}", digest))
    return PackageReference("oci", repository, digest if exact else tag, exact, word)
