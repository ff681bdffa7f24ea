"""Print what is legal in schemas but will hurt, each finding with its file and the rule that it breaks.

Of a folder, the .avsc, .avpr and .avdl files in it and below it are read, hidden ones left out. Of protocols
and IDL, each type is looked at, and its places begin with its name in place of `$`.

The exit status is 0 if there are no findings, 1 if there are some, and 2 if a file cannot be read; the others
are looked at all the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from avrojet.cli.schemas import SCHEMA_HELP, read_schema
from avrojet.cli.snapshots import SUFFIXES, read_types, schema_files
from avrojet.cli.streams import complain, print_json
from avrojet.errors import AvroError
from avrojet.schema.lint import RULES, Finding, findings
from avrojet.schema.model import NamedSchema, Schema

EXAMPLES = """\
avrojet lint order.avsc
avrojet lint schemas/ --ignore doc --ignore namespace
"""
FAILURE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("schemas", metavar="SCHEMA", nargs="*", help=f"a folder; {SCHEMA_HELP}")
    parser.add_argument(
        "--rule", action="append", metavar="RULE", help="check this rule only; may be repeated"
    )
    parser.add_argument(
        "--ignore", action="append", metavar="RULE", type=_rule, default=[], help="leave this rule out"
    )
    parser.add_argument("--rules", action="store_true", help="print the rules and the reasons for them")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    if arguments.rules:
        for name, rule in RULES.items():
            print(f"{name:24}{rule.why}")
        return 0
    if not arguments.schemas:
        arguments.parser.error("which schemas? give files or folders; --rules prints the rules")
    broken: list[Exception] = []
    schemas = list(_schemas(arguments.schemas, broken))
    found = list(_findings(schemas, arguments.rule, arguments.ignore))
    if arguments.json:
        print_json(
            [{"file": file, "rule": f.rule, "path": f.path, "message": f.message} for file, f in found]
        )
    else:
        for file, finding in found:
            print(f"{file}: {finding}")
    for error in broken:
        complain(error)
    return FAILURE if broken else bool(found)


# A file, what the places in its schema begin with, and that schema.
_Placed: TypeAlias = tuple[str, str, Schema]


def _schemas(names: Iterable[str], broken: list[Exception]) -> Iterator[_Placed]:
    """The schemas of files and folders; the errors of files that cannot be read are added to `broken`."""
    for name in names:
        place = Path(name)
        for file in map(str, schema_files(place)) if place.is_dir() else (name,):
            try:
                yield from _schemas_of(file)
            except (AvroError, OSError) as error:
                broken.append(error)


def _schemas_of(file: str) -> Iterator[_Placed]:
    if not file.endswith(SUFFIXES):
        yield file, "$", read_schema(file)
        return
    _, root, types = read_types(Path(file))
    if root is not None:
        yield file, "$", root
    yield from ((file, each.fullname, each) for each in types if each != root)


def _findings(
    schemas: list[_Placed], rules: list[str] | None, ignore: list[str]
) -> Iterator[tuple[str, Finding]]:
    """The findings with their files; a type that has a schema of its own is not looked at within others."""
    own = {schema.fullname for _, _, schema in schemas if isinstance(schema, NamedSchema)}
    for file, start, schema in schemas:
        for finding in findings(schema, start, rules=rules, ignore=ignore, elsewhere=own):
            yield file, finding


def _rule(name: str) -> str:
    if name not in RULES:
        raise argparse.ArgumentTypeError(f"no rule is called {name!r}; the rules are {', '.join(RULES)}")
    return name
