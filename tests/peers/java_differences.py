"""Where Avro for Java judges pairs of schemas otherwise, or reads their data otherwise, by rule.

Each rule says what Java does, and why avrojet does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import avrojet


@dataclass
class Judged:
    """A pair of schemas, what avrojet says and Java, and data that Java was to read.

    :ivar data: each with the reason that it is a witness of; with None if avrojet can read it.
    """

    reader: Any
    writer: Any
    here: avrojet.Compatibility
    data: list[tuple[avrojet.Reason | None, bytes]]
    java: dict[str, Any] = field(default_factory=dict)

    @property
    def kinds(self) -> set[str]:
        return {str(reason.kind) for reason in self.here.reasons}

    @property
    def plain(self) -> avrojet.Compatibility:
        """What avrojet says of the schemas without their logical types."""
        reader, writer = (without_logical_types(each) for each in (self.reader, self.writer))
        return avrojet.check_compatibility(reader, writer)

    def is_of_logical_types(self, reason: avrojet.Reason) -> bool:
        """Whether the reason is gone without logical types."""
        return reason.writer_path not in [
            each.writer_path for each in self.plain.reasons if each.reader_path == reason.reader_path
        ]


def without_logical_types(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    return [without_logical_types(each) for each in schema] if isinstance(schema, list) else schema


@dataclass
class Difference:
    """:ivar reason: what the datum that Java reads otherwise is a witness of.
    :ivar error: what Java says; nothing if it can read the datum, or judges and has no error."""

    judged: Judged
    error: str
    reason: avrojet.Reason | None = None

    @property
    def java(self) -> bool | None:
        """Java's verdict; None for an error."""
        return self.judged.java.get("compatible")


FIXED = {"type": "fixed", "name": "a.N1", "size": 2}
RECORD = {"type": "record", "name": "a.N2", "fields": [{"name": "f0", "type": "string"}]}
ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}

# Readers and writers that are seldom drawn: two types have one alias; a field has the name of another's
# alias; a record of another namespace has a renamed field, and an enum without a symbol of the writer's.
RARE: list[tuple[Any, Any]] = [
    ([{**FIXED, "name": "N3", "aliases": ["a.N1"]}, {**RECORD, "name": "N4", "aliases": ["a.N2", "a.N1"]}],
     [FIXED, RECORD]),
    ([FIXED, {**RECORD, "fields": [], "aliases": ["a.N1"]}],
     [FIXED, RECORD]),
    ({"type": "record", "name": "R", "fields": [
        {"name": "f1", "type": "int", "default": 7}, {"name": "xf1", "type": "long", "aliases": ["f1"]}]},
     {"type": "record", "name": "R", "fields": [{"name": "f1", "type": "long"}]}),
    ([{**RECORD, "fields": []},
      {"type": "record", "name": "c.N4", "fields": [
          {"name": "xf0", "type": {**ENUM, "symbols": ["B"]}, "aliases": ["f0"]}]}],
     [{**RECORD, "fields": []},
      {"type": "record", "name": "a.N4", "fields": [{"name": "f0", "type": ENUM}]}]),
]  # fmt: skip

# What Java's checker says, or that it cannot.
VERDICTS: dict[str, Callable[[Difference], bool]] = {
    "Java compares no logical types (specification: decimals match only with the same precision and scale; "
    "a date is no time), nor looks whether a default is a value of one":
        lambda it: it.java is True and bool(it.judged.plain),
    "Java takes no NaN and Infinity as default in a union, though it writes them so":
        lambda it: "Invalid default for field" in it.error and ("NaN" in it.error or "Infinity" in it.error),
    "Java cannot compare if a field's aliases name several of the writer's, its own name among them":
        lambda it: "matches multiple fields in writer record schema" in it.error,
    "Java does not look whether aliases leave open which branch of a union they name, and fails at reading":
        lambda it: it.java is True and it.judged.kinds == {"AMBIGUOUS_ALIAS"},
    "Java takes a field that an alias has renamed by its old name as well (specification: act as though it "
    "were named so)":
        lambda it: it.java is False and any("an alias" in each.message for each in it.judged.here.notes),
}  # fmt: skip

# What Java's reader reads, or not.
READING: dict[str, Callable[[Difference], bool]] = {
    "Java knows no logical types when it reads":
        lambda it: it.reason is not None and it.judged.is_of_logical_types(it.reason),
    "Java's reader compares no names of records, which its checker does":
        lambda it: it.reason is not None and it.java is False and it.reason.writer_type.startswith("record ")
        and it.reason.kind in ("NAME_MISMATCH", "MISSING_UNION_BRANCH", "READER_FIELD_MISSING_DEFAULT_VALUE"),
    "Java's reader takes a record that its checker finds in no branch for any record that is in one":
        lambda it: it.reason is not None and it.java is False and it.reason.kind == "MISSING_ENUM_SYMBOLS"
        and "MISSING_UNION_BRANCH" in it.judged.java["kinds"],
    "Java's reader takes an empty array or map for any of a union's, which its checker does not":
        lambda it: it.reason is not None and it.java is False and it.reason.writer_type in ("array", "map")
        and it.reason.kind == "MISSING_UNION_BRANCH",
    "Java's reader wants fullnames in unions, where its checker takes unqualified names":
        lambda it: it.reason is None and it.java is True and "Found " in it.error and "expecting" in it.error,
    "Java's reader counts the bytes of items by the reader's type: arrays of ints are too short for doubles":
        lambda it: it.reason is None and "java.io.EOFException: Collection claims" in it.error,
    "Java renames a union's types by aliases to one name, and refuses the union that it has made":
        lambda it: "Duplicate in union" in it.error,
}  # fmt: skip


def explained(what: str, difference: Difference) -> str:
    """The rule that explains a difference in the verdict or in reading; nothing if none does."""
    rules = {"verdict": VERDICTS, "reading": READING}.get(what, {})
    return next((rule for rule, applies in rules.items() if applies(difference)), "")


def shown(what: str, difference: Difference) -> str:
    """All there is to say of a difference."""
    judged = difference.judged
    return (
        f"{explained(what, difference) or 'DIFFERENT'}: {what}: {difference.error or 'no error'}\n"
        f"  reader {json.dumps(judged.reader)}\n  writer {json.dumps(judged.writer)}\n"
        f"  here   {judged.here}\n  Java   {judged.java}"
    )
