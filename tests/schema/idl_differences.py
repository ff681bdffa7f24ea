"""Texts of IDL of which Avro for Java 1.12.2 and avrojet make different things, and why."""

from __future__ import annotations

# name -> text, and what differs
DIFFERENCES: dict[str, tuple[str, str]] = {
    "empty_comment": (
        "protocol P { /**/ record A { int a; } /* x */ }",
        "to Java, /**/ begins a documentation comment that goes on to the next */, over all that is between",
    ),
    "annotated_message_with_a_reference": (
        "protocol P { record R {} @x(1) R m(); }",
        "Java takes a message's annotations for those of its response, where a reference has none",
    ),
    "response_before_its_definition": (
        "protocol P { R m(); record R {} }",
        "Java fails with a NullPointerException",
    ),
    "message_twice": (
        "protocol P { void m(int a); int m(); }",
        "Java keeps the last; the specification has one message of a name",
    ),
    "type_twice": (
        "protocol P { record R { int a; } record R { int a; } }",
        "Java accepts a definition that says the same again; the specification does not",
    ),
    "throws_no_error": (
        "protocol P { record R {} void m() throws R; }",
        "Java accepts it in IDL, and refuses to read the protocol that it writes then",
    ),
    "union_with_attributes": (
        "schema @x(1) union { null, int };",
        "Java loses them when it writes JSON",
    ),
    "names_of_logical_types": (
        "protocol P { record `date` { `date`? d; date day; } }",
        "Java refuses date, time_ms, timestamp_ms and uuid as names even in backquotes",
    ),
    "numbers_as_names": (
        "protocol P { record R { int NaN; int Infinity; } }",
        "to Java these are numbers wherever they stand",
    ),
    "reserved_attributes": (
        'protocol P { @size(3) @items("x") record R {} }',
        "Java refuses attributes that are those of other types",
    ),
    "null_namespace": (
        '@namespace("a") protocol P { @namespace("") record R {} record S { R r; } }',
        "Java finds types without a namespace only from types without one",
    ),
    "stray_character": (
        "protocol P { # record R {} }",
        "Java's lexer complains on the error stream, and goes on without the character",
    ),
    "escaped_slash": (
        'protocol P { record R { string s = "a\\/b"; } }',
        "JSON's escape, which is none of Java's",
    ),
    "large_integer": (
        "protocol P { record R { double d = 100000000000000000000; } }",
        "Java has no integers of more than 64 bits in IDL",
    ),
    "empty_text": ("", "Java fails with an exception of its own"),
    "unicode_names": (
        "protocol P { record Größe { int é; } }",
        "Java takes letters of all scripts; avrojet does so with names='lax'",
    ),
}
