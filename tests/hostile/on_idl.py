"""Hostile text in Avro's IDL, and hostile protocols."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.hostile.case import Case, Gives, Outcome, Refused
from tests.vectors import array, fixed, record

ACCEPTED = Gives(None)
REFUSED = Refused()
MANY = 10_000
EXTREME = 1_000_000


def idl(name: str, text: Callable[[], str | bytes], outcome: Outcome = REFUSED) -> Case:
    return Case(name, "IDL", lambda library: library.parse_idl(text()) and None, outcome)


def protocol(name: str, source: Callable[[], Any], outcome: Outcome = REFUSED) -> Case:
    return Case(name, "protocols", lambda library: library.parse_protocol(source()) and None, outcome)


def each(template: str, count: int = MANY) -> str:
    return "".join(template.replace("#", str(number)) for number in range(count))


def chain(template: str, count: int) -> str:
    """Each with its number and the next."""
    return "".join(template.format(number, number + 1) for number in range(count))


def inside(text: str) -> str:
    return f"protocol P {{ {text} }}"


def field(type: str, rest: str = "") -> str:
    return inside(f"record R {{ {type} f{rest}; }}")


TEXTS: dict[str, str | bytes] = {
    "a blank that is none": "\u2003schema int;",
    "NUL": "schema int;\0",
    "half a surrogate pair": "schema \ud800;",
    "bytes that are not UTF-8": b"schema int;\xff",
    "UTF-16": "schema int;".encode("utf-16"),
    "a backquote": "schema `",
    "a backslash": "schema \\",
    "a quote": '@x("',
    "a comment's end": "*/ schema int;",
    "half a comment's end": "/*/",
    "half a comment": "/",
    "an at": "@",
    "a number of a million digits": "@x(" + "1" * EXTREME + ") protocol P {}",
    "a hexadecimal number of a million digits": "@x(0x" + "1" * EXTREME + ") protocol P {}",
    "exponents in a row": "@x(" + "1e+" * EXTREME + ") protocol P {}",
    "signs in a row": "@x(" + "-" * EXTREME + ") protocol P {}",
    "a fixed of 2^70": "fixed F(0x400000000000000000);",
    "a decimal of 2^70": "schema decimal(0x400000000000000000);",
    "a decimal of -1": "schema decimal(-1);",
    "a million brackets": "@x(" + "[" * EXTREME,
    "a million braces": "@x(" + '{"a":' * EXTREME,
    "a million arrays": "schema " + "array<" * EXTREME,
    "a million unions": "schema " + "union{" * EXTREME,
    "a million annotations of nothing": "@" * EXTREME,
    "a million backquotes": "`" * EXTREME,
    "a million quotes": '"' * EXTREME,
    "a million escapes": '@x("' + "\\" * EXTREME,
    "a million beginnings of comments": "/*" * EXTREME,
    "a million beginnings of documentation": "/**" * EXTREME,
    "a million open braces": inside("{" * EXTREME),
    "a million open records": "record R {" * EXTREME,
    "text of 20 million characters": " " * 20_000_000,
    "an import": 'import schema "/dev/zero";',
    "a record that is in itself by its default": inside("record R { R r = {}; }"),
    "a type that is its own branch": inside("record R { union { R, R } r; }"),
    "a chain of types that come later": each("record R# { R1# r; }") + each("record R1# { R2# r; }"),
    "a long namespace for many types": f"namespace {'n' * 20_000}; " + each("fixed F#(1);"),
    "a union of 20,000": each("fixed F#(1);", 20_000)
    + f"schema union {{ {each('F#, ', 20_000)} int }};",
    "an error twice": inside("error E {} void m() throws E, E;"),
}  # fmt: skip
GOOD: dict[str, str] = {
    "nothing": "",
    "many blanks": " \t\r\n\f" * 100_000 + "schema int;",
    "many comments": "/* x */// y\n" * 100_000 + "schema int;",
    "many comments of documentation": inside("/** x */" * 100_000),
    "a comment of a megabyte": f"/* {'*' * EXTREME} */ schema int;",
    "documentation of many lines": f"/** {chr(10) + ' * x'} {chr(10).join([' * x'] * MANY)} */ record R {{}}",
    "documentation of stars": f"/** {'*' * EXTREME} */ record R {{}}",
    "documentation of stars and vertical tabs": "/** *" + "\x0b*" * MANY + "\nx */ record R {}",
    "documentation that is far in": f"/** a\n{' ' * EXTREME}b\n{' ' * (EXTREME // 2)}c */ record R {{}}",
    "documentation of a megabyte of blanks": f"/**{' ' * EXTREME}*/ record R {{}}",
    "an identifier of a megabyte": f"record {'a' * EXTREME} {{}}",
    "a namespace of many names": f"namespace {'a.' * MANY}a; record R {{}}",
    "backquotes in a row": f"namespace {'`a`.' * MANY}a; record R {{}}",
    "a string of a megabyte": f'@x("{"x" * EXTREME}") protocol P {{}}',
    "a string of many escapes": '@x("' + r"\ud83d\ude00" * 50_000 + '") protocol P {}',
    "many annotations": f"{each('@x#(1)')} protocol P {{}}",
    "many fields": inside(f"record R {{ {each('int f#;')} }}"),
    "many fields of one type": inside(f'record R {{ string? f {each(", f#")} = "x"; }}'),
    "many symbols": inside(f"enum E {{ A {each(', B#')} }}"),
    "many types": inside(each("record R# { int a; }", 5_000)),
    "types of which each has the one before": "record R0 {}" + chain("record R{1} {{ R{0}? r; }}", 5_000),
    "types of which each has the one after": chain("record R{0} {{ R{1} r; }}", 390) + "record R390 {}",
    "types that double": "record R0 { int a; }" + chain("record R{1} {{ R{0} a; R{0} b; }}", 60),
    "many messages": inside(each("void m#(int a) oneway;", 5_000)),
    "many errors": inside(each("error E#{}", 5_000) + f"void m() throws {each('E#, ', 4_999)} E4999;"),
    "arrays in arrays": f"schema {'array<' * 300}int{'>' * 300};",
    "values in values": f"@x({'[' * 300}{']' * 300}) protocol P {{}}",
    "a default of many items": field("array<int>", f" = [0{', 1' * 50_000}]"),
    "a name for everything": "record `record` { `record`? `record` = null; }",
}  # fmt: skip

MESSAGES = {"m": {"request": [], "response": "null"}}


def nested(levels: int) -> Any:
    schema: Any = "int"
    for _ in range(levels):
        schema = array(schema)
    return schema


def holding(**attributes: Any) -> dict[str, Any]:
    return {"protocol": "P", **attributes}


def answering(response: Any) -> Any:
    return {"m": {"request": [], "response": response}}


def endless() -> Any:
    made = holding()
    made["x"] = made
    return made


PROTOCOLS: dict[str, Callable[[], Any]] = {
    "no text": lambda: "",
    "half an object": lambda: '{"protocol":',
    "a list": list,
    "a number": lambda: 1,
    "None": lambda: None,
    "an object of Python": object,
    "no name": dict,
    "100,000 open objects": lambda: '{"protocol":' * 100_000,
    "a protocol in itself": endless,
    "a message that is a protocol": lambda: holding(messages={"m": holding()}),
    "a type that is a protocol": lambda: holding(types=[holding()]),
    "types that are a number": lambda: holding(types=1),
    "messages that are text": lambda: holding(messages="m"),
    "a message's name that is a number": lambda: holding(messages={1: MESSAGES["m"]}),
    "a message twice": lambda: '{"protocol": "P", "messages": {"m": {}, "m": {}}}',
    "a message 100,000 times": lambda: '{"protocol": "P", "messages": {' + '"m": {},' * 100_000 + '"n": {}}}',
    "a request that is text": lambda: holding(messages={"m": {"request": "ab", "response": "null"}}),
    "errors that are text": lambda: holding(messages={"m": {**MESSAGES["m"], "errors": "E"}}),
    "an error of the system": lambda: holding(messages={"m": {**MESSAGES["m"], "errors": ["string"]}}),
    "one-way that is 1": lambda: holding(messages={"m": {**MESSAGES["m"], "one-way": 1}}),
    "a response of 20,000 arrays": lambda: holding(messages=answering(nested(20_000))),
    "a type before it is defined": lambda: holding(types=[record("A", b="B"), record("B")]),
    "a type in two messages": lambda: holding(
        messages={name: {"request": [], "response": fixed(1)} for name in ("m", "n")}
    ),
}  # fmt: skip
GOOD_PROTOCOLS: dict[str, Callable[[], Any]] = {
    "many messages": lambda: holding(messages={f"m{i}": MESSAGES["m"] for i in range(MANY)}),
    "many types": lambda: holding(types=[fixed(1, f"F{i}") for i in range(MANY)]),
    "a response of 300 arrays": lambda: holding(messages=answering(nested(300))),
    "attributes of everything": lambda: holding(x=[None], messages={"m": {**MESSAGES["m"], "x": {"y": 1}}}),
}


def cases() -> Iterator[Case]:
    for name, text in TEXTS.items():
        yield idl(name, lambda text=text: text)
    for name, text in GOOD.items():
        yield idl(name, lambda text=text: text, ACCEPTED)
    for name, source in PROTOCOLS.items():
        yield protocol(name, source)
    for name, source in GOOD_PROTOCOLS.items():
        yield protocol(name, source, ACCEPTED)
