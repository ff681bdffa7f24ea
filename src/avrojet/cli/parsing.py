"""The parsers of the command line, each created when it is needed."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from avrojet import __version__
from avrojet.cli.commands import COMMANDS, GROUPS, module_of
from avrojet.messages import did_you_mean

_DESCRIPTION = "Inspect, convert and repair Apache Avro files."
_STATUS = """\
exit status:
  0    all went well
  1    an error, in one line on stderr; for commands that compare or check: something was found
  2    wrong usage; for commands that compare or check: an error
  130  interrupted; nothing unfinished is left
  143  ended by SIGTERM, and 129 by SIGHUP; nothing unfinished is left
  141  the program that reads the output has ended
"""
_EXAMPLES = """\
examples:
  avrojet orders.avro               an overview of a file
  avrojet cat orders.avro | jq .id  its records as JSON lines
  avrojet COMMAND --help            what a command does, with examples
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help as wide as the terminal; argparse would find the width by a slow import."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


class _Parser(argparse.ArgumentParser):
    """A parser that suggests what may be meant by an option that is not known, and fails if the output takes
    no help, which argparse does not notice.
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        parsed, unknown = self.parse_known_args(args, namespace)
        if unknown:
            options = [each.partition("=")[0] for each in unknown if each.startswith("--")]
            hint = did_you_mean(options[0], self._option_string_actions) if options else ""
            self.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
        return parsed

    def print_help(self, file: Any = None) -> None:
        """Print all help there is."""
        print(self.format_help(), end="", file=file, flush=True)


class _ShowVersions(argparse.Action):
    """Print the versions of what is installed, by imports that nothing else needs."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from avrojet.cli.libraries import versions

        print(f"avrojet {__version__}", versions(), sep="\n", flush=True)
        parser.exit()


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]
    except (AttributeError, OSError, ValueError):
        return 80


def top_parser() -> argparse.ArgumentParser:
    """The parser for the arguments before a command; its help lists the commands."""
    parser = _Parser(
        "avrojet",
        usage="avrojet COMMAND ...\n       avrojet FILE",
        description="\n".join([_DESCRIPTION, *_listed()]),
        epilog=f"{_EXAMPLES}\n{_STATUS}",
        formatter_class=_Help,
    )
    parser.add_argument(
        "--version", action=_ShowVersions, help="show the versions of avrojet, Python and what is installed"
    )
    return parser


def _listed() -> Iterator[str]:
    """The lines of the help that list the commands."""
    for purpose, commands in GROUPS.items():
        yield f"\n{purpose}:"
        yield from (f"  {name:<12} {line}" for name, (_, line) in commands.items())


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command."""
    module = module_of(name)
    parser = _Parser(
        f"avrojet {name}",
        description=module.__doc__,
        epilog=_epilog(module),
        formatter_class=_Help,
    )
    module.add_arguments(parser)
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto (on terminals, unless NO_COLOR is set), always or never",
    )
    parser.set_defaults(run=module.run, failure=getattr(module, "FAILURE", 1), parser=parser)
    return parser


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse `arguments` (None: the process's): `run` and `failure`, and the command's own.

    A file in the place of a command is shown: ``avrojet FILE``. ``avrojet help COMMAND`` is as with --help.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["help"] and not _is_file("help"):
        given = [*given[1:2], "--help"]
    if not given or (given[0].startswith("-") and given[0] != "-"):
        parser = top_parser()
        parser.parse_args(given[:1])
        parser.error("which command? avrojet --help lists them" if not given else f"no command in {given!r}")
    first, rest = given[0], given[1:]
    if first not in COMMANDS:
        if not _is_file(first):
            what = f"{first!r} is neither a command nor a file{did_you_mean(first, COMMANDS)}"
            top_parser().error(what)
        first, rest = "overview", given
    return command_parser(first).parse_args(rest)


def _is_file(word: str) -> bool:
    return word == "-" or "://" in word or os.path.exists(word)  # noqa: PTH110 (pathlib takes long to import)


def _epilog(module: Any) -> str:
    return "examples:\n" + "".join(f"  {line}\n" for line in module.EXAMPLES.strip().splitlines())
