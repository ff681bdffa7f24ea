"""`avrojet registry list`, `get` and `register`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from avrojet.errors import AvroError

if TYPE_CHECKING:
    from avrojet.registry.model import RegisteredSchema

Command: TypeAlias = tuple[
    Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int | None]
]


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", metavar="SUBJECT", nargs="?", help="list its versions")
    parser.add_argument("--deleted", action="store_true", help="include what is deleted, but not permanently")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _list(arguments: argparse.Namespace) -> None:
    """List the subjects, or the versions of one with their ids."""
    from avrojet.cli.connections import registry_of
    from avrojet.cli.streams import print_json
    from avrojet.messages import readable

    with registry_of(arguments) as registry:
        if arguments.subject is None:
            subjects = sorted(registry.subjects(deleted=arguments.deleted))
            if arguments.json:
                return print_json(subjects)
            for subject in subjects:
                print(readable(subject))
            return None
        found = []
        for number in registry.versions(arguments.subject, deleted=arguments.deleted):
            registered = registry.version(arguments.subject, number)
            found.append({"version": number, "id": registered.id, "guid": registered.guid})
    if arguments.json:
        return print_json(found)
    for each in found:
        print(f"{each['version']}\tid {each['id'] if each['id'] is not None else each['guid']}")
    return None


def _add_get(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("subject", metavar="SUBJECT", nargs="?")
    parser.add_argument("version", metavar="VERSION", nargs="?", default="latest", help="(%(default)s)")
    parser.add_argument("--id", type=int, metavar="N", help="the schema of an id")
    parser.add_argument("--guid", metavar="GUID", help="the schema of a GUID")
    parser.add_argument(
        "--resolved", action="store_true", help="with the types of other subjects that it refers to"
    )
    parser.add_argument("--all", action="store_true", help="with id, version, references, metadata and rules")


def _get(arguments: argparse.Namespace) -> None:
    """Print a schema: a version of a subject, or that of an id."""
    from avrojet.cli.streams import print_json

    registered = _asked(arguments)
    text = registered.text
    schema = json.loads(registered.schema.json if arguments.resolved or text is None else text)
    print_json({**_place(registered), "schema": schema} if arguments.all else schema)


def _asked(arguments: argparse.Namespace) -> RegisteredSchema:
    from avrojet.cli.connections import registry_of

    ways = (arguments.subject, arguments.id, arguments.guid)
    if sum(way is not None for way in ways) != 1:
        raise AvroError("give SUBJECT, --id or --guid")
    if arguments.version != "latest" and not arguments.version.isdecimal():
        raise AvroError(f"VERSION is a number or 'latest', not {arguments.version!r}")
    with registry_of(arguments) as registry:
        if arguments.id is not None:
            return registry.by_id(arguments.id)
        if arguments.guid is not None:
            return registry.by_guid(arguments.guid)
        if arguments.version == "latest":
            return registry.latest(arguments.subject)
        return registry.version(arguments.subject, int(arguments.version))


def _place(registered: RegisteredSchema) -> dict[str, Any]:
    known = {
        "subject": registered.subject,
        "version": registered.version,
        "id": registered.id,
        "guid": registered.guid,
        "references": [
            {"name": each.name, "subject": each.subject, "version": each.version}
            for each in registered.references
        ],
        "metadata": registered.metadata,
        "rules": registered.rules,
    }
    return {name: value for name, value in known.items() if value}


def _add_register(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.schemas import add_schema

    parser.add_argument("subject", metavar="SUBJECT")
    add_schema(parser)
    parser.add_argument(
        "--normalize", action="store_true", help="treat schemas as the same that differ only in order"
    )


def _register(arguments: argparse.Namespace) -> None:
    """Register a schema as the newest version of a subject, with all types in it.

    `avrojet registry sync` registers files that use each other's types, which stay apart in the registry.
    """
    from avrojet.cli.connections import registry_of
    from avrojet.cli.schemas import read_schema

    schema = read_schema(arguments.schema)
    with registry_of(arguments) as registry:
        made = registry.register(arguments.subject, schema, normalize=arguments.normalize)
    print(f"{made.subject} version {made.version}, id {made.id if made.id is not None else made.guid}")


LIST: Final[Command] = (_add_list, _list)
GET: Final[Command] = (_add_get, _get)
REGISTER: Final[Command] = (_add_register, _register)
