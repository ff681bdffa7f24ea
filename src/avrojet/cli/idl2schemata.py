"""Write each named type of Avro's IDL as a schema of its own, NAME.avsc, into a folder, as avro-tools does.

`idl --types FOLDER` names the files by the full names of the types.
"""

from __future__ import annotations

import argparse

from avrojet.errors import SchemaError

EXAMPLES = """\
avrojet idl2schemata shop.avdl schemas/
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="IDL", nargs="?", default="-", help="an .avdl file, or - for the standard input"
    )
    parser.add_argument(
        "folder", metavar="FOLDER", nargs="?", default=".", help="for the files (%(default)s)"
    )
    parser.add_argument("--useJavaCC", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> None:
    from avrojet.cli.idl import read_idl, types_of, write_json
    from avrojet.cli.streams import make_folder

    types = types_of(read_idl(arguments.source))
    names: dict[str, str] = {}
    for type in types:
        if names.setdefault(type.name, type.fullname) != type.fullname:
            raise SchemaError(
                f"{names[type.name]} and {type.fullname} would both be {type.name}.avsc:"
                " avrojet idl --types names files by full names"
            )
    folder = make_folder(arguments.folder)
    for type in types:
        write_json(type, str(folder / f"{type.name}.avsc"))
