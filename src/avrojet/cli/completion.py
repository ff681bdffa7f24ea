"""Print a script that completes commands, options and files in a shell, or install it.

It is generated from the commands' own parsers. --install writes it where the shell looks for it, and prints
where. bash and zsh need a line in ~/.bashrc or ~/.zshrc, too, which is added once.
"""

from __future__ import annotations

import argparse
import sys
from typing import NamedTuple

from avrojet.cli.commands import COMMANDS

EXAMPLES = """\
avrojet completion --install
avrojet completion zsh --install
source <(avrojet completion bash)
"""


class Option(NamedTuple):
    """One option of a command."""

    names: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]


class Command(NamedTuple):
    """What can follow a command's name."""

    name: str
    help: str
    options: list[Option]
    choices: tuple[str, ...]  # of arguments that are no files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "shell", nargs="?", choices=tuple(_SCRIPTS), help="bash, zsh or fish; if left out, that of $SHELL"
    )
    parser.add_argument("--install", action="store_true", help="put the script where the shell finds it")


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.completion_install import install, shell_of_user

    shell = arguments.shell or shell_of_user()
    script = _SCRIPTS[shell]([_command(name) for name in COMMANDS]).encode()
    if not arguments.install:
        sys.stdout.buffer.write(script)
        return
    for line in install(shell, script):
        print(line)


def _command(name: str) -> Command:
    from avrojet.cli.parsing import command_parser

    parser = command_parser(name)
    options: list[Option] = []
    choices: list[str] = []
    for action in parser._actions:
        words = tuple(str(each) for each in action.choices or ())
        if action.option_strings:
            shown = (action.help or "") % {**vars(action), "prog": parser.prog}
            options.append(Option(tuple(action.option_strings), shown, action.nargs != 0, words))
        else:
            choices += words
    return Command(name, COMMANDS[name][1], options, tuple(choices))


def _bash(commands: list[Command]) -> str:
    cases = []
    for command in commands:
        names = " ".join(name for option in command.options for name in option.names)
        cases.append(
            f"        {command.name}) words={_quoted(' '.join([names, *command.choices]).strip())} ;;"
        )
    values = [
        f"        {command.name}:{name}) COMPREPLY=($(compgen -W {_quoted(' '.join(option.choices))}"
        ' -- "$word")); return ;;'
        for command in commands
        for option in command.options
        if option.choices
        for name in option.names
    ]
    return f"""\
# bash completion for avrojet
_avrojet() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W {_quoted(" ".join(command.name for command in commands))} -- "$word")
            $(compgen -f -- "$word"))
        return
    fi
    case "${{COMP_WORDS[1]}}:$before" in
{chr(10).join(values)}
    esac
    case "${{COMP_WORDS[1]}}" in
{chr(10).join(cases)}
        *) words="" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- "$word"))
}}
complete -o filenames -F _avrojet avrojet
"""


def _zsh(commands: list[Command]) -> str:
    listed = "\n".join(
        f"        {_quoted(f'{command.name}:' + _zsh_text(command.help))}" for command in commands
    )
    cases = []
    for command in commands:
        specs = [f"            {spec} \\" for option in command.options for spec in _zsh_specs(option)]
        rest = f"({' '.join(command.choices)})" if command.choices else "_files"
        cases.append(
            "\n".join(
                [
                    f"        {command.name}) _arguments \\",
                    *specs,
                    f"            {_quoted(f'*:file:{rest}')} ;;",
                ]
            )
        )
    return f"""\
#compdef avrojet
_avrojet() {{
    local -a commands
    commands=(
{listed}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        _files
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{chr(10).join(cases)}
        *) _files ;;
    esac
}}
if [ "$funcstack[1]" = _avrojet ]; then _avrojet "$@"; else compdef _avrojet avrojet; fi
"""


def _zsh_specs(option: Option) -> list[str]:
    value = ""
    if option.takes_value:
        value = f":value:({' '.join(option.choices)})" if option.choices else ":value:_files"
    return [_quoted(f"*{name}[{_zsh_text(option.help)}]{value}") for name in option.names]


def _zsh_text(text: str) -> str:
    for character in "\\[]:":
        text = text.replace(character, "\\" + character)
    return text


def _fish(commands: list[Command]) -> str:
    lines = [
        "# fish completion for avrojet",
        *(
            f"complete -c avrojet -n __fish_use_subcommand -a {command.name} -d {_fish_quoted(command.help)}"
            for command in commands
        ),
    ]
    for command in commands:
        start = f"complete -c avrojet -n '__fish_seen_subcommand_from {command.name}'"
        if command.choices:
            lines.append(f"{start} -f -a {_fish_quoted(' '.join(command.choices))}")
        for option in command.options:
            names = "".join(
                f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in option.names
            )
            value = " -r" if option.takes_value else ""
            if option.choices:
                value += f" -f -a {_fish_quoted(' '.join(option.choices))}"
            lines.append(f"{start}{names}{value} -d {_fish_quoted(option.help)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
