"""The page of all commands: what `--help` says, asked of the parsers themselves."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator

from sphinx.application import Sphinx

from avrojet.cli.commands import COMMANDS
from avrojet.cli.parsing import command_parser

PAGE = "reference/commands"
MARK = "<!-- every command -->"
_OPTION = r"(?<![\w-])--[a-z][\w-]*"


def put_commands(app: Sphinx, name: str, source: list[str]) -> None:
    if name == PAGE:
        source[0] = source[0].replace(MARK, "\n".join(commands()))


def commands() -> Iterator[str]:
    """The lines of Markdown of all commands."""
    os.environ["COLUMNS"] = "92"
    for name in COMMANDS:
        yield from _command(command_parser(name), 2)


def _command(parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    yield from ("", f"{'#' * level} {parser.prog}", "", *_described(parser.description or ""), "")
    usage = parser.format_usage().removeprefix("usage: ").replace("\n       ", "\n").rstrip()
    yield from ("```text", usage, "```", "")
    below: list[argparse.ArgumentParser] = []
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below += action.choices.values()
        elif action.dest != "help" and action.help != argparse.SUPPRESS:
            rows.append(f"| {_called(action)} | {_help(parser, action)} |")
    if rows:
        yield from ("| argument | what it is |", "| --- | --- |", *rows, "")
    examples = (parser.epilog or "").partition("examples:\n")[2]
    if examples:
        yield from ("```text", *(line.removeprefix("  ") for line in examples.splitlines()), "```", "")
    for each in below:
        yield from _command(each, level + 1)


def _described(text: str) -> Iterator[str]:
    """Paragraphs; one that is indented is a table, whose lines stay as they are."""
    for paragraph in text.strip("\n").split("\n\n"):
        lines = paragraph.splitlines()
        if all(line.startswith("  ") for line in lines):
            yield from ("```text", *(line.removeprefix("  ") for line in lines), "```", "")
        else:
            yield from (_prose(paragraph), "")


def _called(action: argparse.Action) -> str:
    names = action.option_strings or [""]
    return ", ".join(f"`{f'{name} {_metavar(action)}'.strip()}`" for name in names).replace("|", "\\|")


def _metavar(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if isinstance(action.metavar, tuple):
        return " ".join(action.metavar)
    if action.metavar:
        return action.metavar
    if action.choices:
        return "|".join(map(str, action.choices))
    return action.dest.upper()


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = parser._get_formatter()._expand_help(action) if action.help else ""
    return _prose(text).replace("\n", " ").replace("|", "\\|")


def _prose(text: str) -> str:
    """A docstring or help as Markdown: code and options in backticks, and nothing that would be markup."""
    text = re.sub(r"``(.+?)``", r"`\1`", text.strip())
    parts = re.split(rf"(`[^`]*`|{_OPTION})", text)
    return "".join(_markdown(part) for part in parts)


def _markdown(part: str) -> str:
    if part.startswith("`"):
        return part
    if re.fullmatch(_OPTION, part):
        return f"`{part}`"
    return re.sub(r"([<*_\[])", r"\\\1", part)


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", put_commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
