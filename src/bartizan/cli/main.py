"""The command table. Only click is imported here: each command's module is imported when it is asked for."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

import click

from bartizan import __version__
from bartizan.cli.outlet import ClosedOutputError, abandon_output, settle_streams
from bartizan.model.errors import BartizanError, OutputError

INTERRUPTED = 130

COMMANDS: dict[str, str] = {
    "scan": "Scan targets of any kind: files, repositories, hosts, networks, URLs, this machine.",
    "assets": "List and show what the store knows to exist.",
    "findings": "List, show and accept what is wrong.",
    "paths": "List the ways an attacker can go.",
    "report": "Write reports from the store.",
    "rules": "List, show, test and start detection content.",
    "scope": "Start or check the authorisation file.",
    "secrets": "Ask providers whether found keys are alive (only when asked).",
    "mcp": "Pin MCP servers and show what changed.",
    "models": "Compare two revisions of a model.",
    "intel": "Show or update the vulnerability snapshot.",
    "lab": "Start or stop a deliberately weak AI estate on loopback.",
    "schema": "Print the JSON Schema of the result document.",
    "completion": "Print the shell completion script.",
    "version": "Print the version.",
}
"""Name and one-line help; the command itself is `command` in `bartizan.cli.<name>`."""


class CommandTable(click.Group):
    """A group whose commands are imported one by one, when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"bartizan.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
def bartizan() -> None:
    """Find the AI you run or leak, prove what is wrong with it, and see what to fix first.

    \b
    Example:
      bartizan scan                      this folder, this machine's AI clients and listening services
      bartizan scan ./repo --fail-on high
      bartizan scan 127.0.0.1 --output report.html --output results.sarif
    """


def main() -> None:
    """Run the command line; expected errors become one line on stderr and their exit code."""
    settle_streams()
    try:
        _listen(signal.default_int_handler)
        code = _run()
        _listen(signal.SIG_IGN)
    except (click.Abort, KeyboardInterrupt):
        _listen(signal.SIG_IGN)
        code = INTERRUPTED
    if code == INTERRUPTED:
        _leave()
    sys.exit(code)


def _leave() -> NoReturn:
    """End at once. CPython kills itself, instead of exiting as told, when an interruption hit an `exec` of text, and
    every import of a dataclass is one.
    """
    with suppress(OutputError, OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(INTERRUPTED)


def _listen(handler: Any) -> None:
    """What Ctrl-C and a polite kill do from now on. Once all is done a late one must not spoil the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _run() -> int:
    try:
        code = bartizan.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        names = error.ctx.command.list_commands(error.ctx) if isinstance(error.ctx.command, click.Group) else []
        return complain(f"name a command: {', '.join(names)}", error.ctx.get_usage())
    except click.UsageError as error:
        return complain(error.format_message(), error.ctx.get_usage() if error.ctx else "")
    except click.ClickException as error:
        return complain(error.format_message())
    except ClosedOutputError:
        abandon_output()
        return 0
    except OutputError as error:
        abandon_output()
        return complain(str(error))
    except BartizanError as error:
        complain(str(error))
        return error.exit_code
    return code if isinstance(code, int) else 0


def complain(what: str, usage: str = "") -> int:
    """One line on stderr, and at most one more with the usage. Returns the exit code of a wrong request."""
    sys.stderr.write(f"bartizan: {plain(what)}\n")
    if usage:
        sys.stderr.write(f"{plain(usage)}\n")
    return 2


def plain(text: str) -> str:
    """The text in one line, with what would steer a terminal written out."""
    shown = (mark if mark.isprintable() else ascii(mark)[1:-1] for mark in " ".join(text.split()))
    return "".join(shown)
