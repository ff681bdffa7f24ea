"""Converters between data of a schema and JSON text, directly from bytes to text and back.

There are two kinds of JSON. The specification's (JSON Encoding) names the branch of each value of a union,
and shows logical types as their underlying types. Plain JSON is what people and other programs write:
branches are not named, dates, times and UUIDs are text (ISO 8601, RFC 9562), and decimals are text or
numbers.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from avrojet.core.plan.plan import freeze
from avrojet.core.rows.options import EncodeOptions
from avrojet.core.text.rows import TextDecoder, TextEncoder
from avrojet.limits import Limits, limits_in_force
from avrojet.plan.resolve import resolve
from avrojet.schema.model import Schema

Decimals: TypeAlias = Literal["text", "number"]

_NO_OPTIONS: Final = EncodeOptions()


def text_decoder(
    writer: Schema,
    reader: Schema | None = None,
    *,
    plain: bool = False,
    logical_types: bool = True,
    decimals: Decimals = "text",
    ascii_only: bool = False,
    spaced: bool = False,
    wide_floats: bool = False,
    limits: Limits | None = None,
) -> TextDecoder:
    """A decoder from data of `writer`, read as `reader`, to JSON.

    :param plain: plain JSON instead of the specification's.
    :param logical_types: False: numbers and bytes pass unchanged, as for :class:`avrojet.Decoder`, and plain
        JSON shows them too.
    :param decimals: in plain JSON: as text, which every JSON library reads exactly, or as numbers.
    :param ascii_only: escape all other characters.
    :param spaced: a blank after commas and colons, as Python's json module has them.
    :param wide_floats: floats with all the digits of the doubles that Python has for them.
    :raises ResolutionError: if no data of the writer can be read as the reader's.
    """
    steps = resolve(writer, writer if reader is None else reader, logical=logical_types)
    tagged = None if plain else _every_branch
    plan = freeze(steps, bare=not plain, tagged=tagged, limits=limits_in_force(limits))
    return TextDecoder(
        plan,
        decimals_as_numbers=decimals == "number",
        ascii_only=ascii_only,
        spaced=spaced,
        wide_floats=wide_floats,
    )


def text_encoder(
    schema: Schema,
    *,
    plain: bool = False,
    logical_types: bool = True,
    options: EncodeOptions = _NO_OPTIONS,
    limits: Limits | None = None,
) -> TextEncoder:
    """An encoder from JSON text to data of `schema`.

    :param plain: plain JSON instead of the specification's: a union's value goes to the branch that it fits
        best.
    :param logical_types: as for :class:`avrojet.Encoder`.
    :param options: those of the core's TextEncoder.
    """
    steps = resolve(schema, logical=logical_types, defaults=options.fill_defaults)
    plan = freeze(steps, encoding=True, limits=limits_in_force(limits))
    return TextEncoder(plan, options, plain=plain)


def _every_branch(branch: Any) -> bool:
    return True
