"""The commands: the module of each, and its line in the help.

A command is a module of this package with a docstring (the text of `--help`), `add_arguments(parser)`,
`run(arguments)` and `EXAMPLES` (lines of the help); it may have `FAILURE`, its exit status for errors. The
module is imported only when its command is run, so start-up time does not grow with this table.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

COMMANDS: Final = {
    "canonical": ("canonical", "print the canonical form of a schema"),
    "cat": ("cat", "print the records as JSON lines"),
    "classes": ("classes", "write Python classes for a schema"),
    "compat": ("compat", "check whether changed schemas are compatible"),
    "completion": ("completion", "print or install a script that completes commands"),
    "concat": ("concat", "join files without decoding their records"),
    "convert": ("convert", "convert files: Avro, JSON, CSV, Parquet, ORC, Arrow"),
    "count": ("count", "print the number of records"),
    "diff": ("diff", "print what changed between two schemas"),
    "doctor": ("doctor", "show what is installed, and what would be faster"),
    "fingerprint": ("fingerprint", "print the fingerprint of a schema"),
    "fragtojson": ("fragtojson", "print bare data (no container file) as JSON"),
    "fromjson": ("fromjson", "write a file from JSON in Avro's encoding"),
    "fromtext": ("fromtext", "write a file from the lines of a text"),
    "getmeta": ("getmeta", "print the file metadata, one entry per line"),
    "getschema": ("schema", "print the writer's schema"),
    "head": ("head", "show the first records"),
    "idl": ("idl", "convert IDL to JSON and back"),
    "idl2schemata": ("idl2schemata", "write each type of an IDL file as a schema"),
    "induce": ("induce", "print a schema for JSON or CSV"),
    "inspect": ("inspect", "show what each byte of a file or message means"),
    "jsontofrag": ("jsontofrag", "write bare data (no container file) from JSON"),
    "kafka": ("kafka", "read, write and save the messages of a topic"),
    "lint": ("lint", "print what may cause trouble in a schema"),
    "meta": ("meta", "print the file metadata"),
    "overview": ("overview", "show codec, schema and first records"),
    "random": ("random", "write random records of a schema"),
    "recodec": ("recodec", "write a file with another codec"),
    "registry": ("registry", "list, get, register, check and sync the schemas of a registry"),
    "repair": ("repair", "copy what is intact in a damaged file"),
    "rpc": ("rpc", "call servers, and answer calls"),
    "sample": ("sample", "show random records of a file"),
    "schema": ("schema", "print the writer's schema"),
    "split": ("split", "cut a file into several"),
    "stats": ("stats", "show statistics of fields and blocks"),
    "tail": ("tail", "show the last records"),
    "tojson": ("tojson", "print the records in Avro's JSON encoding"),
    "totext": ("totext", "write the lines of a file of bytes as text"),
    "validate": ("validate", "check that files are intact"),
}


def module_of(command: str) -> Any:
    """The module of a command."""
    return import_module(f"avrojet.cli.{COMMANDS[command][0]}")
