"""Print what is legal in schemas but will hurt, each finding with the rule that it breaks.

The exit status is 0 if there are no findings, and 1 if there are some.
"""

from __future__ import annotations

import argparse

from avrojet.cli.schemas import read_schema
from avrojet.cli.streams import print_json

EXAMPLES = """\
avrojet lint order.avsc
"""
FAILURE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("schemas", metavar="SCHEMA", nargs="*", help=".avsc files or Avro files")
    parser.add_argument(
        "--rule", action="append", metavar="RULE", help="check this rule only; may be repeated"
    )
    parser.add_argument(
        "--ignore", action="append", metavar="RULE", type=_rule, default=[], help="leave this rule out"
    )
    parser.add_argument("--rules", action="store_true", help="print the rules and the reasons for them")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    from avrojet.schema.lint import RULES, lint_schema

    if arguments.rules:
        for name, rule in RULES.items():
            print(f"{name:24}{rule.why}")
        return 0
    found = [
        (file, finding)
        for file in arguments.schemas
        for finding in lint_schema(read_schema(file), rules=arguments.rule, ignore=arguments.ignore)
    ]
    if arguments.json:
        print_json(
            [{"file": file, "rule": f.rule, "path": f.path, "message": f.message} for file, f in found]
        )
    else:
        for file, finding in found:
            print(f"{file}: {finding}")
    return bool(found)


def _rule(name: str) -> str:
    from avrojet.schema.lint import RULES

    if name not in RULES:
        raise argparse.ArgumentTypeError(f"no rule is called {name!r}; the rules are {', '.join(RULES)}")
    return name
