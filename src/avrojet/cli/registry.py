"""Look into a schema registry, and bring schemas there.

The registry has Confluent's interface (Confluent, Karapace, Redpanda, Apicurio's ccompat), or is a folder of
.avsc files.
"""

from __future__ import annotations

import argparse

from avrojet.cli import registry_check, registry_show, registry_sync

EXAMPLES = """\
avrojet registry list --registry http://localhost:8081
avrojet registry get orders-value 3
avrojet registry check orders-value order.avsc
avrojet registry sync schemas/ --suffix=-value --apply
"""

_COMMANDS = {
    "list": registry_show.LIST,
    "get": registry_show.GET,
    "register": registry_show.REGISTER,
    "check": registry_check.CHECK,
    "sync": registry_sync.SYNC,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from avrojet.cli.connections import add_registry

    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="does")
    for name, (add, run) in _COMMANDS.items():
        added = commands.add_parser(
            name, help=(run.__doc__ or "").partition("\n")[0], description=run.__doc__
        )
        add_registry(added)
        add(added)


def run(arguments: argparse.Namespace) -> int | None:
    return _COMMANDS[arguments.does][1](arguments)
