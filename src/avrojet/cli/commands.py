"""The commands: the module of each, and the line that the help has of it.

A command is a module of this package with a docstring (what `--help` says), `add_arguments(parser)`,
`run(arguments)` and `EXAMPLES` (lines of the help); it may have `FAILURE`, its exit status for errors. The
module is imported when the command is given, so start-up does not grow with this table.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

COMMANDS: Final = {
    "canonical": ("canonical", "print the canonical form of a schema"),
    "cat": ("cat", "print the records as JSON lines"),
    "compat": ("compat", "tell whether changed schemas are compatible"),
    "completion": ("completion", "print a script that completes commands in a shell"),
    "convert": ("convert", "convert files: Avro, JSON, CSV, Parquet, ORC, Arrow"),
    "count": ("count", "print the number of records"),
    "diff": ("diff", "print what changed between two schemas"),
    "fingerprint": ("fingerprint", "print the fingerprint of a schema"),
    "idl": ("idl", "convert IDL to JSON and back"),
    "induce": ("induce", "print a schema for JSON or CSV"),
    "kafka": ("kafka", "read, write and keep the messages of a topic"),
    "lint": ("lint", "print what in a schema will hurt"),
    "meta": ("meta", "print the file metadata"),
    "overview": ("overview", "show codec, schema and first records"),
    "random": ("random", "write random records of a schema"),
    "registry": ("registry", "list, get, register, check and sync schemas of a registry"),
    "repair": ("repair", "copy what is whole in a damaged file"),
    "schema": ("schema", "print the writer's schema"),
}


def module_of(command: str) -> Any:
    """The module of a command."""
    return import_module(f"avrojet.cli.{COMMANDS[command][0]}")
