"""The commands, by what they are for: the module of each, and its line in the help.

A command is a module of this package with a docstring (the text of `--help`), `add_arguments(parser)`,
`run(arguments)` and `EXAMPLES` (lines of the help); it may have `FAILURE`, its exit status for errors. The
module is imported only when its command is run, so start-up time does not grow with this table.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

GROUPS: Final = {
    "look at records": {
        "cat": ("cat", "print the records as JSON lines"),
        "head": ("head", "show the first records"),
        "tail": ("tail", "show the last records"),
        "sample": ("sample", "show random records of a file"),
        "count": ("count", "print the number of records"),
        "stats": ("stats", "show statistics of fields and blocks"),
        "overview": ("overview", "show codec, schema and first records"),
    },
    "look at files": {
        "schema": ("schema", "print the writer's schema"),
        "meta": ("meta", "print the file metadata"),
        "inspect": ("inspect", "show what each byte of a file or message means"),
        "validate": ("validate", "check that files are intact"),
    },
    "make files": {
        "convert": ("convert", "convert files: Avro, JSON, CSV, Parquet, ORC, Arrow"),
        "concat": ("concat", "join files without decoding their records"),
        "recodec": ("recodec", "write a file with another codec"),
        "split": ("split", "cut a file into several"),
        "repair": ("repair", "copy what is intact in a damaged file"),
        "random": ("random", "write random records of a schema"),
    },
    "work with schemas": {
        "compat": ("compat", "check whether changed schemas are compatible"),
        "diff": ("diff", "print what changed between two schemas"),
        "lint": ("lint", "print what may cause trouble in a schema"),
        "canonical": ("canonical", "print the canonical form of a schema"),
        "fingerprint": ("fingerprint", "print the fingerprint of a schema"),
        "induce": ("induce", "print a schema for JSON or CSV"),
        "idl": ("idl", "convert IDL to JSON and back"),
        "classes": ("classes", "write Python classes for a schema"),
        "registry": ("registry", "list, get, register, check and sync the schemas of a registry"),
    },
    "use Kafka and RPC": {
        "kafka": ("kafka", "read, write and save the messages of a topic"),
        "rpc": ("rpc", "call servers, and answer calls"),
    },
    "see what is installed": {
        "doctor": ("doctor", "show what is installed, and what would be faster"),
        "completion": ("completion", "print or install a script that completes commands"),
    },
    "the names that avro-tools has": {
        "tojson": ("tojson", "print the records in Avro's JSON encoding"),
        "fromjson": ("fromjson", "write a file from JSON in Avro's encoding"),
        "getschema": ("schema", "print the writer's schema"),
        "getmeta": ("getmeta", "print the file metadata, one entry per line"),
        "totext": ("totext", "write the lines of a file of bytes as text"),
        "fromtext": ("fromtext", "write a file from the lines of a text"),
        "fragtojson": ("fragtojson", "print bare data (no container file) as JSON"),
        "jsontofrag": ("jsontofrag", "write bare data (no container file) from JSON"),
        "idl2schemata": ("idl2schemata", "write each type of an IDL file as a schema"),
    },
}
COMMANDS: Final = dict(sorted(each for group in GROUPS.values() for each in group.items()))


def module_of(command: str) -> Any:
    """The module of a command."""
    return import_module(f"avrojet.cli.{COMMANDS[command][0]}")
