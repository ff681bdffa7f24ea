"""Where Avro for Java makes other data of data than avrojet, by rule.

Each rule says what Java does, and why avrojet does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from avrojet.schema.model import RecordSchema, Schema, UnionSchema
from tests.peers.java_data import Case
from tests.strategies import parts


@dataclass
class Difference:
    """:ivar what: was done; a name in Peer.java.
    :ivar datum: in binary, if it is one.
    :ivar java: what Java makes of it, or that it cannot.
    :ivar here: what it should make of it.
    :ivar text: what Java wrote, if it wrote one."""

    case: Case
    what: str
    datum: bytes | None
    java: Any
    here: Any
    text: Any = None

    @property
    def error(self) -> str:
        return self.java["error"] if isinstance(self.java, dict) and "error" in self.java else ""


RULES: dict[str, Callable[[Difference], bool]] = {
    "Java compares data of schemas with maps until it meets one; avrojet refuses the schema (specification: "
    "data with maps may not be compared, unless in ignored fields)":
        lambda it: it.what == "order" and it.case.order is None and not it.error,
    "Java writes no JSON text at all for a record without fields, at the root":
        lambda it: it.what == "to_json" and it.text == "" and isinstance(it.case.parsed, RecordSchema),
    "JSON has no bits of a NaN, neither Java's nor avrojet's":
        lambda it: it.what in ("to_json", "from_json") and it.datum is not None
        and it.java == it.case.through_json(it.datum) != it.here,
    "Java's UUIDs have one form as text; avrojet reads the others that are in use":
        lambda it: it.what == "converted" and it.case.name.startswith("uuid as ") and "UUID" in it.error,
    "Java writes a value of a logical type to the first branch whose values are of the same class":
        lambda it: it.what == "converted" and isinstance(it.java, bytes) and has_rivals(it.case.parsed),
}  # fmt: skip


CLASSES = [{"time-millis", "time-micros"}, {"decimal", "big-decimal"}]  # logical types with one class in Java


def has_rivals(schema: Schema) -> bool:
    """Whether there is a union in it with two branches that Java has one class for."""
    unions = [part for part in parts(schema) if isinstance(part, UnionSchema)]
    names = [[branch.logical.name for branch in union.branches if branch.logical] for union in unions]
    return any(
        len(set(each)) < len(each) or any(len(rivals.intersection(each)) > 1 for rivals in CLASSES)
        for each in names
    )


def explained(difference: Difference) -> str:
    """The rule that explains a difference; nothing if none does."""
    return next((rule for rule, applies in RULES.items() if applies(difference)), "")


def shown(difference: Difference) -> str:
    """All there is to say of a difference."""
    datum = "" if difference.datum is None else f"\n  datum  {difference.datum.hex()}"
    return (
        f"{explained(difference) or 'DIFFERENT'}: {difference.case.name}: {difference.what}\n"
        f"  schema {json.dumps(difference.case.schema)}{datum}\n"
        f"  here   {str(difference.here)[:1000]}\n  Java   {str(difference.java)[:1000]}"
    )
